/* sidebar.c: the form over the recipe; see sidebar.h. */
#include "app/workbench/window/sidebar.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/store/store.h"
#include "ui/ui.h"

#include "app/workbench/client/inventory.h"

/* The sections as a person reads them, in the order in which they are shown. */
static const struct
{
  const char *section, *heading, *plugin_kind;
  gboolean expanded;
} sections[] = {
  { "Dataset", N_ ("Data"), NULL, FALSE },
  { "Encoder", N_ ("Encoder"), "encoder", TRUE },
  { "Objective", N_ ("Objective"), "objective", TRUE },
  { "Augment", N_ ("Augment"), NULL, FALSE },
  { "Optimizer", N_ ("Optimiser"), NULL, TRUE },
  { "Run", N_ ("Run"), NULL, FALSE },
  { "Evaluate", N_ ("Evaluation"), NULL, FALSE },
};

enum
{
  N_SECTIONS = G_N_ELEMENTS (sections)
};

struct _EidSidebar
{
  AdwBin parent_instance;

  GtkWidget *empty; /* said while there is no draft */
  GtkBox *box;
  GtkExpander *expanders[N_SECTIONS];
  EidParamForm *forms[N_SECTIONS];
  GtkLabel *complaints[N_SECTIONS];
  GPtrArray *plugins;
  EidDraft *draft;
  gboolean running;
  guint refill;
};

enum
{
  EDITED,
  SET,
  BRANCH,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EidSidebar, eid_sidebar, ADW_TYPE_BIN)

static const char *const type_names[] = {
  [EID_RECIPE_INT] = "int",       [EID_RECIPE_FLOAT] = "float", [EID_RECIPE_BOOL] = "bool",
  [EID_RECIPE_CHOICE] = "choice", [EID_RECIPE_TEXT] = "text",
};

/* The rows and the strings that they point to. */
typedef struct
{
  GArray *specs; /* EidParamSpec */
  GPtrArray *strings, *vectors;
} Table;

static const char *
keep (Table *table, char *string)
{
  g_ptr_array_add (table->strings, string);
  return string;
}

static const char *
value_of (EidSidebar *self, Table *table, const char *section, const char *key, const char *otherwise)
{
  char *value = eid_draft_get (self->draft, section, key);
  return value ? keep (table, value) : otherwise;
}

static gboolean
reads_text (EidSidebar *self)
{
  g_autofree char *reader = self->draft ? eid_draft_get (self->draft, "Dataset", "reader") : NULL;

  return g_strcmp0 (reader, "text") == 0;
}

/* "Encoder: vision transformer": the plugins of a kind by their titles. */
static void
add_plugin_choice (EidSidebar *self, Table *table, guint section, const EidPluginInfo *chosen)
{
  GPtrArray *titles = g_ptr_array_new ();
  const char *doc = !g_str_equal (sections[section].section, "Encoder")
                        ? _ ("What the features are trained for.")
                    : reads_text (self) ? _ ("The network that turns text into features.")
                                        : _ ("The network that turns a picture into features.");
  EidParamSpec spec = { .section = "", .key = "plugin", .type = "choice", .doc = doc };

  if (chosen && *chosen->source)
    /* TRANSLATORS: what it is, then the paper it is from. */
    spec.doc = keep (table, g_strdup_printf (_ ("%s From %s."), doc, chosen->source));

  for (guint i = 0; i < self->plugins->len; i++)
    {
      const EidPluginInfo *plugin = g_ptr_array_index (self->plugins, i);
      if (*plugin->refused == '\0' && g_str_equal (plugin->kind, sections[section].plugin_kind))
        g_ptr_array_add (titles, (char *) eid_plugin_info_title (plugin));
    }
  g_ptr_array_add (titles, NULL);
  g_ptr_array_add (table->vectors, titles);
  spec.choices = (const char *const *) titles->pdata;
  spec.value = chosen ? eid_plugin_info_title (chosen) : "";
  g_array_append_val (table->specs, spec);
}

static void
add_plugin_params (EidSidebar *self, Table *table, guint section, const EidPluginInfo *plugin)
{
  for (guint i = 0; i < plugin->params->len; i++)
    {
      const EidParamInfo *param = g_ptr_array_index (plugin->params, i);
      EidParamSpec spec = { .section = "",
                            .key = param->key,
                            .type = param->type,
                            .value =
                                value_of (self, table, sections[section].section, param->key, param->value),
                            .default_value = param->value,
                            .min = param->min,
                            .max = param->max,
                            .choices = (const char *const *) param->choices,
                            .doc = param->doc,
                            .live = param->live };
      g_array_append_val (table->specs, spec);
    }
}

