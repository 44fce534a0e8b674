/* checkpoint.c: see checkpoint.h for names and layout. */
#include "app/engine/setup/checkpoint.h"

#include "app/engine/setup/data-report.h"
#include "app/engine/setup/optimizer.h"
#include "app/engine/setup/private.h"
#include "app/engine/weights/weights.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define TEACHER_PREFIX "teacher."
#define VERSION_KEY    "eidoscope"

static const char *const moment_prefixes[] = { "optimizer.m.", "optimizer.v." };

/* --- Writing --------------------------------------------------------------- */

/* Adds a tensor of @shape named @name, which it takes, and returns room for its values, which the array owns.
 * NULL: there is none, and the device fails. */
static float *
add_tensor (GArray *list, EidDevice *device, char *name, EidShape shape)
{
  EidSafetensor tensor = { .name = name, .type = "F32", .rank = shape.rank };
  float *values;

  tensor.bytes = eid_shape_count (shape) * sizeof (float);
  values = g_try_malloc (MAX (tensor.bytes, sizeof (float)));
  if (values == NULL)
    eid_device_fail (device, EID_ERROR_FAILED, _ ("There is not enough memory to write the weights “%s”."),
                     name);
  tensor.data = values;
  for (guint i = 0; i < shape.rank; i++)
    tensor.dim[i] = shape.dim[i];
  g_array_append_val (list, tensor);
  return values;
}

static char *
format_floats (const float *values, guint count)
{
  GString *text = g_string_new (NULL);
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  for (guint i = 0; i < count; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            g_ascii_formatd (buffer, sizeof buffer, "%.9g", (double) values[i]));
  return g_string_free (text, FALSE);
}

static gboolean
parse_floats (const char *text, float *values, guint count)
{
  for (guint i = 0; i < count; i++)
    {
      char *end;

      if (text == NULL)
        return FALSE;
      values[i] = (float) g_ascii_strtod (text, &end);
      if (end == text || !isfinite (values[i]))
        return FALSE;
      text = end;
    }
  return TRUE;
}

static GHashTable *
make_metadata (EidSetup *setup)
{
  GHashTable *metadata = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);

  g_hash_table_insert (metadata, (gpointer) "format", g_strdup ("pt"));
  g_hash_table_insert (metadata, (gpointer) VERSION_KEY, g_strdup (EID_VERSION));
  g_hash_table_insert (metadata, (gpointer) EID_CHECKPOINT_STEP,
                       g_strdup_printf ("%" G_GUINT64_FORMAT, setup->step));
  g_hash_table_insert (metadata, (gpointer) EID_CHECKPOINT_RECIPE, eid_recipe_to_text (setup->recipe));
  for (guint i = 0; i < EID_N_PARTS; i++)
    if (setup->code[i] != NULL)
      g_hash_table_insert (metadata, (gpointer) eid_parts[i].metadata, g_strdup (setup->code[i]));
  g_hash_table_insert (metadata, (gpointer) "mean", format_floats (setup->mean, 3));
  g_hash_table_insert (metadata, (gpointer) "std", format_floats (setup->std, 3));
  eid_data_add_metadata (setup, metadata);
  return metadata;
}

static gboolean
write_list (EidSetup *setup, GArray *list, const char *file, GError **error)
{
  g_autoptr (GHashTable) metadata = make_metadata (setup);

  return eid_safetensors_write (file, (const EidSafetensor *) list->data, list->len, metadata, error);
}

/* All values as they lie in the parameters' tensors now, under @prefix and their names. */
static void
add_values (EidSetup *setup, const char *prefix, GArray *list)
{
  EidParameters *parameters = eid_model_parameters (setup->model);

  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    {
      EidTensor *tensor = eid_parameters_tensor (parameters, i);
      float *values =
          add_tensor (list, setup->device, g_strconcat (prefix, eid_parameters_name (parameters, i), NULL),
                      eid_tensor_shape (tensor));

      if (values != NULL)
        eid_tensor_read (tensor, values);
    }
}

