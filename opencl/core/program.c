/* program.c: from a kernel's name to the kernel: source, build, disk cache.
 *
 * Each file under kernels/ is two programs, for activations in 32 and in 16
 * bits, with the row helpers of kernels/rows.h before it. One is built when it
 * is first asked for, or ahead of that in threads. Binaries are kept on disk
 * under a hash of all that decides them.
 *
 * PoCL is another matter: it builds a kernel when it first runs, one at a time,
 * and keeps a cache of its own; asked for a binary, it would build every kernel
 * of the file, and none in the form it runs. There, nothing is built ahead nor
 * kept here, and all files are one program: each program begins with reading
 * the headers of OpenCL C, cached or not, which takes longer than our files. A
 * kernel's name is therefore its own among all files.
 */

#include "opencl/core/private.h"

#include <string.h>
#include <glib/gi18n-lib.h>
#include <gio/gio.h>

#include "kernels-resource.h"

#define HALF      "@bf16"
#define FOLDER    "/org/eidoscope/kernels/"
#define ALL_FILES "*" /* the program of all files */

/* A program, being built or built. What is set once @done is for anybody to read. */
typedef struct
{
  char *name; /* "norm", or "norm@bf16" for the 16-bit build of the same file */
  gboolean done;
  cl_program program; /* NULL: it could not be built                          */
  cl_int status;
  char *log; /* what the driver says of that                           */
} Build;

struct _EidPrograms
{
  EidDevice *device;
  GHashTable *builds;     /* name -> Build                                      */
  GHashTable *kernels[2]; /* name -> cl_kernel, 32 and 16 bits                */
  GMutex mutex;           /* guards what is in the builds                               */
  GCond changed;
  GThreadPool *builders; /* NULL: nothing is built ahead                      */
  guint ahead, built;    /* how many are built ahead; how many of them are    */
};

