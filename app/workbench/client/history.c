/* history.c: see history.h. */
#include "app/workbench/client/history.h"

#include <glib/gi18n.h>

#include <math.h>
#include <string.h>

#include "app/store/store.h"
#include "app/wire/wire.h"

static void
happening_free (gpointer data)
{
  EidHappening *happening = data;

  g_free (happening->kind);
  g_free (happening->text);
  g_free (happening);
}

static void
read_events (EidChronicle *self, GVariant *timeline, const char *key, gboolean undone)
{
  g_autoptr (GVariant) list = g_variant_lookup_value (timeline, key, G_VARIANT_TYPE ("a(txss)"));
  GVariantIter iter;
  guint64 step;
  gint64 time;
  const char *kind, *text;

  if (list == NULL)
    return;
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_next (&iter, "(tx&s&s)", &step, &time, &kind, &text))
    {
      EidHappening *happening = g_new (EidHappening, 1);

      *happening = (EidHappening){ step, g_strdup (kind), g_strdup (text), undone };
      g_ptr_array_add (self->events, happening);
    }
}

static int
by_number (gconstpointer a, gconstpointer b)
{
  const guint64 *first = a, *second = b;

  return (*first > *second) - (*first < *second);
}

static void
read_checkpoints (EidChronicle *self, GVariant *timeline)
{
  g_autoptr (GVariant) list = g_variant_lookup_value (timeline, "checkpoints", G_VARIANT_TYPE ("at"));
  gsize count;
  const guint64 *steps = list ? g_variant_get_fixed_array (list, &count, sizeof (guint64)) : NULL;

  if (steps == NULL)
    return;
  g_array_append_vals (self->checkpoints, steps, (guint) count);
  g_array_sort (self->checkpoints, by_number);
}

static void
read_moments (EidChronicle *self, GVariant *timeline)
{
  g_autoptr (GVariant) list = g_variant_lookup_value (timeline, "moments", G_VARIANT_TYPE ("a(tb)"));
  GVariantIter iter;
  EidKeptMoment moment;

  if (list == NULL)
    return;
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_next (&iter, "(tb)", &moment.step, &moment.kept))
    if (self->moments->len == 0
        || g_array_index (self->moments, EidKeptMoment, self->moments->len - 1).step < moment.step)
      g_array_append_val (self->moments, moment);
}

EidChronicle *
eid_chronicle_read (GVariant *timeline)
{
  EidChronicle *self = g_rc_box_new0 (EidChronicle);

  self->chance = NAN;
  self->events = g_ptr_array_new_with_free_func (happening_free);
  self->checkpoints = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->moments = g_array_new (FALSE, FALSE, sizeof (EidKeptMoment));
  g_variant_lookup (timeline, "step", "t", &self->step);
  g_variant_lookup (timeline, "steps", "t", &self->steps);
  g_variant_lookup (timeline, "chance", "d", &self->chance);
  g_variant_lookup (timeline, "recipe", "s", &self->recipe);
  g_variant_lookup (timeline, "told", "^as", &self->told);
  self->health = g_variant_lookup_value (timeline, "health", G_VARIANT_TYPE_VARDICT);
  read_events (self, timeline, "events", FALSE);
  read_events (self, timeline, "undone", TRUE);
  read_checkpoints (self, timeline);
  read_moments (self, timeline);
  return self;
}

static void
clear (gpointer data)
{
  EidChronicle *self = data;

  g_ptr_array_unref (self->events);
  g_array_unref (self->checkpoints);
  g_array_unref (self->moments);
  g_clear_pointer (&self->health, g_variant_unref);
  g_free (self->recipe);
  g_strfreev (self->told);
}

EidChronicle *
eid_chronicle_ref (EidChronicle *self)
{
  return g_rc_box_acquire (self);
}

void
eid_chronicle_unref (EidChronicle *self)
{
  if (self)
    g_rc_box_release_full (self, clear);
}

