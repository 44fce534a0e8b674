/* embedding.c: the space of features, one view of it at a time: the map of the
 * watched pictures, all their similarities, the spectrum, the prototypes they are
 * assigned to, and the run's vital signs. What is not chosen is not asked for. */
#include "app/workbench/pages/pages.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/wire/wire.h"
#include "ui/ui.h"

#include "app/workbench/client/variant.h"
#include "app/workbench/pages/embedding/map.h"
#include "app/workbench/pages/embedding/views.h"
#include "app/workbench/client/status.h"

typedef enum
{
  MAP,
  SIMILARITY,
  SPECTRUM,
  PROTOTYPES,
  HEALTH,
  N_VIEWS
} View;

/* Of each what Look calls it, and what has it where a run has not. */
static const struct
{
  const char *name, *title, *look, *remedy;
} views[N_VIEWS] = {
  [MAP] = { "map", N_ ("Map"), EID_WIRE_VIEW_EMBEDDING, NULL },
  [SIMILARITY] = { "similarity", N_ ("Similarity"), EID_WIRE_VIEW_SIMILARITY, NULL },
  [SPECTRUM] = { "spectrum", N_ ("Spectrum"), EID_WIRE_VIEW_EMBEDDING, NULL },
  [PROTOTYPES] = { "prototypes", N_ ("Prototypes"), EID_WIRE_VIEW_PROTOTYPES,
                   N_ ("SwAV, DINO and DINOv2 have prototypes: choose one of them under Objective and start "
                       "a "
                       "new run.") },
  [HEALTH] = { "health", N_ ("Health"), EID_WIRE_VIEW_HEALTH, NULL },
};

struct _EidPageEmbedding
{
  EidPage parent_instance;

  GtkStack *stack; /* the views by name, and "absent" */
  GtkToggleButton *choices[N_VIEWS];
  AdwStatusPage *absent;
  EidEmbeddingMap *map;
  EidEmbeddingSimilarity *similarity;
  EidSpectrum *spectrum;
  GtkLabel *numbers; /* under the spectrum */
  EidEmbeddingPrototypes *prototypes;
  EidEmbeddingHealth *health;

  View chosen, looked_at; /* now, and at the Look that is outstanding */
  gboolean had[N_VIEWS];  /* of this run                              */
  gboolean follows_phase;
  guint64 look; /* at the run's health, that is shown; G_MAXUINT64: none */
};

G_DEFINE_FINAL_TYPE (EidPageEmbedding, eid_page_embedding, EID_TYPE_PAGE)

/* --- What is asked ------------------------------------------------------------------- */

static const char *
choose_view (EidPage *page)
{
  return views[EID_PAGE_EMBEDDING (page)->chosen].look;
}

static void
add_options (EidPage *page, GVariantDict *options)
{
  EidPageEmbedding *self = EID_PAGE_EMBEDDING (page);

  self->looked_at = self->chosen;
  if (self->chosen == MAP)
    eid_embedding_map_add_options (self->map, options);
}

static gboolean
rests (EidPageEmbedding *self)
{
  const EidPhase phase = eid_engine_client_phase (eid_page_get_client (EID_PAGE (self)));

  return phase == EID_PHASE_PAUSED || phase == EID_PHASE_DONE;
}

/* While the model moves on each step brings a look; while it rests t-SNE has to be asked to go on. */
static void
go_on (EidPageEmbedding *self)
{
  if (self->chosen == MAP && eid_embedding_map_is_unsettled (self->map) && rests (self))
    eid_page_look_again (EID_PAGE (self));
}

/* --- What comes back ------------------------------------------------------------------- */

static gboolean
show_spectrum (EidPageEmbedding *self, GVariant *picture)
{
  g_autoptr (GVariant) keep = NULL;
  gsize n;
  const double *spectrum = eid_answer_doubles (picture, "spectrum", &n, &keep);
  const double rank = eid_answer_double (picture, "rank");

  if (spectrum == NULL)
    return FALSE;
  eid_spectrum_set_values (self->spectrum, spectrum, n, rank);
  return TRUE;
}

/* The numbers beside the spectrum are those of the look in view, as everywhere. */
static void
show_numbers (EidPageEmbedding *self, const EidVerdictReport *report)
{
  g_autofree char *numbers = eid_health_numbers (report), *cosine_text = NULL, *alpha_text = NULL,
                  *all = NULL;
  double cosine = NAN, alpha = NAN;

  g_variant_lookup (report->metrics, "cosine", "d", &cosine);
  g_variant_lookup (report->metrics, "alpha-req", "d", &alpha);
  cosine_text = eid_format_number (cosine);
  alpha_text = eid_format_number (alpha);
  all =
      g_strdup_printf (_ ("%s · mean cosine %s · α-ReQ %s (good near 1)"), numbers, cosine_text, alpha_text);
  gtk_label_set_label (self->numbers, all);
}

