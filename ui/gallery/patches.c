/* patches.c: the attention view filled with deterministic data: attention to what is
 * bright and near, and patch tokens that tell how bright and where. Nothing here was measured.
 */
#include "ui/gallery/gallery.h"

#include <math.h>

#define COUNT  6
#define SIDE   28
#define GRID   7
#define EXTRA  3 /* a class token and two registers */
#define TOKENS (EXTRA + GRID * GRID)
#define LAYERS 2
#define HEADS  3
#define PLANES (LAYERS * (1 + HEADS))
#define WIDTH  16

/* A disc, a ring or a bar by turns, at x and y in 0..1. */
static double
shape_at (int picture, double x, double y)
{
  double u = x - 0.5 + 0.05 * (picture % 4), v = y - 0.5 - 0.04 * (picture % 3), r = hypot (u, v);
  gboolean inside = picture % 3 == 0 ? r < 0.32 : picture % 3 == 1 ? r > 0.2 && r < 0.38 : fabs (u + v) < 0.2;

  return inside ? 0.75 + 0.25 * sin (9 * x + 5 * picture) * cos (7 * y) : 0.08;
}

static double
brightness (int picture, int patch)
{
  return shape_at (picture, (patch % GRID + 0.5) / GRID, (patch / GRID + 0.5) / GRID);
}

/* As an encoder might: heads differ in how much they look at what is near. */
static double
score (int picture, int query, int key, const EidAttentionPlane *plane, double sharpness)
{
  int q = query - EXTRA, k = key - EXTRA;
  double near = k < 0 || q < 0 ? 0 : exp (-hypot (k % GRID - q % GRID, k / GRID - q / GRID));

  return sharpness * (2 * (k < 0 ? 0.4 : brightness (picture, k)) + (2 + plane->head + plane->layer) * near);
}

static void
fill_maps (const EidAttentionPlane *planes, double sharpness, GBytes **maps, GBytes **greatest)
{
  guint8 *bytes = g_malloc (PLANES * COUNT * TOKENS * TOKENS), *byte = bytes;
  float *most = g_new (float, PLANES *COUNT *TOKENS), *row = most;

  for (int plane = 0; plane < PLANES; plane++)
    for (int picture = 0; picture < COUNT; picture++)
      for (int query = 0; query < TOKENS; query++, row++)
        {
          double scores[TOKENS], sum = 0, largest = 0;

          for (int key = 0; key < TOKENS; key++)
            {
              scores[key] = exp (score (picture, query, key, &planes[plane], sharpness));
              sum += scores[key];
              largest = MAX (largest, scores[key]);
            }
          for (int key = 0; key < TOKENS; key++)
            *byte++ = (guint8) (scores[key] / largest * 255 + 0.5);
          *row = (float) (largest / sum);
        }
  *maps = g_bytes_new_take (bytes, PLANES * COUNT * TOKENS * TOKENS);
  *greatest = g_bytes_new_take (most, PLANES * COUNT * TOKENS * sizeof (float));
}

static GBytes *
paint_pictures (void)
{
  guint8 *pixels = g_malloc (COUNT * SIDE * SIDE);

  for (int i = 0; i < COUNT * SIDE * SIDE; i++)
    pixels[i] =
        (guint8) (255
                  * shape_at (i / (SIDE * SIDE), (i % SIDE + 0.5) / SIDE, (i / SIDE % SIDE + 0.5) / SIDE));
  return g_bytes_new_take (pixels, COUNT * SIDE * SIDE);
}

static GtkWidget *
attention_view (void)
{
  GtkWidget *widget = eid_attention_view_new ();
  EidAttentionPlane planes[PLANES];
  EidAttention attention = {
    .count = COUNT,
    .size = SIDE,
    .channels = 1,
    .grid = GRID,
    .extra = EXTRA,
    .layers = LAYERS,
    .heads = HEADS,
    .class_token = TRUE,
    .planes = planes,
    .n_planes = PLANES,
    .images = paint_pictures (),
  };

  for (int i = 0; i < PLANES; i++)
    planes[i] = (EidAttentionPlane){ i / (1 + HEADS), i % (1 + HEADS) - 1 };
  for (int of = 0; of < 2; of++)
    fill_maps (planes, of ? 0.6 : 1, &attention.maps[of], &attention.greatest[of]);
  eid_attention_view_set_attention (EID_ATTENTION_VIEW (widget), &attention);
  eid_attention_view_set_rest (EID_ATTENTION_VIEW (widget), 0);
  g_bytes_unref (attention.images);
  for (int of = 0; of < 2; of++)
    {
      g_bytes_unref (attention.maps[of]);
      g_bytes_unref (attention.greatest[of]);
    }
  return widget;
}

GtkWidget *
eid_gallery_attention (void)
{
  GtkWidget *widget = attention_view ();

  eid_attention_view_set_query (EID_ATTENTION_VIEW (widget), 1, 24);
  return widget;
}

GtkWidget *
eid_gallery_heads (void)
{
  GtkWidget *widget = attention_view ();

  eid_attention_view_set_head (EID_ATTENTION_VIEW (widget), 1, EID_HEADS_ALL);
  eid_attention_view_set_whose (EID_ATTENTION_VIEW (widget), EID_ATTENTION_STUDENT | EID_ATTENTION_TEACHER);
  eid_attention_view_set_mass (EID_ATTENTION_VIEW (widget), 0.6);
  return widget;
}

static GtkWidget *
patches_view (EidPatchesMode mode)
{
  GtkWidget *widget = eid_attention_view_new ();
  guint8 *colours = g_malloc (COUNT * GRID * GRID * 3);
  gint8 *tokens = g_new (gint8, COUNT * GRID * GRID * WIDTH);
  g_autoptr (GBytes) images = paint_pictures ();
  g_autoptr (GBytes) colour_bytes = NULL, token_bytes = NULL;
  EidPatches patches = { .count = COUNT, .size = SIDE, .channels = 1, .grid = GRID, .width = WIDTH };

  for (int i = 0; i < COUNT * GRID * GRID; i++)
    {
      double bright = brightness (i / (GRID * GRID), i % (GRID * GRID));
      double x = (i % GRID + 0.5) / GRID, y = (i / GRID % GRID + 0.5) / GRID;

      colours[3 * i] = (guint8) (255 * bright);
      colours[3 * i + 1] = (guint8) (255 * (0.3 + 0.5 * x * (1 - bright) + 0.2 * y));
      colours[3 * i + 2] = (guint8) (255 * (0.8 - 0.6 * y));
      for (int d = 0; d < WIDTH; d++)
        tokens[i * WIDTH + d] = (gint8) (90 * cos (d * 1.7 + 2.5 * bright + x * (d % 3) + y * (d % 2)));
    }
  colour_bytes = g_bytes_new_take (colours, COUNT * GRID * GRID * 3);
  token_bytes = g_bytes_new_take (tokens, COUNT * GRID * GRID * WIDTH);
  patches.images = images;
  patches.colours = colour_bytes;
  patches.tokens = token_bytes;
  eid_attention_view_set_mode (EID_ATTENTION_VIEW (widget), mode);
  eid_attention_view_set_patches (EID_ATTENTION_VIEW (widget), &patches);
  return widget;
}

GtkWidget *
eid_gallery_patch_colours (void)
{
  return patches_view (EID_PATCHES_COLOURS);
}

GtkWidget *
eid_gallery_similarity (void)
{
  return patches_view (EID_PATCHES_SIMILARITY);
}
