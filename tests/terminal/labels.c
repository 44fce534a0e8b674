/* labels.c: the pictures that `train` and `inspect` write say what their rows, columns and colours are.
 *
 * The command runs with drawn.c ($EIDOSCOPE_DRAWN_LIBRARY) preloaded, which tells the words that were drawn,
 * and where.
 */
#include "tests/support/tiny.h"

#include <stdio.h>
#include <string.h>

enum
{
  NAMES = 128,   /* as in figure.h: pixels for the names of rows, ... */
  TOP = 64 + 36, /* for the title and the names of columns, ...     */
  CELL = 112,    /* a picture's side                                   */
  GAP = 8,
};

typedef struct
{
  int x, y, width, height;
  char *words;
} Words;

/* A picture: its words in the order in which they were drawn, the title first. */
typedef struct
{
  int width, height;
  GArray *words;
  Words line; /* what the last stroke took up */
} Drawn;

static void
words_clear (gpointer words)
{
  g_free (((Words *) words)->words);
}

static void
drawn_free (gpointer drawn)
{
  g_array_unref (((Drawn *) drawn)->words);
  g_free (drawn);
}

static GArray *
words_new (void)
{
  GArray *words = g_array_new (FALSE, FALSE, sizeof (Words));

  g_array_set_clear_func (words, words_clear);
  return words;
}

/* What a command drew that must end well: Drawn. */
static GPtrArray *
draw (TinyWorld *world, const char *plugins, const char *const *command)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (drawn_free);
  g_autofree char *file = tiny_path (world, "drawn"), *told = g_strconcat ("EIDOSCOPE_DRAWN=", file, NULL);
  g_autofree char *library = g_strconcat ("LD_PRELOAD=", g_getenv ("EIDOSCOPE_DRAWN_LIBRARY"), NULL);
  g_autofree char *path = g_strconcat ("EIDOSCOPE_PLUGIN_PATH=", plugins, NULL), *text = NULL;
  g_auto (TinyResult) result = { 0 };
  g_auto (GStrv) lines = NULL;
  g_autoptr (GArray) words = words_new ();
  Words line = { 0 };

  remove (file);
  result =
      tiny_run (world, command, (const char *const[]){ library, told, plugins != NULL ? path : NULL, NULL });
  tiny_assert_status (&result, 0);
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      Words one = { 0 };
      int at = 0;

      if (sscanf (lines[i], "text %d %d %d %d %n", &one.x, &one.y, &one.width, &one.height, &at) == 4)
        {
          one.words = g_strdup (lines[i] + at);
          g_array_append_val (words, one);
        }
      else if (sscanf (lines[i], "line %d %d %d %d", &line.x, &line.y, &line.width, &line.height) != 4)
        {
          Drawn *drawn = g_new0 (Drawn, 1);

          g_assert_cmpint (sscanf (lines[i], "picture %d %d", &drawn->width, &drawn->height), ==, 2);
          drawn->words = g_steal_pointer (&words);
          drawn->line = line;
          words = words_new ();
          g_ptr_array_add (all, drawn);
        }
    }
  return all;
}

/* The picture whose title begins so. */
static const Drawn *
find_picture (GPtrArray *all, const char *title)
{
  for (guint i = 0; i < all->len; i++)
    {
      const Drawn *drawn = all->pdata[i];

      if (drawn->words->len > 0 && g_str_has_prefix (g_array_index (drawn->words, Words, 0).words, title))
        return drawn;
    }
  g_error ("no picture is called “%s”", title);
}

/* The @nth place, from 0, of @words in a picture. */
static const Words *
find_words (const Drawn *drawn, const char *words, guint nth)
{
  for (guint i = 0; i < drawn->words->len; i++)
    {
      const Words *one = &g_array_index (drawn->words, Words, i);

      if (g_str_equal (one->words, words) && nth-- == 0)
        return one;
    }
  g_error ("“%s” does not stand in the picture so often", words);
}

