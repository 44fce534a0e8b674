/* scatter.c: the watched pictures' features in the plane; see pictures.h. */
#include "app/cli/pictures.h"

#include "app/cli/figure.h"
#include "app/cli/plot.h"

#include <glib/gi18n-lib.h>
#include <math.h>

enum
{
  SIDE = 640,
  EDGE = 16, /* from the outermost points to the edge */
};

static void
largest_of (const double *values, guint count, double *largest)
{
  for (guint i = 0; i < count; i++)
    *largest = fmax (*largest, fabs (values[i]));
}

/* Of the classes that points are of, and of none. */
static void
add_classes (EidFigure *figure, const EidEmbeddingView *view, EidDataset *dataset)
{
  const guint classes = eid_dataset_classes (dataset);
  gboolean none = FALSE;

  for (guint i = 0; i < view->health->count; i++)
    none = none || view->labels[i] < 0;
  for (guint i = 0; i < MIN (classes, EID_MARKS); i++)
    eid_figure_add_mark (figure, (gint) i, eid_dataset_class_name (dataset, i));
  if (none)
    eid_figure_add_mark (figure, -1, _ ("no class"));
  if (classes > EID_MARKS)
    {
      g_autofree char *rest = g_strdup_printf (
          g_dngettext (GETTEXT_PACKAGE, "%'u further class has the same marks again.",
                       "%'u further classes have the same marks again.", classes - EID_MARKS),
          classes - EID_MARKS);

      eid_figure_add_words (figure, rest);
    }
}

gboolean
eid_draw_embedding (const EidEmbeddingView *view, EidDataset *dataset, const EidDrawNote *note,
                    const char *file, GError **error)
{
  const EidHealth *health = view->health;
  g_autoptr (EidFigure) figure = eid_figure_new (_ ("Embedding: features of test pictures"), note->subtitle);
  g_autofree char *caption = NULL, *across = NULL, *up = NULL;
  double largest = 1e-12, edge;

  largest_of (health->x, health->count, &largest);
  largest_of (health->y, health->count, &largest);
  edge = largest * (SIDE / 2) / (SIDE / 2 - EDGE);

  add_classes (figure, view, dataset);
  caption = g_strdup_printf (
      _ ("Axes of most variance: %.0f %% and %.0f %%. Effective rank %.1f of %u, z-std %.3f."),
      health->explained[0] * 100, health->explained[1] * 100, health->rank,
      MIN (MAX (health->count, 2) - 1, health->width), health->z_std);
  eid_figure_add_words (figure, caption);
  across = eid_plot_axis_name (1, health->explained[0]);
  up = eid_plot_axis_name (2, health->explained[1]);
  if (!eid_plot_begin (figure, SIDE, SIDE, &(EidPlotAxis){ across, -edge, edge, FALSE },
                       &(EidPlotAxis){ up, -edge, edge, FALSE }, file, error))
    return FALSE;
  for (guint i = 0; i < health->count; i++)
    eid_mark_draw (figure->cr, view->labels[i], SIDE / 2 + health->x[i] / largest * (SIDE / 2 - EDGE),
                   SIDE / 2 - health->y[i] / largest * (SIDE / 2 - EDGE), 3.5);
  return eid_figure_write (g_steal_pointer (&figure), file, error);
}
