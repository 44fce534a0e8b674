/* replace.c: a plugin from a file of its own, in the place of what the registry found in
 * folders: code that changes while a run goes on, and the code that a run keeps.
 *
 * A shared object stays open as long as a registry has it placed or a model is made of
 * it, and is closed then. The loader knows an open one by its path, so a file that is
 * placed must never change: whoever has new code gives it a new name.                  */
#include "plugins/kit/replace.h"
#include "plugins/kit/crumb.h"
#include "plugins/kit/loading.h"
#include "plugins/kit/reading.h"

#include <glib/gi18n-lib.h>

#include <stdlib.h>
#include <string.h>

struct _EidCode
{
  GModule *module;
  EidDescriptor *descriptor;
  guint uses;
};

void
eid_code_release (gpointer data)
{
  EidCode *code = data;

  if (code == NULL || --code->uses > 0)
    return;
  if (code->descriptor)
    eid_loaded_close (code->descriptor);
  g_free (code->descriptor);
  if (code->module)
    g_module_close (code->module);
  g_free (code);
}

/* The id that @file gives itself, read in a process of its own: one that breaks at that breaks nothing here.
 * NULL with the reason. Free. */
static char *
read_id (const char *file, char **problem)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new (), readings = NULL;
  g_autoptr (GVariant) data = NULL;
  g_autoptr (EidDescription) description = NULL;
  const char *refused;

  g_ptr_array_add (files, (gpointer) file);
  readings = eid_readings (files);
  g_variant_get (readings->pdata[0], "(&sbbm@" EID_DESCRIPTION_TYPE ")", &refused, NULL, NULL, &data);
  description = data ? eid_description_unpack (data) : NULL;
  if (description && *refused == '\0')
    return g_strdup (description->descriptor.id);
  *problem = g_strdup (*refused != '\0' ? refused : _ ("What it says of itself came out damaged."));
  return NULL;
}

/* NULL with the reason. */
static EidCode *
code_open (const char *file, char **problem)
{
  const EidDescriptor *(*entry) (void) = NULL;
  g_autofree char *id = read_id (file, problem);
  EidCode *code;
  EidRunning before;

  if (id == NULL)
    return NULL;
  code = g_new0 (EidCode, 1);
  code->uses = 1;
  before = eid_crumb_enter_file (file, id, EID_IN_OPENING);
  code->module = eid_module_open (file, &entry, problem);
  eid_crumb_leave (&before);
  if (entry)
    {
      before = eid_crumb_enter_file (file, id, EID_IN_ENTRY);
      code->descriptor = eid_descriptor_copy (entry (), problem);
      eid_crumb_leave (&before);
    }
  if (code->descriptor == NULL)
    g_clear_pointer (&code, eid_code_release);
  else
    eid_loaded_remember (code->descriptor, file, (gpointer) entry);
  return code;
}

const EidDescriptor *
eid_registry_place (EidRegistry *registry, const char *file, GError **error)
{
  g_autofree char *problem = NULL;
  EidCode *code;

  g_return_val_if_fail (registry != NULL && file != NULL, NULL);

  code = code_open (file, &problem);
  if (code == NULL)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("The plugin %s cannot be used: %s"), file, problem);
      return NULL;
    }
  g_ptr_array_add (eid_registry_placed (registry), code);
  return code->descriptor;
}

static EidCode *
find_code (GPtrArray *placed, const EidDescriptor *descriptor, guint *place)
{
  for (guint i = 0; i < placed->len; i++)
    if (((EidCode *) placed->pdata[i])->descriptor == descriptor)
      {
        *place = i;
        return placed->pdata[i];
      }
  return NULL;
}

void
eid_registry_displace (EidRegistry *registry, const EidDescriptor *descriptor)
{
  guint place;

  if (descriptor && find_code (eid_registry_placed (registry), descriptor, &place))
    g_ptr_array_remove_index (eid_registry_placed (registry), place);
}

EidCode *
eid_code_hold (EidRegistry *registry, const EidDescriptor *descriptor)
{
  guint place;
  EidCode *code = find_code (eid_registry_placed (registry), descriptor, &place);

  if (code)
    code->uses++;
  return code;
}

const EidDescriptor *
eid_placed_find (GPtrArray *placed, const char *kind, const char *id)
{
  for (guint i = placed->len; i-- > 0;)
    {
      const EidDescriptor *descriptor = ((EidCode *) placed->pdata[i])->descriptor;

      if (strcmp (descriptor->kind, kind) == 0 && strcmp (descriptor->id, id) == 0)
        return descriptor;
    }
  return NULL;
}

/* --- Whose plugin it is ------------------------------------------------------------- */

static gboolean
lies_in (const char *file, const char *folder)
{
  char *real_file = realpath (file, NULL), *real_folder = realpath (folder, NULL);
  g_autofree char *root = g_strconcat (real_folder ? real_folder : "", G_DIR_SEPARATOR_S, NULL);
  gboolean inside = real_file && real_folder && g_str_has_prefix (real_file, root);

  free (real_file);
  free (real_folder);
  return inside;
}

const char *
eid_registry_foreign_file (EidRegistry *registry, const char *kind, const char *id)
{
  for (guint i = 0; i < eid_registry_count (registry); i++)
    {
      const EidPluginEntry *entry = eid_registry_get (registry, i);

      if (entry->descriptor && strcmp (entry->descriptor->kind, kind) == 0
          && strcmp (entry->descriptor->id, id) == 0)
        return lies_in (entry->file, EID_PLUGIN_DIR) || lies_in (entry->file, EID_BUILD_DIR) ? NULL
                                                                                             : entry->file;
    }
  return NULL;
}
