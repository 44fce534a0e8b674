/* map.c: places in the plane against sums made here in double precision, pair by
 * pair, and what they are for: they stay, and neighbours are neighbours.     */
#include "app/engine/views/projection.h"

#include "tests/engine/device.h"

#include <math.h>
#include <string.h>

/* --- Turning onto what was ---------------------------------------------------------- */

#define POINTS 40

static void
make_points (double *x, double *y)
{
  for (guint i = 0; i < POINTS; i++)
    {
      x[i] = 3 * sin (1.7 * i) + 0.2 * cos (5.1 * i);
      y[i] = cos (2.3 * i + 1);
    }
}

static double
farthest (const double *x, const double *y, const double *u, const double *v, guint count)
{
  double most = 0;

  for (guint i = 0; i < count; i++)
    most = fmax (most, hypot (x[i] - u[i], y[i] - v[i]));
  return most;
}

/* Whatever sign and angle an axis comes out with, the points lie where they lay. */
static void
test_points_are_turned_back (void)
{
  double x[POINTS], y[POINTS], u[POINTS], v[POINTS];

  make_points (x, y);
  for (guint turn = 0; turn < 8; turn++)
    for (int mirror = -1; mirror <= 1; mirror += 2)
      {
        const double angle = turn * 0.9;

        for (guint i = 0; i < POINTS; i++)
          {
            u[i] = cos (angle) * x[i] - sin (angle) * y[i] * mirror;
            v[i] = sin (angle) * x[i] + cos (angle) * y[i] * mirror;
          }
        eid_map_align (x, y, u, v, POINTS);
        g_assert_cmpfloat (farthest (x, y, u, v, POINTS), <, 1e-9);
      }
}

/* Of all angles the one found leaves the least squared distance, and distances among points stay. */
static void
test_the_turn_is_the_best (void)
{
  double x[POINTS], y[POINTS], u[POINTS], v[POINTS], before[2], least = INFINITY, found = 0;

  make_points (x, y);
  for (guint i = 0; i < POINTS; i++)
    {
      u[i] = y[i] + 0.3 * sin (9.0 * i);
      v[i] = x[i] * 0.7 - 0.2 * cos (4.0 * i);
    }
  before[0] = hypot (u[3] - u[11], v[3] - v[11]);
  for (int mirror = -1; mirror <= 1; mirror += 2)
    for (guint step = 0; step < 3600; step++)
      {
        const double angle = step * G_PI / 1800;
        double sum = 0;

        for (guint i = 0; i < POINTS; i++)
          {
            const double dx = cos (angle) * u[i] - sin (angle) * v[i] * mirror - x[i];
            const double dy = sin (angle) * u[i] + cos (angle) * v[i] * mirror - y[i];

            sum += dx * dx + dy * dy;
          }
        least = fmin (least, sum);
      }
  eid_map_align (x, y, u, v, POINTS);
  for (guint i = 0; i < POINTS; i++)
    found += (u[i] - x[i]) * (u[i] - x[i]) + (v[i] - y[i]) * (v[i] - y[i]);
  g_assert_cmpfloat (found, <=, least + 1e-9);
  before[1] = hypot (u[3] - u[11], v[3] - v[11]);
  g_assert_cmpfloat_with_epsilon (before[0], before[1], 1e-9);
}

/* --- t-SNE ------------------------------------------------------------------------------ */

enum
{
  COUNT = 24,
  WIDTH = 5
};

static void
make_features (float *features)
{
  for (guint i = 0; i < COUNT; i++)
    for (guint d = 0; d < WIDTH; d++)
      features[i * WIDTH + d] = (float) (sin (1.3 * i + 2.1 * d) + 0.4 * cos (0.7 * i * d) + 0.3);
}

static double
squared_distance (const float *features, guint i, guint j)
{
  double cosine = 0, a = 0, b = 0;

  for (guint d = 0; d < WIDTH; d++)
    {
      cosine += (double) features[i * WIDTH + d] * (double) features[j * WIDTH + d];
      a += (double) features[i * WIDTH + d] * (double) features[i * WIDTH + d];
      b += (double) features[j * WIDTH + d] * (double) features[j * WIDTH + d];
    }
  return 2 - 2 * cosine / sqrt (a * b);
}

/* p (j | i) of the bandwidth that has the perplexity (COUNT - 1) / 3. */
static void
reference_row (const float *features, guint i, double *row)
{
  double low = 0, high = 1e6;

  for (guint step = 0; step < 100; step++)
    {
      const double bandwidth = (low + high) / 2;
      double sum = 0, entropy = 0;

      for (guint j = 0; j < COUNT; j++)
        sum += row[j] = j == i ? 0 : exp (-bandwidth * squared_distance (features, i, j));
      for (guint j = 0; j < COUNT; j++)
        {
          row[j] /= sum;
          entropy -= row[j] > 0 ? row[j] * log (row[j]) : 0;
        }
      if (entropy > log ((COUNT - 1) / 3.0))
        low = bandwidth;
      else
        high = bandwidth;
    }
}

