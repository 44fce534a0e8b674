/* fake-engine.c: an engine that trains nothing, for tests of the workbench.
 *
 * It speaks the interface of the real one with pictures that move from step to
 * step in a known way, and misbehaves when asked, so that every state of the
 * window can be had in a second and without a device:
 *
 *   FAKE_ENGINE_STEP_MS=20      one step's time
 *   FAKE_ENGINE_STEPS=600       so many, in place of the recipe's
 *   FAKE_ENGINE_PREPARE_MS=300  how long "compiling" takes
 *   FAKE_ENGINE_CRASH=40        aborts at that step
 *   FAKE_ENGINE_HANG=40         goes silent at that step, deaf to every call
 *   FAKE_ENGINE_STANDSTILL=40   makes no step after that one, and says in whose loss()
 *   FAKE_ENGINE_EVALUATE=40     evaluates after that step until it is skipped
 *   FAKE_ENGINE_FAIL=40         fails at that step with a sentence
 *   FAKE_ENGINE_FAIL_EDITED=40  fails so many steps after an edit, and saves nothing in between
 *   FAKE_ENGINE_ALARM=40        finds the run collapsed at that step, and healthy 20 steps after an edit
 *   FAKE_ENGINE_COLLAPSED=1     a run that is gone on with had collapsed before
 *   FAKE_ENGINE_OWN=1           its plugins publish views of their own
 *   FAKE_ENGINE_REFUSE=Start    answers an error to that method
 *   FAKE_ENGINE_LOOKS=1         adds the view of every Look that is answered to “looks” in XDG_DATA_HOME
 *   FAKE_ENGINE_MUTE=1          opens the line and never says a word
 *
 * A run's folder holds what Resume needs: recipe.ini and the last step; and an empty file for each
 * checkpoint.
 *
 * Here is how a run goes; what is told before one is in fake-lists.c and fake-survey.c,
 * what is seen of it in fake-looks.c, what is kept of it in fake-history.c; plugins being
 * written are in fake-plugin.c.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "tests/ui/fake-engine.h"
#include "tests/ui/fake-health.h"
#include "tests/ui/fake-history.h"
#include "tests/ui/fake-plugin.h"
#include "tests/ui/fake-survey.h"

Fake fake;

static guint
from_environment (const char *name, guint otherwise)
{
  const char *text = g_getenv (name);
  return text ? (guint) atoi (text) : otherwise;
}

static void
tell (const char *state, const char *message)
{
  fake.state = state;
  eid_wire_engine_set_state (fake.wire, state);
  eid_wire_engine_set_message (fake.wire, message);
  eid_wire_engine_emit_state_changed (fake.wire, state, message);
}

gboolean
fake_refuse (GDBusMethodInvocation *call)
{
  const char *name = g_dbus_method_invocation_get_method_name (call);

  if (g_strcmp0 (g_getenv ("FAKE_ENGINE_REFUSE"), name) != 0)
    return FALSE;
  g_dbus_method_invocation_return_error (
      call, G_IO_ERROR, G_IO_ERROR_FAILED,
      "Dataset.path: the folder /nowhere holds no picture; name one that does");
  return TRUE;
}

guint
fake_tokens (void)
{
  g_autofree char *reader =
      fake.recipe ? g_key_file_get_string (fake.recipe, "Dataset", "reader", NULL) : NULL;

  return g_strcmp0 (reader, "text") == 0 ? 64 : 0;
}

/* --- Steps ---------------------------------------------------------------- */

static double
loss_at (guint64 step)
{
  return 4.5 * exp (-(double) step / 150) + 0.8 + 0.05 * sin (step * 1.7);
}

static void
save (void)
{
  g_autofree char *file = g_build_filename (fake.folder, "step", NULL);
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, fake.step);
  g_autofree char *place = g_build_filename (fake.folder, "checkpoints", NULL);
  g_autofree char *checkpoint = g_strconcat (place, G_DIR_SEPARATOR_S, text, ".safetensors", NULL);

  g_file_set_contents (file, text, -1, NULL);
  /* For whoever wants to know whether there is one: empty. */
  g_mkdir_with_parents (place, 0700);
  g_file_set_contents (checkpoint, "", 0, NULL);
  fake_history_event (fake.step, "checkpoint", file);
  eid_wire_engine_emit_event (fake.wire, fake.step, "checkpoint", "Checkpoint saved");
}

