/* map.c: the map and its strip; what is known of each picture is kept
 * here, so that pointing and choosing ask nobody; see map.h.       */
#include "app/workbench/pages/embedding/map-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/workbench/client/variant.h"

#define MOST_IN_STRIP 24

G_DEFINE_FINAL_TYPE (EidEmbeddingMap, eid_embedding_map, GTK_TYPE_WIDGET)

enum
{
  CHANGED,
  CHOSEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- Words --------------------------------------------------------------------------- */

static const char *
class_of (EidEmbeddingMap *self, guint i)
{
  if (self->labels == NULL || self->labels[i] < 0 || (guint) self->labels[i] >= g_strv_length (self->names))
    return _ ("no class");
  return self->names[self->labels[i]];
}

static gboolean
has_classes (EidEmbeddingMap *self)
{
  return self->labels != NULL && self->names != NULL && *self->names != NULL;
}

/* --- The strip --------------------------------------------------------------------------- */

static void
put_in_strip (EidEmbeddingMap *self, guint place, guint number, double cosine)
{
  g_autofree char *value = eid_format_number (cosine), *count = eid_format_count (number);
  const char *of_class = has_classes (self) ? class_of (self, number) : NULL;
  const char *name = of_class ? of_class : count;
  g_autofree char *caption = isnan (cosine) ? g_strdup (name) : g_strdup_printf ("%s\n%s", name, value);
  g_autofree char *sample = eid_format_sample (self->kind, number, of_class);
  g_autofree char *description = isnan (cosine) ? g_strdup (sample)
                                                /* TRANSLATORS: "picture 12, bag", and how alike it is. */
                                                : g_strdup_printf (_ ("%s, cosine %s"), sample, value);

  eid_embedding_strip_set (self->strip, place, number, eid_scatter_get_picture (self->scatter, number),
                           caption, description);
}

/* The chosen picture first, then its neighbours. */
static void
show_neighbours (EidEmbeddingMap *self)
{
  const guint k = self->neighbour_count, centre = (guint) self->centre;
  const gint32 *near = self->neighbours + (gsize) centre * k;
  g_autofree char *sample = eid_format_sample (self->kind, centre, NULL), *sentence = NULL;
  guint alike = 0;

  for (guint i = 0; i < k && has_classes (self); i++)
    alike += self->labels[near[i]] == self->labels[centre];
  sentence = has_classes (self)
                 /* TRANSLATORS: "picture 12", its class, and how many of its neighbours are of that. */
                 ? g_strdup_printf (_ ("Nearest to %s (%s) by cosine: %u of %u of its class"), sample,
                                    class_of (self, centre), alike, k)
                 /* TRANSLATORS: "picture 12". */
                 : g_strdup_printf (_ ("Nearest to %s by cosine"), sample);
  eid_embedding_strip_begin (self->strip, sentence, k + 1);
  put_in_strip (self, 0, centre, NAN);
  for (guint i = 0; i < k; i++)
    put_in_strip (self, i + 1, (guint) near[i], (double) self->cosines[(gsize) centre * k + i]);
}

static gboolean
has_neighbours (EidEmbeddingMap *self)
{
  return self->centre >= 0 && (guint) self->centre < self->count && self->neighbours;
}

static void
show_rings (EidEmbeddingMap *self)
{
  const guint k = self->neighbour_count;

  if (has_neighbours (self))
    eid_scatter_set_rings (self->scatter, self->centre, self->neighbours + (gsize) self->centre * k, k);
}

typedef struct
{
  int label;
  guint count;
} Share;

static int
compare_shares (gconstpointer a, gconstpointer b)
{
  const Share *x = a, *y = b;

  return x->count != y->count  ? (x->count < y->count ? 1 : -1)
         : x->label < y->label ? -1
                               : x->label > y->label;
}

/* "34 pictures: shirt 20, bag 10, boot 4" */
static char *
selection_in_words (EidEmbeddingMap *self, const GArray *selection)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) shares = g_array_new (FALSE, FALSE, sizeof (Share));
  g_autofree char *all = eid_format_count (selection->len);
  GString *text =
      g_string_new (NULL); /* Translators: how many pictures are selected, before how many of each class. */
  GHashTableIter iter;
  gpointer label, count;

  g_string_printf (
      text,
      self->kind == EID_SAMPLE_PASSAGE
          ? g_dngettext (GETTEXT_PACKAGE, "%s passage selected", "%s passages selected", selection->len)
          : g_dngettext (GETTEXT_PACKAGE, "%s picture selected", "%s pictures selected", selection->len),
      all);
  if (!has_classes (self))
    return g_string_free (text, FALSE);
  for (guint i = 0; i < selection->len; i++)
    {
      label = GINT_TO_POINTER (self->labels[g_array_index (selection, guint, i)]);
      count = g_hash_table_lookup (counts, label);
      g_hash_table_insert (counts, label, GUINT_TO_POINTER (GPOINTER_TO_UINT (count) + 1));
    }
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &label, &count))
    {
      const Share share = { GPOINTER_TO_INT (label), GPOINTER_TO_UINT (count) };

      g_array_append_val (shares, share);
    }
  g_array_sort (shares, compare_shares);
  for (guint i = 0; i < shares->len; i++)
    {
      const Share *share = &g_array_index (shares, Share, i);
      const gboolean named = share->label >= 0 && (guint) share->label < g_strv_length (self->names);

      g_string_append_printf (text, "%s%s %u", i > 0 ? ", " : ": ",
                              named ? self->names[share->label] : _ ("no class"), share->count);
    }
  return g_string_free (text, FALSE);
}

