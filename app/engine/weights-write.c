/* weights-write.c: an encoder's weights by the names of other programs; see weights.h. */
#include "weights.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The first parameter that @naming has no name for, or NULL. */
static const char *
find_nameless (EidParameters *parameters, const EidNaming *naming)
{
  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    {
      const char *name = eid_encoder_parameter_name (parameters, i);
      g_auto (GStrv) theirs = name != NULL ? eid_naming_theirs (naming, name) : NULL;

      if (name != NULL && theirs == NULL)
        return name;
    }
  return NULL;
}

static const EidNaming *
choose_naming (EidParameters *parameters, const char *family, GError **error)
{
  const char *nameless = NULL;
  g_autofree char *families = NULL;

  for (guint n = 0; eid_naming_get (n) != NULL; n++)
    {
      const EidNaming *naming = eid_naming_get (n);

      if (!g_str_equal (eid_naming_family (naming), family))
        continue;
      nameless = find_nameless (parameters, naming);
      if (nameless == NULL)
        return naming;
    }
  families = eid_naming_families ();
  if (nameless != NULL)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("“%s” has no name for the encoder’s tensor “%s”; choose other names (%s)."), family,
                 nameless, families);
  else
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("There are no names “%s”; there are: %s."), family,
                 families);
  return NULL;
}

static void
clear_tensor (gpointer data)
{
  EidSafetensor *tensor = data;

  g_free (tensor->name);
  g_free ((gpointer) tensor->data);
}

/* Adds @ours under each of @theirs, a part of its first axis each. */
static void
add_parts (GArray *list, EidTensor *ours, char **theirs)
{
  const EidShape shape = eid_tensor_shape (ours);
  const guint parts = g_strv_length (theirs);
  const gsize bytes = eid_shape_count (shape) * sizeof (float) / parts;
  g_autofree guint8 *values = g_malloc (bytes * parts);

  eid_tensor_read (ours, values);
  for (guint part = 0; part < parts; part++)
    {
      EidSafetensor tensor = {
        .name = g_strdup (theirs[part]), .type = "F32", .rank = shape.rank, .bytes = bytes
      };

      for (guint axis = 0; axis < shape.rank; axis++)
        tensor.dim[axis] = axis == 0 ? shape.dim[0] / parts : shape.dim[axis];
      tensor.data = g_memdup2 (values + part * bytes, bytes);
      g_array_append_val (list, tensor);
    }
}

static EidSafetensor *
find_in (GArray *list, const char *name)
{
  for (guint i = 0; i < list->len; i++)
    if (g_str_equal (g_array_index (list, EidSafetensor, i).name, name))
      return &g_array_index (list, EidSafetensor, i);
  return NULL;
}

/* timm's transformers with registers have no position for the class token (no_embed_class): it goes into
 * the token itself, where it is added all the same. */
static void
fold_class_position (GArray *list)
{
  EidSafetensor *token = find_in (list, "cls_token"), *positions = find_in (list, "pos_embed");
  float *to, *from;
  gsize width;

  if (token == NULL || positions == NULL || find_in (list, "reg_token") == NULL)
    return;
  to = (float *) token->data;
  from = (float *) positions->data;
  width = token->bytes / sizeof (float);
  for (gsize i = 0; i < width; i++)
    to[i] += from[i];
  positions->dim[1]--;
  positions->bytes -= token->bytes;
  memmove (from, from + width, positions->bytes);
}

GArray *
eid_weights_named (EidParameters *parameters, const char *family, GError **error)
{
  const EidNaming *naming = choose_naming (parameters, family, error);
  g_autoptr (GArray) list = NULL;

  if (naming == NULL)
    return NULL;
  list = g_array_new (FALSE, TRUE, sizeof (EidSafetensor));
  g_array_set_clear_func (list, clear_tensor);
  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    {
      const char *name = eid_encoder_parameter_name (parameters, i);
      g_auto (GStrv) theirs = name != NULL ? eid_naming_theirs (naming, name) : NULL;

      if (theirs != NULL && theirs[0] != NULL)
        add_parts (list, eid_parameters_tensor (parameters, i), theirs);
    }
  if (g_str_equal (family, "timm"))
    fold_class_position (list);
  return g_steal_pointer (&list);
}
