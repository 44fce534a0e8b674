/* write.c: an encoder's weights by the names of other programs; see weights.h. */
#include "app/engine/weights/private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* --- What there is to write ---------------------------------------------------------------- */

static EidTensor *
find_ours (EidParameters *parameters, const char *name)
{
  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    if (g_strcmp0 (eid_encoder_parameter_name (parameters, i), name) == 0)
      return eid_parameters_tensor (parameters, i);
  return NULL;
}

static guint
count_ours (EidParameters *parameters, const char *before, const char *behind)
{
  guint count = 0;

  for (;; count++)
    {
      g_autofree char *name = g_strdup_printf ("%s%u%s", before, count, behind);

      if (find_ours (parameters, name) == NULL)
        return count;
    }
}

EidAnatomy
eid_anatomy_of (EidParameters *parameters)
{
  EidTensor *projection = find_ours (parameters, "patch_embed.proj.weight");
  EidTensor *stem = find_ours (parameters, "conv1.weight");
  EidTensor *positions = find_ours (parameters, "pos_embed"),
            *hidden = find_ours (parameters, "blocks.0.mlp.fc1.weight");
  EidTensor *registers = find_ours (parameters, "reg_token");
  EidAnatomy anatomy = { 0 };

  if (projection != NULL && positions != NULL && hidden != NULL)
    {
      const EidShape shape = eid_tensor_shape (projection);

      anatomy.transformer = TRUE;
      anatomy.class_token = find_ours (parameters, "cls_token") != NULL;
      anatomy.registers = registers != NULL;
      anatomy.n_registers = registers != NULL ? eid_tensor_shape (registers).dim[1] : 0;
      anatomy.gains = find_ours (parameters, "blocks.0.ls1.gamma") != NULL;
      anatomy.pre_norm = find_ours (parameters, "norm_pre.weight") != NULL;
      anatomy.pooled_norm = find_ours (parameters, "fc_norm.weight") != NULL;
      anatomy.mask_token = find_ours (parameters, "mask_token") != NULL;
      anatomy.width = shape.dim[0];
      anatomy.channels = shape.dim[1];
      anatomy.patch = shape.dim[2];
      anatomy.hidden = eid_tensor_shape (hidden).dim[0];
      anatomy.depth = count_ours (parameters, "blocks.", ".norm1.weight");
      anatomy.grid = eid_grid_side (eid_tensor_shape (positions).dim[1] - anatomy.class_token);
    }
  else if (stem != NULL && find_ours (parameters, "layer1.0.conv1.weight") != NULL)
    {
      const EidShape shape = eid_tensor_shape (stem);

      anatomy.residual = TRUE;
      anatomy.bottleneck = find_ours (parameters, "layer1.0.conv3.weight") != NULL;
      anatomy.width = shape.dim[0];
      anatomy.channels = shape.dim[1];
      anatomy.small_stem = shape.dim[2] != 7;
      for (guint stage = 0; stage < 4; stage++)
        {
          g_autofree char *before = g_strdup_printf ("layer%u.", stage + 1);

          anatomy.blocks[stage] = count_ours (parameters, before, ".conv1.weight");
          anatomy.widths[stage] = (anatomy.width << stage) * (anatomy.bottleneck ? 4 : 1);
        }
    }
  return anatomy;
}

/* --- Who can hold it ------------------------------------------------------------------------ */

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

/* Of @family, what keeps it from loading an encoder, and the setting that would do; NULL: nothing. */
static const char *
find_obstacle (const EidAnatomy *anatomy, const char *family)
{
  const gboolean huggingface = g_str_equal (family, "huggingface");
  const gboolean torchvision = g_str_equal (family, "torchvision"), dinov2 = g_str_equal (family, "dinov2");

  if (g_str_equal (family, "timm"))
    return NULL;
  if (anatomy->transformer)
    {
      if (anatomy->pre_norm)
        return _ ("they have no norm before the blocks; [Encoder] pre-norm = false would do");
      if (anatomy->pooled_norm)
        return _ ("their last norm is of every token; [Encoder] norm = tokens would do");
      if ((torchvision || dinov2 || anatomy->registers || anatomy->gains) && !anatomy->class_token)
        return _ ("they have a class token; [Encoder] pooling = class would do");
      if (torchvision && anatomy->registers)
        return _ ("they have no registers; [Encoder] registers = 0 would do");
      if (torchvision && anatomy->gains)
        return _ ("they have no gains of branches; [Encoder] layer-scale = 0 would do");
      if (torchvision && anatomy->channels != 3)
        return _ ("they take colour pictures; [Dataset] channels = 3 would do");
      if (huggingface && (anatomy->registers || anatomy->gains) && anatomy->hidden % anatomy->width != 0)
        return _ ("there the perceptron is a whole number of widths; [Encoder] mlp-ratio = 4 would do");
    }
  if (anatomy->residual)
    {
      if (dinov2)
        return _ ("there are no residual networks among them; --names torchvision would do");
      if (anatomy->small_stem)
        return _ ("they begin with a convolution of 7 × 7; [Encoder] stem = imagenet would do");
      if (torchvision && anatomy->width != 64)
        return _ ("they have 64 channels after the stem; [Encoder] width = 1 would do");
      if (torchvision && anatomy->channels != 3)
        return _ ("they take colour pictures; [Dataset] channels = 3 would do");
    }
  return NULL;
}

