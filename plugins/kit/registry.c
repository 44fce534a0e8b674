/* registry.c: finds the plugins and says why one cannot be used.
 *
 * First in the flow: the engine makes a registry, and a recipe's encoder and
 * objective are looked up in it. What plugins say of themselves was read in
 * another process (reading.c) and is remembered (plugin-cache.c); the code of
 * one comes into this process when a model is made of it (loading.c).        */
#include "plugins/kit/plugin-cache.h"
#include "plugins/kit/crumb.h"
#include "plugins/kit/loading.h"
#include "plugins/kit/registry-words.h"
#include "plugins/kit/replace.h"

#include <glib/gi18n-lib.h>

#include <string.h>

/* A file that may be a plugin. */
typedef struct
{
  EidPluginEntry entry; /* as everybody sees it */
  struct stat status;
  EidDescription *description; /* what it says of itself; NULL: not known */
  char *problem;               /* why it cannot be used, whatever the others are; or NULL */
  gboolean set_aside;
  EidDescriptor *loaded; /* its code is here */
} Plugin;

struct _EidRegistry
{
  GPtrArray *folders; /* char *, canonical, in the order they are looked at */
  GPtrArray *plugins; /* Plugin *                                           */
  GPtrArray *former;  /* Plugin *, of files that have changed or gone: somebody may hold their descriptors */
  GPtrArray *placed;  /* EidCode, found before all of them                  */
};

static void
plugin_free (Plugin *plugin)
{
  if (plugin->loaded)
    eid_loaded_forget (plugin->loaded);
  g_free (plugin->entry.file);
  g_free (plugin->entry.refused);
  g_free (plugin->problem);
  g_free (plugin->loaded);
  eid_description_free (plugin->description);
  g_free (plugin);
}

/* --- Files ------------------------------------------------------------------ */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* By name, so that the order does not depend on the file system. A folder that
 * is not there holds no plugins. */
static void
list_folder (const char *folder, GPtrArray *files)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".so"))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (files, g_build_filename (folder, names->pdata[i], NULL));
}

static void
add_folder (EidRegistry *registry, const char *path)
{
  g_autofree char *folder = g_canonicalize_filename (path, NULL);

  if (!g_ptr_array_find_with_equal_func (registry->folders, folder, g_str_equal, NULL))
    g_ptr_array_add (registry->folders, g_steal_pointer (&folder));
}

static void
add_folders (EidRegistry *registry, const char *paths)
{
  g_auto (GStrv) folders = g_strsplit (paths ? paths : "", G_SEARCHPATH_SEPARATOR_S, -1);

  for (guint i = 0; folders[i]; i++)
    if (folders[i][0] != '\0')
      add_folder (registry, folders[i]);
}

static Plugin *
plugin_new (const char *file)
{
  Plugin *plugin = g_new0 (Plugin, 1);

  plugin->entry.file = g_strdup (file);
  if (stat (file, &plugin->status) != 0 || !S_ISREG (plugin->status.st_mode))
    plugin->problem = g_strdup (_ ("It is not a regular file."));
  return plugin;
}

/* Whether @plugin's file is the one that was read. */
static gboolean
is_as_read (const Plugin *plugin)
{
  const struct stat *then = &plugin->status;
  struct stat now = { 0 };

  stat (plugin->entry.file, &now);
  return now.st_size == then->st_size && now.st_mtim.tv_sec == then->st_mtim.tv_sec
         && now.st_mtim.tv_nsec == then->st_mtim.tv_nsec && S_ISREG (now.st_mode) == S_ISREG (then->st_mode);
}

/* --- Readings ------------------------------------------------------------------ */

static void
take_reading (Plugin *plugin, GVariant *reading)
{
  g_autoptr (GVariant) data = NULL;
  const char *refused;

  g_variant_get (reading, "(&sbbm@" EID_DESCRIPTION_TYPE ")", &refused, &plugin->set_aside, NULL, &data);
  plugin->description = data ? eid_description_unpack (data) : NULL;
  if (*refused != '\0')
    plugin->problem = g_strdup (refused);
  else if (plugin->description == NULL)
    plugin->problem = g_strdup (_ ("What it says of itself came out damaged."));
}

