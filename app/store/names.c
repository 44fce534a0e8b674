/* names.c: the tables of names, and how one is looked up; see names.h. */
#include "names.h"

#include <string.h>

/* The beginning of a name, up to a dot or the end: ours and theirs. "#" is any number, the same in
 * both. Several of theirs, with "|" between, are parts of ours; NULL: they have no use for it. "" is the
 * beginning of every name. */
typedef struct
{
  const char *ours, *theirs;
} Rule;

struct _EidNaming
{
  const char *family;
  const Rule *rules; /* the first that matches counts */
};

#define ATTENTION "encoder.layer.#.attention.attention."
#define JOINED    ATTENTION "query|" ATTENTION "key|" ATTENTION "value"

static const Rule timm[] = { { "mask_token", NULL }, { "", "" }, { NULL } };

static const Rule torchvision_residual[] = {
  { "conv1", "conv1" }, { "bn1", "bn1" }, { "layer#", "layer#" }, { NULL }
};

/* clang-format off */
static const Rule torchvision_transformer[] = {
  { "cls_token",              "class_token" },
  { "pos_embed",              "encoder.pos_embedding" },
  { "patch_embed.proj",       "conv_proj" },
  { "blocks.#.norm1",         "encoder.layers.encoder_layer_#.ln_1" },
  { "blocks.#.attn.qkv.weight", "encoder.layers.encoder_layer_#.self_attention.in_proj_weight" },
  { "blocks.#.attn.qkv.bias", "encoder.layers.encoder_layer_#.self_attention.in_proj_bias" },
  { "blocks.#.attn.proj",     "encoder.layers.encoder_layer_#.self_attention.out_proj" },
  { "blocks.#.norm2",         "encoder.layers.encoder_layer_#.ln_2" },
  { "blocks.#.mlp.fc1",       "encoder.layers.encoder_layer_#.mlp.0" },
  { "blocks.#.mlp.fc2",       "encoder.layers.encoder_layer_#.mlp.3" },
  { "norm",                   "encoder.ln" },
  { NULL },
};

/* ViTModel, and with it DINO and MAE. */
static const Rule hugging_face_vit[] = {
  { "cls_token",              "embeddings.cls_token" },
  { "pos_embed",              "embeddings.position_embeddings" },
  { "patch_embed.proj",       "embeddings.patch_embeddings.projection" },
  { "blocks.#.norm1",         "encoder.layer.#.layernorm_before" },
  { "blocks.#.attn.qkv",      JOINED },
  { "blocks.#.attn.proj",     "encoder.layer.#.attention.output.dense" },
  { "blocks.#.norm2",         "encoder.layer.#.layernorm_after" },
  { "blocks.#.mlp.fc1",       "encoder.layer.#.intermediate.dense" },
  { "blocks.#.mlp.fc2",       "encoder.layer.#.output.dense" },
  { "norm",                   "layernorm" },
  { NULL },
};

#define STAGE(ours, stage)                                                    \
  { ours ".#.conv1",        stage ".layers.#.layer.0.convolution" },           \
  { ours ".#.bn1",          stage ".layers.#.layer.0.normalization" },         \
  { ours ".#.conv2",        stage ".layers.#.layer.1.convolution" },           \
  { ours ".#.bn2",          stage ".layers.#.layer.1.normalization" },         \
  { ours ".#.conv3",        stage ".layers.#.layer.2.convolution" },           \
  { ours ".#.bn3",          stage ".layers.#.layer.2.normalization" },         \
  { ours ".#.downsample.0", stage ".layers.#.shortcut.convolution" },          \
  { ours ".#.downsample.1", stage ".layers.#.shortcut.normalization" }

/* ResNetModel. */
static const Rule hugging_face_resnet[] = {
  { "conv1",                "embedder.embedder.convolution" },
  { "bn1",                  "embedder.embedder.normalization" },
  STAGE ("layer1",          "encoder.stages.0"),
  STAGE ("layer2",          "encoder.stages.1"),
  STAGE ("layer3",          "encoder.stages.2"),
  STAGE ("layer4",          "encoder.stages.3"),
  { NULL },
};

