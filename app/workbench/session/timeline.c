/* timeline.c: the run as a line; see timeline.h. */
#include "app/workbench/session/timeline-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/workbench/pages/annotations.h"

enum
{
  TRAVEL,
  KEEP,
  BRANCH,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EidTimeline, eid_timeline, GTK_TYPE_BOX)

/* --- Now and then ------------------------------------------------------------- */

static gboolean
is_kept (EidTimeline *self)
{
  for (guint i = 0; self->chronicle && i < self->chronicle->moments->len; i++)
    if (g_array_index (self->chronicle->moments, EidKeptMoment, i).step == self->at)
      return g_array_index (self->chronicle->moments, EidKeptMoment, i).kept;
  return FALSE;
}

static void
update_branch_button (EidTimeline *self)
{
  guint64 step = 0;
  const gboolean can = self->past && eid_chronicle_checkpoint (self->chronicle, self->at, &step);
  g_autofree char *number = eid_format_count (step);
  g_autofree char *text =
      can ? g_strdup_printf (_ ("Branch from %s"), number) : g_strdup (_ ("Branch from Here"));

  gtk_label_set_label (self->branch_label, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->branch_button), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                  -1);
  gtk_widget_set_sensitive (self->branch_button, can);
  gtk_widget_set_tooltip_text (self->branch_button,
                               can ? _ ("A new run from that checkpoint, with the settings of the side bar")
                                   : _ ("There is no checkpoint at or before this step"));
}

static void
update (EidTimeline *self)
{
  const guint64 shown = self->past ? self->at : self->now;
  g_autofree char *step = eid_format_count (shown), *steps = eid_format_count (self->steps);
  g_autofree char *text = self->past        ? g_strdup_printf (_ ("step %s, as it was"), step)
                          : self->steps > 0 ? g_strdup_printf (_ ("step %s / %s"), step, steps)
                                            : g_strdup_printf (_ ("step %s"), step);

  gtk_label_set_label (self->step, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->chart), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
  gtk_stack_set_visible_child (self->rows, self->past ? self->past_row : GTK_WIDGET (self->left));
  eid_chart_set_cursor (self->chart, shown > 0 || self->past ? (double) shown : NAN);
  self->quiet = TRUE;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->keep_button), self->past && is_kept (self));
  self->quiet = FALSE;
  update_branch_button (self);
}

static void
update_stops (EidTimeline *self)
{
  const GArray *moments = self->chronicle ? self->chronicle->moments : NULL;
  const double now = (double) self->now;

  g_array_set_size (self->stops, 0);
  for (guint i = 0; moments && i < moments->len; i++)
    {
      const double step = (double) g_array_index (moments, EidKeptMoment, i).step;

      if (step < now)
        g_array_append_val (self->stops, step);
    }
  eid_chart_set_seekable (self->chart, self->stops->len > 0);
  g_array_append_val (self->stops, now);
  eid_chart_set_stops (self->chart, (const double *) self->stops->data, self->stops->len);
}

static void
travel (EidTimeline *self, gboolean past, guint64 step)
{
  if (past == self->past && (!past || step == self->at))
    return;
  self->past = past;
  self->at = step;
  update (self);
  g_signal_emit (self, signals[TRAVEL], 0, past, step);
}

void
eid_timeline_back_to_now (EidTimeline *self)
{
  travel (self, FALSE, 0);
}

gboolean
eid_timeline_in_past (EidTimeline *self)
{
  return self->past;
}

guint64
eid_timeline_shown (EidTimeline *self)
{
  return self->past ? self->at : self->now;
}

static void
on_seek (EidTimeline *self, double x)
{
  travel (self, x < (double) self->now, (guint64) MAX (x, 0));
}

/* A mark leads to the moment that is nearest before it. */
static void
on_marker (EidTimeline *self, guint index)
{
  const double x = eid_chart_marker_x (self->chart, index);
  double stop = NAN;

  for (guint i = 0; i < self->stops->len; i++)
    if (i == 0 || g_array_index (self->stops, double, i) <= x)
      stop = g_array_index (self->stops, double, i);
  if (self->stops->len > 1 && isfinite (stop))
    on_seek (self, stop);
}

