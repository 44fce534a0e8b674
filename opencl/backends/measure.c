/* measure.c: what a processor is faster at, found by trying it once and kept in the user's cache folder.
 *
 * A flag of the processor only says what may be tried. AVX-512 BF16 multiplies twice as fast in 16 bits as
 * in 32 on an AMD Zen 5, and half as fast on an Intel Xeon that has it without AMX.
 */

#include "opencl/backends/onednn.h"

/* A product as transformers have it: large enough for all cores, some ten milliseconds in all. */
#define ROWS    2048
#define COLUMNS 512
#define SUMMED  512
#define ROUNDS  7

/* The cache: a key file, a group for each device with its driver and its library. */
#define SPEED_KEY "bf16-speed"

static EidPrimitive *
product (EidType type)
{
  const EidLayout a = { type, .rank = 2, .dims = { ROWS, SUMMED }, .strides = { SUMMED, 1 } };
  const EidLayout b = { type, .rank = 2, .dims = { SUMMED, COLUMNS }, .strides = { COLUMNS, 1 } };
  const EidLayout c = { type, .rank = 2, .dims = { ROWS, COLUMNS }, .strides = { COLUMNS, 1 } };

  return eid_onednn_product (&a, &b, NULL, &c, &(EidEpilogue){ 0 }, 0);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* Both in turn, so that what else the machine does falls on both; the median of the ratios. */
static double
measure_bf16 (void)
{
  g_autoptr (EidPrimitive) wide = product (EID_F32), narrow = product (EID_BF16);
  g_autofree float *numbers = g_new0 (float, (gsize) ROWS *SUMMED + SUMMED * COLUMNS + ROWS * COLUMNS);
  gpointer const arrays[EID_N_SLOTS] = {
    [EID_SLOT_A] = numbers,
    [EID_SLOT_B] = numbers + (gsize) ROWS * SUMMED,
    [EID_SLOT_C] = numbers + (gsize) ROWS * SUMMED + SUMMED * COLUMNS,
  };
  double ratios[ROUNDS];

  if (wide == NULL || narrow == NULL)
    return 0;
  for (gint round = -1; round < ROUNDS; round++) /* the first fills caches */
    {
      const gint64 start = g_get_monotonic_time ();
      gint64 middle;

      eid_primitive_run (wide, 0, arrays);
      middle = g_get_monotonic_time ();
      eid_primitive_run (narrow, 0, arrays);
      if (round >= 0)
        ratios[round] = (double) MAX (middle - start, 1) / (double) MAX (g_get_monotonic_time () - middle, 1);
    }
  qsort (ratios, ROUNDS, sizeof *ratios, compare);
  return ratios[ROUNDS / 2];
}

double
eid_device_bf16_speed (const EidDeviceInfo *info)
{
  g_autofree char *file = g_build_filename (g_get_user_cache_dir (), "eidoscope", "measured.ini", NULL);
  g_autofree char *folder = g_path_get_dirname (file), *version = eid_onednn_version ();
  g_autofree char *group = g_strdup_printf ("%s | %s | %u units | oneDNN %s", info->name, info->driver,
                                            info->compute_units, version);
  g_autoptr (GKeyFile) cache = g_key_file_new ();
  double speed;

  if (!info->has_native_kernels || !eid_onednn_may_gain_by_bf16 ())
    return 0;
  g_strdelimit (group, "[]\n\r", '_');
  g_key_file_load_from_file (cache, file, G_KEY_FILE_KEEP_COMMENTS, NULL);
  speed = g_key_file_get_double (cache, group, SPEED_KEY, NULL);
  if (speed > 0)
    return speed;

  speed = measure_bf16 ();
  g_key_file_set_double (cache, group, SPEED_KEY, speed);
  /* Where it cannot be kept it is measured at each start. */
  if (g_mkdir_with_parents (folder, 0700) == 0)
    g_key_file_save_to_file (cache, file, NULL);
  return speed;
}
