/* names.c: the tables of names, and how one is looked up; see names.h. */
#include "app/store/names.h"

#include <glib/gi18n-lib.h>
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
  const char *title;                          /* what a message calls it */
  const Rule *rules;                          /* the first that matches counts */
  double epsilon;                             /* of the family's layer norms, unless a file says otherwise */
  const char *resize, *resize_with_registers; /* of position embeddings: [Encoder] resize */
  gboolean in_memory;                         /* names of modules while they run: files have others */
};

#define ATTENTION "encoder.layer.#.attention.attention."
#define JOINED    ATTENTION "query|" ATTENTION "key|" ATTENTION "value"
#define THREE(at) at "q_proj|" at "k_proj|" at "v_proj"

static const Rule timm[] = { { "mask_token", NULL }, { "", "" }, { NULL } };

static const Rule torchvision_residual[] = {
  { "conv1", "conv1" }, { "bn1", "bn1" }, { "layer#", "layer#" }, { NULL }
};

/* clang-format off */
static const Rule torchvision_transformer[] = {
  { "mask_token",             NULL },
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
  { "mask_token",             NULL },
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

/* The same in transformers 5, as its modules are called in memory. */
static const Rule hugging_face_vit_5[] = {
  { "mask_token",             NULL },
  { "cls_token",              "embeddings.cls_token" },
  { "pos_embed",              "embeddings.position_embeddings" },
  { "patch_embed.proj",       "embeddings.patch_embeddings.projection" },
  { "blocks.#.norm1",         "layers.#.layernorm_before" },
  { "blocks.#.attn.qkv",      THREE ("layers.#.attention.") },
  { "blocks.#.attn.proj",     "layers.#.attention.o_proj" },
  { "blocks.#.norm2",         "layers.#.layernorm_after" },
  { "blocks.#.mlp.fc1",       "layers.#.mlp.fc1" },
  { "blocks.#.mlp.fc2",       "layers.#.mlp.fc2" },
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

static const Rule hugging_face_dinov2_5[] = {
  { "cls_token",              "embeddings.cls_token" },
  { "pos_embed",              "embeddings.position_embeddings" },
  { "reg_token",              "embeddings.register_tokens" },
  { "mask_token",             "embeddings.mask_token" },
  { "patch_embed.proj",       "embeddings.patch_embeddings.projection" },
  { "blocks.#.norm1",         "encoder.layer.#.norm1" },
  { "blocks.#.attn.qkv",      THREE ("encoder.layer.#.attention.") },
  { "blocks.#.attn.proj",     "encoder.layer.#.attention.o_proj" },
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

#define ANTIALIASED "antialiased", "antialiased"
#define PLAIN       "plain", "plain"
#define CORNERS     "corners", "corners"

static const EidNaming namings[] = {
  { "timm", "timm", timm, 1e-6, ANTIALIASED, FALSE },
  { "torchvision", "torchvision", torchvision_residual, 1e-6, CORNERS, FALSE },
  { "torchvision", "torchvision", torchvision_transformer, 1e-6, CORNERS, FALSE },
  { "huggingface", "Hugging Face (ViT, MAE, I-JEPA)", hugging_face_vit, 1e-12, PLAIN, FALSE },
  { "huggingface", "Hugging Face (Dinov2)", hugging_face_dinov2, 1e-6, "plain", "antialiased", FALSE },
  { "huggingface", "Hugging Face (ResNet)", hugging_face_resnet, 1e-6, PLAIN, FALSE },
  { "huggingface", N_ ("transformers 5 in memory (ViT, MAE, I-JEPA)"), hugging_face_vit_5, 1e-12, PLAIN,
    TRUE },
  { "huggingface", N_ ("transformers 5 in memory (Dinov2)"), hugging_face_dinov2_5, 1e-6, "plain",
    "antialiased", TRUE },
  /* With registers, DINOv2's repository resizes antialiased and without the offset. */
  { "dinov2", N_ ("DINOv2’s repository"), dinov2, 1e-6, "offset", "antialiased", FALSE },
};

/* Which of several encoders in a file is taken: those whose place says one of @words, in this order. */
static const struct
{
  guint rank;
  const char *words[8];
} preferences[] = {
  { 4, { "decoder", "predictor", "text", "discriminator" } }, /* no encoders of pictures */
  { 0, { "teacher", "target", "ema", "averaged", "shadow" } },
  { 3, { "key", "k", "momentum" } },
  { 2, { "student", "online" } },
};
#define PLAIN_RANK 1 /* query, base, or no word at all */

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

const char *
eid_naming_title (const EidNaming *naming)
{
  return _ (naming->title);
}

double
eid_naming_epsilon (const EidNaming *naming)
{
  return naming->epsilon;
}

const char *
eid_naming_resize (const EidNaming *naming, gboolean registers)
{
  return registers ? naming->resize_with_registers : naming->resize;
}

gboolean
eid_naming_is_written (const EidNaming *naming)
{
  return !naming->in_memory;
}

static gboolean
says (const char *part, const char *const words[8])
{
  g_auto (GStrv) pieces = g_strsplit (part, "_", -1);

  for (guint i = 0; pieces[i] != NULL; i++)
    for (guint w = 0; w < 8 && words[w] != NULL; w++)
      if (g_str_equal (pieces[i], words[w]))
        return TRUE;
  return FALSE;
}

static guint
rank_of (const char *prefix)
{
  g_auto (GStrv) parts = g_strsplit (prefix, ".", -1);

  for (guint p = 0; p < G_N_ELEMENTS (preferences); p++)
    for (guint i = 0; parts[i] != NULL; i++)
      if (says (parts[i], preferences[p].words))
        return preferences[p].rank;
  return PLAIN_RANK;
}

static guint
count_dots (const char *text)
{
  guint dots = 0;

  for (; *text != '\0'; text++)
    dots += *text == '.';
  return dots;
}

int
eid_naming_compare_places (const char *a, const char *b)
{
  const guint rank_a = rank_of (a), rank_b = rank_of (b);
  const guint dots_a = count_dots (a), dots_b = count_dots (b);

  if (rank_a != rank_b)
    return rank_a < rank_b ? -1 : 1;
  if (dots_a != dots_b)
    return dots_a < dots_b ? -1 : 1;
  return strcmp (a, b);
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
