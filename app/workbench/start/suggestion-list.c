/* suggestion-list.c: data, and what could be made of them; see suggestion-list.h. */
#include "app/workbench/start/suggestion-list.h"

#include <glib/gi18n.h>

#include "ui/ui.h"

#include "app/workbench/client/survey.h"

/* Before measuring: whoever knows what to start is not to wait for it. And between
 * two tries, where something else was asked for.                             */
#define PATIENCE_MS 1000

struct _EidProposalList
{
  AdwBin parent_instance;

  GtkLabel *title, *summary, *notes;
  GtkWidget *hint;
  GtkSpinner *spinner;
  GtkListBox *list;

  EidEngineClient *client;
  char *path, *device;
  EidSurveyInfo *info; /* NULL: not known yet, or not to be had */
  guint serial;        /* of the newest survey; older answers are void */
  guint measured;      /* proposals whose time is known */
  gboolean measuring, asked, can_start;
  guint again;
};

enum
{
  CHOSEN,
  START,
  LEAVE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EidProposalList, eid_proposal_list, ADW_TYPE_BIN)

/* An answer that belongs to the survey @serial. */
typedef struct
{
  EidProposalList *self;
  guint serial;
} Asked;

static Asked *
asked_new (EidProposalList *self)
{
  Asked *asked = g_new (Asked, 1);

  *asked = (Asked){ g_object_ref (self), self->serial };
  return asked;
}

static EidProposalRow *
row_at (EidProposalList *self, guint i)
{
  return EID_PROPOSAL_ROW (gtk_list_box_get_row_at_index (self->list, (int) i));
}

/* --- Times ------------------------------------------------------------------- */

static void measure_next (EidProposalList *self);

static gboolean
measure_again (gpointer data)
{
  EidProposalList *self = data;

  self->again = 0;
  measure_next (self);
  return G_SOURCE_REMOVE;
}

static void
on_estimate (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Asked *asked = data;
  g_autoptr (EidProposalList) self = asked->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);
  g_autoptr (GVariant) estimate = NULL;
  g_autofree char *text = NULL;

  if (asked->serial != self->serial || self->info == NULL)
    return;
  self->measuring = FALSE;
  if (answer)
    {
      g_variant_get (answer, "(@a{sv})", &estimate);
      text = eid_estimate_describe (estimate);
    }
  else
    text = g_strdup (error->message);
  /* Something more urgent came: once more, when there is nothing else to do. */
  eid_proposal_row_set_estimate (row_at (self, self->measured), text ? text : "", FALSE);
  if (text)
    self->measured++;
  if (self->again == 0)
    self->again = g_timeout_add (text ? 0 : PATIENCE_MS, measure_again, self);
}

/* The engine has nothing better to do, and somebody looks. */
static gboolean
may_measure (EidProposalList *self)
{
  const EidPhase phase = eid_engine_client_phase (self->client);

  return gtk_widget_get_mapped (GTK_WIDGET (self)) && !eid_engine_client_busy (self->client)
         && phase != EID_PHASE_LAUNCHING && phase != EID_PHASE_LOST;
}

static void
measure_next (EidProposalList *self)
{
  const EidProposalInfo *proposal;

  if (self->info == NULL || self->measuring || self->again || self->measured >= self->info->proposals->len
      || !may_measure (self))
    return;
  proposal = g_ptr_array_index (self->info->proposals, self->measured);
  self->measuring = TRUE;
  eid_proposal_row_set_estimate (row_at (self, self->measured), _ ("Measuring how long it takes"), TRUE);
  eid_engine_client_estimate (self->client, proposal->recipe, self->device, on_estimate, asked_new (self));
}

/* --- The data ------------------------------------------------------------------- */

static void
on_start (EidProposalList *self, EidProposalRow *row)
{
  gtk_list_box_select_row (self->list, GTK_LIST_BOX_ROW (row));
  g_signal_emit (self, signals[START], 0);
}

static void
on_row_selected (EidProposalList *self, GtkListBoxRow *row)
{
  const EidProposalInfo *proposal;

  if (row == NULL || self->info == NULL)
    return;
  proposal = g_ptr_array_index (self->info->proposals, gtk_list_box_row_get_index (row));
  g_signal_emit (self, signals[CHOSEN], 0, proposal->recipe);
}

static void
clear (EidProposalList *self)
{
  self->serial++;
  self->measuring = FALSE;
  self->measured = 0;
  self->asked = FALSE;
  g_clear_handle_id (&self->again, g_source_remove);
  g_clear_pointer (&self->info, eid_survey_info_free);
  for (GtkListBoxRow *row; (row = gtk_list_box_get_row_at_index (self->list, 0));)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  gtk_widget_set_visible (GTK_WIDGET (self->list), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->notes), FALSE);
  gtk_widget_set_visible (self->hint, FALSE);
}

static void
say (EidProposalList *self, const char *summary, gboolean waiting)
{
  gtk_label_set_label (self->summary, summary);
  gtk_spinner_set_spinning (self->spinner, waiting);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), waiting);
}

