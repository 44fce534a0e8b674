/* weights.c: an encoder's weights from a file; see weights.h. Everything is read and checked before a
 * weight is changed. */
#include "app/engine/weights/private.h"

#include "app/engine/weights/positions.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define ENCODER_PREFIX "encoder."

const char *
eid_encoder_parameter_name (EidParameters *parameters, guint i)
{
  const char *name = eid_parameters_name (parameters, i);

  return g_str_has_prefix (name, ENCODER_PREFIX) ? name + strlen (ENCODER_PREFIX) : NULL;
}

static void
import_clear (EidImport *import)
{
  g_clear_pointer (&import->tensors, eid_safetensors_free);
  g_clear_pointer (&import->used, g_hash_table_unref);
  g_clear_pointer (&import->values, g_ptr_array_unref);
  g_free (import->prefix);
  g_free (import->of_registers);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EidImport, import_clear)

void
eid_import_tell (EidImport *import, const char *format, ...)
{
  va_list values;

  if (import->told == NULL)
    return;
  va_start (values, format);
  g_ptr_array_add (import->told, g_strdup_vprintf (format, values));
  va_end (values);
}

char **
eid_import_theirs (EidImport *import, const EidNaming *naming, guint i)
{
  const char *name = eid_encoder_parameter_name (import->parameters, i);

  return name != NULL ? eid_naming_theirs (naming, name) : NULL;
}

gboolean
eid_import_is_optional (const char *name)
{
  return g_str_equal (name, "mask_token") || g_str_has_suffix (name, ".attn.qkv.bias")
         || g_str_equal (name, "patch_embed.proj.bias");
}

gboolean
eid_safetensor_has_shape (const EidSafetensor *stored, EidShape shape, guint parts)
{
  guint at = 0;

  for (guint axis = 0; axis < shape.rank; axis++)
    {
      const guint dim = axis == 0 ? shape.dim[0] / parts : shape.dim[axis];

      if (dim == 1)
        continue;
      while (at < stored->rank && stored->dim[at] == 1)
        at++;
      if (at == stored->rank || stored->dim[at++] != dim)
        return FALSE;
    }
  while (at < stored->rank && stored->dim[at] == 1)
    at++;
  return at == stored->rank;
}

/* --- What does not fit ------------------------------------------------------------------------- */

/* A sentence to end a message with: what the file was made with, as far as it can be told. Free. */
static char *
advise (EidImport *import)
{
  g_autoptr (EidWeightsDescription) description =
      eid_weights_describe_tensors (import->file, import->tensors);

  return description->settings->len > 0 ? g_strdup_printf (
             _ ("Change [Encoder] to what the file was made with: %s."), description->summary)
                                        : g_strdup (_ ("Change [Encoder] to what the file was made with."));
}

static gboolean
fail_shape (EidImport *import, const EidSafetensor *stored, const char *ours, EidShape shape, GError **error)
{
  g_autofree char *found = eid_safetensor_shape (stored), *expected = eid_shape_to_string (shape);
  g_autofree char *advice = advise (import);

  g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
               _ ("%s: the tensor “%s” is %s %s; the encoder’s “%s” is %s. %s"), import->file, stored->name,
               stored->type, found, ours, expected, advice);
  return FALSE;
}

/* @file: in front of what is said of a tensor. */
static gboolean
fail_tensor (EidImport *import, GError **error)
{
  g_prefix_error (error, "%s: ", import->file);
  return FALSE;
}

static gboolean
fail_memory (EidImport *import, const char *name, GError **error)
{
  g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("%s: there is not enough memory for the weights “%s”."),
               import->file, name);
  return FALSE;
}

static gboolean
fail_missing (EidImport *import, const char *theirs, const char *name, EidShape shape, GError **error)
{
  g_autofree char *expected = eid_shape_to_string (shape), *advice = advise (import);

  g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
               _ ("%s: there is no tensor “%s%s” for the encoder’s “%s” %s. %s"), import->file,
               import->prefix, theirs, name, expected, advice);
  return FALSE;
}

/* --- Positions --------------------------------------------------------------------------------- */

static guint
count_registers (EidImport *import)
{
  for (guint i = 0; i < eid_parameters_count (import->parameters); i++)
    if (g_strcmp0 (eid_encoder_parameter_name (import->parameters, i), "reg_token") == 0)
      return eid_tensor_shape (eid_parameters_tensor (import->parameters, i)).dim[1];
  return 0;
}

/* How many of @tokens positions are not of patches: one of @few, that of the encoder's own @grid where it is
 * possible, else the first that leaves a square; G_MAXUINT: none. */
static guint
find_extra (guint64 tokens, const guint *few, guint count, guint grid)
{
  for (guint i = 0; i < count; i++)
    if (tokens == few[i] + (guint64) grid * grid)
      return few[i];
  for (guint i = 0; i < count; i++)
    if (tokens > few[i] && eid_grid_side (tokens - few[i]) > 0)
      return few[i];
  return G_MAXUINT;
}

