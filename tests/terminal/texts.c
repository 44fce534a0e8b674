/* texts.c: what the command prints for people: numbers with the separators of their locale, while what it
 * prints for programs has none; devices by their names; and of recipes what they are.
 */
#include "tests/support/tiny.h"

#include <locale.h>
#include <string.h>

/* Variables that make a locale which writes 1200 as “1,200”: of one that is here, or of one made of its
 * source. NULL: there is neither. */
static const char *const *
grouping_locale (TinyWorld *world)
{
  static const char *const names[] = { "en_US.UTF-8", "en_GB.UTF-8", "en_IE.UTF-8", "en_AU.UTF-8" };
  static char *variables[3];
  g_autofree char *folder = tiny_path (world, "en_US.UTF-8"), *command = NULL;

  g_clear_pointer (&variables[0], g_free);
  g_clear_pointer (&variables[1], g_free);
  for (guint i = 0; i < G_N_ELEMENTS (names) && variables[0] == NULL; i++)
    if (setlocale (LC_NUMERIC, names[i]) != NULL && g_str_equal (localeconv ()->thousands_sep, ","))
      variables[0] = g_strconcat ("LC_ALL=", names[i], NULL);
  setlocale (LC_NUMERIC, "C");
  if (variables[0] != NULL)
    return (const char *const *) variables;
  command = g_strdup_printf ("localedef --no-warnings=ascii -i en_US -f UTF-8 %s", folder);
  if (!g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL)
      || !g_file_test (folder, G_FILE_TEST_IS_DIR))
    return NULL;
  variables[0] = g_strdup ("LC_ALL=en_US.UTF-8");
  variables[1] = g_strconcat ("LOCPATH=", world->folder, NULL);
  return (const char *const *) variables;
}

static void
assert_says (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” is not in: %s", part, text);
}

#define RUN(world, ...) tiny_run ((world), (const char *const[]){ __VA_ARGS__, NULL }, variables)

/* Every row of a table has as many cells as the first. */
static void
assert_rectangular (TinyWorld *world, const char *name, guint rows)
{
  g_autofree char *file = tiny_path (world, name), *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint cells[2] = { 0 };

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, rows);
  for (guint i = 0; i < rows; i++)
    {
      g_auto (GStrv) row = g_strsplit (lines[i], ",", -1);

      cells[i > 0] = g_strv_length (row);
      g_assert_cmpuint (cells[i > 0], ==, cells[0]);
    }
}

/* A recipe of the user's own, mine.ini; its file (free). */
static char *
write_recipe (TinyWorld *world, guint steps, guint batch)
{
  char *recipe = tiny_path (world, "eidoscope/recipes/mine.ini");
  g_autofree char *folder = g_path_get_dirname (recipe);
  g_autofree char *text = g_strdup_printf (
      "# My own recipe,\n# in two lines.\n#\n# More.\n[Run]\ntitle = Mine\nsteps = %u\nbatch = %u\n"
      "[Dataset]\npath = %s\n[Encoder]\nplugin = vit\n[Objective]\nplugin = simclr\n",
      steps, batch, world->data);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (recipe, text, -1, NULL));
  return recipe;
}

static void
test_people_get_separators (void)
{
  TinyWorld *world = tiny_world_new ();
  const char *const *variables = grouping_locale (world);
  g_auto (TinyResult) train = { 0 }, embed = { 0 }, recipes = { 0 };
  g_autofree char *recipe = NULL;

  if (variables == NULL)
    {
      g_test_skip ("no locale here has separators");
      tiny_world_free (world);
      return;
    }
  tiny_write_data (world->data, 6000);
  train = RUN (world, "train", "tiny.ini", "--out", "run", "--steps", "2", "--json");
  tiny_assert_status (&train, 0);
  assert_says (train.errors, "Data: 6,000 pictures to train on, 1,200 to test on");
  assert_says (train.output, "\"train_pictures\":6000,");
  g_assert_null (strstr (train.output, "6,000"));
  embed = RUN (world, "embed", "run", "--output", "f.csv", "--json");
  tiny_assert_status (&embed, 0);
  assert_says (embed.errors, "f.csv: 1,200 pictures, 16 features each");
  assert_says (embed.output, "\"pictures\":1200,");
  assert_rectangular (world, "f.csv", 1 + 1200);

  recipe = write_recipe (world, 30000, 2);
  recipes = RUN (world, "recipes");
  tiny_assert_status (&recipes, 0);
  assert_says (recipes.output, "30,000 steps of 2 pictures");
  tiny_world_free (world);
}

/* Not as PoCL calls them, pthread-skylake-avx512-… or cpu-haswell-…, which stays what a program reads. */
static void
test_devices_are_called_as_people_call_them (void)
{
  TinyWorld *world = tiny_world_new ();
  const char *const *variables = NULL;
  g_auto (TinyResult) devices = RUN (world, "devices"), json = RUN (world, "devices", "--json");
  g_auto (TinyResult) train = RUN (world, "train", "tiny.ini", "--out", "run", "--steps", "2");
  g_autoptr (GRegex) name =
      g_regex_new ("^\\{\"index\":0,\"name\":\"(?:pthread|cpu)-[^\"]*?-([A-Z][^\"]*)\"", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *title = NULL, *listed = NULL, *told = NULL;

  tiny_assert_status (&devices, 0);
  tiny_assert_status (&train, 0);
  if (!g_regex_match (name, json.output, 0, &match))
    {
      g_test_skip ("no processor of PoCL's here");
      tiny_world_free (world);
      return;
    }
  title = g_match_info_fetch (match, 1);
  listed = g_strdup_printf ("  %s\n", title);
  told = g_strdup_printf ("Tiny, on %s, in ", title);
  assert_says (devices.output, listed);
  assert_says (train.errors, told);
  tiny_world_free (world);
}

/* The exact text of one recipe, without separators; of those that come along, that each says something. */
static void
test_recipes_say_what_they_are (void)
{
  TinyWorld *world = tiny_world_new ();
  const char *const *variables = NULL;
  g_autofree char *recipe = NULL, *expected = NULL, *elsewhere = NULL, *text = NULL;
  g_auto (TinyResult) here = { 0 }, gone = { 0 };

  recipe = write_recipe (world, 1, 32);
  here = RUN (world, "recipes");
  tiny_assert_status (&here, 0);
  expected = g_strdup_printf ("mine                     Mine\n"
                              "                         My own recipe, in two lines.\n"
                              "                         Vision transformer · SimCLR · 1 step of 32 pictures\n"
                              "                         %s\n",
                              recipe);
  assert_says (here.output, expected);
  assert_says (here.output, "Contrastive learning on 70,000 small grey pictures of clothes.\n");

  elsewhere = g_strdup_printf ("%s-gone", world->data);
  text = g_strdup_printf ("[Dataset]\npath = %s\n", elsewhere);
  g_assert_true (g_file_set_contents (recipe, text, -1, NULL));
  gone = RUN (world, "recipes");
  tiny_assert_status (&gone, 0);
  g_free (expected);
  expected =
      g_strdup_printf ("                         Its pictures are not on this machine (%s)\n", elsewhere);
  assert_says (gone.output, expected);
  tiny_world_free (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/terminal/numbers/people-get-separators", test_people_get_separators);
  g_test_add_func ("/terminal/devices/are-called-as-people-call-them",
                   test_devices_are_called_as_people_call_them);
  g_test_add_func ("/terminal/recipes/say-what-they-are", test_recipes_say_what_they_are);
  return g_test_run ();
}
