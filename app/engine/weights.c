/* weights.c: an encoder's weights from a file; see weights.h. Everything is read and checked before a
 * weight is changed. */
#include "weights.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define ENCODER_PREFIX "encoder."

const char *
eid_encoder_parameter_name (EidParameters *parameters, guint i)
{
  const char *name = eid_parameters_name (parameters, i);

  return g_str_has_prefix (name, ENCODER_PREFIX) ? name + strlen (ENCODER_PREFIX) : NULL;
}

static char *
stored_shape (const EidSafetensor *tensor)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < tensor->rank; i++)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT, i > 0 ? ", " : "", tensor->dim[i]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

/* --- Which names a file has ------------------------------------------------------------------ */

typedef struct
{
  EidParameters *parameters;
  const char *file;
  EidSafetensors *tensors;
  const EidNaming *naming;
  char *prefix;      /* before all names of the file, "" or "vit."  */
  GHashTable *used;  /* names of the file that have been read        */
  GPtrArray *values; /* float *, for each parameter; NULL: stays     */
} Import;

static void
import_clear (Import *import)
{
  g_clear_pointer (&import->tensors, eid_safetensors_free);
  g_clear_pointer (&import->used, g_hash_table_unref);
  g_clear_pointer (&import->values, g_ptr_array_unref);
  g_free (import->prefix);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Import, import_clear)

static const EidSafetensor *
find (Import *import, const char *theirs)
{
  g_autofree char *name = g_strconcat (import->prefix, theirs, NULL);

  return eid_safetensors_find (import->tensors, name);
}

static guint
count_found (Import *import)
{
  guint found = 0;

  for (guint i = 0; i < eid_parameters_count (import->parameters); i++)
    {
      const char *name = eid_encoder_parameter_name (import->parameters, i);
      g_auto (GStrv) theirs = name != NULL ? eid_naming_theirs (import->naming, name) : NULL;

      found += theirs != NULL && theirs[0] != NULL && find (import, theirs[0]) != NULL;
    }
  return found;
}

/* What may stand before all names: nothing, or what some name begins with, up to its first dot. */
static GHashTable *
list_prefixes (EidSafetensors *tensors)
{
  GHashTable *prefixes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_hash_table_add (prefixes, g_strdup (""));
  for (guint i = 0; i < eid_safetensors_count (tensors) && g_hash_table_size (prefixes) < 64; i++)
    {
      const char *name = eid_safetensors_get (tensors, i)->name, *dot = strchr (name, '.');

      if (dot != NULL)
        g_hash_table_add (prefixes, g_strndup (name, dot + 1 - name));
    }
  return prefixes;
}

/* The naming and prefix that most of the encoder's tensors are found by. */
static gboolean
recognise (Import *import, GError **error)
{
  g_autoptr (GHashTable) prefixes = list_prefixes (import->tensors);
  g_autofree char *best_prefix = NULL, *families = NULL;
  const EidNaming *best = NULL;
  guint most = 0;

  for (guint n = 0; eid_naming_get (n) != NULL; n++)
    {
      GHashTableIter iter;
      gpointer prefix;

      g_hash_table_iter_init (&iter, prefixes);
      while (g_hash_table_iter_next (&iter, &prefix, NULL))
        {
          guint found;

          import->naming = eid_naming_get (n);
          import->prefix = prefix;
          found = count_found (import);
          if (found > most)
            {
              most = found;
              best = import->naming;
              g_free (best_prefix);
              best_prefix = g_strdup (prefix);
            }
        }
    }
  import->naming = best;
  import->prefix = g_steal_pointer (&best_prefix);
  if (best != NULL)
    return TRUE;
  families = eid_naming_families ();
  g_set_error (
      error, EID_ERROR, EID_ERROR_FAILED,
      _ ("%s: none of its tensors is one of this encoder, by the names of %s; the first is called “%s”. "
         "Choose the encoder that it was made with."),
      import->file, families,
      eid_safetensors_count (import->tensors) > 0 ? eid_safetensors_get (import->tensors, 0)->name : "");
  return FALSE;
}

/* --- Reading ------------------------------------------------------------------------------- */

/* Whether @stored is of @shape, axes of 1 aside; the first axis may be @parts times shorter. */
static gboolean
has_shape (const EidSafetensor *stored, EidShape shape, guint parts)
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

static gboolean
fail_shape (Import *import, const EidSafetensor *stored, const char *ours, EidShape shape, GError **error)
{
  g_autofree char *found = stored_shape (stored), *expected = eid_shape_to_string (shape);

  g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
               _ ("%s: the tensor “%s” is %s %s; the encoder’s “%s” is %s. Change [Encoder] to what the "
                  "file was made with."),
               import->file, stored->name, stored->type, found, ours, expected);
  return FALSE;
}

static guint
side_of (guint64 patches)
{
  const guint side = (guint) lround (sqrt ((double) patches));

  return (guint64) side * side == patches ? side : 0;
}

static gboolean
fail_type (Import *import, const EidSafetensor *stored, GError **error)
{
  g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
               _ ("%s: the tensor “%s” is of type %s; weights are F16, BF16, F32 or F64. Store it as one of "
                  "these."),
               import->file, stored->name, stored->type);
  return FALSE;
}

/* Position embeddings [1, class + N, D] of any square grid, with or without one for the class token,
 * as the encoder has them; that of a class token without is 0. */
