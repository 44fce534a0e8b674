/* describe.c: which encoder a file of weights is of, read from the names and shapes in it; see
 * weights.h. */
#include "app/engine/weights/private.h"

#include "app/store/weights-config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MOST_BLOCKS  1024
#define RECIPE_LIMIT (1024 * 1024) /* bytes of a recipe in metadata */

const char *const eid_weights_settings[] = { "Encoder.epsilon", "Encoder.resize", NULL };

gboolean
eid_weights_is_open (const char *value)
{
  return value != NULL
         && (g_str_equal (value, "auto") || (g_ascii_isdigit (*value) && g_ascii_strtod (value, NULL) == 0));
}

char *
eid_safetensor_shape (const EidSafetensor *tensor)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < tensor->rank; i++)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT, i > 0 ? ", " : "", tensor->dim[i]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

guint
eid_grid_side (guint64 patches)
{
  const guint side = (guint) lround (sqrt ((double) patches));

  return patches <= 1 << 20 && (guint64) side * side == patches ? side : 0;
}

const EidSafetensor *
eid_weights_find (EidSafetensors *tensors, const char *prefix, const char *name)
{
  g_autofree char *full = g_strconcat (prefix, name, NULL);

  return eid_safetensors_find (tensors, full);
}

gboolean
eid_weights_may_be (EidSafetensors *tensors, const EidNaming *naming, const char *prefix)
{
  const EidSafetensor *mask;

  if (!g_str_equal (eid_naming_family (naming), "dinov2"))
    return TRUE;
  if (eid_weights_find (tensors, prefix, "register_tokens") != NULL)
    return TRUE;
  mask = eid_weights_find (tensors, prefix, "mask_token");
  return mask != NULL && mask->rank == 2 && eid_safetensors_metadata (tensors, "eidoscope") == NULL;
}

/* --- Where an encoder lies in the file ------------------------------------------------------ */

typedef struct
{
  EidSafetensors *tensors;
  const EidNaming *naming;
  char *prefix; /* NULL: there is none */
} Place;

/* The first part of what our @name is called, or NULL. */
static const EidSafetensor *
find_at (const Place *place, const char *name)
{
  g_auto (GStrv) theirs = eid_naming_theirs (place->naming, name);

  return theirs != NULL && theirs[0] != NULL ? eid_weights_find (place->tensors, place->prefix, theirs[0])
                                             : NULL;
}

/* Takes @prefix of @naming for @place if it is to be preferred to what is there. DINOv2's names are those of
 * timm and one more, and so go first. */
static void
consider (Place *place, const EidNaming *naming, const char *prefix, const char *second)
{
  const Place found = { place->tensors, naming, (char *) prefix };
  int order;

  if (find_at (&found, second) == NULL || !eid_weights_may_be (place->tensors, naming, prefix))
    return;
  order = place->prefix != NULL ? eid_naming_compare_places (prefix, place->prefix) : -1;
  if (order > 0 || (order == 0 && !g_str_equal (eid_naming_family (naming), "dinov2")))
    return;
  g_free (place->prefix);
  place->prefix = g_strdup (prefix);
  place->naming = naming;
}

/* Where there are both our @first and our @second. */
static Place
find_place (EidSafetensors *tensors, const char *first, const char *second)
{
  Place place = { tensors, NULL, NULL };

  for (guint n = 0; eid_naming_get (n) != NULL; n++)
    {
      const EidNaming *naming = eid_naming_get (n);
      g_auto (GStrv) theirs = eid_naming_theirs (naming, first);

      for (guint i = 0; theirs != NULL && theirs[0] != NULL && i < eid_safetensors_count (tensors); i++)
        {
          const char *name = eid_safetensors_get (tensors, i)->name;
          const gsize length = strlen (name), tail = strlen (theirs[0]);
          g_autofree char *prefix = NULL;

          if (!g_str_has_suffix (name, theirs[0]) || (length > tail && name[length - tail - 1] != '.'))
            continue;
          prefix = g_strndup (name, length - tail);
          consider (&place, naming, prefix, second);
        }
    }
  return place;
}

/* --- What it is --------------------------------------------------------------------------------- */