/* At most ten a second, as the real one. */
static void
report (gboolean surely, gboolean of_step)
{
  static GVariantBuilder *points; /* of the steps since the last report */
  static gint64 last;
  const gint64 now = g_get_monotonic_time ();
  GVariantDict dict;
  guint ms = from_environment ("FAKE_ENGINE_STEP_MS", 20);

  if (points == NULL)
    points = g_variant_builder_new (G_VARIANT_TYPE ("a(tddd)"));
  if (of_step)
    g_variant_builder_add (points, "(tddd)", fake.step, loss_at (fake.step), 1e-3, 0.7);
  if (now - last < G_USEC_PER_SEC / 10 && !surely)
    return;
  last = now;
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "step", "t", fake.step);
  g_variant_dict_insert (&dict, "steps", "t", fake.steps);
  g_variant_dict_insert (&dict, "loss", "d", loss_at (fake.step));
  g_variant_dict_insert (&dict, "chance", "d", 5.541);
  g_variant_dict_insert (&dict, "learning-rate", "d", 1e-3);
  g_variant_dict_insert (&dict, "gradient-norm", "d", 0.7);
  g_variant_dict_insert (&dict, "samples-per-second", "d", 6400.0); /* whatever a step takes */
  if (fake_tokens () > 0)
    g_variant_dict_insert (&dict, "tokens-per-second", "d", 6400.0 * fake_tokens ());
  g_variant_dict_insert (&dict, "memory", "t", G_GUINT64_CONSTANT (300) << 20);
  g_variant_dict_insert (&dict, "seconds-left", "d", (fake.steps - fake.step) * ms / 1e3);
  g_variant_dict_insert_value (&dict, "points", g_variant_builder_end (points));
  g_clear_pointer (&points, g_variant_builder_unref);
  eid_wire_engine_emit_progress (fake.wire, g_variant_dict_end (&dict));
}

static void
evaluate (void)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "step", "t", fake.step);
  fake_add_probes (&dict, fake.step);
  eid_wire_engine_emit_evaluated (fake.wire, g_variant_dict_end (&dict));
}

static void
tell_health (void)
{
  eid_wire_engine_emit_health (fake.wire, fake_look_at (fake.step));
}

static void
tell_alarm (gboolean healthy)
{
  fake_history_event (fake.step, healthy ? "recovery" : "alarm", "Complete collapse");
  eid_wire_engine_emit_event (fake.wire, fake.step, healthy ? "recovery" : "alarm", "Complete collapse");
}

static gboolean
on_step_due (gpointer unused)
{
  /* One that was due before a pause is no more. */
  if (!g_str_equal (fake.state, "running") || g_source_get_id (g_main_current_source ()) != fake.due)
    return G_SOURCE_REMOVE;
  if (fake.evaluating)
    return G_SOURCE_CONTINUE;
  if (fake.step > 0 && fake.step == from_environment ("FAKE_ENGINE_STANDSTILL", 0))
    return G_SOURCE_CONTINUE;
  fake.step++;
  if (fake.step == from_environment ("FAKE_ENGINE_CRASH", 0))
    {
      g_printerr ("fake-engine: simclr: illegal access in loss()\n");
      abort ();
    }
  while (fake.step == from_environment ("FAKE_ENGINE_HANG", 0))
    pause ();
  if (fake.step == from_environment ("FAKE_ENGINE_FAIL", 0))
    {
      tell ("failed", "The loss is not finite at step 40 (learning rate 0.001): lower Optimizer.lr");
      return G_SOURCE_REMOVE;
    }
  report (fake.one_step || fake.step >= fake.steps, TRUE);
  if (fake_is_look (fake.step))
    tell_health ();
  if (fake.step == from_environment ("FAKE_ENGINE_ALARM", 0))
    tell_alarm (FALSE);
  if (fake.step == from_environment ("FAKE_ENGINE_RECOVERY", 0))
    tell_alarm (TRUE);
  if (fake.step % 20 == 0)
    {
      fake_history_moment (fake.step);
      eid_wire_engine_emit_event (fake.wire, fake.step, "moment", "");
    }
  if (fake.step % 50 == 0)
    {
      evaluate ();
      fake_history_event (fake.step, "evaluation", "");
      tell_health ();
    }
  if (fake.step == 30)
    {
      fake_history_event (fake.step, "note", "There is no probe of classes.");
      eid_wire_engine_emit_event (fake.wire, fake.step, "note", "There is no probe of classes.");
    }
  if (fake.step % 100 == 0 && g_getenv ("FAKE_ENGINE_FAIL_EDITED") == NULL)
    save ();
  fake_answer_looks ();
  if (fake.step == from_environment ("FAKE_ENGINE_EVALUATE", 0))
    {
      fake.evaluating = TRUE;
      eid_wire_engine_emit_event (fake.wire, fake.step, "evaluating", "");
      tell ("running", "Evaluating: Linear probe, 3 of 10");
    }
  if (fake.step >= fake.steps)
    {
      save ();
      tell ("done", fake.folder);
    }
  else if (fake.one_step)
    tell ("paused", "");
  fake.one_step = FALSE;
  return g_str_equal (fake.state, "running");
}

