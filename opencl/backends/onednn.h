/* onednn.h: oneDNN as the files named *-onednn.c use it: products, convolutions and reorderings, made once
 * for their shapes, kept, and run inside native kernels (eid_native() in private.h).
 *
 * Versions 2 and 3 of oneDNN are asked in different ways; onednn.c knows them, and nobody else.
 */
#pragma once

#include "opencl/backends/convolution.h"

#include <string.h>

#define EID_LAYOUT_RANK 12 /* as many as oneDNN reads */

/* How an array lies in memory. Strides are in elements; with @any_order they do not count, and oneDNN
 * chooses the order that its kernel likes best.                                                      */
typedef struct {
  EidType  type;
  guint    rank;
  gint64   dims[EID_LAYOUT_RANK], strides[EID_LAYOUT_RANK];
  gboolean any_order;
} EidLayout;

/* What is done with a result on its way out, in this order. */
typedef struct {
  gboolean         accumulate; /* added to what is there        */
  const EidLayout *residual;   /* of an array to add, or NULL   */
  gboolean         relu;
} EidEpilogue;

typedef enum {
  EID_SLOT_A,        /* of a product; images; what is reordered        */
  EID_SLOT_B,        /* of a product; the weight                       */
  EID_SLOT_C,        /* of a product; maps; the reordered              */
  EID_SLOT_BIAS,     /* EID_F32                                        */
  EID_SLOT_RESIDUAL,
  EID_SLOT_SCRATCH,  /* of a convolution: eid_primitive_bytes() of it  */
  EID_N_SLOTS
} EidSlot;

/* One product, convolution or reordering. */
typedef struct _EidPrimitive EidPrimitive;

/* FALSE where oneDNN does not start. */
gboolean eid_onednn_starts (void);
/* "2.6.3"; free. */
char    *eid_onednn_version (void);
/* Whether the processor has instructions for products in EID_BF16: whether they are faster is measured. */
gboolean eid_onednn_may_gain_by_bf16 (void);

/* Whether the bits of a product on all cores depend on how many these are: without AVX-512, sums and tiles are
 * cut by that. */
gboolean eid_onednn_cuts_by_threads (void);

/* C [.., m, n] = A [.., m, k] B [.., k, n] + bias [n]. With @callers 0 it runs on all cores, one call at a
 * time; else that many threads may run it at once, each alone. NULL if there is none; so below.         */
EidPrimitive *eid_onednn_product (const EidLayout *a, const EidLayout *b, const EidLayout *bias,
                                  const EidLayout *c, const EidEpilogue *epilogue, guint callers);
/* One pass of a convolution, that which makes the argument that @pass names of the other two.
 * Images [B, in, H, W], weight [out, in, kh, kw] or [groups, out, in, kh, kw], maps [B, out, H, W].     */
EidPrimitive *eid_onednn_convolution (EidConvolutionPass pass, const EidLayout *images, const EidLayout *weight,
                                      const EidLayout *bias, const EidLayout *maps, guint stride, guint padding,
                                      const EidEpilogue *epilogue, guint callers);
/* Brings an array of @plain layout into the order of an argument of @primitive, or with @back out of it.
 * With @accumulate it is added to what is there.                                                         */
EidPrimitive *eid_onednn_reorder (const EidPrimitive *primitive, EidSlot slot, const EidLayout *plain,
                                  gboolean back, gboolean accumulate);
void          eid_primitive_free (EidPrimitive *primitive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidPrimitive, eid_primitive_free)

/* Of an argument in its order. */
gsize    eid_primitive_bytes (const EidPrimitive *primitive, EidSlot slot);
/* Whether an argument lies as @plain says. */
gboolean eid_primitive_is_plain (const EidPrimitive *primitive, EidSlot slot, const EidLayout *plain);
/* Runs and waits. @caller: below the number of callers, 0 where there is one; each runs once at a time.   */
void     eid_primitive_run (EidPrimitive *primitive, guint caller, gpointer const arrays[EID_N_SLOTS]);

/* A whole number of 32-bit words without padding, as a key. */
guint eid_onednn_hash (gconstpointer key, gsize size);
/* The two functions that a GHashTable of such keys wants: NAME_hash(), NAME_equal(). */
#define EID_ONEDNN_KEY(name, Type)                                                                     \
  static guint    name##_hash (gconstpointer key) { return eid_onednn_hash (key, sizeof (Type)); }      \
  static gboolean name##_equal (gconstpointer a, gconstpointer b) { return memcmp (a, b, sizeof (Type)) == 0; }
