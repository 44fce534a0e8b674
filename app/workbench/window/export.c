/* export.c: the page in front into a file that the person names; its ending
 * says as what. How it is written: pages/export.h.                            */
#include <glib/gi18n.h>

#include "app/workbench/pages/export.h"
#include "app/workbench/window/private.h"

static const struct
{
  const char *name, *pattern;
} kinds[] = {
  { N_ ("Picture (PNG)"), "*.png" },
  { N_ ("Drawing (SVG)"), "*.svg" },
  { N_ ("Data (CSV)"), "*.csv" },
};

/* The page in front, or NULL where it is the recipe's. */
static EidPage *
page_in_front (EidWindow *self)
{
  GtkWidget *shown = adw_view_stack_get_visible_child (self->pages);

  return EID_IS_PAGE (shown) ? EID_PAGE (shown) : NULL;
}

static void
tell (EidWindow *self, const char *file, const GError *error)
{
  g_autofree char *name = g_filename_display_basename (file);
  g_autofree char *text = error ? g_strdup (error->message) : g_strdup_printf (_ ("Exported as %s"), name);

  eid_window_toast (self, text);
}

static void
write_table (EidWindow *self, const char *file, const char *table)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (file, table, -1, &error);
  tell (self, file, error);
}

typedef struct
{
  EidWindow *window;
  char *file;
} Wanted;

static void
on_history (GObject *source, GAsyncResult *result, gpointer data)
{
  Wanted *wanted = data;
  g_autoptr (EidWindow) self = wanted->window;
  g_autofree char *file = wanted->file;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);

  g_free (wanted);
  if (answer)
    {
      g_autoptr (GVariant) series = g_variant_get_child_value (answer, 0);
      g_autofree char *table = eid_export_history (series);

      write_table (self, file, table);
    }
  else
    tell (self, file, error);
}

static void
export_data (EidWindow *self, EidPage *page, const char *file)
{
  const char *view = EID_PAGE_GET_CLASS (page)->view;
  GVariant *picture = eid_page_get_picture (page);

  if (view == NULL)
    {
      Wanted *wanted = g_new (Wanted, 1);

      *wanted = (Wanted){ g_object_ref (self), g_strdup (file) };
      eid_engine_client_history (self->client, on_history, wanted);
    }
  else if (picture)
    {
      g_autofree char *table = eid_export_table (view, picture);

      write_table (self, file, table);
    }
  else
    eid_window_toast (self, _ ("There are no data on the page to export"));
}

void
eid_window_export_to (EidWindow *self, const char *file)
{
  EidPage *page = page_in_front (self);
  const EidExport kind = eid_export_of_file (file);
  g_autoptr (GError) error = NULL;

  if (page == NULL)
    return;
  if (kind == EID_EXPORT_CSV)
    {
      export_data (self, page, file);
      return;
    }
  if (kind == EID_EXPORT_UNKNOWN)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                         _ ("Give the file a name that ends in .png, .svg or .csv"));
  else
    eid_export_widget (eid_page_get_shown (page), kind, file, &error);
  tell (self, file, error);
}

/* A name without an ending has that of the filter. */
static void
on_response (EidWindow *self, int response)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser)) : NULL;
  GtkFileFilter *filter = gtk_file_chooser_get_filter (GTK_FILE_CHOOSER (self->chooser));
  g_autofree char *path = file ? g_file_get_path (file) : NULL;

  for (guint i = 0; path && filter && i < G_N_ELEMENTS (kinds); i++)
    if (eid_export_of_file (path) == EID_EXPORT_UNKNOWN
        && g_strcmp0 (gtk_file_filter_get_name (filter), _ (kinds[i].name)) == 0)
      {
        g_autofree char *bare = path;

        path = g_strconcat (bare, kinds[i].pattern + 1, NULL);
      }
  g_clear_object (&self->chooser);
  if (path)
    eid_window_export_to (self, path);
}

void
eid_window_export (EidWindow *self)
{
  EidPage *page = page_in_front (self);
  g_autofree char *name = NULL;

  if (page == NULL || self->chooser)
    {
      eid_window_toast (self, _ ("Go to a page with a view to export it"));
      return;
    }
  self->chooser = gtk_file_chooser_native_new (_ ("Export View"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Export"), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

      gtk_file_filter_set_name (filter, _ (kinds[i].name));
      gtk_file_filter_add_pattern (filter, kinds[i].pattern);
      gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
    }
  name = g_strdup_printf ("%s-%" G_GUINT64_FORMAT ".png", eid_window_shown_page (self),
                          eid_page_get_step (page));
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_response), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}
