/* recent-list.c: runs to go on with; see recent-list.h. */
#include "app/workbench/start/recent-list.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>

#include "app/store/store.h"
#include "ui/ui.h"

#include "app/workbench/client/inventory.h"
#include "app/workbench/client/settings.h"

enum
{
  MOST_SHOWN = 6,
  MOST_REMEMBERED = 20
};

struct _EidRecentList
{
  AdwBin parent_instance;

  GtkWidget *group;
  GtkListBox *list;
  GPtrArray *plugins, *runs; /* Recent */
  GPtrArray *newer;          /* those that are shown once the pointer is elsewhere, or NULL */
  gboolean forgetting;       /* the person's doing, which shows at once */
  GtkEventController *pointer;
  guint later;     /* shows them */
  char *open;      /* the folder of the open run, or NULL */
  gboolean others; /* it is not listed itself */
  guint serial;    /* of the newest reading; older ones are void */
};

enum
{
  OPENED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EidRecentList, eid_recent_list, ADW_TYPE_BIN)

/* --- What is remembered --------------------------------------------------------- */

static char **
remembered (void)
{
  return eid_settings () ? g_settings_get_strv (eid_settings (), "recent-runs") : g_new0 (char *, 1);
}

/* Puts @folder first, or takes it out. */
static void
remember (const char *folder, gboolean keep)
{
  g_auto (GStrv) former = remembered ();
  g_autoptr (GPtrArray) folders = g_ptr_array_new ();

  if (eid_settings () == NULL)
    return;
  if (keep)
    g_ptr_array_add (folders, (char *) folder);
  for (guint i = 0; former[i] && folders->len < MOST_REMEMBERED; i++)
    if (!g_str_equal (former[i], folder))
      g_ptr_array_add (folders, former[i]);
  g_ptr_array_add (folders, NULL);
  g_settings_set_strv (eid_settings (), "recent-runs", (const char *const *) folders->pdata);
}

void
eid_recent_remember (const char *folder)
{
  remember (folder, TRUE);
}

/* --- Reading, in a thread --------------------------------------------------------- */

typedef struct
{
  char *folder;
  EidRunSummary *summary; /* NULL: gone, or not to be read */
} Recent;

static void
recent_free (gpointer data)
{
  Recent *recent = data;

  g_free (recent->folder);
  eid_run_summary_free (recent->summary);
  g_free (recent);
}

static int
compare_recent (gconstpointer a, gconstpointer b)
{
  const Recent *x = *(Recent *const *) a, *y = *(Recent *const *) b;
  const gint64 s = x->summary ? x->summary->time : 0, t = y->summary ? y->summary->time : 0;

  return s > t ? -1 : s < t;
}

static void
add (GPtrArray *runs, const char *folder)
{
  Recent *recent;

  for (guint i = 0; i < runs->len; i++)
    if (g_str_equal (((Recent *) g_ptr_array_index (runs, i))->folder, folder))
      return;
  recent = g_new0 (Recent, 1);
  recent->folder = g_strdup (folder);
  recent->summary = eid_run_summary_read (folder, NULL);
  g_ptr_array_add (runs, recent);
}

static void
read_runs (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  char **folders = data;
  GPtrArray *runs = g_ptr_array_new_with_free_func (recent_free);
  g_autofree char *place = eid_settings_runs_folder ();
  g_autoptr (GPtrArray) found = eid_run_list (place, MOST_SHOWN);

  for (guint i = 0; i < found->len; i++)
    add (runs, g_ptr_array_index (found, i));
  for (guint i = 0; folders[i]; i++)
    add (runs, folders[i]);
  g_ptr_array_sort (runs, compare_recent);
  if (runs->len > MOST_SHOWN)
    g_ptr_array_set_size (runs, MOST_SHOWN);
  g_task_return_pointer (task, runs, (GDestroyNotify) g_ptr_array_unref);
}

/* --- Rows --------------------------------------------------------------------------- */

static const char *
title_of (EidRecentList *self, const char *kind, const char *id)
{
  const EidPluginInfo *plugin = eid_catalogue_find (self->plugins, kind, id);

  return plugin ? eid_plugin_info_title (plugin) : id;
}

/* "14:03" of today, else the date. */
static char *
describe_time (gint64 time)
{
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (time);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  char *text = NULL;

  if (then)
    text = g_date_time_format (then, g_date_time_get_year (then) == g_date_time_get_year (now)
                                             && g_date_time_get_day_of_year (then)
                                                    == g_date_time_get_day_of_year (now)
                                         ? "%H:%M"
                                         : "%x");
  return text ? text : g_strdup ("");
}

