/* engine.c: what becomes of an engine that trains with each animal of the zoo: what
 * it says, that others can still be used, and that the checkpoint made before is
 * gone on from.                                                              */
#define _GNU_SOURCE /* prlimit() */
#include "tests/wire/engine.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Of memory that an engine may have here, so that what wants all of it gets it soon. */
#define MOST_MEMORY (G_GUINT64_CONSTANT (3) << 30)

/* Those that end the engine. What stands last on its standard error names the plugin, the file, the function
 * and the cause. */
static const struct
{
  const char *plugin;
  gboolean encoder, trained; /* there is a checkpoint by then */
  const char *words;
} deadly[] = {
  { "build-segfault", FALSE, FALSE, "crashed in build(): Segmentation fault" },
  { "views-segfault", FALSE, FALSE, "crashed in views(): Segmentation fault" },
  { "chance-segfault", FALSE, FALSE, "crashed in chance(): Segmentation fault" },
  { "encoder-build", TRUE, FALSE, "crashed in build(): Segmentation fault" },
  { "encoder-segfault", TRUE, TRUE, "crashed in encode() at step 7: Segmentation fault" },
  { "loss-segfault", FALSE, TRUE, "crashed in loss() at step 7: Segmentation fault" },
  { "loss-abort", FALSE, TRUE, "crashed in loss() at step 7: Aborted" },
  { "loss-exit", FALSE, TRUE, "called exit() in loss() at step 7" },
  { "loss-overflow", FALSE, TRUE, "crashed in loss() at step 7: Segmentation fault" },
  { "loss-memory", FALSE, TRUE, "crashed in loss() at step 7: Segmentation fault" },
};

/* Those whose run fails, or goes on, in an engine that lives: what is said, as the state's message or as an
 * event. */
static const struct
{
  const char *plugin;
  gboolean encoder;
  const char *state;
  const char *words[2];
} harmless[] = {
  { "loss-null", FALSE, "failed", { "“loss-null” returned NULL from loss()", "shape [1]" } },
  { "loss-shape", FALSE, "failed", { "“loss-shape” returned [32, 16] from loss()", "eid_mean()" } },
  { "loss-mismatch", FALSE, "failed", { "In loss() of “loss-mismatch”", "sizes 16 and 32" } },
  { "loss-nan", FALSE, "failed", { "not finite", "loss-nan" } },
  { "encoder-null", TRUE, "failed", { "“encoder-null” returned", "[32, 16]" } },
  { "encoder-shape", TRUE, "failed", { "“encoder-shape” returned", "[1, 16]" } },
  { "loss-detached", FALSE, "done", { "warning No gradient", "“loss-detached”" } },
  { "loss-print", FALSE, "done", { "" } },
  { "loss-thread", FALSE, "done", { "" } },
  { "simsiam", FALSE, "done", { "" } },
};

/* --- Runs ------------------------------------------------------------------- */

/* A short run of @plugin with what it fits; free. */
static char *
recipe (TinyWorld *world, const char *plugin, gboolean encoder)
{
  return g_strdup_printf (
      "[Run]\nsteps = 9\nbatch = 16\nseed = 3\ncheckpoint-every = 3\nevaluate-every = 0\n"
      "[Dataset]\nreader = idx\npath = %s\nsize = 16\n"
      "[Encoder]\nplugin = %s\n%s[Objective]\nplugin = %s\n%s"
      "[Evaluate]\ntrain-limit = 40\ntest-limit = 20\nprobe-epochs = 1\n",
      world->data, encoder ? plugin : "vit", encoder ? "" : "patch = 4\nwidth = 16\ndepth = 1\nheads = 2\n",
      encoder ? "loss-print" : plugin,
      g_str_equal (plugin, "simsiam") ? "hidden = 16\noutput = 16\nbottleneck = 8\n" : "");
}

