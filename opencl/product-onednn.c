/* product-onednn.c: small matrix products for one thread, by oneDNN where not by tiles (product.h). */

#include "onednn.h"
#include "product.h"

#include <omp.h>
#include <string.h>

enum
{
  A,
  B,
  C,
  WORK,
  MEMORIES
};

struct _EidProduct
{
  EidProductKey key;
  gboolean by_tiles; /* and nothing of what follows      */
  dnnl_primitive_t primitive;
  dnnl_memory_desc_t description[MEMORIES];
  guint n_threads;                   /* that may run it at once          */
  dnnl_memory_t (*memory)[MEMORIES]; /* of each, made when it first does */
};

static void
product_free (gpointer data)
{
  EidProduct *product = data;

  if (product->primitive)
    dnnl_primitive_destroy (product->primitive);
  g_free (product->memory);
  g_free (product);
}

static dnnl_status_t
primitive_new (EidProduct *product)
{
  const EidProductKey *key = &product->key;
  dnnl_memory_desc_t *d = product->description;
  dnnl_data_type_t type = eid_onednn_type (key->type);
  dnnl_engine_t engine = eid_onednn_engine ();
  const dnnl_dims_t size_a = { key->m, key->k }, size_b = { key->k, key->n }, size_c = { key->m, key->n };
  const dnnl_dims_t row_a = { key->transpose_a ? 1 : key->row_a, key->transpose_a ? key->row_a : 1 };
  const dnnl_dims_t row_b = { key->transpose_b ? 1 : key->row_b, key->transpose_b ? key->row_b : 1 };
  const dnnl_dims_t row_c = { key->row_c, 1 };
  dnnl_matmul_desc_t matmul;
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t primitive = NULL;
  dnnl_post_ops_t post = NULL;
  dnnl_status_t status;

  dnnl_memory_desc_init_by_strides (&d[A], 2, size_a, type, row_a);
  dnnl_memory_desc_init_by_strides (&d[B], 2, size_b, type, row_b);
  dnnl_memory_desc_init_by_strides (&d[C], 2, size_c, dnnl_f32, row_c);
  status = dnnl_matmul_desc_init (&matmul, &d[A], &d[B], NULL, &d[C]);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_create (&attributes);
  if (status == dnnl_success) /* so that threads may run it at the same time */
    status = dnnl_primitive_attr_set_scratchpad_mode (attributes, dnnl_scratchpad_mode_user);
  if (status == dnnl_success)
    status = dnnl_post_ops_create (&post);
  if (status == dnnl_success && key->add)
    status = dnnl_post_ops_append_sum (post, 1);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_set_post_ops (attributes, post);
  if (status == dnnl_success)
    status = dnnl_primitive_desc_create (&primitive, &matmul, attributes, engine, NULL);
  if (status == dnnl_success)
    {
      d[WORK] = *dnnl_primitive_desc_query_md (primitive, dnnl_query_scratchpad_md, 0);
      status = dnnl_primitive_create (&product->primitive, primitive);
    }
  if (primitive)
    dnnl_primitive_desc_destroy (primitive);
  if (post)
    dnnl_post_ops_destroy (post);
  if (attributes)
    dnnl_primitive_attr_destroy (attributes);
  return status;
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
      gint threads = omp_get_max_threads ();

      product = g_new0 (EidProduct, 1);
      product->key = *key;
      product->by_tiles = eid_product_by_tiles (key);
      product->n_threads = threads;
      product->memory = g_malloc0_n (threads, sizeof *product->memory);
      omp_set_num_threads (1); /* of those that run it at once, each is alone */
      if (!product->by_tiles && primitive_new (product) != dnnl_success)
        g_clear_pointer (&product, product_free);
      omp_set_num_threads (threads);
      if (product)
        g_hash_table_add (products, product);
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
  dnnl_memory_t *memory = product->memory[omp_get_thread_num ()];

  if (product->by_tiles)
    {
      eid_product_run_tiles (&product->key, a, b, c);
      return;
    }
  if (memory[A] == NULL)
    for (guint i = 0; i < MEMORIES; i++)
      dnnl_memory_create (&memory[i], &product->description[i], eid_onednn_engine (),
                          i == WORK ? DNNL_MEMORY_ALLOCATE : DNNL_MEMORY_NONE);
  dnnl_memory_set_data_handle (memory[A], (gpointer) a);
  dnnl_memory_set_data_handle (memory[B], (gpointer) b);
  dnnl_memory_set_data_handle (memory[C], c);
  eid_onednn_execute (product->primitive,
                      (dnnl_exec_arg_t[]){ { DNNL_ARG_SRC, memory[A] },
                                           { DNNL_ARG_WEIGHTS, memory[B] },
                                           { DNNL_ARG_DST, memory[C] },
                                           { DNNL_ARG_SCRATCHPAD, memory[WORK] } },
                      MEMORIES);
}
