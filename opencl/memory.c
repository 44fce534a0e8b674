/* memory.c: device buffers, counted and pooled.
 *
 * A step asks for the same sizes again and again, so a buffer whose last use
 * has been enqueued goes back to a pool under its size and is handed out to
 * the next that asks. The queue is in order: no waiting is needed.
 */

#include "private.h"

#include <stdlib.h>
#include <glib/gi18n-lib.h>

/* Buffers of devices whose native kernels are used lie in memory of ours, aligned to pages: a native kernel
 * is then told addresses and needs no help from the driver. */
#define PAGE 4096

/* Sizes are rounded up to this, so that almost equal ones share a pool. */
#define GRAIN 256

/* Kernels count elements in an int. */
#define MOST_BYTES ((gsize) G_MAXINT32 * sizeof (float))

static void
count_bytes (EidDevice *device, gint64 bytes)
{
  device->bytes += bytes;
  device->peak_bytes = MAX (device->peak_bytes, device->bytes + device->pooled_bytes);
}

static void CL_CALLBACK
free_host (cl_mem mem, void *host)
{
  free (host);
}

/* A new buffer; NULL and @status where there is no room. */
static EidBuffer *
buffer_make (EidDevice *device, gsize bytes, cl_int *status)
{
  EidBuffer *buffer;
  gpointer host = NULL;
  cl_mem mem;

  if (device->native)
    {
      if (posix_memalign (&host, PAGE, bytes) != 0)
        {
          *status = CL_OUT_OF_HOST_MEMORY;
          return NULL;
        }
      mem = clCreateBuffer (device->context, CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, bytes, host, status);
      if (mem == NULL)
        free (host);
      else
        clSetMemObjectDestructorCallback (mem, free_host, host); /* when nothing uses it any more */
    }
  else
    mem = clCreateBuffer (device->context, CL_MEM_READ_WRITE, bytes, NULL, status);
  if (mem == NULL)
    return NULL;

  buffer = g_new0 (EidBuffer, 1);
  *buffer = (EidBuffer){
    .device = device,
    .mem = mem,
    .whole = mem,
    .host = host,
    .bytes = bytes,
    .uses = 1,
  };
  count_bytes (device, bytes);
  return buffer;
}

static EidBuffer *
take_from_pool (EidDevice *device, gsize bytes)
{
  gint64 key = bytes;
  GPtrArray *free_list = g_hash_table_lookup (device->pool, &key);
  EidBuffer *buffer;

  if (free_list == NULL || free_list->len == 0)
    return NULL;
  buffer = g_ptr_array_steal_index (free_list, free_list->len - 1);
  device->pooled_bytes -= bytes;
  count_bytes (device, bytes);
  buffer->uses = 1;
  return buffer;
}

static void
give_to_pool (EidBuffer *buffer)
{
  EidDevice *device = buffer->device;
  gint64 key = buffer->bytes;
  GPtrArray *free_list = g_hash_table_lookup (device->pool, &key);

  if (free_list == NULL)
    {
      free_list = g_ptr_array_new ();
      g_hash_table_insert (device->pool, g_memdup2 (&key, sizeof key), free_list);
    }
  g_ptr_array_add (free_list, buffer);
  device->bytes -= buffer->bytes;
  device->pooled_bytes += buffer->bytes;
}

void
eid_memory_free_pool (EidDevice *device)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, device->pool);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GPtrArray *free_list = value;

      for (guint i = 0; i < free_list->len; i++)
        {
          EidBuffer *buffer = free_list->pdata[i];

          clReleaseMemObject (buffer->mem);
          g_free (buffer);
        }
      g_ptr_array_set_size (free_list, 0);
    }
  device->pooled_bytes = 0;
}

void
eid_device_trim (EidDevice *device)
{
  eid_memory_free_pool (device);
  device->peak_bytes = device->bytes;
}

