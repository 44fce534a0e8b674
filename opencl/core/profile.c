/* profile.c: what a device's time goes to, by phase and kernel.
 *
 * While on, everything enqueued leaves its event here (program.c and the back
 * ends of gemm.c pass through). Events are added up in bulk once they are
 * complete, so that the queue never waits for its own measurement.
 */

#include "opencl/core/private.h"

/* Launches kept before the oldest are added up: more than a step makes. */
#define KEPT_LAUNCHES 4096

typedef struct
{
  EidProfileEntry what; /* one call, its time not yet known */
  cl_event begin;       /* a marker before it, where it is several kernels; or NULL */
  cl_event end;
} Launch;

struct _EidProfile
{
  GArray *entries;  /* of EidProfileEntry */
  GArray *launches; /* of Launch, the oldest first */
  const char *phase;
  cl_event begin, end; /* of what is being enqueued */
};

static guint64
event_time (cl_event event, cl_profiling_info which)
{
  cl_ulong time = 0;

  clGetEventProfilingInfo (event, which, sizeof time, &time, NULL);
  return time;
}

static gboolean
event_is_complete (cl_event event)
{
  cl_int status = CL_COMPLETE;

  clGetEventInfo (event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, NULL);
  return status <= CL_COMPLETE; /* negative: it failed */
}

static void
release (Launch *launch)
{
  g_clear_pointer (&launch->begin, clReleaseEvent);
  g_clear_pointer (&launch->end, clReleaseEvent);
}

static void
add_entry (GArray *entries, const EidProfileEntry *what)
{
  for (guint i = 0; i < entries->len; i++)
    {
      EidProfileEntry *entry = &g_array_index (entries, EidProfileEntry, i);

      /* The names are interned. */
      if (entry->kernel != what->kernel || entry->phase != what->phase || entry->type != what->type)
        continue;
      entry->calls += what->calls;
      entry->nanoseconds += what->nanoseconds;
      entry->work += what->work;
      entry->bytes += what->bytes;
      return;
    }
  g_array_append_val (entries, *what);
}

/* Adds up what is complete. The queue is in order: the first that is not ends the search. @all: after
 * clFinish(), which some drivers end a moment before the events know of it.                     */
static void
collect (EidProfile *profile, gboolean all)
{
  guint done = 0;

  while (done < profile->launches->len)
    {
      Launch *launch = &g_array_index (profile->launches, Launch, done);
      guint64 start, end;

      if (all)
        clWaitForEvents (1, &launch->end);
      else if (!event_is_complete (launch->end))
        break;
      start = launch->begin ? event_time (launch->begin, CL_PROFILING_COMMAND_END)
                            : event_time (launch->end, CL_PROFILING_COMMAND_START);
      end = event_time (launch->end, CL_PROFILING_COMMAND_END);
      launch->what.nanoseconds = end > start ? end - start : 0;
      add_entry (profile->entries, &launch->what);
      release (launch);
      done++;
    }
  g_array_remove_range (profile->launches, 0, done);
}

static GArray *
entries_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (EidProfileEntry));
}

void
eid_device_set_profile (EidDevice *device, gboolean on)
{
  cl_command_queue queue;
  cl_int status;

  if (on == (device->profile != NULL) || !eid_device_ok (device))
    return;
  clFinish (device->queue);
  queue = clCreateCommandQueue (device->context, device->id, on ? CL_QUEUE_PROFILING_ENABLE : 0, &status);
  if (!eid_cl_ok (device, status, "clCreateCommandQueue"))
    return;
  clReleaseCommandQueue (device->queue);
  device->queue = queue;
  g_clear_pointer (&device->profile, eid_profile_free);
  if (on)
    {
      device->profile = g_new0 (EidProfile, 1);
      device->profile->entries = entries_new ();
      device->profile->launches = g_array_new (FALSE, FALSE, sizeof (Launch));
      device->profile->phase = g_intern_static_string ("");
    }
}

void
eid_profile_free (EidProfile *profile)
{
  for (guint i = 0; i < profile->launches->len; i++)
    release (&g_array_index (profile->launches, Launch, i));
  g_array_unref (profile->launches);
  g_array_unref (profile->entries);
  g_free (profile);
}

const char *
eid_profile_phase (EidDevice *device, const char *phase)
{
  const char *before = device->profile ? device->profile->phase : "";

  if (device->profile)
    device->profile->phase = g_intern_string (phase);
  return before;
}

GArray *
eid_profile_read (EidDevice *device)
{
  GArray *entries;

  if (device->profile == NULL)
    return entries_new ();
  clFinish (device->queue);
  collect (device->profile, TRUE);
  entries = device->profile->entries;
  device->profile->entries = entries_new ();
  return entries;
}

void
eid_profile_begin (EidDevice *device)
{
  if (device->profile)
    clEnqueueMarkerWithWaitList (device->queue, 0, NULL, &device->profile->begin);
}

cl_event *
eid_profile_event (EidDevice *device)
{
  return device->profile ? &device->profile->end : NULL;
}

void
eid_profile_keep (EidDevice *device, const char *kernel, EidType type, double work, double bytes)
{
  EidProfile *profile = device->profile;
  Launch launch;

  if (profile == NULL)
    return;
  launch = (Launch){
    .what = { .phase = profile->phase,
              .kernel = g_intern_string (kernel),
              .type = type,
              .calls = 1,
              .work = work,
              .bytes = bytes },
    .begin = g_steal_pointer (&profile->begin),
    .end = g_steal_pointer (&profile->end),
  };
  if (launch.end == NULL) /* it was not enqueued */
    {
      g_clear_pointer (&launch.begin, clReleaseEvent);
      return;
    }
  g_array_append_val (profile->launches, launch);
  if (profile->launches->len % KEPT_LAUNCHES == 0)
    collect (profile, FALSE);
}