static void
append_file (GString *source, const char *file)
{
  g_autofree char *path = g_strconcat (FOLDER, file, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
      g_resource_lookup_data (kernels_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);

  if (bytes == NULL)
    g_error ("the kernel file %s is not in the library: %s", file, error->message);
  g_string_append_printf (source, "\n#line 1 \"%s\"\n%s", file,
                          (const char *) g_bytes_get_data (bytes, NULL));
}

/* The names of all files but rows.h, without their suffix. */
static char **
kernel_files (void)
{
  g_auto (GStrv) files =
      g_resource_enumerate_children (kernels_get_resource (), FOLDER, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; files[i] != NULL; i++)
    if (g_str_has_suffix (files[i], ".cl"))
      {
        *strrchr (files[i], '.') = '\0';
        g_strv_builder_add (names, files[i]);
      }
  return g_strv_builder_end (names);
}

/* What the program @name, "norm" or "norm@bf16" or ALL_FILES, is made of. */
static char *
program_source (const char *name)
{
  GString *source = g_string_new (NULL);
  g_autofree char *stem = g_strndup (name, strcspn (name, "@"));
  g_auto (GStrv) files = kernel_files ();

  append_file (source, "rows.h");
  for (guint i = 0; files[i] != NULL; i++)
    if (g_str_equal (stem, ALL_FILES) || g_str_equal (stem, files[i]))
      {
        g_autofree char *file = g_strconcat (files[i], ".cl", NULL);

        append_file (source, file);
      }
  return g_string_free (source, FALSE);
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

static gboolean
builds_at_launch (EidDevice *device)
{
  return g_str_equal (device->info.platform, EID_POCL_PLATFORM);
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

static void
compile (Build *build, EidDevice *device, const char *source, const char *options)
{
  gsize size = 0;

  build->program = clCreateProgramWithSource (device->context, 1, &source, NULL, &build->status);
  if (build->program == NULL)
    return;
  build->status = clBuildProgram (build->program, 1, &device->id, options, NULL, NULL);
  if (build->status == CL_SUCCESS)
    return;
  clGetProgramBuildInfo (build->program, device->id, CL_PROGRAM_BUILD_LOG, 0, NULL, &size);
  build->log = g_malloc0 (size + 1);
  clGetProgramBuildInfo (build->program, device->id, CL_PROGRAM_BUILD_LOG, size, build->log, NULL);
  g_clear_pointer (&build->program, clReleaseProgram);
}

/* From the cache or anew; in any thread. */
static void
run_build (gpointer data, gpointer user_data)
{
  Build *build = data;
  EidPrograms *programs = user_data;
  EidDevice *device = programs->device;
  gboolean half = g_str_has_suffix (build->name, HALF);
  g_autofree char *options = g_strconcat ("-cl-mad-enable", device->cpu_kernels ? " -DEID_CPU" : "",
                                          half ? " -DEID_BF16" : "", NULL);
  g_autofree char *source = program_source (build->name);
  g_autofree char *cached = builds_at_launch (device) ? NULL : cache_file (device, source, options);

  if (cached)
    build->program = program_from_cache (device, cached, options);
  if (build->program == NULL)
    {
      compile (build, device, source, options);
      if (build->program && cached)
        program_to_cache (build->program, cached);
    }
  g_mutex_lock (&programs->mutex);
  build->done = TRUE;
  programs->built++;
  g_cond_broadcast (&programs->changed);
  g_mutex_unlock (&programs->mutex);
}

static Build *
build_new (EidPrograms *programs, const char *name)
{
  Build *build = g_new0 (Build, 1);

  build->name = g_strdup (name);
  g_hash_table_insert (programs->builds, build->name, build);
  return build;
}

static void
build_free (gpointer data)
{
  Build *build = data;

  if (build->program)
    clReleaseProgram (build->program);
  g_free (build->name);
  g_free (build->log);
  g_free (build);
}

static void
release_kernel (gpointer kernel)
{
  clReleaseKernel (kernel);
}

EidPrograms *
eid_programs_new (EidDevice *device)
{
  EidPrograms *programs = g_new0 (EidPrograms, 1);

  programs->device = device;
  programs->builds = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, build_free);
  for (guint i = 0; i < G_N_ELEMENTS (programs->kernels); i++)
    programs->kernels[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, release_kernel);
  g_mutex_init (&programs->mutex);
  g_cond_init (&programs->changed);
  return programs;
}

void
eid_programs_free (EidPrograms *programs)
{
  if (programs->builders)
    g_thread_pool_free (programs->builders, TRUE, TRUE); /* those under way are waited for */
  for (guint i = 0; i < G_N_ELEMENTS (programs->kernels); i++)
    g_hash_table_unref (programs->kernels[i]);
  g_hash_table_unref (programs->builds);
  g_mutex_clear (&programs->mutex);
  g_cond_clear (&programs->changed);
  g_free (programs);
}

void
eid_device_prepare (EidDevice *device)
{
  EidPrograms *programs = device->programs;
  g_auto (GStrv) files = NULL;

  if (builds_at_launch (device) || programs->builders)
    return;
  files = kernel_files ();
  programs->builders = g_thread_pool_new (run_build, programs, (gint) g_get_num_processors (), FALSE, NULL);
  for (guint i = 0; files[i] != NULL; i++)
    for (guint half = 0; half < 2; half++)
      {
        g_autofree char *name = NULL;

        if (half && device->precision != EID_BF16)
          continue;
        name = g_strconcat (files[i], half ? HALF : "", NULL);
        if (!g_hash_table_contains (programs->builds, name))
          {
            programs->ahead++;
            g_thread_pool_push (programs->builders, build_new (programs, name), NULL);
          }
      }
}

static void
tell (EidDevice *device, const char *what, guint number, guint count)
{
  if (device->on_build)
    device->on_build (what, number, count, device->on_build_data);
}

/* Waits for one that is built ahead, and tells how far all of them are. */
static void
wait_for (EidPrograms *programs, Build *build)
{
  g_mutex_lock (&programs->mutex);
  while (!build->done)
    {
      guint built = programs->built;

      g_mutex_unlock (&programs->mutex);
      tell (programs->device, build->name, MIN (built + 1, programs->ahead), programs->ahead);
      g_mutex_lock (&programs->mutex);
      if (!build->done && built == programs->built)
        g_cond_wait (&programs->changed, &programs->mutex);
    }
  g_mutex_unlock (&programs->mutex);
}

static cl_program
program_get (EidDevice *device, const char *name)
{
  EidPrograms *programs = device->programs;
  Build *build = g_hash_table_lookup (programs->builds, name);

  if (build)
    wait_for (programs, build);
  else
    {
      build = build_new (programs, name);
      if (!builds_at_launch (device))
        tell (device, name, programs->built + 1, 0);
      run_build (build, programs);
    }
  if (build->program == NULL)
    eid_device_fail (device, EID_ERROR_FAILED,
                     _ ("The kernels “%s” do not build on %s (OpenCL error %d). The driver says: %s"), name,
                     eid_device_title (device->info.name), build->status, build->log ? build->log : "");
  return build->program;
}

cl_kernel
eid_kernel_get (EidDevice *device, const char *name, gboolean half, gboolean *built_now)
{
  GHashTable *kernels = device->programs->kernels[half];
  cl_kernel kernel = g_hash_table_lookup (kernels, name);
  g_auto (GStrv) parts = NULL;
  g_autofree char *program_name = NULL;
  cl_program program;
  cl_int status;

  *built_now = FALSE;
  if (kernel)
    return kernel;
  parts = g_strsplit (name, ":", 2);
  program_name = g_strconcat (builds_at_launch (device) ? ALL_FILES : parts[0], half ? HALF : "", NULL);
  program = program_get (device, program_name);
  if (program == NULL)
    return NULL;
  kernel = clCreateKernel (program, parts[1], &status);
  if (!eid_cl_ok (device, status, name))
    return NULL;
  g_hash_table_insert (kernels, g_strdup (name), kernel);
  *built_now = builds_at_launch (device) && device->on_build;
  if (*built_now)
    tell (device, parts[1],
          g_hash_table_size (device->programs->kernels[0]) + g_hash_table_size (device->programs->kernels[1]),
          0);
  return kernel;
}
