/* speed.c: times the cases of the table that say so, forward and with their
 * gradients, in both precisions. Not part of the test run:
 *
 *   operations --speed -p /engine/speed/linear
 *
 * Rates are of the forward pass: by floating-point operations where the case
 * counts them, else by the bytes of inputs and result.
 */
#include "tests/engine/speed.h"
#include "tests/engine/device.h"
#include "tests/engine/trial.h"

#define SECONDS 0.2 /* of repetitions, at least */

/* One pass; returns the bytes of inputs and result. */
static gsize
pass (Trial *trial, EidTensor **in, gboolean with_gradients)
{
  gsize bytes = 0;

  eid_arena_push (test_device);
  EidTensor *out = trial->operation->run (in, trial->c->attribute);
  bytes += eid_tensor_count (out) * (eid_tensor_type (out) == EID_BF16 ? 2 : 4);
  for (guint i = 0; i < MAX_INPUTS; i++)
    if (in[i] != NULL)
      bytes += eid_tensor_count (in[i]) * (eid_tensor_type (in[i]) == EID_BF16 ? 2 : 4);
  if (with_gradients)
    eid_backward (eid_sum (out));
  eid_arena_pop (test_device);
  return bytes;
}

/* Seconds of one pass, the mean of some. */
static double
seconds_of (Trial *trial, EidTensor **in, gboolean with_gradients)
{
  guint passes = 0;

  pass (trial, in, with_gradients);
  eid_device_finish (test_device);
  gint64 start = g_get_monotonic_time (), now = start;
  for (; now - start < SECONDS * G_USEC_PER_SEC; now = g_get_monotonic_time ())
    {
      pass (trial, in, with_gradients);
      eid_device_finish (test_device);
      passes++;
    }
  return (double) (now - start) / G_USEC_PER_SEC / passes;
}

static void
test_speed (gconstpointer data)
{
  static const Way ways[] = { { "", WIDE, WIDE }, { "", HALF, PARAMETER } };
  const Case *c = data;

  for (guint i = 0; i < G_N_ELEMENTS (precisions); i++)
    {
      EidTensor *in[MAX_INPUTS];
      Trial trial;
      guint which = 0;

      trial_draw (&trial, c, &precisions[i]);
      trial.way = &ways[i];
      for (guint k = 0; k < MAX_INPUTS; k++)
        if (trial_differentiable (&trial, k))
          which |= 1u << k;
      trial_begin (&trial, which, in);
      double forward = seconds_of (&trial, in, FALSE), both = which ? seconds_of (&trial, in, TRUE) : forward;
      gsize bytes = pass (&trial, in, FALSE);
      g_test_message ("%-36s %s  forward %8.3f ms %7.1f %s   with gradients %8.3f ms", trial.name,
                      i == 0 ? "f32 " : "bf16", forward * 1e3,
                      (c->timed == BY_BYTES ? (double) bytes : c->timed) / forward / 1e9,
                      c->timed == BY_BYTES ? "GB/s" : "GF/s", both * 1e3);
      test_device_is_well ();
      trial_end (&trial);
      trial_clear (&trial);
    }
}

void
add_speed_tests (void)
{
  for (const Part *part = table; part->operations != NULL; part++)
    for (const Case *c = part->cases; c->operation != NULL; c++)
      if (c->timed != 0)
        {
          g_autofree char *path = g_strdup_printf ("/engine/speed/%s/%s", c->operation, c->shapes);
          g_test_add_data_func (path, c, test_speed);
        }
}
