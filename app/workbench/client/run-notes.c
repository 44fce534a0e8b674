/* run-notes.c: see run-notes.h. */
#include "app/workbench/client/run-notes.h"

#include <glib/gi18n.h>

#include "ui/ui.h"

struct _EidRunNotes
{
  GtkBox parent_instance;

  GtkLabel *text;
};

G_DEFINE_FINAL_TYPE (EidRunNotes, eid_run_notes, GTK_TYPE_BOX)

/* @letter: of the run, where there are two; else NULL. */
static void
add (GString *text, const EidChronicle *chronicle, const char *letter)
{
  g_autoptr (GPtrArray) notes = chronicle ? eid_chronicle_notes (chronicle) : NULL;

  for (guint i = 0; notes && i < notes->len; i++)
    g_string_append_printf (text, "%s%s%s%s", text->len > 0 ? "\n" : "", letter ? letter : "",
                            letter ? ": " : "", (const char *) notes->pdata[i]);
}

void
eid_run_notes_show (EidRunNotes *self, const EidChronicle *first, const EidChronicle *second)
{
  g_autoptr (GString) text = g_string_new (NULL);

  add (text, first, second ? eid_run_letter (0) : NULL);
  add (text, second, eid_run_letter (1));
  gtk_label_set_label (self->text, text->str);
  gtk_widget_set_visible (GTK_WIDGET (self), text->len > 0);
}

static void
eid_run_notes_class_init (EidRunNotesClass *klass)
{
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
eid_run_notes_init (EidRunNotes *self)
{
  GtkWidget *title = gtk_label_new (_ ("About This Run")), *text = gtk_label_new ("");

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 6);
  gtk_widget_set_margin_start (GTK_WIDGET (self), 12);
  gtk_widget_set_margin_end (GTK_WIDGET (self), 12);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self), 12);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "heading");
  self->text = GTK_LABEL (text);
  gtk_label_set_xalign (self->text, 0);
  gtk_label_set_wrap (self->text, TRUE);
  gtk_label_set_wrap_mode (self->text, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (self->text, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("About This Run"),
                                  -1);
  gtk_box_append (GTK_BOX (self), title);
  gtk_box_append (GTK_BOX (self), text);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
eid_run_notes_new (void)
{
  return g_object_new (EID_TYPE_RUN_NOTES, NULL);
}
