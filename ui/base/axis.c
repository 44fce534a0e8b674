/* axis.c: from data to pixels: axes, their ticks, smoothing, and a million points
 * as a screenful. What the charts stand on; nothing is drawn here.
 */
#include "ui/base/draw.h"

#include <math.h>

/* Pixels outside of any window: cairo counts in 24 bits. */
#define FAR_AWAY 1e6

/* Nothing that is measured is as small. */
#define TINY 1e-290

void
eid_axis_fit (EidAxis *axis, double from, double to, double share)
{
  double pad;

  if (!eid_plot_value (from, axis->log) || !eid_plot_value (to, axis->log) || from > to)
    {
      from = axis->log ? 1 : 0;
      to = axis->log ? 10 : 1;
    }
  if (axis->log)
    {
      from = log10 (from);
      to = log10 (to);
    }
  /* One value alone, or as good as one, stands in the middle. What is left below TINY has too few digits
   * for ticks. */
  if (to - from <= fmax (1e-9 * fmax (fabs (from), fabs (to)), TINY))
    {
      double half = fabs (from) <= TINY ? 1 : axis->log ? 0.5 : fabs (from) * 0.1;

      from -= half;
      to += half;
    }
  pad = (to - from) * share;
  from -= pad;
  to += pad;
  axis->from = axis->log ? pow (10, from) : from;
  axis->to = axis->log ? pow (10, to) : to;
}

double
eid_axis_pixel (const EidAxis *axis, double value)
{
  double share = axis->log ? (log10 (value) - log10 (axis->from)) / (log10 (axis->to) - log10 (axis->from))
                           : (value - axis->from) / (axis->to - axis->from);

  return CLAMP (axis->pixel_from + share * (axis->pixel_to - axis->pixel_from), -FAR_AWAY, FAR_AWAY);
}

double
eid_axis_value (const EidAxis *axis, double pixel)
{
  double share = (pixel - axis->pixel_from) / (axis->pixel_to - axis->pixel_from);

  if (axis->log)
    return pow (10, log10 (axis->from) + share * (log10 (axis->to) - log10 (axis->from)));
  return axis->from + share * (axis->to - axis->from);
}

/* --- Ticks ------------------------------------------------------------------ */

static void
clear_tick (gpointer tick)
{
  g_free (((EidTick *) tick)->label);
}

static void
add_tick (GArray *ticks, double value, char *label)
{
  EidTick tick = { value, label };

  g_array_append_val (ticks, tick);
}

static void
linear_ticks (GArray *ticks, const EidAxis *axis, guint wanted)
{
  double rough = (axis->to - axis->from) / wanted;
  double power = pow (10, floor (log10 (rough))), share = rough / power;
  double step = power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
  double first = ceil (axis->from / step - 1e-9);

  for (guint i = 0; i < 100; i++)
    {
      double value = (first + i) * step;

      if (value > axis->to + step * 1e-9)
        break;
      add_tick (ticks, value, eid_format_tick (value, step));
    }
}

/* Of one kind along an axis: all plain (0.01, 1) or all powers (10⁻⁴, 1). */
static char *
power_label (const EidAxis *axis, double digit, int power)
{
  if (axis->from >= 5e-4 && axis->to < 1e5)
    return eid_format_tick (digit * pow (10, power), pow (10, power));
  return eid_format_power (digit, power);
}

static void
log_ticks (GArray *ticks, const EidAxis *axis, guint wanted)
{
  static const double within[] = { 1, 2, 5 };
  int low = (int) floor (log10 (axis->from)), high = (int) ceil (log10 (axis->to));
  int decades = high - low, most = (int) wanted;
  guint per_decade = decades * 2 <= most ? 3 : 1;

  /* Every decade, or every so many; fewer apart where that leaves less than two. */
  for (int stride = MAX (1, (decades + most - 1) / most); stride > 0 && ticks->len < 2; stride--)
    {
      g_array_set_size (ticks, 0);
      for (int power = low; power <= high; power += stride)
        for (guint i = 0; i < per_decade; i++)
          {
            double value = within[i] * pow (10, power);

            if (value >= axis->from * (1 - 1e-9) && value <= axis->to * (1 + 1e-9))
              add_tick (ticks, value, power_label (axis, within[i], power));
          }
    }
}

