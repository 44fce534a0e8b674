/* wrap-box.c: EidWrapBox, a row of controls that goes on in the next line where the width ends,
 * so that a narrow window has them all.
 */
#include "ui/ui.h"

struct _EidWrapBox
{
  GtkWidget parent;

  int spacing;
};

G_DEFINE_FINAL_TYPE (EidWrapBox, eid_wrap_box, GTK_TYPE_WIDGET)

/* The children from @first that stand in one line of @width; returns the one after them. */
static GtkWidget *
next_line (EidWrapBox *self, GtkWidget *first, int width, int *height)
{
  GtkWidget *child = first;
  int used = 0;

  *height = 0;
  for (; child; child = gtk_widget_get_next_sibling (child))
    {
      int natural, tall;

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
      if (used > 0 && used + natural > width)
        break;
      gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, MIN (natural, width), NULL, &tall, NULL, NULL);
      used += natural + self->spacing;
      *height = MAX (*height, tall);
    }
  return child;
}

static void
measure_width (EidWrapBox *self, int *minimum, int *natural)
{
  GtkWidget *child;

  for (child = gtk_widget_get_first_child (GTK_WIDGET (self)); child;
       child = gtk_widget_get_next_sibling (child))
    {
      int least, wanted;

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &least, &wanted, NULL, NULL);
      *minimum = MAX (*minimum, least);
      *natural += wanted + (*natural > 0 ? self->spacing : 0);
    }
}

static void
eid_wrap_box_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                      int *minimum_baseline, int *natural_baseline)
{
  EidWrapBox *self = EID_WRAP_BOX (widget);

  *minimum = *natural = 0;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      measure_width (self, minimum, natural);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;)
    {
      int height;

      child = next_line (self, child, for_size < 0 ? G_MAXINT : for_size, &height);
      *natural += height + (*natural > 0 && height > 0 ? self->spacing / 2 : 0);
    }
  *minimum = *natural;
}

static void
eid_wrap_box_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  EidWrapBox *self = EID_WRAP_BOX (widget);
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int y = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;)
    {
      int tall, x = 0;
      GtkWidget *after = next_line (self, child, width, &tall);

      for (; child != after; child = gtk_widget_get_next_sibling (child))
        {
          int natural, wide;

          if (!gtk_widget_should_layout (child))
            continue;
          gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
          wide = MIN (natural, MAX (width, 0));
          gtk_widget_size_allocate (child, &(GtkAllocation){ mirrored ? width - x - wide : x, y, wide, tall },
                                    -1);
          x += natural + self->spacing;
        }
      y += tall + self->spacing / 2;
    }
}

static GtkSizeRequestMode
eid_wrap_box_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
eid_wrap_box_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (eid_wrap_box_parent_class)->dispose (object);
}

static void
eid_wrap_box_class_init (EidWrapBoxClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = eid_wrap_box_dispose;
  widget_class->measure = eid_wrap_box_measure;
  widget_class->size_allocate = eid_wrap_box_size_allocate;
  widget_class->get_request_mode = eid_wrap_box_get_request_mode;
  gtk_widget_class_set_css_name (widget_class, "eidwrapbox");
}

static void
eid_wrap_box_init (EidWrapBox *self)
{
  self->spacing = 12;
}

void
eid_wrap_box_append (EidWrapBox *self, GtkWidget *child)
{
  g_return_if_fail (EID_IS_WRAP_BOX (self));
  gtk_widget_set_parent (child, GTK_WIDGET (self));
}

GtkWidget *
eid_wrap_box_new (int spacing)
{
  EidWrapBox *self = g_object_new (EID_TYPE_WRAP_BOX, NULL);

  self->spacing = spacing;
  return GTK_WIDGET (self);
}
