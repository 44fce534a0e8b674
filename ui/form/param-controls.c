/* param-controls.c: the control that a parameter's type asks for: spin button and slider,
 * switch, drop-down, entry. Text goes in, text comes out, as a recipe writes it.
 */
#include "ui/form/param-row.h"

#include <math.h>
#include <string.h>

#define UNBOUNDED   1e12
#define MOST_DIGITS 10
#define MOST_SWEPT  400 /* steps a slider can be set to with a steady hand */

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
  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.12g", number));
}

/* "0.10" is "0.1". */
gboolean
eid_param_same_value (const char *a, const char *b)
{
  double x, y;

  if (g_strcmp0 (a, b) == 0)
    return TRUE;
  return parse_number (a, &x) && parse_number (b, &y) && fabs (x - y) <= 1e-9 * fmax (fabs (x), fabs (y));
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
  eid_param_row_take_value (self, number_text (gtk_spin_button_get_value (spin), self->whole));
}

/* All digits of a whole number, else as few as say it, in the locale's way: 0.1, not 0.1000000000. */
static gboolean
spin_output (GtkSpinButton *spin, EidParamRow *self)
{
  char buffer[64];

  g_snprintf (buffer, sizeof buffer, self->whole ? "%.0f" : "%.12g", gtk_spin_button_get_value (spin));
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
  g_signal_connect (spin, "output", G_CALLBACK (spin_output), self);
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
  eid_param_row_take_value (self, g_strdup (gtk_switch_get_active (toggle) ? "true" : "false"));
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
    eid_param_row_take_value (self, g_strdup (chosen));
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
  eid_param_row_take_value (self, g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->control))));
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
eid_param_row_make_control (EidParamRow *self, const EidParamSpec *spec)
{
  GtkWidget *(*make) (EidParamRow *, const EidParamSpec *) = make_text;

  for (guint i = 0; i < G_N_ELEMENTS (controls); i++)
    if (g_strcmp0 (spec->type, controls[i].type) == 0)
      make = controls[i].make;
  self->control = make (self, spec);
}

gboolean
eid_param_row_set_control (EidParamRow *self, const char *value)
{
  double number;

  if (GTK_IS_SPIN_BUTTON (self->control))
    {
      if (!parse_number (value, &number))
        return FALSE;
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->control), number);
    }
  else if (GTK_IS_SWITCH (self->control))
    gtk_switch_set_active (GTK_SWITCH (self->control), is_true (value));
  else if (GTK_IS_DROP_DOWN (self->control))
    {
      guint index = choice_index (self, value);

      if (index == GTK_INVALID_LIST_POSITION)
        return FALSE;
      gtk_drop_down_set_selected (GTK_DROP_DOWN (self->control), index);
    }
  else
    {
      gtk_editable_set_text (GTK_EDITABLE (self->control), value);
      text_done (self);
    }
  return TRUE;
}
