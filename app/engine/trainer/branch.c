/* branch.c: a new run out of an old one: its checkpoint of some step, its history up
 * to there, and a recipe that may differ in whatever the checkpoint fits.     */
#include "app/engine/trainer/private.h"

#include "app/engine/setup/checkpoint.h"
#include "app/engine/setup/private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

static EidSafetensors *
open_checkpoint (EidTrainer *trainer, guint64 step, GError **error)
{
  g_autofree char *file = eid_run_checkpoint_file (trainer->run, step);
  g_autoptr (GArray) steps = NULL;
  g_autoptr (GString) list = g_string_new (NULL);

  if (g_file_test (file, G_FILE_TEST_EXISTS))
    return eid_safetensors_open (file, error);
  steps = eid_run_checkpoints (trainer->run);
  for (guint i = steps->len; i-- > 0;)
    g_string_append_printf (list, "%s%'" PRIu64, list->len > 0 ? ", " : "",
                            g_array_index (steps, guint64, i));
  g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
               _ ("There is no checkpoint of step %'" PRIu64 " to branch from. There are some of: %s."), step,
               list->len > 0 ? list->str : "–");
  return NULL;
}

/* Builds the model that @recipe wants beside the one being trained, and compares. */
static gboolean
check_fits (EidTrainer *trainer, EidRecipe *recipe, EidSafetensors *checkpoint, GError **error)
{
  const gint64 channels = eid_recipe_int (recipe, "Dataset", "channels");
  const guint batch = (guint) eid_recipe_int (recipe, "Run", "batch");
  const guint parts = (guint) eid_recipe_int (recipe, "Run", "accumulate");
  EidSetup wanted = {
    .registry = trainer->setup->registry,
    .recipe = recipe,
    .device = trainer->setup->device,
    .batch = batch,
    .parts = MAX (parts, 1),
    .size = (guint) eid_recipe_int (recipe, "Dataset", "size"),
    .channels = channels > 0 ? (guint) channels : trainer->setup->channels,
    .seed = (guint64) eid_recipe_int (recipe, "Run", "seed"),
  };
  g_autoptr (EidModel) model = eid_setup_fresh_model (&wanted, error);
  g_autoptr (GError) cause = NULL;

  if (model == NULL)
    return FALSE;
  wanted.model = model;
  if (eid_checkpoint_fits (&wanted, checkpoint, &cause))
    return TRUE;
  g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
               _ ("What was learnt does not fit the changed recipe: %s Start a new run with it."),
               cause->message);
  return FALSE;
}

/* "temperature 0.2 → 0.1, lr 0.001 → 0.0005": in what @recipe differs from @former. */
static char *
describe_changes (EidRecipe *former, EidRecipe *recipe)
{
  g_autofree char *before = eid_recipe_to_text (former), *after = eid_recipe_to_text (recipe);
  g_autoptr (GKeyFile) old = g_key_file_new (), new = g_key_file_new ();
  g_auto (GStrv) groups = NULL;
  GString *text = g_string_new (NULL);

  g_key_file_load_from_data (old, before, -1, G_KEY_FILE_NONE, NULL);
  g_key_file_load_from_data (new, after, -1, G_KEY_FILE_NONE, NULL);
  groups = g_key_file_get_groups (new, NULL);
  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_auto (GStrv) keys = g_key_file_get_keys (new, groups[i], NULL, NULL);

      for (guint j = 0; keys != NULL && keys[j] != NULL; j++)
        {
          g_autofree char *was = g_key_file_get_value (old, groups[i], keys[j], NULL);
          g_autofree char *is = g_key_file_get_value (new, groups[i], keys[j], NULL);

          if (g_strcmp0 (was, is) != 0)
            g_string_append_printf (text, "%s%s %s → %s", text->len > 0 ? ", " : "", keys[j],
                                    was != NULL ? was : "–", is);
        }
    }
  return g_string_free (text, FALSE);
}

/* The code that was placed goes with what is learnt by it. */
static gboolean
copy_code (EidRun *parent, EidRun *run, const EidSetup *codes, GError **error)
{
  for (guint i = 0; i < EID_N_PARTS; i++)
    {
      const char *name = codes->code[i];
      g_autofree char *file = name != NULL ? eid_run_code_file (parent, name) : NULL, *kept = NULL;
      gboolean fresh;

      if (file != NULL && (kept = eid_run_keep_code (run, file, &fresh, error)) == NULL)
        return FALSE;
    }
  return TRUE;
}

