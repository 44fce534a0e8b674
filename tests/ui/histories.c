/* histories.c: whatever a run's history is, every place that speaks of its health speaks of the same look,
 * and what is drawn of it while it is told is what is drawn of it when it is read again.
 *
 * No engine: what one would tell and answer is made up here, from a seed.     */
#include <math.h>
#include <string.h>

#include "app/workbench/client/client-private.h"
#include "app/workbench/session/session.h"
#include "app/workbench/client/status.h"
#include "app/workbench/pages/pages.h"
#include "ui/ui.h"

#define HISTORIES 200
#define STEPS     400

enum
{
  CHART_WIDTH = 300,
  CHART_HEIGHT = 160
};

/* --- A history --------------------------------------------------------------------- */

typedef struct
{
  guint64 step, evaluated; /* 0: nothing was, yet */
  double rank, z_std, cosine;
  double knn, linear;
  gboolean healthy;
} Told;

typedef struct
{
  guint64 steps;
  guint rank_most;
  gboolean has_reference, has_probes;
  double loss[STEPS + 1], norm[STEPS + 1];
  GArray *looks; /* Told */
} Course;

static void
course_free (Course *course)
{
  g_array_unref (course->looks);
  g_free (course);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Course, course_free)

static Course *
course_new (GRand *random)
{
  Course *course = g_new0 (Course, 1);
  const guint every = (guint) g_rand_int_range (random, 1, 60),
              evaluate = (guint) g_rand_int_range (random, 10, 200);
  Told now = { .knn = NAN, .linear = NAN, .healthy = TRUE };

  course->steps = (guint64) g_rand_int_range (random, 1, STEPS + 1);
  course->rank_most = (guint) g_rand_int_range (random, 2, 700);
  course->has_reference = g_rand_boolean (random);
  course->has_probes = g_rand_boolean (random);
  course->looks = g_array_new (FALSE, FALSE, sizeof (Told));
  for (guint64 step = 0; step <= course->steps; step++)
    {
      course->loss[step] = g_rand_double_range (random, -1, 6);
      course->norm[step] = g_rand_double_range (random, 1e-3, 30);
      if (course->has_probes && step > 0 && step % evaluate == 0)
        {
          now.evaluated = step;
          now.knn = g_rand_double (random);
          now.linear = g_rand_double (random);
        }
      else if (step % every != 0)
        continue;
      now.step = step;
      now.rank = g_rand_double_range (random, 1, course->rank_most);
      now.z_std = g_rand_double_range (random, 0, 0.3);
      now.cosine = g_rand_double_range (random, -0.2, 1);
      now.healthy = g_rand_boolean (random);
      g_array_append_val (course->looks, now);
    }
  return course;
}

static Told *
look_at (Course *course, guint64 step)
{
  Told *look = &g_array_index (course->looks, Told, 0);

  for (guint i = 0; i < course->looks->len && g_array_index (course->looks, Told, i).step <= step; i++)
    look = &g_array_index (course->looks, Told, i);
  return look;
}

static void
put_probes (const Course *course, const Told *look, GVariantDict *dict)
{
  static const char *const baselines[] = { "knn-random", "linear-random", "knn-pixels", "linear-pixels" };

  if (look->evaluated == 0)
    return;
  g_variant_dict_insert (dict, "knn", "d", look->knn);
  g_variant_dict_insert (dict, "linear", "d", look->linear);
  for (guint i = 0; i < G_N_ELEMENTS (baselines); i++)
    g_variant_dict_insert (dict, baselines[i], "d", 0.3 + 0.1 * i);
}

/* The record of @look, as the signal Health has it. */
static GVariant *
record_of (const Course *course, const Told *look)
{
  GVariantBuilder references, bands;
  GVariantDict dict;

  g_variant_builder_init (&references, G_VARIANT_TYPE ("a{sd}"));
  if (course->has_reference)
    g_variant_builder_add (&references, "{sd}", "z-std", 0.125);
  g_variant_builder_init (&bands, G_VARIANT_TYPE ("a{s(dd)}"));
  g_variant_builder_add (&bands, "{s(dd)}", "cosine", -INFINITY, 0.9);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "step", "t", look->step);
  g_variant_dict_insert (&dict, "verdict", "s",
                         look == &g_array_index (course->looks, Told, 0) ? "too-early"
                         : look->healthy                                 ? "healthy"
                                                                         : "complete-collapse");
  g_variant_dict_insert (&dict, "title", "s", "A title");
  g_variant_dict_insert (&dict, "evidence", "s", look->healthy ? "All is well." : "All look alike.");
  g_variant_dict_insert_value (&dict, "references", g_variant_builder_end (&references));
  g_variant_dict_insert_value (&dict, "bands", g_variant_builder_end (&bands));
  g_variant_dict_insert (&dict, "rank", "d", look->rank);
  g_variant_dict_insert (&dict, "rank-most", "u", course->rank_most);
  g_variant_dict_insert (&dict, "z-std", "d", look->z_std);
  g_variant_dict_insert (&dict, "cosine", "d", look->cosine);
  if (look->evaluated > 0)
    g_variant_dict_insert (&dict, "probes-step", "t", look->evaluated);
  put_probes (course, look, &dict);
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