static void
run (void)
{
  tell ("running", "");
  fake.due = g_timeout_add (from_environment ("FAKE_ENGINE_STEP_MS", 20), on_step_due, NULL);
}

static gboolean
on_prepared (gpointer unused)
{
  evaluate ();
  tell_health ();
  /* One that was paused meanwhile makes no step, but can be looked at. */
  if (g_str_equal (fake.state, "preparing"))
    run ();
  return G_SOURCE_REMOVE;
}

static void
set_steps (void)
{
  const guint64 wanted = g_key_file_get_uint64 (fake.recipe, "Run", "steps", NULL);

  fake.steps = MAX (1, from_environment ("FAKE_ENGINE_STEPS", (guint) wanted));
}

static void
prepare (void)
{
  set_steps ();
  tell ("preparing", "compiling attention");
  g_timeout_add (from_environment ("FAKE_ENGINE_PREPARE_MS", 300), on_prepared, NULL);
}

/* --- Methods -------------------------------------------------------------- */

static gboolean
read_recipe (GDBusMethodInvocation *call, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&fake.recipe, g_key_file_unref);
  fake.recipe = g_key_file_new ();
  if (g_key_file_load_from_data (fake.recipe, text, -1, G_KEY_FILE_NONE, &error))
    return TRUE;
  g_clear_pointer (&fake.recipe, g_key_file_unref);
  g_dbus_method_invocation_return_gerror (call, error);
  return FALSE;
}

static gboolean
on_start (EidWireEngine *wire, GDBusMethodInvocation *call, const char *text, const char *device,
          const char *folder)
{
  g_autofree char *file = NULL;

  if (fake_refuse (call) || !read_recipe (call, text))
    return TRUE;
  g_free (fake.folder);
  fake.folder = *folder
                    ? g_strdup (folder)
                    : g_strdup_printf ("%s/eidoscope/runs/fake-%u", g_get_user_data_dir (), g_random_int ());
  g_mkdir_with_parents (fake.folder, 0700);
  file = g_build_filename (fake.folder, "recipe.ini", NULL);
  g_file_set_contents (file, text, -1, NULL);
  fake.step = 0;
  fake_history_clear ();
  fake_history_event (0, "note", "The weights’ head is left out: 2 tensors.");
  eid_wire_engine_complete_start (wire, call, fake.folder);
  prepare ();
  return TRUE;
}

/* Reads the run in @folder; FALSE: @call is answered with why not. */
static gboolean
take_up (GDBusMethodInvocation *call, const char *folder)
{
  g_autofree char *recipe = g_build_filename (folder, "recipe.ini", NULL);
  g_autofree char *step = g_build_filename (folder, "step", NULL);
  g_autofree char *text = NULL, *number = NULL;
  g_autoptr (GError) error = NULL;

  if (fake_refuse (call))
    return FALSE;
  if (!g_file_get_contents (recipe, &text, NULL, &error))
    {
      g_dbus_method_invocation_return_gerror (call, error);
      return FALSE;
    }
  if (!read_recipe (call, text))
    return FALSE;
  fake.step = g_file_get_contents (step, &number, NULL, NULL) ? g_ascii_strtoull (number, NULL, 10) : 0;
  set_steps ();
  g_free (fake.folder);
  fake.folder = g_strdup (folder);
  fake_history_clear ();
  for (guint64 moment = 20; moment <= fake.step; moment += 20)
    fake_history_moment (moment);
  if (fake.step > 0)
    fake_history_event (fake.step, "checkpoint", step);
  g_unsetenv ("FAKE_ENGINE_CRASH");
  g_unsetenv ("FAKE_ENGINE_HANG");
  return TRUE;
}

static gboolean
on_resume (EidWireEngine *wire, GDBusMethodInvocation *call, const char *folder, const char *device)
{
  if (!take_up (call, folder))
    return TRUE;
  eid_wire_engine_complete_resume (wire, call, fake.step);
  prepare ();
  return TRUE;
}

