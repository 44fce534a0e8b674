/* precision.c: runs in each precision, by each rule, in parts and with a teacher: what goes on from a
 * checkpoint ends with the same bits, 16 bits learn what 32 do, and where memory ends it is said what
 * would fit.
 */
#include "tests/learning/lines.h"
#include "tests/support/tiny.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* --- The same bits ------------------------------------------------------------------- */

typedef struct
{
  const char *name;
  const char *settings; /* of --set, between spaces */
  gboolean teacher;     /* DINO instead of a masked autoencoder */
} Variant;

static const Variant variants[] = {
  { "bf16", "Run.precision=bf16" },
  { "bf16-in-parts", "Run.precision=bf16 Run.accumulate=4 Run.recompute=true" },
  { "sgd", "Run.precision=f32 Optimizer.name=sgd Optimizer.lr=0.05 Optimizer.nesterov=true" },
  { "lars-bf16", "Run.precision=bf16 Optimizer.name=lars Optimizer.lr=1" },
  { "teacher", "Run.precision=f32", TRUE },
  { "teacher-bf16", "Run.precision=bf16", TRUE },
};

/* tiny.ini, but for its objective. */
static void
write_dino_recipe (TinyWorld *world)
{
  g_autofree char *text = tiny_recipe_text (world->data), *file = tiny_path (world, "dino.ini");
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) regex = g_regex_new ("plugin = mae(\\ndecoder-.*)+", 0, 0, &error);
  g_autofree char *changed = NULL;

  g_assert_no_error (error);
  changed = g_regex_replace_literal (
      regex, text, -1, 0, "plugin = dino\nprototypes = 64\nhidden = 32\nbottleneck = 16\nsmall-crops = 2", 0,
      &error);
  g_assert_no_error (error);
  g_file_set_contents (file, changed, -1, &error);
  g_assert_no_error (error);
}

static void
train (TinyWorld *world, const char *folder, const Variant *variant)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_auto (GStrv) list = g_strsplit (variant->settings, " ", -1);
  g_auto (TinyResult) result = { 0 };

  g_ptr_array_add (words, (gpointer) "train");
  g_ptr_array_add (words, (gpointer) (variant->teacher ? "dino.ini" : "tiny.ini"));
  g_ptr_array_add (words, (gpointer) "--out");
  g_ptr_array_add (words, (gpointer) folder);
  for (guint i = 0; list[i] != NULL; i++)
    {
      g_ptr_array_add (words, (gpointer) "--set");
      g_ptr_array_add (words, list[i]);
    }
  g_ptr_array_add (words, NULL);
  result = tiny_run (world, (const char *const *) words->pdata, NULL);
  tiny_assert_status (&result, 0);
}

