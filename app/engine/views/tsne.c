/* tsne.c: affinities and forces by operations of the tensor engine, the step of
 * each point on the host; see tsne.h. Constants are those of the paper where no
 * other reason is given.                                                     */
#include "app/engine/views/tsne.h"

#include <math.h>
#include <string.h>

#define PERPLEXITY   30.0
#define SEARCH_MOST  60   /* steps of the search for a point's bandwidth                  */
#define SEARCH_FINE  1e-3 /* nats of entropy off                                          */
#define START_SPREAD 1e-2 /* deviation of the places at first                             */
#define EXAGGERATION 4.0f /* of the affinities, in the first iterations                   */
#define EXAGGERATED  50
#define SLOW         250  /* iterations of the lesser momentum                            */
#define FIRST        1000 /* iterations from the start                                     */
#define AFTER_CHANGE 100  /* and at least, when the features have moved                    */
#define TINY         1e-37f

struct _EidTsne
{
  guint count;
  double *places, *moves, *gains; /* [count, 2]                                           */
  float *bandwidths;              /* [count] 1 / (2 sigma^2)                              */
  float *affinities;              /* [count, count]                                       */
  guint done, wanted;
  double divergence;
};

EidTsne *
eid_tsne_new (guint count, const double *start)
{
  EidTsne *tsne = g_new0 (EidTsne, 1);
  double spread = 0;

  tsne->count = count;
  tsne->places = g_new (double, 2 * (gsize) count);
  tsne->moves = g_new0 (double, 2 * (gsize) count);
  tsne->gains = g_new (double, 2 * (gsize) count);
  tsne->bandwidths = g_new0 (float, count);
  tsne->affinities = g_new0 (float, (gsize) count *count);
  tsne->wanted = FIRST;
  tsne->divergence = NAN;
  for (guint i = 0; i < 2 * count; i++)
    spread += start[i] * start[i] / count;
  for (guint i = 0; i < 2 * count; i++)
    {
      /* Points that all lie on one another would stay so. */
      const double place = spread > 0 ? start[i] / sqrt (spread) : sin (i * 12.9898);

      tsne->places[i] = START_SPREAD * place;
      tsne->gains[i] = 1;
    }
  return tsne;
}

void
eid_tsne_free (EidTsne *tsne)
{
  if (tsne == NULL)
    return;
  g_free (tsne->places);
  g_free (tsne->moves);
  g_free (tsne->gains);
  g_free (tsne->bandwidths);
  g_free (tsne->affinities);
  g_free (tsne);
}

/* --- Affinities -------------------------------------------------------------------- */

/* Rows exp (-bandwidth * distance), each of sum 1, a point not being its own neighbour; their entropies
 * into @entropies [count]. */
static EidTensor *
neighbourhoods (EidDevice *device, EidTensor *distances, const float *bandwidths, float *entropies)
{
  const guint count = eid_dim (distances, 0);
  EidTensor *factors = eid_tensor_from_data (device, EID_F32, EID_SHAPE (count), bandwidths);
  EidTensor *logits = eid_mask_diagonal (eid_scale (eid_scale_rows (distances, factors), -1), -1e30f);
  EidTensor *shares = eid_softmax (logits);
  EidTensor *terms = eid_mul (shares, eid_log (eid_shift (shares, TINY)));

  eid_tensor_read (eid_scale (eid_sum_axis (terms, 1, NULL), -1), entropies);
  return shares;
}

/* Halves the interval in which each bandwidth lies, or doubles it where it has no end yet; TRUE once all
 * entropies are what they should be. */
static gboolean
search_bandwidths (float *bandwidths, float *low, float *high, const float *entropies, guint count,
                   double wanted)
{
  gboolean found = TRUE;

  for (guint i = 0; i < count; i++)
    {
      const double off = (double) entropies[i] - wanted;

      if (fabs (off) < SEARCH_FINE)
        continue;
      found = FALSE;
      if (off > 0)
        {
          low[i] = bandwidths[i];
          bandwidths[i] = isfinite (high[i]) ? (low[i] + high[i]) / 2 : MIN (2 * bandwidths[i], 1e30f);
        }
      else
        {
          high[i] = bandwidths[i];
          bandwidths[i] = (low[i] + high[i]) / 2;
        }
    }
  return found;
}

