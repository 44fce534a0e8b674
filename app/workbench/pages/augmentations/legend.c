/* legend.c: see legend.h. */
#include "app/workbench/pages/augmentations/legend.h"

#include "ui/ui.h"

#define TALLEST 118 /* pixels; more lines scroll */

typedef struct
{
  GtkWidget *label;
  int slot;
  char *name, *words;
} Line;

struct _EidDrawNotes
{
  AdwBin parent_instance;

  GtkScrolledWindow *scroller;
  GtkBox *box;
  GArray *lines; /* Line */
  int pointed;
};

G_DEFINE_FINAL_TYPE (EidDrawNotes, eid_draw_notes, ADW_TYPE_BIN)

static void
line_clear (gpointer line)
{
  g_free (((Line *) line)->name);
  g_free (((Line *) line)->words);
}

static void
show_line (EidDrawNotes *self, guint i)
{
  const Line *line = &g_array_index (self->lines, Line, i);
  const gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  const GdkRGBA colour = eid_category_colour ((guint) MAX (line->slot, 0), dark);
  g_autofree char *name = g_markup_escape_text (line->name ? line->name : "", -1);
  g_autofree char *words = g_markup_escape_text (line->words ? line->words : "", -1);
  g_autofree char *markup =
      g_strdup_printf ((int) i == self->pointed ? "<span color=\"#%02x%02x%02x\">%s</span> <b>%s  %s</b>"
                                                : "<span color=\"#%02x%02x%02x\">%s</span> <b>%s</b>  %s",
                       (guint) (colour.red * 255), (guint) (colour.green * 255), (guint) (colour.blue * 255),
                       line->slot >= 0 ? "■" : " ", name, words);

  gtk_label_set_markup (GTK_LABEL (line->label), markup);
  gtk_widget_set_tooltip_text (line->label, line->words);
}

void
eid_draw_notes_set_count (EidDrawNotes *self, guint lines)
{
  while (self->lines->len > lines)
    {
      gtk_box_remove (self->box, g_array_index (self->lines, Line, self->lines->len - 1).label);
      g_array_set_size (self->lines, self->lines->len - 1);
    }
  while (self->lines->len < lines)
    {
      Line line = { gtk_label_new (NULL), -1, NULL, NULL };

      gtk_label_set_xalign (GTK_LABEL (line.label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (line.label), PANGO_ELLIPSIZE_END);
      gtk_widget_add_css_class (line.label, "caption");
      gtk_widget_add_css_class (line.label, "numeric");
      gtk_box_append (self->box, line.label);
      g_array_append_val (self->lines, line);
    }
}

void
eid_draw_notes_set_line (EidDrawNotes *self, guint i, int slot, const char *name, const char *words)
{
  Line *line;

  g_return_if_fail (i < self->lines->len);
  line = &g_array_index (self->lines, Line, i);
  if (line->slot == slot && g_strcmp0 (line->name, name) == 0 && g_strcmp0 (line->words, words) == 0)
    return;
  line->slot = slot;
  g_free (line->name);
  g_free (line->words);
  line->name = g_strdup (name);
  line->words = g_strdup (words);
  show_line (self, i);
}

void
eid_draw_notes_point (EidDrawNotes *self, int pointed)
{
  const int former = self->pointed;
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  double height;

  if (pointed == former)
    return;
  self->pointed = pointed;
  if (former >= 0 && former < (int) self->lines->len)
    show_line (self, (guint) former);
  if (pointed < 0 || pointed >= (int) self->lines->len)
    return;
  show_line (self, (guint) pointed);
  height = gtk_adjustment_get_upper (adjustment) / self->lines->len;
  gtk_adjustment_clamp_page (adjustment, pointed * height, (pointed + 1) * height);
}

static void
on_dark (EidDrawNotes *self)
{
  for (guint i = 0; i < self->lines->len; i++)
    show_line (self, i);
}

static void
eid_draw_notes_finalize (GObject *object)
{
  g_array_unref (EID_DRAW_NOTES (object)->lines);
  G_OBJECT_CLASS (eid_draw_notes_parent_class)->finalize (object);
}

static void
eid_draw_notes_class_init (EidDrawNotesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = eid_draw_notes_finalize;
}

static void
eid_draw_notes_init (EidDrawNotes *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1), *scroller = gtk_scrolled_window_new ();

  self->pointed = -1;
  self->lines = g_array_new (FALSE, TRUE, sizeof (Line));
  g_array_set_clear_func (self->lines, line_clear);
  self->box = GTK_BOX (box);
  self->scroller = GTK_SCROLLED_WINDOW (scroller);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 6);
  gtk_scrolled_window_set_policy (self->scroller, GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (self->scroller, TRUE);
  gtk_scrolled_window_set_max_content_height (self->scroller, TALLEST);
  gtk_scrolled_window_set_child (self->scroller, box);
  adw_bin_set_child (ADW_BIN (self), scroller);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (on_dark), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
eid_draw_notes_new (void)
{
  return g_object_new (EID_TYPE_DRAW_NOTES, NULL);
}
