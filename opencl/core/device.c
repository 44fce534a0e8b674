/* device.c: finding OpenCL devices, opening one, and keeping what went wrong on it. */

#include "opencl/core/private.h"

#include <stdlib.h>
#include <string.h>
#include <glib/gi18n-lib.h>

/* So much faster must products be in 16 bits, since they are not the whole of a step. */
#define LEAST_GAIN 1.1

G_DEFINE_QUARK (eid - error - quark, eid_error)

typedef struct
{
  EidDeviceInfo info;
  cl_platform_id platform;
  cl_device_id id;
  gint rank; /* the smaller the better */
} Candidate;

static void
candidate_free (gpointer data)
{
  Candidate *candidate = data;

  g_free (candidate->info.name);
  g_free (candidate->info.platform);
  g_free (candidate->info.driver);
  g_free (candidate);
}

static char *
device_string (cl_device_id id, cl_device_info what)
{
  gsize size = 0;
  g_autofree char *text = NULL;

  if (clGetDeviceInfo (id, what, 0, NULL, &size) != CL_SUCCESS || size == 0)
    return g_strdup ("");
  text = g_malloc0 (size + 1);
  clGetDeviceInfo (id, what, size, text, NULL);
  return g_strdup (g_strstrip (text));
}

static char *
platform_string (cl_platform_id id, cl_platform_info what)
{
  gsize size = 0;
  char *text;

  if (clGetPlatformInfo (id, what, 0, NULL, &size) != CL_SUCCESS || size == 0)
    return g_strdup ("");
  text = g_malloc0 (size + 1);
  clGetPlatformInfo (id, what, size, text, NULL);
  return text;
}

/* $EIDOSCOPE_MEMORY: the most bytes to take of a device's, where others need the rest. */
static guint64
memory_allowed (void)
{
  const char *text = g_getenv ("EIDOSCOPE_MEMORY");
  guint64 bytes = text ? g_ascii_strtoull (text, NULL, 10) : 0;

  return bytes > 0 ? bytes : G_MAXUINT64;
}

static Candidate *
candidate_new (cl_platform_id platform, cl_device_id id)
{
  Candidate *candidate = g_new0 (Candidate, 1);
  EidDeviceInfo *info = &candidate->info;
  cl_device_type type = 0;
  cl_device_exec_capabilities exec = 0;
  cl_uint units = 0;
  cl_ulong memory = 0, largest = 0;

  clGetDeviceInfo (id, CL_DEVICE_TYPE, sizeof type, &type, NULL);
  clGetDeviceInfo (id, CL_DEVICE_EXECUTION_CAPABILITIES, sizeof exec, &exec, NULL);
  clGetDeviceInfo (id, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof units, &units, NULL);
  clGetDeviceInfo (id, CL_DEVICE_GLOBAL_MEM_SIZE, sizeof memory, &memory, NULL);
  clGetDeviceInfo (id, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof largest, &largest, NULL);

  candidate->platform = platform;
  candidate->id = id;
  info->name = device_string (id, CL_DEVICE_NAME);
  info->platform = platform_string (platform, CL_PLATFORM_NAME);
  info->driver = device_string (id, CL_DRIVER_VERSION);
  /* A software rasteriser is a processor, whatever it calls itself. */
  info->is_gpu =
      (type & CL_DEVICE_TYPE_GPU) && !(type & CL_DEVICE_TYPE_CPU) && !strstr (info->name, "llvmpipe");
  info->has_native_kernels = (exec & CL_EXEC_NATIVE_KERNEL) != 0;
  info->compute_units = units;
  info->memory_bytes = MIN (memory, memory_allowed ());
  info->buffer_bytes = largest;
  info->gains_by_bf16 = eid_device_bf16_speed (info) >= LEAST_GAIN;
  candidate->rank = info->is_gpu ? 0 : info->has_native_kernels ? 1 : 2;
  return candidate;
}

