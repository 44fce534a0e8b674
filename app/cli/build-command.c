/* build-command.c: `eidoscope build`: a plugin's C file to a shared object, by
 * the system's compiler with the flags of the kit that this very program runs
 * with, and put where plugins are looked for.
 *
 * The compiler writes its messages to standard error, as it would to a person:
 * the workbench reads them there. The shared object appears whole or not at
 * all, and never changes below a process that has the old one open.           */
#define _GNU_SOURCE /* prctl() */
#include "app/cli/cli.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* What every plugin is compiled with, before the user's own CFLAGS. A name that is nowhere to be
 * found is the compiler's or the linker's error, here, not the loader's later. */
static const char *const compile_flags[] = {
  "-std=gnu11",
  "-O2",
  "-g",
  "-Wall",
  "-Wextra",
  "-Wno-unused-parameter",
  "-Wno-missing-field-initializers",
  "-Werror=implicit-function-declaration",
  "-Werror=incompatible-pointer-types",
  "-Werror=int-conversion",
  "-Werror=return-type",
  "-fPIC",
  "-fvisibility=hidden",
  "-shared",
  "-Wl,-z,defs",
};

/* --- Where the kit is -------------------------------------------------------- */

/* The folder of eidoscope.pc that belongs to this program: of its build tree, or
 * of its installation, wherever that was moved to; NULL if neither is there. Free. */
static char *
kit_folder (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *programs = self != NULL ? g_path_get_dirname (self) : g_strdup (".");
  g_autofree char *root = g_path_get_dirname (programs);
  g_autofree char *top = g_path_get_dirname (root);
  g_autofree char *libraries =
      g_path_is_absolute (EID_LIBDIR) ? g_strdup (EID_LIBDIR) : g_build_filename (root, EID_LIBDIR, NULL);
  g_autofree char *built = g_build_filename (top, "meson-uninstalled", NULL);
  g_autofree char *installed = g_build_filename (libraries, "pkgconfig", NULL);
  g_autofree char *built_file = g_build_filename (built, "eidoscope-uninstalled.pc", NULL);
  g_autofree char *installed_file = g_build_filename (installed, "eidoscope.pc", NULL);

  if (g_file_test (built_file, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&built);
  if (g_file_test (installed_file, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&installed);
  return NULL;
}

static void
end_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

/* Starts @program; a compiler does not outlive the command, and then takes its half file with it. */
static GSubprocess *
start (const char *const *program, GSubprocessFlags flags, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autofree char *kit = kit_folder ();

  if (kit != NULL)
    {
      const char *more = g_getenv ("PKG_CONFIG_PATH");
      g_autofree char *path = more != NULL && *more != '\0'
                                  ? g_strconcat (kit, G_SEARCHPATH_SEPARATOR_S, more, NULL)
                                  : g_strdup (kit);

      g_subprocess_launcher_setenv (launcher, "PKG_CONFIG_PATH", path, TRUE);
    }
  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  return g_subprocess_launcher_spawnv (launcher, program, error);
}

/* What pkg-config says a plugin needs. */
static char **
kit_flags (GError **error)
{
  const char *wanted = g_getenv ("PKG_CONFIG");
  const char *const program[] = { wanted != NULL ? wanted : "pkg-config", "--cflags", "--libs", "eidoscope",
                                  NULL };
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) cause = NULL;
  g_autofree char *said = NULL, *complaint = NULL;
  g_auto (GStrv) flags = NULL;

  process = start (program, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &cause);
  if (process == NULL)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("%s cannot be started (%s): it tells what plugins are compiled with. Install it; "
                      "Debian’s package is pkg-config."),
                   program[0], cause->message);
      return NULL;
    }
  if (!g_subprocess_communicate_utf8 (process, NULL, NULL, &said, &complaint, error))
    return NULL;
  if (!g_subprocess_get_successful (process))
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("%s does not know what plugins are compiled with: %s. Install libeidoscope with its "
                      "eidoscope.pc and the development files of GLib (Debian: libglib2.0-dev)."),
                   program[0], g_strstrip (complaint));
      return NULL;
    }
  return g_shell_parse_argv (said, NULL, &flags, error) ? g_steal_pointer (&flags) : NULL;
}

/* --- Compiling ------------------------------------------------------------------ */

/* Adds the words of @text, "-O0 -Wall", to @arguments. */
static gboolean
add_words (GPtrArray *arguments, const char *variable, const char *otherwise, GError **error)
{
  const char *text = g_getenv (variable);
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) cause = NULL;

  if (text == NULL || text[strspn (text, " \t\n")] == '\0')
    text = otherwise;
  if (text == NULL)
    return TRUE;
  if (!g_shell_parse_argv (text, NULL, &words, &cause))
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("%s=%s: %s"), variable, text, cause->message);
      return FALSE;
    }
  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add (arguments, g_strdup (words[i]));
  return TRUE;
}

