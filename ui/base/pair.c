/* pair.c: EidPair, one widget or two that are compared: side by side, or in a tall place one
 * above the other, each with half of the room.
 */
#include "ui/ui.h"

/* Between the two: a line, and room about it. */
#define GAP 9

struct _EidPair
{
  GtkWidget parent;

  GtkWidget *first, *second, *line; /* second and line: NULL of one alone */
};

enum
{
  PROP_FIRST = 1,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (EidPair, eid_pair, GTK_TYPE_WIDGET)

static void
measure_half (GtkWidget *half, GtkOrientation orientation, int for_size, int *minimum, int *natural)
{
  *minimum = *natural = 0;
  if (half && gtk_widget_should_layout (half))
    gtk_widget_measure (half, orientation, for_size, minimum, natural, NULL, NULL);
}

static int
half_of (int length)
{
  return MAX ((length - GAP) / 2, 0);
}

/* Wide enough for both side by side, whatever the height will be. */
static void
eid_pair_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                  int *minimum_baseline, int *natural_baseline)
{
  EidPair *self = EID_PAIR (widget);
  const gboolean across = orientation == GTK_ORIENTATION_HORIZONTAL;
  const int half = self->second && for_size >= 0 && !across ? half_of (for_size) : for_size;
  int least, wanted;

  measure_half (self->first, orientation, half, minimum, natural);
  if (self->second == NULL)
    return;
  measure_half (self->second, orientation, half, &least, &wanted);
  *minimum = across ? 2 * MAX (*minimum, least) + GAP : MAX (*minimum, least);
  *natural = across ? 2 * MAX (*natural, wanted) + GAP : MAX (*natural, wanted);
}

/* What is seen best: the larger shorter side, where both halves fit. */
static gboolean
stands (EidPair *self, int width, int height)
{
  int first, second, unused;

  if (height <= width)
    return FALSE;
  measure_half (self->first, GTK_ORIENTATION_VERTICAL, width, &first, &unused);
  measure_half (self->second, GTK_ORIENTATION_VERTICAL, width, &second, &unused);
  return MAX (first, second) <= half_of (height);
}

static void
allocate (GtkWidget *widget, int x, int y, int width, int height)
{
  gtk_widget_size_allocate (widget, &(GtkAllocation){ x, y, width, height }, -1);
}

static void
eid_pair_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  EidPair *self = EID_PAIR (widget);
  const gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  const int half = half_of (width), tall = half_of (height);

  if (self->second == NULL)
    {
      if (self->first)
        allocate (self->first, 0, 0, width, height);
      return;
    }
  if (stands (self, width, height))
    {
      allocate (self->first, 0, 0, width, tall);
      allocate (self->line, 0, tall + GAP / 2, width, 1);
      allocate (self->second, 0, height - tall, width, tall);
      return;
    }
  allocate (self->first, mirrored ? width - half : 0, 0, half, height);
  allocate (self->line, width / 2, 0, 1, height);
  allocate (self->second, mirrored ? 0 : width - half, 0, half, height);
}

static GtkSizeRequestMode
eid_pair_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
eid_pair_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  g_value_set_object (value, EID_PAIR (object)->first);
}

static void
eid_pair_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  EidPair *self = EID_PAIR (object);

  g_clear_pointer (&self->first, gtk_widget_unparent);
  self->first = g_value_get_object (value);
  if (self->first)
    gtk_widget_insert_before (self->first, GTK_WIDGET (self), self->line);
}

static void
eid_pair_dispose (GObject *object)
{
  EidPair *self = EID_PAIR (object);

  g_clear_pointer (&self->first, gtk_widget_unparent);
  g_clear_pointer (&self->line, gtk_widget_unparent);
  g_clear_pointer (&self->second, gtk_widget_unparent);
  G_OBJECT_CLASS (eid_pair_parent_class)->dispose (object);
}

static void
eid_pair_class_init (EidPairClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = eid_pair_get_property;
  object_class->set_property = eid_pair_set_property;
  object_class->dispose = eid_pair_dispose;
  widget_class->measure = eid_pair_measure;
  widget_class->size_allocate = eid_pair_size_allocate;
  widget_class->get_request_mode = eid_pair_get_request_mode;
  properties[PROP_FIRST] =
      g_param_spec_object ("first", NULL, NULL, GTK_TYPE_WIDGET, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_css_name (widget_class, "eidpair");
}

static void
eid_pair_init (EidPair *self)
{
}

GtkWidget *
eid_pair_new (void)
{
  return g_object_new (EID_TYPE_PAIR, NULL);
}

void
eid_pair_set_first (EidPair *self, GtkWidget *first)
{
  g_object_set (self, "first", first, NULL);
}

void
eid_pair_set_second (EidPair *self, GtkWidget *second)
{
  g_return_if_fail (EID_IS_PAIR (self));

  g_clear_pointer (&self->second, gtk_widget_unparent);
  g_clear_pointer (&self->line, gtk_widget_unparent);
  if (second)
    {
      self->line = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
      gtk_widget_set_parent (self->line, GTK_WIDGET (self));
      self->second = second;
      gtk_widget_set_parent (second, GTK_WIDGET (self));
    }
  gtk_widget_queue_resize (GTK_WIDGET (self));
}
