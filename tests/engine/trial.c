/* trial.c: one case of the table with its numbers: drawn from a generator of its
 * own, so that a case is the same whichever others run.
 */
#include "tests/engine/trial.h"
#include "tests/engine/device.h"

#include <math.h>
#include <string.h>

#define STEP 1e-5 /* of the differences */

const Precision precisions[2] = {
  { EID_F32, "", 1e-5, 1e-5, 1e-3, 2e-4, 0.1 },
  { EID_BF16, ":bf16", 5e-2, 2e-2, 5e-2, 2e-2, 1 },
};

/* --- Inputs -------------------------------------------------------------- */

EidShape
trial_shape (const char *text)
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
    case STATE:
      for (gsize e = 0; e < array->count; e++)
        {
          double magnitude = g_rand_double_range (random, 0.02, 1) * spread;
          array->value[e] = (float) (g_rand_boolean (random) ? magnitude : -magnitude);
        }
      break;
    case POSITIVE:
    case ABOVE:
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
    case GRID:
      g_assert_true (array->count <= 512 || trial->c->timed != 0);
      for (gsize e = 0; e < array->count; e++)
        {
          gsize j = (gsize) g_rand_int_range (random, 0, (gint32) e + 1);
          array->value[e] = array->value[j];
          array->value[j] = ((double) e - (double) (array->count / 2)) / 64;
        }
      break;
    case PLACE:
      for (gsize e = 0; e < array->count; e++)
        array->value[e] = g_rand_int_range (random, 0, (gint32) array_dim (trial->in[0], 0));
      break;
    case BELOW:
      for (gsize e = 0; e < array->count; e++)
        array->value[e] = g_rand_int_range (random, 0, (gint32) trial->c->attribute[0]);
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

gboolean
trial_differentiable (const Trial *trial, guint i)
{
  InputKind kind = trial->operation->input[i];
  return trial->in[i] != NULL && (kind == REAL || kind == UNIT || kind == ABOVE || kind == GRID);
}

/* Is it a floating-point input that may be stored in 16 bits? */
static gboolean
shortens (const Trial *trial, guint i)
{
  return trial_differentiable (trial, i) || trial->operation->input[i] == FIXED;
}

/* The nearest number of 16 bits, ties to even. */
static double
to_half (double value)
{
  union
  {
    float number;
    guint32 bits;
  } x = { .number = (float) value };

  x.bits = (x.bits + 0x7fffu + ((x.bits >> 16) & 1)) & 0xffff0000u;
  return x.number;
}

static const Operation *
find_operation (const char *name)
{
  for (const Part *part = table; part->operations != NULL; part++)
    for (const Operation *operation = part->operations; operation->name != NULL; operation++)
      if (g_str_equal (operation->name, name))
        return operation;
  g_error ("the table has cases of %s, and no such operation", name);
}

void
trial_draw (Trial *trial, const Case *c, const Precision *precision)
{
  static const Way wide = { "in 32 bits", WIDE, WIDE };
  g_auto (GStrv) shapes = g_strsplit (c->shapes, " ", -1);
  g_autofree char *path = g_strjoinv (",", shapes);
  g_autoptr (GRand) random = g_rand_new_with_seed (g_str_hash (c->shapes));

  *trial = (Trial){ .operation = find_operation (c->operation),
                    .c = c,
                    .precision = precision,
                    .way = &wide,
                    .name = g_strdup_printf ("%s %s", c->operation, path) };
  for (guint i = 0; shapes[i] != NULL; i++)
    {
      trial->in[i] = array_new (trial_shape (shapes[i]));
      draw (trial, i, random);
      if (precision->type == EID_BF16 && shortens (trial, i))
        for (gsize e = 0; e < trial->in[i]->count; e++)
          trial->in[i]->value[e] = to_half (trial->in[i]->value[e]);
    }
}

static void differentiate (Trial *trial, guint i);

void
trial_init (Trial *trial, const Case *c, const Precision *precision)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (g_str_hash (c->shapes) + 1);

  trial_draw (trial, c, precision);
  trial->out = trial->operation->reference (trial->in, c->attribute);
  trial->weight = g_new (double, trial->out->count);
  for (gsize e = 0; e < trial->out->count; e++)
    trial->weight[e] = to_half (g_rand_double_range (random, -1, 1));
  for (guint i = 0; i < MAX_INPUTS; i++)
    if (trial_differentiable (trial, i))
      differentiate (trial, i);
}

