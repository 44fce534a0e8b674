/* progress.c: the run in numbers: loss against chance, probes against their
 * baselines, the optimiser, the shape of the features. A table says which
 * number goes into which chart.                                               */
#include "app/workbench/pages/pages.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ui/ui.h"

#include "app/workbench/pages/annotations.h"
#include "app/workbench/client/run-notes.h"

typedef enum
{
  CHART_LOSS,
  CHART_PROBES,
  CHART_RATE,
  CHART_GRADIENT,
  CHART_SHAPE,
  N_CHARTS
} Chart;

static const struct
{
  const char *title, *unit, *empty;
  gboolean log_y;
  double smoothing;
  int column, row, columns; /* of the grid */
} charts[N_CHARTS] = {
  [CHART_LOSS] = { N_ ("Loss"), NULL, N_ ("The loss of each step"), FALSE, 0.9, 0, 0, 3 },
  [CHART_PROBES] = { N_ ("Probes"), "%",
                     N_ ("Accuracy of simple classifiers on the features, once evaluated"), FALSE, 0, 3, 0,
                     3 },
  [CHART_RATE] = { N_ ("Learning rate"), NULL, N_ ("How far each step goes"), FALSE, 0, 0, 1, 2 },
  [CHART_GRADIENT] = { N_ ("Gradient norm"), NULL, N_ ("How hard the weights are pulled"), TRUE, 0, 2, 1, 2 },
  [CHART_SHAPE] = { N_ ("Effective rank"), NULL, N_ ("How many axes the features fill, look by look"), FALSE,
                    0, 4, 1, 2 },
};

/* The series, as History names them. */
static const struct
{
  const char *name, *label;
  Chart chart;
  guint slot;
  double scale;
} series_table[] = {
  { "loss", N_ ("loss"), CHART_LOSS, 1, 1 },
  { "knn", N_ ("kNN"), CHART_PROBES, 2, 100 },
  { "linear", N_ ("linear"), CHART_PROBES, 1, 100 },
  { "learning-rate", N_ ("learning rate"), CHART_RATE, 4, 1 },
  { "gradient-norm", N_ ("gradient norm"), CHART_GRADIENT, 3, 1 },
  { "rank", N_ ("effective rank"), CHART_SHAPE, 2, 1 },
};

/* Lines to be above of, as History and Evaluated name them. A probe has one colour, and a baseline one kind
 * of dashes. */
static const struct
{
  const char *name, *label;
  Chart chart;
  guint slot;
  double scale;
  EidDash dash;
} rule_table[] = {
  { "chance", N_ ("chance"), CHART_LOSS, 0, 1, EID_DASH_SHORT },
  { "knn-random", N_ ("kNN untrained"), CHART_PROBES, 2, 100, EID_DASH_LONG },
  { "linear-random", N_ ("linear untrained"), CHART_PROBES, 1, 100, EID_DASH_LONG },
  { "knn-pixels", N_ ("kNN pixels"), CHART_PROBES, 2, 100, EID_DASH_DOTTED },
  { "linear-pixels", N_ ("linear pixels"), CHART_PROBES, 1, 100, EID_DASH_DOTTED },
};

struct _EidPageProgress
{
  EidPage parent_instance;

  EidChart *charts[N_CHARTS];
  guint series[G_N_ELEMENTS (series_table)];
  GtkLabel *numbers, *probes;
  EidRunNotes *notes;
  double loss, chance, learning_rate; /* the last ones known */
  guint64 steps;
  char *words; /* the numbers in words */

  /* Of two runs both are drawn on the first one's charts. */
  EidPageProgress *leader; /* whose charts these are; NULL: its own */
  EidPageProgress *other;  /* the run that is drawn here too, or NULL */
  EidChronicle *chronicle;
};

G_DEFINE_FINAL_TYPE (EidPageProgress, eid_page_progress, EID_TYPE_PAGE)

/* Where the chart's title says what it is, the letter of the run says the rest. */
static char *
name_series (guint i, guint run)
{
  for (guint other = 0; other < G_N_ELEMENTS (series_table); other++)
    if (other != i && series_table[other].chart == series_table[i].chart)
      return g_strdup_printf ("%s %s", _ (series_table[i].label), eid_run_letter (run));
  return g_strdup (eid_run_letter (run));
}