static void
add_moment (EidSetup *setup, guint i, guint moment, GArray *list)
{
  EidParameters *parameters = eid_model_parameters (setup->model);
  float *values = add_tensor (
      list, setup->device, g_strconcat (moment_prefixes[moment], eid_parameters_name (parameters, i), NULL),
      eid_tensor_shape (eid_parameters_tensor (parameters, i)));

  if (values != NULL)
    eid_parameters_read_moment (parameters, i, moment, values);
}

gboolean
eid_checkpoint_write (EidSetup *setup, const char *file, GError **error)
{
  EidParameters *parameters = eid_model_parameters (setup->model);
  const guint moments = eid_rule_moments (eid_optimizer_rule (setup->recipe));
  g_autoptr (GArray) list = eid_safetensor_list_new ();

  add_values (setup, "", list);
  if (eid_parameters_has_teacher (parameters))
    {
      eid_parameters_use_teacher (parameters, TRUE);
      add_values (setup, TEACHER_PREFIX, list);
      eid_parameters_use_teacher (parameters, FALSE);
    }
  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    for (guint moment = 0; eid_parameters_is_trained (parameters, i) && moment < moments; moment++)
      add_moment (setup, i, moment, list);
  return eid_device_check (setup->device, error) && write_list (setup, list, file, error);
}

/* --- Exports ---------------------------------------------------------------- */

/* Whether what lies in @file was written by this program. */
static gboolean
is_own (const char *file)
{
  g_autoptr (EidSafetensors) tensors =
      g_file_test (file, G_FILE_TEST_IS_REGULAR) ? eid_safetensors_open (file, NULL) : NULL;

  return tensors != NULL && eid_safetensors_metadata (tensors, VERSION_KEY) != NULL;
}

/* Writes each of @files beside @file, or, if not @write, says whether that would take something from
 * another model. */
static gboolean
write_beside (const char *file, GHashTable *files, gboolean write, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (file);
  GHashTableIter iter;
  const char *name, *text;

  g_hash_table_iter_init (&iter, files);
  while (g_hash_table_iter_next (&iter, (gpointer *) &name, (gpointer *) &text))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL), *old = NULL;

      if (write)
        {
          if (!g_file_set_contents (path, text, -1, error))
            return FALSE;
          continue;
        }
      if (g_file_test (path, G_FILE_TEST_EXISTS) && !is_own (file)
          && !(g_file_get_contents (path, &old, NULL, NULL) && g_str_equal (old, text)))
        {
          g_set_error (
              error, EID_ERROR, EID_ERROR_FAILED,
              _ ("%s is there already, of another model, and the weights need one of their own; write "
                 "them into a folder of their own."),
              path);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
export_named (EidSetup *setup, const char *names, const char *file, GPtrArray *told, GError **error)
{
  g_autoptr (GHashTable) values = eid_recipe_plugin_values (setup->recipe);
  const char *heads = g_hash_table_lookup (values, "Encoder.heads");
  const char *epsilon = g_hash_table_lookup (values, "Encoder.epsilon");
  EidWeightsFacts facts = {
    .size = setup->size,
    .heads = heads != NULL ? (guint) g_ascii_strtoull (heads, NULL, 10) : 0,
    .epsilon = epsilon != NULL ? g_ascii_strtod (epsilon, NULL) : 0,
    .pooling = g_hash_table_lookup (values, "Encoder.pooling"),
    .mean = setup->mean,
    .std = setup->std,
  };
  g_autoptr (GHashTable) files = NULL;
  g_autoptr (GArray) list = NULL;

  if (facts.epsilon <= 0)
    facts.epsilon = 1e-6;
  list = eid_weights_named (eid_model_parameters (setup->model), names, &facts, told, &files, error);
  return list != NULL && eid_device_check (setup->device, error)
         && (files == NULL || write_beside (file, files, FALSE, error))
         && write_list (setup, list, file, error)
         && (files == NULL || write_beside (file, files, TRUE, error));
}

gboolean
eid_checkpoint_export (EidSetup *setup, const char *names, const char *file, GPtrArray *told, GError **error)
{
  EidParameters *parameters = eid_model_parameters (setup->model);
  const gboolean teacher = eid_setup_teacher_features (setup);
  gboolean good;

  if (teacher)
    eid_parameters_use_teacher (parameters, TRUE);
  good = export_named (setup, names, file, told, error);
  if (teacher)
    eid_parameters_use_teacher (parameters, FALSE);
  return good;
}

guint64
eid_checkpoint_bytes (EidSetup *setup)
{
  EidParameters *parameters = eid_model_parameters (setup->model);
  const guint moments = eid_rule_moments (eid_optimizer_rule (setup->recipe));
  const guint sets = eid_parameters_has_teacher (parameters) ? 2 : 1;
  guint64 bytes = 0;

  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    bytes += eid_tensor_count (eid_parameters_tensor (parameters, i)) * sizeof (float)
             * (eid_parameters_is_trained (parameters, i) ? sets + moments : sets);
  return bytes;
}

/* --- Reading --------------------------------------------------------------- */

static gconstpointer
find_values (EidSafetensors *tensors, const char *name, EidShape shape, GError **error)
{
  const EidSafetensor *found = eid_safetensors_find (tensors, name);
  gboolean same = found != NULL && g_str_equal (found->type, "F32") && found->rank == shape.rank;
  g_autofree char *expected = NULL;

  for (guint i = 0; same && i < shape.rank; i++)
    same = found->dim[i] == shape.dim[i];
  if (same)
    return found->data;

  expected = eid_shape_to_string (shape);
  if (found == NULL)
    g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                 _ ("The checkpoint has no tensor “%s” %s, which the recipe’s model needs."), name, expected);
  else
    g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                 _ ("Tensor “%s” of the checkpoint is not F32 %s, as the recipe’s model has it."), name,
                 expected);
  return NULL;
}

