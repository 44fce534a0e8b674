/* tiny.c: see tiny.h. */
#define _GNU_SOURCE /* nftw */
#include "tests/support/tiny.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <sys/wait.h>

#define SIDE    16
#define CLASSES 4

/* --- Pictures ----------------------------------------------------------------- */

static void
write_number (FILE *file, guint32 value)
{
  const guint8 bytes[] = { (guint8) (value >> 24), (guint8) (value >> 16), (guint8) (value >> 8),
                           (guint8) value };

  fwrite (bytes, 1, sizeof bytes, file);
}

/* Bars across, bars down, a disc, a checker; of random place and brightness,
 * under noise.                                                               */
static guint8
draw_pixel (guint label, int x, int y, int shift, int light, GRand *random)
{
  const double dx = x - SIDE / 2.0 + shift % 4 - 2, dy = y - SIDE / 2.0 + shift / 4 % 4 - 2;
  const gboolean inside[CLASSES] = {
    (y + shift) / 2 % 2 == 0,
    (x + shift) / 2 % 2 == 0,
    sqrt (dx * dx + dy * dy) < 5,
    ((x + shift) / 4 + (y + shift) / 4) % 2 == 0,
  };
  const int value = (inside[label] ? light : 40) + g_rand_int_range (random, -30, 31);

  return (guint8) CLAMP (value, 0, 255);
}

static void
write_half (const char *folder, const char *half, guint count, GRand *random)
{
  g_autofree char *image_name = g_strdup_printf ("%s/%s-images-idx3-ubyte", folder, half);
  g_autofree char *label_name = g_strdup_printf ("%s/%s-labels-idx1-ubyte", folder, half);
  FILE *images = g_fopen (image_name, "wb"), *labels = g_fopen (label_name, "wb");

  g_assert_nonnull (images);
  g_assert_nonnull (labels);
  write_number (images, 0x803);
  write_number (images, count);
  write_number (images, SIDE);
  write_number (images, SIDE);
  write_number (labels, 0x801);
  write_number (labels, count);
  for (guint i = 0; i < count; i++)
    {
      const guint label = (guint) g_rand_int_range (random, 0, CLASSES);
      const int shift = g_rand_int_range (random, 0, 16), light = g_rand_int_range (random, 140, 255);

      fputc ((int) label, labels);
      for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
          fputc (draw_pixel (label, x, y, shift, light, random), images);
    }
  g_assert_cmpint (fclose (images), ==, 0);
  g_assert_cmpint (fclose (labels), ==, 0);
}

void
tiny_write_data (const char *folder, guint count)
{
  GRand *random = g_rand_new_with_seed (7);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  write_half (folder, "train", count, random);
  write_half (folder, "t10k", count / 5, random);
  g_rand_free (random);
}

char *
tiny_recipe_text (const char *data)
{
  return g_strdup_printf ("[Run]\n"
                          "title = Tiny\n"
                          "steps = 24\n"
                          "batch = 16\n"
                          "seed = 3\n"
                          "checkpoint-every = 4\n"
                          "evaluate-every = 12\n"
                          "[Dataset]\n"
                          "reader = idx\n"
                          "path = %s\n"
                          "size = %d\n"
                          "[Encoder]\n"
                          "plugin = vit\n"
                          "patch = 4\n"
                          "width = 16\n"
                          "depth = 2\n"
                          "heads = 2\n"
                          "[Objective]\n"
                          "plugin = mae\n"
                          "decoder-width = 8\n"
                          "decoder-depth = 1\n"
                          "decoder-heads = 2\n"
                          "[Optimizer]\n"
                          "warmup = 4\n"
                          "[Evaluate]\n"
                          "train-limit = 120\n"
                          "test-limit = 40\n"
                          "probe-epochs = 3\n",
                          data, SIDE);
}

/* --- The world ------------------------------------------------------------------ */

TinyWorld *
tiny_world_new (void)
{
  TinyWorld *world = g_new0 (TinyWorld, 1);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  world->folder = g_dir_make_tmp ("eidoscope-test-XXXXXX", &error);
  g_assert_no_error (error);
  world->data = tiny_path (world, "data");
  world->recipe = tiny_path (world, "tiny.ini");
  tiny_write_data (world->data, 240);
  text = tiny_recipe_text (world->data);
  g_file_set_contents (world->recipe, text, -1, &error);
  g_assert_no_error (error);
  return world;
}

static int
remove_one (const char *file, const struct stat *status, int kind, struct FTW *walk)
{
  return g_remove (file);
}

void
tiny_world_free (TinyWorld *world)
{
  nftw (world->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  g_free (world->folder);
  g_free (world->data);
  g_free (world->recipe);
  g_free (world);
}

char *
tiny_path (TinyWorld *world, const char *name)
{
  return g_build_filename (world->folder, name, NULL);
}

/* --- The command ------------------------------------------------------------------ */

const char *
tiny_command (void)
{
  const char *command = g_getenv ("EIDOSCOPE_COMMAND");

  if (command == NULL)
    g_error ("EIDOSCOPE_COMMAND is not set: run this test by “meson test”.");
  return command;
}

TinyResult
tiny_run (TinyWorld *world, const char *const *words, const char *const *environment)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_auto (GStrv) variables = g_get_environ ();
  g_autoptr (GError) error = NULL;
  TinyResult result = { -1, NULL, NULL };
  int status;

  g_ptr_array_add (arguments, (gpointer) tiny_command ());
  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add (arguments, (gpointer) words[i]);
  g_ptr_array_add (arguments, NULL);
  variables = g_environ_setenv (variables, "XDG_DATA_HOME", world->folder, TRUE);
  variables = g_environ_setenv (variables, "LC_ALL", "C.UTF-8", TRUE);
  variables = g_environ_unsetenv (variables, "DISPLAY");
  variables = g_environ_unsetenv (variables, "WAYLAND_DISPLAY");
  for (guint i = 0; environment != NULL && environment[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (environment[i], "=", 2);

      variables = g_environ_setenv (variables, pair[0], pair[1], TRUE);
    }

  g_spawn_sync (world->folder, (char **) arguments->pdata, variables, G_SPAWN_DEFAULT, NULL, NULL,
                &result.output, &result.errors, &status, &error);
  g_assert_no_error (error);
  if (WIFEXITED (status))
    result.status = WEXITSTATUS (status);
  return result;
}

void
tiny_result_clear (TinyResult *result)
{
  g_clear_pointer (&result->output, g_free);
  g_clear_pointer (&result->errors, g_free);
}

void
tiny_assert_status (const TinyResult *result, int status)
{
  if (result->status != status)
    g_test_message ("exit status %d instead of %d; it said:\n%s%s", result->status, status, result->output,
                    result->errors);
  g_assert_cmpint (result->status, ==, status);
}