static void
on_keep (EidTimeline *self)
{
  const gboolean keep = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->keep_button));

  if (!self->quiet && self->past)
    g_signal_emit (self, signals[KEEP], 0, self->at, keep);
}

static void
on_branch (EidTimeline *self)
{
  guint64 step;

  if (self->past && eid_chronicle_checkpoint (self->chronicle, self->at, &step))
    g_signal_emit (self, signals[BRANCH], 0, step);
}

/* As far as the longer of the runs goes. */
void
eid_timeline_set_range (EidTimeline *self)
{
  eid_chart_set_x_range (self->chart, 0, (double) MAX (MAX (self->steps, self->second_steps), 1));
}

void
eid_timeline_fill_marks (EidTimeline *self)
{
  eid_chart_clear_markers (self->chart);
  if (self->chronicle)
    eid_marks_fill (self->chart, self->chronicle, self->probes, EID_MARKS_ALL, NULL);
  eid_timeline_fill_second_marks (self);
}

/* --- What the engine tells ------------------------------------------------------ */

static void
on_progress (EidTimeline *self, const EidReport *report)
{
  g_autofree char *left = eid_format_time_left (report->seconds_left);

  self->now = report->step;
  self->steps = report->steps;
  eid_timeline_set_range (self);
  eid_chart_put (self->chart, self->series, (double) report->step, report->loss);
  if (report->points)
    {
      GVariantIter iter;
      guint64 step;
      double loss;

      g_variant_iter_init (&iter, report->points);
      while (g_variant_iter_next (&iter, "(tddd)", &step, &loss, NULL, NULL))
        eid_chart_put (self->chart, self->series, (double) step, loss);
    }
  eid_chart_set_rule (self->chart, _ ("chance"), report->chance, 0);
  gtk_label_set_label (self->left, left);
  update_stops (self);
  update (self);
}

static void
on_evaluated (EidTimeline *self, const EidEvaluation *evaluation)
{
  if (evaluation->step == 0)
    return; /* the baselines, of no step */
  eid_timeline_remember_probe (self->probes, evaluation->step, evaluation->knn);
  eid_marks_add_evaluation (self->chart, evaluation->step, self->probes);
}

static void
on_event (EidTimeline *self, guint64 step, const char *kind, const char *text)
{
  eid_marks_add (self->chart, step, kind, text, FALSE);
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

  /* The past is the engine's to show. */
  if (phase == EID_PHASE_LOST)
    {
      eid_timeline_back_to_now (self);
      eid_chart_set_seekable (self->chart, FALSE);
    }
  /* While it runs the reports say how long it will. */
  if (phase == EID_PHASE_DONE && eid_engine_client_steps (self->client) == 0)
    gtk_label_set_label (self->left, "");
  else if (phase == EID_PHASE_DONE
           && eid_engine_client_step (self->client) < eid_engine_client_steps (self->client))
    gtk_label_set_label (self->left, _ ("stopped"));
  else if (words[phase])
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
  self->series = eid_chart_add_series (self->chart, _ ("loss"), 1);
  if (self->second)
    eid_timeline_add_second (self);
  g_clear_pointer (&self->chronicle, eid_chronicle_unref);
  g_hash_table_remove_all (self->probes);
  self->now = self->steps = 0;
  eid_timeline_back_to_now (self);
  update_stops (self);
  update (self);
}

void
eid_timeline_history (EidTimeline *self, GVariant *series)
{
  GVariantIter iter, *points;
  const char *name;
  guint64 step = 0;
  double value;

  g_variant_iter_init (&iter, series);
  while (g_variant_iter_loop (&iter, "{&sa(td)}", &name, &points))
    while (g_variant_iter_next (points, "(td)", &step, &value))
      {
        if (g_str_equal (name, "loss"))
          {
            eid_chart_put (self->chart, self->series, (double) step, value);
            self->now = MAX (self->now, step);
          }
        else if (g_str_equal (name, "knn"))
          eid_timeline_remember_probe (self->probes, step, value);
      }
  update_stops (self);
  update (self);
}