static void
limit_memory (Engine *engine)
{
  const struct rlimit limit = { MOST_MEMORY, MOST_MEMORY };
  const char *pid = g_subprocess_get_identifier (engine->process);

  g_assert_cmpint (prlimit ((pid_t) g_ascii_strtoll (pid, NULL, 10), RLIMIT_DATA, &limit, NULL), ==, 0);
}

static gboolean
is_gone (Engine *engine, gconstpointer unused)
{
  return g_dbus_connection_is_closed (engine->connection);
}

static gboolean
is_over (Engine *engine, gconstpointer unused)
{
  return engine->progresses > 0 && (engine_is_in (engine, "failed") || engine_is_in (engine, "done"));
}

static void
assert_says (const char *text, const char *words)
{
  if (strstr (text, words) == NULL)
    g_error ("“%s” does not say “%s”", text, words);
}

/* --- Afterwards ---------------------------------------------------------------- */

static void
assert_is_last_line (const char *messages, const char *plugin, const char *words)
{
  g_autofree char *text = g_strchomp (g_strdup (messages));
  const char *line = strrchr (text, '\n') ? strrchr (text, '\n') + 1 : text;
  g_autofree char *name = g_strdup_printf ("“%s”", plugin), *file = g_strdup_printf ("/%s.so", plugin);

  assert_says (line, name);
  assert_says (line, file);
  assert_says (line, words);
}

/* `eidoscope plugins` has @plugin set aside, and others at hand. */
static void
assert_is_set_aside (TinyWorld *world, const char *plugin, const char *words)
{
  const char *const environment[] = { g_getenv ("ZOO_CACHE"), NULL };
  g_auto (TinyResult) result =
      tiny_run (world, (const char *const[]){ "plugins", "--json", NULL }, environment);
  g_auto (GStrv) lines = NULL;
  g_autofree char *file = g_strdup_printf ("/%s.so", plugin);
  guint found = 0, usable = 0;

  tiny_assert_status (&result, 0);
  lines = g_strsplit (result.output, "\n", -1);
  for (guint i = 0; lines[i] && *lines[i]; i++)
    {
      g_autoptr (JsonNode) node = json_from_string (lines[i], NULL);
      JsonObject *object = json_node_get_object (node);

      if (!json_object_has_member (object, "refused"))
        usable++;
      else if (g_str_has_suffix (json_object_get_string_member (object, "file"), file))
        {
          g_assert_true (json_object_get_boolean_member (object, "set_aside"));
          assert_says (json_object_get_string_member (object, "refused"), words);
          found++;
        }
    }
  g_assert_cmpuint (found, ==, 1);
  g_assert_cmpuint (usable, >, 20);
}

/* The run goes on from the checkpoint before step 7 to its end: what harmed it is tame now. That the plugin
 * was set aside does not stand in the way of somebody who goes on with its run. */
static TinyWorld *
go_on (TinyWorld *world, const char *folder)
{
  g_autoptr (GError) error = NULL;
  Engine *engine;
  guint64 step;
  int status;

  g_setenv ("ZOO_TAME", "1", TRUE);
  engine = engine_new_in (world, OVER_SOCKET);
  eid_wire_engine_call_resume_sync (engine->proxy, folder, "", &step, NULL, &error);
  g_unsetenv ("ZOO_TAME");
  g_assert_no_error (error);
  g_assert_cmpuint (step, ==, 6);
  engine_wait (engine, is_over, NULL);
  g_assert_cmpstr (eid_wire_engine_get_state (engine->proxy), ==, "done");
  world = engine_leave (engine, &status);
  g_assert_cmpint (status, ==, 0);
  return world;
}

/* --- Tests -------------------------------------------------------------------------- */

