/* page-embedding.c: where the test pictures lie in the space of features, seen
 * along its two widest axes, and how many axes it fills.                      */
#include "pages.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/wire/wire.h"
#include "ui/ui.h"

#include "answer.h"

struct _EidPageEmbedding
{
  EidPage parent_instance;

  EidScatter *scatter;
  EidSpectrum *spectrum;
  GtkLabel *numbers;
};

static guint health_signal;

G_DEFINE_FINAL_TYPE (EidPageEmbedding, eid_page_embedding, EID_TYPE_PAGE)

static void
name_axes (EidPageEmbedding *self, GVariant *picture)
{
  g_autoptr (GVariant) keep = NULL;
  gsize n;
  const double *explained = eid_answer_doubles (picture, "explained", &n, &keep);
  g_autofree char *first = eid_format_percent (explained && n > 0 ? explained[0] : NAN);
  g_autofree char *second = eid_format_percent (explained && n > 1 ? explained[1] : NAN);
  g_autofree char *x = g_strdup_printf (_ ("axis 1 (%s of the variance)"), first);
  g_autofree char *y = g_strdup_printf (_ ("axis 2 (%s of the variance)"), second);

  eid_scatter_set_axis_titles (self->scatter, x, y);
}

static gboolean
show (EidPage *page, guint64 step, GVariant *picture)
{
  EidPageEmbedding *self = EID_PAGE_EMBEDDING (page);
  g_autoptr (GVariant) keep_x = NULL, keep_y = NULL, keep_label = NULL, keep_spectrum = NULL;
  gsize n_x, n_y, n_label, n_spectrum;
  const double *x = eid_answer_doubles (picture, "x", &n_x, &keep_x);
  const double *y = eid_answer_doubles (picture, "y", &n_y, &keep_y);
  const gint32 *label = eid_answer_ints (picture, "label", &n_label, &keep_label);
  const double *spectrum = eid_answer_doubles (picture, "spectrum", &n_spectrum, &keep_spectrum);
  g_auto (GStrv) names = eid_answer_strings (picture, "class-names");
  const double rank = eid_answer_double (picture, "rank"), z_std = eid_answer_double (picture, "z-std");
  const double healthy = eid_answer_double (picture, "healthy");
  const guint width = eid_answer_uint (picture, "width");
  g_autofree char *count_text = eid_format_count (n_x), *rank_text = eid_format_number (rank);
  g_autofree char *z_text = eid_format_number (z_std), *healthy_text = eid_format_number (healthy);
  g_autofree char *cosine_text = eid_format_number (eid_answer_double (picture, "cosine"));
  g_autofree char *alpha_text = eid_format_number (eid_answer_double (picture, "alpha-req"));
  g_autofree char *numbers = NULL;

  if (x == NULL || y == NULL || n_x != n_y)
    return FALSE;
  name_axes (self, picture);
  eid_scatter_set_class_names (self->scatter, *names ? (const char *const *) names : NULL);
  eid_scatter_set_points (self->scatter, x, y, n_label == n_x ? label : NULL, n_x);
  eid_spectrum_set_values (self->spectrum, spectrum, n_spectrum, rank);
  numbers =
      g_strdup_printf (_ ("%s pictures · effective rank %s of %u · z-std %s (1/√d = %s) · mean cosine %s "
                          "(alike over 0.9) · α-ReQ %s (good near 1)"),
                       count_text, rank_text, width, z_text, healthy_text, cosine_text, alpha_text);
  gtk_label_set_label (self->numbers, numbers);
  g_signal_emit (self, health_signal, 0, z_std, healthy, rank, width);
  return TRUE;
}

static void
clear (EidPage *page)
{
  EidPageEmbedding *self = EID_PAGE_EMBEDDING (page);

  eid_scatter_set_points (self->scatter, NULL, NULL, NULL, 0);
  eid_spectrum_set_values (self->spectrum, NULL, 0, NAN);
  gtk_label_set_label (self->numbers, "");
}

static void
eid_page_embedding_class_init (EidPageEmbeddingClass *klass)
{
  EidPageClass *page_class = EID_PAGE_CLASS (klass);

  page_class->view = EID_WIRE_VIEW_EMBEDDING;
  page_class->title = N_ ("Embedding");
  page_class->icon = "eid-embedding-symbolic";
  page_class->promise = N_ ("Each test picture as a point, classes in colours, and whether the features fill "
                            "their space or collapse.");
  page_class->show = show;
  page_class->clear = clear;

  health_signal = g_signal_new ("health", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 4, G_TYPE_DOUBLE, G_TYPE_DOUBLE, G_TYPE_DOUBLE, G_TYPE_UINT);
}

static void
eid_page_embedding_init (EidPageEmbedding *self)
{
  GtkWidget *grid = gtk_grid_new ();

  self->scatter = EID_SCATTER (eid_scatter_new ());
  self->spectrum = EID_SPECTRUM (eid_spectrum_new ());
  self->numbers = GTK_LABEL (gtk_label_new (""));
  gtk_label_set_xalign (self->numbers, 0);
  gtk_label_set_wrap (self->numbers, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->numbers), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->numbers), "numeric");
  gtk_widget_set_hexpand (GTK_WIDGET (self->scatter), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->scatter), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->spectrum), TRUE);
  /* Two thirds for the points, one for the spectrum. */
  gtk_grid_set_column_homogeneous (GTK_GRID (grid), TRUE);
  gtk_grid_attach (GTK_GRID (grid), GTK_WIDGET (self->scatter), 0, 0, 2, 1);
  gtk_grid_attach (GTK_GRID (grid), GTK_WIDGET (self->spectrum), 2, 0, 1, 1);
  eid_page_set_content (EID_PAGE (self), grid);
  eid_page_add_control (EID_PAGE (self), GTK_WIDGET (self->numbers));
}
