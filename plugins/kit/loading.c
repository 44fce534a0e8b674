/* loading.c: a plugin's code comes into this process: only of those that a model
 * is made of. Which of them a place in memory belongs to is kept beside it, for
 * whoever has to say where the program broke.                                */
#define _GNU_SOURCE /* dl_iterate_phdr(), memfd_create() */
#include "plugins/kit/loading.h"
#include "plugins/kit/crumb.h"
#include "plugins/kit/descriptor.h"

#include <glib/gi18n-lib.h>

#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A plugin found in a folder is never unloaded: what it left running must not lose its code. */
enum
{
  MOST_LOADED = 256
};
static struct
{
  const EidDescriptor *descriptor; /* NULL once freed                            */
  const char *file;                /* interned                                   */
  gsize low, high;                 /* where it lies in memory                    */
  struct stat status;              /* of the file, as it was loaded              */
} loaded[MOST_LOADED];
static gint loaded_count;
G_LOCK_DEFINE_STATIC (loaded);

GModule *
eid_module_open (const char *file, const EidDescriptor *(**entry) (void), char **problem)
{
  GModule *module;

  *entry = NULL;
  module = g_module_open (file, G_MODULE_BIND_LOCAL);
  if (module == NULL)
    *problem = g_strdup_printf (_ ("It cannot be opened: %s."), g_module_error ());
  else if (!g_module_symbol (module, "eid_plugin", (gpointer *) entry) || *entry == NULL)
    *problem = g_strdup (_ ("It has no eid_plugin(): end it with EID_ENCODER or EID_OBJECTIVE."));
  return module;
}

/* --- Where it lies ---------------------------------------------------------------- */

typedef struct
{
  gsize inside, low, high;
} Range;

static int
find_range (struct dl_phdr_info *info, size_t size, void *data)
{
  Range *range = data;
  gsize low = G_MAXSIZE, high = 0;

  for (guint i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD)
      {
        low = MIN (low, info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
        high = MAX (high, info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz);
      }
  if (range->inside < low || range->inside >= high)
    return 0;
  range->low = low;
  range->high = high;
  return 1;
}

void
eid_loaded_remember (const EidDescriptor *descriptor, const char *file, gpointer entry)
{
  Range range = { .inside = (gsize) entry };
  gint place = 0;

  dl_iterate_phdr (find_range, &range);
  G_LOCK (loaded);
  /* Where one was that is closed, or a new one. */
  while (place < loaded_count && loaded[place].high != 0)
    place++;
  if (place < MOST_LOADED)
    {
      loaded[place].descriptor = descriptor;
      loaded[place].file = g_intern_string (file);
      stat (file, &loaded[place].status);
      loaded[place].low = range.low;
      loaded[place].high = range.high;
      if (place == loaded_count)
        g_atomic_int_inc (&loaded_count);
    }
  G_UNLOCK (loaded);
}

void
eid_loaded_close (const EidDescriptor *descriptor)
{
  G_LOCK (loaded);
  for (gint i = 0; i < loaded_count; i++)
    if (loaded[i].descriptor == descriptor)
      {
        loaded[i].descriptor = NULL;
        loaded[i].low = loaded[i].high = 0;
      }
  G_UNLOCK (loaded);
}

const char *
eid_loaded_file (const EidDescriptor *descriptor)
{
  for (gint i = g_atomic_int_get (&loaded_count) - 1; i >= 0; i--)
    if (loaded[i].descriptor == descriptor)
      return loaded[i].file;
  return NULL;
}

const char *
eid_plugin_at (gconstpointer place)
{
  for (gint i = g_atomic_int_get (&loaded_count) - 1; i >= 0; i--)
    if ((gsize) place >= loaded[i].low && (gsize) place < loaded[i].high)
      return loaded[i].file;
  return NULL;
}

void
eid_loaded_forget (const EidDescriptor *descriptor)
{
  G_LOCK (loaded);
  for (gint i = 0; i < loaded_count; i++)
    if (loaded[i].descriptor == descriptor)
      loaded[i].descriptor = NULL;
  G_UNLOCK (loaded);
}

/* --- One that was built again ---------------------------------------------------- */

static gboolean
is_same (const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size
         && a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Whether @file is open here with other contents than it has now. */
static gboolean
is_stale (const char *file)
{
  struct stat now = { 0 };
  gboolean open = FALSE, current = FALSE;

  stat (file, &now);
  for (gint i = g_atomic_int_get (&loaded_count) - 1; i >= 0; i--)
    if (loaded[i].high != 0 && strcmp (loaded[i].file, file) == 0)
      {
        open = TRUE;
        current |= is_same (&loaded[i].status, &now);
      }
  return open && !current;
}

/* The loader knows what is open by its path: under another it takes @file for what it is. It stays open, as
 * what is loaded from it does. Free. */
static char *
name_to_open (const char *file)
{
  g_autofree char *bytes = NULL;
  gsize length = 0, written = 0;
  int copy;

  if (!is_stale (file) || !g_file_get_contents (file, &bytes, &length, NULL))
    return g_strdup (file);
  copy = memfd_create ("plugin", MFD_CLOEXEC);
  while (copy >= 0 && written < length)
    {
      gssize more = write (copy, bytes + written, length - written);

      if (more <= 0)
        return g_strdup (file);
      written += more;
    }
  return copy >= 0 ? g_strdup_printf ("/proc/self/fd/%d", copy) : g_strdup (file);
}

/* --- Loading ------------------------------------------------------------------------ */

EidDescriptor *
eid_plugin_load (const char *file, const char *kind, const char *id, GError **error)
{
  g_autofree EidDescriptor *descriptor = NULL;
  g_autofree char *problem = NULL;
  const EidDescriptor *(*entry) (void);
  EidRunning before = eid_crumb_enter_file (file, id, EID_IN_OPENING);
  g_autofree char *name = name_to_open (file);
  GModule *module = eid_module_open (name, &entry, &problem);

  eid_crumb_leave (&before);
  if (module && entry)
    {
      before = eid_crumb_enter_file (file, id, EID_IN_ENTRY);
      descriptor = eid_descriptor_copy (entry (), &problem);
      eid_crumb_leave (&before);
    }
  if (descriptor && (strcmp (descriptor->kind, kind) != 0 || strcmp (descriptor->id, id) != 0))
    {
      problem =
          g_strdup_printf (strcmp (descriptor->kind, "encoder") == 0 ? _ ("It is now the encoder “%s”.")
                                                                     : _ ("It is now the objective “%s”."),
                           descriptor->id);
      g_clear_pointer (&descriptor, g_free);
    }
  if (descriptor == NULL)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("The plugin “%s” (%s) cannot be used: %s"), id, file,
                   problem);
      return NULL;
    }
  eid_loaded_remember (descriptor, file, (gpointer) entry);
  return g_steal_pointer (&descriptor);
}
