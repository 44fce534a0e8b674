/* wait.h: how tests over a real engine wait for what a window comes to. */
#pragma once

#include "app/workbench/window-private.h"

enum
{
  PATIENCE = 120 /* seconds: kernels may have to be compiled first */
};

static gboolean
on_late (gpointer late)
{
  *(gboolean *) late = TRUE;
  return G_SOURCE_REMOVE;
}

#define wait_until(window, condition)                                                                        \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    gboolean late_ = FALSE;                                                                                  \
    guint timeout_ = g_timeout_add_seconds (PATIENCE, on_late, &late_);                                      \
    while (!(condition) && !late_)                                                                           \
      g_main_context_iteration (NULL, TRUE);                                                                 \
    if (late_)                                                                                               \
      g_error ("waited %d s for: %s; the engine's message is “%s”", PATIENCE, #condition,                    \
               eid_engine_client_message ((window)->client));                                                \
    g_source_remove (timeout_);                                                                              \
  }                                                                                                          \
  G_STMT_END
