/* linear.c: trains and tests the probe with the engine's own operations. */
#include "app/engine/evaluation/linear.h"

#include "app/engine/setup/schedule.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MINIBATCH     256
#define LEARNING_RATE 3e-3
#define WEIGHT_DECAY  1e-4

/* Updates after which the device is waited for: else they would be queued long before they are made, and
 * neither would it be known how far it is nor could it end. */
#define WAIT_EVERY 16

/* Streams of the generator that order the minibatches. */
#define ORDER_STREAM 0x50524f42u

/* Weight and bias of the probe. */
typedef struct
{
  EidParameters *parameters;
  EidTensor *weight, *bias;
} Probe;

/* --- Standardising --------------------------------------------------------- */

typedef struct
{
  float *mean, *factor; /* [D] */
} Moments;

static Moments
measure (const EidFeatureSet *set)
{
  g_autofree double *sum = g_new0 (double, set->width);
  g_autofree double *squares = g_new0 (double, set->width);
  Moments moments = { g_new (float, set->width), g_new (float, set->width) };

  for (guint i = 0; i < set->count; i++)
    for (guint d = 0; d < set->width; d++)
      {
        const double value = (double) set->values[(gsize) i * set->width + d];

        sum[d] += value;
        squares[d] += value * value;
      }
  for (guint d = 0; d < set->width; d++)
    {
      const double mean = sum[d] / set->count;
      const double deviation = sqrt (fmax (squares[d] / set->count - mean * mean, 0));

      moments.mean[d] = (float) mean;
      /* What never changes says nothing: a border's pixel, a dead feature. */
      moments.factor[d] = deviation > 1e-5 * (fabs (mean) + 1e-3) ? (float) (1 / deviation) : 0;
    }
  return moments;
}

static void
standardise_row (const Moments *moments, const EidFeatureSet *set, guint row, float *out)
{
  const float *values = set->values + (gsize) row * set->width;

  for (guint d = 0; d < set->width; d++)
    out[d] = (values[d] - moments->mean[d]) * moments->factor[d];
}

/* --- Training and testing --------------------------------------------------- */

static void
train_minibatch (EidDevice *device, const Probe *probe, const float *rows, const gint32 *labels, guint count,
                 guint width, const EidUpdate *update)
{
  EidTensor *x, *target;

  eid_arena_push (device);
  x = eid_tensor_from_data (device, EID_F32, EID_SHAPE (count, width), rows);
  target = eid_tensor_from_data (device, EID_I32, EID_SHAPE (count), labels);
  eid_parameters_zero_gradients (probe->parameters);
  eid_backward (eid_cross_entropy (eid_linear (x, probe->weight, probe->bias), target));
  eid_parameters_update (probe->parameters, update);
  eid_arena_pop (device);
}

static gboolean
train_probe (const EidSetup *setup, const Probe *probe, const Moments *moments, const EidFeatureSet *train,
             const guint32 *labelled, guint count, guint epochs, guint64 seed, GError **error)
{
  const guint64 updates = (guint64) epochs * ((count + MINIBATCH - 1) / MINIBATCH);
  g_autofree guint32 *order = g_try_new (guint32, MAX (count, 1));
  g_autofree float *rows = g_new (float, (gsize) MINIBATCH * train->width);
  g_autofree gint32 *labels = g_new (gint32, MINIBATCH);
  guint64 update = 0;

  if (order == NULL)
    return eid_features_fail_memory (train->count, error);
  memcpy (order, labelled, count * sizeof *order);
  for (guint epoch = 0; epoch < epochs; epoch++)
    {
      EidRandom random;

      eid_random_init (&random, seed, epoch, 0, ORDER_STREAM);
      eid_random_shuffle (&random, order, count);
      for (guint first = 0; first < count; first += MINIBATCH)
        {
          const guint rows_now = MIN (MINIBATCH, count - first);
          const EidUpdate settings = {
            .rule = EID_ADAMW,
            .learning_rate = (float) eid_schedule_learning_rate (LEARNING_RATE, 0, updates, update),
            .beta1 = 0.9f,
            .beta2 = 0.999f,
            .epsilon = 1e-8f,
            .weight_decay = (float) WEIGHT_DECAY,
            .update = update + 1,
          };

          for (guint i = 0; i < rows_now; i++)
            {
              standardise_row (moments, train, order[first + i], rows + (gsize) i * train->width);
              labels[i] = train->labels[order[first + i]];
            }
          train_minibatch (setup->device, probe, rows, labels, rows_now, train->width, &settings);
          update++;
          if (update % WAIT_EVERY != 0 && update < updates)
            continue;
          eid_device_finish (setup->device);
          if (!eid_setup_tell_done (setup, _ ("Linear probe"), update, updates, error))
            return FALSE;
        }
    }
  return TRUE;
}

