/* config.c: what other programs want to know of exported weights; see weights.h. */
#include "app/engine/weights/private.h"

#include <glib/gi18n-lib.h>

/* A number as JSON and Python have it. json-glib would write 0.485 with 17 digits, as 0.48499999999999999. */
static char *
number (double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.9g", value));
}

static void
add (GString *json, const char *key, const char *value)
{
  g_string_append_printf (json, "%s  \"%s\": %s", json->len > 2 ? ",\n" : "", key, value);
}

static void
add_count (GString *json, const char *key, guint value)
{
  g_autofree char *text = g_strdup_printf ("%u", value);

  add (json, key, text);
}

static void
add_number (GString *json, const char *key, double value)
{
  g_autofree char *text = number (value);

  add (json, key, text);
}

static void
add_text (GString *json, const char *key, const char *value)
{
  g_autofree char *text = g_strdup_printf ("\"%s\"", value);

  add (json, key, text);
}

static void
add_numbers (GString *json, const char *key, const float *values)
{
  g_autofree char *a = number ((double) values[0]), *b = number ((double) values[1]),
                  *c = number ((double) values[2]);
  g_autofree char *text = g_strdup_printf ("[%s, %s, %s]", a, b, c);

  add (json, key, text);
}

static void
add_counts (GString *json, const char *key, const guint values[4])
{
  g_autofree char *text = g_strdup_printf ("[%u, %u, %u, %u]", values[0], values[1], values[2], values[3]);

  add (json, key, text);
}

static void
add_transformer (GString *json, const EidAnatomy *anatomy, const EidWeightsFacts *facts)
{
  const gboolean dinov2 = anatomy->registers || anatomy->gains;
  const char *model = anatomy->registers     ? "Dinov2WithRegistersModel"
                      : dinov2               ? "Dinov2Model"
                      : anatomy->class_token ? "ViTModel"
                                             : "IJepaModel";
  const char *type = anatomy->registers     ? "dinov2_with_registers"
                     : dinov2               ? "dinov2"
                     : anatomy->class_token ? "vit"
                                            : "ijepa";
  g_autofree char *models = g_strdup_printf ("[\"%s\"]", model);

  add (json, "architectures", models);
  add_text (json, "model_type", type);
  add_count (json, "hidden_size", anatomy->width);
  add_count (json, "num_hidden_layers", anatomy->depth);
  add_count (json, "num_attention_heads", facts->heads);
  if (dinov2)
    {
      add_count (json, "mlp_ratio", anatomy->hidden / anatomy->width);
      add (json, "use_swiglu_ffn", "false");
    }
  else
    add_count (json, "intermediate_size", anatomy->hidden);
  if (anatomy->registers)
    add_count (json, "num_register_tokens", anatomy->n_registers);
  add_text (json, "hidden_act", "gelu");
  add_number (json, "layer_norm_eps", facts->epsilon);
  add_count (json, "image_size", anatomy->grid * anatomy->patch);
  add_count (json, "patch_size", anatomy->patch);
  add_count (json, "num_channels", anatomy->channels);
  add (json, "qkv_bias", "true");
  add (json, "hidden_dropout_prob", "0.0");
  add (json, "attention_probs_dropout_prob", "0.0");
}

static void
add_residual (GString *json, const EidAnatomy *anatomy)
{
  add (json, "architectures", "[\"ResNetModel\"]");
  add_text (json, "model_type", "resnet");
  add_count (json, "num_channels", anatomy->channels);
  add_count (json, "embedding_size", anatomy->width);
  add_counts (json, "hidden_sizes", anatomy->widths);
  add_counts (json, "depths", anatomy->blocks);
  add_text (json, "layer_type", anatomy->bottleneck ? "bottleneck" : "basic");
  add_text (json, "hidden_act", "relu");
  add (json, "downsample_in_first_stage", "false");
  add (json, "downsample_in_bottleneck", "false");
}

static void
add_processor (GString *json, const EidAnatomy *anatomy, const EidWeightsFacts *facts)
{
  const guint size = anatomy->transformer ? anatomy->grid * anatomy->patch : facts->size;
  g_autofree char *sides = g_strdup_printf ("{ \"height\": %u, \"width\": %u }", size, size);

  add_text (json, "image_processor_type", "ViTImageProcessor");
  add (json, "do_resize", "true");
  add (json, "size", sides);
  add (json, "do_rescale", "true");
  add (json, "do_normalize", "true");
  add_numbers (json, "image_mean", facts->mean);
  add_numbers (json, "image_std", facts->std);
}

GHashTable *
eid_weights_config_files (const EidAnatomy *anatomy, const EidWeightsFacts *facts)
{
  GHashTable *files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GString *config = g_string_new ("{\n");

  if (anatomy->transformer)
    add_transformer (config, anatomy, facts);
  else
    add_residual (config, anatomy);
  add_text (config, "dtype", "float32");
  g_string_append (config, "\n}\n");
  g_hash_table_insert (files, g_strdup ("config.json"), g_string_free (config, FALSE));
  if (facts->mean != NULL && facts->std != NULL && anatomy->channels == 3)
    {
      GString *processor = g_string_new ("{\n");

      add_processor (processor, anatomy, facts);
      g_string_append (processor, "\n}\n");
      g_hash_table_insert (files, g_strdup ("preprocessor_config.json"), g_string_free (processor, FALSE));
    }
  return files;
}

char *
eid_weights_timm_call (const EidAnatomy *anatomy, const EidWeightsFacts *facts)
{
  g_autofree char *ratio = number ((double) anatomy->hidden / anatomy->width),
                  *epsilon = number (facts->epsilon);
  g_autoptr (GString) call = g_string_new (NULL);

  g_string_append_printf (
      call,
      "timm.models.vision_transformer.VisionTransformer(img_size=%u, patch_size=%u, in_chans=%u, "
      "num_classes=0, embed_dim=%u, depth=%u, num_heads=%u, mlp_ratio=%s, class_token=%s, global_pool='%s', "
      "fc_norm=%s, norm_layer=functools.partial(torch.nn.LayerNorm, eps=%s)",
      anatomy->grid * anatomy->patch, anatomy->patch, anatomy->channels, anatomy->width, anatomy->depth,
      facts->heads, ratio, anatomy->class_token ? "True" : "False",
      g_strcmp0 (facts->pooling, "class") == 0 ? "token" : "avg", anatomy->pooled_norm ? "True" : "False",
      epsilon);
  if (anatomy->registers)
    g_string_append_printf (call, ", reg_tokens=%u, no_embed_class=True", anatomy->n_registers);
  if (anatomy->gains)
    g_string_append (call, ", init_values=1e-5");
  if (anatomy->pre_norm)
    g_string_append (call, ", pre_norm=True");
  g_string_append (call, ")");
  return g_strdup_printf (_ ("In Python it is loaded by %s."), call->str);
}
