/* history.h: what the history of a run holds beside its curves, as the engine's
 * Timeline tells it: events, those undone, checkpoints, moments, and how it is. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 step;
  char *kind, *text;
  gboolean undone;
} EidHappening;

typedef struct
{
  guint64 step;
  gboolean kept;
} EidKeptMoment;

typedef struct
{
  guint64 step, steps; /* made, of so many                               */
  double chance;       /* or NAN                                         */
  char *recipe;        /* with the edits made; NULL: not told            */
  char **told;         /* what there is to say of the run as it was opened; NULL: not told */
  GPtrArray *events;   /* EidHappening, by step                          */
  GArray *checkpoints; /* guint64, ascending                             */
  GArray *moments;     /* EidKeptMoment, by step                         */
  GVariant *health;    /* as of the signal Health, a{sv}; NULL: none yet */
} EidChronicle;

/* Of a dictionary a{sv}; what is missing, of another type or unordered is left out. */
EidChronicle *eid_chronicle_read (GVariant *timeline);
EidChronicle *eid_chronicle_ref (EidChronicle *chronicle);
void eid_chronicle_unref (EidChronicle *chronicle); /* or NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidChronicle, eid_chronicle_unref)

/* What a person should know of the run, char * each, once: what it was opened with, then its notes and
 * warnings in order. Free by g_ptr_array_unref().                             */
GPtrArray *eid_chronicle_notes (const EidChronicle *chronicle);
/* "temperature 0.2 → 0.1" of an edit "Objective.temperature: 0.2 → 0.1". Free. */
char *eid_edit_in_words (const char *text);
/* Whether there is an edit that can be undone. */
gboolean eid_chronicle_can_undo (const EidChronicle *chronicle);
/* Whether there is one since the newest checkpoint. */
gboolean eid_chronicle_edited_lately (const EidChronicle *chronicle);
/* The same of the run in @folder (or NULL), read from the disk: a lost engine cannot be asked, and
 * may not have lived to tell of the edit that it ended of.                                    */
gboolean eid_chronicle_run_edited_lately (const char *folder);
/* The newest checkpoint at or before @step; FALSE where there is none. */
gboolean eid_chronicle_checkpoint (const EidChronicle *chronicle, guint64 step, guint64 *checkpoint);

G_END_DECLS
