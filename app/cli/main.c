/* main.c: the `eidoscope` command: finds the command that was asked for in the
 * table and hands over. Alone, it opens the workbench.                       */
#include "app/cli/cli.h"

#include "app/engine/setup/crash.h"
#include "app/engine/setup/watchdog.h"

#include <glib/gi18n-lib.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const EidCommand commands[] = {
  { "train", N_ ("Train an encoder by a recipe"), eid_command_train, TRUE },
  { "evaluate", N_ ("Measure the features of a run"), eid_command_evaluate, TRUE },
  { "inspect", N_ ("Draw what a trained model sees in pictures"), eid_command_inspect, TRUE },
  { "embed", N_ ("Write the features of all pictures to a file"), eid_command_embed, TRUE },
  { "export", N_ ("Write the encoder’s weights for PyTorch and timm"), eid_command_export, TRUE },
  { "plugins", N_ ("List encoders and objectives with their parameters"), eid_command_plugins, FALSE },
  { "devices", N_ ("List the devices to compute on"), eid_command_devices, FALSE },
  { "recipes", N_ ("List the recipes there are"), eid_command_recipes, FALSE },
  { "new", N_ ("Begin a plugin: an encoder or an objective in one C file"), eid_command_new, FALSE },
  { "build", N_ ("Compile a plugin and put it where plugins are found"), eid_command_build, FALSE },
  { "bench", N_ ("Measure how fast this machine trains"), eid_command_bench, TRUE },
  { "check", N_ ("Examine a plugin"), eid_command_check, FALSE },
  { "serve", N_ ("Work for a workbench at the other end of a connection"), eid_command_serve, TRUE },
};

static void
print_help (FILE *out)
{
  fprintf (out, "%s\n\n", _ ("Usage: eidoscope COMMAND …   or   eidoscope, to open the workbench"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (out, "  %-10s %s\n", commands[i].name, _ (commands[i].summary));
  fprintf (out, "\n%s\n", _ ("“eidoscope COMMAND --help” tells more of each."));
}

/* The workbench beside this program, in the build tree, or in $PATH. Comes
 * back only when there is none.                                              */
static int
open_workbench (void)
{
  static const char *const places[] = { "eidoscope-workbench", "../workbench/eidoscope-workbench" };
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : g_strdup (".");

  if (g_getenv ("DISPLAY") == NULL && g_getenv ("WAYLAND_DISPLAY") == NULL)
    {
      print_help (stderr);
      return eid_cli_usage (_ ("There is no display to open the workbench on: say a command."));
    }
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *program = g_build_filename (folder, places[i], NULL);

      execl (program, program, (char *) NULL);
    }
  execlp ("eidoscope-workbench", "eidoscope-workbench", (char *) NULL);
  return eid_cli_fail (g_error_new (EID_ERROR, EID_ERROR_FAILED,
                                    _ ("The workbench is not installed: there is no eidoscope-workbench.")));
}

/* oneDNN's threads spin for milliseconds after each product, on cores that OpenCL's threads want for
 * the kernels in between: a step is up to a third faster when they soon go to sleep. GNU's OpenMP
 * reads the environment when it is loaded, before main(), hence the second start. */
static void
let_threads_sleep (char **argv)
{
  if (g_getenv ("GOMP_SPINCOUNT") != NULL || g_getenv ("OMP_WAIT_POLICY") != NULL
      || !g_setenv ("GOMP_SPINCOUNT", "5000", TRUE))
    return;
  execv ("/proc/self/exe", argv); /* where that is not possible, the slower way is a way */
}

/* What plugins and drivers print goes to standard error, and what they break, or do not come back from, is
 * told. */
static void
prepare_for_plugins (void)
{
  eid_cli_keep_output ();
  eid_crash_watch ();
  eid_heartbeat_begin ();
}

int
main (int argc, char **argv)
{
  let_threads_sleep (argv);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, EID_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  /* A reader that has gone is an error of a write, not the end. */
  signal (SIGPIPE, SIG_IGN);
  g_set_prgname ("eidoscope");
  eid_terminal_begin ();

  if (argc < 2)
    return open_workbench ();
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h") || g_str_equal (argv[1], "help"))
    {
      print_help (stdout);
      return eid_cli_end (0);
    }
  if (g_str_equal (argv[1], "--version"))
    {
      eid_cli_print ("eidoscope %s\n", EID_VERSION);
      return eid_cli_end (0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (argv[1], commands[i].name))
      {
        if (commands[i].runs_plugins)
          prepare_for_plugins ();
        return eid_cli_end (commands[i].run (argc - 1, argv + 1));
      }
  print_help (stderr);
  return eid_cli_usage (_ ("There is no command “%s”."), argv[1]);
}
