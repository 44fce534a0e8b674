/* pair.c: two runs beside one another, as a page shows them. */
#include "ui/gallery/gallery.h"

static GtkWidget *
half (guint run, const char *name)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *tag = eid_run_tag_new ();
  GtkWidget *view = eid_gallery_attention ();

  eid_run_tag_set (EID_RUN_TAG (tag), run, name);
  gtk_widget_set_vexpand (view, TRUE);
  gtk_box_append (GTK_BOX (box), tag);
  gtk_box_append (GTK_BOX (box), view);
  return box;
}

GtkWidget *
eid_gallery_pair (void)
{
  GtkWidget *pair = eid_pair_new ();

  eid_pair_set_first (EID_PAIR (pair), half (0, "fashion-simclr-1"));
  eid_pair_set_second (EID_PAIR (pair), half (1, "fashion-simclr-warmer-1"));
  return pair;
}
