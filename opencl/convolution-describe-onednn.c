/* convolution-describe-onednn.c: what oneDNN is to be asked for a convolution, or its gradient:
 * the orders of images, maps and weights, the shares of the batch, what is done on the way out.
 */

#include "convolution-onednn.h"

#include <omp.h>

/* With more threads than this oneDNN's own way is better: each share has a gradient of its own. */
#define MOST_SHARES 8

#define PAGE 4096

/* ReLU's below 0: with one of 0 oneDNN takes what is not a number for 0. */
#define SLOPE 1e-30f

EID_ONEDNN_KEY (key, EidConvolution)

static void
memory_free (dnnl_memory_t memory)
{
  if (memory)
    dnnl_memory_destroy (memory);
}

static void
primitives_free (gpointer data)
{
  EidConvolutionPrimitives *primitives = data;
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
reorders_new (EidConvolutionPrimitives *primitives, const dnnl_memory_desc_t *plain,
              const dnnl_memory_desc_t *packed)
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
share_init (EidConvolutionShare *share, const Descriptions *d, const dnnl_memory_desc_t *packed,
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
primitives_init (EidConvolutionPrimitives *primitives, const EidConvolution *key)
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
  primitives->shares = g_new0 (EidConvolutionShare, primitives->n_shares);
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

EidConvolutionPrimitives *
eid_convolution_primitives (EidDevice *device, const EidConvolution *c)
{
  EidConvolutionPrimitives *primitives;

  if (device->convolutions == NULL)
    device->convolutions = g_hash_table_new_full (key_hash, key_equal, g_free, primitives_free);
  if (!g_hash_table_lookup_extended (device->convolutions, c, NULL, (gpointer *) &primitives))
    {
      primitives = g_new0 (EidConvolutionPrimitives, 1);
      /* A window that can lie in the padding altogether makes oneDNN 2.6 read elsewhere. */
      if (c->padding >= MIN (c->kernel_height, c->kernel_width)
          || primitives_init (primitives, c) != dnnl_success)
        g_clear_pointer (&primitives, primitives_free);
      g_hash_table_insert (device->convolutions, g_memdup2 (c, sizeof *c), primitives);
    }
  return primitives;
}
