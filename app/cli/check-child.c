/* check-child.c: see check-child.h. The child writes lines to a pipe: "P" and how far it is, "F" and what it
 * found, both as a GVariant's text; it is a plugin's process, so what it writes is read as text of others
 * is: bounded, and of the one type that is expected.                         */
#include "app/cli/check-child.h"

#include "app/engine/setup/crash.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIPE          3 /* descriptor of the child's                */
#define MOST_LINE     (64 * 1024)
#define MOST_ERRORS   4096
#define LOOK_EVERY_MS 100

#define PROGRESS_TYPE "(stt)" /* what, done, all     */
#define FINDING_TYPE  "(uss)" /* outcome, text, cure */

/* --- The child ------------------------------------------------------------------------ */

static void
send (char kind, GVariant *value)
{
  g_autoptr (GVariant) own = g_variant_ref_sink (value);
  g_autofree char *text = g_variant_print (own, FALSE);
  g_autofree char *line = g_strdup_printf ("%c%s\n", kind, text);
  const gsize length = strlen (line);

  for (gsize sent = 0; sent < length;)
    {
      const ssize_t put = write (PIPE, line + sent, length - sent);

      if (put < 0 && errno != EINTR)
        return;
      sent += (gsize) MAX (put, 0);
    }
}

static void
send_progress (const char *what, guint64 done, guint64 all, gpointer user_data)
{
  send ('P', g_variant_new (PROGRESS_TYPE, what, done, all));
}

int
eid_check_child (const char *name, EidCheckOptions *options)
{
  g_auto (EidFinding) finding = { EID_CHECK_FAILED, NULL, NULL };

  prctl (PR_SET_PDEATHSIG, SIGKILL); /* nobody would wait for it */
  eid_crash_watch ();
  options->tell = send_progress;
  finding = eid_check_examine (name, options);
  send ('F', g_variant_new (FINDING_TYPE, (guint32) finding.outcome, finding.text,
                            finding.cure != NULL ? finding.cure : ""));
  return 0;
}

/* --- The parent -------------------------------------------------------------------------- */

typedef struct
{
  const EidCheckOptions *options;
  GPid pid;
  int reports, errors; /* ends of pipes; -1: closed */
  GString *line, *said;
  char *doing; /* what the child said last that it does */
  gboolean found;
  EidFinding finding;
} Child;

static void
take_line (Child *child, const char *line)
{
  const char *type = line[0] == 'P' ? PROGRESS_TYPE : FINDING_TYPE;
  g_autoptr (GVariant) value = g_variant_parse (G_VARIANT_TYPE (type), line + 1, NULL, NULL, NULL);

  if (value == NULL)
    return;
  if (line[0] == 'P')
    {
      guint64 done, all;

      g_clear_pointer (&child->doing, g_free);
      g_variant_get (value, PROGRESS_TYPE, &child->doing, &done, &all);
      if (child->options->tell != NULL)
        child->options->tell (child->doing, done, all, child->options->user_data);
    }
  else if (!child->found)
    {
      guint32 outcome;

      g_variant_get (value, FINDING_TYPE, &outcome, &child->finding.text, &child->finding.cure);
      child->finding.outcome = MIN (outcome, EID_CHECK_FAILED);
      if (*child->finding.cure == '\0')
        g_clear_pointer (&child->finding.cure, g_free);
      child->found = TRUE;
    }
}

static void
take_reports (Child *child, const char *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (bytes[i] == '\n')
      {
        take_line (child, child->line->str);
        g_string_truncate (child->line, 0);
      }
    else if (child->line->len < MOST_LINE)
      g_string_append_c (child->line, bytes[i]);
}

/* Its end is what a dying process says. */
static void
take_errors (Child *child, const char *bytes, gsize length)
{
  g_string_append_len (child->said, bytes, (gssize) length);
  if (child->said->len > MOST_ERRORS)
    g_string_erase (child->said, 0, (gssize) (child->said->len - MOST_ERRORS));
}

static void
read_some (Child *child, int *end, void (*take) (Child *, const char *, gsize))
{
  char bytes[4096];
  const ssize_t got = read (*end, bytes, sizeof bytes);

  if (got > 0)
    take (child, bytes, (gsize) got);
  else if (got == 0 || errno != EINTR)
    {
      close (*end);
      *end = -1;
    }
}

/* Pages of the child times their size. */
static guint64
resident_bytes (GPid pid)
{
  g_autofree char *file = g_strdup_printf ("/proc/%d/statm", pid), *text = NULL;
  g_auto (GStrv) words = NULL;

  if (!g_file_get_contents (file, &text, NULL, NULL))
    return 0;
  words = g_strsplit (text, " ", 3);
  return words[0] != NULL && words[1] != NULL
             ? g_ascii_strtoull (words[1], NULL, 10) * (guint64) sysconf (_SC_PAGESIZE)
             : 0;
}

static guint64
most_bytes (void)
{
  return (guint64) sysconf (_SC_PHYS_PAGES) / 2 * (guint64) sysconf (_SC_PAGESIZE);
}

/* NULL once the child has closed its pipes; else why it was killed. Free. */
static char *
wait_for_it (Child *child, guint seconds)
{
  const gint64 end = g_get_monotonic_time () + (gint64) seconds * G_USEC_PER_SEC;

  while (child->reports >= 0 || child->errors >= 0)
    {
      struct pollfd ends[] = { { child->reports, POLLIN, 0 }, { child->errors, POLLIN, 0 } };

      if (poll (ends, G_N_ELEMENTS (ends), LOOK_EVERY_MS) > 0)
        {
          if (ends[0].revents != 0)
            read_some (child, &child->reports, take_reports);
          if (ends[1].revents != 0)
            read_some (child, &child->errors, take_errors);
        }
      /* What was found stands, whatever the plugin's threads do at the end. */
      if (child->found)
        break;
      if (g_get_monotonic_time () > end)
        return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "It did not come to an end within %u second",
                                             "It did not come to an end within %u seconds", seconds),
                                seconds);
      if (resident_bytes (child->pid) > most_bytes ())
        {
          g_autofree char *most = g_format_size_full (most_bytes (), G_FORMAT_SIZE_IEC_UNITS);

          return g_strdup_printf (_ ("It took more than %s of memory, half of this machine’s"), most);
        }
    }
  return NULL;
}

