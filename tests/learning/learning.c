/* learning.c: real trainings through the real command: they learn, they give
 * the same bits again, they survive being killed, and their weights are those
 * PyTorch reads.                                                             */
#include "tests/learning/lines.h"
#include "app/store/store.h"
#include "tests/support/tiny.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FASHION "/usr/share/datasets/fashion-mnist"

/* --- Checkpoints ------------------------------------------------------------------ */

static GBytes *
read_checkpoint (TinyWorld *world, const char *run, guint step)
{
  g_autofree char *name = g_strdup_printf ("%s/checkpoints/%u.safetensors", run, step);
  g_autofree char *file = tiny_path (world, name);
  g_autoptr (GError) error = NULL;
  char *bytes = NULL;
  gsize length;

  g_file_get_contents (file, &bytes, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (bytes, length);
}

static void
assert_same_checkpoints (TinyWorld *world, const char *a, const char *b, guint step)
{
  g_autoptr (GBytes) of_a = read_checkpoint (world, a, step);
  g_autoptr (GBytes) of_b = read_checkpoint (world, b, step);

  if (!g_bytes_equal (of_a, of_b))
    g_test_message ("the checkpoints of step %u of %s and %s differ", step, a, b);
  g_assert_true (g_bytes_equal (of_a, of_b));
}

/* --- Learning ---------------------------------------------------------------------- */

/* A minute of SimCLR on Fashion-MNIST: neighbours in the features agree better
 * than in those of a random encoder, the loss leaves its chance line, and the
 * embedding has not collapsed.                                               */
static void
test_simclr_learns_fashion (void)
{
  TinyWorld *world = NULL;
  g_auto (TinyResult) result = { 0 };
  g_autoptr (GPtrArray) lines = NULL;
  JsonObject *end;
  double gain;

  if (!g_file_test (FASHION, G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("Fashion-MNIST is not installed (apt install dataset-fashion-mnist)");
      return;
    }
  world = tiny_world_new ();
  result = TINY_RUN (world, "train", "fashion-simclr", "--json", "--out", "run", "--steps", "160", "--set",
                     "Run.batch=128", "--set", "Encoder.width=64", "--set", "Encoder.heads=4", "--set",
                     "Encoder.depth=3", "--set", "Optimizer.warmup=20", "--set", "Optimizer.lr=2e-3", "--set",
                     "Evaluate.train-limit=4000", "--set", "Evaluate.test-limit=1000", "--set",
                     "Evaluate.probe-epochs=20");
  tiny_assert_status (&result, 0);
  lines = lines_parse (result.output);
  end = lines_last (lines);
  g_assert_true (json_object_get_boolean_member (end, "done"));
  g_assert_cmpint (json_object_get_int_member (end, "steps"), ==, 160);

  gain = lines_number (end, "knn") - lines_number (end, "knn_random");
  g_test_message ("knn %.3f over random %.3f, linear %.3f over %.3f, loss %.3f, rank %.1f",
                  lines_number (end, "knn"), lines_number (end, "knn_random"), lines_number (end, "linear"),
                  lines_number (end, "linear_random"), lines_number (end, "loss"),
                  lines_number (end, "rank"));
  g_assert_cmpfloat (gain, >, 0.05);
  g_assert_cmpfloat (lines_number (end, "linear"), >, lines_number (end, "linear_random") + 0.03);
  /* Chance is ln (255) = 5.54. */
  g_assert_cmpfloat (lines_number (end, "loss"), <, 4.5);
  g_assert_cmpfloat (lines_number (end, "rank"), >, 5);
  tiny_world_free (world);
}

/* With a learning rate of nought nothing is learnt, and nothing is claimed: the
 * trained model measures what the random one does, exactly.                  */
static void
test_what_did_not_move_is_the_random_baseline (void)
{
  TinyWorld *world = tiny_world_new ();
  g_auto (TinyResult) result =
      TINY_RUN (world, "train", "tiny.ini", "--json", "--out", "run", "--set", "Optimizer.lr=0");
  g_autoptr (GPtrArray) lines = NULL;
  JsonObject *end;

  tiny_assert_status (&result, 0);
  lines = lines_parse (result.output);
  end = lines_last (lines);
  g_assert_cmpfloat (lines_number (end, "knn"), ==, lines_number (end, "knn_random"));
  g_assert_cmpfloat (lines_number (end, "linear"), ==, lines_number (end, "linear_random"));
  tiny_world_free (world);
}

/* Masked autoencoding gets better at what it is asked to do. */
static void
test_mae_loss_falls (void)
{
  TinyWorld *world = tiny_world_new ();
  g_auto (TinyResult) result =
      TINY_RUN (world, "train", "tiny.ini", "--json", "--out", "run", "--steps", "300", "--set",
                "Optimizer.lr=3e-3", "--set", "Encoder.width=32", "--set", "Objective.decoder-width=32");
  g_autoptr (GPtrArray) lines = NULL;
  double first = 0, last = 0;

  tiny_assert_status (&result, 0);
  lines = lines_parse (result.output);
  for (guint i = 0; i < 10; i++)
    first += lines_number (lines->pdata[i], "loss") / 10;
  last = lines_number (lines_last (lines), "loss");
  g_test_message ("loss from %.3f to %.3f", first, last);
  g_assert_cmpfloat (last, <, 0.9 * first);
  tiny_world_free (world);
}

/* --- What is printed ------------------------------------------------------------------ */

static void
test_json_lines_say_what_they_must (void)
{
  const char *const of_report[] = { "step", "loss", "samples_per_second" };
  const char *const of_end[] = { "steps",      "seconds",      "samples_per_second", "peak_device_bytes",
                                 "knn",        "linear",       "knn_random",         "linear_random",
                                 "knn_pixels", "linear_pixels" };
  TinyWorld *world = tiny_world_new ();
  g_auto (TinyResult) result = TINY_RUN (world, "train", "tiny.ini", "--json", "--out", "run");
  g_autoptr (GPtrArray) lines = NULL;
  guint evaluations = 0;

  tiny_assert_status (&result, 0);
  lines = lines_parse (result.output);
  for (guint i = 0; i + 1 < lines->len; i++)
    {
      for (guint j = 0; j < G_N_ELEMENTS (of_report); j++)
        g_assert_true (isfinite (lines_number (lines->pdata[i], of_report[j])));
      evaluations += json_object_has_member (lines->pdata[i], "knn")
                     && json_object_has_member (lines->pdata[i], "linear");
    }
  g_assert_cmpuint (evaluations, ==, 2);
  g_assert_true (json_object_get_boolean_member (lines_last (lines), "done"));
  for (guint j = 0; j < G_N_ELEMENTS (of_end); j++)
    g_assert_true (isfinite (lines_number (lines_last (lines), of_end[j])));
  g_assert_cmpint (json_object_get_int_member (lines_last (lines), "steps"), ==, 24);

  /* The pictures it names are there. */
  g_assert_nonnull (strstr (result.errors, "run/pictures/reconstruction.png"));
  tiny_world_free (world);
}

/* --- The same bits --------------------------------------------------------------------- */

static void
test_same_seed_gives_the_same_bits (void)
{
  TinyWorld *world = tiny_world_new ();
  g_auto (TinyResult) a = TINY_RUN (world, "train", "tiny.ini", "--out", "a");
  g_auto (TinyResult) b = TINY_RUN (world, "train", "tiny.ini", "--out", "b");
  g_auto (TinyResult) other = TINY_RUN (world, "train", "tiny.ini", "--out", "other", "--seed", "4");
  g_autoptr (GBytes) of_a = NULL;
  g_autoptr (GBytes) of_other = NULL;

  tiny_assert_status (&a, 0);
  tiny_assert_status (&b, 0);
  tiny_assert_status (&other, 0);
  assert_same_checkpoints (world, "a", "b", 24);
  of_a = read_checkpoint (world, "a", 24);
  of_other = read_checkpoint (world, "other", 24);
  g_assert_false (g_bytes_equal (of_a, of_other));
  tiny_world_free (world);
}

typedef struct
{
  const char *name, *precision;
  const char *environment; /* "KEY=VALUE", or NULL */
} Threads;

static const Threads threaded[] = {
  { "f32", "f32" },
  { "bf16", "bf16" },
  { "f32-without-avx512", "f32", "ONEDNN_MAX_CPU_ISA=AVX2" },
};

/* A residual network, whose weights' gradients are sums over a batch that threads share. */
static void
test_any_number_of_threads_gives_the_same_bits (gconstpointer data)
{
  const Threads *variant = data;
  static const char *const threads[] = { "1", "2", "3" };
  TinyWorld *world = tiny_world_new ();
  g_autofree char *text =
      g_strdup_printf ("[Run]\nsteps = 2\nbatch = 10\nseed = 3\nmoments = 0\n[Dataset]\nreader = idx\n"
                       "path = %s\nsize = 16\n[Encoder]\nplugin = resnet\nwidth = 0.5\n[Objective]\n"
                       "plugin = simclr\nhidden = 32\noutput = 16\n[Optimizer]\nwarmup = 1\n[Evaluate]\n"
                       "train-limit = 20\ntest-limit = 10\nprobe-epochs = 1\n",
                       world->data);

  g_assert_true (g_file_set_contents (world->recipe, text, -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autofree char *environment = g_strconcat ("OMP_NUM_THREADS=", threads[i], NULL);
      g_auto (TinyResult) result =
          tiny_run (world,
                    (const char *const[]){ "train", "tiny.ini", "--precision", variant->precision, "--out",
                                           threads[i], NULL },
                    (const char *const[]){ environment, variant->environment, NULL });

      tiny_assert_status (&result, 0);
      assert_same_checkpoints (world, threads[0], threads[i], 2);
    }
  tiny_world_free (world);
}

/* --- Kill -9 ----------------------------------------------------------------------------- */

#define KILL_STEPS      300
#define KILL_STEPS_TEXT "300"

/* Starts the command and kills it after @microseconds; TRUE if it was killed. */
static gboolean
run_and_kill (TinyWorld *world, const char *const *words, gulong microseconds)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (arguments, (gpointer) tiny_command ());
  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add (arguments, (gpointer) words[i]);
  g_ptr_array_add (arguments, NULL);
  g_subprocess_launcher_set_cwd (launcher, world->folder);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) arguments->pdata, &error);
  g_assert_no_error (error);
  g_usleep (microseconds);
  g_subprocess_send_signal (process, SIGKILL);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  return g_subprocess_get_if_signaled (process);
}

