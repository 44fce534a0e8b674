/* product-onednn.c: small matrix products for one thread, by oneDNN where not by tiles (product.h). */

#include "opencl/backends/onednn.h"
#include "opencl/backends/product.h"

#include <omp.h>

struct _EidProduct
{
  EidProductKey key;
  gboolean by_tiles; /* and nothing of what follows */
  EidPrimitive *primitive;
  guint n_threads; /* that may run it at once     */
};

static void
product_free (gpointer data)
{
  EidProduct *product = data;

  eid_primitive_free (product->primitive);
  g_free (product);
}

static EidLayout
lay_out (EidType type, guint rows, guint columns, gboolean transposed, guint row)
{
  return (EidLayout){
    .type = type,
    .rank = 2,
    .dims = { rows, columns },
    .strides = { transposed ? 1 : row, transposed ? row : 1 },
  };
}

static EidPrimitive *
primitive_new (const EidProductKey *key, guint threads)
{
  const EidLayout a = lay_out (key->type, key->m, key->k, key->transpose_a, key->row_a);
  const EidLayout b = lay_out (key->type, key->k, key->n, key->transpose_b, key->row_b);
  const EidLayout c = lay_out (EID_F32, key->m, key->n, FALSE, key->row_c);

  return eid_onednn_product (&a, &b, NULL, &c, &(EidEpilogue){ .accumulate = key->add }, threads);
}

EID_ONEDNN_KEY (product, EidProductKey)

EidProduct *
eid_product_get (const EidProductKey *key)
{
  static GMutex mutex;
  static GHashTable *products; /* kept for good */
  EidProduct *product;

  g_mutex_lock (&mutex);
  if (products == NULL)
    products = g_hash_table_new_full (product_hash, product_equal, product_free, NULL);
  product = g_hash_table_lookup (products, key);
  if (product == NULL)
    {
      product = g_new0 (EidProduct, 1);
      product->key = *key;
      product->by_tiles = eid_product_by_tiles (key);
      product->n_threads = omp_get_max_threads ();
      if (!product->by_tiles)
        product->primitive = primitive_new (key, product->n_threads);
      if (product->by_tiles || product->primitive)
        g_hash_table_add (products, product);
      else
        g_clear_pointer (&product, product_free);
    }
  g_mutex_unlock (&mutex);
  return product;
}

guint
eid_product_threads (const EidProduct *product)
{
  return product->n_threads;
}

void
eid_product_run (const EidProduct *product, gconstpointer a, gconstpointer b, float *c)
{
  gpointer const arrays[EID_N_SLOTS] = {
    [EID_SLOT_A] = (gpointer) a, [EID_SLOT_B] = (gpointer) b, [EID_SLOT_C] = c
  };

  if (product->by_tiles)
    eid_product_run_tiles (&product->key, a, b, c);
  else
    eid_primitive_run (product->primitive, omp_get_thread_num (), arrays);
}
