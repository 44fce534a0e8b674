/* choice.c: what is chosen on a map, told to the map of another run beside it and taken
 * from there: method, classes, pictures, lasso; and the picture or pictures that were chosen, which
 * are the same ones there. */
#include "app/workbench/pages/embedding/map-private.h"

static void
save_classes (EidEmbeddingMap *self, GVariantDict *choice)
{
  GVariantBuilder shown;

  g_variant_builder_init (&shown, G_VARIANT_TYPE ("ab"));
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->class_list)); child;
       child = gtk_widget_get_next_sibling (child))
    g_variant_builder_add (&shown, "b", gtk_check_button_get_active (GTK_CHECK_BUTTON (child)));
  g_variant_dict_insert_value (choice, "classes", g_variant_builder_end (&shown));
}

static void
take_classes (EidEmbeddingMap *self, GVariantDict *choice)
{
  g_autoptr (GVariant) shown = g_variant_dict_lookup_value (choice, "classes", G_VARIANT_TYPE ("ab"));
  const gsize n = shown ? g_variant_n_children (shown) : 0;
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->class_list));

  for (gsize i = 0; i < n && child; i++, child = gtk_widget_get_next_sibling (child))
    {
      gboolean active;

      g_variant_get_child (shown, i, "b", &active);
      gtk_check_button_set_active (GTK_CHECK_BUTTON (child), active);
    }
}

void
eid_embedding_map_save_choice (EidEmbeddingMap *self, GVariantDict *choice, gboolean controls)
{
  g_autoptr (GArray) selection = eid_scatter_get_selection (self->scatter);

  g_variant_dict_insert (choice, "centre", "i", (gint32) self->centre);
  g_variant_dict_insert_value (
      choice, "selection",
      g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, selection->data, selection->len, sizeof (guint32)));
  if (!controls)
    return;
  g_variant_dict_insert (choice, "tsne", "b", gtk_toggle_button_get_active (self->tsne));
  g_variant_dict_insert (choice, "pictures", "b", gtk_toggle_button_get_active (self->pictures));
  g_variant_dict_insert (choice, "lasso", "b", gtk_toggle_button_get_active (self->lasso));
  save_classes (self, choice);
}

static void
take_toggle (GVariantDict *choice, const char *key, GtkToggleButton *button)
{
  gboolean active;

  if (g_variant_dict_lookup (choice, key, "b", &active))
    gtk_toggle_button_set_active (button, active);
}

/* t-SNE is one of two of which one is always active. */
static void
take_method (EidEmbeddingMap *self, GVariantDict *choice)
{
  gboolean tsne;

  if (g_variant_dict_lookup (choice, "tsne", "b", &tsne))
    gtk_toggle_button_set_active (tsne ? self->tsne : self->pca, TRUE);
}

void
eid_embedding_map_take_choice (EidEmbeddingMap *self, GVariantDict *choice)
{
  g_autoptr (GVariant) selection = g_variant_dict_lookup_value (choice, "selection", G_VARIANT_TYPE ("au"));
  gsize n = 0;
  const guint *chosen = selection ? g_variant_get_fixed_array (selection, &n, sizeof *chosen) : NULL;
  int centre = -1;

  take_method (self, choice);
  take_toggle (choice, "pictures", self->pictures);
  take_toggle (choice, "lasso", self->lasso);
  take_classes (self, choice);
  g_variant_dict_lookup (choice, "centre", "i", &centre);
  eid_embedding_map_choose (self, centre, chosen, n);
}