static guint
kills_wanted (void)
{
  const char *text = g_getenv ("EIDOSCOPE_KILLS");

  return text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : 5;
}

/* Killed at random moments, and resumed each time, a run ends with the weights,
 * the moments and the metrics of one that was left alone.                    */
static void
test_killed_run_ends_with_the_same_bits (void)
{
  const char *const start[] = { "train",   "tiny.ini",
                                "--steps", KILL_STEPS_TEXT,
                                "--set",   "Run.checkpoint-every=7",
                                "--set",   "Run.evaluate-every=100",
                                "--out",   "killed",
                                NULL };
  const char *const resume[] = { "train", "--resume", "killed", NULL };
  TinyWorld *world = tiny_world_new ();
  g_autofree char *recipe = tiny_path (world, "killed/recipe.ini");
  g_autofree char *folder = tiny_path (world, "killed");
  const gint64 begun = g_get_monotonic_time ();
  g_auto (TinyResult) alone =
      TINY_RUN (world, "train", "tiny.ini", "--steps", KILL_STEPS_TEXT, "--set", "Run.checkpoint-every=7",
                "--set", "Run.evaluate-every=100", "--out", "alone");
  const gint64 whole = g_get_monotonic_time () - begun;
  g_auto (TinyResult) last = { 0 };
  g_autoptr (EidRun) run = NULL;
  g_autoptr (GArray) losses = NULL;
  g_autoptr (GError) error = NULL;
  guint kills = 0;

  tiny_assert_status (&alone, 0);
  for (guint tries = 0; kills < kills_wanted () && tries < 40 * kills_wanted (); tries++)
    {
      const gboolean begins = !g_file_test (recipe, G_FILE_TEST_EXISTS);
      const gulong moment = (gulong) g_test_rand_int_range (0, (gint32) MAX (whole / 2, 2));

      kills += run_and_kill (world, begins ? start : resume, moment) && !begins;
    }
  g_test_message ("killed %u times while it went on", kills);
  g_assert_cmpuint (kills, ==, kills_wanted ());

  last = tiny_run (world, g_file_test (recipe, G_FILE_TEST_EXISTS) ? resume : start, NULL);
  tiny_assert_status (&last, 0);
  assert_same_checkpoints (world, "alone", "killed", KILL_STEPS);

  run = eid_run_open (folder, FALSE, &error);
  g_assert_no_error (error);
  losses = eid_run_metric_series (run, "loss", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (losses->len, ==, KILL_STEPS);
  for (guint i = 0; i < losses->len; i++)
    g_assert_cmpuint (g_array_index (losses, EidPoint, i).step, ==, i + 1);
  g_clear_pointer (&run, eid_run_close);
  tiny_world_free (world);
}

static void
lead_a_group (gpointer data)
{
  setpgid (0, 0);
}

/* Ctrl-C, which a terminal sends to all processes of a group, ends the step, keeps it, and says how to
 * go on; also while kernels are compiled, as at the first @cold run. */
static void
test_interrupted_run_goes_on (gconstpointer cold)
{
  TinyWorld *world = tiny_world_new ();
  g_autofree char *recipe = tiny_path (world, "run/recipe.ini"), *kernels = tiny_path (world, "kernels");
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (TinyResult) on = { 0 };

  g_subprocess_launcher_set_cwd (launcher, world->folder);
  g_subprocess_launcher_set_child_setup (launcher, lead_a_group, NULL, NULL);
  if (cold)
    {
      g_assert_cmpint (g_mkdir (kernels, 0700), ==, 0);
      g_subprocess_launcher_setenv (launcher, "POCL_CACHE_DIR", kernels, TRUE);
    }
  process = g_subprocess_launcher_spawn (launcher, &error, tiny_command (), "train", "tiny.ini", "--steps",
                                         "100000", "--out", "run", NULL);
  g_assert_no_error (error);
  for (guint i = 0; i < 300 && !g_file_test (recipe, G_FILE_TEST_EXISTS); i++)
    g_usleep (100000);
  g_usleep (500000);
  kill (-atoi (g_subprocess_get_identifier (process)), SIGINT);
  g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &said, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  if (g_subprocess_get_exit_status (process) != 0)
    g_test_message ("%s", said);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  g_assert_nonnull (strstr (said, "--resume"));

  /* With a new end right where it is: nothing is left to do but to measure. */
  on = TINY_RUN (world, "train", "--resume", "run", "--steps", "1");
  tiny_assert_status (&on, 0);
  tiny_world_free (world);
}

/* Ctrl-C in the midst of a long evaluation does not wait for its end; the next session makes it. */
static void
test_interrupted_evaluation_is_put_off (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autofree char *checkpoint = tiny_path (world, "run/checkpoints/4.safetensors");
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;

  tiny_write_data (world->data, 1200);
  g_subprocess_launcher_set_cwd (launcher, world->folder);
  /* Of 50,000 updates a probe. */
  process = g_subprocess_launcher_spawn (
      launcher, &error, tiny_command (), "train", "tiny.ini", "--out", "run", "--set", "Run.evaluate-every=4",
      "--set", "Evaluate.probe-epochs=10000", "--set", "Evaluate.train-limit=0", NULL);
  g_assert_no_error (error);
  /* It is written before the evaluation. */
  for (guint i = 0; i < 6000 && !g_file_test (checkpoint, G_FILE_TEST_EXISTS); i++)
    g_usleep (10000);
  g_subprocess_send_signal (process, SIGINT);
  g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &said, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_test_message ("%s", said);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  g_assert_nonnull (strstr (said, "Stopped at step 4."));
  g_assert_null (strstr (said, "evaluation at step"));
  tiny_world_free (world);
}

/* --- PyTorch ------------------------------------------------------------------------------- */

static void
test_exported_encoder_is_the_same_in_timm (void)
{
  TinyWorld *world = tiny_world_new ();
  const char *wanted = g_getenv ("EIDOSCOPE_PYTHON"), *python = wanted != NULL ? wanted : "python3";
  const char *script = g_getenv ("EIDOSCOPE_TIMM_CHECK");
  g_auto (TinyResult) train =
      TINY_RUN (world, "train", "tiny.ini", "--out", "run", "--set", "Encoder.pooling=class", "--precision",
                "f32"); /* as PyTorch computes */
  g_auto (TinyResult) export = TINY_RUN (world, "export", "run", "--output", "weights.safetensors");
  g_auto (TinyResult) embed = TINY_RUN (world, "embed", "run", "--output", "features.npy");
  g_autofree char *weights = tiny_path (world, "weights.safetensors");
  g_autofree char *features = tiny_path (world, "features.npy");
  g_autofree char *images = g_build_filename (world->data, "t10k-images-idx3-ubyte", NULL);
  g_autofree char *said = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  tiny_assert_status (&train, 0);
  tiny_assert_status (&export, 0);
  tiny_assert_status (&embed, 0);
  process = script != NULL
                ? g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &error,
                                    python, script, weights, features, images, NULL)
                : NULL;
  if (process == NULL)
    g_test_skip ("there is no Python");
  else
    {
      g_subprocess_communicate_utf8 (process, NULL, NULL, &said, NULL, &error);
      g_assert_no_error (error);
      g_test_message ("%s", said);
      if (g_subprocess_get_if_exited (process) && g_subprocess_get_exit_status (process) == 77)
        g_test_skip ("this Python has no timm: name one by EIDOSCOPE_PYTHON");
      else
        g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
    }
  tiny_world_free (world);
}