static gboolean
is_lasting (GVariant *reading)
{
  gboolean lasting;

  g_variant_get_child (reading, 2, "b", &lasting);
  return lasting;
}

/* Those of @plugins that are not known by the cache are read. */
static void
read_plugins (GPtrArray *plugins)
{
  g_autoptr (EidPluginCache) cache = eid_plugin_cache_open ();
  g_autoptr (GPtrArray) unknown = g_ptr_array_new (), files = g_ptr_array_new (), readings = NULL;

  for (guint i = 0; i < plugins->len; i++)
    {
      Plugin *plugin = plugins->pdata[i];
      g_autoptr (GVariant) known =
          plugin->problem ? NULL : eid_plugin_cache_find (cache, plugin->entry.file, &plugin->status);

      if (known)
        take_reading (plugin, known);
      else if (plugin->problem == NULL)
        {
          g_ptr_array_add (unknown, plugin);
          g_ptr_array_add (files, plugin->entry.file);
        }
    }
  readings = eid_readings (files);
  for (guint i = 0; i < unknown->len; i++)
    {
      Plugin *plugin = unknown->pdata[i];

      take_reading (plugin, readings->pdata[i]);
      if (is_lasting (readings->pdata[i]))
        eid_plugin_cache_put (cache, plugin->entry.file, &plugin->status, readings->pdata[i]);
    }
  eid_plugin_cache_save (cache);
}

/* --- Who may be used --------------------------------------------------------------- */

static Plugin *
find (EidRegistry *registry, const char *kind, const char *id)
{
  for (guint i = 0; i < registry->plugins->len; i++)
    {
      Plugin *plugin = registry->plugins->pdata[i];
      const EidDescriptor *descriptor = plugin->entry.descriptor;

      if (descriptor && strcmp (descriptor->kind, kind) == 0 && strcmp (descriptor->id, id) == 0)
        return plugin;
    }
  return NULL;
}

char **
eid_builtin_plugin_folders (void)
{
  g_autofree char *path = eid_installed_path (EID_PLUGIN_DIR),
                  *installed = g_canonicalize_filename (path, NULL);
  g_autofree char *all = g_strconcat (
      eid_runs_from_build_tree () ? EID_BUILD_PLUGIN_DIR G_SEARCHPATH_SEPARATOR_S : "", installed, NULL);
  char **folders = g_strsplit (all, G_SEARCHPATH_SEPARATOR_S, -1);

  for (guint i = 0; folders[i]; i++)
    {
      g_autofree char *folder = folders[i];

      folders[i] = g_strconcat (folder, G_DIR_SEPARATOR_S, NULL);
    }
  return folders;
}

static gboolean
is_builtin_file (const char *file)
{
  g_auto (GStrv) folders = eid_builtin_plugin_folders ();

  for (guint i = 0; folders[i]; i++)
    if (g_str_has_prefix (file, folders[i]))
      return TRUE;
  return FALSE;
}

gboolean
eid_registry_is_builtin (EidRegistry *registry, const char *kind, const char *id)
{
  g_return_val_if_fail (registry != NULL && kind != NULL && id != NULL, FALSE);

  for (guint i = 0; i < registry->plugins->len; i++)
    {
      const Plugin *plugin = registry->plugins->pdata[i];
      const EidDescriptor *descriptor = plugin->description ? &plugin->description->descriptor : NULL;

      if (descriptor && strcmp (descriptor->kind, kind) == 0 && strcmp (descriptor->id, id) == 0
          && is_builtin_file (plugin->entry.file))
        return TRUE;
    }
  return FALSE;
}

