/* image.c: one picture of a grid: the texture, outlines on it, a pin, and the caption
 * under it. A new texture fades in over the old one.
 */
#include "ui/image/image.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define FADE_MS       150
#define MOST_LINES    3
#define CAPTION_ABOVE 4 /* pixels between picture and caption */

typedef struct
{
  graphene_rect_t rect; /* 0..1 */
  guint slot;
} Box;

struct _EidPicture
{
  GtkWidget parent;

  GdkTexture *texture, *cache;           /* cache: at the size on the screen */
  GdkTexture *previous, *previous_cache; /* while it fades                 */
  AdwAnimation *fade;
  double shown; /* share of the new texture */

  char *caption, *description, *place;
  GArray *boxes;
  EidBrush patches;
  gboolean pinned;
  int space;
};

G_DEFINE_FINAL_TYPE (EidPicture, eid_picture, GTK_TYPE_WIDGET)

int
eid_picture_get_pixels (EidPicture *self)
{
  return self->texture ? gdk_texture_get_width (self->texture) : 0;
}

void
eid_picture_set_space (EidPicture *self, int space)
{
  self->space = space;
}

int
eid_picture_caption_lines (EidPicture *self)
{
  int lines = 1;

  if (!self->caption || !*self->caption)
    return 0;
  for (const char *c = self->caption; *c; c++)
    lines += *c == '\n';
  return MIN (lines, MOST_LINES);
}

/* --- Drawing ----------------------------------------------------------------- */

static graphene_rect_t
picture_bounds (EidPicture *self, GdkTexture *texture)
{
  int side = eid_picture_side (texture ? gdk_texture_get_width (texture) : EID_PIXEL_ART, self->space);
  int width = gtk_widget_get_width (GTK_WIDGET (self));

  return GRAPHENE_RECT_INIT ((float) ((width - side) / 2), (float) ((self->space - side) / 2), (float) side,
                             (float) side);
}

static void
snapshot_texture (EidPicture *self, GtkSnapshot *snapshot, GdkTexture *texture, GdkTexture **cache,
                  double opacity)
{
  graphene_rect_t bounds = picture_bounds (self, texture);
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  if (!texture || opacity <= 0)
    return;
  if (opacity < 1)
    gtk_snapshot_push_opacity (snapshot, opacity);
  eid_snapshot_picture (snapshot, texture, cache, scale, bounds.origin.x, bounds.origin.y, bounds.size.width);
  if (opacity < 1)
    gtk_snapshot_pop (snapshot);
}

/* Dark under the colour, so that an outline is seen on any picture. */
static void
snapshot_boxes (EidPicture *self, GtkSnapshot *snapshot)
{
  graphene_rect_t bounds = picture_bounds (self, self->texture);
  cairo_t *cr;

  if (self->boxes->len == 0 || !self->texture)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  for (int pass = 0; pass < 2; pass++)
    for (guint i = 0; i < self->boxes->len; i++)
      {
        const Box *box = &g_array_index (self->boxes, Box, i);
        GdkRGBA colour = pass ? eid_category_colour (box->slot, TRUE) : (GdkRGBA){ 0, 0, 0, 0.65f };
        double width = bounds.size.width, inset = 1.5;

        cairo_rectangle (cr, bounds.origin.x + box->rect.origin.x * width + inset,
                         bounds.origin.y + box->rect.origin.y * width + inset,
                         MAX (box->rect.size.width * width - 2 * inset, 1),
                         MAX (box->rect.size.height * width - 2 * inset, 1));
        gdk_cairo_set_source_rgba (cr, &colour);
        cairo_set_line_width (cr, pass ? 2 : 3.5);
        cairo_stroke (cr);
      }
  cairo_destroy (cr);
}

