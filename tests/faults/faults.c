/* faults.c: bad input, each through the real command: the exit status, and that
 * what is said names the thing and the way out.                              */
#include "tests/support/tiny.h"

#include <glib/gstdio.h>
#include <string.h>

#define WORDS_MOST 8

/* --- Preparations: what is broken in the world ---------------------------------- */

static void
write_recipe (TinyWorld *world, const char *from, const char *to)
{
  g_autofree char *text = tiny_recipe_text (world->data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) changed = g_string_new (text);

  g_assert_cmpuint (g_string_replace (changed, from, to, 1), ==, 1);
  g_file_set_contents (world->recipe, changed->str, -1, &error);
  g_assert_no_error (error);
}

static void
misspell_a_key (TinyWorld *world)
{
  write_recipe (world, "batch = 16", "bacth = 16");
}

static void
misspell_a_parameter (TinyWorld *world)
{
  write_recipe (world, "depth = 2", "dpeth = 2");
}

static void
write_no_key_file (TinyWorld *world)
{
  write_recipe (world, "[Run]", "what is this");
}

/* The flat encoder with an objective that hides patches. */
static void
choose_a_pair_that_does_not_fit (TinyWorld *world)
{
  write_recipe (world,
                "plugin = vit\n"
                "patch = 4\n"
                "width = 16\n"
                "depth = 2\n"
                "heads = 2\n",
                "plugin = flat\n");
}

static void
write_a_word_for_a_number (TinyWorld *world)
{
  write_recipe (world, "steps = 24", "steps = many");
}

static void
remove_the_data (TinyWorld *world)
{
  g_autofree char *file = g_build_filename (world->data, "train-images-idx3-ubyte", NULL);

  g_assert_cmpint (g_remove (file), ==, 0);
}

static void
truncate_the_data (TinyWorld *world)
{
  g_autofree char *file = g_build_filename (world->data, "train-images-idx3-ubyte", NULL);
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (file, &bytes, &length, &error));
  g_assert_true (g_file_set_contents (file, bytes, (gssize) length / 2, &error));
}

static void
put_a_file_in_the_way (TinyWorld *world)
{
  g_autofree char *file = tiny_path (world, "file");

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
}

static void
train_a_run (TinyWorld *world)
{
  g_auto (TinyResult) result = TINY_RUN (world, "train", "tiny.ini", "--out", "run", "--steps", "8");

  tiny_assert_status (&result, 0);
}

static void
train_and_break_all_checkpoints (TinyWorld *world)
{
  g_autofree char *folder = tiny_path (world, "run/checkpoints");
  g_autoptr (GDir) dir = NULL;
  const char *name;

  train_a_run (world);
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (folder, name, NULL);

      g_assert_true (g_file_set_contents (file, "cut short", -1, NULL));
    }
}

/* --- The table --------------------------------------------------------------------- */

typedef struct
{
  const char *name;
  void (*prepare) (TinyWorld *world);
  const char *environment;
  const char *words[WORDS_MOST];
  int status;
  const char *says[4]; /* all of these, on standard error */
} Fault;

#define NO_DEVICE "OCL_ICD_VENDORS=/nonexistent"
#define NO_DEVICE_REMEDY                                                                                     \
  "There is no OpenCL device. Install a driver for your GPU, or PoCL to compute on the processor (on "       \
  "Debian: "                                                                                                 \
  "apt install pocl-opencl-icd)."

