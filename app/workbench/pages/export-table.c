/* export-table.c: what a page was drawn from, as comma-separated values: a table of
 * the views with a function each, and the same long form for all others.     */
#include "app/workbench/pages/export.h"

#include <math.h>
#include <string.h>

#include "app/workbench/client/variant.h"
#include "app/store/store.h"

/* --- Cells ------------------------------------------------------------------ */

static void
add_number (GString *table, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  /* An empty cell is what is not known. */
  if (isfinite (value))
    g_string_append (table, g_ascii_formatd (buffer, sizeof buffer, "%.9g", value));
}

static void
add_text (GString *table, const char *text)
{
  g_autofree char *cell = eid_csv_cell (text, FALSE);

  g_string_append (table, cell);
}

/* --- Views ------------------------------------------------------------------ */

/* A row a point. */
static void
write_embedding (GString *table, GVariant *picture)
{
  GVariant *keep_x = NULL, *keep_y = NULL, *keep_labels = NULL;
  gsize n_x = 0, n_y = 0, n_labels = 0;
  const double *x = eid_answer_doubles (picture, "x", &n_x, &keep_x);
  const double *y = eid_answer_doubles (picture, "y", &n_y, &keep_y);
  const gint32 *labels = eid_answer_ints (picture, "label", &n_labels, &keep_labels);
  g_auto (GStrv) names = eid_answer_strings (picture, "class-names");
  const int classes = (int) g_strv_length (names);

  g_string_append (table, "point,x,y,label,class\r\n");
  for (gsize i = 0; i < MIN (n_x, n_y); i++)
    {
      const int label = i < n_labels ? labels[i] : -1;

      g_string_append_printf (table, "%" G_GSIZE_FORMAT ",", i);
      add_number (table, x[i]);
      g_string_append_c (table, ',');
      add_number (table, y[i]);
      g_string_append_printf (table, ",%d,", label);
      add_text (table, label >= 0 && label < classes ? names[label] : "");
      g_string_append (table, "\r\n");
    }
  g_clear_pointer (&keep_x, g_variant_unref);
  g_clear_pointer (&keep_y, g_variant_unref);
  g_clear_pointer (&keep_labels, g_variant_unref);
}

/* Where among `planes` the map of the layer and head in front is; the first else. */
static guint
plane_in_front (GVariant *picture, guint *count)
{
  g_autoptr (GVariant) planes = g_variant_lookup_value (picture, "planes", G_VARIANT_TYPE ("a(ii)"));
  const int wanted_layer = eid_answer_int (picture, "layer"), wanted_head = eid_answer_int (picture, "head");

  *count = planes ? (guint) g_variant_n_children (planes) : 0;
  for (guint i = 0; i < *count; i++)
    {
      int layer, head;

      g_variant_get_child (planes, i, "(ii)", &layer, &head);
      if (layer == wanted_layer && head == wanted_head)
        return i;
    }
  return 0;
}

/* A row for each pair of tokens, of the layer and head in front. */
static void
write_attention (GString *table, GVariant *picture)
{
  const guint count = eid_answer_uint (picture, "count"), grid = eid_answer_uint (picture, "grid");
  const guint tokens = eid_answer_uint (picture, "extra") + grid * grid;
  guint planes;
  const guint plane = plane_in_front (picture, &planes);
  g_autoptr (GBytes) map_bytes =
      eid_answer_bytes (picture, "maps", eid_answer_size (planes, count, tokens, tokens));
  g_autoptr (GBytes) greatest_bytes =
      eid_answer_bytes (picture, "greatest", eid_answer_size (planes, count, tokens, (guint) sizeof (float)));
  const guint8 *maps = map_bytes ? g_bytes_get_data (map_bytes, NULL) : NULL;
  const guint8 *greatest = greatest_bytes ? g_bytes_get_data (greatest_bytes, NULL) : NULL;
  const gsize rows = (gsize) count * tokens;

  g_string_append (table, "picture,query,key,weight\r\n");
  for (gsize row = 0; maps && greatest && row < rows; row++)
    {
      float most;

      memcpy (&most, greatest + (plane * rows + row) * sizeof most, sizeof most);
      for (guint key = 0; key < tokens; key++)
        {
          g_string_append_printf (table, "%u,%u,%u,", (guint) (row / tokens), (guint) (row % tokens), key);
          add_number (table, maps[(plane * rows + row) * tokens + key] / 255.0 * (double) most);
          g_string_append (table, "\r\n");
        }
    }
}

