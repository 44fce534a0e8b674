/* fake-history.c: see fake-history.h. */
#include "tests/ui/fake-history.h"

#include "tests/ui/fake-engine.h"
#include "tests/ui/fake-health.h"

typedef struct
{
  guint64 step;
  char *kind, *text;
  gboolean undone;
} Event;

typedef struct
{
  guint64 step;
  gboolean kept;
} Moment;

static GArray *events, *moments; /* Event, Moment */

void
fake_history_clear (void)
{
  g_clear_pointer (&events, g_array_unref);
  g_clear_pointer (&moments, g_array_unref);
  events = g_array_new (FALSE, FALSE, sizeof (Event));
  moments = g_array_new (FALSE, FALSE, sizeof (Moment));
}

void
fake_history_event (guint64 step, const char *kind, const char *text)
{
  const Event event = { step, g_strdup (kind), g_strdup (text), FALSE };

  g_array_append_val (events, event);
}

void
fake_history_moment (guint64 step)
{
  const Moment moment = { step, FALSE };

  g_array_append_val (moments, moment);
}

static void
keep_moment (guint64 step, gboolean keep)
{
  for (guint i = 0; i < moments->len; i++)
    if (g_array_index (moments, Moment, i).step == step)
      g_array_index (moments, Moment, i).kept = keep;
}

void
fake_history_rewind (guint64 step)
{
  for (guint i = events->len; i-- > 0;)
    if (g_array_index (events, Event, i).step > step)
      g_array_index (events, Event, i).undone = TRUE;
  for (guint i = moments->len; i-- > 0;)
    if (g_array_index (moments, Moment, i).step > step)
      g_array_remove_index (moments, i);
}

static gboolean
stands (const Event *event, const char *kind)
{
  return !event->undone && g_str_equal (event->kind, kind);
}

gboolean
fake_history_undo (guint64 *step, char **edit)
{
  for (guint i = events->len; i-- > 0;)
    {
      Event *event = &g_array_index (events, Event, i);

      if (!stands (event, "edit"))
        continue;
      *step = 0;
      for (guint j = 0; j < i; j++)
        if (stands (&g_array_index (events, Event, j), "checkpoint"))
          *step = g_array_index (events, Event, j).step;
      *edit = g_strdup (event->text);
      event->undone = TRUE;
      fake_history_rewind (*step);
      return TRUE;
    }
  return FALSE;
}

gboolean
fake_history_moment_at (guint64 at, guint64 *step)
{
  for (guint i = 0; i < moments->len; i++)
    if (i == 0 || g_array_index (moments, Moment, i).step <= at)
      *step = g_array_index (moments, Moment, i).step;
  return moments->len > 0;
}

gboolean
fake_history_has_checkpoint (guint64 step)
{
  for (guint i = 0; i < events->len; i++)
    if (stands (&g_array_index (events, Event, i), "checkpoint")
        && g_array_index (events, Event, i).step == step)
      return TRUE;
  return FALSE;
}

static GVariant *
pack_events (gboolean undone)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a(txss)"));
  for (guint i = 0; i < events->len; i++)
    {
      const Event *event = &g_array_index (events, Event, i);

      if (event->undone == undone)
        g_variant_builder_add (&list, "(txss)", event->step, (gint64) 0, event->kind, event->text);
    }
  return g_variant_builder_end (&list);
}

/* Answer of Timeline, floating. @health: NULL for none. */
static GVariant *
pack_timeline (guint64 step, guint64 steps, const char *recipe, GVariant *health)
{
  static const char *const told[] = { "A run, on nothing, in f32", "Data: none.", NULL };
  GVariantBuilder checkpoints, kept;
  GVariantDict dict;

  g_variant_builder_init (&checkpoints, G_VARIANT_TYPE ("at"));
  g_variant_builder_init (&kept, G_VARIANT_TYPE ("a(tb)"));
  for (guint i = events->len; i-- > 0;)
    if (stands (&g_array_index (events, Event, i), "checkpoint"))
      g_variant_builder_add (&checkpoints, "t", g_array_index (events, Event, i).step);
  for (guint i = 0; i < moments->len; i++)
    g_variant_builder_add (&kept, "(tb)", g_array_index (moments, Moment, i).step,
                           g_array_index (moments, Moment, i).kept);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "step", "t", step);
  g_variant_dict_insert (&dict, "steps", "t", steps);
  g_variant_dict_insert (&dict, "chance", "d", 5.541);
  g_variant_dict_insert (&dict, "recipe", "s", recipe);
  g_variant_dict_insert_value (&dict, "told", g_variant_new_strv (told, -1));
  g_variant_dict_insert_value (&dict, "events", pack_events (FALSE));
  g_variant_dict_insert_value (&dict, "undone", pack_events (TRUE));
  g_variant_dict_insert_value (&dict, "checkpoints", g_variant_builder_end (&checkpoints));
  g_variant_dict_insert_value (&dict, "moments", g_variant_builder_end (&kept));
  if (health)
    g_variant_dict_insert_value (&dict, "health", health);
  return g_variant_dict_end (&dict);
}

/* --- Methods ------------------------------------------------------------ */

static gboolean
on_keep (EidWireEngine *wire, GDBusMethodInvocation *call, guint64 step, gboolean keep)
{
  if (fake_refuse (call))
    return TRUE;
  keep_moment (step, keep);
  eid_wire_engine_complete_keep (wire, call);
  return TRUE;
}

static gboolean
on_timeline (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  g_autofree char *recipe = fake.recipe ? g_key_file_to_data (fake.recipe, NULL, NULL) : g_strdup ("");

  if (fake_refuse (call))
    return TRUE;
  eid_wire_engine_complete_timeline (
      wire, call,
      pack_timeline (fake.step, fake.steps, recipe, fake.step > 0 ? fake_look_at (fake.step) : NULL));
  return TRUE;
}

void
fake_history_connect (EidWireEngine *wire)
{
  g_signal_connect (wire, "handle-keep", G_CALLBACK (on_keep), NULL);
  g_signal_connect (wire, "handle-timeline", G_CALLBACK (on_timeline), NULL);
}
