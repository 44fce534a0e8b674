/* product.h: small matrix products for one thread, to be made inside parallel regions: many threads may run
 * the same one at once. By tiles (product-tiles.c) or by oneDNN (product-onednn.c).
 */
#pragma once

#include "opencl/core/private.h"

/* C [m, n] EID_F32 = op(A) [m, k] op(B) [k, n], or added to C. Of whole words: a key. Rows in elements. */
typedef struct
{
  guint32 transpose_a, transpose_b;
  guint32 m, n, k;
  guint32 row_a, row_b, row_c;
  guint32 type; /* of A and B */
  guint32 add;
} EidProductKey;

typedef struct _EidProduct EidProduct;

/* Made the first time it is asked for; NULL if there is none. */
EidProduct *eid_product_get (const EidProductKey *key);
/* How many threads may run it at once. */
guint eid_product_threads (const EidProduct *product);
/* On the calling thread, a member of the only team that runs products at this time. */
void eid_product_run (const EidProduct *product, gconstpointer a, gconstpointer b, float *c);

/* Whether tiles are the way to make it, and doing so. */
gboolean eid_product_by_tiles (const EidProductKey *key);
void eid_product_run_tiles (const EidProductKey *key, gconstpointer a, gconstpointer b, float *c);
