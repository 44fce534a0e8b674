/* templates.c: every .ui file of the workbench is made into what it describes, under fatal
 * warnings. Skipped without a display.
 */
#include "app/workbench/window/window.h"
#include "tests/ui/live.h"
#include "tests/ui/patience.h"
#include "ui/ui.h"

#include <string.h>

#define FOLDER "/org/eidoscope/Workbench/"

/* The class whose template the file is, or NULL. Free. */
static char *
template_class (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_resources_lookup_data (path, 0, &error);
  g_autoptr (GRegex) pattern = g_regex_new ("<template class=\"(\\w+)\"", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  g_assert_no_error (error);
  g_regex_match_full (pattern, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), 0, 0,
                      &match, NULL);
  return g_match_info_matches (match) ? g_match_info_fetch (match, 1) : NULL;
}

static gboolean
stands_in (GtkWidget *widget, GType type)
{
  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    if (stands_in (child, type))
      return TRUE;
  return FALSE;
}

static void
check_file (GtkWidget *window, const char *path)
{
  g_autofree char *class = template_class (path);

  g_test_message ("%s: %s", path, class ? class : "no template");
  if (class)
    {
      const GType type = g_type_from_name (class);

      if (type == 0 || !stands_in (window, type))
        g_error ("%s is the template of %s, which the window has not", path, class);
    }
  else
    {
      g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource (path);
      GSList *objects = gtk_builder_get_objects (builder);

      g_assert_nonnull (objects);
      for (GSList *link = objects; link; link = link->next)
        if (GTK_IS_WINDOW (link->data))
          {
            test_present (link->data);
            gtk_window_destroy (link->data);
          }
      g_slist_free (objects);
    }
}

static guint
check_folder (GtkWidget *window, const char *folder)
{
  g_auto (GStrv) names = g_resources_enumerate_children (folder, 0, NULL);
  guint count = 0;

  for (guint i = 0; names && names[i]; i++)
    {
      g_autofree char *path = g_strconcat (folder, names[i], NULL);

      if (g_str_has_suffix (path, "/"))
        count += check_folder (window, path);
      else if (g_str_has_suffix (path, ".ui"))
        {
          check_file (window, path);
          count++;
        }
    }
  return count;
}

static void
every_template_is_made (void)
{
  GtkWidget *window = g_object_ref (GTK_WIDGET (eid_window_new (NULL)));

  test_present (window);
  g_assert_cmpuint (check_folder (window, FOLDER), >=, 7);
  gtk_window_close (GTK_WINDOW (window));
  wait_patiently (!gtk_widget_get_mapped (window), "the window does not close");
  g_object_unref (window);
}

int
main (int argc, char **argv)
{
  g_autofree char *data = g_dir_make_tmp ("templates-XXXXXX", NULL);

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    return SKIP;
  adw_init ();
  eid_ui_init ();
  g_test_add_func ("/templates/every-one-is-made", every_template_is_made);
  return g_test_run ();
}
