/* controls.c: the controls in the row at the foot of the Attention page: what is shown,
 * of which network, layer and head, for which token, and how much of it.       */
#include "app/workbench/pages/attention/attention.h"

#include <glib/gi18n.h>

enum
{
  MOST_CHOICES = 256,
  NAMED_HEADS = 3 /* entries before the numbers of heads, with rollout */
};

static const struct
{
  const char *text, *name; /* on the button; what it does, for those who do not see it */
} modes[EID_MODES] = {
  [EID_PATCHES_ATTENTION] = { N_ ("Attention"), N_ ("Show attention") },
  [EID_PATCHES_COLOURS] = { N_ ("Patch Colours"), N_ ("Show patch colours") },
  [EID_PATCHES_SIMILARITY] = { N_ ("Similarity"), N_ ("Show patch similarity") },
};

static const struct
{
  const char *text, *name;
  EidAttentionWhose whose;
} networks[EID_WHOSE] = {
  { N_ ("Student"), N_ ("Show the student"), EID_ATTENTION_STUDENT },
  { N_ ("Teacher"), N_ ("Show the teacher"), EID_ATTENTION_TEACHER },
  { N_ ("Both"), N_ ("Show student and teacher"), EID_ATTENTION_STUDENT | EID_ATTENTION_TEACHER },
};

/* --- Choices of the model --------------------------------------------------------- */

static void
append_numbers (GtkStringList *list, const char *format, guint count)
{
  for (guint i = 1; i <= MIN (count, MOST_CHOICES); i++)
    {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      gtk_string_list_take (list, g_strdup_printf (format, i));
#pragma GCC diagnostic pop
    }
}

/* Mean, all beside one another, rollout if there is one, then the heads by number. */
static int
head_of_entry (EidPageAttention *self, guint entry)
{
  const guint named = self->can_roll_out ? NAMED_HEADS : NAMED_HEADS - 1;

  return entry < named ? -1 - (int) entry : (int) (entry - named);
}

static guint
entry_of_head (EidPageAttention *self, int head)
{
  return head < 0 ? (guint) (-1 - head) : (guint) head + (self->can_roll_out ? NAMED_HEADS : NAMED_HEADS - 1);
}

static void
fill_heads (EidPageAttention *self)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  gtk_string_list_append (list, _ ("Mean"));
  gtk_string_list_append (list, _ ("All"));
  if (self->can_roll_out)
    gtk_string_list_append (list, _ ("Rollout"));
  append_numbers (list, "%u", self->n_heads);
  gtk_drop_down_set_model (self->heads, G_LIST_MODEL (list));
}

static void
fill_layers (EidPageAttention *self)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  append_numbers (list, "%u", self->n_layers);
  gtk_drop_down_set_model (self->layers, G_LIST_MODEL (list));
}

/* The class token, registers, then the mean of the patches, which are always there. */
static void
fill_rests (EidPageAttention *self)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  if (self->class_token)
    gtk_string_list_append (list, _ ("Class token"));
  append_numbers (list, _ ("Register %u"), self->extra - (self->class_token ? 1 : 0));
  gtk_string_list_append (list, _ ("Mean of patches"));
  gtk_drop_down_set_model (self->rests, G_LIST_MODEL (list));
  gtk_drop_down_set_selected (self->rests, self->class_token ? 0 : self->extra);
  eid_attention_view_set_rest (self->view, self->class_token ? 0 : -1);
}

void
eid_page_attention_update_choices (EidPageAttention *self, const EidAttentionChoices *choices)
{
  const gboolean new_heads = choices->heads != self->n_heads || choices->can_roll_out != self->can_roll_out;
  const gboolean new_rests = choices->extra != self->extra || choices->class_token != self->class_token
                             || gtk_drop_down_get_model (self->rests) == NULL;

  self->adjusting = TRUE;
  self->n_heads = choices->heads;
  self->can_roll_out = choices->can_roll_out;
  self->extra = choices->extra;
  self->class_token = choices->class_token;
  self->has_teacher = choices->has_teacher;
  if (choices->layers != self->n_layers)
    {
      self->n_layers = choices->layers;
      fill_layers (self);
    }
  if (new_heads)
    fill_heads (self);
  if (new_rests)
    fill_rests (self);
  gtk_drop_down_set_selected (self->layers, self->layer < 0 ? choices->layer : self->layer);
  gtk_drop_down_set_selected (self->heads, entry_of_head (self, self->head));
  self->adjusting = FALSE;
  eid_attention_view_set_whose (self->view, self->has_teacher ? self->whose : EID_ATTENTION_STUDENT);
  eid_page_attention_update_foot (self);
}