static void
snapshot_pin (EidPicture *self, GtkSnapshot *snapshot)
{
  graphene_rect_t bounds = picture_bounds (self, self->texture);
  GdkRGBA ground = { 0, 0, 0, 0.7f }, sign = { 1, 1, 1, 1 };
  double r = CLAMP (bounds.size.width / 10, 5, 9), x = bounds.origin.x + bounds.size.width - r - 3,
         y = bounds.origin.y + r + 3;
  cairo_t *cr;

  if (!self->pinned)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  gdk_cairo_set_source_rgba (cr, &ground);
  cairo_arc (cr, x, y, r, 0, 2 * G_PI);
  cairo_fill (cr);
  gdk_cairo_set_source_rgba (cr, &sign); /* a pin: head and needle */
  cairo_arc (cr, x, y - r * 0.2, r * 0.38, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_set_line_width (cr, MAX (1, r * 0.18));
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, x, y + r * 0.7);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
snapshot_caption (EidPicture *self, GtkSnapshot *snapshot)
{
  EidPlotStyle style;
  GdkRGBA colour;
  PangoLayout *layout;
  int lines = eid_picture_caption_lines (self), width = gtk_widget_get_width (GTK_WIDGET (self));

  if (lines == 0)
    return;
  eid_plot_style_init (&style, GTK_WIDGET (self));
  colour = eid_plot_faint (&style, 0.75f);
  layout = eid_plot_text (&style, self->caption, EID_PLOT_SMALL, FALSE);
  pango_layout_set_width (layout, width * PANGO_SCALE);
  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_height (layout, -1); /* a line of the caption is a line on the screen */
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (0, (float) (self->space + CAPTION_ABOVE)));
  gtk_snapshot_append_layout (snapshot, layout, &colour);
  gtk_snapshot_restore (snapshot);
  g_object_unref (layout);
  eid_plot_style_clear (&style);
}

static void
eid_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  EidPicture *self = EID_PICTURE (widget);
  const graphene_rect_t bounds = picture_bounds (self, self->texture);

  if (!self->texture && !self->previous)
    {
      EidPlotStyle style;
      GdkRGBA colour;

      eid_plot_style_init (&style, widget);
      colour = eid_plot_faint (&style, 0.06f);
      gtk_snapshot_append_color (snapshot, &colour, &bounds);
      eid_plot_style_clear (&style);
    }
  snapshot_texture (self, snapshot, self->previous, &self->previous_cache, 1);
  snapshot_texture (self, snapshot, self->texture, &self->cache, self->previous ? self->shown : 1);
  snapshot_boxes (self, snapshot);
  eid_brush_draw (&self->patches, snapshot, &bounds);
  snapshot_pin (self, snapshot);
  snapshot_caption (self, snapshot);
}

/* --- The new over the old ----------------------------------------------------- */

