/* recipes.c: what recipes mean, and what is said of bad ones. */
#include "tests/store/folder.h"

#include "app/store/store.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>

static const char good[] = "# A recipe with a bit of everything.\n"
                           "[Run]\n"
                           "title = Two words\n"
                           "steps = 1200\n"
                           "\n"
                           "[Dataset]\n"
                           "path = /data/pictures\n"
                           "[Augment]\n"
                           "crop-min = 0.25\n"
                           "[Encoder]\n"
                           "plugin = vit\n"
                           "depth = 4\n"
                           "patch = 7\n"
                           "[Objective]\n"
                           "plugin = mae\n"
                           "mask-ratio = 0.75\n"
                           "[Optimizer]\n"
                           "lr = 1e-3\n";

static EidRecipe *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  EidRecipe *recipe = eid_recipe_parse (text, "test.ini", &error);

  g_assert_no_error (error);
  g_assert_nonnull (recipe);
  return recipe;
}

/* Every default of the table is a value that the table itself accepts. */
static void
test_defaults (void)
{
  g_autoptr (EidRecipe) recipe = parse ("");
  guint count;
  const EidRecipeKey *keys = eid_recipe_keys (&count);

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *assignment = g_strdup_printf ("%s.%s=%s", keys[i].section, keys[i].key,
                                                     keys[i].value != NULL ? keys[i].value : "/data");
      g_autoptr (GError) error = NULL;

      g_assert_cmpstr (eid_recipe_text (recipe, keys[i].section, keys[i].key), ==,
                       keys[i].value != NULL ? keys[i].value : "");
      g_assert_true (eid_recipe_set (recipe, assignment, &error));
      g_assert_no_error (error);
      g_assert_true (g_str_has_suffix (keys[i].doc, "."));
    }
  g_assert_cmpint (eid_recipe_int (recipe, "Run", "batch"), ==, 128);
  g_assert_cmpfloat (eid_recipe_float (recipe, "Optimizer", "lr"), ==, 1e-3);
  g_assert_cmpstr (eid_recipe_text (recipe, "Encoder", "plugin"), ==, "vit");
}

/* What was written is what is read; what was not has its default. */
static void
test_values (void)
{
  g_autoptr (EidRecipe) recipe = parse (good);
  g_autoptr (GHashTable) values = eid_recipe_plugin_values (recipe);
  g_autofree char *where = eid_recipe_where (recipe, "Optimizer", "lr");
  g_autofree char *plugin_where = eid_recipe_where (recipe, "Objective", "mask-ratio");
  g_autofree char *nowhere = eid_recipe_where (recipe, "Run", "seed");

  g_assert_cmpstr (eid_recipe_title (recipe), ==, "Two words");
  g_assert_cmpint (eid_recipe_int (recipe, "Run", "steps"), ==, 1200);
  g_assert_cmpfloat (eid_recipe_float (recipe, "Augment", "crop-min"), ==, 0.25);
  g_assert_cmpint (eid_recipe_int (recipe, "Run", "seed"), ==, 1);
  g_assert_cmpuint (g_hash_table_size (values), ==, 3);
  g_assert_cmpstr (g_hash_table_lookup (values, "Encoder.patch"), ==, "7");
  g_assert_cmpstr (g_hash_table_lookup (values, "Objective.mask-ratio"), ==, "0.75");
  g_assert_cmpstr (where, ==, "test.ini, line 18");
  g_assert_cmpstr (plugin_where, ==, "test.ini, line 16");
  g_assert_cmpstr (nowhere, ==, "test.ini");
}

/* The text of a recipe, read again, gives the same text. */
static void
test_round_trip (void)
{
  const char *texts[] = {
    "",
    good,
    "[Run]\ntitle = \\\\ \\t \\n ü [x] = # ;\n",
    "\xef\xbb\xbf[Run]\r\nsteps=5\r\n",
    "[Encoder]\nzeta = 1\nalpha = \\s\\sx\nplugin = other\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (EidRecipe) first = parse (texts[i]);
      g_autofree char *text = eid_recipe_to_text (first);
      g_autoptr (EidRecipe) second = parse (text);
      g_autofree char *again = eid_recipe_to_text (second);

      g_assert_cmpstr (text, ==, again);
      g_assert_nonnull (strstr (text, "checkpoint-every=200"));
    }
}

