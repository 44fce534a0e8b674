/* timeline-compare.c: the line of another run beside that of the run in front; see timeline.h. */
#include "app/workbench/session/timeline-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/workbench/pages/annotations.h"

void
eid_timeline_remember_probe (GHashTable *probes, guint64 step, double share)
{
  if (isfinite (share))
    g_hash_table_replace (probes, g_memdup2 (&step, sizeof step), g_memdup2 (&share, sizeof share));
}

static char *
name_series (guint run)
{
  /* Translators: the loss of one of two runs, which are called A and B. */
  return g_strdup_printf (_ ("loss %s"), eid_run_letter (run));
}

void
eid_timeline_add_second (EidTimeline *self)
{
  g_autofree char *first = name_series (0), *second = name_series (1);

  eid_chart_style_series (self->chart, self->series, first, eid_run_slot (0), FALSE);
  self->second_series = eid_chart_add_series (self->chart, second, eid_run_slot (1));
}

void
eid_timeline_fill_second_marks (EidTimeline *self)
{
  if (self->second_chronicle)
    eid_marks_fill (self->chart, self->second_chronicle, self->second_probes, EID_MARKS_ALL,
                    eid_run_letter (1));
}

/* --- What is told of it -------------------------------------------------------- */

static void
on_progress (EidTimeline *self, const EidReport *report, EidEngineClient *client)
{
  if (client != self->second)
    return;
  self->second_steps = report->steps;
  eid_timeline_set_range (self);
  eid_chart_append (self->chart, self->second_series, (double) report->step, report->loss);
}

static void
on_evaluated (EidTimeline *self, const EidEvaluation *evaluation, EidEngineClient *client)
{
  if (client == self->second && evaluation->step > 0)
    eid_timeline_remember_probe (self->second_probes, evaluation->step, evaluation->knn);
}

void
eid_timeline_second_history (EidTimeline *self, GVariant *series)
{
  GVariantIter iter, *points;
  const char *name;
  guint64 step;
  double value;

  if (self->second == NULL)
    return;
  eid_chart_set_points (self->chart, self->second_series, NULL, NULL, 0);
  g_variant_iter_init (&iter, series);
  while (g_variant_iter_loop (&iter, "{&sa(td)}", &name, &points))
    while (g_variant_iter_next (points, "(td)", &step, &value))
      {
        if (g_str_equal (name, "loss"))
          eid_chart_append (self->chart, self->second_series, (double) step, value);
        else if (g_str_equal (name, "knn"))
          eid_timeline_remember_probe (self->second_probes, step, value);
      }
}

void
eid_timeline_second_chronicle (EidTimeline *self, EidChronicle *chronicle)
{
  if (self->second == NULL)
    return;
  eid_chronicle_ref (chronicle);
  g_clear_pointer (&self->second_chronicle, eid_chronicle_unref);
  self->second_chronicle = chronicle;
  self->second_steps = chronicle->steps;
  eid_timeline_set_range (self);
  eid_timeline_fill_marks (self);
}

/* --- Beginning and ending ------------------------------------------------------- */

static void
fill_legend (EidTimeline *self, const char *const names[EID_RUNS])
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->legend)))
    gtk_box_remove (GTK_BOX (self->legend), child);
  for (guint run = 0; self->second && run < EID_RUNS; run++)
    {
      GtkWidget *tag = eid_run_tag_new ();

      /* The names are over the pages: here is no room for them. */
      eid_run_tag_set (EID_RUN_TAG (tag), run, NULL);
      gtk_widget_set_tooltip_text (tag, names[run]);
      gtk_box_append (GTK_BOX (self->legend), tag);
    }
  gtk_widget_set_visible (self->legend, self->second != NULL);
}

void
eid_timeline_set_second (EidTimeline *self, EidEngineClient *client, const char *first_name,
                         const char *second_name)
{
  const char *const names[EID_RUNS] = { first_name, second_name };

  if (self->second)
    {
      g_signal_handlers_disconnect_by_func (self->second, on_progress, self);
      g_signal_handlers_disconnect_by_func (self->second, on_evaluated, self);
    }
  g_set_object (&self->second, client);
  g_clear_pointer (&self->second_chronicle, eid_chronicle_unref);
  g_hash_table_remove_all (self->second_probes);
  self->second_steps = 0;
  eid_chart_drop_series (self->chart, self->series + 1);
  if (client)
    {
      g_signal_connect_object (client, "progress", G_CALLBACK (on_progress), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (client, "evaluated", G_CALLBACK (on_evaluated), self, G_CONNECT_SWAPPED);
      eid_timeline_add_second (self);
    }
  else
    eid_chart_style_series (self->chart, self->series, _ ("loss"), 1, FALSE);
  eid_timeline_set_range (self);
  eid_timeline_fill_marks (self);
  fill_legend (self, names);
}
