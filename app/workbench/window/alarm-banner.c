/* alarm-banner.c: see alarm-banner.h. */
#include "app/workbench/window/alarm-banner.h"

#include <glib/gi18n.h>

#include "ui/ui.h"

struct _EidAlarmBanner
{
  AdwBin parent_instance;

  GtkRevealer *revealer;
  GtkLabel *title, *sentence;
  GtkButton *button;
  char *section, *key; /* of the cure */
};

G_DEFINE_FINAL_TYPE (EidAlarmBanner, eid_alarm_banner, ADW_TYPE_BIN)

static guint cure_signal;

static const char *
way_in_words (const char *way)
{
  static const struct
  {
    const char *way, *words;
  } ways[] = { { "higher", N_ ("higher") }, { "lower", N_ ("lower") }, { "true", N_ ("on") } };

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    if (g_str_equal (ways[i].way, way))
      return _ (ways[i].words);
  return way;
}

/* "Likely to help: Center momentum (lower), Learning rate (lower).", in the words of the side bar.
 * The first is the button's.                                                 */
static char *
read_cures (EidAlarmBanner *self, GVariant *cures)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GVariantIter iter;
  const char *section, *key, *way;
  char *words;

  g_clear_pointer (&self->section, g_free);
  g_clear_pointer (&self->key, g_free);
  if (cures == NULL)
    return g_strdup ("");
  g_variant_iter_init (&iter, cures);
  while (g_variant_iter_next (&iter, "(&s&s&s)", &section, &key, &way))
    {
      if (self->key == NULL)
        {
          self->section = g_strdup (section);
          self->key = g_strdup (key);
        }
      words = eid_param_key_in_words (key);
      g_string_append_printf (text, "%s%s (%s)", text->len > 0 ? ", " : "", words, way_in_words (way));
      g_free (words);
    }
  return text->len > 0 ? g_strdup_printf (_ (" Likely to help: %s."), text->str) : g_strdup ("");
}

void
eid_alarm_banner_set (EidAlarmBanner *self, const EidVerdictReport *report)
{
  g_autofree char *cures = NULL, *sentence = NULL, *setting = NULL, *button = NULL, *name = NULL;

  if (report->healthy)
    {
      eid_alarm_banner_clear (self);
      return;
    }
  cures = read_cures (self, report->cures);
  sentence = g_strconcat (report->evidence, cures, NULL);
  setting = self->key ? eid_param_key_in_words (self->key) : NULL;
  button = setting ? g_strdup_printf (_ ("Show %s"), setting) : g_strdup ("");
  name = g_strdup_printf ("%s: %s", report->title, sentence);
  gtk_label_set_label (self->title, report->title);
  /* The evidence stands in the health line; here is what to do about it. */
  gtk_label_set_label (self->sentence, *cures ? g_strchug (cures) : report->evidence);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->sentence), report->evidence);
  gtk_button_set_label (self->button, button);
  gtk_widget_set_visible (GTK_WIDGET (self->button), self->key != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
}

void
eid_alarm_banner_clear (EidAlarmBanner *self)
{
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
  gtk_accessible_reset_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

static void
on_clicked (EidAlarmBanner *self)
{
  if (self->key)
    g_signal_emit (self, cure_signal, 0, self->section, self->key);
}

static void
eid_alarm_banner_finalize (GObject *object)
{
  g_free (EID_ALARM_BANNER (object)->section);
  g_free (EID_ALARM_BANNER (object)->key);
  G_OBJECT_CLASS (eid_alarm_banner_parent_class)->finalize (object);
}

static void
eid_alarm_banner_class_init (EidAlarmBannerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = eid_alarm_banner_finalize;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_ALERT);
  cure_signal = g_signal_new ("cure", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
eid_alarm_banner_init (EidAlarmBanner *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *icon = gtk_image_new_from_icon_name ("eid-health-warning-symbolic");

  self->revealer = GTK_REVEALER (gtk_revealer_new ());
  self->title = GTK_LABEL (gtk_label_new (NULL));
  self->sentence = GTK_LABEL (gtk_label_new (NULL));
  self->button = GTK_BUTTON (gtk_button_new ());
  gtk_accessible_update_state (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_widget_add_css_class (icon, "warning");
  gtk_widget_add_css_class (GTK_WIDGET (self->title), "heading");
  gtk_widget_add_css_class (GTK_WIDGET (self->sentence), "numeric");
  gtk_label_set_xalign (self->title, 0);
  gtk_label_set_xalign (self->sentence, 0);
  gtk_label_set_wrap (self->sentence, TRUE);
  gtk_label_set_wrap_mode (self->sentence, PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (GTK_WIDGET (self->button), GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (words), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (words), GTK_WIDGET (self->sentence));
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->button));
  gtk_widget_add_css_class (box, "eid-alarm");
  gtk_revealer_set_child (self->revealer, box);
  gtk_revealer_set_transition_duration (self->revealer, 150);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->revealer));
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (on_clicked), self);
  eid_alarm_banner_clear (self);
}
