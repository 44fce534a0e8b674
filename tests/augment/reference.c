/* reference.c: one view of one picture, each operation as its definition has it. */
#include "tests/augment/reference.h"

#include <math.h>

/* --- Crop, flip, resize ----------------------------------------------------- */

/* How much source pixel @j counts for output pixel @i. */
static double
triangle (double i, guint j, double start, double length, guint size)
{
  double scale = length / size, radius = MAX (scale, 1.0);

  return MAX (1 - fabs (j + 0.5 - (start + (i + 0.5) * scale)) / radius, 0);
}

static void
resample (const Picture *picture, const EidAugmentDraw *draw, guint size, double *view)
{
  guint n = picture->channels;

  for (guint y = 0; y < size; y++)
    for (guint x = 0; x < size; x++)
      for (guint c = 0; c < n; c++)
        {
          double sum = 0, weights = 0;

          for (guint j = 0; j < picture->height; j++)
            for (guint i = 0; i < picture->width; i++)
              {
                double weight =
                    triangle (y, j, draw->crop_y * picture->height, draw->crop_height * picture->height, size)
                    * triangle (draw->flip ? size - 1 - x : x, i, draw->crop_x * picture->width,
                                draw->crop_width * picture->width, size);

                sum += weight * picture->pixels[(j * picture->width + i) * n + c] / 255.0;
                weights += weight;
              }
          view[(y * size + x) * n + c] = sum / weights;
        }
}

/* --- Colour ----------------------------------------------------------------- */

static double
grey_of (const double *pixel, guint n)
{
  return n == 1 ? pixel[0] : 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}

/* Smith 1978, the hexcone. */
static void
turn_hue (double *pixel, double turn)
{
  double r = pixel[0], g = pixel[1], b = pixel[2];
  double value = MAX (r, MAX (g, b)), chroma = value - MIN (r, MIN (g, b));
  double saturation, hue, fraction;

  if (chroma == 0)
    return;
  saturation = chroma / value;
  if (value == r)
    hue = (g - b) / chroma;
  else if (value == g)
    hue = 2 + (b - r) / chroma;
  else
    hue = 4 + (r - g) / chroma;
  hue = hue / 6 + turn;
  hue = 6 * (hue - floor (hue));

  fraction = hue - floor (hue);
  {
    double p = value * (1 - saturation), q = value * (1 - saturation * fraction);
    double t = value * (1 - saturation * (1 - fraction));
    double sixths[6][3] = { { value, t, p }, { q, value, p }, { p, value, t },
                            { p, q, value }, { t, p, value }, { value, p, q } };

    for (guint c = 0; c < 3; c++)
      pixel[c] = sixths[(guint) hue % 6][c];
  }
}

static void
blend (double *pixel, guint n, double other, double factor)
{
  for (guint c = 0; c < n; c++)
    pixel[c] = CLAMP (other + factor * (pixel[c] - other), 0, 1);
}

/* The @rank-th permutation of 0, 1, 2, 3 in lexicographic order. */
static void
permutation (guint rank, guint order[4])
{
  guint left[4] = { 0, 1, 2, 3 };
  guint ways = 24;

  for (guint slot = 0; slot < 4; slot++)
    {
      guint chosen;

      ways /= 4 - slot;
      chosen = rank / ways;
      rank %= ways;
      order[slot] = left[chosen];
      for (guint k = chosen; k + 1 < 4 - slot; k++)
        left[k] = left[k + 1];
    }
}

static void
jitter (double *view, guint pixels, guint n, const EidAugmentDraw *draw)
{
  guint order[4];

  permutation ((guint) draw->jitter_order, order);
  for (guint slot = 0; slot < 4; slot++)
    {
      double mean = 0;

      for (guint i = 0; i < pixels; i++)
        mean += grey_of (view + i * n, n) / pixels;
      for (guint i = 0; i < pixels; i++)
        {
          double *pixel = view + i * n;

          if (order[slot] == 0)
            blend (pixel, n, 0, draw->brightness);
          else if (order[slot] == 1)
            blend (pixel, n, mean, draw->contrast);
          else if (order[slot] == 2 && n == 3)
            blend (pixel, n, grey_of (pixel, n), draw->saturation);
          else if (order[slot] == 3 && n == 3)
            turn_hue (pixel, draw->hue);
        }
    }
  for (guint i = 0; i < pixels && draw->grey; i++)
    blend (view + i * n, n, grey_of (view + i * n, n), 0);
}

/* --- Blur ------------------------------------------------------------------- */

static gint
mirror (gint i, gint size)
{
  if (i < 0)
    return -i;
  return i >= size ? 2 * (size - 1) - i : i;
}

/* In both directions at once. */
static void
blur (double *view, gint size, gint n, double sigma)
{
  gint radius = MIN (MIN ((gint) ceil (3 * sigma), 12), size - 1);
  g_autofree double *from = g_memdup2 (view, sizeof *view * size * size * n);

  for (gint y = 0; y < size; y++)
    for (gint x = 0; x < size; x++)
      for (gint c = 0; c < n; c++)
        {
          double sum = 0, weights = 0;

          for (gint dy = -radius; dy <= radius; dy++)
            for (gint dx = -radius; dx <= radius; dx++)
              {
                double weight = exp (-(dx * dx + dy * dy) / (2 * sigma * sigma));

                sum += weight * from[(mirror (y + dy, size) * size + mirror (x + dx, size)) * n + c];
                weights += weight;
              }
          view[(y * size + x) * n + c] = sum / weights;
        }
}

/* --- All -------------------------------------------------------------------- */

void
reference_view (const Picture *picture, const EidAugmentDraw *draw, guint size, const float mean[3],
                const float std[3], double *view, gboolean *uncertain)
{
  guint n = picture->channels;

  resample (picture, draw, size, view);
  jitter (view, size * size, n, draw);
  if (draw->blur > 0)
    blur (view, size, n, draw->blur);
  for (guint i = 0; i < size * size * n; i++)
    {
      uncertain[i] = fabs (view[i] - draw->solarise) < 1e-5;
      if (draw->solarise <= 1 && view[i] >= draw->solarise)
        view[i] = 1 - view[i];
      view[i] = (view[i] - mean[i % n]) / std[i % n];
    }
}
