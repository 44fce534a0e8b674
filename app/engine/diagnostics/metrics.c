/* metrics.c: what the formulae of metrics.h say, in double precision. */
#include "app/engine/diagnostics/metrics.h"

#include <lapacke.h>
#include <math.h>

#define SHORTEST 1e-12 /* of a row that is scaled to length 1 */

/* What LiDAR adds to the scatter within, and RankMe to a share (their papers' values). */
static const double lidar_delta = 1e-4;
static const double rank_epsilon = 1e-7;
/* Of the largest singular value: what lies under it comes out of rounding. */
static const double smallest_share = 1e-6;

/* --- Rows ------------------------------------------------------------------ */

/* Rows scaled to length 1, [count, width]; free. */
static double *
unit_rows (const float *rows, guint count, guint width)
{
  double *unit = g_new (double, MAX ((gsize) count * width, 1));

  for (guint i = 0; i < count; i++)
    {
      const float *row = rows + (gsize) i * width;
      double length = 0;

      for (guint d = 0; d < width; d++)
        length += (double) row[d] * (double) row[d];
      length = fmax (sqrt (length), SHORTEST);
      for (guint d = 0; d < width; d++)
        unit[(gsize) i * width + d] = (double) row[d] / length;
    }
  return unit;
}

static double *
as_doubles (const float *rows, guint count, guint width)
{
  double *values = g_new (double, MAX ((gsize) count * width, 1));

  for (gsize i = 0; i < (gsize) count * width; i++)
    values[i] = (double) rows[i];
  return values;
}

/* Mean over the rows, [width]; free. */
static double *
mean_row (const double *rows, guint count, guint width)
{
  double *mean = g_new0 (double, MAX (width, 1));

  for (guint i = 0; i < count; i++)
    for (guint d = 0; d < width; d++)
      mean[d] += rows[(gsize) i * width + d] / count;
  return mean;
}

/* Their deviation a dimension, [width]; free. */
static double *
deviations (const double *rows, guint count, guint width)
{
  g_autofree double *mean = mean_row (rows, count, width);
  double *deviation = g_new0 (double, MAX (width, 1));

  for (guint i = 0; i < count; i++)
    for (guint d = 0; d < width; d++)
      {
        const double from_mean = rows[(gsize) i * width + d] - mean[d];

        deviation[d] += from_mean * from_mean / count;
      }
  for (guint d = 0; d < width; d++)
    deviation[d] = sqrt (deviation[d]);
  return deviation;
}

static double
dot (const double *a, const double *b, guint width)
{
  double sum = 0;

  for (guint d = 0; d < width; d++)
    sum += a[d] * b[d];
  return sum;
}

static double
squared_distance (const double *a, const double *b, guint width)
{
  double sum = 0;

  for (guint d = 0; d < width; d++)
    sum += (a[d] - b[d]) * (a[d] - b[d]);
  return sum;
}

/* --- Spread ----------------------------------------------------------------- */

double
eid_metric_z_std (const float *rows, guint count, guint width)
{
  g_autofree double *unit = unit_rows (rows, count, width);
  g_autofree double *deviation = deviations (unit, count, width);
  double sum = 0;

  for (guint d = 0; d < width; d++)
    sum += deviation[d];
  return sum / width;
}

double
eid_metric_cosine (const float *rows, guint count, guint width)
{
  g_autofree double *unit = unit_rows (rows, count, width);
  g_autofree double *mean = mean_row (unit, count, width);

  /* The sum over all pairs is the squared length of the sum; a row's cosine with itself is 1. */
  return count > 1 ? (dot (mean, mean, width) * count - 1) / (count - 1) : NAN;
}

double
eid_metric_std_hinge (const float *rows, guint count, guint width)
{
  g_autofree double *values = as_doubles (rows, count, width);
  g_autofree double *deviation = deviations (values, count, width);
  double sum = 0;

  for (guint d = 0; d < width; d++)
    sum += fmax (0, 1 - deviation[d]);
  return sum / width;
}

/* --- The spectrum ------------------------------------------------------------ */

static int
compare_falling (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return x < y ? 1 : x > y ? -1 : 0;
}

/* Eigenvalues of the symmetric @matrix [size, size], which is used up, largest
 * first, those below nought by rounding as 0.                                */
static gboolean
eigenvalues (double *matrix, guint size, double *values)
{
  if (LAPACKE_dsyevd (LAPACK_ROW_MAJOR, 'N', 'U', (lapack_int) size, matrix, (lapack_int) size, values) != 0)
    return FALSE;
  for (guint i = 0; i < size; i++)
    values[i] = fmax (values[i], 0);
  qsort (values, size, sizeof (double), compare_falling);
  return TRUE;
}

gboolean
eid_metric_spectrum (const float *rows, guint count, guint width, double *spectrum)
{
  const guint size = MIN (count, width);
  g_autofree double *values = as_doubles (rows, count, width);
  g_autofree double *mean = mean_row (values, count, width);
  g_autofree double *product = g_new0 (double, MAX ((gsize) size * size, 1));

  for (guint d = 0; d < width; d++)
    if (!isfinite (mean[d]))
      return FALSE;
  for (guint i = 0; i < count; i++)
    for (guint d = 0; d < width; d++)
      values[(gsize) i * width + d] -= mean[d];
  if (width <= count)
    for (guint i = 0; i < count; i++)
      for (guint d = 0; d < width; d++)
        for (guint e = d; e < width; e++)
          product[(gsize) d * size + e] += values[(gsize) i * width + d] * values[(gsize) i * width + e];
  else
    for (guint i = 0; i < count; i++)
      for (guint j = i; j < count; j++)
        product[(gsize) i * size + j] = dot (values + (gsize) i * width, values + (gsize) j * width, width);
  if (!eigenvalues (product, size, spectrum))
    return FALSE;
  for (guint i = 0; i < size; i++)
    spectrum[i] = sqrt (spectrum[i]);
  return TRUE;
}