void
eid_page_attention_set_legend (EidPageAttention *self, const double *explained, gsize count)
{
  g_autofree char *text = NULL;

  if (explained && count == 3)
    {
      g_autofree char *red = eid_format_percent (explained[0]), *green = eid_format_percent (explained[1]);
      g_autofree char *blue = eid_format_percent (explained[2]);

      /* Translators: how much of the tokens' variance is along the axis that a colour shows. */
      text =
          g_strdup_printf (_ ("Principal axes: red %s, green %s, blue %s of the variance"), red, green, blue);
    }
  gtk_label_set_label (self->legend, text ? text : "");
}

void
eid_page_attention_update_foot (EidPageAttention *self)
{
  const gboolean attention = self->mode == EID_PATCHES_ATTENTION;

  gtk_widget_set_visible (self->whose_box, attention && self->has_teacher);
  gtk_widget_set_visible (self->layer_box, attention);
  gtk_widget_set_visible (self->head_box, attention);
  gtk_widget_set_visible (self->rest_box, attention && self->extra > 0);
  gtk_widget_set_visible (self->mass_box, attention);
  gtk_widget_set_visible (self->overlay_box, self->mode != EID_PATCHES_COLOURS);
  gtk_widget_set_visible (GTK_WIDGET (self->hold), self->mode == EID_PATCHES_COLOURS);
  gtk_widget_set_visible (GTK_WIDGET (self->legend), self->mode == EID_PATCHES_COLOURS);
}

void
eid_page_attention_set_mode (EidPageAttention *self, EidPatchesMode mode)
{
  self->adjusting = TRUE;
  gtk_toggle_button_set_active (self->modes[mode], TRUE);
  self->adjusting = FALSE;
  self->mode = mode;
  eid_attention_view_set_mode (self->view, mode);
  eid_page_attention_update_foot (self);
}

/* --- What the person chooses ----------------------------------------------------------- */

static void
on_map_chosen (EidPageAttention *self)
{
  const guint layer = gtk_drop_down_get_selected (self->layers);
  const guint head = gtk_drop_down_get_selected (self->heads);

  if (self->adjusting || layer == GTK_INVALID_LIST_POSITION || head == GTK_INVALID_LIST_POSITION)
    return;
  self->layer = layer;
  self->head = head_of_entry (self, head);
  /* What is not held stays as it is until it comes. */
  if (eid_attention_view_holds (self->view, self->layer, self->head))
    eid_attention_view_set_head (self->view, self->layer, self->head);
  else
    eid_page_look_again (EID_PAGE (self));
  eid_page_tell_choice (EID_PAGE (self));
}

static void
on_rest_chosen (EidPageAttention *self)
{
  const guint entry = gtk_drop_down_get_selected (self->rests);

  if (self->adjusting || entry == GTK_INVALID_LIST_POSITION)
    return;
  eid_attention_view_set_rest (self->view, entry < self->extra ? (int) entry : -1);
  eid_page_tell_choice (EID_PAGE (self));
}

static void
on_mode_toggled (EidPageAttention *self, GtkToggleButton *button)
{
  const gboolean was_attention = self->mode == EID_PATCHES_ATTENTION;

  for (guint i = 0; !self->adjusting && i < EID_MODES; i++)
    if (self->modes[i] == button && gtk_toggle_button_get_active (button) && i != self->mode)
      {
        eid_page_attention_set_mode (self, i);
        if (was_attention || i == EID_PATCHES_ATTENTION)
          eid_page_look_again (EID_PAGE (self));
        eid_page_tell_choice (EID_PAGE (self));
        return;
      }
}

static void
on_whose_toggled (EidPageAttention *self, GtkToggleButton *button)
{
  for (guint i = 0; i < EID_WHOSE; i++)
    if (self->of[i] == button && gtk_toggle_button_get_active (button))
      {
        self->whose = networks[i].whose;
        eid_attention_view_set_whose (self->view, self->whose);
        if (self->whose & EID_ATTENTION_TEACHER)
          eid_page_look_again (EID_PAGE (self));
        eid_page_tell_choice (EID_PAGE (self));
      }
}

static void
on_mass (EidPageAttention *self)
{
  const double mass = gtk_range_get_value (self->mass);
  g_autofree char *text = eid_format_percent (mass);

  gtk_label_set_label (self->mass_text, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->mass), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
  eid_attention_view_set_mass (self->view, mass);
  eid_page_tell_choice (EID_PAGE (self));
}

static void
on_overlay (EidPageAttention *self)
{
  eid_attention_view_set_overlay (self->view, gtk_range_get_value (self->overlay));
  eid_page_tell_choice (EID_PAGE (self));
}

static void
on_hold (EidPageAttention *self)
{
  self->frozen = gtk_toggle_button_get_active (self->hold);
  eid_page_look_again (EID_PAGE (self));
  eid_page_tell_choice (EID_PAGE (self));
}

/* --- Making them ------------------------------------------------------------------------- */

