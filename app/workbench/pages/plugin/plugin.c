/* plugin.c: what the run's plugins publish under names of their own, one card below the other; of a text,
 * what the model expected of each token.
 *
 * The page is offered only where there is such a thing: it asks once when a run begins, unseen.   */
#include "app/workbench/pages/pages.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/wire/wire.h"

#include "app/workbench/pages/plugin/card.h"
#include "app/workbench/pages/user-images.h"

#define MOST_CARDS 64

struct _EidPageOwn
{
  EidPage parent_instance;

  GtkWidget *box;
  GPtrArray *cards; /* EidOwnCard, in the box */
  EidPins *pins;
  guint asked;     /* which question is the newest */
  guint questions; /* of this run                  */
  gboolean offered;
  EidPageOwn *other; /* of the run beside, or NULL   */

  int layer, head, query; /* of attention over text; see eid_own_attention_set_query() */
};

G_DEFINE_FINAL_TYPE (EidPageOwn, eid_page_own, EID_TYPE_PAGE)

enum
{
  OFFERED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- Whether there is anything ------------------------------------------------------ */

typedef struct
{
  EidPageOwn *page;
  guint number;
} Question;

/* Where two runs are compared, one of them is enough. */
static void
tell_offered (EidPageOwn *self)
{
  g_signal_emit (self, signals[OFFERED], 0, self->offered || (self->other && self->other->offered));
}

static void
offer (EidPageOwn *self, gboolean there_is)
{
  self->offered = there_is;
  tell_offered (self);
}

static void
on_told (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Question *question = data;
  g_autoptr (EidPageOwn) self = question->page;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, NULL);

  if (question->number == self->asked && answer)
    offer (self, TRUE);
}

static void
ask (EidPageOwn *self)
{
  GVariantDict options;
  Question *question = g_new (Question, 1);

  *question = (Question){ g_object_ref (self), ++self->asked };
  self->questions++;
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "count", "u", 1u);
  eid_engine_client_look (eid_page_get_client (EID_PAGE (self)), EID_WIRE_VIEW_OWN,
                          g_variant_dict_end (&options), 0, on_told, question);
}

/* When the run was asked first it may not have been ready. */
static void
progress (EidPage *page, const EidReport *report)
{
  EidPageOwn *self = EID_PAGE_OWN (page);

  if (!self->offered && self->questions < 2)
    ask (self);
}

static void
clear (EidPage *page)
{
  EidPageOwn *self = EID_PAGE_OWN (page);

  self->questions = 0;
  self->layer = self->head = self->query = -1;
  offer (self, FALSE);
  ask (self);
}

/* --- Showing ------------------------------------------------------------------------- */

static void
add_options (EidPage *page, GVariantDict *options)
{
  EidPageOwn *self = EID_PAGE_OWN (page);

  eid_pins_add_option (self->pins, options);
  g_variant_dict_insert (options, "layer", "i", (gint32) self->layer);
  g_variant_dict_insert (options, "head", "i", (gint32) self->head);
}

static EidRefusal
refused (EidPage *page, const char *sentence)
{
  return eid_own_pictures_refused (page, EID_PAGE_OWN (page)->pins, sentence);
}

static gboolean
cards_fit (EidPageOwn *self, GVariant *views)
{
  const gsize count = g_variant_n_children (views);

  for (gsize i = 0; count == self->cards->len && i < count; i++)
    {
      g_autoptr (GVariant) view = g_variant_get_child_value (views, i);

      if (!eid_own_card_fits (self->cards->pdata[i], view))
        return FALSE;
    }
  return count == self->cards->len;
}

static void
remove_cards (EidPageOwn *self)
{
  for (guint i = 0; i < self->cards->len; i++)
    gtk_box_remove (GTK_BOX (self->box), self->cards->pdata[i]);
  g_ptr_array_set_size (self->cards, 0);
}

static EidOwnAttention *
find_attention (EidPageOwn *self)
{
  EidOwnAttention *found = NULL;

  for (guint i = 0; i < self->cards->len && found == NULL; i++)
    found = eid_own_card_get_attention (self->cards->pdata[i]);
  return found;
}

static void
on_map_chosen (EidPageOwn *self, int layer, int head)
{
  self->layer = layer;
  self->head = head;
  eid_page_look_again (EID_PAGE (self));
  eid_page_tell_choice (EID_PAGE (self));
}

static void
on_query_chosen (EidPageOwn *self, int query)
{
  self->query = query;
  eid_page_tell_choice (EID_PAGE (self));
}

