/* colour-bar.c: EidColourBar, the legend of a heat map. */
#include "ui/base/draw.h"

#include <glib/gi18n-lib.h>

#include <math.h>

#define BAR_WIDTH  140
#define BAR_HEIGHT 10

struct _EidColourBar
{
  GtkWidget parent;
  GtkWidget *title, *least, *greatest;
};

G_DEFINE_FINAL_TYPE (EidColourBar, eid_colour_bar, GTK_TYPE_WIDGET)

static void
draw_bar (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  cairo_pattern_t *pattern = cairo_pattern_create_linear (0, 0, width, 0);

  for (int i = 0; i < 10; i++)
    {
      GdkRGBA colour = eid_viridis (i / 9.0);

      cairo_pattern_add_color_stop_rgb (pattern, i / 9.0, colour.red, colour.green, colour.blue);
    }
  cairo_set_source (cr, pattern);
  cairo_rectangle (cr, 0, (height - BAR_HEIGHT) / 2, width, BAR_HEIGHT);
  cairo_fill (cr);
  cairo_pattern_destroy (pattern);
}

static void
eid_colour_bar_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (eid_colour_bar_parent_class)->dispose (object);
}

static void
eid_colour_bar_class_init (EidColourBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = eid_colour_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "eidcolourbar");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
add_label (EidColourBar *self)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_set_parent (label, GTK_WIDGET (self));
  return label;
}

static void
eid_colour_bar_init (EidColourBar *self)
{
  GtkBoxLayout *layout = GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self)));
  GtkWidget *bar;

  gtk_box_layout_set_spacing (layout, 8);
  self->title = add_label (self);
  self->least = add_label (self);
  bar = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (bar), BAR_WIDTH);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (bar), BAR_HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (bar), draw_bar, NULL, NULL);
  gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
  gtk_widget_set_parent (bar, GTK_WIDGET (self));
  self->greatest = add_label (self);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
eid_colour_bar_new (const char *title)
{
  EidColourBar *self = g_object_new (EID_TYPE_COLOUR_BAR, NULL);

  gtk_label_set_text (GTK_LABEL (self->title), title ? title : "");
  gtk_widget_set_visible (self->title, title != NULL);
  return GTK_WIDGET (self);
}

void
eid_colour_bar_set_range (EidColourBar *self, double least, double greatest)
{
  g_autofree char *from = eid_format_number (least), *to = eid_format_number (greatest);
  g_autofree char *name = NULL;

  g_return_if_fail (EID_IS_COLOUR_BAR (self));
  gtk_label_set_text (GTK_LABEL (self->least), from);
  gtk_label_set_text (GTK_LABEL (self->greatest), to);
  gtk_widget_set_visible (GTK_WIDGET (self), isfinite (least) && isfinite (greatest));
  /* Translators: what the colours of a heat map mean, from dark to bright. */
  name = g_strdup_printf (_ ("Colour scale from %s, dark, to %s, bright"), from, to);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}
