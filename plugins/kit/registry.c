/* registry.c: finds the plugins, loads them and says why one cannot be used.
 *
 * First in the flow: the engine makes a registry, and a recipe's encoder and
 * objective are looked up in it. A plugin is code of somebody else's: each
 * thing it says of itself is checked here, once, so that the rest of the
 * program can rely on a descriptor.                                          */
#define _GNU_SOURCE /* dladdr() */
#include "params.h"

#include <glib/gi18n-lib.h>
#include <gmodule.h>

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Where the descriptor of the first version ended; a shorter one is not a
 * descriptor, and what was appended since may be missing. */
#define FIRST_SIZE (offsetof (EidDescriptor, chance) + sizeof (((EidDescriptor *) NULL)->chance))

struct _EidRegistry
{
  GPtrArray *folders; /* char *, canonical, in the order they are looked at */
  GPtrArray *entries; /* EidPluginEntry *                                   */
  GPtrArray *modules; /* GModule *, open as long as the registry            */
};

static void
entry_free (EidPluginEntry *entry)
{
  g_free (entry->file);
  g_free ((gpointer) entry->descriptor);
  g_free (entry->refused);
  g_free (entry);
}

static void
module_close (GModule *module)
{
  g_module_close (module);
}

/* --- What a descriptor must be -------------------------------------------- */

