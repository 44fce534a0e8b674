/* form-live.c: the form of a recipe's settings in a real window, changed by a person and by the
 * program. Skipped without a display.
 */
#include "tests/ui/live.h"

#include "ui/ui.h"

static char *last_change;

static void
changed (EidParamForm *form, const char *section, const char *key, const char *value, guint *count)
{
  g_free (last_change);
  last_change = g_strdup_printf ("%s.%s=%s", section, key, value);
  ++*count;
}

static void
branched (EidParamForm *form, const char *section, const char *key, guint *count)
{
  ++*count;
}

static const char *const pools[] = { "class", "mean", NULL };

static EidParamSpec specs[] = {
  { "Objective", "temperature", "float", "0.2", "0.1", 0.01, 1, NULL, "Sharpness.", TRUE },
  { "Encoder", "patch", "int", "4", "4", 1, 32, NULL, "Pixels <&> more.", FALSE },
  { "Encoder", "pool", "choice", "mean", "class", 0, 0, pools, NULL, TRUE },
  { "Encoder", "bias", "bool", "true", "true", 0, 1, NULL, NULL, TRUE },
  { "Run", "name", "text", "first", NULL, 0, 0, NULL, NULL, TRUE },
};

static void
a_person_changes_and_a_setter_is_quiet (void)
{
  GtkWidget *widget = eid_param_form_new (), *window, *spin, *choice, *toggle, *entry;
  EidParamForm *form = EID_PARAM_FORM (widget);
  guint count = 0;

  eid_param_form_set_specs (form, specs, G_N_ELEMENTS (specs));
  window = test_show (widget, 480, 360);
  g_signal_connect (form, "changed", G_CALLBACK (changed), &count);
  spin = test_find (widget, "GtkSpinButton");
  choice = test_find (widget, "GtkDropDown");
  toggle = test_find (widget, "GtkSwitch");
  entry = test_find (widget, "GtkEntry");

  eid_param_form_set_value (form, "Objective", "temperature", "0.5");
  eid_param_form_set_value (form, "Objective", "temperature", "nonsense");
  eid_param_form_set_value (form, "Encoder", "pool", "nonsense");
  eid_param_form_set_value (form, "No", "such", "1");
  g_assert_cmpuint (count, ==, 0);
  g_assert_cmpstr (eid_param_form_get_value (form, "Objective", "temperature"), ==, "0.5");
  g_assert_cmpstr (eid_param_form_get_value (form, "Encoder", "pool"), ==, "mean");
  g_assert_null (eid_param_form_get_value (form, "No", "such"));

  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), 0.07);
  g_assert_cmpstr (last_change, ==, "Objective.temperature=0.07");
  gtk_drop_down_set_selected (GTK_DROP_DOWN (choice), 0);
  g_assert_cmpstr (last_change, ==, "Encoder.pool=class");
  gtk_switch_set_active (GTK_SWITCH (toggle), FALSE);
  g_assert_cmpstr (last_change, ==, "Encoder.bias=false");
  gtk_editable_set_text (GTK_EDITABLE (entry), "second");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpstr (last_change, ==, "Run.name=second");
  g_assert_cmpuint (count, ==, 4);

  /* A table that differs in values alone keeps the widgets. */
  specs[0].value = "0.3";
  eid_param_form_set_specs (form, specs, G_N_ELEMENTS (specs));
  g_assert_true (test_find (widget, "GtkSpinButton") == spin);
  g_assert_cmpstr (eid_param_form_get_value (form, "Objective", "temperature"), ==, "0.3");
  g_assert_cmpuint (count, ==, 4);
  eid_param_form_set_specs (form, specs, 1);
  g_assert_null (test_find (widget, "GtkDropDown"));
  eid_param_form_set_specs (form, NULL, 9);
  test_settle ();
  test_close (window);
}