/* One alone by its number's own colour; of two each in the run's, and the second number of a chart
 * dashed. */
static void
style_series (EidPageProgress *self)
{
  const guint run = self->leader ? 1 : 0;
  const gboolean two = self->leader || self->other;

  for (guint i = 0; i < G_N_ELEMENTS (series_table); i++)
    {
      g_autofree char *name = two ? name_series (i, run) : g_strdup (_ (series_table[i].label));

      eid_chart_style_series (self->charts[series_table[i].chart], self->series[i], name,
                              two ? eid_run_slot (run) : series_table[i].slot,
                              two && g_str_equal (series_table[i].name, "knn"));
    }
}

static void
append (EidPageProgress *self, const char *name, guint64 step, double value)
{
  for (guint i = 0; i < G_N_ELEMENTS (series_table); i++)
    if (g_str_equal (series_table[i].name, name) && isfinite (value))
      eid_chart_put (self->charts[series_table[i].chart], self->series[i], (double) step,
                     value * series_table[i].scale);
}

static void
rule (EidPageProgress *self, const char *name, double value)
{
  /* The lines to be above are the first run's. */
  for (guint i = 0; i < G_N_ELEMENTS (rule_table) && self->leader == NULL; i++)
    if (g_str_equal (rule_table[i].name, name) && isfinite (value))
      eid_chart_set_dashed_rule (self->charts[rule_table[i].chart], _ (rule_table[i].label),
                                 value * rule_table[i].scale, rule_table[i].slot, rule_table[i].dash);
}

static void
show_words (EidPageProgress *self)
{
  const char *own = self->words ? self->words : "";
  g_autofree char *both =
      self->other ? g_strdup_printf ("%s: %s\n%s: %s", eid_run_letter (0), own, eid_run_letter (1),
                                     self->other->words ? self->other->words : "")
                  : NULL;

  gtk_label_set_label (self->numbers, both ? both : own);
}

/* @report NULL: nothing is being trained, and there is no rate. */
static void
show_numbers (EidPageProgress *self, const EidReport *report)
{
  g_autofree char *loss = eid_format_number (self->loss);
  g_autofree char *chance = eid_format_number (self->chance);
  g_autofree char *learning_rate = eid_format_number (self->learning_rate);
  g_autofree char *numbers =
      g_strdup_printf (_ ("loss %s (chance %s) · learning rate %s"), loss, chance, learning_rate);
  g_autofree char *pace =
      report ? eid_rate_in_words (report->samples_per_second, report->tokens_per_second) : NULL;
  g_autofree char *all = pace ? g_strdup_printf ("%s · %s", numbers, pace) : g_strdup (numbers);

  g_free (self->words);
  self->words = g_steal_pointer (&all);
  show_words (self->leader ? self->leader : self);
}

static void
set_end (EidPageProgress *self, guint64 steps)
{
  const EidPageProgress *beside = self->leader ? self->leader : self->other;

  self->steps = steps;
  for (guint i = 0; i < N_CHARTS; i++)
    eid_chart_set_x_range (self->charts[i], 0, (double) MAX (MAX (steps, 1), beside ? beside->steps : 0));
}

/* Every step, not every report: what is drawn now is what the history will have. */
static void
append_points (EidPageProgress *self, const EidReport *report)
{
  GVariantIter iter;
  guint64 step;
  double loss, learning_rate, norm;

  append (self, "loss", report->step, report->loss);
  append (self, "learning-rate", report->step, report->learning_rate);
  append (self, "gradient-norm", report->step, report->gradient_norm);
  if (report->points == NULL)
    return;
  g_variant_iter_init (&iter, report->points);
  while (g_variant_iter_next (&iter, "(tddd)", &step, &loss, &learning_rate, &norm))
    {
      append (self, "loss", step, loss);
      append (self, "learning-rate", step, learning_rate);
      append (self, "gradient-norm", step, norm);
    }
}

