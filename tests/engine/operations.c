/* operations.c: goes through the table of cases. For each: the engine's result
 * agrees with the float64 reference; its gradients of sum (weight * result)
 * agree with central differences of the reference; the same gradients come
 * when an input alone requires one, and twice as much when the operation is
 * used twice.
 *
 * Run one case with -p /engine/operations/linear/3x5,7x5,7.
 */
#include "device.h"
#include "table.h"

#include <math.h>
#include <string.h>

#define FORWARD_TOLERANCE  1e-5 /* of the larger of |expected| and the root mean square */
#define GRADIENT_TOLERANCE 1e-3 /* of the larger of |expected| and a tenth of it */
#define NORM_TOLERANCE     2e-4 /* |got - expected| / |expected|, as vectors */
#define STEP               1e-5 /* of the differences */
#define PROBES             200  /* elements of one input that differences are taken at */

typedef struct
{
  const Operation *operation;
  const Case *c;
  char *name; /* "linear 3x5,7x5,7" */
  Array *in[MAX_INPUTS];
  Array *out;
  double *weight; /* of the loss */
} Trial;

static gboolean
differentiable (const Trial *trial, guint i)
{
  InputKind kind = trial->operation->input[i];
  return trial->in[i] != NULL && (kind == REAL || kind == UNIT);
}

/* --- Inputs -------------------------------------------------------------- */

static EidShape
parse_shape (const char *text)
{
  g_auto (GStrv) sizes = g_strsplit (text, "x", -1);
  EidShape shape = { .rank = g_strv_length (sizes) };
  g_assert_cmpuint (shape.rank, <=, EID_MAX_RANK);
  for (guint i = 0; i < shape.rank; i++)
    shape.dim[i] = (guint) g_ascii_strtoull (sizes[i], NULL, 10);
  return shape;
}

/* Rows of numbers below @below, none twice in a row. */
static void
draw_distinct (Array *array, guint below, GRand *random)
{
  guint n = array_dim (array, 1);
  g_autofree guint *order = g_new (guint, below);

  g_assert_cmpuint (n, <=, below);
  for (guint r = 0; r < array_dim (array, 0); r++)
    {
      for (guint i = 0; i < below; i++)
        order[i] = i;
      for (guint i = 0; i < n; i++)
        {
          guint j = (guint) g_rand_int_range (random, (gint32) i, (gint32) below), swap = order[j];
          order[j] = order[i];
          array->value[r * n + i] = order[i] = swap;
        }
    }
}

static void
draw (Trial *trial, guint i, GRand *random)
{
  Array *array = trial->in[i];
  double spread = trial->c->spread > 0 ? trial->c->spread : 1;
  guint width = array_dim (array, -1);

  switch (trial->operation->input[i])
    {
    case REAL:
    case FIXED:
    case UNIT:
      for (gsize e = 0; e < array->count; e++)
        {
          double magnitude = g_rand_double_range (random, 0.02, 1) * spread;
          array->value[e] = (float) (g_rand_boolean (random) ? magnitude : -magnitude);
        }
      break;
    case POSITIVE:
      for (gsize e = 0; e < array->count; e++)
        array->value[e] = (float) g_rand_double_range (random, 0.5, 1.5);
      break;
    case MASK:
      for (gsize e = 0; e < array->count; e++)
        array->value[e] = e == 0 || g_rand_boolean (random);
      break;
    case TARGET:
      for (gsize e = 0; e < array->count; e++)
        array->value[e] = g_rand_int_range (random, 0, (gint32) array_dim (trial->in[0], -1));
      break;
    case KEEP:
      draw_distinct (array, array_dim (trial->in[0], -2), random);
      break;
    case RESTORE:
      draw_distinct (array, width, random);
      break;
    case NONE:
      g_assert_not_reached ();
    }

  if (trial->operation->input[i] == UNIT)
    {
      g_autofree Array *unit = reference_normalize (&array, NULL);
      for (gsize e = 0; e < array->count; e++)
        array->value[e] = (float) unit->value[e];
    }
}

static void
trial_init (Trial *trial, const Case *c)
{
  const Operation *operation = operations;
  while (!g_str_equal (operation->name, c->operation))
    operation++;

  g_auto (GStrv) shapes = g_strsplit (c->shapes, " ", -1);
  g_autofree char *path = g_strjoinv (",", shapes);
  g_autoptr (GRand) random = g_rand_new_with_seed (g_str_hash (c->shapes));

  *trial = (Trial){ operation, c, g_strdup_printf ("%s %s", c->operation, path) };
  for (guint i = 0; shapes[i] != NULL; i++)
    {
      trial->in[i] = array_new (parse_shape (shapes[i]));
      draw (trial, i, random);
    }

  trial->out = operation->reference (trial->in, c->attribute);
  trial->weight = g_new (double, trial->out->count);
  for (gsize e = 0; e < trial->out->count; e++)
    trial->weight[e] = (float) g_rand_double_range (random, -1, 1);
}