EidBuffer *
eid_buffer_new (EidDevice *device, gsize bytes, const char *what)
{
  EidBuffer *buffer;
  gsize largest = MIN (device->info.buffer_bytes, MOST_BYTES);
  gboolean fits;
  cl_int status = CL_SUCCESS;

  if (!eid_device_ok (device))
    return NULL;
  bytes = MAX (GRAIN, (bytes / GRAIN + (bytes % GRAIN != 0)) * GRAIN);
  buffer = take_from_pool (device, bytes);
  if (buffer)
    return buffer;
  fits = bytes <= largest && device->bytes + bytes <= device->info.memory_bytes;

  for (guint attempt = 0; attempt < 2 && buffer == NULL && fits; attempt++)
    {
      if (device->bytes + device->pooled_bytes + bytes > device->info.memory_bytes)
        eid_memory_free_pool (device);
      buffer = buffer_make (device, bytes, &status);
      if (buffer == NULL)
        eid_memory_free_pool (device);
    }
  if (buffer == NULL)
    {
      g_autofree char *wanted = g_format_size (bytes), *used = g_format_size (device->bytes);
      g_autofree char *where = eid_scope_phrase (device);
      g_autofree char *one = g_format_size (largest), *all = g_format_size (device->info.memory_bytes);

      eid_device_fail (device, EID_ERROR_MEMORY,
                       _ ("%s%s wants %s, beside %s in use; %s has %s, and at most %s in one "
                          "piece."),
                       what, where, wanted, used, device->info.name, all, one);
    }
  return buffer;
}

static void CL_CALLBACK
free_copy (cl_event event, cl_int status, void *copy)
{
  g_free (copy);
}

/* @data is copied in the call and written when the queue comes to it: nobody waits. */
EidBuffer *
eid_buffer_from_data (EidDevice *device, gconstpointer data, gsize bytes)
{
  EidBuffer *buffer = eid_buffer_new (device, bytes, _ ("Copying data to the device"));
  gpointer copy;
  cl_event event;

  if (buffer == NULL || bytes == 0)
    return buffer;
  copy = g_memdup2 (data, bytes);
  if (!eid_cl_ok (
          device,
          clEnqueueWriteBuffer (device->queue, buffer->mem, CL_FALSE, 0, bytes, copy, 0, NULL, &event),
          "clEnqueueWriteBuffer"))
    {
      g_free (copy);
      return buffer;
    }
  if (clSetEventCallback (event, CL_COMPLETE, free_copy, copy) != CL_SUCCESS)
    {
      clWaitForEvents (1, &event);
      g_free (copy);
    }
  clReleaseEvent (event);
  return buffer;
}

EidBuffer *
eid_buffer_part (EidBuffer *whole, gsize offset, gsize bytes)
{
  cl_buffer_region region = { offset, bytes };
  EidBuffer *part;
  cl_int status;
  cl_mem mem;

  if (whole == NULL)
    return NULL;
  mem = clCreateSubBuffer (whole->mem, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION, &region, &status);
  if (!eid_cl_ok (whole->device, status, "clCreateSubBuffer"))
    return NULL;
  part = g_new0 (EidBuffer, 1); /* OpenCL keeps the whole alive while a part is */
  *part = (EidBuffer){ .device = whole->device,
                       .mem = mem,
                       .whole = whole->mem,
                       .offset = offset,
                       .host = whole->host ? (char *) whole->host + offset : NULL,
                       .bytes = 0,
                       .uses = 1 };
  return part;
}

EidBuffer *
eid_buffer_use (EidBuffer *buffer)
{
  if (buffer)
    buffer->uses++;
  return buffer;
}

void
eid_buffer_release (EidBuffer *buffer)
{
  if (buffer == NULL || --buffer->uses > 0)
    return;
  if (buffer->mem == buffer->whole)
    {
      give_to_pool (buffer);
      return;
    }
  clReleaseMemObject (buffer->mem);
  g_free (buffer);
}
