/* convolution-gradient-tiles.c: the gradient of a convolution's weight in 16 bits by tiles (tile.h), for
 * processors.
 *
 * For each place of the window it is a product of its own, maps^T images, over those pixels of the maps
 * whose window has this place within the image. Where these are nearly all, over all: then the maps are
 * packed once for all places, and what is beyond the image is zeros.
 *
 * The batch is cut into shares, some pixels at a time, each with sums of its own, which are added up at the
 * end in their order, as PyTorch orders weights. How many there are is a matter of the convolution alone, so
 * that results do not depend on the number of threads. Where there are fewer shares than threads, a share's
 * sums are cut into parts, which changes none of them.
 */

#include "opencl/backends/convolution.h"
#include "opencl/core/thread-scratch.h"
#include "opencl/backends/tile.h"

#include <omp.h>

#define PIXELS       256   /* of the maps at a time: what is packed of them stays in the cache */
#define SHARE_PIXELS 16384 /* of a share at least: adding it up costs little beside            */
#define MOST_SHARES  8
#define LEAST        16                 /* channels for which it pays                                       */
#define MOST_SUMS    (64 * 1024 * 1024) /* bytes of all shares' sums                                        */
#define BEYOND       4096               /* channels that there are beyond the image                         */
#define NEARLY       0.85               /* all: of the pixels, those that see the image through any place   */

typedef struct
{
  EidConvolution c;
  const EidBf16 *images, *maps;
  float *sums;             /* [shares, places, out, in] */
  float *weight;           /* [out, in, places]         */
  guint n_shares, n_parts; /* of the batch; of each share's sums */
  gboolean all_pixels;
} Call;

/* The pixels of the maps, and those of the images that they see through one place of the window. */
typedef struct
{
  guint n;
  const EidBf16 *map[PIXELS], *image[PIXELS];
} Pixels;

static guint
places_of (const EidConvolution *c)
{
  return c->kernel_height * c->kernel_width;
}

static const EidBf16 beyond[BEYOND]; /* zeros */

/* Those of a row of the maps, from @x on, that see the image through @place. */
static void
pixels_of_row (const Call *call, guint place, gsize row, guint x, guint end, Pixels *pixels)
{
  const EidConvolution *c = &call->c;
  gint y = (gint) (row % c->out_height * c->stride + place / c->kernel_width) - (gint) c->padding;
  gint from = (gint) (place % c->kernel_width) - (gint) c->padding;
  const EidBf16 *map = call->maps + row * c->out_width * c->out;
  const EidBf16 *image = call->images + row / c->out_height * c->height * c->width * c->in;

  for (; x < end; x++)
    {
      gint in_x = (gint) (x * c->stride) + from;
      gboolean within = y >= 0 && y < (gint) c->height && in_x >= 0 && in_x < (gint) c->width;

      if (!within && !call->all_pixels)
        continue;
      pixels->map[pixels->n] = map + (gsize) x * c->out;
      pixels->image[pixels->n++] = within ? image + ((gsize) y * c->width + in_x) * c->in : beyond;
    }
}

/* Of @count pixels of the maps from @first on, those that see the image through @place. */
static void
pixels_seen (const Call *call, guint place, gsize first, guint count, Pixels *pixels)
{
  guint width = call->c.out_width, x = first % width;

  pixels->n = 0;
  for (gsize row = first / width; count > 0; row++, x = 0)
    {
      guint end = MIN (x + count, width);

      pixels_of_row (call, place, row, x, end, pixels);
      count -= end - x;
    }
}

/* Memory of a thread: both operands, packed. */
typedef struct
{
  guint rows, columns; /* in tiles */
  gsize step_a, step_b;
  guint32 *a, *b;
} Packed;

static Packed
packed_new (const EidConvolution *c)
{
  Packed packed = { .rows = eid_tiles_in (c->out, EID_TILE_ROWS),
                    .columns = eid_tiles_in (c->in, EID_TILE_COLUMNS),
                    .step_a = eid_tile_words (PIXELS, EID_TILE_ROWS),
                    .step_b = eid_tile_words (PIXELS, EID_TILE_COLUMNS) };

  packed.a = eid_thread_scratch (
      EID_SCRATCH_PACKED, (packed.rows * packed.step_a + packed.columns * packed.step_b) * sizeof (guint32));
  packed.b = packed.a + packed.rows * packed.step_a;
  return packed;
}

/* Some rows of tiles of @sums [out, in] grow by the product over so many pixels. */
static void
multiply (const EidConvolution *c, const Packed *packed, guint first, guint end, guint pixels, float *sums)
{
  for (guint j = 0; j < packed->columns; j++)
    for (guint i = first; i < end; i++)
      {
        guint top = i * EID_TILE_ROWS, left = j * EID_TILE_COLUMNS;
        const EidTile tile = { .c = sums + (gsize) top * c->in + left,
                               .row = c->in,
                               .rows = MIN (c->out - top, EID_TILE_ROWS),
                               .columns = MIN (c->in - left, EID_TILE_COLUMNS),
                               .add = TRUE };

        eid_tile_multiply (&tile, packed->a + i * packed->step_a, packed->b + j * packed->step_b,
                           (pixels + 1) / 2);
      }
}

static void
pack_maps (const EidConvolution *c, const Packed *packed, guint first, guint end, const Pixels *pixels)
{
  guint top = first * EID_TILE_ROWS;

  eid_tile_pack_columns_of (pixels->map, pixels->n, top, MIN (c->out, end * EID_TILE_ROWS) - top,
                            packed->a + first * packed->step_a, packed->step_a, EID_TILE_ROWS);
}