void
eid_timeline_set_chronicle (EidTimeline *self, EidChronicle *chronicle)
{
  eid_chronicle_ref (chronicle);
  g_clear_pointer (&self->chronicle, eid_chronicle_unref);
  self->chronicle = chronicle;
  self->now = MAX (self->now, chronicle->step);
  if (chronicle->steps > 0)
    {
      self->steps = chronicle->steps;
      eid_timeline_set_range (self);
    }
  eid_chart_set_rule (self->chart, _ ("chance"), chronicle->chance, 0);
  eid_timeline_fill_marks (self);
  update_stops (self);
  update (self);
}

EidChronicle *
eid_timeline_chronicle (EidTimeline *self)
{
  return self->chronicle;
}

/* --- The object ------------------------------------------------------------------ */

static void
eid_timeline_dispose (GObject *object)
{
  g_clear_object (&EID_TIMELINE (object)->client);
  g_clear_object (&EID_TIMELINE (object)->second);
  G_OBJECT_CLASS (eid_timeline_parent_class)->dispose (object);
}

static void
eid_timeline_finalize (GObject *object)
{
  EidTimeline *self = EID_TIMELINE (object);

  eid_chronicle_unref (self->chronicle);
  g_array_unref (self->stops);
  g_hash_table_unref (self->probes);
  eid_chronicle_unref (self->second_chronicle);
  g_hash_table_unref (self->second_probes);
  G_OBJECT_CLASS (eid_timeline_parent_class)->finalize (object);
}

static void
eid_timeline_class_init (EidTimelineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = eid_timeline_dispose;
  G_OBJECT_CLASS (klass)->finalize = eid_timeline_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/eidoscope/Workbench/timeline.ui");
  gtk_widget_class_bind_template_child (widget_class, EidTimeline, chart);
  gtk_widget_class_bind_template_child (widget_class, EidTimeline, step);
  gtk_widget_class_bind_template_child (widget_class, EidTimeline, left);
  gtk_widget_class_bind_template_child (widget_class, EidTimeline, legend);
  gtk_widget_class_bind_template_child (widget_class, EidTimeline, rows);
  gtk_widget_class_bind_template_child (widget_class, EidTimeline, past_row);
  gtk_widget_class_bind_template_child (widget_class, EidTimeline, keep_button);
  gtk_widget_class_bind_template_child (widget_class, EidTimeline, branch_button);
  gtk_widget_class_bind_template_child (widget_class, EidTimeline, branch_label);
  gtk_widget_class_bind_template_callback (widget_class, on_seek);
  gtk_widget_class_bind_template_callback (widget_class, on_marker);
  gtk_widget_class_bind_template_callback (widget_class, on_keep);
  gtk_widget_class_bind_template_callback (widget_class, on_branch);
  gtk_widget_class_bind_template_callback (widget_class, eid_timeline_back_to_now);

  signals[TRAVEL] = g_signal_new ("travel", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                  G_TYPE_BOOLEAN, G_TYPE_UINT64);
  signals[KEEP] = g_signal_new ("keep", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                G_TYPE_UINT64, G_TYPE_BOOLEAN);
  signals[BRANCH] =
      g_signal_new ("branch", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
}

static void
eid_timeline_init (EidTimeline *self)
{
  self->stops = g_array_new (FALSE, FALSE, sizeof (double));
  self->probes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->second_probes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  eid_chart_set_compact (self->chart, TRUE);
  eid_chart_set_title (self->chart, _ ("Loss over the run"));
  eid_chart_set_x_title (self->chart, _ ("step"));
  eid_chart_set_empty_text (self->chart, _ ("The run as a line"));
  eid_timeline_begin (self);
  gtk_label_set_label (self->step, "");
}
