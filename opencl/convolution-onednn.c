/* convolution-onednn.c: convolutions by oneDNN, for processors.
 *
 * Images and maps stay as they are, channels last. A weight is brought into the order that
 * oneDNN's kernel likes best, and its gradient back out of it, in the same native call: that costs
 * little beside the convolution.
 */

#include "convolution.h"
#include "onednn.h"

#include <string.h>

typedef struct
{
  EidConvolution key;
  dnnl_primitive_t convolve, reorder; /* reorder NULL: the weight is fine as it is */
  dnnl_memory_t images, weight, maps, bias, residual;
  dnnl_memory_t plain; /* the weight in PyTorch's order */
  gsize packed_bytes;
} Primitives;

static guint
key_hash (gconstpointer data)
{
  return eid_onednn_hash (data, sizeof (EidConvolution));
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (EidConvolution)) == 0;
}

static void
primitives_free (gpointer data)
{
  Primitives *primitives = data;

  if (primitives == NULL)
    return;
  dnnl_memory_t memories[] = { primitives->images, primitives->weight,   primitives->maps,
                               primitives->bias,   primitives->residual, primitives->plain };

  if (primitives->convolve)
    dnnl_primitive_destroy (primitives->convolve);
  if (primitives->reorder)
    dnnl_primitive_destroy (primitives->reorder);
  for (guint i = 0; i < G_N_ELEMENTS (memories); i++)
    if (memories[i])
      dnnl_memory_destroy (memories[i]);
  g_free (primitives);
}

/* --- Describing --------------------------------------------------------------- */

typedef struct
{
  dnnl_memory_desc_t images, weight, maps, bias, plain;
} Descriptions;

/* PyTorch's weight, in PyTorch's order or in whichever (@any); oneDNN gives groups an axis. */
static void
describe_weight (dnnl_memory_desc_t *description, const EidConvolution *c, EidType type, gboolean any)
{
  const dnnl_dims_t dims = { c->out, c->in, c->kernel_height, c->kernel_width };
  const dnnl_dims_t grouped = { c->groups, c->out / c->groups, c->in / c->groups, c->kernel_height,
                                c->kernel_width };

  if (c->groups == 1)
    dnnl_memory_desc_init_by_tag (description, 4, dims, eid_onednn_type (type),
                                  any ? dnnl_format_tag_any : dnnl_oihw);
  else
    dnnl_memory_desc_init_by_tag (description, 5, grouped, eid_onednn_type (type),
                                  any ? dnnl_format_tag_any : dnnl_goihw);
}

static void
describe (Descriptions *described, const EidConvolution *c)
{
  const dnnl_dims_t images = { c->batch, c->in, c->height, c->width };
  const dnnl_dims_t maps = { c->batch, c->out, c->out_height, c->out_width };
  const dnnl_dims_t bias = { c->out };
  /* The weight's gradient is summed in 32 bits. */
  EidType type = c->pass == EID_TO_WEIGHT ? EID_F32 : c->type;

  dnnl_memory_desc_init_by_tag (&described->images, 4, images, eid_onednn_type (c->type), dnnl_nhwc);
  dnnl_memory_desc_init_by_tag (&described->maps, 4, maps, eid_onednn_type (c->type), dnnl_nhwc);
  dnnl_memory_desc_init_by_tag (&described->bias, 1, bias, dnnl_f32, dnnl_a);
  describe_weight (&described->weight, c, type, TRUE);
  describe_weight (&described->plain, c, c->type_weight, FALSE);
}

static dnnl_status_t
attributes_new (const EidConvolution *c, const dnnl_memory_desc_t *maps, dnnl_primitive_attr_t *attributes)
{
  dnnl_post_ops_t post = NULL;
  dnnl_status_t status = dnnl_primitive_attr_create (attributes);

  if (status == dnnl_success)
    status = dnnl_post_ops_create (&post);
  if (status == dnnl_success && c->has_residual)
    status = dnnl_post_ops_append_binary (post, dnnl_binary_add, maps);
  if (status == dnnl_success && c->relu)
    status = dnnl_post_ops_append_eltwise (post, 1, dnnl_eltwise_relu, 0, 0);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_set_post_ops (*attributes, post);
  if (post)
    dnnl_post_ops_destroy (post);
  return status;
}

/* --- Making ------------------------------------------------------------------- */