/* Where row @row of tiles, counted through all places, begins in the sums. */
static gsize
sums_before (const EidConvolution *c, guint row)
{
  guint rows = eid_tiles_in (c->out, EID_TILE_ROWS);

  return ((gsize) row / rows * c->out + MIN (row % rows * EID_TILE_ROWS, c->out)) * c->in;
}

/* Part @part of share @share: some rows of tiles, counted through all places. */
static void
multiply_part (const Call *call, guint share, guint part)
{
  const EidConvolution *c = &call->c;
  gsize pixels_of_map = (gsize) c->out_height * c->out_width, weights = (gsize) c->out * c->in;
  gsize first = (gsize) c->batch * share / call->n_shares * pixels_of_map;
  gsize end = (gsize) c->batch * (share + 1) / call->n_shares * pixels_of_map;
  float *sums = call->sums + share * places_of (c) * weights;
  Packed packed = packed_new (c);
  guint rows = packed.rows, all = places_of (c) * rows;
  guint first_row = (guint64) all * part / call->n_parts,
        end_row = (guint64) all * (part + 1) / call->n_parts;
  gboolean whole = call->all_pixels && first_row / rows != (end_row - 1) / rows; /* of more than one place */
  Pixels pixels;

  memset (sums + sums_before (c, first_row), 0,
          (sums_before (c, end_row) - sums_before (c, first_row)) * sizeof *sums);
  for (gsize at = first; at < end; at += PIXELS)
    for (guint row = first_row, next; row < end_row; row = next)
      {
        guint place = row / rows, from = row % rows, to;

        next = MIN ((place + 1) * rows, end_row);
        to = next - place * rows;
        pixels_seen (call, place, at, MIN (end - at, PIXELS), &pixels);
        if (!whole)
          pack_maps (c, &packed, from, to, &pixels);
        else if (row == first_row)
          pack_maps (c, &packed, 0, rows, &pixels);
        eid_tile_pack_columns_of (pixels.image, pixels.n, 0, c->in, packed.b, packed.step_b,
                                  EID_TILE_COLUMNS);
        multiply (c, &packed, from, to, pixels.n, sums + place * weights);
      }
}

/* Those of all shares, for one channel of the maps. */
static void
add_up (const Call *call, guint out)
{
  const EidConvolution *c = &call->c;
  guint places = places_of (c);
  gsize weights = (gsize) c->out * c->in;
  float *weight = call->weight + (gsize) out * c->in * places;

  for (guint place = 0; place < places; place++)
    for (guint share = 0; share < call->n_shares; share++)
      {
        const float *sums = call->sums + (share * places + place) * weights + (gsize) out * c->in;
        gboolean add = share > 0 || c->accumulate;

        for (guint i = 0; i < c->in; i++)
          weight[i * places + place] = sums[i] + (add ? weight[i * places + place] : 0);
      }
}

static void
run_native (void *data)
{
  const Call *call = data;

#pragma omp parallel
  {
#pragma omp for collapse(2) schedule(static, 1)
    for (guint share = 0; share < call->n_shares; share++)
      for (guint part = 0; part < call->n_parts; part++)
        multiply_part (call, share, part);
#pragma omp for schedule(static)
    for (guint out = 0; out < call->c.out; out++)
      add_up (call, out);
  }
}

static gboolean
nearly_all_see (const EidConvolution *c)
{
  double beyond_it = (double) c->padding / c->out_width + (double) c->padding / c->out_height;

  return 1 - beyond_it >= NEARLY && c->in <= BEYOND;
}

/* Into how many shares the batch is cut; 0: their sums would take too much. */
static guint
count_shares (const EidConvolution *c)
{
  gsize pixels = (gsize) c->batch * c->out_height * c->out_width;
  gsize room = MOST_SUMS / ((gsize) places_of (c) * c->out * c->in * sizeof (float));

  return MIN (CLAMP (pixels / SHARE_PIXELS, 1, MIN (c->batch, MOST_SHARES)), room);
}

/* Of each of so many shares, so that all threads have as many parts. */
static guint
count_parts (const EidConvolution *c, guint shares)
{
  guint threads = omp_get_max_threads (), a = threads, b = shares;

  while (b > 0) /* the greatest common divisor */
    {
      guint rest = a % b;

      a = b;
      b = rest;
    }
  return MIN (threads / a, places_of (c) * eid_tiles_in (c->out, EID_TILE_ROWS));
}

gboolean
eid_convolution_gradient_tiles (EidDevice *device, const EidConvolution *c, const EidConvolved *tensors)
{
  guint shares = count_shares (c);
  gsize weights = (gsize) places_of (c) * c->out * c->in;
  double work = 2.0 * c->batch * c->out_height * c->out_width * weights;
  EidTensor *sums;

  if (!eid_tiles_usable () || c->type != EID_BF16 || c->type_weight != EID_F32 || c->groups != 1
      || c->in < LEAST || c->out < LEAST || shares == 0)
    return FALSE;
  sums = eid_scratch (device, EID_SHAPE (shares, weights), "convolution");
  if (eid_device_ok (device))
    {
      EidTensor *const used[] = { tensors->images, tensors->maps, tensors->weight, sums };
      Call call = { .c = *c,
                    .images = tensors->images->buffer->host,
                    .maps = tensors->maps->buffer->host,
                    .weight = tensors->weight->buffer->host,
                    .sums = sums->buffer->host,
                    .n_shares = shares,
                    .n_parts = count_parts (c, shares),
                    .all_pixels = nearly_all_see (c) };

      eid_native (device, "convolution", work, run_native, &call, sizeof call, used, G_N_ELEMENTS (used));
    }
  eid_scratch_free (sums);
  return TRUE;
}
