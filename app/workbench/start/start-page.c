/* start-page.c: before a run; see start-page.h. */
#include "app/workbench/start/start-page.h"

#include <glib/gi18n.h>

#include "app/store/store.h"

#include "app/workbench/client/inventory.h"
#include "app/workbench/start/suggestion-list.h"
#include "app/workbench/start/recent-list.h"
#include "app/workbench/client/settings.h"

struct _EidStartPage
{
  AdwBin parent_instance;

  EidProposalList *proposals;
  GtkWidget *welcome;
  EidRecentList *recent;
  GtkListBox *recipes;
  GtkWidget *no_recipes;
  AdwComboRow *device_row;
  GtkButton *start;
  GPtrArray *infos; /* EidRecipeInfo */
  GPtrArray *plugins;
  GPtrArray *devices;
  GtkFileChooserNative *chooser;
  int chosen;
  gboolean filling;
};

enum
{
  RECIPE_CHOSEN,
  PROPOSAL_CHOSEN,
  RUN_OPENED,
  START,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EidStartPage, eid_start_page, ADW_TYPE_BIN)

/* --- Recipes --------------------------------------------------------------- */

/* A plugin as the engine calls it; until it has told, by its id. */
static const char *
title_of (EidStartPage *self, const char *kind, const char *id)
{
  const EidPluginInfo *plugin = eid_catalogue_find (self->plugins, kind, id);

  return plugin ? eid_plugin_info_title (plugin) : id;
}

/* What a recipe is, or why it cannot be used here. */
static char *
describe_recipe (EidStartPage *self, const EidRecipeInfo *info, gboolean *usable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EidRecipe) recipe = eid_recipe_load (info->file, &error);

  *usable = FALSE;
  if (recipe == NULL)
    return g_strdup (error->message);
  return eid_recipe_describe (
      recipe, title_of (self, "encoder", eid_recipe_text (recipe, "Encoder", "plugin")),
      title_of (self, "objective", eid_recipe_text (recipe, "Objective", "plugin")), usable);
}

static void
on_row_selected (EidStartPage *self, GtkListBoxRow *row)
{
  const int index = row ? gtk_list_box_row_get_index (row) : -1;

  for (int i = 0; self->infos && i < (int) self->infos->len; i++)
    {
      GtkListBoxRow *other = gtk_list_box_get_row_at_index (self->recipes, i);
      if (other)
        gtk_widget_set_opacity (g_object_get_data (G_OBJECT (other), "mark"), i == index ? 1 : 0);
    }
  self->chosen = index;
  if (index < 0)
    return;
  g_signal_emit (self, signals[RECIPE_CHOSEN], 0,
                 ((EidRecipeInfo *) g_ptr_array_index (self->infos, index))->file);
}

static GtkWidget *
make_recipe_row (EidStartPage *self, const EidRecipeInfo *info, gboolean *usable)
{
  g_autofree char *subtitle = describe_recipe (self, info, usable);
  g_autofree char *title_markup = g_markup_escape_text (info->title, -1);
  g_autofree char *markup = g_markup_escape_text (subtitle, -1);
  GtkWidget *row = adw_action_row_new (), *mark = gtk_image_new_from_icon_name ("object-select-symbolic");

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title_markup);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), markup);
  gtk_widget_set_sensitive (row, *usable);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), *usable);
  /* Transparent rather than gone: the rows keep their shape. */
  gtk_widget_set_opacity (mark, 0);
  gtk_accessible_update_state (GTK_ACCESSIBLE (mark), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), mark);
  g_object_set_data (G_OBJECT (row), "mark", mark);
  return row;
}

void
eid_start_page_fill (EidStartPage *self, const char *preferred)
{
  GtkListBoxRow *first = NULL, *wanted = NULL;

  for (GtkListBoxRow *row; (row = gtk_list_box_get_row_at_index (self->recipes, 0));)
    gtk_list_box_remove (self->recipes, GTK_WIDGET (row));
  g_clear_pointer (&self->infos, g_ptr_array_unref);
  self->infos = eid_recipe_list ();
  self->chosen = -1;
  for (guint i = 0; i < self->infos->len; i++)
    {
      const EidRecipeInfo *info = g_ptr_array_index (self->infos, i);
      gboolean usable;
      GtkWidget *row = make_recipe_row (self, info, &usable);

      gtk_list_box_append (self->recipes, row);
      if (usable && first == NULL)
        first = GTK_LIST_BOX_ROW (row);
      if (usable && g_strcmp0 (info->name, preferred) == 0)
        wanted = GTK_LIST_BOX_ROW (row);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->recipes), self->infos->len > 0);
  gtk_widget_set_visible (self->no_recipes, self->infos->len == 0);
  gtk_list_box_select_row (self->recipes, wanted ? wanted : first);
}

