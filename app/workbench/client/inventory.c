/* inventory.c: reading what the engine has; see inventory.h. */
#include "app/workbench/client/inventory.h"

static char *
text (GVariant *dictionary, const char *key)
{
  char *value = NULL;

  g_variant_lookup (dictionary, key, "s", &value);
  return value ? value : g_strdup ("");
}

static void
device_free (EidDeviceInfo *device)
{
  g_free (device->name);
  g_free (device->title);
  g_free (device->platform);
  g_free (device);
}

static void
param_free (EidParamInfo *param)
{
  g_free (param->key);
  g_free (param->type);
  g_free (param->value);
  g_free (param->doc);
  g_strfreev (param->choices);
  g_free (param);
}

static void
plugin_free (EidPluginInfo *plugin)
{
  g_free (plugin->id);
  g_free (plugin->kind);
  g_free (plugin->title);
  g_free (plugin->source);
  g_free (plugin->file);
  g_free (plugin->refused);
  g_ptr_array_unref (plugin->params);
  g_free (plugin);
}

GPtrArray *
eid_catalogue_read_devices (GVariant *devices)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) device_free);
  GVariantIter iter;
  GVariant *entry;

  g_variant_iter_init (&iter, devices);
  while (g_variant_iter_loop (&iter, "@a{sv}", &entry))
    {
      EidDeviceInfo *device = g_new0 (EidDeviceInfo, 1);
      device->name = text (entry, "name");
      device->title = text (entry, "title");
      device->platform = text (entry, "platform");
      g_variant_lookup (entry, "gpu", "b", &device->gpu);
      g_variant_lookup (entry, "memory", "t", &device->memory);
      g_ptr_array_add (list, device);
    }
  return list;
}

char *
eid_device_info_describe (const EidDeviceInfo *device)
{
  g_autofree char *memory = g_format_size_full (device->memory, G_FORMAT_SIZE_IEC_UNITS);

  return device->memory ? g_strdup_printf ("%s (%s, %s)", device->title, device->platform, memory)
                        : g_strdup_printf ("%s (%s)", device->title, device->platform);
}

static EidParamInfo *
read_param (GVariant *entry)
{
  EidParamInfo *param = g_new0 (EidParamInfo, 1);

  param->key = text (entry, "key");
  param->type = text (entry, "type");
  param->value = text (entry, "default");
  param->doc = text (entry, "doc");
  g_variant_lookup (entry, "min", "d", &param->min);
  g_variant_lookup (entry, "max", "d", &param->max);
  g_variant_lookup (entry, "choices", "^as", &param->choices);
  g_variant_lookup (entry, "live", "b", &param->live);
  return param;
}

GPtrArray *
eid_catalogue_read_plugins (GVariant *plugins)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) plugin_free);
  GVariantIter iter;
  GVariant *entry;

  g_variant_iter_init (&iter, plugins);
  while (g_variant_iter_loop (&iter, "@a{sv}", &entry))
    {
      EidPluginInfo *plugin = g_new0 (EidPluginInfo, 1);
      g_autoptr (GVariant) params = g_variant_lookup_value (entry, "params", G_VARIANT_TYPE ("aa{sv}"));
      plugin->id = text (entry, "id");
      plugin->kind = text (entry, "kind");
      plugin->title = text (entry, "title");
      plugin->source = text (entry, "source");
      plugin->file = text (entry, "file");
      plugin->refused = text (entry, "refused");
      plugin->params = g_ptr_array_new_with_free_func ((GDestroyNotify) param_free);
      for (gsize i = 0; params && i < g_variant_n_children (params); i++)
        {
          g_autoptr (GVariant) param = g_variant_get_child_value (params, i);
          g_ptr_array_add (plugin->params, read_param (param));
        }
      g_ptr_array_add (list, plugin);
    }
  return list;
}

const char *
eid_plugin_info_title (const EidPluginInfo *plugin)
{
  return *plugin->title ? plugin->title : plugin->id;
}

static const EidPluginInfo *
find (GPtrArray *plugins, const char *kind, const char *id, const char *title)
{
  for (guint i = 0; plugins && i < plugins->len; i++)
    {
      const EidPluginInfo *plugin = g_ptr_array_index (plugins, i);
      if (*plugin->refused == '\0' && g_str_equal (plugin->kind, kind)
          && (id == NULL || g_str_equal (plugin->id, id))
          && (title == NULL || g_str_equal (eid_plugin_info_title (plugin), title)))
        return plugin;
    }
  return NULL;
}

const EidPluginInfo *
eid_catalogue_find (GPtrArray *plugins, const char *kind, const char *id)
{
  return id ? find (plugins, kind, id, NULL) : NULL;
}

const EidPluginInfo *
eid_catalogue_find_title (GPtrArray *plugins, const char *kind, const char *title)
{
  return title ? find (plugins, kind, NULL, title) : NULL;
}