/* clang-format off */
static const Fault faults[] = {
  /* Usage: 2 */
  { "no-command", NULL, NULL, { "trian" }, 2, { "trian" } },
  { "no-words", NULL, NULL, { "train" }, 2, { "recipe" } },
  { "unknown-option", NULL, NULL, { "train", "tiny.ini", "--epochs", "3" }, 2, { "--epochs", "--help" } },
  { "two-recipes", NULL, NULL, { "train", "tiny.ini", "other.ini" }, 2, { "other.ini" } },
  { "no-such-recipe", NULL, NULL, { "train", "no-such-recipe" }, 2, { "no-such-recipe" } },
  { "unknown-key", misspell_a_key, NULL, { "train", "tiny.ini" }, 2, { "tiny.ini", "line 4", "bacth", "batch" } },
  { "unknown-parameter", misspell_a_parameter, NULL, { "train", "tiny.ini" }, 2, { "tiny.ini", "line 16", "dpeth", "depth" } },
  { "no-key-file", write_no_key_file, NULL, { "train", "tiny.ini" }, 2, { "tiny.ini", "line 1" } },
  { "word-for-a-number", write_a_word_for_a_number, NULL, { "train", "tiny.ini" }, 2, { "tiny.ini", "line 3", "steps", "many" } },
  { "set-unknown-key", NULL, NULL, { "train", "tiny.ini", "--set", "Run.stps=3" }, 2, { "stps", "steps" } },
  { "set-out-of-range", NULL, NULL, { "train", "tiny.ini", "--set", "Encoder.depth=0" }, 2, { "depth", "1", "64" } },
  { "set-without-value", NULL, NULL, { "train", "tiny.ini", "--set", "Run.steps" }, 2, { "SECTION.KEY=VALUE" } },
  { "steps-zero", NULL, NULL, { "train", "tiny.ini", "--steps", "0" }, 2, { "steps" } },
  { "unknown-plugin", NULL, NULL, { "train", "tiny.ini", "--set", "Objective.plugin=magic" }, 2, { "magic", "mae" } },
  { "unknown-precision", NULL, NULL, { "train", "tiny.ini", "--precision", "f8" }, 2, { "precision", "f8" } },
  { "patch-does-not-fit", NULL, NULL, { "train", "tiny.ini", "--set", "Encoder.patch=5" }, 2, { "patch", "16" } },
  { "encoder-cannot-mask", choose_a_pair_that_does_not_fit, NULL, { "train", "tiny.ini" }, 2, { "flat", "mae", "vit" } },
  { "evaluate-without-run", NULL, NULL, { "evaluate" }, 2, { "run" } },
  { "unknown-probe", train_a_run, NULL, { "evaluate", "run", "--probe", "astrology" }, 2, { "astrology", "linear" } },
  { "embed-to-unknown-format", train_a_run, NULL, { "embed", "run", "--output", "f.doc" }, 2, { "f.doc", ".npy" } },
  { "bench-unknown-case", NULL, NULL, { "bench", "vit-s16-224-nae" }, 2, { "vit-s16-224-nae", "--help" } },
  { "bench-unknown-precision", NULL, NULL, { "bench", "--precision", "f8" }, 2, { "f8", "bf16" } },
  { "bench-no-time", NULL, NULL, { "bench", "--seconds", "-1" }, 2, { "--seconds" } },
  { "bench-no-device", NULL, NULL, { "bench", "--device", "abacus" }, 3, { "abacus" } },
  { "resume-with-another-seed", train_a_run, NULL, { "train", "--resume", "run", "--seed", "9" }, 2, { "seed" } },
  { "serve-nowhere", NULL, NULL, { "serve" }, 2, { "--fd" } },

  /* The work failed: 1 */
  { "no-data-folder", NULL, NULL, { "train", "tiny.ini", "--set", "Dataset.path=/nonexistent" }, 1, { "/nonexistent", "path" } },
  { "missing-data", remove_the_data, NULL, { "train", "tiny.ini" }, 1, { "train-images-idx3-ubyte" } },
  { "truncated-data", truncate_the_data, NULL, { "train", "tiny.ini" }, 1, { "train-images-idx3-ubyte" } },
  { "folder-not-writable", put_a_file_in_the_way, NULL, { "train", "tiny.ini", "--out", "file/run" }, 1, { "file", "--out" } },
  { "folder-taken", train_a_run, NULL, { "train", "tiny.ini", "--out", "run" }, 1, { "run", "--resume" } },
  { "no-such-run", NULL, NULL, { "evaluate", "nowhere" }, 1, { "nowhere" } },
  { "resume-nothing", NULL, NULL, { "train", "--resume", "nowhere" }, 1, { "nowhere" } },
  { "no-good-checkpoint", train_and_break_all_checkpoints, NULL, { "evaluate", "run" }, 1, { "8.safetensors" } },
  { "inspect-no-picture", train_a_run, NULL, { "inspect", "run", "--image", "tiny.ini", "--output", "o" }, 1, { "tiny.ini" } },
  { "serve-on-no-socket", NULL, NULL, { "serve", "--fd", "77" }, 1, { "77" } },

  /* No device: 3 */
  { "no-device", NULL, NO_DEVICE, { "train", "tiny.ini" }, 3, { NO_DEVICE_REMEDY } },
  { "no-device-before-the-data", remove_the_data, NO_DEVICE, { "train", "tiny.ini" }, 3, { NO_DEVICE_REMEDY } },
  { "no-device-to-list", NULL, NO_DEVICE, { "devices" }, 3, { NO_DEVICE_REMEDY } },
  { "no-device-to-resume", train_a_run, NO_DEVICE, { "train", "--resume", "run" }, 3, { NO_DEVICE_REMEDY } },
  { "no-device-to-evaluate", train_a_run, NO_DEVICE, { "evaluate", "run" }, 3, { NO_DEVICE_REMEDY } },
  { "no-device-to-inspect", train_a_run, NO_DEVICE, { "inspect", "run" }, 3, { NO_DEVICE_REMEDY } },
  { "no-device-to-embed", train_a_run, NO_DEVICE, { "embed", "run", "--output", "f.csv" }, 3, { NO_DEVICE_REMEDY } },
  { "no-device-to-bench", NULL, NO_DEVICE, { "bench" }, 3, { NO_DEVICE_REMEDY } },
  { "no-such-device", NULL, NULL, { "train", "tiny.ini", "--device", "abacus" }, 3, { "abacus" } },
};
/* clang-format on */

