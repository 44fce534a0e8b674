/* strip.c: a grid of pictures of one row, under its sentence; see strip.h. */
#include "app/workbench/pages/embedding/strip.h"

#include <glib/gi18n.h>

#define HEIGHT 124

struct _EidEmbeddingStrip
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkLabel *sentence;
  EidPictureGrid *grid;
  GArray *numbers; /* guint, of each place */
  GtkEventController *pointer;
  guint later; /* tells that it is gone */
};

G_DEFINE_FINAL_TYPE (EidEmbeddingStrip, eid_embedding_strip, GTK_TYPE_WIDGET)

enum
{
  ACTIVATED,
  CLOSED,
  LEFT,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
on_activated (EidEmbeddingStrip *self, guint place)
{
  if (place < self->numbers->len)
    g_signal_emit (self, signals[ACTIVATED], 0, g_array_index (self->numbers, guint, place));
}

static gboolean
tell_left (gpointer data)
{
  EidEmbeddingStrip *self = data;

  self->later = 0;
  if (!eid_embedding_strip_is_pointed (self))
    g_signal_emit (self, signals[LEFT], 0);
  return G_SOURCE_REMOVE;
}

/* Not at once: GTK still walks through the pictures that the pointer has left, and some may go. */
static void
on_left (EidEmbeddingStrip *self)
{
  if (self->later == 0)
    self->later = g_idle_add (tell_left, self);
}

static void
on_close (EidEmbeddingStrip *self)
{
  g_signal_emit (self, signals[CLOSED], 0);
}

static void
eid_embedding_strip_dispose (GObject *object)
{
  EidEmbeddingStrip *self = EID_EMBEDDING_STRIP (object);

  g_clear_handle_id (&self->later, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->numbers, g_array_unref);
  G_OBJECT_CLASS (eid_embedding_strip_parent_class)->dispose (object);
}

static void
eid_embedding_strip_class_init (EidEmbeddingStripClass *klass)
{
  const GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = eid_embedding_strip_dispose;
  signals[ACTIVATED] =
      g_signal_new ("activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[CLOSED] = g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[LEFT] = g_signal_new ("left", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
eid_embedding_strip_init (EidEmbeddingStrip *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *close = gtk_button_new_from_icon_name ("window-close-symbolic");

  self->numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->sentence = GTK_LABEL (gtk_label_new (""));
  gtk_label_set_xalign (self->sentence, 0);
  gtk_label_set_ellipsize (self->sentence, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->sentence), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->sentence), "heading");
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_set_tooltip_text (close, _ ("Close"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Close the strip of neighbours"), -1);
  g_signal_connect_swapped (close, "clicked", G_CALLBACK (on_close), self);
  gtk_widget_set_margin_start (head, 12);
  gtk_widget_set_margin_end (head, 12);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->sentence));
  gtk_box_append (GTK_BOX (head), close);

  self->grid = EID_PICTURE_GRID (eid_picture_grid_new ());
  gtk_widget_set_size_request (GTK_WIDGET (self->grid), -1, HEIGHT);
  g_signal_connect_swapped (self->grid, "activated", G_CALLBACK (on_activated), self);
  gtk_box_append (GTK_BOX (self->box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (self->box), head);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->grid));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  self->pointer = gtk_event_controller_motion_new ();
  g_signal_connect_swapped (self->pointer, "leave", G_CALLBACK (on_left), self);
  gtk_widget_add_controller (GTK_WIDGET (self), self->pointer);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
eid_embedding_strip_new (void)
{
  return g_object_new (EID_TYPE_EMBEDDING_STRIP, NULL);
}

void
eid_embedding_strip_begin (EidEmbeddingStrip *self, const char *sentence, guint count)
{
  if (count != self->numbers->len)
    eid_picture_grid_set_shape (self->grid, count > 0 ? 1 : 0, count);
  g_array_set_size (self->numbers, count);
  gtk_label_set_label (self->sentence, sentence);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->sentence), sentence);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, sentence, -1);
  gtk_widget_set_visible (GTK_WIDGET (self), count > 0);
}

void
eid_embedding_strip_set (EidEmbeddingStrip *self, guint place, guint number, GdkTexture *picture,
                         const char *caption, const char *description)
{
  if (place >= self->numbers->len)
    return;
  g_array_index (self->numbers, guint, place) = number;
  eid_picture_grid_set_pinned (self->grid, 0, place, FALSE);
  eid_picture_grid_set_picture (self->grid, 0, place, picture, caption);
  eid_picture_grid_set_description (self->grid, 0, place, description);
}

gboolean
eid_embedding_strip_is_pointed (EidEmbeddingStrip *self)
{
  return gtk_widget_get_mapped (GTK_WIDGET (self))
         && gtk_event_controller_motion_contains_pointer (GTK_EVENT_CONTROLLER_MOTION (self->pointer));
}

void
eid_embedding_strip_mark (EidEmbeddingStrip *self, guint number)
{
  for (guint i = 0; i < self->numbers->len; i++)
    eid_picture_grid_set_pinned (self->grid, 0, i, g_array_index (self->numbers, guint, i) == number);
}