static GBytes *
last_checkpoint (TinyWorld *world, const char *folder)
{
  g_autofree char *name = g_strconcat (folder, "/checkpoints/24.safetensors", NULL);
  g_autofree char *file = tiny_path (world, name);
  g_autoptr (GError) error = NULL;
  char *bytes = NULL;
  gsize length;

  g_file_get_contents (file, &bytes, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (bytes, length);
}

/* Two runs of the same settings; the second loses its last checkpoint and goes on from the one before. */
static void
test_what_goes_on_ends_with_the_same_bits (gconstpointer data)
{
  const Variant *variant = data;
  TinyWorld *world = tiny_world_new ();
  g_autofree char *lost = tiny_path (world, "again/checkpoints/24.safetensors");
  g_autoptr (GBytes) once = NULL, again = NULL, resumed = NULL;
  g_auto (TinyResult) result = { 0 };

  write_dino_recipe (world);
  train (world, "once", variant);
  train (world, "again", variant);
  once = last_checkpoint (world, "once");
  again = last_checkpoint (world, "again");
  g_assert_true (g_bytes_equal (once, again));

  g_assert_cmpint (g_unlink (lost), ==, 0);
  result = TINY_RUN (world, "train", "--resume", "again");
  tiny_assert_status (&result, 0);
  resumed = last_checkpoint (world, "again");
  g_assert_true (g_bytes_equal (once, resumed));
  tiny_world_free (world);
}

/* --- 16 bits --------------------------------------------------------------------------- */

#define FASHION "/usr/share/datasets/fashion-mnist"

/* The mean loss of the last @count steps of a run. */
static double
last_losses (TinyWorld *world, const char *precision, const char *steps, guint count)
{
  g_auto (TinyResult) result = TINY_RUN (
      world, "train", "fashion-mae", "--json", "--out", precision, "--precision", precision, "--steps", steps,
      "--set", "Run.batch=32", "--set", "Run.evaluate-every=0", "--set", "Evaluate.train-limit=100", "--set",
      "Evaluate.test-limit=50", "--set", "Evaluate.probe-epochs=1");
  g_autoptr (GPtrArray) lines = NULL;
  g_autoptr (GArray) losses = g_array_new (FALSE, FALSE, sizeof (double));
  double sum = 0;

  tiny_assert_status (&result, 0);
  lines = lines_parse (result.output);
  for (guint i = 0; i < lines->len; i++)
    if (json_object_has_member (lines->pdata[i], "gradient_norm"))
      {
        const double loss = lines_number (lines->pdata[i], "loss");

        g_array_append_val (losses, loss);
      }
  g_assert_cmpuint (losses->len, >=, count);
  for (guint i = 0; i < count; i++)
    sum += g_array_index (losses, double, losses->len - 1 - i);
  return sum / count;
}

/* EIDOSCOPE_LONG=1 goes to 500 steps. */
static void
test_bf16_learns_what_f32_does (void)
{
  const gboolean is_long = g_getenv ("EIDOSCOPE_LONG") != NULL;
  const char *steps = is_long ? "500" : "60";
  TinyWorld *world;
  double wide, half;

  if (!g_file_test (FASHION, G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("Fashion-MNIST is not installed (apt install dataset-fashion-mnist)");
      return;
    }
  world = tiny_world_new ();
  wide = last_losses (world, "f32", steps, 20);
  half = last_losses (world, "bf16", steps, 20);
  g_test_message ("after %s steps f32 has loss %.5f, bf16 %.5f: %+.2f %%", steps, wide, half,
                  100 * (half / wide - 1));
  g_assert_cmpfloat (fabs (half / wide - 1), <, 0.01);
  tiny_world_free (world);
}

/* --- The end of memory -------------------------------------------------------------------- */

/* What the error proposes is tried, and fits. */
static void
test_what_would_fit_does (void)
{
  const char *const words[] = { "train", "tiny.ini", "--out",         "run",   "--precision",
                                "f32",   "--set",    "Run.batch=192", "--set", "Encoder.depth=8",
                                NULL };
  const char *const less[] = { "EIDOSCOPE_MEMORY=6000000", NULL };
  TinyWorld *world = tiny_world_new ();
  g_auto (TinyResult) result = tiny_run (world, words, less);
  g_auto (TinyResult) in_parts = { 0 };
  g_auto (TinyResult) smaller = { 0 };
  g_autofree char *accumulate = NULL, *batch = NULL;
  g_autoptr (GRegex) regex = g_regex_new (
      "batch = 192 and accumulate = 1\\. .*accumulate = (\\d+).*batch = (\\d+) would fit", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  tiny_assert_status (&result, 1);
  g_test_message ("%s", result.errors);
  g_assert_nonnull (strstr (result.errors, " wants "));
  g_assert_true (g_regex_match (regex, result.errors, 0, &match));
  {
    g_autofree char *parts = g_match_info_fetch (match, 1), *pictures = g_match_info_fetch (match, 2);

    accumulate = g_strconcat ("Run.accumulate=", parts, NULL);
    batch = g_strconcat ("Run.batch=", pictures, NULL);
  }
  in_parts = tiny_run (world,
                       (const char *const[]){ "train", "tiny.ini", "--out", "parts", "--precision", "f32",
                                              "--set", "Run.batch=192", "--set", "Encoder.depth=8", "--set",
                                              accumulate, "--steps", "3", NULL },
                       less);
  tiny_assert_status (&in_parts, 0);
  smaller = tiny_run (world,
                      (const char *const[]){ "train", "tiny.ini", "--out", "smaller", "--precision", "f32",
                                             "--set", batch, "--steps", "3", NULL },
                      less);
  tiny_assert_status (&smaller, 0);
  tiny_world_free (world);
}

/* --- What auto comes to --------------------------------------------------------------- */

/* The best device's precision for auto, and how many times as fast products are in 16 bits. */
static char *
precision_of_auto (TinyWorld *world, const char *const *environment, double *speed)
{
  g_auto (TinyResult) result =
      tiny_run (world, (const char *const[]){ "devices", "--json", NULL }, environment);
  g_autoptr (GPtrArray) lines = NULL;

  tiny_assert_status (&result, 0);
  lines = lines_parse (result.output);
  *speed = lines_number (lines->pdata[0], "bf16_speed");
  return g_strdup (json_object_get_string_member (lines->pdata[0], "precision"));
}

/* It is what was measured that decides, and is not measured again: a machine that multiplies slower in
 * 16 bits keeps to 32, whatever its processor's flags are. */
static void
test_auto_is_what_was_measured (void)
{
  static const struct
  {
    double speed;
    const char *precision;
  } measured[] = { { 0.5, "f32" }, { 1, "f32" }, { 1.5, "bf16" } };
  TinyWorld *world = tiny_world_new ();
  g_autofree char *cache = g_strconcat ("XDG_CACHE_HOME=", world->folder, NULL);
  g_autofree char *file = tiny_path (world, "eidoscope/measured.ini"), *first = NULL;
  const char *const environment[] = { cache, NULL };
  g_autoptr (GKeyFile) kept = g_key_file_new ();
  g_auto (GStrv) groups = NULL;
  GError *error = NULL;
  double speed;

  first = precision_of_auto (world, environment, &speed);
  g_assert_cmpstr (first, ==, speed >= 1.1 ? "bf16" : "f32");
  if (speed == 0)
    g_test_skip ("this processor has no products in 16 bits");
  else
    {
      g_key_file_load_from_file (kept, file, G_KEY_FILE_NONE, &error);
      g_assert_no_error (error);
      groups = g_key_file_get_groups (kept, NULL);
      g_assert_cmpint (g_strv_length (groups), ==, 1);
    }
  for (guint i = 0; i < G_N_ELEMENTS (measured) && speed > 0; i++)
    {
      g_autofree char *then = NULL;

      g_key_file_set_double (kept, groups[0], "bf16-speed", measured[i].speed);
      g_key_file_save_to_file (kept, file, &error);
      g_assert_no_error (error);
      then = precision_of_auto (world, environment, &speed);
      g_assert_cmpstr (then, ==, measured[i].precision);
      g_assert_cmpfloat (speed, ==, measured[i].speed);
    }
  tiny_world_free (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    {
      g_autofree char *path =
          g_strconcat ("/precision/what-goes-on-ends-with-the-same-bits/", variants[i].name, NULL);

      g_test_add_data_func (path, &variants[i], test_what_goes_on_ends_with_the_same_bits);
    }
  g_test_add_func ("/precision/auto-is-what-was-measured", test_auto_is_what_was_measured);
  g_test_add_func ("/precision/bf16-learns-what-f32-does", test_bf16_learns_what_f32_does);
  g_test_add_func ("/precision/what-would-fit-does", test_what_would_fit_does);
  return g_test_run ();
}
