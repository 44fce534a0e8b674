/* surface.c: see surface.h. */
#include "tests/ui/surface.h"

#include <pango/pangocairo.h>

EidPlotStyle
test_style (void)
{
  EidPlotStyle style = { .foreground = { 0, 0, 0, 1 } };

  style.context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  return style;
}

cairo_surface_t *
test_surface_of (GskRenderNode *node)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  if (node)
    {
      gsk_render_node_draw (node, cr);
      gsk_render_node_unref (node);
    }
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

guint32
test_pixel (cairo_surface_t *surface, int x, int y)
{
  g_assert_cmpint (x, >=, 0);
  g_assert_cmpint (x, <, WIDTH);
  g_assert_cmpint (y, >=, 0);
  g_assert_cmpint (y, <, HEIGHT);
  return *(guint32 *) (void *) (cairo_image_surface_get_data (surface)
                                + y * cairo_image_surface_get_stride (surface) + x * 4)
         & 0xffffff;
}
