/* standin.c: preloaded, it stands in for software outside that is broken: PoCL with a damaged cache, which
 * knows no kernel, and oneDNN without memory, which breaks the process. What breaks the real ones is not
 * tried.      */
#define _GNU_SOURCE              /* RTLD_NEXT */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static int
stands_in_for (const char *name)
{
  const char *wanted = getenv ("EIDOSCOPE_STANDIN");

  return wanted != NULL && strcmp (wanted, name) == 0;
}

cl_kernel
clCreateKernel (cl_program program, const char *name, cl_int *status)
{
  cl_kernel (*real) (cl_program, const char *, cl_int *) =
      (cl_kernel (*) (cl_program, const char *, cl_int *)) dlsym (RTLD_NEXT, "clCreateKernel");

  if (stands_in_for ("pocl-assertion"))
    abort ();
  if (!stands_in_for ("pocl"))
    return real (program, name, status);
  if (status != NULL)
    *status = CL_INVALID_KERNEL_NAME;
  return NULL;
}

/* As oneDNN has it, without its header. */
int dnnl_primitive_execute (const void *primitive, void *stream, int count, const void *arguments);

int
dnnl_primitive_execute (const void *primitive, void *stream, int count, const void *arguments)
{
  int (*real) (const void *, void *, int, const void *) =
      (int (*) (const void *, void *, int, const void *)) dlsym (RTLD_NEXT, "dnnl_primitive_execute");

  if (stands_in_for ("onednn"))
    raise (SIGSEGV);
  return real (primitive, stream, count, arguments);
}
