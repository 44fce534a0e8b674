/* suggestion-row.c: EidProposalRow, one of several ways to begin: its name, a line on why,
 * how long it takes, and a button that begins with it.
 */
#include "ui/ui.h"

#include <glib/gi18n-lib.h>

struct _EidProposalRow
{
  GtkListBoxRow parent;

  GtkWidget *mark, *start;
  GtkLabel *estimate;
  GtkSpinner *spinner;
  char *title;
};

G_DEFINE_FINAL_TYPE (EidProposalRow, eid_proposal_row, GTK_TYPE_LIST_BOX_ROW)

enum
{
  START,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
on_clicked (EidProposalRow *self)
{
  g_signal_emit (self, signals[START], 0);
}

/* Transparent rather than gone: the rows keep their shape. */
static void
on_state_changed (EidProposalRow *self)
{
  gtk_widget_set_opacity (self->mark, gtk_list_box_row_is_selected (GTK_LIST_BOX_ROW (self)) ? 1 : 0);
}

static void
eid_proposal_row_finalize (GObject *object)
{
  g_free (EID_PROPOSAL_ROW (object)->title);
  G_OBJECT_CLASS (eid_proposal_row_parent_class)->finalize (object);
}

static void
eid_proposal_row_class_init (EidProposalRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = eid_proposal_row_finalize;
  signals[START] =
      g_signal_new ("start", EID_TYPE_PROPOSAL_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GtkLabel *
make_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, css_class);
  return GTK_LABEL (label);
}

static void
eid_proposal_row_init (EidProposalRow *self)
{
  self->mark = gtk_image_new_from_icon_name ("object-select-symbolic");
  gtk_widget_set_opacity (self->mark, 0);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->mark), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  self->start = gtk_button_new_with_label (_ ("Start"));
  gtk_widget_set_valign (self->start, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->start, "clicked", G_CALLBACK (on_clicked), self);
  self->spinner = GTK_SPINNER (gtk_spinner_new ());
  g_signal_connect (self, "state-flags-changed", G_CALLBACK (on_state_changed), NULL);
}

GtkWidget *
eid_proposal_row_new (const char *title, const char *reason)
{
  EidProposalRow *self = g_object_new (EID_TYPE_PROPOSAL_ROW, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12),
            *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3),
            *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkLabel *why = make_label (reason, "caption");
  g_autofree char *start = g_strdup_printf (_ ("Start %s"), title);

  self->title = g_strdup (title);
  self->estimate = make_label ("", "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->estimate), "eid-estimate");
  gtk_widget_add_css_class (GTK_WIDGET (why), "dim-label");
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->spinner));
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->estimate));
  gtk_box_append (GTK_BOX (words), GTK_WIDGET (make_label (title, "heading")));
  gtk_box_append (GTK_BOX (words), GTK_WIDGET (why));
  gtk_box_append (GTK_BOX (words), foot);
  gtk_box_append (GTK_BOX (box), self->mark);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), self->start);
  gtk_widget_add_css_class (box, "eid-proposal");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  eid_button_set_name (self->start, start);
  eid_proposal_row_set_estimate (self, "", FALSE);
  return GTK_WIDGET (self);
}

void
eid_proposal_row_set_estimate (EidProposalRow *self, const char *text, gboolean waiting)
{
  g_return_if_fail (EID_IS_PROPOSAL_ROW (self));
  gtk_label_set_label (self->estimate, text);
  gtk_spinner_set_spinning (self->spinner, waiting);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), waiting);
  gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (self->estimate)), waiting || *text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

void
eid_proposal_row_set_can_start (EidProposalRow *self, gboolean can)
{
  g_return_if_fail (EID_IS_PROPOSAL_ROW (self));
  gtk_widget_set_sensitive (self->start, can);
}
