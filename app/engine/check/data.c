/* data.c: see data.h. */
#include "app/engine/check/data.h"

#include "opencl/core/tensor.h"

#include <math.h>

#define TRAIN_PICTURES 256
#define TEST_PICTURES  64
#define SENTENCES      400
#define SEED           17

typedef struct
{
  guint kind;
  float x, y, period, radius, light, dark, shade_x, shade_y;
} Figure;

static Figure
draw_figure (EidRandom *random, guint side)
{
  const float s = (float) side;

  return (Figure){
    .kind = eid_random_below (random, 4),
    .x = eid_random_range (random, 0.25f, 0.75f) * s,
    .y = eid_random_range (random, 0.25f, 0.75f) * s,
    .period = eid_random_range (random, 0.4f, 1) * s,
    .radius = eid_random_range (random, 0.15f, 0.45f) * s,
    .light = eid_random_range (random, 150, 220),
    .dark = eid_random_range (random, 40, 100),
    .shade_x = eid_random_range (random, -40, 40) / s,
    .shade_y = eid_random_range (random, -40, 40) / s,
  };
}

/* 0 where it is dark … 1 where it is light. */
static float
lightness (const Figure *figure, float dx, float dy)
{
  const float turn = 2 * (float) G_PI / figure->period;

  switch (figure->kind)
    {
    case 0:
      return 0.5f + 0.5f * sinf (dy * turn);
    case 1:
      return 0.5f + 0.5f * sinf (dx * turn);
    case 2:
      return 1 / (1 + expf (sqrtf (dx * dx + dy * dy) - figure->radius));
    default:
      return 0.5f + 0.5f * sinf (dx * turn) * sinf (dy * turn);
    }
}

static void
draw_picture (guint8 *pixels, guint side, guint half, guint number)
{
  EidRandom random;
  Figure figure;

  eid_random_init (&random, SEED, half, number, 0);
  figure = draw_figure (&random, side);
  for (guint y = 0; y < side; y++)
    for (guint x = 0; x < side; x++)
      {
        const float dx = (float) x - figure.x, dy = (float) y - figure.y;
        const float value = figure.dark + (figure.light - figure.dark) * lightness (&figure, dx, dy)
                            + dx * figure.shade_x + dy * figure.shade_y;

        pixels[y * side + x] = (guint8) CLAMP (value, 0, 255);
      }
}

static void
add_number (GByteArray *bytes, guint32 number)
{
  const guint32 big_endian = GUINT32_TO_BE (number);

  g_byte_array_append (bytes, (const guint8 *) &big_endian, sizeof big_endian);
}

static gboolean
write_half (const char *folder, const char *name, guint half, guint count, guint side, GError **error)
{
  g_autofree char *file = g_build_filename (folder, name, NULL);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree guint8 *pixels = g_malloc ((gsize) side * side);

  add_number (bytes, 0x803);
  add_number (bytes, count);
  add_number (bytes, side);
  add_number (bytes, side);
  for (guint i = 0; i < count; i++)
    {
      draw_picture (pixels, side, half, i);
      g_byte_array_append (bytes, pixels, side * side);
    }
  return g_file_set_contents (file, (const char *) bytes->data, bytes->len, error);
}

gboolean
eid_check_write_pictures (const char *folder, guint side, GError **error)
{
  g_mkdir_with_parents (folder, 0700);
  return write_half (folder, "train-images-idx3-ubyte", 0, TRAIN_PICTURES, side, error)
         && write_half (folder, "t10k-images-idx3-ubyte", 1, TEST_PICTURES, side, error);
}

gboolean
eid_check_write_text (const char *file, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < SENTENCES; i++)
    g_string_append_printf (text, "%u small boats sail past %u tall towers.\n", i * 7 % 31, i * 5 % 17);
  return g_file_set_contents (file, text->str, (gssize) text->len, error);
}
