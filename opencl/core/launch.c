/* launch.c: kernels and native functions put on the device's queue. */

#include "opencl/core/private.h"

#include <string.h>

EidArg
eid_arg_buffer (EidBuffer *buffer)
{
  return (EidArg){ .size = sizeof (cl_mem),
                   .value.mem = buffer ? buffer->mem : NULL,
                   .bytes = buffer ? buffer->bytes : 0 };
}

EidArg
eid_arg_tensor (EidTensor *tensor)
{
  EidArg arg = eid_arg_buffer (tensor ? tensor->buffer : NULL);

  arg.type = tensor ? tensor->type : EID_F32;
  arg.bytes = tensor ? eid_tensor_count (tensor) * eid_type_size (tensor->type) : 0;
  return arg;
}

EidArg
eid_arg_int (gsize value)
{
  /* No buffer has more elements than an int counts (memory.c), so neither has what is passed here
   * while the device is in order; a launch on a failed one does not look at its arguments. */
  return (EidArg){ .size = sizeof (cl_int), .value.i = (cl_int) MIN (value, G_MAXINT32) };
}

EidArg
eid_arg_float (float value)
{
  return (EidArg){ .size = sizeof (cl_float), .value.f = value };
}

/* Work-items a row on GPUs; rows a group on processors. Both as kernels/rows.h has them. */
#define GPU_LANES 64
#define CPU_ROWS  4

void
eid_launch (EidDevice *device, const char *name, gsize items, gboolean by_rows, EidArg *args, guint n_args)
{
  cl_kernel kernel;
  gsize group = device->group, global;
  cl_int status = CL_SUCCESS;
  gboolean half = FALSE, built_now;
  gsize bytes = 0;

  if (!eid_device_ok (device) || items == 0)
    return;
  for (guint i = 0; i < n_args; i++)
    {
      half |= args[i].type == EID_BF16;
      bytes += args[i].bytes;
    }
  kernel = eid_kernel_get (device, name, half, &built_now);
  if (kernel == NULL)
    return;

  if (by_rows)
    group = device->cpu_kernels ? CPU_ROWS : GPU_LANES;
  global = by_rows && !device->cpu_kernels ? items * GPU_LANES : (items + group - 1) / group * group;

  for (guint i = 0; i < n_args && status == CL_SUCCESS; i++)
    status = clSetKernelArg (kernel, i, args[i].size, &args[i].value);
  if (status == CL_SUCCESS)
    status = clEnqueueNDRangeKernel (device->queue, kernel, 1, NULL, &global, &group, 0, NULL,
                                     eid_profile_event (device));
  eid_profile_keep (device, name, half ? EID_BF16 : EID_F32, 0, (double) bytes);
  if (eid_cl_ok (device, status, name) && built_now)
    clFinish (device->queue); /* so that what was told of lasts as long as it is said */
}

/* The addresses are known (memory.c), so OpenCL need not fill them in, which is as well: PoCL sorts
 * and thins the list of buffers before it does. The list is given all the same, so that no buffer
 * goes while the function waits. */
#define NATIVE_TENSORS 12

typedef struct
{
  void (*function) (void *call);
  gpointer ignored[NATIVE_TENSORS];
} NativeHead;

#ifdef __SSE__
/* Numbers below 1e-38 are taken for 0 while a native function runs: processors are up to a hundred times
 * slower with them, and runs that diverge or die are full of them. The threads that OpenMP begins meanwhile
 * inherit it. Bits of MXCSR: flush to zero, denormals are zero. */
#define NO_DENORMALS 0x8040u

static void
run_native (void *data)
{
  NativeHead *head = data;
  const guint before = __builtin_ia32_stmxcsr ();

  __builtin_ia32_ldmxcsr (before | NO_DENORMALS);
  head->function (head + 1);
  __builtin_ia32_ldmxcsr (before);
}
#else
static void
run_native (void *data)
{
  NativeHead *head = data;

  head->function (head + 1);
}
#endif

void
eid_native (EidDevice *device, const char *name, double work, void (*function) (void *call), const void *call,
            gsize size, EidTensor *const *tensors, guint n_tensors)
{
  g_autofree NativeHead *head = NULL;
  cl_mem kept[NATIVE_TENSORS];
  const void *places[NATIVE_TENSORS];
  gboolean half = FALSE;
  gsize bytes = 0;
  guint n = 0;

  if (!eid_device_ok (device))
    return;
  head = g_malloc0 (sizeof *head + size);
  head->function = function;
  memcpy (head + 1, call, size);
  for (guint i = 0; i < n_tensors; i++)
    if (tensors[i])
      {
        g_assert (n < NATIVE_TENSORS);
        kept[n] = tensors[i]->buffer->whole;
        places[n] = &head->ignored[n];
        half |= tensors[i]->type == EID_BF16;
        bytes += eid_tensor_count (tensors[i]) * eid_type_size (tensors[i]->type);
        n++;
      }
  eid_cl_ok (device,
             clEnqueueNativeKernel (device->queue, run_native, head, sizeof *head + size, n, kept, places, 0,
                                    NULL, eid_profile_event (device)),
             name);
  eid_profile_keep (device, name, half ? EID_BF16 : EID_F32, work, (double) bytes);
}
