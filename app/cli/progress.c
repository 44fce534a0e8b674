/* progress.c: see progress.h. */
#include "app/cli/progress.h"

#include "app/cli/terminal.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#define WIDTH    24
#define INTERVAL (G_USEC_PER_SEC / 10)

EidProgressBar
eid_progress_bar (void)
{
  return (EidProgressBar){ .terminal = isatty (STDERR_FILENO) };
}

char *
eid_progress_duration (double seconds)
{
  const guint64 whole = (guint64) (seconds + 0.5);

  if (!isfinite (seconds) || seconds < 0)
    return g_strdup ("–");
  if (whole < 3600)
    return g_strdup_printf ("%u:%02u", (guint) (whole / 60), (guint) (whole % 60));
  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%02u:%02u", whole / 3600, (guint) (whole / 60 % 60),
                          (guint) (whole % 60));
}

void
eid_progress_draw (guint64 done, guint64 all, const char *text)
{
  const guint filled = (guint) (done * WIDTH / MAX (all, 1));

  eid_terminal_clear_line ();
  fputs ("[", stderr);
  for (guint i = 0; i < WIDTH; i++)
    fputs (i < filled ? "█" : "·", stderr);
  eid_cli_tell ("] %'" G_GUINT64_FORMAT "/%'" G_GUINT64_FORMAT "  %s", done, all, text);
}

gboolean
eid_progress_done (const char *what, guint64 done, guint64 all, gpointer user_data)
{
  EidProgressBar *bar = user_data;
  const gint64 now = g_get_monotonic_time ();
  g_autofree char *left = NULL, *text = NULL;

  if (!bar->terminal)
    return TRUE;
  if (bar->what != g_intern_string (what) || done == 0)
    {
      bar->what = g_intern_string (what);
      bar->started = now;
      bar->told = 0;
    }
  if (done < all && now - bar->told < INTERVAL)
    return TRUE;
  bar->told = now;
  left = eid_progress_duration (done > 0 ? (double) (now - bar->started) / G_USEC_PER_SEC
                                               * (double) (all - done) / (double) done
                                         : NAN);
  /* TRANSLATORS: a piece of work, and the time until its end. */
  text = g_strdup_printf (_ ("%s, %s left"), what, left);
  eid_progress_draw (done, all, text);
  bar->drawn = TRUE;
  return TRUE;
}

void
eid_progress_preparing (const char *what, gpointer user_data)
{
  EidProgressBar *bar = user_data;

  if (!bar->terminal)
    return;
  eid_terminal_clear_line ();
  eid_cli_tell ("%s…", what);
  bar->drawn = TRUE;
}

void
eid_progress_clear (EidProgressBar *bar)
{
  if (bar->drawn)
    eid_terminal_clear_line ();
  bar->drawn = FALSE;
}
