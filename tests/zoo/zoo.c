/* zoo.c: what the registry makes of each animal, alone and among the others. None of
 * them may harm this process, whatever it does when it is opened.            */
#include "plugins/host.h"

#include <glib/gstdio.h>

#include <string.h>

/* What is said of those that cannot be used, and whether they are set aside; NULL: it is sound as far as can
 * be seen. All others of the zoo are. */
static const struct
{
  const char *name, *words[2];
  gboolean set_aside;
} refusals[] = {
  { "load-segfault", { "crashed in its constructor", "Segmentation fault" }, TRUE },
  { "load-abort", { "crashed in its constructor", "Aborted" }, TRUE },
  { "load-exit", { "exit() in its constructor", "status 3" }, TRUE },
  { "load-hang", { "did not come back within 3 seconds", "in its constructor" }, TRUE },
  { "load-overflow", { "crashed in its constructor", "Segmentation fault" }, TRUE },
  { "load-memory", { "more than 128 MiB of memory", "in its constructor" }, TRUE },
  { "load-thread", { "leaves a thread" }, FALSE },
  { "load-type", { "registers the type “ZooThing”" }, FALSE },
  { "entry-segfault", { "crashed in eid_plugin()", "Segmentation fault" }, TRUE },
  { "entry-exit", { "exit() in eid_plugin()", "status 3" }, TRUE },
  { "entry-hang", { "did not come back within 3 seconds", "in eid_plugin()" }, TRUE },
  { "params-range", { "“weight”", "from 10 to 0" }, FALSE },
  { "params-default", { "“count”", "from 1 to 8" }, FALSE },
};

static char *home;

static const EidPluginEntry *
entry_named (EidRegistry *registry, const char *name)
{
  g_autofree char *base = g_strconcat (name, ".so", NULL);

  for (guint i = 0; i < eid_registry_count (registry); i++)
    {
      const EidPluginEntry *entry = eid_registry_get (registry, i);
      g_autofree char *own = g_path_get_basename (entry->file);

      if (g_str_equal (own, base))
        return entry;
    }
  g_error ("%s was not listed", name);
}

static const char *
refusal_words (const char *name, guint word, gboolean *set_aside)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    if (g_str_equal (refusals[i].name, name))
      {
        *set_aside = refusals[i].set_aside;
        return refusals[i].words[word];
      }
  return NULL;
}

/* Of the zoo as it stands in its folder. */
static void
check_zoo (EidRegistry *registry)
{
  guint sound = 0, refused = 0;

  for (guint i = 0; i < eid_registry_count (registry); i++)
    {
      const EidPluginEntry *entry = eid_registry_get (registry, i);
      g_autofree char *base = g_path_get_basename (entry->file), *name = g_strndup (base, strlen (base) - 3);
      gboolean set_aside = FALSE;
      const char *first = refusal_words (name, 0, &set_aside), *second = refusal_words (name, 1, &set_aside);

      g_test_message ("%s: %s", name, entry->refused ? entry->refused : "sound");
      g_assert_true ((first == NULL) == (entry->descriptor != NULL));
      g_assert_true (first == NULL || strstr (entry->refused, first) != NULL);
      g_assert_true (second == NULL || strstr (entry->refused, second) != NULL);
      g_assert_cmpint (entry->set_aside, ==, set_aside);
      sound += entry->descriptor != NULL;
      refused += entry->refused != NULL;
    }
  g_assert_cmpuint (refused, ==, G_N_ELEMENTS (refusals));
  g_assert_cmpuint (sound, >, 20); /* its other animals, and the built-in plugins */
  g_assert_nonnull (eid_registry_find (registry, "encoder", "vit", NULL));
}

/* --- Tests ------------------------------------------------------------------ */

/* Hanging takes three seconds each, of any processor: what is remembered takes no such time. */
static void
test_each_is_refused_or_sound_and_remembered (void)
{
  const gint64 start = g_get_monotonic_time ();
  g_autoptr (EidRegistry) first = eid_registry_new (), second = NULL;
  gint64 took, middle;

  check_zoo (first);
  took = g_get_monotonic_time () - start;
  g_assert_cmpint (took, >, 6 * G_USEC_PER_SEC);
  middle = g_get_monotonic_time ();
  second = eid_registry_new ();
  check_zoo (second);
  g_assert_cmpint (g_get_monotonic_time () - middle, <, took / 2);
}

static void
test_damaged_memory_is_only_slower (void)
{
  g_autofree char *file = g_build_filename (home, "eidoscope", "plugin-readings", NULL);
  g_autofree char *good = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (file, &good, &length, NULL));
  g_setenv ("EIDOSCOPE_PLUGIN_PATH", "", TRUE); /* the built-in ones will do */
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *bad = g_memdup2 (good, length);
      g_autoptr (EidRegistry) registry = NULL;

      for (gsize at = 40 + i; at < length; at += 997)
        bad[at] = (char) ~bad[at];
      g_assert_true (g_file_set_contents (file, bad, (gssize) (i == 2 ? length / 2 : length), NULL));
      registry = eid_registry_new ();
      g_assert_nonnull (eid_registry_find (registry, "encoder", "vit", NULL));
      g_assert_nonnull (eid_registry_find (registry, "objective", "mae", NULL));
    }
  g_assert_true (g_file_set_contents (file, good, (gssize) length, NULL));
}