static gboolean
read_positions (Import *import, const EidSafetensor *stored, const char *name, EidTensor *ours, float *values,
                GError **error)
{
  const EidShape shape = eid_tensor_shape (ours);
  const gboolean with_class = side_of (shape.dim[1]) == 0;
  const guint width = shape.dim[2], grid = side_of (shape.dim[1] - with_class);
  const guint64 tokens = stored->rank == 3 ? stored->dim[1] : 0;
  const guint skip = tokens > 0 && side_of (tokens) == 0 ? 1 : 0, from = side_of (tokens - skip);
  g_autofree float *data = NULL;
  EidDevice *device = eid_tensor_device (ours);
  EidTensor *patches;

  if (tokens == 0 || tokens > 1 << 20 || stored->dim[2] != width || from == 0 || grid == 0)
    return fail_shape (import, stored, name, shape, error);
  data = eid_safetensor_floats (stored);
  if (data == NULL)
    return fail_type (import, stored, error);
  memset (values, 0, eid_shape_count (shape) * sizeof (float));
  if (with_class && skip)
    memcpy (values, data, width * sizeof (float));
  eid_arena_push (device);
  patches =
      eid_tensor_from_data (device, EID_F32, EID_SHAPE (from * from, width), data + (gsize) skip * width);
  if (from != grid)
    patches = eid_resize_positions (patches, from, grid, grid);
  eid_tensor_read (patches, values + (gsize) with_class * width);
  eid_arena_pop (device);
  return TRUE;
}

/* The values of parameter @i, from its parts in the file. */
static gboolean
read_parameter (Import *import, guint i, GError **error)
{
  const char *name = eid_encoder_parameter_name (import->parameters, i);
  EidTensor *ours = eid_parameters_tensor (import->parameters, i);
  const EidShape shape = eid_tensor_shape (ours);
  g_auto (GStrv) theirs = name != NULL ? eid_naming_theirs (import->naming, name) : NULL;
  g_autofree float *values = NULL;
  gsize filled = 0;

  if (name == NULL || (theirs != NULL && theirs[0] == NULL)
      || (g_str_equal (name, "mask_token") && theirs != NULL && find (import, theirs[0]) == NULL))
    return TRUE;
  values = g_malloc (eid_shape_count (shape) * sizeof (float));
  for (guint part = 0; part < MAX (1, theirs ? g_strv_length (theirs) : 0); part++)
    {
      const EidSafetensor *stored = theirs != NULL ? find (import, theirs[part]) : NULL;
      const gsize count = eid_shape_count (shape) / MAX (1, theirs ? g_strv_length (theirs) : 0);
      g_autofree float *read = NULL;

      if (stored == NULL)
        {
          g_autofree char *expected = eid_shape_to_string (shape);

          g_set_error (
              error, EID_ERROR, EID_ERROR_FAILED,
              _ ("%s: there is no tensor “%s%s” for the encoder’s “%s” %s. Change [Encoder] to what the "
                 "file was made with."),
              import->file, import->prefix, theirs != NULL ? theirs[part] : name, name, expected);
          return FALSE;
        }
      g_hash_table_add (import->used, stored->name);
      if (g_str_equal (name, "pos_embed") && !has_shape (stored, shape, 1))
        {
          if (!read_positions (import, stored, name, ours, values, error))
            return FALSE;
          continue;
        }
      if (!has_shape (stored, shape, g_strv_length (theirs)))
        return fail_shape (import, stored, name, shape, error);
      read = eid_safetensor_floats (stored);
      if (read == NULL)
        return fail_type (import, stored, error);
      memcpy (values + filled, read, count * sizeof (float));
      filled += count;
    }
  import->values->pdata[i] = g_steal_pointer (&values);
  return TRUE;
}

/* A tensor that no parameter has taken says that the file is of a larger encoder. */
static gboolean
check_left_over (Import *import, GError **error)
{
  for (guint i = 0; i < eid_safetensors_count (import->tensors); i++)
    {
      const EidSafetensor *stored = eid_safetensors_get (import->tensors, i);
      g_autofree char *found = NULL;

      if (g_hash_table_contains (import->used, stored->name)
          || !g_str_has_prefix (stored->name, import->prefix)
          || eid_naming_ignores (stored->name + strlen (import->prefix))
          || g_str_has_suffix (stored->name, "mask_token"))
        continue;
      found = stored_shape (stored);
      g_set_error (
          error, EID_ERROR, EID_ERROR_FAILED,
          _ ("%s: the encoder has no place for the tensor “%s” %s. Change [Encoder] to what the file was "
             "made with."),
          import->file, stored->name, found);
      return FALSE;
    }
  return TRUE;
}

static void
write_values (Import *import)
{
  for (guint i = 0; i < import->values->len; i++)
    if (import->values->pdata[i] != NULL)
      eid_tensor_write (eid_parameters_tensor (import->parameters, i), import->values->pdata[i]);
}

gboolean
eid_weights_load (EidParameters *parameters, const char *file, GError **error)
{
  g_auto (Import) import = { .parameters = parameters, .file = file };
  const guint count = eid_parameters_count (parameters);

  import.tensors = eid_safetensors_open (file, error);
  import.used = g_hash_table_new (g_str_hash, g_str_equal);
  import.values = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_set_size (import.values, (gint) count);
  if (import.tensors == NULL || !recognise (&import, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    if (!read_parameter (&import, i, error))
      return FALSE;
  if (!check_left_over (&import, error))
    return FALSE;

  write_values (&import);
  if (eid_parameters_has_teacher (parameters))
    {
      eid_parameters_use_teacher (parameters, TRUE);
      write_values (&import);
      eid_parameters_use_teacher (parameters, FALSE);
    }
  return TRUE;
}
