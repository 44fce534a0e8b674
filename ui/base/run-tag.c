/* run-tag.c: EidRunTag, which of two compared runs something is of: a sign in the run's colour,
 * its letter, and its name.
 */
#include "ui/ui.h"

#include <glib/gi18n-lib.h>

#include "ui/base/draw.h"

struct _EidRunTag
{
  GtkWidget parent;

  GtkWidget *sign, *name;
  guint run;
};

G_DEFINE_FINAL_TYPE (EidRunTag, eid_run_tag, GTK_TYPE_WIDGET)

/* Blue and orange; the signs differ too, for whoever does not tell the colours. */
static const struct
{
  const char *letter, *sign;
  guint slot;
} runs[EID_RUNS] = {
  /* Translators: what two runs are called that are shown beside one another. */
  { N_ ("A"), "●", 5 },
  { N_ ("B"), "◆", 1 },
};

const char *
eid_run_letter (guint run)
{
  return _ (runs[run % EID_RUNS].letter);
}

guint
eid_run_slot (guint run)
{
  return runs[run % EID_RUNS].slot;
}

static void
paint (EidRunTag *self)
{
  const gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  const GdkRGBA colour = eid_category_colour (runs[self->run].slot, dark);
  g_autofree char *markup =
      g_strdup_printf ("<span foreground=\"#%02x%02x%02x\">%s</span> <b>%s</b>", (guint) (colour.red * 255),
                       (guint) (colour.green * 255), (guint) (colour.blue * 255), runs[self->run].sign,
                       eid_run_letter (self->run));

  gtk_label_set_markup (GTK_LABEL (self->sign), markup);
}

static void
eid_run_tag_dispose (GObject *object)
{
  EidRunTag *self = EID_RUN_TAG (object);

  g_clear_pointer (&self->sign, gtk_widget_unparent);
  g_clear_pointer (&self->name, gtk_widget_unparent);
  G_OBJECT_CLASS (eid_run_tag_parent_class)->dispose (object);
}

static void
eid_run_tag_class_init (EidRunTagClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = eid_run_tag_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "eidruntag");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
eid_run_tag_init (EidRunTag *self)
{
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self))), 6);
  self->sign = gtk_label_new (NULL);
  self->name = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->name), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (self->name), 0);
  gtk_widget_set_parent (self->sign, GTK_WIDGET (self));
  gtk_widget_set_parent (self->name, GTK_WIDGET (self));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (paint), self,
                           G_CONNECT_SWAPPED);
  paint (self);
}

GtkWidget *
eid_run_tag_new (void)
{
  return g_object_new (EID_TYPE_RUN_TAG, NULL);
}

void
eid_run_tag_set (EidRunTag *self, guint run, const char *name)
{
  g_autofree char *text = name ? g_strdup_printf ("%s: %s", eid_run_letter (run), name) : NULL;

  g_return_if_fail (EID_IS_RUN_TAG (self));
  self->run = run % EID_RUNS;
  gtk_label_set_label (GTK_LABEL (self->name), name ? name : "");
  gtk_widget_set_visible (self->name, name != NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text ? text : eid_run_letter (run), -1);
  paint (self);
}
