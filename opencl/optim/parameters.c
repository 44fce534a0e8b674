/* parameters.c: a model's weights by name, in one flat block.
 *
 * The block is ordered: weights with decay, weights without, buffers. So one
 * kernel updates everything trained (optimizer.c), and one number tells it
 * where decay ends. Gradients, moments and the teacher are blocks of the same
 * order; those of training are made when training first asks for them.
 */

#include "opencl/optim/parameters.h"

#include <math.h>
#include <string.h>
#include <glib/gi18n-lib.h>

static void
parameter_free (gpointer data)
{
  EidParameter *parameter = data;

  eid_tensor_free (parameter->tensor->half);
  eid_tensor_free (parameter->other_half);
  eid_buffer_release (parameter->other);
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
  EidTensor *blocks[] = {
    parameters->weights,        parameters->teacher,   parameters->weight_halves,
    parameters->teacher_halves, parameters->gradients, parameters->moments[0],
    parameters->moments[1],     parameters->halted,    parameters->owners,
    parameters->rates,
  };

  g_hash_table_unref (parameters->by_name);
  g_ptr_array_unref (parameters->list);
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    if (blocks[i])
      eid_scratch_free (blocks[i]);
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
  EidParameter *parameter = g_new0 (EidParameter, 1);

  eid_require (parameters->device, parameters->weights == NULL, name,
               _ ("parameters are declared before the model is built"));
  eid_require (parameters->device, !g_hash_table_contains (parameters->by_name, name), name,
               _ ("two parameters have this name"));
  parameter->name = g_strdup (name);
  parameter->kind = kind;
  parameter->rate = 1;
  parameter->values = initial_values (parameters, name, eid_shape_count (shape), init);
  parameter->tensor = g_new0 (EidTensor, 1);
  parameter->tensor->device = parameters->device;
  parameter->tensor->shape = shape;
  g_ptr_array_add (parameters->list, parameter);
  g_hash_table_insert (parameters->by_name, parameter->name, parameter);
  return parameter->tensor;
}

/* --- The block --------------------------------------------------------------- */

EidTensor *
eid_block_part (EidTensor *block, gsize offset, EidShape shape)
{
  EidTensor *part = g_new0 (EidTensor, 1);
  gsize size = eid_type_size (block->type);

  part->device = block->device;
  part->type = block->type;
  part->shape = shape;
  part->buffer = eid_buffer_part (block->buffer, offset * size, eid_shape_count (shape) * size);
  return part;
}

static EidTensor *
block_new (EidParameters *parameters, EidType type, gsize count, const char *what)
{
  return eid_scratch_of (parameters->device, type, EID_SHAPE (MAX (count, 1)), what);
}

/* Gives every parameter its place: decayed, trained, total. */
static void
lay_out (EidParameters *parameters)
{
  gsize grain = parameters->device->alignment / 2, end = 0; /* elements of the shortest type */
  gsize ends[3];

  for (EidParameterKind kind = EID_WEIGHT; kind <= EID_BUFFER; kind++)
    {
      gsize step = kind == EID_WEIGHT ? MAX (grain, EID_PARAMETER_ROW) : grain;

      for (guint i = 0; i < parameters->list->len; i++)
        {
          EidParameter *parameter = parameters->list->pdata[i];

          if (parameter->kind != kind)
            continue;
          parameter->offset = end;
          end += (eid_tensor_count (parameter->tensor) + step - 1) / step * step;
        }
      ends[kind] = end;
    }
  parameters->grain = grain;
  parameters->decayed = ends[EID_WEIGHT];
  parameters->trained = ends[EID_NO_DECAY];
  parameters->total = ends[EID_BUFFER];
}

/* The parts of @block for each parameter, beside those of the weights. */
static void
add_other (EidParameters *parameters, EidTensor *block, EidTensor *halves)
{
  for (guint i = 0; i < parameters->list->len; i++)
    {
      EidParameter *parameter = parameters->list->pdata[i];
      EidShape shape = parameter->tensor->shape;
      EidTensor *part = eid_block_part (block, parameter->offset, shape);

      parameter->other = g_steal_pointer (&part->buffer);
      g_free (part);
      if (halves)
        parameter->other_half = eid_block_part (halves, parameter->offset, shape);
    }
}

static void
fill_blocks (EidParameters *parameters)
{
  g_autofree float *values = g_new0 (float, MAX (parameters->total, 1));

  for (guint i = 0; i < parameters->list->len; i++)
    {
      EidParameter *parameter = parameters->list->pdata[i];

      memcpy (values + parameter->offset, parameter->values,
              eid_tensor_count (parameter->tensor) * sizeof (float));
      g_clear_pointer (&parameter->values, g_free);
    }
  eid_tensor_write (parameters->weights, values);
  if (parameters->weight_halves)
    eid_add_scaled (parameters->weight_halves, parameters->weights, 1, FALSE);
  if (parameters->teacher)
    eid_add_scaled (parameters->teacher, parameters->weights, 1, FALSE);
  if (parameters->teacher_halves)
    eid_add_scaled (parameters->teacher_halves, parameters->weights, 1, FALSE);
}