static EidTsne *
new_tsne (const float *features)
{
  double start[2 * COUNT];
  EidTsne *tsne;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 2 * COUNT; i++)
    start[i] = sin (2.0 * i) * (1 + i % 3);
  tsne = eid_tsne_new (COUNT, start);
  g_assert_true (eid_tsne_set_features (tsne, test_device, features, WIDTH, &error));
  g_assert_no_error (error);
  return tsne;
}

static void
test_affinities_are_those_of_the_reference (void)
{
  float features[COUNT * WIDTH];
  double rows[COUNT][COUNT];
  g_autoptr (EidTsne) tsne = NULL;
  const float *affinities;

  make_features (features);
  tsne = new_tsne (features);
  affinities = eid_tsne_affinities (tsne);
  for (guint i = 0; i < COUNT; i++)
    reference_row (features, i, rows[i]);
  for (guint i = 0; i < COUNT; i++)
    for (guint j = 0; j < COUNT; j++)
      g_assert_cmpfloat_with_epsilon ((double) affinities[i * COUNT + j],
                                      (rows[i][j] + rows[j][i]) / (2 * COUNT), 2e-5);
}

/* The gradient of the divergence at @places, pair by pair; returns the divergence. */
static double
reference_forces (const float *affinities, const double *places, double exaggeration, double *forces)
{
  double sum = 0, divergence = 0;

  for (guint i = 0; i < COUNT; i++)
    for (guint j = 0; j < COUNT; j++)
      if (i != j)
        {
          const double dx = places[2 * i] - places[2 * j], dy = places[2 * i + 1] - places[2 * j + 1];

          sum += 1 / (1 + dx * dx + dy * dy);
        }
  memset (forces, 0, 2 * COUNT * sizeof (double));
  for (guint i = 0; i < COUNT; i++)
    for (guint j = 0; j < COUNT; j++)
      if (i != j)
        {
          const double dx = places[2 * i] - places[2 * j], dy = places[2 * i + 1] - places[2 * j + 1];
          const double close = 1 / (1 + dx * dx + dy * dy), p = (double) affinities[i * COUNT + j];
          const double pull = 4 * (exaggeration * p - close / sum) * close;

          forces[2 * i] += pull * dx;
          forces[2 * i + 1] += pull * dy;
          divergence += p > 0 ? p * log (p * sum / close) : 0;
        }
  return divergence;
}

