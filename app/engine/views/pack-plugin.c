/* pack-plugin.c: a look at what plugins publish under names of their own, on the wire. */
#include "app/engine/views/pack.h"

#include <math.h>
#include <string.h>

static void
add (GVariantBuilder *dictionary, const char *key, GVariant *value)
{
  g_variant_builder_add (dictionary, "{sv}", key, value);
}

static GVariant *
doubles (const double *values, gsize count)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, values, count, sizeof (double));
}

static GVariant *
doubles_of (const float *values, gsize count)
{
  g_autofree double *wide = g_new (double, count);

  for (gsize i = 0; i < count; i++)
    wide[i] = (double) values[i];
  return doubles (wide, count);
}

static GVariant *
ints (const gint32 *values, gsize count)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_INT32, values, count, sizeof (gint32));
}

static void
add_range (GVariantBuilder *out, const EidShownView *shown)
{
  add (out, "least", g_variant_new_double (shown->least));
  add (out, "greatest", g_variant_new_double (shown->greatest));
}

/* --- Words ------------------------------------------------------------------------ */

/* Tokens get numbers in the order in which they are met: only their words are sent. */
typedef struct
{
  EidDataset *dataset;
  GHashTable *numbers;
  GPtrArray *words;
} Words;

static Words
words_new (EidSetup *setup)
{
  return (Words){ setup->test, g_hash_table_new (NULL, NULL), g_ptr_array_new () };
}

static gint32
number_of (Words *words, gint32 token)
{
  gpointer number;

  if (g_hash_table_lookup_extended (words->numbers, GINT_TO_POINTER (token), NULL, &number))
    return GPOINTER_TO_INT (number);
  g_hash_table_insert (words->numbers, GINT_TO_POINTER (token), GUINT_TO_POINTER (words->words->len));
  g_ptr_array_add (words->words, (gpointer) eid_dataset_token (words->dataset, (guint) MAX (token, 0)));
  return (gint32) words->words->len - 1;
}

static GVariant *
numbers_of (Words *words, const gint32 *tokens, gsize count)
{
  g_autofree gint32 *numbers = g_new (gint32, count);

  for (gsize i = 0; i < count; i++)
    numbers[i] = number_of (words, tokens[i]);
  return ints (numbers, count);
}

static void
words_clear (Words *words)
{
  g_hash_table_unref (words->numbers);
  g_ptr_array_unref (words->words);
}

/* --- The kinds -------------------------------------------------------------------- */

/* Takes the pixels of @shown. */
static void
pack_pixels (EidShownView *shown, guint channels, GVariantBuilder *out)
{
  const EidShape shape = shown->view->shape;

  eid_look_add_count (out, "count", shape.dim[0]);
  eid_look_add_count (out, "height", shape.dim[1]);
  eid_look_add_count (out, "width", shape.dim[2]);
  eid_look_add_count (out, "channels", channels);
  eid_look_add_bytes (out, "pixels", g_steal_pointer (&shown->pixels), eid_shape_count (shape));
}

static void
pack_points (const EidShownView *shown, GVariantBuilder *out)
{
  const gsize count = shown->view->shape.dim[0];

  add (out, "x", doubles (shown->x, count));
  add (out, "y", doubles (shown->y, count));
  if (shown->view->groups != NULL)
    add (out, "groups", ints (shown->view->groups, count));
  if (isfinite (shown->explained[0]))
    add (out, "explained", doubles (shown->explained, G_N_ELEMENTS (shown->explained)));
}

static void
pack_matrix (EidSetup *setup, const EidShownView *shown, GVariantBuilder *out)
{
  const EidOwnView *view = shown->view;
  const gsize bytes = eid_shape_count (view->shape) * sizeof (float);

  eid_look_add_count (out, "rows", view->shape.dim[0]);
  eid_look_add_count (out, "columns", view->shape.dim[1]);
  eid_look_add_bytes (out, "values", g_memdup2 (view->values, bytes), bytes);
  add_range (out, shown);
  if (view->tokens != NULL)
    {
      g_autoptr (GPtrArray) names = g_ptr_array_new ();

      for (guint i = 0; i < view->shape.dim[0]; i++)
        g_ptr_array_add (names, (gpointer) eid_dataset_token (setup->test, (guint) view->tokens[i]));
      add (out, "names", g_variant_new_strv ((const char *const *) names->pdata, names->len));
    }
}

