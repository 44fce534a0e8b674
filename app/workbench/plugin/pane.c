/* pane.c: see pane.h. */
#include "app/workbench/plugin/pane.h"

#include <glib/gi18n.h>

enum
{
  MOST_HEIGHT = 132 /* of the messages, in pixels */
};

struct _EidPluginPane
{
  GtkBox parent_instance;

  GtkStack *sign; /* spinner or icon */
  GtkSpinner *spinner;
  GtkImage *icon;
  GtkLabel *name, *words;
  GtkWidget *build, *scrolled;
  GtkListBox *list;

  EidWorkshop *workshop;
};

G_DEFINE_FINAL_TYPE (EidPluginPane, eid_plugin_pane, GTK_TYPE_BOX)

enum
{
  TOAST,
  LISTED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
toast (EidPluginPane *self, const char *text)
{
  g_signal_emit (self, signals[TOAST], 0, text);
}

/* --- The editor ---------------------------------------------------------------- */

static void
on_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidPluginPane) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (g_app_info_launch_default_for_uri_finish (result, &error)
      || eid_workshop_source (self->workshop) == NULL)
    return;
  text = g_strdup_printf (_ ("No program opens C files here: open %s in your editor"),
                          eid_workshop_source (self->workshop));
  toast (self, text);
}

static void
open_file (EidPluginPane *self, const char *file)
{
  g_autofree char *uri = g_filename_to_uri (file, NULL, NULL);

  if (uri)
    g_app_info_launch_default_for_uri_async (uri, NULL, NULL, on_opened, g_object_ref (self));
}

void
eid_plugin_pane_edit (EidPluginPane *self)
{
  if (self->workshop && eid_workshop_source (self->workshop))
    open_file (self, eid_workshop_source (self->workshop));
}

/* A place is copied, for editors that are told where to go, and its file opened. */
static void
on_row_activated (EidPluginPane *self, GtkListBoxRow *row)
{
  const guint index = (guint) gtk_list_box_row_get_index (row);
  GPtrArray *diagnostics = eid_workshop_diagnostics (self->workshop);
  const EidDiagnostic *diagnostic = index < diagnostics->len ? diagnostics->pdata[index] : NULL;
  g_autofree char *place = NULL, *text = NULL;

  if (diagnostic == NULL || diagnostic->file == NULL)
    return;
  place = g_strdup_printf ("%s:%u", diagnostic->file, diagnostic->line);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), place);
  text = g_strdup_printf (_ ("Copied %s"), place);
  toast (self, text);
  if (g_path_is_absolute (diagnostic->file))
    open_file (self, diagnostic->file);
  else
    eid_plugin_pane_edit (self);
}

/* --- What is shown --------------------------------------------------------------- */

static GtkWidget *
row_new (const EidDiagnostic *diagnostic)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *icon =
      gtk_image_new_from_icon_name (diagnostic->error ? "dialog-error-symbolic" : "dialog-warning-symbolic");
  GtkWidget *text = gtk_label_new (diagnostic->text);
  g_autofree char *base = diagnostic->file ? g_path_get_basename (diagnostic->file) : NULL;
  g_autofree char *place = base ? g_strdup_printf ("%s:%u", base, diagnostic->line) : g_strdup ("");
  g_autofree char *name = g_strdup_printf (diagnostic->error ? _ ("Error %s: %s") : _ ("Warning %s: %s"),
                                           place, diagnostic->text);

  gtk_widget_add_css_class (icon, diagnostic->error ? "error" : "warning");
  gtk_box_append (GTK_BOX (box), icon);
  if (*place)
    {
      GtkWidget *where = gtk_label_new (place);

      gtk_widget_add_css_class (where, "numeric");
      gtk_widget_add_css_class (where, "dim-label");
      gtk_widget_set_valign (where, GTK_ALIGN_START);
      gtk_box_append (GTK_BOX (box), where);
    }
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (text), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_box_append (GTK_BOX (box), text);
  gtk_widget_set_margin_start (box, 6);
  gtk_widget_set_margin_end (box, 6);
  gtk_widget_set_margin_top (box, 3);
  gtk_widget_set_margin_bottom (box, 3);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_tooltip_text (row, diagnostic->file ? _ ("Copy the place and open the file") : NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return row;
}

static void
on_changed (EidPluginPane *self)
{
  static const char *const icons[] = {
    [EID_WORKSHOP_WATCHING] = "view-reveal-symbolic",
    [EID_WORKSHOP_BUILDING] = "",
    [EID_WORKSHOP_SWAPPING] = "",
    [EID_WORKSHOP_GOOD] = "emblem-ok-symbolic",
    [EID_WORKSHOP_FAILED] = "dialog-error-symbolic",
  };
  const EidWorkshopState state = eid_workshop_state (self->workshop);
  const char *source = eid_workshop_source (self->workshop);
  const gboolean works = state == EID_WORKSHOP_BUILDING || state == EID_WORKSHOP_SWAPPING;
  GPtrArray *diagnostics = eid_workshop_diagnostics (self->workshop);
  g_autofree char *base = source ? g_path_get_basename (source) : g_strdup ("");
  GtkWidget *child;

  gtk_widget_set_visible (GTK_WIDGET (self), source != NULL);
  gtk_label_set_label (self->name, base);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->name), source);
  gtk_label_set_label (self->words, eid_workshop_words (self->workshop));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->words), eid_workshop_words (self->workshop));
  gtk_widget_set_sensitive (self->build, !works);
  gtk_spinner_set_spinning (self->spinner, works);
  if (!works)
    gtk_image_set_from_icon_name (self->icon, icons[state]);
  gtk_widget_remove_css_class (GTK_WIDGET (self->icon), "error");
  gtk_widget_remove_css_class (GTK_WIDGET (self->icon), "success");
  if (state == EID_WORKSHOP_FAILED || state == EID_WORKSHOP_GOOD)
    gtk_widget_add_css_class (GTK_WIDGET (self->icon), state == EID_WORKSHOP_FAILED ? "error" : "success");
  gtk_stack_set_visible_child (self->sign, works ? GTK_WIDGET (self->spinner) : GTK_WIDGET (self->icon));

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, child);
  for (guint i = 0; i < diagnostics->len; i++)
    gtk_list_box_append (self->list, row_new (diagnostics->pdata[i]));
  gtk_widget_set_visible (self->scrolled, diagnostics->len > 0);
}

