/* cli.c: see cli.h. */
#include "app/cli/cli.h"

#include "app/engine/setup/data-report.h"
#include "app/engine/setup/status.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdarg.h>

/* --- Failing ---------------------------------------------------------------- */

int
eid_cli_fail (GError *error)
{
  const int status = eid_failure_exit_status (error);

  g_printerr ("eidoscope: %s\n", error->message);
  g_error_free (error);
  return status;
}

int
eid_cli_usage (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("eidoscope: %s\n", text);
  return EID_EXIT_USAGE;
}

/* --- Options ------------------------------------------------------------------ */

gboolean
eid_cli_parse (int argc, char **argv, const GOptionEntry *entries, const char *words, const char *summary,
               const char *description, char ***rest, int *status)
{
  g_autoptr (GOptionContext) context = g_option_context_new (words);
  g_autofree char *program = g_get_prgname () != NULL ? g_strdup (g_get_prgname ()) : NULL;
  g_autofree char *command = g_strconcat ("eidoscope ", argv[0], NULL);
  g_auto (GStrv) arguments = g_new0 (char *, argc + 1);
  gboolean help = FALSE;
  const GOptionEntry help_entries[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, N_ ("Show this help"), NULL },
    { NULL },
  };
  GError *error = NULL;
  gboolean good;

  for (int i = 0; i < argc; i++)
    arguments[i] = g_strdup (argv[i]);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, help_entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  g_set_prgname (command);

  good = g_option_context_parse_strv (context, &arguments, &error);
  if (help && good)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);

      g_print ("%s", text);
      *status = 0;
      good = FALSE;
    }
  else if (!good)
    {
      *status = eid_cli_usage (_ ("%s. “%s --help” lists what there is."), error->message, command);
      g_error_free (error);
    }
  else
    *rest = g_strdupv (arguments + 1);
  g_set_prgname (program);
  return good;
}

/* --- JSON Lines ----------------------------------------------------------------- */

JsonBuilder *
eid_json_object (void)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  return builder;
}

void
eid_json_add_number (JsonBuilder *builder, const char *key, double value)
{
  if (!isfinite (value))
    return;
  json_builder_set_member_name (builder, key);
  json_builder_add_double_value (builder, value);
}

void
eid_json_add_integer (JsonBuilder *builder, const char *key, gint64 value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, value);
}

void
eid_json_add_text (JsonBuilder *builder, const char *key, const char *value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, value != NULL ? value : "");
}

void
eid_json_add_boolean (JsonBuilder *builder, const char *key, gboolean value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_boolean_value (builder, value);
}

void
eid_json_print (JsonBuilder *builder)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *line = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  line = json_generator_to_data (generator, NULL);
  eid_cli_print_json (line);
  g_object_unref (builder);
}

/* --- Runs ------------------------------------------------------------------------ */

char *
eid_cli_run_folder (const char *run)
{
  g_autofree char *runs = eid_runs_folder ();
  g_autofree char *named = g_build_filename (runs, run, NULL);

  if (!g_file_test (run, G_FILE_TEST_EXISTS) && g_file_test (named, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&named);
  return g_strdup (run);
}

static EidSetup *
open_run (const char *run, const EidSetupOptions *options, EidRegistry *registry, EidRun **opened,
          GError **error)
{
  g_autofree char *folder = eid_cli_run_folder (run);
  EidSetup *setup;

  *opened = eid_run_open (folder, FALSE, error);
  if (*opened == NULL)
    return NULL;
  setup = eid_setup_open (*opened, registry, options, error);
  if (setup == NULL)
    g_clear_pointer (opened, eid_run_close);
  return setup;
}

EidSetup *
eid_cli_open (const char *run, const char *device, EidRegistry *registry, EidRun **opened, GError **error)
{
  const EidSetupOptions options = { .device = device };

  return open_run (run, &options, registry, opened, error);
}

EidSetup *
eid_cli_open_watched (const char *run, const char *device, const char *const *settings, EidProgressBar *bar,
                      EidRegistry *registry, EidRun **opened, GError **error)
{
  const EidSetupOptions options = {
    .device = device,
    .settings = settings,
    .preparing = eid_progress_preparing,
    .user_data = bar,
  };
  EidSetup *setup = open_run (run, &options, registry, opened, error);

  eid_progress_clear (bar);
  if (setup != NULL)
    {
      setup->done = eid_progress_done;
      setup->done_data = bar;
    }
  return setup;
}

/* --- Data ------------------------------------------------------------------------ */

void
eid_cli_say_data (EidSetup *setup)
{
  g_autofree char *data = eid_data_describe (setup);

  if (setup->changed != NULL)
    g_printerr ("%s\n", setup->changed);
  g_printerr ("%s\n", data);
}

void
eid_cli_say_unreadable (EidSetup *setup)
{
  g_autofree char *text = eid_setup_tell_unreadable (setup), *stretched = eid_data_tell_stretched (setup);

  if (text != NULL)
    g_printerr ("%s\n", text);
  if (stretched != NULL)
    g_printerr ("%s\n", stretched);
}

gboolean
eid_cli_check_bare (const EidBareWeights *bare, int *status)
{
  *status = 0;
  if (bare->weights != NULL && bare->path == NULL)
    *status = eid_cli_usage (_ ("--weights takes the pictures as --path FOLDER."));
  else if (bare->weights == NULL && (bare->size != 0 || bare->set != NULL))
    *status = eid_cli_usage (_ ("--size and --set go with --weights."));
  return *status == 0;
}
