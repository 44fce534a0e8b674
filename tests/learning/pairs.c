/* pairs.c: every objective with every encoder that can do what it needs, those of the registry and
 * not of a list: fifty steps whose loss is finite, and the same bits when the run was broken off
 * half-way.
 */
#include "plugins/host.h"
#include "tests/learning/lines.h"
#include "tests/support/tiny.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static EidRegistry *registry;

typedef struct
{
  const EidDescriptor *encoder, *objective;
} Pair;

/* Of parameters that most plugins have, by these names: small values, so that fifty steps are soon done. */
static const struct
{
  const char *key;
  EidParamType type;
  double value;
} small[] = {
  { "width", EID_TYPE_INT, 16 },         { "width", EID_TYPE_FLOAT, 0.125 },   { "depth", EID_TYPE_INT, 2 },
  { "heads", EID_TYPE_INT, 2 },          { "hidden", EID_TYPE_INT, 32 },       { "output", EID_TYPE_INT, 16 },
  { "prototypes", EID_TYPE_INT, 64 },    { "bottleneck", EID_TYPE_INT, 16 },   { "queue", EID_TYPE_INT, 40 },
  { "decoder-width", EID_TYPE_INT, 16 }, { "decoder-heads", EID_TYPE_INT, 2 },
};

static void
add_section (GString *text, const char *section, const EidDescriptor *plugin)
{
  g_string_append_printf (text, "[%s]\nplugin = %s\n", section, plugin->id);
  for (const EidParam *param = plugin->params; param && param->key; param++)
    for (guint i = 0; i < G_N_ELEMENTS (small); i++)
      if (g_str_equal (param->key, small[i].key) && param->type == small[i].type)
        {
          g_autofree char *value = eid_param_format (param, CLAMP (small[i].value, param->min, param->max));

          g_string_append_printf (text, "%s = %s\n", param->key, value);
        }
}

/* "A quick brown …" over and over, with numbers between. */
static char *
write_text (TinyWorld *world)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  char *file = tiny_path (world, "text.txt");

  for (guint i = 0; i < 400; i++)
    g_string_append_printf (text, "%u quick brown foxes jump over %u lazy dogs.\n", i * 7 % 31, i * 5 % 17);
  g_file_set_contents (file, text->str, -1, &error);
  g_assert_no_error (error);
  return file;
}

static void
write_recipe (TinyWorld *world, const Pair *pair)
{
  gboolean reads_text = (pair->encoder->abilities & EID_CAN_TEXT) != 0;
  g_autofree char *file = tiny_path (world, "pair.ini");
  g_autofree char *path = reads_text ? write_text (world) : g_strdup (world->data);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_string_append_printf (text,
                          "[Run]\nsteps = 50\nbatch = 16\nseed = 5\ncheckpoint-every = 25\n"
                          "evaluate-every = 0\n"
                          "[Dataset]\nreader = %s\npath = %s\nsize = 16\n"
                          "[Optimizer]\nwarmup = 5\n"
                          "[Evaluate]\ntrain-limit = 60\ntest-limit = 20\nprobe-epochs = 1\n",
                          reads_text ? "text" : "idx", path);
  add_section (text, "Encoder", pair->encoder);
  add_section (text, "Objective", pair->objective);
  g_file_set_contents (file, text->str, -1, &error);
  g_assert_no_error (error);
}

static GBytes *
checkpoint_of (TinyWorld *world)
{
  g_autofree char *file = tiny_path (world, "run/checkpoints/50.safetensors");
  g_autoptr (GError) error = NULL;
  char *bytes = NULL;
  gsize length;

  g_file_get_contents (file, &bytes, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (file), ==, 0);
  return g_bytes_new_take (bytes, length);
}

/* Every step's loss is a finite number; there are @count. */
static void
check_losses (const char *output, guint count)
{
  g_autoptr (GPtrArray) lines = lines_parse (output);
  guint found = 0;

  for (guint i = 0; i < lines->len; i++)
    if (json_object_has_member (lines->pdata[i], "gradient_norm"))
      {
        g_assert_true (isfinite (lines_number (lines->pdata[i], "loss")));
        found++;
      }
  g_assert_cmpuint (found, ==, count);
}

static void
test_goes_on_with_the_same_bits (gconstpointer data)
{
  TinyWorld *world = tiny_world_new ();
  g_auto (TinyResult) whole = { 0 };
  g_auto (TinyResult) rest = { 0 };
  g_autoptr (GBytes) once = NULL, resumed = NULL;

  write_recipe (world, data);
  whole = TINY_RUN (world, "train", "pair.ini", "--out", "run", "--json");
  tiny_assert_status (&whole, 0);
  check_losses (whole.output, 50);
  once = checkpoint_of (world);

  rest = TINY_RUN (world, "train", "--resume", "run", "--json");
  tiny_assert_status (&rest, 0);
  check_losses (rest.output, 25);
  resumed = checkpoint_of (world);
  g_assert_true (g_bytes_equal (once, resumed));
  tiny_world_free (world);
}

static void
add_pairs (const EidDescriptor *objective)
{
  for (guint i = 0; i < eid_registry_count (registry); i++)
    {
      const EidDescriptor *encoder = eid_registry_get (registry, i)->descriptor;
      g_autofree char *path = NULL;
      Pair *pair;

      if (encoder == NULL || !g_str_equal (encoder->kind, "encoder")
          || !eid_descriptors_fit (encoder, objective))
        continue;
      path = g_strdup_printf ("/pairs/goes-on-with-the-same-bits/%s-with-%s", objective->id, encoder->id);
      pair = g_new (Pair, 1);
      *pair = (Pair){ encoder, objective };
      g_test_add_data_func_full (path, pair, test_goes_on_with_the_same_bits, g_free);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  registry = eid_registry_new ();
  for (guint i = 0; i < eid_registry_count (registry); i++)
    {
      const EidDescriptor *objective = eid_registry_get (registry, i)->descriptor;

      if (objective && g_str_equal (objective->kind, "objective"))
        add_pairs (objective);
    }
  status = g_test_run ();
  eid_registry_free (registry);
  return status;
}
