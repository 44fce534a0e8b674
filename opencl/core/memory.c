/* memory.c: device memory, taken in slabs and handed out in ranges of them.
 *
 * A buffer whose last use has been enqueued gives its range back, and the next
 * that asks may have it or a part of it: the queue is in order, so nobody
 * waits. Free ranges are found by size, the smallest that is large enough
 * first, and grow together with their free neighbours. A step thus needs little
 * more than what it holds at its fullest moment, and the next step finds all
 * that it needs.
 */

#include "opencl/core/private.h"

#include <string.h>
#include <sys/mman.h>
#include <glib/gi18n-lib.h>

/* Slabs are multiples of this, so that what is small shares them. */
#define SLAB_GRAIN ((gsize) 64 << 10)

/* Where slabs in memory of ours begin: a large page. */
#define LARGE_PAGE ((gsize) 2 << 20)

/* Ranges are multiples of this, or of what the device asks for. */
#define GRAIN 256

/* Kernels count elements in an int. */
#define MOST_BYTES ((gsize) G_MAXINT32 * sizeof (float))

/* One allocation of the device's. Where native kernels are used it lies in memory of ours: they are
 * told addresses and need no help from the driver. */
typedef struct
{
  cl_mem mem;
  gpointer host;
  guint64 number; /* in the order they were made */
} Slab;

struct _EidRange
{
  Slab *slab;
  gsize offset, bytes;
  gboolean is_free;
  EidRange *before, *after; /* neighbours in the slab */
};

/* --- Free ranges, by size --------------------------------------------------------- */

static gint
compare (guint64 a, guint64 b)
{
  return a < b ? -1 : a > b;
}

static gint
compare_ranges (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const EidRange *x = a, *y = b;
  gint order = compare (x->bytes, y->bytes);

  if (order == 0)
    order = compare (x->slab->number, y->slab->number);
  return order ? order : compare (x->offset, y->offset);
}

void
eid_memory_open (EidDevice *device)
{
  device->free_ranges = g_tree_new_full (compare_ranges, NULL, NULL, NULL);
  /* A simulator that watches over the ends of buffers is given each by itself. */
  device->splits_slabs = strstr (device->info.platform, "Oclgrind") == NULL;
}

static void
set_free (EidDevice *device, EidRange *range)
{
  range->is_free = TRUE;
  g_tree_insert (device->free_ranges, range, range);
}

static void
set_used (EidDevice *device, EidRange *range)
{
  range->is_free = FALSE;
  g_tree_remove (device->free_ranges, range);
}

/* @range keeps its first @bytes; the rest becomes a free range behind it. */
static void
cut (EidDevice *device, EidRange *range, gsize bytes)
{
  EidRange *rest;

  if (range->bytes == bytes)
    return;
  rest = g_new (EidRange, 1);
  *rest = (EidRange){ .slab = range->slab,
                      .offset = range->offset + bytes,
                      .bytes = range->bytes - bytes,
                      .before = range,
                      .after = range->after };
  if (range->after)
    range->after->before = rest;
  range->after = rest;
  range->bytes = bytes;
  set_free (device, rest);
}

/* @range, not in the tree, takes in its neighbour @after. */
static void
take_in (EidDevice *device, EidRange *range, EidRange *after)
{
  set_used (device, after);
  range->bytes += after->bytes;
  range->after = after->after;
  if (range->after)
    range->after->before = range;
  g_free (after);
}

static void
give_back (EidDevice *device, EidRange *range)
{
  EidRange *before = range->before;

  device->bytes -= range->bytes;
  if (range->after && range->after->is_free)
    take_in (device, range, range->after);
  if (before && before->is_free)
    {
      set_used (device, before);
      set_free (device, range); /* for take_in() to take */
      take_in (device, before, range);
      range = before;
    }
  set_free (device, range);
}

/* The smallest free range of @bytes or more, cut to size; NULL if there is none. */
static EidRange *
take_free (EidDevice *device, gsize bytes)
{
  Slab first = { .number = 0 };
  EidRange wanted = { .slab = &first, .bytes = bytes };
  GTreeNode *node = g_tree_lower_bound (device->free_ranges, &wanted);
  EidRange *range = node ? g_tree_node_value (node) : NULL;

  if (range == NULL || (!device->splits_slabs && range->bytes != bytes))
    return NULL;
  set_used (device, range);
  cut (device, range, bytes);
  device->bytes += bytes;
  return range;
}

/* --- Slabs --------------------------------------------------------------------------- */

/* Memory of ours, so that it goes back to the system at once. */
typedef struct
{
  gpointer start;
  gsize bytes;
} Mapping;

