/* fake-survey.c: data and times as the workbench is told of them, without either;
 * see fake-survey.h. A folder that is not there is refused.                  */
#include "tests/ui/fake-survey.h"

static void
propose (GVariantBuilder *list, const char *id, const char *title, const char *path)
{
  g_autofree char *recipe =
      g_strdup_printf ("[Run]\ntitle=Pictures\nsteps=400\n[Dataset]\nreader=folder\npath=%s\n"
                       "[Encoder]\nplugin=vit\n[Objective]\nplugin=%s\n",
                       path, id);

  g_variant_builder_open (list, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (list, "{sv}", "id", g_variant_new_string (id));
  g_variant_builder_add (list, "{sv}", "title", g_variant_new_string (title));
  g_variant_builder_add (list, "{sv}", "reason", g_variant_new_string ("It fits the data"));
  g_variant_builder_add (list, "{sv}", "recipe", g_variant_new_string (recipe));
  g_variant_builder_close (list);
}

static gboolean
on_survey (EidWireEngine *wire, GDBusMethodInvocation *call, const char *path, const char *device)
{
  static const char *const notes[] = { "All pictures lie in its folder “photos”: that one is taken", NULL };
  GVariantBuilder data, list;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_dbus_method_invocation_return_error (call, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                             "%s: there is no such folder or file", path);
      return TRUE;
    }
  g_variant_builder_init (&data, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&data, "{sv}", "path", g_variant_new_string (path));
  g_variant_builder_add (&data, "{sv}", "count", g_variant_new_uint64 (100));
  g_variant_builder_add (&data, "{sv}", "least-side", g_variant_new_uint32 (106));
  g_variant_builder_add (&data, "{sv}", "greatest-side", g_variant_new_uint32 (599));
  g_variant_builder_add (&data, "{sv}", "channels", g_variant_new_uint32 (3));
  g_variant_builder_add (&data, "{sv}", "notes", g_variant_new_strv (notes, -1));
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  propose (&list, "mae", "Masked autoencoder · Vision transformer", path);
  propose (&list, "simclr", "SimCLR · Vision transformer", path);
  eid_wire_engine_complete_survey (wire, call, g_variant_builder_end (&data), g_variant_builder_end (&list));
  return TRUE;
}

static gboolean
on_estimate (EidWireEngine *wire, GDBusMethodInvocation *call, const char *recipe, const char *device)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "first-seconds", "d", 2.5);
  g_variant_dict_insert (&dict, "useful-seconds", "d", 12.0);
  g_variant_dict_insert (&dict, "all-seconds", "d", 61.0);
  g_variant_dict_insert (&dict, "samples-per-second", "d", 640.0);
  g_variant_dict_insert (&dict, "steps", "u", 9);
  g_variant_dict_insert (&dict, "time", "x", g_get_real_time () / G_USEC_PER_SEC);
  g_variant_dict_insert (&dict, "stored", "b", FALSE);
  eid_wire_engine_complete_estimate (wire, call, g_variant_dict_end (&dict));
  return TRUE;
}

void
fake_survey_connect (EidWireEngine *wire)
{
  g_signal_connect (wire, "handle-survey", G_CALLBACK (on_survey), NULL);
  g_signal_connect (wire, "handle-estimate", G_CALLBACK (on_estimate), NULL);
}
