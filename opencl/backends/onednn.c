/* onednn.c: oneDNN, versions 2 and 3: one engine and stream a process, and the primitives that the
 * files named *-onednn.c ask for. dnnl.h is known here alone.
 */

#include "opencl/backends/onednn.h"

#include <dnnl.h>
#include <omp.h>

/* ReLU's below 0: with one of 0 oneDNN takes what is not a number for 0. */
#define SLOPE 1e-30f

struct _EidPrimitive
{
  dnnl_primitive_t primitive;
  struct _Slot
  {
    int name;           /* oneDNN's, or 0: the primitive does not have it */
    gpointer described; /* see below                                      */
  } slots[EID_N_SLOTS];
  guint n_callers;
  dnnl_memory_t (*memories)[EID_N_SLOTS]; /* of each caller, made when it first runs */
};

static dnnl_engine_t engine;
static dnnl_stream_t stream;

gboolean
eid_onednn_starts (void)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      if (dnnl_engine_create (&engine, dnnl_cpu, 0) == dnnl_success
          && dnnl_stream_create (&stream, engine, dnnl_stream_default_flags) != dnnl_success)
        {
          dnnl_engine_destroy (engine);
          engine = NULL;
        }
      g_once_init_leave (&once, 1);
    }
  return engine != NULL;
}

char *
eid_onednn_version (void)
{
  const dnnl_version_t *version = dnnl_version ();

  return g_strdup_printf ("%d.%d.%d", version->major, version->minor, version->patch);
}