/* Each of a key's choices is accepted and read as it was written. */
static void
test_choices (void)
{
  guint count;
  const EidRecipeKey *keys = eid_recipe_keys (&count);
  const char *precisions[] = { "auto", "f32", "bf16" };

  for (guint i = 0; i < G_N_ELEMENTS (precisions); i++)
    {
      g_autofree char *text = g_strdup_printf ("[Run]\nprecision = %s\n", precisions[i]);
      g_autoptr (EidRecipe) recipe = parse (text);

      g_assert_cmpstr (eid_recipe_text (recipe, "Run", "precision"), ==, precisions[i]);
    }

  for (guint i = 0; i < count; i++)
    {
      g_auto (GStrv) choices = g_strsplit (keys[i].choices != NULL ? keys[i].choices : "", "|", -1);

      for (guint j = 0; choices[j] != NULL; j++)
        {
          g_autofree char *text =
              g_strdup_printf ("[%s]\n%s = %s\n", keys[i].section, keys[i].key, choices[j]);
          g_autoptr (EidRecipe) recipe = parse (text);

          g_assert_cmpstr (eid_recipe_text (recipe, keys[i].section, keys[i].key), ==, choices[j]);
        }
    }
}

/* A bad recipe is refused with file, line, key and what was expected. */
static void
test_bad_input (void)
{
  static const struct
  {
    const char *text;
    const char *said[4];
  } cases[] = {
    { "[Run]\nsteps = abc\n",
      { "test.ini, line 2", "[Run] steps = abc", "whole number", "1 to 1000000000" } },
    { "[Run]\nsteps = 0\n", { "line 2", "steps = 0", "out of range", "1 to" } },
    { "[Run]\nsteps = 1e3\n", { "line 2", "steps = 1e3", "whole number" } },
    { "[Run]\nsteps =\n", { "line 2", "whole number" } },
    { "[Run]\nsteps = 99999999999999999999999\n", { "line 2", "out of range" } },
    { "\n\n[Optimizer]\n# the rate\nlr = abc\n",
      { "line 5", "[Optimizer] lr = abc", "not a number", "0 to 10" } },
    { "[Optimizer]\nlr = 0,5\n", { "line 2", "not a number" } },
    { "[Optimizer]\nlr = nan\n", { "line 2", "not a number" } },
    { "[Optimizer]\nlr = 1e999\n", { "line 2", "not a number" } },
    { "[Optimizer]\nlr = -1\n", { "line 2", "out of range" } },
    { "[Optimizer]\nlr = 0x1\n", { "line 2", "not a number" } },
    { "[Run]\nprecision = f16\n", { "line 2", "precision = f16", "auto, f32, bf16" } },
    { "[Dataset]\nreader = idz\n", { "line 2", "idx, folder" } },
    { "[Run]\nbatchs = 5\n", { "line 2", "batchs", "[Run]", "nearest is batch" } },
    { "[Run]\nlr = 5\n", { "line 2", "lr", "[Run]", "[Optimizer]" } },
    { "[Optimiser]\nlr = 5\n", { "line 1", "[Optimiser]", "[Optimizer]" } },
    { "[Optimizer]\nLR = 5\n", { "line 2", "LR", "nearest is lr" } },
    { "[Run]\nsteps = 5\nseed = 1\nsteps = 6\n", { "line 4", "steps", "twice", "line 2" } },
    { "steps = 5\n[Run]\n", { "line 1", "steps", "before the first section" } },
    { "[Run]\nsteps\n", { "line 2", "steps", "key = value" } },
    { "[Run]\n= 5\n", { "line 2", "key = value" } },
    { "[Run\nsteps = 5\n", { "line 1", "[Run", "[Section]" } },
    { "[Run]\ntitle[de] = x\n", { "line 2", "title[de]" } },
    { "[Encoder]\nwidth of it = 5\n", { "line 2", "width of it", "letters" } },
    { "[Run]\ntitle = a\\qb\n", { "line 2", "title" } },
    { "[Run]\ntitle = ok\nsteps = \xff\n", { "line 3", "UTF-8" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (EidRecipe) recipe = eid_recipe_parse (cases[i].text, "test.ini", &error);
      g_autofree char *shown = g_strescape (cases[i].text, NULL);

      g_test_message ("%s -> %s", shown, error != NULL ? error->message : "accepted");
      g_assert_null (recipe);
      g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      for (guint j = 0; j < G_N_ELEMENTS (cases[i].said) && cases[i].said[j] != NULL; j++)
        g_assert_nonnull (strstr (error->message, cases[i].said[j]));
    }
}

/* A file that is no recipe is refused, not read to its end. */
static void
test_bad_files (void)
{
  char *folder = test_folder_new ();
  g_autofree char *huge_text = g_strnfill (3 * 1024 * 1024, '#');
  g_autofree char *huge = test_file_new (folder, "huge.ini", huge_text, -1);
  g_autofree char *binary = test_file_new (folder, "binary.ini", "[Run]\n\0\1\2", 9);
  const char *names[] = { huge, binary, folder, "/dev/zero", "no-such-recipe", "../recipes/fashion-mae", "" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (EidRecipe) recipe = eid_recipe_load (names[i], &error);

      g_test_message ("%s", error != NULL ? error->message : "accepted");
      g_assert_null (recipe);
      g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE);
    }
  test_folder_remove (folder);
}

/* --set changes a value or adds one, is checked alike, and leaves the recipe
 * as it was when refused.                                                    */
static void
test_set (void)
{
  g_autoptr (EidRecipe) recipe = parse (good);
  static const struct
  {
    const char *assignment, *said;
  } bad[] = {
    { "Run.steps=many", "--set: [Run] steps = many" },
    { "Run.stebs=5", "nearest is steps" },
    { "Runn.steps=5", "nearest is [Run]" },
    { "steps=5", "SECTION.KEY=VALUE" },
    { "Run.steps", "SECTION.KEY=VALUE" },
    { "", "SECTION.KEY=VALUE" },
    { ".=", "there is no section" },
    { "Run.title=\xff", "SECTION.KEY=VALUE" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *before = eid_recipe_to_text (recipe);
      g_autofree char *after = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_false (eid_recipe_set (recipe, bad[i].assignment, &error));
      g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, bad[i].said));
      after = eid_recipe_to_text (recipe);
      g_assert_cmpstr (before, ==, after);
    }

  g_assert_true (eid_recipe_set (recipe, "Run.steps=77", NULL));
  g_assert_true (eid_recipe_set (recipe, "Objective.mask-ratio = 0.5", NULL));
  g_assert_true (eid_recipe_set (recipe, "Dataset.path=~/x=y", NULL));
  g_autoptr (GHashTable) values = eid_recipe_plugin_values (recipe);
  g_autofree char *where = eid_recipe_where (recipe, "Run", "steps");
  g_autofree char *home = g_build_filename (g_get_home_dir (), "x=y", NULL);
  g_assert_cmpint (eid_recipe_int (recipe, "Run", "steps"), ==, 77);
  g_assert_cmpstr (g_hash_table_lookup (values, "Objective.mask-ratio"), ==, "0.5");
  g_assert_cmpstr (eid_recipe_text (recipe, "Dataset", "path"), ==, home);
  g_assert_cmpstr (where, ==, "--set");
}