static const EidNaming *
choose_naming (EidParameters *parameters, const EidAnatomy *anatomy, const char *family, GError **error)
{
  const char *nameless = NULL, *obstacle = find_obstacle (anatomy, family);
  g_autofree char *families = NULL;

  for (guint n = 0; obstacle == NULL && eid_naming_get (n) != NULL; n++)
    {
      const EidNaming *naming = eid_naming_get (n);

      if (!g_str_equal (eid_naming_family (naming), family) || !eid_naming_is_written (naming))
        continue;
      nameless = find_nameless (parameters, naming);
      /* A name for gains says which of Hugging Face's transformers it is. */
      if (nameless == NULL)
        return naming;
    }
  families = eid_naming_families ();
  if (obstacle != NULL)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("No model of “%s” can hold this encoder: %s. So would --names timm."), family, obstacle);
  else if (nameless != NULL)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("“%s” has no name for the encoder’s tensor “%s”; choose other names (%s)."), family,
                 nameless, families);
  else
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("There are no names “%s”; there are: %s."), family,
                 families);
  return NULL;
}

/* --- Tensors ---------------------------------------------------------------------------------- */

/* Adds @ours under each of @theirs, a part of its first axis each. */
static gboolean
add_parts (GArray *list, EidTensor *ours, char **theirs, GError **error)
{
  const EidShape shape = eid_tensor_shape (ours);
  const guint parts = g_strv_length (theirs);
  const gsize bytes = eid_shape_count (shape) * sizeof (float) / parts;
  g_autofree guint8 *values = g_try_malloc (bytes * parts);

  if (values != NULL)
    eid_tensor_read (ours, values);
  for (guint part = 0; part < parts; part++)
    {
      guint8 *data = values != NULL ? g_try_malloc (bytes) : NULL;
      EidSafetensor tensor = {
        .name = g_strdup (theirs[part]), .type = "F32", .rank = shape.rank, .data = data, .bytes = bytes
      };

      for (guint axis = 0; axis < shape.rank; axis++)
        tensor.dim[axis] = axis == 0 ? shape.dim[0] / parts : shape.dim[axis];
      g_array_append_val (list, tensor);
      if (data == NULL)
        {
          g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                       _ ("There is not enough memory for the weights “%s”."), theirs[part]);
          return FALSE;
        }
      memcpy (data, values + part * bytes, bytes);
    }
  return TRUE;
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

/* A norm before the blocks goes with patches without a bias in timm: it goes into their positions, where it
 * is added all the same. */
static void
fold_patch_bias (GArray *list, gboolean class_token)
{
  EidSafetensor *bias = find_in (list, "patch_embed.proj.bias"), *positions = find_in (list, "pos_embed");
  const gsize width = bias != NULL ? bias->bytes / sizeof (float) : 0;
  const gsize first = class_token && find_in (list, "reg_token") == NULL ? 1 : 0;
  float *to;

  if (bias == NULL || positions == NULL || find_in (list, "norm_pre.weight") == NULL)
    return;
  to = (float *) positions->data;
  for (gsize token = first; token < positions->bytes / sizeof (float) / width; token++)
    for (gsize i = 0; i < width; i++)
      to[token * width + i] += ((const float *) bias->data)[i];
  for (guint i = 0; i < list->len; i++)
    if (&g_array_index (list, EidSafetensor, i) == bias)
      {
        g_array_remove_index (list, i);
        break;
      }
}

