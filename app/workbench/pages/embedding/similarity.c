/* similarity.c: the matrix and its sentence; see views.h. */
#include "app/workbench/pages/embedding/views.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/workbench/client/variant.h"

struct _EidEmbeddingSimilarity
{
  AdwBin parent_instance;

  EidSampleKind kind;
  EidMatrix *matrix;
  GtkLabel *numbers;
};

G_DEFINE_FINAL_TYPE (EidEmbeddingSimilarity, eid_embedding_similarity, ADW_TYPE_BIN)

static void
tell_means (EidEmbeddingSimilarity *self, guint count)
{
  const gboolean passages = self->kind == EID_SAMPLE_PASSAGE;
  double within, between;
  g_autofree char *number = eid_format_count (count);
  g_autofree char *text = NULL;

  eid_matrix_get_means (self->matrix, &within, &between);
  if (isfinite (within) && isfinite (between))
    {
      g_autofree char *one = eid_format_number (within), *two = eid_format_number (between);

      text = g_strdup_printf (
          passages ? _ ("Cosines of %s passages, sorted by class · mean %s within classes, %s between them")
                   : _ ("Cosines of %s pictures, sorted by class · mean %s within classes, %s between them"),
          number, one, two);
    }
  else
    text = g_strdup_printf (passages ? _ ("Cosines of %s passages") : _ ("Cosines of %s pictures"), number);
  gtk_label_set_label (self->numbers, text);
}

gboolean
eid_embedding_similarity_show (EidEmbeddingSimilarity *self, GVariant *picture)
{
  const guint count = eid_answer_uint (picture, "count");
  g_autoptr (GVariant) keep_order = NULL, keep_label = NULL;
  gsize n_order, n_label;
  const gint32 *order = eid_answer_ints (picture, "order", &n_order, &keep_order);
  const gint32 *label = eid_answer_ints (picture, "label", &n_label, &keep_label);
  g_autoptr (GBytes) cosines =
      eid_answer_bytes (picture, "cosines", eid_answer_size (count, count, sizeof (float)));
  g_auto (GStrv) names = eid_answer_strings (picture, "class-names");

  if (cosines == NULL)
    return FALSE;
  eid_matrix_set_class_names (self->matrix, *names ? (const char *const *) names : NULL);
  if (!eid_matrix_set_values (self->matrix, cosines, count, *names && n_label == count ? label : NULL,
                              n_order == count ? order : NULL))
    return FALSE;
  tell_means (self, count);
  return TRUE;
}

void
eid_embedding_similarity_clear (EidEmbeddingSimilarity *self, EidSampleKind kind)
{
  self->kind = kind;
  eid_matrix_set_kind (self->matrix, kind);
  eid_matrix_set_values (self->matrix, NULL, 0, NULL, NULL);
  gtk_label_set_label (self->numbers, "");
}

static void
eid_embedding_similarity_class_init (EidEmbeddingSimilarityClass *klass)
{
}

static void
eid_embedding_similarity_init (EidEmbeddingSimilarity *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->matrix = EID_MATRIX (eid_matrix_new ());
  self->numbers = GTK_LABEL (gtk_label_new (""));
  gtk_widget_set_hexpand (GTK_WIDGET (self->matrix), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->matrix), TRUE);
  gtk_label_set_wrap (self->numbers, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->numbers), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->numbers), "numeric");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->matrix));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->numbers));
  adw_bin_set_child (ADW_BIN (self), box);
}

GtkWidget *
eid_embedding_similarity_new (void)
{
  return g_object_new (EID_TYPE_EMBEDDING_SIMILARITY, NULL);
}
