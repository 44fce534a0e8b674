/* hot-swap.c: the code of the encoder or the objective is replaced between two steps
 * of a run that goes on.
 *
 * The new code gets a model of its own beside the one being trained. What has the same name
 * and shape is taken over bit by bit, and a whole step is tried on the very pictures that
 * come next; only then does it take the other's place, again as that stands. Whatever goes
 * wrong before, the old model was never touched. The run keeps the code in a file and the
 * exchange as an edit of its history, so that it can be undone, and made again at the same
 * step by whoever goes on from before it.                                              */
#include "app/engine/trainer/private.h"

#include "app/engine/setup/private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The model that is to take the place of the one in training. */
typedef struct
{
  guint part;
  char *code; /* as the run keeps it                    */
  const EidDescriptor *placed;
  EidRecipe *recipe;
  EidModel *model;
  GPtrArray *values; /* of its new tensors, as they were made; NULL: it is kept */
} Candidate;

static void
candidate_clear (Candidate *candidate, EidSetup *setup)
{
  g_clear_pointer (&candidate->values, g_ptr_array_unref);
  g_clear_pointer (&candidate->model, eid_model_free);
  g_clear_pointer (&candidate->recipe, eid_recipe_free);
  g_clear_pointer (&candidate->code, g_free);
  eid_registry_displace (setup->registry, candidate->placed);
}

/* --- Its recipe ------------------------------------------------------------------ */

static const EidParam *
find_param (const EidDescriptor *descriptor, const char *key)
{
  for (const EidParam *param = descriptor->params; param != NULL && param->key != NULL; param++)
    if (g_str_equal (param->key, key))
      return param;
  return NULL;
}

/* The recipe with the table of @descriptor: values that are no longer any of its go, and what is new
 * there has its default. */
static EidRecipe *
make_recipe (EidTrainer *trainer, guint part, const EidDescriptor *descriptor, GPtrArray *defaulted,
             GError **error)
{
  const char *section = eid_parts[part].section;
  g_autofree char *before = eid_recipe_to_text (trainer->setup->recipe), *text = NULL;
  g_autoptr (GHashTable) values = eid_recipe_plugin_values (trainer->setup->recipe);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (EidRecipe) recipe = NULL;
  GHashTableIter iter;
  const char *name, *value;

  g_key_file_load_from_data (file, before, -1, G_KEY_FILE_NONE, NULL);
  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, (gpointer *) &name, (gpointer *) &value))
    {
      const char *key = strchr (name, '.') + 1;
      const EidParam *param = find_param (descriptor, key);
      double number;

      if (!g_str_has_prefix (name, section)
          || (param != NULL && eid_param_parse (param, value, &number, NULL)))
        continue;
      g_key_file_remove_key (file, section, key, NULL);
      if (param != NULL)
        g_ptr_array_add (defaulted, g_strdup (key));
    }
  text = g_key_file_to_data (file, NULL, NULL);
  recipe = eid_recipe_parse (text, eid_run_folder (trainer->run), error);
  if (recipe == NULL || !eid_recipe_resolve (recipe, trainer->setup->registry, error))
    return NULL;
  return g_steal_pointer (&recipe);
}

/* --- Its making ------------------------------------------------------------------- */

/* Which part of the run the plugin is; the number of parts where it is none. */
static guint
find_part (EidTrainer *trainer, const EidDescriptor *descriptor, GError **error)
{
  for (guint i = 0; i < EID_N_PARTS; i++)
    if (g_str_equal (eid_parts[i].kind, descriptor->kind))
      {
        const char *used = eid_recipe_text (trainer->setup->recipe, eid_parts[i].section, "plugin");

        if (g_str_equal (used, descriptor->id))
          return i;
        g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                     /* TRANSLATORS: a plugin's id, "encoder" or "objective", another id. */
                     _ ("“%s” is not the %s that this run trains, which is “%s”."), descriptor->id,
                     descriptor->kind, used);
      }
  return EID_N_PARTS;
}

static void
note_tensors (EidModel *model, EidModel *other, GPtrArray *names)
{
  EidParameters *parameters = eid_model_parameters (model);

  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    if (!eid_parameters_keeps (parameters, i, eid_model_parameters (other)))
      g_ptr_array_add (names, g_strdup (eid_parameters_name (parameters, i)));
}

/* Every tensor that is not kept, as it was made. */
static void
remember_new (Candidate *candidate, EidModel *before)
{
  EidParameters *parameters = eid_model_parameters (candidate->model);

  candidate->values = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    {
      EidTensor *tensor = eid_parameters_tensor (parameters, i);
      float *values = NULL;

      if (!eid_parameters_keeps (parameters, i, eid_model_parameters (before)))
        {
          values = g_new0 (float, MAX (eid_tensor_count (tensor), 1));
          eid_tensor_read (tensor, values);
        }
      g_ptr_array_add (candidate->values, values);
    }
}

