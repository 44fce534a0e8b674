/* bars.c: EidBars, many shares as sorted bars, as a widget. */
#include "ui/chart/bars.h"

#include <glib/gi18n-lib.h>

#include <math.h>

#define MOST (1 << 20)

struct _EidBars
{
  GtkWidget parent;

  EidBarsData data;
  gssize pointed; /* the place, not the item; -1: none */

  EidBarsLayout layout;
  GskRenderNode *node; /* of width × height; drawn anew where they are 0 */
  int width, height;
};

G_DEFINE_FINAL_TYPE (EidBars, eid_bars, GTK_TYPE_WIDGET)

static void
tell (EidBars *self)
{
  const EidBarsData *data = &self->data;
  g_autofree char *text = NULL;

  if (data->n == 0)
    text = g_strdup (data->empty_text ? data->empty_text : _ ("Nothing to show yet"));
  else
    {
      const gsize place = (gsize) MAX (self->pointed, 0);
      g_autofree char *count = eid_format_count (data->n), *number = eid_format_count (data->order[place]);
      g_autofree char *share = eid_format_percent (data->values[place]);

      /* Translators: what one bar is ("prototype"), its number, and its share. */
      text = self->pointed >= 0
                 ? g_strdup_printf (_ ("%s %s: %s"), data->item ? data->item : "", number, share)
                 : g_strdup_printf (_ ("%s bars, the largest %s"), count, share);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
invalidate (EidBars *self)
{
  g_clear_pointer (&self->node, gsk_render_node_unref);
  self->width = self->height = 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
eid_bars_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  EidBars *self = EID_BARS (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  EidPlotStyle style;

  eid_plot_style_init (&style, widget);
  if (self->width != width || self->height != height)
    {
      g_clear_pointer (&self->node, gsk_render_node_unref);
      self->layout = eid_bars_layout (&self->data, &style, width, height);
      self->node = eid_bars_draw (&self->data, &self->layout, &style, width, height);
      self->width = width;
      self->height = height;
    }
  if (self->node)
    gtk_snapshot_append_node (snapshot, self->node);
  if (self->pointed >= 0)
    eid_bars_snapshot_pointed (snapshot, &self->data, &self->layout, &style, (gsize) self->pointed, width,
                               height);
  eid_plot_style_clear (&style);
}

static void
eid_bars_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                  int *minimum_baseline, int *natural_baseline)
{
  *minimum = 160;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 560 : 360;
}

static void
eid_bars_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (eid_bars_parent_class)->css_changed (widget, change);
  invalidate (EID_BARS (widget));
}

static void
point_at (EidBars *self, gssize pointed)
{
  if (self->pointed == pointed)
    return;
  self->pointed = pointed;
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, EidBars *self)
{
  point_at (self, self->width > 0 ? eid_bars_at (&self->data, &self->layout, x, y) : -1);
}

static void
leave (GtkEventControllerMotion *controller, EidBars *self)
{
  point_at (self, -1);
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, EidBars *self)
{
  const gssize last = (gssize) self->data.n - 1;

  if (last < 0)
    return FALSE;
  switch (key)
    {
    case GDK_KEY_Left:
      point_at (self, MAX (self->pointed - 1, 0));
      return TRUE;
    case GDK_KEY_Right:
      point_at (self, MIN (self->pointed + 1, last));
      return TRUE;
    case GDK_KEY_Home:
      point_at (self, 0);
      return TRUE;
    case GDK_KEY_End:
      point_at (self, last);
      return TRUE;
    default:
      return FALSE;
    }
}

static void
eid_bars_finalize (GObject *object)
{
  EidBars *self = EID_BARS (object);

  g_clear_pointer (&self->node, gsk_render_node_unref);
  eid_bars_data_set (&self->data, NULL, NULL, 0);
  g_free (self->data.bars);
  g_free (self->data.line);
  g_free (self->data.item);
  g_free (self->data.x_title);
  g_free (self->data.rule_label);
  g_free (self->data.empty_text);
  G_OBJECT_CLASS (eid_bars_parent_class)->finalize (object);
}

static void
eid_bars_class_init (EidBarsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = eid_bars_finalize;
  widget_class->snapshot = eid_bars_snapshot;
  widget_class->measure = eid_bars_measure;
  widget_class->css_changed = eid_bars_css_changed;
  gtk_widget_class_set_css_name (widget_class, "eidbars");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
eid_bars_init (EidBars *self)
{
  self->pointed = -1;
  self->data.rule = NAN;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  eid_plot_listen (self, G_CALLBACK (motion), G_CALLBACK (leave), G_CALLBACK (key_pressed));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (invalidate), self,
                           G_CONNECT_SWAPPED);
  tell (self);
}

GtkWidget *
eid_bars_new (void)
{
  return g_object_new (EID_TYPE_BARS, NULL);
}

static void
set_text (char **place, const char *text)
{
  g_free (*place);
  *place = g_strdup (text);
}

void
eid_bars_set_titles (EidBars *self, const char *bars, const char *line, const char *item, const char *x_title)
{
  g_return_if_fail (EID_IS_BARS (self));
  set_text (&self->data.bars, bars);
  set_text (&self->data.line, line);
  set_text (&self->data.item, item);
  set_text (&self->data.x_title, x_title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, bars ? bars : "", -1);
  invalidate (self);
}

void
eid_bars_set_values (EidBars *self, const double *values, const double *second, gsize n)
{
  g_return_if_fail (EID_IS_BARS (self));
  eid_bars_data_set (&self->data, n <= MOST ? values : NULL, second, n);
  if (self->pointed >= (gssize) self->data.n)
    self->pointed = -1;
  invalidate (self);
  tell (self);
}

void
eid_bars_set_rule (EidBars *self, const char *label, double value)
{
  g_return_if_fail (EID_IS_BARS (self));
  set_text (&self->data.rule_label, label);
  self->data.rule = value;
  invalidate (self);
}

void
eid_bars_set_empty_text (EidBars *self, const char *text)
{
  g_return_if_fail (EID_IS_BARS (self));
  set_text (&self->data.empty_text, text);
  invalidate (self);
  tell (self);
}
