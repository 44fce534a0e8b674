/* param-row.c: EidParamRow, one parameter as a row: its name in words, what it does, and
 * the control its type asks for. Values go in and out as text, as a recipe writes them.
 */
#include "ui.h"

#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define UNBOUNDED   1e12
#define MOST_DIGITS 10
#define MOST_SWEPT  400 /* steps a slider can be set to with a steady hand */

struct _EidParamRow
{
  AdwPreferencesRow parent;

  char *section, *key, *default_value, *doc;
  gboolean live, running, whole; /* whole: numbers without a fraction */
  char *value;
  gboolean quiet; /* a setter is at work: no signal */

  GtkWidget *control, *slider; /* slider: beside a number with a range that it can sweep; else NULL */
  GtkWidget *reset, *branch;
  GtkStringList *choices; /* of a drop-down */
};

G_DEFINE_FINAL_TYPE (EidParamRow, eid_param_row, ADW_TYPE_PREFERENCES_ROW)

enum
{
  CHANGED,
  BRANCH,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- Text and numbers ----------------------------------------------------------- */

/* A number as a recipe writes it, whatever the locale; the whole text must be one. */
static gboolean
parse_number (const char *text, double *number)
{
  char *end = NULL;

  if (!text || !*text)
    return FALSE;
  *number = g_ascii_strtod (text, &end);
  while (g_ascii_isspace (*end))
    end++;
  return *end == '\0' && isfinite (*number);
}

static char *
number_text (double number, gboolean whole)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (whole)
    return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.0f", number));
  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.7g", number));
}

/* "0.10" is "0.1". */
static gboolean
same_value (const char *a, const char *b)
{
  double x, y;

  if (g_strcmp0 (a, b) == 0)
    return TRUE;
  return parse_number (a, &x) && parse_number (b, &y) && fabs (x - y) <= 1e-9 * fmax (fabs (x), fabs (y));
}

/* "mask-ratio" is "Mask ratio"; a few keys are short in recipes and have longer names. */
static char *
key_in_words (const char *key)
{
  static const struct
  {
    const char *key, *words;
  } names[] = { { "lr", N_ ("Learning rate") }, { "ema", N_ ("Moving average") } };
  g_autofree char *words = g_strdelimit (g_utf8_make_valid (key, -1), "-_", ' ');
  GString *title = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (key, names[i].key) == 0)
      return g_string_free (g_string_append (title, _ (names[i].words)), FALSE);
  if (*words)
    {
      g_string_append_unichar (title, g_unichar_toupper (g_utf8_get_char (words)));
      g_string_append (title, g_utf8_next_char (words));
    }
  return g_string_free (title, FALSE);
}

/* --- What is shown around the control ------------------------------------------------ */

static void
update_state (EidParamRow *self)
{
  gboolean fixed = self->running && !self->live;
  GString *tip = g_string_new (self->doc);

  if (self->default_value)
    g_string_append_printf (tip, _ ("%sDefault: %s"), tip->len ? "\n" : "", self->default_value);
  if (fixed)
    g_string_append_printf (tip, "%s%s", tip->len ? "\n" : "", _ ("Cannot change while the run goes on."));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), tip->len ? tip->str : NULL);
  g_string_free (tip, TRUE);

  gtk_widget_set_sensitive (self->control, !fixed);
  if (self->slider)
    gtk_widget_set_sensitive (self->slider, !fixed);
  gtk_widget_set_visible (self->branch, fixed);
  gtk_widget_set_visible (self->reset,
                          !fixed && self->default_value && !same_value (self->value, self->default_value));
}

static void
take_value (EidParamRow *self, char *value)
{
  if (same_value (self->value, value))
    {
      g_free (value);
      return;
    }
  g_free (self->value);
  self->value = value;
  update_state (self);
  if (!self->quiet)
    g_signal_emit (self, signals[CHANGED], 0, self->section, self->key, self->value);
}

/* --- Controls, by type -------------------------------------------------------------------- */

typedef struct
{
  const char *type;
  GtkWidget *(*make) (EidParamRow *self, const EidParamSpec *spec);
} Control;