static void
add_recipe_keys (EidSidebar *self, Table *table, guint section)
{
  guint count;
  const EidRecipeKey *keys = eid_recipe_keys (&count);

  for (guint i = 0; i < count; i++)
    {
      EidParamSpec spec = { .section = "",
                            .key = keys[i].key,
                            .type = type_names[keys[i].type],
                            .default_value = keys[i].value,
                            .min = keys[i].min,
                            .max = keys[i].max,
                            .doc = _ (keys[i].doc),
                            .live = keys[i].live };
      if (!g_str_equal (keys[i].section, sections[section].section))
        continue;
      spec.value = value_of (self, table, keys[i].section, keys[i].key, keys[i].value ? keys[i].value : "");
      if (keys[i].choices)
        {
          char **choices = g_strsplit (keys[i].choices, "|", -1);
          GPtrArray *vector = g_ptr_array_new_with_free_func (g_free);
          for (guint c = 0; choices[c]; c++)
            g_ptr_array_add (vector, choices[c]);
          g_ptr_array_add (vector, NULL);
          g_free (choices);
          g_ptr_array_add (table->vectors, vector);
          spec.choices = (const char *const *) vector->pdata;
        }
      g_array_append_val (table->specs, spec);
    }
}

static Table
make_table (EidSidebar *self, guint section)
{
  Table table = { g_array_new (FALSE, TRUE, sizeof (EidParamSpec)), g_ptr_array_new_with_free_func (g_free),
                  g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref) };

  if (sections[section].plugin_kind)
    {
      g_autofree char *id = eid_draft_get (self->draft, sections[section].section, "plugin");
      const EidPluginInfo *plugin = eid_catalogue_find (self->plugins, sections[section].plugin_kind, id);
      add_plugin_choice (self, &table, section, plugin);
      if (plugin)
        add_plugin_params (self, &table, section, plugin);
    }
  else
    add_recipe_keys (self, &table, section);
  return table;
}

static void
table_clear (Table *table)
{
  g_array_unref (table->specs);
  g_ptr_array_unref (table->strings);
  g_ptr_array_unref (table->vectors);
}

static void
fill_section (EidSidebar *self, guint section)
{
  Table table = make_table (self, section);

  eid_param_form_set_specs (self->forms[section], (const EidParamSpec *) table.specs->data, table.specs->len);
  eid_param_form_set_running (self->forms[section], self->running);
  table_clear (&table);
}

GtkWidget *
eid_sidebar_make_row (EidSidebar *self, const char *section, const char *key)
{
  GtkWidget *row = NULL;

  for (guint i = 0; self->draft && self->plugins && i < N_SECTIONS && row == NULL; i++)
    if (g_str_equal (sections[i].section, section))
      {
        Table table = make_table (self, i);

        for (guint s = 0; s < table.specs->len && row == NULL; s++)
          if (g_str_equal (g_array_index (table.specs, EidParamSpec, s).key, key))
            row = eid_param_row_new (&g_array_index (table.specs, EidParamSpec, s));
        table_clear (&table);
      }
  return row;
}

/* Nothing of text is augmented. */
static void
offer_augment (EidSidebar *self)
{
  for (guint i = 0; i < N_SECTIONS; i++)
    if (g_str_equal (sections[i].section, "Augment"))
      gtk_widget_set_visible (GTK_WIDGET (self->expanders[i]), !reads_text (self));
}

static void
fill (EidSidebar *self)
{
  const gboolean ready = self->draft && self->plugins;

  gtk_widget_set_visible (self->empty, !ready);
  gtk_widget_set_visible (GTK_WIDGET (self->box), ready);
  for (guint i = 0; ready && i < N_SECTIONS; i++)
    fill_section (self, i);
  offer_augment (self);
}

static gboolean
fill_later (gpointer data)
{
  EidSidebar *self = data;

  self->refill = 0;
  fill (self);
  return G_SOURCE_REMOVE;
}

static guint
section_of_form (EidSidebar *self, EidParamForm *form)
{
  guint i = 0;

  while (self->forms[i] != form)
    i++;
  return i;
}

static void
on_changed (EidSidebar *self, const char *heading, const char *key, const char *value, EidParamForm *form)
{
  const guint i = section_of_form (self, form);

  if (self->draft == NULL)
    return;
  if (sections[i].plugin_kind && g_str_equal (key, "plugin"))
    {
      const EidPluginInfo *plugin = eid_catalogue_find_title (self->plugins, sections[i].plugin_kind, value);
      if (plugin == NULL)
        return;
      eid_draft_set_plugin (self->draft, sections[i].section, plugin->id);
      /* Not from within the row that is to go. */
      if (self->refill == 0)
        self->refill = g_idle_add (fill_later, self);
    }
  else
    eid_draft_set (self->draft, sections[i].section, key, value);
  offer_augment (self);
  if (self->running)
    g_signal_emit (self, signals[SET], 0, sections[i].section, key, value);
  else
    g_signal_emit (self, signals[EDITED], 0);
}

