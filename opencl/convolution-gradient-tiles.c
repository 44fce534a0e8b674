/* convolution-gradient-tiles.c: the gradient of a convolution's weight in 16 bits by tiles (tile.h), for
 * processors.
 *
 * For each place of the window it is a product of its own, maps^T images, over those pixels of the maps
 * whose window has this place within the image. Where these are nearly all, over all: then the maps are
 * packed once for all places, and what is beyond the image is zeros. Each thread takes a share of the batch,
 * some pixels at a time, and has sums of its own for all places; at the end the shares are added up, in the
 * order of the threads, as PyTorch orders weights.
 */

#include "convolution.h"
#include "thread-scratch.h"
#include "tile.h"

#include <omp.h>

#define PIXELS    256                /* of the maps at a time: what is packed of them stays in the cache */
#define LEAST     16                 /* channels for which it pays                                      */
#define MOST_SUMS (64 * 1024 * 1024) /* bytes of all shares' sums                                       */
#define BEYOND    4096               /* channels that there are beyond the image                        */
#define NEARLY    0.85               /* all: of the pixels, those that see the image through any place  */

typedef struct
{
  EidConvolution c;
  const EidBf16 *images, *maps;
  float *sums;   /* [shares, places, out, in] */
  float *weight; /* [out, in, places]         */
  guint n_shares;
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

/* @sums [out, in] grow by the product over so many pixels. */
static void
multiply (const EidConvolution *c, const Packed *packed, guint pixels, float *sums)
{
  for (guint j = 0; j < packed->columns; j++)
    for (guint i = 0; i < packed->rows; i++)
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
multiply_share (const Call *call, guint share)
{
  const EidConvolution *c = &call->c;
  gsize pixels_of_map = (gsize) c->out_height * c->out_width, weights = (gsize) c->out * c->in;
  gsize first = (gsize) c->batch * share / call->n_shares * pixels_of_map;
  gsize end = (gsize) c->batch * (share + 1) / call->n_shares * pixels_of_map;
  float *sums = call->sums + share * places_of (c) * weights;
  Packed packed = packed_new (c);
  Pixels pixels;

  memset (sums, 0, places_of (c) * weights * sizeof *sums);
  for (gsize at = first; at < end; at += PIXELS)
    for (guint place = 0; place < places_of (c); place++)
      {
        pixels_seen (call, place, at, MIN (end - at, PIXELS), &pixels);
        if (!call->all_pixels || place == 0)
          eid_tile_pack_columns_of (pixels.map, pixels.n, 0, c->out, packed.a, packed.step_a, EID_TILE_ROWS);
        eid_tile_pack_columns_of (pixels.image, pixels.n, 0, c->in, packed.b, packed.step_b,
                                  EID_TILE_COLUMNS);
        multiply (c, &packed, pixels.n, sums + place * weights);
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

#pragma omp parallel num_threads(call->n_shares)
  {
#pragma omp for schedule(static, 1)
    for (guint share = 0; share < call->n_shares; share++)
      multiply_share (call, share);
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

gboolean
eid_convolution_gradient_tiles (EidDevice *device, const EidConvolution *c, const EidConvolved *tensors)
{
  guint shares = MIN ((guint) omp_get_max_threads (), c->batch);
  gsize weights = (gsize) places_of (c) * c->out * c->in;
  double work = 2.0 * c->batch * c->out_height * c->out_width * weights;
  EidTensor *sums;

  if (!eid_tiles_usable () || c->type != EID_BF16 || c->type_weight != EID_F32 || c->groups != 1
      || c->in < LEAST || c->out < LEAST || shares * weights * sizeof (float) > MOST_SUMS)
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
                    .all_pixels = nearly_all_see (c) };

      eid_native (device, "convolution", work, run_native, &call, sizeof call, used, G_N_ELEMENTS (used));
    }
  eid_scratch_free (sums);
  return TRUE;
}
