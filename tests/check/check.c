/* check.c: `eidoscope check`: every plugin that comes with the program passes each examination, and a bad one
 * fails the one that is there for it. Which plugins there are is the registry's word. */
#include "plugins/host.h"
#include "tests/learning/lines.h"
#include "tests/support/tiny.h"

#include <string.h>

/* Where everything is built with a sanitizer, every plugin uses that one's symbols, which is told. */
#ifdef SANITIZED
static const char strange_examination[] = "symbols";
#else
static const char strange_examination[] = "";
#endif

/* --- Those that come with the program ---------------------------------------------------- */

static void
test_passes (gconstpointer data)
{
  const char *id = data;
  TinyWorld *world = tiny_world_new ();
  g_auto (TinyResult) result = TINY_RUN (world, "check", id, "--json");
  g_autoptr (GPtrArray) lines = NULL;
  guint passed = 0;

  if (*strange_examination == '\0')
    tiny_assert_status (&result, 0);
  lines = lines_parse (result.output);
  for (guint i = 0; i + 1 < lines->len; i++)
    {
      const char *outcome = json_object_get_string_member (lines->pdata[i], "outcome"),
                 *name = json_object_get_string_member (lines->pdata[i], "examination");

      g_test_message ("%s: %s", name, json_object_get_string_member (lines->pdata[i], "text"));
      /* Not every objective has a chance line: then, and then alone, one is left out. */
      if (strcmp (name, "chance") == 0 && strcmp (outcome, "skipped") == 0)
        continue;
      passed++;
      if (strcmp (name, strange_examination) == 0)
        continue;
      g_assert_cmpstr (outcome, ==, "passed");
    }
  g_assert_cmpuint (passed, >=, 10);
  g_assert_true (json_object_get_boolean_member (lines_last (lines), "done"));
  tiny_world_free (world);
}

/* --- Bad ones ---------------------------------------------------------------------------------- */

typedef struct
{
  const char *name, *examination; /* what fails         */
  const char *words[2];           /* that it must say   */
} Bad;

static const Bad bads[] = {
  { "stopped", "gradients", { "encoder.patch_embed.proj.weight", "no gradient" } },
  { "constant", "gradients", { "by differences", "by the gradient" } },
  { "faint", "gradients", { "too small", "rounding" } },
  { "unused", "gradients", { "objective.spare.weight", "does not depend" } },
  { "counted", "determinism", { "8 steps", "differ" } },
  { "forgetful", "resume", { "resumed", "otherwise" } },
  { "leak", "memory", { "50 steps", "bytes" } },
  { "off-chance", "chance", { "far from the chance line", "100" } },
  { "nan", "training", { "step", "finite" } },
  { "climbing", "training", { "the loss went from", "" } },
  { "loud", "manners", { "standard output", "hello" } },
  { "threaded", "manners", { "thread", "behind" } },
  { "typed", "manners", { "GType", "BadThing" } },
  { "exiting", "symbols", { "“_exit”", "ends the whole run" } },
  { "exiting", "memory", { "exit status 7", "" } },
  { "crashing", "memory", { "signal 11", "" } },
  { "hanging", "memory", { "within 8 seconds", "" } },
  { "narrow", "parameters", { "temperature = 0", "loss is" } },
  { "speechless", "parameters", { "temperature = 10", "did not say why" } },
  { "untidy", "descriptor", { "blank", "temperature" } },
  { "twin", "descriptor", { "“simclr”", "SimCLR" } },
  { "keeping", "symbols", { "variables", "counter (4 bytes)" } },
};

static char *
bad_file (const char *name)
{
  g_autofree char *base = g_strconcat (name, ".so", NULL);

  return g_test_build_filename (G_TEST_BUILT, base, NULL);
}