/* @words stand above the first row, over the middle of @column. */
static void
assert_heading (const Drawn *drawn, guint column, const char *words)
{
  const Words *heading = find_words (drawn, words, 0);
  const int middle = NAMES + GAP + (int) column * (CELL + GAP) + CELL / 2;

  g_assert_cmpint (heading->y + heading->height, <=, TOP + GAP);
  g_assert_cmpint (ABS (heading->x + heading->width / 2 - middle), <=, 1);
}

/* Nothing is cut off, and no word lies on another. */
static void
assert_legible (GPtrArray *all)
{
  for (guint p = 0; p < all->len; p++)
    {
      const Drawn *drawn = all->pdata[p];

      for (guint i = 0; i < drawn->words->len; i++)
        {
          const Words *a = &g_array_index (drawn->words, Words, i);

          g_test_message ("%d × %d: %s", drawn->width, drawn->height, a->words);
          g_assert_cmpint (a->x, >=, 0);
          g_assert_cmpint (a->y, >=, 0);
          g_assert_cmpint (a->x + a->width, <=, drawn->width);
          g_assert_cmpint (a->y + a->height, <=, drawn->height);
          for (guint j = 0; j < i; j++)
            {
              const Words *b = &g_array_index (drawn->words, Words, j);

              if (a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height
                  && b->y < a->y + a->height)
                g_error ("“%s” lies on “%s”", a->words, b->words);
            }
        }
    }
}

static void
change_recipe (TinyWorld *world, const char *from, const char *to)
{
  g_autofree char *text = tiny_recipe_text (world->data);
  g_autoptr (GString) changed = g_string_new (text);

  g_assert_cmpuint (g_string_replace (changed, from, to, 1), ==, 1);
  g_assert_true (g_file_set_contents (world->recipe, changed->str, -1, NULL));
}

#define DRAW(world, plugins, ...) draw ((world), (plugins), (const char *const[]){ __VA_ARGS__, NULL })
#define MASKED                                                                                               \
  "plugin = mae\n"                                                                                           \
  "decoder-width = 8\n"                                                                                      \
  "decoder-depth = 1\n"                                                                                      \
  "decoder-heads = 2\n"

/* The sheets of a training that hides patches, then those of `inspect`. */
static void
test_sheets_have_names (void)
{
  static const char *const columns[] = { "original", "masked", "reconstructed", "error" };
  TinyWorld *world = tiny_world_new ();
  g_autoptr (GPtrArray) trained =
      DRAW (world, NULL, "train", "tiny.ini", "--out", "run", "--steps", "8", "--set", "Run.title=A & B <c>");
  g_autoptr (GPtrArray) inspected = DRAW (world, NULL, "inspect", "run");
  const Drawn *sheet =
      find_picture (trained, "Reconstruction: what the model makes of hidden patches A & B <c>, step 8");
  const Words *title, *label;

  assert_legible (trained);
  assert_legible (inspected);
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    assert_heading (sheet, i, columns[i]);
  /* Each row has its class beside it. */
  title = find_words (sheet, "class", 0);
  g_assert_cmpint (title->y + title->height, <=, TOP + GAP);
  for (guint i = 0; i < 8; i++)
    {
      gboolean found = FALSE;

      for (guint w = 0; w < sheet->words->len; w++)
        {
          label = &g_array_index (sheet->words, Words, w);
          found =
              found
              || (label->x + label->width <= NAMES
                  && ABS (label->y + label->height / 2 - (TOP + GAP + (int) i * (CELL + GAP) + CELL / 2)) <= 1
                  && strlen (label->words) == 1 && strchr ("0123", *label->words) != NULL);
        }
      g_assert_true (found);
    }
  find_words (sheet, "masked: patches that were hidden from the model are grey", 0);

  sheet = find_picture (inspected, "Attention in the last layer");
  assert_heading (sheet, 0, "picture");
  assert_heading (sheet, 1, "mean of heads");
  assert_heading (sheet, 2, "head 1");
  assert_heading (sheet, 3, "head 2");
  sheet = find_picture (inspected, "Attention rollout, layer by layer");
  assert_heading (sheet, 1, "layer 1");
  assert_heading (sheet, 2, "layer 2");
  sheet = find_picture (inspected, "Patch tokens of the last layer as colours");
  find_words (sheet, "+2 σ", 2);
  tiny_world_free (world);
}

