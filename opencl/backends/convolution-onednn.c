/* convolution-onednn.c: convolutions by oneDNN, for processors.
 *
 * Images and maps stay as they are, channels last. A weight is brought into the order that
 * oneDNN's kernel likes best, and its gradient back out of it, in the same native call: that costs
 * little beside the convolution.
 *
 * A weight's gradient is made in pieces, each by one thread: the batch is cut into shares, whose gradients
 * are added up in their order, and, where there are few pixels but many weights, so that adding up would
 * cost much, the maps' channels are cut as well. The pieces are a matter of the convolution alone. oneDNN
 * itself cuts a batch into as many as there are threads, so that the bits of a result depend on how many
 * these are; and its threads would wait for each other in loops that burn a core, which stands still for as
 * long as something else runs there.
 */

#include "opencl/backends/onednn.h"

#include <omp.h>

#define SHARE_PIXELS 2048               /* of a share at least                     */
#define MOST_SHARES  16
#define MOST_SUMS    (64 * 1024 * 1024) /* bytes of all shares' gradients         */
#define ENOUGH       8                  /* pieces: no more channels are cut        */
#define CHANNELS     16                 /* that oneDNN's kernels take at a time    */

#define PAGE 4096

typedef struct
{
  EidConvolution key;
  EidPrimitive *convolve;
  gboolean fits;                     /* PyTorch's order is oneDNN's         */
  EidPrimitive *reorder;             /* of the weight in, of a gradient out */
  guint n_shares, n_cuts;            /* of the batch, and of the maps' channels; 1 but for gradients */
  guint n_threads;                   /* that make pieces                    */
  gsize packed_bytes, scratch_bytes; /* of one piece, of one thread         */
  gsize maps_bytes;                  /* of one thread, for its cut          */
} Primitives;

EID_ONEDNN_KEY (key, EidConvolution)

static void
primitives_free (gpointer data)
{
  Primitives *primitives = data;

  if (primitives == NULL) /* there is none of the kind */
    return;
  eid_primitive_free (primitives->convolve);
  eid_primitive_free (primitives->reorder);
  g_free (primitives);
}

/* --- Making ------------------------------------------------------------------- */

/* [batch, channels, height, width], channels last. */
static EidLayout
lay_out_pixels (EidType type, guint batch, guint channels, guint height, guint width)
{
  gint64 row = (gint64) width * channels;

  return (EidLayout){
    .type = type,
    .rank = 4,
    .dims = { batch, channels, height, width },
    .strides = { height * row, 1, row, channels },
  };
}

/* PyTorch's weight for @out channels, in PyTorch's order or in whichever (@any); oneDNN gives groups an
 * axis. */
static EidLayout
lay_out_weight (const EidConvolution *c, guint out, EidType type, gboolean any)
{
  const gint64 dims[] = { c->groups, out / c->groups, c->in / c->groups, c->kernel_height, c->kernel_width };
  EidLayout layout = { .type = type, .rank = c->groups == 1 ? 4 : 5, .any_order = any };
  gint64 stride = 1;

  for (guint i = layout.rank; i-- > 0;)
    {
      layout.dims[i] = dims[i + G_N_ELEMENTS (dims) - layout.rank];
      layout.strides[i] = stride;
      stride *= layout.dims[i];
    }
  return layout;
}

/* Into how many shares, all of one size, the batch is cut. */
static guint
count_shares (const EidConvolution *c)
{
  gsize pixels = (gsize) c->batch * c->out_height * c->out_width;
  gsize weights = (gsize) c->out * (c->in / c->groups) * c->kernel_height * c->kernel_width;
  gsize most = MIN (MIN (c->batch, MOST_SHARES), MOST_SUMS / (weights * sizeof (float)));
  guint shares = MAX (MIN (pixels / SHARE_PIXELS, most), 1);

  while (c->batch % shares != 0)
    shares--;
  return shares;
}

/* Into how many parts the maps' channels are cut. */
static guint
count_cuts (const EidConvolution *c, guint shares)
{
  guint cuts = 1;

  while (c->groups == 1 && shares * cuts < ENOUGH && c->out % (2 * cuts * CHANNELS) == 0)
    cuts *= 2;
  return cuts;
}

static gsize
in_pages (gsize bytes)
{
  return (bytes + PAGE - 1) / PAGE * PAGE;
}

