/* fuzz-recipe.c: the text of a recipe, and an assignment as --set takes it. What is read is written again,
 * and reads as the same.                                                     */
#include "tests/fuzz/fuzz.h"

#include "app/store/store.h"

#include <string.h>

void
fuzz_start (void)
{
}

/* A recipe that was read tells everything that can be asked of it. */
static void
ask (EidRecipe *recipe)
{
  g_autoptr (GHashTable) values = eid_recipe_plugin_values (recipe);
  guint count;
  const EidRecipeKey *keys = eid_recipe_keys (&count);

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *where = eid_recipe_where (recipe, keys[i].section, keys[i].key);

      fuzz_assert_text (where);
      fuzz_assert_text (eid_recipe_text (recipe, keys[i].section, keys[i].key));
      if (keys[i].type == EID_RECIPE_INT)
        g_assert_cmpint (eid_recipe_int (recipe, keys[i].section, keys[i].key), <=, (gint64) keys[i].max);
      if (keys[i].type == EID_RECIPE_FLOAT)
        g_assert_true (eid_recipe_float (recipe, keys[i].section, keys[i].key) <= keys[i].max);
    }
  fuzz_assert_text (eid_recipe_title (recipe));
}

static void
write_again (EidRecipe *recipe)
{
  g_autofree char *text = eid_recipe_to_text (recipe), *same = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (EidRecipe) again = eid_recipe_parse (text, "again.ini", &error);

  g_assert_no_error (error);
  same = eid_recipe_to_text (again);
  g_assert_cmpstr (text, ==, same);
}

static void
load (const guint8 *data, gsize size)
{
  g_autofree char *file = NULL;
  g_autoptr (EidRecipe) recipe = NULL;
  g_autoptr (GError) error = NULL;

  fuzz_folder ();
  fuzz_write ("recipe.ini", data, size);
  file = fuzz_path ("recipe.ini");
  recipe = eid_recipe_load (file, &error);
  fuzz_assert_error (recipe != NULL, error);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  g_autofree char *assignment = fuzz_string (&input);
  g_autofree char *text = fuzz_string (&input);
  g_autofree char *edit = eid_edit_assignment (assignment);
  g_autoptr (GError) error = NULL, refused = NULL, unfit = NULL;
  g_autoptr (EidRecipe) recipe = eid_recipe_parse (text, "fuzz.ini", &error);

  load (data, size);
  fuzz_assert_error (recipe != NULL, error);
  if (recipe == NULL)
    return 0;
  ask (recipe);
  write_again (recipe);
  fuzz_assert_error (eid_recipe_set (recipe, assignment, &refused), refused);
  ask (recipe);
  write_again (recipe);
  fuzz_assert_error (eid_recipe_check (recipe, &unfit), unfit);
  return 0;
}

static void
add (const char *assignment, const char *text)
{
  g_autoptr (GByteArray) seed = g_byte_array_new ();

  fuzz_add_string (seed, assignment);
  fuzz_add_string (seed, text);
  fuzz_seed (seed->data, seed->len);
}

void
fuzz_seeds (void)
{
  add ("Run.steps=10", "[Run]\nsteps = 24\nbatch = 16\nseed = 3\n[Dataset]\nreader = idx\npath = ~/data\n");
  add ("Objective.temperature: 0.2 → 0.1",
       "\xef\xbb\xbf# a comment\n[Encoder]\nplugin = vit\nweights = x.safetensors\npatch=4\n\n"
       "[Objective]\nplugin = mae\ndecoder-width = 8\n[Augment]\ncrop-min = 0.2\ncrop-max = 1\n");
  add ("Evaluate.features = teacher",
       "[Optimizer]\nname = adamw\nwarmup = 4\nmomentum = 1e-3\n[Run]\ntitle = \\s\\n\\\\x\n");
  add ("Dataset.path=a b", "[Dataset]\npath = a\\sb\r\nsize = 32\r\n[Run]\nrecompute = true\n");
}
