/* page-augmentations.c: which pictures went into the step, what each view made
 * of them, and where on the source a view was cut out.                        */
#include "pages.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/wire/wire.h"
#include "ui/ui.h"

#include "answer.h"

enum
{
  PICTURES = 8,
  MOST_VIEWS = 16
};

struct _EidPageAugmentations
{
  EidPage parent_instance;

  EidPictureGrid *grid;
  GtkBox *legend; /* which colour of box is which view's */
  guint views;
};

G_DEFINE_FINAL_TYPE (EidPageAugmentations, eid_page_augmentations, EID_TYPE_PAGE)

/* How a draw is told, line by line; the crop is told by the box and by its share of the area. */
static const struct
{
  EidDrawKey key;
  guint line;
  const char *format;
  gboolean valued;
} sayings[] = {
  { EID_DRAW_FLIP, 1, N_ ("flipped"), FALSE },
  { EID_DRAW_BRIGHTNESS, 1, N_ ("brightness ×%.2f"), TRUE },
  { EID_DRAW_CONTRAST, 1, N_ ("contrast ×%.2f"), TRUE },
  { EID_DRAW_SATURATION, 1, N_ ("saturation ×%.2f"), TRUE },
  { EID_DRAW_HUE, 1, N_ ("hue %+.2f"), TRUE },
  { EID_DRAW_GREY, 2, N_ ("grey"), FALSE },
  { EID_DRAW_BLUR, 2, N_ ("blur %.1f px"), TRUE },
  { EID_DRAW_SOLARISE, 2, N_ ("solarised"), FALSE },
};

static gboolean
drawn (GVariant *draw, EidDrawKey key, double *value)
{
  *value = eid_wire_draws[key].neutral;
  return g_variant_lookup (draw, eid_wire_draws[key].key, "d", value) && isfinite (*value);
}

static graphene_rect_t
crop_of (GVariant *draw)
{
  double x, y, width, height;

  drawn (draw, EID_DRAW_CROP_X, &x);
  drawn (draw, EID_DRAW_CROP_Y, &y);
  drawn (draw, EID_DRAW_CROP_WIDTH, &width);
  drawn (draw, EID_DRAW_CROP_HEIGHT, &height);
  return GRAPHENE_RECT_INIT (CLAMP (x, 0, 1), CLAMP (y, 0, 1), CLAMP (width, 0, 1), CLAMP (height, 0, 1));
}

static char *
describe (GVariant *draw, const graphene_rect_t *crop)
{
  g_autofree char *share = eid_format_percent (crop->size.width * crop->size.height);
  GString *text = g_string_new (NULL);
  guint line = 0;

  g_string_append_printf (text, _ ("crop %s"), share);
  for (guint i = 0; i < G_N_ELEMENTS (sayings); i++)
    {
      double value;
      if (!drawn (draw, sayings[i].key, &value))
        continue;
      g_string_append (text, sayings[i].line > line ? "\n" : " · ");
      line = sayings[i].line;
      if (sayings[i].valued)
        {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
          g_string_append_printf (text, _ (sayings[i].format), value);
#pragma GCC diagnostic pop
        }
      else
        g_string_append (text, _ (sayings[i].format));
    }
  return g_string_free (text, FALSE);
}

static void
add_options (EidPage *page, GVariantDict *options)
{
  g_variant_dict_insert (options, "count", "u", (guint32) PICTURES);
}

/* A square of a box's colour and the view that it stands for. */
static GtkWidget *
make_swatch (guint view)
{
  GtkWidget *label = gtk_label_new (NULL);
  const GdkRGBA colour =
      eid_category_colour (view + 1, adw_style_manager_get_dark (adw_style_manager_get_default ()));
  g_autofree char *name = g_strdup_printf (_ ("View %u"), view + 1);
  g_autofree char *markup =
      g_markup_printf_escaped ("<span color=\"#%02x%02x%02x\">■</span> %s", (guint) (colour.red * 255),
                               (guint) (colour.green * 255), (guint) (colour.blue * 255), name);

  gtk_label_set_markup (GTK_LABEL (label), markup);
  return label;
}

