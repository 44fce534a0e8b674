/* consent.c: the window asks before it opens a run with code that is not the user's own, and opens it after
 * an agreement alone, which then holds for good.                                */
#include "app/workbench/window/consent.h"
#include "app/store/store.h"

#include <glib/gstdio.h>

static guint opened;

static void
on_agreed (const char *folder, gpointer data)
{
  opened++;
}

/* The dialog that is shown, or NULL. */
static AdwMessageDialog *
dialog (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *link = windows; link != NULL; link = link->next)
    if (ADW_IS_MESSAGE_DIALOG (link->data))
      return link->data;
  return NULL;
}

static void
answer (const char *response)
{
  AdwMessageDialog *shown = dialog ();

  g_assert_nonnull (shown);
  adw_message_dialog_response (shown, response);
  gtk_window_destroy (GTK_WINDOW (shown));
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *world = g_dir_make_tmp ("eidoscope-consent-XXXXXX", &error);
  g_autofree char *run = g_build_filename (world, "run", NULL), *code = g_build_filename (run, "code", NULL);
  g_autofree char *file = g_build_filename (code, "alien-0123456789abcdef.so", NULL);
  g_autofree char *seal = g_strconcat (file, ".seal", NULL),
                  *key = g_build_filename (world, "eidoscope/key", NULL);
  g_autofree char *keys = g_path_get_dirname (key);
  GtkWidget *window;

  g_setenv ("XDG_DATA_HOME", world, TRUE);
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  adw_init ();
  window = gtk_window_new ();
  g_object_ref_sink (window);

  /* A run without code is opened at once. */
  g_assert_cmpint (g_mkdir_with_parents (code, 0700), ==, 0);
  eid_consent_ask (GTK_WINDOW (window), run, on_agreed, window);
  g_assert_cmpuint (opened, ==, 1);

  /* One with code is asked about, and named. */
  g_assert_true (g_file_set_contents (file, "not looked into", -1, &error));
  eid_consent_ask (GTK_WINDOW (window), run, on_agreed, window);
  g_assert_cmpuint (opened, ==, 1);
  g_assert_cmpstr (adw_message_dialog_get_heading (dialog ()), ==, "Run Somebody Else’s Code?");
  g_assert_nonnull (strstr (adw_message_dialog_get_body (dialog ()), ": alien-0123456789abcdef.so. "));
  g_assert_cmpstr (adw_message_dialog_get_default_response (dialog ()), ==, "cancel");
  answer ("cancel");
  g_assert_cmpuint (opened, ==, 1);
  g_assert_false (g_file_test (seal, G_FILE_TEST_EXISTS));

  /* After an agreement it is opened, and not asked about again. */
  eid_consent_ask (GTK_WINDOW (window), run, on_agreed, window);
  answer ("trust");
  g_assert_cmpuint (opened, ==, 2);
  eid_consent_ask (GTK_WINDOW (window), run, on_agreed, window);
  g_assert_null (dialog ());
  g_assert_cmpuint (opened, ==, 3);

  /* Code that has changed since is another's again. */
  g_assert_true (g_file_set_contents (file, "not looked into!", -1, &error));
  eid_consent_ask (GTK_WINDOW (window), run, on_agreed, window);
  g_assert_cmpuint (opened, ==, 3);
  answer ("cancel");
  g_assert_cmpuint (opened, ==, 3);

  g_unlink (file);
  g_unlink (seal);
  g_unlink (key);
  g_rmdir (keys);
  g_rmdir (code);
  g_rmdir (run);
  g_rmdir (world);
  return 0;
}