/* The first steps move each point as the paper's formulae do. */
static void
test_steps_are_those_of_the_reference (void)
{
  float features[COUNT * WIDTH];
  double places[2 * COUNT], moves[2 * COUNT] = { 0 }, gains[2 * COUNT], forces[2 * COUNT], farthest_off = 0;
  double size = 0;
  g_autoptr (EidTsne) tsne = NULL;
  g_autoptr (GError) error = NULL;

  make_features (features);
  tsne = new_tsne (features);
  memcpy (places, eid_tsne_places (tsne), sizeof places);
  for (guint i = 0; i < 2 * COUNT; i++)
    gains[i] = 1;
  for (guint step = 0; step < 20; step++)
    {
      double mean[2] = { 0, 0 };

      reference_forces (eid_tsne_affinities (tsne), places, 4, forces);
      for (guint i = 0; i < 2 * COUNT; i++)
        {
          gains[i] = moves[i] * forces[i] < 0 ? gains[i] + 0.2 : fmax (gains[i] * 0.8, 0.01);
          moves[i] = 0.5 * moves[i] - COUNT / 16.0 * gains[i] * forces[i];
          places[i] += moves[i];
          mean[i % 2] += places[i] / COUNT;
        }
      for (guint i = 0; i < 2 * COUNT; i++)
        places[i] -= mean[i % 2];
    }
  g_assert_true (eid_tsne_iterate (tsne, test_device, 20, 60 * G_USEC_PER_SEC, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (eid_tsne_done (tsne), ==, 20);
  for (guint i = 0; i < 2 * COUNT; i++)
    {
      farthest_off = fmax (farthest_off, fabs (places[i] - eid_tsne_places (tsne)[i]));
      size = fmax (size, fabs (places[i]));
    }
  g_test_message ("farthest off by %g of %g", farthest_off, size);
  g_assert_cmpfloat (farthest_off, <, 1e-3 * size);
  g_assert_cmpfloat_with_epsilon (
      eid_tsne_divergence (tsne),
      reference_forces (eid_tsne_affinities (tsne), eid_tsne_places (tsne), 1, forces), 1e-4);
}

enum
{
  CLUSTERS = 3,
  MANY = 60
};

/* Directions about one of three axes. */
static void
make_clusters (float *features, double off)
{
  for (guint i = 0; i < MANY; i++)
    for (guint d = 0; d < WIDTH; d++)
      features[i * WIDTH + d] = (float) ((d == i % CLUSTERS) + 0.25 * sin (3.1 * i + 1.9 * d + off));
}

static guint
nearest_place (const double *places, guint i)
{
  double least = INFINITY;
  guint found = 0;

  for (guint j = 0; j < MANY; j++)
    {
      const double away = hypot (places[2 * i] - places[2 * j], places[2 * i + 1] - places[2 * j + 1]);

      if (j != i && away < least)
        {
          least = away;
          found = j;
        }
    }
  return found;
}

static void
test_neighbours_lie_together_and_stay (void)
{
  float features[MANY * WIDTH];
  double start[2 * MANY], before[2 * MANY], moved = 0, size = 0, divergence;
  g_autoptr (EidTsne) tsne = NULL;
  g_autoptr (GError) error = NULL;
  guint right = 0;

  make_clusters (features, 0);
  for (guint i = 0; i < 2 * MANY; i++)
    start[i] = sin (7.0 * i);
  tsne = eid_tsne_new (MANY, start);
  g_assert_true (eid_tsne_set_features (tsne, test_device, features, WIDTH, &error));
  g_assert_true (eid_tsne_iterate (tsne, test_device, 260, 60 * G_USEC_PER_SEC, &error));
  divergence = eid_tsne_divergence (tsne);
  g_assert_true (eid_tsne_iterate (tsne, test_device, 300, 60 * G_USEC_PER_SEC, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (eid_tsne_divergence (tsne), <, divergence + 1e-3);
  for (guint i = 0; i < MANY; i++)
    right += nearest_place (eid_tsne_places (tsne), i) % CLUSTERS == i % CLUSTERS;
  g_assert_cmpuint (right, ==, MANY);

  /* The model moves on a little: so do the points. */
  memcpy (before, eid_tsne_places (tsne), sizeof before);
  make_clusters (features, 0.05);
  g_assert_true (eid_tsne_set_features (tsne, test_device, features, WIDTH, &error));
  g_assert_true (eid_tsne_iterate (tsne, test_device, 20, 60 * G_USEC_PER_SEC, &error));
  for (guint i = 0; i < 2 * MANY; i++)
    {
      moved += fabs (before[i] - eid_tsne_places (tsne)[i]) / (2 * MANY);
      size += fabs (before[i]) / (2 * MANY);
    }
  g_test_message ("moved by %g of %g", moved, size);
  g_assert_cmpfloat (moved, <, 0.2 * size);
}

/* A thing for a while, and then it rests; time is kept to. */
static void
test_it_rests_when_done_and_keeps_to_its_time (void)
{
  float features[COUNT * WIDTH];
  g_autoptr (EidTsne) tsne = NULL;
  g_autoptr (GError) error = NULL;
  guint wanted;

  make_features (features);
  tsne = new_tsne (features);
  g_assert_true (eid_tsne_iterate (tsne, test_device, G_MAXUINT, 0, &error));
  g_assert_cmpuint (eid_tsne_done (tsne), ==, 1);
  wanted = eid_tsne_wanted (tsne);
  g_assert_true (eid_tsne_iterate (tsne, test_device, G_MAXUINT, 60 * G_USEC_PER_SEC, &error));
  g_assert_cmpuint (eid_tsne_done (tsne), ==, wanted);
  g_assert_true (eid_tsne_set_features (tsne, test_device, features, WIDTH, &error));
  g_assert_cmpuint (eid_tsne_wanted (tsne), ==, wanted + 100);
}

static void
add_tests (void)
{
  g_test_add_func ("/map/points-are-turned-back", test_points_are_turned_back);
  g_test_add_func ("/map/the-turn-is-the-best", test_the_turn_is_the_best);
  g_test_add_func ("/map/affinities-are-those-of-the-reference", test_affinities_are_those_of_the_reference);
  g_test_add_func ("/map/steps-are-those-of-the-reference", test_steps_are_those_of_the_reference);
  g_test_add_func ("/map/neighbours-lie-together-and-stay", test_neighbours_lie_together_and_stay);
  g_test_add_func ("/map/it-rests-when-done-and-keeps-to-its-time",
                   test_it_rests_when_done_and_keeps_to_its_time);
}

int
main (int argc, char **argv)
{
  return test_main (argc, argv, add_tests);
}
