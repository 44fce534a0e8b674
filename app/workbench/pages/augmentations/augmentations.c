/* augmentations.c: which pictures went into the step, what each view made
 * of them, and where on the source a view was cut out; of a draft, what its first
 * step would make of them. One setting can be held and shown beside what it is
 * changed to, on the same draws.                                             */
#include "app/workbench/pages/pages.h"

#include <glib/gi18n.h>

#include "app/wire/wire.h"
#include "ui/ui.h"

#include "app/workbench/client/variant.h"
#include "app/workbench/pages/augmentations/settings.h"
#include "app/workbench/pages/augmentations/preview.h"
#include "app/workbench/pages/augmentations/legend.h"
#include "app/workbench/pages/augmentations/description.h"

enum
{
  PICTURES = 8,
  MOST_VIEWS = 18
};

struct _EidPageAugmentations
{
  EidPage parent_instance;

  EidPictureGrid *grid;
  EidDrawNotes *notes;
  GtkToggleButton *hold;
  GtkWidget *redraw;
  GtkLabel *difference;

  char *recipe, *device; /* the draft's text                        */
  EidDraftPreview *preview;
  gboolean stale;  /* the draft is newer than what is shown         */
  guint draw;      /* which draws of a draft are shown              */
  GVariant *held;  /* a{ss}: the setting kept beside, or NULL       */
  GVariant *shown; /* the picture on screen, or NULL                */
  int pointed;     /* the picture under pointer or focus, or -1     */
};

G_DEFINE_FINAL_TYPE (EidPageAugmentations, eid_page_augmentations, EID_TYPE_PAGE)

/* --- Rows: the source, then each view, each followed by the held one ---------- */

static guint
strips (EidPageAugmentations *self)
{
  g_autoptr (GVariant) beside =
      self->shown ? g_variant_lookup_value (self->shown, "beside-draws", G_VARIANT_TYPE ("aa{sd}")) : NULL;

  return beside ? 2 : 1;
}

static char *
name_row (EidPageAugmentations *self, guint view, guint strip)
{
  if (strips (self) == 1)
    return g_strdup_printf (_ ("View %u"), view + 1);
  return strip == 0 ? g_strdup_printf (_ ("View %u now"), view + 1)
                    : g_strdup_printf (_ ("View %u held"), view + 1);
}

static GVariant *
find_draw (GVariant *draws, guint view, guint count, guint column)
{
  const gsize place = (gsize) view * count + column;

  return draws && place < g_variant_n_children (draws) ? g_variant_get_child_value (draws, place) : NULL;
}

/* --- Words --------------------------------------------------------------------- */

/* The lines say what was drawn for the picture that is pointed at. */
static void
update_notes (EidPageAugmentations *self)
{
  static const char *const keys[] = { "draws", "beside-draws" };
  const guint views = self->shown ? eid_answer_uint (self->shown, "views") : 0, n_strips = strips (self);
  const guint count = self->shown ? eid_answer_uint (self->shown, "count") : 0;
  const int row = self->pointed >= 0 && count ? self->pointed / (int) count : 0;

  eid_draw_notes_set_count (self->notes, views * n_strips);
  for (guint strip = 0; strip < n_strips; strip++)
    {
      g_autoptr (GVariant) draws =
          self->shown ? g_variant_lookup_value (self->shown, keys[strip], G_VARIANT_TYPE ("aa{sd}")) : NULL;

      for (guint view = 0; view < views; view++)
        {
          g_autoptr (GVariant) draw =
              self->pointed >= 0 ? find_draw (draws, view, count, (guint) self->pointed % count) : NULL;
          g_autofree char *words = draw ? eid_draw_in_words (draw) : NULL,
                          *name = name_row (self, view, strip);

          eid_draw_notes_set_line (self->notes, view * n_strips + strip, (int) view + 1, name,
                                   words ? words
                                   : view + strip == 0
                                       ? _ ("point at a picture to read what was drawn for its views")
                                       : "");
        }
    }
  eid_draw_notes_point (self->notes, row - 1);
}

static void
on_pointed (EidPageAugmentations *self, int index)
{
  self->pointed = index;
  update_notes (self);
  eid_page_tell_choice (EID_PAGE (self));
}