gboolean
eid_onednn_may_gain_by_bf16 (void)
{
  return (dnnl_get_effective_cpu_isa () & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
}

gboolean
eid_onednn_cuts_by_threads (void)
{
  return (dnnl_get_effective_cpu_isa () & dnnl_cpu_isa_avx512_core) != dnnl_cpu_isa_avx512_core;
}

/* --- Where the versions differ ------------------------------------------------
 * In version 2 a described array is a struct, and an operation is described before the primitive; in
 * version 3 the array is an object, and there is one call. Here a described array is always an object.
 */

#if DNNL_VERSION_MAJOR < 3

typedef const dnnl_memory_desc_t *Described;

static gpointer
described_new (const EidLayout *layout, dnnl_data_type_t type)
{
  dnnl_memory_desc_t *described = g_new0 (dnnl_memory_desc_t, 1);
  dnnl_status_t status =
      layout->any_order
          ? dnnl_memory_desc_init_by_tag (described, layout->rank, layout->dims, type, dnnl_format_tag_any)
          : dnnl_memory_desc_init_by_strides (described, layout->rank, layout->dims, type, layout->strides);

  if (status != dnnl_success)
    g_clear_pointer (&described, g_free);
  return described;
}

static gpointer
described_copy (Described described)
{
  return g_memdup2 (described, sizeof *described);
}

static void
described_free (gpointer described)
{
  g_free (described);
}

static dnnl_status_t
describe_product (dnnl_primitive_desc_t *to, Described a, Described b, Described bias, Described c,
                  dnnl_primitive_attr_t attributes)
{
  dnnl_matmul_desc_t operation;
  dnnl_status_t status = dnnl_matmul_desc_init (&operation, a, b, bias, c);

  return status == dnnl_success ? dnnl_primitive_desc_create (to, &operation, attributes, engine, NULL)
                                : status;
}

static dnnl_status_t
describe_convolution (dnnl_primitive_desc_t *to, EidConvolutionPass pass, dnnl_prop_kind_t forward,
                      Described images, Described weight, Described bias, Described maps,
                      const dnnl_dims_t strides, const dnnl_dims_t padding, dnnl_primitive_desc_t hint,
                      dnnl_primitive_attr_t attributes)
{
  const dnnl_dims_t dilates = { 0, 0 };
  dnnl_convolution_desc_t operation;
  dnnl_status_t status;

  switch (pass)
    {
    case EID_TO_MAPS:
      status =
          dnnl_dilated_convolution_forward_desc_init (&operation, forward, dnnl_convolution_direct, images,
                                                      weight, bias, maps, strides, dilates, padding, padding);
      break;
    case EID_TO_IMAGES:
      status = dnnl_dilated_convolution_backward_data_desc_init (
          &operation, dnnl_convolution_direct, images, weight, maps, strides, dilates, padding, padding);
      break;
    default:
      status = dnnl_dilated_convolution_backward_weights_desc_init (&operation, dnnl_convolution_direct,
                                                                    images, weight, NULL, maps, strides,
                                                                    dilates, padding, padding);
      break;
    }
  return status == dnnl_success ? dnnl_primitive_desc_create (to, &operation, attributes, engine, hint)
                                : status;
}

static gboolean
pass_over_blocks (dnnl_primitive_desc_t described)
{
  return TRUE;
}

static dnnl_status_t
append_sum (dnnl_post_ops_t post)
{
  return dnnl_post_ops_append_sum (post, 1);
}

static dnnl_status_t
append_relu (dnnl_post_ops_t post)
{
  return dnnl_post_ops_append_eltwise (post, 1, dnnl_eltwise_relu, SLOPE, 0);
}

#else

typedef const_dnnl_memory_desc_t Described;

static gpointer
described_new (const EidLayout *layout, dnnl_data_type_t type)
{
  dnnl_memory_desc_t described = NULL;
  dnnl_status_t status = layout->any_order
                             ? dnnl_memory_desc_create_with_tag (&described, layout->rank, layout->dims, type,
                                                                 dnnl_format_tag_any)
                             : dnnl_memory_desc_create_with_strides (&described, layout->rank, layout->dims,
                                                                     type, layout->strides);

  return status == dnnl_success ? described : NULL;
}

static gpointer
described_copy (Described described)
{
  dnnl_memory_desc_t copy = NULL;

  return dnnl_memory_desc_clone (&copy, described) == dnnl_success ? copy : NULL;
}

static void
described_free (gpointer described)
{
  if (described)
    dnnl_memory_desc_destroy (described);
}

static dnnl_status_t
describe_product (dnnl_primitive_desc_t *to, Described a, Described b, Described bias, Described c,
                  dnnl_primitive_attr_t attributes)
{
  return dnnl_matmul_primitive_desc_create (to, engine, a, b, bias, c, attributes);
}

static dnnl_status_t
describe_convolution (dnnl_primitive_desc_t *to, EidConvolutionPass pass, dnnl_prop_kind_t forward,
                      Described images, Described weight, Described bias, Described maps,
                      const dnnl_dims_t strides, const dnnl_dims_t padding, dnnl_primitive_desc_t hint,
                      dnnl_primitive_attr_t attributes)
{
  const dnnl_dims_t dilates = { 0, 0 };

  switch (pass)
    {
    case EID_TO_MAPS:
      return dnnl_convolution_forward_primitive_desc_create (to, engine, forward, dnnl_convolution_direct,
                                                             images, weight, bias, maps, strides, dilates,
                                                             padding, padding, attributes);
    case EID_TO_IMAGES:
      return dnnl_convolution_backward_data_primitive_desc_create (to, engine, dnnl_convolution_direct,
                                                                   images, weight, maps, strides, dilates,
                                                                   padding, padding, hint, attributes);
    default:
      return dnnl_convolution_backward_weights_primitive_desc_create (
          to, engine, dnnl_convolution_direct, images, weight, NULL, maps, strides, dilates, padding, padding,
          hint, attributes);
    }
}

/* Leaves kernels made of block products, which version 3 likes best, for the first that is not. FALSE: there
 * is none of the same make, and @described now stands for another kernel. */
static gboolean
pass_over_blocks (dnnl_primitive_desc_t described)
{
  const char *name = NULL;

  do
    if (dnnl_primitive_desc_query (described, dnnl_query_impl_info_str, 0, &name) != dnnl_success)
      return FALSE;
  while (g_str_has_prefix (name, "brg") && dnnl_primitive_desc_next_impl (described) == dnnl_success);
  return g_str_has_prefix (name, "jit");
}

static dnnl_status_t
append_sum (dnnl_post_ops_t post)
{
  return dnnl_post_ops_append_sum (post, 1, 0, dnnl_data_type_undef);
}

static dnnl_status_t
append_relu (dnnl_post_ops_t post)
{
  return dnnl_post_ops_append_eltwise (post, dnnl_eltwise_relu, SLOPE, 0);
}

#endif

/* --- Making ------------------------------------------------------------------- */

static gpointer
describe (const EidLayout *layout)
{
  return layout ? described_new (layout, layout->type == EID_BF16 ? dnnl_bf16 : dnnl_f32) : NULL;
}

static EidPrimitive *
primitive_alloc (guint n_callers)
{
  EidPrimitive *primitive = g_new0 (EidPrimitive, 1);

  primitive->n_callers = MAX (n_callers, 1);
  primitive->memories = g_malloc0_n (primitive->n_callers, sizeof *primitive->memories);
  return primitive;
}

void
eid_primitive_free (EidPrimitive *primitive)
{
  if (primitive == NULL)
    return;
  for (guint i = 0; i < primitive->n_callers; i++)
    for (EidSlot slot = 0; slot < EID_N_SLOTS; slot++)
      if (primitive->memories[i][slot])
        dnnl_memory_destroy (primitive->memories[i][slot]);
  for (EidSlot slot = 0; slot < EID_N_SLOTS; slot++)
    described_free (primitive->slots[slot].described);
  if (primitive->primitive)
    dnnl_primitive_destroy (primitive->primitive);
  g_free (primitive->memories);
  g_free (primitive);
}

/* A primitive on its way: what its makers share. */
typedef struct
{
  EidPrimitive *primitive;
  dnnl_primitive_attr_t attributes;
  dnnl_primitive_desc_t described, hint;
  gint threads;
  gboolean good; /* so far */
} Making;

static gboolean
good (Making *making, dnnl_status_t status)
{
  making->good = making->good && status == dnnl_success;
  return making->good;
}

static void
set_slot (Making *making, EidSlot slot, int name, gpointer described)
{
  making->primitive->slots[slot] = (struct _Slot){ .name = name, .described = described };
}

static void
set_epilogue (Making *making, const EidEpilogue *epilogue)
{
  dnnl_post_ops_t post = NULL;

  if (good (making, dnnl_post_ops_create (&post)) && epilogue->accumulate)
    good (making, append_sum (post));
  if (making->good && epilogue->residual)
    {
      set_slot (making, EID_SLOT_RESIDUAL,
                DNNL_ARG_ATTR_MULTIPLE_POST_OP (epilogue->accumulate ? 1 : 0) | DNNL_ARG_SRC_1,
                describe (epilogue->residual));
      good (making, dnnl_post_ops_append_binary (post, dnnl_binary_add,
                                                 making->primitive->slots[EID_SLOT_RESIDUAL].described));
    }
  if (making->good && epilogue->relu)
    good (making, append_relu (post));
  if (making->good)
    good (making, dnnl_primitive_attr_set_post_ops (making->attributes, post));
  if (post)
    dnnl_post_ops_destroy (post);
}

/* Scratch is oneDNN's, or, with @own_scratch, handed to it at each run. */
static Making
making_begin (guint callers, gboolean own_scratch, const EidEpilogue *epilogue)
{
  Making making = {
    .primitive = primitive_alloc (callers),
    .threads = omp_get_max_threads (),
    .good = eid_onednn_starts (),
  };

  if (callers > 0)
    omp_set_num_threads (1); /* a primitive is made for as many threads as there are now */
  if (making.good)
    good (&making, dnnl_primitive_attr_create (&making.attributes));
  if (making.good && own_scratch)
    {
      set_slot (&making, EID_SLOT_SCRATCH, DNNL_ARG_SCRATCHPAD, NULL);
      good (&making, dnnl_primitive_attr_set_scratchpad_mode (making.attributes, dnnl_scratchpad_mode_user));
    }
  set_epilogue (&making, epilogue);
  return making;
}

/* An argument in the order that oneDNN has chosen. */
static void
take_order (Making *making, EidSlot slot, dnnl_query_t query)
{
  struct _Slot *of = &making->primitive->slots[slot];

  if (!making->good || of->name == 0)
    return;
  described_free (of->described);
  of->described = described_copy (dnnl_primitive_desc_query_md (making->described, query, 0));
  making->good = of->described != NULL;
}

static EidPrimitive *
making_end (Making *making)
{
  take_order (making, EID_SLOT_SCRATCH, dnnl_query_scratchpad_md);
  if (making->good)
    good (making, dnnl_primitive_create (&making->primitive->primitive, making->described));
  omp_set_num_threads (making->threads);
  if (making->hint)
    dnnl_primitive_desc_destroy (making->hint);
  if (making->described)
    dnnl_primitive_desc_destroy (making->described);
  if (making->attributes)
    dnnl_primitive_attr_destroy (making->attributes);
  if (!making->good)
    g_clear_pointer (&making->primitive, eid_primitive_free);
  return making->primitive;
}

EidPrimitive *
eid_onednn_product (const EidLayout *a, const EidLayout *b, const EidLayout *bias, const EidLayout *c,
                    const EidEpilogue *epilogue, guint callers)
{
  Making making = making_begin (callers, callers > 0, epilogue);
  struct _Slot *slots = making.primitive->slots;

  set_slot (&making, EID_SLOT_A, DNNL_ARG_SRC, describe (a));
  set_slot (&making, EID_SLOT_B, DNNL_ARG_WEIGHTS, describe (b));
  set_slot (&making, EID_SLOT_C, DNNL_ARG_DST, describe (c));
  if (bias)
    set_slot (&making, EID_SLOT_BIAS, DNNL_ARG_BIAS, describe (bias));
  if (making.good)
    good (&making,
          describe_product (&making.described, slots[EID_SLOT_A].described, slots[EID_SLOT_B].described,
                            slots[EID_SLOT_BIAS].described, slots[EID_SLOT_C].described, making.attributes));
  return making_end (&making);
}

static void
describe_pass (Making *making, EidConvolutionPass pass, const dnnl_dims_t strides, const dnnl_dims_t paddings)
{
  const struct _Slot *slots = making->primitive->slots;

  if (making->good)
    good (making, describe_convolution (&making->described, pass, dnnl_forward_inference,
                                        slots[EID_SLOT_A].described, slots[EID_SLOT_B].described,
                                        slots[EID_SLOT_BIAS].described, slots[EID_SLOT_C].described, strides,
                                        paddings, making->hint, making->attributes));
}

EidPrimitive *
eid_onednn_convolution (EidConvolutionPass pass, const EidLayout *images, const EidLayout *weight,
                        const EidLayout *bias, const EidLayout *maps, guint stride, guint padding,
                        const EidEpilogue *epilogue, guint callers)
{
  static const int names[][3] = {
    [EID_TO_MAPS] = { DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST },
    [EID_TO_IMAGES] = { DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST },
    [EID_TO_WEIGHT] = { DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST },
  };
  const dnnl_dims_t strides = { stride, stride }, paddings = { padding, padding };
  Making making = making_begin (callers, TRUE, epilogue);
  struct _Slot *slots = making.primitive->slots;

  set_slot (&making, EID_SLOT_A, names[pass][0], describe (images));
  set_slot (&making, EID_SLOT_B, names[pass][1], describe (weight));
  set_slot (&making, EID_SLOT_C, names[pass][2], describe (maps));
  if (bias)
    set_slot (&making, EID_SLOT_BIAS, DNNL_ARG_BIAS, describe (bias));
  if (making.good && pass != EID_TO_MAPS)
    {
      /* A gradient is chosen to go with its forward pass, which reads the weight in the images' type. */
      EidLayout forward = *weight;
      gpointer described;

      forward.type = images->type;
      described = describe (&forward);
      good (&making, describe_convolution (&making.hint, EID_TO_MAPS, dnnl_forward_training,
                                           slots[EID_SLOT_A].described, described, NULL,
                                           slots[EID_SLOT_C].described, strides, paddings, NULL, NULL));
      described_free (described);
    }
  describe_pass (&making, pass, strides, paddings);
  /* Block products in 32 bits lose a third where few pixels meet many weights, or a window of one pixel is
   * strided: 51 against 31 ms for 512 channels of 4 x 4 pixels (oneDNN 3.7 on a Xeon with AVX-512). A clone
   * cannot be asked for the next kernel, so that what was passed over is described anew. */
  if (making.good && pass == EID_TO_IMAGES && images->type == EID_F32
      && (maps->dims[2] * maps->dims[3] <= 16 || (stride > 1 && weight->dims[weight->rank - 1] == 1))
      && !pass_over_blocks (making.described))
    {
      g_clear_pointer (&making.described, dnnl_primitive_desc_destroy);
      describe_pass (&making, pass, strides, paddings);
    }
  take_order (&making, EID_SLOT_B,
              pass == EID_TO_WEIGHT ? dnnl_query_diff_weights_md : dnnl_query_weights_md);
  return making_end (&making);
}

EidPrimitive *
eid_onednn_reorder (const EidPrimitive *primitive, EidSlot slot, const EidLayout *plain, gboolean back,
                    gboolean accumulate)
{
  Making making = making_begin (0, FALSE, &(EidEpilogue){ .accumulate = accumulate });
  gpointer ordered = described_copy (primitive->slots[slot].described), unordered = describe (plain);

  set_slot (&making, EID_SLOT_A, DNNL_ARG_FROM, back ? ordered : unordered);
  set_slot (&making, EID_SLOT_C, DNNL_ARG_TO, back ? unordered : ordered);
  if (making.good)
    good (&making, dnnl_reorder_primitive_desc_create (
                       &making.described, making.primitive->slots[EID_SLOT_A].described, engine,
                       making.primitive->slots[EID_SLOT_C].described, engine, making.attributes));
  return making_end (&making);
}

/* --- Asking and running -------------------------------------------------------- */

gsize
eid_primitive_bytes (const EidPrimitive *primitive, EidSlot slot)
{
  return dnnl_memory_desc_get_size (primitive->slots[slot].described);
}

gboolean
eid_primitive_is_plain (const EidPrimitive *primitive, EidSlot slot, const EidLayout *plain)
{
  gpointer described = describe (plain);
  gboolean same = described && dnnl_memory_desc_equal (primitive->slots[slot].described, described);

  described_free (described);
  return same;
}

void
eid_primitive_run (EidPrimitive *primitive, guint caller, gpointer const arrays[EID_N_SLOTS])
{
  dnnl_memory_t *memories = primitive->memories[caller];
  dnnl_exec_arg_t args[EID_N_SLOTS];
  guint n = 0;

  for (EidSlot slot = 0; slot < EID_N_SLOTS; slot++)
    if (primitive->slots[slot].name)
      {
        gboolean own = slot == EID_SLOT_SCRATCH && arrays[slot] == NULL;

        if (memories[slot] == NULL)
          dnnl_memory_create (&memories[slot], primitive->slots[slot].described, engine,
                              own ? DNNL_MEMORY_ALLOCATE : DNNL_MEMORY_NONE);
        if (!own)
          dnnl_memory_set_data_handle (memories[slot], arrays[slot]);
        args[n++] = (dnnl_exec_arg_t){ primitive->slots[slot].name, memories[slot] };
      }
  dnnl_primitive_execute (primitive->primitive, stream, n, args);
  dnnl_stream_wait (stream);
}

guint
eid_onednn_hash (gconstpointer key, gsize size)
{
  const guint32 *words = key;
  guint hash = 2166136261u;

  for (gsize i = 0; i < size / sizeof *words; i++)
    hash = (hash ^ words[i]) * 16777619u;
  return hash;
}
