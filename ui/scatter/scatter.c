/* scatter.c: EidScatter, points of an embedding as a widget: its data, its view of
 * them, and three layers of drawing: points and marks, which are cached, and what
 * follows the pointer, which is small.
 */
#include "ui/scatter/scatter.h"

#include <glib/gi18n-lib.h>

#include <math.h>

G_DEFINE_FINAL_TYPE (EidScatter, eid_scatter, GTK_TYPE_WIDGET)

enum
{
  ACTIVATED,
  SELECTED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- What is told ------------------------------------------------------------------- */

static char *
describe (EidScatter *self)
{
  g_autoptr (GArray) classes = eid_scatter_classes (&self->data);
  g_autofree char *count = eid_format_count (self->data.n);

  if (self->layout.empty)
    return g_strdup (self->data.empty_text ? self->data.empty_text : _ ("No points yet"));
  if (self->pointed >= 0)
    {
      g_autofree char *name =
          self->data.labels ? eid_scatter_class_name (&self->data, self->data.labels[self->pointed]) : NULL;

      return eid_format_sample (self->data.kind, (guint64) self->pointed, name);
    }
  if (classes->len == 0)
    return g_strdup_printf (_ ("%s points"), count);
  return g_strdup_printf (_ ("%s points of %'u classes"), count, classes->len);
}

static void
tell (EidScatter *self)
{
  g_autofree char *description = describe (self);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description,
                                  -1);
}

void
eid_scatter_emit_activated (EidScatter *self, guint index)
{
  g_signal_emit (self, signals[ACTIVATED], 0, index);
}

void
eid_scatter_emit_selected (EidScatter *self)
{
  g_signal_emit (self, signals[SELECTED], 0);
}

/* --- Drawing ----------------------------------------------------------------------------- */

void
eid_scatter_invalidate_marks (EidScatter *self)
{
  g_clear_pointer (&self->marks, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
eid_scatter_invalidate (EidScatter *self)
{
  g_clear_pointer (&self->node, gsk_render_node_unref);
  self->width = self->height = 0;
  eid_scatter_invalidate_marks (self);
}

static void
update_layout (EidScatter *self, const EidPlotStyle *style)
{
  const int width = gtk_widget_get_width (GTK_WIDGET (self)),
            height = gtk_widget_get_height (GTK_WIDGET (self));

  if (self->width == width && self->height == height)
    return;
  g_clear_pointer (&self->node, gsk_render_node_unref);
  g_clear_pointer (&self->marks, gsk_render_node_unref);
  self->layout = eid_scatter_layout (&self->data, style, width, height);
  self->width = width;
  self->height = height;
  tell (self);
}

gboolean
eid_scatter_is_laid_out (EidScatter *self)
{
  EidPlotStyle style;

  eid_plot_style_init (&style, GTK_WIDGET (self));
  update_layout (self, &style);
  eid_plot_style_clear (&style);
  return self->width > 0 && !self->layout.empty;
}

static void
eid_scatter_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  EidScatter *self = EID_SCATTER (widget);
  EidPlotStyle style;

  eid_plot_style_init (&style, widget);
  update_layout (self, &style);
  if (!self->node)
    self->node =
        eid_node_to_pixels (eid_scatter_draw (&self->data, &self->layout, &style, self->width, self->height),
                            self->width, self->height, gtk_widget_get_scale_factor (widget));
  if (!self->marks)
    self->marks = eid_scatter_draw_marks (&self->data, &self->layout, &style, self->centre, self->others,
                                          self->selected);
  if (self->node)
    gtk_snapshot_append_node (snapshot, self->node);
  if (self->marks)
    gtk_snapshot_append_node (snapshot, self->marks);
  eid_scatter_snapshot_lasso (snapshot, &self->layout, &style, self->corners);
  if (self->pointed >= 0 && !self->layout.empty && self->corners->len == 0)
    eid_scatter_snapshot_pointed (snapshot, &self->data, &self->layout, &style, (gsize) self->pointed,
                                  self->width, self->height);
  eid_plot_style_clear (&style);
}

static void
eid_scatter_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                     int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 74;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 560 : 420;
}

static void
eid_scatter_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (eid_scatter_parent_class)->css_changed (widget, change);
  eid_scatter_invalidate (EID_SCATTER (widget));
}