static void
test_crash_names_the_plugin (gconstpointer data)
{
  const guint row = GPOINTER_TO_UINT (data);
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *text = recipe (engine->world, deadly[row].plugin, deadly[row].encoder);
  g_autofree char *folder = tiny_path (engine->world, "run"), *messages = NULL, *crash = NULL, *noted = NULL;
  g_autofree char *cache = g_strconcat ("XDG_CACHE_HOME=", engine->world->folder, NULL);
  TinyWorld *world;
  int status;

  limit_memory (engine);
  eid_wire_engine_call_start (engine->proxy, text, "", folder, NULL, NULL, NULL);
  engine_wait (engine, is_gone, NULL);
  g_subprocess_wait (engine->process, NULL, NULL);
  messages = engine_messages (engine);
  world = engine_leave (engine, &status);
  g_assert_cmpint (status, !=, 0);
  assert_is_last_line (messages, deadly[row].plugin, deadly[row].words);
  g_setenv ("ZOO_CACHE", cache, TRUE);
  assert_is_set_aside (world, deadly[row].plugin, deadly[row].words);
  if (deadly[row].trained)
    {
      crash = g_build_filename (folder, "crash.txt", NULL);
      g_assert_true (g_file_get_contents (crash, &noted, NULL, NULL));
      assert_says (noted, deadly[row].words);
      world = go_on (world, folder);
    }
  tiny_world_free (world);
}

static void
test_engine_lives_on (void)
{
  Engine *engine = engine_new (OVER_PIPES);
  g_autofree char *messages = NULL;

  for (guint row = 0; row < G_N_ELEMENTS (harmless); row++)
    {
      g_autofree char *text = recipe (engine->world, harmless[row].plugin, harmless[row].encoder);
      g_autofree char *folder = tiny_path (engine->world, harmless[row].plugin);
      g_autoptr (GError) error = NULL;
      const char *said;

      g_string_truncate (engine->events, 0);
      engine->progresses = 0;
      eid_wire_engine_call_start_sync (engine->proxy, text, "", folder, NULL, NULL, &error);
      g_assert_no_error (error);
      engine_wait (engine, is_over, NULL);
      said = g_str_equal (harmless[row].state, "failed") ? eid_wire_engine_get_message (engine->proxy)
                                                         : engine->events->str;
      g_test_message ("%s: %s", harmless[row].plugin, said);
      g_assert_cmpstr (eid_wire_engine_get_state (engine->proxy), ==, harmless[row].state);
      for (guint i = 0; i < G_N_ELEMENTS (harmless[row].words) && harmless[row].words[i]; i++)
        assert_says (said, harmless[row].words[i]);
    }
  messages = engine_messages (engine);
  assert_says (messages, "{\"done\": true}"); /* and not on the wire, which is standard output here */
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* Nobody looks; but a run keeps what its pictures show. */
static void
test_crash_in_a_picture (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *text = recipe (engine->world, "show-segfault", FALSE),
                  *folder = engine_start (engine, text);
  g_autofree char *messages = NULL;
  int status;

  engine_wait (engine, is_gone, NULL);
  g_subprocess_wait (engine->process, NULL, NULL);
  messages = engine_messages (engine);
  assert_is_last_line (messages, "show-segfault", "crashed in show(): Segmentation fault");
  tiny_world_free (engine_leave (engine, &status));
}

static gboolean
hangs (Engine *engine, gconstpointer unused)
{
  g_autofree char *plugin = NULL, *callback = NULL;
  guint64 step, seconds;
  gboolean missing = FALSE;

  g_usleep (G_USEC_PER_SEC / 20);
  /* What drivers compile takes its time, too: before. */
  if (!eid_wire_engine_call_doing_sync (engine->proxy, &plugin, NULL, &callback, &step, &seconds, &missing,
                                        NULL, NULL)
      || !missing || step < 7)
    {
      g_main_context_wakeup (NULL);
      return FALSE;
    }
  g_assert_cmpstr (plugin, ==, "loss-hang");
  g_assert_cmpstr (callback, ==, "loss()");
  g_assert_cmpuint (step, ==, 7);
  return TRUE;
}

static void
test_standstill_is_told (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *text = recipe (engine->world, "loss-hang", FALSE), *folder = engine_start (engine, text);
  g_autofree char *messages = NULL;
  TinyWorld *world;
  int status;

  engine_wait (engine, hangs, NULL);
  for (guint i = 0; i < 100 && (messages == NULL || strstr (messages, "seconds") == NULL); i++)
    {
      g_usleep (G_USEC_PER_SEC / 10);
      g_free (messages);
      messages = engine_messages (engine);
    }
  assert_is_last_line (messages, "loss-hang", "has not come back from loss() at step 7 for");
  assert_says (messages, "loss-hang.so(");
  g_subprocess_force_exit (engine->process);
  world = engine_leave (engine, &status);
  tiny_world_free (go_on (world, folder));
}

/* What a plugin prints looks like a report of the command's. */
static void
test_reports_are_the_commands_alone (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autofree char *text = recipe (world, "loss-print", FALSE);
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_set_contents (world->recipe, text, -1, NULL));
  {
    g_auto (TinyResult) result = TINY_RUN (world, "train", world->recipe, "--json");

    tiny_assert_status (&result, 0);
    lines = g_strsplit (g_strchomp (result.output), "\n", -1);
    g_assert_nonnull (strstr (result.errors, "{\"done\": true}"));
  }
  for (guint i = 0; lines[i]; i++)
    {
      g_autoptr (JsonNode) node = json_from_string (lines[i], NULL);
      JsonObject *object;

      g_assert_nonnull (node);
      object = json_node_get_object (node);
      g_assert_cmpint (json_object_has_member (object, "done"), ==, lines[i + 1] == NULL);
      g_assert_true (json_object_has_member (object, "step") || json_object_has_member (object, "steps"));
    }
  tiny_world_free (world);
}

