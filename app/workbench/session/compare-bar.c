/* compare-bar.c: see compare-bar.h. */
#include "app/workbench/session/compare-bar.h"

#include <glib/gi18n.h>

#include "ui/ui.h"

#include "app/workbench/client/recipe-difference.h"

/* Rows of the list of differences; two plugins have nothing but differences. */
#define MOST_ROWS 60

struct _EidCompareBar
{
  AdwBin parent_instance;

  GtkWidget *row, *icon, *toggle;
  GtkLabel *sentence;
  GtkMenuButton *differences;
  GtkGrid *table;
};

enum
{
  TOGGLED,
  CLOSED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EidCompareBar, eid_compare_bar, ADW_TYPE_BIN)

/* --- The list of differences --------------------------------------------------- */

static void
put (EidCompareBar *self, int row, int column, const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 28);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  if (style)
    gtk_widget_add_css_class (label, style);
  gtk_grid_attach (self->table, label, column, row, 1, 1);
}

static void
fill_table (EidCompareBar *self, GPtrArray *differences)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->table))))
    gtk_grid_remove (self->table, child);
  for (guint run = 0; run < EID_RUNS; run++)
    {
      GtkWidget *tag = eid_run_tag_new ();

      eid_run_tag_set (EID_RUN_TAG (tag), run, NULL);
      gtk_grid_attach (self->table, tag, 1 + (int) run, 0, 1, 1);
    }
  for (guint i = 0; i < MIN (differences->len, MOST_ROWS); i++)
    {
      const EidRecipeDifference *difference = differences->pdata[i];
      g_autofree char *name = g_strdup_printf ("%s · %s", difference->section, difference->key);

      put (self, (int) i + 1, 0, name, "dim-label");
      put (self, (int) i + 1, 1, difference->first, "numeric");
      put (self, (int) i + 1, 2, difference->second, "numeric");
    }
}

static void
show_differences (EidCompareBar *self, GPtrArray *differences)
{
  const guint n = differences->len;
  g_autofree char *text =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u Difference", "%u Differences", n), n);

  gtk_menu_button_set_label (self->differences, text);
  gtk_widget_set_visible (GTK_WIDGET (self->differences), n > 0);
  fill_table (self, differences);
}

/* --- The row ------------------------------------------------------------------------ */

static void
show_toggle (EidCompareBar *self, EidPhase phase)
{
  const gboolean paused = phase == EID_PHASE_PAUSED;
  const char *name = paused ? _ ("Continue Run B") : _ ("Pause Run B");

  gtk_widget_set_visible (self->toggle, paused || phase == EID_PHASE_RUNNING);
  gtk_button_set_icon_name (GTK_BUTTON (self->toggle),
                            paused ? "media-playback-start-symbolic" : "media-playback-pause-symbolic");
  gtk_widget_set_tooltip_text (self->toggle, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->toggle), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

void
eid_compare_bar_show (EidCompareBar *self, EidCompare *compare)
{
  g_autofree char *sentence = compare ? eid_compare_sentence (compare) : NULL;
  const gboolean doubtful = compare && eid_compare_is_doubtful (compare);

  gtk_widget_set_visible (GTK_WIDGET (self), compare != NULL);
  if (compare == NULL)
    return;
  gtk_label_set_label (self->sentence, sentence);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->sentence), sentence);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon),
                                doubtful ? "eid-health-warning-symbolic" : "eid-health-good-symbolic");
  gtk_widget_remove_css_class (self->icon, doubtful ? "success" : "warning");
  gtk_widget_add_css_class (self->icon, doubtful ? "warning" : "success");
  show_differences (self, eid_compare_differences (compare));
  show_toggle (self, eid_engine_client_phase (eid_compare_client (compare)));
}

static void
on_toggle (EidCompareBar *self)
{
  g_signal_emit (self, signals[TOGGLED], 0);
}

static void
on_close (EidCompareBar *self)
{
  g_signal_emit (self, signals[CLOSED], 0);
}

/* --- The object ------------------------------------------------------------------------ */

static void
eid_compare_bar_class_init (EidCompareBarClass *klass)
{
  const GType type = G_TYPE_FROM_CLASS (klass);

  signals[TOGGLED] = g_signal_new ("toggled", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CLOSED] = g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GtkWidget *
make_differences (EidCompareBar *self)
{
  GtkWidget *popover = gtk_popover_new (), *scrolled = gtk_scrolled_window_new ();

  self->table = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_column_spacing (self->table, 18);
  gtk_grid_set_row_spacing (self->table, 6);
  gtk_widget_set_margin_start (GTK_WIDGET (self->table), 6);
  gtk_widget_set_margin_end (GTK_WIDGET (self->table), 12);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 360);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->table));
  gtk_popover_set_child (GTK_POPOVER (popover), scrolled);
  self->differences = GTK_MENU_BUTTON (gtk_menu_button_new ());
  gtk_menu_button_set_popover (self->differences, popover);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->differences), _ ("In which settings the runs differ"));
  gtk_widget_add_css_class (GTK_WIDGET (self->differences), "flat");
  return GTK_WIDGET (self->differences);
}

static GtkWidget *
make_button (EidCompareBar *self, const char *icon, GCallback callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->row), button);
  return button;
}

static void
eid_compare_bar_init (EidCompareBar *self)
{
  GtkWidget *close;

  self->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->icon = gtk_image_new ();
  self->sentence = GTK_LABEL (gtk_label_new (NULL));
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_label_set_xalign (self->sentence, 0);
  gtk_label_set_ellipsize (self->sentence, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->sentence), TRUE);
  gtk_box_append (GTK_BOX (self->row), self->icon);
  gtk_box_append (GTK_BOX (self->row), GTK_WIDGET (self->sentence));
  gtk_box_append (GTK_BOX (self->row), make_differences (self));
  self->toggle = make_button (self, "media-playback-pause-symbolic", G_CALLBACK (on_toggle));
  close = make_button (self, "window-close-symbolic", G_CALLBACK (on_close));
  gtk_widget_set_tooltip_text (close, _ ("End the comparison (Ctrl+Shift+K)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("End Comparison"),
                                  -1);
  gtk_widget_add_css_class (self->row, "eid-compare");
  adw_bin_set_child (ADW_BIN (self), self->row);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