static void
update_difference (EidPageAugmentations *self)
{
  g_autoptr (GVariant) now = self->held && self->recipe ? eid_augment_settings_read (self->recipe) : NULL;
  g_autofree char *difference = now ? eid_augment_settings_difference (self->held, now) : NULL;
  g_autofree char *text = difference ? g_strdup_printf (_ ("Held → now: %s"), difference) : NULL;

  gtk_label_set_label (self->difference, text         ? text
                                         : self->held ? _ ("Held: move a slider under Augment to compare")
                                                      : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->difference), text);
}

/* --- Pictures ---------------------------------------------------------------------- */

static void
show_view (EidPageAugmentations *self, guint row, guint column, guint view, GVariant *draw,
           GdkTexture *texture, gboolean boxed)
{
  g_autofree char *caption = draw ? eid_draw_share (draw) : NULL;
  g_autofree char *words = draw ? eid_draw_in_words (draw) : NULL;
  g_autofree char *label = name_row (self, view, boxed ? 0 : 1);
  g_autofree char *description = words ? g_strdup_printf ("%s: %s", label, words) : NULL;

  if (draw && boxed)
    {
      const graphene_rect_t crop = eid_draw_crop (draw);
      eid_picture_grid_add_box (self->grid, 0, column, &crop, view + 1);
    }
  eid_picture_grid_set_picture (self->grid, row, column, texture, caption);
  eid_picture_grid_set_description (self->grid, row, column, description);
}

static void
show_strip (EidPageAugmentations *self, guint strip, guint n_strips, GBytes *pixels, GVariant *draws)
{
  const guint count = eid_answer_uint (self->shown, "count"), views = eid_answer_uint (self->shown, "views");
  const guint size = eid_answer_uint (self->shown, "view-size");
  const guint channels = eid_answer_uint (self->shown, "channels");

  for (guint view = 0; view < views; view++)
    {
      const guint row = 1 + view * n_strips + strip;
      g_autofree char *label = name_row (self, view, strip);

      eid_picture_grid_set_row_label (self->grid, row, label);
      for (guint column = 0; column < count; column++)
        {
          g_autoptr (GdkTexture) texture =
              eid_texture_from_batch (pixels, view * count + column, size, channels);
          g_autoptr (GVariant) draw = find_draw (draws, view, count, column);

          show_view (self, row, column, view, draw, texture, strip == 0);
        }
    }
}

static gboolean
show (EidPage *page, guint64 step, GVariant *picture)
{
  EidPageAugmentations *self = EID_PAGE_AUGMENTATIONS (page);
  const guint count = eid_answer_uint (picture, "count"), views = eid_answer_uint (picture, "views");
  const guint size = eid_answer_uint (picture, "size"), channels = eid_answer_uint (picture, "channels");
  const guint view_size = eid_answer_uint (picture, "view-size");
  const gsize length = eid_answer_size (views, count, view_size, view_size, channels);
  g_autoptr (GBytes) sources =
      eid_answer_bytes (picture, "sources", eid_answer_size (count, size, size, channels));
  g_autoptr (GBytes) pixels = eid_answer_bytes (picture, "pixels", length);
  g_autoptr (GBytes) beside = eid_answer_bytes (picture, "beside-pixels", length);
  g_autoptr (GVariant) draws = g_variant_lookup_value (picture, "draws", G_VARIANT_TYPE ("aa{sd}"));
  g_autoptr (GVariant) other = g_variant_lookup_value (picture, "beside-draws", G_VARIANT_TYPE ("aa{sd}"));
  g_auto (GStrv) labels = eid_answer_strings (picture, "labels");
  const guint n_labels = g_strv_length (labels), n_strips = other ? 2 : 1;

  if (sources == NULL || pixels == NULL || views > MOST_VIEWS || (other && beside == NULL))
    return FALSE;
  if (picture != self->shown)
    {
      g_clear_pointer (&self->shown, g_variant_unref);
      self->shown = g_variant_ref (picture);
    }
  eid_picture_grid_set_shape (self->grid, 1 + views * n_strips, count);
  eid_picture_grid_set_row_label (self->grid, 0, _ ("Source"));
  for (guint column = 0; column < count; column++)
    {
      g_autoptr (GdkTexture) source = eid_texture_from_batch (sources, column, size, channels);

      eid_picture_grid_set_column_title (self->grid, column,
                                         column < n_labels && *labels[column] ? labels[column] : NULL);
      eid_picture_grid_set_picture (self->grid, 0, column, source, NULL);
      eid_picture_grid_set_description (self->grid, 0, column, NULL);
      eid_picture_grid_clear_boxes (self->grid, 0, column);
    }
  show_strip (self, 0, n_strips, pixels, draws);
  if (other)
    show_strip (self, 1, n_strips, beside, other);
  update_notes (self);
  update_difference (self);
  gtk_widget_set_sensitive (self->redraw, FALSE);
  return TRUE;
}

