/* operations.c: goes through the table of cases, in 32 bits and in 16. For each:
 * the engine's result agrees with the float64 reference; its gradients of
 * sum (weight * result) agree with central differences of the reference; the
 * same gradients come when an input alone requires one, and twice as much when
 * the operation is used twice; and a second run gives the same bits.
 *
 * In 16 bits the reference is given the rounded inputs, and the inputs come in
 * every way in which they are stored: see `ways`.
 *
 * Run one case with -p /engine/operations/linear/3x5,7x5,7:bf16. With --speed
 * operations are timed instead, see speed.c.
 */
#include "tests/engine/device.h"
#include "tests/engine/speed.h"
#include "tests/engine/trial.h"

#include <math.h>
#include <string.h>

static const Way ways[] = {
  { "in 32 bits", WIDE, WIDE },           { "in 16 bits", HALF, HALF },
  { "with parameters", HALF, PARAMETER }, { "of a parameter", PARAMETER, HALF },
  { "in 16 and 32 bits", HALF, WIDE },
};
#define WAYS_ONCE 3 /* of them, where each case is tried once */

/* --- The engine's gradients ---------------------------------------------- */

/* Gradients of sum (weight * operation), or of that twice, for the inputs of
 * the bit set @which. NULL where there is none; free each. */
static void
engine_gradients (Trial *trial, guint which, gboolean twice, float **gradient)
{
  EidTensor *in[MAX_INPUTS];
  g_autofree float *weight = g_new (float, trial->out->count);

  trial_dirty_memory (trial);
  trial_begin (trial, which, in);
  for (gsize e = 0; e < trial->out->count; e++)
    weight[e] = (float) trial->weight[e];
  EidTensor *weights = eid_tensor_from_data (test_device, EID_F32, trial->out->shape, weight);
  EidTensor *loss = eid_sum (eid_mul (trial->operation->run (in, trial->c->attribute), weights));
  if (twice)
    loss = eid_add (loss, eid_sum (eid_mul (trial->operation->run (in, trial->c->attribute), weights)));
  eid_backward (loss);

  for (guint i = 0; i < MAX_INPUTS; i++)
    {
      EidTensor *tensor = in[i] != NULL ? eid_tensor_gradient (in[i]) : NULL;
      gboolean asked = (which & (1u << i)) != 0;

      gradient[i] = NULL;
      if (asked != (tensor != NULL))
        test_complain ("%s: input %u has %s gradient", trial->name, i, asked ? "no" : "an unasked");
      else if (asked && !eid_shape_equal (eid_tensor_shape (tensor), trial->in[i]->shape))
        test_complain ("%s: gradient of input %u has another shape", trial->name, i);
      else if (asked)
        gradient[i] = test_read (tensor);
    }
  test_device_is_well ();
  trial_end (trial);
}

/* --- Checks -------------------------------------------------------------- */

static char *
place (const Array *array, gsize element)
{
  GString *text = g_string_new ("]");
  for (guint i = array->shape.rank; i-- > 0; element /= array->shape.dim[i])
    {
      g_autofree char *index =
          g_strdup_printf ("%s%" G_GSIZE_FORMAT, i > 0 ? ", " : "[", element % array->shape.dim[i]);
      g_string_prepend (text, index);
    }
  return g_string_free (text, FALSE);
}

/* What the operation gives; g_free(). */
static float *
engine_result (Trial *trial)
{
  EidTensor *in[MAX_INPUTS];

  trial_dirty_memory (trial);
  trial_begin (trial, 0, in);
  EidTensor *out = trial->operation->run (in, trial->c->attribute);
  float *got = test_read (out);

  if (test_device_is_well () && !eid_shape_equal (eid_tensor_shape (out), trial->out->shape))
    {
      g_autofree char *shape = eid_shape_to_string (eid_tensor_shape (out));
      g_autofree char *wanted = eid_shape_to_string (trial->out->shape);
      test_complain ("%s: result has shape %s, expected %s", trial->name, shape, wanted);
    }
  trial_end (trial);
  return got;
}

