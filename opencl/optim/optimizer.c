/* optimizer.c: one update of the whole block of parameters, by one of the rules.
 *
 * First the gradient's norm, which also tells whether it is finite; with LARS
 * each parameter's trust ratio; then one pass over weights, moments, the copy in
 * 16 bits and the teacher.
 */

#include "opencl/optim/parameters.h"

#include <math.h>
#include <glib/gi18n-lib.h>

guint
eid_rule_moments (EidRule rule)
{
  return rule == EID_ADAMW ? 2 : 1;
}

/* --- Norms ---------------------------------------------------------------------- */

/* A row of this many gradients is squared and summed at a time. */
#define NORM_ROW 4096

/* [1]; sets @halted where it is not finite. */
static EidTensor *
gradient_norm (EidParameters *parameters)
{
  EidDevice *device = parameters->device;
  gsize count = parameters->trained, rows = (count + NORM_ROW - 1) / NORM_ROW;
  EidTensor *norm = eid_tensor_new (device, EID_F32, EID_SHAPE (1));
  EidTensor *partial = eid_scratch (device, EID_SHAPE (MAX (rows, 1)), _ ("The gradient's norm"));

  EID_ROWS (device, "optimizer:square_sums", rows, T (parameters->gradients), T (partial), I (rows),
            I (NORM_ROW), I (count));
  EID_ROWS (device, "optimizer:norm", 1, T (partial), T (norm), T (parameters->halted), I (1), I (rows));
  eid_scratch_free (partial);
  return norm;
}

static void
make_owners (EidParameters *parameters)
{
  g_autofree gint32 *owners = g_new0 (gint32, 2 * MAX (parameters->list->len, 1));
  guint n = 0;

  for (guint i = 0; i < parameters->list->len; i++)
    {
      EidParameter *parameter = parameters->list->pdata[i];

      if (parameter->kind != EID_WEIGHT)
        continue;
      owners[2 * n] = (gint32) (parameter->offset / EID_PARAMETER_ROW);
      owners[2 * n + 1] =
          (gint32) ((eid_tensor_count (parameter->tensor) + EID_PARAMETER_ROW - 1) / EID_PARAMETER_ROW);
      n++;
    }
  parameters->n_owners = n;
  parameters->owners =
      eid_scratch_of (parameters->device, EID_I32, EID_SHAPE (MAX (n, 1), 2), _ ("The optimiser"));
  eid_tensor_write (parameters->owners, owners);
}

/* LARS: by what the step of each row of the parameters with decay is multiplied. The caller's. */
static EidTensor *
trust_ratios (EidParameters *parameters, const EidUpdate *update, EidTensor *norm)
{
  EidDevice *device = parameters->device;
  gsize rows = parameters->decayed / EID_PARAMETER_ROW;
  EidTensor *trust = eid_scratch (device, EID_SHAPE (MAX (rows, 1)), _ ("The optimiser"));
  EidTensor *sums = eid_scratch (device, EID_SHAPE (2, MAX (rows, 1)), _ ("The optimiser"));

  if (parameters->owners == NULL && eid_device_ok (device))
    make_owners (parameters);
  EID_ROWS (device, "optimizer:trust_sums", rows, T (parameters->weights), T (parameters->gradients),
            T (norm), T (sums), I (rows), F (update->clip), F (update->weight_decay));
  EID_ROWS (device, "optimizer:trust", parameters->n_owners, T (sums), T (parameters->owners), T (trust),
            I (parameters->n_owners), I (rows), F (update->trust));
  eid_scratch_free (sums);
  return trust;
}

/* --- Rates by parameter -------------------------------------------------------------- */

/* By what the learning rate of each grain of the block is multiplied; NULL where it is 1 everywhere. */
static EidTensor *
learning_rates (EidParameters *parameters)
{
  gsize count = parameters->trained / parameters->grain;
  g_autofree float *rates = NULL;

  if (!parameters->has_rates || parameters->rates != NULL || !eid_device_ok (parameters->device))
    return parameters->rates;
  rates = g_new (float, MAX (count, 1));
  for (gsize i = 0; i < count; i++)
    rates[i] = 1;
  for (guint i = 0; i < parameters->list->len; i++)
    {
      EidParameter *parameter = parameters->list->pdata[i];
      gsize first = parameter->offset / parameters->grain;
      gsize grains = (eid_tensor_count (parameter->tensor) + parameters->grain - 1) / parameters->grain;

      for (gsize j = first; parameter->kind != EID_BUFFER && j < first + grains; j++)
        rates[j] = parameter->rate;
    }
  parameters->rates =
      eid_scratch_of (parameters->device, EID_F32, EID_SHAPE (MAX (count, 1)), _ ("The optimiser"));
  eid_tensor_write (parameters->rates, rates);
  return parameters->rates;
}

/* --- The update -------------------------------------------------------------------- */

EidTensor *
eid_parameters_update (EidParameters *parameters, const EidUpdate *update)
{
  EidDevice *device = parameters->device;
  gsize count = parameters->trained, decayed = parameters->decayed / EID_PARAMETER_ROW;
  EidTensor *norm, *rates, *trust = NULL;
  double debias1 = 1 - pow (update->beta1, update->update), debias2 = 1 - pow (update->beta2, update->update);

  eid_require (device, !parameters->uses_teacher, "update", _ ("the teacher is in the weights' place"));
  eid_parameters_make_gradients (parameters);
  eid_parameters_settle_gradients (parameters);
  device->changes++;
  norm = gradient_norm (parameters);
  rates = learning_rates (parameters);
  if (update->rule == EID_LARS)
    trust = trust_ratios (parameters, update, norm);

/* What the rules' kernels take alike. */
#define BLOCKS                                                                                               \
  T (parameters->weights), T (parameters->weight_halves), T (parameters->teacher),                           \
      T (parameters->teacher_halves), T (parameters->gradients), T (norm), T (parameters->halted),           \
      T (rates), I (count), I (parameters->grain), I (decayed), F (update->learning_rate),                   \
      F (update->weight_decay), F (update->clip), F (update->teacher_momentum)

  if (update->rule == EID_ADAMW)
    EID_FLAT (device, "optimizer:adamw", count, BLOCKS, T (eid_parameters_moment (parameters, 0)),
              T (eid_parameters_moment (parameters, 1)), F (update->beta1), F (update->beta2),
              F (update->epsilon), F ((float) (1 / debias1)), F ((float) (1 / sqrt (debias2))));
  else
    EID_FLAT (device, "optimizer:sgd", count, BLOCKS, T (eid_parameters_moment (parameters, 0)), T (trust),
              F (update->momentum), I (update->rule == EID_SGD && update->nesterov));
#undef BLOCKS

  eid_parameters_zero_gradients (parameters);

  g_clear_pointer (&trust, eid_scratch_free);
  return norm;
}
