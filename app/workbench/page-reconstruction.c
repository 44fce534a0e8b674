/* page-reconstruction.c: what an objective that hides a part of each picture
 * makes of the hidden part, and how far it is off.                            */
#include "pages.h"

#include <glib/gi18n.h>

#include "app/wire/wire.h"
#include "ui/ui.h"

#include "answer.h"

enum
{
  ROW_PICTURE,
  ROW_MASKED,
  ROW_RECONSTRUCTED,
  ROW_ERROR,
  N_ROWS
};

struct _EidPageReconstruction
{
  EidPage parent_instance;

  EidPictureGrid *grid;
  EidPins *pins;
  guint count; /* pictures, one a column */
  EidColourBar *legend;
};

G_DEFINE_FINAL_TYPE (EidPageReconstruction, eid_page_reconstruction, EID_TYPE_PAGE)

static void
add_options (EidPage *page, GVariantDict *options)
{
  eid_pins_add_option (EID_PAGE_RECONSTRUCTION (page)->pins, options);
}

static void
name_rows (EidPageReconstruction *self)
{
  static const char *const names[N_ROWS] = { N_ ("Picture"), N_ ("As the model saw it"),
                                             N_ ("Reconstruction"), N_ ("Error") };

  for (guint row = 0; row < N_ROWS; row++)
    eid_picture_grid_set_row_label (self->grid, row, _ (names[row]));
}

static gboolean
show (EidPage *page, guint64 step, GVariant *picture)
{
  EidPageReconstruction *self = EID_PAGE_RECONSTRUCTION (page);
  const guint count = eid_answer_uint (picture, "count"), size = eid_answer_uint (picture, "size");
  const guint channels = eid_answer_uint (picture, "channels");
  const gsize length = eid_answer_size (count, size, size, channels);
  g_autoptr (GBytes) images = eid_answer_bytes (picture, "images", length);
  g_autoptr (GBytes) masked = eid_answer_bytes (picture, "masked", length);
  g_autoptr (GBytes) reconstructed = eid_answer_bytes (picture, "reconstructed", length);
  g_autoptr (GBytes) errors = eid_answer_bytes (picture, "errors", eid_answer_size (count, size, size));
  g_auto (GStrv) labels = eid_answer_strings (picture, "labels");
  const guint n_labels = g_strv_length (labels);

  if (images == NULL || masked == NULL || reconstructed == NULL)
    return FALSE;
  eid_picture_grid_set_shape (self->grid, N_ROWS, count);
  name_rows (self);
  for (guint column = 0; column < count; column++)
    {
      GBytes *const sources[] = { images, masked, reconstructed };

      eid_picture_grid_set_column_title (self->grid, column, column < n_labels ? labels[column] : NULL);
      for (guint row = 0; row < G_N_ELEMENTS (sources); row++)
        {
          g_autoptr (GdkTexture) texture = eid_texture_from_batch (sources[row], column, size, channels);
          eid_picture_grid_set_picture (self->grid, row, column, texture, NULL);
        }
      if (errors)
        {
          g_autoptr (GdkTexture) texture = eid_texture_heat_from_batch (errors, column, size, 1);
          eid_picture_grid_set_picture (self->grid, ROW_ERROR, column, texture, NULL);
        }
      eid_picture_grid_set_pinned (self->grid, ROW_PICTURE, column, eid_pins_is_pinned (self->pins, column));
    }
  self->count = count;
  eid_colour_bar_set_range (self->legend, 0, eid_answer_double (picture, "error-max"));
  return TRUE;
}

static void
on_activated (EidPageReconstruction *self, guint index)
{
  if (self->count > 0)
    eid_pins_toggle (self->pins, index % self->count);
}

void
eid_page_reconstruction_set_pins (EidPageReconstruction *self, EidPins *pins)
{
  g_set_object (&self->pins, pins);
  g_signal_connect_object (pins, "changed", G_CALLBACK (eid_page_look_again), self, G_CONNECT_SWAPPED);
}

static void
eid_page_reconstruction_dispose (GObject *object)
{
  g_clear_object (&EID_PAGE_RECONSTRUCTION (object)->pins);
  G_OBJECT_CLASS (eid_page_reconstruction_parent_class)->dispose (object);
}

static void
eid_page_reconstruction_class_init (EidPageReconstructionClass *klass)
{
  EidPageClass *page_class = EID_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = eid_page_reconstruction_dispose;
  page_class->view = EID_WIRE_VIEW_RECONSTRUCTION;
  page_class->title = N_ ("Reconstruction");
  page_class->icon = "eid-reconstruction-symbolic";
  page_class->promise =
      N_ ("What the model makes of the hidden parts of a picture, beside the picture and its "
          "error. Click a picture to pin it.");
  page_class->remedy = N_ ("The masked autoencoder shows one: choose it under Objective, with a vision "
                           "transformer as encoder, and start a new run.");
  page_class->add_options = add_options;
  page_class->show = show;
}

static void
eid_page_reconstruction_init (EidPageReconstruction *self)
{
  self->grid = EID_PICTURE_GRID (eid_picture_grid_new ());
  g_signal_connect_object (self->grid, "activated", G_CALLBACK (on_activated), self, G_CONNECT_SWAPPED);
  eid_page_set_content (EID_PAGE (self), GTK_WIDGET (self->grid));
  self->legend = EID_COLOUR_BAR (eid_colour_bar_new (_ ("Absolute error")));
  eid_page_add_control (EID_PAGE (self), GTK_WIDGET (self->legend));
}
