/* embedding-health.c: a card for each vital sign that the run has; see embedding-views.h.
 * The limits are the engine's: here is only what the numbers mean.           */
#include "embedding-views.h"

#include <glib/gi18n.h>
#include <math.h>

/* In the order they are shown, by the names that Health and History give them. */
static const struct
{
  const char *name, *title, *meaning;
} vitals[] = {
  { "z-std", N_ ("z-std"),
    N_ ("Mean deviation of unit-length features: 1/√d where they point to all sides, 0 where all are the "
        "same") },
  { "cosine", N_ ("Mean cosine"), N_ ("Of two different pictures: 1 where all look alike to the model") },
  { "rank", N_ ("Effective rank"),
    N_ ("How many dimensions the features fill, by the entropy of their spectrum") },
  { "alpha-req", N_ ("α-ReQ"), N_ ("How fast the spectrum falls: near 1 is good, far over it collapsing") },
  { "std-hinge", N_ ("Deviation missing"),
    N_ ("By how much dimensions deviate less than 1: 0 is healthy, 1 collapsed") },
  { "lidar", N_ ("LiDAR"),
    N_ ("How many dimensions tell pictures apart, measured by how much views of one differ") },
  { "alignment", N_ ("Alignment"),
    N_ ("Mean squared distance of two views of a picture: 0 where they are the same") },
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
    N_ ("The objective’s loss on pictures that it does not train on") },
  { "mean-gradient-norm", N_ ("Gradient norm"), N_ ("Its mean since the look before") },
};

struct _EidEmbeddingHealth
{
  AdwBin parent_instance;

  GtkFlowBox *flow;
  EidVitalCard *cards[G_N_ELEMENTS (vitals)];
  guint64 last[G_N_ELEMENTS (vitals)]; /* step of the newest point, and one */
  GtkLabel *verdict;
};

G_DEFINE_FINAL_TYPE (EidEmbeddingHealth, eid_embedding_health, ADW_TYPE_BIN)

/* What a run does not have takes no room. */
static void
append (EidEmbeddingHealth *self, guint vital, guint64 step, double value)
{
  if (!isfinite (value) || step < self->last[vital])
    return;
  self->last[vital] = step + 1;
  eid_vital_card_append (self->cards[vital], (double) step, value);
  gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (self->cards[vital])), TRUE);
}

void
eid_embedding_health_tell (EidEmbeddingHealth *self, const EidVerdictReport *report)
{
  g_autofree char *text = g_strdup_printf ("%s: %s", report->title, report->evidence);

  for (guint i = 0; i < G_N_ELEMENTS (vitals); i++)
    {
      double value = NAN, least, most;

      g_variant_lookup (report->metrics, vitals[i].name, "d", &value);
      append (self, i, report->step, value);
      if (report->bands && g_variant_lookup (report->bands, vitals[i].name, "(dd)", &least, &most))
        eid_vital_card_set_band (self->cards[i], least, most);
    }
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
}

void
eid_embedding_health_set_healthy (EidEmbeddingHealth *self, double z_std)
{
  /* Translators: what the number is for features that point to all sides; d is how many there are. */
  eid_vital_card_set_reference (self->cards[0], _ ("1/√d"), z_std);
}

void
eid_embedding_health_clear (EidEmbeddingHealth *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (vitals); i++)
    {
      eid_vital_card_clear (self->cards[i]);
      gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (self->cards[i])), FALSE);
      self->last[i] = 0;
    }
  gtk_label_set_label (self->verdict, _ ("The run’s health has not been looked at yet"));
}

static void
eid_embedding_health_class_init (EidEmbeddingHealthClass *klass)
{
}

static void
eid_embedding_health_init (EidEmbeddingHealth *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *scrolled = gtk_scrolled_window_new ();

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
      GtkWidget *card = eid_vital_card_new (_ (vitals[i].title), _ (vitals[i].meaning));

      gtk_widget_set_size_request (card, 240, -1);
      gtk_flow_box_append (self->flow, card);
      self->cards[i] = EID_VITAL_CARD (card);
    }
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->verdict));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->flow));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  adw_bin_set_child (ADW_BIN (self), scrolled);
  eid_embedding_health_clear (self);
}

GtkWidget *
eid_embedding_health_new (void)
{
  return g_object_new (EID_TYPE_EMBEDDING_HEALTH, NULL);
}