static void
progress (EidPage *page, const EidReport *report)
{
  EidPageProgress *self = EID_PAGE_PROGRESS (page);

  self->loss = report->loss;
  self->chance = report->chance;
  self->learning_rate = report->learning_rate;
  append_points (self, report);
  rule (self, "chance", report->chance);
  set_end (self, report->steps);
  show_numbers (self, isfinite (report->samples_per_second) ? report : NULL);
  eid_page_set_step (page, report->step);
}

static void
evaluated (EidPage *page, const EidEvaluation *evaluation)
{
  EidPageProgress *self = EID_PAGE_PROGRESS (page);

  append (self, "knn", evaluation->step, evaluation->knn);
  append (self, "linear", evaluation->step, evaluation->linear);
  rule (self, "knn-random", evaluation->knn_random);
  rule (self, "linear-random", evaluation->linear_random);
  rule (self, "knn-pixels", evaluation->knn_pixels);
  rule (self, "linear-pixels", evaluation->linear_pixels);
}

/* "kNN 81.3 % (+20.2 on untrained, −1.9 on pixels)"; NULL where there is none. */
static char *
probe_in_words (const char *name, double value, double untrained, double pixels)
{
  g_autofree char *percent = isfinite (value) ? eid_format_percent (value) : NULL;

  if (percent == NULL)
    return NULL;
  if (!isfinite (untrained) || !isfinite (pixels))
    return g_strdup_printf ("%s %s", name, percent);
  /* TRANSLATORS: a probe, its accuracy, and by how many points that is over or under its baselines: the same
   * probe of an untrained encoder and of the bare pixels. */
  return g_strdup_printf (_ ("%s %s (%+.1f on untrained, %+.1f on pixels)"), name, percent,
                          (value - untrained) * 100, (value - pixels) * 100);
}

/* The probes of the look in view. */
static void
show_probes (EidPageProgress *self, const EidEvaluation *probes)
{
  g_autofree char *knn = probe_in_words (_ ("kNN"), probes->knn, probes->knn_random, probes->knn_pixels);
  g_autofree char *linear =
      probe_in_words (_ ("linear"), probes->linear, probes->linear_random, probes->linear_pixels);
  g_autofree char *step = eid_format_count (probes->step);
  g_autofree char *both = knn && linear ? g_strdup_printf ("%s · %s", knn, linear)
                                        : g_strdup (knn      ? knn
                                                    : linear ? linear
                                                             : "");
  g_autofree char *text =
      probes->step > 0 && *both ? g_strdup_printf (_ ("step %s: %s"), step, both) : g_strdup ("");

  gtk_label_set_label (self->probes, text);
}

static void
health (EidPage *page, const EidVerdictReport *report)
{
  EidPageProgress *self = EID_PAGE_PROGRESS (page);

  if (report == NULL)
    {
      gtk_label_set_label (self->probes, "");
      return;
    }
  append (self, "rank", report->step, report->rank);
  evaluated (page, &report->probes);
  show_probes (self, &report->probes);
}

static void
event (EidPage *page, guint64 step, const char *kind, const char *text)
{
  EidPageProgress *self = EID_PAGE_PROGRESS (page);

  /* The second run's come with its chronicle, which says whose they are. */
  for (guint i = 0; i < N_CHARTS && self->leader == NULL; i++)
    eid_marks_add (self->charts[i], step, kind, text, FALSE);
}

static void
fill_marks (EidPageProgress *self)
{
  for (guint i = 0; i < N_CHARTS; i++)
    {
      eid_chart_clear_markers (self->charts[i]);
      if (self->chronicle)
        eid_marks_fill (self->charts[i], self->chronicle, NULL, EID_MARKS_TURNS, NULL);
      if (self->other && self->other->chronicle)
        eid_marks_fill (self->charts[i], self->other->chronicle, NULL, EID_MARKS_TURNS, eid_run_letter (1));
    }
}

/* What the history says of the run, or of two. */
static void
show_chronicle (EidPageProgress *self)
{
  fill_marks (self);
  eid_run_notes_show (self->notes, self->chronicle, self->other ? self->other->chronicle : NULL);
}