static void
add_once (GPtrArray *notes, const char *text)
{
  if (*text != '\0' && !g_ptr_array_find_with_equal_func (notes, text, g_str_equal, NULL))
    g_ptr_array_add (notes, g_strdup (text));
}

GPtrArray *
eid_chronicle_notes (const EidChronicle *self)
{
  GPtrArray *notes = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; self->told && self->told[i]; i++)
    add_once (notes, self->told[i]);
  for (guint i = 0; i < self->events->len; i++)
    {
      const EidHappening *event = g_ptr_array_index (self->events, i);

      if (!event->undone
          && (g_str_equal (event->kind, EID_WIRE_EVENT_NOTE)
              || g_str_equal (event->kind, EID_WIRE_EVENT_WARNING)))
        add_once (notes, event->text);
    }
  return notes;
}

char *
eid_edit_in_words (const char *text)
{
  const char *colon = strstr (text, ": "), *dot = strchr (text, '.');

  if (colon == NULL || dot == NULL || dot > colon)
    return g_strdup (text);
  /* Two names of files tell a person nothing. */
  if (g_str_has_prefix (dot + 1, "code: "))
    return g_strdup (g_str_has_prefix (text, "Encoder") ? _ ("code of the encoder")
                                                        : _ ("code of the objective"));
  return g_strdup_printf ("%.*s %s", (int) (colon - dot - 1), dot + 1, colon + 2);
}

gboolean
eid_chronicle_can_undo (const EidChronicle *self)
{
  gboolean can = FALSE;

  /* A branch begins with nothing to undo. */
  for (guint i = 0; self && i < self->events->len; i++)
    {
      const EidHappening *happening = g_ptr_array_index (self->events, i);

      if (g_str_equal (happening->kind, EID_WIRE_EVENT_EDIT) && !happening->undone)
        can = TRUE;
      else if (g_str_equal (happening->kind, EID_WIRE_EVENT_BRANCH))
        can = FALSE;
    }
  return can;
}

gboolean
eid_chronicle_edited_lately (const EidChronicle *self)
{
  guint64 saved = 0;

  if (!eid_chronicle_can_undo (self))
    return FALSE;
  eid_chronicle_checkpoint (self, G_MAXUINT64, &saved);
  for (guint i = 0; i < self->events->len; i++)
    {
      const EidHappening *happening = g_ptr_array_index (self->events, i);

      if (g_str_equal (happening->kind, EID_WIRE_EVENT_EDIT) && !happening->undone
          && happening->step >= saved)
        return TRUE;
    }
  return FALSE;
}

gboolean
eid_chronicle_run_edited_lately (const char *folder)
{
  g_autoptr (EidRun) run = folder ? eid_run_open (folder, FALSE, NULL) : NULL;
  g_autoptr (GPtrArray) events = run ? eid_run_events (run, NULL) : NULL;
  g_autoptr (GArray) checkpoints = run ? eid_run_checkpoints (run) : NULL; /* the newest first */
  const guint64 saved = checkpoints && checkpoints->len > 0 ? g_array_index (checkpoints, guint64, 0) : 0;
  gboolean edited = FALSE;

  for (guint i = 0; events && i < events->len; i++)
    {
      const EidEvent *event = g_ptr_array_index (events, i);

      if (g_str_equal (event->kind, EID_WIRE_EVENT_EDIT) && event->step >= saved)
        edited = TRUE;
      else if (g_str_equal (event->kind, EID_WIRE_EVENT_BRANCH)) /* begins with nothing to undo */
        edited = FALSE;
    }
  return edited;
}

gboolean
eid_chronicle_checkpoint (const EidChronicle *self, guint64 step, guint64 *checkpoint)
{
  gboolean found = FALSE;

  for (guint i = 0; self && i < self->checkpoints->len; i++)
    if (g_array_index (self->checkpoints, guint64, i) <= step)
      {
        *checkpoint = g_array_index (self->checkpoints, guint64, i);
        found = TRUE;
      }
  return found;
}
