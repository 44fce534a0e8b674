/* operations.c: goes through the table of cases. For each: the engine's result
 * agrees with the float64 reference; its gradients of sum (weight * result)
 * agree with central differences of the reference; the same gradients come
 * when an input alone requires one, and twice as much when the operation is
 * used twice.
 *
 * Run one case with -p /engine/operations/linear/3x5,7x5,7.
 */
#include "device.h"
#include "trial.h"

#include <math.h>

#define FORWARD_TOLERANCE  1e-5 /* of the larger of |expected| and the root mean square */
#define GRADIENT_TOLERANCE 1e-3 /* of the larger of |expected| and a tenth of it */
#define NORM_TOLERANCE     2e-4 /* |got - expected| / |expected|, as vectors */
#define PROBES             200  /* elements of one input that differences are taken at */

static gboolean
differentiable (const Trial *trial, guint i)
{
  InputKind kind = trial->operation->input[i];
  return trial->in[i] != NULL && (kind == REAL || kind == UNIT);
}

/* --- The engine's gradients ---------------------------------------------- */

/* Gradients of sum (weight * operation), or of that twice, for the inputs of
 * the bit set @which. NULL where there is none; free each. */
static void
engine_gradients (const Trial *trial, guint which, gboolean twice, float **gradient)
{
  EidTensor *in[MAX_INPUTS];
  g_autofree float *weight = g_new (float, trial->out->count);

  trial_dirty_memory (trial);
  eid_arena_push (test_device);
  trial_upload_all (trial, in);
  for (guint i = 0; i < MAX_INPUTS; i++)
    if (which & (1u << i))
      eid_tensor_require_gradient (in[i]);

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
  eid_arena_pop (test_device);
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

static void
check_forward (const Trial *trial)
{
  EidTensor *in[MAX_INPUTS];
  const Array *expected = trial->out;
  double squares = 0;

  trial_dirty_memory (trial);
  eid_arena_push (test_device);
  trial_upload_all (trial, in);
  EidTensor *out = trial->operation->run (in, trial->c->attribute);
  g_autofree float *got = test_read (out);

  if (test_device_is_well () && !eid_shape_equal (eid_tensor_shape (out), expected->shape))
    {
      g_autofree char *shape = eid_shape_to_string (eid_tensor_shape (out));
      g_autofree char *wanted = eid_shape_to_string (expected->shape);
      test_complain ("%s: result has shape %s, expected %s", trial->name, shape, wanted);
    }

  for (gsize e = 0; e < expected->count && !g_test_failed (); e++)
    squares += expected->value[e] * expected->value[e] / (double) expected->count;
  for (gsize e = 0; e < expected->count && !g_test_failed (); e++)
    {
      double scale = MAX (fabs (expected->value[e]), MAX (sqrt (squares), 1e-3));
      g_autofree char *at = place (expected, e);
      if (!(fabs (got[e] - expected->value[e]) <= FORWARD_TOLERANCE * scale))
        test_complain ("%s: result %s is %.9g, expected %.9g", trial->name, at, got[e], expected->value[e]);
    }
  eid_arena_pop (test_device);
}

/* Differences at up to PROBES elements spread over the input, and along one
 * direction that has a part in every element. */
static void
check_gradient (const Trial *trial, guint i, const float *got)
{
  const Array *input = trial->in[i];
  gsize stride = (input->count + PROBES - 1) / PROBES, probes = (input->count + stride - 1) / stride;
  g_autofree double *expected = g_new (double, probes);
  double squares = 0, errors = 0;

  for (gsize p = 0; p < probes; p++)
    {
      expected[p] = trial_difference (trial, i, p * stride);
      squares += expected[p] * expected[p];
      errors += (got[p * stride] - expected[p]) * (got[p * stride] - expected[p]);
    }

  double typical = sqrt (squares / (double) probes);
  for (gsize p = 0; p < probes; p++)
    {
      double scale = MAX (fabs (expected[p]), MAX (typical / 10, 1e-3));
      g_autofree char *at = place (input, p * stride);
      if (!(fabs (got[p * stride] - expected[p]) <= GRADIENT_TOLERANCE * scale))
        {
          test_complain ("%s: gradient of input %u %s is %.9g, expected %.9g", trial->name, i, at,
                         got[p * stride], expected[p]);
          return;
        }
    }
  if (!(sqrt (errors) <= NORM_TOLERANCE * sqrt (squares) + 1e-6))
    test_complain ("%s: gradient of input %u differs by %.3g of its norm", trial->name, i,
                   sqrt (errors / squares));

  g_autofree float *direction = test_noise (input->count, 17);
  double along = 0, norm = 0, slope = trial_difference_along (trial, i, direction);
  for (gsize e = 0; e < input->count; e++)
    {
      along += (double) got[e] * direction[e];
      norm += (double) got[e] * got[e];
    }
  if (!(fabs (along - slope) <= GRADIENT_TOLERANCE * MAX (fabs (slope), MAX (sqrt (norm) / 10, 1e-3))))
    test_complain ("%s: gradient of input %u along a direction is %.9g, expected %.9g", trial->name, i, along,
                   slope);
}

/* The gradient @got is @factor times @expected but for rounding. */
static void
check_same (const Trial *trial, const char *when, guint i, const float *got, const float *expected,
            double factor)
{
  g_autofree double *scaled = g_new (double, trial->in[i]->count);
  g_autofree char *what = g_strdup_printf ("%s: gradient of input %u, %s", trial->name, i, when);
  for (gsize e = 0; e < trial->in[i]->count; e++)
    scaled[e] = factor * expected[e];
  test_close (what, got, scaled, trial->in[i]->count, 1e-5);
}

static void
check_gradients (const Trial *trial)
{
  float *all[MAX_INPUTS], *again[MAX_INPUTS];
  guint which = 0;

  for (guint i = 0; i < MAX_INPUTS; i++)
    if (differentiable (trial, i))
      which |= 1u << i;
  if (which == 0)
    return;

  engine_gradients (trial, which, FALSE, all);
  for (guint i = 0; i < MAX_INPUTS; i++)
    if (all[i] != NULL)
      check_gradient (trial, i, all[i]);

  for (guint only = 0; only < MAX_INPUTS; only++)
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
check_no_gradients (const Trial *trial)
{
  EidTensor *in[MAX_INPUTS];

  eid_arena_push (test_device);
  trial_upload_all (trial, in);
  for (guint i = 0; i < MAX_INPUTS; i++)
    if (in[i] != NULL && trial->operation->input[i] == FIXED)
      eid_tensor_require_gradient (in[i]);
  eid_backward (eid_sum (trial->operation->run (in, trial->c->attribute)));
  for (guint i = 0; i < MAX_INPUTS; i++)
    if (in[i] != NULL && eid_tensor_gradient (in[i]) != NULL)
      test_complain ("%s: input %u has a gradient, which it should not", trial->name, i);
  test_device_is_well ();
  eid_arena_pop (test_device);
}

static void
test_case (gconstpointer data)
{
  Trial trial;
  trial_init (&trial, data);
  check_forward (&trial);
  if (!g_test_failed ())
    {
      check_gradients (&trial);
      check_no_gradients (&trial);
    }
  trial_clear (&trial);
}

/* Small enough for a simulated device. */
static gboolean
is_quick (const Case *c)
{
  gsize count = 0;
  g_auto (GStrv) shapes = g_strsplit (c->shapes, " ", -1);
  for (guint i = 0; shapes[i] != NULL; i++)
    count += eid_shape_count (trial_shape (shapes[i]));
  return count <= 1600;
}

/* "/engine/operations/matmul/3x5,7x5:0:1": shapes, then attributes up to the
 * last that is not 0.                                                        */
static char *
path_of (const Case *c)
{
  GString *path = g_string_new ("/engine/operations/");
  guint last = MAX_ATTRIBUTES;

  g_string_append_printf (path, "%s/%s", c->operation, c->shapes);
  g_string_replace (path, " ", ",", 0);
  while (last > 0 && c->attribute[last - 1] == 0)
    last--;
  for (guint i = 0; i < last; i++)
    g_string_append_printf (path, ":%g", c->attribute[i]);
  return g_string_free (path, FALSE);
}

static void
add_tests (void)
{
  for (const Case *c = cases; c->operation != NULL; c++)
    {
      g_autofree char *path = path_of (c);
      if (!test_quick || is_quick (c))
        g_test_add_data_func (path, c, test_case);
    }
}

int
main (int argc, char **argv)
{
  return test_main (argc, argv, add_tests);
}