/* Half the sum with the transpose, of sum 1. */
static void
make_symmetric (float *affinities, guint count)
{
  for (guint i = 0; i < count; i++)
    for (guint j = 0; j <= i; j++)
      {
        float *a = affinities + (gsize) i * count + j, *b = affinities + (gsize) j * count + i;

        *a = *b = (*a + *b) / (2 * (float) count);
      }
}

gboolean
eid_tsne_set_features (EidTsne *tsne, EidDevice *device, const float *features, guint width, GError **error)
{
  const guint count = tsne->count;
  const double wanted = log (fmin (PERPLEXITY, (count - 1) / 3.0));
  const gboolean was_recording = eid_set_recording (device, FALSE);
  g_autofree float *low = g_new0 (float, count), *high = g_new (float, count);
  g_autofree float *entropies = g_new (float, count);
  EidTensor *unit, *distances;
  gboolean good, found = FALSE;

  for (guint i = 0; i < count; i++)
    {
      high[i] = INFINITY;
      tsne->bandwidths[i] = tsne->bandwidths[i] > 0 ? tsne->bandwidths[i] : 1;
    }
  eid_arena_push (device);
  unit = eid_normalize (eid_tensor_from_data (device, EID_F32, EID_SHAPE (count, width), features));
  /* |a - b|² = 2 - 2 cos (a, b) */
  distances = eid_clamp (eid_shift (eid_scale (eid_matmul (unit, FALSE, unit, TRUE), -2), 2), 0, 4);
  for (guint i = 0; i < SEARCH_MOST && !found; i++)
    {
      EidTensor *shares;

      eid_arena_push (device);
      shares = neighbourhoods (device, distances, tsne->bandwidths, entropies);
      found = search_bandwidths (tsne->bandwidths, low, high, entropies, count, wanted);
      if (found || i + 1 == SEARCH_MOST)
        eid_tensor_read (shares, tsne->affinities);
      eid_arena_pop (device);
    }
  good = eid_device_check (device, error);
  eid_arena_pop (device);
  eid_set_recording (device, was_recording);
  make_symmetric (tsne->affinities, count);
  tsne->wanted = MAX (FIRST, tsne->done + AFTER_CHANGE);
  return good;
}

/* --- Forces -------------------------------------------------------------------------- */

/* What stays while the features do, on the device. */
typedef struct
{
  EidTensor *affinities;            /* [n, n]                                             */
  EidTensor *one, *ones, *one_pair; /* [1], [1, n], [n, n]                                */
} Fixed;

/* 1 / (1 + |y_i - y_j|²) of all pairs of @places [2, n], 0 of a point with itself. */
static EidTensor *
closeness (const Fixed *fixed, EidTensor *places)
{
  EidTensor *squares =
      eid_reshape (eid_sum_axis (eid_square (places), 0, NULL), EID_SHAPE (1, eid_dim (places, 1)));
  /* |a|² + |b|² - 2 ab is one product, of rows (-2 a, |a|², 1) with rows (b, 1, |b|²). */
  EidTensor *left = eid_concat (eid_concat (eid_scale (places, -2), squares), fixed->ones);
  EidTensor *right = eid_concat (eid_concat (places, fixed->ones), squares);
  EidTensor *distances = eid_clamp (eid_matmul (left, TRUE, right, FALSE), 0, G_MAXFLOAT);

  return eid_mask_diagonal (eid_div (fixed->one_pair, eid_shift (distances, 1)), 0);
}

/* sum_j w_ij (y_i - y_j) of @places [2, n] and symmetric @weights [n, n]: [2, n]. */
static EidTensor *
pull (EidTensor *places, EidTensor *weights)
{
  return eid_sub (eid_mul (places, eid_sum_axis (weights, 0, NULL)),
                  eid_matmul (places, FALSE, weights, FALSE));
}

/* The gradient (equation 5 of the paper) at @places [2, n], into @forces [2, n]. */
static void
read_forces (const Fixed *fixed, EidTensor *places, float exaggeration, float *forces)
{
  const guint count = eid_dim (places, 1);
  EidTensor *close = closeness (fixed, places);
  EidTensor *attract = eid_scale (pull (places, eid_mul (fixed->affinities, close)), exaggeration);
  EidTensor *repel = pull (places, eid_square (close));
  EidTensor *share = eid_div (fixed->one, eid_sum (close));

  repel = eid_reshape (eid_scale_rows (eid_reshape (repel, EID_SHAPE (1, 2 * count)), share),
                       EID_SHAPE (2, count));
  eid_tensor_read (eid_scale (eid_sub (attract, repel), 4), forces);
}