static void set (EidWeightsDescription *description, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
set (EidWeightsDescription *description, const char *format, ...)
{
  va_list values;

  va_start (values, format);
  g_ptr_array_add (description->settings, g_strdup_vprintf (format, values));
  va_end (values);
}

/* Heads of published transformers of a width. */
static guint
usual_heads (guint width)
{
  static const guint usual[][2] = { { 192, 3 },   { 384, 6 },   { 768, 12 }, { 1024, 16 },
                                    { 1280, 16 }, { 1408, 16 }, { 1536, 24 } };

  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    if (usual[i][0] == width)
      return usual[i][1];
  return 0;
}

static guint
count_blocks (const Place *place, const char *format)
{
  guint blocks = 0;

  for (; blocks < MOST_BLOCKS; blocks++)
    {
      g_autofree char *before = g_strndup (format, strchr (format, '#') - format);
      g_autofree char *name = g_strdup_printf ("%s%u%s", before, blocks, strchr (format, '#') + 1);

      if (find_at (place, name) == NULL)
        break;
    }
  return blocks;
}

static guint
find_size (const Place *place, guint patch, gboolean class_token, guint registers)
{
  const EidSafetensor *positions = find_at (place, "pos_embed");
  const guint64 tokens = positions != NULL && positions->rank >= 2 ? positions->dim[positions->rank - 2] : 0;
  const guint extras[] = { class_token ? 1 : 0, 0, class_token + registers };

  for (guint i = 0; i < G_N_ELEMENTS (extras); i++)
    if (tokens > extras[i] && eid_grid_side (tokens - extras[i]) > 0)
      return eid_grid_side (tokens - extras[i]) * patch;
  return 0;
}

/* What tensors of a transformer say beside their names of a part that ours do not have. Free. */
static char *
find_foreign_shape (const Place *place, guint64 width, guint depth)
{
  const EidSafetensor *hidden = find_at (place, "blocks.0.mlp.fc1.weight");
  const EidSafetensor *out = find_at (place, "blocks.0.mlp.fc2.weight");

  if (hidden != NULL && out != NULL && hidden->rank == 2 && out->rank == 2
      && hidden->dim[0] == 2 * out->dim[1])
    return eid_weights_tell_foreign (_ ("a gated perceptron (SwiGLU)"), hidden->name);
  for (guint block = 0; block < depth; block++)
    {
      g_autofree char *name = g_strdup_printf ("blocks.%u.norm1.weight", block);
      const EidSafetensor *norm = find_at (place, name);

      if (norm->rank != 1 || norm->dim[0] != width)
        return eid_weights_tell_foreign (_ ("stages of several widths"), norm->name);
    }
  if (find_at (place, "blocks.0.norm1.bias") == NULL)
    return eid_weights_tell_foreign (_ ("norms without a bias, such as RMSNorm"),
                                     find_at (place, "blocks.0.norm1.weight")->name);
  if (find_at (place, "pos_embed") == NULL)
    return g_strdup (_ ("no position embeddings but rotary or relative positions"));
  return NULL;
}

/* FALSE: the shapes are not those of one. */
static gboolean
describe_transformer (const Place *place, const char *file, EidWeightsDescription *description)
{
  const EidSafetensor *projection = find_at (place, "patch_embed.proj.weight");
  const EidSafetensor *hidden = find_at (place, "blocks.0.mlp.fc1.weight");
  const EidSafetensor *registers = find_at (place, "reg_token");
  const gboolean class_token = find_at (place, "cls_token") != NULL;
  const gboolean pooled_norm =
      find_at (place, "norm.weight") == NULL && find_at (place, "fc_norm.weight") != NULL;
  const char *pooling = !class_token ? "mean" : pooled_norm ? "mean-class" : "class";
  const guint depth = count_blocks (place, "blocks.#.norm1.weight");
  g_auto (EidWeightsConfig) config = { 0 };
  guint width, patch, count = 0;
  char ratio[G_ASCII_DTOSTR_BUF_SIZE];

  if (projection->rank != 4 || projection->dim[2] != projection->dim[3] || projection->dim[0] > 65536
      || projection->dim[0] == 0 || projection->dim[1] == 0 || projection->dim[1] > 65536
      || projection->dim[2] == 0 || projection->dim[2] > 1024 || hidden == NULL || hidden->rank != 2
      || hidden->dim[0] > 1 << 20)
    return FALSE;
  description->foreign = find_foreign_shape (place, projection->dim[0], depth);
  if (description->foreign != NULL)
    return FALSE;
  width = (guint) projection->dim[0];
  patch = (guint) projection->dim[2];
  if (registers != NULL && registers->rank >= 2 && registers->dim[registers->rank - 2] <= 1024)
    count = (guint) registers->dim[registers->rank - 2];
  config = eid_weights_config_read (file, width, depth);
  description->width = width;
  description->depth = depth;
  description->channels = (guint) projection->dim[1];
  description->size = find_size (place, patch, class_token, count);
  description->heads = config.heads > 0 ? config.heads : usual_heads (width);
  description->heads_said = config.heads > 0         ? EID_SAID_BY_CONFIG
                            : description->heads > 0 ? EID_SAID_BY_FAMILY
                                                     : EID_SAID_NOWHERE;
  description->epsilon = config.epsilon > 0 ? config.epsilon : eid_naming_epsilon (place->naming);
  description->resize = g_strdup (eid_naming_resize (place->naming, count > 0));

  set (description, "Encoder.plugin=vit");
  set (description, "Encoder.patch=%u", patch);
  set (description, "Encoder.width=%u", width);
  set (description, "Encoder.depth=%u", depth);
  if (description->heads > 0)
    set (description, "Encoder.heads=%u", description->heads);
  set (description, "Encoder.mlp-ratio=%s",
       g_ascii_formatd (ratio, sizeof ratio, "%.9g", (double) hidden->dim[0] / width));
  set (description, "Encoder.pooling=%s", pooling);
  set (description, "Encoder.positions=learned");
  set (description, "Encoder.norm=%s", pooled_norm ? "pooled" : "tokens");
  set (description, "Encoder.pre-norm=%s", find_at (place, "norm_pre.weight") != NULL ? "true" : "false");
  set (description, "Encoder.registers=%u", count);
  set (description, "Encoder.layer-scale=%s", find_at (place, "blocks.0.ls1.gamma") != NULL ? "1e-5" : "0");
  return TRUE;
}

/* What tensors of a residual network say beside their names of a part that ours do not have. Free. */
static char *
find_foreign_block (const Place *place, guint64 width, gboolean bottleneck)
{
  const EidSafetensor *first = find_at (place, "layer1.0.conv1.weight");
  const EidSafetensor *middle = find_at (place, "layer1.0.conv2.weight");
  const EidSafetensor *shortcut = find_at (place, "layer2.0.downsample.1.weight");

  if (middle != NULL && middle->rank == 4 && middle->dim[1] < middle->dim[0])
    return eid_weights_tell_foreign (_ ("grouped convolutions (ResNeXt)"), middle->name);
  if (middle != NULL && middle->rank == 4 && middle->dim[0] != width)
    return eid_weights_tell_foreign (_ ("blocks of another width (Wide ResNet)"), middle->name);
  if (first->rank != 4 || first->dim[0] != width)
    return eid_weights_tell_foreign (_ ("blocks of another width (Res2Net)"), first->name);
  if (shortcut != NULL && shortcut->rank == 4)
    return eid_weights_tell_foreign (_ ("a pooling before its shortcuts (ResNet-D)"), shortcut->name);
  if (find_at (place, "bn1.weight") != NULL && find_at (place, "bn1.running_mean") == NULL)
    return eid_weights_tell_foreign (_ ("norms without running statistics, such as GroupNorm"),
                                     find_at (place, "bn1.weight")->name);
  return NULL;
}

static gboolean
describe_residual (const Place *place, EidWeightsDescription *description)
{
  static const struct
  {
    const char *name;
    gboolean bottleneck;
    guint blocks[4];
  } depths[] = { { "18", FALSE, { 2, 2, 2, 2 } },
                 { "34", FALSE, { 3, 4, 6, 3 } },
                 { "50", TRUE, { 3, 4, 6, 3 } } };
  const EidSafetensor *stem = find_at (place, "conv1.weight");
  const gboolean bottleneck = find_at (place, "layer1.0.conv3.weight") != NULL;
  const guint blocks[4] = {
    count_blocks (place, "layer1.#.conv1.weight"),
    count_blocks (place, "layer2.#.conv1.weight"),
    count_blocks (place, "layer3.#.conv1.weight"),
    count_blocks (place, "layer4.#.conv1.weight"),
  };
  char width[G_ASCII_DTOSTR_BUF_SIZE];

  if (stem->rank != 4 || stem->dim[0] == 0 || stem->dim[0] > 65536 || stem->dim[1] == 0
      || stem->dim[1] > 65536)
    return FALSE;
  description->foreign = find_foreign_block (place, stem->dim[0], bottleneck);
  if (description->foreign != NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (depths); i++)
    if (depths[i].bottleneck == bottleneck && memcmp (depths[i].blocks, blocks, sizeof blocks) == 0)
      {
        description->width = (guint) stem->dim[0] * (bottleneck ? 32 : 8);
        description->channels = (guint) stem->dim[1];
        description->size = stem->dim[2] == 7 ? 224 : 32;
        set (description, "Encoder.plugin=resnet");
        set (description, "Encoder.depth=%s", depths[i].name);
        set (description, "Encoder.stem=%s", stem->dim[2] == 7 ? "imagenet" : "cifar");
        set (description, "Encoder.width=%s",
             g_ascii_formatd (width, sizeof width, "%.9g", (double) stem->dim[0] / 64));
        return TRUE;
      }
  description->foreign = g_strdup_printf (
      _ ("stages of %u, %u, %u and %u blocks, where those of 18, 34 and 50 layers are known"), blocks[0],
      blocks[1], blocks[2], blocks[3]);
  return FALSE;
}

/* --- What the file says of itself ---------------------------------------------------------------- */

static gboolean
parse_three (const char *text, float values[3])
{
  for (guint i = 0; i < 3; i++)
    {
      char *end = NULL;

      values[i] = text != NULL ? (float) g_ascii_strtod (text, &end) : NAN;
      if (end == text || !isfinite (values[i]) || fabsf (values[i]) > 1000)
        return FALSE;
      text = end;
    }
  return TRUE;
}

/* Ours: the recipe it was made by. */
static gboolean
describe_own (EidSafetensors *tensors, EidWeightsDescription *description)
{
  const char *text = eid_safetensors_metadata (tensors, "recipe");
  g_autoptr (GKeyFile) recipe = g_key_file_new ();
  g_auto (GStrv) keys = NULL;
  g_autofree char *heads = NULL, *epsilon = NULL, *resize = NULL, *size = NULL;

  if (eid_safetensors_metadata (tensors, "eidoscope") == NULL || text == NULL || strlen (text) > RECIPE_LIMIT
      || !g_key_file_load_from_data (recipe, text, strlen (text), G_KEY_FILE_NONE, NULL))
    return FALSE;
  keys = g_key_file_get_keys (recipe, "Encoder", NULL, NULL);
  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    {
      g_autofree char *value = g_key_file_get_string (recipe, "Encoder", keys[i], NULL);

      if (value != NULL && !g_str_equal (keys[i], "weights"))
        set (description, "Encoder.%s=%s", keys[i], value);
    }
  heads = g_key_file_get_string (recipe, "Encoder", "heads", NULL);
  epsilon = g_key_file_get_string (recipe, "Encoder", "epsilon", NULL);
  resize = g_key_file_get_string (recipe, "Encoder", "resize", NULL);
  size = g_key_file_get_string (recipe, "Dataset", "size", NULL);
  /* Left open, as in files of versions without the key, it was that. */
  description->resize = g_strdup (resize != NULL && !eid_weights_is_open (resize) ? resize : "antialiased");
  description->heads = heads != NULL ? (guint) CLAMP (g_ascii_strtoll (heads, NULL, 10), 0, 65536) : 0;
  description->heads_said = description->heads > 0 ? EID_SAID_BY_FILE : EID_SAID_NOWHERE;
  description->epsilon = epsilon != NULL ? g_ascii_strtod (epsilon, NULL) : 0;
  if (!(description->epsilon > 0 && description->epsilon <= 0.01))
    description->epsilon = 1e-6;
  description->size = size != NULL ? (guint) CLAMP (g_ascii_strtoll (size, NULL, 10), 0, 65536) : 0;
  if (parse_three (eid_safetensors_metadata (tensors, "mean"), description->mean)
      && parse_three (eid_safetensors_metadata (tensors, "std"), description->std)
      && fminf (fminf (description->std[0], description->std[1]), description->std[2]) > 0)
    description->moments_said = EID_SAID_BY_FILE;
  return description->settings->len > 0;
}

/* What lies beside the file says. Without a word there: ImageNet's moments, as published models have them. */
static void
describe_said (EidSafetensors *tensors, const char *file, EidWeightsDescription *description)
{
  static const float mean[] = { 0.485f, 0.456f, 0.406f }, std[] = { 0.229f, 0.224f, 0.225f };
  g_auto (EidWeightsConfig) config = eid_weights_config_read (file, description->width, description->depth);

  if (eid_safetensors_metadata (tensors, "eidoscope") == NULL)
    description->foreign_said = g_steal_pointer (&config.foreign);
  if (description->moments_said != EID_SAID_NOWHERE || description->channels != 3)
    return;
  if (config.has_moments)
    {
      memcpy (description->mean, config.mean, sizeof config.mean);
      memcpy (description->std, config.std, sizeof config.std);
      description->moments_said = EID_SAID_BY_CONFIG;
      return;
    }
  description->moments_said = EID_SAID_BY_FAMILY;
  memcpy (description->mean, mean, sizeof mean);
  memcpy (description->std, std, sizeof std);
  description->moments_of = "ImageNet";
}

/* --- All of it -------------------------------------------------------------------------------------- */

static char *
summarise (GPtrArray *settings)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < settings->len; i++)
    {
      const char *setting = (const char *) settings->pdata[i] + strlen ("Encoder.");
      const char *value = strchr (setting, '=');

      g_string_append_printf (text, "%s%.*s = %s", i > 0 ? ", " : "", (int) (value - setting), setting,
                              value + 1);
    }
  return g_string_free (text, FALSE);
}