static void
chronicle (EidPage *page, const EidChronicle *chronicle)
{
  EidPageProgress *self = EID_PAGE_PROGRESS (page);

  eid_chronicle_ref ((EidChronicle *) chronicle);
  g_clear_pointer (&self->chronicle, eid_chronicle_unref);
  self->chronicle = (EidChronicle *) chronicle;
  show_chronicle (self->leader ? self->leader : self);
  if (chronicle->steps > 0)
    set_end (self, chronicle->steps);
  self->chance = chronicle->chance;
  rule (self, "chance", chronicle->chance);
  if (!isfinite (self->loss) || eid_page_get_step (page) == 0)
    return;
  if (eid_page_get_step (page) >= chronicle->step)
    show_numbers (self, NULL);
}

static void
travel (EidPage *page, gboolean past, guint64 at)
{
  EidPageProgress *self = EID_PAGE_PROGRESS (page);

  for (guint i = 0; i < N_CHARTS && self->leader == NULL; i++)
    eid_chart_set_cursor (self->charts[i], past ? (double) at : NAN);
}

/* In the order of the table, as Evaluated brings them. */
static void
add_rules (EidPageProgress *self, GVariant *series)
{
  for (guint i = 0; i < G_N_ELEMENTS (rule_table); i++)
    {
      g_autoptr (GVariant) points =
          g_variant_lookup_value (series, rule_table[i].name, G_VARIANT_TYPE ("a(td)"));
      const gsize n = points ? g_variant_n_children (points) : 0;
      double value;

      if (n == 0)
        continue;
      g_variant_get_child (points, n - 1, "(td)", NULL, &value);
      rule (self, rule_table[i].name, value);
    }
}

static void
history (EidPage *page, GVariant *series)
{
  EidPageProgress *self = EID_PAGE_PROGRESS (page);
  GVariantIter iter, *points;
  const char *name;
  guint64 step = 0, last = 0;
  double value = NAN;

  add_rules (self, series);
  g_variant_iter_init (&iter, series);
  while (g_variant_iter_loop (&iter, "{&sa(td)}", &name, &points))
    {
      value = NAN;
      while (g_variant_iter_next (points, "(td)", &step, &value))
        append (self, name, step, value);
      if (g_str_equal (name, "learning-rate"))
        self->learning_rate = value;
      if (!g_str_equal (name, "loss"))
        continue;
      self->loss = value;
      last = step;
    }
  if (last == 0)
    return;
  show_numbers (self, NULL);
  eid_page_set_step (page, last);
}

static void
add_series (EidPageProgress *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (series_table); i++)
    self->series[i] = eid_chart_add_series (self->charts[series_table[i].chart], _ (series_table[i].label),
                                            series_table[i].slot);
}

static void
clear (EidPage *page)
{
  EidPageProgress *self = EID_PAGE_PROGRESS (page);

  g_clear_pointer (&self->chronicle, eid_chronicle_unref);
  g_clear_pointer (&self->words, g_free);
  self->loss = self->chance = self->learning_rate = NAN;
  self->steps = 0;
  gtk_label_set_label (self->probes, "");
  if (self->leader)
    {
      for (guint i = 0; i < G_N_ELEMENTS (series_table); i++)
        eid_chart_set_points (self->charts[series_table[i].chart], self->series[i], NULL, NULL, 0);
      show_chronicle (self->leader);
      show_words (self->leader);
      return;
    }
  for (guint i = 0; i < N_CHARTS; i++)
    eid_chart_clear (self->charts[i]);
  eid_run_notes_show (self->notes, NULL, NULL);
  add_series (self);
  style_series (self);
  if (self->other)
    {
      add_series (self->other);
      style_series (self->other);
    }
  show_words (self);
}

/* --- Two runs on the same charts ----------------------------------------------- */

static void
drop_other (EidPageProgress *self)
{
  guint own[N_CHARTS] = { 0 };

  self->other = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (series_table); i++)
    own[series_table[i].chart]++;
  for (guint i = 0; i < N_CHARTS; i++)
    eid_chart_drop_series (self->charts[i], own[i]);
  style_series (self);
  show_chronicle (self);
  show_words (self);
}

