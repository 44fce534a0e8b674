/* param-form.c: EidParamForm, a table of parameters as groups of rows, one a section. */
#include "ui/ui.h"

#include <string.h>

struct _EidParamForm
{
  GtkWidget parent;
  GPtrArray *rows; /* EidParamRow, in the table's order */
  char *shape;     /* the table without its values      */
  gboolean running;
};

G_DEFINE_FINAL_TYPE (EidParamForm, eid_param_form, GTK_TYPE_WIDGET)

enum
{
  CHANGED,
  BRANCH,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
remove_rows (EidParamForm *self)
{
  GtkWidget *child;

  g_ptr_array_set_size (self->rows, 0);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
}

static void
eid_param_form_dispose (GObject *object)
{
  remove_rows (EID_PARAM_FORM (object));
  G_OBJECT_CLASS (eid_param_form_parent_class)->dispose (object);
}

static void
eid_param_form_finalize (GObject *object)
{
  g_ptr_array_unref (EID_PARAM_FORM (object)->rows);
  g_free (EID_PARAM_FORM (object)->shape);
  G_OBJECT_CLASS (eid_param_form_parent_class)->finalize (object);
}

static void
eid_param_form_class_init (EidParamFormClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = eid_param_form_dispose;
  G_OBJECT_CLASS (klass)->finalize = eid_param_form_finalize;
  signals[CHANGED] = g_signal_new ("changed", EID_TYPE_PARAM_FORM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  signals[BRANCH] = g_signal_new ("branch", EID_TYPE_PARAM_FORM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "eidparamform");
}

static void
eid_param_form_init (EidParamForm *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 18);
  self->rows = g_ptr_array_new ();
}

GtkWidget *
eid_param_form_new (void)
{
  return g_object_new (EID_TYPE_PARAM_FORM, NULL);
}

static void
row_changed (EidParamRow *row, const char *section, const char *key, const char *value, EidParamForm *self)
{
  g_signal_emit (self, signals[CHANGED], 0, section, key, value);
}

static void
row_branch (EidParamRow *row, const char *section, const char *key, EidParamForm *self)
{
  g_signal_emit (self, signals[BRANCH], 0, section, key);
}

/* Everything of the table but the values: two tables of one shape have the same rows. */
static char *
shape_of (const EidParamSpec *specs, gsize n)
{
  GString *shape = g_string_new (NULL);

  for (gsize i = 0; i < n; i++)
    {
      const EidParamSpec *spec = &specs[i];

      g_string_append_printf (shape, "%s\n%s\n%s\n%s\n%g %g %d\n%s\n", spec->section ? spec->section : "",
                              spec->key ? spec->key : "", spec->type ? spec->type : "",
                              spec->default_value ? spec->default_value : "", spec->min, spec->max,
                              spec->live, spec->doc ? spec->doc : "");
      for (gsize k = 0; spec->choices && spec->choices[k]; k++)
        g_string_append_printf (shape, "|%s", spec->choices[k]);
    }
  return g_string_free (shape, FALSE);
}

static AdwPreferencesGroup *
add_group (EidParamForm *self, const char *section)
{
  GtkWidget *group = adw_preferences_group_new ();
  g_autofree char *title = g_markup_escape_text (section, -1);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  gtk_widget_set_parent (group, GTK_WIDGET (self));
  return ADW_PREFERENCES_GROUP (group);
}

void
eid_param_form_set_specs (EidParamForm *self, const EidParamSpec *specs, gsize n)
{
  g_autofree char *shape = NULL;
  g_autoptr (GHashTable) groups = NULL;

  g_return_if_fail (EID_IS_PARAM_FORM (self));
  if (!specs)
    n = 0;
  shape = shape_of (specs, n);
  if (self->shape && strcmp (shape, self->shape) == 0)
    {
      for (gsize i = 0; i < n; i++)
        eid_param_row_set_value (self->rows->pdata[i], specs[i].value);
      return;
    }

  remove_rows (self);
  g_free (self->shape);
  self->shape = g_steal_pointer (&shape);
  groups = g_hash_table_new (g_str_hash, g_str_equal);
  for (gsize i = 0; i < n; i++)
    {
      const char *section = specs[i].section ? specs[i].section : "";
      AdwPreferencesGroup *group = g_hash_table_lookup (groups, section);
      GtkWidget *row = eid_param_row_new (&specs[i]);

      if (!group)
        {
          group = add_group (self, section);
          g_hash_table_insert (groups, (gpointer) section, group);
        }
      eid_param_row_set_running (EID_PARAM_ROW (row), self->running);
      g_signal_connect (row, "changed", G_CALLBACK (row_changed), self);
      g_signal_connect (row, "branch", G_CALLBACK (row_branch), self);
      adw_preferences_group_add (group, row);
      g_ptr_array_add (self->rows, row);
    }
}

static EidParamRow *
find_row (EidParamForm *self, const char *section, const char *key)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      EidParamRow *row = self->rows->pdata[i];

      if (g_strcmp0 (eid_param_row_get_section (row), section) == 0
          && g_strcmp0 (eid_param_row_get_key (row), key) == 0)
        return row;
    }
  return NULL;
}

void
eid_param_form_set_value (EidParamForm *self, const char *section, const char *key, const char *value)
{
  EidParamRow *row;

  g_return_if_fail (EID_IS_PARAM_FORM (self));
  row = find_row (self, section, key);
  if (row)
    eid_param_row_set_value (row, value);
}

const char *
eid_param_form_get_value (EidParamForm *self, const char *section, const char *key)
{
  EidParamRow *row;

  g_return_val_if_fail (EID_IS_PARAM_FORM (self), NULL);
  row = find_row (self, section, key);
  return row ? eid_param_row_get_value (row) : NULL;
}

gboolean
eid_param_form_focus (EidParamForm *self, const char *section, const char *key)
{
  EidParamRow *row;

  g_return_val_if_fail (EID_IS_PARAM_FORM (self), FALSE);
  row = find_row (self, section, key);
  return row && eid_param_row_focus (row);
}

void
eid_param_form_set_running (EidParamForm *self, gboolean running)
{
  g_return_if_fail (EID_IS_PARAM_FORM (self));
  self->running = running;
  for (guint i = 0; i < self->rows->len; i++)
    eid_param_row_set_running (self->rows->pdata[i], running);
}
