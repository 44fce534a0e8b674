/* registry.c: which plugins are found, which are refused, and what is said. */
#include "plugins/host.h"

#include <glib/gstdio.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the refusal of each unsound plugin of samples/meson.build must name. */
static const struct
{
  const char *name;
  const char *words[3];
} refusals[] = {
  { "other-abi", { "interface 99", "has 1", "rebuild it" } },
  { "short", { "24 bytes", "at least" } },
  { "null", { "NULL" } },
  { "other-kind", { "“optimizer”", "“encoder”" } },
  { "no-kind", { "kind" } },
  { "bad-id", { "“Sim CLR”", "a-z" } },
  { "no-id", { "id" } },
  { "no-title", { "title" } },
  { "no-loss", { "loss()", "objective" } },
  { "no-encode", { "encode()", "encoder" } },
  { "no-key", { "Row 1", "no key" } },
  { "bad-key", { "“mask_ratio”", "a-z" } },
  { "no-doc", { "“count”", "doc" } },
  { "low-default", { "“rate”", "0.1", "from 0.5 to 1" } },
  { "nan-default", { "“rate”", "nan" } },
  { "half-default", { "“count”", "1.5", "whole" } },
  { "high-choice", { "“pool”", "choice 2", "of 2" } },
  { "no-choices", { "“pool”", "without choices" } },
  { "same-choice", { "“pool”", "repeated", "“mean|mean”" } },
  { "same-key", { "two parameters", "“norm”" } },
  { "bad-type", { "“rate”", "type 99" } },
  { "unresolved", { "cannot be opened", "eid_function_of_another_version" } },
  { "no-entry", { "eid_plugin()", "EID_ENCODER" } },
};

/* --- Folders -------------------------------------------------------------- */

static char *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("eidoscope-plugins-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (folder, name, NULL);

      g_remove (file);
    }
  g_rmdir (folder);
}

