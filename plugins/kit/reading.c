/* reading.c: starts the program that reads plugins, and takes what it says. The
 * other end is reader.c; what it runs of the kit is eid_plugin_read() below.  */
#define _GNU_SOURCE /* dladdr() */
#include "plugins/kit/reading.h"
#include "plugins/kit/loading.h"

#include <glib/gi18n-lib.h>
#include <gio/gio.h>

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* An answer is never as long: nothing else is waited for or kept. */
#define MOST_BYTES (1 << 20)

GVariant *
eid_reading_new (const char *refused, gboolean set_aside, gboolean lasting, GVariant *description)
{
  return g_variant_new ("(sbb@m" EID_DESCRIPTION_TYPE ")", refused ? refused : "", set_aside, lasting,
                        g_variant_new_maybe (G_VARIANT_TYPE (EID_DESCRIPTION_TYPE), description));
}

/* --- In the process that reads ------------------------------------------------- */

static const GType roots[] = { G_TYPE_OBJECT, G_TYPE_INTERFACE, G_TYPE_BOXED, G_TYPE_ENUM, G_TYPE_FLAGS };

static void
count_types (guint counts[G_N_ELEMENTS (roots)])
{
  for (guint i = 0; i < G_N_ELEMENTS (roots); i++)
    g_free (g_type_children (roots[i], &counts[i]));
}

/* The name of a type that was not counted before, or NULL. */
static const char *
new_type (const guint before[G_N_ELEMENTS (roots)])
{
  for (guint i = 0; i < G_N_ELEMENTS (roots); i++)
    {
      guint count;
      g_autofree GType *types = g_type_children (roots[i], &count);

      if (count > before[i])
        return g_type_name (types[count - 1]);
    }
  return NULL;
}

static guint
count_threads (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  guint count = 0;

  while (tasks && g_dir_read_name (tasks))
    count++;
  return count;
}

GVariant *
eid_plugin_read (const char *file, volatile EidReadingStage *stage)
{
  g_autofree EidDescriptor *descriptor = NULL;
  g_autofree char *problem = NULL;
  guint types[G_N_ELEMENTS (roots)];
  const guint threads = count_threads ();
  const EidDescriptor *(*entry) (void);
  const char *type;
  GModule *module;

  count_types (types);
  *stage = EID_READING_OPENS;
  module = eid_module_open (file, &entry, &problem);
  if (module == NULL) /* which may come of what else is installed: to be tried again */
    return g_variant_ref_sink (eid_reading_new (problem, FALSE, FALSE, NULL));
  if (entry)
    {
      *stage = EID_READING_ASKS;
      descriptor = eid_descriptor_copy (entry (), &problem);
    }
  *stage = EID_READING_DESCRIBES;
  type = new_type (types);
  if (descriptor && type)
    problem =
        g_strdup_printf (_ ("It registers the type “%s”, which a plugin must not: two of a name end the "
                            "engine."),
                         type);
  else if (descriptor && count_threads () > threads)
    problem = g_strdup (_ ("It leaves a thread running, which a plugin must not."));
  return g_variant_ref_sink (
      eid_reading_new (problem, FALSE, TRUE, problem ? NULL : eid_description_pack (descriptor)));
}

/* --- In the process that asks ---------------------------------------------------- */

static const char *
own_file (void)
{
  Dl_info info;

  return dladdr ((gpointer) eid_readings, &info) != 0 ? info.dli_fname : NULL;
}

gboolean
eid_runs_from_build_tree (void)
{
  const char *file = own_file ();
  char *library = file ? realpath (file, NULL) : NULL, *build = realpath (EID_BUILD_DIR, NULL);
  g_autofree char *root = g_strconcat (build ? build : "", G_DIR_SEPARATOR_S, NULL);
  gboolean inside = library && build && g_str_has_prefix (library, root);

  free (library);
  free (build);
  return inside;
}