/* Puts the animal @name into @folder as "visitor.so"; free. */
static char *
put (const char *folder, const char *name)
{
  g_autofree char *base = g_strconcat (name, ".so", NULL), *contents = NULL;
  g_autofree char *animal = g_test_build_filename (G_TEST_BUILT, base, NULL);
  char *file = g_build_filename (folder, "visitor.so", NULL);
  gsize length;

  g_assert_true (g_file_get_contents (animal, &contents, &length, NULL));
  g_assert_true (g_file_set_contents (file, contents, (gssize) length, NULL));
  return file;
}

static void
test_changed_file_is_tried_again_by_itself (void)
{
  g_autofree char *folder = g_dir_make_tmp ("eidoscope-zoo-XXXXXX", NULL);
  g_autofree char *file = put (folder, "load-segfault"), *same = NULL;
  g_autoptr (EidRegistry) registry = NULL;
  const EidDescriptor *descriptor;

  g_setenv ("EIDOSCOPE_PLUGIN_PATH", folder, TRUE);
  registry = eid_registry_new ();
  g_assert_true (entry_named (registry, "visitor")->set_aside);
  same = put (folder, "loss-print");
  descriptor = eid_registry_find (registry, "objective", "loss-print", NULL);
  g_assert_nonnull (descriptor);
  g_assert_null (descriptor->loss);
  g_assert_null (entry_named (registry, "visitor")->refused);

  g_remove (file);
  eid_registry_refresh (registry);
  g_assert_null (eid_registry_find (registry, "objective", "loss-print", NULL));
  g_assert_cmpstr (descriptor->title, ==, "Zoo"); /* who holds it may go on */
  g_rmdir (folder);
}

static void
test_crash_in_a_run_sets_aside_until_retried (void)
{
  g_autofree char *folder = g_dir_make_tmp ("eidoscope-zoo-XXXXXX", NULL);
  g_autofree char *file = put (folder, "loss-segfault"), *crashes = eid_plugin_crash_file ();
  g_autofree char *note = g_strconcat (file, "\tIt crashed in loss().\nnonsense\n/nowhere.so\twhat\n", NULL);
  g_autoptr (EidRegistry) before = NULL, after = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("EIDOSCOPE_PLUGIN_PATH", folder, TRUE);
  before = eid_registry_new ();
  g_assert_nonnull (eid_registry_find (before, "objective", "loss-segfault", NULL));
  g_assert_true (g_file_set_contents (crashes, note, -1, NULL));
  after = eid_registry_new ();
  g_assert_true (entry_named (after, "visitor")->set_aside);
  g_assert_cmpstr (entry_named (after, "visitor")->refused, ==, "It crashed in loss().");
  g_assert_null (eid_registry_find (after, "objective", "loss-segfault", &error));
  g_assert_nonnull (strstr (error->message, "--retry loss-segfault"));
  g_clear_error (&error);

  g_assert_true (eid_registry_retry (after, "loss-segfault", &error));
  g_assert_no_error (error);
  g_assert_nonnull (eid_registry_find (after, "objective", "loss-segfault", NULL));
  g_assert_false (eid_registry_retry (after, "nobody", &error));
  g_assert_error (error, EID_ERROR, EID_ERROR_USAGE);
  g_remove (file);
  g_rmdir (folder);
}

static void
test_retried_in_vain_says_so (void)
{
  g_autofree char *folder = g_dir_make_tmp ("eidoscope-zoo-XXXXXX", NULL);
  g_autofree char *file = put (folder, "entry-exit");
  g_autoptr (EidRegistry) registry = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("EIDOSCOPE_PLUGIN_PATH", folder, TRUE);
  registry = eid_registry_new ();
  g_assert_false (eid_registry_retry (registry, file, &error));
  g_assert_error (error, EID_ERROR, EID_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "exit()"));
  g_remove (file);
  g_rmdir (folder);
}

static void
remove_in (const char *folder)
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

int
main (int argc, char **argv)
{
  g_autofree char *cache = NULL;
  int status;

  home = g_dir_make_tmp ("eidoscope-zoo-XXXXXX", NULL);
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_setenv ("XDG_CACHE_HOME", home, TRUE);
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_setenv ("EIDOSCOPE_PLUGIN_SECONDS", "3", TRUE);
  g_setenv ("EIDOSCOPE_PLUGIN_MEGABYTES", "128", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_setenv ("EIDOSCOPE_PLUGIN_PATH", g_test_get_dir (G_TEST_BUILT), TRUE);

  g_test_add_func ("/zoo/each-is-refused-or-sound-and-remembered",
                   test_each_is_refused_or_sound_and_remembered);
  g_test_add_func ("/zoo/damaged-memory-is-only-slower", test_damaged_memory_is_only_slower);
  g_test_add_func ("/zoo/changed-file-is-tried-again-by-itself", test_changed_file_is_tried_again_by_itself);
  g_test_add_func ("/zoo/crash-in-a-run-sets-aside-until-retried",
                   test_crash_in_a_run_sets_aside_until_retried);
  g_test_add_func ("/zoo/retried-in-vain-says-so", test_retried_in_vain_says_so);

  status = g_test_run ();
  cache = g_build_filename (home, "eidoscope", NULL);
  remove_in (cache);
  g_rmdir (home);
  g_free (home);
  return status;
}
