/* data.c: widgets filled with deterministic data: pictures drawn by formula, a
 * loss that falls, an embedding of ten classes. Nothing here was measured.
 */
#include "ui/gallery/gallery.h"

#include <math.h>

#define SIDE 28
#define GRID 7

/* The same numbers on every machine. */
static double
uniform (guint32 *state)
{
  *state = *state * 1664525u + 1013904223u;
  return (*state >> 8) / 16777216.0;
}

static double
gaussian (guint32 *state)
{
  double sum = 0;

  for (int i = 0; i < 12; i++)
    sum += uniform (state);
  return sum - 6;
}

/* A shape as bright as a garment on black: kind picks its outline. */
static double
shape_at (int kind, double x, double y)
{
  double u = 2 * x - 1, v = 2 * y - 1, texture = 0.75 + 0.25 * sin (9 * x + 5 * kind) * cos (7 * y);
  gboolean inside;

  switch (kind % 5)
    {
    case 0: /* shirt */
      inside = (fabs (u) < 0.42 && v > -0.75 && v < 0.8) || (fabs (u) < 0.85 && v > -0.75 && v < -0.3);
      inside = inside && !(fabs (u) < 0.15 && v < -0.6);
      break;
    case 1: /* trousers */
      inside = fabs (u) < 0.45 && fabs (v) < 0.85 && !(fabs (u) < 0.08 && v > -0.4);
      break;
    case 2: /* bag */
      inside = (fabs (u) < 0.75 && v > -0.2 && v < 0.65)
               || (hypot (u, v + 0.2) < 0.5 && hypot (u, v + 0.2) > 0.36 && v < -0.1);
      break;
    case 3: /* shoe */
      inside = v > -0.1 + 0.45 * u * (u < 0.2) && v < 0.45 && u > -0.85 && u < 0.85 && !(u > 0.1 && v < 0.05);
      break;
    default: /* dress */
      inside = fabs (u) < 0.18 + 0.4 * (v + 0.9) / 1.8 && fabs (v) < 0.88;
    }
  return inside ? texture : 0;
}

static void
paint (guint8 *pixels, int size, int channels, int kind, double left, double top, double width, gboolean flip,
       double brightness)
{
  static const double tint[3] = { 1, 0.85, 0.7 };

  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++)
      {
        double u = left + width * ((flip ? size - 1 - x : x) + 0.5) / size,
               v = top + width * (y + 0.5) / size;
        double value = CLAMP (brightness * shape_at (kind, u, v), 0, 1);

        for (int c = 0; c < channels; c++)
          pixels[(y * size + x) * channels + c] =
              (guint8) (255 * value * (channels == 3 ? tint[(c + kind) % 3] : 1));
      }
}

GtkWidget *
eid_gallery_augmentations (void)
{
  static const char *const names[] = { "T-shirt", "Trouser", "Bag", "Sneaker", "Dress" };
  GtkWidget *widget = eid_picture_grid_new ();
  EidPictureGrid *grid = EID_PICTURE_GRID (widget);
  guint32 state = 7;

  eid_picture_grid_set_shape (grid, 5, 3);
  eid_picture_grid_set_column_title (grid, 0, "Source");
  eid_picture_grid_set_column_title (grid, 1, "View 1");
  eid_picture_grid_set_column_title (grid, 2, "View 2");
  eid_picture_grid_set_column_slot (grid, 1, 1);
  eid_picture_grid_set_column_slot (grid, 2, 2);
  for (guint row = 0; row < 5; row++)
    {
      guint8 pixels[SIDE * SIDE * 3];
      g_autoptr (GdkTexture) source = NULL;

      paint (pixels, SIDE, 3, (int) row, 0, 0, 1, FALSE, 1);
      source = eid_texture_new (pixels, SIDE, SIDE, 3);
      eid_picture_grid_set_picture (grid, row, 0, source, names[row]);
      eid_picture_grid_set_row_label (grid, row, names[row]);
      for (guint view = 0; view < 2; view++)
        {
          double width = 0.45 + 0.5 * uniform (&state), left = (1 - width) * uniform (&state),
                 top = (1 - width) * uniform (&state), brightness = 0.6 + 0.8 * uniform (&state);
          gboolean flip = uniform (&state) > 0.5;
          graphene_rect_t box = GRAPHENE_RECT_INIT ((float) left, (float) top, (float) width, (float) width);
          g_autofree char *share = eid_format_percent (width * width);
          g_autofree char *bright = eid_format_number (brightness);
          g_autofree char *caption =
              g_strdup_printf ("crop %s%s\nbrightness × %s", share, flip ? ", flipped" : "", bright);
          g_autoptr (GdkTexture) texture = NULL;

          paint (pixels, SIDE, 3, (int) row, left, top, width, flip, brightness);
          texture = eid_texture_new (pixels, SIDE, SIDE, 3);
          eid_picture_grid_set_picture (grid, row, 1 + view, texture, caption);
          eid_picture_grid_add_box (grid, row, 0, &box, 1 + view);
        }
    }
  eid_picture_grid_set_pinned (grid, 1, 0, TRUE);
  return widget;
}