static void
show_selection (EidEmbeddingMap *self, const GArray *selection)
{
  g_autofree char *sentence = selection_in_words (self, selection);

  eid_embedding_strip_begin (self->strip, sentence, MIN (selection->len, MOST_IN_STRIP));
  for (guint i = 0; i < MIN (selection->len, MOST_IN_STRIP); i++)
    put_in_strip (self, i, g_array_index (selection, guint, i), NAN);
}

/* A selection goes before neighbours: it was made later, or would have been given up. */
static void
update_strip (EidEmbeddingMap *self)
{
  g_autoptr (GArray) selection = eid_scatter_get_selection (self->scatter);

  self->stale = FALSE;
  if (selection->len > 0)
    show_selection (self, selection);
  else if (has_neighbours (self))
    show_neighbours (self);
  else
    eid_embedding_strip_begin (self->strip, "", 0);
}

/* The same once the pointer is elsewhere: no picture moves under it. */
static void
update_strip_later (EidEmbeddingMap *self)
{
  if (eid_embedding_strip_is_pointed (self->strip))
    self->stale = TRUE;
  else
    update_strip (self);
}

static void
on_left (EidEmbeddingMap *self)
{
  if (self->stale)
    update_strip (self);
}

static void
on_activated (EidEmbeddingMap *self, guint number)
{
  eid_scatter_clear_selection (self->scatter);
  self->centre = (int) number;
  show_rings (self);
  eid_embedding_strip_mark (self->strip, number);
  update_strip_later (self);
  g_signal_emit (self, signals[CHOSEN], 0);
}

static void
on_selected (EidEmbeddingMap *self)
{
  self->centre = -1;
  eid_scatter_set_rings (self->scatter, -1, NULL, 0);
  update_strip (self);
  g_signal_emit (self, signals[CHOSEN], 0);
}

void
eid_embedding_map_choose (EidEmbeddingMap *self, int centre, const guint *selection, gsize n)
{
  self->centre = centre;
  eid_scatter_set_rings (self->scatter, -1, NULL, 0);
  eid_scatter_set_selection (self->scatter, selection, n);
  show_rings (self);
  update_strip (self);
}

static void
on_closed (EidEmbeddingMap *self)
{
  eid_scatter_clear_selection (self->scatter);
  on_selected (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->scatter));
}

/* --- Answers ---------------------------------------------------------------------------------- */

