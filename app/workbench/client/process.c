/* process.c: starting the child that trains; see process.h. */
#include "app/workbench/client/process.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/workbench/client/settings.h"

enum
{
  ENGINE_NICENESS = 5,
  ENGINE_FD = 3
};

char *
eid_engine_process_find (GError **error)
{
  static const char *const beside[] = { "eidoscope", "../cli/eidoscope" };
  const char *given = g_getenv ("EIDOSCOPE_ENGINE");
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self ? g_path_get_dirname (self) : NULL;
  char *found;

  if (given && *given)
    {
      if (g_file_test (given, G_FILE_TEST_IS_EXECUTABLE))
        return g_strdup (given);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("EIDOSCOPE_ENGINE names “%s”, which is not a program; correct or unset it"), given);
      return NULL;
    }
  for (guint i = 0; folder && i < G_N_ELEMENTS (beside); i++)
    {
      g_autofree char *file = g_build_filename (folder, beside[i], NULL);
      if (g_file_test (file, G_FILE_TEST_IS_EXECUTABLE) && !g_file_test (file, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&file);
    }
  found = g_find_program_in_path ("eidoscope");
  if (found == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                         _ ("The program “eidoscope”, which trains, was not found beside the workbench or in "
                            "PATH; install it, or name it in EIDOSCOPE_ENGINE"));
  return found;
}

/* Between fork and exec: async-signal-safe calls alone. */
static void
set_up_child (gpointer unused)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (nice (ENGINE_NICENESS) == -1)
    return;
}

GSubprocess *
eid_engine_process_spawn (int *fd, GError **error)
{
  g_autofree char *program = eid_engine_process_find (error);
  g_autofree char *number = g_strdup_printf ("%d", ENGINE_FD);
  g_autofree char *runs = eid_settings_runs_folder ();
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  GSubprocess *process;
  int ends[2];

  if (program == NULL)
    return NULL;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    {
      int saved = errno;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), _ ("No line to the engine: %s"),
                   g_strerror (saved));
      return NULL;
    }
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
  if (runs)
    g_subprocess_launcher_setenv (launcher, "EIDOSCOPE_RUNS", runs, TRUE);
  g_subprocess_launcher_take_fd (launcher, ends[1], ENGINE_FD);
  process = g_subprocess_launcher_spawn (launcher, error, program, "serve", "--fd", number, NULL);
  /* The child's end must not stay open here, or its death would go unseen. */
  g_subprocess_launcher_close (launcher);
  if (process == NULL)
    close (ends[0]);
  else
    *fd = ends[0];
  return process;
}

char *
eid_engine_process_end (GSubprocess *process)
{
  if (g_subprocess_get_if_signaled (process))
    {
      int number = g_subprocess_get_term_sig (process);
      if (number == SIGKILL)
        return g_strdup (_ ("The engine was killed, perhaps for want of memory"));
      return g_strdup_printf (_ ("The engine crashed (%s)"), g_strsignal (number));
    }
  if (g_subprocess_get_if_exited (process))
    return g_strdup_printf (_ ("The engine ended by itself (exit status %d)"),
                            g_subprocess_get_exit_status (process));
  return g_strdup (_ ("The engine is gone"));
}
