/* reader.c: the program that reads plugins: loads each of its arguments in a
 * process of its own, under limits, and writes an EID_READING_TYPE for each to
 * standard output, a length of four bytes before it. The engine starts it (see
 * reading.c) and never loads what it has not heard to be sound.
 *
 * It has one thread and nothing to lose, so that it can fork; what a plugin
 * prints, breaks or leaves behind stays in the process that was made for it. */
#include "plugins/kit/reading.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEGABYTES  1024 /* of memory that it may have */
#define LAST_WORDS 300  /* bytes of what it prints that are kept */
#define MOST_BYTES (1 << 20)

/* A plugin being read. */
typedef struct
{
  pid_t pid;
  int report, said; /* the ends of pipes that are ours */
  volatile EidReadingStage *stage;
  GByteArray *bytes; /* of the report so far */
  char words[LAST_WORDS + 1];
  gsize length; /* of what it said last */
} Child;

static guint
megabytes (void)
{
  const char *given = g_getenv ("EIDOSCOPE_PLUGIN_MEGABYTES");
  const gint64 number = given ? g_ascii_strtoll (given, NULL, 10) : 0;

  return number > 0 && number < G_MAXINT ? (guint) number : MEGABYTES;
}

/* --- The child --------------------------------------------------------------------- */

static void
limit (int resource, rlim_t value)
{
  const struct rlimit both = { value, value };

  setrlimit ((__rlimit_resource_t) resource, &both);
}

static gboolean
write_fully (int fd, gconstpointer data, gsize size)
{
  gsize done = 0;

  while (done < size)
    {
      gssize written = write (fd, (const char *) data + done, size - done);

      if (written < 0 && errno != EINTR)
        return FALSE;
      done += written > 0 ? (gsize) written : 0;
    }
  return TRUE;
}

static gboolean
write_reading (int fd, GVariant *reading)
{
  const guint32 size = (guint32) g_variant_get_size (reading);

  return write_fully (fd, &size, sizeof size) && write_fully (fd, g_variant_get_data (reading), size);
}

static void
be_child (const char *file, int report, int said, volatile EidReadingStage *stage)
{
  const int nothing = open ("/dev/null", O_RDONLY);

  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  dup2 (nothing, STDIN_FILENO);
  dup2 (said, STDOUT_FILENO);
  dup2 (said, STDERR_FILENO);
  limit (RLIMIT_CORE, 0);
#ifndef __SANITIZE_ADDRESS__ /* whose shadow is larger than any memory */
  limit (RLIMIT_DATA, (rlim_t) megabytes () << 20);
#endif
  _exit (write_reading (report, eid_plugin_read (file, stage)) ? 0 : 1);
}

/* --- The reader ----------------------------------------------------------------------- */

static const char *
place_of (EidReadingStage stage)
{
  /* TRANSLATORS: where it crashed, hung, and so on. */
  return stage == EID_READING_OPENS  ? _ ("in its constructor")
         : stage == EID_READING_ASKS ? _ ("in eid_plugin()")
                                     : _ ("after eid_plugin()");
}

/* The last line that is not empty; free. */
static char *
last_line (Child *child)
{
  g_autofree char *valid = g_utf8_make_valid (child->words, (gssize) child->length);
  g_auto (GStrv) lines = g_strsplit (valid, "\n", -1);

  for (guint i = g_strv_length (lines); i > 0; i--)
    if (*g_strstrip (lines[i - 1]))
      return g_strdup (lines[i - 1]);
  return NULL;
}

/* Why there is no description, in a sentence; free. */
static char *
epitaph (Child *child, int status, gboolean late, long peak)
{
  const char *place = place_of (*child->stage);
  g_autofree char *line = last_line (child);
  GString *text = g_string_new (NULL);

  if (late)
    g_string_printf (text, _ ("It did not come back within %u seconds %s."), eid_reading_seconds (), place);
  else if (peak / 1024 > megabytes () * 3L / 4)
    g_string_printf (text, _ ("It wanted more than %'u MiB of memory %s."), megabytes (), place);
  else if (WIFSIGNALED (status))
    g_string_printf (text, _ ("It crashed %s: %s."), place, g_strsignal (WTERMSIG (status)));
  else
    g_string_printf (text, _ ("It called exit() %s (exit status %d)."), place, WEXITSTATUS (status));
  if (line)
    g_string_append_printf (text, _ (" It said: %s"), line);
  return g_string_free (text, FALSE);
}