static double
entropy_rank (const double *values, guint count, double epsilon)
{
  double sum = 0, entropy = 0;

  for (guint i = 0; i < count; i++)
    sum += values[i];
  if (sum <= 0)
    return 1;
  for (guint i = 0; i < count; i++)
    {
      const double share = values[i] / sum + epsilon;

      entropy -= share > 0 ? share * log (share) : 0;
    }
  return exp (entropy);
}

double
eid_metric_rank (const double *spectrum, guint count)
{
  return entropy_rank (spectrum, count, rank_epsilon);
}

double
eid_metric_alpha (const double *spectrum, guint count)
{
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;

  for (guint i = 0; i < count; i++)
    if (spectrum[i] > smallest_share * spectrum[0])
      {
        const double number = log (i + 1.0), value = 2 * log (spectrum[i]);

        n++;
        x += number;
        y += value;
        xx += number * number;
        xy += number * value;
      }
  return n > 1 ? -(n * xy - x * y) / (n * xx - x * x) : NAN;
}

/* --- Views ------------------------------------------------------------------- */

/* @product [rows_a, rows_b] of @a [rows_a, width] with @b [rows_b, width]. */
static double *
products (const double *a, guint rows_a, const double *b, guint rows_b, guint width)
{
  double *product = g_new (double, (gsize) rows_a *rows_b);

  for (guint i = 0; i < rows_a; i++)
    for (guint j = 0; j < rows_b; j++)
      product[(gsize) i * rows_b + j] = dot (a + (gsize) i * width, b + (gsize) j * width, width);
  return product;
}

/* The scatters are of far lower rank than their width: with Σb = B'B, B the
 * pictures' means about the mean of all, and Σw = W'W + δ, W the views about
 * their picture's mean, both scaled by the root of their number, the
 * eigenvalues are those of B Σw^-1 B' = (BB' - BW' (δ + WW')^-1 WB') / δ, of
 * one row a picture (Woodbury's identity).                                   */
double
eid_metric_lidar (const float *rows, guint views, guint pictures, guint width)
{
  const guint all = views * pictures;
  g_autofree double *within = as_doubles (rows, all, width);
  g_autofree double *between = g_new0 (double, MAX ((gsize) pictures * width, 1));
  g_autofree double *mean = mean_row (within, all, width);
  g_autofree double *among = NULL, *across = NULL, *solved = NULL, *matrix = NULL;
  g_autofree double *values = g_new0 (double, MAX (pictures, 1));

  if (views < 2 || pictures < 2)
    return NAN;
  for (guint i = 0; i < all; i++)
    for (guint d = 0; d < width; d++)
      between[(gsize) (i % pictures) * width + d] += within[(gsize) i * width + d] / views;
  for (guint i = 0; i < all; i++)
    for (guint d = 0; d < width; d++)
      within[(gsize) i * width + d] =
          (within[(gsize) i * width + d] - between[(gsize) (i % pictures) * width + d]) / sqrt (all);
  for (guint i = 0; i < pictures; i++)
    for (guint d = 0; d < width; d++)
      between[(gsize) i * width + d] = (between[(gsize) i * width + d] - mean[d]) / sqrt (pictures);

  among = products (within, all, within, all, width);
  for (guint i = 0; i < all; i++)
    among[(gsize) i * all + i] += lidar_delta;
  across = products (within, all, between, pictures, width);
  solved = g_memdup2 (across, (gsize) all * pictures * sizeof (double));
  if (!isfinite (among[0])
      || LAPACKE_dposv (LAPACK_ROW_MAJOR, 'U', (lapack_int) all, (lapack_int) pictures, among,
                        (lapack_int) all, solved, (lapack_int) pictures)
             != 0)
    return NAN;
  matrix = products (between, pictures, between, pictures, width);
  for (guint i = 0; i < pictures; i++)
    for (guint j = 0; j < pictures; j++)
      for (guint k = 0; k < all; k++)
        matrix[(gsize) i * pictures + j] -=
            across[(gsize) k * pictures + i] * solved[(gsize) k * pictures + j];
  return eigenvalues (matrix, pictures, values) ? entropy_rank (values, pictures, rank_epsilon) : NAN;
}

double
eid_metric_alignment (const float *a, const float *b, guint count, guint width)
{
  g_autofree double *unit_a = unit_rows (a, count, width), *unit_b = unit_rows (b, count, width);
  double sum = 0;

  for (guint i = 0; i < count; i++)
    sum += squared_distance (unit_a + (gsize) i * width, unit_b + (gsize) i * width, width);
  return count > 0 ? sum / count : NAN;
}

double
eid_metric_uniformity (const float *rows, guint count, guint width)
{
  g_autofree double *unit = unit_rows (rows, count, width);
  double sum = 0;

  for (guint i = 0; i < count; i++)
    for (guint j = i + 1; j < count; j++)
      sum += exp (-2 * squared_distance (unit + (gsize) i * width, unit + (gsize) j * width, width));
  return count > 1 ? log (sum / (0.5 * count * (count - 1.0))) : NAN;
}
