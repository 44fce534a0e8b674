/* code.c: whose code the encoder and the objective are. What comes with the program
 * is found by its id alone; of any other plugin the run keeps the very code it is made
 * with, and goes on with that, whatever was built in its place since. Which code belongs to
 * a state is written into its checkpoint.                                              */
#include "app/engine/setup/private.h"

#include "app/engine/setup/checkpoint.h"

#include <glib/gi18n-lib.h>
#include <string.h>

const EidPart eid_parts[EID_N_PARTS] = {
  { "Encoder", "encoder", EID_CHECKPOINT_CODE "encoder" },
  { "Objective", "objective", EID_CHECKPOINT_CODE "objective" },
};

gboolean
eid_setup_keep_code (EidSetup *setup, EidRun *run, GError **error)
{
  for (guint i = 0; i < EID_N_PARTS; i++)
    {
      const char *file =
          eid_registry_foreign_file (setup->registry, eid_parts[i].kind,
                                     eid_recipe_text (setup->recipe, eid_parts[i].section, "plugin"));
      gboolean fresh;

      if (setup->code[i] != NULL || file == NULL)
        continue;
      setup->code[i] = eid_run_keep_code (run, file, &fresh, error);
      if (setup->code[i] == NULL)
        return FALSE;
    }
  return TRUE;
}

gboolean
eid_setup_may_run (EidRegistry *registry, EidRun *run, guint part, const char *id, const char *name,
                   GError **error)
{
  g_autofree char *code = eid_run_code_file (run, name);
  const char *own = eid_registry_foreign_file (registry, eid_parts[part].kind, id);
  g_autofree char *a = NULL, *b = NULL;
  gsize a_length, b_length;

  /* What is in the user's folder of plugins is run anyway. */
  if (own != NULL && g_file_get_contents (own, &a, &a_length, NULL)
      && g_file_get_contents (code, &b, &b_length, NULL) && a_length == b_length
      && memcmp (a, b, a_length) == 0)
    return TRUE;
  return eid_run_code_trusted (run, name, error);
}

static gboolean
place (EidSetup *setup, EidRun *run, guint part, const char *id, const char *name, GError **error)
{
  g_autofree char *base = g_path_get_basename (name);
  g_autofree char *file = eid_run_code_file (run, base);
  const EidDescriptor *descriptor;

  if (eid_registry_is_builtin (setup->registry, eid_parts[part].kind, id))
    {
      g_message (_ ("%s is passed over: “%s” comes with the program, and no run brings its own."), file, id);
      return TRUE;
    }
  if (!g_file_test (file, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("%s, the code of the plugin that this run was made with, is not there any more."),
                   file);
      return FALSE;
    }
  if (!eid_setup_may_run (setup->registry, run, part, id, base, error))
    return FALSE;
  descriptor = eid_registry_place (setup->registry, file, error);
  if (descriptor == NULL)
    return FALSE;
  if (!g_str_equal (descriptor->kind, eid_parts[part].kind) || !g_str_equal (descriptor->id, id))
    {
      const gboolean is_encoder = g_str_equal (descriptor->kind, "encoder"),
                     wants_encoder = part == EID_PART_ENCODER;

      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   /* TRANSLATORS: a file, the id of the plugin in it, the id of the one that was wanted. */
                   is_encoder && wants_encoder
                       ? _ ("%s is the encoder “%s”, and the run is made with the encoder “%s”.")
                   : is_encoder ? _ ("%s is the encoder “%s”, and the run is made with the objective “%s”.")
                   : wants_encoder
                       ? _ ("%s is the objective “%s”, and the run is made with the encoder “%s”.")
                       : _ ("%s is the objective “%s”, and the run is made with the objective “%s”."),
                   file, descriptor->id, id);
      eid_registry_displace (setup->registry, descriptor);
      return FALSE;
    }
  setup->placed[part] = descriptor;
  g_free (setup->code[part]);
  setup->code[part] = g_steal_pointer (&base);
  return TRUE;
}

gboolean
eid_setup_place_code (EidSetup *setup, EidRecipe *recipe, EidRun *run, EidSafetensors *checkpoint,
                      GError **error)
{
  for (guint i = 0; i < EID_N_PARTS; i++)
    {
      const char *name = eid_safetensors_metadata (checkpoint, eid_parts[i].metadata);

      if (name != NULL && *name != '\0'
          && !place (setup, run, i, eid_recipe_text (recipe, eid_parts[i].section, "plugin"), name, error))
        return FALSE;
    }
  return TRUE;
}

void
eid_setup_displace_code (EidSetup *setup)
{
  for (guint i = 0; i < EID_N_PARTS; i++)
    {
      eid_registry_displace (setup->registry, setup->placed[i]);
      setup->placed[i] = NULL;
      g_clear_pointer (&setup->code[i], g_free);
    }
}
