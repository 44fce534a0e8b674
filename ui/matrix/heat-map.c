/* heat-map.c: EidHeatMap, numbers of rows and columns as colours, as a widget. */
#include "ui/matrix/heat-map.h"

#include <glib/gi18n-lib.h>

#define MOST 4096 /* a side: the square of it is what a texture holds */

struct _EidHeatMap
{
  GtkWidget parent;

  EidHeatMapData data;
  gboolean pointed;
  guint row, column;

  GdkTexture *texture;
  EidHeatMapLayout layout;
  GskRenderNode *node; /* of width × height; drawn anew where they are 0 */
  int width, height;
};

G_DEFINE_FINAL_TYPE (EidHeatMap, eid_heat_map, GTK_TYPE_WIDGET)

static void
invalidate (EidHeatMap *self)
{
  g_clear_pointer (&self->node, gsk_render_node_unref);
  self->width = self->height = 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* What there is, or the cell that is pointed at. */
static void
tell (EidHeatMap *self)
{
  const EidHeatMapData *data = &self->data;
  g_autofree char *text = NULL;

  if (!data->values)
    text = g_strdup (data->empty_text ? data->empty_text : _ ("No numbers yet"));
  else if (self->pointed)
    {
      g_autofree char *one = eid_heat_map_name (data, TRUE, self->row);
      g_autofree char *other = eid_heat_map_name (data, FALSE, self->column);
      g_autofree char *value =
          eid_format_number ((double) data->values[(gsize) self->row * data->columns + self->column]);

      text = g_strdup_printf ("%s, %s: %s", one, other, value);
    }
  else
    {
      g_autofree char *rows = eid_format_count (data->rows), *columns = eid_format_count (data->columns);
      g_autofree char *least = eid_format_number (data->least),
                      *greatest = eid_format_number (data->greatest);

      text =
          g_strdup_printf (_ ("%s rows, %s columns, colours from %s to %s"), rows, columns, least, greatest);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
eid_heat_map_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  EidHeatMap *self = EID_HEAT_MAP (widget);
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  EidPlotStyle style;

  eid_plot_style_init (&style, widget);
  if (self->width != width || self->height != height)
    {
      g_clear_pointer (&self->node, gsk_render_node_unref);
      self->layout = eid_heat_map_layout (&self->data, &style, width, height);
      self->node = eid_heat_map_draw (&self->data, &self->layout, self->texture, &style, width, height);
      self->width = width;
      self->height = height;
    }
  if (self->node)
    gtk_snapshot_append_node (snapshot, self->node);
  if (self->pointed)
    eid_heat_map_snapshot_cell (snapshot, &self->data, &self->layout, &style, self->row, self->column, width,
                                height);
  eid_plot_style_clear (&style);
}

static void
eid_heat_map_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                      int *minimum_baseline, int *natural_baseline)
{
  *minimum = 160;
  *natural = 420;
}

static void
eid_heat_map_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (eid_heat_map_parent_class)->css_changed (widget, change);
  invalidate (EID_HEAT_MAP (widget));
}

static void
changed (EidHeatMap *self)
{
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, EidHeatMap *self)
{
  self->pointed =
      self->width > 0 && eid_heat_map_at (&self->data, &self->layout, x, y, &self->row, &self->column);
  changed (self);
}

static void
leave (GtkEventControllerMotion *controller, EidHeatMap *self)
{
  self->pointed = FALSE;
  changed (self);
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             EidHeatMap *self)
{
  const int across = key == GDK_KEY_Right ? 1 : key == GDK_KEY_Left ? -1 : 0;
  const int down = key == GDK_KEY_Down ? 1 : key == GDK_KEY_Up ? -1 : 0;

  if (!self->data.values || (across == 0 && down == 0))
    return FALSE;
  if (self->pointed)
    {
      self->column = (guint) CLAMP ((int) self->column + across, 0, (int) self->data.columns - 1);
      self->row = (guint) CLAMP ((int) self->row + down, 0, (int) self->data.rows - 1);
    }
  else
    self->row = self->column = 0;
  self->pointed = TRUE;
  changed (self);
  return TRUE;
}

/* --- The widget --------------------------------------------------------------------------- */

static void
clear_values (EidHeatMap *self)
{
  g_clear_pointer (&self->data.values, g_free);
  g_clear_pointer (&self->data.names, g_strfreev);
  g_clear_object (&self->texture);
}

static void
eid_heat_map_finalize (GObject *object)
{
  EidHeatMap *self = EID_HEAT_MAP (object);

  clear_values (self);
  g_clear_pointer (&self->node, gsk_render_node_unref);
  g_free (self->data.empty_text);
  G_OBJECT_CLASS (eid_heat_map_parent_class)->finalize (object);
}

static void
eid_heat_map_class_init (EidHeatMapClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = eid_heat_map_finalize;
  widget_class->snapshot = eid_heat_map_snapshot;
  widget_class->measure = eid_heat_map_measure;
  widget_class->css_changed = eid_heat_map_css_changed;
  gtk_widget_class_set_css_name (widget_class, "eidheatmap");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
eid_heat_map_init (EidHeatMap *self)
{
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  eid_plot_listen (self, G_CALLBACK (motion), G_CALLBACK (leave), G_CALLBACK (key_pressed));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (invalidate), self,
                           G_CONNECT_SWAPPED);
  tell (self);
}

GtkWidget *
eid_heat_map_new (void)
{
  return g_object_new (EID_TYPE_HEAT_MAP, NULL);
}

gboolean
eid_heat_map_set_values (EidHeatMap *self, GBytes *values, guint rows, guint columns, double least,
                         double greatest, const char *const *names)
{
  const gsize length = (gsize) rows * columns * sizeof (float);
  const guint n_names = names ? g_strv_length ((char **) names) : 0;
  const gboolean fits = values && rows > 0 && columns > 0 && rows <= MOST && columns <= MOST
                        && g_bytes_get_size (values) == length;

  g_return_val_if_fail (EID_IS_HEAT_MAP (self), FALSE);
  clear_values (self);
  if (fits)
    {
      self->data.rows = rows;
      self->data.columns = columns;
      self->data.values = g_memdup2 (g_bytes_get_data (values, NULL), length);
      self->data.least = least;
      self->data.greatest = greatest;
      self->data.names = n_names >= MAX (rows, columns) ? g_strdupv ((char **) names) : NULL;
      self->texture = eid_heat_map_texture (&self->data);
    }
  self->pointed = self->pointed && fits && self->row < rows && self->column < columns;
  invalidate (self);
  tell (self);
  return fits;
}

void
eid_heat_map_set_title (EidHeatMap *self, const char *title)
{
  g_return_if_fail (EID_IS_HEAT_MAP (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
}

void
eid_heat_map_set_empty_text (EidHeatMap *self, const char *text)
{
  g_return_if_fail (EID_IS_HEAT_MAP (self));
  g_free (self->data.empty_text);
  self->data.empty_text = g_strdup (text);
  invalidate (self);
  tell (self);
}
