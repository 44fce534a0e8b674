/* attention.h: what the Attention page's parts share: attention.c what it asks for and
 * shows, controls.c the controls in the row at its foot, choice.c what
 * a second run's page beside it is told.                                      */
#pragma once

#include "app/workbench/pages/pages.h"

#include "ui/ui.h"

G_BEGIN_DECLS

enum
{
  EID_MODES = 3,
  EID_WHOSE = 3
};

struct _EidPageAttention
{
  EidPage parent_instance;

  EidAttentionView *view;
  EidPins *pins;

  /* As chosen. */
  EidPatchesMode mode;
  gboolean asked_attention; /* in the question that is on its way, not patches */
  EidAttentionWhose whose;
  int layer, head; /* as eid_attention_view_set_head() takes them */
  gboolean frozen; /* the colours' basis */

  GVariant *basis; /* of the last colours, or NULL */

  /* The foot. */
  GtkToggleButton *modes[EID_MODES], *of[EID_WHOSE], *hold;
  GtkWidget *whose_box, *layer_box, *head_box, *rest_box, *mass_box, *overlay_box;
  GtkDropDown *layers, *heads, *rests;
  GtkRange *mass, *overlay;
  GtkLabel *mass_text, *legend;
  gboolean has_teacher, adjusting; /* adjusting: the controls follow the model, not the person */
  guint n_layers, n_heads, extra;
  gboolean class_token, can_roll_out;
};

/* What a model has to choose from. */
typedef struct
{
  guint layers, heads, extra;
  gboolean class_token, has_teacher, can_roll_out;
  int layer; /* the one that was chosen by the engine */
} EidAttentionChoices;

/* Makes the controls. */
void eid_page_attention_add_foot (EidPageAttention *self);
void eid_page_attention_update_choices (EidPageAttention *self, const EidAttentionChoices *choices);
/* Shows of the controls those that the mode has. */
void eid_page_attention_update_foot (EidPageAttention *self);
/* What red, green and blue stand for; NULL: not known. */
void eid_page_attention_set_legend (EidPageAttention *self, const double *explained, gsize count);
/* Changes the mode without asking the engine. */
void eid_page_attention_set_mode (EidPageAttention *self, EidPatchesMode mode);

/* choice.c: of EidPageClass */
void eid_page_attention_save_choice (EidPage *page, GVariantDict *choice);
void eid_page_attention_take_choice (EidPage *page, GVariantDict *choice);

G_END_DECLS
