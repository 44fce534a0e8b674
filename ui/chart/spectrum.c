/* spectrum.c: EidSpectrum, the singular values of the features: a line chart on a log
 * axis in which the effective rank is marked. A flat line is a healthy embedding, a
 * cliff is a collapsing one.
 */
#include "ui/base/draw.h"

#include <glib/gi18n-lib.h>

#include <math.h>

struct _EidSpectrum
{
  GtkWidget parent;
  GtkWidget *chart;
};

G_DEFINE_FINAL_TYPE (EidSpectrum, eid_spectrum, GTK_TYPE_WIDGET)

static void
eid_spectrum_dispose (GObject *object)
{
  g_clear_pointer (&EID_SPECTRUM (object)->chart, gtk_widget_unparent);
  G_OBJECT_CLASS (eid_spectrum_parent_class)->dispose (object);
}

static void
eid_spectrum_class_init (EidSpectrumClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = eid_spectrum_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "eidspectrum");
}

static void
eid_spectrum_init (EidSpectrum *self)
{
  self->chart = eid_chart_new ();
  eid_chart_set_title (EID_CHART (self->chart), _ ("Singular values"));
  eid_chart_set_x_title (EID_CHART (self->chart), _ ("component"));
  eid_chart_set_log (EID_CHART (self->chart), FALSE, TRUE);
  eid_chart_set_empty_text (EID_CHART (self->chart), _ ("No spectrum yet"));
  gtk_widget_set_parent (self->chart, GTK_WIDGET (self));
}

GtkWidget *
eid_spectrum_new (void)
{
  return g_object_new (EID_TYPE_SPECTRUM, NULL);
}

void
eid_spectrum_set_values (EidSpectrum *self, const double *values, gsize n, double rank)
{
  EidChart *chart;
  g_autofree double *places = NULL;
  double floor_value = 0;

  g_return_if_fail (EID_IS_SPECTRUM (self));
  chart = EID_CHART (self->chart);
  eid_chart_clear (chart);
  if (!values || n == 0 || n > 1 << 20)
    return;

  places = g_new (double, n);
  for (gsize i = 0; i < n; i++)
    {
      places[i] = (double) (i + 1);
      if (eid_plot_value (values[i], FALSE))
        floor_value = fmax (floor_value, values[i]);
    }
  eid_chart_set_points (chart, eid_chart_add_series (chart, _ ("singular value"), 5), places, values, n);
  eid_chart_set_x_range (chart, 1, (double) n);
  if (floor_value > 0)
    eid_chart_set_y_range (chart, floor_value * 0.1, NAN); /* a flat spectrum looks flat */

  if (isfinite (rank) && rank > 0)
    eid_chart_add_marker (chart, EID_MARKER_EDIT, rank, _ ("effective rank"));
}
