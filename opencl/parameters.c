/* parameters.c: a model's weights by name, in one flat block, and AdamW over it.
 *
 * The block is ordered: weights with decay, weights without, buffers. So one
 * kernel updates everything trained, and one number tells it where decay ends.
 * Gradients and moments are blocks of the same order.
 */

#include "private.h"

#include <math.h>
#include <string.h>
#include <glib/gi18n-lib.h>

typedef struct
{
  char *name;
  EidTensor *tensor;
  EidParameterKind kind;
  float *values; /* until commit */
  gsize offset;  /* elements, in the block */
} Parameter;

struct _EidParameters
{
  EidDevice *device;
  guint64 seed;
  GPtrArray *list; /* Parameter*, as declared */
  GHashTable *by_name;
  gsize decayed, trained, total; /* ends of the three parts, elements */
  EidTensor *weights, *gradients, *moments[2];
  EidTensor *halves; /* the weights in 16 bits, under EID_BF16; else NULL */
  EidTensor *halted; /* [1]: 1 once a gradient was not finite */
};

static void
parameter_free (gpointer data)
{
  Parameter *parameter = data;

  eid_tensor_free (parameter->tensor->half);
  eid_tensor_free (parameter->tensor);
  g_free (parameter->name);
  g_free (parameter->values);
  g_free (parameter);
}

EidParameters *
eid_parameters_new (EidDevice *device, guint64 seed)
{
  EidParameters *parameters = g_new0 (EidParameters, 1);

  parameters->device = device;
  parameters->seed = seed;
  parameters->list = g_ptr_array_new_with_free_func (parameter_free);
  parameters->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  return parameters;
}

void
eid_parameters_free (EidParameters *parameters)
{
  if (parameters == NULL)
    return;
  g_hash_table_unref (parameters->by_name);
  g_ptr_array_unref (parameters->list);
  if (parameters->weights)
    {
      eid_scratch_free (parameters->weights);
      if (parameters->halves)
        eid_scratch_free (parameters->halves);
      eid_scratch_free (parameters->gradients);
      eid_scratch_free (parameters->moments[0]);
      eid_scratch_free (parameters->moments[1]);
      eid_scratch_free (parameters->halted);
    }
  g_free (parameters);
}

/* FNV-1a: a parameter's values depend on its name, not on when it was declared. */
static guint32
hash_name (const char *name)
{
  guint32 hash = 2166136261u;

  for (; *name; name++)
    hash = (hash ^ (guchar) *name) * 16777619u;
  return hash;
}

static float *
initial_values (EidParameters *parameters, const char *name, gsize count, EidInit init)
{
  float *values = g_new0 (float, count);
  EidRandom random;

  eid_random_init (&random, parameters->seed, 0, hash_name (name), G_MAXUINT32);
  for (gsize i = 0; i < count; i++)
    switch (init.kind)
      {
      case EID_INIT_CONSTANT:
        values[i] = init.scale;
        break;
      case EID_INIT_NORMAL:
        do
          values[i] = eid_random_normal (&random);
        while (fabsf (values[i]) > 2);
        values[i] *= init.scale;
        break;
      case EID_INIT_UNIFORM:
        values[i] = eid_random_range (&random, -init.scale, init.scale);
        break;
      case EID_INIT_VALUES:
        values[i] = init.values[i];
        break;
      }
  return values;
}

EidTensor *
eid_parameters_add (EidParameters *parameters, const char *name, EidShape shape, EidParameterKind kind,
                    EidInit init)
{
  Parameter *parameter = g_new0 (Parameter, 1);

  eid_require (parameters->device, parameters->weights == NULL, name,
               _ ("parameters are declared before the model is built"));
  eid_require (parameters->device, !g_hash_table_contains (parameters->by_name, name), name,
               _ ("two parameters have this name"));
  parameter->name = g_strdup (name);
  parameter->kind = kind;
  parameter->values = initial_values (parameters, name, eid_shape_count (shape), init);
  parameter->tensor = g_new0 (EidTensor, 1);
  parameter->tensor->device = parameters->device;
  parameter->tensor->shape = shape;
  g_ptr_array_add (parameters->list, parameter);
  g_hash_table_insert (parameters->by_name, parameter->name, parameter);
  return parameter->tensor;
}

static EidTensor *
block_part (EidTensor *block, gsize offset, EidShape shape)
{
  EidTensor *part = g_new0 (EidTensor, 1);
  gsize size = eid_type_size (block->type);

  part->device = block->device;
  part->type = block->type;
  part->shape = shape;
  part->buffer = eid_buffer_part (block->buffer, offset * size, eid_shape_count (shape) * size);
  return part;
}

