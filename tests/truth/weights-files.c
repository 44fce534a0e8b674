/* weights-files.c: see weights-files.h. */
#include "tests/truth/weights-files.h"

#include <string.h>

TinyWorld *world;
EidSafetensors *encoder;

void
file_add (GArray *file, EidSafetensors *tensors, const char *prefix, float scale)
{
  for (guint i = 0; i < eid_safetensors_count (tensors); i++)
    {
      EidSafetensor tensor = *eid_safetensors_get (tensors, i);
      g_autofree float *values = eid_safetensor_floats (&tensor, NULL);

      for (gsize j = 0; j < tensor.bytes / sizeof (float); j++)
        values[j] *= scale;
      tensor.name = g_strconcat (prefix, tensor.name, NULL);
      tensor.data = g_memdup2 (values, tensor.bytes);
      g_array_append_val (file, tensor);
    }
}

void
file_add_zeros (GArray *file, const char *name, const char *shape)
{
  EidSafetensor tensor = { .name = g_strdup (name), .type = "F32", .bytes = sizeof (float) };
  g_auto (GStrv) sides = g_strsplit (shape, "x", 0);

  for (; sides[tensor.rank] != NULL; tensor.rank++)
    {
      tensor.dim[tensor.rank] = g_ascii_strtoull (sides[tensor.rank], NULL, 10);
      tensor.bytes *= tensor.dim[tensor.rank];
    }
  tensor.data = g_malloc0 (tensor.bytes);
  g_array_append_val (file, tensor);
}

void
file_write (GArray *file, const char *path)
{
  g_autoptr (GError) error = NULL;

  eid_safetensors_write (path, (const EidSafetensor *) file->data, file->len, NULL, &error);
  g_assert_no_error (error);
}

/* The tiny recipe with another objective, as OBJECTIVE.ini. */
static void
write_recipe (const char *objective)
{
  g_autofree char *text = tiny_recipe_text (world->data), *name = g_strconcat (objective, ".ini", NULL);
  g_autofree char *file = tiny_path (world, name), *plugin = g_strdup_printf ("plugin = %s\n", objective);
  g_autoptr (GString) recipe = g_string_new (text);
  g_autoptr (GError) error = NULL;

  g_string_replace (recipe, "plugin = mae\ndecoder-width = 8\ndecoder-depth = 1\ndecoder-heads = 2\n", plugin,
                    1);
  g_file_set_contents (file, recipe->str, -1, &error);
  g_assert_no_error (error);
}

void
weights_begin (void)
{
  g_autofree char *file = NULL;
  g_autoptr (GError) error = NULL;

  if (world != NULL)
    return;
  world = tiny_world_new ();
  write_recipe ("byol");
  write_recipe ("simclr");
  g_auto (TinyResult) train = TINY_RUN (world, "train", "byol.ini", "--out", "run", "--steps", "2",
                                        "--precision", "f32", "--set", "Objective.teacher-momentum=0.5",
                                        "--set", "Optimizer.lr=0.01", "--set", "Encoder.pooling=class");

  if (train.status != 0)
    g_test_message ("%s", train.errors);
  tiny_assert_status (&train, 0);
  g_auto (TinyResult) export = TINY_RUN (world, "export", "run", "--output", "timm.safetensors");
  tiny_assert_status (&export, 0);
  file = tiny_path (world, "timm.safetensors");
  encoder = eid_safetensors_open (file, &error);
  g_assert_no_error (error);
}

void
weights_end (void)
{
  g_clear_pointer (&encoder, eid_safetensors_free);
  g_clear_pointer (&world, tiny_world_free);
}

char *
embed (const char *file, char **said)
{
  g_auto (TinyResult) result = TINY_RUN (world, "embed", BARE (file), "--output", "features.csv");
  g_autofree char *path = tiny_path (world, "features.csv");
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  tiny_assert_status (&result, 0);
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  if (said != NULL)
    *said = g_steal_pointer (&result.errors);
  return text;
}

void
assert_says (const char *text, const char *words)
{
  if (strstr (text, words) == NULL)
    g_test_message ("“%s” is not in:\n%s", words, text);
  g_assert_nonnull (strstr (text, words));
}
