/* page.c: the states of a page; see page.h. Its subscription is in subscription.c. */
#include "app/workbench/pages/private.h"

#include <glib/gi18n.h>

#include "ui/ui.h"

#include "app/workbench/client/status.h"

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (EidPage, eid_page, ADW_TYPE_BIN)

#define PRIVATE(self) eid_page_private (self)

EidPagePrivate *
eid_page_private (EidPage *self)
{
  return eid_page_get_instance_private (self);
}

/* --- States ---------------------------------------------------------------- */

/* What the page shows, for those who do not see it. */
static void
describe (EidPage *self, const char *text)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
show_status (EidPage *self, const char *title, const char *text)
{
  EidPagePrivate *priv = PRIVATE (self);
  g_autofree char *markup = g_markup_escape_text (text, -1);

  g_autofree char *both = g_strdup_printf ("%s: %s", title, text);

  describe (self, both);
  adw_status_page_set_title (priv->status, title);
  adw_status_page_set_description (priv->status, markup);
  gtk_stack_set_visible_child_name (priv->stack, "status");
}

static void
show_busy (EidPage *self, const char *text)
{
  EidPagePrivate *priv = PRIVATE (self);
  g_autofree char *sentence = g_strdup_printf ("%s…", text);

  describe (self, sentence);
  gtk_label_set_label (priv->busy, sentence);
  gtk_stack_set_visible_child_name (priv->stack, "busy");
}

/* What the step is the last of, when there will be none after it for now. */
static const char *
rest_of_phase (EidPhase phase, guint64 step, guint64 steps)
{
  switch (phase)
    {
    case EID_PHASE_PAUSED:
      return _ ("paused");
    case EID_PHASE_DONE:
      if (steps == 0)
        return NULL; /* not told yet */
      return step < steps ? _ ("stopped") : _ ("finished");
    case EID_PHASE_FAILED:
      return _ ("stopped by an error");
    case EID_PHASE_LOST:
      return _ ("the engine is gone");
    default:
      return NULL;
    }
}

static void
update_step_label (EidPage *self)
{
  EidPagePrivate *priv = PRIVATE (self);
  const char *rest =
      rest_of_phase (eid_engine_client_phase (priv->client), eid_engine_client_step (priv->client),
                     eid_engine_client_steps (priv->client));
  const gboolean followed = EID_PAGE_GET_CLASS (self)->view != NULL;
  g_autofree char *number = eid_format_count (priv->past && !followed ? priv->at : priv->step);
  g_autofree char *text = g_strdup_printf (priv->past ? _ ("step %s, as it was") : _ ("step %s"), number);
  g_autofree char *full = priv->note            ? g_strdup (priv->note)
                          : rest && !priv->past ? g_strdup_printf ("%s · %s", text, rest)
                                                : g_steal_pointer (&text);

  gtk_label_set_label (priv->step_label, full);
  gtk_label_set_label (priv->title_step, priv->shown || priv->note ? full : "");
  if ((priv->shown || priv->note) && priv->refusal == NULL)
    describe (self, full);
}

/* What would have this view. */
static const char *
remedy_of (EidPage *self)
{
  const char *remedy = EID_PAGE_GET_CLASS (self)->remedy;

  if (PRIVATE (self)->text)
    return _ (
        "What the model expects of each token, and which tokens it looks at, stands under Plugin Views.");
  return remedy ? _ (remedy) : NULL;
}

/* A run that makes no step, of which there is no picture: one may be on its way, if it has made any. */
static void
show_rest (EidPage *self)
{
  EidPagePrivate *priv = PRIVATE (self);
  const guint64 step = eid_engine_client_step (priv->client);
  g_autofree char *stopped = eid_health_stopped (step, eid_engine_client_steps (priv->client));
  g_autofree char *text =
      /* TRANSLATORS: "Stopped at 0 of 1,000" */
      stopped ? g_strdup_printf (_ ("%s. There is no picture of it yet: Resume goes on."), stopped) : NULL;

  if (priv->looking && step > 0)
    show_busy (self, _ ("Drawing"));
  else if (text)
    show_status (self, _ ("The Run Is Stopped"), text);
  else
    show_status (self, _ ("The Run Is Finished"), _ ("There is no picture of it."));
}

