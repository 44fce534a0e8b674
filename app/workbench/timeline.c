/* timeline.c: the run as a line; see timeline.h. */
#include "timeline.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/wire/wire.h"
#include "ui/ui.h"

struct _EidTimeline
{
  GtkBox parent_instance;

  EidEngineClient *client;
  EidChart *chart;
  GtkLabel *step, *left;
  guint series;
};

G_DEFINE_FINAL_TYPE (EidTimeline, eid_timeline, GTK_TYPE_BOX)

static const struct
{
  const char *kind;
  EidMarkerKind marker;
} marks[] = {
  { EID_WIRE_EVENT_WARNING, EID_MARKER_ALARM },
  { EID_WIRE_EVENT_ALARM, EID_MARKER_ALARM },
  { EID_WIRE_EVENT_CHECKPOINT, EID_MARKER_CHECKPOINT },
  { EID_WIRE_EVENT_EDIT, EID_MARKER_EDIT },
};

static void
on_progress (EidTimeline *self, const EidReport *report)
{
  g_autofree char *step = eid_format_count (report->step), *steps = eid_format_count (report->steps);
  g_autofree char *text = g_strdup_printf (_ ("step %s / %s"), step, steps);
  g_autofree char *left = eid_format_time_left (report->seconds_left);

  eid_chart_set_x_range (self->chart, 0, MAX (report->steps, 1));
  eid_chart_append (self->chart, self->series, report->step, report->loss);
  eid_chart_set_rule (self->chart, _ ("chance"), report->chance, 0);
  eid_chart_set_cursor (self->chart, report->step);
  gtk_label_set_label (self->step, text);
  gtk_label_set_label (self->left, left);
}

static void
on_evaluated (EidTimeline *self, const EidEvaluation *evaluation)
{
  g_autofree char *knn = eid_format_percent (evaluation->knn);
  g_autofree char *text = isfinite (evaluation->knn)
                              ? g_strdup_printf (_ ("Evaluated: nearest neighbours %s"), knn)
                              : g_strdup (_ ("Evaluated"));

  eid_chart_add_marker (self->chart, EID_MARKER_EVALUATION, evaluation->step, text);
}

static void
on_event (EidTimeline *self, guint64 step, const char *kind, const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (g_str_equal (marks[i].kind, kind))
      eid_chart_add_marker (self->chart, marks[i].marker, step, text);
}

static void
on_phase (EidTimeline *self)
{
  static const char *const words[EID_N_PHASES] = {
    [EID_PHASE_PREPARING] = N_ ("preparing"), [EID_PHASE_PAUSED] = N_ ("paused"),
    [EID_PHASE_DONE] = N_ ("finished"),       [EID_PHASE_FAILED] = N_ ("failed"),
    [EID_PHASE_LOST] = N_ ("no engine"),
  };
  const EidPhase phase = eid_engine_client_phase (self->client);

  /* While it runs the reports say how long it will. */
  if (words[phase])
    gtk_label_set_label (self->left, _ (words[phase]));
  else
    gtk_label_set_label (self->left, "");
}

void
eid_timeline_set_client (EidTimeline *self, EidEngineClient *client)
{
  g_set_object (&self->client, client);
  g_signal_connect_object (client, "progress", G_CALLBACK (on_progress), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "evaluated", G_CALLBACK (on_evaluated), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "event", G_CALLBACK (on_event), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "notify::phase", G_CALLBACK (on_phase), self, G_CONNECT_SWAPPED);
}

void
eid_timeline_begin (EidTimeline *self)
{
  eid_chart_clear (self->chart);
  eid_chart_set_cursor (self->chart, NAN);
  self->series = eid_chart_add_series (self->chart, _ ("loss"), 1);
  gtk_label_set_label (self->step, _ ("step 0"));
}

void
eid_timeline_history (EidTimeline *self, GVariant *series)
{
  GVariantIter iter, *points;
  const char *name;
  guint64 step = 0;
  double value;
  g_autofree char *last = NULL, *text = NULL;

  g_variant_iter_init (&iter, series);
  while (g_variant_iter_loop (&iter, "{&sa(td)}", &name, &points))
    while (g_str_equal (name, "loss") && g_variant_iter_next (points, "(td)", &step, &value))
      eid_chart_append (self->chart, self->series, step, value);
  last = eid_format_count (step);
  text = g_strdup_printf (_ ("step %s"), last);
  gtk_label_set_label (self->step, text);
}

static void
eid_timeline_dispose (GObject *object)
{
  g_clear_object (&EID_TIMELINE (object)->client);
  G_OBJECT_CLASS (eid_timeline_parent_class)->dispose (object);
}

static void
eid_timeline_class_init (EidTimelineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = eid_timeline_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/eidoscope/Workbench/timeline.ui");
  gtk_widget_class_bind_template_child (widget_class, EidTimeline, chart);
  gtk_widget_class_bind_template_child (widget_class, EidTimeline, step);
  gtk_widget_class_bind_template_child (widget_class, EidTimeline, left);
}

static void
eid_timeline_init (EidTimeline *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  eid_chart_set_compact (self->chart, TRUE);
  eid_chart_set_title (self->chart, _ ("Loss over the run"));
  eid_chart_set_empty_text (self->chart, _ ("The run as a line"));
  eid_timeline_begin (self);
  gtk_label_set_label (self->step, "");
}