static void
name_axes (EidEmbeddingMap *self, GVariant *picture)
{
  g_autoptr (GVariant) keep = NULL;
  gsize n;
  const double *explained = eid_answer_doubles (picture, "explained", &n, &keep);
  g_autofree char *first = eid_format_percent (explained && n > 0 ? explained[0] : NAN);
  g_autofree char *second = eid_format_percent (explained && n > 1 ? explained[1] : NAN);
  /* Turned to stay like the look before, x and y are no principal axes: only their plane is. */
  g_autofree char *x = g_strdup_printf (_ ("plane of the two main axes, across: %s of the variance"), first);
  g_autofree char *y = g_strdup_printf (_ ("the same, upwards: %s of the variance"), second);

  eid_scatter_set_axis_titles (self->scatter, x, y);
}

static void
tell_progress (EidEmbeddingMap *self, GVariant *picture)
{
  const guint done = eid_answer_uint (picture, "iterations"),
              wanted = eid_answer_uint (picture, "iterations-wanted");
  g_autofree char *so_far = eid_format_count (done), *all = eid_format_count (wanted);
  g_autofree char *divergence = eid_format_number (eid_answer_double (picture, "divergence"));
  g_autofree char *count = eid_format_count (self->count), *text = NULL;

  self->unsettled = done < wanted;
  if (wanted == 0)
    text = g_strdup_printf (self->kind == EID_SAMPLE_PASSAGE ? _ ("%s passages") : _ ("%s pictures"), count);
  else if (self->unsettled)
    text = g_strdup_printf (_ ("iteration %s of %s · divergence %s"), so_far, all, divergence);
  else
    text = g_strdup_printf (_ ("settled after %s iterations · divergence %s"), so_far, divergence);
  gtk_label_set_label (self->numbers, text);
}

/* Neighbours that name no picture of the map are not believed. */
static void
read_neighbours (EidEmbeddingMap *self, GVariant *picture)
{
  g_autoptr (GVariant) keep = NULL;
  gsize n;
  const gint32 *neighbours = eid_answer_ints (picture, "neighbours", &n, &keep);
  const guint k = eid_answer_uint (picture, "neighbour-count");
  const gsize expected = eid_answer_size (self->count, k);
  g_autoptr (GBytes) cosines =
      eid_answer_bytes (picture, "neighbour-cosines", eid_answer_size (self->count, k, sizeof (float)));

  g_clear_pointer (&self->neighbours, g_free);
  g_clear_pointer (&self->cosines, g_free);
  if (!neighbours || !cosines || expected == 0 || n != expected)
    return;
  for (gsize i = 0; i < n; i++)
    if (neighbours[i] < 0 || (guint) neighbours[i] >= self->count)
      return;
  self->neighbour_count = k;
  self->neighbours = g_memdup2 (neighbours, n * sizeof *neighbours);
  self->cosines = g_memdup2 (g_bytes_get_data (cosines, NULL), n * sizeof (float));
}

static void
read_pictures (EidEmbeddingMap *self, GVariant *picture)
{
  const guint size = eid_answer_uint (picture, "size"), channels = eid_answer_uint (picture, "channels");
  g_autoptr (GBytes) pixels =
      eid_answer_bytes (picture, "pictures", eid_answer_size (self->count, size, size, channels));

  if (pixels == NULL)
    return;
  self->has_pictures = eid_scatter_set_pictures (self->scatter, pixels, size, channels);
  gtk_widget_set_visible (GTK_WIDGET (self->pictures), self->has_pictures);
}

void
eid_embedding_map_add_options (EidEmbeddingMap *self, GVariantDict *options)
{
  const gboolean tsne = gtk_toggle_button_get_active (self->tsne);

  g_variant_dict_insert (options, "method", "s", tsne ? "tsne" : "pca");
  /* They stay the same: once is enough. */
  g_variant_dict_insert (options, "pictures", "b", !self->has_pictures);
}