/* Crops of two sizes, and the plane of features with its classes. */
static void
test_views_and_classes_have_names (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autoptr (GPtrArray) drawn = NULL;
  const Drawn *picture;

  change_recipe (
      world, MASKED,
      "plugin = dino\nprototypes = 16\nhidden = 16\nbottleneck = 8\nsmall-crops = 2\nsmall-size = 8\n");
  drawn = DRAW (world, NULL, "train", "tiny.ini", "--out", "run", "--steps", "4");
  assert_legible (drawn);
  picture =
      find_picture (drawn, "Augmentations: what the model trained on Tiny, step 4, the student’s weights");
  assert_heading (picture, 0, "picture");
  assert_heading (picture, 1, "large crop 1");
  assert_heading (picture, 2, "large crop 2");
  assert_heading (picture, 3, "small crop 1");
  assert_heading (picture, 4, "small crop 2");
  picture = find_picture (drawn, "Embedding: features of test pictures Tiny, step 4, the teacher’s weights");
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      g_assert_cmpint (find_words (picture, name, 0)->y, >, 640);
    }
  tiny_world_free (world);
}

/* What a plugin shows under names of its own: every kind of view. */
static void
test_own_views_have_names (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autoptr (GPtrArray) drawn = NULL;
  const Drawn *picture;

  change_recipe (world, MASKED, "plugin = shows\n");
  drawn = DRAW (world, g_getenv ("EIDOSCOPE_SHOWS"), "train", "tiny.ini", "--out", "run", "--steps", "4");
  g_ptr_array_unref (drawn);
  drawn = DRAW (world, g_getenv ("EIDOSCOPE_SHOWS"), "inspect", "run");
  assert_legible (drawn);
  picture = find_picture (drawn, "table, published with Shows");
  find_words (picture, "2 rows and 3 columns", 0);
  find_words (picture, "−3", 0); /* of −2 to 3: the scale goes as far below 0 as above */
  /* The curve goes through its frame from side to side, and nowhere else. */
  picture = find_picture (drawn, "curve, published with Shows");
  g_assert_cmpint (picture->line.x, ==, 72);
  g_assert_cmpint (picture->line.width, ==, 640);
  g_assert_cmpint (picture->line.y, >, 64 + 24);
  g_assert_cmpint (picture->line.y + picture->line.height, <, 64 + 24 + 480);
  picture = find_picture (drawn, "plane, published with Shows");
  find_words (picture, "group 5", 0);
  find_words (picture, "axis 1", 0);
  picture = find_picture (drawn, "heat, published with Shows");
  find_words (picture, "values of the maps, all on one scale", 0);
  tiny_world_free (world);
}

/* Pictures are drawn all the same, and why they have no words is said. */
static void
test_no_font_is_said (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autofree char *fonts = tiny_path (world, "fonts.conf"),
                  *none = g_strconcat ("FONTCONFIG_FILE=", fonts, NULL);
  g_autofree char *picture = tiny_path (world, "run/pictures/reconstruction.png");
  g_auto (TinyResult) result = { 0 };

  g_assert_true (g_file_set_contents (fonts, "<?xml version=\"1.0\"?><fontconfig></fontconfig>", -1, NULL));
  result =
      tiny_run (world, (const char *const[]){ "train", "tiny.ini", "--out", "run", "--steps", "2", NULL },
                (const char *const[]){ none, NULL });
  tiny_assert_status (&result, 0);
  g_assert_nonnull (strstr (result.errors,
                            "Pictures get no labels, for there is no font on this machine. Install "
                            "one (on Debian: apt install fonts-dejavu-core)."));
  g_assert_true (g_file_test (picture, G_FILE_TEST_EXISTS));
  tiny_world_free (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/terminal/labels/sheets", test_sheets_have_names);
  g_test_add_func ("/terminal/labels/views-and-classes", test_views_and_classes_have_names);
  g_test_add_func ("/terminal/labels/own-views", test_own_views_have_names);
  g_test_add_func ("/terminal/labels/no-font-is-said", test_no_font_is_said);
  return g_test_run ();
}
