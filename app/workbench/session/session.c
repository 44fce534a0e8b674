/* session.c: an engine, its pages, and what they are told of the run; see session.h. */
#include "app/workbench/session/session.h"

#include "app/wire/wire.h"

/* All that happens at a step is asked for at once. */
#define REFRESH_MS 100

struct _EidDesk
{
  GObject parent_instance;

  EidEngineClient *client;
  GPtrArray *pages; /* EidPage, of the window's */
  EidChronicle *chronicle;
  guint soon;
  gboolean asking;
  gboolean taking_up; /* the next chronicle is of a run just taken up */

  GVariant *newest; /* the last look at the run's health, a{sv}, or NULL */
  gboolean past;    /* another one is in view …                     */
  guint looked;     /* … the answer to this question; older ones are void */
};

enum
{
  HEALTH,
  HISTORY,
  CHRONICLE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EidDesk, eid_desk, G_TYPE_OBJECT)

/* --- The health --------------------------------------------------------------- */

/* Shows @record, of the newest look or of one of the past; NULL: none. */
static void
show_health (EidDesk *self, GVariant *record)
{
  g_auto (EidVerdictReport) report = { 0 };

  if (record)
    report = eid_verdict_report_read (record);
  for (guint i = 0; i < self->pages->len; i++)
    eid_page_health (self->pages->pdata[i], record ? &report : NULL);
  g_signal_emit (self, signals[HEALTH], 0, record ? &report : NULL);
}

static void
take_health (EidDesk *self, GVariant *record)
{
  g_autoptr (GVariant) former = self->newest;

  self->newest = record ? g_variant_ref (record) : NULL;
  if (!self->past)
    show_health (self, record);
}

static void
on_health (EidDesk *self, const EidVerdictReport *report)
{
  take_health (self, report->metrics);
}

typedef struct
{
  EidDesk *desk;
  guint number;
} Question;

static void
on_past_health (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Question *question = data;
  g_autoptr (EidDesk) self = question->desk;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, NULL);
  g_autoptr (GVariant) record = NULL;

  if (!self->past || question->number != self->looked)
    return;
  if (answer)
    g_variant_get (answer, "(t@a{sv})", NULL, &record);
  show_health (self, record);
}

static void
ask_past_health (EidDesk *self, guint64 step)
{
  Question *question = g_new (Question, 1);
  GVariantDict options;

  *question = (Question){ g_object_ref (self), ++self->looked };
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "at", "t", step);
  eid_engine_client_look (self->client, EID_WIRE_VIEW_HEALTH, g_variant_dict_end (&options), 0,
                          on_past_health, question);
}

/* --- The history ------------------------------------------------------------- */

static void
on_history (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidDesk) self = data;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, NULL);
  g_autoptr (GVariant) series = NULL;

  /* Without it the lines begin here: nothing to complain of. */
  if (answer == NULL)
    return;
  series = g_variant_get_child_value (answer, 0);
  for (guint i = 0; i < self->pages->len; i++)
    eid_page_history (self->pages->pdata[i], series);
  g_signal_emit (self, signals[HISTORY], 0, series);
}

static void
on_chronicle (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidDesk) self = data;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, NULL);
  g_autoptr (GVariant) timeline = NULL;
  const gboolean first = self->taking_up;

  self->asking = FALSE;
  if (answer == NULL)
    return;
  self->taking_up = FALSE;
  timeline = g_variant_get_child_value (answer, 0);
  eid_chronicle_unref (self->chronicle);
  self->chronicle = eid_chronicle_read (timeline);
  if (self->chronicle->steps > 0 && !eid_engine_client_busy (self->client))
    eid_engine_client_set_made (self->client, self->chronicle->step, self->chronicle->steps);
  if (first && self->chronicle->health)
    take_health (self, self->chronicle->health);
  for (guint i = 0; i < self->pages->len; i++)
    eid_page_chronicle (self->pages->pdata[i], self->chronicle);
  g_signal_emit (self, signals[CHRONICLE], 0, self->chronicle, first);
}

static void
ask_chronicle (EidDesk *self)
{
  if (self->asking)
    return;
  self->asking = TRUE;
  eid_engine_client_timeline (self->client, on_chronicle, g_object_ref (self));
}

static gboolean
ask_later (gpointer data)
{
  EidDesk *self = data;

  self->soon = 0;
  ask_chronicle (self);
  return G_SOURCE_REMOVE;
}

