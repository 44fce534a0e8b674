/* settings.c: looking for the schema before asking for it; see settings.h. */
#include "app/workbench/client/settings.h"

#define SCHEMA "org.eidoscope.Workbench"

GSettings *
eid_settings (void)
{
  static GSettings *settings;
  static gsize once;

  if (g_once_init_enter (&once))
    {
      GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
      g_autoptr (GSettingsSchema) schema =
          source ? g_settings_schema_source_lookup (source, SCHEMA, TRUE) : NULL;
      if (schema)
        settings = g_settings_new_full (schema, NULL, NULL);
      g_once_init_leave (&once, 1);
    }
  return settings;
}

char *
eid_settings_runs_folder (void)
{
  g_autofree char *folder = eid_settings () ? g_settings_get_string (eid_settings (), "runs-folder") : NULL;

  return folder && g_path_is_absolute (folder) ? g_steal_pointer (&folder) : NULL;
}
