/* format.c: numbers and times as a person reads them.
 *
 * Every number on screen comes through here: the locale's separators, a true
 * minus, three significant digits, a unit. Labels add the "numeric" style class
 * so that figures stand in columns and do not dance.
 */
#include "ui/base/draw.h"

#include <glib/gi18n-lib.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUS "\u2212"

/* Plain decimals from a thousandth to ten millions; powers of ten outside. */
#define SMALLEST_PLAIN 1e-3
#define SMALLEST_TICK  1e-300 /* below, powers of ten lose their digits */
#define LARGEST_PLAIN  1e7

static void
append_superscript (GString *text, int number)
{
  static const char *const digits[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
  g_autofree char *plain = g_strdup_printf ("%d", number);

  for (const char *c = plain; *c; c++)
    g_string_append (text, *c == '-' ? "⁻" : digits[*c - '0']);
}

/* Groups by the locale where it groups: C and POSIX do not. */
static void
append_fixed (GString *text, double value, int decimals)
{
  char buffer[512];

  snprintf (buffer, sizeof buffer, "%'.*f", decimals, value);
  g_string_append (text, buffer);
}

/* @value rounded to three significant digits, and the power of ten of the first. */
static double
round_three (double value, int *exponent)
{
  char buffer[32];
  char *e;

  /* The C locale's form, so that the exponent is where it is looked for. */
  g_ascii_formatd (buffer, sizeof buffer, "%.2e", value);
  e = strchr (buffer, 'e');
  *exponent = e ? atoi (e + 1) : 0;
  return g_ascii_strtod (buffer, NULL);
}

static void
append_number (GString *text, double value)
{
  double magnitude = fabs (value);
  int exponent;

  if (isnan (value))
    {
      g_string_append (text, "—");
      return;
    }
  if (value < 0)
    g_string_append (text, MINUS);
  if (isinf (value))
    {
      g_string_append (text, "∞");
      return;
    }
  if (magnitude == 0)
    {
      g_string_append_c (text, '0');
      return;
    }

  magnitude = round_three (magnitude, &exponent);
  if (magnitude < SMALLEST_PLAIN || magnitude >= LARGEST_PLAIN)
    {
      append_fixed (text, magnitude / pow (10, exponent), 2);
      g_string_append (text, "×10");
      append_superscript (text, exponent);
    }
  else
    append_fixed (text, magnitude, MAX (0, 2 - exponent));
}

char *
eid_format_number (double value)
{
  GString *text = g_string_new (NULL);

  append_number (text, value);
  return g_string_free (text, FALSE);
}

char *
eid_format_count (guint64 value)
{
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, value);
}

char *
eid_format_sample (EidSampleKind kind, guint64 number, const char *class_name)
{
  g_autofree char *count = eid_format_count (number);
  const gboolean text = kind == EID_SAMPLE_PASSAGE;

  if (class_name == NULL)
    return g_strdup_printf (text ? _ ("passage %s") : _ ("picture %s"), count);
  /* TRANSLATORS: the number of a picture, or of a passage of text, and its class. */
  return g_strdup_printf (text ? _ ("passage %s, %s") : _ ("picture %s, %s"), count, class_name);
}

char *
eid_format_rate (double value, const char *unit)
{
  static const struct
  {
    double from, divisor;
    const char *prefix;
  } steps[] = { { 1e10, 1e9, "G" }, { 1e7, 1e6, "M" }, { 1e4, 1e3, "k" } };
  GString *text = g_string_new (NULL);
  const char *prefix = "";

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (isfinite (value) && fabs (value) >= steps[i].from)
      {
        value /= steps[i].divisor;
        prefix = steps[i].prefix;
        break;
      }
  append_number (text, value);
  g_string_append (text, prefix);
  if (unit && *unit)
    g_string_append_printf (text, "\u00a0%s", unit);
  return g_string_free (text, FALSE);
}

