/* matrix.c: EidMatrix, a matrix of similarities as a widget. */
#include "ui/matrix/matrix.h"

#include <glib/gi18n-lib.h>

#include <math.h>

#define MOST 4096 /* rows: the square of it is what a texture holds */

struct _EidMatrix
{
  GtkWidget parent;

  EidMatrixData data;
  double within, between;
  gboolean pointed;
  guint row, column;

  GdkTexture *texture;
  EidMatrixLayout layout;
  GskRenderNode *node; /* of width × height; drawn anew where they are 0 */
  int width, height;
};

G_DEFINE_FINAL_TYPE (EidMatrix, eid_matrix, GTK_TYPE_WIDGET)

static void
invalidate (EidMatrix *self)
{
  g_clear_pointer (&self->node, gsk_render_node_unref);
  self->width = self->height = 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* What there is, or the pair that is pointed at. */
static void
tell (EidMatrix *self)
{
  g_autofree char *text = NULL;

  if (!self->data.values)
    text = g_strdup (self->data.empty_text ? self->data.empty_text : _ ("No similarities yet"));
  else if (self->pointed)
    {
      g_autofree char *one = eid_matrix_row_name (&self->data, self->row);
      g_autofree char *other = eid_matrix_row_name (&self->data, self->column);
      g_autofree char *value =
          eid_format_number ((double) self->data.values[(gsize) self->row * self->data.n + self->column]);

      /* TRANSLATORS: two pictures, or passages of text, and how alike they are. */
      text = g_strdup_printf (_ ("%s; %s: cosine %s"), one, other, value);
    }
  else
    {
      g_autofree char *count = eid_format_count (self->data.n);
      g_autofree char *within = eid_format_number (self->within),
                      *between = eid_format_number (self->between);

      text = g_strdup_printf (self->data.kind == EID_SAMPLE_PASSAGE
                                  ? _ ("Cosines of %s passages: mean %s within classes, %s between them")
                                  : _ ("Cosines of %s pictures: mean %s within classes, %s between them"),
                              count, within, between);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
eid_matrix_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  EidMatrix *self = EID_MATRIX (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  EidPlotStyle style;

  eid_plot_style_init (&style, widget);
  if (self->width != width || self->height != height)
    {
      g_clear_pointer (&self->node, gsk_render_node_unref);
      self->layout = eid_matrix_layout (&self->data, &style, width, height);
      self->node = eid_matrix_draw (&self->data, &self->layout, self->texture, &style, width, height);
      self->width = width;
      self->height = height;
    }
  if (self->node)
    gtk_snapshot_append_node (snapshot, self->node);
  if (self->pointed && self->data.values)
    eid_matrix_snapshot_cell (snapshot, &self->data, &self->layout, &style, self->row, self->column, width,
                              height);
  eid_plot_style_clear (&style);
}

static void
eid_matrix_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                    int *minimum_baseline, int *natural_baseline)
{
  *minimum = 160;
  *natural = 420;
}

static void
eid_matrix_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (eid_matrix_parent_class)->css_changed (widget, change);
  invalidate (EID_MATRIX (widget));
}

/* --- Pointer and keys ----------------------------------------------------------------- */

static void
motion (GtkEventControllerMotion *controller, double x, double y, EidMatrix *self)
{
  self->pointed =
      self->width > 0 && eid_matrix_at (&self->data, &self->layout, x, y, &self->row, &self->column);
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave (GtkEventControllerMotion *controller, EidMatrix *self)
{
  self->pointed = FALSE;
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, EidMatrix *self)
{
  const int across = key == GDK_KEY_Right ? 1 : key == GDK_KEY_Left ? -1 : 0;
  const int down = key == GDK_KEY_Down ? 1 : key == GDK_KEY_Up ? -1 : 0;
  const int last = (int) self->data.n - 1;

  if (!self->data.values || (across == 0 && down == 0))
    return FALSE;
  if (self->pointed)
    {
      self->column = (guint) CLAMP ((int) self->column + across, 0, last);
      self->row = (guint) CLAMP ((int) self->row + down, 0, last);
    }
  else
    self->row = self->column = 0;
  self->pointed = TRUE;
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return TRUE;
}

/* --- The widget ------------------------------------------------------------------------- */

static void
clear_values (EidMatrix *self)
{
  g_clear_pointer (&self->data.values, g_free);
  g_clear_pointer (&self->data.labels, g_free);
  g_clear_pointer (&self->data.numbers, g_free);
  g_clear_object (&self->texture);
  self->within = self->between = NAN;
}

static void
eid_matrix_finalize (GObject *object)
{
  EidMatrix *self = EID_MATRIX (object);

  clear_values (self);
  g_clear_pointer (&self->node, gsk_render_node_unref);
  g_strfreev (self->data.names);
  g_free (self->data.empty_text);
  G_OBJECT_CLASS (eid_matrix_parent_class)->finalize (object);
}

static void
eid_matrix_class_init (EidMatrixClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = eid_matrix_finalize;
  widget_class->snapshot = eid_matrix_snapshot;
  widget_class->measure = eid_matrix_measure;
  widget_class->css_changed = eid_matrix_css_changed;
  gtk_widget_class_set_css_name (widget_class, "eidmatrix");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
eid_matrix_init (EidMatrix *self)
{
  self->within = self->between = NAN;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Similarity"), -1);
  eid_plot_listen (self, G_CALLBACK (motion), G_CALLBACK (leave), G_CALLBACK (key_pressed));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (invalidate), self,
                           G_CONNECT_SWAPPED);
  tell (self);
}

GtkWidget *
eid_matrix_new (void)
{
  return g_object_new (EID_TYPE_MATRIX, NULL);
}

gboolean
eid_matrix_set_values (EidMatrix *self, GBytes *values, guint n, const int *labels, const gint32 *numbers)
{
  const gsize length = (gsize) n * n * sizeof (float);
  const gboolean fits = values && n > 0 && n <= MOST && g_bytes_get_size (values) == length;

  g_return_val_if_fail (EID_IS_MATRIX (self), FALSE);
  clear_values (self);
  if (fits)
    {
      self->data.values = g_memdup2 (g_bytes_get_data (values, NULL), length);
      self->data.labels = labels ? g_memdup2 (labels, n * sizeof *labels) : NULL;
      self->data.numbers = numbers ? g_memdup2 (numbers, n * sizeof *numbers) : NULL;
      self->data.n = n;
      eid_matrix_find_range (&self->data);
      self->texture = eid_matrix_texture (&self->data);
      eid_matrix_means (&self->data, &self->within, &self->between);
    }
  self->pointed = self->pointed && fits && self->row < n && self->column < n;
  invalidate (self);
  tell (self);
  return fits;
}

void
eid_matrix_set_class_names (EidMatrix *self, const char *const *names)
{
  g_return_if_fail (EID_IS_MATRIX (self));
  g_strfreev (self->data.names);
  self->data.names = g_strdupv ((char **) names);
  invalidate (self);
}

void
eid_matrix_set_kind (EidMatrix *self, EidSampleKind kind)
{
  g_return_if_fail (EID_IS_MATRIX (self));
  self->data.kind = kind;
  tell (self);
}

void
eid_matrix_get_means (EidMatrix *self, double *within, double *between)
{
  g_return_if_fail (EID_IS_MATRIX (self));
  *within = self->within;
  *between = self->between;
}

void
eid_matrix_set_empty_text (EidMatrix *self, const char *text)
{
  g_return_if_fail (EID_IS_MATRIX (self));
  g_free (self->data.empty_text);
  self->data.empty_text = g_strdup (text);
  invalidate (self);
  tell (self);
}
