/* signals.c: what the engine tells of itself and of the run, and what the window makes of it. */
#include "app/workbench/window/private.h"

#include "app/wire/wire.h"

#include <glib/gi18n.h>
#include <math.h>

static void
on_phase (EidWindow *self)
{
  const EidPhase phase = eid_engine_client_phase (self->client);

  if (phase == EID_PHASE_LOST)
    self->lost_by_edit = eid_chronicle_run_edited_lately (eid_engine_client_folder (self->client));
  eid_window_update (self);
  if (phase == EID_PHASE_LOST && !self->closing)
    eid_window_toast_action (self, _ ("The engine has ended"), _ ("Messages"), "win.messages",
                             2 * EID_TOAST_SECONDS);
  if (self->start_after_stop && (phase == EID_PHASE_DONE || phase == EID_PHASE_FAILED))
    {
      self->start_after_stop = FALSE;
      eid_window_start (self);
    }
  else if (phase == EID_PHASE_DONE && !self->closing && !self->beginning)
    {
      const char *words = eid_engine_client_steps (self->client) > eid_engine_client_step (self->client)
                              ? _ ("The run is stopped and saved")
                              : _ ("The run is finished and saved");

      eid_window_toast_action (self, words, _ ("Open Folder"), "win.open-folder", EID_TOAST_SECONDS);
    }
}

static void
on_progress (EidWindow *self, const EidReport *report)
{
  g_autofree char *rate = eid_rate_in_words (report->samples_per_second, report->tokens_per_second);
  g_autofree char *memory =
      report->memory ? g_format_size_full (report->memory, G_FORMAT_SIZE_IEC_UNITS) : NULL;
  const char *name = eid_start_page_device_name (self->start_page), *device = *name ? name : NULL;
  const char *parts[] = { rate, memory ? memory : device, memory ? device : NULL, NULL };
  g_autofree char *subtitle = g_strjoinv (" · ", (char **) parts);

  adw_window_title_set_subtitle (self->title, subtitle);
  self->evidence.loss = report->loss;
  self->evidence.chance = report->chance;
  eid_window_update_health (self);
}

void
eid_window_take_health (EidWindow *self, const EidVerdictReport *report)
{
  if (report)
    eid_alarm_banner_set (self->alarm, report);
  else
    eid_alarm_banner_clear (self->alarm);
  eid_evidence_take (&self->evidence, report ? report->metrics : NULL);
  self->evidence.past = eid_timeline_in_past (self->timeline);
  eid_window_update_health (self);
}

static void
on_event (EidWindow *self, guint64 step, const char *kind, const char *text)
{
  if (g_str_equal (kind, EID_WIRE_EVENT_WARNING))
    eid_window_toast (self, text);
  eid_window_steer_event (self, step, kind, text);
}

void
eid_window_listen (EidWindow *self)
{
  static const struct
  {
    const char *signal;
    GCallback callback;
  } told[] = {
    { "notify::phase", G_CALLBACK (on_phase) },
    { "notify::message", G_CALLBACK (eid_window_update) },
    { "notify::stuck", G_CALLBACK (eid_window_update) },
    { "progress", G_CALLBACK (on_progress) },
    { "event", G_CALLBACK (on_event) },
    { "refused", G_CALLBACK (eid_window_complain) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (told); i++)
    g_signal_connect_object (self->client, told[i].signal, told[i].callback, self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->desk, "health", G_CALLBACK (eid_window_take_health), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->desk, "history", G_CALLBACK (eid_window_take_history), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->desk, "chronicle", G_CALLBACK (eid_window_take_chronicle), self,
                           G_CONNECT_SWAPPED);
}