static void
spin_changed (GtkSpinButton *spin, EidParamRow *self)
{
  take_value (self, number_text (gtk_spin_button_get_value (spin), self->whole));
}

/* As few digits as say the number, in the locale's way: 0.1, not 0.1000000000. */
static gboolean
spin_output (GtkSpinButton *spin, gpointer unused)
{
  char buffer[64];

  g_snprintf (buffer, sizeof buffer, "%.7g", gtk_spin_button_get_value (spin));
  if (strcmp (buffer, gtk_editable_get_text (GTK_EDITABLE (spin))) != 0)
    gtk_editable_set_text (GTK_EDITABLE (spin), buffer);
  return TRUE;
}

/* The last digit that the default is written with, and hundredths at the coarsest;
 * a large range of whole numbers goes by larger steps. */
static double
step_of (EidParamRow *self, const EidParamSpec *spec)
{
  const char *text = spec->default_value ? spec->default_value : spec->value;
  const char *point = text ? strchr (text, '.') : NULL, *power = text ? strpbrk (text, "eE") : NULL;
  int digits = point ? (int) strspn (point + 1, "0123456789") : 0;

  if (self->whole)
    return 1;
  if (power)
    digits -= (int) CLAMP (g_ascii_strtoll (power + 1, NULL, 10), -MOST_DIGITS, 0);
  return pow (10, -CLAMP (digits, 2, MOST_DIGITS));
}

/* Scrolling the form must not turn the numbers it passes over. */
static void
ignore_scrolling (GtkWidget *widget)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller))
        gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_NONE);
    }
}

static GtkWidget *
make_number (EidParamRow *self, const EidParamSpec *spec)
{
  gboolean bounded = isfinite (spec->min) && isfinite (spec->max) && spec->min < spec->max;
  double step = step_of (self, spec), number = bounded ? spec->min : 0;
  GtkAdjustment *adjustment;
  GtkWidget *spin;

  if (!parse_number (spec->value, &number))
    parse_number (spec->default_value, &number);
  adjustment = gtk_adjustment_new (number, bounded ? spec->min : -UNBOUNDED, bounded ? spec->max : UNBOUNDED,
                                   step, step * 10, 0);
  spin = gtk_spin_button_new (adjustment, 0, self->whole ? 0 : MOST_DIGITS);
  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (spin), FALSE); /* 1e-3 may be typed */
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 6);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (spin), 8);
  g_signal_connect (spin, "output", G_CALLBACK (spin_output), NULL);
  g_signal_connect (spin, "value-changed", G_CALLBACK (spin_changed), self);

  ignore_scrolling (spin);

  /* What acts at once is a live control: drag and watch. */
  if (spec->live && bounded && spec->max - spec->min <= MOST_SWEPT * step)
    {
      self->slider = gtk_scale_new (GTK_ORIENTATION_HORIZONTAL, adjustment);
      gtk_scale_set_draw_value (GTK_SCALE (self->slider), FALSE);
      gtk_range_set_round_digits (GTK_RANGE (self->slider), (int) ceil (-log10 (step) - 1e-9));
      ignore_scrolling (self->slider);
      /* The slider steps: the room of the buttons goes to the name. */
      for (GtkWidget *part = gtk_widget_get_first_child (spin); part;
           part = gtk_widget_get_next_sibling (part))
        if (GTK_IS_BUTTON (part))
          gtk_widget_set_visible (part, FALSE);
    }
  return spin;
}

static void
switch_changed (GtkSwitch *toggle, GParamSpec *spec, EidParamRow *self)
{
  take_value (self, g_strdup (gtk_switch_get_active (toggle) ? "true" : "false"));
}

static gboolean
is_true (const char *text)
{
  return g_strcmp0 (text, "true") == 0 || g_strcmp0 (text, "1") == 0;
}

static GtkWidget *
make_switch (EidParamRow *self, const EidParamSpec *spec)
{
  GtkWidget *toggle = gtk_switch_new ();

  gtk_switch_set_active (GTK_SWITCH (toggle), is_true (spec->value));
  g_signal_connect (toggle, "notify::active", G_CALLBACK (switch_changed), self);
  return toggle;
}

