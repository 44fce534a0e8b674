/* texts.c: what the command prints for people: numbers with the separators of their locale, while what it
 * prints for programs has none; devices by their names; and of recipes what they are.
 */
#include "tiny.h"

#include <string.h>

static void
assert_says (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” is not in: %s", part, text);
}

#define RUN(world, ...) tiny_run ((world), (const char *const[]){ __VA_ARGS__, NULL }, variables)

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
  g_autofree char *recipe = tiny_path (world, "eidoscope/recipes/mine.ini"),
                  *folder = g_path_get_dirname (recipe);
  g_autofree char *text = NULL, *expected = NULL, *elsewhere = NULL;
  g_auto (TinyResult) here = { 0 }, gone = { 0 };

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  text = g_strdup_printf (
      "# My own recipe,\n# in two lines.\n#\n# More.\n[Run]\ntitle = Mine\nsteps = 1\nbatch = 32\n"
      "[Dataset]\npath = %s\n[Encoder]\nplugin = vit\n[Objective]\nplugin = simclr\n",
      world->data);
  g_assert_true (g_file_set_contents (recipe, text, -1, NULL));
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
  g_free (text);
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
  g_test_add_func ("/terminal/devices/are-called-as-people-call-them",
                   test_devices_are_called_as_people_call_them);
  g_test_add_func ("/terminal/recipes/say-what-they-are", test_recipes_say_what_they_are);
  return g_test_run ();
}
