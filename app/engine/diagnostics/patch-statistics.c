/* patch-statistics.c: an autoencoder that predicts patches less their mean and over
 * their deviation says nothing of either. Where both are put back from the hidden
 * patch itself, the picture is better than the model: its brightness and contrast
 * were never predicted. Here they are guessed from what was seen.            */
#include "app/engine/diagnostics/patch-statistics.h"

#include <math.h>
#include <string.h>

/* As the kit's eid_standardize() has it for autoencoders. */
#define EPSILON 1e-6

typedef struct
{
  double mean, deviation;
} Statistics;

typedef struct
{
  guint across, patch, channels, width;
} Grid;

/* Where value 0 of pixel (x, y) of patch @p stands in a picture. */
static gsize
place_of (const Grid *grid, guint p, guint y, guint x)
{
  const gsize row = (gsize) (p / grid->across) * grid->patch + y,
              column = (p % grid->across) * grid->patch + x;

  return (row * grid->width + column) * grid->channels;
}

static Statistics
measure (const Grid *grid, const float *image, guint p)
{
  const double n = (double) grid->patch * grid->patch * grid->channels;
  double sum = 0, squares = 0;

  for (guint y = 0; y < grid->patch; y++)
    for (guint i = 0; i < grid->patch * grid->channels; i++)
      sum += (double) image[place_of (grid, p, y, 0) + i];
  for (guint y = 0; y < grid->patch; y++)
    for (guint i = 0; i < grid->patch * grid->channels; i++)
      {
        const double from_mean = (double) image[place_of (grid, p, y, 0) + i] - sum / n;
        squares += from_mean * from_mean;
      }
  return (Statistics){ sum / n, sqrt (squares / fmax (n - 1, 1) + EPSILON) };
}

/* Of patch @p from the seen ones: their mean, weighted by one over the squared distance. */
static Statistics
guess (const Grid *grid, const Statistics *true_ones, const float *mask, guint patches, guint p)
{
  Statistics sum = { 0, 0 };
  double weights = 0;

  for (guint q = 0; q < patches; q++)
    {
      const double dx = (double) (q % grid->across) - (double) (p % grid->across);
      const double dy = (double) (q / grid->across) - (double) (p / grid->across);
      const double weight = mask[q] > 0.5f || q == p ? 0 : 1 / (dx * dx + dy * dy);

      sum.mean += weight * true_ones[q].mean;
      sum.deviation += weight * true_ones[q].deviation;
      weights += weight;
    }
  /* Of a picture that was not seen at all: the mean of all pictures, as values are normalised. */
  return weights > 0 ? (Statistics){ sum.mean / weights, sum.deviation / weights } : (Statistics){ 0, 1 };
}

static void
repaint (const Grid *grid, float *painted, guint p, Statistics true_one, Statistics guessed)
{
  for (guint y = 0; y < grid->patch; y++)
    for (guint i = 0; i < grid->patch * grid->channels; i++)
      {
        float *value = painted + place_of (grid, p, y, 0) + i;

        *value = (float) (((double) *value - true_one.mean) / true_one.deviation * guessed.deviation
                          + guessed.mean);
      }
}

float *
eid_paint_honestly (const EidArtefacts *artefacts)
{
  const Grid grid = { artefacts->width / artefacts->patch, artefacts->patch, artefacts->channels,
                      artefacts->width };
  const guint patches = grid.across * (artefacts->height / artefacts->patch);
  const gsize values = (gsize) artefacts->height * artefacts->width * artefacts->channels;
  g_autofree Statistics *true_ones = g_new (Statistics, patches);
  float *painted = g_memdup2 (artefacts->reconstruction, artefacts->batch * values * sizeof (float));

  for (guint i = 0; i < artefacts->batch; i++)
    {
      const float *image = artefacts->images + i * values, *mask = artefacts->mask + (gsize) i * patches;

      for (guint p = 0; p < patches; p++)
        true_ones[p] = measure (&grid, image, p);
      for (guint p = 0; p < patches; p++)
        if (mask[p] > 0.5f)
          repaint (&grid, painted + i * values, p, true_ones[p], guess (&grid, true_ones, mask, patches, p));
    }
  return painted;
}