/* sum p log (p / q), where q = closeness / its sum. */
static double
divergence (const EidTsne *tsne, const Fixed *fixed, EidTensor *places)
{
  EidTensor *close = closeness (fixed, places);
  EidTensor *logs =
      eid_sub (eid_log (eid_shift (fixed->affinities, TINY)), eid_log (eid_shift (close, TINY)));

  return (double) eid_tensor_scalar (eid_sum (eid_mul (fixed->affinities, logs)))
         + log ((double) eid_tensor_scalar (eid_sum (close)));
}

static EidTensor *
upload_places (const EidTsne *tsne, EidDevice *device)
{
  g_autofree float *columns = g_new (float, 2 * tsne->count);

  for (guint i = 0; i < tsne->count; i++)
    for (guint axis = 0; axis < 2; axis++)
      columns[axis * tsne->count + i] = (float) tsne->places[2 * i + axis];
  return eid_tensor_from_data (device, EID_F32, EID_SHAPE (2, tsne->count), columns);
}

/* --- The step of each point ----------------------------------------------------------- */

/* Momentum, and a gain a coordinate that grows while it keeps its direction (section 3.4); the places
 * stay about nought. */
static void
move (EidTsne *tsne, const float *forces)
{
  const gboolean early = tsne->done < EXAGGERATED;
  const double momentum = tsne->done < SLOW ? 0.5 : 0.8;
  /* Attraction alone would take a point to the middle of its neighbours at once: affinities sum to one
   * over all points, and the gradient has four times them. */
  const double rate = tsne->count / (4 * (double) (early ? EXAGGERATION : 1));

  for (guint axis = 0; axis < 2; axis++)
    {
      double mean = 0;

      for (guint i = 0; i < tsne->count; i++)
        {
          const guint at = 2 * i + axis;
          const double force = (double) forces[axis * tsne->count + i];

          tsne->gains[at] =
              tsne->moves[at] * force < 0 ? tsne->gains[at] + 0.2 : fmax (tsne->gains[at] * 0.8, 0.01);
          tsne->moves[at] = momentum * tsne->moves[at] - rate * tsne->gains[at] * force;
          tsne->places[at] += tsne->moves[at];
          mean += tsne->places[at] / tsne->count;
        }
      for (guint i = 0; i < tsne->count; i++)
        tsne->places[2 * i + axis] -= mean;
    }
}

gboolean
eid_tsne_iterate (EidTsne *tsne, EidDevice *device, guint most, gint64 microseconds, GError **error)
{
  const guint count = tsne->count;
  const gint64 until = g_get_monotonic_time () + microseconds;
  const gboolean was_recording = eid_set_recording (device, FALSE);
  g_autofree float *forces = g_new (float, 2 * count);
  Fixed fixed;
  gboolean good = TRUE;

  eid_arena_push (device);
  fixed.affinities = eid_tensor_from_data (device, EID_F32, EID_SHAPE (count, count), tsne->affinities);
  fixed.one = eid_shift (eid_zeros (device, EID_SHAPE (1)), 1);
  fixed.ones = eid_shift (eid_zeros (device, EID_SHAPE (1, count)), 1);
  fixed.one_pair = eid_shift (eid_zeros (device, EID_SHAPE (count, count)), 1);
  for (guint i = 0; good && i < most && tsne->done < tsne->wanted; i++)
    {
      eid_arena_push (device);
      read_forces (&fixed, upload_places (tsne, device), tsne->done < EXAGGERATED ? EXAGGERATION : 1, forces);
      good = eid_device_check (device, error);
      eid_arena_pop (device);
      if (good)
        move (tsne, forces);
      tsne->done++;
      if (g_get_monotonic_time () >= until)
        break;
    }
  if (good)
    {
      tsne->divergence = divergence (tsne, &fixed, upload_places (tsne, device));
      good = eid_device_check (device, error);
    }
  eid_arena_pop (device);
  eid_set_recording (device, was_recording);
  return good;
}

const double *
eid_tsne_places (EidTsne *tsne)
{
  return tsne->places;
}

guint
eid_tsne_done (EidTsne *tsne)
{
  return tsne->done;
}

guint
eid_tsne_wanted (EidTsne *tsne)
{
  return tsne->wanted;
}

double
eid_tsne_divergence (EidTsne *tsne)
{
  return tsne->divergence;
}

const float *
eid_tsne_affinities (EidTsne *tsne)
{
  return tsne->affinities;
}
