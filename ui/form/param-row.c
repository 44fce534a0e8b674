/* param-row.c: EidParamRow, one parameter as a row: its name in words, what it does, and
 * the control its type asks for. Values go in and out as text, as a recipe writes them.
 */
#include "ui/form/param-row.h"

#include <glib/gi18n-lib.h>

#include <string.h>

G_DEFINE_FINAL_TYPE (EidParamRow, eid_param_row, ADW_TYPE_PREFERENCES_ROW)

enum
{
  CHANGED,
  BRANCH,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

char *
eid_param_key_in_words (const char *key)
{
  static const struct
  {
    const char *key, *words;
  } names[] = { { "lr", N_ ("Learning rate") }, { "ema", N_ ("Moving average") } };
  /* Keys of the program's own are in the catalogue as they are, where a recipe writes them in English. */
  const char *known = *key ? _ (key) : key;
  g_autofree char *words = g_strdelimit (g_utf8_make_valid (known, -1), strcmp (known, key) ? "" : "-_", ' ');
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
  gtk_widget_set_visible (self->reset, !fixed && self->default_value
                                           && !eid_param_same_value (self->value, self->default_value));
}

void
eid_param_row_take_value (EidParamRow *self, char *value)
{
  if (eid_param_same_value (self->value, value))
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

void
eid_param_row_set_value (EidParamRow *self, const char *value)
{
  g_return_if_fail (EID_IS_PARAM_ROW (self));
  if (!value)
    return;
  self->quiet = TRUE;
  eid_param_row_set_control (self, value);
  self->quiet = FALSE;
}

/* --- The row --------------------------------------------------------------------------------- */

static void
reset_pressed (EidParamRow *self)
{
  g_autofree char *old = g_strdup (self->value);

  eid_param_row_set_value (self, self->default_value);
  if (!eid_param_same_value (old, self->value)) /* the person's doing: not quiet */
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
  g_autofree char *title = eid_param_key_in_words (spec->key ? spec->key : "");
  g_autofree char *tip = NULL;

  self->section = g_strdup (spec->section ? spec->section : "");
  self->key = g_strdup (spec->key ? spec->key : "");
  self->default_value = g_strdup (spec->default_value);
  self->doc = g_strdup (spec->doc);
  self->live = spec->live;
  self->whole = g_strcmp0 (spec->type, "int") == 0;
  self->value = g_strdup (spec->value ? spec->value : "");

  self->quiet = TRUE;
  eid_param_row_make_control (self, spec);
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
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
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

gboolean
eid_param_row_focus (EidParamRow *self)
{
  g_return_val_if_fail (EID_IS_PARAM_ROW (self), FALSE);
  return gtk_widget_child_focus (self->control, GTK_DIR_TAB_FORWARD)
         || gtk_widget_grab_focus (GTK_WIDGET (self));
}
