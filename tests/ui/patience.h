/* patience.h: how tests wait for what a main loop brings about. */
#pragma once

#include <stdlib.h>

#include <glib.h>

enum
{
  PATIENCE = 120 /* seconds, on an idle machine: kernels may have to be compiled first */
};

/* Seconds that anything may take, more where processes share a core. */
static inline double
patience_seconds (void)
{
  double load = 0;

  getloadavg (&load, 1);
  return PATIENCE * MAX (1, load / g_get_num_processors ());
}

static inline gboolean
patience_tick (gpointer unused)
{
  return G_SOURCE_CONTINUE;
}

/* Runs the main loop until @condition; if that never comes, what is given as to printf() is said. The loop
 * wakes now and then to look at the clock, and asks anew how long it may take: other work may begin. */
#define wait_patiently(condition, ...)                                                                       \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    const gint64 begun_ = g_get_monotonic_time ();                                                           \
    const guint tick_ = g_timeout_add (500, patience_tick, NULL);                                            \
    gboolean met_;                                                                                           \
    while (!(met_ = (condition) ? TRUE : FALSE)                                                              \
           && g_get_monotonic_time () - begun_ < patience_seconds () * G_USEC_PER_SEC)                       \
      g_main_context_iteration (NULL, TRUE);                                                                 \
    g_source_remove (tick_);                                                                                 \
    if (!met_)                                                                                               \
      {                                                                                                      \
        g_autofree char *words_ = g_strdup_printf (__VA_ARGS__);                                             \
        g_error ("waited %.0f s for: %s; %s", patience_seconds (), #condition, words_);                      \
      }                                                                                                      \
  }                                                                                                          \
  G_STMT_END
