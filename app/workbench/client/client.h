/* client.h: the engine as the window knows it: a child process with a
 * line to it, what it is doing, and what became of it.
 *
 * Every call is asynchronous. The client knows three ways in which an engine
 * can fail and tells them apart: a run that failed with a sentence (the engine
 * lives), an engine that is gone, and one that gives no sign of life.
 *
 * Properties: "phase" (EidPhase as int), "message" (string), "stuck" (boolean).
 * Signals:
 *   "progress"  (const EidReport *)
 *   "evaluated" (const EidEvaluation *)
 *   "health"    (const EidVerdictReport *)
 *   "event"     (guint64 step, const char *kind, const char *text)
 *   "refused"   (const char *sentence): a Pause, Step, Set … was not done
 */
#pragma once

#include <gio/gio.h>

#include "app/workbench/client/report.h"

G_BEGIN_DECLS

typedef enum
{
  EID_PHASE_LAUNCHING, /* the process is being started        */
  EID_PHASE_IDLE,      /* it waits for a recipe               */
  EID_PHASE_PREPARING, /* message: what is being prepared     */
  EID_PHASE_RUNNING,
  EID_PHASE_PAUSED,
  EID_PHASE_DONE,   /* message: where the run lies         */
  EID_PHASE_FAILED, /* message: why the run failed         */
  EID_PHASE_LOST,   /* message: why there is no engine     */
  EID_N_PHASES
} EidPhase;

#define EID_TYPE_ENGINE_CLIENT (eid_engine_client_get_type ())
G_DECLARE_FINAL_TYPE (EidEngineClient, eid_engine_client, EID, ENGINE_CLIENT, GObject)

EidEngineClient *eid_engine_client_new (void);

EidPhase eid_engine_client_phase (EidEngineClient *self);
const char *eid_engine_client_message (EidEngineClient *self);
const char *eid_engine_client_folder (EidEngineClient *self); /* of the run, or NULL */
guint64 eid_engine_client_step (EidEngineClient *self);       /* the last one heard of */
guint64 eid_engine_client_steps (EidEngineClient *self);      /* of the whole run; 0: not known */
/* The engine measures how good the features are, and trains nothing meanwhile. */
gboolean eid_engine_client_evaluating (EidEngineClient *self);
void eid_engine_client_skip (EidEngineClient *self);
/* How far the run is, where that was told in another way than by its reports. */
void eid_engine_client_set_made (EidEngineClient *self, guint64 step, guint64 steps);
gboolean eid_engine_client_stuck (EidEngineClient *self);
/* Where it is stuck, in a sentence, if that is known: in which function of which plugin; or NULL. */
const char *eid_engine_client_standstill (EidEngineClient *self);
/* A run is being prepared, goes on, or rests between two steps. */
gboolean eid_engine_client_busy (EidEngineClient *self);
/* The last lines that the engine printed, the one that is gone too. Free. */
char *eid_engine_client_messages (EidEngineClient *self);
/* "SimCLR on a vision transformer": named when the engine is lost. */
void eid_engine_client_set_what (EidEngineClient *self, const char *what);

/* Starts the process and opens the line; any former process is ended first.
 * Failure is also the phase EID_PHASE_LOST.                                   */
void eid_engine_client_launch (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean eid_engine_client_launch_finish (EidEngineClient *self, GAsyncResult *result, GError **error);

/* As in org.eidoscope.Engine.xml; the errors' messages are fit to be shown. */
void eid_engine_client_list_devices (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data);
void eid_engine_client_list_plugins (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data);
/* Reads a plugin again that was set aside. */
void eid_engine_client_retry_plugin (EidEngineClient *self, const char *file, GAsyncReadyCallback callback,
                                     gpointer user_data);
void eid_engine_client_history (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data);
void eid_engine_client_resolve (EidEngineClient *self, const char *recipe, GAsyncReadyCallback callback,
                                gpointer user_data);
void eid_engine_client_survey (EidEngineClient *self, const char *path, const char *device,
                               GAsyncReadyCallback callback, gpointer user_data);
void eid_engine_client_estimate (EidEngineClient *self, const char *recipe, const char *device,
                                 GAsyncReadyCallback callback, gpointer user_data);
void eid_engine_client_start (EidEngineClient *self, const char *recipe, const char *device,
                              GAsyncReadyCallback callback, gpointer user_data);
void eid_engine_client_resume (EidEngineClient *self, const char *folder, const char *device,
                               GAsyncReadyCallback callback, gpointer user_data);
/* Takes the run up as it stands, and trains nothing. */
void eid_engine_client_open (EidEngineClient *self, const char *folder, const char *device,
                             GAsyncReadyCallback callback, gpointer user_data);
/* Save, Undo and Branch take the run up where they lead to. Undo in @folder: of a run whose
 * engine was lost; "": of the present one.                                                 */
void eid_engine_client_save (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data);
void eid_engine_client_undo (EidEngineClient *self, const char *folder, const char *device,
                             GAsyncReadyCallback callback, gpointer user_data);
void eid_engine_client_branch (EidEngineClient *self, guint64 step, const char *recipe,
                               GAsyncReadyCallback callback, gpointer user_data);
void eid_engine_client_timeline (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data);
void eid_engine_client_keep (EidEngineClient *self, guint64 step, gboolean keep, GAsyncReadyCallback callback,
                             gpointer user_data);
void eid_engine_client_replace (EidEngineClient *self, const char *file, GAsyncReadyCallback callback,
                                gpointer user_data);
/* @options is consumed if floating. */
void eid_engine_client_look (EidEngineClient *self, const char *view, GVariant *options, guint64 since,
                             GAsyncReadyCallback callback, gpointer user_data);
void eid_engine_client_preview (EidEngineClient *self, const char *recipe, GVariant *options,
                                GAsyncReadyCallback callback, gpointer user_data);
/* The answer to any of these: a tuple of the method's out arguments. Unref. */
GVariant *eid_engine_client_call_finish (EidEngineClient *self, GAsyncResult *result, GError **error);

/* Told when done by the phase, when refused by the signal. */
void eid_engine_client_pause (EidEngineClient *self);
void eid_engine_client_continue (EidEngineClient *self);
void eid_engine_client_step_once (EidEngineClient *self);
void eid_engine_client_stop (EidEngineClient *self);
void eid_engine_client_set (EidEngineClient *self, const char *section, const char *key, const char *value);

/* Ends a process that no longer listens; the phase becomes EID_PHASE_LOST. */
void eid_engine_client_kill (EidEngineClient *self);

/* Ends the run with a checkpoint, then the process; kills what does not answer
 * within some seconds. Afterwards there is no process left.                  */
void eid_engine_client_shut_down (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data);
void eid_engine_client_shut_down_finish (EidEngineClient *self, GAsyncResult *result);

G_END_DECLS
