/* roofline.c: what a device does at best: dense products of matrices, and
 * copying. Shares of a step are told against these.                          */
#include "app/engine/bench/bench.h"

/* How long each is tried; the best of all repeats counts. */
#define TRY_SECONDS 0.25

/* Values copied: far more than a cache holds. */
#define COPIED (32 * 1024 * 1024)

static const struct
{
  guint m, n, k;
  gboolean transpose_b; /* as a layer's weight lies                           */
} products[] = {
  { 4096, 1536, 384, TRUE },
  { 2048, 2048, 2048, TRUE },
  { 2048, 2048, 2048, FALSE },
};

typedef void (*Repeat) (EidTensor *a, EidTensor *b, gboolean transpose_b);

static void
multiply (EidTensor *a, EidTensor *b, gboolean transpose_b)
{
  eid_matmul (a, FALSE, b, transpose_b);
}

static void
copy (EidTensor *a, EidTensor *b, gboolean transpose_b)
{
  eid_scale (a, 1);
}

/* Seconds of the fastest repeat. */
static double
fastest (EidDevice *device, Repeat repeat, EidTensor *a, EidTensor *b, gboolean transpose_b)
{
  gint64 begun = 0;
  double best = G_MAXDOUBLE;

  for (guint i = 0; i < 4 || g_get_monotonic_time () - begun < TRY_SECONDS * G_USEC_PER_SEC; i++)
    {
      const gint64 started = g_get_monotonic_time ();

      eid_arena_push (device);
      repeat (a, b, transpose_b);
      eid_arena_pop (device);
      eid_device_finish (device);
      if (i == 0)
        begun = g_get_monotonic_time (); /* the first makes kernels and buffers */
      else
        best = MIN (best, (double) MAX (g_get_monotonic_time () - started, 1) / G_USEC_PER_SEC);
    }
  return best;
}

static EidTensor *
numbers (EidDevice *device, EidShape shape)
{
  const guint32 key[4] = { 1, 2, 3, 4 };

  return eid_cast (eid_uniform (device, shape, key), eid_device_precision (device));
}

static void
measure (EidDevice *device, EidBenchCeiling *ceiling)
{
  const gsize value_bytes = eid_device_precision (device) == EID_BF16 ? 2 : 4;

  for (guint i = 0; i < G_N_ELEMENTS (products); i++)
    {
      const guint m = products[i].m, n = products[i].n, k = products[i].k;
      EidTensor *a, *b;
      double seconds;

      eid_arena_push (device);
      a = numbers (device, EID_SHAPE (m, k));
      b = numbers (device, products[i].transpose_b ? EID_SHAPE (n, k) : EID_SHAPE (k, n));
      seconds = fastest (device, multiply, a, b, products[i].transpose_b);
      ceiling->gemm_gflops = MAX (ceiling->gemm_gflops, 2.0 * m * n * k / seconds * 1e-9);
      eid_arena_pop (device);
    }

  eid_arena_push (device);
  ceiling->copy_gbps = 2.0 * COPIED * (double) value_bytes * 1e-9
                       / fastest (device, copy, numbers (device, EID_SHAPE (COPIED)), NULL, FALSE);
  eid_arena_pop (device);
}

gboolean
eid_bench_ceiling (const char *device_name, EidType precision, EidBenchCeiling *ceiling, GError **error)
{
  g_autoptr (EidDevice) device = eid_device_open (device_name, error);

  if (device == NULL)
    return FALSE;
  *ceiling = (EidBenchCeiling){ 0 };
  eid_device_set_precision (device, precision);
  eid_set_recording (device, FALSE);
  measure (device, ceiling);
  return eid_device_check (device, error);
}