/* What brings the weight into its order, or its gradient out of it. */
static gboolean
reorder_init (Primitives *primitives)
{
  const EidConvolution *c = &primitives->key;
  const EidLayout plain = lay_out_weight (c, c->out / primitives->n_cuts, c->type_weight, FALSE);
  gboolean back = c->pass == EID_TO_WEIGHT;

  primitives->reorder = eid_onednn_reorder (primitives->convolve, EID_SLOT_B, &plain, back, c->accumulate);
  primitives->fits = eid_primitive_is_plain (primitives->convolve, EID_SLOT_B, &plain) && !c->accumulate
                     && primitives->n_shares * primitives->n_cuts == 1;
  return primitives->reorder != NULL;
}

static Primitives *
primitives_new (const EidConvolution *c)
{
  Primitives *primitives = g_new0 (Primitives, 1);
  gboolean in_pieces = c->pass == EID_TO_WEIGHT;
  guint shares = in_pieces ? count_shares (c) : 1, cuts = in_pieces ? count_cuts (c, shares) : 1;
  guint threads = in_pieces ? MIN ((guint) omp_get_max_threads (), shares * cuts) : 1;
  guint batch = c->batch / shares, out = c->out / cuts;
  const EidLayout images = lay_out_pixels (c->type, batch, c->in, c->height, c->width);
  const EidLayout maps = lay_out_pixels (c->type, batch, out, c->out_height, c->out_width);
  const EidLayout bias = { EID_F32, .rank = 1, .dims = { c->out }, .strides = { 1 } };
  /* The weight's gradient is summed in 32 bits. */
  const EidLayout weight = lay_out_weight (c, out, in_pieces ? EID_F32 : c->type, TRUE);
  const EidEpilogue epilogue = { .residual = c->has_residual ? &maps : NULL, .relu = c->relu };

  primitives->key = *c;
  primitives->n_shares = shares;
  primitives->n_cuts = cuts;
  primitives->n_threads = threads;
  primitives->convolve = eid_onednn_convolution (c->pass, &images, &weight, c->has_bias ? &bias : NULL, &maps,
                                                 c->stride, c->padding, &epilogue, in_pieces ? threads : 0);
  if (primitives->convolve == NULL || !reorder_init (primitives))
    {
      primitives_free (primitives);
      return NULL;
    }
  primitives->packed_bytes = in_pages (eid_primitive_bytes (primitives->convolve, EID_SLOT_B));
  primitives->scratch_bytes = in_pages (eid_primitive_bytes (primitives->convolve, EID_SLOT_SCRATCH));
  if (cuts > 1)
    primitives->maps_bytes =
        in_pages ((gsize) batch * c->out_height * c->out_width * out * eid_type_size (c->type));
  return primitives;
}

/* Made the first time it is asked for; NULL where oneDNN has none, which is remembered, too. */
static Primitives *
primitives_get (EidDevice *device, const EidConvolution *c)
{
  Primitives *primitives;

  if (device->convolutions == NULL)
    device->convolutions = g_hash_table_new_full (key_hash, key_equal, g_free, primitives_free);
  if (!g_hash_table_lookup_extended (device->convolutions, c, NULL, (gpointer *) &primitives))
    {
      /* A window that can lie in the padding altogether makes oneDNN 2.6 read elsewhere. */
      gboolean sound = c->padding < MIN (c->kernel_height, c->kernel_width);

      primitives = sound ? primitives_new (c) : NULL;
      g_hash_table_insert (device->convolutions, g_memdup2 (c, sizeof *c), primitives);
    }
  return primitives;
}

/* --- Running ------------------------------------------------------------------ */

typedef struct
{
  Primitives *primitives;
  char *images, *weight, *maps, *scratch, *bias, *residual, *plain;
  gboolean pack, unpack;
} Call;

/* Cut @cut of the channels of @pixels pixels. */
static void
cut_maps (const EidConvolution *c, const char *maps, gsize pixels, guint cut, guint n_cuts, char *to)
{
  gsize all = c->out * eid_type_size (c->type), some = all / n_cuts;

  for (gsize i = 0; i < pixels; i++)
    memcpy (to + i * some, maps + i * all + cut * some, some);
}

/* On thread @thread: all of a pass, or a piece of a gradient. */
static void
run_piece (const Call *call, guint share, guint cut, guint thread)
{
  Primitives *p = call->primitives;
  const EidConvolution *c = &p->key;
  gsize size = eid_type_size (c->type);
  gsize pixels = (gsize) c->batch / p->n_shares * c->out_height * c->out_width;
  gsize images = (gsize) c->batch / p->n_shares * c->height * c->width * c->in * size;
  char *scratch = call->scratch + thread * (p->scratch_bytes + p->maps_bytes);
  char *maps = call->maps + share * pixels * c->out * size;
  gpointer arrays[EID_N_SLOTS] = {
    [EID_SLOT_A] = call->images + share * images,
    [EID_SLOT_B] = call->weight + (share * p->n_cuts + cut) * p->packed_bytes,
    [EID_SLOT_C] = maps,
    [EID_SLOT_BIAS] = call->bias,
    [EID_SLOT_RESIDUAL] = call->residual,
    [EID_SLOT_SCRATCH] = scratch,
  };

  if (p->n_cuts > 1)
    {
      arrays[EID_SLOT_C] = scratch + p->scratch_bytes;
      cut_maps (c, maps, pixels, cut, p->n_cuts, arrays[EID_SLOT_C]);
    }
  eid_primitive_run (p->convolve, thread, arrays);
}

