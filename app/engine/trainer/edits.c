/* edits.c: what changes while a run goes on: live parameters, set by a
 * person or made again where a run goes on from before them.                 */
#include "app/engine/trainer/private.h"

#include "app/engine/setup/private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const EidRecipeKey *
find_key (const char *section, const char *key)
{
  guint count;
  const EidRecipeKey *keys = eid_recipe_keys (&count);

  for (guint i = 0; i < count; i++)
    if (g_str_equal (keys[i].section, section) && g_str_equal (keys[i].key, key))
      return &keys[i];
  return NULL;
}

/* As the recipe has it now. Free. */
static char *
present_value (EidTrainer *trainer, const char *section, const char *key)
{
  EidRecipe *recipe = trainer->setup->recipe;
  g_autoptr (GHashTable) values = NULL;
  g_autofree char *name = g_strdup_printf ("%s.%s", section, key);
  const char *value;

  if (find_key (section, key) != NULL)
    return g_strdup (eid_recipe_text (recipe, section, key));
  values = eid_recipe_plugin_values (recipe);
  value = g_hash_table_lookup (values, name);
  return g_strdup (value != NULL ? value : "");
}

/* Takes @assignment to a key of the recipe's table, unless it does not agree with
 * the other values there.                                                    */
static gboolean
change_recipe (EidRecipe *recipe, const EidRecipeKey *key, const char *assignment, GError **error)
{
  g_autofree char *former =
      g_strdup_printf ("%s.%s=%s", key->section, key->key, eid_recipe_text (recipe, key->section, key->key));

  if (!eid_recipe_set (recipe, assignment, error))
    return FALSE;
  if (eid_recipe_check (recipe, error))
    return TRUE;
  eid_recipe_set (recipe, former, NULL);
  return FALSE;
}

static gboolean
apply (EidTrainer *trainer, const char *section, const char *key, const char *value, GError **error)
{
  g_autofree char *assignment = g_strdup_printf ("%s.%s=%s", section, key, value);
  const EidRecipeKey *known = find_key (section, key);

  if (known != NULL && !known->live)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("[%s] %s cannot change while a run goes on: begin a new run with it."), section, key);
      return FALSE;
    }
  if (known != NULL ? !change_recipe (trainer->setup->recipe, known, assignment, error)
                    : !eid_model_set (trainer->setup->model, section, key, value, error)
                          || !eid_recipe_set (trainer->setup->recipe, assignment, error))
    return FALSE;
  trainer->setup->augment = eid_augment_from_recipe (trainer->setup->recipe);
  return TRUE;
}

gboolean
eid_trainer_set (EidTrainer *trainer, const char *section, const char *key, const char *value, GError **error)
{
  const guint64 step = trainer->setup->step;
  g_autofree char *before = NULL, *text = NULL;

  /* Where an undo led back to this step, edits made at it before may be waiting still. */
  if (!eid_trainer_make_edits (trainer, error))
    return FALSE;
  before = present_value (trainer, section, key);
  if (g_str_equal (before, value))
    return apply (trainer, section, key, value, error);
  /* What an undo leads back to is this step, with the settings of before. */
  if (step > 0 && !eid_trainer_save (trainer, error))
    return FALSE;
  if (!apply (trainer, section, key, value, error))
    return FALSE;
  if (!eid_run_edit (trainer->run, step, section, key, before, value, error)
      || !eid_trainer_load_edits (trainer, step + 1, error))
    return FALSE;
  text = g_strdup_printf ("%s.%s: %s → %s", section, key, before, value);
  if (trainer->listener.event != NULL)
    trainer->listener.event (step, "edit", text, trainer->listener.user_data);
  return TRUE;
}

gboolean
eid_trainer_load_edits (EidTrainer *trainer, guint64 step, GError **error)
{
  g_clear_pointer (&trainer->waiting_edits, g_ptr_array_unref);
  trainer->waiting_edits = eid_run_waiting_edits (trainer->run, step, error);
  return trainer->waiting_edits != NULL;
}

static gboolean
make_again (EidTrainer *trainer, const char *section, const char *key, const char *value, GError **error)
{
  for (guint part = 0; part < EID_N_PARTS; part++)
    if (g_str_equal (key, EID_CODE_KEY) && find_key (section, key) == NULL
        && g_str_equal (section, eid_parts[part].section))
      return eid_trainer_take_code (trainer, part, value, error);
  return apply (trainer, section, key, value, error);
}

gboolean
eid_trainer_make_edits (EidTrainer *trainer, GError **error)
{
  while (trainer->waiting_edits->len > 0)
    {
      const EidEvent *edit = g_ptr_array_index (trainer->waiting_edits, 0);
      g_autofree char *assignment = NULL;
      g_auto (GStrv) sides = NULL, names = NULL;

      if (edit->step > trainer->setup->step)
        return TRUE;
      assignment = eid_edit_assignment (edit->text);
      sides = g_strsplit (assignment != NULL ? assignment : "", "=", 2);
      names = g_strsplit (sides[0] != NULL ? sides[0] : "", ".", 2);
      if (g_strv_length (sides) == 2 && g_strv_length (names) == 2
          && !make_again (trainer, names[0], names[1], sides[1], error))
        return FALSE;
      g_ptr_array_remove_index (trainer->waiting_edits, 0);
    }
  return TRUE;
}