/* Dinov2Model, and Dinov2WithRegistersModel. */
static const Rule hugging_face_dinov2[] = {
  { "cls_token",              "embeddings.cls_token" },
  { "pos_embed",              "embeddings.position_embeddings" },
  { "reg_token",              "embeddings.register_tokens" },
  { "mask_token",             "embeddings.mask_token" },
  { "patch_embed.proj",       "embeddings.patch_embeddings.projection" },
  { "blocks.#.norm1",         "encoder.layer.#.norm1" },
  { "blocks.#.attn.qkv",      JOINED },
  { "blocks.#.attn.proj",     "encoder.layer.#.attention.output.dense" },
  { "blocks.#.ls1.gamma",     "encoder.layer.#.layer_scale1.lambda1" },
  { "blocks.#.norm2",         "encoder.layer.#.norm2" },
  { "blocks.#.mlp.fc1",       "encoder.layer.#.mlp.fc1" },
  { "blocks.#.mlp.fc2",       "encoder.layer.#.mlp.fc2" },
  { "blocks.#.ls2.gamma",     "encoder.layer.#.layer_scale2.lambda1" },
  { "norm",                   "layernorm" },
  { NULL },
};
/* clang-format on */

/* The repository of DINOv2: timm's, but for the registers. */
static const Rule dinov2[] = { { "reg_token", "register_tokens" }, { "", "" }, { NULL } };

static const EidNaming namings[] = {
  { "timm", timm },
  { "torchvision", torchvision_residual },
  { "torchvision", torchvision_transformer },
  { "huggingface", hugging_face_vit },
  { "huggingface", hugging_face_dinov2 },
  { "huggingface", hugging_face_resnet },
  { "dinov2", dinov2 },
};

/* What stands before or in a name. */
static const char *const ignored[] = { "head.",   "heads.",      "head_dist.", "fc.",
                                       "pooler.", "classifier.", "decoder.",   "num_batches_tracked" };

const EidNaming *
eid_naming_get (guint i)
{
  return i < G_N_ELEMENTS (namings) ? &namings[i] : NULL;
}

const char *
eid_naming_family (const EidNaming *naming)
{
  return naming->family;
}

char *
eid_naming_families (void)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (namings); i++)
    if (i == 0 || !g_str_equal (namings[i].family, namings[i - 1].family))
      g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", namings[i].family);
  return g_string_free (list, FALSE);
}

/* How much of @name @pattern is the beginning of, or -1; *@number is what "#" stands for. */
static gssize
match (const char *pattern, const char *name, char **number)
{
  const char *at = name;

  for (; *pattern != '\0'; pattern++)
    if (*pattern == '#')
      {
        const gsize digits = strspn (at, "0123456789");

        if (digits == 0)
          return -1;
        g_free (*number);
        *number = g_strndup (at, digits);
        at += digits;
      }
    else if (*pattern != *at++)
      return -1;
  return at == name || *at == '\0' || *at == '.' ? at - name : -1;
}

/* @pattern with @number in the place of "#", and @rest behind it. */
static char *
fill_in (const char *pattern, const char *number, const char *rest)
{
  GString *name = g_string_new (NULL);

  for (; *pattern != '\0'; pattern++)
    if (*pattern == '#')
      g_string_append (name, number);
    else
      g_string_append_c (name, *pattern);
  g_string_append (name, rest);
  return g_string_free (name, FALSE);
}

char **
eid_naming_theirs (const EidNaming *naming, const char *name)
{
  for (const Rule *rule = naming->rules; rule->ours != NULL; rule++)
    {
      g_autofree char *number = NULL;
      const gssize length = match (rule->ours, name, &number);
      GPtrArray *theirs;

      if (length < 0)
        continue;
      theirs = g_ptr_array_new ();
      for (const char *part = rule->theirs; part != NULL;)
        {
          const char *end = strchr (part, '|');
          g_autofree char *pattern = end != NULL ? g_strndup (part, end - part) : g_strdup (part);

          g_ptr_array_add (theirs, fill_in (pattern, number, name + length));
          part = end != NULL ? end + 1 : NULL;
        }
      g_ptr_array_add (theirs, NULL);
      return (char **) g_ptr_array_free (theirs, FALSE);
    }
  return NULL;
}

gboolean
eid_naming_ignores (const char *theirs)
{
  for (guint i = 0; i < G_N_ELEMENTS (ignored); i++)
    if (g_str_has_prefix (theirs, ignored[i]) || g_str_has_suffix (theirs, ignored[i]))
      return TRUE;
  return FALSE;
}
