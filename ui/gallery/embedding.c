/* embedding.c: the widgets of the space of features filled with deterministic data:
 * an embedding of ten classes, its similarities, prototypes, vital signs. Nothing here
 * was measured.
 */
#include "ui/gallery/gallery.h"

#include <math.h>

#define SIDE 12

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

/* A disc for even classes, a ring for odd ones, larger from class to class. */
static void
add_pictures (EidScatter *scatter, guint count, const int *labels)
{
  guint8 *pixels = g_malloc (count * SIDE * SIDE);
  g_autoptr (GBytes) bytes = NULL;

  for (guint i = 0; i < count; i++)
    for (guint p = 0; p < SIDE * SIDE; p++)
      {
        const double away = hypot (p % SIDE - (SIDE - 1) / 2.0, p / SIDE - (SIDE - 1) / 2.0);
        const double radius = 2 + labels[i] * 0.4;

        pixels[i * SIDE * SIDE + p] =
            away < radius && (labels[i] % 2 == 0 || away > radius - 1.5) ? (guint8) (150 + i % 100) : 20;
      }
  bytes = g_bytes_new_take (pixels, count * SIDE * SIDE);
  eid_scatter_set_pictures (scatter, bytes, SIDE, 1);
}

static const char *const names[] = { "T-shirt/top", "Trouser", "Pullover", "Dress",      "Coat", "Sandal",
                                     "Shirt",       "Sneaker", "Bag",      "Ankle boot", NULL };

GtkWidget *
eid_gallery_embedding (void)
{
  enum
  {
    COUNT = 1500,
    WIDTH = 128
  };
  GtkWidget *pane = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *scatter = eid_scatter_new (), *spectrum = eid_spectrum_new ();
  double x[COUNT], y[COUNT], values[WIDTH];
  int labels[COUNT];
  guint32 state = 3;

  for (int i = 0; i < COUNT; i++)
    {
      labels[i] = i % 10;
      x[i] = 3 * cos (labels[i] * 0.63) + 0.5 * gaussian (&state);
      y[i] = 1.8 * sin (labels[i] * 0.63 * 1.7) + 0.4 * gaussian (&state);
    }
  eid_scatter_set_points (EID_SCATTER (scatter), x, y, labels, COUNT);
  eid_scatter_set_class_names (EID_SCATTER (scatter), names);
  add_pictures (EID_SCATTER (scatter), COUNT, labels);
  eid_scatter_set_axis_titles (EID_SCATTER (scatter), "first component, 31.2 % of variance",
                               "second component, 18.4 % of variance");
  for (int i = 0; i < WIDTH; i++)
    values[i] = 40 * exp (-i / 18.0) + 0.4 * exp (-i / 90.0);
  eid_spectrum_set_values (EID_SPECTRUM (spectrum), values, WIDTH, 41.2);
  gtk_widget_set_hexpand (scatter, TRUE);
  gtk_widget_set_size_request (spectrum, 260, -1);
  gtk_box_append (GTK_BOX (pane), scatter);
  gtk_box_append (GTK_BOX (pane), spectrum);
  return pane;
}

GtkWidget *
eid_gallery_matrix (void)
{
  enum
  {
    COUNT = 200
  };
  GtkWidget *widget = eid_matrix_new ();
  g_autofree float *values = g_new (float, COUNT *COUNT);
  g_autoptr (GBytes) bytes = NULL;
  int labels[COUNT];
  guint32 state = 9;

  for (int i = 0; i < COUNT; i++)
    labels[i] = i / 20;
  for (int i = 0; i < COUNT; i++)
    for (int j = 0; j <= i; j++)
      {
        const double near =
            labels[i] == labels[j] ? 0.7 : 0.5 * cos (labels[i] * 0.63 - labels[j] * 0.63) - 0.2;

        values[i * COUNT + j] = values[j * COUNT + i] =
            i == j ? 1 : (float) CLAMP (near + 0.12 * gaussian (&state), -1, 1);
      }
  bytes = g_bytes_new_static (values, COUNT * COUNT * sizeof (float));
  eid_matrix_set_class_names (EID_MATRIX (widget), names);
  eid_matrix_set_values (EID_MATRIX (widget), bytes, COUNT, labels, NULL);
  return widget;
}

GtkWidget *
eid_gallery_prototypes (void)
{
  enum
  {
    COUNT = 512
  };
  GtkWidget *widget = eid_bars_new ();
  double use[COUNT], mass[COUNT], sum = 0;
  guint32 state = 21;

  for (int i = 0; i < COUNT; i++)
    sum += use[i] = i % 3 == 0 ? 0 : exp (1.2 * gaussian (&state));
  for (int i = 0; i < COUNT; i++)
    {
      use[i] /= sum;
      mass[i] = 0.7 * use[i] + 0.3 / COUNT;
    }
  eid_bars_set_titles (EID_BARS (widget), "share of views that name it", "mean probability", "prototype",
                       "prototypes, the most used first");
  eid_bars_set_values (EID_BARS (widget), use, mass, COUNT);
  eid_bars_set_rule (EID_BARS (widget), "all alike", 1.0 / COUNT);
  return widget;
}

GtkWidget *
eid_gallery_health (void)
{
  static const struct
  {
    const char *title;
    double from, to, least, most;
  } vitals[] = {
    { "z-std", 0.05, 0.081, -INFINITY, INFINITY },
    { "Mean cosine", 0.6, 0.95, -INFINITY, 0.9 },
    { "Effective rank", 20, 41.2, 10, INFINITY },
    { "Teacher entropy", 5.2, 3.1, 1.8, 5.6 },
  };
  GtkWidget *flow = gtk_flow_box_new ();

  gtk_flow_box_set_homogeneous (GTK_FLOW_BOX (flow), TRUE);
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (flow), GTK_SELECTION_NONE);
  gtk_widget_set_valign (flow, GTK_ALIGN_START);
  for (guint i = 0; i < G_N_ELEMENTS (vitals); i++)
    {
      GtkWidget *card = eid_vital_card_new (vitals[i].title, NULL);

      eid_vital_card_set_band (EID_VITAL_CARD (card), vitals[i].least, vitals[i].most);
      for (int step = 0; step <= 3000; step += 100)
        eid_vital_card_append (EID_VITAL_CARD (card), step,
                               vitals[i].to + (vitals[i].from - vitals[i].to) * exp (-step / 700.0));
      if (i == 0)
        eid_vital_card_set_reference (EID_VITAL_CARD (card), "1/√d", 0.0884);
      gtk_widget_set_size_request (card, 260, -1);
      gtk_flow_box_append (GTK_FLOW_BOX (flow), card);
    }
  return flow;
}
