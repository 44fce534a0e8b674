/* preferences.c: the preferences' window; see preferences.h. A row is a line of the
 * table: a key of the settings with the values it may have.                  */
#include "app/workbench/window/preferences.h"

#include <glib/gi18n.h>

#include "app/store/store.h"

#include "app/workbench/client/settings.h"

/* Values of a key and how a person reads them. */
typedef struct
{
  const char *value, *title;
} Choice;

static const Choice colours[] = {
  { "follow", N_ ("As the desktop") }, { "light", N_ ("Light") }, { "dark", N_ ("Dark") }, { NULL }
};
static const Choice motions[] = { { "follow", N_ ("As the desktop") }, { "none", N_ ("None") }, { NULL } };
static const Choice precisions[] = { { "auto", N_ ("The best on the device") },
                                     { "f32", N_ ("32 bits") },
                                     { "bf16", N_ ("16 bits (bfloat16)") },
                                     { NULL } };

static const struct
{
  const char *key, *title, *subtitle;
  const Choice *choices;
} rows[] = {
  { "color-scheme", N_ ("Colours"), NULL, colours },
  { "motion", N_ ("Motion"), N_ ("Pictures that change fade over, or do not"), motions },
  { "precision", N_ ("Precision of new runs"), N_ ("Where the recipe does not say"), precisions },
};

/* --- What they do ------------------------------------------------------------ */

static void
apply_colours (GSettings *settings)
{
  g_autofree char *value = g_settings_get_string (settings, "color-scheme");

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      g_str_equal (value, "light")  ? ADW_COLOR_SCHEME_FORCE_LIGHT
                                      : g_str_equal (value, "dark") ? ADW_COLOR_SCHEME_FORCE_DARK
                                                                    : ADW_COLOR_SCHEME_DEFAULT);
}

static void
apply_motion (GSettings *settings)
{
  g_autofree char *value = g_settings_get_string (settings, "motion");
  GtkSettings *desktop = gtk_settings_get_default ();

  if (desktop == NULL)
    return;
  if (g_str_equal (value, "none"))
    g_object_set (desktop, "gtk-enable-animations", FALSE, NULL);
  else
    gtk_settings_reset_property (desktop, "gtk-enable-animations");
}

void
eid_preferences_apply (void)
{
  GSettings *settings = eid_settings ();

  if (settings == NULL)
    return;
  apply_colours (settings);
  apply_motion (settings);
  g_signal_connect (settings, "changed::color-scheme", G_CALLBACK (apply_colours), NULL);
  g_signal_connect (settings, "changed::motion", G_CALLBACK (apply_motion), NULL);
}

/* --- Rows with choices --------------------------------------------------------- */

static void
on_selected (AdwComboRow *row, GParamSpec *pspec, gpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);

  g_settings_set_string (eid_settings (), rows[i].key,
                         rows[i].choices[adw_combo_row_get_selected (row)].value);
}

static GtkWidget *
make_row (guint i)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  g_autofree char *value = g_settings_get_string (eid_settings (), rows[i].key);
  guint selected = 0;

  for (guint c = 0; rows[i].choices[c].value; c++)
    {
      gtk_string_list_append (titles, _ (rows[i].choices[c].title));
      if (g_str_equal (rows[i].choices[c].value, value))
        selected = c;
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (rows[i].title));
  if (rows[i].subtitle)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ (rows[i].subtitle));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (titles));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), selected);
  g_signal_connect (row, "notify::selected", G_CALLBACK (on_selected), GUINT_TO_POINTER (i));
  return row;
}

/* --- Where runs are kept --------------------------------------------------------- */

static void
show_place (GtkWidget *row)
{
  g_autofree char *set = eid_settings_runs_folder (), *place = set ? g_strdup (set) : eid_runs_folder ();
  g_autofree char *shown = g_filename_display_name (place);
  g_autofree char *text = g_strdup_printf (_ ("%s (from the next start of the engine on)"), shown);
  g_autofree char *markup = g_markup_escape_text (text, -1);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), markup);
}

static void
on_place_chosen (GtkNativeDialog *chooser, int response, GtkWidget *row)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser)) : NULL;
  g_autofree char *path = file ? g_file_get_path (file) : NULL;

  if (path)
    g_settings_set_string (eid_settings (), "runs-folder", path);
  show_place (row);
  g_object_unref (chooser);
}

static void
on_choose_place (GtkWidget *row)
{
  GtkFileChooserNative *chooser =
      gtk_file_chooser_native_new (_ ("Folder for Runs"), GTK_WINDOW (gtk_widget_get_root (row)),
                                   GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Select"), NULL);

  g_signal_connect_object (chooser, "response", G_CALLBACK (on_place_chosen), row, 0);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
on_place_reset (GtkWidget *row)
{
  g_settings_reset (eid_settings (), "runs-folder");
  show_place (row);
}

static GtkWidget *
make_place_row (void)
{
  GtkWidget *row = adw_action_row_new (), *reset = gtk_button_new_from_icon_name ("edit-undo-symbolic");

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Where runs are kept"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_widget_set_valign (reset, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (reset, "flat");
  gtk_widget_set_tooltip_text (reset, _ ("Back to the usual folder"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (reset), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Back to the usual folder"), -1);
  g_signal_connect_object (reset, "clicked", G_CALLBACK (on_place_reset), row, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), reset);
  g_signal_connect (row, "activated", G_CALLBACK (on_choose_place), NULL);
  show_place (row);
  return row;
}

/* --- The window --------------------------------------------------------------------- */

void
eid_preferences_present (GtkWindow *parent, GtkWidget *more)
{
  GtkWidget *window = adw_preferences_window_new (), *page = adw_preferences_page_new (),
            *group = adw_preferences_group_new ();

  if (eid_settings () == NULL)
    adw_preferences_group_set_description (
        ADW_PREFERENCES_GROUP (group),
        _ ("Nothing can be remembered: the settings' schema is not installed. Install the program, or name "
           "the schema's folder in GSETTINGS_SCHEMA_DIR."));
  for (guint i = 0; eid_settings () && i < G_N_ELEMENTS (rows); i++)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), make_row (i));
  if (eid_settings ())
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), make_place_row ());
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group));
  if (more)
    adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (more));
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window), ADW_PREFERENCES_PAGE (page));
  adw_preferences_window_set_search_enabled (ADW_PREFERENCES_WINDOW (window), FALSE);
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (window), 560, more ? 640 : 400);
  gtk_window_present (GTK_WINDOW (window));
}
