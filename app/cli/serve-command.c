/* serve-command.c: `eidoscope serve`: an engine for whoever is at the other end of a
 * socket or of standard input and output.                                    */
#include "app/cli/cli.h"

#include "app/engine/service/service.h"
#include "app/wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Standard output belongs to the protocol: what plugins and drivers print goes
 * to standard error, as in every command that runs them. Nobody else reads
 * standard input.                                                            */
static GIOStream *
take_standard_streams (GError **error)
{
  const int output = fcntl (fileno (eid_cli_out ()), F_DUPFD_CLOEXEC, 3);
  const int input = fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  const int nothing = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  if (output < 0 || input < 0 || nothing < 0 || dup2 (nothing, STDIN_FILENO) < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   _ ("Standard input and output cannot be used: %s"), g_strerror (errno));
      return NULL;
    }
  close (nothing);
  return eid_wire_stream_from_pipes (input, output);
}

static int signal_pipe[2] = { -1, -1 };

static void
on_signal (int number)
{
  const char byte = 0;
  const gssize written = write (signal_pipe[1], &byte, 1);

  (void) written;
}

/* A thread turns the signal into a cancellation: a handler may not. */
static gpointer
watch_signals (gpointer cancellable)
{
  char byte;

  while (read (signal_pipe[0], &byte, 1) < 0 && errno == EINTR)
    ;
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
leave_in_order_when_told (GCancellable *cancellable)
{
  if (!g_unix_open_pipe (signal_pipe, FD_CLOEXEC, NULL))
    return;
  g_thread_unref (g_thread_new ("signals", watch_signals, cancellable));
  signal (SIGTERM, on_signal);
  signal (SIGHUP, on_signal);
  /* A terminal's Ctrl-C is meant for the workbench, which closes the connection. */
  signal (SIGINT, SIG_IGN);
}

int
eid_command_serve (int argc, char **argv)
{
  gboolean stdio = FALSE;
  int fd = -1, status;
  const GOptionEntry entries[] = {
    { "fd", 0, 0, G_OPTION_ARG_INT, &fd, N_ ("Use the connected socket with this number"), N_ ("N") },
    { "stdio", 0, 0, G_OPTION_ARG_NONE, &stdio, N_ ("Use standard input and output"), NULL },
    { NULL },
  };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GIOStream) stream = NULL;
  g_auto (GStrv) rest = NULL;
  GError *error = NULL;

  if (!eid_cli_parse (
          argc, argv, entries, NULL,
          _ ("Speaks D-Bus, peer to peer, until the connection closes. The workbench starts this."), NULL,
          &rest, &status))
    return status;
  if (rest[0] != NULL || stdio == (fd >= 0))
    return eid_cli_usage (_ ("“serve” takes either --fd N or --stdio."));

  prctl (PR_SET_PDEATHSIG, SIGTERM);
  leave_in_order_when_told (cancellable);
  stream = stdio ? take_standard_streams (&error) : eid_wire_stream_from_socket (fd, &error);
  if (stream == NULL || !eid_service_run (stream, cancellable, &error))
    return eid_cli_fail (error);
  return 0;
}
