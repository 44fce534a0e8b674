/* texture.c: pixels of the engine as textures of GTK, small ones without a blur. */
#include "ui/base/draw.h"

#define LARGEST_SIDE 16384

GdkTexture *
eid_texture_new (const guint8 *pixels, guint width, guint height, guint channels)
{
  g_autoptr (GBytes) bytes = NULL;
  gsize count = (gsize) width * height;

  if (!pixels || width == 0 || height == 0 || width > LARGEST_SIDE || height > LARGEST_SIDE)
    return NULL;

  if (channels == 1) /* GTK 4.8 has no format of one channel */
    {
      guint8 *rgb = g_malloc (count * 3);

      for (gsize i = 0; i < count; i++)
        rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = pixels[i];
      bytes = g_bytes_new_take (rgb, count * 3);
      channels = 3;
    }
  else if (channels == 3 || channels == 4)
    bytes = g_bytes_new (pixels, count * channels);
  else
    return NULL;

  return gdk_memory_texture_new ((int) width, (int) height,
                                 channels == 3 ? GDK_MEMORY_R8G8B8 : GDK_MEMORY_R8G8B8A8, bytes,
                                 (gsize) width * channels);
}

GdkTexture *
eid_texture_from_batch (GBytes *pixels, guint index, guint size, guint channels)
{
  gsize length;
  const guint8 *data;
  gsize picture;

  if (!pixels || size == 0 || size > LARGEST_SIDE || channels == 0 || channels > 4)
    return NULL;
  data = g_bytes_get_data (pixels, &length);
  picture = (gsize) size * size * channels;
  if (length / picture <= index)
    return NULL;
  return eid_texture_new (data + picture * index, size, size, channels);
}

GdkTexture *
eid_texture_heat_from_batch (GBytes *pixels, guint index, guint size, guint channels)
{
  g_autofree guint8 *rgb = NULL;
  gsize length, picture;
  const guint8 *data;

  if (!pixels || size == 0 || size > LARGEST_SIDE || channels == 0 || channels > 4)
    return NULL;
  data = g_bytes_get_data (pixels, &length);
  picture = (gsize) size * size * channels;
  if (length / picture <= index)
    return NULL;

  data += picture * index;
  rgb = g_malloc ((gsize) size * size * 3);
  for (gsize i = 0; i < (gsize) size * size; i++)
    {
      guint sum = 0;
      GdkRGBA colour;

      for (guint c = 0; c < channels; c++)
        sum += data[i * channels + c];
      colour = eid_viridis (sum / (255.0 * channels));
      rgb[3 * i] = (guint8) (colour.red * 255 + 0.5f);
      rgb[3 * i + 1] = (guint8) (colour.green * 255 + 0.5f);
      rgb[3 * i + 2] = (guint8) (colour.blue * 255 + 0.5f);
    }
  return eid_texture_new (rgb, size, size, 3);
}

GdkTexture *
eid_texture_resample (GdkTexture *texture, int width, int height)
{
  g_autofree guint32 *from = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint32 *to;
  int from_width, from_height;

  if (!texture || width <= 0 || height <= 0 || width > LARGEST_SIDE || height > LARGEST_SIDE)
    return NULL;
  from_width = gdk_texture_get_width (texture);
  from_height = gdk_texture_get_height (texture);
  from = g_new (guint32, (gsize) from_width * from_height);
  gdk_texture_download (texture, (guchar *) from, (gsize) from_width * 4);

  to = g_new (guint32, (gsize) width * height);
  for (int y = 0; y < height; y++)
    {
      const guint32 *row = from + (gsize) ((gint64) y * from_height / height) * from_width;

      for (int x = 0; x < width; x++)
        to[(gsize) y * width + x] = row[(gint64) x * from_width / width];
    }
  bytes = g_bytes_new_take (to, (gsize) width * height * 4);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, (gsize) width * 4);
}

int
eid_picture_side (int side, int space)
{
  if (side <= 0 || space <= 0)
    return 0;
  if (side >= EID_PIXEL_ART)
    return space;
  return MAX (1, space / side) * side;
}

void
eid_snapshot_picture (GtkSnapshot *snapshot, GdkTexture *texture, GdkTexture **cache, int scale, float x,
                      float y, float side)
{
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (x, y, side, side);
  int pixels = (int) side * MAX (1, scale);

  if (!texture || pixels <= 0)
    return;
  if (gdk_texture_get_width (texture) >= EID_PIXEL_ART || gdk_texture_get_width (texture) == pixels)
    {
      gtk_snapshot_append_texture (snapshot, texture, &bounds);
      return;
    }
  if (*cache && gdk_texture_get_width (*cache) != pixels)
    g_clear_object (cache);
  if (!*cache)
    *cache = eid_texture_resample (texture, pixels, pixels);
  gtk_snapshot_append_texture (snapshot, *cache ? *cache : texture, &bounds);
}

GskRenderNode *
eid_node_to_pixels (GskRenderNode *node, int width, int height, int scale)
{
  g_autoptr (GskRenderNode) owned = node;
  g_autoptr (GdkTexture) texture = NULL;
  g_autoptr (GBytes) pixels = NULL;
  cairo_surface_t *surface;
  cairo_t *cr;

  if (!node || width <= 0 || height <= 0)
    return NULL;
  scale = MAX (scale, 1);
  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width * scale, height * scale);
  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    {
      cairo_surface_destroy (surface);
      return g_steal_pointer (&owned);
    }
  cr = cairo_create (surface);
  cairo_scale (cr, scale, scale);
  gsk_render_node_draw (node, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  pixels = g_bytes_new_with_free_func (cairo_image_surface_get_data (surface),
                                       (gsize) cairo_image_surface_get_stride (surface) * height * scale,
                                       (GDestroyNotify) cairo_surface_destroy, surface);
  texture = gdk_memory_texture_new (width * scale, height * scale, GDK_MEMORY_DEFAULT, pixels,
                                    cairo_image_surface_get_stride (surface));
  return gsk_texture_node_new (texture, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
}