/* cc FLAGS -o @output @source KIT; NULL-terminated. */
static GPtrArray *
compiler_call (const char *source, const char *output, GError **error)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) kit = kit_flags (error);

  if (kit == NULL || !add_words (arguments, "CC", "cc", error))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (compile_flags); i++)
    g_ptr_array_add (arguments, g_strdup (compile_flags[i]));
  if (!add_words (arguments, "CFLAGS", NULL, error))
    return NULL;
  g_ptr_array_add (arguments, g_strdup ("-o"));
  g_ptr_array_add (arguments, g_strdup (output));
  /* a name like “-x.c” is not an option */
  g_ptr_array_add (arguments, source[0] == '-' ? g_strconcat ("./", source, NULL) : g_strdup (source));
  for (guint i = 0; kit[i] != NULL; i++)
    g_ptr_array_add (arguments, g_strdup (kit[i]));
  if (!add_words (arguments, "LDFLAGS", NULL, error))
    return NULL;
  g_ptr_array_add (arguments, NULL);
  return g_steal_pointer (&arguments);
}

static gboolean
compile (const char *source, const char *output, GError **error)
{
  g_autoptr (GPtrArray) arguments = compiler_call (source, output, error);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) cause = NULL;

  if (arguments == NULL)
    return FALSE;
  process = start ((const char *const *) arguments->pdata, G_SUBPROCESS_FLAGS_NONE, &cause);
  if (process == NULL)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("The compiler %s cannot be started (%s). Install one (Debian: gcc libc6-dev), or name "
                      "yours in the environment variable CC."),
                   (const char *) arguments->pdata[0], cause->message);
      return FALSE;
    }
  if (!g_subprocess_wait (process, NULL, error))
    return FALSE;
  if (g_subprocess_get_successful (process))
    return TRUE;
  g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("%s does not compile: see the messages above."),
               source);
  return FALSE;
}

/* Compiles to a file beside @output, which then takes its place in one move. */
static gboolean
build (const char *source, const char *output, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (output);
  g_autofree char *name = g_path_get_basename (output);
  /* not a name that is looked for among plugins */
  g_autofree char *hidden = g_strdup_printf (".%s.%d", name, (int) getpid ());
  g_autofree char *half = g_build_filename (folder, hidden, NULL);
  gboolean good;

  if (g_access (folder, W_OK | X_OK) != 0)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("%s cannot be written to (%s). Name another place: --output FILE.so."), folder,
                   g_strerror (errno));
      return FALSE;
    }
  good = compile (source, half, error);
  if (good && g_rename (half, output) != 0)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("%s cannot be written: %s."), output,
                   g_strerror (errno));
      good = FALSE;
    }
  if (!good)
    g_unlink (half);
  return good;
}

/* --- The command ------------------------------------------------------------------ */

/* Where the shared object of @source goes: @wanted, in it where that is a folder,
 * or the user's folder of plugins, which is made. Free.                       */
static char *
output_of (const char *source, const char *wanted, GError **error)
{
  g_autofree char *name = g_path_get_basename (source);
  g_autofree char *plugins = g_build_filename (g_get_user_data_dir (), "eidoscope", "plugins", NULL);

  name[strlen (name) - 2] = '\0'; /* without .c */
  if (wanted == NULL && g_mkdir_with_parents (plugins, 0777) != 0)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("The folder %s cannot be made (%s). Name another place: --output FILE.so."), plugins,
                   g_strerror (errno));
      return NULL;
    }
  if (wanted == NULL || g_file_test (wanted, G_FILE_TEST_IS_DIR))
    return g_strdup_printf ("%s/%s.so", wanted != NULL ? wanted : plugins, name);
  return g_strdup (wanted);
}

int
eid_command_build (int argc, char **argv)
{
  g_autofree char *output = NULL, *place = NULL;
  const GOptionEntry entries[] = {
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &output,
      N_ ("File or folder to write, in place of your folder of plugins"), N_ ("FILE.so") },
    { NULL },
  };
  g_auto (GStrv) rest = NULL;
  GError *error = NULL;
  int status;

  if (!eid_cli_parse (argc, argv, entries, _ ("FILE.c"),
                      _ ("Compiles a plugin and puts it into your folder of plugins, where “train” and the "
                         "workbench find it."),
                      _ ("The compiler’s messages go to standard error. The environment variables CC, CFLAGS "
                         "and LDFLAGS add to what it is called with, PKG_CONFIG_PATH to where libraries are "
                         "found."),
                      &rest, &status))
    return status;
  if (g_strv_length (rest) != 1)
    return eid_cli_usage (_ ("“build” takes one file, the plugin’s: eidoscope build FILE.c"));
  if (!g_str_has_suffix (rest[0], ".c") || g_str_has_suffix (rest[0], "/.c") || strlen (rest[0]) < 3)
    return eid_cli_usage (_ ("%s: a plugin’s file is of C, and its name ends in .c."), rest[0]);
  if (!g_file_test (rest[0], G_FILE_TEST_IS_REGULAR))
    return eid_cli_fail (g_error_new (EID_ERROR, EID_ERROR_FAILED,
                                      _ ("There is no file %s. “eidoscope new” begins a plugin."), rest[0]));

  place = output_of (rest[0], output, &error);
  if (place == NULL || !build (rest[0], place, &error))
    return eid_cli_fail (error);
  eid_cli_print ("%s\n", place);
  return 0;
}
