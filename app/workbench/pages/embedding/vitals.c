/* vitals.c: a card for each vital sign that the run has; see views.h.
 * The limits are the engine's: here is only what the numbers mean.           */
#include "app/workbench/pages/embedding/views.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* In the order they are shown, by the names that Health and History give them. */
static const struct
{
  const char *name, *title, *meaning;
  const char *of_text; /* what it means of text; NULL: the same */
} vitals[] = {
  { "z-std", N_ ("z-std"),
    N_ ("Mean deviation of unit-length features: 1/√d where they point to all sides, 0 where all are the "
        "same") },
  { "cosine", N_ ("Mean cosine"), N_ ("Of two different pictures: 1 where all look alike to the model"),
    N_ ("Of two different passages: 1 where all are alike to the model") },
  { "rank", N_ ("Effective rank"),
    N_ ("How many dimensions the features fill, by the entropy of their spectrum") },
  { "alpha-req", N_ ("α-ReQ"), N_ ("How fast the spectrum falls: near 1 is good, far over it collapsing") },
  { "std-hinge", N_ ("Deviation missing"),
    N_ ("By how much dimensions deviate less than 1: 0 is healthy, 1 collapsed") },
  { "lidar", N_ ("LiDAR"),
    N_ ("How many dimensions tell pictures apart, measured by how much views of one differ"),
    N_ ("How many dimensions tell passages apart, measured by how much views of one differ") },
  { "alignment", N_ ("Alignment"),
    N_ ("Mean squared distance of two views of a picture: 0 where they are the same"),
    N_ ("Mean squared distance of two views of a passage: 0 where they are the same") },
  { "uniformity", N_ ("Uniformity"), N_ ("0 where all views are one point, −4 at best") },
  { "teacher-entropy", N_ ("Teacher entropy"), N_ ("How unsure the teacher is of a view, nats") },
  { "teacher-kl", N_ ("Teacher divergence"),
    N_ ("How much the student’s answer differs from the teacher’s, nats") },
  { "prototype-use", N_ ("Prototypes in use"),
    N_ ("Of how many the largest probabilities speak, as a perplexity") },
  { "projection-std", N_ ("Projection deviation"),
    N_ ("About 1 where projections point to all sides, 0 where all are the same") },
  { "projection-dimensions", N_ ("Projection dimensions"), N_ ("How many dimensions the projections fill") },
  { "watch-loss", N_ ("Loss on watched views"),
    N_ ("The objective’s loss on pictures that it does not train on"),
    N_ ("The objective’s loss on text that it does not train on") },
  { "mean-gradient-norm", N_ ("Gradient norm"), N_ ("Its mean since the look before") },
};

struct _EidEmbeddingHealth
{
  AdwBin parent_instance;

  GtkFlowBox *flow;
  GHashTable *own; /* name of a number of the plugin's own -> Own */
  EidVitalCard *cards[G_N_ELEMENTS (vitals)];
  guint64 newest; /* step of the newest look */
  GtkLabel *verdict;
};

G_DEFINE_FINAL_TYPE (EidEmbeddingHealth, eid_embedding_health, ADW_TYPE_BIN)

/* --- Numbers of the plugin's own -------------------------------------------------- */

#define OWN_PREFIX "own."
#define MOST_OWN   16

typedef struct
{
  EidVitalCard *card;
} Own;

static Own *
own_of (EidEmbeddingHealth *self, const char *key)
{
  Own *own = g_hash_table_lookup (self->own, key);
  g_autofree char *title = NULL;

  if (own || g_hash_table_size (self->own) >= MOST_OWN)
    return own;
  title = g_strdelimit (g_strdup (key + strlen (OWN_PREFIX)), "-", ' ');
  *title = g_ascii_toupper (*title);
  own = g_new0 (Own, 1);
  own->card = EID_VITAL_CARD (eid_vital_card_new (title, _ ("A number that the objective publishes")));
  gtk_widget_set_size_request (GTK_WIDGET (own->card), 240, -1);
  gtk_flow_box_append (self->flow, GTK_WIDGET (own->card));
  g_hash_table_insert (self->own, g_strdup (key), own);
  return own;
}

static void
append_own (EidEmbeddingHealth *self, const char *key, guint64 step, double value)
{
  Own *own = own_of (self, key);

  if (own == NULL || !isfinite (value))
    return;
  eid_vital_card_append (own->card, (double) step, value);
}

static void
show_own (EidEmbeddingHealth *self, const EidVerdictReport *report)
{
  GHashTableIter iter;
  gpointer key, own;

  g_hash_table_iter_init (&iter, self->own);
  while (g_hash_table_iter_next (&iter, &key, &own))
    {
      double value = NAN;

      g_variant_lookup (report->metrics, key, "d", &value);
      eid_vital_card_show (((Own *) own)->card, (double) report->step, value, report->step < self->newest);
    }
}

static void
tell_own (EidEmbeddingHealth *self, const EidVerdictReport *report)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, report->metrics);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    if (g_str_has_prefix (key, OWN_PREFIX) && g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
      append_own (self, key, report->step, g_variant_get_double (value));
  show_own (self, report);
}

static void
add_own_history (EidEmbeddingHealth *self, GVariant *series)
{
  GVariantIter iter, *points;
  const char *key;

  g_variant_iter_init (&iter, series);
  while (g_variant_iter_loop (&iter, "{&sa(td)}", &key, &points))
    {
      guint64 step;
      double value;

      while (g_str_has_prefix (key, OWN_PREFIX) && g_variant_iter_next (points, "(td)", &step, &value))
        append_own (self, key, step, value);
    }
}