void
trial_clear (Trial *trial)
{
  for (guint i = 0; i < MAX_INPUTS; i++)
    {
      g_free (trial->in[i]);
      g_free (trial->expected[i]);
    }
  g_free (trial->out);
  g_free (trial->weight);
  g_free (trial->name);
}

/* --- The engine's side --------------------------------------------------- */

/* A parameter is declared now and there after eid_parameters_commit(). */
static EidTensor *
upload (Trial *trial, guint i, gboolean needs_gradient)
{
  const Array *array = trial->in[i];
  InputKind kind = trial->operation->input[i];
  Storage storage = i == 0 ? trial->way->first : trial->way->others;
  gboolean integer = kind >= TARGET;
  g_autofree gint32 *integers = g_new (gint32, array->count);
  g_autofree float *reals = g_new (float, array->count);
  EidTensor *tensor;

  for (gsize e = 0; e < array->count; e++)
    if (integer)
      integers[e] = (gint32) array->value[e];
    else
      reals[e] = (float) array->value[e];
  if (integer)
    return eid_tensor_from_data (test_device, EID_I32, array->shape, integers);

  if (storage == PARAMETER && trial_differentiable (trial, i))
    {
      g_autofree char *name = g_strdup_printf ("%u", i);
      return eid_parameters_add (trial->parameters, name, array->shape,
                                 needs_gradient ? EID_WEIGHT : EID_BUFFER,
                                 (EidInit){ EID_INIT_VALUES, 0, reals });
    }
  tensor = eid_tensor_from_data (test_device, storage == HALF && shortens (trial, i) ? EID_BF16 : EID_F32,
                                 array->shape, reals);
  if (needs_gradient)
    eid_tensor_require_gradient (tensor);
  return tensor;
}

void
trial_begin (Trial *trial, guint which, EidTensor **in)
{
  eid_device_set_precision (test_device, trial->precision->type);
  eid_arena_push (test_device);
  trial->parameters = eid_parameters_new (test_device, 0);
  for (guint i = 0; i < MAX_INPUTS; i++)
    in[i] = trial->in[i] != NULL ? upload (trial, i, (which & (1u << i)) != 0) : NULL;
  eid_parameters_commit (trial->parameters);
}

void
trial_end (Trial *trial)
{
  eid_arena_pop (test_device);
  g_clear_pointer (&trial->parameters, eid_parameters_free);
  eid_device_set_precision (test_device, EID_F32);
}

void
trial_dirty_memory (const Trial *trial)
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
        {
          eid_tensor_write (eid_tensor_new (test_device, EID_F32, array->shape), nan);
          if (trial->precision->type != EID_F32)
            eid_tensor_write (eid_tensor_new (test_device, trial->precision->type, array->shape), nan);
        }
    }
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

float *
trial_direction (const Trial *trial, guint i)
{
  return test_noise (trial->in[i]->count, 17);
}

/* Differences at up to PROBES elements spread over the input, and along the direction. */
static void
differentiate (Trial *trial, guint i)
{
  Array *array = trial->in[i];
  g_autofree double *kept = g_memdup2 (array->value, array->count * sizeof (double));
  g_autofree float *direction = trial_direction (trial, i);
  double loss[2];

  trial->stride[i] = (array->count + PROBES - 1) / PROBES;
  trial->probes[i] = (array->count + trial->stride[i] - 1) / trial->stride[i];
  trial->expected[i] = g_new (double, trial->probes[i]);
  for (gsize p = 0; p < trial->probes[i]; p++)
    {
      gsize e = p * trial->stride[i];
      double step = STEP * MAX (fabs (kept[e]), 1);

      for (int side = 0; side < 2; side++)
        {
          array->value[e] = kept[e] + (side == 0 ? step : -step);
          loss[side] = reference_loss (trial);
        }
      array->value[e] = kept[e];
      trial->expected[i][p] = (loss[0] - loss[1]) / (2 * step);
    }

  for (int side = 0; side < 2; side++)
    {
      for (gsize e = 0; e < array->count; e++)
        array->value[e] = kept[e] + (side == 0 ? STEP : -STEP) * direction[e];
      loss[side] = reference_loss (trial);
    }
  memcpy (array->value, kept, array->count * sizeof (double));
  trial->slope[i] = (loss[0] - loss[1]) / (2 * STEP);
}
