/* cli.h: what the commands of `eidoscope` share: one function a command, one
 * way to fail, one way to write JSON Lines.
 *
 * Results go to standard output, messages to standard error. Exit status: 0
 * done, 1 the work failed, 2 bad usage or recipe, 3 no device, 4 training
 * stopped on a loss that is not finite.                                      */
#pragma once

#include "app/cli/bare-weights.h"
#include "app/cli/progress.h"
#include "app/cli/terminal.h"

#include "app/engine/setup/setup.h"

#include <json-glib/json-glib.h>
#include <stdio.h>

G_BEGIN_DECLS

#define EID_EXIT_USAGE 2

typedef struct
{
  const char *name;
  const char *summary;
  int (*run) (int argc, char **argv); /* argv[0] is the command's name        */
  gboolean runs_plugins;              /* prints by eid_cli_out() alone        */
} EidCommand;

int eid_command_train (int argc, char **argv);
int eid_command_evaluate (int argc, char **argv);
int eid_command_inspect (int argc, char **argv);
int eid_command_embed (int argc, char **argv);
int eid_command_export (int argc, char **argv);
int eid_command_plugins (int argc, char **argv);
int eid_command_devices (int argc, char **argv);
int eid_command_recipes (int argc, char **argv);
int eid_command_bench (int argc, char **argv);
int eid_command_new (int argc, char **argv);
int eid_command_build (int argc, char **argv);
int eid_command_check (int argc, char **argv);
int eid_command_serve (int argc, char **argv);

/* Says what @error says and returns its exit status. Takes @error. */
int eid_cli_fail (GError *error);
/* The same for a wrong call. */
int eid_cli_usage (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Reads the options of a command; what is left, words alone, is in @rest
 * (g_strfreev). @words: what the command takes beside options, for its help.
 * @description: what its help says below the options; may be NULL. On failure,
 * or after --help, FALSE with @status.                                       */
gboolean eid_cli_parse (int argc, char **argv, const GOptionEntry *entries, const char *words,
                        const char *summary, const char *description, char ***rest, int *status);

/* Numbers that are not finite are left out: JSON has none. */
void eid_json_add_number (JsonBuilder *builder, const char *key, double value);
void eid_json_add_integer (JsonBuilder *builder, const char *key, gint64 value);
void eid_json_add_text (JsonBuilder *builder, const char *key, const char *value);
void eid_json_add_boolean (JsonBuilder *builder, const char *key, gboolean value);
/* Writes the object that @builder holds as one line, at once. Takes @builder. */
void eid_json_print (JsonBuilder *builder);
JsonBuilder *eid_json_object (void);

/* A run by its folder, or by its name among the user's runs. Free. */
char *eid_cli_run_folder (const char *run);

/* Opens the model of the run called @run. @registry and @opened go after the
 * setup. Errors as eid_setup_open().                                         */
EidSetup *eid_cli_open (const char *run, const char *device, EidRegistry *registry, EidRun **opened,
                        GError **error);

/* The same for work that takes a while, which @bar shows. @settings: pairs of a
 * recipe's key and its value in place of the run's own, for this once; NULL
 * values are left out, NULL ends. The run on the disk stays as it is.        */
EidSetup *eid_cli_open_watched (const char *run, const char *device, const char *const *settings,
                                EidProgressBar *bar, EidRegistry *registry, EidRun **opened, GError **error);

/* How the data were understood, on standard error. */
void eid_cli_say_data (EidSetup *setup);
/* Pictures that could not be read, and such as were stretched, where they were not told of before. */
void eid_cli_say_unreadable (EidSetup *setup);
/* Whether --path, --size and --set go with --weights, and it with --path; else what eid_cli_usage() returned
 * is in @status. */
gboolean eid_cli_check_bare (const EidBareWeights *bare, int *status);

G_END_DECLS
