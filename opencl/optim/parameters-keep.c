/* parameters-keep.c: one model's parameters take over what those of another hold, by name
 * and shape: for code that is replaced while it trains. On the device, bit by bit.       */

#include "opencl/optim/parameters.h"

static EidParameter *
find_like (EidParameters *from, const EidParameter *wanted)
{
  EidParameter *found = g_hash_table_lookup (from->by_name, wanted->name);

  return found && eid_shape_equal (found->tensor->shape, wanted->tensor->shape) ? found : NULL;
}

gboolean
eid_parameters_keeps (EidParameters *to, guint i, EidParameters *from)
{
  return find_like (from, to->list->pdata[i]) != NULL;
}

static void
copy (EidDevice *device, EidBuffer *from, EidBuffer *to)
{
  if (from && to && eid_device_ok (device))
    eid_cl_ok (device,
               clEnqueueCopyBuffer (device->queue, from->mem, to->mem, 0, 0, MIN (from->bytes, to->bytes), 0,
                                    NULL, NULL),
               "clEnqueueCopyBuffer");
}

static EidBuffer *
half_of (EidTensor *half)
{
  return half ? half->buffer : NULL;
}

/* A teacher that there was not begins as what it follows. */
static void
keep_values (EidParameters *to, EidParameter *mine, const EidParameter *theirs)
{
  EidBuffer *teacher = theirs->other ? theirs->other : theirs->tensor->buffer;
  EidTensor *teacher_half = theirs->other ? theirs->other_half : theirs->tensor->half;

  copy (to->device, theirs->tensor->buffer, mine->tensor->buffer);
  copy (to->device, half_of (theirs->tensor->half), half_of (mine->tensor->half));
  copy (to->device, teacher, mine->other);
  copy (to->device, half_of (teacher_half), half_of (mine->other_half));
}

static void
keep_moment (EidParameters *to, EidParameters *from, guint moment)
{
  const gboolean there = from->moments[moment] && from->moments[moment]->buffer;

  if (!there && to->moments[moment] == NULL)
    return;
  eid_fill (eid_parameters_moment (to, moment), 0);
  for (guint i = 0; there && i < to->list->len; i++)
    {
      EidParameter *mine = to->list->pdata[i], *theirs = find_like (from, mine);
      EidTensor *part, *before;

      if (theirs == NULL || mine->kind == EID_BUFFER || theirs->kind == EID_BUFFER)
        continue;
      part = eid_block_part (to->moments[moment], mine->offset, mine->tensor->shape);
      before = eid_block_part (from->moments[moment], theirs->offset, theirs->tensor->shape);
      copy (to->device, before->buffer, part->buffer);
      eid_tensor_free (before);
      eid_tensor_free (part);
    }
}

void
eid_parameters_keep (EidParameters *to, EidParameters *from)
{
  g_return_if_fail (to->device == from->device && to->weights != NULL && from->weights != NULL);

  for (guint i = 0; i < to->list->len; i++)
    {
      EidParameter *mine = to->list->pdata[i], *theirs = find_like (from, mine);

      if (theirs)
        keep_values (to, mine, theirs);
    }
  for (guint moment = 0; moment < G_N_ELEMENTS (to->moments); moment++)
    keep_moment (to, from, moment);
  to->device->changes++;
}