static void
check_forward (Trial *trial)
{
  const Precision *precision = trial->precision;
  const Array *expected = trial->out;
  g_autofree float *got = engine_result (trial);
  g_autofree float *again = test_once ? NULL : engine_result (trial);
  double squares = 0, errors = 0;

  for (gsize e = 0; e < expected->count && !g_test_failed (); e++)
    {
      squares += expected->value[e] * expected->value[e];
      errors += (got[e] - expected->value[e]) * (got[e] - expected->value[e]);
    }
  double typical = sqrt (squares / (double) expected->count);
  for (gsize e = 0; e < expected->count && !g_test_failed (); e++)
    {
      double scale = MAX (fabs (expected->value[e]), MAX (typical, 1e-3));
      if (!(fabs (got[e] - expected->value[e]) <= precision->forward * scale))
        {
          g_autofree char *at = place (expected, e);

          test_complain ("%s, %s: result %s is %.9g, expected %.9g", trial->name, trial->way->name, at,
                         got[e], expected->value[e]);
        }
    }
  if (!g_test_failed () && !(sqrt (errors) <= precision->forward_norm * sqrt (squares) + 1e-6))
    test_complain ("%s, %s: the result differs by %.3g of its norm", trial->name, trial->way->name,
                   sqrt (errors / squares));
  if (!g_test_failed () && again && memcmp (got, again, expected->count * sizeof *got) != 0)
    test_complain ("%s, %s: a second run gives other bits", trial->name, trial->way->name);
}

static void
check_gradient (const Trial *trial, guint i, const float *got)
{
  const Precision *precision = trial->precision;
  const Array *input = trial->in[i];
  gsize stride = trial->stride[i], probes = trial->probes[i];
  const double *expected = trial->expected[i];
  double squares = 0, errors = 0;

  for (gsize p = 0; p < probes; p++)
    {
      squares += expected[p] * expected[p];
      errors += (got[p * stride] - expected[p]) * (got[p * stride] - expected[p]);
    }

  double typical = sqrt (squares / (double) probes);
  for (gsize p = 0; p < probes; p++)
    {
      double scale = MAX (fabs (expected[p]), MAX (typical * precision->share, 1e-3));
      if (!(fabs (got[p * stride] - expected[p]) <= precision->gradient * scale))
        {
          g_autofree char *at = place (input, p * stride);

          test_complain ("%s, %s: gradient of input %u %s is %.9g, expected %.9g", trial->name,
                         trial->way->name, i, at, got[p * stride], expected[p]);
          return;
        }
    }
  if (!(sqrt (errors) <= precision->gradient_norm * sqrt (squares) + 1e-6))
    test_complain ("%s, %s: gradient of input %u differs by %.3g of its norm", trial->name, trial->way->name,
                   i, sqrt (errors / squares));

  g_autofree float *direction = trial_direction (trial, i);
  double along = 0, norm = 0, slope = trial->slope[i];
  for (gsize e = 0; e < input->count; e++)
    {
      along += (double) got[e] * direction[e];
      norm += (double) got[e] * got[e];
    }
  double scale = MAX (fabs (slope), MAX (sqrt (norm) * precision->share, 1e-3));
  if (!(fabs (along - slope) <= precision->gradient * scale))
    test_complain ("%s, %s: gradient of input %u along a direction is %.9g, expected %.9g", trial->name,
                   trial->way->name, i, along, slope);
}

/* The gradient @got is @factor times @expected but for rounding. */
static void
check_same (const Trial *trial, const char *when, guint i, const float *got, const float *expected,
            double factor)
{
  g_autofree double *scaled = g_new (double, trial->in[i]->count);
  g_autofree char *what =
      g_strdup_printf ("%s, %s: gradient of input %u, %s", trial->name, trial->way->name, i, when);
  for (gsize e = 0; e < trial->in[i]->count; e++)
    scaled[e] = factor * expected[e];
  test_close (what, got, scaled, trial->in[i]->count, trial->precision->forward);
}

static void
check_bits (Trial *trial, guint which, float *const *all)
{
  float *again[MAX_INPUTS];

  engine_gradients (trial, which, FALSE, again);
  for (guint i = 0; i < MAX_INPUTS; i++)
    {
      if (all[i] != NULL && again[i] != NULL
          && memcmp (all[i], again[i], trial->in[i]->count * sizeof *again[i]) != 0)
        test_complain ("%s, %s: gradient of input %u has other bits in a second run", trial->name,
                       trial->way->name, i);
      g_free (again[i]);
    }
}