void
eid_scatter_point_at (EidScatter *self, gssize pointed)
{
  if (self->pointed == pointed)
    return;
  self->pointed = pointed;
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- The view ------------------------------------------------------------------------------ */

void
eid_scatter_look_at (EidScatter *self, double middle_x, double middle_y)
{
  self->data.middle_x = middle_x;
  self->data.middle_y = middle_y;
  eid_scatter_invalidate (self);
}

void
eid_scatter_zoom_at (EidScatter *self, double factor, double pixel_x, double pixel_y)
{
  const EidAxis *x = &self->layout.x, *y = &self->layout.y;
  const double before = fmax (self->data.zoom, 1);
  const double zoom = CLAMP (before * factor, 1, EID_SCATTER_ZOOM);
  /* What lies at the pixel stays there: the middle goes towards it by what is won. */
  const double share = 1 - before / zoom;
  const double middle_x = x->from / 2 + x->to / 2, middle_y = y->from / 2 + y->to / 2;

  self->data.zoom = zoom;
  eid_scatter_look_at (self, middle_x + share * (eid_axis_value (x, pixel_x) - middle_x),
                       middle_y + share * (eid_axis_value (y, pixel_y) - middle_y));
}

void
eid_scatter_zoom (EidScatter *self, double factor)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  if (factor > 0 && eid_scatter_is_laid_out (self))
    eid_scatter_zoom_at (self, factor, self->layout.x.pixel_from / 2 + self->layout.x.pixel_to / 2,
                         self->layout.y.pixel_from / 2 + self->layout.y.pixel_to / 2);
  else if (!(factor > 0))
    {
      self->data.zoom = 1;
      eid_scatter_invalidate (self);
    }
}

/* --- The widget ------------------------------------------------------------------------------ */

static void
clear_pictures (EidScatter *self)
{
  for (gsize i = 0; self->data.pictures && i < self->data.n; i++)
    g_clear_object (&self->data.pictures[i]);
  g_clear_pointer (&self->data.pictures, g_free);
}

/* Other points than before, not the same moved. */
static void
forget_points (EidScatter *self)
{
  clear_pictures (self);
  g_clear_pointer (&self->selected, g_free);
  g_array_set_size (self->others, 0);
  g_array_set_size (self->corners, 0);
  g_hash_table_remove_all (self->data.hidden);
  self->pointed = self->centre = -1;
  self->data.zoom = 1;
}

static void
eid_scatter_dispose (GObject *object)
{
  g_clear_pointer (&EID_SCATTER (object)->node, gsk_render_node_unref);
  g_clear_pointer (&EID_SCATTER (object)->marks, gsk_render_node_unref);
  G_OBJECT_CLASS (eid_scatter_parent_class)->dispose (object);
}

static void
eid_scatter_finalize (GObject *object)
{
  EidScatter *self = EID_SCATTER (object);

  forget_points (self);
  g_free (self->data.x);
  g_free (self->data.y);
  g_free (self->data.labels);
  g_strfreev (self->data.names);
  g_free (self->data.x_title);
  g_free (self->data.y_title);
  g_free (self->data.empty_text);
  g_hash_table_unref (self->data.hidden);
  g_array_unref (self->others);
  g_array_unref (self->corners);
  G_OBJECT_CLASS (eid_scatter_parent_class)->finalize (object);
}

static void
eid_scatter_class_init (EidScatterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = eid_scatter_dispose;
  object_class->finalize = eid_scatter_finalize;
  widget_class->snapshot = eid_scatter_snapshot;
  widget_class->measure = eid_scatter_measure;
  widget_class->css_changed = eid_scatter_css_changed;

  signals[ACTIVATED] = g_signal_new ("activated", EID_TYPE_SCATTER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SELECTED] =
      g_signal_new ("selected", EID_TYPE_SCATTER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "eidscatter");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
eid_scatter_init (EidScatter *self)
{
  self->pointed = self->centre = -1;
  self->layout.empty = TRUE;
  self->data.zoom = 1;
  self->data.hidden = g_hash_table_new (NULL, NULL);
  self->others = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->corners = g_array_new (FALSE, FALSE, sizeof (graphene_point_t));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Embedding"), -1);
  eid_scatter_add_controllers (self);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (eid_scatter_invalidate), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (eid_scatter_invalidate), NULL);
}

GtkWidget *
eid_scatter_new (void)
{
  return g_object_new (EID_TYPE_SCATTER, NULL);
}