static void
write_new (Candidate *candidate)
{
  EidParameters *parameters = eid_model_parameters (candidate->model);

  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    if (candidate->values->pdata[i] != NULL)
      eid_tensor_write (eid_parameters_tensor (parameters, i), candidate->values->pdata[i]);
}

/* As the model in training stands now. */
static void
take_over (Candidate *candidate, EidModel *before)
{
  EidParameters *parameters = eid_model_parameters (candidate->model);

  eid_parameters_keep (parameters, eid_model_parameters (before));
  write_new (candidate);
  if (eid_parameters_has_teacher (parameters))
    {
      eid_parameters_use_teacher (parameters, TRUE);
      write_new (candidate);
      eid_parameters_use_teacher (parameters, FALSE);
    }
}

/* @code: as the run keeps it; taken. */
static gboolean
make (EidTrainer *trainer, char *code, Candidate *candidate, EidReplacement *report, GError **error)
{
  g_autofree char *file = eid_run_code_file (trainer->run, code);
  EidSetup *setup = trainer->setup, wanted = *setup;

  candidate->code = code;
  candidate->placed = eid_registry_place (setup->registry, file, error);
  if (candidate->placed == NULL)
    return FALSE;
  candidate->part = find_part (trainer, candidate->placed, error);
  if (candidate->part == EID_N_PARTS)
    return FALSE;
  candidate->recipe = make_recipe (trainer, candidate->part, candidate->placed, report->defaulted, error);
  if (candidate->recipe == NULL)
    return FALSE;
  wanted.recipe = candidate->recipe;
  candidate->model = eid_setup_fresh_model (&wanted, error);
  wanted.model = candidate->model;
  if (candidate->model == NULL || !eid_setup_ready_model (&wanted, TRUE, error))
    return FALSE;
  eid_model_set_steps (candidate->model, trainer->steps);
  remember_new (candidate, setup->model);
  take_over (candidate, setup->model);
  note_tensors (candidate->model, setup->model, report->fresh);
  note_tensors (setup->model, candidate->model, report->dropped);
  report->kept = eid_parameters_count (eid_model_parameters (candidate->model)) - report->fresh->len;
  report->kind = candidate->placed->kind;
  report->id = g_strdup (candidate->placed->id);
  return eid_device_check (setup->device, error);
}

/* --- Its first step ---------------------------------------------------------------- */

static gboolean
fail_not_finite (EidTrainer *trainer, const EidBatch *batch, gboolean of_loss, GError **error)
{
  EidSetup *setup = trainer->setup;
  g_autoptr (GError) culprit = NULL;

  eid_set_finite_check (setup->device, TRUE);
  eid_trainer_run_parts (trainer, batch, setup->step, NULL);
  eid_set_finite_check (setup->device, FALSE);
  eid_device_check (setup->device, &culprit);
  g_set_error (error, EID_ERROR, EID_ERROR_NOT_FINITE, "%s %s",
               of_loss ? _ ("The loss of its first step is not finite.")
                       : _ ("The gradient of its first step is not finite."),
               culprit != NULL ? culprit->message : "");
  g_strchomp ((*error)->message);
  return FALSE;
}

/* All of a step but that it counts; @trainer's setup has the candidate in it. */
static gboolean
make_trial_step (EidTrainer *trainer, const EidBatch *batch, GError **error)
{
  EidSetup *setup = trainer->setup;
  g_autofree float *losses = g_new0 (float, setup->parts);
  EidUpdate update = eid_optimizer_update (setup->recipe, setup->step, trainer->steps);
  EidStepNumbers numbers = { .losses = losses, .pending = g_ptr_array_new () };
  float norm = NAN;
  gboolean finite = TRUE;

  eid_trainer_run_parts (trainer, batch, setup->step, &numbers);
  update.teacher_momentum = eid_model_teacher_momentum (setup->model);
  eid_arena_push (setup->device);
  g_ptr_array_add (
      numbers.pending,
      eid_tensor_read_later (eid_parameters_update (eid_model_parameters (setup->model), &update), &norm));
  eid_arena_pop (setup->device);
  for (guint i = 0; i < numbers.pending->len; i++)
    eid_pending_wait (numbers.pending->pdata[i]);
  g_ptr_array_unref (numbers.pending);
  eid_device_finish (setup->device);
  if (!eid_device_check (setup->device, error))
    return FALSE;
  for (guint i = 0; i < setup->parts; i++)
    finite &= isfinite (losses[i]) != 0;
  return (finite && isfinite (norm)) || fail_not_finite (trainer, batch, !finite, error);
}