static void
on_branch (EidSidebar *self, const char *heading, const char *key, EidParamForm *form)
{
  g_signal_emit (self, signals[BRANCH], 0, sections[section_of_form (self, form)].section, key);
}

void
eid_sidebar_set_plugins (EidSidebar *self, GPtrArray *plugins)
{
  g_clear_pointer (&self->plugins, g_ptr_array_unref);
  self->plugins = plugins ? g_ptr_array_ref (plugins) : NULL;
  fill (self);
}

void
eid_sidebar_set_draft (EidSidebar *self, EidDraft *draft)
{
  self->draft = draft;
  fill (self);
}

void
eid_sidebar_set_running (EidSidebar *self, gboolean running)
{
  self->running = running;
  for (guint i = 0; i < N_SECTIONS; i++)
    eid_param_form_set_running (self->forms[i], running);
}

void
eid_sidebar_complain (EidSidebar *self, const char *sentence)
{
  /* Past the place in the text, which nobody here has seen. */
  const char *words = sentence ? strchr (sentence, '[') : NULL;

  for (guint i = 0; i < N_SECTIONS; i++)
    {
      g_autofree char *mark = g_strdup_printf ("[%s]", sections[i].section);
      const gboolean here = words && g_str_has_prefix (words, mark);

      gtk_label_set_label (self->complaints[i], here ? words : "");
      gtk_widget_set_visible (GTK_WIDGET (self->complaints[i]), here);
      if (here)
        gtk_expander_set_expanded (self->expanders[i], TRUE);
    }
}

void
eid_sidebar_show_key (EidSidebar *self, const char *section, const char *key)
{
  for (guint i = 0; i < N_SECTIONS; i++)
    if (g_str_equal (sections[i].section, section))
      {
        gtk_expander_set_expanded (self->expanders[i], TRUE);
        eid_param_form_focus (self->forms[i], "", key);
      }
}

static void
eid_sidebar_dispose (GObject *object)
{
  EidSidebar *self = EID_SIDEBAR (object);

  g_clear_handle_id (&self->refill, g_source_remove);
  g_clear_pointer (&self->plugins, g_ptr_array_unref);
  G_OBJECT_CLASS (eid_sidebar_parent_class)->dispose (object);
}

static void
eid_sidebar_class_init (EidSidebarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GType type = G_TYPE_FROM_CLASS (klass), text = G_TYPE_STRING;

  G_OBJECT_CLASS (klass)->dispose = eid_sidebar_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/eidoscope/Workbench/sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, EidSidebar, empty);
  gtk_widget_class_bind_template_child (widget_class, EidSidebar, box);

  signals[EDITED] = g_signal_new ("edited", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SET] =
      g_signal_new ("set", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, text, text, text);
  signals[BRANCH] =
      g_signal_new ("branch", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, text, text);
}

static GtkWidget *
make_section (EidSidebar *self, guint section)
{
  GtkWidget *expander = gtk_expander_new (NULL), *heading = gtk_label_new (_ (sections[section].heading));
  GtkWidget *form = eid_param_form_new (), *complaint = gtk_label_new (NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_add_css_class (heading, "heading");
  gtk_expander_set_label_widget (GTK_EXPANDER (expander), heading);
  gtk_expander_set_expanded (GTK_EXPANDER (expander), sections[section].expanded);
  gtk_accessible_update_property (GTK_ACCESSIBLE (expander), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (sections[section].heading), -1);
  gtk_widget_set_margin_top (form, 6);
  gtk_widget_set_margin_bottom (form, 6);
  gtk_label_set_wrap (GTK_LABEL (complaint), TRUE);
  gtk_label_set_xalign (GTK_LABEL (complaint), 0);
  gtk_widget_set_margin_top (complaint, 6);
  gtk_widget_add_css_class (complaint, "error");
  gtk_widget_set_visible (complaint, FALSE);
  gtk_box_append (GTK_BOX (box), complaint);
  gtk_box_append (GTK_BOX (box), form);
  gtk_expander_set_child (GTK_EXPANDER (expander), box);
  self->complaints[section] = GTK_LABEL (complaint);
  self->expanders[section] = GTK_EXPANDER (expander);
  self->forms[section] = EID_PARAM_FORM (form);
  g_signal_connect_object (form, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (form, "branch", G_CALLBACK (on_branch), self, G_CONNECT_SWAPPED);
  return expander;
}

static void
eid_sidebar_init (EidSidebar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < N_SECTIONS; i++)
    gtk_box_append (self->box, make_section (self, i));
  fill (self);
}
