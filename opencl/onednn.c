/* onednn.c: oneDNN's engine and stream, one a process. */

#include "onednn.h"

static dnnl_engine_t engine;
static dnnl_stream_t stream;

dnnl_engine_t
eid_onednn_engine (void)
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
  return engine;
}

dnnl_data_type_t
eid_onednn_type (EidType type)
{
  return type == EID_BF16 ? dnnl_bf16 : dnnl_f32;
}

void
eid_onednn_execute (dnnl_primitive_t primitive, const dnnl_exec_arg_t *args, guint n_args)
{
  dnnl_primitive_execute (primitive, stream, n_args, args);
  dnnl_stream_wait (stream);
}

gboolean
eid_onednn_gains_by_bf16 (void)
{
  return (dnnl_get_effective_cpu_isa () & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
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
