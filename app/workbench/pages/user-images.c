/* user-images.c: see user-images.h. */
#include "app/workbench/pages/user-images.h"

#include <glib/gi18n.h>

static void
pin_file (EidPins *pins, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);

  if (path)
    eid_pins_add_file (pins, path);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, EidPins *pins)
{
  g_autoptr (GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));

  for (GSList *link = files; link; link = link->next)
    pin_file (pins, link->data);
  return files != NULL;
}

void
eid_own_pictures_accept_drops (GtkWidget *widget, EidPins *pins)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), pins, 0);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}

static void
on_left (GtkEventController *controller, EidPins *pins)
{
  eid_pins_settle (pins);
}

/* The keys may go while the pointer stays. */
static void
on_unfocused (GtkEventController *keys, GtkEventControllerMotion *pointer)
{
  if (!gtk_event_controller_motion_contains_pointer (pointer))
    eid_pins_settle (g_object_get_data (G_OBJECT (pointer), "pins"));
}

void
eid_own_pictures_settle_later (GtkWidget *widget, EidPins *pins)
{
  GtkEventController *pointer = gtk_event_controller_motion_new (), *keys = gtk_event_controller_focus_new ();

  g_object_set_data_full (G_OBJECT (pointer), "pins", g_object_ref (pins), g_object_unref);
  g_signal_connect_object (pointer, "leave", G_CALLBACK (on_left), pins, 0);
  g_signal_connect_object (keys, "leave", G_CALLBACK (on_unfocused), pointer, 0);
  g_signal_connect_object (widget, "map", G_CALLBACK (eid_pins_settle), pins, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (widget, pointer);
  gtk_widget_add_controller (widget, keys);
}

static void
on_response (GtkFileChooser *chooser, int response, EidPins *pins)
{
  g_autoptr (GListModel) files = gtk_file_chooser_get_files (chooser);

  for (guint i = 0; response == GTK_RESPONSE_ACCEPT && i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      pin_file (pins, file);
    }
  g_object_unref (chooser);
}

static void
on_clicked (GtkWidget *button, EidPins *pins)
{
  GtkFileChooserNative *chooser =
      gtk_file_chooser_native_new (_ ("Pictures of Your Own"), GTK_WINDOW (gtk_widget_get_root (button)),
                                   GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Show"), NULL);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Pictures"));
  gtk_file_filter_add_pixbuf_formats (filter);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (chooser), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_response), pins, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

GtkWidget *
eid_own_pictures_button (EidPins *pins)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("list-add-symbolic");

  gtk_widget_set_tooltip_text (button, _ ("Add pictures of your own; they can be dropped here, too"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Add Pictures"),
                                  -1);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_clicked), pins, 0);
  return button;
}

EidRefusal
eid_own_pictures_refused (EidPage *page, EidPins *pins, const char *sentence)
{
  if (!eid_pins_reject (pins))
    return EID_REFUSAL_STANDS;
  g_signal_emit_by_name (eid_page_get_client (page), "refused", sentence);
  return EID_REFUSAL_MENDED;
}
