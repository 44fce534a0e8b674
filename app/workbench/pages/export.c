/* export.c: a widget as PNG or SVG, by the very nodes that the screen shows;
 * see export.h. What it was drawn from: export-table.c.                 */
#include "app/workbench/pages/export.h"

#include <cairo-svg.h>
#include <glib/gi18n.h>

/* Pixels of a PNG for one of the screen's. */
#define PNG_SCALE 2

EidExport
eid_export_of_file (const char *file)
{
  static const char *const endings[] = { ".png", ".svg", ".csv" };
  g_autofree char *lower = g_ascii_strdown (file, -1);

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (lower, endings[i]))
      return (EidExport) i;
  return EID_EXPORT_UNKNOWN;
}

/* What stands behind the widget in its window. */
static GdkRGBA
background_of (GtkWidget *widget)
{
  GdkRGBA colour = { 1, 1, 1, 1 };

  gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), "window_bg_color", &colour);
  colour.alpha = 1;
  return colour;
}

/* What the screen shows of @widget; NULL where no frame has had it yet. */
static GskRenderNode *
node_of (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  return gtk_snapshot_free_to_node (snapshot);
}

static void
draw (GskRenderNode *node, const GdkRGBA *background, cairo_surface_t *surface, double scale)
{
  cairo_t *cairo = cairo_create (surface);

  cairo_scale (cairo, scale, scale);
  gdk_cairo_set_source_rgba (cairo, background);
  cairo_paint (cairo);
  gsk_render_node_draw (node, cairo);
  cairo_destroy (cairo);
}

static cairo_status_t
on_bytes (gpointer bytes, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (bytes, data, length);
  return CAIRO_STATUS_SUCCESS;
}

/* Whole in memory first: the file is the old or the new, never half. */
gboolean
eid_export_widget (GtkWidget *widget, EidExport kind, const char *file, GError **error)
{
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const gboolean svg = kind == EID_EXPORT_SVG;
  const GdkRGBA background = background_of (widget);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  GskRenderNode *node = width > 0 && height > 0 ? node_of (widget) : NULL;
  cairo_surface_t *surface;
  cairo_status_t status;

  if (node == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                           _ ("There is nothing on the page to export"));
      return FALSE;
    }
  surface = svg ? cairo_svg_surface_create_for_stream (on_bytes, bytes, width, height)
                : cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width * PNG_SCALE, height * PNG_SCALE);
  draw (node, &background, surface, svg ? 1 : PNG_SCALE);
  gsk_render_node_unref (node);
  if (svg)
    cairo_surface_finish (surface);
  status =
      svg ? cairo_surface_status (surface) : cairo_surface_write_to_png_stream (surface, on_bytes, bytes);
  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The view cannot be drawn: %s"),
                   cairo_status_to_string (status));
      return FALSE;
    }
  return g_file_set_contents (file, (const char *) bytes->data, bytes->len, error);
}