/* The first of an id wins; one that is refused hides nobody. */
static void
judge (EidRegistry *registry)
{
  for (guint i = 0; i < registry->plugins->len; i++)
    {
      Plugin *plugin = registry->plugins->pdata[i];

      plugin->entry.descriptor = NULL;
      plugin->entry.set_aside = plugin->set_aside;
      g_clear_pointer (&plugin->entry.refused, g_free);
    }
  for (guint i = 0; i < registry->plugins->len; i++)
    {
      Plugin *plugin = registry->plugins->pdata[i], *first;
      const EidDescriptor *descriptor = plugin->description ? &plugin->description->descriptor : NULL;

      if (plugin->problem)
        plugin->entry.refused = g_strdup (plugin->problem);
      else if ((first = find (registry, descriptor->kind, descriptor->id)) != NULL)
        plugin->entry.refused =
            g_strdup_printf (_ ("It is hidden by “%s”, which has the same id “%s” and is found first."),
                             first->entry.file, descriptor->id);
      else
        plugin->entry.descriptor = descriptor;
    }
}

static Plugin *
take_known (EidRegistry *registry, const char *file)
{
  for (guint i = 0; i < registry->plugins->len; i++)
    {
      Plugin *plugin = registry->plugins->pdata[i];

      if (plugin && strcmp (plugin->entry.file, file) == 0 && is_as_read (plugin))
        return g_steal_pointer (&registry->plugins->pdata[i]);
    }
  return NULL;
}

void
eid_registry_refresh (EidRegistry *registry)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free), fresh = g_ptr_array_new ();
  g_autoptr (GPtrArray) plugins = g_ptr_array_new ();

  g_return_if_fail (registry != NULL);

  for (guint i = 0; i < registry->folders->len; i++)
    list_folder (registry->folders->pdata[i], files);
  for (guint i = 0; i < files->len; i++)
    {
      Plugin *plugin = take_known (registry, files->pdata[i]);

      if (plugin == NULL)
        g_ptr_array_add (fresh, plugin = plugin_new (files->pdata[i]));
      g_ptr_array_add (plugins, plugin);
    }
  for (guint i = 0; i < registry->plugins->len; i++)
    if (registry->plugins->pdata[i])
      g_ptr_array_add (registry->former, registry->plugins->pdata[i]);
  g_ptr_array_unref (registry->plugins);
  registry->plugins = g_steal_pointer (&plugins);
  if (fresh->len > 0)
    read_plugins (fresh);
  judge (registry);
}

EidRegistry *
eid_registry_new (void)
{
  EidRegistry *registry = g_new0 (EidRegistry, 1);
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "eidoscope", "plugins", NULL);
  g_autofree char *installed = eid_installed_path (EID_PLUGIN_DIR);

  registry->folders = g_ptr_array_new_with_free_func (g_free);
  registry->plugins = g_ptr_array_new ();
  registry->former = g_ptr_array_new ();
  registry->placed = g_ptr_array_new_with_free_func (eid_code_release);

  add_folders (registry, g_getenv ("EIDOSCOPE_PLUGIN_PATH"));
  add_folder (registry, own);
  if (eid_runs_from_build_tree ())
    add_folders (registry, EID_BUILD_PLUGIN_DIR);
  add_folder (registry, installed);
  eid_registry_refresh (registry);
  return registry;
}

void
eid_registry_free (EidRegistry *registry)
{
  if (registry == NULL)
    return;
  for (guint i = 0; i < registry->plugins->len; i++)
    plugin_free (registry->plugins->pdata[i]);
  for (guint i = 0; i < registry->former->len; i++)
    plugin_free (registry->former->pdata[i]);
  g_ptr_array_unref (registry->placed);
  g_ptr_array_unref (registry->plugins);
  g_ptr_array_unref (registry->former);
  g_ptr_array_unref (registry->folders);
  g_free (registry);
}

GPtrArray *
eid_registry_placed (EidRegistry *registry)
{
  return registry->placed;
}

/* --- Trying again ---------------------------------------------------------------- */

