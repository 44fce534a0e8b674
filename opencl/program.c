/* program.c: from a kernel's name to its run: source, build, disk cache, launch.
 *
 * Each file under kernels/ is two programs, for activations in 32 and in 16
 * bits, each built on first use with the row helpers of kernels/rows.h before
 * it. Binaries are kept on disk under a hash of all that decides them.
 */

#include "private.h"

#include <string.h>
#include <glib/gi18n-lib.h>
#include <gio/gio.h>

#include "kernels-resource.h"

#define HALF "@bf16"

static GBytes *
kernel_source (const char *file)
{
  g_autofree char *path = g_strdup_printf ("/org/eidoscope/kernels/%s", file);
  g_autoptr (GError) error = NULL;
  GBytes *bytes =
      g_resource_lookup_data (kernels_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);

  if (bytes == NULL)
    g_error ("the kernel file %s is not in the library: %s", file, error->message);
  return bytes;
}

static char *
cache_file (EidDevice *device, const char *source, const char *options)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *name = NULL;
  const char *parts[] = { source, options, device->info.name, device->info.platform, device->info.driver };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_checksum_update (sum, (const guchar *) parts[i], strlen (parts[i]) + 1);
  name = g_strconcat (g_checksum_get_string (sum), ".bin", NULL);
  return g_build_filename (g_get_user_cache_dir (), "eidoscope", "kernels", name, NULL);
}

static cl_program
program_from_cache (EidDevice *device, const char *file, const char *options)
{
  g_autofree char *data = NULL;
  gsize size = 0;
  cl_program program;
  cl_int status, binary_status;

  if (!g_file_get_contents (file, &data, &size, NULL) || size == 0)
    return NULL;
  program = clCreateProgramWithBinary (device->context, 1, &device->id, &size, (const unsigned char **) &data,
                                       &binary_status, &status);
  if (program == NULL)
    return NULL;
  if (status == CL_SUCCESS && binary_status == CL_SUCCESS
      && clBuildProgram (program, 1, &device->id, options, NULL, NULL) == CL_SUCCESS)
    return program;
  clReleaseProgram (program);
  return NULL;
}

/* A cache that cannot be written is no reason to fail: the next start builds again. */
static void
program_to_cache (cl_program program, const char *file)
{
  g_autofree char *folder = g_path_get_dirname (file);
  g_autofree guchar *data = NULL;
  gsize size = 0;

  if (clGetProgramInfo (program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, NULL) != CL_SUCCESS
      || size == 0)
    return;
  data = g_malloc (size);
  if (clGetProgramInfo (program, CL_PROGRAM_BINARIES, sizeof data, &data, NULL) != CL_SUCCESS)
    return;
  if (g_mkdir_with_parents (folder, 0700) == 0)
    g_file_set_contents (file, (const char *) data, size, NULL);
}

static cl_program
program_build (EidDevice *device, const char *name, const char *source, const char *options)
{
  cl_int status;
  cl_program program = clCreateProgramWithSource (device->context, 1, &source, NULL, &status);

  if (!eid_cl_ok (device, status, "clCreateProgramWithSource"))
    return NULL;
  status = clBuildProgram (program, 1, &device->id, options, NULL, NULL);
  if (status != CL_SUCCESS)
    {
      gsize size = 0;
      g_autofree char *log = NULL;

      clGetProgramBuildInfo (program, device->id, CL_PROGRAM_BUILD_LOG, 0, NULL, &size);
      log = g_malloc0 (size + 1);
      clGetProgramBuildInfo (program, device->id, CL_PROGRAM_BUILD_LOG, size, log, NULL);
      eid_device_fail (device, EID_ERROR_FAILED,
                       _ ("The kernels “%s” do not build on %s (OpenCL error %d). The driver says: %s"), name,
                       device->info.name, status, log);
      clReleaseProgram (program);
      return NULL;
    }
  return program;
}

/* @name: "norm", or "norm@bf16" for the 16-bit build of the same file. */
static cl_program
program_get (EidDevice *device, const char *name)
{
  cl_program program = g_hash_table_lookup (device->programs, name);
  gboolean half = g_str_has_suffix (name, HALF);
  g_autofree char *options = g_strconcat ("-cl-mad-enable", device->cpu_kernels ? " -DEID_CPU" : "",
                                          half ? " -DEID_BF16" : "", NULL);
  g_autofree char *file_name = NULL, *source = NULL, *cached = NULL;
  g_autoptr (GBytes) head = NULL, body = NULL;

  if (program)
    return program;

  file_name = g_strdup_printf ("%.*s.cl", (int) strcspn (name, "@"), name);
  head = kernel_source ("rows.h");
  body = kernel_source (file_name);
  source = g_strconcat (g_bytes_get_data (head, NULL), "\n#line 1 \"", file_name, "\"\n",
                        g_bytes_get_data (body, NULL), NULL);
  cached = cache_file (device, source, options);

  program = program_from_cache (device, cached, options);
  if (program == NULL)
    {
      if (device->on_build)
        device->on_build (name, device->on_build_data);
      program = program_build (device, name, source, options);
      if (program == NULL)
        return NULL;
      program_to_cache (program, cached);
    }
  g_hash_table_insert (device->programs, g_strdup (name), program);
  return program;
}

static cl_kernel
kernel_get (EidDevice *device, const char *name, gboolean half)
{
  cl_kernel kernel = g_hash_table_lookup (device->kernels[half], name);
  g_auto (GStrv) parts = NULL;
  g_autofree char *program_name = NULL;
  cl_program program;
  cl_int status;

  if (kernel)
    return kernel;
  parts = g_strsplit (name, ":", 2);
  program_name = g_strconcat (parts[0], half ? HALF : "", NULL);
  program = program_get (device, program_name);
  if (program == NULL)
    return NULL;
  kernel = clCreateKernel (program, parts[1], &status);
  if (!eid_cl_ok (device, status, name))
    return NULL;
  g_hash_table_insert (device->kernels[half], g_strdup (name), kernel);
  return kernel;
}

EidArg
eid_arg_buffer (EidBuffer *buffer)
{
  return (EidArg){ .size = sizeof (cl_mem), .value.mem = buffer ? buffer->mem : NULL,
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
  gboolean half = FALSE;
  gsize bytes = 0;

  if (!eid_device_ok (device) || items == 0)
    return;
  for (guint i = 0; i < n_args; i++)
    {
      half |= args[i].type == EID_BF16;
      bytes += args[i].bytes;
    }
  kernel = kernel_get (device, name, half);
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
  eid_cl_ok (device, status, name);
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

static void
run_native (void *data)
{
  NativeHead *head = data;

  head->function (head + 1);
}

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
