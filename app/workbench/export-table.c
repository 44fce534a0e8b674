/* export-table.c: what a page was drawn from, as comma-separated values: a table of
 * the views with a function each, and the same long form for all others.     */
#include "page-export.h"

#include <math.h>
#include <string.h>

#include "answer.h"

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
  if (strpbrk (text, ",\"\r\n") == NULL)
    {
      g_string_append (table, text);
      return;
    }
  g_string_append_c (table, '"');
  for (const char *c = text; *c; c++)
    g_string_append_len (table, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
  g_string_append_c (table, '"');
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

/* A row for each pair of tokens. */
static void
write_attention (GString *table, GVariant *picture)
{
  const guint count = eid_answer_uint (picture, "count"), grid = eid_answer_uint (picture, "grid");
  const guint tokens = eid_answer_uint (picture, "extra") + grid * grid;
  g_autoptr (GBytes) bytes =
      eid_answer_bytes (picture, "weights", eid_answer_size (count, tokens, tokens, (guint) sizeof (float)));
  const guint8 *weights = bytes ? g_bytes_get_data (bytes, NULL) : NULL;

  g_string_append (table, "picture,query,key,weight\r\n");
  for (guint p = 0; weights && p < count; p++)
    for (guint q = 0; q < tokens; q++)
      for (guint k = 0; k < tokens; k++)
        {
          float weight;

          memcpy (&weight, weights + (((gsize) p * tokens + q) * tokens + k) * sizeof weight, sizeof weight);
          g_string_append_printf (table, "%u,%u,%u,", p, q, k);
          add_number (table, (double) weight);
          g_string_append (table, "\r\n");
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
  static const struct
  {
    const char *view;
    void (*write) (GString *table, GVariant *picture);
  } views[] = {
    { "augmentations", write_augmentations },
    { "reconstruction", write_reconstruction },
    { "attention", write_attention },
    { "embedding", write_embedding },
  };
  GString *table = g_string_new (NULL);
  void (*write) (GString *, GVariant *) = write_others;

  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    if (g_str_equal (views[i].view, view))
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