/* --- Of a run --------------------------------------------------------------------- */

static void
add_options (EidPage *page, GVariantDict *options)
{
  EidPageAugmentations *self = EID_PAGE_AUGMENTATIONS (page);

  g_variant_dict_insert (options, "count", "u", (guint32) PICTURES);
  if (self->held)
    g_variant_dict_insert_value (options, "beside", self->held);
}

/* A strength was changed: what it does to the pictures on screen. */
static void
event (EidPage *page, guint64 step, const char *kind, const char *text)
{
  if (g_str_equal (kind, EID_WIRE_EVENT_EDIT) && g_str_has_prefix (text, "Augment."))
    eid_page_look_again (page);
}

static void
clear (EidPage *page)
{
  EidPageAugmentations *self = EID_PAGE_AUGMENTATIONS (page);

  self->stale = FALSE;
  if (self->preview)
    eid_draft_preview_forget (self->preview);
}

/* --- Of a draft ------------------------------------------------------------------- */

static EidPhase
phase_of (EidPageAugmentations *self)
{
  EidEngineClient *client = eid_page_get_client (EID_PAGE (self));

  return client ? eid_engine_client_phase (client) : EID_PHASE_LAUNCHING;
}

static gboolean
may_preview (EidPageAugmentations *self)
{
  const EidPhase phase = phase_of (self);

  return phase == EID_PHASE_IDLE || phase == EID_PHASE_DONE || phase == EID_PHASE_FAILED;
}

static void
on_preview (GVariant *picture, const char *complaint, gpointer data)
{
  EidPageAugmentations *self = data;

  if (!may_preview (self))
    return;
  if (picture == NULL)
    eid_page_complain (EID_PAGE (self), complaint);
  else if (show (EID_PAGE (self), 0, picture))
    {
      gtk_widget_set_sensitive (self->redraw, TRUE);
      eid_page_set_note (EID_PAGE (self), _ ("before training"));
    }
}

static void
ask (EidPageAugmentations *self)
{
  GVariantDict options;

  if (!self->stale || self->recipe == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self))
      || !may_preview (self))
    return;
  if (self->preview == NULL)
    self->preview = eid_draft_preview_new (eid_page_get_client (EID_PAGE (self)), on_preview, self);
  self->stale = FALSE;
  eid_page_wait (EID_PAGE (self), _ ("Opening the pictures"));
  g_variant_dict_init (&options, NULL);
  add_options (EID_PAGE (self), &options);
  g_variant_dict_insert (&options, "draw", "u", (guint32) self->draw);
  g_variant_dict_insert (&options, "device", "s", self->device ? self->device : "");
  eid_draft_preview_ask (self->preview, self->recipe, g_variant_dict_end (&options));
}

void
eid_page_augmentations_set_draft (EidPageAugmentations *self, const char *recipe, const char *device)
{
  const gboolean same = g_strcmp0 (recipe, self->recipe) == 0 && g_strcmp0 (device, self->device) == 0;

  if (!same)
    {
      g_free (self->recipe);
      g_free (self->device);
      self->recipe = g_strdup (recipe);
      self->device = g_strdup (device);
      self->stale = may_preview (self) || phase_of (self) == EID_PHASE_LAUNCHING;
      update_difference (self);
    }
  ask (self);
}

/* --- Holding ------------------------------------------------------------------------ */

/* Another look at the same: of the run, or of the draft where that is on screen. */
static void
look_anew (EidPageAugmentations *self)
{
  if (gtk_widget_get_sensitive (self->redraw))
    {
      self->stale = TRUE;
      ask (self);
    }
  else
    eid_page_look_again (EID_PAGE (self));
}

static void
on_hold (EidPageAugmentations *self)
{
  g_clear_pointer (&self->held, g_variant_unref);
  if (gtk_toggle_button_get_active (self->hold) && self->recipe)
    self->held = eid_augment_settings_read (self->recipe);
  update_difference (self);
  look_anew (self);
  eid_page_tell_choice (EID_PAGE (self));
}

static void
on_redraw (EidPageAugmentations *self)
{
  self->draw++;
  look_anew (self);
}