void
eid_desk_refresh (EidDesk *self)
{
  if (self->soon == 0)
    self->soon = g_timeout_add (REFRESH_MS, ask_later, self);
}

void
eid_desk_take_up (EidDesk *self)
{
  self->taking_up = TRUE;
  self->asking = FALSE;
  eid_engine_client_history (self->client, on_history, g_object_ref (self));
  ask_chronicle (self);
}

static void
on_event (EidDesk *self, guint64 step, const char *kind)
{
  static const char *const told[] = { EID_WIRE_EVENT_CHECKPOINT,
                                      EID_WIRE_EVENT_MOMENT,
                                      EID_WIRE_EVENT_EDIT,
                                      EID_WIRE_EVENT_CODE,
                                      EID_WIRE_EVENT_WARNING,
                                      EID_WIRE_EVENT_NOTE,
                                      NULL };

  /* The parameters of other code may be others. */
  if (g_str_equal (kind, EID_WIRE_EVENT_CODE))
    self->taking_up = TRUE;
  if (g_strv_contains (told, kind))
    eid_desk_refresh (self);
}

static void
on_phase (EidDesk *self)
{
  if (eid_engine_client_phase (self->client) == EID_PHASE_DONE)
    eid_desk_refresh (self);
}

/* --- The pages ------------------------------------------------------------------ */

void
eid_desk_add_page (EidDesk *self, EidPage *page)
{
  g_ptr_array_add (self->pages, page);
  eid_page_set_client (page, self->client);
}

guint
eid_desk_n_pages (EidDesk *self)
{
  return self->pages->len;
}

EidPage *
eid_desk_page (EidDesk *self, guint i)
{
  return self->pages->pdata[i];
}

void
eid_desk_begin (EidDesk *self, gboolean text)
{
  g_clear_pointer (&self->chronicle, eid_chronicle_unref);
  self->past = FALSE;
  for (guint i = 0; i < self->pages->len; i++)
    {
      eid_page_set_text (self->pages->pdata[i], text);
      eid_page_begin (self->pages->pdata[i]);
    }
  take_health (self, NULL);
}

void
eid_desk_travel (EidDesk *self, gboolean past, guint64 step)
{
  self->past = past;
  for (guint i = 0; i < self->pages->len; i++)
    eid_page_travel (self->pages->pdata[i], past, step);
  if (past)
    ask_past_health (self, step);
  else
    show_health (self, self->newest);
}

const EidChronicle *
eid_desk_chronicle (EidDesk *self)
{
  return self->chronicle;
}

EidEngineClient *
eid_desk_client (EidDesk *self)
{
  return self->client;
}

/* --- The object ------------------------------------------------------------------- */

static void
eid_desk_dispose (GObject *object)
{
  EidDesk *self = EID_DESK (object);

  g_clear_handle_id (&self->soon, g_source_remove);
  g_ptr_array_set_size (self->pages, 0);
  G_OBJECT_CLASS (eid_desk_parent_class)->dispose (object);
}

static void
eid_desk_finalize (GObject *object)
{
  EidDesk *self = EID_DESK (object);

  g_object_unref (self->client);
  g_ptr_array_unref (self->pages);
  eid_chronicle_unref (self->chronicle);
  g_clear_pointer (&self->newest, g_variant_unref);
  G_OBJECT_CLASS (eid_desk_parent_class)->finalize (object);
}

static void
eid_desk_class_init (EidDeskClass *klass)
{
  const GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = eid_desk_dispose;
  G_OBJECT_CLASS (klass)->finalize = eid_desk_finalize;
  signals[HEALTH] =
      g_signal_new ("health", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[HISTORY] =
      g_signal_new ("history", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_VARIANT);
  signals[CHRONICLE] = g_signal_new ("chronicle", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                     2, G_TYPE_POINTER, G_TYPE_BOOLEAN);
}

static void
eid_desk_init (EidDesk *self)
{
  self->client = eid_engine_client_new ();
  self->pages = g_ptr_array_new ();
  g_signal_connect_object (self->client, "health", G_CALLBACK (on_health), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->client, "event", G_CALLBACK (on_event), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->client, "notify::phase", G_CALLBACK (on_phase), self, G_CONNECT_SWAPPED);
}

EidDesk *
eid_desk_new (void)
{
  return g_object_new (EID_TYPE_DESK, NULL);
}