static void
on_listed (EidPluginPane *self)
{
  g_signal_emit (self, signals[LISTED], 0);
}

/* --- What is done ----------------------------------------------------------------- */

void
eid_plugin_pane_set_client (EidPluginPane *self, EidEngineClient *client)
{
  self->workshop = eid_workshop_new (client);
  g_signal_connect_object (self->workshop, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->workshop, "listed", G_CALLBACK (on_listed), self, G_CONNECT_SWAPPED);
}

void
eid_plugin_pane_set_used (EidPluginPane *self, const char *encoder, const char *objective)
{
  if (self->workshop)
    eid_workshop_set_used (self->workshop, encoder, objective);
}

void
eid_plugin_pane_open (EidPluginPane *self, const char *source, gboolean build)
{
  eid_workshop_open (self->workshop, source);
  if (build)
    eid_workshop_build (self->workshop);
}

void
eid_plugin_pane_build (EidPluginPane *self)
{
  eid_workshop_build (self->workshop);
}

void
eid_plugin_pane_resumed (EidPluginPane *self)
{
  eid_workshop_resumed (self->workshop);
}

gboolean
eid_plugin_pane_is_open (EidPluginPane *self)
{
  return self->workshop && eid_workshop_source (self->workshop) != NULL;
}

static void
on_close (EidPluginPane *self)
{
  eid_plugin_pane_open (self, NULL, FALSE);
}

/* --- The widget --------------------------------------------------------------------- */

static GtkWidget *
button_new (const char *icon, const char *label, const char *tooltip)
{
  GtkWidget *button = icon ? gtk_button_new_from_icon_name (icon) : gtk_button_new_with_label (label);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return button;
}

static GtkWidget *
make_head (EidPluginPane *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *edit = button_new (NULL, _ ("Edit"), _ ("Open the source in your editor"));
  GtkWidget *close = button_new ("window-close-symbolic", _ ("Close the plugin's source"), _ ("Close"));

  self->sign = GTK_STACK (gtk_stack_new ());
  self->spinner = GTK_SPINNER (gtk_spinner_new ());
  self->icon = GTK_IMAGE (gtk_image_new ());
  self->name = GTK_LABEL (gtk_label_new (""));
  self->words = GTK_LABEL (gtk_label_new (""));
  self->build = button_new (NULL, _ ("Build"), _ ("Build it now, and swap it in (Ctrl+B)"));
  gtk_stack_add_child (self->sign, GTK_WIDGET (self->spinner));
  gtk_stack_add_child (self->sign, GTK_WIDGET (self->icon));
  gtk_widget_add_css_class (GTK_WIDGET (self->name), "heading");
  gtk_label_set_wrap (self->words, TRUE);
  gtk_label_set_lines (self->words, 3);
  gtk_label_set_ellipsize (self->words, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (self->words, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->words), TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->build), "win.build-plugin");
  g_signal_connect_swapped (edit, "clicked", G_CALLBACK (eid_plugin_pane_edit), self);
  g_signal_connect_swapped (close, "clicked", G_CALLBACK (on_close), self);
  gtk_widget_set_margin_start (head, 12);
  gtk_widget_set_margin_end (head, 6);
  gtk_widget_set_margin_top (head, 3);
  gtk_widget_set_margin_bottom (head, 3);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->sign));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->name));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->words));
  gtk_box_append (GTK_BOX (head), edit);
  gtk_box_append (GTK_BOX (head), self->build);
  gtk_box_append (GTK_BOX (head), close);
  return head;
}

static void
eid_plugin_pane_dispose (GObject *object)
{
  EidPluginPane *self = EID_PLUGIN_PANE (object);

  if (self->workshop)
    eid_workshop_open (self->workshop, NULL);
  g_clear_object (&self->workshop);
  G_OBJECT_CLASS (eid_plugin_pane_parent_class)->dispose (object);
}

static void
eid_plugin_pane_class_init (EidPluginPaneClass *class)
{
  G_OBJECT_CLASS (class)->dispose = eid_plugin_pane_dispose;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_GROUP);
  signals[TOAST] = g_signal_new ("toast", EID_TYPE_PLUGIN_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[LISTED] =
      g_signal_new ("listed", EID_TYPE_PLUGIN_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
eid_plugin_pane_init (EidPluginPane *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Plugin"), -1);
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  self->scrolled = gtk_scrolled_window_new ();
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Messages of the compiler"), -1);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (on_row_activated), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), GTK_WIDGET (self->list));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scrolled), MOST_HEIGHT);
  gtk_widget_set_visible (self->scrolled, FALSE);
  gtk_box_append (GTK_BOX (self), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (self), make_head (self));
  gtk_box_append (GTK_BOX (self), self->scrolled);
}