char *
eid_installed_path (const char *path)
{
  const char *file = own_file ();
  g_autofree char *folder = file ? g_path_get_dirname (file) : NULL;

  if (folder && g_str_has_suffix (folder, EID_LIBRARY_DIR))
    folder[strlen (folder) - strlen (EID_LIBRARY_DIR)] = '\0';
  else
    g_clear_pointer (&folder, g_free);
  return g_strconcat (folder ? folder : "", path, NULL);
}

/* Beside this library in the build tree, else where it was installed. */
static char *
reader_program (void)
{
  return eid_runs_from_build_tree () ? g_build_filename (EID_BUILD_DIR, EID_READER_NAME, NULL)
                                     : eid_installed_path (EID_READER_DIR G_DIR_SEPARATOR_S EID_READER_NAME);
}

guint
eid_reading_seconds (void)
{
  const char *given = g_getenv ("EIDOSCOPE_PLUGIN_SECONDS");
  const gint64 seconds = given ? g_ascii_strtoll (given, NULL, 10) : 0;

  return seconds > 0 && seconds < 3600 ? (guint) seconds : 5;
}

/* @count bytes of @fd, until @deadline. */
static gboolean
read_fully (int fd, gpointer data, gsize count, gint64 deadline)
{
  gsize done = 0;

  while (done < count)
    {
      const gint64 left = (deadline - g_get_monotonic_time ()) / 1000;
      struct pollfd wait = { .fd = fd, .events = POLLIN };
      gssize got;

      if (left <= 0)
        return FALSE;
      if (poll (&wait, 1, (int) MIN (left, 60000)) <= 0)
        continue;
      got = read (fd, (char *) data + done, count - done);
      if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
        return FALSE;
      done += got > 0 ? (gsize) got : 0;
    }
  return TRUE;
}

/* The next answer, or NULL when there is none any more. */
static GVariant *
take_reading (int fd, gint64 deadline)
{
  g_autofree guint8 *bytes = NULL;
  GVariant *reading;
  guint32 size;

  if (!read_fully (fd, &size, sizeof size, deadline) || size == 0 || size > MOST_BYTES)
    return NULL;
  bytes = g_malloc (size);
  if (!read_fully (fd, bytes, size, deadline))
    return NULL;
  reading = g_variant_ref_sink (
      g_variant_new_from_data (G_VARIANT_TYPE (EID_READING_TYPE), bytes, size, FALSE, g_free, bytes));
  bytes = NULL;
  if (g_variant_is_normal_form (reading))
    return reading;
  g_variant_unref (reading);
  return NULL;
}

static GPid
spawn_reader (GPtrArray *files, int *out, GError **error)
{
  g_autofree char *program = reader_program ();
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  GPid pid;

  g_ptr_array_add (arguments, program);
  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (arguments, files->pdata[i]);
  g_ptr_array_add (arguments, NULL);
  return g_spawn_async_with_pipes (NULL, (char **) arguments->pdata, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                                   NULL, &pid, NULL, out, NULL, error)
             ? pid
             : 0;
}

GPtrArray *
eid_readings (GPtrArray *files)
{
  GPtrArray *readings = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  const gint64 deadline =
      g_get_monotonic_time () + (gint64) (10 + files->len * (eid_reading_seconds () + 1)) * G_USEC_PER_SEC;
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;
  int out = -1;
  GPid pid = files->len > 0 ? spawn_reader (files, &out, &error) : 0;
  GVariant *reading;

  while (pid && readings->len < files->len && (reading = take_reading (out, deadline)) != NULL)
    g_ptr_array_add (readings, reading);
  if (pid)
    {
      kill (pid, SIGKILL); /* it has said all it had to say */
      while (waitpid (pid, NULL, 0) < 0 && errno == EINTR)
        ;
      close (out);
    }
  problem =
      error ? g_strdup_printf (_ ("The program that reads plugins cannot be started: %s."), error->message)
            : g_strdup (_ ("The program that reads plugins ended before it had read this one."));
  while (readings->len < files->len)
    g_ptr_array_add (readings, g_variant_ref_sink (eid_reading_new (problem, FALSE, FALSE, NULL)));
  return readings;
}