/* Those that do no harm before a run are taken alone: to find out about the others takes its time. */
static void
lead_in (const char *folder, const char *name)
{
  g_autofree char *base = g_strconcat (name, ".so", NULL);
  g_autofree char *file = g_build_filename (g_test_get_dir (G_TEST_BUILT), base, NULL);
  g_autofree char *link = g_build_filename (folder, base, NULL);

  if (g_file_test (file, G_FILE_TEST_EXISTS)) /* a built-in one is there already */
    g_assert_cmpint (symlink (file, link), ==, 0);
}

static void
remove_links (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (folder, name, NULL);

      g_remove (link);
    }
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  int status;

  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_setenv ("EIDOSCOPE_PLUGIN_SECONDS", "3", TRUE);
  g_setenv ("EIDOSCOPE_PLUGIN_MEGABYTES", "128", TRUE);
  g_setenv ("EIDOSCOPE_HANG_SECONDS", "2", TRUE);
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("eidoscope-zoo-XXXXXX", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (deadly); i++)
    lead_in (folder, deadly[i].plugin);
  for (guint i = 0; i < G_N_ELEMENTS (harmless); i++)
    lead_in (folder, harmless[i].plugin);
  lead_in (folder, "show-segfault");
  lead_in (folder, "loss-hang");
  g_setenv ("EIDOSCOPE_PLUGIN_PATH", folder, TRUE);

  for (guint row = 0; row < G_N_ELEMENTS (deadly); row++)
    {
      g_autofree char *path = g_strconcat ("/zoo/crash-names-the-plugin/", deadly[row].plugin, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (row), test_crash_names_the_plugin);
    }
  g_test_add_func ("/zoo/engine-lives-on", test_engine_lives_on);
  g_test_add_func ("/zoo/crash-in-a-picture", test_crash_in_a_picture);
  g_test_add_func ("/zoo/standstill-is-told", test_standstill_is_told);
  g_test_add_func ("/zoo/reports-are-the-commands-alone", test_reports_are_the_commands_alone);
  status = g_test_run ();
  remove_links (folder);
  return status;
}