static void
test_is_caught (gconstpointer data)
{
  const Bad *bad = data;
  TinyWorld *world = tiny_world_new ();
  g_autofree char *file = bad_file (bad->name);
  g_auto (TinyResult) result =
      TINY_RUN (world, "check", file, "--json", "--only", bad->examination, "--steps", "30", "--timeout",
                strcmp (bad->name, "hanging") == 0 ? "8" : "100");
  g_autoptr (GPtrArray) lines = lines_parse (result.output);
  const char *text;

  g_assert_cmpuint (lines->len, ==, 2);
  text = json_object_get_string_member (lines->pdata[0], "text");
  g_test_message ("%s", text);
  if (strcmp (bad->name, "keeping") == 0)
    g_assert_cmpstr (json_object_get_string_member (lines->pdata[0], "outcome"), ==, "warning");
  else
    {
      g_assert_cmpstr (json_object_get_string_member (lines->pdata[0], "outcome"), ==, "failed");
      tiny_assert_status (&result, 1);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad->words); i++)
    g_assert_nonnull (strstr (text, bad->words[i]));
  tiny_world_free (world);
}

/* The sound plugin that the bad ones are made of: what is found of them is of what was changed. */
static void
test_sound_one_passes (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autofree char *file = bad_file ("sound");
  g_auto (TinyResult) result = TINY_RUN (world, "check", file);

  tiny_assert_status (&result, 0);
  g_assert_nonnull (strstr (result.output, "✓ passed"));
  g_assert_nonnull (strstr (result.output, "sound"));
  tiny_world_free (world);
}

/* What does not exist is bad usage, and says where to look. */
static void
test_wrong_words_are_bad_usage (void)
{
  TinyWorld *world = tiny_world_new ();
  g_auto (TinyResult) nothing = TINY_RUN (world, "check");
  g_auto (TinyResult) unknown = TINY_RUN (world, "check", "no-such-plugin");
  g_auto (TinyResult) file = TINY_RUN (world, "check", "./no-such-file.so");
  g_auto (TinyResult) name = TINY_RUN (world, "check", "simclr", "--only", "beauty");

  tiny_assert_status (&nothing, 2);
  tiny_assert_status (&unknown, 2);
  g_assert_nonnull (strstr (unknown.errors, "eidoscope plugins"));
  tiny_assert_status (&file, 2);
  tiny_assert_status (&name, 2);
  g_assert_nonnull (strstr (name.errors, "--list"));
  tiny_world_free (world);
}

/* A file that is no plugin fails, and the examinations that cannot be made are left out. */
static void
test_file_that_is_no_plugin_fails (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autofree char *file = tiny_path (world, "text.so");
  g_auto (TinyResult) result = { 0 };
  g_autoptr (GPtrArray) lines = NULL;

  g_assert_true (g_file_set_contents (file, "no plugin", -1, NULL));
  result = TINY_RUN (world, "check", file, "--json");
  tiny_assert_status (&result, 1);
  lines = lines_parse (result.output);
  g_assert_cmpstr (json_object_get_string_member (lines->pdata[0], "outcome"), ==, "failed");
  g_assert_cmpstr (json_object_get_string_member (lines->pdata[4], "outcome"), ==, "skipped");
  tiny_world_free (world);
}

/* --- All ------------------------------------------------------------------------------------------ */

static void
add_built_in (EidRegistry *registry)
{
  for (guint i = 0; i < eid_registry_count (registry); i++)
    {
      const EidDescriptor *plugin = eid_registry_get (registry, i)->descriptor;
      g_autofree char *path = NULL;

      g_assert_nonnull (plugin);
      g_assert_true (plugin->source != NULL && plugin->source[0] != '\0'); /* each is of a paper */
      path = g_strdup_printf ("/check/built-in/%s", plugin->id);
      g_test_add_data_func (path, plugin->id, test_passes);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (EidRegistry) registry = NULL;

  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("EIDOSCOPE_PLUGIN_PATH");
  registry = eid_registry_new ();
  add_built_in (registry);
  g_test_add_func ("/check/bad/sound-one-passes", test_sound_one_passes);
  g_test_add_func ("/check/bad/wrong-words-are-bad-usage", test_wrong_words_are_bad_usage);
  g_test_add_func ("/check/bad/file-that-is-no-plugin-fails", test_file_that_is_no_plugin_fails);
  for (guint i = 0; i < G_N_ELEMENTS (bads); i++)
    {
      g_autofree char *path = g_strdup_printf ("/check/bad/%s-fails-%s", bads[i].name, bads[i].examination);

      g_test_add_data_func (path, &bads[i], test_is_caught);
    }
  return g_test_run ();
}