/* --- A window's worth of places ------------------------------------------------------ */

typedef struct
{
  EidDesk *desk;
  GtkWidget *progress, *embedding, *window;
  GVariant *record; /* in view, as the window is told; or NULL */
} Places;

static void
on_health (Places *self, const EidVerdictReport *report)
{
  g_clear_pointer (&self->record, g_variant_unref);
  self->record = report ? g_variant_ref (report->metrics) : NULL;
}

static void
places_init (Places *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  memset (self, 0, sizeof *self);
  self->desk = eid_desk_new ();
  g_signal_connect_swapped (self->desk, "health", G_CALLBACK (on_health), self);
  self->progress = g_object_new (EID_TYPE_PAGE_PROGRESS, NULL);
  self->embedding = g_object_new (EID_TYPE_PAGE_EMBEDDING, NULL);
  eid_desk_add_page (self->desk, EID_PAGE (self->progress));
  eid_desk_add_page (self->desk, EID_PAGE (self->embedding));
  gtk_box_append (GTK_BOX (box), self->progress);
  gtk_box_append (GTK_BOX (box), self->embedding);
  self->window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (self->window), box);
  eid_engine_client_set_phase (eid_desk_client (self->desk), EID_PHASE_RUNNING, "");
  eid_desk_begin (self->desk, FALSE);
}

static void
places_clear (Places *self)
{
  g_object_run_dispose (G_OBJECT (self->desk));
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_clear_pointer (&self->record, g_variant_unref);
  g_object_unref (self->desk);
}

static void
emit_health (Places *self, GVariant *record)
{
  g_auto (EidVerdictReport) report = eid_verdict_report_read (record);

  g_signal_emit_by_name (eid_desk_client (self->desk), "health", &report);
}

/* As the engine tells it, a report now and then, with the steps since the one before. */
static void
tell_live (Places *self, Course *course, GRand *random)
{
  GVariantBuilder points;
  guint looks = 0;

  g_variant_builder_init (&points, G_VARIANT_TYPE ("a(tddd)"));
  for (guint64 step = 0; step <= course->steps; step++)
    {
      if (step > 0)
        g_variant_builder_add (&points, "(tddd)", step, course->loss[step], 1e-3, course->norm[step]);
      if (step == course->steps || (step > 0 && g_rand_int_range (random, 0, 7) == 0))
        {
          g_autoptr (GVariant) since = g_variant_ref_sink (g_variant_builder_end (&points));
          const EidReport report = { .step = step,
                                     .steps = STEPS,
                                     .loss = course->loss[step],
                                     .chance = 5,
                                     .learning_rate = 1e-3,
                                     .gradient_norm = course->norm[step],
                                     .samples_per_second = NAN,
                                     .seconds_left = NAN,
                                     .points = since };

          g_signal_emit_by_name (eid_desk_client (self->desk), "progress", &report);
          g_variant_builder_init (&points, G_VARIANT_TYPE ("a(tddd)"));
        }
      for (; looks < course->looks->len && g_array_index (course->looks, Told, looks).step == step; looks++)
        {
          const Told *look = &g_array_index (course->looks, Told, looks);
          g_autoptr (GVariant) record = record_of (course, look);

          if (look->evaluated == step && step > 0)
            {
              g_autoptr (GVariant) probes = NULL;
              EidEvaluation evaluation;
              GVariantDict dict;

              g_variant_dict_init (&dict, NULL);
              g_variant_dict_insert (&dict, "step", "t", step);
              put_probes (course, look, &dict);
              probes = g_variant_ref_sink (g_variant_dict_end (&dict));
              evaluation = eid_evaluation_read (probes);
              g_signal_emit_by_name (eid_desk_client (self->desk), "evaluated", &evaluation);
            }
          emit_health (self, record);
        }
    }
  g_variant_builder_clear (&points);
}

