/* compare.c: a second run beside the one in front: chosen, opened, and let go. */
#include <glib/gi18n.h>

#include "app/workbench/session/compare-dialog.h"
#include "app/workbench/window/consent.h"
#include "app/workbench/window/private.h"

static void
on_changed (EidWindow *self)
{
  eid_compare_bar_show (self->compare_bar, self->compare);
  eid_window_update (self);
}

static gboolean
release (gpointer application)
{
  g_application_release (application);
  return G_SOURCE_REMOVE;
}

void
eid_window_end_comparison (EidWindow *self)
{
  GApplication *application = g_application_get_default ();
  g_autoptr (EidCompare) former = g_steal_pointer (&self->compare);

  if (former == NULL)
    return;
  g_signal_handlers_disconnect_by_func (former, on_changed, self);
  /* Its run is being saved, though the last window may close meanwhile. */
  if (application)
    g_application_hold (application);
  eid_compare_end (former, application ? release : NULL, application);
  on_changed (self);
}

static void
begin_comparison (const char *folder, gpointer window)
{
  EidWindow *self = window;

  if (self->closing)
    return;
  eid_window_end_comparison (self);
  eid_timeline_back_to_now (self->timeline);
  self->compare = eid_compare_new (self->desk, self->timeline, folder, self->device ? self->device : "");
  g_signal_connect_object (self->compare, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  if (g_strcmp0 (eid_window_shown_page (self), "recipe") == 0)
    eid_window_show_page (self, "embedding");
  on_changed (self);
}

void
eid_window_compare_with (EidWindow *self, const char *folder)
{
  const char *own = eid_engine_client_folder (self->client);
  g_autofree char *here = own ? g_canonicalize_filename (own, NULL) : NULL;
  g_autofree char *there = g_canonicalize_filename (folder, NULL);

  if (here == NULL || self->closing)
    return;
  if (g_str_equal (here, there))
    eid_window_toast (self, _ ("This is the run in front: choose another to compare it with"));
  else
    eid_consent_ask (GTK_WINDOW (self), there, begin_comparison, self);
}

static void
on_chosen (const char *folder, gpointer window)
{
  eid_window_compare_with (window, folder);
}

void
eid_window_choose_comparison (EidWindow *self)
{
  eid_compare_dialog_present (GTK_WINDOW (self), eid_engine_client_folder (self->client), self->plugins,
                              on_chosen);
}

void
eid_window_compare_with_origin (EidWindow *self)
{
  if (self->origin)
    eid_window_compare_with (self, self->origin);
}

/* The run in front has been taken up: it may be another now. */
void
eid_window_renew_comparison (EidWindow *self)
{
  const char *folder = eid_engine_client_folder (self->client);

  if (self->compare == NULL)
    return;
  if (g_strcmp0 (folder, eid_compare_folder (self->compare)) == 0)
    eid_window_end_comparison (self);
  else
    eid_compare_renew (self->compare);
}

void
eid_window_toggle_second (EidWindow *self)
{
  if (self->compare)
    eid_compare_toggle (self->compare);
}