static gboolean
has_values (EidParameters *parameters, const char *prefix, gboolean trained, EidSafetensors *tensors,
            GError **error)
{
  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    {
      g_autofree char *name = g_strconcat (prefix, eid_parameters_name (parameters, i), NULL);

      if ((!trained || eid_parameters_is_trained (parameters, i))
          && find_values (tensors, name, eid_tensor_shape (eid_parameters_tensor (parameters, i)), error)
                 == NULL)
        return FALSE;
    }
  return TRUE;
}

gboolean
eid_checkpoint_fits (EidSetup *setup, EidSafetensors *tensors, GError **error)
{
  EidParameters *parameters = eid_model_parameters (setup->model);
  const guint moments = eid_rule_moments (eid_optimizer_rule (setup->recipe));

  if (!has_values (parameters, "", FALSE, tensors, error)
      || (eid_parameters_has_teacher (parameters)
          && !has_values (parameters, TEACHER_PREFIX, FALSE, tensors, error)))
    return FALSE;
  for (guint moment = 0; moment < moments; moment++)
    if (!has_values (parameters, moment_prefixes[moment], TRUE, tensors, error))
      return FALSE;
  return TRUE;
}

/* Whether two recipes, as texts, name the same data. */
static gboolean
has_same_data (const char *a, const char *b)
{
  g_autoptr (GKeyFile) first = g_key_file_new (), second = g_key_file_new ();
  g_auto (GStrv) keys = NULL;

  if (a == NULL || !g_key_file_load_from_data (first, a, -1, G_KEY_FILE_NONE, NULL)
      || !g_key_file_load_from_data (second, b, -1, G_KEY_FILE_NONE, NULL))
    return FALSE;
  keys = g_key_file_get_keys (first, "Dataset", NULL, NULL);
  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    {
      g_autofree char *before = g_key_file_get_value (first, "Dataset", keys[i], NULL);
      g_autofree char *after = g_key_file_get_value (second, "Dataset", keys[i], NULL);

      if (g_strcmp0 (before, after) != 0)
        return FALSE;
    }
  return keys != NULL;
}