static void
add_point (GHashTable *points, const char *name, guint64 step, double value)
{
  GVariantBuilder *builder = g_hash_table_lookup (points, name);

  if (builder == NULL)
    {
      builder = g_variant_builder_new (G_VARIANT_TYPE ("a(td)"));
      g_hash_table_insert (points, (gpointer) name, builder);
    }
  g_variant_builder_add (builder, "(td)", step, value);
}

/* The answer of History: by name, in an order of no meaning. */
static GVariant *
series_of (Course *course)
{
  static const char *const baselines[] = { "linear-pixels", "knn-pixels", "linear-random", "knn-random" };
  g_autoptr (GHashTable) points =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_variant_builder_unref);
  GVariantBuilder all;
  GHashTableIter iter;
  gpointer name, builder;
  guint64 evaluated = 0;

  for (guint64 step = 1; step <= course->steps; step++)
    {
      add_point (points, "loss", step, course->loss[step]);
      add_point (points, "learning-rate", step, 1e-3);
      add_point (points, "gradient-norm", step, course->norm[step]);
    }
  for (guint i = 0; i < course->looks->len; i++)
    {
      const Told *look = &g_array_index (course->looks, Told, i);

      add_point (points, "rank", look->step, look->rank);
      add_point (points, "z-std", look->step, look->z_std);
      add_point (points, "cosine", look->step, look->cosine);
      if (look->evaluated == evaluated)
        continue;
      evaluated = look->evaluated;
      add_point (points, "knn", look->step, look->knn);
      add_point (points, "linear", look->step, look->linear);
    }
  for (guint i = 0; evaluated > 0 && i < G_N_ELEMENTS (baselines); i++)
    add_point (points, baselines[i], 0, 0.3 + 0.1 * (3 - i));
  g_variant_builder_init (&all, G_VARIANT_TYPE ("a{sa(td)}"));
  g_hash_table_iter_init (&iter, points);
  while (g_hash_table_iter_next (&iter, &name, &builder))
    g_variant_builder_add (&all, "{s@a(td)}", name, g_variant_builder_end (builder));
  return g_variant_ref_sink (g_variant_builder_end (&all));
}

/* As a run that is taken up is read: the record first, or the history. */
static void
reload (Places *self, Course *course, gboolean record_first)
{
  g_autoptr (GVariant) series = series_of (course);
  g_autoptr (GVariant) record = record_of (course, look_at (course, course->steps));
  g_autoptr (GVariant) timeline = NULL;
  g_autoptr (EidChronicle) chronicle = NULL;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "step", "t", course->steps);
  g_variant_dict_insert (&dict, "steps", "t", (guint64) STEPS);
  g_variant_dict_insert (&dict, "chance", "d", 5.0);
  timeline = g_variant_ref_sink (g_variant_dict_end (&dict));
  chronicle = eid_chronicle_read (timeline);
  if (record_first)
    emit_health (self, record);
  for (guint i = 0; i < eid_desk_n_pages (self->desk); i++)
    {
      eid_page_history (eid_desk_page (self->desk, i), series);
      eid_page_chronicle (eid_desk_page (self->desk, i), chronicle);
    }
  if (!record_first)
    emit_health (self, record);
}

/* --- What is seen ---------------------------------------------------------------------- */