/* Not 2.026120e+07, which would be taken for 20261200 when the person leaves the field. */
static void
a_large_number_keeps_its_digits (void)
{
  const EidParamSpec seed = { "Run", "seed", "int", "20261201", "1", 0, 4294967295, NULL, NULL, TRUE };
  GtkWidget *row = eid_param_row_new (&seed), *list = gtk_list_box_new (), *window, *spin;

  gtk_list_box_append (GTK_LIST_BOX (list), row);
  window = test_show (list, 480, 360);
  spin = test_find (row, "GtkSpinButton");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (spin)), ==, "20261201");
  gtk_spin_button_update (GTK_SPIN_BUTTON (spin));
  g_assert_cmpfloat (gtk_spin_button_get_value (GTK_SPIN_BUTTON (spin)), ==, 20261201);
  test_close (window);
}

static void
an_edited_value_can_be_reset (void)
{
  GtkWidget *row = eid_param_row_new (&specs[2]), *list = gtk_list_box_new (), *window, *reset;
  guint count = 0;

  gtk_list_box_append (GTK_LIST_BOX (list), row);
  window = test_show (list, 480, 360);
  g_signal_connect (row, "changed", G_CALLBACK (changed), &count);
  reset = gtk_widget_get_last_child (gtk_widget_get_first_child (row));
  reset = test_find (reset, "GtkButton");
  g_assert_true (gtk_widget_get_visible (reset));
  g_signal_emit_by_name (reset, "clicked");
  g_assert_cmpuint (count, ==, 1);
  g_assert_cmpstr (eid_param_row_get_value (EID_PARAM_ROW (row)), ==, "class");
  g_assert_false (gtk_widget_get_visible (reset));
  test_close (window);
}

static void
what_is_not_live_cannot_change_in_a_run (void)
{
  GtkWidget *fixed = eid_param_row_new (&specs[1]), *live = eid_param_row_new (&specs[0]), *window;
  GtkWidget *box = gtk_list_box_new (), *branch;
  guint count = 0;

  gtk_list_box_append (GTK_LIST_BOX (box), fixed);
  gtk_list_box_append (GTK_LIST_BOX (box), live);
  window = test_show (box, 480, 360);
  eid_param_row_set_running (EID_PARAM_ROW (fixed), TRUE);
  eid_param_row_set_running (EID_PARAM_ROW (live), TRUE);
  g_assert_false (gtk_widget_get_sensitive (test_find (fixed, "GtkSpinButton")));
  g_assert_true (gtk_widget_get_sensitive (test_find (live, "GtkSpinButton")));
  g_assert_nonnull (gtk_widget_get_tooltip_text (fixed));
  branch = gtk_widget_get_last_child (gtk_widget_get_last_child (gtk_widget_get_first_child (fixed)));
  g_assert_true (GTK_IS_BUTTON (branch) && gtk_widget_get_visible (branch));
  g_signal_connect (fixed, "branch", G_CALLBACK (branched), &count);
  g_signal_emit_by_name (branch, "clicked");
  g_assert_cmpuint (count, ==, 1);
  eid_param_row_set_running (EID_PARAM_ROW (fixed), FALSE);
  g_assert_true (gtk_widget_get_sensitive (test_find (fixed, "GtkSpinButton")));
  g_assert_false (gtk_widget_get_visible (branch));
  test_settle ();
  test_close (window);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    {
      g_printerr ("No display: skipped\n");
      return SKIP;
    }
  adw_init ();
  eid_ui_init ();
  g_test_add_func ("/ui/live/form", a_person_changes_and_a_setter_is_quiet);
  g_test_add_func ("/ui/live/form-digits", a_large_number_keeps_its_digits);
  g_test_add_func ("/ui/live/reset", an_edited_value_can_be_reset);
  g_test_add_func ("/ui/live/running", what_is_not_live_cannot_change_in_a_run);
  status = g_test_run ();
  g_free (last_change);
  return status;
}