/* Position embeddings [1, extra + N, D] of any square grid, as the encoder has them. There may be one of the
 * class token, which is 0 otherwise; behind it may be those of registers, which are kept for their tokens. */
static gboolean
read_positions (EidImport *import, const EidSafetensor *stored, const char *name, EidTensor *ours,
                float *values, GError **error)
{
  const EidShape shape = eid_tensor_shape (ours);
  const guint registers = count_registers (import), width = shape.dim[2];
  const gboolean with_class = eid_grid_side (shape.dim[1]) == 0;
  const guint grid = eid_grid_side (shape.dim[1] - with_class);
  const guint few[] = { with_class, 0, with_class + registers, 1 };
  const guint64 tokens = stored->rank == 3 ? stored->dim[1] : stored->rank == 2 ? stored->dim[0] : 0;
  const guint extra = grid > 0 ? find_extra (tokens, few, G_N_ELEMENTS (few), grid) : G_MAXUINT;
  const guint from = extra != G_MAXUINT ? eid_grid_side (tokens - extra) : 0;
  g_autofree float *data = NULL, *resized = NULL;
  const float *patches;

  if (from == 0 || stored->dim[stored->rank - 1] != width || (stored->rank == 3 && stored->dim[0] != 1))
    return fail_shape (import, stored, name, shape, error);
  data = eid_safetensor_floats (stored, error);
  if (data == NULL)
    return fail_tensor (import, error);
  memset (values, 0, eid_shape_count (shape) * sizeof (float));
  if (with_class && extra > 0)
    memcpy (values, data, width * sizeof (float));
  if (registers > 0 && extra == with_class + registers)
    import->of_registers =
        g_memdup2 (data + (gsize) with_class * width, (gsize) registers * width * sizeof (float));
  patches = data + (gsize) extra * width;
  if (from != grid)
    {
      const char *rule =
          import->resize != NULL ? import->resize : eid_naming_resize (import->naming, registers > 0);

      patches = resized = eid_positions_resize (patches, from, grid, width, eid_resize_named (rule));
      if (resized == NULL)
        return fail_memory (import, name, error);
      /* TRANSLATORS: the last %s is a value of a setting, such as antialiased or plain. */
      eid_import_tell (import,
                       _ ("Position embeddings of %u × %u patches are resized to %u × %u by the rule “%s”."),
                       from, from, grid, grid, rule);
    }
  memcpy (values + (gsize) with_class * width, patches, (gsize) grid * grid * width * sizeof (float));
  return TRUE;
}

/* Positions that a file has for registers go into the tokens, where they are added all the same. */
static void
fold_registers (EidImport *import)
{
  for (guint i = 0; import->of_registers != NULL && i < import->values->len; i++)
    if (import->values->pdata[i] != NULL
        && g_strcmp0 (eid_encoder_parameter_name (import->parameters, i), "reg_token") == 0)
      {
        const gsize count = eid_tensor_count (eid_parameters_tensor (import->parameters, i));
        float *values = import->values->pdata[i];

        for (gsize j = 0; j < count; j++)
          values[j] += import->of_registers[j];
      }
}

/* --- Parameters -------------------------------------------------------------------------------- */

/* The values of parameter @i, from its parts in the file. */
static gboolean
read_parameter (EidImport *import, guint i, GError **error)
{
  const char *name = eid_encoder_parameter_name (import->parameters, i);
  EidTensor *ours = eid_parameters_tensor (import->parameters, i);
  const EidShape shape = eid_tensor_shape (ours);
  g_auto (GStrv) theirs = eid_import_theirs (import, import->naming, i);
  const guint parts = theirs != NULL ? g_strv_length (theirs) : 0;
  g_autofree float *values = NULL;

  if (name == NULL || (theirs != NULL && parts == 0))
    return TRUE;
  if (theirs == NULL)
    return fail_missing (import, name, name, shape, error);
  values = g_try_new0 (float, eid_shape_count (shape));
  if (values == NULL)
    return fail_memory (import, name, error);
  for (guint part = 0; part < parts; part++)
    {
      const EidSafetensor *stored = eid_weights_find (import->tensors, import->prefix, theirs[part]);
      const gsize count = eid_shape_count (shape) / parts;
      g_autofree float *read = NULL;

      /* A decoder's mask token may have the same name. */
      if (g_str_equal (name, "mask_token")
          && (stored == NULL || !eid_safetensor_has_shape (stored, shape, 1)))
        return TRUE;
      if (stored == NULL && eid_import_is_optional (name))
        {
          import->zero_biases++;
          continue;
        }
      if (stored == NULL)
        return fail_missing (import, theirs[part], name, shape, error);
      g_hash_table_add (import->used, stored->name);
      if (g_str_equal (name, "pos_embed") && !eid_safetensor_has_shape (stored, shape, 1))
        {
          if (!read_positions (import, stored, name, ours, values, error))
            return FALSE;
          continue;
        }
      if (!eid_safetensor_has_shape (stored, shape, parts))
        return fail_shape (import, stored, name, shape, error);
      read = eid_safetensor_floats (stored, error);
      if (read == NULL)
        return fail_tensor (import, error);
      memcpy (values + part * count, read, count * sizeof (float));
    }
  import->values->pdata[i] = g_steal_pointer (&values);
  return TRUE;
}

