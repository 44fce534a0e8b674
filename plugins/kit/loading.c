/* loading.c: a plugin's code comes into this process: only of those that a model
 * is made of. Which of them a place in memory belongs to is kept beside it, for
 * whoever has to say where the program broke.                                */
#define _GNU_SOURCE /* dl_iterate_phdr() */
#include "loading.h"
#include "crumb.h"
#include "descriptor.h"

#include <glib/gi18n-lib.h>

#include <link.h>
#include <string.h>

/* A plugin is never unloaded: what it left running must not lose its code. */
enum
{
  MOST_LOADED = 256
};
static struct
{
  const EidDescriptor *descriptor; /* NULL once freed                            */
  const char *file;                /* interned                                   */
  gsize low, high;                 /* where it lies in memory                    */
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

static void
remember (const EidDescriptor *descriptor, const char *file, gpointer entry)
{
  Range range = { .inside = (gsize) entry };

  dl_iterate_phdr (find_range, &range);
  G_LOCK (loaded);
  if (loaded_count < MOST_LOADED)
    {
      loaded[loaded_count].descriptor = descriptor;
      loaded[loaded_count].file = g_intern_string (file);
      loaded[loaded_count].low = range.low;
      loaded[loaded_count].high = range.high;
      g_atomic_int_inc (&loaded_count);
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

/* --- Loading ------------------------------------------------------------------------ */

EidDescriptor *
eid_plugin_load (const char *file, const char *kind, const char *id, GError **error)
{
  g_autofree EidDescriptor *descriptor = NULL;
  g_autofree char *problem = NULL;
  const EidDescriptor *(*entry) (void);
  EidRunning before = eid_crumb_enter_file (file, id, EID_IN_OPENING);
  GModule *module = eid_module_open (file, &entry, &problem);

  eid_crumb_leave (&before);
  if (module && entry)
    {
      before = eid_crumb_enter_file (file, id, EID_IN_ENTRY);
      descriptor = eid_descriptor_copy (entry (), &problem);
      eid_crumb_leave (&before);
    }
  if (descriptor && (strcmp (descriptor->kind, kind) != 0 || strcmp (descriptor->id, id) != 0))
    {
      problem = g_strdup_printf (_ ("It is now the %s “%s”."), descriptor->kind, descriptor->id);
      g_clear_pointer (&descriptor, g_free);
    }
  if (descriptor == NULL)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("The plugin “%s” (%s) cannot be used: %s"), id, file,
                   problem);
      return NULL;
    }
  remember (descriptor, file, (gpointer) entry);
  return g_steal_pointer (&descriptor);
}