static void
choice_changed (GtkDropDown *choice, GParamSpec *spec, EidParamRow *self)
{
  const char *chosen = gtk_string_list_get_string (self->choices, gtk_drop_down_get_selected (choice));

  if (chosen)
    take_value (self, g_strdup (chosen));
}

static guint
choice_index (EidParamRow *self, const char *value)
{
  const char *choice;

  for (guint i = 0; (choice = gtk_string_list_get_string (self->choices, i)); i++)
    if (g_strcmp0 (choice, value) == 0)
      return i;
  return GTK_INVALID_LIST_POSITION;
}

static GtkWidget *
make_choice (EidParamRow *self, const EidParamSpec *spec)
{
  GtkWidget *choice;

  self->choices = gtk_string_list_new (spec->choices);
  choice = gtk_drop_down_new (G_LIST_MODEL (g_object_ref (self->choices)), NULL);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (choice), choice_index (self, spec->value));
  g_signal_connect (choice, "notify::selected", G_CALLBACK (choice_changed), self);
  return choice;
}

static void
text_done (EidParamRow *self)
{
  take_value (self, g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->control))));
}

static GtkWidget *
make_text (EidParamRow *self, const EidParamSpec *spec)
{
  GtkWidget *entry = gtk_entry_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  gtk_editable_set_text (GTK_EDITABLE (entry), spec->value ? spec->value : "");
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 8);
  gtk_widget_set_hexpand (entry, TRUE);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (text_done), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (text_done), self);
  gtk_widget_add_controller (entry, focus);
  return entry;
}

static const Control controls[] = {
  { "int", make_number },    { "float", make_number }, { "bool", make_switch },
  { "choice", make_choice }, { "text", make_text },
};

void
eid_param_row_set_value (EidParamRow *self, const char *value)
{
  double number;

  g_return_if_fail (EID_IS_PARAM_ROW (self));
  if (!value)
    return;
  self->quiet = TRUE;
  if (GTK_IS_SPIN_BUTTON (self->control))
    {
      if (parse_number (value, &number))
        gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->control), number);
    }
  else if (GTK_IS_SWITCH (self->control))
    gtk_switch_set_active (GTK_SWITCH (self->control), is_true (value));
  else if (GTK_IS_DROP_DOWN (self->control))
    {
      guint index = choice_index (self, value);

      if (index != GTK_INVALID_LIST_POSITION)
        gtk_drop_down_set_selected (GTK_DROP_DOWN (self->control), index);
    }
  else
    {
      gtk_editable_set_text (GTK_EDITABLE (self->control), value);
      text_done (self);
    }
  self->quiet = FALSE;
}

/* --- The row --------------------------------------------------------------------------------- */

static void
reset_pressed (EidParamRow *self)
{
  g_autofree char *old = g_strdup (self->value);

  eid_param_row_set_value (self, self->default_value);
  if (!same_value (old, self->value)) /* the person's doing: not quiet */
    g_signal_emit (self, signals[CHANGED], 0, self->section, self->key, self->value);
}

static void
branch_pressed (EidParamRow *self)
{
  g_signal_emit (self, signals[BRANCH], 0, self->section, self->key);
}

static void
eid_param_row_finalize (GObject *object)
{
  EidParamRow *self = EID_PARAM_ROW (object);

  g_free (self->section);
  g_free (self->key);
  g_free (self->default_value);
  g_free (self->doc);
  g_free (self->value);
  g_clear_object (&self->choices);
  G_OBJECT_CLASS (eid_param_row_parent_class)->finalize (object);
}