/* --- What is left over --------------------------------------------------------------------------- */

static void
add_own (GHashTable *own, char **theirs)
{
  for (guint part = 0; theirs != NULL && theirs[part] != NULL; part++)
    g_hash_table_add (own, g_strndup (theirs[part], strcspn (theirs[part], ".")));
}

/* Beginnings of names, up to a dot, that are an encoder's: those of this one, and those that change what
 * another of its kind computes. */
static GHashTable *
list_own (EidImport *import)
{
  static const char *const others[] = { "cls_token", "pos_embed", "reg_token", "norm_pre", "norm" };
  GHashTable *own = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_auto (GStrv) theirs = eid_naming_theirs (import->naming, others[i]);

      add_own (own, theirs);
    }
  for (guint i = 0; i < eid_parameters_count (import->parameters); i++)
    {
      g_auto (GStrv) theirs = eid_import_theirs (import, import->naming, i);

      add_own (own, theirs);
    }
  return own;
}

static gboolean
is_own (EidImport *import, GHashTable *own, const char *name)
{
  const char *rest = name + strlen (import->prefix);
  g_autofree char *start = NULL;

  if (!g_str_has_prefix (name, import->prefix) || g_str_has_suffix (name, "mask_token"))
    return FALSE;
  start = g_strndup (rest, strcspn (rest, "."));
  return g_hash_table_contains (own, start);
}

/* A tensor of the encoder's own that no parameter has taken says that the file is of a larger one. What lies
 * beyond the encoder is counted. */
static gboolean
check_left_over (EidImport *import, GError **error)
{
  g_autoptr (GHashTable) own = list_own (import);
  const char *first = NULL;
  guint passed = 0;

  for (guint i = 0; i < eid_safetensors_count (import->tensors); i++)
    {
      const EidSafetensor *stored = eid_safetensors_get (import->tensors, i);

      if (g_hash_table_contains (import->used, stored->name)
          || g_str_has_suffix (stored->name, "num_batches_tracked"))
        continue;
      if (is_own (import, own, stored->name))
        {
          g_autofree char *found = eid_safetensor_shape (stored), *advice = advise (import);

          g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                       _ ("%s: the encoder has no place for the tensor “%s” %s. %s"), import->file,
                       stored->name, found, advice);
          return FALSE;
        }
      first = first != NULL ? first : stored->name;
      passed++;
    }
  if (passed > 0)
    eid_import_tell (import,
                     g_dngettext (GETTEXT_PACKAGE, "%s: %'u tensor beyond the encoder is passed over: “%s”.",
                                  "%s: %'u tensors beyond the encoder are passed over, among them “%s”.",
                                  passed),
                     import->file, passed, first);
  if (import->zero_biases > 0)
    eid_import_tell (import, _ ("%s has no bias in some layers where the encoder has one: it begins at 0."),
                     import->file);
  return TRUE;
}

static void
write_values (EidImport *import)
{
  for (guint i = 0; i < import->values->len; i++)
    if (import->values->pdata[i] != NULL)
      eid_tensor_write (eid_parameters_tensor (import->parameters, i), import->values->pdata[i]);
}

gboolean
eid_weights_load (EidParameters *parameters, const char *file, const char *resize, GPtrArray *told,
                  GError **error)
{
  g_auto (EidImport) import = { .parameters = parameters, .file = file, .resize = resize, .told = told };
  const guint count = eid_parameters_count (parameters);

  import.tensors = eid_weights_open (file, error);
  import.used = g_hash_table_new (g_str_hash, g_str_equal);
  import.values = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_set_size (import.values, (gint) count);
  if (import.tensors == NULL || !eid_import_recognise (&import, error)
      || !eid_import_check_foreign (&import, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    if (!read_parameter (&import, i, error))
      return FALSE;
  if (!check_left_over (&import, error))
    return FALSE;
  fold_registers (&import);

  write_values (&import);
  if (eid_parameters_has_teacher (parameters))
    {
      eid_parameters_use_teacher (parameters, TRUE);
      write_values (&import);
      eid_parameters_use_teacher (parameters, FALSE);
    }
  return TRUE;
}
