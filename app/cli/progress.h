/* progress.h: how far a long piece of work is, on a terminal: a bar with the
 * time that is left. Nothing where standard error is a file.                 */
#pragma once

#include "app/engine/setup/setup.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean terminal, drawn;
  const char *what;     /* the piece of work that is told of; interned      */
  gint64 started, told; /* of it, in microseconds                           */
} EidProgressBar;

EidProgressBar eid_progress_bar (void);

/* An EidDoneFunc, which never ends anything, and an EidPrepareFunc; @user_data is the EidProgressBar. */
gboolean eid_progress_done (const char *what, guint64 done, guint64 all, gpointer user_data);
void eid_progress_preparing (const char *what, gpointer user_data);

/* Leaves an empty line for what is said next. */
void eid_progress_clear (EidProgressBar *bar);

/* The bar itself, without a new line at its end. */
void eid_progress_draw (guint64 done, guint64 all, const char *text);

/* "1:20", or "2:05:00". Free. */
char *eid_progress_duration (double seconds);

G_END_DECLS