static gboolean
on_open (EidWireEngine *wire, GDBusMethodInvocation *call, const char *folder, const char *device)
{
  if (!take_up (call, folder))
    return TRUE;
  tell ("done", fake.folder);
  eid_wire_engine_complete_open (wire, call, fake.step);
  return TRUE;
}

static gboolean
on_pause (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  if (fake_refuse (call))
    return TRUE;
  if (g_str_equal (fake.state, "done"))
    {
      g_dbus_method_invocation_return_error (call, G_IO_ERROR, G_IO_ERROR_FAILED, "no run is going on");
      return TRUE;
    }
  report (TRUE, FALSE);
  tell ("paused", "");
  eid_wire_engine_complete_pause (wire, call);
  return TRUE;
}

static gboolean
on_continue (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  if (fake_refuse (call))
    return TRUE;
  run ();
  eid_wire_engine_complete_continue (wire, call);
  return TRUE;
}

static gboolean
on_step (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  if (fake_refuse (call))
    return TRUE;
  fake.one_step = TRUE;
  if (g_str_equal (fake.state, "paused"))
    run ();
  eid_wire_engine_complete_step (wire, call);
  return TRUE;
}

static gboolean
on_stop (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  if (fake_refuse (call))
    return TRUE;
  if (fake.folder)
    save ();
  tell ("done", fake.folder ? fake.folder : "");
  eid_wire_engine_complete_stop (wire, call);
  return TRUE;
}

static gboolean
on_skip (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  eid_wire_engine_complete_skip (wire, call, fake.evaluating);
  if (fake.evaluating)
    tell ("running", "");
  fake.evaluating = FALSE;
  return TRUE;
}

/* The variable @name becomes the step so many on. */
static void
set_step (const char *name, guint on)
{
  g_autofree char *step = g_strdup_printf ("%u", (guint) fake.step + on);

  g_setenv (name, step, TRUE);
}

static gboolean
on_set (EidWireEngine *wire, GDBusMethodInvocation *call, const char *section, const char *key,
        const char *value)
{
  g_autofree char *before = g_key_file_get_string (fake.recipe, section, key, NULL);
  g_autofree char *text = g_strdup_printf ("%s.%s: %s → %s", section, key, before ? before : "0", value);

  if (fake_refuse (call))
    return TRUE;
  if (fake.step > 0 && !fake_history_has_checkpoint (fake.step))
    save ();
  g_key_file_set_string (fake.recipe, section, key, value);
  if (g_getenv ("FAKE_ENGINE_FAIL_EDITED"))
    set_step ("FAKE_ENGINE_FAIL", from_environment ("FAKE_ENGINE_FAIL_EDITED", 0));
  if (g_getenv ("FAKE_ENGINE_ALARM"))
    set_step ("FAKE_ENGINE_RECOVERY", 20);
  fake_history_event (fake.step, "edit", text);
  eid_wire_engine_emit_event (wire, fake.step, "edit", text);
  eid_wire_engine_complete_set (wire, call);
  return TRUE;
}

static gboolean
on_save (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  if (fake_refuse (call))
    return TRUE;
  save ();
  eid_wire_engine_complete_save (wire, call, fake.step);
  return TRUE;
}

static gboolean
on_undo (EidWireEngine *wire, GDBusMethodInvocation *call, const char *folder, const char *device)
{
  g_autofree char *edit = NULL;

  if (fake_refuse (call))
    return TRUE;
  if (!fake_history_undo (&fake.step, &edit))
    g_dbus_method_invocation_return_error (call, G_IO_ERROR, G_IO_ERROR_FAILED, "there is no edit to undo");
  else
    {
      /* "Optimizer.lr: 0.1 → 0.2" */
      g_auto (GStrv) parts = g_regex_split_simple ("[.](.*): (.*) → ", edit, G_REGEX_UNGREEDY, 0);

      g_key_file_set_string (fake.recipe, parts[0], parts[1], parts[2]);
      g_unsetenv ("FAKE_ENGINE_FAIL");
      eid_wire_engine_complete_undo (wire, call, fake.step, edit);
      if (g_str_equal (fake.state, "failed"))
        prepare ();
    }
  return TRUE;
}