/* The description of the pass; a gradient's needs the forward one's as a hint. */
static dnnl_status_t
describe_pass (const EidConvolution *c, const Descriptions *d, dnnl_primitive_desc_t *described)
{
  const dnnl_dims_t strides = { c->stride, c->stride }, dilates = { 0, 0 };
  const dnnl_dims_t padding = { c->padding, c->padding };
  dnnl_engine_t engine = eid_onednn_engine ();
  gboolean forward = c->pass == EID_TO_MAPS;
  dnnl_memory_desc_t any = d->weight;
  dnnl_convolution_desc_t description;
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t hint = NULL;
  dnnl_status_t status;

  describe_weight (&any, c, c->type, TRUE);
  status = dnnl_dilated_convolution_forward_desc_init (
      &description, forward ? dnnl_forward_inference : dnnl_forward_training, dnnl_convolution_direct,
      &d->images, &any, forward && c->has_bias ? &d->bias : NULL, &d->maps, strides, dilates, padding,
      padding);
  if (status == dnnl_success && forward)
    status = attributes_new (c, &d->maps, &attributes);
  if (status == dnnl_success)
    status = dnnl_primitive_desc_create (&hint, &description, attributes, engine, NULL);
  if (attributes)
    dnnl_primitive_attr_destroy (attributes);
  if (status != dnnl_success || forward)
    {
      *described = hint;
      return status;
    }

  if (c->pass == EID_TO_IMAGES)
    status = dnnl_dilated_convolution_backward_data_desc_init (&description, dnnl_convolution_direct,
                                                               &d->images, &d->weight, &d->maps, strides,
                                                               dilates, padding, padding);
  else
    status = dnnl_dilated_convolution_backward_weights_desc_init (&description, dnnl_convolution_direct,
                                                                  &d->images, &d->weight, NULL, &d->maps,
                                                                  strides, dilates, padding, padding);
  if (status == dnnl_success)
    status = dnnl_primitive_desc_create (described, &description, NULL, engine, hint);
  dnnl_primitive_desc_destroy (hint);
  return status;
}

/* From PyTorch's order to @packed, or back, where it is added to what is there if asked. */
static dnnl_status_t
reorder_new (const EidConvolution *c, const dnnl_memory_desc_t *plain, const dnnl_memory_desc_t *packed,
             dnnl_primitive_t *reorder)
{
  gboolean back = c->pass == EID_TO_WEIGHT;
  dnnl_engine_t engine = eid_onednn_engine ();
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t described = NULL;
  dnnl_post_ops_t post = NULL;
  dnnl_status_t status = dnnl_primitive_attr_create (&attributes);

  if (status == dnnl_success)
    status = dnnl_post_ops_create (&post);
  if (status == dnnl_success && back && c->accumulate)
    status = dnnl_post_ops_append_sum (post, 1);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_set_post_ops (attributes, post);
  if (status == dnnl_success)
    status = dnnl_reorder_primitive_desc_create (&described, back ? packed : plain, engine,
                                                 back ? plain : packed, engine, attributes);
  if (status == dnnl_success)
    status = dnnl_primitive_create (reorder, described);
  if (described)
    dnnl_primitive_desc_destroy (described);
  if (post)
    dnnl_post_ops_destroy (post);
  if (attributes)
    dnnl_primitive_attr_destroy (attributes);
  return status;
}

static Primitives *
primitives_new (const EidConvolution *key)
{
  Primitives *primitives = g_new0 (Primitives, 1);
  dnnl_engine_t engine = eid_onednn_engine ();
  dnnl_primitive_desc_t described = NULL;
  const dnnl_memory_desc_t *packed = NULL;
  Descriptions d;
  dnnl_status_t status;

  primitives->key = *key;
  describe (&d, key);
  /* A window that can lie in the padding altogether makes oneDNN 2.6 read elsewhere. */
  status = key->padding < MIN (key->kernel_height, key->kernel_width) ? describe_pass (key, &d, &described)
                                                                      : dnnl_unimplemented;
  if (status == dnnl_success)
    status = dnnl_primitive_create (&primitives->convolve, described);
  if (status == dnnl_success)
    {
      packed = dnnl_primitive_desc_query_md (
          described, key->pass == EID_TO_WEIGHT ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0);
      primitives->packed_bytes = dnnl_memory_desc_get_size (packed);
      status = dnnl_memory_create (&primitives->weight, packed, engine, DNNL_MEMORY_NONE);
    }
  if (status == dnnl_success)
    status = dnnl_memory_create (&primitives->images, &d.images, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success)
    status = dnnl_memory_create (&primitives->maps, &d.maps, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success)
    status = dnnl_memory_create (&primitives->plain, &d.plain, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success && key->has_bias)
    status = dnnl_memory_create (&primitives->bias, &d.bias, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success && key->has_residual)
    status = dnnl_memory_create (&primitives->residual, &d.maps, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success && (!dnnl_memory_desc_equal (packed, &d.plain) || key->accumulate))
    status = reorder_new (key, &d.plain, packed, &primitives->reorder);
  if (described)
    dnnl_primitive_desc_destroy (described);
  if (status != dnnl_success)
    g_clear_pointer (&primitives, primitives_free);
  return primitives;
}

