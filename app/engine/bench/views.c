/* views.c: what watching costs: a run trained alone, then with every page of
 * the workbench open, through the trainer and the looks that serve it.       */
#include "app/engine/bench/bench.h"

#include "app/engine/trainer/trainer.h"
#include "app/engine/views/views.h"
#include "app/wire/wire.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#define WARM_STEPS 2

static const char *const all_views[] = {
  EID_WIRE_VIEW_AUGMENTATIONS,
  EID_WIRE_VIEW_RECONSTRUCTION,
  EID_WIRE_VIEW_ATTENTION,
  EID_WIRE_VIEW_EMBEDDING,
};

typedef struct
{
  EidTrainer *trainer;
  char *folder; /* around the run's                                           */
  guint batch;
  const char *views[G_N_ELEMENTS (all_views)]; /* those there are             */
  guint n_views;
} Watched;

static EidRecipe *
make_recipe (const EidBenchCase *bench, EidType precision, GError **error)
{
  g_autofree char *text = g_strdup_printf (
      "[Run]\nsteps=1000000000\nbatch=%u\nprecision=%s\nevaluate-every=0\ncheckpoint-every=1000000000\n"
      "[Dataset]\nreader=noise\npath=.\nsize=%u\nchannels=%u\n"
      "[Augment]\nblur=0\n[Encoder]\nplugin=%s\n[Objective]\nplugin=%s\n",
      bench->batch, eid_precision_name (precision), bench->size, bench->channels, bench->encoder,
      bench->objective);
  g_autoptr (EidRecipe) recipe = eid_recipe_parse (text, bench->name, error);
  g_auto (GStrv) values = g_strsplit (bench->values, " ", -1);

  for (guint i = 0; recipe != NULL && values[i] != NULL; i++)
    if (!eid_recipe_set (recipe, values[i], error))
      return NULL;
  return g_steal_pointer (&recipe);
}

static void
remove_tree (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        remove_tree (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}

static void
watched_clear (Watched *self)
{
  g_clear_pointer (&self->trainer, eid_trainer_free);
  if (self->folder != NULL)
    remove_tree (self->folder);
  g_free (self->folder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Watched, watched_clear)

static gboolean
begin (Watched *self, const EidBenchCase *bench, const EidBenchOptions *options, GError **error)
{
  const EidListener listener = { .preparing = options->tell, .user_data = options->user_data };
  EidRecipe *recipe = make_recipe (bench, options->precision, error);
  g_autofree char *folder = NULL;

  if (recipe == NULL)
    return FALSE;
  self->batch = bench->batch;
  self->folder = g_dir_make_tmp ("eidoscope-bench-XXXXXX", error);
  if (self->folder == NULL)
    {
      eid_recipe_free (recipe);
      return FALSE;
    }
  folder = g_build_filename (self->folder, "run", NULL);
  self->trainer = eid_trainer_new (recipe, options->registry, options->device, folder, &listener, error);
  return self->trainer != NULL;
}

/* Makes steps until @due, and at least @fewest. Returns how many, 0 on failure. */
static guint
make_steps (Watched *self, guint fewest, gint64 due, GError **error)
{
  guint made = 0;

  do
    if (!eid_trainer_step (self->trainer, error))
      return 0;
  while (++made < fewest || g_get_monotonic_time () < due);
  return made;
}

/* One look at @view, as a page that shows it asks for. */
static gboolean
look (Watched *self, const char *view, GError **error)
{
  g_autoptr (GVariant) options = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  const EidViewContext context = eid_trainer_view_context (self->trainer);
  GVariant *picture = eid_look (&context, view, options, error);

  if (picture == NULL)
    return FALSE;
  g_variant_unref (g_variant_ref_sink (picture));
  return TRUE;
}

/* Keeps the views that there are, having looked once, so that nothing is compiled any more. */
static gboolean
find_views (Watched *self, const EidBenchOptions *options, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (all_views); i++)
    {
      g_autoptr (GError) reason = NULL;

      options->tell (all_views[i], options->user_data);
      if (look (self, all_views[i], &reason))
        self->views[self->n_views++] = all_views[i];
      else if (!g_error_matches (reason, EID_ERROR, EID_ERROR_USAGE))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
    }
  return TRUE;
}

/* Looks at one view after the other, each followed by the steps that are due before the next and, so that
 * what else goes on in the machine is the same for both, by as many steps alone; until all had their turn and
 * the time is over. */
static gboolean
watch (Watched *self, const EidBenchOptions *options, EidBenchViews *result, GError **error)
{
  const gint64 begun = g_get_monotonic_time ();
  gint64 looking = 0, watched = 0, alone = 0, now = begun;
  guint steps = 0;

  while (result->looks % self->n_views != 0 || result->looks == 0
         || (double) (now - begun) < options->seconds * G_USEC_PER_SEC)
    {
      const char *view = self->views[result->looks++ % self->n_views];
      const gint64 started = now;
      gint64 took, next;
      guint made;

      options->tell (view, options->user_data);
      if (!look (self, view, error))
        return FALSE;
      took = g_get_monotonic_time () - started;
      made = make_steps (self, 1, started + took + eid_look_pause (took), error);
      next = g_get_monotonic_time ();
      options->tell (_ ("training alone"), options->user_data);
      if (made == 0 || make_steps (self, made, 0, error) == 0)
        return FALSE;
      now = g_get_monotonic_time ();
      looking += took;
      watched += next - started;
      alone += now - next;
      steps += made;
    }
  result->share = (double) looking / (double) watched;
  result->look_milliseconds = (double) looking * 1e-3 / result->looks;
  result->step_milliseconds = (double) (watched - alone) * 1e-3 / steps;
  result->samples_per_second = (double) steps * self->batch / (double) watched * G_USEC_PER_SEC;
  result->alone = (double) steps * self->batch / (double) alone * G_USEC_PER_SEC;
  return TRUE;
}

gboolean
eid_bench_views (const EidBenchCase *bench, const EidBenchOptions *options, EidBenchViews *result,
                 GError **error)
{
  g_auto (Watched) self = { 0 };

  *result = (EidBenchViews){ 0 };
  options->tell (_ ("warming up"), options->user_data);
  return begin (&self, bench, options, error) && make_steps (&self, WARM_STEPS, 0, error) > 0
         && find_views (&self, options, error) && watch (&self, options, result, error);
}

gboolean
eid_bench_has_views (const EidBenchCase *bench)
{
  return bench->training && bench->channels <= 3; /* else features, or text */
}
