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

#include "convolution.h"
#include "onednn.h"

#include <omp.h>
#include <string.h>

/* With more threads than this oneDNN's own way is better: each share has a gradient of its own. */
#define MOST_SHARES 8

#define PAGE 4096

/* ReLU's below 0: with one of 0 oneDNN takes what is not a number for 0. */
#define SLOPE 1e-30f

typedef struct
{
  dnnl_memory_t images, weight, maps, scratch;
} Share;

typedef struct
{
  EidConvolution key;
  dnnl_primitive_t convolve;
  gboolean fits;            /* PyTorch's order is oneDNN's         */
  dnnl_primitive_t reorder; /* of the weight in, of a gradient out */
  dnnl_primitive_t add;     /* a gradient's further shares         */
  dnnl_memory_t plain;      /* the weight in PyTorch's order       */
  dnnl_memory_t bias, residual;
  guint n_shares; /* of the batch; 1 but for gradients   */
  Share *shares;
  gsize packed_bytes, scratch_bytes; /* of one                              */
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
memory_free (dnnl_memory_t memory)
{
  if (memory)
    dnnl_memory_destroy (memory);
}

static void
primitives_free (gpointer data)
{
  Primitives *primitives = data;
  dnnl_primitive_t all[] = { primitives ? primitives->convolve : NULL,
                             primitives ? primitives->reorder : NULL, primitives ? primitives->add : NULL };

  if (primitives == NULL) /* there is none of the kind */
    return;
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i])
      dnnl_primitive_destroy (all[i]);
  for (guint i = 0; i < primitives->n_shares; i++)
    {
      memory_free (primitives->shares[i].images);
      memory_free (primitives->shares[i].weight);
      memory_free (primitives->shares[i].maps);
      memory_free (primitives->shares[i].scratch);
    }
  memory_free (primitives->plain);
  memory_free (primitives->bias);
  memory_free (primitives->residual);
  g_free (primitives->shares);
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

/* --- Making ------------------------------------------------------------------- */

/* Sums are added to what is there; threads may run the same primitive at the same time. */
static dnnl_status_t
attributes_new (gboolean add, dnnl_primitive_attr_t *attributes, dnnl_post_ops_t *post)
{
  dnnl_status_t status = dnnl_primitive_attr_create (attributes);

  if (status == dnnl_success)
    status = dnnl_primitive_attr_set_scratchpad_mode (*attributes, dnnl_scratchpad_mode_user);
  if (status == dnnl_success)
    status = dnnl_post_ops_create (post);
  if (status == dnnl_success && add)
    status = dnnl_post_ops_append_sum (*post, 1);
  return status;
}

/* The description of the pass; a gradient's needs the forward one's as a hint. */
static dnnl_status_t
describe_pass (const EidConvolution *c, const Descriptions *d, dnnl_primitive_desc_t *described)
{
  const dnnl_dims_t strides = { c->stride, c->stride }, dilates = { 0, 0 };
  const dnnl_dims_t padding = { c->padding, c->padding };
  dnnl_engine_t engine = eid_onednn_engine ();
  gboolean forward = c->pass == EID_TO_MAPS;
  dnnl_memory_desc_t weight;
  dnnl_convolution_desc_t description;
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_post_ops_t post = NULL;
  dnnl_primitive_desc_t hint = NULL;
  dnnl_status_t status = attributes_new (FALSE, &attributes, &post);

  describe_weight (&weight, c, c->type, TRUE);
  if (status == dnnl_success && c->has_residual)
    status = dnnl_post_ops_append_binary (post, dnnl_binary_add, &d->maps);
  if (status == dnnl_success && c->relu)
    status = dnnl_post_ops_append_eltwise (post, 1, dnnl_eltwise_relu, SLOPE, 0);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_set_post_ops (attributes, post);
  if (status == dnnl_success)
    status = dnnl_dilated_convolution_forward_desc_init (
        &description, forward ? dnnl_forward_inference : dnnl_forward_training, dnnl_convolution_direct,
        &d->images, &weight, forward && c->has_bias ? &d->bias : NULL, &d->maps, strides, dilates, padding,
        padding);
  if (status == dnnl_success)
    status = dnnl_primitive_desc_create (forward ? described : &hint, &description, attributes, engine, NULL);
  if (status == dnnl_success && c->pass == EID_TO_IMAGES)
    status = dnnl_dilated_convolution_backward_data_desc_init (&description, dnnl_convolution_direct,
                                                               &d->images, &d->weight, &d->maps, strides,
                                                               dilates, padding, padding);
  if (status == dnnl_success && c->pass == EID_TO_WEIGHT)
    status = dnnl_dilated_convolution_backward_weights_desc_init (&description, dnnl_convolution_direct,
                                                                  &d->images, &d->weight, NULL, &d->maps,
                                                                  strides, dilates, padding, padding);
  if (status == dnnl_success && !forward)
    status = dnnl_primitive_desc_create (described, &description, attributes, engine, hint);
  if (hint)
    dnnl_primitive_desc_destroy (hint);
  if (post)
    dnnl_post_ops_destroy (post);
  if (attributes)
    dnnl_primitive_attr_destroy (attributes);
  return status;
}

