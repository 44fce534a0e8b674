/* crumb.c: what runs now; see crumb.h. One thread at a time runs plugins; any may
 * ask, a signal handler too.                                                 */
#define _GNU_SOURCE /* gettid() */
#include "plugins/kit/crumb.h"

#include <unistd.h>

static const char *const callback_names[] = {
  [EID_IN_OPENING] = "its constructor",
  [EID_IN_ENTRY] = "eid_plugin()",
  [EID_IN_BUILD] = "build()",
  [EID_IN_VIEWS] = "views()",
  [EID_IN_LOSS] = "loss()",
  [EID_IN_CHANCE] = "chance()",
  [EID_IN_SHOW] = "show()",
  [EID_IN_ENCODE] = "encode()",
};

static GMutex mutex;
static EidRunning now;
static guint returned; /* a bit for each callback that has come back since a plugin was last loaded */

static EidRunning
enter (EidRunning next, EidCallback callback)
{
  EidRunning before;

  next.callback = callback_names[callback];
  next.thread = gettid ();
  next.since = g_get_monotonic_time ();
  g_mutex_lock (&mutex);
  if (callback == EID_IN_OPENING)
    returned = 0;
  next.first = !(returned & (1u << callback));
  next.kind = callback;
  before = now;
  now = next;
  g_mutex_unlock (&mutex);
  return before;
}

EidRunning
eid_crumb_enter (const EidPlugin *plugin, EidCallback callback, const EidStep *step)
{
  EidRunning next = {
    .plugin = g_intern_string (plugin->descriptor->id),
    .file = eid_loaded_file (plugin->descriptor),
    .in_step = step != NULL,
    .step = step ? step->number : 0,
  };

  return enter (next, callback);
}

EidRunning
eid_crumb_enter_file (const char *file, const char *id, EidCallback callback)
{
  EidRunning next = { .plugin = g_intern_string (id), .file = g_intern_string (file) };

  return enter (next, callback);
}

void
eid_crumb_leave (const EidRunning *before)
{
  g_mutex_lock (&mutex);
  returned |= 1u << now.kind;
  now = *before;
  g_mutex_unlock (&mutex);
}

gboolean
eid_running (EidRunning *running)
{
  g_mutex_lock (&mutex);
  *running = now;
  g_mutex_unlock (&mutex);
  return running->plugin != NULL;
}

const EidRunning *
eid_running_here (void)
{
  return now.plugin && now.thread == gettid () ? &now : NULL;
}