char *
eid_format_percent (double share)
{
  g_autofree char *number = eid_format_number (share * 100);

  /* Translators: a share of a hundred; %s is the number. */
  return g_strdup_printf (_ ("%s\u00a0%%"), number);
}

char *
eid_format_duration (double seconds)
{
  guint64 minutes;

  if (!isfinite (seconds) || seconds < 0)
    return g_strdup ("—");
  if (seconds < 1)
    /* Translators: seconds, with two decimals. */
    return g_strdup_printf (_ ("%.2f\u00a0s"), seconds);
  if (seconds < 59.5)
    /* Translators: seconds. */
    return g_strdup_printf (_ ("%.0f\u00a0s"), seconds);
  if (seconds > 3e9) /* a century: nobody waits for it */
    return g_strdup ("∞");

  minutes = (guint64) (seconds / 60 + 0.5);
  if (minutes < 60)
    /* Translators: minutes. */
    return g_strdup_printf (_ ("%u\u00a0min"), (guint) minutes);
  if (minutes < 60 * 24)
    {
      if (minutes % 60 == 0)
        /* Translators: hours. */
        return g_strdup_printf (_ ("%u\u00a0h"), (guint) (minutes / 60));
      /* Translators: hours and minutes. */
      return g_strdup_printf (_ ("%u\u00a0h %u\u00a0min"), (guint) (minutes / 60), (guint) (minutes % 60));
    }
  /* Translators: days and hours. */
  return g_strdup_printf (_ ("%u\u00a0d %u\u00a0h"), (guint) (minutes / (60 * 24)),
                          (guint) (minutes / 60 % 24));
}

char *
eid_format_time_left (double seconds)
{
  g_autofree char *duration = NULL;

  if (!isfinite (seconds) || seconds < 0)
    return g_strdup ("");
  if (seconds < 1)
    return g_strdup (_ ("almost done"));
  duration = eid_format_duration (seconds);
  /* Translators: how long the work goes on; %s is "2 min". */
  return g_strdup_printf (_ ("%s left"), duration);
}

/* How many tell multiples of @step apart, 0 to 12. */
static int
decimals_of (double step)
{
  return step > 1e-12 ? (int) -floor (log10 (fmin (step, 1)) + 1e-9) : 12;
}

char *
eid_format_tick (double value, double step)
{
  static const struct
  {
    double from, divisor;
    const char *prefix;
  } steps[] = { { 1e9, 1e9, "G" }, { 1e6, 1e6, "M" }, { 1e5, 1e3, "k" } };
  double magnitude = fabs (value), divisor = 1;
  const char *prefix = "";
  GString *text;
  int exponent = 0;

  if (magnitude < step * 1e-6 || magnitude < SMALLEST_TICK)
    return g_strdup ("0");
  if (magnitude >= 1e13)
    return eid_format_number (value);
  for (gsize i = 0; i < G_N_ELEMENTS (steps) && divisor == 1; i++)
    if (magnitude >= steps[i].from)
      {
        divisor = steps[i].divisor;
        prefix = steps[i].prefix;
      }
  if (magnitude < SMALLEST_PLAIN)
    {
      exponent = (int) floor (log10 (magnitude) + 1e-9);
      divisor = pow (10, exponent);
    }
  /* As many decimals as tell one tick from the next. */
  text = g_string_new (value < 0 ? MINUS : NULL);
  append_fixed (text, magnitude / divisor, decimals_of (step / divisor));
  g_string_append (text, prefix);
  if (exponent != 0)
    {
      g_string_append (text, "×10");
      append_superscript (text, exponent);
    }
  return g_string_free (text, FALSE);
}

char *
eid_format_power (double digit, int power)
{
  GString *text = g_string_new (NULL);

  if (power == 0 || digit != 1)
    g_string_append_printf (text, "%.0f", digit);
  if (power != 0)
    {
      g_string_append (text, digit != 1 ? "×10" : "10");
      append_superscript (text, power);
    }
  return g_string_free (text, FALSE);
}