static gboolean
is_valid_id (const char *id)
{
  return id[0] != '\0' && id[strspn (id, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* The name of the first function missing in @descriptor, or NULL. */
static const char *
missing_function (const EidDescriptor *descriptor)
{
  if (descriptor->build == NULL)
    return "build()";
  if (strcmp (descriptor->kind, "encoder") == 0)
    return descriptor->encode ? NULL : "encode()";
  if (descriptor->views == NULL)
    return "views()";
  return descriptor->loss ? NULL : "loss()";
}

/* Why the complete @descriptor cannot be used, to free, or NULL. */
static char *
descriptor_problem (const EidDescriptor *descriptor)
{
  const char *function;

  if (descriptor->kind == NULL
      || (strcmp (descriptor->kind, "encoder") != 0 && strcmp (descriptor->kind, "objective") != 0))
    return g_strdup_printf (_ ("Its kind is “%s”, neither “encoder” nor “objective”."),
                            descriptor->kind ? descriptor->kind : "");
  if (descriptor->id == NULL || !is_valid_id (descriptor->id))
    return g_strdup_printf (_ ("Its id “%s” is not made of a-z, 0-9 and - alone."),
                            descriptor->id ? descriptor->id : "");
  if (descriptor->title == NULL || descriptor->title[0] == '\0')
    return g_strdup (_ ("It has no title."));
  function = missing_function (descriptor);
  if (function)
    return g_strdup_printf (_ ("It has no %s, which every %s must have."), function, descriptor->kind);
  return eid_params_problem (descriptor->params);
}

/* Copies what the plugin's @theirs has of a descriptor; fields appended after
 * the plugin was built read as NULL. NULL, with the reason, if unusable. */
static EidDescriptor *
descriptor_copy (const EidDescriptor *theirs, char **problem)
{
  g_autofree EidDescriptor *descriptor = NULL;

  if (theirs == NULL)
    {
      *problem = g_strdup (_ ("Its eid_plugin() returned NULL."));
      return NULL;
    }
  if (theirs->abi != EID_ABI)
    {
      *problem = g_strdup_printf (_ ("It was built for plugin interface %u and this version has %d: "
                                     "rebuild it against this version."),
                                  theirs->abi, EID_ABI);
      return NULL;
    }
  if (theirs->size < FIRST_SIZE)
    {
      *problem = g_strdup_printf (_ ("Its descriptor has %u bytes and must have at least %u: "
                                     "describe it with EID_ENCODER or EID_OBJECTIVE."),
                                  theirs->size, (guint) FIRST_SIZE);
      return NULL;
    }

  descriptor = g_new0 (EidDescriptor, 1);
  memcpy (descriptor, theirs, MIN (theirs->size, sizeof *descriptor));
  *problem = descriptor_problem (descriptor);
  return *problem ? NULL : g_steal_pointer (&descriptor);
}

/* --- Loading --------------------------------------------------------------- */

static const EidPluginEntry *
find_entry (EidRegistry *registry, const char *kind, const char *id)
{
  for (guint i = 0; i < registry->entries->len; i++)
    {
      const EidPluginEntry *entry = registry->entries->pdata[i];

      if (entry->descriptor && strcmp (entry->descriptor->kind, kind) == 0
          && strcmp (entry->descriptor->id, id) == 0)
        return entry;
    }
  return NULL;
}

/* All symbols are bound at once: one that is missing is a reason to refuse
 * the plugin now, not to end the process in the middle of a run. */
static EidDescriptor *
load (EidRegistry *registry, const char *file, char **problem)
{
  g_autofree EidDescriptor *descriptor = NULL;
  const EidDescriptor *(*entry) (void) = NULL;
  const EidPluginEntry *first;
  GModule *module;

  if (!g_file_test (file, G_FILE_TEST_IS_REGULAR))
    {
      *problem = g_strdup (_ ("It is not a regular file."));
      return NULL;
    }
  module = g_module_open (file, G_MODULE_BIND_LOCAL);
  if (module == NULL)
    {
      *problem = g_strdup_printf (_ ("It cannot be opened: %s."), g_module_error ());
      return NULL;
    }
  g_ptr_array_add (registry->modules, module);

  if (!g_module_symbol (module, "eid_plugin", (gpointer *) &entry) || entry == NULL)
    {
      *problem = g_strdup (_ ("It has no eid_plugin(): end it with EID_ENCODER or EID_OBJECTIVE."));
      return NULL;
    }
  descriptor = descriptor_copy (entry (), problem);
  if (descriptor == NULL)
    return NULL;

  first = find_entry (registry, descriptor->kind, descriptor->id);
  if (first)
    {
      *problem = g_strdup_printf (_ ("It is hidden by “%s”, which has the same id “%s” and is found first."),
                                  first->file, descriptor->id);
      return NULL;
    }
  return g_steal_pointer (&descriptor);
}

static void
load_file (EidRegistry *registry, const char *file)
{
  EidPluginEntry *entry = g_new0 (EidPluginEntry, 1);

  entry->file = g_strdup (file);
  entry->descriptor = load (registry, file, &entry->refused);
  g_ptr_array_add (registry->entries, entry);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* By name, so that the order does not depend on the file system. A folder that
 * is not there holds no plugins. */
static void
load_folder (EidRegistry *registry, const char *path)
{
  g_autofree char *folder = g_canonicalize_filename (path, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (g_ptr_array_find_with_equal_func (registry->folders, folder, g_str_equal, NULL))
    return;
  g_ptr_array_add (registry->folders, g_strdup (folder));

  dir = g_dir_open (folder, 0, NULL);
  if (dir == NULL)
    return;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".so"))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *file = g_build_filename (folder, names->pdata[i], NULL);

      load_file (registry, file);
    }
}

static void
load_folders (EidRegistry *registry, const char *paths)
{
  g_auto (GStrv) folders = g_strsplit (paths ? paths : "", G_SEARCHPATH_SEPARATOR_S, -1);

  for (guint i = 0; folders[i]; i++)
    if (folders[i][0] != '\0')
      load_folder (registry, folders[i]);
}

/* Whether this very code lies in the folder it was built in, and so has not
 * been installed. */
static gboolean
runs_from_build_tree (void)
{
  Dl_info info;
  g_autofree char *root = NULL;
  char *library, *build;
  gboolean inside;

  if (dladdr ((gpointer) eid_registry_new, &info) == 0 || info.dli_fname == NULL)
    return FALSE;
  library = realpath (info.dli_fname, NULL);
  build = realpath (EID_BUILD_DIR, NULL);
  root = g_strconcat (build ? build : "", G_DIR_SEPARATOR_S, NULL);
  inside = library && build && g_str_has_prefix (library, root);
  free (library);
  free (build);
  return inside;
}

EidRegistry *
eid_registry_new (void)
{
  EidRegistry *registry = g_new0 (EidRegistry, 1);
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "eidoscope", "plugins", NULL);

  registry->folders = g_ptr_array_new_with_free_func (g_free);
  registry->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  registry->modules = g_ptr_array_new_with_free_func ((GDestroyNotify) module_close);

  load_folders (registry, g_getenv ("EIDOSCOPE_PLUGIN_PATH"));
  load_folder (registry, own);
  if (runs_from_build_tree ())
    load_folders (registry, EID_BUILD_PLUGIN_DIR);
  load_folder (registry, EID_PLUGIN_DIR);
  return registry;
}

void
eid_registry_free (EidRegistry *registry)
{
  if (registry == NULL)
    return;
  g_ptr_array_unref (registry->entries);
  g_ptr_array_unref (registry->modules);
  g_ptr_array_unref (registry->folders);
  g_free (registry);
}

/* --- Looking up ------------------------------------------------------------ */

guint
eid_registry_count (EidRegistry *registry)
{
  g_return_val_if_fail (registry != NULL, 0);

  return registry->entries->len;
}

const EidPluginEntry *
eid_registry_get (EidRegistry *registry, guint i)
{
  g_return_val_if_fail (registry != NULL && i < registry->entries->len, NULL);

  return registry->entries->pdata[i];
}

/* Insertions, deletions and changes of one byte between two names (Levenshtein). */
static guint
distance (const char *a, const char *b)
{
  guint length = strlen (b);
  g_autofree guint *row = g_new (guint, length + 1);

  for (guint j = 0; j <= length; j++)
    row[j] = j;
  for (guint i = 1; a[i - 1]; i++)
    {
      guint diagonal = row[0];

      row[0] = i;
      for (guint j = 1; j <= length; j++)
        {
          guint changed = diagonal + (a[i - 1] != b[j - 1]);

          diagonal = row[j];
          row[j] = MIN (changed, MIN (row[j], row[j - 1]) + 1);
        }
    }
  return row[length];
}

/* The refused plugin whose file is named after @id, or NULL. */
static const EidPluginEntry *
find_refused (EidRegistry *registry, const char *id)
{
  g_autofree char *wanted = g_strconcat (id, ".so", NULL);

  for (guint i = 0; i < registry->entries->len; i++)
    {
      const EidPluginEntry *entry = registry->entries->pdata[i];
      g_autofree char *name = g_path_get_basename (entry->file);

      if (entry->refused && strcmp (name, wanted) == 0)
        return entry;
    }
  return NULL;
}

static void
set_not_found (EidRegistry *registry, const char *kind, const char *id, GError **error)
{
  const EidPluginEntry *refused = find_refused (registry, id);
  g_autoptr (GString) message = g_string_new (NULL);
  g_autoptr (GString) names = g_string_new (NULL);
  const char *nearest = NULL;
  guint least = 3; /* a name further away than two slips of a finger is another name */

  for (guint i = 0; i < registry->entries->len; i++)
    {
      const EidPluginEntry *entry = registry->entries->pdata[i];
      guint slips;

      if (entry->descriptor == NULL || strcmp (entry->descriptor->kind, kind) != 0)
        continue;
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", entry->descriptor->id);
      slips = distance (entry->descriptor->id, id);
      if (slips < least)
        {
          least = slips;
          nearest = entry->descriptor->id;
        }
    }

  g_string_append_printf (
      message,
      strcmp (kind, "encoder") == 0 ? _ ("No encoder is named “%s”") : _ ("No objective is named “%s”"), id);
  if (nearest)
    g_string_append_printf (message, _ (" (did you mean “%s”?)"), nearest);
  g_string_append_printf (message, names->len > 0 ? _ ("; there are: %s.") : _ ("; there is none."),
                          names->str);
  if (refused)
    g_string_append_printf (message, _ (" “%s” is there but cannot be used: %s"), refused->file,
                            refused->refused);
  g_string_append (message, _ (" Plugins are looked for in "));
  for (guint i = 0; i < registry->folders->len; i++)
    g_string_append_printf (message, "%s%s", i > 0 ? ", " : "", (char *) registry->folders->pdata[i]);
  g_string_append_c (message, '.');
  g_set_error_literal (error, EID_ERROR, EID_ERROR_USAGE, message->str);
}

const EidDescriptor *
eid_registry_find (EidRegistry *registry, const char *kind, const char *id, GError **error)
{
  const EidPluginEntry *entry;

  g_return_val_if_fail (registry != NULL && kind != NULL && id != NULL, NULL);

  entry = find_entry (registry, kind, id);
  if (entry == NULL)
    set_not_found (registry, kind, id, error);
  return entry ? entry->descriptor : NULL;
}