GArray *
eid_axis_ticks (const EidAxis *axis, double spacing)
{
  GArray *ticks = g_array_new (FALSE, FALSE, sizeof (EidTick));
  guint wanted = (guint) CLAMP (fabs (axis->pixel_to - axis->pixel_from) / spacing, 2, 50);

  g_array_set_clear_func (ticks, clear_tick);
  if (axis->log)
    log_ticks (ticks, axis, wanted);
  /* Also within one decade. One tick alone tells no scale: then closer ones. */
  for (guint more = 0; ticks->len < 2 && more < 3; more++)
    {
      g_array_set_size (ticks, 0);
      linear_ticks (ticks, axis, wanted + more);
    }
  return ticks;
}

/* --- Points --------------------------------------------------------------------- */

/* The points that fall on one pixel column. */
typedef struct
{
  gsize first, least, greatest, last;
  double end; /* the x at which the next column begins */
  gboolean open;
} Column;

static gsize
first_at_least (const double *x, gsize n, double value)
{
  gsize low = 0, high = n;

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;

      if (x[middle] < value)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
flush (GArray *points, Column *column, const EidAxis *x_axis, const EidAxis *y_axis, const double *x,
       const double *y)
{
  gsize keep[4] = { column->first, MIN (column->least, column->greatest),
                    MAX (column->least, column->greatest), column->last };

  if (!column->open)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (keep); i++)
    {
      graphene_point_t point;

      if (i > 0 && keep[i] == keep[i - 1])
        continue;
      point.x = (float) eid_axis_pixel (x_axis, x[keep[i]]);
      point.y = (float) eid_axis_pixel (y_axis, y[keep[i]]);
      g_array_append_val (points, point);
    }
  column->open = FALSE;
}

GArray *
eid_decimate (const EidAxis *x_axis, const EidAxis *y_axis, const double *x, const double *y, gsize n)
{
  GArray *points = g_array_new (FALSE, FALSE, sizeof (graphene_point_t));
  const graphene_point_t gap = { NAN, NAN };
  Column column = { 0 };
  gsize begin = first_at_least (x, n, x_axis->from), end = n;

  if (begin > 0)
    begin--;
  for (gsize i = begin; i < end; i++)
    {
      if (!eid_plot_value (x[i], x_axis->log) || !eid_plot_value (y[i], y_axis->log))
        {
          flush (points, &column, x_axis, y_axis, x, y);
          if (points->len && !isnan (g_array_index (points, graphene_point_t, points->len - 1).x))
            g_array_append_val (points, gap);
          continue;
        }
      if (x[i] > x_axis->to)
        end = i + 1; /* the line leaves the plot here */

      if (!column.open || x[i] >= column.end)
        {
          flush (points, &column, x_axis, y_axis, x, y);
          column = (Column){ i, i, i, i, 0, TRUE };
          column.end = eid_axis_value (x_axis, floor (eid_axis_pixel (x_axis, x[i]) + 1e-6) + 1);
          continue;
        }
      if (y[i] < y[column.least])
        column.least = i;
      if (y[i] > y[column.greatest])
        column.greatest = i;
      column.last = i;
    }
  flush (points, &column, x_axis, y_axis, x, y);
  return points;
}

void
eid_smooth (const double *values, double *smoothed, gsize n, double smoothing)
{
  double mean = 0, weight = 0;

  for (gsize i = 0; i < n; i++)
    {
      if (!eid_plot_value (values[i], FALSE))
        {
          smoothed[i] = NAN;
          continue;
        }
      mean = smoothing * mean + (1 - smoothing) * values[i];
      weight = smoothing * weight + (1 - smoothing);
      smoothed[i] = mean / weight;
    }
}
