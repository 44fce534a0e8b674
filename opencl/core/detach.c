/* detach.c: where gradients stop on purpose, and how what was stopped is held still while a loss is
 * compared with its gradient; see tensor.h.                                  */

#include "opencl/core/private.h"

#include <string.h>

/* What was detached once, on the host. */
typedef struct
{
  EidType type;
  EidShape shape;
  gpointer values; /* NULL where the device failed */
} EidDetached;

static void
detached_free (EidDetached *detached)
{
  g_free (detached->values);
  g_free (detached);
}

void
eid_set_detach (EidDevice *device, EidDetach mode)
{
  device->detach = mode;
  device->next_detached = 0;
  if (mode == EID_DETACH_HOLD)
    return;
  g_clear_pointer (&device->detached, g_ptr_array_unref);
  if (mode == EID_DETACH_KEEP)
    device->detached = g_ptr_array_new_with_free_func ((GDestroyNotify) detached_free);
}

static void
keep (EidDevice *device, EidTensor *x)
{
  EidDetached *detached = g_new0 (EidDetached, 1);

  detached->type = x->type;
  detached->shape = x->shape;
  detached->values = g_malloc (eid_tensor_count (x) * sizeof (float)); /* the host's numbers have 32 bits */
  if (!eid_tensor_read (x, detached->values))
    g_clear_pointer (&detached->values, g_free);
  g_ptr_array_add (device->detached, detached);
}

/* What was kept in the place of @x; NULL where the loss has gone another way than before. */
static EidTensor *
held (EidDevice *device, EidTensor *x)
{
  const EidDetached *detached;

  if (device->detached == NULL || device->next_detached >= device->detached->len)
    return NULL;
  detached = device->detached->pdata[device->next_detached++];
  if (detached->values == NULL || detached->type != x->type || !eid_shape_equal (detached->shape, x->shape))
    return NULL;
  return eid_tensor_from_data (device, detached->type, detached->shape, detached->values);
}

EidTensor *
eid_detach (EidTensor *x)
{
  EidDevice *device = x->device;
  EidTensor *kept = device->detach == EID_DETACH_HOLD ? held (device, x) : NULL;

  if (device->detach == EID_DETACH_KEEP)
    keep (device, x);
  return kept ? kept : eid_alias (x, x->shape);
}