/* "SimCLR · Vision transformer · 300 of 400 steps · kNN 81.3 % · 14:03 · lr 0.001 → 0.002" */
static char *
describe (EidRecentList *self, const EidRunSummary *run)
{
  g_autofree char *step = eid_format_count (run->step), *steps = eid_format_count (run->steps),
                  *time = describe_time (run->time);
  g_autofree char *knn = isfinite (run->knn) ? eid_format_percent (run->knn) : NULL;
  const char *objective = title_of (self, "objective", run->objective);
  const char *encoder = title_of (self, "encoder", run->encoder);
  g_autofree char *text =
      knn ? g_strdup_printf (_ ("%s · %s · %s of %s steps · kNN %s · %s"), objective, encoder, step, steps,
                             knn, time)
          : g_strdup_printf (_ ("%s · %s · %s of %s steps · %s"), objective, encoder, step, steps, time);

  /* TRANSLATORS: a run's description, then in which settings it differs from the run it was branched from. */
  return run->differs ? g_strdup_printf (_ ("%s · branched with %s"), text, run->differs)
                      : g_steal_pointer (&text);
}

static void
on_forget (GtkButton *button, EidRecentList *self)
{
  remember (g_object_get_data (G_OBJECT (button), "folder"), FALSE);
  self->forgetting = TRUE;
  eid_recent_list_refresh (self);
}

static GtkWidget *
make_forget_button (EidRecentList *self, const char *folder)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _ ("Forget this run"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Forget this run"), -1);
  g_object_set_data_full (G_OBJECT (button), "folder", g_strdup (folder), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_forget), self, 0);
  return button;
}

/* Beside the run that is open, if one is. */
static GtkWidget *
make_compare_button (const char *folder)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("view-dual-symbolic");

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.compare-with");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", folder);
  gtk_widget_set_tooltip_text (button, _ ("Compare with the open run"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Compare with the open run"), -1);
  return button;
}

/* A folder may be named in several ways. */
static gboolean
is_open (EidRecentList *self, const char *folder)
{
  g_autofree char *open = self->open ? g_canonicalize_filename (self->open, NULL) : NULL;
  g_autofree char *listed = g_canonicalize_filename (folder, NULL);
  GStatBuf one, other;

  if (open == NULL)
    return FALSE;
  return g_str_equal (open, listed)
         || (g_stat (open, &one) == 0 && g_stat (listed, &other) == 0 && one.st_ino == other.st_ino
             && one.st_dev == other.st_dev);
}

static GtkWidget *
make_row (EidRecentList *self, const Recent *run)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *name = run->summary ? NULL : g_filename_display_basename (run->folder);
  g_autofree char *shown = g_filename_display_name (run->folder);
  g_autofree char *text = run->summary ? describe (self, run->summary)
                          : g_file_test (run->folder, G_FILE_TEST_IS_DIR)
                              ? g_strdup_printf (_ ("Cannot be read (%s)"), shown)
                              : g_strdup_printf (_ ("Gone: there is no %s any more"), shown);
  g_autofree char *title = g_markup_escape_text (run->summary ? run->summary->title : name, -1);
  g_autofree char *subtitle = g_markup_escape_text (text, -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_tooltip_text (row, shown);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), run->summary != NULL);
  if (run->summary)
    {
      GtkWidget *arrow = gtk_image_new_from_icon_name ("go-next-symbolic");
      if (self->open && !self->others && !is_open (self, run->folder))
        adw_action_row_add_suffix (ADW_ACTION_ROW (row), make_compare_button (run->folder));
      gtk_accessible_update_state (GTK_ACCESSIBLE (arrow), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), arrow);
    }
  else
    {
      gtk_widget_add_css_class (row, "dim-label");
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), make_forget_button (self, run->folder));
    }
  return row;
}

static void
fill (EidRecentList *self)
{
  for (GtkListBoxRow *row; (row = gtk_list_box_get_row_at_index (self->list, 0));)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (guint i = 0; self->runs && i < self->runs->len; i++)
    {
      const Recent *run = g_ptr_array_index (self->runs, i);
      GtkWidget *row;

      if (self->others && is_open (self, run->folder))
        continue;
      row = make_row (self, run);
      g_object_set_data (G_OBJECT (row), "run", (gpointer) run);
      gtk_list_box_append (self->list, row);
    }
  gtk_widget_set_visible (self->group, gtk_list_box_get_row_at_index (self->list, 0) != NULL);
}