EidWeightsDescription *
eid_weights_describe_tensors (const char *file, EidSafetensors *tensors)
{
  EidWeightsDescription *description = g_new0 (EidWeightsDescription, 1);
  Place transformer = find_place (tensors, "patch_embed.proj.weight", "blocks.0.norm1.weight");
  Place residual = find_place (tensors, "conv1.weight", "layer1.0.conv1.weight");
  const Place *place = transformer.prefix != NULL ? &transformer : &residual;

  description->settings = g_ptr_array_new_with_free_func (g_free);
  if (describe_own (tensors, description))
    {
      const EidSafetensor *first =
          place->prefix != NULL
              ? find_at (place, place == &transformer ? "patch_embed.proj.weight" : "conv1.weight")
              : NULL;

      if (first != NULL && first->rank == 4 && first->dim[1] <= 3)
        description->channels = (guint) first->dim[1];
    }
  else if (place->prefix != NULL
           && !(place == &transformer ? describe_transformer (place, file, description)
                                      : describe_residual (place, description)))
    {
      g_ptr_array_set_size (description->settings, 0);
      description->channels = 0;
    }
  if (description->settings->len > 0 && place->prefix != NULL)
    describe_said (tensors, file, description);
  if (description->settings->len == 0)
    {
      char *named = eid_weights_find_stranger (tensors);

      if (named != NULL)
        {
          g_free (description->foreign);
          description->foreign = named;
        }
    }
  description->summary = summarise (description->settings);
  g_free (transformer.prefix);
  g_free (residual.prefix);
  return description;
}

EidWeightsDescription *
eid_weights_describe (const char *file, GError **error)
{
  g_autoptr (EidSafetensors) tensors = eid_weights_open (file, error);

  return tensors != NULL ? eid_weights_describe_tensors (file, tensors) : NULL;
}

void
eid_weights_description_free (EidWeightsDescription *description)
{
  if (description == NULL)
    return;
  g_ptr_array_unref (description->settings);
  g_free (description->summary);
  g_free (description->foreign);
  g_free (description->foreign_said);
  g_free (description->resize);
  g_free (description);
}