static void
clear_own (EidEmbeddingHealth *self)
{
  GHashTableIter iter;
  gpointer own;

  g_hash_table_iter_init (&iter, self->own);
  while (g_hash_table_iter_next (&iter, NULL, &own))
    gtk_flow_box_remove (self->flow, gtk_widget_get_parent (GTK_WIDGET (((Own *) own)->card)));
  g_hash_table_remove_all (self->own);
}

/* --- The vital signs ---------------------------------------------------------------- */

/* What a run does not have takes no room. */
static void
append (EidEmbeddingHealth *self, guint vital, guint64 step, double value)
{
  if (!isfinite (value))
    return;
  self->newest = MAX (self->newest, step);
  eid_vital_card_append (self->cards[vital], (double) step, value);
  gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (self->cards[vital])), TRUE);
}

void
eid_embedding_health_tell (EidEmbeddingHealth *self, const EidVerdictReport *report)
{
  g_autofree char *number = eid_format_count (report->step);
  g_autofree char *text =
      *report->evidence ? g_strdup_printf (_ ("step %s · %s: %s"), number, report->title, report->evidence)
                        : g_strdup_printf (_ ("step %s · %s"), number, report->title);

  for (guint i = 0; i < G_N_ELEMENTS (vitals); i++)
    {
      double value = NAN, least = -INFINITY, most = INFINITY;

      g_variant_lookup (report->metrics, vitals[i].name, "d", &value);
      append (self, i, report->step, value);
      if (report->bands)
        g_variant_lookup (report->bands, vitals[i].name, "(dd)", &least, &most);
      eid_vital_card_set_band (self->cards[i], least, most);
      eid_vital_card_show (self->cards[i], (double) report->step, value, report->step < self->newest);
    }
  /* Translators: what the number is for features that point to all sides; d is how many there are. */
  eid_vital_card_set_reference (self->cards[0], _ ("1/√d"), report->z_std_all);
  tell_own (self, report);
  gtk_label_set_label (self->verdict, text);
}

void
eid_embedding_health_history (EidEmbeddingHealth *self, GVariant *series)
{
  for (guint i = 0; i < G_N_ELEMENTS (vitals); i++)
    {
      g_autoptr (GVariant) points = g_variant_lookup_value (series, vitals[i].name, G_VARIANT_TYPE ("a(td)"));
      GVariantIter iter;
      guint64 step;
      double value;

      if (points == NULL)
        continue;
      g_variant_iter_init (&iter, points);
      while (g_variant_iter_next (&iter, "(td)", &step, &value))
        append (self, i, step, value);
    }
  add_own_history (self, series);
}

void
eid_embedding_health_clear (EidEmbeddingHealth *self, EidSampleKind kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (vitals); i++)
    {
      const char *of_text = kind == EID_SAMPLE_PASSAGE ? vitals[i].of_text : NULL;

      eid_vital_card_set_meaning (self->cards[i], _ (of_text ? of_text : vitals[i].meaning));
      eid_vital_card_clear (self->cards[i]);
      gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (self->cards[i])), FALSE);
    }
  self->newest = 0;
  clear_own (self);
  gtk_label_set_label (self->verdict, _ ("The run’s health has not been looked at yet"));
}

static void
eid_embedding_health_finalize (GObject *object)
{
  g_hash_table_unref (EID_EMBEDDING_HEALTH (object)->own);
  G_OBJECT_CLASS (eid_embedding_health_parent_class)->finalize (object);
}

static void
eid_embedding_health_class_init (EidEmbeddingHealthClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = eid_embedding_health_finalize;
}

static void
eid_embedding_health_init (EidEmbeddingHealth *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *scrolled = gtk_scrolled_window_new ();

  self->own = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->verdict = GTK_LABEL (gtk_label_new (""));
  gtk_label_set_wrap (self->verdict, TRUE);
  gtk_label_set_xalign (self->verdict, 0);
  gtk_widget_set_margin_start (GTK_WIDGET (self->verdict), 12);
  gtk_widget_set_margin_top (GTK_WIDGET (self->verdict), 6);
  self->flow = GTK_FLOW_BOX (gtk_flow_box_new ());
  gtk_flow_box_set_homogeneous (self->flow, TRUE);
  gtk_flow_box_set_selection_mode (self->flow, GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (self->flow, 4);
  gtk_flow_box_set_row_spacing (self->flow, 6);
  gtk_flow_box_set_column_spacing (self->flow, 6);
  gtk_widget_set_valign (GTK_WIDGET (self->flow), GTK_ALIGN_START);
  gtk_widget_set_margin_start (GTK_WIDGET (self->flow), 6);
  gtk_widget_set_margin_end (GTK_WIDGET (self->flow), 6);
  for (guint i = 0; i < G_N_ELEMENTS (vitals); i++)
    {
      GtkWidget *card = eid_vital_card_new (_ (vitals[i].title), NULL);

      gtk_widget_set_size_request (card, 240, -1);
      gtk_flow_box_append (self->flow, card);
      self->cards[i] = EID_VITAL_CARD (card);
    }
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->verdict));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->flow));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  adw_bin_set_child (ADW_BIN (self), scrolled);
  eid_embedding_health_clear (self, EID_SAMPLE_PICTURE);
}

GtkWidget *
eid_embedding_health_new (void)
{
  return g_object_new (EID_TYPE_EMBEDDING_HEALTH, NULL);
}