static void
test_fault (gconstpointer data)
{
  const Fault *fault = data;
  const char *environment[] = { fault->environment, NULL };
  TinyWorld *world = tiny_world_new ();
  g_autofree char *runs = tiny_path (world, "eidoscope/runs");
  g_autoptr (GDir) left = NULL;
  g_auto (TinyResult) result = { 0 };

  if (fault->prepare != NULL)
    fault->prepare (world);
  result = tiny_run (world, fault->words, environment);
  tiny_assert_status (&result, fault->status);
  for (guint i = 0; i < G_N_ELEMENTS (fault->says) && fault->says[i] != NULL; i++)
    {
      if (strstr (result.errors, fault->says[i]) == NULL)
        g_test_message ("“%s” is not in: %s", fault->says[i], result.errors);
      g_assert_nonnull (strstr (result.errors, fault->says[i]));
    }
  /* Nothing half-made stays behind. */
  left = g_dir_open (runs, 0, NULL);
  g_assert_true (left == NULL || g_dir_read_name (left) == NULL);
  tiny_world_free (world);
}

/* --- Faults with an aftermath -------------------------------------------------------- */

/* Training stops with status 4, says step and tensor, and what was saved before
 * is good: the run can be measured and has no checkpoint beyond.             */
static void
test_infinite_loss_keeps_the_last_good_checkpoint (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autofree char *later = tiny_path (world, "run/checkpoints/8.safetensors");
  g_auto (TinyResult) train = { 0 };
  g_auto (TinyResult) evaluate = { 0 };

  write_recipe (world,
                "plugin = mae\n"
                "decoder-width = 8\n"
                "decoder-depth = 1\n"
                "decoder-heads = 2\n",
                "plugin = burst\nat = 6\n");
  train = TINY_RUN (world, "train", "tiny.ini", "--out", "run");
  tiny_assert_status (&train, 4);
  g_test_message ("%s", train.errors);
  g_assert_nonnull (strstr (train.errors, "step 7"));
  g_assert_nonnull (strstr (train.errors, "scale"));
  g_assert_nonnull (strstr (train.errors, "step 4"));

  g_assert_false (g_file_test (later, G_FILE_TEST_EXISTS));
  evaluate = TINY_RUN (world, "evaluate", "run", "--json");
  tiny_assert_status (&evaluate, 0);
  g_assert_nonnull (strstr (evaluate.output, "\"step\":4"));
  tiny_world_free (world);
}

/* A checkpoint that does not check out is passed over for the one before. */
static void
test_broken_checkpoint_is_passed_over (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autofree char *newest = tiny_path (world, "run/checkpoints/8.safetensors");
  g_auto (TinyResult) result = { 0 };

  train_a_run (world);
  g_assert_true (g_file_set_contents (newest, "cut short", -1, NULL));
  result = TINY_RUN (world, "evaluate", "run", "--json");
  tiny_assert_status (&result, 0);
  g_assert_nonnull (strstr (result.output, "\"step\":4"));
  tiny_world_free (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strconcat ("/faults/", faults[i].name, NULL);

      g_test_add_data_func (path, &faults[i], test_fault);
    }
  g_test_add_func ("/faults/infinite-loss-keeps-the-last-good-checkpoint",
                   test_infinite_loss_keeps_the_last_good_checkpoint);
  g_test_add_func ("/faults/broken-checkpoint-is-passed-over", test_broken_checkpoint_is_passed_over);
  return g_test_run ();
}