/* A row a pixel. */
static void
write_reconstruction (GString *table, GVariant *picture)
{
  const guint count = eid_answer_uint (picture, "count"), size = eid_answer_uint (picture, "size");
  const double most = eid_answer_double (picture, "error-max");
  g_autoptr (GBytes) bytes = eid_answer_bytes (picture, "errors", eid_answer_size (count, size, size));
  const guint8 *errors = bytes ? g_bytes_get_data (bytes, NULL) : NULL;

  g_string_append (table, "picture,row,column,error\r\n");
  for (gsize i = 0; errors && i < (gsize) count * size * size; i++)
    {
      g_string_append_printf (table, "%u,%u,%u,", (guint) (i / size / size), (guint) (i / size % size),
                              (guint) (i % size));
      add_number (table, errors[i] / 255.0 * most);
      g_string_append (table, "\r\n");
    }
}

/* A row for each number that was drawn. */
static void
write_augmentations (GString *table, GVariant *picture)
{
  const guint count = MAX (eid_answer_uint (picture, "count"), 1);
  g_autoptr (GVariant) draws = g_variant_lookup_value (picture, "draws", G_VARIANT_TYPE ("aa{sd}"));

  g_string_append (table, "view,picture,draw,value\r\n");
  for (gsize i = 0; draws && i < g_variant_n_children (draws); i++)
    {
      g_autoptr (GVariant) draw = g_variant_get_child_value (draws, i);
      GVariantIter iter;
      const char *key;
      double value;

      g_variant_iter_init (&iter, draw);
      while (g_variant_iter_next (&iter, "{&sd}", &key, &value))
        {
          g_string_append_printf (table, "%u,%u,", (guint) i / count, (guint) i % count);
          add_text (table, key);
          g_string_append_c (table, ',');
          add_number (table, value);
          g_string_append (table, "\r\n");
        }
    }
}

/* A row for each number of each view, @row and @column as its widget has them; the texts of tokens beside. */
static void
write_view (GString *table, GVariant *view)
{
  static const char *const keys[] = { "x", "y", "values", "chances" };
  const char *name = "";
  const guint columns = eid_answer_uint (view, "columns"), length = MAX (eid_answer_uint (view, "length"), 1);
  g_autoptr (GBytes) matrix = eid_answer_bytes (
      view, "values", eid_answer_size (eid_answer_uint (view, "rows"), columns, (guint) sizeof (float)));
  g_auto (GStrv) words = eid_answer_strings (view, "words");
  const gint32 n_words = (gint32) g_strv_length (words);
  GVariant *keep_tokens = NULL;
  gsize n_tokens;
  const gint32 *tokens = eid_answer_ints (view, "tokens", &n_tokens, &keep_tokens);

  g_variant_lookup (view, "name", "&s", &name);
  for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
    {
      GVariant *keep = NULL;
      gsize count;
      const double *values = eid_answer_doubles (view, keys[k], &count, &keep);
      const gsize across = g_str_equal (keys[k], "chances") ? length * MAX (eid_answer_uint (view, "few"), 1)
                           : tokens != NULL                 ? length
                                                            : 1;

      for (gsize i = 0; values != NULL && i < count; i++)
        {
          add_text (table, name);
          g_string_append_printf (table, ",%s,%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT ",", keys[k], i / across,
                                  i % across);
          add_number (table, values[i]);
          g_string_append_c (table, ',');
          if (g_str_equal (keys[k], "values") && i < n_tokens && tokens[i] >= 0 && tokens[i] < n_words)
            add_text (table, words[tokens[i]]);
          g_string_append (table, "\r\n");
        }
      g_clear_pointer (&keep, g_variant_unref);
    }
  for (gsize i = 0; matrix != NULL && i < g_bytes_get_size (matrix) / sizeof (float); i++)
    {
      float value;

      memcpy (&value, (const guint8 *) g_bytes_get_data (matrix, NULL) + i * sizeof value, sizeof value);
      add_text (table, name);
      g_string_append_printf (table, ",values,%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT ",", i / columns,
                              i % columns);
      add_number (table, (double) value);
      g_string_append (table, ",\r\n");
    }
  g_clear_pointer (&keep_tokens, g_variant_unref);
}