static void
eid_param_row_class_init (EidParamRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = eid_param_row_finalize;
  signals[CHANGED] = g_signal_new ("changed", EID_TYPE_PARAM_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  signals[BRANCH] = g_signal_new ("branch", EID_TYPE_PARAM_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
eid_param_row_init (EidParamRow *self)
{
  self->reset = gtk_button_new_from_icon_name ("edit-undo-symbolic");
  gtk_widget_add_css_class (self->reset, "flat");
  gtk_widget_add_css_class (self->reset, "caption");
  gtk_widget_set_valign (self->reset, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->reset, "clicked", G_CALLBACK (reset_pressed), self);

  self->branch = gtk_button_new_with_label (_ ("New run"));
  gtk_widget_add_css_class (self->branch, "flat");
  gtk_widget_add_css_class (self->branch, "caption");
  gtk_widget_set_valign (self->branch, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (
      self->branch, _ ("Cannot change while the run goes on. Starts a new run from here to change it."));
  g_signal_connect_swapped (self->branch, "clicked", G_CALLBACK (branch_pressed), self);

  gtk_widget_add_css_class (GTK_WIDGET (self), "eid-param");
}

/* Name and control in one line, below them the slider, below that what it does: a side
 * bar is too narrow for all of it side by side. */
static GtkWidget *
arrange (EidParamRow *self, const char *title)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *name = gtk_label_new (title),
            *doc = gtk_label_new (self->doc);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_box_append (GTK_BOX (head), name);
  gtk_box_append (GTK_BOX (head), self->control);
  gtk_box_append (GTK_BOX (box), head);
  if (self->slider)
    gtk_box_append (GTK_BOX (box), self->slider);

  gtk_label_set_xalign (GTK_LABEL (doc), 0);
  gtk_label_set_wrap (GTK_LABEL (doc), TRUE);
  gtk_widget_set_hexpand (doc, TRUE);
  gtk_widget_add_css_class (doc, "dim-label");
  gtk_widget_add_css_class (doc, "caption");
  gtk_box_append (GTK_BOX (foot), doc);
  gtk_box_append (GTK_BOX (foot), self->reset);
  gtk_box_append (GTK_BOX (foot), self->branch);
  gtk_box_append (GTK_BOX (box), foot);
  gtk_widget_add_css_class (box, "eid-param-box");
  return box;
}

GtkWidget *
eid_param_row_new (const EidParamSpec *spec)
{
  EidParamRow *self = g_object_new (EID_TYPE_PARAM_ROW, NULL);
  GtkWidget *(*make) (EidParamRow *, const EidParamSpec *) = make_text;
  g_autofree char *title = key_in_words (spec->key ? spec->key : "");
  g_autofree char *tip = NULL;

  self->section = g_strdup (spec->section ? spec->section : "");
  self->key = g_strdup (spec->key ? spec->key : "");
  self->default_value = g_strdup (spec->default_value);
  self->doc = g_strdup (spec->doc);
  self->live = spec->live;
  self->whole = g_strcmp0 (spec->type, "int") == 0;
  self->value = g_strdup (spec->value ? spec->value : "");
  for (guint i = 0; i < G_N_ELEMENTS (controls); i++)
    if (g_strcmp0 (spec->type, controls[i].type) == 0)
      make = controls[i].make;

  self->quiet = TRUE;
  self->control = make (self, spec);
  self->quiet = FALSE;
  gtk_widget_set_valign (self->control, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->control), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, spec->doc ? spec->doc : "", -1);
  if (spec->default_value)
    {
      tip = g_strdup_printf (_ ("Back to the default, %s"), spec->default_value);
      gtk_widget_set_tooltip_text (self->reset, tip);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->reset), GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
    }
  if (self->slider)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->slider), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), title);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), arrange (self, title));
  update_state (self);
  return GTK_WIDGET (self);
}

const char *
eid_param_row_get_section (EidParamRow *self)
{
  g_return_val_if_fail (EID_IS_PARAM_ROW (self), NULL);
  return self->section;
}

const char *
eid_param_row_get_key (EidParamRow *self)
{
  g_return_val_if_fail (EID_IS_PARAM_ROW (self), NULL);
  return self->key;
}

const char *
eid_param_row_get_value (EidParamRow *self)
{
  g_return_val_if_fail (EID_IS_PARAM_ROW (self), NULL);
  return self->value;
}

void
eid_param_row_set_running (EidParamRow *self, gboolean running)
{
  g_return_if_fail (EID_IS_PARAM_ROW (self));
  self->running = running;
  update_state (self);
}
