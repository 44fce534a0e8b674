/* page-reconstruction.c: what an objective that hides a part of each picture
 * makes of the hidden part, and how far it is off.                            */
#include "pages.h"

#include <glib/gi18n.h>

#include "app/wire/wire.h"
#include "ui/ui.h"

#include "answer.h"

enum
{
  COLUMN_PICTURE,
  COLUMN_MASKED,
  COLUMN_RECONSTRUCTED,
  COLUMN_ERROR,
  N_COLUMNS
};

struct _EidPageReconstruction
{
  EidPage parent_instance;

  EidPictureGrid *grid;
  EidPins *pins;
  GtkWidget *legend;
  GtkLabel *error_max;
  guint8 colours[256][3]; /* viridis, of an error's 0..255 */
};

G_DEFINE_FINAL_TYPE (EidPageReconstruction, eid_page_reconstruction, EID_TYPE_PAGE)

static void
add_options (EidPage *page, GVariantDict *options)
{
  eid_pins_add_option (EID_PAGE_RECONSTRUCTION (page)->pins, options);
}

static GdkTexture *
error_texture (EidPageReconstruction *self, GBytes *errors, guint index, guint size)
{
  const guint8 *error = (const guint8 *) g_bytes_get_data (errors, NULL) + (gsize) index * size * size;
  g_autofree guint8 *pixels = g_malloc_n ((gsize) size * size, 3);

  for (gsize i = 0; i < (gsize) size * size; i++)
    for (guint c = 0; c < 3; c++)
      pixels[i * 3 + c] = self->colours[error[i]][c];
  return eid_texture_new (pixels, size, size, 3);
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
  g_autofree char *error_max = eid_format_number (eid_answer_double (picture, "error-max"));
  const guint n_labels = g_strv_length (labels);

  if (images == NULL || masked == NULL || reconstructed == NULL)
    return FALSE;
  eid_picture_grid_set_shape (self->grid, count, N_COLUMNS);
  for (guint row = 0; row < count; row++)
    {
      GBytes *const sources[] = { images, masked, reconstructed };

      for (guint column = 0; column < G_N_ELEMENTS (sources); column++)
        {
          g_autoptr (GdkTexture) texture = eid_texture_from_batch (sources[column], row, size, channels);
          eid_picture_grid_set_picture (self->grid, row, column, texture,
                                        column == 0 && row < n_labels ? labels[row] : NULL);
        }
      if (errors)
        {
          g_autoptr (GdkTexture) texture = error_texture (self, errors, row, size);
          eid_picture_grid_set_picture (self->grid, row, COLUMN_ERROR, texture, NULL);
        }
      eid_picture_grid_set_pinned (self->grid, row, COLUMN_PICTURE, eid_pins_is_pinned (self->pins, row));
    }
  gtk_label_set_label (self->error_max, error_max);
  return TRUE;
}

static void
on_activated (EidPageReconstruction *self, guint index)
{
  eid_pins_toggle (self->pins, index / N_COLUMNS);
}

void
eid_page_reconstruction_set_pins (EidPageReconstruction *self, EidPins *pins)
{
  g_set_object (&self->pins, pins);
  g_signal_connect_object (pins, "changed", G_CALLBACK (eid_page_look_again), self, G_CONNECT_SWAPPED);
}

/* The bar that says what a colour of the error means. */
static GtkWidget *
make_legend (EidPageReconstruction *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autoptr (GdkTexture) bar = eid_texture_new (self->colours[0], 256, 1, 3);
  GtkWidget *picture = gtk_picture_new_for_paintable (GDK_PAINTABLE (bar));

  gtk_picture_set_content_fit (GTK_PICTURE (picture), GTK_CONTENT_FIT_FILL);
  gtk_widget_set_size_request (picture, 120, 10);
  gtk_widget_set_valign (picture, GTK_ALIGN_CENTER);
  gtk_picture_set_alternative_text (GTK_PICTURE (picture),
                                    _ ("Colours of the error, from none to the largest"));
  self->error_max = GTK_LABEL (gtk_label_new (""));
  gtk_widget_add_css_class (GTK_WIDGET (self->error_max), "numeric");
  gtk_box_append (GTK_BOX (box), gtk_label_new (_ ("Absolute error 0")));
  gtk_box_append (GTK_BOX (box), picture);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->error_max));
  gtk_widget_add_css_class (box, "dim-label");
  return box;
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
  const char *const titles[N_COLUMNS] = { _ ("Picture"), _ ("What the model saw"), _ ("Reconstruction"),
                                          _ ("Error") };

  for (guint i = 0; i < 256; i++)
    {
      GdkRGBA colour = eid_viridis (i / 255.0);
      self->colours[i][0] = colour.red * 255 + 0.5;
      self->colours[i][1] = colour.green * 255 + 0.5;
      self->colours[i][2] = colour.blue * 255 + 0.5;
    }
  self->grid = EID_PICTURE_GRID (eid_picture_grid_new ());
  eid_picture_grid_set_shape (self->grid, 1, N_COLUMNS);
  for (guint column = 0; column < N_COLUMNS; column++)
    eid_picture_grid_set_column_title (self->grid, column, titles[column]);
  g_signal_connect_object (self->grid, "activated", G_CALLBACK (on_activated), self, G_CONNECT_SWAPPED);
  eid_page_set_content (EID_PAGE (self), GTK_WIDGET (self->grid));
  eid_page_add_control (EID_PAGE (self), make_legend (self));
}