static void
show_info (EidProposalList *self)
{
  g_autofree char *notes = g_strjoinv ("\n", self->info->notes);

  gtk_label_set_label (self->title, self->info->title);
  say (self, self->info->summary, FALSE);
  gtk_label_set_label (self->notes, notes);
  gtk_widget_set_visible (GTK_WIDGET (self->notes), *notes != '\0');
  for (guint i = 0; i < self->info->proposals->len; i++)
    {
      const EidProposalInfo *proposal = g_ptr_array_index (self->info->proposals, i);
      GtkWidget *row = eid_proposal_row_new (proposal->title, proposal->reason);

      eid_proposal_row_set_can_start (EID_PROPOSAL_ROW (row), self->can_start);
      g_signal_connect_object (row, "start", G_CALLBACK (on_start), self, G_CONNECT_SWAPPED);
      gtk_list_box_append (self->list, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->list), self->info->proposals->len > 0);
  gtk_widget_set_visible (self->hint, self->info->proposals->len > 0);
  if (self->info->proposals->len > 0)
    gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, 0));
}

static void
on_survey (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Asked *asked = data;
  g_autoptr (EidProposalList) self = asked->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);

  if (asked->serial != self->serial)
    return;
  if (answer == NULL)
    {
      /* Without an engine: asked again when there is one. */
      if (eid_engine_client_phase (self->client) == EID_PHASE_LOST)
        self->asked = FALSE;
      else
        say (self, error->message, FALSE);
      return;
    }
  self->info = eid_survey_info_read (answer);
  show_info (self);
  if (self->again == 0)
    self->again = g_timeout_add (PATIENCE_MS, measure_again, self);
}

static void
ask (EidProposalList *self)
{
  const EidPhase phase = eid_engine_client_phase (self->client);

  if (self->path == NULL || self->asked || phase == EID_PHASE_LAUNCHING || phase == EID_PHASE_LOST)
    return;
  self->asked = TRUE;
  eid_engine_client_survey (self->client, self->path, self->device, on_survey, asked_new (self));
}

void
eid_proposal_list_survey (EidProposalList *self, const char *path, const char *device)
{
  g_autofree char *name = g_filename_display_basename (path);

  clear (self);
  g_free (self->path);
  self->path = g_strdup (path);
  g_free (self->device);
  self->device = g_strdup (device);
  gtk_label_set_label (self->title, name);
  say (self, _ ("Looking at what it is"), TRUE);
  ask (self);
}

void
eid_proposal_list_set_device (EidProposalList *self, const char *device)
{
  g_autofree char *path = g_strdup (self->path);

  if (path && g_strcmp0 (device, self->device) != 0)
    eid_proposal_list_survey (self, path, device);
}

void
eid_proposal_list_set_can_start (EidProposalList *self, gboolean can)
{
  self->can_start = can;
  for (guint i = 0; self->info && i < self->info->proposals->len; i++)
    eid_proposal_row_set_can_start (row_at (self, i), can);
}

/* --- The engine ------------------------------------------------------------------- */

static void
on_phase (EidProposalList *self)
{
  const EidPhase phase = eid_engine_client_phase (self->client);

  if (phase == EID_PHASE_LOST)
    self->measuring = FALSE;
  ask (self);
  measure_next (self);
}

/* What the measurement waits for, if it tells. */
static void
on_message (EidProposalList *self)
{
  const char *message = eid_engine_client_message (self->client);

  if (self->measuring && self->info && *message && eid_engine_client_phase (self->client) == EID_PHASE_IDLE)
    eid_proposal_row_set_estimate (row_at (self, self->measured), message, TRUE);
}

void
eid_proposal_list_set_client (EidProposalList *self, EidEngineClient *client)
{
  g_return_if_fail (self->client == NULL);

  self->client = g_object_ref (client);
  g_signal_connect_object (client, "notify::phase", G_CALLBACK (on_phase), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "notify::message", G_CALLBACK (on_message), self, G_CONNECT_SWAPPED);
}

/* --- The object ------------------------------------------------------------------- */

static void
on_leave (EidProposalList *self)
{
  clear (self);
  g_clear_pointer (&self->path, g_free);
  g_signal_emit (self, signals[LEAVE], 0);
}

static void
on_map (EidProposalList *self)
{
  if (self->client)
    measure_next (self);
}

static void
eid_proposal_list_dispose (GObject *object)
{
  EidProposalList *self = EID_PROPOSAL_LIST (object);

  self->serial++;
  g_clear_handle_id (&self->again, g_source_remove);
  g_clear_pointer (&self->info, eid_survey_info_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->device, g_free);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (eid_proposal_list_parent_class)->dispose (object);
}

static void
eid_proposal_list_class_init (EidProposalListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = eid_proposal_list_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/eidoscope/Workbench/proposal-list.ui");
  gtk_widget_class_bind_template_child (widget_class, EidProposalList, title);
  gtk_widget_class_bind_template_child (widget_class, EidProposalList, summary);
  gtk_widget_class_bind_template_child (widget_class, EidProposalList, notes);
  gtk_widget_class_bind_template_child (widget_class, EidProposalList, hint);
  gtk_widget_class_bind_template_child (widget_class, EidProposalList, spinner);
  gtk_widget_class_bind_template_child (widget_class, EidProposalList, list);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_leave);

  signals[CHOSEN] =
      g_signal_new ("chosen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[START] = g_signal_new ("start", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[LEAVE] = g_signal_new ("leave", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
eid_proposal_list_init (EidProposalList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
}