/* --- Beside another run ----------------------------------------------------------------- */

static void
save_choice (EidPage *page, GVariantDict *choice)
{
  EidPageAugmentations *self = EID_PAGE_AUGMENTATIONS (page);

  g_variant_dict_insert (choice, "pointed", "i", (gint32) self->pointed);
  if (eid_page_follows (page))
    return;
  g_variant_dict_insert (choice, "holds", "b", self->held != NULL);
  if (self->held)
    g_variant_dict_insert_value (choice, "held", self->held);
}

static void
take_choice (EidPage *page, GVariantDict *choice)
{
  EidPageAugmentations *self = EID_PAGE_AUGMENTATIONS (page);
  g_autoptr (GVariant) held = g_variant_dict_lookup_value (choice, "held", G_VARIANT_TYPE ("a{ss}"));
  gboolean holds;
  gint32 pointed;

  if (g_variant_dict_lookup (choice, "pointed", "i", &pointed) && pointed != self->pointed)
    {
      self->pointed = pointed;
      update_notes (self);
    }
  if (!g_variant_dict_lookup (choice, "holds", "b", &holds)
      || (held == NULL ? self->held == NULL : self->held && g_variant_equal (held, self->held)))
    return;
  g_clear_pointer (&self->held, g_variant_unref);
  self->held = g_steal_pointer (&held);
  eid_page_look_again (page);
}

/* --- The object ------------------------------------------------------------------------ */

static void
eid_page_augmentations_dispose (GObject *object)
{
  EidPageAugmentations *self = EID_PAGE_AUGMENTATIONS (object);

  g_clear_pointer (&self->preview, eid_draft_preview_free);
  g_clear_pointer (&self->held, g_variant_unref);
  g_clear_pointer (&self->shown, g_variant_unref);
  g_clear_pointer (&self->recipe, g_free);
  g_clear_pointer (&self->device, g_free);
  G_OBJECT_CLASS (eid_page_augmentations_parent_class)->dispose (object);
}

static void
eid_page_augmentations_class_init (EidPageAugmentationsClass *klass)
{
  EidPageClass *page_class = EID_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = eid_page_augmentations_dispose;
  page_class->view = EID_WIRE_VIEW_AUGMENTATIONS;
  page_class->title = N_ ("Augmentations");
  page_class->icon = "eid-augmentations-symbolic";
  page_class->promise =
      N_ ("The pictures of a step, what each view made of them, and where it was cut out of "
          "its source.");
  page_class->add_options = add_options;
  page_class->show = show;
  page_class->event = event;
  page_class->clear = clear;
  page_class->save_choice = save_choice;
  page_class->take_choice = take_choice;
}

static void
make_controls (EidPageAugmentations *self)
{
  self->hold = GTK_TOGGLE_BUTTON (gtk_toggle_button_new_with_label (_ ("Hold This")));
  gtk_widget_set_tooltip_text (
      GTK_WIDGET (self->hold),
      _ ("Keep the present strengths beside what you change them to, on the same draws"));
  g_signal_connect_object (self->hold, "toggled", G_CALLBACK (on_hold), self, G_CONNECT_SWAPPED);
  eid_page_add_control (EID_PAGE (self), GTK_WIDGET (self->hold));

  self->redraw = gtk_button_new_with_label (_ ("Draw Anew"));
  gtk_widget_set_tooltip_text (self->redraw,
                               _ ("Other random draws for the same pictures; in a run each step draws anew"));
  gtk_widget_set_sensitive (self->redraw, FALSE);
  g_signal_connect_object (self->redraw, "clicked", G_CALLBACK (on_redraw), self, G_CONNECT_SWAPPED);
  eid_page_add_control (EID_PAGE (self), self->redraw);

  self->difference = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->difference, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (self->difference, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->difference), TRUE);
  eid_page_add_control (EID_PAGE (self), GTK_WIDGET (self->difference));
}

static void
eid_page_augmentations_init (EidPageAugmentations *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->pointed = -1;
  self->grid = EID_PICTURE_GRID (eid_picture_grid_new ());
  self->notes = EID_DRAW_NOTES (eid_draw_notes_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->grid), TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->grid));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->notes));
  eid_page_set_content (EID_PAGE (self), box);
  make_controls (self);
  g_signal_connect_object (self->grid, "pointed", G_CALLBACK (on_pointed), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "map", G_CALLBACK (ask), NULL);
}