gboolean
eid_embedding_map_show (EidEmbeddingMap *self, GVariant *picture)
{
  g_autoptr (GVariant) keep_x = NULL, keep_y = NULL, keep_label = NULL;
  gsize n_x, n_y, n_label;
  const double *x = eid_answer_doubles (picture, "x", &n_x, &keep_x);
  const double *y = eid_answer_doubles (picture, "y", &n_y, &keep_y);
  const gint32 *label = eid_answer_ints (picture, "label", &n_label, &keep_label);
  const gboolean tsne = eid_answer_uint (picture, "iterations-wanted") > 0;

  if (x == NULL || y == NULL || n_x != n_y || n_x > G_MAXINT)
    return FALSE;
  if (n_x != self->count)
    {
      self->centre = -1;
      self->has_pictures = FALSE;
    }
  self->count = (guint) n_x;
  g_free (self->labels);
  self->labels = label && n_label == n_x ? g_memdup2 (label, n_x * sizeof *label) : NULL;
  eid_embedding_map_set_names (self, eid_answer_strings (picture, "class-names"));
  if (tsne)
    eid_scatter_set_axis_titles (self->scatter, NULL, NULL);
  else
    name_axes (self, picture);
  eid_scatter_set_points (self->scatter, x, y, self->labels, n_x);
  read_pictures (self, picture);
  read_neighbours (self, picture);
  tell_progress (self, picture);
  show_rings (self);
  update_strip_later (self);
  return TRUE;
}

gboolean
eid_embedding_map_is_unsettled (EidEmbeddingMap *self)
{
  return self->unsettled && gtk_toggle_button_get_active (self->tsne);
}

void
eid_embedding_map_clear (EidEmbeddingMap *self, EidSampleKind kind)
{
  self->kind = kind;
  eid_scatter_set_kind (self->scatter, kind);
  eid_scatter_set_points (self->scatter, NULL, NULL, NULL, 0);
  self->count = 0;
  self->centre = -1;
  self->has_pictures = self->unsettled = FALSE;
  g_clear_pointer (&self->neighbours, g_free);
  g_clear_pointer (&self->cosines, g_free);
  g_clear_pointer (&self->labels, g_free);
  eid_embedding_map_set_names (self, g_new0 (char *, 1));
  gtk_label_set_label (self->numbers, "");
  update_strip (self);
}

/* --- The widget ---------------------------------------------------------------------------------- */

static void
eid_embedding_map_dispose (GObject *object)
{
  g_clear_pointer (&EID_EMBEDDING_MAP (object)->box, gtk_widget_unparent);
  g_clear_object (&EID_EMBEDDING_MAP (object)->controls);
  G_OBJECT_CLASS (eid_embedding_map_parent_class)->dispose (object);
}

static void
eid_embedding_map_finalize (GObject *object)
{
  EidEmbeddingMap *self = EID_EMBEDDING_MAP (object);

  g_free (self->labels);
  g_free (self->neighbours);
  g_free (self->cosines);
  g_strfreev (self->names);
  G_OBJECT_CLASS (eid_embedding_map_parent_class)->finalize (object);
}

static void
eid_embedding_map_class_init (EidEmbeddingMapClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = eid_embedding_map_dispose;
  G_OBJECT_CLASS (klass)->finalize = eid_embedding_map_finalize;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
eid_embedding_map_init (EidEmbeddingMap *self)
{
  self->centre = -1;
  self->names = g_new0 (char *, 1);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->scatter = EID_SCATTER (eid_scatter_new ());
  self->strip = EID_EMBEDDING_STRIP (eid_embedding_strip_new ());
  gtk_widget_set_hexpand (GTK_WIDGET (self->scatter), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->scatter), TRUE);
  g_signal_connect_swapped (self->scatter, "activated", G_CALLBACK (on_activated), self);
  g_signal_connect_swapped (self->scatter, "selected", G_CALLBACK (on_selected), self);
  g_signal_connect_swapped (self->strip, "activated", G_CALLBACK (on_activated), self);
  g_signal_connect_swapped (self->strip, "closed", G_CALLBACK (on_closed), self);
  g_signal_connect_swapped (self->strip, "left", G_CALLBACK (on_left), self);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->scatter));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->strip));
  self->controls = g_object_ref_sink (eid_embedding_map_make_controls (self));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->numbers));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
eid_embedding_map_get_controls (EidEmbeddingMap *self)
{
  return self->controls;
}

GtkWidget *
eid_embedding_map_new (void)
{
  return g_object_new (EID_TYPE_EMBEDDING_MAP, NULL);
}
