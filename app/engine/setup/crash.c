/* crash.c: handlers of the signals a process dies of; see crash.h. Everything that
 * needs memory is made before, for a handler may not: it only puts pieces
 * together and writes them.                                                  */
#define _GNU_SOURCE /* gettid(), tgkill(), on_exit() */
#include "app/engine/setup/crash.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define FRAMES     48
#define STACK      (128 << 10) /* bytes that a handler has when the stack has run over */
#define MOST_BYTES (2 * PATH_MAX + 1024)
#define ASK        (SIGRTMIN + 3) /* for a stack; compilers take SIGUSR1 and SIGUSR2 for themselves */
#define PATIENCE   (G_USEC_PER_SEC / 2)

/* SIGTRAP is how GLib ends a process that it cannot go on with. */
static const int deadly[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP };

static char *causes[G_N_ELEMENTS (deadly)];
static char *in_step, *in_callback, *left_step, *left_callback, *elsewhere, *nowhere, *short_of_memory,
    *in_pocl;
static char **builtin;              /* folders of the program's own plugins */
static char *kernels;               /* PoCL's folder of compiled ones       */
static char *notes;                 /* the file of eid_plugin_crash_file() */
static char folder_file[PATH_MAX];  /* "" or crash.txt in a run's folder   */
static volatile sig_atomic_t dying; /* how far the handler is              */
static volatile gint printed;       /* stacks on request                   */
static pid_t process;

/* --- Sentences ------------------------------------------------------------------ */

typedef struct
{
  char text[MOST_BYTES];
  gsize length;
} Line;

static void
append (Line *line, const char *text)
{
  while (text != NULL && *text != '\0' && line->length < sizeof line->text - 2)
    line->text[line->length++] = *text++;
}

static void
append_number (Line *line, guint64 number)
{
  char digits[24];
  guint at = sizeof digits - 1;

  digits[at] = '\0';
  do
    digits[--at] = (char) ('0' + number % 10);
  while ((number /= 10) > 0);
  append (line, digits + at);
}

/* @pattern with {plugin}, {file}, {callback}, {step} and {cause} filled in. */
static void
fill (Line *line, const char *pattern, const EidRunning *running, const char *file, const char *cause)
{
  while (*pattern != '\0')
    {
      const char *end = *pattern == '{' ? strchr (pattern, '}') : NULL;

      if (end == NULL)
        {
          const char one[] = { *pattern++, '\0' };

          append (line, one);
          continue;
        }
      if (strncmp (pattern, "{plugin}", 8) == 0)
        append (line, running->plugin);
      else if (strncmp (pattern, "{file}", 6) == 0)
        append (line, file);
      else if (strncmp (pattern, "{callback}", 10) == 0)
        append (line, running->callback);
      else if (strncmp (pattern, "{step}", 6) == 0)
        append_number (line, running->step + 1);
      else if (strncmp (pattern, "{cause}", 7) == 0)
        append (line, cause);
      pattern = end + 1;
    }
}

static void
write_line (int fd, const Line *line)
{
  gsize done = 0;

  while (fd >= 0 && done < line->length)
    {
      const gssize written = write (fd, line->text + done, line->length - done);

      if (written <= 0)
        return;
      done += (gsize) written;
    }
}

static void
append_to_file (const char *name, const Line *line)
{
  const int fd = *name != '\0'
                     ? open (name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600)
                     : -1;

  write_line (fd, line);
  if (fd >= 0)
    close (fd);
}

/* To standard error, the run's folder, and for the next registry where a plugin's file is to blame. */
static void
tell (Line *sentence, const char *file)
{
  static Line note;

  if (file != NULL)
    {
      append (&note, file);
      append (&note, "\t");
      append (&note, sentence->text);
      append (&note, "\n");
      append_to_file (notes, &note);
    }
  append (sentence, "\n");
  append_to_file (folder_file, sentence);
  /* The name of a file may hold what a terminal would obey. */
  for (gsize i = 0; i + 1 < sentence->length; i++)
    if ((guchar) sentence->text[i] < 0x20 || sentence->text[i] == 0x7f)
      sentence->text[i] = '?';
  write_line (STDERR_FILENO, sentence);
}