const char *
eid_device_title (const char *name)
{
  /* PoCL puts its driver and the processor's architecture, in lower case, before the name. */
  if (!g_str_has_prefix (name, "pthread-") && !g_str_has_prefix (name, "cpu-"))
    return name;
  for (const char *dash = name; (dash = strchr (dash, '-')) != NULL; dash++)
    if (g_ascii_isupper (dash[1]))
      return dash + 1;
  return name;
}

static gint
compare_rank (gconstpointer a, gconstpointer b)
{
  return (*(Candidate *const *) a)->rank - (*(Candidate *const *) b)->rank;
}

static GPtrArray *
find_candidates (void)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (candidate_free);
  cl_platform_id platforms[16];
  cl_uint n_platforms = 0;

  eid_pocl_cache_prepare ();
  if (clGetPlatformIDs (G_N_ELEMENTS (platforms), platforms, &n_platforms) != CL_SUCCESS)
    n_platforms = 0;
  for (guint p = 0; p < MIN (n_platforms, G_N_ELEMENTS (platforms)); p++)
    {
      cl_device_id ids[16];
      cl_uint n_ids = 0;

      if (clGetDeviceIDs (platforms[p], CL_DEVICE_TYPE_ALL, G_N_ELEMENTS (ids), ids, &n_ids) != CL_SUCCESS)
        continue;
      for (guint i = 0; i < MIN (n_ids, G_N_ELEMENTS (ids)); i++)
        g_ptr_array_add (found, candidate_new (platforms[p], ids[i]));
    }
  /* g_ptr_array_sort() is stable: the loader's order stays within a rank. */
  g_ptr_array_sort (found, compare_rank);
  for (guint i = 0; i < found->len; i++)
    ((Candidate *) found->pdata[i])->info.index = i;
  return found;
}

GPtrArray *
eid_device_list (void)
{
  /* EidDeviceInfo is a candidate's first field, so the same pointer frees both. */
  G_STATIC_ASSERT (G_STRUCT_OFFSET (Candidate, info) == 0);
  return find_candidates ();
}

static gboolean
contains_folded (const char *text, const char *part)
{
  g_autofree char *text_folded = g_utf8_casefold (text, -1);
  g_autofree char *part_folded = g_utf8_casefold (part, -1);

  return strstr (text_folded, part_folded) != NULL;
}

static Candidate *
choose (GPtrArray *candidates, const char *wanted, GError **error)
{
  g_autoptr (GString) names = NULL;
  char *end = NULL;
  guint64 index;

  if (candidates->len == 0 && eid_pocl_cache_prepare () != NULL)
    {
      g_set_error_literal (error, EID_ERROR, EID_ERROR_NO_DEVICE, eid_pocl_cache_prepare ());
      return NULL;
    }
  if (candidates->len == 0)
    {
      g_set_error_literal (
          error, EID_ERROR, EID_ERROR_NO_DEVICE,
          _ ("There is no OpenCL device. Install a driver for your GPU, or PoCL to compute on "
             "the processor (on Debian: apt install pocl-opencl-icd)."));
      return NULL;
    }
  if (wanted == NULL || *wanted == '\0')
    return candidates->pdata[0];

  index = g_ascii_strtoull (wanted, &end, 10);
  if (end != wanted && *end == '\0' && index < candidates->len)
    return candidates->pdata[index];

  names = g_string_new (NULL);
  for (guint i = 0; i < candidates->len; i++)
    {
      Candidate *candidate = candidates->pdata[i];

      if (contains_folded (candidate->info.name, wanted)
          || contains_folded (candidate->info.platform, wanted))
        return candidate;
      g_string_append_printf (names, "%s%u: %s (%s)", i ? ", " : "", i,
                              eid_device_title (candidate->info.name), candidate->info.platform);
    }
  g_set_error (error, EID_ERROR, EID_ERROR_NO_DEVICE,
               _ ("No OpenCL device is called “%s”. There are %s. Give the number or a part of the name."),
               wanted, names->str);
  return NULL;
}