GtkWidget *
eid_gallery_reconstruction (void)
{
  static const char *const titles[] = { "Image", "Masked", "Reconstructed", "Error" };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *widget = eid_picture_grid_new (), *bar;
  EidPictureGrid *grid = EID_PICTURE_GRID (widget);
  guint32 state = 11;

  eid_picture_grid_set_shape (grid, 4, 4);
  for (guint c = 0; c < 4; c++)
    eid_picture_grid_set_column_title (grid, c, titles[c]);
  for (guint row = 0; row < 4; row++)
    {
      guint8 pictures[4][SIDE * SIDE], mask[GRID * GRID];
      g_autoptr (GBytes) error = NULL;

      paint (pictures[0], SIDE, 1, (int) row, 0, 0, 1, FALSE, 1);
      for (int patch = 0; patch < GRID * GRID; patch++)
        {
          gboolean hidden = uniform (&state) < 0.75;

          mask[patch] = hidden;
          for (int k = 0; k < 16; k++)
            {
              int x = patch % GRID * 4 + k % 4, y = patch / GRID * 4 + k / 4, at = y * SIDE + x;
              double guess = 0, truth = pictures[0][at];

              for (int n = 0; n < 9; n++)
                guess += shape_at ((int) row, (x + n % 3 * 1.5 - 1) / SIDE, (y + n / 3 * 1.5 - 1) / SIDE)
                         * 255 / 9;
              pictures[1][at] = hidden ? 128 : pictures[0][at];
              pictures[2][at] = (guint8) (hidden ? guess : truth);
              pictures[3][at] = (guint8) fabs (truth - pictures[2][at]);
            }
        }
      for (guint c = 0; c < 3; c++)
        {
          g_autoptr (GdkTexture) texture = eid_texture_new (pictures[c], SIDE, SIDE, 1);

          eid_picture_grid_set_picture (grid, row, c, texture, NULL);
        }
      eid_picture_grid_set_patches (grid, row, 1, GRID, mask);
      error = g_bytes_new (pictures[3], sizeof pictures[3]);
      {
        g_autoptr (GdkTexture) texture = eid_texture_heat_from_batch (error, 0, SIDE, 1);

        eid_picture_grid_set_picture (grid, row, 3, texture, NULL);
      }
    }
  gtk_widget_set_vexpand (widget, TRUE);
  gtk_box_append (GTK_BOX (box), widget);
  bar = eid_colour_bar_new ("Absolute error");
  eid_colour_bar_set_range (EID_COLOUR_BAR (bar), 0, 0.872);
  gtk_widget_set_halign (bar, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_bottom (bar, 8);
  gtk_box_append (GTK_BOX (box), bar);
  return box;
}

/* A loss that falls from chance, with noise that an edit makes larger for a while. */
static double
loss_at (int step, guint32 *state)
{
  return 6.23 * exp (-step / 700.0) + 1.9 + (step > 2000 && step < 2300 ? 0.35 : 0.12) * gaussian (state);
}

GtkWidget *
eid_gallery_timeline (void)
{
  GtkWidget *widget = eid_chart_new ();
  EidChart *chart = EID_CHART (widget);
  guint loss = eid_chart_add_series (chart, "loss", 5);
  guint32 state = 5;

  eid_chart_set_title (chart, "Loss");
  eid_chart_set_x_title (chart, "step");
  eid_chart_set_compact (chart, TRUE);
  eid_chart_set_seekable (chart, TRUE);
  eid_chart_set_smoothing (chart, 0.9);
  eid_chart_set_x_range (chart, 0, 5000);
  for (int step = 1; step <= 3120; step += 3)
    eid_chart_append (chart, loss, step, loss_at (step, &state));
  eid_chart_set_rule (chart, "chance", 6.23, 0);
  for (int step = 500; step <= 3000; step += 500)
    eid_chart_add_marker (chart, EID_MARKER_CHECKPOINT, step, "checkpoint");
  eid_chart_add_marker (chart, EID_MARKER_EDIT, 2000, "temperature 0.2 → 0.1");
  eid_chart_add_marker (chart, EID_MARKER_ALARM, 2900, "collapsing");
  eid_chart_set_cursor (chart, 3118);
  return widget;
}

GtkWidget *
eid_gallery_progress (void)
{
  static const struct
  {
    const char *title, *unit;
    gboolean log;
    double smoothing;
  } charts[] = { { "Loss", NULL, FALSE, 0.9 },
                 { "Learning rate", NULL, TRUE, 0 },
                 { "Throughput", "img/s", FALSE, 0.9 },
                 { "Accuracy of probes", NULL, FALSE, 0 } };
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_row_homogeneous (GTK_GRID (grid), TRUE);
  gtk_grid_set_column_homogeneous (GTK_GRID (grid), TRUE);
  for (int i = 0; i < 4; i++)
    {
      GtkWidget *widget = eid_chart_new ();
      EidChart *chart = EID_CHART (widget);
      guint32 state = 5 + (guint32) i;

      eid_chart_set_title (chart, charts[i].title);
      eid_chart_set_unit (chart, charts[i].unit);
      eid_chart_set_x_title (chart, "step");
      eid_chart_set_log (chart, FALSE, charts[i].log);
      eid_chart_set_smoothing (chart, charts[i].smoothing);
      if (i == 3)
        {
          guint knn = eid_chart_add_series (chart, "kNN", 1),
                linear = eid_chart_add_series (chart, "linear", 2);

          for (int step = 0; step <= 3000; step += 250)
            {
              eid_chart_append (chart, knn, step, 0.82 - 0.3 * exp (-step / 600.0));
              eid_chart_append (chart, linear, step, 0.86 - 0.26 * exp (-step / 500.0));
            }
          eid_chart_set_y_range (chart, 0.4, 1);
          eid_chart_set_rule (chart, "pixels", 0.781, 1);
          eid_chart_set_rule (chart, "random encoder", 0.743, 2);
        }
      else
        {
          guint series = eid_chart_add_series (chart, charts[i].title, 5);

          for (int step = 1; step <= 3120; step++)
            eid_chart_append (chart, series, step,
                              i == 0   ? loss_at (step, &state)
                              : i == 1 ? 1e-3 * MIN (step / 300.0, 0.5 + 0.5 * cos (step * G_PI / 3400))
                                       : 1240 + 90 * gaussian (&state));
          if (i == 0)
            {
              eid_chart_set_rule (chart, "chance", 6.23, 0);
              eid_chart_add_marker (chart, EID_MARKER_EDIT, 2000, "temperature 0.2 → 0.1");
            }
        }
      gtk_widget_set_hexpand (widget, TRUE);
      gtk_widget_set_vexpand (widget, TRUE);
      gtk_grid_attach (GTK_GRID (grid), widget, i % 2, i / 2, 1, 1);
    }
  return grid;
}

GtkWidget *
eid_gallery_params (gboolean running)
{
  static const char *const precisions[] = { "auto", "f32", "bf16", NULL };
  const EidParamSpec specs[] = {
    { "Encoder", "patch", "int", "4", "4", 1, 32, NULL, "Side of a patch, in pixels.", FALSE },
    { "Encoder", "depth", "int", "6", "6", 1, 48, NULL, "Transformer blocks.", FALSE },
    { "Objective", "temperature", "float", "0.2", "0.1", 0.01, 1, NULL, "Sharpness of the teacher's targets.",
      TRUE },
    { "Objective", "teacher-momentum", "float", "0.996", "0.996", 0.9, 1, NULL,
      "Share of the teacher that stays at each step.", TRUE },
    { "Objective", "centring", "bool", "true", "true", 0, 1, NULL,
      "Subtract the running mean of the targets.", TRUE },
    { "Optimizer", "lr", "float", "0.0005", "0.0005", 0, 1, NULL, "Learning rate at its highest.", TRUE },
    { "Run", "precision", "choice", "auto", "auto", 0, 0, precisions, "Number format of products.", FALSE },
    { "Run", "name", "text", "first try", "", 0, 0, NULL, "What the run is called.", TRUE },
  };
  GtkWidget *form = eid_param_form_new ();

  eid_param_form_set_specs (EID_PARAM_FORM (form), specs, G_N_ELEMENTS (specs));
  eid_param_form_set_running (EID_PARAM_FORM (form), running);
  return form;
}
