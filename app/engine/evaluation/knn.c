/* knn.c: similarities on the device in chunks, the nearest on the host. */
#include "app/engine/evaluation/knn.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Test rows whose similarities to all of the training rows are held at once. */
#define CHUNK 256

typedef struct
{
  float similarity;
  guint index;
} Neighbour;

/* Whether @a is farther than @b; equally far, the later one is. */
static gboolean
is_farther (const Neighbour *a, const Neighbour *b)
{
  return a->similarity < b->similarity || (a->similarity == b->similarity && a->index > b->index);
}

/* Restores a heap with the farthest at its top, after the top was replaced. */
static void
sift_down (Neighbour *heap, guint count)
{
  guint at = 0;

  for (;;)
    {
      guint child = 2 * at + 1;
      const Neighbour held = heap[at];

      if (child >= count)
        return;
      if (child + 1 < count && is_farther (&heap[child + 1], &heap[child]))
        child++;
      if (!is_farther (&heap[child], &held))
        return;
      heap[at] = heap[child];
      heap[child] = held;
      at = child;
    }
}

static gint
vote (const float *similarities, const EidFeatureSet *train, guint k, double temperature, guint classes,
      Neighbour *heap, double *votes)
{
  gint best = 0;

  for (guint i = 0; i < k; i++)
    heap[i] = (Neighbour){ -G_MAXFLOAT, G_MAXUINT };
  for (guint i = 0; i < train->count; i++)
    {
      const Neighbour neighbour = { similarities[i], i };

      if (is_farther (&heap[0], &neighbour))
        {
          heap[0] = neighbour;
          sift_down (heap, k);
        }
    }

  memset (votes, 0, classes * sizeof (double));
  for (guint i = 0; i < k; i++)
    if (heap[i].index != G_MAXUINT && train->labels[heap[i].index] >= 0)
      votes[train->labels[heap[i].index]] += exp ((double) heap[i].similarity / temperature);
  for (guint c = 1; c < classes; c++)
    if (votes[c] > votes[best])
      best = (gint) c;
  return best;
}

/* Rows [count, D] at length 1, of no arena of the caller's. */
static EidTensor *
unit_rows (EidDevice *device, const float *values, guint count, guint width)
{
  return eid_normalize (eid_tensor_from_data (device, EID_F32, EID_SHAPE (count, width), values));
}

gboolean
eid_knn_accuracy (const EidSetup *setup, const EidFeatureSet *train, const EidFeatureSet *test, guint k,
                  double temperature, guint classes, double *accuracy, GError **error)
{
  EidDevice *device = setup->device;
  g_autofree float *similarities = g_try_new (float, (gsize) CHUNK * train->count);
  g_autofree Neighbour *heap = g_new (Neighbour, k);
  g_autofree double *votes = g_new (double, classes);
  EidTensor *references;
  guint right = 0, asked = 0;
  gboolean was_recording, good = TRUE;

  if (similarities == NULL)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("There is not enough memory for neighbours among %'u pictures; take fewer, by "
                      "“train-limit” in [Evaluate]."),
                   train->count);
      return FALSE;
    }
  was_recording = eid_set_recording (device, FALSE);
  eid_arena_push (device);
  references = unit_rows (device, train->values, train->count, train->width);
  for (guint first = 0; good && first < test->count; first += CHUNK)
    {
      const guint count = MIN (CHUNK, test->count - first);
      EidTensor *queries;

      eid_arena_push (device);
      queries = unit_rows (device, test->values + (gsize) first * test->width, count, test->width);
      eid_tensor_read (eid_matmul (queries, FALSE, references, TRUE), similarities);
      eid_arena_pop (device);

      for (guint i = 0; i < count; i++)
        {
          const gint label = test->labels[first + i];

          if (label < 0)
            continue;
          asked++;
          right += vote (similarities + (gsize) i * train->count, train, k, temperature, classes, heap, votes)
                   == label;
        }
      good = eid_setup_tell_done (setup, _ ("Nearest neighbours"), first + count, test->count, error);
    }
  eid_arena_pop (device);
  eid_set_recording (device, was_recording);
  *accuracy = asked > 0 ? (double) right / asked : NAN;
  return good && eid_device_check (device, error);
}
