/* device.h: the one device that a test program runs on, and how its tests
 * speak of it.
 *
 * EIDOSCOPE_TEST_DEVICE names the device as eid_device_open() takes it; the
 * default one if it is not set. `--quick` asks for small work alone, for
 * simulated devices; `--once` leaves out what is done again to compare bits.
 */
#pragma once

#include "tensor.h"

extern EidDevice *test_device;
extern gboolean test_quick, test_once;

/* Opens the device and runs g_test_run(). Returns the exit status; 77, which
 * meson counts as skipped, where the named device is not there. */
int test_main (int argc, char **argv, void (*add_tests) (void));

/* The device has not failed; says why and fails the test otherwise. */
gboolean test_device_is_well (void);

/* A failure that lets the test go on, with its reason. */
void test_complain (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Values in [-1, 1), the same for the same @seed; g_free(). */
float *test_noise (gsize count, guint32 seed);
EidTensor *test_tensor (EidShape shape, guint32 seed); /* of test_noise() */

/* A new copy on the host; g_free(). */
float *test_read (EidTensor *tensor);

/* Compares within @tolerance of the largest of the value, the values' root mean
 * square, and @floor (1e-3); complains of the first that differs. */
gboolean test_close_above (const char *what, const float *got, const double *expected, gsize count,
                           double tolerance, double floor);
gboolean test_close (const char *what, const float *got, const double *expected, gsize count,
                     double tolerance);
