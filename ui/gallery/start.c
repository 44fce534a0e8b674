/* start.c: the rows of proposals as the gallery shows them: with its time,
 * being measured, and not measured yet; and the controls at a page's foot.   */
#include "ui/gallery/gallery.h"

GtkWidget *
eid_gallery_start (void)
{
  static const struct
  {
    const char *title, *reason, *estimate;
    gboolean waiting;
  } rows[] = {
    { "Masked autoencoder · Vision transformer",
      "Paints hidden parts of a picture: needs no labels and no large batch",
      "First picture in 3 s, a useful one in 8 s, all steps in 51 s; measured on this device just now",
      FALSE },
    { "DINO · Vision transformer", "Learns from a slow copy of itself", "Measuring how long it takes", TRUE },
    { "SimCLR · Residual network", "Tells two crops of a picture from all other pictures", "", FALSE },
  };
  GtkWidget *list = gtk_list_box_new (), *clamp = adw_clamp_new ();

  gtk_widget_add_css_class (list, "boxed-list");
  gtk_widget_set_valign (list, GTK_ALIGN_START);
  gtk_widget_set_margin_top (list, 24);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GtkWidget *row = eid_proposal_row_new (rows[i].title, rows[i].reason);

      eid_proposal_row_set_estimate (EID_PROPOSAL_ROW (row), rows[i].estimate, rows[i].waiting);
      gtk_list_box_append (GTK_LIST_BOX (list), row);
    }
  gtk_list_box_select_row (GTK_LIST_BOX (list), gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), 0));
  adw_clamp_set_child (ADW_CLAMP (clamp), list);
  return clamp;
}

/* More controls than a line holds, and none wider than it. */
GtkWidget *
eid_gallery_foot (void)
{
  static const char *const names[] = { "Attention", "Patch Colours", "Similarity", "Student",
                                       "Teacher",   "Both",          "Class token" };
  GtkWidget *foot = eid_wrap_box_new (12), *bar = eid_colour_bar_new ("Absolute error");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    eid_wrap_box_append (EID_WRAP_BOX (foot), gtk_button_new_with_label (names[i]));
  eid_colour_bar_set_range (EID_COLOUR_BAR (bar), 0, 0.42);
  gtk_widget_set_size_request (bar, 240, -1);
  eid_wrap_box_append (EID_WRAP_BOX (foot), bar);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    eid_wrap_box_append (EID_WRAP_BOX (foot), gtk_switch_new ());
  gtk_widget_set_valign (foot, GTK_ALIGN_START);
  gtk_widget_set_margin_top (foot, 24);
  return foot;
}