/* Another run begins with the weights of a file, by whatever names, and a file of another encoder is
 * refused with the place of the key. */
static void
test_a_run_begins_with_weights (void)
{
  TinyWorld *world = tiny_world_new ();
  const char *weights = "Encoder.weights=weights.safetensors";
  g_auto (TinyResult) train = TINY_RUN (world, "train", "tiny.ini", "--out", "run", "--steps", "2");
  g_auto (TinyResult) export =
      TINY_RUN (world, "export", "run", "--names", "huggingface", "--output", "weights.safetensors");
  g_auto (TinyResult) again = TINY_RUN (world, "train", "tiny.ini", "--out", "again", "--steps", "2", "--set",
                                        weights, "--set", "Optimizer.lr=0");
  g_auto (TinyResult) embed = TINY_RUN (world, "embed", "run", "--output", "features.csv");
  g_auto (TinyResult) embed_again = TINY_RUN (world, "embed", "again", "--output", "again.csv");
  g_auto (TinyResult) deeper =
      TINY_RUN (world, "train", "tiny.ini", "--out", "deeper", "--set", weights, "--set", "Encoder.depth=5");
  g_autofree char *file = tiny_path (world, "features.csv"), *file_again = tiny_path (world, "again.csv");
  g_autofree char *features = NULL, *features_again = NULL;

  tiny_assert_status (&train, 0);
  tiny_assert_status (&export, 0);
  tiny_assert_status (&again, 0);
  tiny_assert_status (&embed, 0);
  tiny_assert_status (&embed_again, 0);
  g_assert_true (g_file_get_contents (file, &features, NULL, NULL));
  g_assert_true (g_file_get_contents (file_again, &features_again, NULL, NULL));
  g_assert_cmpstr (features, ==, features_again);

  g_assert_cmpint (deeper.status, !=, 0);
  g_assert_nonnull (strstr (deeper.errors, "[Encoder] weights"));
  g_assert_nonnull (strstr (deeper.errors, "encoder.layer.2.layernorm_before.weight"));
  tiny_world_free (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/learning/what-did-not-move-is-the-random-baseline",
                   test_what_did_not_move_is_the_random_baseline);
  g_test_add_func ("/learning/mae-loss-falls", test_mae_loss_falls);
  g_test_add_func ("/learning/json-lines-say-what-they-must", test_json_lines_say_what_they_must);
  g_test_add_func ("/learning/same-seed-gives-the-same-bits", test_same_seed_gives_the_same_bits);
  for (guint i = 0; i < G_N_ELEMENTS (threaded); i++)
    {
      g_autofree char *path =
          g_strconcat ("/learning/any-number-of-threads-gives-the-same-bits/", threaded[i].name, NULL);

      g_test_add_data_func (path, &threaded[i], test_any_number_of_threads_gives_the_same_bits);
    }
  g_test_add_func ("/learning/killed-run-ends-with-the-same-bits", test_killed_run_ends_with_the_same_bits);
  g_test_add_data_func ("/learning/interrupted-run-goes-on", NULL, test_interrupted_run_goes_on);
  g_test_add_func ("/learning/interrupted-evaluation-is-put-off", test_interrupted_evaluation_is_put_off);
  g_test_add_data_func ("/learning/interrupted-run-goes-on-cold", "cold", test_interrupted_run_goes_on);
  g_test_add_func ("/learning/a-run-begins-with-weights", test_a_run_begins_with_weights);
  g_test_add_func ("/learning/exported-encoder-is-the-same-in-timm",
                   test_exported_encoder_is_the_same_in_timm);
  g_test_add_func ("/learning/simclr-learns-fashion", test_simclr_learns_fashion);
  return g_test_run ();
}
