/* list-command.c: `eidoscope plugins`, `devices` and `recipes`: what there is. */
#include "app/cli/cli.h"

#include "app/engine/service/listing.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>

static gboolean
parse_plain (int argc, char **argv, const GOptionEntry *entries, const char *summary, int *status)
{
  g_auto (GStrv) rest = NULL;

  if (!eid_cli_parse (argc, argv, entries, NULL, summary, NULL, &rest, status))
    return FALSE;
  if (rest[0] == NULL)
    return TRUE;
  *status =
      eid_cli_usage (_ ("“%s” takes no word beside its options; “%s” is one too many."), argv[0], rest[0]);
  return FALSE;
}

/* --- plugins ------------------------------------------------------------------- */

static const char *const type_names[] = {
  [EID_TYPE_NONE] = "",     [EID_TYPE_INT] = "int",       [EID_TYPE_FLOAT] = "float",
  [EID_TYPE_BOOL] = "bool", [EID_TYPE_CHOICE] = "choice",
};

/* "1 … 64", "class, mean", or nothing. Free. */
static char *
range_text (const EidParam *param)
{
  g_autofree char *least = NULL, *most = NULL;

  if (param->type == EID_TYPE_CHOICE && param->choices != NULL)
    {
      g_auto (GStrv) choices = g_strsplit (param->choices, "|", -1);

      return g_strjoinv (", ", choices);
    }
  if (param->type == EID_TYPE_BOOL)
    return g_strdup ("true, false");
  least = eid_param_format (param, param->min);
  most = eid_param_format (param, param->max);
  return g_strdup_printf ("%s … %s", least, most);
}

static void
print_params (const EidDescriptor *descriptor)
{
  for (const EidParam *param = descriptor->params; param != NULL && param->key != NULL; param++)
    {
      g_autofree char *value = eid_param_format (param, param->value);
      g_autofree char *range = range_text (param);

      eid_cli_print ("    %-16s %-8s %-16s %s%s\n", param->key, value, range, eid_param_doc (param),
                     param->live ? _ (" (live)") : "");
    }
}

static void
print_plugin (const EidPluginEntry *entry)
{
  const EidDescriptor *descriptor = entry->descriptor;

  if (descriptor == NULL)
    {
      eid_cli_print ("%s\n    %s %s\n\n", entry->file, entry->set_aside ? _ ("set aside:") : _ ("refused:"),
                     entry->refused);
      return;
    }
  eid_cli_print ("%s %s: %s (%s)\n", descriptor->kind, descriptor->id, eid_plugin_title (descriptor),
                 descriptor->source != NULL ? descriptor->source : entry->file);
  print_params (descriptor);
  eid_cli_print ("\n");
}

static void
add_param (JsonBuilder *builder, const EidParam *param)
{
  g_autofree char *value = eid_param_format (param, param->value);

  json_builder_begin_object (builder);
  eid_json_add_text (builder, "key", param->key);
  eid_json_add_text (builder, "type", type_names[param->type]);
  eid_json_add_text (builder, "default", value);
  eid_json_add_number (builder, "min", param->min);
  eid_json_add_number (builder, "max", param->max);
  if (param->choices != NULL)
    {
      g_auto (GStrv) choices = g_strsplit (param->choices, "|", -1);

      json_builder_set_member_name (builder, "choices");
      json_builder_begin_array (builder);
      for (guint i = 0; choices[i] != NULL; i++)
        json_builder_add_string_value (builder, choices[i]);
      json_builder_end_array (builder);
    }
  eid_json_add_text (builder, "doc", eid_param_doc (param));
  eid_json_add_boolean (builder, "live", param->live);
  json_builder_end_object (builder);
}

static void
print_plugin_json (const EidPluginEntry *entry)
{
  const EidDescriptor *descriptor = entry->descriptor;
  JsonBuilder *builder = eid_json_object ();

  if (descriptor == NULL)
    {
      eid_json_add_text (builder, "file", entry->file);
      eid_json_add_text (builder, "refused", entry->refused);
      eid_json_add_boolean (builder, "set_aside", entry->set_aside);
      eid_json_print (builder);
      return;
    }
  eid_json_add_text (builder, "id", descriptor->id);
  eid_json_add_text (builder, "kind", descriptor->kind);
  eid_json_add_text (builder, "title", eid_plugin_title (descriptor));
  eid_json_add_text (builder, "source", descriptor->source);
  eid_json_add_integer (builder, "abi", descriptor->abi);
  eid_json_add_text (builder, "file", entry->file);
  json_builder_set_member_name (builder, "params");
  json_builder_begin_array (builder);
  for (const EidParam *param = descriptor->params; param != NULL && param->key != NULL; param++)
    add_param (builder, param);
  json_builder_end_array (builder);
  eid_json_print (builder);
}