void
eid_parameters_commit (EidParameters *parameters)
{
  EidDevice *device = parameters->device;
  gsize grain = device->alignment / 2, end = 0; /* elements of the shortest type */
  gsize ends[3];
  g_autofree float *values = NULL;

  g_return_if_fail (parameters->weights == NULL);
  for (EidParameterKind kind = EID_WEIGHT; kind <= EID_BUFFER; kind++)
    {
      for (guint i = 0; i < parameters->list->len; i++)
        {
          Parameter *parameter = parameters->list->pdata[i];

          if (parameter->kind != kind)
            continue;
          parameter->offset = end;
          end += (eid_tensor_count (parameter->tensor) + grain - 1) / grain * grain;
        }
      ends[kind] = end;
    }
  parameters->decayed = ends[EID_WEIGHT];
  parameters->trained = ends[EID_NO_DECAY];
  parameters->total = ends[EID_BUFFER];

  parameters->weights =
      eid_scratch (device, EID_SHAPE (MAX (parameters->total, 1)), _ ("The model's weights"));
  if (device->precision == EID_BF16)
    parameters->halves =
        eid_scratch_of (device, EID_BF16, parameters->weights->shape, _ ("The model's weights"));
  parameters->gradients = eid_scratch (device, EID_SHAPE (MAX (parameters->trained, 1)), _ ("The gradients"));
  for (guint i = 0; i < 2; i++)
    {
      parameters->moments[i] =
          eid_scratch (device, EID_SHAPE (MAX (parameters->trained, 1)), _ ("The optimiser's moments"));
      eid_fill (parameters->moments[i], 0);
    }
  parameters->halted = eid_scratch (device, EID_SHAPE (1), _ ("The optimiser"));
  eid_fill (parameters->halted, 0);
  eid_parameters_zero_gradients (parameters);

  values = g_new0 (float, MAX (parameters->total, 1));
  for (guint i = 0; i < parameters->list->len; i++)
    {
      Parameter *parameter = parameters->list->pdata[i];
      EidShape shape = parameter->tensor->shape;
      EidTensor *part = block_part (parameters->weights, parameter->offset, shape);

      memcpy (values + parameter->offset, parameter->values, eid_shape_count (shape) * sizeof (float));
      g_clear_pointer (&parameter->values, g_free);
      parameter->tensor->buffer = g_steal_pointer (&part->buffer);
      g_free (part);
      if (parameters->halves)
        parameter->tensor->half = block_part (parameters->halves, parameter->offset, shape);
      if (parameter->kind != EID_BUFFER)
        {
          eid_tensor_require_gradient (parameter->tensor);
          parameter->tensor->gradient = block_part (parameters->gradients, parameter->offset, shape);
        }
    }
  eid_tensor_write (parameters->weights, values);
  if (parameters->halves)
    eid_add_scaled (parameters->halves, parameters->weights, 1, FALSE);
}

guint
eid_parameters_count (EidParameters *parameters)
{
  return parameters->list->len;
}

gsize
eid_parameters_trained (EidParameters *parameters)
{
  gsize count = 0;

  for (guint i = 0; i < parameters->list->len; i++)
    if (eid_parameters_is_trained (parameters, i))
      count += eid_tensor_count (eid_parameters_tensor (parameters, i));
  return count;
}

static Parameter *
parameter_at (EidParameters *parameters, guint i)
{
  return parameters->list->pdata[i];
}

const char *
eid_parameters_name (EidParameters *parameters, guint i)
{
  return parameter_at (parameters, i)->name;
}

EidTensor *
eid_parameters_tensor (EidParameters *parameters, guint i)
{
  return parameter_at (parameters, i)->tensor;
}

EidTensor *
eid_parameters_find (EidParameters *parameters, const char *name)
{
  Parameter *parameter = g_hash_table_lookup (parameters->by_name, name);

  return parameter ? parameter->tensor : NULL;
}

gboolean
eid_parameters_is_trained (EidParameters *parameters, guint i)
{
  return parameter_at (parameters, i)->kind != EID_BUFFER;
}

gboolean
eid_parameters_read_moment (EidParameters *parameters, guint i, guint moment, float *values)
{
  Parameter *parameter = parameter_at (parameters, i);
  EidTensor *part = block_part (parameters->moments[moment], parameter->offset, parameter->tensor->shape);
  gboolean read = eid_tensor_read (part, values);

  eid_tensor_free (part);
  return read;
}

void
eid_parameters_write_moment (EidParameters *parameters, guint i, guint moment, const float *values)
{
  Parameter *parameter = parameter_at (parameters, i);
  EidTensor *part = block_part (parameters->moments[moment], parameter->offset, parameter->tensor->shape);

  eid_tensor_write (part, values);
  eid_tensor_free (part);
}

void
eid_parameters_zero_gradients (EidParameters *parameters)
{
  eid_fill (parameters->gradients, 0);
}

/* A row of this many gradients is squared and summed at a time. */
#define NORM_ROW 4096

EidTensor *
eid_parameters_adamw (EidParameters *parameters, const EidAdamW *settings)
{
  EidDevice *device = parameters->device;
  gsize count = parameters->trained, rows = (count + NORM_ROW - 1) / NORM_ROW;
  EidTensor *norm = eid_tensor_new (device, EID_F32, EID_SHAPE (1));
  EidTensor *partial = eid_scratch (device, EID_SHAPE (MAX (rows, 1)), _ ("The gradient's norm"));
  double debias1 = 1 - pow (settings->beta1, settings->update),
         debias2 = 1 - pow (settings->beta2, settings->update);

  EID_ROWS (device, "optimizer:square_sums", rows, T (parameters->gradients), T (partial), I (rows),
            I (NORM_ROW), I (count));
  EID_ROWS (device, "optimizer:norm", 1, T (partial), T (norm), T (parameters->halted), I (1), I (rows));
  EID_MAP (device, "optimizer:adamw", count, T (parameters->weights), T (parameters->gradients),
           T (parameters->moments[0]), T (parameters->moments[1]), T (norm), T (parameters->halted),
           I (count), I (parameters->decayed), F (settings->learning_rate), F (settings->beta1),
           F (settings->beta2), F (settings->epsilon), F (settings->weight_decay), F (settings->clip),
           F ((float) (1 / debias1)), F ((float) (1 / sqrt (debias2))));
  if (parameters->halves)
    eid_add_scaled (parameters->halves, parameters->weights, 1, FALSE);
  eid_scratch_free (partial);
  return norm;
}