static char *
how_it_ended (int status)
{
  if (WIFSIGNALED (status))
    return g_strdup_printf (_ ("It crashed: signal %d (%s)"), WTERMSIG (status),
                            g_strsignal (WTERMSIG (status)));
  return g_strdup_printf (_ ("It ended the process by itself, with exit status %d"), WEXITSTATUS (status));
}

/* Of what it said, the first sentence that names the plugin's file (lines of a stack begin with one), or the
 * last line. Free. */
static char *
last_words (Child *child)
{
  g_auto (GStrv) lines = g_strsplit (g_strchomp (child->said->str), "\n", -1);
  const guint count = g_strv_length (lines);

  for (guint i = 0; i < count; i++)
    if (lines[i][0] != G_DIR_SEPARATOR && strstr (lines[i], child->options->scratch) != NULL)
      return g_strdup (lines[i]);
  return g_strdup (count > 0 ? lines[count - 1] : "");
}

static EidFinding
lost (Child *child, const char *name, const char *how)
{
  g_autofree char *words = last_words (child);
  EidFinding finding = { .outcome = EID_CHECK_FAILED };
  GString *text = g_string_new (how);

  /* TRANSLATORS: what a process did last, "Building the model"; then what it wrote. */
  if (child->doing != NULL)
    g_string_append_printf (text, _ (", at “%s”"), child->doing);
  g_string_append_c (text, '.');
  if (*words != '\0' && g_utf8_validate (words, -1, NULL))
    g_string_append_printf (text, _ (" It said: “%s”"), words);
  finding.text = g_string_free (text, FALSE);
  finding.cure =
      g_strdup_printf (_ ("See where: gdb -ex 'set follow-fork-mode child' -ex run -ex backtrace --args "
                          "eidoscope check %s --only %s"),
                       child->options->file, name);
  return finding;
}

/* What the kit remembers of plugins that crashed is no news to the examinations that follow, nor to the
 * user's own programs: it is kept in the scratch folder. Kernels that were compiled stay where they are. */
static char **
environment_of (const EidCheckOptions *options)
{
  g_autofree char *cache = g_build_filename (options->scratch, "cache", NULL);
  g_autofree char *kernels = g_build_filename (g_get_user_cache_dir (), "pocl", "kcache", NULL);
  char **environment = g_environ_setenv (g_get_environ (), "POCL_CACHE_DIR", kernels, FALSE);

  return g_environ_setenv (environment, "XDG_CACHE_HOME", cache, TRUE);
}

static gboolean
start (Child *child, const char *name, GError **error)
{
  const EidCheckOptions *options = child->options;
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autofree char *steps = g_strdup_printf ("%u", options->steps);
  g_auto (GStrv) environment = environment_of (options);
  int ends[2];
  const int wanted = PIPE;
  gboolean good;

  g_ptr_array_add (words, (gpointer) "/proc/self/exe");
  for (const char *const *word =
           (const char *const[]){ "check", options->file, "--examine", name, "--scratch", options->scratch,
                                  "--steps", steps, NULL };
       *word != NULL; word++)
    g_ptr_array_add (words, (gpointer) *word);
  if (options->device != NULL)
    {
      g_ptr_array_add (words, (gpointer) "--device");
      g_ptr_array_add (words, (gpointer) options->device);
    }
  if (options->with != NULL)
    {
      g_ptr_array_add (words, (gpointer) "--with");
      g_ptr_array_add (words, (gpointer) options->with);
    }
  g_ptr_array_add (words, NULL);

  if (!g_unix_open_pipe (ends, FD_CLOEXEC, error))
    return FALSE;
  good = g_spawn_async_with_pipes_and_fds (
      NULL, (const char *const *) words->pdata, (const char *const *) environment,
      G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, -1, -1, -1, &ends[1], &wanted, 1,
      &child->pid, NULL, NULL, &child->errors, error);
  close (ends[1]);
  child->reports = ends[0];
  if (!good)
    close (ends[0]);
  return good;
}

EidFinding
eid_check_apart (const char *name, const EidCheckOptions *options, guint seconds)
{
  Child child = { .options = options, .reports = -1, .errors = -1 };
  g_autofree char *why = NULL;
  GError *error = NULL;
  int status = 0;

  if (!start (&child, name, &error))
    {
      child.finding = (EidFinding){ EID_CHECK_FAILED, g_strdup (error->message), NULL };
      g_error_free (error);
      return child.finding;
    }
  child.line = g_string_new (NULL);
  child.said = g_string_new (NULL);
  why = wait_for_it (&child, seconds);
  if (why != NULL || child.found)
    kill (child.pid, SIGKILL);
  while (waitpid (child.pid, &status, 0) < 0 && errno == EINTR)
    ;
  g_spawn_close_pid (child.pid);
  if (!child.found)
    {
      if (why == NULL)
        why = how_it_ended (status);
      child.finding = lost (&child, name, why);
    }
  if (child.reports >= 0)
    close (child.reports);
  if (child.errors >= 0)
    close (child.errors);
  g_string_free (child.line, TRUE);
  g_string_free (child.said, TRUE);
  g_free (child.doing);
  return child.finding;
}
