/* private.h: the service and a request, for the files of the service:
 *
 *   service.c  the two threads and the table of methods
 *   run.c      a run: begun, steered, ended, and its steps
 *   history.c  going back in it and out of it, and its time line
 *   hot-swap.c code that changes while a run goes on
 *   views.c    lists, history and looks
 *   inspect.c  data, what fits them and how long it takes
 *   notify.c   signals and answers                                           */
#pragma once

#include "app/engine/views/preview.h"
#include "app/engine/trainer/trainer.h"
#include "app/wire/wire.h"

G_BEGIN_DECLS

typedef struct
{
  GDBusMethodInvocation *invocation; /* NULL once answered                    */
  guint64 since;                     /* of a look                             */
} EidRequest;

typedef struct
{
  GDBusConnection *connection;
  GMainLoop *loop;

  GMutex mutex; /* guards what follows                           */
  GCond changed;
  GQueue requests;
  gboolean quit, left;
  EidState state; /* written by the working thread alone           */
  char *message;

  /* The working thread's own. */
  EidRegistry *registry;
  EidTrainer *trainer;  /* NULL: no run yet                              */
  EidPreview *preview;  /* NULL: nobody looks at a draft                 */
  char *device;         /* that was asked for, "" if none was            */
  gboolean one_step;    /* pause after the next                          */
  GQueue looks;         /* that wait                                     */
  gint64 look_after;    /* no look is answered before, while running     */
  EidProgress progress; /* of the newest step                           */
  GArray *points;       /* EidProgress, of every step since one was sent */
  gint64 progress_sent;
  gboolean progress_waits;
} EidService;

/* --- notify.c ------------------------------------------------------- */

void eid_service_set_state (EidService *service, EidState state, const char *message);
void eid_service_send_progress (EidService *service); /* what waits, if it does */
void eid_service_drop_progress (EidService *service); /* it is of another run   */
EidListener eid_service_listener (EidService *service);

/* Each answers once and for all. */
void eid_request_answer (EidRequest *request, GVariant *values);
void eid_request_fail (EidRequest *request, GError *error); /* takes @error   */
void eid_request_refuse (EidRequest *request, const char *sentence);
/* One that was not answered is told that the engine leaves. */
void eid_request_free (gpointer request);

/* --- The methods: arguments as the wire has them ------------------------------ */

/* run.c */
void eid_service_start (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_resume (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_open (EidService *service, EidRequest *request, GVariant *arguments);
/* The run in @folder is to be taken up on @device; refused where another goes on. */
gboolean eid_service_prepare_for (EidService *service, EidRequest *request, const char *folder,
                                  const char *device);
void eid_service_pause (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_continue (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_step (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_stop (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_set (EidService *service, EidRequest *request, GVariant *arguments);

/* history.c */
void eid_service_save (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_undo (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_branch (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_keep (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_timeline (EidService *service, EidRequest *request, GVariant *arguments);

/* hot-swap.c */
void eid_service_replace (EidService *service, EidRequest *request, GVariant *arguments);

/* views.c */
void eid_service_list_devices (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_list_plugins (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_retry_plugin (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_resolve_recipe (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_history (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_preview (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_look (EidService *service, EidRequest *request, GVariant *arguments);

/* inspect.c */
void eid_service_survey (EidService *service, EidRequest *request, GVariant *arguments);
void eid_service_estimate (EidService *service, EidRequest *request, GVariant *arguments);
/* Goes on with the run in @folder on the device of before, in place of the one there is. NULL, with
 * @error set: there is none now, and the service has failed.                 */
EidTrainer *eid_service_take_up (EidService *service, const char *folder, GError **error);
/* Whether there is a run; else @request is refused. */
gboolean eid_service_has_run (EidService *service, EidRequest *request);

/* --- Between requests ----------------------------------------------------------- */

gboolean eid_service_is_under_way (EidService *service);
gboolean eid_service_has_step_to_make (EidService *service);
/* One step of the run, or its end. */
void eid_service_advance (EidService *service);
/* Answers what can be answered now: one look between two steps while the run
 * goes on, else all that are due.                                            */
void eid_service_answer_looks (EidService *service);
/* A run that has failed shows nothing any more. */
void eid_service_refuse_looks (EidService *service);

G_END_DECLS
