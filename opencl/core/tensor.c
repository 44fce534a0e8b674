/* tensor.c: shapes, tensors, and moving their contents to and from the host. */

#include "opencl/core/private.h"

#include <string.h>
#include <glib/gi18n-lib.h>

/* More than a memory holds, and small enough to be multiplied by an element's size. */
#define MOST_ELEMENTS (G_MAXSIZE / 64)

/* --- Shapes --------------------------------------------------------------- */

gsize
eid_shape_count (EidShape shape)
{
  gsize count = 1;

  /* Too many is as good as any number no device has room for. */
  for (guint i = 0; i < shape.rank; i++)
    if (!g_size_checked_mul (&count, count, shape.dim[i]) || count > MOST_ELEMENTS)
      return MOST_ELEMENTS;
  return count;
}

gboolean
eid_shape_equal (EidShape a, EidShape b)
{
  return a.rank == b.rank && memcmp (a.dim, b.dim, a.rank * sizeof *a.dim) == 0;
}

char *
eid_shape_to_string (EidShape shape)
{
  g_autoptr (GString) text = g_string_new ("[");

  for (guint i = 0; i < shape.rank; i++)
    g_string_append_printf (text, "%s%u", i ? ", " : "", shape.dim[i]);
  g_string_append_c (text, ']');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gsize
eid_type_size (EidType type)
{
  return type == EID_U8 ? 1 : type == EID_BF16 ? 2 : 4;
}

/* --- Tensors -------------------------------------------------------------- */

static EidTensor *
tensor_wrap (EidDevice *device, EidType type, EidShape shape, EidBuffer *buffer)
{
  EidTensor *tensor = g_new0 (EidTensor, 1);

  tensor->device = device;
  tensor->type = type;
  tensor->shape = shape;
  tensor->buffer = buffer;
  if (device->arenas->len > 0)
    {
      EidArena *arena = device->arenas->pdata[device->arenas->len - 1];

      g_ptr_array_add (arena->tensors, tensor);
      tensor->in_arena = TRUE;
    }
  return tensor;
}

static void
tensor_free_contents (EidTensor *tensor)
{
  if (tensor->gradient && !tensor->gradient->in_arena)
    eid_tensor_free (tensor->gradient);
  g_clear_pointer (&tensor->frozen, eid_frozen_free);
  eid_buffer_release (tensor->buffer);
  g_free (tensor);
}

void
eid_tensor_free (EidTensor *tensor)
{
  if (tensor == NULL)
    return;
  g_return_if_fail (!tensor->in_arena);
  tensor_free_contents (tensor);
}

void
eid_tensor_drop (EidTensor *tensor)
{
  if (!tensor->device->recording)
    g_clear_pointer (&tensor->buffer, eid_buffer_release);
}

void
eid_tensor_spare (EidTensor *tensor)
{
  tensor->spare = !tensor->device->recording;
}

EidTensor *
eid_output (EidDevice *device, const char *operation, EidType type, EidShape shape)
{
  return tensor_wrap (device, type, shape,
                      eid_buffer_new (device, eid_shape_count (shape) * eid_type_size (type), operation));
}

EidTensor *
eid_tensor_new (EidDevice *device, EidType type, EidShape shape)
{
  return eid_output (device, _ ("A tensor"), type, shape);
}

EidTensor *
eid_tensor_from_data (EidDevice *device, EidType type, EidShape shape, gconstpointer data)
{
  if (type == EID_BF16)
    {
      EidTensor *wide = eid_scratch (device, shape, _ ("Copying data to the device"));
      EidTensor *out = eid_tensor_new (device, type, shape);

      eid_tensor_write (wide, data);
      eid_add_scaled (out, wide, 1, FALSE);
      eid_scratch_free (wide);
      return out;
    }
  return tensor_wrap (device, type, shape,
                      eid_buffer_from_data (device, data, eid_shape_count (shape) * eid_type_size (type)));
}

EidTensor *
eid_zeros (EidDevice *device, EidShape shape)
{
  EidTensor *tensor = eid_tensor_new (device, EID_F32, shape);

  eid_fill (tensor, 0);
  return tensor;
}

EidTensor *
eid_uniform (EidDevice *device, EidShape shape, const guint32 key[4])
{
  EidTensor *out = eid_tensor_new (device, EID_F32, shape);
  gsize count = eid_shape_count (shape);

  EID_MAP (device, "random:uniform", (count + 3) / 4, T (out), I (count), { .size = 4, .value.u = key[0] },
           { .size = 4, .value.u = key[1] }, { .size = 4, .value.u = key[2] },
           { .size = 4, .value.u = key[3] });
  return out;
}

EidTensor *
eid_alias (EidTensor *x, EidShape shape)
{
  return tensor_wrap (x->device, x->type, shape, eid_buffer_use (x->buffer));
}

EidTensor *
eid_scratch_of (EidDevice *device, EidType type, EidShape shape, const char *what)
{
  EidTensor *tensor = g_new0 (EidTensor, 1);

  tensor->device = device;
  tensor->type = type;
  tensor->shape = shape;
  tensor->buffer = eid_buffer_new (device, eid_shape_count (shape) * eid_type_size (type), what);
  return tensor;
}

EidTensor *
eid_scratch (EidDevice *device, EidShape shape, const char *what)
{
  return eid_scratch_of (device, EID_F32, shape, what);
}

void
eid_scratch_free (EidTensor *tensor)
{
  tensor_free_contents (tensor);
}

EidShape
eid_tensor_shape (EidTensor *tensor)
{
  return tensor->shape;
}

EidType
eid_tensor_type (EidTensor *tensor)
{
  return tensor->type;
}

EidDevice *
eid_tensor_device (EidTensor *tensor)
{
  return tensor->device;
}

guint
eid_dim (EidTensor *tensor, guint axis)
{
  return axis < tensor->shape.rank ? tensor->shape.dim[axis] : 1;
}

gsize
eid_tensor_count (EidTensor *tensor)
{
  return eid_shape_count (tensor->shape);
}

gboolean
eid_is_float (EidTensor *x)
{
  return x->type == EID_F32 || x->type == EID_BF16;
}

guint
eid_last (EidTensor *x)
{
  return x->shape.dim[x->shape.rank - 1];
}

gsize
eid_leading (EidTensor *x)
{
  return eid_last (x) ? eid_tensor_count (x) / eid_last (x) : 0;
}

void
eid_tensor_require_gradient (EidTensor *tensor)
{
  tensor->needs_gradient = TRUE;
  tensor->is_leaf = TRUE;
}

EidTensor *
eid_tensor_gradient (EidTensor *tensor)
{
  if (tensor->gradient && tensor->gradient_is_old)
    {
      tensor->gradient_is_old = FALSE;
      eid_fill (tensor->gradient, 0);
    }
  return tensor->gradient;
}

/* --- To and from the host -------------------------------------------------- */

/* As the device holds it. */
static gsize
tensor_bytes (EidTensor *tensor)
{
  return eid_tensor_count (tensor) * eid_type_size (tensor->type);
}

static gboolean
readable (EidTensor *tensor)
{
  return eid_device_ok (tensor->device)
         && eid_require (
             tensor->device, tensor->buffer != NULL, _ ("Reading"),
             _ ("this tensor was consumed by the backward pass; read it before, or detach a copy"));
}

gboolean
eid_tensor_read (EidTensor *tensor, gpointer data)
{
  if (tensor->type == EID_BF16)
    {
      EidTensor *wide = eid_scratch (tensor->device, tensor->shape, _ ("Reading"));
      gboolean read;

      if (readable (tensor))
        eid_add_scaled (wide, tensor, 1, FALSE);
      read = eid_tensor_read (wide, data);
      eid_scratch_free (wide);
      return read;
    }
  if (readable (tensor)
      && eid_cl_ok (tensor->device,
                    clEnqueueReadBuffer (tensor->device->queue, tensor->buffer->mem, CL_TRUE, 0,
                                         tensor_bytes (tensor), data, 0, NULL, NULL),
                    "clEnqueueReadBuffer"))
    return TRUE;
  memset (data, 0, tensor_bytes (tensor));
  return FALSE;
}

void
eid_tensor_write (EidTensor *tensor, gconstpointer data)
{
  if (!readable (tensor))
    return;
  tensor->device->changes++;
  if (tensor->type == EID_BF16)
    {
      EidTensor *wide = eid_scratch (tensor->device, tensor->shape, _ ("Writing"));

      eid_tensor_write (wide, data);
      eid_add_scaled (tensor, wide, 1, FALSE);
      eid_scratch_free (wide);
      return;
    }
  eid_cl_ok (tensor->device,
             clEnqueueWriteBuffer (tensor->device->queue, tensor->buffer->mem, CL_TRUE, 0,
                                   tensor_bytes (tensor), data, 0, NULL, NULL),
             "clEnqueueWriteBuffer");
  if (tensor->half)
    eid_add_scaled (tensor->half, tensor, 1, FALSE);
}

float
eid_tensor_scalar (EidTensor *tensor)
{
  g_autofree float *values = g_new0 (float, eid_tensor_count (tensor));

  eid_tensor_read (tensor, values);
  return values[0];
}

struct _EidPending
{
  EidDevice *device;
  cl_event event;
};

EidPending *
eid_tensor_read_later (EidTensor *tensor, gpointer data)
{
  EidPending *pending = g_new0 (EidPending, 1);

  tensor = eid_cast (tensor, tensor->type == EID_BF16 ? EID_F32 : tensor->type);
  pending->device = tensor->device;
  if (!readable (tensor)
      || !eid_cl_ok (tensor->device,
                     clEnqueueReadBuffer (tensor->device->queue, tensor->buffer->mem, CL_FALSE, 0,
                                          tensor_bytes (tensor), data, 0, NULL, &pending->event),
                     "clEnqueueReadBuffer"))
    memset (data, 0, tensor_bytes (tensor));
  else
    clFlush (tensor->device->queue);
  return pending;
}

void
eid_pending_wait (EidPending *pending)
{
  if (pending == NULL)
    return;
  if (pending->event)
    {
      eid_cl_ok (pending->device, clWaitForEvents (1, &pending->event), "clWaitForEvents");
      clReleaseEvent (pending->event);
    }
  g_free (pending);
}