/* --- Data ----------------------------------------------------------------------------------------- */

void
eid_scatter_set_points (EidScatter *self, const double *x, const double *y, const int *labels, gsize n)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  if (!x || !y || n > G_MAXINT)
    n = 0;
  if (n != self->data.n || n == 0)
    forget_points (self);
  g_clear_pointer (&self->data.x, g_free);
  g_clear_pointer (&self->data.y, g_free);
  g_clear_pointer (&self->data.labels, g_free);
  self->data.n = n;
  if (n > 0)
    {
      self->data.x = g_memdup2 (x, n * sizeof *x);
      self->data.y = g_memdup2 (y, n * sizeof *y);
      self->data.labels = labels ? g_memdup2 (labels, n * sizeof *labels) : NULL;
    }
  eid_scatter_invalidate (self);
}

gboolean
eid_scatter_set_pictures (EidScatter *self, GBytes *pixels, guint size, guint channels)
{
  const gsize n = self->data.n;

  g_return_val_if_fail (EID_IS_SCATTER (self), FALSE);
  clear_pictures (self);
  eid_scatter_invalidate (self);
  if (!pixels || size == 0 || size > 4096 || channels == 0 || channels > 4
      || g_bytes_get_size (pixels) != n * size * size * channels)
    return pixels == NULL;
  self->data.pictures = g_new0 (GdkTexture *, MAX (n, 1));
  for (gsize i = 0; i < n; i++)
    self->data.pictures[i] = eid_texture_from_batch (pixels, (guint) i, size, channels);
  return TRUE;
}

GdkTexture *
eid_scatter_get_picture (EidScatter *self, guint index)
{
  g_return_val_if_fail (EID_IS_SCATTER (self), NULL);
  return self->data.pictures && index < self->data.n ? self->data.pictures[index] : NULL;
}

void
eid_scatter_set_show_pictures (EidScatter *self, gboolean pictures)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  self->data.show_pictures = pictures;
  eid_scatter_invalidate (self);
}

void
eid_scatter_set_class_shown (EidScatter *self, int label, gboolean shown)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  if (shown)
    g_hash_table_remove (self->data.hidden, GINT_TO_POINTER (label));
  else
    g_hash_table_add (self->data.hidden, GINT_TO_POINTER (label));
  self->pointed = -1;
  eid_scatter_invalidate (self);
}

void
eid_scatter_set_rings (EidScatter *self, int centre, const gint32 *others, gsize n)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  self->centre = centre >= 0 && (gsize) centre < self->data.n ? centre : -1;
  g_array_set_size (self->others, 0);
  if (self->centre >= 0 && others)
    g_array_append_vals (self->others, others, (guint) MIN (n, self->data.n));
  eid_scatter_invalidate_marks (self);
}

void
eid_scatter_set_lasso (EidScatter *self, gboolean lasso)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  self->lasso = lasso;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), lasso ? "crosshair" : NULL);
}

GArray *
eid_scatter_get_selection (EidScatter *self)
{
  GArray *selection = g_array_new (FALSE, FALSE, sizeof (guint));

  g_return_val_if_fail (EID_IS_SCATTER (self), selection);
  for (guint i = 0; self->selected && i < self->data.n; i++)
    if (self->selected[i])
      g_array_append_val (selection, i);
  return selection;
}

void
eid_scatter_clear_selection (EidScatter *self)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  g_clear_pointer (&self->selected, g_free);
  eid_scatter_invalidate_marks (self);
}

void
eid_scatter_set_class_names (EidScatter *self, const char *const *names)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  g_strfreev (self->data.names);
  self->data.names = g_strdupv ((char **) names);
  eid_scatter_invalidate (self);
}

void
eid_scatter_set_kind (EidScatter *self, EidSampleKind kind)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  self->data.kind = kind;
}

void
eid_scatter_set_axis_titles (EidScatter *self, const char *x_title, const char *y_title)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  g_free (self->data.x_title);
  g_free (self->data.y_title);
  self->data.x_title = g_strdup (x_title);
  self->data.y_title = g_strdup (y_title);
  eid_scatter_invalidate (self);
}

void
eid_scatter_set_empty_text (EidScatter *self, const char *text)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  g_free (self->data.empty_text);
  self->data.empty_text = g_strdup (text);
  eid_scatter_invalidate (self);
}