/* A large page's multiple, unless it is smaller than one; NULL where there is no room. */
static Mapping *
map (gsize bytes)
{
  gsize spare = bytes >= LARGE_PAGE ? LARGE_PAGE : 0, before;
  char *start = mmap (NULL, bytes + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  Mapping *mapping;

  if (start == MAP_FAILED)
    return NULL;
  before = spare ? (LARGE_PAGE - (gsize) start % LARGE_PAGE) % LARGE_PAGE : 0;
  if (before > 0)
    munmap (start, before);
  if (spare > before)
    munmap (start + before + bytes, spare - before);
#ifdef MADV_HUGEPAGE
  madvise (start + before, bytes, MADV_HUGEPAGE);
#endif
  mapping = g_new (Mapping, 1);
  *mapping = (Mapping){ start + before, bytes };
  return mapping;
}

static void
unmap (Mapping *mapping)
{
  munmap (mapping->start, mapping->bytes);
  g_free (mapping);
}

static void CL_CALLBACK
unmap_memory (cl_mem mem, void *mapping)
{
  unmap (mapping);
}

/* A new slab, all of it one free range; FALSE where there is no room. */
static gboolean
add_slab (EidDevice *device, gsize bytes)
{
  EidRange *range;
  Mapping *mapping = NULL;
  cl_int status;
  cl_mem mem;

  if (device->native)
    {
      mapping = map (bytes);
      if (mapping == NULL)
        return FALSE;
      mem = clCreateBuffer (device->context, CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, bytes, mapping->start,
                            &status);
      if (mem == NULL)
        unmap (mapping);
      else
        clSetMemObjectDestructorCallback (mem, unmap_memory, mapping); /* when nothing uses it any more */
    }
  else
    mem = clCreateBuffer (device->context, CL_MEM_READ_WRITE, bytes, NULL, &status);
  if (mem == NULL)
    return FALSE;

  range = g_new0 (EidRange, 1);
  range->slab = g_new (Slab, 1);
  *range->slab = (Slab){ .mem = mem, .host = mapping ? mapping->start : NULL, .number = ++device->slabs };
  range->bytes = bytes;
  set_free (device, range);
  device->slab_bytes += bytes;
  device->peak_bytes = MAX (device->peak_bytes, device->slab_bytes);
  return TRUE;
}

static gboolean
note_whole_slab (gpointer key, gpointer value, gpointer list)
{
  EidRange *range = value;

  if (range->before == NULL && range->after == NULL)
    g_ptr_array_add (list, range);
  return FALSE;
}

void
eid_memory_trim (EidDevice *device)
{
  g_autoptr (GPtrArray) unused = g_ptr_array_new ();

  g_tree_foreach (device->free_ranges, note_whole_slab, unused);
  for (guint i = 0; i < unused->len; i++)
    {
      EidRange *range = unused->pdata[i];

      set_used (device, range);
      device->slab_bytes -= range->bytes;
      clReleaseMemObject (range->slab->mem);
      g_free (range->slab);
      g_free (range);
    }
}

void
eid_device_trim (EidDevice *device)
{
  eid_memory_trim (device);
  device->peak_bytes = device->slab_bytes;
}

void
eid_memory_close (EidDevice *device)
{
  eid_memory_trim (device);
  g_tree_unref (device->free_ranges);
}

/* --- Buffers ---------------------------------------------------------------------------- */

static EidBuffer *
buffer_over (EidDevice *device, EidRange *range)
{
  cl_buffer_region region = { range->offset, range->bytes };
  EidBuffer *buffer;
  cl_int status;
  cl_mem mem =
      clCreateSubBuffer (range->slab->mem, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION, &region, &status);

  if (!eid_cl_ok (device, status, "clCreateSubBuffer"))
    {
      give_back (device, range);
      return NULL;
    }
  buffer = g_new (EidBuffer, 1);
  *buffer = (EidBuffer){
    .device = device,
    .mem = mem,
    .whole = range->slab->mem,
    .offset = range->offset,
    .host = range->slab->host ? (char *) range->slab->host + range->offset : NULL,
    .bytes = range->bytes,
    .range = range,
    .uses = 1,
  };
  return buffer;
}

static gsize
rounded (gsize bytes, gsize grain)
{
  return MAX (1, bytes / grain + (bytes % grain != 0)) * grain;
}

EidBuffer *
eid_buffer_new (EidDevice *device, gsize bytes, const char *what)
{
  gsize largest = MIN (device->info.buffer_bytes, MOST_BYTES), all = device->info.memory_bytes, slab;
  EidRange *range;

  if (!eid_device_ok (device))
    return NULL;
  bytes = rounded (bytes, MAX (GRAIN, device->alignment));
  range = take_free (device, bytes);
  for (guint attempt = 0; attempt < 2 && range == NULL && bytes <= largest; attempt++)
    {
      slab = device->splits_slabs ? MIN (rounded (bytes, SLAB_GRAIN), largest) : bytes;
      /* Before more is taken than ever, what lies about from other work goes. */
      if (attempt > 0 || device->slab_bytes + slab > MIN (device->peak_bytes, all))
        eid_memory_trim (device);
      if (device->slab_bytes + slab <= all && add_slab (device, slab))
        range = take_free (device, bytes);
    }
  if (range == NULL)
    {
      g_autofree char *where = eid_scope_phrase (device);
      g_autofree char *wanted = g_format_size (bytes), *used = g_format_size (device->slab_bytes);
      g_autofree char *one = g_format_size (largest), *has = g_format_size (all);

      eid_device_fail (device, EID_ERROR_MEMORY,
                       _ ("%s%s wants %s, beside %s in use; %s has %s, and at most %s in one piece."), what,
                       where, wanted, used, eid_device_title (device->info.name), has, one);
      return NULL;
    }
  return buffer_over (device, range);
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
  EidDevice *device;
  EidBuffer *part;
  cl_buffer_region region;
  cl_int status;
  cl_mem mem;

  if (whole == NULL)
    return NULL;
  device = whole->device;
  region = (cl_buffer_region){ whole->offset + offset, bytes };
  mem = clCreateSubBuffer (whole->whole, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION, &region, &status);
  if (!eid_cl_ok (device, status, "clCreateSubBuffer"))
    return NULL;
  part = g_new (EidBuffer, 1);
  *part = (EidBuffer){ .device = device,
                       .mem = mem,
                       .whole = whole->whole,
                       .offset = region.origin,
                       .host = whole->host ? (char *) whole->host + offset : NULL,
                       .bytes = bytes,
                       .owner = eid_buffer_use (whole),
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
  clReleaseMemObject (buffer->mem);
  if (buffer->range)
    give_back (buffer->device, buffer->range);
  eid_buffer_release (buffer->owner);
  g_free (buffer);
}