static void
health (EidPage *page, const EidVerdictReport *report)
{
  EidPageEmbedding *self = EID_PAGE_EMBEDDING (page);

  if (report == NULL)
    return;
  self->look = report->step;
  eid_embedding_health_tell (self->health, report);
  show_numbers (self, report);
}

/* The same record as is told of each look: it says nothing new, unless nothing was told yet. */
static gboolean
show_health (EidPageEmbedding *self, GVariant *picture)
{
  g_auto (EidVerdictReport) report = eid_verdict_report_read (picture);

  if (self->look == G_MAXUINT64)
    health (EID_PAGE (self), &report);
  return TRUE;
}

static gboolean
show (EidPage *page, guint64 step, GVariant *picture)
{
  EidPageEmbedding *self = EID_PAGE_EMBEDDING (page);
  gboolean good = FALSE;

  switch (self->looked_at)
    {
    case MAP:
      good = eid_embedding_map_show (self->map, picture);
      break;
    case SPECTRUM:
      good = show_spectrum (self, picture);
      break;
    case SIMILARITY:
      good = eid_embedding_similarity_show (self->similarity, picture);
      break;
    case PROTOTYPES:
      good = eid_embedding_prototypes_show (self->prototypes, picture);
      break;
    default:
      good = show_health (self, picture);
    }
  if (!good)
    return FALSE;
  self->had[self->looked_at] = TRUE;
  gtk_stack_set_visible_child_name (self->stack, views[self->chosen].name);
  go_on (self);
  return TRUE;
}

/* The map can be had of every run: what it is refused for is the page's own matter. */
static EidRefusal
refused (EidPage *page, const char *sentence)
{
  EidPageEmbedding *self = EID_PAGE_EMBEDDING (page);
  const char *remedy = views[self->looked_at].remedy;
  g_autofree char *both = remedy ? g_strdup_printf ("%s\n\n%s", sentence, _ (remedy)) : g_strdup (sentence);
  g_autofree char *markup = g_markup_escape_text (both, -1);

  if (self->looked_at == MAP || self->had[self->looked_at])
    return EID_REFUSAL_STANDS;
  adw_status_page_set_description (self->absent, markup);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->absent), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, both,
                                  -1);
  gtk_stack_set_visible_child_name (self->stack, "absent");
  return EID_REFUSAL_SHOWN;
}

static void
history (EidPage *page, GVariant *series)
{
  eid_embedding_health_history (EID_PAGE_EMBEDDING (page)->health, series);
}

static void
clear (EidPage *page)
{
  EidPageEmbedding *self = EID_PAGE_EMBEDDING (page);
  const EidSampleKind kind = eid_page_is_text (page) ? EID_SAMPLE_PASSAGE : EID_SAMPLE_PICTURE;

  eid_embedding_map_clear (self->map, kind);
  eid_embedding_similarity_clear (self->similarity, kind);
  eid_embedding_prototypes_clear (self->prototypes, kind);
  eid_embedding_health_clear (self->health, kind);
  eid_spectrum_set_values (self->spectrum, NULL, 0, NAN);
  gtk_label_set_label (self->numbers, "");
  self->look = G_MAXUINT64;
  memset (self->had, 0, sizeof self->had);
  gtk_stack_set_visible_child_name (self->stack, views[self->chosen].name);
}

/* --- The person -------------------------------------------------------------------------- */

/* What does not apply keeps its room: else the row it stands in would move under the pointer. */
static void
set_present (GtkWidget *widget, gboolean present)
{
  gtk_widget_set_opacity (widget, present ? 1 : 0);
  gtk_widget_set_sensitive (widget, present);
  gtk_widget_set_can_target (widget, present);
  gtk_accessible_update_state (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_STATE_HIDDEN, !present, -1);
}

static void
on_chosen (GtkToggleButton *button, EidPageEmbedding *self)
{
  if (!gtk_toggle_button_get_active (button))
    return;
  for (guint i = 0; i < N_VIEWS; i++)
    if (self->choices[i] == button)
      self->chosen = i;
  gtk_stack_set_visible_child_name (self->stack, views[self->chosen].name);
  set_present (eid_embedding_map_get_controls (self->map), self->chosen == MAP);
  eid_page_look_again (EID_PAGE (self));
  eid_page_tell_choice (EID_PAGE (self));
}

/* --- Beside another run -------------------------------------------------------------------- */

static void
save_choice (EidPage *page, GVariantDict *choice)
{
  EidPageEmbedding *self = EID_PAGE_EMBEDDING (page);
  const gboolean leads = !eid_page_follows (page);

  if (leads)
    g_variant_dict_insert (choice, "view", "u", (guint32) self->chosen);
  eid_embedding_map_save_choice (self->map, choice, leads);
}

