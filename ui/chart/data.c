/* data.c: what a line chart holds: series, rules and markers, kept in order
 * so that drawing and reading out are searches, not walks.
 */
#include "ui/base/draw.h"

#include <glib/gi18n-lib.h>

#include <math.h>

static void
series_free (gpointer pointer)
{
  EidSeries *series = pointer;

  g_free (series->name);
  g_array_unref (series->x);
  g_array_unref (series->y);
  g_free (series);
}

static void
rule_free (gpointer pointer)
{
  g_free (((EidRule *) pointer)->label);
  g_free (pointer);
}

static void
marker_free (gpointer pointer)
{
  g_free (((EidMarker *) pointer)->label);
  g_free (pointer);
}

EidChartData *
eid_chart_data_new (void)
{
  EidChartData *data = g_new0 (EidChartData, 1);

  data->series = g_ptr_array_new_with_free_func (series_free);
  data->rules = g_ptr_array_new_with_free_func (rule_free);
  data->markers = g_ptr_array_new_with_free_func (marker_free);
  data->x_from = data->x_to = data->y_from = data->y_to = NAN;
  return data;
}

void
eid_chart_data_free (EidChartData *data)
{
  if (!data)
    return;
  g_ptr_array_unref (data->series);
  g_ptr_array_unref (data->rules);
  g_ptr_array_unref (data->markers);
  g_free (data->title);
  g_free (data->x_title);
  g_free (data->unit);
  g_free (data->empty_text);
  g_free (data);
}

EidSeries *
eid_chart_data_series (EidChartData *data, const char *name, guint slot, guint *index)
{
  EidSeries *series;

  for (*index = 0; *index < data->series->len; (*index)++)
    {
      series = data->series->pdata[*index];
      if (g_strcmp0 (series->name, name) == 0)
        {
          series->slot = slot;
          return series;
        }
    }
  series = g_new0 (EidSeries, 1);
  series->name = g_strdup (name ? name : "");
  series->slot = slot;
  series->x = g_array_new (FALSE, FALSE, sizeof (double));
  series->y = g_array_new (FALSE, FALSE, sizeof (double));
  series->least = series->greatest = series->least_positive = NAN;
  g_ptr_array_add (data->series, series);
  return series;
}

void
eid_chart_data_dashed_rule (EidChartData *data, const char *label, double value, guint slot, EidDash dash)
{
  EidRule *rule;

  for (guint i = 0; i < data->rules->len; i++)
    {
      rule = data->rules->pdata[i];
      if (g_strcmp0 (rule->label, label) == 0)
        {
          if (isnan (value))
            g_ptr_array_remove_index (data->rules, i);
          else
            {
              rule->value = value;
              rule->slot = slot;
              rule->dash = dash;
            }
          return;
        }
    }
  if (isnan (value))
    return;
  rule = g_new0 (EidRule, 1);
  rule->label = g_strdup (label ? label : "");
  rule->value = value;
  rule->slot = slot;
  rule->dash = dash;
  g_ptr_array_add (data->rules, rule);
}

void
eid_chart_data_rule (EidChartData *data, const char *label, double value, guint slot)
{
  eid_chart_data_dashed_rule (data, label, value, slot, EID_DASH_SHORT);
}

