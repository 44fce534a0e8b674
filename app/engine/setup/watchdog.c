/* watchdog.c: a thread that looks at what runs once a second; see watchdog.h. */
#include "app/engine/setup/watchdog.h"

#include "app/engine/setup/crash.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <signal.h>

#define HANG_SECONDS 30
#define COMPILES     4 /* times as long is waited where drivers may compile */

static gint64
limit (const EidRunning *running)
{
  const char *given = g_getenv ("EIDOSCOPE_HANG_SECONDS");
  const gint64 seconds = given != NULL ? g_ascii_strtoll (given, NULL, 10) : 0;

  return (seconds > 0 && seconds < G_MAXINT ? seconds : HANG_SECONDS) * G_USEC_PER_SEC
         * (running->first ? COMPILES : 1);
}

static gint64
age (const EidRunning *running)
{
  return g_get_monotonic_time () - running->since;
}

double
eid_heartbeat_seconds (const EidRunning *running)
{
  return running->plugin != NULL ? (double) age (running) / G_USEC_PER_SEC : 0;
}

gboolean
eid_heartbeat_missing (const EidRunning *running)
{
  return running->plugin != NULL && age (running) >= limit (running);
}

static void
tell (const EidRunning *running)
{
  g_autofree char *step =
      running->in_step ? g_strdup_printf (_ (" at step %'" PRIu64), running->step + 1) : g_strdup ("");

  eid_crash_print_stack (running->thread);
  /* TRANSLATORS: a plugin's name, file and function, " at step 7" or nothing, and how long. */
  g_printerr (_ ("The plugin “%s” (%s) has not come back from %s%s for %.0f seconds.\n"), running->plugin,
              running->file != NULL ? running->file : "", running->callback, step,
              eid_heartbeat_seconds (running));
}

static gpointer
look (gpointer unused)
{
  gint64 told = 0, next = 0; /* of the call begun then; not before it is so old */

  for (;;)
    {
      EidRunning running;

      g_usleep (G_USEC_PER_SEC / 4);
      eid_crash_renew ();
      if (!eid_running (&running) || !eid_heartbeat_missing (&running))
        continue;
      if (told == running.since && age (&running) < next)
        continue;
      tell (&running);
      told = running.since;
      next = 2 * age (&running);
    }
  return NULL;
}

void
eid_heartbeat_begin (void)
{
  sigset_t all, before;

  /* What is sent to the program, Ctrl-C first of all, is for others to take. */
  sigfillset (&all);
  pthread_sigmask (SIG_BLOCK, &all, &before);
  g_thread_unref (g_thread_new ("heartbeat", look, NULL));
  pthread_sigmask (SIG_SETMASK, &before, NULL);
}