static void
check_gradients (Trial *trial)
{
  float *all[MAX_INPUTS], *again[MAX_INPUTS];
  guint which = 0;

  for (guint i = 0; i < MAX_INPUTS; i++)
    if (trial_differentiable (trial, i))
      which |= 1u << i;
  if (which == 0)
    return;

  engine_gradients (trial, which, FALSE, all);
  for (guint i = 0; i < MAX_INPUTS; i++)
    if (all[i] != NULL)
      check_gradient (trial, i, all[i]);
  if (!test_once)
    check_bits (trial, which, all);

  for (guint only = 0; only < MAX_INPUTS && !test_once; only++)
    if (all[only] != NULL && which != 1u << only)
      {
        engine_gradients (trial, 1u << only, FALSE, again);
        if (again[only] != NULL)
          check_same (trial, "alone", only, again[only], all[only], 1);
        g_free (again[only]);
      }

  engine_gradients (trial, which, TRUE, again);
  for (guint i = 0; i < MAX_INPUTS; i++)
    {
      if (all[i] != NULL && again[i] != NULL)
        check_same (trial, "used twice", i, again[i], all[i], 2);
      g_free (again[i]);
      g_free (all[i]);
    }
}

/* An input without gradient gets none even where it asks for one. */
static void
check_no_gradients (Trial *trial)
{
  EidTensor *in[MAX_INPUTS];
  guint which = 0;

  for (guint i = 0; i < MAX_INPUTS; i++)
    if (trial->in[i] != NULL && (trial->operation->input[i] == FIXED || trial->operation->input[i] == STATE))
      which |= 1u << i;
  trial_begin (trial, which, in);
  eid_backward (eid_sum (trial->operation->run (in, trial->c->attribute)));
  for (guint i = 0; i < MAX_INPUTS; i++)
    if (which & (1u << i) && eid_tensor_gradient (in[i]) != NULL)
      test_complain ("%s: input %u has a gradient, which it should not", trial->name, i);
  test_device_is_well ();
  trial_end (trial);
}

static void
test_case (const Case *c, const Precision *precision)
{
  gboolean narrow = precision->type == EID_BF16;
  guint first = narrow && test_quick ? 1 : 0; /* a simulator looks at indices, the same in all ways */
  guint end = !narrow || test_quick ? first + 1 : test_once ? WAYS_ONCE : G_N_ELEMENTS (ways);
  Trial trial;

  trial_init (&trial, c, precision);
  for (guint way = first; way < end && !g_test_failed (); way++)
    {
      trial.way = &ways[way];
      check_forward (&trial);
      if (!g_test_failed ())
        {
          check_gradients (&trial);
          check_no_gradients (&trial);
        }
    }
  trial_clear (&trial);
}

static void
test_in_32_bits (gconstpointer c)
{
  test_case (c, &precisions[0]);
}

static void
test_in_16_bits (gconstpointer c)
{
  test_case (c, &precisions[1]);
}

/* Small enough for a simulated device. */
static gboolean
is_quick (const Case *c)
{
  gsize count = 0;
  g_auto (GStrv) shapes = g_strsplit (c->shapes, " ", -1);
  for (guint i = 0; shapes[i] != NULL; i++)
    count += eid_shape_count (trial_shape (shapes[i]));
  return count <= 400;
}

/* "/engine/operations/matmul/3x5,7x5:0:1:bf16": shapes, attributes up to the
 * last that is not 0, and the precision if it is not 32 bits.                */
static char *
path_of (const Case *c, const Precision *precision)
{
  GString *path = g_string_new ("/engine/operations/");
  guint last = MAX_ATTRIBUTES;

  g_string_append_printf (path, "%s/%s", c->operation, c->shapes);
  g_string_replace (path, " ", ",", 0);
  while (last > 0 && c->attribute[last - 1] == 0)
    last--;
  for (guint i = 0; i < last; i++)
    g_string_append_printf (path, ":%g", c->attribute[i]);
  g_string_append (path, precision->mark);
  return g_string_free (path, FALSE);
}

static void
add_tests (void)
{
  for (const Part *part = table; part->operations != NULL; part++)
    for (const Case *c = part->cases; c->operation != NULL; c++)
      for (guint i = 0; i < G_N_ELEMENTS (precisions); i++)
        {
          g_autofree char *path = path_of (c, &precisions[i]);
          if (c->timed == 0 && (!test_quick || is_quick (c)))
            g_test_add_data_func (path, c, precisions[i].type == EID_F32 ? test_in_32_bits : test_in_16_bits);
        }
}

int
main (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    if (g_str_equal (argv[i], "--speed"))
      return test_main (argc, argv, add_speed_tests);
  return test_main (argc, argv, add_tests);
}
