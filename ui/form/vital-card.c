/* vital-card.c: EidVitalCard, one vital sign of a run: what it is, what it is now, whether
 * that lies in its band, and how it came there.
 */
#include "ui/ui.h"

#include <glib/gi18n-lib.h>

#include <math.h>

struct _EidVitalCard
{
  GtkWidget parent;

  GtkWidget *title, *value, *icon, *words, *chart;
  guint series;
  double now, least, most;
  double newest; /* step of the newest point; -INFINITY: none */
};

G_DEFINE_FINAL_TYPE (EidVitalCard, eid_vital_card, GTK_TYPE_WIDGET)

#define LINE_SLOT 5 /* blue       */
#define BAND_SLOT 6 /* vermillion */
#define SLOT_ELSE 3 /* green      */
#define NARROWEST 240

/* --- Words ------------------------------------------------------------------------- */

typedef enum
{
  UNKNOWN,
  UNBOUNDED,
  WITHIN,
  BEYOND
} State;

static const struct
{
  const char *icon, *style;
} states[] = {
  [UNKNOWN] = { NULL, "dim-label" },
  [UNBOUNDED] = { NULL, "dim-label" },
  [WITHIN] = { "eid-health-good-symbolic", "success" },
  [BEYOND] = { "eid-health-warning-symbolic", "warning" },
};

static State
state_of (EidVitalCard *self)
{
  if (!isfinite (self->now))
    return UNKNOWN;
  if (self->now < self->least || self->now > self->most)
    return BEYOND;
  return isfinite (self->least) || isfinite (self->most) ? WITHIN : UNBOUNDED;
}

/* "within its band: over 0.9" */
static char *
band_in_words (EidVitalCard *self)
{
  g_autofree char *least = eid_format_number (self->least), *most = eid_format_number (self->most);

  switch (state_of (self))
    {
    case UNKNOWN:
      return g_strdup (_ ("not measured yet"));
    case UNBOUNDED:
      return g_strdup (_ ("no limit: to compare over time"));
    case BEYOND:
      return self->now < self->least ? g_strdup_printf (_ ("under its band, which begins at %s"), least)
                                     : g_strdup_printf (_ ("over its band, which ends at %s"), most);
    default:
      if (!isfinite (self->least))
        return g_strdup_printf (_ ("in its band, up to %s"), most);
      if (!isfinite (self->most))
        return g_strdup_printf (_ ("in its band, from %s"), least);
      return g_strdup_printf (_ ("in its band, %s to %s"), least, most);
    }
}

static void
update (EidVitalCard *self)
{
  const State state = state_of (self);
  g_autofree char *number = eid_format_number (self->now), *words = band_in_words (self);
  g_autofree char *all = g_strdup_printf ("%s, %s", number, words);

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      gtk_widget_remove_css_class (self->icon, states[i].style);
      gtk_widget_remove_css_class (self->words, states[i].style);
    }
  gtk_widget_add_css_class (self->icon, states[state].style);
  gtk_widget_add_css_class (self->words, states[state].style);
  gtk_widget_set_visible (self->icon, states[state].icon != NULL);
  if (states[state].icon)
    gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), states[state].icon);
  gtk_label_set_label (GTK_LABEL (self->value), number);
  gtk_label_set_label (GTK_LABEL (self->words), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, all, -1);
}

/* --- The widget -------------------------------------------------------------------------- */

static void
eid_vital_card_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (eid_vital_card_parent_class)->dispose (object);
}

/* A chart would be as wide as it can: cards are to stand beside one another. */
static void
eid_vital_card_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  GtkWidget *child = gtk_widget_get_first_child (widget);

  gtk_widget_measure (child, orientation, orientation == GTK_ORIENTATION_VERTICAL ? for_size : -1, minimum,
                      natural, NULL, NULL);
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? MAX (*minimum, NARROWEST) : *minimum;
  *natural = *minimum;
}

static void
eid_vital_card_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  gtk_widget_size_allocate (gtk_widget_get_first_child (widget), &(GtkAllocation){ 0, 0, width, height }, -1);
}