const char *
eid_start_page_recipe_name (EidStartPage *self)
{
  return self->chosen < 0 ? NULL : ((EidRecipeInfo *) g_ptr_array_index (self->infos, self->chosen))->name;
}

/* --- Data of one's own ------------------------------------------------------ */

static void
show_proposals (EidStartPage *self, gboolean shown)
{
  gtk_widget_set_visible (GTK_WIDGET (self->proposals), shown);
  gtk_widget_set_visible (self->welcome, !shown);
  /* Each proposal has its own. */
  gtk_widget_set_visible (GTK_WIDGET (self->start), !shown);
}

void
eid_start_page_bring (EidStartPage *self, const char *path)
{
  show_proposals (self, TRUE);
  eid_proposal_list_survey (self->proposals, path, eid_start_page_device (self));
}

static void
on_proposal_chosen (EidStartPage *self, const char *recipe)
{
  g_signal_emit (self, signals[PROPOSAL_CHOSEN], 0, recipe);
}

/* Back to the examples, of which one is chosen. */
static void
on_leave_proposals (EidStartPage *self)
{
  show_proposals (self, FALSE);
  if (self->chosen >= 0)
    g_signal_emit (self, signals[RECIPE_CHOSEN], 0,
                   ((EidRecipeInfo *) g_ptr_array_index (self->infos, self->chosen))->file);
}

static void
on_chooser_response (EidStartPage *self, int response)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser)) : NULL;
  g_autofree char *path = file ? g_file_get_path (file) : NULL;

  g_clear_object (&self->chooser);
  if (path)
    eid_start_page_bring (self, path);
}

static void
choose (EidStartPage *self, GtkFileChooserAction action, const char *title)
{
  if (self->chooser)
    return;
  self->chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                               action, _ ("_Select"), NULL);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_chooser_response), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
on_choose_folder (EidStartPage *self)
{
  choose (self, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("Folder of Pictures"));
}

static void
on_choose_file (EidStartPage *self)
{
  choose (self, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Pictures or Text"));
}

/* --- Runs ----------------------------------------------------------------------- */

static void
on_run_opened (EidStartPage *self, const char *folder)
{
  g_signal_emit (self, signals[RUN_OPENED], 0, folder);
}

void
eid_start_page_set_open_run (EidStartPage *self, const char *folder)
{
  eid_recent_list_set_open (self->recent, folder);
}

void
eid_start_page_set_plugins (EidStartPage *self, GPtrArray *plugins)
{
  g_clear_pointer (&self->plugins, g_ptr_array_unref);
  self->plugins = plugins ? g_ptr_array_ref (plugins) : NULL;
  eid_recent_list_set_plugins (self->recent, plugins);
  for (guint i = 0; self->infos && i < self->infos->len; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->recipes, (int) i);
      gboolean usable;
      g_autofree char *subtitle = describe_recipe (self, g_ptr_array_index (self->infos, i), &usable);
      g_autofree char *markup = g_markup_escape_text (subtitle, -1);

      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), markup);
    }
}

static void
on_map (EidStartPage *self)
{
  eid_recent_list_refresh (self->recent);
}

/* --- Device ----------------------------------------------------------------- */

void
eid_start_page_set_devices (EidStartPage *self, GPtrArray *devices)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  g_autofree char *preferred = eid_settings () ? g_settings_get_string (eid_settings (), "device") : NULL;
  guint selected = 0;

  g_clear_pointer (&self->devices, g_ptr_array_unref);
  self->devices = g_ptr_array_ref (devices);
  gtk_string_list_append (names, _ ("Automatic"));
  for (guint i = 0; i < devices->len; i++)
    {
      const EidDeviceInfo *device = g_ptr_array_index (devices, i);
      gtk_string_list_take (names, eid_device_info_describe (device));
      if (g_strcmp0 (preferred, device->name) == 0)
        selected = i + 1;
    }
  self->filling = TRUE;
  adw_combo_row_set_model (self->device_row, G_LIST_MODEL (names));
  adw_combo_row_set_selected (self->device_row, selected);
  self->filling = FALSE;
  if (devices->len > 0)
    {
      g_autofree char *best = eid_device_info_describe (g_ptr_array_index (devices, 0));
      g_autofree char *text = g_strdup_printf (_ ("Where the run is computed; the best is %s"), best);
      g_autofree char *markup = g_markup_escape_text (text, -1);

      adw_action_row_set_subtitle (ADW_ACTION_ROW (self->device_row), markup);
    }
  else
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self->device_row),
                                 _ ("No OpenCL device was found: install a driver, or pocl-opencl-icd"));
}