/* Puts the sample plugin @name into @folder; returns the new file's name. */
static char *
put (const char *folder, const char *name)
{
  g_autofree char *base = g_strconcat (name, ".so", NULL);
  g_autofree char *sample = g_test_build_filename (G_TEST_BUILT, "samples", base, NULL);
  char *file = g_build_filename (folder, base, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  gsize length;

  g_file_get_contents (sample, &contents, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents (file, contents, length, &error);
  g_assert_no_error (error);
  return file;
}

static EidRegistry *
open_registry (const char *path)
{
  g_setenv ("EIDOSCOPE_PLUGIN_PATH", path, TRUE);
  return eid_registry_new ();
}

static const EidPluginEntry *
entry_of (EidRegistry *registry, const char *file)
{
  for (guint i = 0; i < eid_registry_count (registry); i++)
    if (strcmp (eid_registry_get (registry, i)->file, file) == 0)
      return eid_registry_get (registry, i);
  g_test_message ("%s was not listed", file);
  g_test_fail ();
  g_assert_not_reached ();
}

static void
assert_says (const char *text, const char *words)
{
  if (text == NULL || strstr (text, words) == NULL)
    g_error ("“%s” does not say “%s”", text ? text : "(nothing)", words);
}

/* --- Tests ------------------------------------------------------------------ */

static void
test_sound_plugin_is_loaded (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *file = put (folder, "good");
  g_autoptr (EidRegistry) registry = open_registry (folder);
  g_autoptr (GError) error = NULL;
  const EidPluginEntry *entry = entry_of (registry, file);

  g_assert_null (entry->refused);
  g_assert_cmpstr (entry->descriptor->title, ==, "Sample");
  g_assert_cmpstr (entry->descriptor->params[3].key, ==, "pool");
  g_assert_true (eid_registry_find (registry, "encoder", "sample", &error) == entry->descriptor);
  g_assert_no_error (error);
  remove_folder (folder);
}

static void
test_unsound_plugin_is_refused (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  g_autofree char *folder = make_folder ();
  g_autofree char *file = put (folder, refusals[row].name);
  g_autofree char *sound = put (folder, "good");
  g_autoptr (EidRegistry) registry = open_registry (folder);
  const EidPluginEntry *entry = entry_of (registry, file);

  g_test_message ("%s: %s", refusals[row].name, entry->refused);
  g_assert_null (entry->descriptor);
  for (guint i = 0; i < G_N_ELEMENTS (refusals[row].words) && refusals[row].words[i]; i++)
    assert_says (entry->refused, refusals[row].words[i]);
  g_assert_true (g_str_has_suffix (entry->refused, "."));
  /* One plugin's fault is not another's. */
  g_assert_nonnull (entry_of (registry, sound)->descriptor);
  remove_folder (folder);
}

static void
test_field_appended_later_reads_as_null (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *file = put (folder, "early");
  g_autoptr (EidRegistry) registry = open_registry (folder);
  const EidPluginEntry *entry = entry_of (registry, file);

  const EidDescriptor *loaded;
  g_autoptr (GError) error = NULL;

  g_assert_null (entry->refused);
  g_assert_null (entry->descriptor->loss);
  loaded = eid_registry_load (registry, entry->descriptor->kind, entry->descriptor->id, &error);
  g_assert_no_error (error);
  g_assert_nonnull (loaded->loss);
  g_assert_null (loaded->show);
  remove_folder (folder);
}

static void
test_what_is_no_library_is_refused (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *text = g_build_filename (folder, "text.so", NULL);
  g_autofree char *directory = g_build_filename (folder, "directory.so", NULL);
  g_autofree char *pipe = g_build_filename (folder, "pipe.so", NULL); /* opening it would wait for ever */
  g_autofree char *dangling = g_build_filename (folder, "dangling.so", NULL);
  g_autofree char *other = g_build_filename (folder, "notes.txt", NULL);
  g_autoptr (EidRegistry) registry = NULL;

  g_assert_true (g_file_set_contents (text, "#!/bin/sh\n", -1, NULL));
  g_assert_true (g_file_set_contents (other, "not looked at\n", -1, NULL));
  g_assert_cmpint (g_mkdir (directory, 0700), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_cmpint (symlink ("/nonexistent/plugin.so", dangling), ==, 0);

  registry = open_registry (folder);
  assert_says (entry_of (registry, text)->refused, "cannot be opened");
  assert_says (entry_of (registry, directory)->refused, "not a regular file");
  assert_says (entry_of (registry, pipe)->refused, "not a regular file");
  assert_says (entry_of (registry, dangling)->refused, "not a regular file");
  for (guint i = 0; i < eid_registry_count (registry); i++)
    g_assert_cmpstr (eid_registry_get (registry, i)->file, !=, other);
  remove_folder (folder);
}

static void
test_first_of_an_id_wins (void)
{
  g_autofree char *first = make_folder ();
  g_autofree char *second = make_folder ();
  g_autofree char *shown = put (first, "good");
  g_autofree char *hidden = put (second, "good");
  g_autofree char *path = g_strconcat (first, ":", second, NULL);
  g_autoptr (EidRegistry) registry = open_registry (path);

  g_assert_true (eid_registry_find (registry, "encoder", "sample", NULL)
                 == entry_of (registry, shown)->descriptor);
  g_assert_null (entry_of (registry, hidden)->descriptor);
  assert_says (entry_of (registry, hidden)->refused, shown);
  remove_folder (first);
  remove_folder (second);
}

static void
test_user_folder_comes_after_the_path (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "eidoscope", "plugins", NULL);
  g_autofree char *mine = NULL;
  g_autofree char *shown = put (folder, "good");

  g_assert_cmpint (g_mkdir_with_parents (own, 0700), ==, 0);
  mine = put (own, "good");
  {
    g_autoptr (EidRegistry) registry = open_registry ("");

    g_assert_nonnull (entry_of (registry, mine)->descriptor);
  }
  {
    g_autoptr (EidRegistry) registry = open_registry (folder);

    g_assert_nonnull (entry_of (registry, shown)->descriptor);
    assert_says (entry_of (registry, mine)->refused, shown);
  }
  remove_folder (own);
  remove_folder (folder);
}

static void
test_folder_is_read_once_and_may_be_absent (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *file = put (folder, "good");
  g_autofree char *path =
      g_strdup_printf ("/nonexistent/plugins::%s:%s/../%s", folder, folder, strrchr (folder, '/') + 1);
  g_autoptr (EidRegistry) registry = open_registry (path);
  guint times = 0;

  for (guint i = 0; i < eid_registry_count (registry); i++)
    times += strcmp (eid_registry_get (registry, i)->file, file) == 0;
  g_assert_cmpuint (times, ==, 1);
  remove_folder (folder);
}

static void
test_unknown_name_is_answered (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *file = put (folder, "good");
  g_autofree char *refused = put (folder, "no-loss");
  g_autoptr (EidRegistry) registry = open_registry (folder);
  g_autoptr (GError) error = NULL;

  g_assert_null (eid_registry_find (registry, "encoder", "simple", &error));
  g_assert_error (error, EID_ERROR, EID_ERROR_USAGE);
  assert_says (error->message, "No encoder is named “simple” (did you mean “sample”?)");
  assert_says (error->message, folder);
  g_clear_error (&error);

  g_assert_null (eid_registry_find (registry, "objective", "sample", &error));
  assert_says (error->message, "No objective is named “sample”");
  g_clear_error (&error);

  g_assert_null (eid_registry_find (registry, "objective", "no-loss", &error));
  assert_says (error->message, refused);
  assert_says (error->message, "loss()");
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_autofree char *home = make_folder ();
  g_autofree char *own = g_build_filename (home, "eidoscope", NULL);
  int status;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_setenv ("XDG_CACHE_HOME", home, TRUE);
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/registry/sound-plugin-is-loaded", test_sound_plugin_is_loaded);
  for (guint row = 0; row < G_N_ELEMENTS (refusals); row++)
    {
      g_autofree char *path = g_strconcat ("/registry/refuses/", refusals[row].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (row), test_unsound_plugin_is_refused);
    }
  g_test_add_func ("/registry/field-appended-later-reads-as-null", test_field_appended_later_reads_as_null);
  g_test_add_func ("/registry/what-is-no-library-is-refused", test_what_is_no_library_is_refused);
  g_test_add_func ("/registry/first-of-an-id-wins", test_first_of_an_id_wins);
  g_test_add_func ("/registry/user-folder-comes-after-the-path", test_user_folder_comes_after_the_path);
  g_test_add_func ("/registry/folder-is-read-once-and-may-be-absent",
                   test_folder_is_read_once_and_may_be_absent);
  g_test_add_func ("/registry/unknown-name-is-answered", test_unknown_name_is_answered);

  status = g_test_run ();
  remove_folder (own);
  remove_folder (home);
  return status;
}