static void
show_view (EidPageAugmentations *self, guint column, guint view, guint count, GVariant *draws,
           GdkTexture *texture)
{
  const gsize place = (gsize) view * count + column;
  g_autofree char *caption = NULL;

  if (draws && place < g_variant_n_children (draws))
    {
      g_autoptr (GVariant) draw = g_variant_get_child_value (draws, place);
      const graphene_rect_t crop = crop_of (draw);
      caption = describe (draw, &crop);
      eid_picture_grid_add_box (self->grid, 0, column, &crop, view + 1);
    }
  eid_picture_grid_set_picture (self->grid, view + 1, column, texture, caption);
}

static void
name_rows (EidPageAugmentations *self, guint views)
{
  eid_picture_grid_set_row_label (self->grid, 0, _ ("Source"));
  for (guint view = 0; view < views; view++)
    {
      g_autofree char *label = g_strdup_printf (_ ("View %u"), view + 1);
      eid_picture_grid_set_row_label (self->grid, view + 1, label);
    }
  if (views != self->views)
    {
      GtkWidget *child;
      while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->legend))))
        gtk_box_remove (self->legend, child);
      gtk_box_append (self->legend, gtk_label_new (_ ("Cut out of the source:")));
      for (guint view = 0; view < views; view++)
        gtk_box_append (self->legend, make_swatch (view));
    }
  self->views = views;
}

static gboolean
show (EidPage *page, guint64 step, GVariant *picture)
{
  EidPageAugmentations *self = EID_PAGE_AUGMENTATIONS (page);
  const guint count = eid_answer_uint (picture, "count"), views = eid_answer_uint (picture, "views");
  const guint size = eid_answer_uint (picture, "size"), channels = eid_answer_uint (picture, "channels");
  const guint view_size = eid_answer_uint (picture, "view-size");
  g_autoptr (GBytes) sources =
      eid_answer_bytes (picture, "sources", eid_answer_size (count, size, size, channels));
  g_autoptr (GBytes) pixels =
      eid_answer_bytes (picture, "pixels", eid_answer_size (views, count, view_size, view_size, channels));
  g_autoptr (GVariant) draws = g_variant_lookup_value (picture, "draws", G_VARIANT_TYPE ("aa{sd}"));
  g_auto (GStrv) labels = eid_answer_strings (picture, "labels");
  const guint n_labels = g_strv_length (labels);

  if (sources == NULL || pixels == NULL || views > MOST_VIEWS)
    return FALSE;
  eid_picture_grid_set_shape (self->grid, 1 + views, count);
  name_rows (self, views);
  for (guint column = 0; column < count; column++)
    {
      g_autoptr (GdkTexture) source = eid_texture_from_batch (sources, column, size, channels);

      eid_picture_grid_set_column_title (self->grid, column, column < n_labels ? labels[column] : NULL);
      eid_picture_grid_set_picture (self->grid, 0, column, source, NULL);
      eid_picture_grid_clear_boxes (self->grid, 0, column);
      for (guint view = 0; view < views; view++)
        {
          g_autoptr (GdkTexture) texture =
              eid_texture_from_batch (pixels, view * count + column, view_size, channels);
          show_view (self, column, view, count, draws, texture);
        }
    }
  return TRUE;
}

static void
eid_page_augmentations_class_init (EidPageAugmentationsClass *klass)
{
  EidPageClass *page_class = EID_PAGE_CLASS (klass);

  page_class->view = EID_WIRE_VIEW_AUGMENTATIONS;
  page_class->title = N_ ("Augmentations");
  page_class->icon = "eid-augmentations-symbolic";
  page_class->promise =
      N_ ("The pictures of a step, what each view made of them, and where it was cut out of "
          "its source.");
  page_class->add_options = add_options;
  page_class->show = show;
}

static void
eid_page_augmentations_init (EidPageAugmentations *self)
{
  self->grid = EID_PICTURE_GRID (eid_picture_grid_new ());
  self->legend = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12));
  gtk_widget_add_css_class (GTK_WIDGET (self->legend), "caption");
  eid_page_set_content (EID_PAGE (self), GTK_WIDGET (self->grid));
  eid_page_add_control (EID_PAGE (self), GTK_WIDGET (self->legend));
}
