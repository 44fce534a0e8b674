/* subscription.c: the subscription of a page: one Look outstanding, asked again as soon as it is answered,
 * at a pace; and what becomes of one that is refused. See page.h. */
#include "app/workbench/pages/private.h"

#include <glib/gi18n.h>

#define PRIVATE(self) eid_page_private (self)

enum
{
  OPTIONS_MS = 50,
  RETRY_MS = 1000,
  PACE_MS = 250, /* between two pictures: an eye follows no more, and the cores are to train */
};

static gboolean look_soon (gpointer data);
static gboolean look_at_pace (gpointer data);

/* There is a run to look at, or one that has been. */
static gboolean
worth_looking (EidPage *self)
{
  EidPagePrivate *priv = PRIVATE (self);
  const EidPhase phase = eid_engine_client_phase (priv->client);

  return EID_PAGE_GET_CLASS (self)->view && ((priv->refusal == NULL && !priv->rests) || priv->retry)
         && gtk_widget_get_mapped (GTK_WIDGET (self))
         && (priv->past || eid_engine_client_busy (priv->client) || phase == EID_PHASE_DONE);
}

typedef struct
{
  EidPage *page;
  guint serial;
  gboolean past;
} Asked;

static void
take_refusal (EidPage *self, const GError *error, gboolean past)
{
  EidPagePrivate *priv = PRIVATE (self);
  EidPageClass *klass = EID_PAGE_GET_CLASS (self);

  /* An engine that went away is told of by the window. */
  if (eid_engine_client_phase (priv->client) == EID_PHASE_LOST
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return;
  switch (klass->refused ? klass->refused (self, error->message) : EID_REFUSAL_STANDS)
    {
    case EID_REFUSAL_MENDED:
      eid_page_look_again (self);
      return;
    case EID_REFUSAL_SHOWN:
      priv->rests = priv->shown = TRUE;
      eid_page_update_state (self);
      return;
    case EID_REFUSAL_STANDS:
    default:
      break;
    }
  if (!past && !eid_engine_client_busy (priv->client)
      && (priv->shown || eid_engine_client_phase (priv->client) != EID_PHASE_DONE))
    return;
  /* One that was to be had a moment ago will be again. */
  if (priv->shown && !past && priv->soon == 0)
    priv->soon = g_timeout_add (RETRY_MS, look_soon, self);
  if (priv->shown && !past)
    return;
  g_free (priv->refusal);
  priv->refusal = g_strdup (error->message);
  eid_page_update_state (self);
}

static void
on_look (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Asked *asked = data;
  g_autoptr (EidPage) self = asked->page;
  EidPagePrivate *priv = PRIVATE (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) picture = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);
  guint64 step;

  if (asked->serial != priv->serial)
    return;
  priv->looking = FALSE;
  if (priv->led_on)
    {
      priv->led_on = FALSE;
      eid_page_look (self);
    }
  if (answer == NULL)
    {
      take_refusal (self, error, asked->past);
      return;
    }
  g_variant_get (answer, "(t@a{sv})", &step, &picture);
  if (EID_PAGE_GET_CLASS (self)->show (self, step, picture))
    {
      const gboolean first = !priv->shown;

      priv->shown = TRUE;
      g_clear_pointer (&priv->picture, g_variant_unref);
      priv->picture = g_variant_ref (picture);
      if (first)
        eid_page_adopt_choice (self);
      g_clear_pointer (&priv->refusal, g_free);
      priv->rests = FALSE;
      if (!asked->past)
        priv->anew = FALSE;
      eid_page_set_step (self, step);
    }
  else
    {
      g_free (priv->refusal);
      priv->refusal = g_strdup (_ ("The engine sent a picture that cannot be read: its sizes do not fit. The "
                                   "workbench and the engine may be of different versions."));
    }
  eid_page_update_state (self);
  if (!asked->past && priv->pace == 0)
    priv->pace = g_timeout_add (PACE_MS, look_at_pace, self);
}

static gboolean
look_at_pace (gpointer data)
{
  PRIVATE (EID_PAGE (data))->pace = 0;
  eid_page_look (data);
  return G_SOURCE_REMOVE;
}

void
eid_page_look (EidPage *self)
{
  EidPagePrivate *priv = PRIVATE (self);
  EidPageClass *klass = EID_PAGE_GET_CLASS (self);
  const char *view = klass->choose_view ? klass->choose_view (self) : klass->view;
  GVariantDict options;
  Asked *asked;

  if (priv->looking || priv->pace || !worth_looking (self) || (priv->past && !priv->anew))
    return;
  if (priv->past)
    priv->anew = FALSE; /* what was does not change */
  g_variant_dict_init (&options, NULL);
  if (klass->add_options)
    klass->add_options (self, &options);
  if (priv->past)
    g_variant_dict_insert (&options, "at", "t", priv->at);
  asked = g_new (Asked, 1);
  *asked = (Asked){ g_object_ref (self), ++priv->serial, priv->past };
  priv->looking = TRUE;
  priv->retry = FALSE;
  eid_engine_client_look (priv->client, view, g_variant_dict_end (&options),
                          priv->anew || priv->past || !priv->shown ? 0 : priv->step, on_look, asked);
}

static gboolean
look_soon (gpointer data)
{
  EidPage *self = data;
  EidPagePrivate *priv = PRIVATE (self);

  priv->soon = 0;
  /* The outstanding one has the old options: its answer is void. */
  priv->serial++;
  priv->looking = FALSE;
  priv->anew = TRUE;
  priv->retry |= priv->rests;
  g_clear_handle_id (&priv->pace, g_source_remove);
  eid_page_look (self);
  return G_SOURCE_REMOVE;
}

void
eid_page_look_again (EidPage *self)
{
  EidPagePrivate *priv = PRIVATE (self);

  /* Once for all changes of this moment: a dragged slider changes often. */
  if (priv->soon == 0 && priv->client)
    priv->soon = g_timeout_add (OPTIONS_MS, look_soon, self);
}
