/* sheet.c: a contact sheet of what the augmentations do, for the eye.
 *
 *   augment-sheet SHEET.png PICTURE…
 *
 * One row a picture: as it is, then each operation alone, then four views with
 * everything drawn at random.
 */
#include "tensor.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

#include <string.h>

#define SOURCE 256 /* pictures are scaled to this before, without regard to their shape */
#define SIZE   96
#define GAP    4

static void
identity (EidAugmentDraw *draw)
{
}

static void
crop (EidAugmentDraw *draw)
{
  draw->crop_x = 0.3f;
  draw->crop_y = 0.2f;
  draw->crop_width = draw->crop_height = 0.5f;
}

static void
flip (EidAugmentDraw *draw)
{
  draw->flip = 1;
}

static void
brightness (EidAugmentDraw *draw)
{
  draw->brightness = 1.6f;
}

static void
contrast (EidAugmentDraw *draw)
{
  draw->contrast = 0.4f;
}

static void
saturation (EidAugmentDraw *draw)
{
  draw->saturation = 2.0f;
}

static void
hue (EidAugmentDraw *draw)
{
  draw->hue = 0.15f;
}

static void
grey (EidAugmentDraw *draw)
{
  draw->grey = 1;
}

static void
blur (EidAugmentDraw *draw)
{
  draw->blur = 2;
}

static void
solarise (EidAugmentDraw *draw)
{
  draw->solarise = 0.5f;
}

static void
everything (EidAugmentDraw *draw)
{
  double side = g_random_double_range (0.4, 0.9);

  draw->crop_width = draw->crop_height = side;
  draw->crop_x = g_random_double_range (0, 1 - side);
  draw->crop_y = g_random_double_range (0, 1 - side);
  draw->flip = g_random_boolean ();
  draw->brightness = g_random_double_range (0.6, 1.4);
  draw->contrast = g_random_double_range (0.6, 1.4);
  draw->saturation = g_random_double_range (0.6, 1.4);
  draw->hue = g_random_double_range (-0.1, 0.1);
  draw->jitter_order = g_random_int_range (0, 24);
  draw->grey = g_random_double () < 0.2;
  draw->blur = g_random_boolean () ? g_random_double_range (0.1, 2) : 0;
  draw->solarise = g_random_double () < 0.2 ? 0.5f : 2;
}

static void (*const columns[]) (EidAugmentDraw *draw) = {
  identity, crop, flip,     brightness, contrast,   saturation, hue,
  grey,     blur, solarise, everything, everything, everything, everything,
};

#define COLUMNS G_N_ELEMENTS (columns)

/* Copies the pictures into one tensor, [count, SOURCE, SOURCE, 3]. */
static EidTensor *
load (EidDevice *device, char **files, guint count, GError **error)
{
  g_autofree guint8 *bytes = g_malloc ((gsize) count * SOURCE * SOURCE * 3);

  for (guint i = 0; i < count; i++)
    {
      g_autoptr (GdkPixbuf) picture =
          gdk_pixbuf_new_from_file_at_scale (files[i], SOURCE, SOURCE, FALSE, error);
      guint channels;

      if (picture == NULL)
        return NULL;
      channels = gdk_pixbuf_get_n_channels (picture);
      for (guint y = 0; y < SOURCE; y++)
        for (guint x = 0; x < SOURCE; x++)
          memcpy (bytes + ((i * SOURCE + y) * SOURCE + x) * 3,
                  gdk_pixbuf_read_pixels (picture) + y * gdk_pixbuf_get_rowstride (picture) + x * channels,
                  3);
    }
  return eid_tensor_from_data (device, EID_U8, EID_SHAPE (count, SOURCE, SOURCE, 3), bytes);
}

/* views [COLUMNS * count, SIZE, SIZE, 3] in 0 … 1 */
static GdkPixbuf *
lay_out (const float *views, guint count)
{
  GdkPixbuf *sheet =
      gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, COLUMNS * (SIZE + GAP) - GAP, count * (SIZE + GAP) - GAP);

  gdk_pixbuf_fill (sheet, 0xffffffff);
  for (guint view = 0; view < COLUMNS * count; view++)
    for (guint y = 0; y < SIZE; y++)
      for (guint x = 0; x < SIZE * 3; x++)
        gdk_pixbuf_get_pixels (sheet)[(view % count * (SIZE + GAP) + y) * gdk_pixbuf_get_rowstride (sheet)
                                      + view / count * (SIZE + GAP) * 3 + x] =
            (guint8) (CLAMP (views[(view * SIZE + y) * SIZE * 3 + x], 0, 1) * 255 + 0.5);
  return sheet;
}

static gboolean
write_sheet (const char *file, char **pictures, guint count, GError **error)
{
  const float mean[3] = { 0, 0, 0 }, std[3] = { 1, 1, 1 };
  g_autoptr (EidDevice) device = eid_device_open (NULL, error);
  g_autofree EidAugmentDraw *draws = g_new (EidAugmentDraw, COLUMNS * count);
  g_autofree float *views = g_new (float, (gsize) COLUMNS *count *SIZE *SIZE * 3);
  g_autoptr (GdkPixbuf) sheet = NULL;
  EidTensor *batch;

  if (device == NULL)
    return FALSE;
  for (guint view = 0; view < COLUMNS * count; view++)
    {
      draws[view] = eid_augment_identity ();
      columns[view / count](&draws[view]);
    }
  eid_arena_push (device);
  batch = load (device, pictures, count, error);
  if (batch == NULL)
    return FALSE;
  eid_tensor_read (eid_augment (batch, draws, COLUMNS, SIZE, mean, std), views);
  if (!eid_device_check (device, error))
    return FALSE;
  sheet = lay_out (views, count);
  return gdk_pixbuf_save (sheet, file, "png", error, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc < 3)
    {
      g_printerr ("Usage: %s SHEET.png PICTURE…\n", argv[0]);
      return 2;
    }
  if (write_sheet (argv[1], argv + 2, argc - 2, &error))
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