EidDevice *
eid_device_open (const char *wanted, GError **error)
{
  g_autoptr (GPtrArray) candidates = find_candidates ();
  Candidate *candidate = choose (candidates, wanted, error);
  const char *variant = g_getenv ("EIDOSCOPE_KERNELS"); /* "cpu" or "gpu", for tests */
  EidDevice *device;
  cl_uint alignment_bits = 0;
  cl_int status;

  if (candidate == NULL)
    return NULL;

  device = g_new0 (EidDevice, 1);
  device->info = candidate->info;
  device->info.name = g_strdup (candidate->info.name);
  device->info.platform = g_strdup (candidate->info.platform);
  device->info.driver = g_strdup (candidate->info.driver);
  device->platform = candidate->platform;
  device->id = candidate->id;
  device->recording = TRUE;
  device->arenas = g_ptr_array_new ();
  device->scopes = g_ptr_array_new_with_free_func (g_free);
  device->programs = eid_programs_new (device);
  eid_memory_open (device);
  device->cpu_kernels = variant ? g_str_equal (variant, "cpu") : device->info.has_native_kernels;
  device->native = device->info.has_native_kernels && device->cpu_kernels;
  device->group = device->cpu_kernels ? 256 : 64;
  clGetDeviceInfo (device->id, CL_DEVICE_MEM_BASE_ADDR_ALIGN, sizeof alignment_bits, &alignment_bits, NULL);
  device->alignment = MAX (alignment_bits / 8, 128);

  device->context = clCreateContext (NULL, 1, &device->id, NULL, NULL, &status);
  if (status == CL_SUCCESS)
    device->queue = clCreateCommandQueue (device->context, device->id, 0, &status);
  if (status != CL_SUCCESS)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_NO_DEVICE,
                   _ ("The device “%s” cannot be opened (OpenCL error %d). Check its driver with clinfo."),
                   eid_device_title (device->info.name), status);
      eid_device_close (device);
      return NULL;
    }

  device->gemm = device->native ? &eid_gemm_onednn : &eid_gemm_clblast;
  device->gemm_state = device->gemm->open (device);
  if (!eid_device_check (device, error))
    {
      eid_device_close (device);
      return NULL;
    }
  return device;
}

void
eid_device_close (EidDevice *device)
{
  if (device == NULL)
    return;
  while (device->arenas->len > 0)
    eid_arena_pop (device);
  if (device->queue)
    clFinish (device->queue);
  g_clear_pointer (&device->profile, eid_profile_free);
  if (device->gemm_state)
    device->gemm->close (device->gemm_state);
  g_clear_pointer (&device->convolutions, g_hash_table_unref);
  eid_memory_close (device);
  eid_programs_free (device->programs);
  if (device->queue)
    clReleaseCommandQueue (device->queue);
  if (device->context)
    clReleaseContext (device->context);
  eid_set_detach (device, EID_DETACH_FREE);
  g_ptr_array_unref (device->arenas);
  g_ptr_array_unref (device->scopes);
  g_clear_error (&device->error);
  g_free (device->info.name);
  g_free (device->info.platform);
  g_free (device->info.driver);
  g_free (device);
}

const EidDeviceInfo *
eid_device_info (EidDevice *device)
{
  return &device->info;
}

const char *
eid_device_gemm_name (EidDevice *device)
{
  return device->gemm->name;
}

void
eid_device_set_precision (EidDevice *device, EidType precision)
{
  device->precision = precision;
}

EidType
eid_device_precision (EidDevice *device)
{
  return device->precision;
}

gboolean
eid_device_gains_by_bf16 (EidDevice *device)
{
  return device->info.gains_by_bf16;
}

guint64
eid_device_bytes (EidDevice *device)
{
  return device->bytes;
}

guint64
eid_device_peak_bytes (EidDevice *device)
{
  return device->peak_bytes;
}

void
eid_device_on_build (EidDevice *device, EidBuildFunc func, gpointer user_data)
{
  device->on_build = func;
  device->on_build_data = user_data;
}