void
eid_parameters_commit (EidParameters *parameters)
{
  EidDevice *device = parameters->device;
  gboolean halves = device->precision == EID_BF16;

  g_return_if_fail (parameters->weights == NULL);
  lay_out (parameters);
  parameters->weights = block_new (parameters, EID_F32, parameters->total, _ ("The model's weights"));
  if (halves)
    parameters->weight_halves =
        block_new (parameters, EID_BF16, parameters->total, _ ("The model's weights"));
  parameters->halted = eid_scratch (device, EID_SHAPE (1), _ ("The optimiser"));
  eid_fill (parameters->halted, 0);
  for (guint i = 0; i < parameters->list->len; i++)
    {
      EidParameter *parameter = parameters->list->pdata[i];
      EidShape shape = parameter->tensor->shape;
      EidTensor *part = eid_block_part (parameters->weights, parameter->offset, shape);

      parameter->tensor->buffer = g_steal_pointer (&part->buffer);
      g_free (part);
      if (halves)
        parameter->tensor->half = eid_block_part (parameters->weight_halves, parameter->offset, shape);
      if (parameter->kind != EID_BUFFER)
        {
          eid_tensor_require_gradient (parameter->tensor);
          parameter->tensor->parameters = parameters;
        }
    }
  if (parameters->wants_teacher)
    {
      parameters->teacher = block_new (parameters, EID_F32, parameters->total, _ ("The teacher"));
      if (halves)
        parameters->teacher_halves = block_new (parameters, EID_BF16, parameters->total, _ ("The teacher"));
      add_other (parameters, parameters->teacher, parameters->teacher_halves);
    }
  fill_blocks (parameters);
}

/* --- The teacher --------------------------------------------------------------- */

void
eid_parameters_add_teacher (EidParameters *parameters)
{
  g_return_if_fail (parameters->weights == NULL);
  parameters->wants_teacher = TRUE;
}

gboolean
eid_parameters_has_teacher (EidParameters *parameters)
{
  return parameters->wants_teacher;
}

void
eid_parameters_use_teacher (EidParameters *parameters, gboolean teacher)
{
  if (!eid_require (parameters->device, parameters->teacher != NULL, "teacher",
                    _ ("the parameters were committed without a teacher"))
      || parameters->uses_teacher == teacher)
    return;
  parameters->uses_teacher = teacher;
  parameters->device->changes++;
  for (guint i = 0; i < parameters->list->len; i++)
    {
      EidParameter *parameter = parameters->list->pdata[i];
      EidBuffer *buffer = parameter->tensor->buffer;
      EidTensor *half = parameter->tensor->half;

      parameter->tensor->buffer = parameter->other;
      parameter->tensor->half = parameter->other_half;
      parameter->other = buffer;
      parameter->other_half = half;
    }
}

/* --- What training needs --------------------------------------------------------- */

/* One without memory is from a device that had failed. */
static gboolean
is_made (EidTensor **block)
{
  if (*block && (*block)->buffer == NULL)
    g_clear_pointer (block, eid_scratch_free);
  return *block != NULL;
}

void
eid_parameters_make_gradients (EidParameters *parameters)
{
  if (is_made (&parameters->gradients))
    return;
  parameters->gradients = block_new (parameters, EID_F32, parameters->trained, _ ("The gradients"));
  eid_fill (parameters->gradients, 0);
  for (guint i = 0; i < parameters->list->len; i++)
    {
      EidParameter *parameter = parameters->list->pdata[i];

      if (parameter->kind == EID_BUFFER)
        continue;
      eid_tensor_free (parameter->tensor->gradient);
      parameter->tensor->gradient =
          eid_block_part (parameters->gradients, parameter->offset, parameter->tensor->shape);
    }
}

EidTensor *
eid_parameters_moment (EidParameters *parameters, guint moment)
{
  EidTensor **block = &parameters->moments[moment];

  if (!is_made (block))
    {
      *block = block_new (parameters, EID_F32, parameters->trained, _ ("The optimiser's moments"));
      eid_fill (*block, 0);
    }
  return *block;
}

void
eid_parameters_zero_gradients (EidParameters *parameters)
{
  for (guint i = 0; i < parameters->list->len; i++)
    {
      EidParameter *parameter = parameters->list->pdata[i];

      /* The first that is added overwrites what was there. */
      parameter->tensor->gradient_is_old = parameter->kind != EID_BUFFER;
    }
}

void
eid_parameters_settle_gradients (EidParameters *parameters)
{
  for (guint i = 0; i < parameters->list->len; i++)
    eid_tensor_gradient (eid_parameters_tensor (parameters, i));
}

/* --- One by one -------------------------------------------------------------------- */

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

static EidParameter *
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
  EidParameter *parameter = g_hash_table_lookup (parameters->by_name, name);

  return parameter ? parameter->tensor : NULL;
}

gboolean
eid_parameters_is_trained (EidParameters *parameters, guint i)
{
  return parameter_at (parameters, i)->kind != EID_BUFFER;
}

void
eid_parameters_set_rate (EidParameters *parameters, guint i, float factor)
{
  parameter_at (parameters, i)->rate = factor;
  parameters->has_rates = FALSE;
  for (guint j = 0; j < parameters->list->len; j++)
    parameters->has_rates |= parameter_at (parameters, j)->rate != 1;
  g_clear_pointer (&parameters->rates, eid_scratch_free); /* made anew by the next update */
}

static EidTensor *
moment_part (EidParameters *parameters, guint i, guint moment)
{
  EidParameter *parameter = parameter_at (parameters, i);

  return eid_block_part (eid_parameters_moment (parameters, moment), parameter->offset,
                         parameter->tensor->shape);
}

gboolean
eid_parameters_read_moment (EidParameters *parameters, guint i, guint moment, float *values)
{
  EidTensor *part = moment_part (parameters, i, moment);
  gboolean read = eid_tensor_read (part, values);

  eid_tensor_free (part);
  return read;
}

void
eid_parameters_write_moment (EidParameters *parameters, guint i, guint moment, const float *values)
{
  EidTensor *part = moment_part (parameters, i, moment);

  eid_tensor_write (part, values);
  eid_tensor_free (part);
}