gboolean
eid_checkpoint_rewrite (EidSafetensors *tensors, EidRecipe *recipe, const char *file, GError **error)
{
  static const char *const kept[] = { "format",
                                      VERSION_KEY,
                                      EID_CHECKPOINT_STEP,
                                      "mean",
                                      "std",
                                      EID_CHECKPOINT_CODE "encoder",
                                      EID_CHECKPOINT_CODE "objective",
                                      NULL };
  static const char *const *const lists[] = { kept, eid_data_metadata_keys };
  g_autofree char *text = eid_recipe_to_text (recipe);
  const gboolean same = has_same_data (eid_safetensors_metadata (tensors, EID_CHECKPOINT_RECIPE), text);
  g_autoptr (GHashTable) metadata = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (EidSafetensor));

  /* What is known of the data is so of these alone. */
  for (guint l = 0; l < (same ? 2 : 1); l++)
    for (guint i = 0; lists[l][i] != NULL; i++)
      if (eid_safetensors_metadata (tensors, lists[l][i]) != NULL)
        g_hash_table_insert (metadata, (gpointer) lists[l][i],
                             g_strdup (eid_safetensors_metadata (tensors, lists[l][i])));
  g_hash_table_insert (metadata, (gpointer) EID_CHECKPOINT_RECIPE, g_strdup (text));
  for (guint i = 0; i < eid_safetensors_count (tensors); i++)
    g_array_append_vals (list, eid_safetensors_get (tensors, i), 1);
  return eid_safetensors_write (file, (const EidSafetensor *) list->data, list->len, metadata, error);
}

/* The other way of add_values(). */
static gboolean
load_values (EidParameters *parameters, const char *prefix, EidSafetensors *tensors, GError **error)
{
  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    {
      EidTensor *tensor = eid_parameters_tensor (parameters, i);
      g_autofree char *name = g_strconcat (prefix, eid_parameters_name (parameters, i), NULL);
      gconstpointer values = find_values (tensors, name, eid_tensor_shape (tensor), error);

      if (values == NULL)
        return FALSE;
      eid_tensor_write (tensor, values);
    }
  return TRUE;
}

gboolean
eid_checkpoint_load (EidSetup *setup, EidSafetensors *tensors, GError **error)
{
  EidParameters *parameters = eid_model_parameters (setup->model);
  const char *step = eid_safetensors_metadata (tensors, EID_CHECKPOINT_STEP);

  if (step == NULL || !g_ascii_string_to_unsigned (step, 10, 0, G_MAXUINT32, &setup->step, NULL)
      || !parse_floats (eid_safetensors_metadata (tensors, "mean"), setup->mean, 3)
      || !parse_floats (eid_safetensors_metadata (tensors, "std"), setup->std, 3))
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("The checkpoint does not say at which step it was made and how its pictures were "
                      "normalised: it was not written by this program."));
      return FALSE;
    }

  if (!load_values (parameters, "", tensors, error))
    return FALSE;
  if (eid_parameters_has_teacher (parameters))
    {
      gboolean loaded;

      eid_parameters_use_teacher (parameters, TRUE);
      loaded = load_values (parameters, TEACHER_PREFIX, tensors, error);
      eid_parameters_use_teacher (parameters, FALSE);
      if (!loaded)
        return FALSE;
    }
  return eid_device_check (setup->device, error);
}

gboolean
eid_checkpoint_load_moments (EidSetup *setup, EidSafetensors *tensors, GError **error)
{
  EidParameters *parameters = eid_model_parameters (setup->model);
  const guint moments = eid_rule_moments (eid_optimizer_rule (setup->recipe));

  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    for (guint moment = 0; eid_parameters_is_trained (parameters, i) && moment < moments; moment++)
      {
        g_autofree char *name =
            g_strconcat (moment_prefixes[moment], eid_parameters_name (parameters, i), NULL);
        gconstpointer values =
            find_values (tensors, name, eid_tensor_shape (eid_parameters_tensor (parameters, i)), error);

        if (values == NULL)
          return FALSE;
        eid_parameters_write_moment (parameters, i, moment, values);
      }
  return eid_device_check (setup->device, error);
}