/* --- Signals ----------------------------------------------------------------------- */

static const char *
cause_of (int number)
{
  for (guint i = 0; i < G_N_ELEMENTS (deadly); i++)
    if (deadly[i] == number)
      return causes[i];
  return "";
}

/* The plugin nearest to the top of the stack, or NULL. */
static const char *
plugin_on_stack (void *const *frames, int count)
{
  for (int i = 0; i < count; i++)
    if (eid_plugin_at (frames[i]) != NULL)
      return eid_plugin_at (frames[i]);
  return NULL;
}

static gboolean
is_builtin (const char *file)
{
  for (guint i = 0; file != NULL && builtin[i] != NULL; i++)
    if (strncmp (file, builtin[i], strlen (builtin[i])) == 0)
      return TRUE;
  return FALSE;
}

/* Whether it broke in PoCL, in its compiler or in a kernel that it has compiled. The first frame is the
 * handler; the C library is where an assertion ends. */
static gboolean
broke_in_pocl (void *const *frames, int count)
{
  Dl_info object;

  for (int i = 1; i < count; i++)
    if (dladdr (frames[i], &object) != 0 && object.dli_fname != NULL
        && strstr (object.dli_fname, "/libc.so") == NULL && strstr (object.dli_fname, "/libstdc++") == NULL)
      return strstr (object.dli_fname, "libpocl") != NULL || strstr (object.dli_fname, "libLLVM") != NULL
             || strncmp (object.dli_fname, kernels, strlen (kernels)) == 0;
  return FALSE;
}

/* What is likelier than a fault of the program's own plugin, or NULL. */
static const char *
outside_cause (const char *file, void *const *frames, int count)
{
  if (file != NULL && !is_builtin (file))
    return NULL;
  if (short_of_memory != NULL)
    return short_of_memory;
  return broke_in_pocl (frames, count) ? in_pocl : NULL;
}

static void
die_of (int number)
{
  signal (number, SIG_DFL);
  raise (number);
}

static void
on_deadly (int number, siginfo_t *info, void *context)
{
  static const EidRunning nobody;
  static void *frames[FRAMES];
  static int count;
  static Line sentence;
  const EidRunning *running = eid_running_here ();
  const char *file = running != NULL ? running->file : NULL, *outside;

  /* Sent by somebody: no plugin has done it. Two threads at once: one tells. */
  if ((info->si_code <= 0 && info->si_pid != process) || dying > 2)
    {
      die_of (number);
      return;
    }
  /* A stack that cannot be read breaks the process again, and then goes untold. */
  if (++dying == 1)
    {
      count = backtrace (frames, FRAMES);
      backtrace_symbols_fd (frames, count, STDERR_FILENO);
    }
  dying = 3;
  if (file == NULL)
    file = plugin_on_stack (frames, count);
  outside = outside_cause (file, frames, count);
  fill (&sentence,
        outside != NULL   ? outside
        : running != NULL ? running->in_step ? in_step : in_callback
        : file != NULL    ? elsewhere
                          : nowhere,
        running != NULL ? running : &nobody, file, cause_of (number));
  /* The program's own plugins are not set aside: what breaks in them breaks for another reason. */
  tell (&sentence, is_builtin (file) ? NULL : file);
  die_of (number);
}

/* exit() in a plugin ends the process as well. */
static void
on_end (int status, void *unused)
{
  static Line sentence;
  const EidRunning *running = eid_running_here ();

  if (running == NULL || getpid () != process)
    return;
  fill (&sentence, running->in_step ? left_step : left_callback, running, running->file, "");
  tell (&sentence, running->file);
  _exit (status); /* drivers that are at work do not like to be taken down */
}

static void
on_asked (int number)
{
  void *frames[FRAMES];

  backtrace_symbols_fd (frames, backtrace (frames, FRAMES), STDERR_FILENO);
  g_atomic_int_set (&printed, 1);
}