/* What a branch's own history begins with. */
static gboolean
record_origin (EidRun *run, EidRun *parent, guint64 step, const char *changes, GError **error)
{
  g_autofree char *name = g_path_get_basename (eid_run_folder (parent));
  g_autofree char *origin = g_strdup_printf (_ ("Branched from %s at step %'" PRIu64), name, step);
  g_autofree char *text =
      *changes != '\0' ? g_strdup_printf ("%s: %s", origin, changes) : g_steal_pointer (&origin);

  return eid_run_event (run, step, "branch", text, error) && eid_run_sync (run, error);
}

/* What "auto" was taken for in the run it is taken for in its branch. */
static gboolean
settle_precision (EidRecipe *then, EidRecipe *wanted, GError **error)
{
  g_autofree char *as_then = g_strconcat ("Run.precision=", eid_recipe_text (then, "Run", "precision"), NULL);

  return !g_str_equal (eid_recipe_text (wanted, "Run", "precision"), "auto")
         || eid_recipe_set (wanted, as_then, error);
}

/* Both texts are written by this program. */
static gboolean
read_recipes (EidSafetensors *checkpoint, EidTrainer *trainer, EidRecipe **then, EidRecipe **wanted,
              GError **error)
{
  const char *text = eid_safetensors_metadata (checkpoint, EID_CHECKPOINT_RECIPE);
  const char *origin = eid_run_folder (trainer->run);
  g_autofree char *own = text == NULL ? eid_recipe_to_text (trainer->setup->recipe) : NULL;

  *then = eid_recipe_parse (text != NULL ? text : own, origin, error);
  if (*then == NULL)
    return FALSE;
  if (*wanted == NULL)
    *wanted = eid_recipe_parse (text != NULL ? text : own, origin, error);
  return *wanted != NULL && eid_recipe_resolve (*wanted, trainer->setup->registry, error)
         && settle_precision (*then, *wanted, error) && eid_recipe_check (*wanted, error);
}

static char *
branch (EidTrainer *trainer, const EidSetup *codes, EidSafetensors *checkpoint, guint64 step,
        EidRecipe *recipe, const char *folder, GError **error)
{
  g_autoptr (EidRecipe) wanted = recipe, then = NULL;
  g_autofree char *changes = NULL, *file = NULL;
  EidRun *run;
  char *place;

  if (!read_recipes (checkpoint, trainer, &then, &wanted, error))
    return NULL;
  if ((guint64) eid_recipe_int (wanted, "Run", "steps") <= step)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("The run ends at step %'" PRIu64 ": to go on from there, give it more [Run] steps."),
                   step);
      return NULL;
    }
  if (!check_fits (trainer, wanted, checkpoint, error))
    return NULL;
  changes = describe_changes (then, wanted);
  run = eid_run_create (folder, wanted, eid_checkpoint_bytes (trainer->setup) * 2, error);
  if (run == NULL)
    return NULL;
  file = eid_run_checkpoint_file (run, step);
  if (!eid_run_inherit (run, trainer->run, step, error) || !copy_code (trainer->run, run, codes, error)
      || !record_origin (run, trainer->run, step, changes, error)
      || !eid_checkpoint_rewrite (checkpoint, wanted, file, error))
    {
      eid_run_discard (run);
      return NULL;
    }
  place = g_strdup (eid_run_folder (run));
  eid_run_close (run);
  return place;
}

char *
eid_trainer_branch (EidTrainer *trainer, guint64 step, EidRecipe *recipe, const char *folder, GError **error)
{
  g_autoptr (EidSafetensors) checkpoint = open_checkpoint (trainer, step, error);
  EidSetup codes = { .registry = trainer->setup->registry }; /* as they were then, while it is made */
  char *place = NULL;

  if (checkpoint != NULL
      && eid_setup_place_code (&codes, trainer->setup->recipe, trainer->run, checkpoint, error))
    place = branch (trainer, &codes, checkpoint, step, recipe, folder, error);
  else
    eid_recipe_free (recipe);
  eid_setup_displace_code (&codes);
  return place;
}
