/* main.c: eidoscope-workbench. */
#include <glib/gi18n.h>
#include <locale.h>

#include "app/workbench/application.h"

int
main (int argc, char **argv)
{
  g_autoptr (EidApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, EID_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name ("Eidoscope");
  application = eid_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
