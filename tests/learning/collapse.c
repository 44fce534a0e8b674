/* collapse.c: real trainings, sound ones and such as are known to fail: each gets
 * the verdict it deserves, and the sound ones none. A row whose objective is not
 * there is skipped. collapse.py measures how early the verdicts come.          */
#include "tests/learning/lines.h"
#include "tests/support/tiny.h"

#include <string.h>

#define FASHION "/usr/share/datasets/fashion-mnist"

typedef struct
{
  const char *name, *objective;
  const char *settings; /* of the objective and others, "SECTION.KEY=VALUE" between spaces */
  const char *expected; /* verdicts, "|" between; NULL: none but healthy                   */
} Row;

/* clang-format off */
static const Row rows[] = {
  { "simclr", "simclr", "Objective.hidden=128", NULL },
  { "simclr-rate-too-high", "simclr", "Objective.hidden=128 Optimizer.lr=1",
    "diverging|learning-nothing|complete-collapse" },
  { "mae", "mae", "", NULL },
  { "mae-rate-too-high", "mae", "Optimizer.lr=1", "diverging|learning-nothing" },
  { "dino", "dino", "", NULL },
  { "dino-without-centre", "dino", "Objective.center-momentum=1", "complete-collapse|dimensional-collapse" },
  { "dino-without-sharpening", "dino", "Objective.teacher-temperature=1 Objective.teacher-temperature-end=1",
    "complete-collapse" },
  { "byol", "byol", "", NULL },
  { "byol-without-stop-gradient", "byol", "Objective.stop-gradient=false",
    "complete-collapse|dimensional-collapse" },
  { "simsiam", "simsiam", "", NULL },
  { "simsiam-without-stop-gradient", "simsiam", "Objective.stop-gradient=false Run.steps=140",
    "complete-collapse|dimensional-collapse" },
  { "barlow-twins", "barlow-twins", "Objective.hidden=256 Objective.output=256", NULL },
  { "barlow-twins-without-redundancy", "barlow-twins",
    "Objective.lambda=0 Objective.hidden=256 Objective.output=256", "complete-collapse|dimensional-collapse" },
  { "moco", "moco", "", NULL },
  { "vicreg-without-variance", "vicreg", "Objective.variance=0 Objective.hidden=256 Objective.output=256",
    "complete-collapse|dimensional-collapse" },
};
/* clang-format on */

static const char recipe[] =
    "[Run]\nsteps = 80\nbatch = 64\nseed = 1\nevaluate-every = 0\ncheckpoint-every = 100000\n"
    "[Dataset]\nreader = idx\npath = " FASHION "\nsize = 28\n"
    "[Augment]\ncrop-min = 0.3\nsaturation = 0\nhue = 0\ngrey = 0\nblur = 0.2\nblur-max = 1\n"
    "[Encoder]\nplugin = vit\npatch = 4\nwidth = 48\ndepth = 2\nheads = 3\npooling = mean\n"
    "[Optimizer]\nlr = 2e-3\nwarmup = 10\n"
    "[Evaluate]\nhealth-every = 10\ntrain-limit = 500\ntest-limit = 200\nprobe-epochs = 1\n"
    "[Objective]\n";

/* Few prototypes for few pictures, and a teacher that follows within the run. */
static const char of_dino[] = "prototypes = 256\nhidden = 128\nbottleneck = 64\nsmall-crops = 2\n"
                              "small-crop-min = 0.15\nsmall-crop-max = 0.5\nteacher-momentum = 0.98\n";

static gboolean
has_objective (TinyWorld *world, const char *objective)
{
  g_auto (TinyResult) result = TINY_RUN (world, "plugins", "--json");
  g_autofree char *id = g_strdup_printf ("\"id\":\"%s\"", objective);

  tiny_assert_status (&result, 0);
  return strstr (result.output, id) != NULL;
}

static GPtrArray *
train (TinyWorld *world, const Row *row)
{
  g_autofree char *file = tiny_path (world, "row.ini");
  g_autofree char *text = g_strdup_printf ("%splugin = %s\n%s", recipe, row->objective,
                                           g_str_equal (row->objective, "dino") ? of_dino : "");
  g_auto (GStrv) settings = g_strsplit (row->settings, " ", -1);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_auto (TinyResult) result = { 0 };

  g_file_set_contents (file, text, -1, &error);
  g_assert_no_error (error);
  g_ptr_array_add (words, (gpointer) "train");
  g_ptr_array_add (words, (gpointer) "row.ini");
  g_ptr_array_add (words, (gpointer) "--json");
  g_ptr_array_add (words, (gpointer) "--out");
  g_ptr_array_add (words, (gpointer) "run");
  for (guint i = 0; settings[i] != NULL && *settings[i] != '\0'; i++)
    {
      g_ptr_array_add (words, (gpointer) "--set");
      g_ptr_array_add (words, settings[i]);
    }
  g_ptr_array_add (words, NULL);
  result = tiny_run (world, (const char *const *) words->pdata, NULL);
  tiny_assert_status (&result, 0);
  return lines_parse (result.output);
}

static void
test_verdict (gconstpointer data)
{
  const Row *row = data;
  TinyWorld *world;
  g_autoptr (GPtrArray) lines = NULL;
  g_auto (GStrv) expected = g_strsplit (row->expected != NULL ? row->expected : "healthy", "|", -1);
  guint alarms = 0, awaited = 0;

  if (!g_file_test (FASHION, G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("Fashion-MNIST is not installed (apt install dataset-fashion-mnist)");
      return;
    }
  world = tiny_world_new ();
  if (!has_objective (world, row->objective))
    g_test_skip ("the objective is not installed");
  else
    {
      lines = train (world, row);
      for (guint i = 0; i < lines->len; i++)
        if (json_object_has_member (lines->pdata[i], "verdict"))
          {
            const char *verdict = json_object_get_string_member (lines->pdata[i], "verdict");

            g_test_message ("step %.0f: %s: %s", lines_number (lines->pdata[i], "step"), verdict,
                            json_object_get_string_member (lines->pdata[i], "evidence"));
            alarms += !g_str_equal (verdict, "healthy");
            awaited += g_strv_contains ((const char *const *) expected, verdict);
            if (!g_str_equal (verdict, "healthy"))
              g_assert_cmpuint (
                  json_array_get_length (json_object_get_array_member (lines->pdata[i], "cure")), >, 0);
          }
      if (row->expected == NULL)
        g_assert_cmpuint (alarms, ==, 0);
      else
        g_assert_cmpuint (awaited, >, 0);
    }
  tiny_world_free (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/collapse/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_verdict);
    }
  return g_test_run ();
}