/* What must be given is asked for, and bounds must not cross. */
static void
test_check (void)
{
  g_autoptr (EidRecipe) recipe = parse ("[Augment]\ncrop-max = 0.5\n");
  g_autoptr (GError) error = NULL;

  g_assert_false (eid_recipe_check (recipe, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE);
  g_assert_nonnull (strstr (error->message, "[Dataset] path"));
  g_clear_error (&error);

  g_assert_true (eid_recipe_set (recipe, "Dataset.path=/data", NULL));
  g_assert_true (eid_recipe_check (recipe, NULL));
  g_assert_true (eid_recipe_set (recipe, "Augment.crop-min=0.6", NULL));
  g_assert_false (eid_recipe_check (recipe, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE);
  g_assert_nonnull (strstr (error->message, "crop-min = 0.6"));
}

/* A relative path starts from the recipe's folder, or from here without one. */
static void
test_paths (void)
{
  char *folder = test_folder_new ();
  g_autofree char *file = test_file_new (folder, "mine.ini", "[Dataset]\npath = ../pictures/./x\n", -1);
  g_autofree char *parent = g_path_get_dirname (folder);
  g_autofree char *expected = g_build_filename (parent, "pictures", "x", NULL);
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *expected_here = g_build_filename (here, "pictures", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (EidRecipe) recipe = eid_recipe_load (file, &error);
  g_autoptr (EidRecipe) text = parse ("[Dataset]\npath = pictures\n");

  g_assert_no_error (error);
  g_assert_cmpstr (eid_recipe_text (recipe, "Dataset", "path"), ==, expected);
  g_assert_cmpstr (eid_recipe_title (recipe), ==, "mine");
  g_assert_cmpstr (eid_recipe_text (text, "Dataset", "path"), ==, expected_here);
  test_folder_remove (folder);
}

/* The recipes that come with the program are listed, load, and check out. */
static void
test_shipped (void)
{
  g_autoptr (GPtrArray) list = eid_recipe_list ();
  guint found = 0;

  for (guint i = 0; i < list->len; i++)
    {
      const EidRecipeInfo *info = list->pdata[i];
      g_autoptr (GError) error = NULL;
      g_autoptr (EidRecipe) recipe = eid_recipe_load (info->name, &error);

      g_assert_no_error (error);
      g_assert_true (eid_recipe_check (recipe, &error));
      g_assert_cmpstr (info->title, ==, eid_recipe_title (recipe));
      g_assert_cmpstr (info->title, !=, info->name);
      found += g_str_equal (info->name, "fashion-simclr") || g_str_equal (info->name, "fashion-mae");
    }
  g_assert_cmpuint (found, ==, 2);
}

/* One's own recipe folder is searched, and a mistyped name is helped. */
static void
test_names (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "eidoscope", "recipes", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (EidRecipe) none = NULL, own = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_autofree char *file = test_file_new (folder, "own.ini", "[Run]\nsteps = 3\n", -1);
  own = eid_recipe_load ("own", &error);
  g_assert_no_error (error);
  g_assert_cmpint (eid_recipe_int (own, "Run", "steps"), ==, 3);

  none = eid_recipe_load ("fashion-simclar", &error);
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE);
  g_assert_nonnull (strstr (error->message, "nearest known recipe is fashion-simclr"));
}

/* A locale with a decimal comma changes nothing. */
static void
test_locale (void)
{
  g_autofree char *before = g_strdup (setlocale (LC_NUMERIC, NULL));

  if (setlocale (LC_NUMERIC, "de_DE.UTF-8") == NULL && setlocale (LC_NUMERIC, "de_DE.utf8") == NULL)
    {
      g_test_skip ("no locale with a decimal comma is installed");
      return;
    }
  g_autoptr (EidRecipe) recipe = parse (good);
  g_autoptr (GError) error = NULL;

  g_assert_cmpfloat (eid_recipe_float (recipe, "Augment", "crop-min"), ==, 0.25);
  g_assert_false (eid_recipe_set (recipe, "Augment.crop-min=7", &error));
  g_assert_nonnull (strstr (error->message, "0.01 to 1"));
  setlocale (LC_NUMERIC, before);
}

/* However a recipe is damaged: an error or a recipe that reads back the same. */
static void
test_damaged (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20260101);
  guint refused = 0;

  for (guint round = 0; round < 2000; round++)
    {
      g_autoptr (GString) text = g_string_new (good);
      g_autoptr (GError) error = NULL;
      g_autoptr (EidRecipe) recipe = NULL;
      guint changes = g_rand_int_range (random, 1, 6);

      if (round % 4 == 0)
        g_string_truncate (text, g_rand_int_range (random, 0, text->len));
      for (guint i = 0; i < changes && text->len > 0; i++)
        {
          guint place = g_rand_int_range (random, 0, text->len);

          switch (g_rand_int_range (random, 0, 3))
            {
            case 0:
              text->str[place] = (char) g_rand_int_range (random, 1, 256);
              break;
            case 1:
              g_string_erase (text, place, 1);
              break;
            default:
              g_string_insert_c (text, place, "[]=\\\n#.09-eE\t ;"[g_rand_int_range (random, 0, 15)]);
            }
        }
      recipe = eid_recipe_parse (text->str, "test.ini", &error);
      g_assert_true ((recipe == NULL) == (error != NULL));
      refused += recipe == NULL;
      if (recipe != NULL)
        {
          g_autofree char *first = eid_recipe_to_text (recipe);
          g_autoptr (EidRecipe) again = parse (first);
          g_autofree char *second = eid_recipe_to_text (again);

          g_assert_cmpstr (first, ==, second);
        }
    }
  g_test_message ("%u of 2000 refused", refused);
  g_assert_cmpuint (refused, >, 500);
  g_assert_cmpuint (refused, <, 2000);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/recipe/defaults", test_defaults);
  g_test_add_func ("/store/recipe/values", test_values);
  g_test_add_func ("/store/recipe/round-trip", test_round_trip);
  g_test_add_func ("/store/recipe/choices", test_choices);
  g_test_add_func ("/store/recipe/bad-input", test_bad_input);
  g_test_add_func ("/store/recipe/bad-files", test_bad_files);
  g_test_add_func ("/store/recipe/set", test_set);
  g_test_add_func ("/store/recipe/check", test_check);
  g_test_add_func ("/store/recipe/paths", test_paths);
  g_test_add_func ("/store/recipe/shipped", test_shipped);
  g_test_add_func ("/store/recipe/names", test_names);
  g_test_add_func ("/store/recipe/locale", test_locale);
  g_test_add_func ("/store/recipe/damaged", test_damaged);
  return test_run_isolated ();
}