static void
run_reorder (EidPrimitive *reorder, gpointer from, gpointer to)
{
  eid_primitive_run (reorder, 0, (gpointer const[EID_N_SLOTS]){ [EID_SLOT_A] = from, [EID_SLOT_C] = to });
}

/* The shares' gradients, into the first. */
static void
add_up (const Call *call)
{
  Primitives *p = call->primitives;
  gsize floats = p->n_cuts * p->packed_bytes / sizeof (float);
  float *sums = (float *) (gpointer) call->weight;

#pragma omp parallel for schedule(static)
  for (gsize i = 0; i < floats; i += PAGE / sizeof (float))
    for (guint share = 1; share < p->n_shares; share++)
      for (gsize j = i; j < i + PAGE / sizeof (float); j++)
        sums[j] += sums[share * floats + j];
}

static void
run_native (void *data)
{
  const Call *call = data;
  Primitives *p = call->primitives;
  gsize of_cut = (gsize) p->key.out / p->n_cuts * (p->key.in / p->key.groups) * p->key.kernel_height
                 * p->key.kernel_width * eid_type_size (p->key.type_weight);

  if (call->pack)
    run_reorder (p->reorder, call->plain, call->weight);
  if (p->key.pass != EID_TO_WEIGHT)
    run_piece (call, 0, 0, 0);
  else
    {
#pragma omp parallel for collapse(2) num_threads(p->n_threads) schedule(static, 1)
      for (guint share = 0; share < p->n_shares; share++)
        for (guint cut = 0; cut < p->n_cuts; cut++)
          run_piece (call, share, cut, omp_get_thread_num ());
    }
  if (p->n_shares > 1)
    add_up (call);
  for (guint cut = 0; cut < p->n_cuts && call->unpack; cut++)
    run_reorder (p->reorder, call->weight + cut * p->packed_bytes, call->plain + cut * of_cut);
}

static gpointer
start_of (EidTensor *x)
{
  return x ? x->buffer->host : NULL;
}

gboolean
eid_convolve_onednn (EidDevice *device, const EidConvolution *c, const EidConvolved *tensors,
                     EidTensor **packed)
{
  Primitives *p = primitives_get (device, c);
  double work = 2.0 * c->batch * c->out_height * c->out_width * c->out * (c->in / c->groups)
                * c->kernel_height * c->kernel_width;
  EidTensor *held = packed ? *packed : NULL, *own = NULL, *weight, *scratch;
  Call call;

  if (p == NULL)
    return FALSE;
  /* What is kept is never the weight itself. */
  if (!held && (!p->fits || packed))
    own =
        eid_scratch_of (device, EID_U8, EID_SHAPE (p->n_shares * p->n_cuts, p->packed_bytes), "convolution");
  scratch = eid_scratch_of (device, EID_U8, EID_SHAPE (p->n_threads, p->scratch_bytes + p->maps_bytes),
                            "convolution");
  weight = held ? held : own ? own : tensors->weight;
  if (eid_device_ok (device))
    {
      EidTensor *const used[] = { tensors->images,
                                  weight,
                                  tensors->maps,
                                  tensors->bias,
                                  tensors->residual,
                                  scratch,
                                  weight == tensors->weight ? NULL : tensors->weight };

      call = (Call){
        .primitives = p,
        .images = start_of (tensors->images),
        .weight = start_of (weight),
        .maps = start_of (tensors->maps),
        .scratch = start_of (scratch),
        .bias = start_of (tensors->bias),
        .residual = start_of (tensors->residual),
        .plain = start_of (tensors->weight),
        .pack = own && c->pass != EID_TO_WEIGHT,
        .unpack = own && c->pass == EID_TO_WEIGHT,
      };
      eid_native (device, "convolution", work, run_native, &call, sizeof call, used, G_N_ELEMENTS (used));
    }
  eid_scratch_free (scratch);
  if (packed && !held)
    *packed = own;
  else if (own)
    eid_scratch_free (own);
  return TRUE;
}
