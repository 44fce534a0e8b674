/* pocl-cache.c: the folder in which PoCL keeps compiled kernels. Where it cannot be written PoCL says that
 * there is no device at all, so it is looked at before PoCL is; and what is damaged in it breaks every run
 * until it is deleted, so errors name it.                                                */
#define _GNU_SOURCE /* nftw() */
#include "opencl/core/private.h"

#include <errno.h>
#include <ftw.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *problem;   /* why there is no folder at all, in a sentence; or NULL */
static char *temporary; /* a folder of this process alone; or NULL               */

char *
eid_kernel_cache_folder (void)
{
  const char *given = g_getenv ("POCL_CACHE_DIR");

  return given != NULL && *given != '\0' ? g_strdup (given)
                                         : g_build_filename (g_get_user_cache_dir (), "pocl", "kcache", NULL);
}

/* 0, or errno. */
static int
try_folder (const char *folder)
{
  g_autofree char *file = g_build_filename (folder, "eidoscope-XXXXXX", NULL);
  int descriptor, code;

  if (g_mkdir_with_parents (folder, 0700) < 0)
    return errno;
  descriptor = g_mkstemp (file);
  code = errno;
  if (descriptor < 0)
    return code;
  close (descriptor);
  g_unlink (file);
  return 0;
}

static int
remove_one (const char *file, const struct stat *status, int kind, struct FTW *walk)
{
  return remove (file);
}

static void
remove_temporary (void)
{
  nftw (temporary, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
find_folder (void)
{
  g_autofree char *folder = eid_kernel_cache_folder ();
  const int code = try_folder (folder);

  if (code == 0)
    return;
  temporary = g_dir_make_tmp ("eidoscope-kernels-XXXXXX", NULL);
  if (temporary != NULL && g_setenv ("POCL_CACHE_DIR", temporary, TRUE))
    {
      g_message (_ ("%s cannot be written: %s. PoCL keeps compiled kernels there; this time they are "
                    "compiled anew, and "
                    "not kept."),
                 folder, g_strerror (code));
      atexit (remove_temporary);
    }
  else
    problem = g_strdup_printf (
        _ ("%s cannot be written: %s. PoCL, the OpenCL driver of the processor, needs a folder for "
           "compiled kernels: name one in POCL_CACHE_DIR."),
        folder, g_strerror (code));
}

const char *
eid_pocl_cache_prepare (void)
{
  static gsize done;

  if (g_once_init_enter (&done))
    {
      find_folder ();
      g_once_init_leave (&done, 1);
    }
  return problem;
}

gboolean
eid_pocl_may_be_damaged (EidDevice *device, cl_int status)
{
  /* What PoCL says of a kernel that it cannot read back. */
  static const cl_int suspicious[] = { CL_INVALID_BINARY,        CL_INVALID_PROGRAM_EXECUTABLE,
                                       CL_INVALID_KERNEL_NAME,   CL_INVALID_KERNEL_DEFINITION,
                                       CL_BUILD_PROGRAM_FAILURE, CL_LINK_PROGRAM_FAILURE,
                                       CL_INVALID_KERNEL };

  if (!g_str_equal (device->info.platform, EID_POCL_PLATFORM))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (suspicious); i++)
    if (suspicious[i] == status)
      return TRUE;
  return FALSE;
}
