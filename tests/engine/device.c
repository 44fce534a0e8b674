/* device.c: opening the device a test program runs on, and small things that
 * every test of the engine needs.
 */
#include "tests/engine/device.h"

#include <math.h>

EidDevice *test_device;
gboolean test_quick, test_once;

int
test_main (int argc, char **argv, void (*add_tests) (void))
{
  g_test_init (&argc, &argv, NULL);
  for (int i = 1; i < argc; i++)
    if (g_str_equal (argv[i], "--quick"))
      test_quick = TRUE;
    else if (g_str_equal (argv[i], "--once"))
      test_once = TRUE;

  const char *wanted = g_getenv ("EIDOSCOPE_TEST_DEVICE");
  g_autoptr (GError) error = NULL;
  test_device = eid_device_open (wanted, &error);
  if (test_device == NULL)
    {
      g_printerr ("%s\n", error->message);
      return wanted != NULL && g_error_matches (error, EID_ERROR, EID_ERROR_NO_DEVICE) ? 77 : 1;
    }
  g_printerr ("# on %s\n", eid_device_info (test_device)->name);

  add_tests ();
  int status = g_test_run ();
  eid_device_close (test_device);
  return status;
}

gboolean
test_device_is_well (void)
{
  g_autoptr (GError) error = NULL;
  if (eid_device_check (test_device, &error))
    return TRUE;
  test_complain ("the device failed: %s", error->message);
  return FALSE;
}

void
test_complain (const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  g_test_message ("%s", text);
  g_test_fail ();
}

float *
test_noise (gsize count, guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  float *values = g_new (float, MAX (count, 1));
  for (gsize i = 0; i < count; i++)
    values[i] = (float) g_rand_double_range (random, -1, 1);
  return values;
}

EidTensor *
test_tensor (EidShape shape, guint32 seed)
{
  g_autofree float *values = test_noise (eid_shape_count (shape), seed);
  return eid_tensor_from_data (test_device, EID_F32, shape, values);
}

float *
test_read (EidTensor *tensor)
{
  float *values = g_new0 (float, MAX (eid_tensor_count (tensor), 1));
  eid_tensor_read (tensor, values);
  return values;
}

gboolean
test_close_above (const char *what, const float *got, const double *expected, gsize count, double tolerance,
                  double floor)
{
  double squares = 0;
  for (gsize i = 0; i < count; i++)
    squares += expected[i] * expected[i] / (double) count;

  for (gsize i = 0; i < count; i++)
    {
      double scale = MAX (fabs (expected[i]), MAX (sqrt (squares), floor));
      if (!(fabs (got[i] - expected[i]) <= tolerance * scale)) /* catches a NaN, too */
        {
          test_complain ("%s: element %" G_GSIZE_FORMAT " is %.9g, expected %.9g", what, i, got[i],
                         expected[i]);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
test_close (const char *what, const float *got, const double *expected, gsize count, double tolerance)
{
  return test_close_above (what, got, expected, count, tolerance, 1e-3);
}
