/* window.c: the gallery's pages, and the window that has them between a form, lines of
 * health and a timeline, as the workbench has its own.                       */
#include "ui/gallery/gallery.h"

static GtkWidget *
empty_embedding (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *spectrum = eid_spectrum_new (),
            *scatter = eid_scatter_new ();

  gtk_widget_set_hexpand (scatter, TRUE);
  gtk_box_append (GTK_BOX (box), scatter);
  gtk_box_append (GTK_BOX (box), spectrum);
  return box;
}

static GtkWidget *
empty_card (void)
{
  return eid_vital_card_new ("Effective rank", NULL);
}

static GtkWidget *
empty_foot (void)
{
  return eid_wrap_box_new (12);
}

static const struct
{
  const char *name, *title;
  GtkWidget *(*full) (void), *(*empty) (void);
} pages[] = {
  { "start", "Start", eid_gallery_start, gtk_list_box_new },
  { "augmentations", "Augmentations", eid_gallery_augmentations, eid_picture_grid_new },
  { "reconstruction", "Reconstruction", eid_gallery_reconstruction, eid_picture_grid_new },
  { "attention", "Attention", eid_gallery_attention, eid_attention_view_new },
  { "heads", "Heads", eid_gallery_heads, eid_attention_view_new },
  { "patch-colours", "Colours", eid_gallery_patch_colours, eid_attention_view_new },
  { "similarity", "Similarity", eid_gallery_similarity, eid_attention_view_new },
  { "pair", "Two runs", eid_gallery_pair, eid_pair_new },
  { "embedding", "Embedding", eid_gallery_embedding, empty_embedding },
  { "matrix", "Matrix", eid_gallery_matrix, eid_matrix_new },
  { "prototypes", "Prototypes", eid_gallery_prototypes, eid_bars_new },
  { "tokens", "Tokens", eid_gallery_tokens, eid_token_strip_new },
  { "heat-map", "Heat Map", eid_gallery_heat_map, eid_heat_map_new },
  { "health", "Health", eid_gallery_health, empty_card },
  { "progress", "Progress", eid_gallery_progress, eid_chart_new },
  { "foot", "Foot", eid_gallery_foot, empty_foot },
};

static GtkWidget *
health_lines (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *good = eid_health_line_new (), *bad = eid_health_line_new ();

  eid_health_line_set (EID_HEALTH_LINE (good), EID_HEALTH_GOOD,
                       "effective rank 41.2 of 128, z-std 0.0810 (1/√d = 0.0884)", NULL);
  eid_health_line_set (EID_HEALTH_LINE (bad), EID_HEALTH_WARNING,
                       "the embedding is collapsing: effective rank 2.10 of 128", "Raise the temperature…");
  gtk_box_append (GTK_BOX (box), good);
  gtk_box_append (GTK_BOX (box), bad);
  return box;
}

const char *
eid_gallery_page (guint i)
{
  return i < G_N_ELEMENTS (pages) ? pages[i].name : NULL;
}

GtkWidget *
eid_gallery_window (int width, int height, const char *page, gboolean empty, gboolean running)
{
  GtkWidget *window = adw_window_new (), *outer = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *middle = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0),
            *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *stack = gtk_stack_new (), *bar = adw_header_bar_new (), *side = gtk_scrolled_window_new ();
  GtkWidget *switcher = gtk_stack_switcher_new (), *form = eid_gallery_params (running), *timeline;

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    gtk_stack_add_titled (GTK_STACK (stack), empty ? pages[i].empty () : pages[i].full (), pages[i].name,
                          pages[i].title);
  if (page)
    gtk_stack_set_visible_child_name (GTK_STACK (stack), page);
  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (switcher), GTK_STACK (stack));
  gtk_widget_set_halign (switcher, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_top (switcher, 6);
  gtk_widget_set_vexpand (stack, TRUE);
  gtk_widget_set_hexpand (stack, TRUE);

  gtk_widget_set_margin_start (form, 12);
  gtk_widget_set_margin_end (form, 12);
  gtk_widget_set_margin_top (form, 12);
  gtk_widget_set_margin_bottom (form, 12);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (side), form);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (side), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (side, 290, -1);

  timeline = empty ? eid_chart_new () : eid_gallery_timeline ();
  gtk_box_append (GTK_BOX (right), switcher);
  gtk_box_append (GTK_BOX (right), stack);
  gtk_box_append (GTK_BOX (right), health_lines ());
  gtk_box_append (GTK_BOX (middle), side);
  gtk_box_append (GTK_BOX (middle), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (middle), right);
  gtk_widget_set_vexpand (middle, TRUE);
  gtk_box_append (GTK_BOX (outer), bar);
  gtk_box_append (GTK_BOX (outer), middle);
  gtk_box_append (GTK_BOX (outer), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (outer), timeline);

  gtk_window_set_title (GTK_WINDOW (window), "Gallery");
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  adw_window_set_content (ADW_WINDOW (window), outer);
  return window;
}