static gboolean
is_pointed (EidRecentList *self)
{
  return gtk_widget_get_mapped (GTK_WIDGET (self))
         && gtk_event_controller_motion_contains_pointer (GTK_EVENT_CONTROLLER_MOTION (self->pointer));
}

static void
show_newer (EidRecentList *self)
{
  if (self->newer == NULL)
    return;
  g_clear_pointer (&self->runs, g_ptr_array_unref);
  self->runs = g_steal_pointer (&self->newer);
  self->forgetting = FALSE;
  fill (self);
}

static gboolean
show_later (gpointer data)
{
  EidRecentList *self = data;

  self->later = 0;
  if (!is_pointed (self))
    show_newer (self);
  return G_SOURCE_REMOVE;
}

/* Not at once: GTK still walks through the rows that the pointer has left. */
static void
on_left (EidRecentList *self)
{
  if (self->later == 0)
    self->later = g_idle_add (show_later, self);
}

static void
on_runs (GObject *source, GAsyncResult *result, gpointer data)
{
  EidRecentList *self = EID_RECENT_LIST (source);
  GPtrArray *runs = g_task_propagate_pointer (G_TASK (result), NULL);

  if (GPOINTER_TO_UINT (data) != self->serial)
    {
      g_ptr_array_unref (runs);
      return;
    }
  g_clear_pointer (&self->newer, g_ptr_array_unref);
  self->newer = runs;
  /* No row moves under the pointer. */
  if (self->forgetting || self->runs == NULL || self->runs->len == 0 || !is_pointed (self))
    show_newer (self);
}

void
eid_recent_list_refresh (EidRecentList *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_runs, GUINT_TO_POINTER (++self->serial));

  g_task_set_task_data (task, remembered (), (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, read_runs);
}

void
eid_recent_list_set_open (EidRecentList *self, const char *folder)
{
  if (g_strcmp0 (folder, self->open) == 0)
    return;
  g_free (self->open);
  self->open = g_strdup (folder);
  fill (self);
}

void
eid_recent_list_set_others (EidRecentList *self, const char *folder)
{
  self->others = TRUE;
  eid_recent_list_set_open (self, folder);
}

void
eid_recent_list_set_plugins (EidRecentList *self, GPtrArray *plugins)
{
  g_clear_pointer (&self->plugins, g_ptr_array_unref);
  self->plugins = plugins ? g_ptr_array_ref (plugins) : NULL;
  fill (self);
}

static void
on_row_activated (EidRecentList *self, GtkListBoxRow *row)
{
  const Recent *run = g_object_get_data (G_OBJECT (row), "run");

  g_signal_emit (self, signals[OPENED], 0, run->folder);
}

/* --- The object ------------------------------------------------------------------------ */

static void
eid_recent_list_dispose (GObject *object)
{
  EidRecentList *self = EID_RECENT_LIST (object);

  self->serial++;
  g_clear_handle_id (&self->later, g_source_remove);
  g_clear_pointer (&self->plugins, g_ptr_array_unref);
  g_clear_pointer (&self->runs, g_ptr_array_unref);
  g_clear_pointer (&self->newer, g_ptr_array_unref);
  g_clear_pointer (&self->open, g_free);
  G_OBJECT_CLASS (eid_recent_list_parent_class)->dispose (object);
}

static void
eid_recent_list_class_init (EidRecentListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = eid_recent_list_dispose;
  signals[OPENED] = g_signal_new ("opened", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
eid_recent_list_init (EidRecentList *self)
{
  GtkWidget *list = gtk_list_box_new ();

  self->pointer = gtk_event_controller_motion_new ();
  g_signal_connect_swapped (self->pointer, "leave", G_CALLBACK (on_left), self);
  gtk_widget_add_controller (GTK_WIDGET (self), self->pointer);
  self->list = GTK_LIST_BOX (list);
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Recent runs"),
                                  -1);
  g_signal_connect_object (list, "row-activated", G_CALLBACK (on_row_activated), self, G_CONNECT_SWAPPED);
  self->group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->group), _ ("Recent Runs"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->group), list);
  adw_bin_set_child (ADW_BIN (self), self->group);
  fill (self);
}