static void
trial_clear (Trial *trial)
{
  for (guint i = 0; i < MAX_INPUTS; i++)
    g_free (trial->in[i]);
  g_free (trial->out);
  g_free (trial->weight);
  g_free (trial->name);
}

/* --- The engine's side --------------------------------------------------- */

static EidTensor *
upload (const Array *array, InputKind kind)
{
  gboolean integer = kind == KEEP || kind == RESTORE || kind == TARGET;
  g_autofree gint32 *integers = g_new (gint32, array->count);
  g_autofree float *reals = g_new (float, array->count);

  for (gsize e = 0; e < array->count; e++)
    if (integer)
      integers[e] = (gint32) array->value[e];
    else
      reals[e] = (float) array->value[e];
  return eid_tensor_from_data (test_device, integer ? EID_I32 : EID_F32, array->shape,
                               integer ? (gpointer) integers : (gpointer) reals);
}

static void
upload_all (const Trial *trial, EidTensor **in)
{
  for (guint i = 0; i < MAX_INPUTS; i++)
    in[i] = trial->in[i] != NULL ? upload (trial->in[i], trial->operation->input[i]) : NULL;
}

/* Fills the memory that the operation is about to be given with NaN, so that
 * what reads before it writes is seen. */
static void
dirty_memory (const Trial *trial)
{
  eid_arena_push (test_device);
  for (guint i = 0; i <= MAX_INPUTS; i++)
    {
      const Array *array = i < MAX_INPUTS ? trial->in[i] : trial->out;
      if (array == NULL)
        continue;

      g_autofree float *nan = g_new (float, array->count);
      for (gsize e = 0; e < array->count; e++)
        nan[e] = NAN;
      for (guint copy = 0; copy < 3; copy++)
        eid_tensor_write (eid_tensor_new (test_device, EID_F32, array->shape), nan);
    }
  eid_arena_pop (test_device);
}

/* Gradients of sum (weight * operation), or of that twice, for the inputs of
 * the bit set @which. NULL where there is none; free each. */
static void
engine_gradients (const Trial *trial, guint which, gboolean twice, float **gradient)
{
  EidTensor *in[MAX_INPUTS];
  g_autofree float *weight = g_new (float, trial->out->count);

  dirty_memory (trial);
  eid_arena_push (test_device);
  upload_all (trial, in);
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

/* --- The reference's side ------------------------------------------------ */

static double
reference_loss (const Trial *trial)
{
  g_autofree Array *out = trial->operation->reference ((Array **) trial->in, trial->c->attribute);
  double loss = 0;
  for (gsize e = 0; e < out->count; e++)
    loss += trial->weight[e] * out->value[e];
  return loss;
}

/* d loss / d element @e of input @i */
static double
difference (const Trial *trial, guint i, gsize e)
{
  double *value = trial->in[i]->value + e, kept = *value;
  double step = STEP * MAX (fabs (kept), 1);

  *value = kept + step;
  double above = reference_loss (trial);
  *value = kept - step;
  double below = reference_loss (trial);
  *value = kept;
  return (above - below) / (2 * step);
}

/* d loss along @direction, of input @i */
static double
difference_along (const Trial *trial, guint i, const float *direction)
{
  Array *array = trial->in[i];
  g_autofree double *kept = g_memdup2 (array->value, array->count * sizeof (double));
  double loss[2];

  for (int side = 0; side < 2; side++)
    {
      for (gsize e = 0; e < array->count; e++)
        array->value[e] = kept[e] + (side == 0 ? STEP : -STEP) * direction[e];
      loss[side] = reference_loss (trial);
    }
  memcpy (array->value, kept, array->count * sizeof (double));
  return (loss[0] - loss[1]) / (2 * STEP);
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

  dirty_memory (trial);
  eid_arena_push (test_device);
  upload_all (trial, in);
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
      expected[p] = difference (trial, i, p * stride);
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
  double along = 0, norm = 0, slope = difference_along (trial, i, direction);
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

static void
test_case (gconstpointer data)
{
  Trial trial;
  trial_init (&trial, data);
  check_forward (&trial);
  if (!g_test_failed ())
    check_gradients (&trial);
  trial_clear (&trial);
}

/* Small enough for a simulated device. */
static gboolean
is_quick (const Case *c)
{
  gsize count = 0;
  g_auto (GStrv) shapes = g_strsplit (c->shapes, " ", -1);
  for (guint i = 0; shapes[i] != NULL; i++)
    count += eid_shape_count (parse_shape (shapes[i]));
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
