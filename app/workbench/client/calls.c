/* calls.c: what an engine is asked and told to do; see client.h. */
#include "app/workbench/client/client-private.h"

#include <glib/gi18n.h>

/* --- One call -------------------------------------------------------------- */

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  EidEngineClient *self = g_task_get_source_object (task);
  GError *error = NULL;
  GVariant *answer = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);

  if (answer)
    {
      if (source == (GObject *) self->wire)
        eid_engine_client_heard (self);
      g_task_return_pointer (task, answer, (GDestroyNotify) g_variant_unref);
      return;
    }
  g_dbus_error_strip_remote_error (error);
  g_task_return_error (task, error);
}

void
eid_engine_client_call (EidEngineClient *self, const char *method, GVariant *arguments,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  if (self->wire)
    {
      g_dbus_proxy_call (G_DBUS_PROXY (self->wire), method, arguments, G_DBUS_CALL_FLAGS_NONE,
                         EID_WIRE_NO_TIMEOUT, self->life, on_answer, task);
      return;
    }
  if (arguments)
    g_variant_unref (g_variant_ref_sink (arguments));
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, "%s",
                           _ ("There is no engine running"));
  g_object_unref (task);
}

GVariant *
eid_engine_client_call_finish (EidEngineClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
eid_engine_client_list_devices (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data)
{
  eid_engine_client_call (self, "ListDevices", NULL, callback, user_data);
}

void
eid_engine_client_list_plugins (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data)
{
  eid_engine_client_call (self, "ListPlugins", NULL, callback, user_data);
}

void
eid_engine_client_retry_plugin (EidEngineClient *self, const char *file, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  eid_engine_client_call (self, "RetryPlugin", g_variant_new ("(s)", file), callback, user_data);
}

void
eid_engine_client_history (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data)
{
  eid_engine_client_call (self, "History", NULL, callback, user_data);
}

void
eid_engine_client_resolve (EidEngineClient *self, const char *recipe, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  eid_engine_client_call (self, "ResolveRecipe", g_variant_new ("(s)", recipe), callback, user_data);
}

void
eid_engine_client_look (EidEngineClient *self, const char *view, GVariant *options, guint64 since,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  eid_engine_client_call (self, "Look", g_variant_new ("(s@a{sv}t)", view, options, since), callback,
                          user_data);
}

void
eid_engine_client_preview (EidEngineClient *self, const char *recipe, GVariant *options,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  eid_engine_client_call (self, "Preview", g_variant_new ("(s@a{sv})", recipe, options), callback, user_data);
}

void
eid_engine_client_timeline (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data)
{
  eid_engine_client_call (self, "Timeline", NULL, callback, user_data);
}

void
eid_engine_client_save (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data)
{
  eid_engine_client_call (self, "Save", NULL, callback, user_data);
}

void
eid_engine_client_keep (EidEngineClient *self, guint64 step, gboolean keep, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  eid_engine_client_call (self, "Keep", g_variant_new ("(tb)", step, keep), callback, user_data);
}

void
eid_engine_client_replace (EidEngineClient *self, const char *file, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  eid_engine_client_call (self, "Replace", g_variant_new ("(s)", file), callback, user_data);
}

/* What begins a run, or takes one up elsewhere: folder and step are known from then on. */
static void
on_begun (GObject *source, GAsyncResult *result, gpointer data)
{
  EidEngineClient *self = EID_ENGINE_CLIENT (source);
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  GVariant *answer = eid_engine_client_call_finish (self, result, &error);

  if (answer == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  self->steps = 0;
  if (g_variant_is_of_type (answer, G_VARIANT_TYPE ("(s)")))
    {
      g_free (self->folder);
      g_variant_get (answer, "(s)", &self->folder);
      self->step = 0;
    }
  else if (g_variant_is_of_type (answer, G_VARIANT_TYPE ("(st)")))
    {
      g_free (self->folder);
      g_variant_get (answer, "(st)", &self->folder, &self->step);
    }
  else if (g_variant_is_of_type (answer, G_VARIANT_TYPE ("(ts)")))
    g_variant_get (answer, "(t&s)", &self->step, NULL);
  else
    {
      g_free (self->folder);
      self->folder = g_strdup (g_task_get_task_data (task));
      g_variant_get (answer, "(t)", &self->step);
    }
  g_task_return_pointer (task, answer, (GDestroyNotify) g_variant_unref);
}

void
eid_engine_client_start (EidEngineClient *self, const char *recipe, const char *device,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  eid_engine_client_call (self, "Start", g_variant_new ("(sss)", recipe, device, ""), on_begun, task);
}

void
eid_engine_client_resume (EidEngineClient *self, const char *folder, const char *device,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_task_data (task, g_strdup (folder), g_free);
  eid_engine_client_call (self, "Resume", g_variant_new ("(ss)", folder, device), on_begun, task);
}

void
eid_engine_client_open (EidEngineClient *self, const char *folder, const char *device,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_task_data (task, g_strdup (folder), g_free);
  eid_engine_client_call (self, "Open", g_variant_new ("(ss)", folder, device), on_begun, task);
}

void
eid_engine_client_undo (EidEngineClient *self, const char *folder, const char *device,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  eid_engine_client_call (self, "Undo", g_variant_new ("(ss)", folder, device), on_begun,
                          g_task_new (self, NULL, callback, user_data));
}

void
eid_engine_client_branch (EidEngineClient *self, guint64 step, const char *recipe,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  eid_engine_client_call (self, "Branch", g_variant_new ("(tss)", step, recipe, ""), on_begun,
                          g_task_new (self, NULL, callback, user_data));
}

static void
on_command_answered (GObject *source, GAsyncResult *result, gpointer unused)
{
  EidEngineClient *self = EID_ENGINE_CLIENT (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (self, result, &error);

  if (self->commands > 0)
    self->commands--;
  /* A call that ends with its engine is told of by the engine's end. */
  if (answer == NULL && self->wire && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    g_signal_emit_by_name (self, "refused", error->message);
}

static void
command (EidEngineClient *self, const char *method, GVariant *arguments)
{
  if (self->commands++ == 0 && self->phase != EID_PHASE_RUNNING)
    self->heard = g_get_monotonic_time ();
  eid_engine_client_call (self, method, arguments, on_command_answered, NULL);
}

void
eid_engine_client_pause (EidEngineClient *self)
{
  command (self, "Pause", NULL);
}

void
eid_engine_client_continue (EidEngineClient *self)
{
  command (self, "Continue", NULL);
}

void
eid_engine_client_step_once (EidEngineClient *self)
{
  command (self, "Step", NULL);
}

void
eid_engine_client_stop (EidEngineClient *self)
{
  command (self, "Stop", NULL);
}

void
eid_engine_client_skip (EidEngineClient *self)
{
  command (self, "Skip", NULL);
}

void
eid_engine_client_set (EidEngineClient *self, const char *section, const char *key, const char *value)
{
  command (self, "Set", g_variant_new ("(sss)", section, key, value));
}
