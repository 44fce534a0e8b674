/* fake-lists.c: what the fake engine has to choose from: devices, plugins and recipes; see
 * fake-engine.h. With FAKE_ENGINE_NO_DEVICE=1 there are no devices.
 */
#include <string.h>

#include "tests/ui/fake-engine.h"

static gboolean
on_list_devices (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  static const char *const names[] = { "Two fake cores", "A fake card" };
  GVariantBuilder devices;

  if (fake_refuse (call))
    return TRUE;
  g_variant_builder_init (&devices, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < G_N_ELEMENTS (names) && g_getenv ("FAKE_ENGINE_NO_DEVICE") == NULL; i++)
    {
      g_variant_builder_open (&devices, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&devices, "{sv}", "index", g_variant_new_uint32 (i));
      g_variant_builder_add (&devices, "{sv}", "name", g_variant_new_string (names[i]));
      g_variant_builder_add (&devices, "{sv}", "title", g_variant_new_string (names[i]));
      g_variant_builder_add (&devices, "{sv}", "platform", g_variant_new_string ("Fake"));
      g_variant_builder_add (&devices, "{sv}", "gpu", g_variant_new_boolean (i == 1));
      g_variant_builder_add (&devices, "{sv}", "memory", g_variant_new_uint64 (G_GUINT64_CONSTANT (8) << 30));
      g_variant_builder_close (&devices);
    }
  eid_wire_engine_complete_list_devices (wire, call, g_variant_builder_end (&devices));
  return TRUE;
}

typedef struct
{
  const char *key, *type, *value;
  double min, max;
  const char *choices, *doc;
  gboolean live;
} Param;

static const Param vit_params[] = {
  { "width", "int", "192", 16, 4096, "", "Channels of a token", FALSE },
  { "depth", "int", "6", 1, 48, "", "Transformer blocks", FALSE },
  { "pool", "choice", "mean", 0, 0, "class|mean", "What the pooled feature is", FALSE },
  { NULL },
};
static const Param resnet_params[] = {
  { "width", "int", "64", 16, 512, "", "Channels of the first stage", FALSE },
  { NULL },
};
static const Param simclr_params[] = {
  { "temperature", "float", "0.2", 0.01, 2, "", "Sharpness of the softmax", TRUE },
  { "hidden", "int", "512", 16, 8192, "", "Width of the projector", FALSE },
  { NULL },
};
static const Param mae_params[] = {
  { "mask-ratio", "float", "0.75", 0.1, 0.95, "", "Share of patches that are hidden", TRUE },
  { "norm-pix", "bool", "true", 0, 1, "", "Normalise the pixels of each patch", FALSE },
  { NULL },
};

static const struct
{
  const char *id, *kind, *title, *refused;
  const Param *params;
} plugins[] = {
  { "vit", "encoder", "Vision transformer", "", vit_params },
  { "resnet", "encoder", "Residual network", "", resnet_params },
  { "simclr", "objective", "SimCLR", "", simclr_params },
  { "mae", "objective", "Masked autoencoder", "", mae_params },
  { "broken", "objective", "", "broken.so speaks ABI 99; this program speaks 1", simclr_params + 2 },
};

static gboolean mended; /* the broken one, after it was tried again */

/* "broken" is mended by being tried again; the others are what they are. */
static gboolean
on_retry_plugin (EidWireEngine *wire, GDBusMethodInvocation *call, const char *plugin)
{
  if (fake_refuse (call))
    return TRUE;
  mended = mended || g_str_equal (plugin, "broken");
  eid_wire_engine_complete_retry_plugin (wire, call);
  return TRUE;
}

static gboolean
on_list_plugins (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  GVariantBuilder list;

  if (fake_refuse (call))
    return TRUE;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < G_N_ELEMENTS (plugins); i++)
    {
      GVariantBuilder params;
      g_variant_builder_init (&params, G_VARIANT_TYPE ("aa{sv}"));
      for (const Param *p = plugins[i].params; p->key; p++)
        {
          g_auto (GStrv) choices = g_strsplit (p->choices, "|", -1);
          g_variant_builder_open (&params, G_VARIANT_TYPE_VARDICT);
          g_variant_builder_add (&params, "{sv}", "key", g_variant_new_string (p->key));
          g_variant_builder_add (&params, "{sv}", "type", g_variant_new_string (p->type));
          g_variant_builder_add (&params, "{sv}", "default", g_variant_new_string (p->value));
          g_variant_builder_add (&params, "{sv}", "min", g_variant_new_double (p->min));
          g_variant_builder_add (&params, "{sv}", "max", g_variant_new_double (p->max));
          g_variant_builder_add (&params, "{sv}", "choices",
                                 g_variant_new_strv ((const char *const *) choices, -1));
          g_variant_builder_add (&params, "{sv}", "doc", g_variant_new_string (p->doc));
          g_variant_builder_add (&params, "{sv}", "live", g_variant_new_boolean (p->live));
          g_variant_builder_close (&params);
        }
      g_variant_builder_open (&list, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&list, "{sv}", "id", g_variant_new_string (plugins[i].id));
      g_variant_builder_add (&list, "{sv}", "kind", g_variant_new_string (plugins[i].kind));
      g_variant_builder_add (&list, "{sv}", "title", g_variant_new_string (plugins[i].title));
      g_variant_builder_add (&list, "{sv}", "source", g_variant_new_string (""));
      g_variant_builder_add (&list, "{sv}", "file", g_variant_new_string (plugins[i].id));
      g_variant_builder_add (&list, "{sv}", "refused",
                             g_variant_new_string (mended ? "" : plugins[i].refused));
      g_variant_builder_add (&list, "{sv}", "params", g_variant_builder_end (&params));
      g_variant_builder_close (&list);
    }
  eid_wire_engine_complete_list_plugins (wire, call, g_variant_builder_end (&list));
  return TRUE;
}

static gboolean
on_resolve_recipe (EidWireEngine *wire, GDBusMethodInvocation *call, const char *name)
{
  g_autoptr (GKeyFile) recipe = g_key_file_new ();
  g_autofree char *text = NULL, *title = g_path_get_basename (name);

  if (fake_refuse (call))
    return TRUE;
  if (!g_key_file_load_from_file (recipe, name, G_KEY_FILE_NONE, NULL))
    {
      g_key_file_set_string (recipe, "Run", "title", title);
      g_key_file_set_string (recipe, "Run", "steps", "400");
      g_key_file_set_string (recipe, "Encoder", "plugin", "vit");
      g_key_file_set_string (recipe, "Objective", "plugin", strstr (name, "mae") ? "mae" : "simclr");
    }
  text = g_key_file_to_data (recipe, NULL, NULL);
  eid_wire_engine_complete_resolve_recipe (wire, call, text);
  return TRUE;
}

void
fake_lists_connect (EidWireEngine *wire)
{
  g_signal_connect (wire, "handle-list-devices", G_CALLBACK (on_list_devices), NULL);
  g_signal_connect (wire, "handle-list-plugins", G_CALLBACK (on_list_plugins), NULL);
  g_signal_connect (wire, "handle-retry-plugin", G_CALLBACK (on_retry_plugin), NULL);
  g_signal_connect (wire, "handle-resolve-recipe", G_CALLBACK (on_resolve_recipe), NULL);
}