static void
eid_vital_card_class_init (EidVitalCardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = eid_vital_card_dispose;
  GTK_WIDGET_CLASS (klass)->measure = eid_vital_card_measure;
  GTK_WIDGET_CLASS (klass)->size_allocate = eid_vital_card_size_allocate;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "eidvitalcard");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
label_new (const char *style, double xalign)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), (float) xalign);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, style);
  return label;
}

static void
eid_vital_card_init (EidVitalCard *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->title = label_new ("heading", 0);
  self->value = label_new ("numeric", 1);
  self->words = label_new ("caption", 0);
  self->icon = gtk_image_new ();
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  self->chart = eid_chart_new ();
  eid_chart_set_compact (EID_CHART (self->chart), TRUE);
  eid_chart_set_empty_text (EID_CHART (self->chart), _ ("Not measured yet"));
  gtk_widget_set_hexpand (self->title, TRUE);
  gtk_widget_set_hexpand (self->words, TRUE);
  gtk_widget_set_size_request (self->chart, -1, 110);
  gtk_widget_set_vexpand (self->chart, TRUE);
  gtk_box_append (GTK_BOX (head), self->title);
  gtk_box_append (GTK_BOX (head), self->value);
  gtk_box_append (GTK_BOX (foot), self->icon);
  gtk_box_append (GTK_BOX (foot), self->words);
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), foot);
  gtk_box_append (GTK_BOX (box), self->chart);
  gtk_widget_add_css_class (GTK_WIDGET (self), "card");
  gtk_widget_add_css_class (box, "eid-vital-box");
  gtk_widget_set_parent (box, GTK_WIDGET (self));
  eid_vital_card_clear (self);
}

GtkWidget *
eid_vital_card_new (const char *title, const char *meaning)
{
  EidVitalCard *self = g_object_new (EID_TYPE_VITAL_CARD, NULL);

  gtk_label_set_label (GTK_LABEL (self->title), title ? title : "");
  eid_vital_card_set_meaning (self, meaning);
  eid_chart_set_title (EID_CHART (self->chart), title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title ? title : "",
                                  -1);
  return GTK_WIDGET (self);
}

void
eid_vital_card_set_meaning (EidVitalCard *self, const char *meaning)
{
  g_return_if_fail (EID_IS_VITAL_CARD (self));
  gtk_widget_set_tooltip_text (self->title, meaning);
}

void
eid_vital_card_append (EidVitalCard *self, double step, double value)
{
  g_return_if_fail (EID_IS_VITAL_CARD (self));
  eid_chart_put (EID_CHART (self->chart), self->series, step, value);
  if (step < self->newest)
    return;
  self->newest = step;
  self->now = value;
  update (self);
}

void
eid_vital_card_show (EidVitalCard *self, double step, double value, gboolean past)
{
  g_return_if_fail (EID_IS_VITAL_CARD (self));
  eid_chart_set_cursor (EID_CHART (self->chart), past ? step : NAN);
  self->now = value;
  update (self);
}

void
eid_vital_card_set_band (EidVitalCard *self, double least, double most)
{
  g_return_if_fail (EID_IS_VITAL_CARD (self));
  self->least = least;
  self->most = most;
  eid_chart_set_rule (EID_CHART (self->chart), _ ("from"), isfinite (least) ? least : NAN, BAND_SLOT);
  eid_chart_set_rule (EID_CHART (self->chart), _ ("up to"), isfinite (most) ? most : NAN, BAND_SLOT);
  update (self);
}

void
eid_vital_card_set_reference (EidVitalCard *self, const char *label, double value)
{
  g_return_if_fail (EID_IS_VITAL_CARD (self));
  eid_chart_set_rule (EID_CHART (self->chart), label, value, SLOT_ELSE);
}

void
eid_vital_card_clear (EidVitalCard *self)
{
  g_return_if_fail (EID_IS_VITAL_CARD (self));
  eid_chart_clear (EID_CHART (self->chart));
  self->series = eid_chart_add_series (EID_CHART (self->chart), _ ("value"), LINE_SLOT);
  eid_chart_set_cursor (EID_CHART (self->chart), NAN);
  self->now = NAN;
  self->newest = -INFINITY;
  self->least = -INFINITY;
  self->most = INFINITY;
  update (self);
}