/* The place of the first point after @x. */
static guint
upper_bound (const EidSeries *series, double x)
{
  const double *xs = (const double *) series->x->data;
  guint low = 0, high = series->x->len;

  if (high > 0 && xs[high - 1] <= x) /* nearly always: points come in order */
    return high;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (xs[middle] <= x)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* fmin() and fmax() pass over NaN. */
static void
widen (EidSeries *series, double y)
{
  if (!eid_plot_value (y, FALSE))
    return;
  series->least = fmin (series->least, y);
  series->greatest = fmax (series->greatest, y);
  if (eid_plot_value (y, TRUE))
    series->least_positive = fmin (series->least_positive, y);
}

void
eid_series_add (EidSeries *series, double x, double y)
{
  guint place;

  if (!eid_plot_value (x, FALSE))
    return;
  place = upper_bound (series, x);
  g_array_insert_val (series->x, place, x);
  g_array_insert_val (series->y, place, y);
  widen (series, y);
}

void
eid_series_put (EidSeries *series, double x, double y)
{
  const guint place = eid_plot_value (x, FALSE) ? upper_bound (series, x) : 0;

  if (place == 0 || g_array_index (series->x, double, place - 1) != x)
    {
      eid_series_add (series, x, y);
      return;
    }
  if (g_array_index (series->y, double, place - 1) == y)
    return;
  g_array_index (series->y, double, place - 1) = y;
  series->least = series->greatest = series->least_positive = NAN;
  for (guint i = 0; i < series->y->len; i++)
    widen (series, g_array_index (series->y, double, i));
}

typedef struct
{
  double x, y;
} Point;

static int
compare_points (gconstpointer a, gconstpointer b)
{
  double left = ((const Point *) a)->x, right = ((const Point *) b)->x;

  return left < right ? -1 : left > right;
}

void
eid_series_set (EidSeries *series, const double *x, const double *y, gsize n)
{
  g_autoptr (GArray) points = g_array_sized_new (FALSE, FALSE, sizeof (Point), (guint) n);
  gboolean ordered = TRUE;

  for (gsize i = 0; i < n; i++)
    {
      Point point = { x[i], y[i] };

      if (!eid_plot_value (x[i], FALSE))
        continue;
      ordered = ordered && (points->len == 0 || g_array_index (points, Point, points->len - 1).x <= x[i]);
      g_array_append_val (points, point);
    }
  if (!ordered)
    g_array_sort (points, compare_points);

  g_array_set_size (series->x, points->len);
  g_array_set_size (series->y, points->len);
  series->least = series->greatest = series->least_positive = NAN;
  for (guint i = 0; i < points->len; i++)
    {
      g_array_index (series->x, double, i) = g_array_index (points, Point, i).x;
      g_array_index (series->y, double, i) = g_array_index (points, Point, i).y;
      widen (series, g_array_index (points, Point, i).y);
    }
}

gssize
eid_series_nearest (const EidSeries *series, double x)
{
  const double *xs = (const double *) series->x->data, *ys = (const double *) series->y->data;
  guint after = upper_bound (series, x);
  gssize right = after, left = (gssize) after - 1;

  while (left >= 0 && !eid_plot_value (ys[left], FALSE))
    left--;
  while (right < (gssize) series->x->len && !eid_plot_value (ys[right], FALSE))
    right++;
  if (right == (gssize) series->x->len)
    return left;
  if (left < 0)
    return right;
  return x - xs[left] <= xs[right] - x ? left : right;
}

char *
eid_chart_describe (const EidChartData *data)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < data->series->len; i++)
    {
      const EidSeries *series = data->series->pdata[i];
      gssize last = eid_series_nearest (series, INFINITY);
      g_autofree char *value = NULL, *step = NULL;

      if (last < 0)
        continue;
      value = eid_format_number (g_array_index (series->y, double, last));
      step = eid_format_number (g_array_index (series->x, double, last));
      /* Translators: the newest value of a line: name, value, x axis, place on it. */
      g_string_append_printf (text, _ ("%s %s at %s %s. "), series->name, value,
                              data->x_title ? data->x_title : "", step);
    }
  for (guint i = 0; i < data->rules->len; i++)
    {
      const EidRule *rule = data->rules->pdata[i];
      g_autofree char *value = eid_format_number (rule->value);

      g_string_append_printf (text, "%s %s. ", rule->label, value);
    }
  if (text->len == 0)
    g_string_append (text, data->empty_text ? data->empty_text : _ ("No data yet"));
  g_strchomp (text->str);
  return g_string_free (text, FALSE);
}
