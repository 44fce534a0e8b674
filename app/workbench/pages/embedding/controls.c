/* controls.c: the row at the foot of the page of the map: method, classes, pictures, lasso, zoom.
 */
#include "app/workbench/pages/embedding/map-private.h"

#include <glib/gi18n.h>

#define CLASSES_MOST 64
#define ZOOM_STEP    1.5

static void
on_method (EidEmbeddingMap *self)
{
  self->unsettled = FALSE;
  eid_scatter_zoom (self->scatter, 0);
  g_signal_emit_by_name (self, "changed");
  g_signal_emit_by_name (self, "chosen");
}

static void
on_pictures (EidEmbeddingMap *self)
{
  eid_scatter_set_show_pictures (self->scatter, gtk_toggle_button_get_active (self->pictures));
  g_signal_emit_by_name (self, "chosen");
}

static void
on_lasso (EidEmbeddingMap *self)
{
  eid_scatter_set_lasso (self->scatter, gtk_toggle_button_get_active (self->lasso));
  g_signal_emit_by_name (self, "chosen");
}

static void
on_class (GtkCheckButton *button, EidEmbeddingMap *self)
{
  const int label = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "label"));

  eid_scatter_set_class_shown (self->scatter, label, gtk_check_button_get_active (button));
  g_signal_emit_by_name (self, "chosen");
}

static void
add_class (EidEmbeddingMap *self, const char *name, int label)
{
  GtkWidget *button = gtk_check_button_new_with_label (name);

  gtk_check_button_set_active (GTK_CHECK_BUTTON (button), TRUE);
  g_object_set_data (G_OBJECT (button), "label", GINT_TO_POINTER (label));
  g_signal_connect (button, "toggled", G_CALLBACK (on_class), self);
  gtk_box_append (self->class_list, button);
}

static void
set_all_classes (EidEmbeddingMap *self, gboolean shown)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->class_list)); child;
       child = gtk_widget_get_next_sibling (child))
    gtk_check_button_set_active (GTK_CHECK_BUTTON (child), shown);
}

static void
on_all_classes (EidEmbeddingMap *self)
{
  set_all_classes (self, TRUE);
}

static void
on_no_classes (EidEmbeddingMap *self)
{
  set_all_classes (self, FALSE);
}

void
eid_embedding_map_set_names (EidEmbeddingMap *self, char **names)
{
  GtkWidget *child;

  if (self->names && g_strv_equal ((const char *const *) names, (const char *const *) self->names))
    {
      g_strfreev (names);
      return;
    }
  g_strfreev (self->names);
  self->names = names;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->class_list))))
    gtk_box_remove (self->class_list, child);
  for (guint i = 0; names[i] && i < CLASSES_MOST; i++)
    add_class (self, names[i], (int) i);
  gtk_widget_set_visible (GTK_WIDGET (self->classes), *names != NULL);
  eid_scatter_set_class_names (self->scatter, *names ? (const char *const *) names : NULL);
}

static void
zoom_in (EidEmbeddingMap *self)
{
  eid_scatter_zoom (self->scatter, ZOOM_STEP);
}

static void
zoom_out (EidEmbeddingMap *self)
{
  eid_scatter_zoom (self->scatter, 1 / ZOOM_STEP);
}

static void
zoom_all (EidEmbeddingMap *self)
{
  eid_scatter_zoom (self->scatter, 0);
}

static GtkWidget *
icon_button (EidEmbeddingMap *self, const char *icon, const char *name, GCallback callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (button, "clicked", callback, self);
  return button;
}

static GtkWidget *
linked (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "linked");
  return box;
}

static GtkToggleButton *
toggle (const char *name, const char *tooltip)
{
  GtkWidget *button = gtk_toggle_button_new_with_label (name);

  gtk_widget_set_tooltip_text (button, tooltip);
  return GTK_TOGGLE_BUTTON (button);
}

static GtkWidget *
class_menu (EidEmbeddingMap *self)
{
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *scrolled = gtk_scrolled_window_new (), *buttons = linked ();
  GtkWidget *all = gtk_button_new_with_label (_ ("All")), *none = gtk_button_new_with_label (_ ("None"));

  g_signal_connect_swapped (all, "clicked", G_CALLBACK (on_all_classes), self);
  g_signal_connect_swapped (none, "clicked", G_CALLBACK (on_no_classes), self);
  gtk_box_append (GTK_BOX (buttons), all);
  gtk_box_append (GTK_BOX (buttons), none);
  self->class_list = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 2));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->class_list));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 320);
  gtk_box_append (GTK_BOX (box), buttons);
  gtk_box_append (GTK_BOX (box), scrolled);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  return popover;
}

GtkWidget *
eid_embedding_map_make_controls (EidEmbeddingMap *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *methods = linked (), *zoom = linked ();

  self->pca = toggle (_ ("PCA"), _ ("The plane of the two widest axes of the features"));
  self->tsne = toggle (_ ("t-SNE"), _ ("Places in which neighbours of the features are neighbours"));
  gtk_toggle_button_set_group (self->tsne, self->pca);
  gtk_toggle_button_set_active (self->pca, TRUE);
  gtk_box_append (GTK_BOX (methods), GTK_WIDGET (self->pca));
  gtk_box_append (GTK_BOX (methods), GTK_WIDGET (self->tsne));
  self->classes = GTK_MENU_BUTTON (gtk_menu_button_new ());
  gtk_menu_button_set_label (self->classes, _ ("Classes"));
  gtk_menu_button_set_popover (self->classes, class_menu (self));
  gtk_widget_set_visible (GTK_WIDGET (self->classes), FALSE);
  self->pictures = toggle (_ ("Pictures"), _ ("Pictures in place of points"));
  gtk_widget_set_visible (GTK_WIDGET (self->pictures), FALSE);
  self->lasso = toggle (_ ("Lasso"), _ ("Select by dragging, as with Shift"));
  gtk_box_append (GTK_BOX (zoom),
                  icon_button (self, "zoom-out-symbolic", _ ("Zoom out"), G_CALLBACK (zoom_out)));
  gtk_box_append (GTK_BOX (zoom),
                  icon_button (self, "zoom-fit-best-symbolic", _ ("Show all"), G_CALLBACK (zoom_all)));
  gtk_box_append (GTK_BOX (zoom),
                  icon_button (self, "zoom-in-symbolic", _ ("Zoom in"), G_CALLBACK (zoom_in)));
  self->numbers = GTK_LABEL (gtk_label_new (""));
  gtk_label_set_ellipsize (self->numbers, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->numbers), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->numbers), "numeric");

  gtk_box_append (GTK_BOX (row), methods);
  gtk_box_append (GTK_BOX (row), GTK_WIDGET (self->classes));
  gtk_box_append (GTK_BOX (row), GTK_WIDGET (self->pictures));
  gtk_box_append (GTK_BOX (row), GTK_WIDGET (self->lasso));
  gtk_box_append (GTK_BOX (row), zoom);
  g_signal_connect_swapped (self->tsne, "toggled", G_CALLBACK (on_method), self);
  g_signal_connect_swapped (self->pictures, "toggled", G_CALLBACK (on_pictures), self);
  g_signal_connect_swapped (self->lasso, "toggled", G_CALLBACK (on_lasso), self);
  return row;
}