/* Made the first time it is asked for; NULL where oneDNN has none, which is remembered, too. */
static Primitives *
primitives_get (EidDevice *device, const EidConvolution *convolution)
{
  Primitives *primitives;

  if (device->convolutions == NULL)
    device->convolutions = g_hash_table_new_full (key_hash, key_equal, g_free, primitives_free);
  if (!g_hash_table_lookup_extended (device->convolutions, convolution, NULL, (gpointer *) &primitives))
    {
      primitives = primitives_new (convolution);
      g_hash_table_insert (device->convolutions, g_memdup2 (convolution, sizeof *convolution), primitives);
    }
  return primitives;
}

/* --- Running -------------------------------------------------------------------- */

typedef struct
{
  Primitives *primitives;
  gpointer images, weight, maps, bias, residual, plain;
  gboolean pack, unpack;
} Call;

static void
run_reorder (Primitives *primitives, dnnl_memory_t from, dnnl_memory_t to)
{
  const dnnl_exec_arg_t args[] = { { DNNL_ARG_FROM, from }, { DNNL_ARG_TO, to } };

  eid_onednn_execute (primitives->reorder, args, G_N_ELEMENTS (args));
}

static void
run_native (void *data)
{
  static const int places[][3] = {
    [EID_TO_MAPS] = { DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST },
    [EID_TO_IMAGES] = { DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST },
    [EID_TO_WEIGHT] = { DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST },
  };
  Call *call = data;
  Primitives *p = call->primitives;
  const int *place = places[p->key.pass];
  dnnl_exec_arg_t args[5] = { { place[0], p->images }, { place[1], p->weight }, { place[2], p->maps } };
  guint n = 3;

  dnnl_memory_set_data_handle (p->images, call->images);
  dnnl_memory_set_data_handle (p->weight, call->weight);
  dnnl_memory_set_data_handle (p->maps, call->maps);
  if (call->pack || call->unpack)
    dnnl_memory_set_data_handle (p->plain, call->plain);
  if (call->bias)
    {
      dnnl_memory_set_data_handle (p->bias, call->bias);
      args[n++] = (dnnl_exec_arg_t){ DNNL_ARG_BIAS, p->bias };
    }
  if (call->residual)
    {
      dnnl_memory_set_data_handle (p->residual, call->residual);
      args[n++] = (dnnl_exec_arg_t){ DNNL_ARG_ATTR_MULTIPLE_POST_OP (0) | DNNL_ARG_SRC_1, p->residual };
    }
  if (call->pack)
    run_reorder (p, p->plain, p->weight);
  eid_onednn_execute (p->convolve, args, n);
  if (call->unpack)
    run_reorder (p, p->weight, p->plain);
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
  Primitives *primitives = primitives_get (device, c);
  double work = 2.0 * c->batch * c->out_height * c->out_width * c->out * (c->in / c->groups)
                * c->kernel_height * c->kernel_width;
  EidTensor *held = packed ? *packed : NULL, *weight;
  Call call;

  if (primitives == NULL)
    return FALSE;
  if (held)
    weight = held;
  else if (primitives->reorder)
    weight = eid_scratch_of (device, EID_U8, EID_SHAPE (primitives->packed_bytes), "convolution");
  else
    weight = tensors->weight;
  if (!eid_device_ok (device))
    {
      if (weight != held && weight != tensors->weight)
        eid_scratch_free (weight);
      return TRUE;
    }

  call = (Call){
    .primitives = primitives,
    .images = start_of (tensors->images),
    .weight = start_of (weight),
    .maps = start_of (tensors->maps),
    .bias = start_of (tensors->bias),
    .residual = start_of (tensors->residual),
    .plain = start_of (tensors->weight),
    .pack = primitives->reorder && !held && c->pass != EID_TO_WEIGHT,
    .unpack = primitives->reorder && c->pass == EID_TO_WEIGHT,
  };
  eid_native (device, "convolution", work, run_native, &call, sizeof call,
              (EidTensor *const[]){ tensors->images, weight, tensors->maps, tensors->bias, tensors->residual,
                                    weight == tensors->weight ? NULL : tensors->weight },
              6);
  if (packed && held == NULL)
    {
      if (weight == tensors->weight) /* as oneDNN likes it already: keep it */
        {
          weight = eid_scratch_of (device, tensors->weight->type, tensors->weight->shape, "convolution");
          eid_add_scaled (weight, tensors->weight, 1, FALSE);
        }
      *packed = weight;
    }
  else if (weight != held && weight != tensors->weight)
    eid_scratch_free (weight);
  return TRUE;
}
