/* onednn.h: what the files that call oneDNN share: gemm-onednn.c, convolution-onednn.c,
 * product-onednn.c. Its interface is that of version 2.
 *
 * A primitive is described for a shape, made once, kept, and run inside a native
 * kernel (eid_native() in private.h).
 */
#pragma once

#include <dnnl.h>

#include "private.h"

#include <string.h>

/* One engine a process; NULL where oneDNN does not start. */
dnnl_engine_t    eid_onednn_engine (void);
dnnl_data_type_t eid_onednn_type (EidType type);
/* Runs and waits, on all cores, or on the calling thread within a parallel region. */
void             eid_onednn_execute (dnnl_primitive_t primitive, const dnnl_exec_arg_t *args, guint n_args);
/* TRUE where the processor multiplies in bf16 (AVX-512 BF16 or AMX). */
gboolean         eid_onednn_gains_by_bf16 (void);
/* Of a key without padding, of whole 32-bit words. */
guint            eid_onednn_hash (gconstpointer key, gsize size);
/* The two functions that a GHashTable of such keys wants: NAME_hash(), NAME_equal(). */
#define EID_ONEDNN_KEY(name, Type)                                                                     \
  static guint    name##_hash (gconstpointer key) { return eid_onednn_hash (key, sizeof (Type)); }      \
  static gboolean name##_equal (gconstpointer a, gconstpointer b) { return memcmp (a, b, sizeof (Type)) == 0; }
