/* convolution-onednn.c: convolutions by oneDNN, for processors.
 *
 * Images and maps stay as they are, channels last. A weight is brought into the order that
 * oneDNN's kernel likes best, and its gradient back out of it, in the same native call: that costs
 * little beside the convolution.
 *
 * A weight's gradient is made by each thread from its share of the batch, and the shares are added
 * up: oneDNN's own threads would wait for each other in loops that burn a core, which stands still
 * for as long as something else runs there.
 */

#include "onednn.h"

#include <omp.h>

/* With more threads than this oneDNN's own way is better: each share has a gradient of its own. */
#define MOST_SHARES 8

#define PAGE 4096

typedef struct
{
  EidConvolution key;
  EidPrimitive *convolve;
  gboolean fits;                     /* PyTorch's order is oneDNN's         */
  EidPrimitive *reorder;             /* of the weight in, of a gradient out */
  EidPrimitive *add;                 /* a gradient's further shares         */
  guint n_shares;                    /* of the batch; 1 but for gradients   */
  gsize packed_bytes, scratch_bytes; /* of one                  */
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
  eid_primitive_free (primitives->add);
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

/* PyTorch's weight, in PyTorch's order or in whichever (@any); oneDNN gives groups an axis. */
static EidLayout
lay_out_weight (const EidConvolution *c, EidType type, gboolean any)
{
  const gint64 dims[] = { c->groups, c->out / c->groups, c->in / c->groups, c->kernel_height,
                          c->kernel_width };
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

/* Into how many shares of the batch a pass is cut, each for one thread. */
static guint
count_shares (const EidConvolution *c)
{
  guint threads = omp_get_max_threads ();

  return c->pass == EID_TO_WEIGHT && threads <= MOST_SHARES && c->batch % threads == 0 ? threads : 1;
}

static gsize
in_pages (gsize bytes)
{
  return (bytes + PAGE - 1) / PAGE * PAGE;
}

/* What brings the weight into its order, or its gradient out of it. */
static gboolean
reorders_init (Primitives *primitives)
{
  const EidConvolution *c = &primitives->key;
  const EidLayout plain = lay_out_weight (c, c->type_weight, FALSE);
  gboolean back = c->pass == EID_TO_WEIGHT;

  primitives->reorder = eid_onednn_reorder (primitives->convolve, EID_SLOT_B, &plain, back, c->accumulate);
  if (primitives->n_shares > 1)
    primitives->add = eid_onednn_reorder (primitives->convolve, EID_SLOT_B, &plain, back, TRUE);
  primitives->fits = eid_primitive_is_plain (primitives->convolve, EID_SLOT_B, &plain) && !c->accumulate
                     && primitives->n_shares == 1;
  return primitives->reorder && (primitives->n_shares == 1 || primitives->add);
}

static Primitives *
primitives_new (const EidConvolution *c)
{
  Primitives *primitives = g_new0 (Primitives, 1);
  guint shares = count_shares (c), batch = c->batch / shares;
  const EidLayout images = lay_out_pixels (c->type, batch, c->in, c->height, c->width);
  const EidLayout maps = lay_out_pixels (c->type, batch, c->out, c->out_height, c->out_width);
  const EidLayout bias = { EID_F32, .rank = 1, .dims = { c->out }, .strides = { 1 } };
  /* The weight's gradient is summed in 32 bits. */
  const EidLayout weight = lay_out_weight (c, c->pass == EID_TO_WEIGHT ? EID_F32 : c->type, TRUE);
  const EidEpilogue epilogue = { .residual = c->has_residual ? &maps : NULL, .relu = c->relu };

  primitives->key = *c;
  primitives->n_shares = shares;
  primitives->convolve = eid_onednn_convolution (c->pass, &images, &weight, c->has_bias ? &bias : NULL, &maps,
                                                 c->stride, c->padding, &epilogue, shares > 1 ? shares : 0);
  if (primitives->convolve == NULL || !reorders_init (primitives))
    {
      primitives_free (primitives);
      return NULL;
    }
  primitives->packed_bytes = in_pages (eid_primitive_bytes (primitives->convolve, EID_SLOT_B));
  primitives->scratch_bytes = in_pages (eid_primitive_bytes (primitives->convolve, EID_SLOT_SCRATCH));
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

static void
run_share (const Call *call, guint i)
{
  Primitives *p = call->primitives;
  const EidConvolution *c = &p->key;
  gsize images = (gsize) c->batch * c->height * c->width * c->in / p->n_shares * eid_type_size (c->type);
  gsize maps =
      (gsize) c->batch * c->out_height * c->out_width * c->out / p->n_shares * eid_type_size (c->type);
  gpointer const arrays[EID_N_SLOTS] = {
    [EID_SLOT_A] = call->images + i * images, [EID_SLOT_B] = call->weight + i * p->packed_bytes,
    [EID_SLOT_C] = call->maps + i * maps,     [EID_SLOT_BIAS] = call->bias,
    [EID_SLOT_RESIDUAL] = call->residual,     [EID_SLOT_SCRATCH] = call->scratch + i * p->scratch_bytes,
  };

  eid_primitive_run (p->convolve, i, arrays);
}

static void
run_reorder (EidPrimitive *reorder, gpointer from, gpointer to)
{
  eid_primitive_run (reorder, 0, (gpointer const[EID_N_SLOTS]){ [EID_SLOT_A] = from, [EID_SLOT_C] = to });
}

static void
run_native (void *data)
{
  const Call *call = data;
  Primitives *p = call->primitives;

  if (call->pack)
    run_reorder (p->reorder, call->plain, call->weight);
  if (p->n_shares == 1)
    run_share (call, 0);
  else
    {
#pragma omp parallel for num_threads(p->n_shares) schedule(static, 1)
      for (guint i = 0; i < p->n_shares; i++)
        run_share (call, i);
    }
  for (guint i = 0; i < p->n_shares && call->unpack; i++)
    run_reorder (i == 0 ? p->reorder : p->add, call->weight + i * p->packed_bytes, call->plain);
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
    own = eid_scratch_of (device, EID_U8, EID_SHAPE (p->n_shares, p->packed_bytes), "convolution");
  scratch = eid_scratch_of (device, EID_U8, EID_SHAPE (p->n_shares, p->scratch_bytes), "convolution");
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