static void
add_card (EidPageOwn *self, GtkWidget *card)
{
  EidOwnAttention *attention = eid_own_card_get_attention (EID_OWN_CARD (card));

  if (attention)
    {
      eid_own_attention_set_query (attention, self->query);
      g_signal_connect_object (attention, "map-chosen", G_CALLBACK (on_map_chosen), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (attention, "query-chosen", G_CALLBACK (on_query_chosen), self,
                               G_CONNECT_SWAPPED);
    }
  g_ptr_array_add (self->cards, card);
  gtk_box_append (GTK_BOX (self->box), card);
}

static gboolean
show (EidPage *page, guint64 step, GVariant *picture)
{
  EidPageOwn *self = EID_PAGE_OWN (page);
  g_autoptr (GVariant) views = g_variant_lookup_value (picture, "views", G_VARIANT_TYPE ("aa{sv}"));
  const gsize count = views ? g_variant_n_children (views) : 0;
  gboolean fits;

  if (count == 0 || count > MOST_CARDS)
    return FALSE;
  eid_pins_accept (self->pins);
  fits = cards_fit (self, views);
  if (!fits)
    remove_cards (self);
  for (gsize i = 0; i < count; i++)
    {
      g_autoptr (GVariant) view = g_variant_get_child_value (views, i);

      if (!fits)
        add_card (self, eid_own_card_new (view));
      if (!eid_own_card_show (self->cards->pdata[i], view))
        return FALSE;
    }
  return TRUE;
}

/* --- Beside another run -------------------------------------------------------- */

static void
save_choice (EidPage *page, GVariantDict *choice)
{
  EidPageOwn *self = EID_PAGE_OWN (page);

  g_variant_dict_insert (choice, "layer", "i", (gint32) self->layer);
  g_variant_dict_insert (choice, "head", "i", (gint32) self->head);
  g_variant_dict_insert (choice, "query", "i", (gint32) self->query);
}

static void
take_choice (EidPage *page, GVariantDict *choice)
{
  EidPageOwn *self = EID_PAGE_OWN (page);
  EidOwnAttention *attention = find_attention (self);
  const int layer = self->layer, head = self->head;

  g_variant_dict_lookup (choice, "layer", "i", &self->layer);
  g_variant_dict_lookup (choice, "head", "i", &self->head);
  g_variant_dict_lookup (choice, "query", "i", &self->query);
  if (attention)
    eid_own_attention_set_query (attention, self->query);
  if (layer != self->layer || head != self->head)
    eid_page_look_again (page);
}

static void
on_other_gone (EidPageOwn *self)
{
  self->other = NULL;
  tell_offered (self);
}

static void
share (EidPage *page, EidPage *other)
{
  EidPageOwn *self = EID_PAGE_OWN (page);

  eid_page_own_set_pins (EID_PAGE_OWN (other), self->pins);
  self->other = EID_PAGE_OWN (other);
  g_signal_connect_object (other, "offered", G_CALLBACK (tell_offered), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (other, "destroy", G_CALLBACK (on_other_gone), self, G_CONNECT_SWAPPED);
}

void
eid_page_own_set_pins (EidPageOwn *self, EidPins *pins)
{
  g_set_object (&self->pins, pins);
  g_signal_connect_object (pins, "changed", G_CALLBACK (eid_page_look_again), self, G_CONNECT_SWAPPED);
}

/* The wheel goes through the page, whatever lies under the pointer; with Ctrl it is the view's, which may
 * zoom. */
static gboolean
on_scroll (GtkEventControllerScroll *controller, double dx, double dy, GtkScrolledWindow *scrolled)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (scrolled);
  const double page = gtk_adjustment_get_page_size (adjustment);
  const GdkModifierType keys =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));

  if ((keys & GDK_CONTROL_MASK) || gtk_adjustment_get_upper (adjustment) <= page)
    return GDK_EVENT_PROPAGATE;
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + dy * pow (page, 2.0 / 3));
  return GDK_EVENT_STOP;
}

/* --- The object ------------------------------------------------------------------------ */

static void
eid_page_own_dispose (GObject *object)
{
  EidPageOwn *self = EID_PAGE_OWN (object);

  self->asked++;
  g_clear_object (&self->pins);
  g_clear_pointer (&self->cards, g_ptr_array_unref);
  G_OBJECT_CLASS (eid_page_own_parent_class)->dispose (object);
}

static void
eid_page_own_class_init (EidPageOwnClass *klass)
{
  EidPageClass *page_class = EID_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = eid_page_own_dispose;
  page_class->view = EID_WIRE_VIEW_OWN;
  page_class->title = N_ ("Plugin Views");
  page_class->icon = "eid-own-symbolic";
  page_class->promise =
      N_ ("What the objective and the encoder publish of their own; of a text, what the model "
          "expected of each token.");
  page_class->remedy =
      N_ ("An objective or encoder of yours shows pictures, plots and texts here by publishing "
          "them: “An objective with a picture of its own” in the guide to plugins is one.");
  page_class->add_options = add_options;
  page_class->show = show;
  page_class->refused = refused;
  page_class->progress = progress;
  page_class->clear = clear;
  page_class->save_choice = save_choice;
  page_class->take_choice = take_choice;
  page_class->share = share;
  /* Whether there is anything to be seen in this run (gboolean). */
  signals[OFFERED] = g_signal_new ("offered", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
eid_page_own_init (EidPageOwn *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkEventController *wheel = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);

  gtk_event_controller_set_propagation_phase (wheel, GTK_PHASE_CAPTURE);
  g_signal_connect (wheel, "scroll", G_CALLBACK (on_scroll), scrolled);
  gtk_widget_add_controller (scrolled, wheel);
  self->layer = self->head = self->query = -1;
  self->cards = g_ptr_array_new ();
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  gtk_widget_set_margin_top (self->box, 12);
  gtk_widget_set_margin_bottom (self->box, 12);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->box);
  eid_page_set_content (EID_PAGE (self), scrolled);
}
