/* health-line.c: EidHealthLine, one sentence on how the run fares: icon, word and colour
 * say the level, a button opens the cure.
 */
#include "ui/ui.h"

#include <glib/gi18n-lib.h>

struct _EidHealthLine
{
  GtkWidget parent;
  GtkWidget *icon, *word, *sentence, *button;
};

G_DEFINE_FINAL_TYPE (EidHealthLine, eid_health_line, GTK_TYPE_WIDGET)

enum
{
  ACTION,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static const struct
{
  const char *word, *icon, *style;
} levels[] = {
  [EID_HEALTH_GOOD] = { N_ ("Healthy"), "eid-health-good-symbolic", "success" },
  [EID_HEALTH_NOTICE] = { N_ ("Notice"), "eid-health-notice-symbolic", "accent" },
  [EID_HEALTH_WARNING] = { N_ ("Warning"), "eid-health-warning-symbolic", "warning" },
  [EID_HEALTH_ERROR] = { N_ ("Error"), "eid-health-error-symbolic", "error" },
};

static void
pressed (EidHealthLine *self)
{
  g_signal_emit (self, signals[ACTION], 0);
}

static void
eid_health_line_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (eid_health_line_parent_class)->dispose (object);
}

static void
eid_health_line_class_init (EidHealthLineClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = eid_health_line_dispose;
  signals[ACTION] =
      g_signal_new ("action", EID_TYPE_HEALTH_LINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "eidhealthline");
  /* Not STATUS: GTK 4.18 gives that role no name, whatever its label is. */
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
eid_health_line_init (EidHealthLine *self)
{
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self))), 6);
  self->icon = gtk_image_new ();
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  self->word = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->word, "heading");
  self->sentence = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->sentence, "numeric");
  gtk_label_set_xalign (GTK_LABEL (self->sentence), 0);
  /* A remedy that is cut off helps nobody: long sentences take a second and a third line. */
  gtk_label_set_wrap (GTK_LABEL (self->sentence), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->sentence), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_ellipsize (GTK_LABEL (self->sentence), PANGO_ELLIPSIZE_END);
  gtk_label_set_lines (GTK_LABEL (self->sentence), 3);
  gtk_widget_set_hexpand (self->sentence, TRUE);
  self->button = gtk_button_new ();
  gtk_widget_set_valign (self->button, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (pressed), self);
  gtk_widget_set_parent (self->icon, GTK_WIDGET (self));
  gtk_widget_set_parent (self->word, GTK_WIDGET (self));
  gtk_widget_set_parent (self->sentence, GTK_WIDGET (self));
  gtk_widget_set_parent (self->button, GTK_WIDGET (self));
  eid_health_line_clear (self);
}

GtkWidget *
eid_health_line_new (void)
{
  return g_object_new (EID_TYPE_HEALTH_LINE, NULL);
}

void
eid_health_line_set (EidHealthLine *self, EidHealthLevel level, const char *sentence, const char *action)
{
  g_autofree char *name = NULL;

  g_return_if_fail (EID_IS_HEALTH_LINE (self));
  g_return_if_fail ((guint) level < G_N_ELEMENTS (levels));
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      gtk_widget_remove_css_class (self->icon, levels[i].style);
      gtk_widget_remove_css_class (self->word, levels[i].style);
    }
  gtk_widget_add_css_class (self->icon, levels[level].style);
  gtk_widget_add_css_class (self->word, levels[level].style);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), levels[level].icon);
  gtk_label_set_text (GTK_LABEL (self->word), _ (levels[level].word));
  gtk_label_set_text (GTK_LABEL (self->sentence), sentence ? sentence : "");
  gtk_widget_set_tooltip_text (self->sentence, sentence);
  gtk_widget_set_visible (self->icon, TRUE);
  gtk_widget_set_visible (self->word, TRUE);
  gtk_button_set_label (GTK_BUTTON (self->button), action ? action : "");
  gtk_widget_set_visible (self->button, action != NULL);
  name = g_strdup_printf ("%s: %s", _ (levels[level].word), sentence ? sentence : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

void
eid_health_line_clear (EidHealthLine *self)
{
  g_return_if_fail (EID_IS_HEALTH_LINE (self));
  gtk_label_set_text (GTK_LABEL (self->sentence), "");
  gtk_widget_set_visible (self->icon, FALSE);
  gtk_widget_set_visible (self->word, FALSE);
  gtk_widget_set_visible (self->button, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Health"), -1);
}
