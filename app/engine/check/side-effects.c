/* side-effects.c: what a plugin leaves behind in the process when models of it have been made, trained
 * and freed: nothing on standard output, no thread, no GType. */
#define _GNU_SOURCE /* memfd_create() */
#include "app/engine/check/private.h"

#include <glib-object.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define STEPS 3

/* --- What there is ------------------------------------------------------------------ */

/* Whether a GLib library registered it: "GFile", whenever something first asks for it. */
static gboolean
is_of_glib (const char *name)
{
  return name[0] == 'G' && g_ascii_isupper (name[1]);
}

static void
collect_types (GType type, GHashTable *names)
{
  guint count;
  g_autofree GType *children = g_type_children (type, &count);

  if (!is_of_glib (g_type_name (type)))
    g_hash_table_add (names, (gpointer) g_intern_string (g_type_name (type)));
  for (guint i = 0; i < count; i++)
    collect_types (children[i], names);
}

static GHashTable *
all_types (void)
{
  GHashTable *names = g_hash_table_new (NULL, NULL);

  for (GType type = 1; type <= G_TYPE_FUNDAMENTAL_MAX >> G_TYPE_FUNDAMENTAL_SHIFT; type++)
    if (g_type_name (G_TYPE_MAKE_FUNDAMENTAL (type)) != NULL)
      collect_types (G_TYPE_MAKE_FUNDAMENTAL (type), names);
  return names;
}

static guint
count_threads (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  guint count = 0;

  while (tasks != NULL && g_dir_read_name (tasks) != NULL)
    count++;
  return count;
}

/* --- Standard output -------------------------------------------------------------------- */

/* From here on it goes into a file of no name, until it is given back. -1: it stays where it is. */
typedef struct
{
  int was, caught;
} Output;

static Output
catch_output (void)
{
  Output output = { .caught = memfd_create ("stdout", MFD_CLOEXEC) };

  fflush (stdout);
  output.was = output.caught >= 0 ? dup (STDOUT_FILENO) : -1;
  if (output.was >= 0)
    dup2 (output.caught, STDOUT_FILENO);
  return output;
}

/* How many bytes were written, and how the text begins in @start [size]. */
static gsize
give_back (Output *output, char *start, gsize size)
{
  off_t length = 0;
  ssize_t got = 0;

  fflush (stdout);
  if (output->was >= 0)
    {
      length = lseek (output->caught, 0, SEEK_END);
      got = pread (output->caught, start, size - 1, 0);
      dup2 (output->was, STDOUT_FILENO);
      close (output->was);
    }
  start[MAX (got, 0)] = '\0';
  if (output->caught >= 0)
    close (output->caught);
  return (gsize) MAX (length, 0);
}

/* --- The examination ----------------------------------------------------------------------- */

/* A model's life. */
static gboolean
live_once (EidCheck *check, GError **error)
{
  EidSetup *setup = eid_check_setup (check, NULL, error);
  gboolean good = setup != NULL;

  for (guint step = 0; good && step < STEPS; step++)
    {
      g_auto (EidCheckBatch) batch = { NULL };
      double loss;

      good = eid_check_batch (setup, step, EID_CHECK_BATCH, &batch, error)
             && eid_check_loss (setup, setup->model, &batch, step, &loss, error);
    }
  g_clear_pointer (&setup, eid_setup_free);
  return good;
}

static char *
new_types (GHashTable *before, GHashTable *after)
{
  GString *names = g_string_new (NULL);
  GHashTableIter iter;
  const char *name;

  g_hash_table_iter_init (&iter, after);
  while (g_hash_table_iter_next (&iter, (gpointer *) &name, NULL))
    if (!g_hash_table_contains (before, name))
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
  return g_string_free (names, FALSE);
}

EidFinding
eid_check_manners (EidCheck *check)
{
  g_autoptr (GHashTable) before = all_types (), after = NULL;
  g_autofree char *types = NULL, *shown = NULL;
  guint threads_once, threads_twice;
  char start[64];
  Output output = catch_output ();
  GError *error = NULL;
  gboolean good;
  gsize written;

  /* The first life starts the threads of OpenCL and of the libraries, which stay: the second none. */
  good = live_once (check, &error);
  threads_once = count_threads ();
  good = good && live_once (check, &error);
  threads_twice = count_threads ();
  after = all_types ();
  written = give_back (&output, start, sizeof start);
  if (!good)
    return eid_failed_by (error);

  shown = g_strescape (start, NULL);
  if (written > 0)
    return eid_failed (
        _ ("Standard output is the engine’s own, where reports are read from: use g_message()."),
        _ ("It wrote %'zu bytes to standard output: “%s”."), written, shown);
  if (threads_twice > threads_once)
    return eid_failed (
        _ ("Start no thread: the engine and the device have theirs, and a plugin’s would outlive "
           "the model."),
        g_dngettext (GETTEXT_PACKAGE, "A model and %d steps left %u thread behind.",
                     "A model and %d steps left %u threads behind.", threads_twice - threads_once),
        STEPS, threads_twice - threads_once);
  types = new_types (before, after);
  if (*types != '\0')
    return eid_failed (_ ("A GType is never unregistered: keep a struct in eid_state() instead."),
                       _ ("It registered GTypes: %s."), types);
  return eid_passed (_ ("Nothing on standard output, no thread left over, no GType, in two models’ lives."));
}