static void
join (EidPage *page, EidPage *other)
{
  EidPageProgress *self = EID_PAGE_PROGRESS (page);

  if (other == NULL)
    {
      drop_other (self);
      return;
    }
  self->other = EID_PAGE_PROGRESS (other);
  self->other->leader = self;
  memcpy (self->other->charts, self->charts, sizeof self->charts);
  style_series (self);
  add_series (self->other);
  style_series (self->other);
  show_words (self);
}

static void
eid_page_progress_finalize (GObject *object)
{
  EidPageProgress *self = EID_PAGE_PROGRESS (object);

  g_clear_pointer (&self->chronicle, eid_chronicle_unref);
  g_free (self->words);
  G_OBJECT_CLASS (eid_page_progress_parent_class)->finalize (object);
}

static void
eid_page_progress_class_init (EidPageProgressClass *klass)
{
  EidPageClass *page_class = EID_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = eid_page_progress_finalize;
  page_class->title = N_ ("Progress");
  page_class->icon = "eid-progress-symbolic";
  page_class->promise =
      N_ ("Loss against chance, and what simple classifiers make of the features, against an "
          "untrained encoder and the bare pixels.");
  page_class->progress = progress;
  page_class->evaluated = evaluated;
  page_class->health = health;
  page_class->event = event;
  page_class->history = history;
  page_class->chronicle = chronicle;
  page_class->travel = travel;
  page_class->clear = clear;
  page_class->join = join;
}

static GtkWidget *
with_label (GtkWidget *chart, GtkLabel *label)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_xalign (label, 0);
  gtk_widget_set_margin_start (GTK_WIDGET (label), 12);
  gtk_widget_add_css_class (GTK_WIDGET (label), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (label), "numeric");
  gtk_box_append (GTK_BOX (box), chart);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (label));
  return box;
}

static void
eid_page_progress_init (EidPageProgress *self)
{
  GtkWidget *grid = gtk_grid_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->numbers = GTK_LABEL (gtk_label_new (""));
  self->probes = GTK_LABEL (gtk_label_new (""));
  gtk_grid_set_row_homogeneous (GTK_GRID (grid), TRUE);
  gtk_grid_set_column_homogeneous (GTK_GRID (grid), TRUE);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 12);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  for (guint i = 0; i < N_CHARTS; i++)
    {
      GtkWidget *chart = eid_chart_new ();
      self->charts[i] = EID_CHART (chart);
      eid_chart_set_title (self->charts[i], _ (charts[i].title));
      eid_chart_set_x_title (self->charts[i], _ ("step"));
      if (charts[i].unit)
        eid_chart_set_unit (self->charts[i], charts[i].unit);
      eid_chart_set_log (self->charts[i], FALSE, charts[i].log_y);
      eid_chart_set_smoothing (self->charts[i], charts[i].smoothing);
      eid_chart_set_empty_text (self->charts[i], _ (charts[i].empty));
      gtk_widget_set_hexpand (chart, TRUE);
      gtk_widget_set_vexpand (chart, TRUE);
      /* Some are of a few points: a line shows none of one. */
      eid_chart_set_dots (self->charts[i], i == CHART_PROBES || i == CHART_SHAPE);
      gtk_grid_attach (GTK_GRID (grid), i == CHART_PROBES ? with_label (chart, self->probes) : chart,
                       charts[i].column, charts[i].row, charts[i].columns, 1);
    }
  self->notes = EID_RUN_NOTES (eid_run_notes_new ());
  gtk_widget_set_vexpand (grid, TRUE);
  gtk_box_append (GTK_BOX (box), grid);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->notes));
  clear (EID_PAGE (self));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  gtk_label_set_xalign (self->numbers, 0);
  gtk_label_set_ellipsize (self->numbers, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->numbers), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->numbers), "numeric");
  eid_page_set_content (EID_PAGE (self), scrolled);
  eid_page_add_control (EID_PAGE (self), GTK_WIDGET (self->numbers));
}