void
eid_crash_print_stack (gint id)
{
  const gint64 deadline = g_get_monotonic_time () + PATIENCE;

  g_atomic_int_set (&printed, 0);
  if (process == 0 || tgkill (process, id, ASK) != 0)
    return;
  while (g_atomic_int_get (&printed) == 0 && g_get_monotonic_time () < deadline)
    g_usleep (1000);
}

/* --- Making ready --------------------------------------------------------------------- */

void
eid_crash_set_folder (const char *folder)
{
  if (folder == NULL || g_snprintf (folder_file, sizeof folder_file, "%s/crash.txt", folder) >= PATH_MAX)
    folder_file[0] = '\0';
}

static void
take_signal (int number, void (*handler) (int, siginfo_t *, void *))
{
  struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };

  sigaction (number, &action, NULL);
}

void
eid_crash_renew (void)
{
  for (guint i = 0; process != 0 && i < G_N_ELEMENTS (deadly); i++)
    take_signal (deadly[i], on_deadly);
}

void
eid_crash_watch_stack (void)
{
#ifndef __SANITIZE_ADDRESS__
  const stack_t stack = { .ss_sp = g_malloc (STACK), .ss_size = STACK }; /* as long as the thread: for good */

  sigaltstack (&stack, NULL);
#endif
}

/* "2.0 GiB", what the process may have at the most, or NULL. */
static char *
memory_limit (void)
{
  struct rlimit space, data;
  guint64 least = G_MAXUINT64;

  if (getrlimit (RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
    least = space.rlim_cur;
  if (getrlimit (RLIMIT_DATA, &data) == 0 && data.rlim_cur != RLIM_INFINITY)
    least = MIN (least, data.rlim_cur);
  return least != G_MAXUINT64 ? g_format_size_full (least, G_FORMAT_SIZE_IEC_UNITS) : NULL;
}

static void
prepare_outside (void)
{
  g_autofree char *limit = memory_limit ();

  builtin = eid_builtin_plugin_folders ();
  kernels = eid_kernel_cache_folder ();
  if (limit != NULL)
    short_of_memory = g_strdup_printf (_ ("It crashed for want of memory, most likely: this process may have "
                                          "%s (ulimit -v). Raise that limit, or take a "
                                          "smaller batch or model: {cause}."),
                                       limit);
  in_pocl =
      g_strdup_printf (_ ("It crashed in PoCL, the OpenCL driver of the processor: {cause}. If it does "
                          "so in every run, what PoCL keeps of "
                          "compiled kernels in %s may be damaged: delete that folder, it is made anew."),
                       kernels);
}

void
eid_crash_watch (void)
{
#ifndef __SANITIZE_ADDRESS__
  struct sigaction asked = { .sa_handler = on_asked, .sa_flags = SA_RESTART };
  g_autofree char *parent = NULL;
  void *frame;

  process = getpid ();
  notes = eid_plugin_crash_file ();
  parent = g_path_get_dirname (notes);
  g_mkdir_with_parents (parent, 0700);
  for (guint i = 0; i < G_N_ELEMENTS (deadly); i++)
    causes[i] = g_strdup (deadly[i] == SIGTRAP ? _ ("an error that GLib cannot go on from; it is told above")
                                               : g_strsignal (deadly[i]));
  /* TRANSLATORS: what stands in braces is filled in and must stay as it is. */
  in_step = g_strdup (_ ("The plugin “{plugin}” ({file}) crashed in {callback} at step {step}: {cause}."));
  in_callback = g_strdup (_ ("The plugin “{plugin}” ({file}) crashed in {callback}: {cause}."));
  left_step = g_strdup (_ ("The plugin “{plugin}” ({file}) called exit() in {callback} at step {step}."));
  left_callback = g_strdup (_ ("The plugin “{plugin}” ({file}) called exit() in {callback}."));
  elsewhere = g_strdup (_ (
      "Code of the plugin {file} crashed, in a thread of its own or where its results were used: {cause}."));
  nowhere = g_strdup (_ ("It crashed outside of plugins: {cause}."));

  prepare_outside ();
  backtrace (&frame, 1); /* what it needs is loaded now */
  eid_crash_watch_stack ();
  eid_crash_renew ();
  sigaction (ASK, &asked, NULL);
  on_exit (on_end, NULL);
#endif
}
