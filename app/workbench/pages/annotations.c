/* annotations.c: see annotations.h. */
#include "app/workbench/pages/annotations.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/wire/wire.h"

static const struct
{
  const char *kind;
  EidMarkerKind marker;
} kinds[] = {
  { EID_WIRE_EVENT_WARNING, EID_MARKER_ALARM },
  { EID_WIRE_EVENT_ALARM, EID_MARKER_ALARM },
  { EID_WIRE_EVENT_EDIT, EID_MARKER_EDIT },
  { EID_WIRE_EVENT_BRANCH, EID_MARKER_EDIT },
};

/* Short: the evidence of an alarm is in the banner. */
static char *
label_of (const char *kind, const char *text, gboolean undone)
{
  g_autofree char *words = NULL;
  const char *colon = strstr (text, ": ");

  if (g_str_equal (kind, EID_WIRE_EVENT_EDIT))
    words = eid_edit_in_words (text);
  else if (g_str_equal (kind, EID_WIRE_EVENT_ALARM) && colon)
    words = g_strndup (text, (gsize) (colon - text));
  else
    words = g_strdup (text);
  return undone ? g_strdup_printf (_ ("%s (undone)"), words) : g_steal_pointer (&words);
}

static void
put (EidChart *chart, EidMarkerKind kind, guint64 step, const char *run, const char *label)
{
  g_autofree char *named = run ? g_strdup_printf ("%s: %s", run, label) : NULL;

  eid_chart_add_marker (chart, kind, (double) step, named ? named : label);
}

static void
add_event (EidChart *chart, guint64 step, const char *kind, const char *text, gboolean undone,
           const char *run)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].kind, kind) && (!undone || g_str_equal (kind, EID_WIRE_EVENT_EDIT)))
      {
        g_autofree char *label = label_of (kind, text, undone);

        put (chart, kinds[i].marker, step, run, label);
      }
}

void
eid_marks_add (EidChart *chart, guint64 step, const char *kind, const char *text, gboolean undone)
{
  add_event (chart, step, kind, text, undone, NULL);
}

static void
add_evaluation (EidChart *chart, guint64 step, GHashTable *probes, const char *run)
{
  const double *share = g_hash_table_lookup (probes, &step);
  g_autofree char *knn = share ? eid_format_percent (*share) : NULL;
  g_autofree char *text =
      knn ? g_strdup_printf (_ ("Evaluated: nearest neighbours %s"), knn) : g_strdup (_ ("Evaluated"));

  put (chart, EID_MARKER_EVALUATION, step, run, text);
}

void
eid_marks_add_evaluation (EidChart *chart, guint64 step, GHashTable *probes)
{
  add_evaluation (chart, step, probes, NULL);
}

static void
add_evaluations (EidChart *chart, const EidChronicle *chronicle, GHashTable *probes, const char *run)
{
  gboolean told = FALSE;
  GHashTableIter iter;
  gpointer step;

  for (guint i = 0; i < chronicle->events->len; i++)
    {
      const EidHappening *event = g_ptr_array_index (chronicle->events, i);

      if (!g_str_equal (event->kind, EID_WIRE_EVENT_EVALUATION) || event->undone)
        continue;
      add_evaluation (chart, event->step, probes, run);
      told = TRUE;
    }
  /* A run that was trained before evaluations were told: where there are numbers of one. */
  g_hash_table_iter_init (&iter, probes);
  while (!told && g_hash_table_iter_next (&iter, &step, NULL))
    add_evaluation (chart, *(guint64 *) step, probes, run);
}

void
eid_marks_fill (EidChart *chart, const EidChronicle *chronicle, GHashTable *probes, EidMarksWhich which,
                const char *run)
{
  for (guint i = 0; i < chronicle->events->len; i++)
    {
      const EidHappening *event = g_ptr_array_index (chronicle->events, i);

      add_event (chart, event->step, event->kind, event->text, event->undone, run);
    }
  if (which == EID_MARKS_TURNS)
    return;
  for (guint i = 0; i < chronicle->checkpoints->len; i++)
    put (chart, EID_MARKER_CHECKPOINT, g_array_index (chronicle->checkpoints, guint64, i), run,
         _ ("Checkpoint"));
  add_evaluations (chart, chronicle, probes, run);
  for (guint i = 0; i < chronicle->moments->len; i++)
    if (g_array_index (chronicle->moments, EidKeptMoment, i).kept)
      put (chart, EID_MARKER_PINNED, g_array_index (chronicle->moments, EidKeptMoment, i).step, run,
           _ ("Kept"));
}