void
eid_page_update_state (EidPage *self)
{
  EidPagePrivate *priv = PRIVATE (self);
  EidPageClass *klass = EID_PAGE_GET_CLASS (self);
  const EidPhase phase = eid_engine_client_phase (priv->client);
  const char *message = eid_engine_client_message (priv->client);

  gtk_spinner_set_spinning (priv->spinner, FALSE);
  update_step_label (self);
  if (priv->refusal)
    {
      const char *remedy = priv->past ? NULL : remedy_of (self);
      g_autofree char *text =
          remedy ? g_strdup_printf ("%s\n\n%s", priv->refusal, remedy) : g_strdup (priv->refusal);
      show_status (self, priv->past ? _ ("Nothing Kept of This") : _ ("Not to Be Seen in This Run"), text);
    }
  else if (priv->complaint)
    show_status (self, _ ("No Preview of These Settings"), priv->complaint);
  else if (priv->shown || priv->note)
    gtk_stack_set_visible_child_name (priv->stack, "view");
  else if (phase == EID_PHASE_LAUNCHING || phase == EID_PHASE_PREPARING)
    show_busy (self, *message ? message : _ ("Preparing"));
  else if (phase == EID_PHASE_RUNNING)
    show_busy (self, _ ("Waiting for the next step"));
  else if (phase == EID_PHASE_PAUSED)
    show_busy (self, _ ("Drawing"));
  else if (phase == EID_PHASE_FAILED)
    show_status (self, _ ("The Run Has Failed"), message);
  else if (phase == EID_PHASE_LOST)
    show_status (self, _ ("No Engine"), message);
  else if (priv->awaited)
    show_busy (self, priv->awaited);
  /* How far it is may not be told yet. */
  else if (phase == EID_PHASE_DONE && eid_engine_client_steps (priv->client) > 0)
    show_rest (self);
  else
    show_status (self, _ (klass->title), _ (klass->promise));
  if (gtk_stack_get_visible_child_name (priv->stack)
      && g_str_equal (gtk_stack_get_visible_child_name (priv->stack), "busy"))
    gtk_spinner_set_spinning (priv->spinner, gtk_widget_get_mapped (GTK_WIDGET (self)));
  eid_page_update_foot (self);
}

/* --- What the engine tells ------------------------------------------------- */

static void
on_phase_changed (EidPage *self)
{
  EidPagePrivate *priv = PRIVATE (self);

  if (!eid_engine_client_busy (priv->client) && eid_engine_client_phase (priv->client) != EID_PHASE_DONE)
    priv->looking = FALSE;
  priv->retry = TRUE;
  eid_page_update_state (self);
  eid_page_look (self);
}

static void
on_progress (EidPage *self, const EidReport *report)
{
  if (EID_PAGE_GET_CLASS (self)->progress)
    EID_PAGE_GET_CLASS (self)->progress (self, report);
}

static void
on_evaluated (EidPage *self, const EidEvaluation *evaluation)
{
  if (EID_PAGE_GET_CLASS (self)->evaluated)
    EID_PAGE_GET_CLASS (self)->evaluated (self, evaluation);
}

static void
on_event (EidPage *self, guint64 step, const char *kind, const char *text)
{
  if (EID_PAGE_GET_CLASS (self)->event)
    EID_PAGE_GET_CLASS (self)->event (self, step, kind, text);
}

static void
on_map (EidPage *self)
{
  if (PRIVATE (self)->client == NULL)
    return;
  eid_page_update_state (self);
  eid_page_look (self);
}

/* --- For subclasses and the window ----------------------------------------- */

