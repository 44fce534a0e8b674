/* listing.c: devices, plugins and recipes as dictionaries; the keys are those
 * of org.eidoscope.Engine.xml.                                               */
#include "app/engine/service/listing.h"

#include "app/engine/setup/watchdog.h"
#include "app/engine/setup/setup.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void
add (GVariantBuilder *dictionary, const char *key, GVariant *value)
{
  g_variant_builder_add (dictionary, "{sv}", key, value);
}

static void
add_text (GVariantBuilder *dictionary, const char *key, const char *text)
{
  add (dictionary, key, g_variant_new_string (text != NULL ? text : ""));
}

GVariant *
eid_list_devices (void)
{
  g_autoptr (GPtrArray) devices = eid_device_list ();
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < devices->len; i++)
    {
      const EidDeviceInfo *info = devices->pdata[i];

      g_variant_builder_open (&list, G_VARIANT_TYPE_VARDICT);
      add (&list, "index", g_variant_new_uint32 (info->index));
      add_text (&list, "name", info->name);
      add_text (&list, "title", eid_device_title (info->name));
      add_text (&list, "platform", info->platform);
      add (&list, "gpu", g_variant_new_boolean (info->is_gpu));
      add (&list, "memory", g_variant_new_uint64 (info->memory_bytes));
      g_variant_builder_close (&list);
    }
  return g_variant_new ("(aa{sv})", &list);
}

static const char *
type_name (EidParamType type)
{
  static const char *const names[] = {
    [EID_TYPE_INT] = "int", [EID_TYPE_FLOAT] = "float", [EID_TYPE_BOOL] = "bool", [EID_TYPE_CHOICE] = "choice"
  };

  return (guint) type < G_N_ELEMENTS (names) && names[type] != NULL ? names[type] : "text";
}

static GVariant *
list_params (const EidDescriptor *descriptor)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (const EidParam *param = descriptor->params; param != NULL && param->key != NULL; param++)
    {
      g_autofree char *value = eid_param_format (param, param->value);
      g_auto (GStrv) choices = g_strsplit (param->choices != NULL ? param->choices : "", "|", -1);

      g_variant_builder_open (&list, G_VARIANT_TYPE_VARDICT);
      add_text (&list, "key", param->key);
      add_text (&list, "type", type_name (param->type));
      add_text (&list, "default", value);
      add (&list, "min", g_variant_new_double (param->min));
      add (&list, "max", g_variant_new_double (param->max));
      add (&list, "choices", g_variant_new_strv ((const char *const *) choices, -1));
      add_text (&list, "doc", eid_param_doc (param));
      add (&list, "live", g_variant_new_boolean (param->live));
      g_variant_builder_close (&list);
    }
  return g_variant_builder_end (&list);
}

GVariant *
eid_list_plugins (EidRegistry *registry)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < eid_registry_count (registry); i++)
    {
      const EidPluginEntry *entry = eid_registry_get (registry, i);
      const EidDescriptor *descriptor = entry->descriptor;

      g_variant_builder_open (&list, G_VARIANT_TYPE_VARDICT);
      add_text (&list, "file", entry->file);
      add_text (&list, "refused", entry->refused);
      add (&list, "set-aside", g_variant_new_boolean (entry->set_aside));
      add_text (&list, "id", descriptor != NULL ? descriptor->id : NULL);
      add_text (&list, "kind", descriptor != NULL ? descriptor->kind : NULL);
      add_text (&list, "title", descriptor != NULL ? eid_plugin_title (descriptor) : NULL);
      add_text (&list, "source", descriptor != NULL ? descriptor->source : NULL);
      add (&list, "params",
           descriptor != NULL ? list_params (descriptor)
                              : g_variant_new_array (G_VARIANT_TYPE_VARDICT, NULL, 0));
      g_variant_builder_close (&list);
    }
  return g_variant_new ("(aa{sv})", &list);
}

GVariant *
eid_doing (void)
{
  EidRunning running;
  const gboolean busy = eid_running (&running);

  return g_variant_new ("(sssttb)", busy ? running.plugin : "",
                        busy && running.file != NULL ? running.file : "", busy ? running.callback : "",
                        busy && running.in_step ? running.step + 1 : 0,
                        (guint64) eid_heartbeat_seconds (&running), eid_heartbeat_missing (&running));
}

GVariant *
eid_resolved_recipe (EidRegistry *registry, const char *recipe, GError **error)
{
  g_autoptr (EidRecipe) parsed = strchr (recipe, '\n') != NULL
                                     ? eid_recipe_parse (recipe, _ ("recipe"), error)
                                     : eid_recipe_load (recipe, error);
  g_autofree char *text = NULL;

  if (parsed == NULL || !eid_recipe_resolve (parsed, registry, error))
    return NULL;
  text = eid_recipe_to_text (parsed);
  return g_variant_new ("(s)", text);
}