static void
ask_probe (EidDevice *device, const Probe *probe, const Moments *moments, const EidFeatureSet *test,
           guint classes, gint32 *predicted)
{
  g_autofree float *rows = g_new (float, (gsize) MINIBATCH * test->width);
  g_autofree float *logits = g_new (float, (gsize) MINIBATCH *classes);

  for (guint first = 0; first < test->count; first += MINIBATCH)
    {
      const guint count = MIN (MINIBATCH, test->count - first);

      for (guint i = 0; i < count; i++)
        standardise_row (moments, test, first + i, rows + (gsize) i * test->width);
      eid_arena_push (device);
      eid_tensor_read (
          eid_linear (eid_tensor_from_data (device, EID_F32, EID_SHAPE (count, test->width), rows),
                      probe->weight, probe->bias),
          logits);
      eid_arena_pop (device);
      for (guint i = 0; i < count; i++)
        {
          const float *row = logits + (gsize) i * classes;
          guint best = 0;

          for (guint c = 1; c < classes; c++)
            if (row[c] > row[best])
              best = c;
          predicted[first + i] = (gint32) best;
        }
    }
}

gboolean
eid_linear_predict (const EidSetup *setup, const EidFeatureSet *train, const EidFeatureSet *test,
                    guint epochs, guint classes, guint64 seed, gint32 *predicted, GError **error)
{
  EidDevice *device = setup->device;
  const gboolean was_recording = eid_set_recording (device, TRUE);
  const EidType precision = eid_device_precision (device);
  g_autoptr (EidParameters) parameters = eid_parameters_new (device, seed);
  const EidInit zero = { .kind = EID_INIT_CONSTANT };
  const Probe probe = {
    .parameters = parameters,
    .weight = eid_parameters_add (parameters, "weight", EID_SHAPE (classes, train->width), EID_WEIGHT, zero),
    .bias = eid_parameters_add (parameters, "bias", EID_SHAPE (classes), EID_NO_DECAY, zero),
  };
  Moments moments = measure (train);
  g_autofree guint32 *labelled = g_try_new (guint32, MAX (train->count, 1));
  guint count = 0;
  gboolean good = labelled != NULL || eid_features_fail_memory (train->count, error);

  for (guint i = 0; good && i < train->count; i++)
    if (train->labels[i] >= 0)
      labelled[count++] = i;

  /* What is measured does not depend on the precision it is measured in. */
  eid_device_set_precision (device, EID_F32);
  eid_parameters_commit (parameters);
  good = good && train_probe (setup, &probe, &moments, train, labelled, count, epochs, seed, error);
  eid_set_recording (device, FALSE);
  if (good)
    ask_probe (device, &probe, &moments, test, classes, predicted);

  eid_set_recording (device, was_recording);
  eid_device_set_precision (device, precision);
  g_free (moments.mean);
  g_free (moments.factor);
  return good && eid_device_check (device, error);
}

gboolean
eid_linear_accuracy (const EidSetup *setup, const EidFeatureSet *train, const EidFeatureSet *test,
                     guint epochs, guint classes, guint64 seed, double *accuracy, GError **error)
{
  g_autofree gint32 *predicted = g_try_new0 (gint32, MAX (test->count, 1));
  guint right = 0, asked = 0;

  if (predicted == NULL)
    return eid_features_fail_memory (test->count, error);
  if (!eid_linear_predict (setup, train, test, epochs, classes, seed, predicted, error))
    return FALSE;
  for (guint i = 0; i < test->count; i++)
    if (test->labels[i] >= 0)
      {
        asked++;
        right += predicted[i] == test->labels[i];
      }
  *accuracy = asked > 0 ? (double) right / asked : NAN;
  return TRUE;
}