void
eid_page_set_client (EidPage *self, EidEngineClient *client)
{
  EidPagePrivate *priv = PRIVATE (self);
  EidPageClass *klass = EID_PAGE_GET_CLASS (self);

  g_return_if_fail (priv->client == NULL);

  priv->client = g_object_ref (client);
  adw_status_page_set_icon_name (priv->status, klass->icon);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (klass->title), -1);
  g_signal_connect_object (client, "notify::phase", G_CALLBACK (on_phase_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "notify::message", G_CALLBACK (on_phase_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "progress", G_CALLBACK (on_progress), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "evaluated", G_CALLBACK (on_evaluated), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "event", G_CALLBACK (on_event), self, G_CONNECT_SWAPPED);
  eid_page_update_state (self);
}

void
eid_page_set_content (EidPage *self, GtkWidget *content)
{
  adw_bin_set_child (PRIVATE (self)->content, content);
}

GtkWidget *
eid_page_get_content (EidPage *self)
{
  return adw_bin_get_child (PRIVATE (self)->content);
}

GVariant *
eid_page_get_picture (EidPage *self)
{
  return PRIVATE (self)->picture;
}

void
eid_page_add_control (EidPage *self, GtkWidget *control)
{
  gtk_box_append (PRIVATE (self)->controls, control);
}

/* From here on the page speaks of a run, or of none. */
static void
forget_note (EidPage *self)
{
  EidPagePrivate *priv = PRIVATE (self);

  g_clear_pointer (&priv->note, g_free);
  g_clear_pointer (&priv->complaint, g_free);
  g_clear_pointer (&priv->awaited, g_free);
}

void
eid_page_wait (EidPage *self, const char *what)
{
  EidPagePrivate *priv = PRIVATE (self);

  g_free (priv->awaited);
  priv->awaited = g_strdup (what);
  eid_page_update_state (self);
}

void
eid_page_set_note (EidPage *self, const char *note)
{
  forget_note (self);
  PRIVATE (self)->note = g_strdup (note);
  eid_page_update_state (self);
}

void
eid_page_complain (EidPage *self, const char *sentence)
{
  forget_note (self);
  PRIVATE (self)->complaint = g_strdup (sentence);
  eid_page_update_state (self);
}

EidEngineClient *
eid_page_get_client (EidPage *self)
{
  return PRIVATE (self)->client;
}

void
eid_page_set_step (EidPage *self, guint64 step)
{
  EidPagePrivate *priv = PRIVATE (self);

  forget_note (self);
  priv->step = step;
  if (!priv->shown)
    {
      priv->shown = TRUE;
      eid_page_update_state (self);
    }
  update_step_label (self);
}

guint64
eid_page_get_step (EidPage *self)
{
  return PRIVATE (self)->step;
}

gboolean
eid_page_in_past (EidPage *self)
{
  return PRIVATE (self)->past;
}

void
eid_page_begin (EidPage *self)
{
  EidPagePrivate *priv = PRIVATE (self);

  priv->serial++;
  priv->looking = FALSE;
  priv->shown = FALSE;
  /* Else what marks the step gone back to would stay, in a run that may never have had it. */
  if (priv->past && EID_PAGE_GET_CLASS (self)->travel)
    EID_PAGE_GET_CLASS (self)->travel (self, FALSE, 0);
  priv->past = priv->led_on = FALSE;
  priv->step = 0;
  g_clear_pointer (&priv->picture, g_variant_unref);
  priv->rests = FALSE;
  g_clear_pointer (&priv->refusal, g_free);
  forget_note (self);
  if (EID_PAGE_GET_CLASS (self)->clear)
    EID_PAGE_GET_CLASS (self)->clear (self);
  eid_page_update_state (self);
  eid_page_look (self);
}

void
eid_page_set_text (EidPage *self, gboolean text)
{
  PRIVATE (self)->text = text;
}

gboolean
eid_page_is_text (EidPage *self)
{
  return PRIVATE (self)->text;
}

void
eid_page_health (EidPage *self, const EidVerdictReport *report)
{
  if (EID_PAGE_GET_CLASS (self)->health)
    EID_PAGE_GET_CLASS (self)->health (self, report);
}

void
eid_page_history (EidPage *self, GVariant *series)
{
  if (EID_PAGE_GET_CLASS (self)->history)
    EID_PAGE_GET_CLASS (self)->history (self, series);
}

void
eid_page_chronicle (EidPage *self, const EidChronicle *chronicle)
{
  if (EID_PAGE_GET_CLASS (self)->chronicle)
    EID_PAGE_GET_CLASS (self)->chronicle (self, chronicle);
}

void
eid_page_travel (EidPage *self, gboolean past, guint64 at)
{
  EidPagePrivate *priv = PRIVATE (self);

  if (priv->client == NULL || (past == priv->past && (!past || at == priv->at)))
    return;
  /* A Look at the past is soon answered; one at the present may wait for a step. */
  priv->led_on = priv->looking && priv->past && past;
  if (!priv->led_on)
    {
      priv->serial++;
      priv->looking = FALSE;
    }
  priv->past = past;
  priv->at = at;
  priv->anew = TRUE;
  priv->retry = TRUE;
  g_clear_pointer (&priv->refusal, g_free);
  g_clear_handle_id (&priv->pace, g_source_remove);
  if (EID_PAGE_GET_CLASS (self)->travel)
    EID_PAGE_GET_CLASS (self)->travel (self, past, at);
  eid_page_update_state (self);
  eid_page_look (self);
}

static void
eid_page_dispose (GObject *object)
{
  EidPagePrivate *priv = PRIVATE (EID_PAGE (object));

  priv->serial++;
  if (priv->beside && !priv->follows)
    eid_page_set_beside (EID_PAGE (object), NULL);
  g_clear_handle_id (&priv->soon, g_source_remove);
  g_clear_handle_id (&priv->pace, g_source_remove);
  g_clear_object (&priv->client);
  g_clear_pointer (&priv->picture, g_variant_unref);
  g_clear_pointer (&priv->refusal, g_free);
  forget_note (EID_PAGE (object));
  G_OBJECT_CLASS (eid_page_parent_class)->dispose (object);
}

static void
eid_page_class_init (EidPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = eid_page_dispose;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TAB_PANEL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/eidoscope/Workbench/page.ui");
  gtk_widget_class_bind_template_child_private (widget_class, EidPage, stack);
  gtk_widget_class_bind_template_child_private (widget_class, EidPage, status);
  gtk_widget_class_bind_template_child_private (widget_class, EidPage, spinner);
  gtk_widget_class_bind_template_child_private (widget_class, EidPage, busy);
  gtk_widget_class_bind_template_child_private (widget_class, EidPage, content);
  gtk_widget_class_bind_template_child_private (widget_class, EidPage, controls);
  gtk_widget_class_bind_template_child_private (widget_class, EidPage, step_label);
  gtk_widget_class_bind_template_child_private (widget_class, EidPage, foot);
  gtk_widget_class_bind_template_child_private (widget_class, EidPage, pair);
  gtk_widget_class_bind_template_child_private (widget_class, EidPage, titles);
  gtk_widget_class_bind_template_child_private (widget_class, EidPage, title);
  gtk_widget_class_bind_template_child_private (widget_class, EidPage, tag);
  gtk_widget_class_bind_template_child_private (widget_class, EidPage, title_step);
}

static void
eid_page_init (EidPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
}