int
eid_command_plugins (int argc, char **argv)
{
  gboolean json = FALSE;
  g_autofree char *retry = NULL;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object a plugin"), NULL },
    { "retry", 0, 0, G_OPTION_ARG_FILENAME, &retry,
      N_ ("Try a plugin again that was set aside: its id or file"), N_ ("PLUGIN") },
    { NULL },
  };
  g_autoptr (EidRegistry) registry = NULL;
  GError *error = NULL;
  int status;

  if (!parse_plain (
          argc, argv, entries,
          _ ("Lists encoders and objectives, each with its parameters: key, default, range, meaning."),
          &status))
    return status;
  registry = eid_registry_new ();
  if (retry != NULL && !eid_registry_retry (registry, retry, &error))
    return eid_cli_fail (error);
  for (guint i = 0; i < eid_registry_count (registry); i++)
    (json ? print_plugin_json : print_plugin) (eid_registry_get (registry, i));
  return 0;
}

/* --- devices ------------------------------------------------------------------- */

static void
print_device (const EidDeviceInfo *info)
{
  g_autofree char *memory = g_format_size (info->memory_bytes);

  eid_cli_print ("%u  %s\n   %s, %s, ", info->index, eid_device_title (info->name), info->platform,
                 info->is_gpu ? _ ("GPU") : _ ("processor"));
  eid_cli_print (
      g_dngettext (GETTEXT_PACKAGE, "%u compute unit, %s", "%u compute units, %s", info->compute_units),
      info->compute_units, memory);
  eid_cli_print (_ (", precision auto is %s"), info->gains_by_bf16 ? "bf16" : "f32");
  if (eid_device_bf16_speed (info) > 0)
    /* TRANSLATORS: after "precision auto is bf16". */
    eid_cli_print (_ (" (products in 16 bits are %.2g times as fast)"), eid_device_bf16_speed (info));
  eid_cli_print ("\n");
}

static void
print_device_json (const EidDeviceInfo *info)
{
  JsonBuilder *builder = eid_json_object ();

  eid_json_add_integer (builder, "index", info->index);
  eid_json_add_text (builder, "name", info->name);
  eid_json_add_text (builder, "platform", info->platform);
  eid_json_add_text (builder, "driver", info->driver);
  eid_json_add_boolean (builder, "gpu", info->is_gpu);
  eid_json_add_boolean (builder, "native_kernels", info->has_native_kernels);
  eid_json_add_text (builder, "precision", info->gains_by_bf16 ? "bf16" : "f32");
  eid_json_add_number (builder, "bf16_speed", eid_device_bf16_speed (info));
  eid_json_add_integer (builder, "compute_units", info->compute_units);
  eid_json_add_integer (builder, "memory_bytes", (gint64) info->memory_bytes);
  eid_json_add_integer (builder, "buffer_bytes", (gint64) info->buffer_bytes);
  eid_json_print (builder);
}

int
eid_command_devices (int argc, char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object a device"), NULL },
    { NULL },
  };
  g_autoptr (GPtrArray) devices = NULL;
  int status;

  if (!parse_plain (argc, argv, entries, _ ("Lists the OpenCL devices, the best first."), &status))
    return status;
  devices = eid_device_list ();
  for (guint i = 0; i < devices->len; i++)
    (json ? print_device_json : print_device) (devices->pdata[i]);
  if (devices->len == 0)
    {
      GError *error = NULL;
      g_autoptr (EidDevice) device = eid_device_open (NULL, &error);

      return device == NULL ? eid_cli_fail (error) : 0;
    }
  return 0;
}

/* --- recipes ------------------------------------------------------------------- */

/* The plugin that @recipe names, as it calls itself; by its id where there is none. */
static const char *
plugin_title (EidRegistry *registry, const char *kind, EidRecipe *recipe, const char *section)
{
  const char *id = eid_recipe_text (recipe, section, "plugin");
  const EidDescriptor *plugin = eid_registry_find (registry, kind, id, NULL);

  return plugin != NULL ? eid_plugin_title (plugin) : id;
}

/* Its name and title; below the title what it says of itself, what it trains for how long, and its file. */
static void
print_recipe (EidRegistry *registry, const EidRecipeInfo *info)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EidRecipe) recipe = eid_recipe_load (info->file, &error);
  gboolean usable;
  g_autofree char *what =
      recipe == NULL
          ? g_strdup (error->message)
          : eid_recipe_describe (recipe, plugin_title (registry, "encoder", recipe, "Encoder"),
                                 plugin_title (registry, "objective", recipe, "Objective"), &usable);
  const char *const below[] = { info->description, what, info->file };

  eid_cli_print ("%-24s %s\n", info->name, info->title);
  for (guint i = 0; i < G_N_ELEMENTS (below); i++)
    if (*below[i] != '\0')
      eid_cli_print ("%-24s %s\n", "", below[i]);
}

int
eid_command_recipes (int argc, char **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  g_autoptr (GPtrArray) recipes = NULL;
  g_autoptr (EidRegistry) registry = NULL;
  int status;

  if (!parse_plain (
          argc, argv, entries,
          _ ("Lists the recipes that “eidoscope train” knows by name, and what each of them trains."),
          &status))
    return status;
  registry = eid_registry_new ();
  recipes = eid_recipe_list ();
  for (guint i = 0; i < recipes->len; i++)
    print_recipe (registry, recipes->pdata[i]);
  return 0;
}