const char *
eid_start_page_device (EidStartPage *self)
{
  const guint selected = adw_combo_row_get_selected (self->device_row);

  if (self->devices == NULL || selected == 0 || selected > self->devices->len)
    return "";
  return ((EidDeviceInfo *) g_ptr_array_index (self->devices, selected - 1))->name;
}

const char *
eid_start_page_device_name (EidStartPage *self)
{
  const char *chosen = eid_start_page_device (self);

  if (self->devices == NULL || self->devices->len == 0)
    return chosen;
  for (guint i = 0; *chosen && i < self->devices->len; i++)
    if (g_str_equal (((EidDeviceInfo *) g_ptr_array_index (self->devices, i))->name, chosen))
      return ((EidDeviceInfo *) g_ptr_array_index (self->devices, i))->title;
  return *chosen ? chosen : ((EidDeviceInfo *) g_ptr_array_index (self->devices, 0))->title;
}

/* A choice is kept for the next time; what was made for the former device is made anew. */
static void
on_device_selected (EidStartPage *self)
{
  if (self->filling)
    return;
  if (eid_settings ())
    g_settings_set_string (eid_settings (), "device", eid_start_page_device (self));
  eid_proposal_list_set_device (self->proposals, eid_start_page_device (self));
}

void
eid_start_page_set_client (EidStartPage *self, EidEngineClient *client)
{
  eid_proposal_list_set_client (self->proposals, client);
}

void
eid_start_page_set_can_start (EidStartPage *self, gboolean can)
{
  eid_proposal_list_set_can_start (self->proposals, can);
  gtk_widget_set_sensitive (GTK_WIDGET (self->start), can);
}

static void
on_start_clicked (EidStartPage *self)
{
  g_signal_emit (self, signals[START], 0);
}

/* --- The object ------------------------------------------------------------- */

static void
eid_start_page_dispose (GObject *object)
{
  EidStartPage *self = EID_START_PAGE (object);

  g_clear_pointer (&self->infos, g_ptr_array_unref);
  g_clear_pointer (&self->plugins, g_ptr_array_unref);
  g_clear_pointer (&self->devices, g_ptr_array_unref);
  g_clear_object (&self->chooser);
  G_OBJECT_CLASS (eid_start_page_parent_class)->dispose (object);
}

static void
eid_start_page_class_init (EidStartPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GType type = G_TYPE_FROM_CLASS (klass);

  g_type_ensure (EID_TYPE_PROPOSAL_LIST);
  g_type_ensure (EID_TYPE_RECENT_LIST);
  G_OBJECT_CLASS (klass)->dispose = eid_start_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/eidoscope/Workbench/start-page.ui");
  gtk_widget_class_bind_template_child (widget_class, EidStartPage, recipes);
  gtk_widget_class_bind_template_child (widget_class, EidStartPage, no_recipes);
  gtk_widget_class_bind_template_child (widget_class, EidStartPage, proposals);
  gtk_widget_class_bind_template_child (widget_class, EidStartPage, welcome);
  gtk_widget_class_bind_template_child (widget_class, EidStartPage, recent);
  gtk_widget_class_bind_template_child (widget_class, EidStartPage, device_row);
  gtk_widget_class_bind_template_child (widget_class, EidStartPage, start);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_choose_folder);
  gtk_widget_class_bind_template_callback (widget_class, on_choose_file);
  gtk_widget_class_bind_template_callback (widget_class, on_proposal_chosen);
  gtk_widget_class_bind_template_callback (widget_class, on_leave_proposals);
  gtk_widget_class_bind_template_callback (widget_class, on_run_opened);
  gtk_widget_class_bind_template_callback (widget_class, on_device_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_start_clicked);

  signals[RECIPE_CHOSEN] = g_signal_new ("recipe-chosen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[PROPOSAL_CHOSEN] = g_signal_new ("proposal-chosen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[RUN_OPENED] = g_signal_new ("run-opened", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                      1, G_TYPE_STRING);
  signals[START] = g_signal_new ("start", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
eid_start_page_init (EidStartPage *self)
{
  self->chosen = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
}