static void
take_choice (EidPage *page, GVariantDict *choice)
{
  EidPageEmbedding *self = EID_PAGE_EMBEDDING (page);
  guint32 view;

  if (g_variant_dict_lookup (choice, "view", "u", &view) && view < N_VIEWS)
    gtk_toggle_button_set_active (self->choices[view], TRUE);
  eid_embedding_map_take_choice (self->map, choice);
}

static void
on_map (EidPageEmbedding *self)
{
  EidEngineClient *client = eid_page_get_client (EID_PAGE (self));

  if (client == NULL || self->follows_phase)
    return;
  self->follows_phase = TRUE;
  g_signal_connect_object (client, "notify::phase", G_CALLBACK (go_on), self, G_CONNECT_SWAPPED);
}

static void
eid_page_embedding_class_init (EidPageEmbeddingClass *klass)
{
  EidPageClass *page_class = EID_PAGE_CLASS (klass);

  page_class->view = EID_WIRE_VIEW_EMBEDDING;
  page_class->title = N_ ("Embedding");
  page_class->icon = "eid-embedding-symbolic";
  page_class->promise =
      N_ ("Each sample of the test half as a point, classes in colours, and whether the features fill "
          "their space or collapse.");
  page_class->choose_view = choose_view;
  page_class->add_options = add_options;
  page_class->show = show;
  page_class->refused = refused;
  page_class->health = health;
  page_class->history = history;
  page_class->clear = clear;
  page_class->save_choice = save_choice;
  page_class->take_choice = take_choice;
}

static GtkWidget *
make_spectrum (EidPageEmbedding *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->spectrum = EID_SPECTRUM (eid_spectrum_new ());
  self->numbers = GTK_LABEL (gtk_label_new (""));
  gtk_label_set_wrap (self->numbers, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->numbers), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->numbers), "numeric");
  gtk_widget_set_hexpand (GTK_WIDGET (self->spectrum), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->spectrum), TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->spectrum));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->numbers));
  return box;
}

static GtkWidget *
make_switcher (EidPageEmbedding *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "linked");
  gtk_accessible_update_property (GTK_ACCESSIBLE (box), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Views of the embedding"), -1);
  for (guint i = 0; i < N_VIEWS; i++)
    {
      self->choices[i] = GTK_TOGGLE_BUTTON (gtk_toggle_button_new_with_label (_ (views[i].title)));
      gtk_toggle_button_set_group (self->choices[i], i > 0 ? self->choices[0] : NULL);
      gtk_toggle_button_set_active (self->choices[i], i == MAP);
      g_signal_connect (self->choices[i], "toggled", G_CALLBACK (on_chosen), self);
      gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->choices[i]));
    }
  return box;
}

static void
eid_page_embedding_init (EidPageEmbedding *self)
{
  GtkWidget *children[N_VIEWS], *foot = eid_wrap_box_new (12);

  self->map = EID_EMBEDDING_MAP (children[MAP] = eid_embedding_map_new ());
  self->similarity = EID_EMBEDDING_SIMILARITY (children[SIMILARITY] = eid_embedding_similarity_new ());
  children[SPECTRUM] = make_spectrum (self);
  self->prototypes = EID_EMBEDDING_PROTOTYPES (children[PROTOTYPES] = eid_embedding_prototypes_new ());
  self->health = EID_EMBEDDING_HEALTH (children[HEALTH] = eid_embedding_health_new ());
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_hhomogeneous (self->stack, FALSE);
  gtk_stack_set_vhomogeneous (self->stack, FALSE);
  for (guint i = 0; i < N_VIEWS; i++)
    gtk_stack_add_named (self->stack, children[i], views[i].name);
  self->absent = ADW_STATUS_PAGE (adw_status_page_new ());
  adw_status_page_set_title (self->absent, _ ("Not to Be Seen in This Run"));
  adw_status_page_set_icon_name (self->absent, "eid-embedding-symbolic");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->absent), "absent");
  g_signal_connect_swapped (self->map, "changed", G_CALLBACK (eid_page_look_again), self);
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
  eid_page_set_content (EID_PAGE (self), GTK_WIDGET (self->stack));
  g_signal_connect_swapped (self->map, "chosen", G_CALLBACK (eid_page_tell_choice), self);
  eid_wrap_box_append (EID_WRAP_BOX (foot), make_switcher (self));
  eid_wrap_box_append (EID_WRAP_BOX (foot), eid_embedding_map_get_controls (self->map));
  gtk_widget_set_hexpand (foot, TRUE);
  eid_page_add_control (EID_PAGE (self), foot);
}