static gboolean
try (EidTrainer *trainer, const Candidate *candidate, GError **error)
{
  EidSetup *setup = trainer->setup;
  g_autoptr (EidLoader) loader = eid_loader_new (setup->train, setup->batch, setup->seed, setup->step, 1);
  const EidBatch *batch = eid_loader_next (loader, error);
  EidModel *model = setup->model;
  EidRecipe *recipe = setup->recipe;
  gboolean good;

  if (batch == NULL)
    return FALSE;
  setup->model = candidate->model;
  setup->recipe = candidate->recipe;
  good = make_trial_step (trainer, batch, error);
  setup->model = model;
  setup->recipe = recipe;
  return good;
}

/* --- It takes the place ------------------------------------------------------------ */

/* What the candidate was not taken for is cleared by candidate_clear(). */
static gboolean
put_in_place (EidTrainer *trainer, Candidate *candidate, GError **error)
{
  EidSetup *setup = trainer->setup;
  const guint width = eid_model_width (setup->model);
  const EidDescriptor *before = setup->placed[candidate->part];

  take_over (candidate, setup->model);
  eid_device_finish (setup->device);
  eid_model_free (setup->model);
  setup->model = g_steal_pointer (&candidate->model);
  eid_recipe_free (setup->recipe);
  setup->recipe = g_steal_pointer (&candidate->recipe);
  g_free (setup->code[candidate->part]);
  setup->code[candidate->part] = g_steal_pointer (&candidate->code);
  setup->placed[candidate->part] = g_steal_pointer (&candidate->placed);
  eid_registry_displace (setup->registry, before);
  trainer->chance = eid_model_chance (setup->model);
  trainer->evaluated = FALSE;
  if (eid_model_width (setup->model) != width)
    g_clear_pointer (&trainer->map, eid_map_free);
  return eid_device_check (setup->device, error) && eid_trainer_begin_moments (trainer, error);
}

/* In the history before it is done, so that it cannot be done without being known. */
static gboolean
record (EidTrainer *trainer, const Candidate *candidate, GError **error)
{
  const char *before = trainer->setup->code[candidate->part];
  const guint64 step = trainer->setup->step;

  return eid_run_edit (trainer->run, step, eid_parts[candidate->part].section, EID_CODE_KEY,
                       before != NULL ? before : "", candidate->code, error)
         && eid_trainer_load_edits (trainer, step + 1, error);
}

EidReplacement *
eid_trainer_replace (EidTrainer *trainer, const char *file, GError **error)
{
  EidSetup *setup = trainer->setup;
  g_autoptr (EidReplacement) report = eid_replacement_new ();
  Candidate candidate = { 0 };
  g_autofree char *code = NULL;
  gboolean fresh = FALSE, good;

  g_return_val_if_fail (!eid_trainer_is_done (trainer), NULL);

  report->step = setup->step;
  if (!eid_trainer_make_edits (trainer, error))
    return NULL;
  code = eid_run_keep_code (trainer->run, file, &fresh, error);
  if (code == NULL)
    return NULL;
  good = make (trainer, g_strdup (code), &candidate, report, error) && try (trainer, &candidate, error)
         && record (trainer, &candidate, error) && put_in_place (trainer, &candidate, error);
  candidate_clear (&candidate, setup);
  eid_device_check (setup->device, NULL); /* what the new code broke was not the old one's fault */
  if (!good)
    {
      if (fresh)
        eid_run_drop_code (trainer->run, code);
      return NULL;
    }
  report->sentence = eid_replacement_describe (report);
  if (!eid_trainer_record_event (trainer, EID_CODE_EVENT, report->sentence, error))
    return NULL;
  return g_steal_pointer (&report);
}

gboolean
eid_trainer_take_code (EidTrainer *trainer, guint part, const char *code, GError **error)
{
  const char *id = eid_recipe_text (trainer->setup->recipe, eid_parts[part].section, "plugin");
  g_autoptr (EidReplacement) report = eid_replacement_new ();
  g_autofree char *base = g_path_get_basename (code);
  Candidate candidate = { 0 };
  gboolean good;

  if (eid_registry_is_builtin (trainer->setup->registry, eid_parts[part].kind, id))
    {
      g_message (_ ("The exchange of code for %s is passed over: “%s” comes with the program, and no run "
                    "brings its own."),
                 base, id);
      return TRUE;
    }
  if (!eid_setup_may_run (trainer->setup->registry, trainer->run, part, id, base, error))
    return FALSE;
  report->step = trainer->setup->step;
  good = make (trainer, g_steal_pointer (&base), &candidate, report, error)
         && put_in_place (trainer, &candidate, error);
  candidate_clear (&candidate, trainer->setup);
  /* The history tells of it still where the run goes on from that very step. */
  if (!good || trainer->setup->step == trainer->first_step)
    return good;
  report->sentence = eid_replacement_describe (report);
  return eid_trainer_record_event (trainer, EID_CODE_EVENT, report->sentence, error);
}