void
eid_device_finish (EidDevice *device)
{
  eid_cl_ok (device, clFinish (device->queue), "clFinish");
}

gboolean
eid_device_ok (EidDevice *device)
{
  return device->error == NULL;
}

gboolean
eid_device_check (EidDevice *device, GError **error)
{
  if (device->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&device->error));
  return FALSE;
}

char *
eid_scope_phrase (EidDevice *device)
{
  g_autoptr (GString) path = g_string_new (NULL);

  for (guint i = 0; i < device->scopes->len; i++)
    g_string_append_printf (path, "%s%s", i ? "." : "", (const char *) device->scopes->pdata[i]);
  return path->len ? g_strdup_printf (_ (" in %s"), path->str) : g_strdup ("");
}

void
eid_device_fail (EidDevice *device, EidError code, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  if (device->error)
    return;
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  device->error = g_error_new_literal (EID_ERROR, code, message);
}

gboolean
eid_require (EidDevice *device, gboolean condition, const char *operation, const char *format, ...)
{
  g_autofree char *message = NULL, *where = NULL;
  va_list args;

  if (condition)
    return TRUE;
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  where = eid_scope_phrase (device);
  eid_device_fail (device, EID_ERROR_USAGE, "%s%s: %s", operation, where, message);
  return FALSE;
}

gboolean
eid_require_floats (const char *operation, EidTensor *a, EidTensor *b)
{
  return eid_require (a->device, eid_is_float (a) && (b == NULL || eid_is_float (b)), operation,
                      _ ("the operands must hold floating-point numbers"));
}

gboolean
eid_cl_ok (EidDevice *device, cl_int status, const char *what)
{
  g_autofree char *where = NULL;

  if (status == CL_SUCCESS)
    return TRUE;
  where = eid_scope_phrase (device);
  if (status == CL_MEM_OBJECT_ALLOCATION_FAILURE || status == CL_OUT_OF_HOST_MEMORY
      || status == CL_OUT_OF_RESOURCES)
    eid_device_fail (device, EID_ERROR_MEMORY, _ ("%s%s: the device is out of memory (OpenCL error %d)."),
                     what, where, status);
  else if (eid_pocl_may_be_damaged (device, status))
    {
      g_autofree char *folder = eid_kernel_cache_folder ();

      eid_device_fail (
          device, EID_ERROR_FAILED,
          _ ("%s%s failed on %s with OpenCL error %d. If it does so in every run, what PoCL keeps of "
             "compiled kernels in %s may be damaged: delete that folder, it is made anew."),
          what, where, eid_device_title (device->info.name), status, folder);
    }
  else
    eid_device_fail (device, EID_ERROR_FAILED, _ ("%s%s failed on %s with OpenCL error %d."), what, where,
                     eid_device_title (device->info.name), status);
  return FALSE;
}

void
eid_scope_push (EidDevice *device, const char *name)
{
  g_ptr_array_add (device->scopes, g_strdup (name));
}

void
eid_scope_pop (EidDevice *device)
{
  g_ptr_array_set_size (device->scopes, device->scopes->len - 1);
}

void
eid_check_finite (EidTensor *tensor, const char *operation)
{
  EidDevice *device = tensor->device;
  gsize count = eid_tensor_count (tensor);
  g_autofree float *values = NULL;

  if (!eid_is_float (tensor) || !eid_device_ok (device))
    return;
  values = g_new (float, count);
  if (!eid_tensor_read (tensor, values))
    return;
  for (gsize i = 0; i < count; i++)
    if (!(values[i] - values[i] == 0))
      {
        g_autofree char *where = eid_scope_phrase (device);
        g_autofree char *shape = eid_shape_to_string (tensor->shape);

        eid_device_fail (device, EID_ERROR_NOT_FINITE,
                         _ ("The result %s of %s%s is the first that is not finite: element %zu is %f."),
                         shape, operation, where, i, (double) values[i]);
        return;
      }
}