/* Whether @name means @plugin: its file, or its id, or what its id is likely to be. */
static gboolean
is_named (const Plugin *plugin, const char *name)
{
  g_autofree char *base = g_path_get_basename (plugin->entry.file);
  g_autofree char *guess = g_strconcat (name, ".so", NULL), *path = g_canonicalize_filename (name, NULL);

  return strcmp (plugin->entry.file, path) == 0 || strcmp (base, guess) == 0
         || (plugin->description && strcmp (plugin->description->descriptor.id, name) == 0);
}

gboolean
eid_registry_retry (EidRegistry *registry, const char *name, GError **error)
{
  g_autoptr (EidPluginCache) cache = NULL;
  const char *refused = NULL;
  guint count = 0;

  g_return_val_if_fail (registry != NULL && name != NULL, FALSE);

  cache = eid_plugin_cache_open ();
  for (guint i = 0; i < registry->plugins->len; i++)
    {
      Plugin *plugin = registry->plugins->pdata[i];

      if (!is_named (plugin, name))
        continue;
      count++;
      if (plugin->problem == NULL)
        continue;
      /* To be found changed, and read, by what follows. */
      eid_plugin_cache_forget (cache, plugin->entry.file);
      plugin->status.st_size = -1;
    }
  eid_plugin_cache_save (cache);
  eid_registry_refresh (registry);
  for (guint i = 0; i < registry->plugins->len; i++)
    if (is_named (registry->plugins->pdata[i], name))
      refused = ((Plugin *) registry->plugins->pdata[i])->problem;
  if (count == 0)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("No plugin has the id or the file “%s”; “eidoscope plugins” lists them."), name);
  else if (refused)
    g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("“%s” still cannot be used: %s"), name, refused);
  return count > 0 && refused == NULL;
}

/* --- Looking up ------------------------------------------------------------ */

guint
eid_registry_count (EidRegistry *registry)
{
  g_return_val_if_fail (registry != NULL, 0);

  return registry->plugins->len;
}

const EidPluginEntry *
eid_registry_get (EidRegistry *registry, guint i)
{
  g_return_val_if_fail (registry != NULL && i < registry->plugins->len, NULL);

  return &((Plugin *) registry->plugins->pdata[i])->entry;
}

GPtrArray *
eid_registry_folders (EidRegistry *registry)
{
  return registry->folders;
}

const EidPluginEntry *
eid_registry_find_refused (EidRegistry *registry, const char *id)
{
  for (guint i = 0; i < registry->plugins->len; i++)
    {
      const Plugin *plugin = registry->plugins->pdata[i];

      if (plugin->problem && is_named (plugin, id))
        return &plugin->entry;
    }
  return NULL;
}

const EidDescriptor *
eid_registry_find (EidRegistry *registry, const char *kind, const char *id, GError **error)
{
  const EidDescriptor *placed;
  Plugin *plugin;

  g_return_val_if_fail (registry != NULL && kind != NULL && id != NULL, NULL);

  placed = eid_placed_find (registry->placed, kind, id);
  if (placed)
    return placed;
  plugin = find (registry, kind, id);
  /* It may have been put there, or built anew, since. */
  if (plugin == NULL || !is_as_read (plugin))
    {
      eid_registry_refresh (registry);
      plugin = find (registry, kind, id);
    }
  if (plugin == NULL)
    eid_registry_set_not_found (registry, kind, id, error);
  return plugin ? plugin->entry.descriptor : NULL;
}

const EidDescriptor *
eid_registry_load (EidRegistry *registry, const char *kind, const char *id, GError **error)
{
  Plugin *plugin;
  const EidDescriptor *found = eid_registry_find (registry, kind, id, error);

  if (found == NULL || found == eid_placed_find (registry->placed, kind, id))
    return found;
  plugin = find (registry, kind, id);
  if (plugin->loaded == NULL)
    plugin->loaded = eid_plugin_load (plugin->entry.file, kind, id, error);
  return plugin->loaded;
}