static void
pack_tokens (EidSetup *setup, const EidShownView *shown, char **labels, GVariantBuilder *out)
{
  const EidOwnView *view = shown->view;
  const gsize places = eid_shape_count (view->shape);
  const guint known = labels != NULL ? g_strv_length (labels) : 0;
  Words words = words_new (setup);

  eid_look_add_count (out, "count", view->shape.dim[0]);
  eid_look_add_count (out, "length", view->shape.dim[1]);
  add (out, "tokens", numbers_of (&words, view->tokens, places));
  add (out, "values", doubles_of (view->values, places));
  add_range (out, shown);
  eid_look_add_count (out, "few", view->few);
  if (view->few > 0)
    {
      add (out, "predicted", numbers_of (&words, view->predicted, places * view->few));
      add (out, "chances", doubles_of (view->chances, places * view->few));
    }
  add (out, "words", g_variant_new_strv ((const char *const *) words.words->pdata, words.words->len));
  if (known == view->shape.dim[0])
    add (out, "labels", g_variant_new_strv ((const char *const *) labels, known));
  words_clear (&words);
}

static void
pack (EidSetup *setup, EidShownView *shown, char **labels, GVariantBuilder *out)
{
  const EidOwnView *view = shown->view;

  add (out, "name", g_variant_new_string (view->name));
  add (out, "kind", g_variant_new_string (eid_own_view_kind (view)));
  if (view->refused != NULL)
    {
      add (out, "refused", g_variant_new_string (view->refused));
      return;
    }
  switch (view->kind)
    {
    case EID_VIEW_IMAGES:
      pack_pixels (shown, view->shape.dim[3], out);
      break;
    case EID_VIEW_MAPS:
      pack_pixels (shown, 1, out);
      add_range (out, shown);
      break;
    case EID_VIEW_POINTS:
      pack_points (shown, out);
      break;
    case EID_VIEW_SERIES:
    case EID_VIEW_SPECTRUM:
      add (out, "values", doubles_of (view->values, view->shape.dim[0]));
      break;
    case EID_VIEW_MATRIX:
      pack_matrix (setup, shown, out);
      break;
    case EID_VIEW_TOKENS:
      pack_tokens (setup, shown, labels, out);
      break;
    case EID_VIEW_TEXT:
      add (out, "text", g_variant_new_string (view->text));
      break;
    default:
      break;
    }
}

/* Which attention a matrix is, of which it could be. */
static void
add_attention (const EidOwnViews *views, GVariantBuilder *out)
{
  eid_look_add_count (out, "layers", views->layers);
  eid_look_add_count (out, "heads", views->heads);
  add (out, "layer", g_variant_new_int32 (views->attention.layer));
  add (out, "head", g_variant_new_int32 (views->attention.head));
}

gboolean
eid_look_at_own (const EidViewContext *context, GVariant *options, GVariantBuilder *out, GError **error)
{
  EidSetup *setup = context->setup;
  const gboolean text = eid_setup_is_text (setup);
  g_autoptr (EidPictures) pictures = text ? NULL : eid_look_pictures (setup, options, error);
  g_autoptr (EidOwnViews) views = NULL;
  EidTextAttention attention = EID_LAST_LAYER;
  GVariantBuilder list;

  if (!text && pictures == NULL)
    return FALSE;
  g_variant_lookup (options, "layer", "i", &attention.layer);
  g_variant_lookup (options, "head", "i", &attention.head);
  views = eid_show_own (setup, pictures, eid_look_count (options), attention, error);
  if (views == NULL)
    return FALSE;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < views->views->len; i++)
    {
      g_variant_builder_open (&list, G_VARIANT_TYPE_VARDICT);
      pack (setup, views->views->pdata[i], views->labels, &list);
      if (((EidShownView *) views->views->pdata[i])->attention)
        add_attention (views, &list);
      g_variant_builder_close (&list);
    }
  add (out, "views", g_variant_builder_end (&list));
  return TRUE;
}
