/* exchange.c: see exchange.h. */
#include "tests/wire/exchange.h"

#include <string.h>

char *
sample (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".so", NULL);

  return g_build_filename (g_getenv ("EIDOSCOPE_REPLACED"), file, NULL);
}

void
copy_file (const char *from, const char *to, const char *tail)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) all = NULL;
  gsize length;

  g_file_get_contents (from, &bytes, &length, &error);
  g_assert_no_error (error);
  all = g_string_new_len (bytes, (gssize) length);
  g_string_append (all, tail);
  g_file_set_contents (to, all->str, (gssize) all->len, &error);
  g_assert_no_error (error);
}

char *
exchange_recipe (Engine *engine, guint steps)
{
  return g_strdup_printf (
      "[Run]\ntitle = Replaced\nsteps = %u\nbatch = 16\nseed = 3\ncheckpoint-every = 5\n"
      "evaluate-every = 0\nmoments = 0\n"
      "[Dataset]\nreader = idx\npath = %s\nsize = 16\n"
      "[Encoder]\nplugin = vit\npatch = 4\nwidth = 16\ndepth = 1\nheads = 2\n"
      "[Objective]\nplugin = replaced\n"
      "[Evaluate]\nhealth-every = 100000\ntrain-limit = 60\ntest-limit = 30\nprobe-epochs = 1\n",
      steps, engine->world->data);
}

Engine *
begin (guint steps, char **run)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *text = exchange_recipe (engine, steps);
  g_autoptr (GError) error = NULL;

  /* Its first steps are made one by one. */
  *run = engine_start (engine, text);
  eid_wire_engine_call_pause_sync (engine->proxy, NULL, &error);
  g_assert_no_error (error);
  engine_wait (engine, engine_is_in, "paused");
  return engine;
}

guint64
step_of (Engine *engine)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) timeline = NULL;
  guint64 step = 0;

  eid_wire_engine_call_timeline_sync (engine->proxy, &timeline, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (timeline, "step", "t", &step));
  return step;
}

void
step_to (Engine *engine, guint64 step)
{
  while (step_of (engine) < step)
    {
      const guint before = engine->progresses;
      g_autoptr (GError) error = NULL;

      eid_wire_engine_call_step_sync (engine->proxy, NULL, &error);
      g_assert_no_error (error);
      while (engine->progresses == before || !engine_is_in (engine, "paused"))
        g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpuint (step_of (engine), ==, step);
}

void
run_out (Engine *engine)
{
  g_autoptr (GError) error = NULL;

  eid_wire_engine_call_continue_sync (engine->proxy, NULL, &error);
  g_assert_no_error (error);
  engine_wait (engine, engine_is_in, "done");
}

GVariant *
replace (Engine *engine, const char *file)
{
  g_autoptr (GError) error = NULL;
  GVariant *report = NULL;

  eid_wire_engine_call_replace_sync (engine->proxy, file, &report, NULL, &error);
  g_assert_no_error (error);
  return report;
}

GVariant *
replace_by (Engine *engine, const char *name)
{
  g_autofree char *file = sample (name);

  return replace (engine, file);
}

void
refuse (Engine *engine, const char *file, const char *sentence)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) report = NULL;

  g_assert_false (eid_wire_engine_call_replace_sync (engine->proxy, file, &report, NULL, &error));
  g_dbus_error_strip_remote_error (error);
  if (strstr (error->message, sentence) == NULL)
    g_test_message ("%s: %s", file, error->message);
  g_assert_nonnull (strstr (error->message, sentence));
}

/* --- What came of a run ------------------------------------------------------------- */

Outcome
outcome_read (const char *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EidRun) opened = eid_run_open (run, FALSE, &error);
  Outcome outcome = { 0 };
  guint64 step;

  g_assert_no_error (error);
  outcome.state = eid_run_newest_checkpoint (opened, &step, NULL, &error);
  g_assert_no_error (error);
  outcome.losses = eid_run_metric_series (opened, "loss", &error);
  g_assert_no_error (error);
  return outcome;
}

void
outcome_clear (Outcome *outcome)
{
  eid_safetensors_free (outcome->state);
  g_array_unref (outcome->losses);
}

void
assert_same (const Outcome *a, const Outcome *b)
{
  g_assert_cmpuint (a->losses->len, ==, b->losses->len);
  for (guint i = 0; i < a->losses->len; i++)
    g_assert_cmpfloat (g_array_index (a->losses, EidPoint, i).value, ==,
                       g_array_index (b->losses, EidPoint, i).value);
  g_assert_cmpuint (eid_safetensors_count (a->state), ==, eid_safetensors_count (b->state));
  for (guint i = 0; i < eid_safetensors_count (a->state); i++)
    {
      const EidSafetensor *one = eid_safetensors_get (a->state, i);
      const EidSafetensor *other = eid_safetensors_find (b->state, one->name);

      g_assert_nonnull (other);
      if (memcmp (one->data, other->data, one->bytes) != 0)
        g_test_message ("%s differs", one->name);
      g_assert_cmpmem (one->data, one->bytes, other->data, other->bytes);
    }
}
