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

#include "convolution-onednn.h"

typedef struct
{
  EidConvolutionPrimitives *primitives;
  char *images, *weight, *maps, *scratch, *bias, *residual, *plain;
  gboolean pack, unpack;
} Call;

static void
run_share (const Call *call, guint i)
{
  static const int places[][3] = {
    [EID_TO_MAPS] = { DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST },
    [EID_TO_IMAGES] = { DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST },
    [EID_TO_WEIGHT] = { DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST },
  };
  EidConvolutionPrimitives *p = call->primitives;
  const EidConvolution *c = &p->key;
  const int *place = places[c->pass];
  EidConvolutionShare *share = &p->shares[i];
  gsize images = (gsize) c->batch * c->height * c->width * c->in / p->n_shares * eid_type_size (c->type);
  gsize maps =
      (gsize) c->batch * c->out_height * c->out_width * c->out / p->n_shares * eid_type_size (c->type);
  dnnl_exec_arg_t args[6] = { { place[0], share->images },
                              { place[1], share->weight },
                              { place[2], share->maps },
                              { DNNL_ARG_SCRATCHPAD, share->scratch } };
  guint n = 4;

  dnnl_memory_set_data_handle (share->images, call->images + i * images);
  dnnl_memory_set_data_handle (share->maps, call->maps + i * maps);
  dnnl_memory_set_data_handle (share->scratch, call->scratch + i * p->scratch_bytes);
  if (call->bias)
    args[n++] = (dnnl_exec_arg_t){ DNNL_ARG_BIAS, p->bias };
  if (call->residual)
    args[n++] = (dnnl_exec_arg_t){ DNNL_ARG_ATTR_MULTIPLE_POST_OP (0) | DNNL_ARG_SRC_1, p->residual };
  eid_onednn_execute (p->convolve, args, n);
}

static void
run_reorder (dnnl_primitive_t reorder, dnnl_memory_t from, dnnl_memory_t to)
{
  const dnnl_exec_arg_t args[] = { { DNNL_ARG_FROM, from }, { DNNL_ARG_TO, to } };

  eid_onednn_execute (reorder, args, G_N_ELEMENTS (args));
}

static void
run_native (void *data)
{
  const Call *call = data;
  EidConvolutionPrimitives *p = call->primitives;

  for (guint i = 0; i < p->n_shares; i++)
    dnnl_memory_set_data_handle (p->shares[i].weight, call->weight + i * p->packed_bytes);
  if (call->pack || call->unpack)
    dnnl_memory_set_data_handle (p->plain, call->plain);
  if (call->bias)
    dnnl_memory_set_data_handle (p->bias, call->bias);
  if (call->residual)
    dnnl_memory_set_data_handle (p->residual, call->residual);

  if (call->pack)
    run_reorder (p->reorder, p->plain, p->shares[0].weight);
  if (p->n_shares == 1)
    run_share (call, 0);
  else
    {
#pragma omp parallel for num_threads(p->n_shares) schedule(static, 1)
      for (guint i = 0; i < p->n_shares; i++)
        run_share (call, i);
    }
  for (guint i = 0; i < p->n_shares && call->unpack; i++)
    run_reorder (i == 0 ? p->reorder : p->add, p->shares[i].weight, p->plain);
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
  EidConvolutionPrimitives *p = eid_convolution_primitives (device, c);
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
