/* new-command.c: `eidoscope new`: the first file of a plugin, which compiles and
 * trains as it is, and a build file beside it, from plugins/templates.        */
#include "app/cli/cli.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_NAME 64

/* The kinds of plugin: their template, and how one is tried on a recipe that comes along. */
static const struct
{
  const char *kind, *template, *section;
} kinds[] = {
  { "objective", "/org/eidoscope/templates/objective.c", "Objective" },
  { "encoder", "/org/eidoscope/templates/encoder.c", "Encoder" },
};

#define BUILD_TEMPLATE "/org/eidoscope/templates/plugin.meson"

/* --- Names --------------------------------------------------------------------- */

/* Whether @name can be a plugin's id, a file's name and the beginning of a C function's. */
static gboolean
check_name (const char *name)
{
  if (!g_ascii_islower (name[0]) || name[strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0'
      || strlen (name) > LONGEST_NAME)
    eid_cli_usage (_ ("“%s” cannot be a plugin’s name: it begins with a letter and is made of a-z, 0-9 and - "
                      "alone, at most %d of them."),
                   name, LONGEST_NAME);
  else if (g_str_equal (name, "eid") || g_str_has_prefix (name, "eid-"))
    eid_cli_usage (_ ("“%s” cannot be a plugin’s name: what begins with “eid” is the kit’s own."), name);
  else
    return TRUE;
  return FALSE;
}

/* The template at @path, of which "my-plugin", "my_plugin" and "My plugin" become @name. Free. */
static char *
fill_template (const char *path, const char *name, GError **error)
{
  g_autoptr (GBytes) bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  g_autoptr (GString) text = NULL;
  g_autofree char *identifier = g_strdelimit (g_strdup (name), "-", '_');
  g_autofree char *title = g_strdelimit (g_strdup (name), "-", ' ');

  if (bytes == NULL)
    return NULL;
  title[0] = g_ascii_toupper (title[0]);
  text = g_string_new_len (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_string_replace (text, "my-plugin", name, 0);
  g_string_replace (text, "my_plugin", identifier, 0);
  g_string_replace (text, "My plugin", title, 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* --- Files ---------------------------------------------------------------------- */

typedef struct
{
  char *file, *text;
} Written;

static void
written_clear (Written *written)
{
  g_free (written->file);
  g_free (written->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Written, written_clear)

static gboolean
refuse_to_overwrite (const char *file, GError **error)
{
  if (!g_file_test (file, G_FILE_TEST_EXISTS) && !g_file_test (file, G_FILE_TEST_IS_SYMLINK))
    return FALSE;
  g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
               _ ("%s is there already. Name another folder by --output, or write over it by --force."),
               file);
  return TRUE;
}

static gboolean
write_all (const char *folder, const Written *written, guint count, gboolean force, GError **error)
{
  g_autoptr (GError) cause = NULL;

  for (guint i = 0; i < count && !force; i++)
    if (refuse_to_overwrite (written[i].file, error))
      return FALSE;
  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("The folder %s cannot be made (%s). Name another by --output."), folder,
                   g_strerror (errno));
      return FALSE;
    }
  for (guint i = 0; i < count; i++)
    if (!g_file_set_contents_full (written[i].file, written[i].text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0666,
                                   &cause))
      {
        g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                     _ ("%s cannot be written (%s). Name another folder by --output."), written[i].file,
                     cause->message);
        return FALSE;
      }
  return TRUE;
}

/* --- The command ------------------------------------------------------------------- */

static void
print_next (const char *file, const char *section, const char *name)
{
  g_autofree char *quoted = g_shell_quote (file);
  gboolean plain =
      file[strspn (file, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./")] == '\0';

  g_printerr ("%s\n", _ ("It compiles and trains as it is. Change it, and after each change:"));
  eid_cli_print ("eidoscope build %s\n", plain ? file : quoted);
  eid_cli_print ("eidoscope train fashion-simclr --set %s.plugin=%s\n", section, name);
}

int
eid_command_new (int argc, char **argv)
{
  g_autofree char *output = NULL;
  gboolean force = FALSE;
  const GOptionEntry entries[] = {
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &output, N_ ("Folder to write to; NAME if none is named"),
      N_ ("DIR") },
    { "force", 0, 0, G_OPTION_ARG_NONE, &force, N_ ("Write over files that are there"), NULL },
    { NULL },
  };
  g_auto (GStrv) rest = NULL;
  g_auto (Written) source = { 0 }, build = { 0 };
  GError *error = NULL;
  const char *name, *folder;
  guint kind = 0;
  int status;

  if (!eid_cli_parse (
          argc, argv, entries, _ ("objective|encoder NAME"),
          _ ("Begins a plugin: writes NAME.c, an objective or an encoder that compiles and trains "
             "as it is, and meson.build."),
          _ ("“eidoscope build” compiles it and puts it where “train” and the workbench find it."), &rest,
          &status))
    return status;
  if (g_strv_length (rest) != 2)
    return eid_cli_usage (
        _ ("“new” takes what is to be begun, and its name: eidoscope new objective NAME, or "
           "eidoscope new encoder NAME"));
  while (kind < G_N_ELEMENTS (kinds) && !g_str_equal (rest[0], kinds[kind].kind))
    kind++;
  if (kind == G_N_ELEMENTS (kinds))
    return eid_cli_usage (_ ("A plugin is an objective or an encoder, not “%s”."), rest[0]);
  name = rest[1];
  if (!check_name (name))
    return EID_EXIT_USAGE;

  folder = output != NULL ? output : name;
  source.file = g_strdup_printf ("%s/%s.c", folder, name);
  build.file = g_strdup_printf ("%s/meson.build", folder);
  source.text = fill_template (kinds[kind].template, name, &error);
  if (source.text != NULL)
    build.text = fill_template (BUILD_TEMPLATE, name, &error);
  if (build.text == NULL || !write_all (folder, (const Written[]){ source, build }, 2, force, &error))
    return eid_cli_fail (error);
  g_printerr (_ ("%s and %s are written.\n"), source.file, build.file);
  print_next (source.file, kinds[kind].section, name);
  return 0;
}