static GtkToggleButton *
make_segment (EidPageAttention *self, GtkWidget *box, GtkToggleButton *group, const char *text,
              const char *name, GCallback on_toggled)
{
  GtkWidget *button = gtk_toggle_button_new_with_label (_ (text));

  eid_button_set_name (button, _ (name));
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), group);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), group == NULL);
  g_signal_connect_object (button, "toggled", on_toggled, self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), button);
  return GTK_TOGGLE_BUTTON (button);
}

static GtkWidget *
make_segments (EidWrapBox *foot)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "linked");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  eid_wrap_box_append (foot, box);
  return box;
}

/* A word and the control it names. */
static GtkWidget *
add_named (EidWrapBox *foot, const char *name, GtkWidget *control)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_box_append (GTK_BOX (box), gtk_label_new (name));
  gtk_box_append (GTK_BOX (box), control);
  eid_wrap_box_append (foot, box);
  return box;
}

static GtkDropDown *
make_drop_down (EidPageAttention *self, GCallback on_selected)
{
  GtkWidget *drop_down = gtk_drop_down_new (NULL, NULL);

  g_signal_connect_object (drop_down, "notify::selected", on_selected, self, G_CONNECT_SWAPPED);
  return GTK_DROP_DOWN (drop_down);
}

static GtkRange *
make_slider (EidPageAttention *self, double from, double step, double value, GCallback on_changed)
{
  GtkWidget *slider = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, from, 1, step);

  gtk_widget_set_size_request (slider, 96, -1);
  gtk_range_set_value (GTK_RANGE (slider), value);
  g_signal_connect_object (slider, "value-changed", on_changed, self, G_CONNECT_SWAPPED);
  return GTK_RANGE (slider);
}

static GtkLabel *
make_label (int width_chars)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_width_chars (GTK_LABEL (label), width_chars);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_add_css_class (label, "dim-label");
  return GTK_LABEL (label);
}

void
eid_page_attention_add_foot (EidPageAttention *self)
{
  GtkWidget *widget = eid_wrap_box_new (12), *box;
  EidWrapBox *foot = EID_WRAP_BOX (widget);

  box = make_segments (foot);
  for (guint i = 0; i < EID_MODES; i++)
    self->modes[i] =
        make_segment (self, box, self->modes[0], modes[i].text, modes[i].name, G_CALLBACK (on_mode_toggled));
  self->whose_box = make_segments (foot);
  for (guint i = 0; i < EID_WHOSE; i++)
    self->of[i] = make_segment (self, self->whose_box, self->of[0], networks[i].text, networks[i].name,
                                G_CALLBACK (on_whose_toggled));

  self->layers = make_drop_down (self, G_CALLBACK (on_map_chosen));
  self->heads = make_drop_down (self, G_CALLBACK (on_map_chosen));
  self->rests = make_drop_down (self, G_CALLBACK (on_rest_chosen));
  self->mass = make_slider (self, 0.05, 0.05, 1, G_CALLBACK (on_mass));
  self->overlay = make_slider (self, 0, 0.05, 0.6, G_CALLBACK (on_overlay));
  self->mass_text = make_label (5);
  self->legend = make_label (-1);
  self->layer_box = add_named (foot, _ ("Layer"), GTK_WIDGET (self->layers));
  self->head_box = add_named (foot, _ ("Head"), GTK_WIDGET (self->heads));
  self->rest_box = add_named (foot, _ ("Query"), GTK_WIDGET (self->rests));
  self->mass_box = add_named (foot, _ ("Keep"), GTK_WIDGET (self->mass));
  gtk_box_append (GTK_BOX (self->mass_box), GTK_WIDGET (self->mass_text));
  self->overlay_box = add_named (foot, _ ("Overlay"), GTK_WIDGET (self->overlay));
  gtk_widget_set_tooltip_text (self->rest_box, _ ("What asks while the pointer is on no patch"));
  gtk_widget_set_tooltip_text (self->mass_box,
                               _ ("The fewest patches that have this share of the attention on patches"));

  self->hold = GTK_TOGGLE_BUTTON (gtk_toggle_button_new_with_label (_ ("Hold Colours")));
  gtk_widget_set_valign (GTK_WIDGET (self->hold), GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (
      GTK_WIDGET (self->hold),
      _ ("Keeps the axes as they are now, so that a colour means the same while the model learns"));
  g_signal_connect_object (self->hold, "toggled", G_CALLBACK (on_hold), self, G_CONNECT_SWAPPED);
  gtk_label_set_wrap (self->legend, TRUE);
  eid_wrap_box_append (foot, GTK_WIDGET (self->hold));
  eid_wrap_box_append (foot, GTK_WIDGET (self->legend));

  gtk_widget_set_hexpand (widget, TRUE);
  eid_page_add_control (EID_PAGE (self), widget);
  on_mass (self);
  eid_page_attention_update_foot (self);
}