/* Takes what there is to be had of @fd. FALSE at its end. */
static gboolean
drain (Child *child, int fd)
{
  char bytes[4096];
  gssize got = read (fd, bytes, sizeof bytes);

  if (got < 0)
    return errno == EAGAIN || errno == EINTR;
  if (got == 0)
    return FALSE;
  if (fd == child->report)
    {
      if (child->bytes->len < MOST_BYTES)
        g_byte_array_append (child->bytes, (guint8 *) bytes, (guint) got);
      return TRUE;
    }
  for (gssize i = 0; i < got; i++)
    {
      if (child->length == LAST_WORDS)
        memmove (child->words, child->words + 1, --child->length);
      child->words[child->length++] = bytes[i];
    }
  return TRUE;
}

static gboolean
is_complete (const Child *child)
{
  guint32 size;

  if (child->bytes->len < sizeof size)
    return FALSE;
  memcpy (&size, child->bytes->data, sizeof size);
  return size < MOST_BYTES && child->bytes->len >= sizeof size + size;
}

/* What the child has described, or NULL; refs. */
static GVariant *
described (const Child *child)
{
  g_autoptr (GVariant) reading = NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint32 size;

  if (!is_complete (child))
    return NULL;
  memcpy (&size, child->bytes->data, sizeof size);
  bytes = g_bytes_new (child->bytes->data + sizeof size, size);
  reading = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (EID_READING_TYPE), bytes, FALSE));
  return g_variant_is_normal_form (reading) ? g_steal_pointer (&reading) : NULL;
}

static gboolean
is_memory_limited (void)
{
  struct rlimit space, data;

  return (getrlimit (RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
         || (getrlimit (RLIMIT_DATA, &data) == 0 && data.rlim_cur != RLIM_INFINITY);
}

/* Waits for the child's description or its end; the child is gone afterwards. */
static GVariant *
attend (Child *child)
{
  const gint64 deadline = g_get_monotonic_time () + (gint64) eid_reading_seconds () * G_USEC_PER_SEC;
  struct pollfd ends[] = { { .fd = child->report, .events = POLLIN },
                           { .fd = child->said, .events = POLLIN } };
  struct rusage usage = { 0 };
  gboolean ended = FALSE, late = FALSE;
  g_autofree char *why = NULL;
  GVariant *reading;
  int status = 0;

  while (!ended && !late && !is_complete (child))
    {
      poll (ends, G_N_ELEMENTS (ends), 20);
      for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
        if ((ends[i].revents & (POLLIN | POLLHUP)) && !drain (child, ends[i].fd))
          ends[i].fd = -1; /* nothing comes any more */
      ended = wait4 (child->pid, &status, WNOHANG, &usage) == child->pid;
      late = g_get_monotonic_time () > deadline;
    }
  while (ended && drain (child, child->said) && poll (&ends[1], 1, 0) > 0)
    ;
  while (ended && drain (child, child->report) && poll (&ends[0], 1, 0) > 0)
    ;
  if (!ended)
    kill (child->pid, SIGKILL);
  kill (-child->pid, SIGKILL); /* and what it has started */
  if (!ended)
    while (wait4 (child->pid, &status, 0, &usage) < 0 && errno == EINTR)
      ;
  reading = described (child);
  if (reading)
    return reading;
  why = epitaph (child, status, late, usage.ru_maxrss);
  /* With less memory than usual it may be that alone, and another time it goes well. */
  return g_variant_ref_sink (eid_reading_new (why, TRUE, !is_memory_limited (), NULL));
}

static GVariant *
read_plugin (const char *file)
{
  Child child = { .bytes = g_byte_array_new () };
  int report[2], said[2];
  GVariant *reading;

  child.stage = mmap (NULL, sizeof *child.stage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (child.stage == MAP_FAILED || !g_unix_open_pipe (report, FD_CLOEXEC, NULL)
      || !g_unix_open_pipe (said, FD_CLOEXEC, NULL) || (child.pid = fork ()) < 0)
    {
      g_autofree char *why = g_strdup_printf (_ ("It cannot be read: %s."), g_strerror (errno));

      return g_variant_ref_sink (eid_reading_new (why, FALSE, FALSE, NULL));
    }
  if (child.pid == 0)
    be_child (file, report[1], said[1], child.stage);
  close (report[1]);
  close (said[1]);
  child.report = report[0];
  child.said = said[0];
  g_unix_set_fd_nonblocking (child.report, TRUE, NULL);
  g_unix_set_fd_nonblocking (child.said, TRUE, NULL);
  reading = attend (&child);
  close (child.report);
  close (child.said);
  munmap ((gpointer) child.stage, sizeof *child.stage);
  g_byte_array_unref (child.bytes);
  return reading;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, EID_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GVariant) reading = read_plugin (argv[i]);

      if (!write_reading (STDOUT_FILENO, reading))
        return 1;
    }
  return 0;
}