static void
write_own (GString *table, GVariant *picture)
{
  g_autoptr (GVariant) views = g_variant_lookup_value (picture, "views", G_VARIANT_TYPE ("aa{sv}"));

  g_string_append (table, "view,number,row,column,value,token\r\n");
  for (gsize i = 0; views && i < g_variant_n_children (views); i++)
    {
      g_autoptr (GVariant) view = g_variant_get_child_value (views, i);

      write_view (table, view);
    }
}

/* --- All others ---------------------------------------------------------------- */

static void
add_row (GString *table, const char *key, gsize index, GVariant *value)
{
  double number = NAN;

  add_text (table, key);
  g_string_append_printf (table, ",%" G_GSIZE_FORMAT ",", index);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    add_text (table, g_variant_get_string (value, NULL));
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    number = g_variant_get_double (value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
    number = g_variant_get_uint32 (value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT32))
    number = g_variant_get_int32 (value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    number = (double) g_variant_get_uint64 (value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    number = g_variant_get_boolean (value);
  add_number (table, number);
  g_string_append (table, "\r\n");
}

/* Pixels are left out: they are the picture. */
static void
write_others (GString *table, GVariant *picture)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_string_append (table, "key,index,value\r\n");
  g_variant_iter_init (&iter, picture);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    {
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
        continue;
      if (!g_variant_is_container (value))
        {
          add_row (table, key, 0, value);
          continue;
        }
      for (gsize i = 0; i < g_variant_n_children (value); i++)
        {
          g_autoptr (GVariant) child = g_variant_get_child_value (value, i);

          if (!g_variant_is_container (child))
            add_row (table, key, i, child);
        }
    }
}

char *
eid_export_table (const char *view, GVariant *picture)
{
  /* What a picture must hold to be written so: a page may show another beside its own. */
  static const struct
  {
    const char *view, *needs;
    void (*write) (GString *table, GVariant *picture);
  } views[] = {
    { "augmentations", "draws", write_augmentations },
    { "reconstruction", "errors", write_reconstruction },
    { "attention", "maps", write_attention },
    { "embedding", "x", write_embedding },
    { "own", "views", write_own },
  };
  GString *table = g_string_new (NULL);
  void (*write) (GString *, GVariant *) = write_others;

  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    if (g_str_equal (views[i].view, view) && g_variant_lookup (picture, views[i].needs, "*", NULL))
      write = views[i].write;
  write (table, picture);
  return g_string_free (table, FALSE);
}

char *
eid_export_history (GVariant *series)
{
  GString *table = g_string_new ("series,step,value\r\n");
  GVariantIter iter, *points;
  const char *name;

  g_variant_iter_init (&iter, series);
  while (g_variant_iter_loop (&iter, "{&sa(td)}", &name, &points))
    {
      guint64 step;
      double value;

      while (g_variant_iter_next (points, "(td)", &step, &value))
        {
          add_text (table, name);
          g_string_append_printf (table, ",%" G_GUINT64_FORMAT ",", step);
          add_number (table, value);
          g_string_append (table, "\r\n");
        }
    }
  return g_string_free (table, FALSE);
}