/* Adds a tensor that is @value everywhere, [@rows, @width] or, of no rows, [@width]. */
static void
add_constant (GArray *list, char *name, guint rows, guint width, float value)
{
  const gsize count = (gsize) MAX (rows, 1) * width;
  EidSafetensor tensor = {
    .name = name, .type = "F32", .rank = rows > 0 ? 2 : 1, .bytes = count * sizeof (float)
  };
  float *values = g_new (float, count);

  for (gsize i = 0; i < count; i++)
    values[i] = value;
  tensor.dim[0] = rows > 0 ? rows : width;
  tensor.dim[1] = rows > 0 ? width : 0;
  tensor.data = values;
  g_array_append_val (list, tensor);
}

/* What DINOv2's transformers always have: gains of 1 and a mask token that is never used change nothing. */
static void
complete_dinov2 (GArray *list, const EidNaming *naming, const EidAnatomy *anatomy)
{
  g_auto (GStrv) mask = eid_naming_theirs (naming, "mask_token");

  if (!anatomy->mask_token && mask != NULL && mask[0] != NULL)
    add_constant (list, g_strdup (mask[0]), 1, anatomy->width, 0);
  for (guint block = 0; !anatomy->gains && block < anatomy->depth; block++)
    for (guint branch = 1; branch <= 2; branch++)
      {
        g_autofree char *ours = g_strdup_printf ("blocks.%u.ls%u.gamma", block, branch);
        g_auto (GStrv) theirs = eid_naming_theirs (naming, ours);

        if (theirs != NULL && theirs[0] != NULL)
          add_constant (list, g_strdup (theirs[0]), 0, anatomy->width, 1);
      }
}

static gboolean
is_dinov2 (const EidNaming *naming)
{
  g_auto (GStrv) registers = eid_naming_theirs (naming, "reg_token");

  return g_str_equal (eid_naming_family (naming), "dinov2")
         || (g_str_equal (eid_naming_family (naming), "huggingface") && registers != NULL);
}

/* How the file is loaded, where that is not a matter of course. */
static void
tell_loading (GPtrArray *told, const char *family, const EidAnatomy *anatomy, const EidWeightsFacts *facts)
{
  if (told == NULL)
    return;
  if (g_str_equal (family, "timm") && anatomy->transformer)
    g_ptr_array_add (told, eid_weights_timm_call (anatomy, facts));
  else if (anatomy->transformer && facts->epsilon != 1e-6 && !g_str_equal (family, "huggingface"))
    g_ptr_array_add (told, g_strdup_printf (_ ("Its layer norms have an epsilon of %g: pass "
                                               "norm_layer=functools.partial(torch.nn.LayerNorm, eps=%g) to "
                                               "the model."),
                                            facts->epsilon, facts->epsilon));
  if (anatomy->residual && anatomy->small_stem)
    g_ptr_array_add (told,
                     g_strdup_printf (_ ("The stem is one for small pictures: before loading, set conv1 "
                                         "= torch.nn.Conv2d(%u, %u, 3, 1, 1, bias=False) and maxpool = "
                                         "torch.nn.Identity()."),
                                      anatomy->channels, anatomy->width));
}

GArray *
eid_weights_named (EidParameters *parameters, const char *family, const EidWeightsFacts *facts,
                   GPtrArray *told, GHashTable **files, GError **error)
{
  const EidAnatomy anatomy = eid_anatomy_of (parameters);
  const EidNaming *naming = choose_naming (parameters, &anatomy, family, error);
  g_autoptr (GArray) list = NULL;

  if (naming == NULL)
    return NULL;
  list = eid_safetensor_list_new ();
  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    {
      const char *name = eid_encoder_parameter_name (parameters, i);
      g_auto (GStrv) theirs = name != NULL ? eid_naming_theirs (naming, name) : NULL;

      if (theirs != NULL && theirs[0] != NULL
          && !add_parts (list, eid_parameters_tensor (parameters, i), theirs, error))
        return NULL;
    }
  if (g_str_equal (family, "timm"))
    {
      fold_class_position (list);
      fold_patch_bias (list, anatomy.class_token);
    }
  if (anatomy.transformer && is_dinov2 (naming))
    complete_dinov2 (list, naming, &anatomy);
  tell_loading (told, family, &anatomy, facts);
  if (files != NULL)
    *files = g_str_equal (family, "huggingface") ? eid_weights_config_files (&anatomy, facts) : NULL;
  return g_steal_pointer (&list);
}