static gboolean
on_branch (EidWireEngine *wire, GDBusMethodInvocation *call, guint64 step, const char *recipe,
           const char *folder)
{
  if (fake_refuse (call))
    return TRUE;
  if (step == G_MAXUINT64)
    {
      save ();
      step = fake.step;
    }
  if (!fake_history_has_checkpoint (step))
    {
      g_dbus_method_invocation_return_error (call, G_IO_ERROR, G_IO_ERROR_FAILED,
                                             "there is no checkpoint of it");
      return TRUE;
    }
  if (!read_recipe (call, recipe))
    return TRUE;
  g_free (fake.folder);
  fake.folder = g_strdup_printf ("%s/eidoscope/runs/branch-%u", g_get_user_data_dir (), g_random_int ());
  g_mkdir_with_parents (fake.folder, 0700);
  fake_history_rewind (step);
  fake_history_event (step, "branch", "Branched");
  fake.step = step;
  save ();
  eid_wire_engine_complete_branch (wire, call, fake.folder, step);
  if (!g_str_equal (fake.state, "running"))
    prepare ();
  return TRUE;
}

static gboolean
on_history (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  GVariantBuilder series;

  if (fake_refuse (call))
    return TRUE;
  g_variant_builder_init (&series, G_VARIANT_TYPE ("a{sa(td)}"));
  g_variant_builder_open (&series, G_VARIANT_TYPE ("{sa(td)}"));
  g_variant_builder_add (&series, "s", "loss");
  g_variant_builder_open (&series, G_VARIANT_TYPE ("a(td)"));
  for (guint64 step = 1; step <= fake.step; step++)
    g_variant_builder_add (&series, "(td)", step, loss_at (step));
  g_variant_builder_close (&series);
  g_variant_builder_close (&series);
  fake_add_series (&series, fake.step);
  eid_wire_engine_complete_history (wire, call, g_variant_builder_end (&series));
  return TRUE;
}

static void
on_closed (GDBusConnection *connection, gboolean remote, GError *error, gpointer unused)
{
  g_main_loop_quit (fake.loop);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketConnection) stream = NULL;
  g_autoptr (GDBusConnection) connection = NULL;
  g_autofree char *guid = g_dbus_generate_guid ();
  const int command = fake_plugin_command (argc, argv);

  if (command >= 0)
    return command;
  if (argc != 4 || !g_str_equal (argv[1], "serve") || !g_str_equal (argv[2], "--fd"))
    {
      g_printerr ("usage: fake-engine serve --fd N\n");
      return 2;
    }
  fake.loop = g_main_loop_new (NULL, FALSE);
  fake_history_clear ();
  fake.state = "idle";
  if (g_getenv ("FAKE_ENGINE_MUTE"))
    g_main_loop_run (fake.loop);
  socket = g_socket_new_from_fd (atoi (argv[3]), &error);
  g_assert_no_error (error);
  stream = g_socket_connection_factory_create_connection (socket);
  connection = g_dbus_connection_new_sync (G_IO_STREAM (stream), guid,
                                           G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
                                               | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS
                                               | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                                           NULL, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), NULL);

  fake.wire = eid_wire_engine_skeleton_new ();
  eid_wire_engine_set_state (fake.wire, "idle");
  eid_wire_engine_set_message (fake.wire, "");
  static const struct
  {
    const char *signal;
    GCallback callback;
  } methods[] = {
    { "handle-start", G_CALLBACK (on_start) }, { "handle-resume", G_CALLBACK (on_resume) },
    { "handle-pause", G_CALLBACK (on_pause) }, { "handle-continue", G_CALLBACK (on_continue) },
    { "handle-step", G_CALLBACK (on_step) },   { "handle-stop", G_CALLBACK (on_stop) },
    { "handle-set", G_CALLBACK (on_set) },     { "handle-save", G_CALLBACK (on_save) },
    { "handle-undo", G_CALLBACK (on_undo) },   { "handle-branch", G_CALLBACK (on_branch) },
    { "handle-open", G_CALLBACK (on_open) },   { "handle-history", G_CALLBACK (on_history) },
    { "handle-skip", G_CALLBACK (on_skip) },
  };
  fake_lists_connect (fake.wire);
  fake_looks_connect (fake.wire);
  fake_history_connect (fake.wire);
  fake_survey_connect (fake.wire);
  fake_plugin_connect (fake.wire);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    g_signal_connect (fake.wire, methods[i].signal, methods[i].callback, NULL);
  g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (fake.wire), connection, EID_WIRE_PATH, &error);
  g_assert_no_error (error);
  g_dbus_connection_start_message_processing (connection);
  g_main_loop_run (fake.loop);
  return 0;
}