static void
find (GtkWidget *widget, GType type, GPtrArray *found)
{
  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    g_ptr_array_add (found, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    find (child, type, found);
}

static gboolean
says (GtkWidget *widget, const char *text)
{
  g_autoptr (GPtrArray) labels = g_ptr_array_new ();

  find (widget, GTK_TYPE_LABEL, labels);
  for (guint i = 0; i < labels->len; i++)
    if (strstr (gtk_label_get_label (labels->pdata[i]), text))
      return TRUE;
  return FALSE;
}

/* What the card of @title has as its value; it is the label after the title's. */
static const char *
card_value (GtkWidget *page, const char *title)
{
  g_autoptr (GPtrArray) cards = g_ptr_array_new ();

  find (page, EID_TYPE_VITAL_CARD, cards);
  for (guint i = 0; i < cards->len; i++)
    {
      g_autoptr (GPtrArray) labels = g_ptr_array_new ();

      find (cards->pdata[i], GTK_TYPE_LABEL, labels);
      if (g_str_equal (gtk_label_get_label (labels->pdata[0]), title))
        return gtk_label_get_label (labels->pdata[1]);
    }
  g_assert_not_reached ();
}

/* Every place has @look. */
static void
assert_one_look (Places *self, Course *course, const Told *look)
{
  g_autoptr (GVariant) record = record_of (course, look);
  g_auto (EidVerdictReport) report = eid_verdict_report_read (record);
  EidEvidence evidence = eid_evidence_none ();
  g_autofree char *numbers = eid_health_numbers (&report), *rank = eid_format_number (look->rank);
  g_autofree char *z_std = eid_format_number (look->z_std), *cosine = eid_format_number (look->cosine);
  g_autofree char *of = g_strdup_printf ("effective rank %s of %u", rank, course->rank_most);
  g_autofree char *step = eid_format_count (look->step), *at = g_strdup_printf ("step %s · A title", step);
  EidHealth line;

  g_assert_nonnull (self->record);
  eid_evidence_take (&evidence, self->record);
  line = eid_health_judge (eid_desk_client (self->desk), &evidence);
  if (!look->healthy && look != &g_array_index (course->looks, Told, 0))
    {
      g_assert_cmpint (line.level, ==, EID_HEALTH_WARNING);
      g_assert_cmpstr (line.sentence, ==, "All look alike.");
    }
  else
    {
      /* Never green before the second look. */
      g_assert_cmpint (line.level, ==,
                       look == &g_array_index (course->looks, Told, 0) ? EID_HEALTH_NOTICE : EID_HEALTH_GOOD);
      g_assert_nonnull (strstr (line.sentence, numbers));
    }
  g_assert_nonnull (strstr (numbers, of));
  g_assert_true ((strstr (numbers, "1/√d") != NULL) == course->has_reference);
  g_assert_true (says (self->embedding, numbers));
  g_assert_true (says (self->embedding, at));
  g_assert_cmpstr (card_value (self->embedding, "Effective rank"), ==, rank);
  g_assert_cmpstr (card_value (self->embedding, "z-std"), ==, z_std);
  g_assert_cmpstr (card_value (self->embedding, "Mean cosine"), ==, cosine);
  if (look->evaluated > 0)
    {
      g_autofree char *knn = eid_format_percent (look->knn);
      g_autofree char *words = g_strdup_printf ("kNN %s (%+.1f on untrained, %+.1f on pixels)", knn,
                                                (look->knn - 0.3) * 100, (look->knn - 0.5) * 100);
      g_assert_true (says (self->progress, words));
    }
  g_free (line.sentence);
  eid_evidence_clear (&evidence);
}

/* The pixels of a chart of that size. */
static GBytes *
pixels_of (GtkWidget *chart)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, CHART_WIDTH, CHART_HEIGHT);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderNode *node;
  cairo_t *cr = cairo_create (surface);
  GBytes *bytes;
  int natural;

  gtk_widget_measure (chart, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
  gtk_widget_allocate (chart, CHART_WIDTH, CHART_HEIGHT, -1, NULL);
  GTK_WIDGET_GET_CLASS (chart)->snapshot (chart, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  if (node)
    gsk_render_node_draw (node, cr);
  g_clear_pointer (&node, gsk_render_node_unref);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  bytes = g_bytes_new (cairo_image_surface_get_data (surface),
                       (gsize) cairo_image_surface_get_stride (surface) * CHART_HEIGHT);
  cairo_surface_destroy (surface);
  return bytes;
}

static gboolean
is_shown (GtkWidget *widget)
{
  for (; widget && !EID_IS_PAGE (widget); widget = gtk_widget_get_parent (widget))
    if (GTK_IS_FLOW_BOX_CHILD (widget) && !gtk_widget_get_visible (widget))
      return FALSE;
  return TRUE;
}

static void
assert_same_pixels (GtkWidget *live, GtkWidget *reloaded)
{
  g_autoptr (GPtrArray) one = g_ptr_array_new (), other = g_ptr_array_new ();

  find (live, EID_TYPE_CHART, one);
  find (reloaded, EID_TYPE_CHART, other);
  g_assert_cmpuint (one->len, >=, 5);
  g_assert_cmpuint (one->len, ==, other->len);
  for (guint i = 0; i < one->len; i++)
    {
      g_autoptr (GBytes) first = NULL, second = NULL;

      /* A card of what the run does not have is not there, in either. */
      g_assert_cmpint (is_shown (one->pdata[i]), ==, is_shown (other->pdata[i]));
      if (!is_shown (one->pdata[i]))
        continue;
      first = pixels_of (one->pdata[i]);
      second = pixels_of (other->pdata[i]);

      if (!g_bytes_equal (first, second))
        g_error ("chart %u of %s differs between live and reloaded", i, G_OBJECT_TYPE_NAME (live));
    }
}

static void
test_histories (void)
{
  for (guint i = 0; i < HISTORIES; i++)
    {
      g_autoptr (GRand) random = g_rand_new_with_seed (i);
      g_autoptr (Course) course = course_new (random);
      Places live, reloaded;
      g_autoptr (GVariant) past = NULL;
      g_auto (EidVerdictReport) report = { 0 };
      const Told *look;

      g_test_message ("history %u: %u looks in %u steps", i, course->looks->len, (guint) course->steps);
      places_init (&live);
      places_init (&reloaded);
      tell_live (&live, course, random);
      reload (&reloaded, course, g_rand_boolean (random));
      look = look_at (course, course->steps);
      assert_one_look (&live, course, look);
      assert_one_look (&reloaded, course, look);
      assert_same_pixels (live.progress, reloaded.progress);
      assert_same_pixels (live.embedding, reloaded.embedding);

      /* A step of the past: the desk shows what the engine answers of it. */
      look = look_at (course, (guint64) g_rand_int_range (random, 0, (int) course->steps + 1));
      past = record_of (course, look);
      report = eid_verdict_report_read (past);
      for (guint page = 0; page < eid_desk_n_pages (live.desk); page++)
        eid_page_health (eid_desk_page (live.desk, page), &report);
      on_health (&live, &report);
      assert_one_look (&live, course, look);
      places_clear (&live);
      places_clear (&reloaded);
    }
}

/* --- Words ------------------------------------------------------------------------------- */

static void
test_a_stopped_run_is_not_finished (void)
{
  g_autoptr (EidEngineClient) client = eid_engine_client_new ();
  EidEvidence evidence = eid_evidence_none ();
  g_autofree char *stopped = eid_health_stopped (915, 2000), *finished = eid_health_stopped (2000, 2000);
  g_autofree char *all = eid_format_count (2000), *words = g_strdup_printf ("Stopped at 915 of %s", all);
  EidHealth line;

  g_assert_cmpstr (stopped, ==, words);
  g_assert_null (finished);
  eid_engine_client_set_phase (client, EID_PHASE_DONE, "/runs/one");
  eid_engine_client_set_made (client, 915, 2000);
  line = eid_health_judge (client, &evidence);
  g_assert_true (g_str_has_prefix (line.sentence, words));
  g_assert_cmpint (line.cure, ==, EID_CURE_GO_ON);
  g_free (line.sentence);
  eid_engine_client_set_made (client, 2000, 2000);
  line = eid_health_judge (client, &evidence);
  g_assert_null (strstr (line.sentence, "Stopped"));
  g_assert_cmpint (line.cure, ==, EID_CURE_NONE);
  g_free (line.sentence);
}

/* It says what it is at, and is skipped, also where a run is taken up and its evaluation is made up for. */
static void
test_an_evaluation_is_skipped (void)
{
  static const EidPhase phases[] = { EID_PHASE_RUNNING, EID_PHASE_PREPARING };
  EidEvidence evidence = eid_evidence_none ();

  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    {
      g_autoptr (EidEngineClient) client = eid_engine_client_new ();
      EidHealth line;

      eid_engine_client_set_phase (client, phases[i], "Evaluating: Linear probe, 16 of 400");
      client->evaluating = TRUE;
      line = eid_health_judge (client, &evidence);
      g_assert_cmpstr (line.sentence, ==, "Evaluating: Linear probe, 16 of 400…");
      g_assert_cmpint (line.level, ==, EID_HEALTH_NOTICE);
      g_assert_cmpint (line.cure, ==, EID_CURE_SKIP);
      g_free (line.sentence);
      eid_engine_client_set_phase (client, EID_PHASE_PAUSED, "");
      line = eid_health_judge (client, &evidence);
      g_assert_cmpint (line.cure, ==, EID_CURE_NONE);
      g_free (line.sentence);
    }
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  eid_ui_init ();
  g_test_add_func ("/histories/one-look-everywhere-live-and-reloaded", test_histories);
  g_test_add_func ("/histories/an-evaluation-is-skipped", test_an_evaluation_is_skipped);
  g_test_add_func ("/histories/a-stopped-run-is-not-finished", test_a_stopped_run_is_not_finished);
  return g_test_run ();
}