static dnnl_status_t
reorder_new (const dnnl_memory_desc_t *from, const dnnl_memory_desc_t *to, gboolean add,
             dnnl_primitive_t *reorder)
{
  dnnl_engine_t engine = eid_onednn_engine ();
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t described = NULL;
  dnnl_post_ops_t post = NULL;
  dnnl_status_t status = attributes_new (add, &attributes, &post);

  if (status == dnnl_success)
    status = dnnl_primitive_attr_set_scratchpad_mode (attributes, dnnl_scratchpad_mode_library);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_set_post_ops (attributes, post);
  if (status == dnnl_success)
    status = dnnl_reorder_primitive_desc_create (&described, from, engine, to, engine, attributes);
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

/* What brings the weight into its order, or its gradient out of it. */
static dnnl_status_t
reorders_new (Primitives *primitives, const dnnl_memory_desc_t *plain, const dnnl_memory_desc_t *packed)
{
  const EidConvolution *c = &primitives->key;
  gboolean back = c->pass == EID_TO_WEIGHT;
  dnnl_status_t status =
      reorder_new (back ? packed : plain, back ? plain : packed, c->accumulate, &primitives->reorder);

  if (status == dnnl_success && primitives->n_shares > 1)
    status = reorder_new (packed, plain, TRUE, &primitives->add);
  primitives->fits = dnnl_memory_desc_equal (packed, plain) && !c->accumulate && primitives->n_shares == 1;
  return status;
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

static dnnl_status_t
share_init (Share *share, const Descriptions *d, const dnnl_memory_desc_t *packed,
            const dnnl_memory_desc_t *scratch)
{
  dnnl_engine_t engine = eid_onednn_engine ();
  dnnl_status_t status = dnnl_memory_create (&share->images, &d->images, engine, DNNL_MEMORY_NONE);

  if (status == dnnl_success)
    status = dnnl_memory_create (&share->weight, packed, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success)
    status = dnnl_memory_create (&share->maps, &d->maps, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success)
    status = dnnl_memory_create (&share->scratch, scratch, engine, DNNL_MEMORY_NONE);
  return status;
}

static dnnl_status_t
primitives_init (Primitives *primitives, const EidConvolution *key)
{
  gint threads = omp_get_max_threads ();
  dnnl_engine_t engine = eid_onednn_engine ();
  dnnl_primitive_desc_t described = NULL;
  const dnnl_memory_desc_t *packed, *scratch;
  EidConvolution of_share = *key;
  Descriptions d;
  dnnl_status_t status;

  primitives->key = *key;
  primitives->n_shares = count_shares (key);
  primitives->shares = g_new0 (Share, primitives->n_shares);
  of_share.batch /= primitives->n_shares;
  describe (&d, &of_share);
  if (primitives->n_shares > 1) /* each is its thread's alone */
    omp_set_num_threads (1);
  status = describe_pass (&of_share, &d, &described);
  if (status == dnnl_success)
    status = dnnl_primitive_create (&primitives->convolve, described);
  omp_set_num_threads (threads);
  if (status != dnnl_success)
    {
      if (described)
        dnnl_primitive_desc_destroy (described);
      return status;
    }

  packed = dnnl_primitive_desc_query_md (
      described, key->pass == EID_TO_WEIGHT ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0);
  scratch = dnnl_primitive_desc_query_md (described, dnnl_query_scratchpad_md, 0);
  primitives->packed_bytes = in_pages (dnnl_memory_desc_get_size (packed));
  primitives->scratch_bytes = in_pages (dnnl_memory_desc_get_size (scratch));
  for (guint i = 0; i < primitives->n_shares && status == dnnl_success; i++)
    status = share_init (&primitives->shares[i], &d, packed, scratch);
  if (status == dnnl_success)
    status = dnnl_memory_create (&primitives->plain, &d.plain, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success && key->has_bias)
    status = dnnl_memory_create (&primitives->bias, &d.bias, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success && key->has_residual)
    status = dnnl_memory_create (&primitives->residual, &d.maps, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success)
    status = reorders_new (primitives, &d.plain, packed);
  dnnl_primitive_desc_destroy (described);
  return status;
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
      primitives = g_new0 (Primitives, 1);
      /* A window that can lie in the padding altogether makes oneDNN 2.6 read elsewhere. */
      if (c->padding >= MIN (c->kernel_height, c->kernel_width)
          || primitives_init (primitives, c) != dnnl_success)
        g_clear_pointer (&primitives, primitives_free);
      g_hash_table_insert (device->convolutions, g_memdup2 (c, sizeof *c), primitives);
    }
  return primitives;
}

/* --- Running -------------------------------------------------------------------- */

typedef struct
{
  Primitives *primitives;
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
  Primitives *p = call->primitives;
  const EidConvolution *c = &p->key;
  const int *place = places[c->pass];
  Share *share = &p->shares[i];
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
  Primitives *p = call->primitives;

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
