/* page-export.c: a widget as PNG or SVG, by the very nodes that the screen shows;
 * see page-export.h. What it was drawn from: export-table.c.                 */
#include "page-export.h"

#include <cairo-svg.h>
#include <errno.h>
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

/* FALSE where no frame has shown the widget yet. */
static gboolean
draw (GtkWidget *widget, cairo_surface_t *surface, double scale)
{
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  const GdkRGBA background = background_of (widget);
  GskRenderNode *node;
  cairo_t *cairo;

  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL)
    return FALSE;
  cairo = cairo_create (surface);
  cairo_scale (cairo, scale, scale);
  gdk_cairo_set_source_rgba (cairo, &background);
  cairo_paint (cairo);
  gsk_render_node_draw (node, cairo);
  gsk_render_node_unref (node);
  cairo_destroy (cairo);
  return TRUE;
}

static gboolean
nothing_there (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("There is nothing on the page to export"));
  return FALSE;
}

static gboolean
take_status (cairo_status_t status, const char *file, GError **error)
{
  const int code = errno;
  g_autofree char *shown = g_filename_display_name (file);

  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("%s cannot be written: %s"), shown,
               status == CAIRO_STATUS_WRITE_ERROR && code != 0 ? g_strerror (code)
                                                               : cairo_status_to_string (status));
  return FALSE;
}

gboolean
eid_export_widget (GtkWidget *widget, EidExport kind, const char *file, GError **error)
{
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const gboolean svg = kind == EID_EXPORT_SVG;
  cairo_surface_t *surface;
  cairo_status_t status;
  gboolean drawn;

  if (width <= 0 || height <= 0)
    return nothing_there (error);
  errno = 0;
  surface = svg ? cairo_svg_surface_create (file, width, height)
                : cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width * PNG_SCALE, height * PNG_SCALE);
  drawn = draw (widget, surface, svg ? 1 : PNG_SCALE);
  if (!svg && drawn && cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_write_to_png (surface, file);
  else
    {
      cairo_surface_finish (surface);
      status = cairo_surface_status (surface);
    }
  cairo_surface_destroy (surface);
  return drawn ? take_status (status, file, error) : nothing_there (error);
}
