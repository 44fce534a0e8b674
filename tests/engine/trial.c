/* trial.c: one case of the table with its numbers: drawn from a generator of its
 * own, so that a case is the same whichever others run.
 */
#include "trial.h"
#include "device.h"

#include <math.h>
#include <string.h>

#define STEP 1e-5 /* of the differences */

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

void
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
      trial->in[i] = array_new (trial_shape (shapes[i]));
      draw (trial, i, random);
    }

  trial->out = operation->reference (trial->in, c->attribute);
  trial->weight = g_new (double, trial->out->count);
  for (gsize e = 0; e < trial->out->count; e++)
    trial->weight[e] = (float) g_rand_double_range (random, -1, 1);
}

void
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

void
trial_upload_all (const Trial *trial, EidTensor **in)
{
  for (guint i = 0; i < MAX_INPUTS; i++)
    in[i] = trial->in[i] != NULL ? upload (trial->in[i], trial->operation->input[i]) : NULL;
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
        eid_tensor_write (eid_tensor_new (test_device, EID_F32, array->shape), nan);
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

double
trial_difference (const Trial *trial, guint i, gsize e)
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

double
trial_difference_along (const Trial *trial, guint i, const float *direction)
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
