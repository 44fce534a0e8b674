/* attention.c: see attention.h. A map is a matrix [tokens, tokens], a row for each query: which of
 * its rows colours the text is chosen here, without asking the engine.            */
#include "app/workbench/pages/plugin/attention.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ui/ui.h"

#include "app/workbench/client/variant.h"

enum
{
  MOST_CHOICES = 256,
  MATRIX = 420, /* pixels a side, at most    */
  TOLD = 3      /* tokens named in words     */
};

struct _EidOwnAttention
{
  GtkBox parent_instance;

  GtkDropDown *layers, *heads;
  EidColourBar *legend;
  EidTokenStrip *strip;
  GtkLabel *sentence;
  EidHeatMap *matrix;

  guint n_layers, n_heads, length;
  char **names;    /* [length] of the tokens */
  GBytes *weights; /* float32 [length, length] */
  int query;       /* as chosen              */
  gboolean adjusting;
};

G_DEFINE_FINAL_TYPE (EidOwnAttention, eid_own_attention, GTK_TYPE_BOX)

enum
{
  MAP_CHOSEN,
  QUERY_CHOSEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- The query ------------------------------------------------------------------- */

static guint
query_of (EidOwnAttention *self)
{
  return self->query >= 0 && (guint) self->query < self->length ? (guint) self->query : self->length - 1;
}

static const float *
row_of (EidOwnAttention *self, guint query)
{
  return (const float *) g_bytes_get_data (self->weights, NULL) + (gsize) query * self->length;
}

/* The token that has the largest weight after that of @last, @length being before the first and after the
 * last one that has any. */
static guint
next_largest (const float *row, guint length, guint last)
{
  guint found = length;

  for (guint i = 0; i < length; i++)
    if ((last == length || row[i] < row[last] || (row[i] == row[last] && i > last))
        && (found == length || row[i] > row[found]) && row[i] > 0)
      found = i;
  return found;
}

static void
tell (EidOwnAttention *self, guint query)
{
  const float *row = row_of (self, query);
  g_autofree char *name = eid_token_name (self->names[query]), *number = eid_format_count (query + 1);
  g_autofree char *sentence = NULL;
  g_autoptr (GString) most = g_string_new (NULL);
  guint token = self->length;

  for (guint i = 0; i < TOLD; i++)
    {
      g_autofree char *other = NULL, *place = NULL, *share = NULL;

      token = next_largest (row, self->length, token);
      if (token == self->length)
        break;
      other = eid_token_name (self->names[token]);
      place = eid_format_count (token + 1);
      share = eid_format_percent ((double) row[token]);
      /* TRANSLATORS: a token of a text, its place, and the share of attention that it has. */
      g_string_append_printf (most, _ ("%s%s (%s) %s"), i > 0 ? ", " : "", other, place, share);
    }
  /* TRANSLATORS: a token of a text, its place, and the tokens that it attends to most. */
  sentence = g_strdup_printf (_ ("Query %s (%s) attends most to %s"), name, number, most->str);
  gtk_label_set_label (self->sentence, sentence);
}

/* The text on the colours of what the query attends to; a token does not see those after it. */
static void
colour (EidOwnAttention *self)
{
  const guint query = query_of (self);
  const float *row = row_of (self, query);
  g_autofree gint32 *tokens = g_new (gint32, self->length);
  g_autofree double *values = g_new (double, self->length);
  double greatest = 0;

  for (guint i = 0; i < self->length; i++)
    {
      tokens[i] = (gint32) i;
      values[i] = i <= query ? (double) row[i] : NAN;
      greatest = fmax (greatest, (double) row[i]);
    }
  eid_token_strip_set_tokens (self->strip, &(EidTokens){ .count = 1,
                                                         .length = self->length,
                                                         .words = (const char *const *) self->names,
                                                         .tokens = tokens,
                                                         .values = values,
                                                         .greatest = greatest });
  eid_token_strip_set_mark (self->strip, (int) query);
  eid_colour_bar_set_range (self->legend, 0, greatest);
  tell (self, query);
}

void
eid_own_attention_set_query (EidOwnAttention *self, int query)
{
  if (query == self->query)
    return;
  self->query = query;
  if (self->weights)
    colour (self);
}

/* The last one pointed at stays. */
static void
on_pointed (EidOwnAttention *self, int token)
{
  if (token < 0 || token == self->query)
    return;
  eid_own_attention_set_query (self, token);
  g_signal_emit (self, signals[QUERY_CHOSEN], 0, token);
}

/* --- Layer and head ------------------------------------------------------------------ */

static void
on_map_chosen (EidOwnAttention *self)
{
  const guint layer = gtk_drop_down_get_selected (self->layers);
  const guint head = gtk_drop_down_get_selected (self->heads);

  if (!self->adjusting && layer != GTK_INVALID_LIST_POSITION && head != GTK_INVALID_LIST_POSITION)
    g_signal_emit (self, signals[MAP_CHOSEN], 0, (int) layer, (int) head - 1);
}

/* @first, unless it is NULL, and numbers up to @count. */
static void
fill (GtkDropDown *list, const char *first, guint count)
{
  g_autoptr (GtkStringList) entries = gtk_string_list_new (NULL);

  if (first)
    gtk_string_list_append (entries, first);
  for (guint i = 1; i <= MIN (count, MOST_CHOICES); i++)
    gtk_string_list_take (entries, g_strdup_printf ("%u", i));
  gtk_drop_down_set_model (list, G_LIST_MODEL (entries));
}

static void
update_choices (EidOwnAttention *self, GVariant *view)
{
  const guint layers = eid_answer_uint (view, "layers"), heads = eid_answer_uint (view, "heads");

  self->adjusting = TRUE;
  if (layers != self->n_layers)
    fill (self->layers, NULL, layers);
  if (heads != self->n_heads)
    fill (self->heads, _ ("Mean"), heads);
  self->n_layers = layers;
  self->n_heads = heads;
  gtk_drop_down_set_selected (self->layers, (guint) MAX (eid_answer_int (view, "layer"), 0));
  gtk_drop_down_set_selected (self->heads, (guint) (MAX (eid_answer_int (view, "head"), -1) + 1));
  self->adjusting = FALSE;
}

gboolean
eid_own_attention_show (EidOwnAttention *self, GVariant *view)
{
  const guint length = eid_answer_uint (view, "rows");
  g_autoptr (GBytes) weights =
      eid_answer_bytes (view, "values", eid_answer_size (length, length, (guint) sizeof (float)));
  g_auto (GStrv) names = eid_answer_strings (view, "names");

  if (weights == NULL || eid_answer_uint (view, "columns") != length || g_strv_length (names) != length
      || !eid_heat_map_set_values (self->matrix, weights, length, length, 0, 1, (const char *const *) names))
    return FALSE;
  g_clear_pointer (&self->weights, g_bytes_unref);
  self->weights = g_steal_pointer (&weights);
  g_strfreev (self->names);
  self->names = g_steal_pointer (&names);
  self->length = length;
  update_choices (self, view);
  colour (self);
  return TRUE;
}

/* --- The object ------------------------------------------------------------------------ */

static void
eid_own_attention_finalize (GObject *object)
{
  EidOwnAttention *self = EID_OWN_ATTENTION (object);

  g_clear_pointer (&self->weights, g_bytes_unref);
  g_strfreev (self->names);
  G_OBJECT_CLASS (eid_own_attention_parent_class)->finalize (object);
}

static void
eid_own_attention_class_init (EidOwnAttentionClass *klass)
{
  const GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = eid_own_attention_finalize;
  signals[MAP_CHOSEN] = g_signal_new ("map-chosen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                      2, G_TYPE_INT, G_TYPE_INT);
  signals[QUERY_CHOSEN] =
      g_signal_new ("query-chosen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

/* A word and the list it names. */
static GtkDropDown *
add_choice (EidOwnAttention *self, GtkWidget *row, const char *name)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *list = gtk_drop_down_new (NULL, NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_object (list, "notify::selected", G_CALLBACK (on_map_chosen), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), gtk_label_new (name));
  gtk_box_append (GTK_BOX (box), list);
  eid_wrap_box_append (EID_WRAP_BOX (row), box);
  return GTK_DROP_DOWN (list);
}

static void
eid_own_attention_init (EidOwnAttention *self)
{
  GtkWidget *row = eid_wrap_box_new (12), *sentence = gtk_label_new ("");

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 6);
  self->query = -1;
  self->layers = add_choice (self, row, _ ("Layer"));
  self->heads = add_choice (self, row, _ ("Head"));
  self->legend = EID_COLOUR_BAR (eid_colour_bar_new (_ ("Attention of the query")));
  eid_wrap_box_append (EID_WRAP_BOX (row), GTK_WIDGET (self->legend));
  self->strip = EID_TOKEN_STRIP (eid_token_strip_new ());
  eid_token_strip_set_title (self->strip, _ ("What the query attends to"));
  gtk_widget_set_tooltip_text (row, _ ("Point at a token of the text to make it the query"));
  g_signal_connect_object (self->strip, "pointed", G_CALLBACK (on_pointed), self, G_CONNECT_SWAPPED);
  self->sentence = GTK_LABEL (sentence);
  gtk_label_set_xalign (self->sentence, 0);
  gtk_label_set_wrap (self->sentence, TRUE);
  gtk_widget_add_css_class (sentence, "dim-label");
  gtk_widget_add_css_class (sentence, "numeric");
  self->matrix = EID_HEAT_MAP (eid_heat_map_new ());
  eid_heat_map_set_title (self->matrix, _ ("Attention of every token"));
  gtk_widget_set_size_request (GTK_WIDGET (self->matrix), -1, MATRIX);
  gtk_widget_set_margin_start (row, 12);
  gtk_widget_set_margin_end (row, 12);
  gtk_widget_set_margin_start (sentence, 12);
  gtk_widget_set_margin_end (sentence, 12);
  gtk_box_append (GTK_BOX (self), row);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->strip));
  gtk_box_append (GTK_BOX (self), sentence);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->matrix));
}

GtkWidget *
eid_own_attention_new (void)
{
  return g_object_new (EID_TYPE_OWN_ATTENTION, NULL);
}
