/* widgets-format.c: numbers and times say what they should, in few figures. */
#include "ui/base/draw.h"

#include <locale.h>
#include <math.h>

/* Separators differ by locale; what is tested is the rest. */
static char *
plain (char *text)
{
  const char *group = localeconv ()->thousands_sep, *point = localeconv ()->decimal_point;
  GString *string = g_string_new (text);

  if (*group)
    g_string_replace (string, group, "", 0);
  g_string_replace (string, point, ".", 0);
  g_string_replace (string, "\u00a0", " ", 0);
  g_free (text);
  return g_string_free (string, FALSE);
}

static void
check (char *made, const char *expected)
{
  g_autofree char *text = plain (made);

  g_assert_cmpstr (text, ==, expected);
}

static void
numbers_have_three_significant_digits (void)
{
  static const struct
  {
    double value;
    const char *text;
  } cases[] = {
    { 0, "0" },           { 1, "1.00" },           { 0.0812345, "0.0812" },   { 41, "41.0" },
    { 1234, "1230" },     { 9.996, "10.0" },       { 999.6, "1000" },         { -2.5, "\u22122.50" },
    { 0.001, "0.00100" }, { 1.2e-5, "1.20×10⁻⁵" }, { 4.567e12, "4.57×10¹²" }, { 1e300, "1.00×10³⁰⁰" },
    { NAN, "—" },         { INFINITY, "∞" },       { -INFINITY, "\u2212∞" }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check (eid_format_number (cases[i].value), cases[i].text);
}

static void
counts_are_exact (void)
{
  check (eid_format_count (0), "0");
  check (eid_format_count (70000), "70000");
  check (eid_format_count (G_MAXUINT64), "18446744073709551615");
}

static void
rates_take_a_prefix_and_a_unit (void)
{
  check (eid_format_rate (1240, "img/s"), "1240 img/s");
  check (eid_format_rate (12345, "img/s"), "12.3k img/s");
  check (eid_format_rate (12345678, "B/s"), "12.3M B/s");
  check (eid_format_rate (NAN, "img/s"), "— img/s");
  check (eid_format_rate (3, NULL), "3.00");
}

static void
durations_are_as_coarse_as_they_are_long (void)
{
  check (eid_format_duration (0.42), "0.42 s");
  check (eid_format_duration (45), "45 s");
  check (eid_format_duration (59.7), "1 min");
  check (eid_format_duration (130), "2 min");
  check (eid_format_duration (4800), "1 h 20 min");
  check (eid_format_duration (7200), "2 h");
  check (eid_format_duration (3600 * 76), "3 d 4 h");
  check (eid_format_duration (-1), "—");
  check (eid_format_duration (1e300), "∞");
  check (eid_format_time_left (120), "2 min left");
  check (eid_format_time_left (0.2), "almost done");
  check (eid_format_time_left (NAN), "");
}

static void
ticks_show_what_their_step_needs (void)
{
  check (eid_format_tick (0.25, 0.05), "0.25");
  check (eid_format_tick (0.3, 0.1), "0.3");
  check (eid_format_tick (1e-18, 0.1), "0");
  check (eid_format_tick (1e-320, 1e-321), "0");
  check (eid_format_tick (1, 0), "1.000000000000");
  check (eid_format_tick (1500, 500), "1500");
  check (eid_format_tick (150000, 50000), "150k");
  check (eid_format_tick (1500000, 500000), "1.5M");
  check (eid_format_tick (0.08125, 0.00005), "0.08125");
  check (eid_format_tick (3e-5, 1e-5), "3×10⁻⁵");
  check (eid_format_tick (2.5e-4, 5e-5), "2.5×10⁻⁴");
  check (eid_format_tick (-2, 1), "\u22122");
  check (eid_format_power (1, -4), "10⁻⁴");
  check (eid_format_power (5, 2), "5×10²");
  check (eid_format_power (2, 0), "2");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  setlocale (LC_ALL, "");
  g_test_add_func ("/ui/format/numbers", numbers_have_three_significant_digits);
  g_test_add_func ("/ui/format/counts", counts_are_exact);
  g_test_add_func ("/ui/format/rates", rates_take_a_prefix_and_a_unit);
  g_test_add_func ("/ui/format/durations", durations_are_as_coarse_as_they_are_long);
  g_test_add_func ("/ui/format/ticks", ticks_show_what_their_step_needs);
  return g_test_run ();
}
