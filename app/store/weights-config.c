/* weights-config.c: see weights-config.h. These files are of others: their size and nesting are bounded
 * before they are parsed, and each value before it is used.                  */
#include "app/store/weights-config.h"

#include "app/store/internal.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_LIMIT    (1024 * 1024)
#define NESTING_LIMIT 16
#define HEADS_LIMIT   4096

/* The text of a regular file of up to SIZE_LIMIT bytes, or NULL. */
static char *
read_text (const char *file, gsize *length)
{
  const int fd = open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  g_autofree char *text = NULL;
  struct stat info;
  gssize got = -1;

  if (fd < 0)
    return NULL;
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_size > 0 && info.st_size <= SIZE_LIMIT)
    {
      text = g_malloc ((gsize) info.st_size + 1);
      got = read (fd, text, (gsize) info.st_size);
    }
  close (fd);
  if (got <= 0)
    return NULL;
  text[got] = '\0';
  *length = (gsize) got;
  return g_steal_pointer (&text);
}

/* The object in the file @name beside @file, or NULL. */
static JsonNode *
read_beside (const char *file, const char *name)
{
  g_autofree char *folder = g_path_get_dirname (file), *path = g_build_filename (folder, name, NULL);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  gsize length;
  g_autofree char *text = read_text (path, &length);

  if (text == NULL || !eid_json_is_tame (text, length, NESTING_LIMIT)
      || !json_parser_load_from_data (parser, text, (gssize) length, NULL)
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    return NULL;
  return json_node_ref (json_parser_get_root (parser));
}

static JsonObject *
member_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* NaN where there is no such number. */
static double
member_number (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || (json_node_get_value_type (node) != G_TYPE_INT64
          && json_node_get_value_type (node) != G_TYPE_DOUBLE))
    return NAN;
  return json_node_get_double (node);
}

static const char *
member_text (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static gboolean
member_three (JsonObject *object, const char *name, float values[3])
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (array == NULL || json_array_get_length (array) != 3)
    return FALSE;
  for (guint i = 0; i < 3; i++)
    {
      JsonNode *value = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_VALUE (value))
        return FALSE;
      values[i] = (float) json_node_get_double (value);
      if (!(values[i] >= 0 && values[i] <= 1))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_moments (JsonObject *object, const char *mean, const char *std, EidWeightsConfig *config)
{
  float means[3], deviations[3];

  if (!member_three (object, mean, means) || !member_three (object, std, deviations)
      || !(deviations[0] > 0 && deviations[1] > 0 && deviations[2] > 0))
    return FALSE;
  memcpy (config->mean, means, sizeof means);
  memcpy (config->std, deviations, sizeof deviations);
  config->has_moments = TRUE;
  return TRUE;
}

/* Whether the number @name, if there is one, is @expected. */
static gboolean
agrees (JsonObject *object, const char *name, guint expected)
{
  const double found = member_number (object, name);

  return expected == 0 || isnan (found) || found == expected;
}

static gboolean
member_is_true (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN
         && json_node_get_boolean (node);
}

/* An activation of transformers' that is not GELU, by erf or, less than 1e-3 from it, by tanh. */
static gboolean
is_foreign_activation (const char *activation)
{
  static const char *const known[] = { "gelu",        "gelu_erf",          "gelu_new",
                                       "gelu_python", "gelu_pytorch_tanh", "gelu_tanh",
                                       NULL };

  return activation != NULL && !g_strv_contains (known, activation);
}

/* What transformers' @object says of a network beyond its tensors. Free. */
static char *
find_foreign (JsonObject *object)
{
  const char *activation = member_text (object, "hidden_act");
  const gboolean residual = g_strcmp0 (member_text (object, "model_type"), "resnet") == 0;

  /* Without a width it may be of any network. */
  if (!residual && isnan (member_number (object, "hidden_size")))
    return NULL;
  if (residual ? g_strcmp0 (activation, "relu") != 0 && activation != NULL
               : is_foreign_activation (activation))
    /* TRANSLATORS: the name of a function in a file. */
    return g_strdup_printf (_ ("the activation “%s” (config.json)"), activation);
  if (residual && member_is_true (object, "downsample_in_bottleneck"))
    return g_strdup (_ ("bottlenecks that stride in their first convolution (config.json)"));
  if (residual && member_is_true (object, "downsample_in_first_stage"))
    return g_strdup (_ ("a first stage that strides (config.json)"));
  return NULL;
}

/* The same by the name of an architecture of timm's. */
static char *
find_foreign_timm (const char *architecture)
{
  static const struct
  {
    const char *part, *what;
  } parts[] = {
    { "quickgelu", N_ ("the activation QuickGELU (config.json)") },
    { "resnetblur", N_ ("anti-aliased strides (config.json)") },
    { "resnetaa", N_ ("anti-aliased strides (config.json)") },
    { "_rpn_", N_ ("norms after the branches of its blocks (config.json)") },
  };

  for (guint i = 0; architecture != NULL && i < G_N_ELEMENTS (parts); i++)
    if (strstr (architecture, parts[i].part) != NULL)
      return g_strdup (_ (parts[i].what));
  return NULL;
}

EidWeightsConfig
eid_weights_config_read (const char *file, guint width, guint depth)
{
  EidWeightsConfig config = { 0 };
  g_autoptr (JsonNode) node = read_beside (file, "config.json");
  g_autoptr (JsonNode) processor = NULL;
  JsonObject *object = node != NULL ? json_node_get_object (node) : NULL;
  JsonObject *timm = member_object (object, "pretrained_cfg");
  double heads, epsilon;

  if (object == NULL)
    return config;
  if (timm != NULL)
    {
      if (agrees (object, "num_features", width))
        {
          read_moments (timm, "mean", "std", &config);
          config.foreign = find_foreign_timm (member_text (object, "architecture"));
        }
      return config;
    }
  /* Models of pictures and text have a part for pictures. */
  if (member_object (object, "vision_config") != NULL)
    object = member_object (object, "vision_config");
  if (!agrees (object, "hidden_size", width) || !agrees (object, "num_hidden_layers", depth))
    return config;
  config.foreign = find_foreign (object);
  heads = member_number (object, "num_attention_heads");
  epsilon = member_number (object, "layer_norm_eps");
  if (heads >= 1 && heads <= HEADS_LIMIT)
    config.heads = (guint) heads;
  if (epsilon > 0 && epsilon <= 0.01)
    config.epsilon = epsilon;
  processor = read_beside (file, "preprocessor_config.json");
  if (processor != NULL)
    read_moments (json_node_get_object (processor), "image_mean", "image_std", &config);
  return config;
}

void
eid_weights_config_clear (EidWeightsConfig *config)
{
  g_clear_pointer (&config->foreign, g_free);
}