static void
set_shown (double shown, EidPicture *self)
{
  self->shown = shown;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
fade_done (EidPicture *self)
{
  g_clear_object (&self->previous);
  g_clear_object (&self->previous_cache);
}

void
eid_picture_set_texture (EidPicture *self, GdkTexture *texture)
{
  if (texture == self->texture)
    return;
  g_clear_object (&self->previous);
  g_clear_object (&self->previous_cache);
  if (texture && self->texture && gtk_widget_get_mapped (GTK_WIDGET (self))
      && adw_get_enable_animations (GTK_WIDGET (self)))
    {
      self->previous = g_steal_pointer (&self->texture);
      self->previous_cache = g_steal_pointer (&self->cache);
    }
  g_clear_object (&self->cache);
  g_set_object (&self->texture, texture);
  if (self->previous)
    adw_animation_play (self->fade);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- Words ---------------------------------------------------------------------- */

static void
update_name (EidPicture *self)
{
  g_autofree char *name = NULL;

  if (self->description)
    name = g_strdup (self->description);
  else
    name = g_strjoin (self->place && self->caption ? ", " : "", self->place ? self->place : "",
                      self->caption ? self->caption : "", NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  *name ? name : _ ("Picture"), -1);
}

static void
set_words (EidPicture *self, char **field, const char *text)
{
  if (g_strcmp0 (*field, text) == 0)
    return;
  g_free (*field);
  *field = g_strdup (text);
  update_name (self);
}

void
eid_picture_set_caption (EidPicture *self, const char *caption)
{
  set_words (self, &self->caption, caption);
  /* Of one line there is nothing more to read. */
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), caption && strchr (caption, '\n') ? caption : NULL);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

const char *
eid_picture_get_caption (EidPicture *self)
{
  return self->caption;
}

void
eid_picture_set_description (EidPicture *self, const char *description)
{
  set_words (self, &self->description, description);
}

void
eid_picture_set_place (EidPicture *self, const char *place)
{
  set_words (self, &self->place, place);
}

void
eid_picture_add_box (EidPicture *self, const graphene_rect_t *box, guint slot)
{
  Box copy = { *box, slot };
  const float *numbers[] = { &copy.rect.origin.x, &copy.rect.origin.y, &copy.rect.size.width,
                             &copy.rect.size.height };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (!(*numbers[i] >= -1 && *numbers[i] <= 2)) /* NaN too */
      return;
  g_array_append_val (self->boxes, copy);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
eid_picture_clear_boxes (EidPicture *self)
{
  g_array_set_size (self->boxes, 0);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
eid_picture_set_pinned (EidPicture *self, gboolean pinned)
{
  if (self->pinned == pinned)
    return;
  self->pinned = pinned;
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_SELECTED, pinned, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- Patches ------------------------------------------------------------------------ */

static void
update_patches (EidPicture *self)
{
  g_autofree char *words = self->patches.across > 0 ? eid_brush_describe (&self->patches) : NULL;

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words ? words : "", -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
eid_picture_set_patches (EidPicture *self, guint across, const guint8 *hidden)
{
  const int cursor = across == self->patches.across ? self->patches.cursor : -1;

  if (across == 0 && self->patches.across == 0)
    return;
  eid_brush_clear (&self->patches);
  self->patches.across = across;
  self->patches.hidden = across > 0 && hidden ? g_memdup2 (hidden, (gsize) across * across) : NULL;
  self->patches.cursor = cursor;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), across > 0 ? "crosshair" : NULL);
  update_patches (self);
}

guint
eid_picture_get_across (EidPicture *self)
{
  return self->patches.across;
}

void
eid_picture_set_cursor (EidPicture *self, int patch)
{
  if (patch == self->patches.cursor || patch >= (int) (self->patches.across * self->patches.across))
    return;
  self->patches.cursor = patch;
  update_patches (self);
}

int
eid_picture_get_cursor (EidPicture *self)
{
  return self->patches.cursor;
}

int
eid_picture_patch_at (EidPicture *self, double x, double y)
{
  const graphene_rect_t bounds = picture_bounds (self, self->texture);

  return eid_brush_at (&self->patches, &bounds, x, y);
}

/* --- The object ---------------------------------------------------------------------- */

static void
eid_picture_dispose (GObject *object)
{
  EidPicture *self = EID_PICTURE (object);

  g_clear_object (&self->fade);
  g_clear_object (&self->texture);
  g_clear_object (&self->cache);
  fade_done (self);
  G_OBJECT_CLASS (eid_picture_parent_class)->dispose (object);
}

static void
eid_picture_finalize (GObject *object)
{
  EidPicture *self = EID_PICTURE (object);

  g_free (self->caption);
  g_free (self->description);
  g_free (self->place);
  g_array_unref (self->boxes);
  eid_brush_clear (&self->patches);
  G_OBJECT_CLASS (eid_picture_parent_class)->finalize (object);
}

static void
eid_picture_class_init (EidPictureClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = eid_picture_dispose;
  G_OBJECT_CLASS (klass)->finalize = eid_picture_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = eid_picture_snapshot;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "eidpicture");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
eid_picture_init (EidPicture *self)
{
  AdwAnimationTarget *target =
      adw_callback_animation_target_new ((AdwAnimationTargetFunc) (void *) set_shown, self, NULL);

  self->boxes = g_array_new (FALSE, FALSE, sizeof (Box));
  self->patches.cursor = -1;
  self->fade = adw_timed_animation_new (GTK_WIDGET (self), 0, 1, FADE_MS, target);
  g_signal_connect_swapped (self->fade, "done", G_CALLBACK (fade_done), self);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  update_name (self);
}

GtkWidget *
eid_picture_new (void)
{
  return g_object_new (EID_TYPE_PICTURE, NULL);
}
