/* data.c: the tokens that an EidTokenStrip holds, checked, and told in words. */
#include "ui/text/token-strip.h"

#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define MOST (1 << 18) /* tokens */

void
eid_token_strip_data_clear (EidTokenStripData *data)
{
  g_clear_pointer (&data->words, g_strfreev);
  g_clear_pointer (&data->visible, g_strfreev);
  g_clear_pointer (&data->labels, g_strfreev);
  g_clear_pointer (&data->tokens, g_free);
  g_clear_pointer (&data->values, g_free);
  g_clear_pointer (&data->predicted, g_free);
  g_clear_pointer (&data->chances, g_free);
  data->count = data->length = data->few = data->n_words = 0;
}

static gboolean
all_below (const gint32 *numbers, gsize count, guint below)
{
  for (gsize i = 0; i < count; i++)
    if (numbers[i] < 0 || (guint) numbers[i] >= below)
      return FALSE;
  return TRUE;
}

gboolean
eid_token_strip_data_set (EidTokenStripData *data, const EidTokens *tokens)
{
  const guint n_words = tokens && tokens->words ? g_strv_length ((char **) tokens->words) : 0;
  const gsize count = tokens ? (gsize) tokens->count * tokens->length : 0;
  const gboolean told = tokens && tokens->few > 0 && tokens->predicted && tokens->chances;

  eid_token_strip_data_clear (data);
  if (count == 0 || count > MOST || !tokens->tokens || !tokens->values
      || !all_below (tokens->tokens, count, n_words)
      || (told && (tokens->few > 16 || !all_below (tokens->predicted, count * tokens->few, n_words))))
    return FALSE;
  data->count = tokens->count;
  data->length = tokens->length;
  data->n_words = n_words;
  data->words = g_strdupv ((char **) tokens->words);
  data->visible = g_new0 (char *, n_words + 1);
  for (guint i = 0; i < n_words; i++)
    data->visible[i] = eid_token_visible (tokens->words[i]);
  data->tokens = g_memdup2 (tokens->tokens, count * sizeof (gint32));
  data->values = g_memdup2 (tokens->values, count * sizeof (double));
  data->least = tokens->least;
  data->greatest = tokens->greatest;
  if (tokens->labels && g_strv_length ((char **) tokens->labels) == tokens->count)
    data->labels = g_strdupv ((char **) tokens->labels);
  if (told)
    {
      data->few = tokens->few;
      data->predicted = g_memdup2 (tokens->predicted, count * tokens->few * sizeof (gint32));
      data->chances = g_memdup2 (tokens->chances, count * tokens->few * sizeof (double));
    }
  return TRUE;
}

/* --- Words -------------------------------------------------------------------------------- */

char *
eid_token_name (const char *word)
{
  if (g_str_equal (word, " "))
    return g_strdup (_ ("space"));
  if (g_str_equal (word, "\n"))
    return g_strdup (_ ("end of line"));
  if (g_str_equal (word, "\t"))
    return g_strdup (_ ("tab"));
  return g_strdup_printf ("“%s”", word);
}

char *
eid_token_visible (const char *word)
{
  GString *text = g_string_new (word);

  if (text->len == 0)
    g_string_assign (text, "∅");
  g_string_replace (text, " ", "·", 0);
  g_string_replace (text, "\n", "↵", 0);
  g_string_replace (text, "\r", "␍", 0);
  g_string_replace (text, "\t", "⇥", 0);
  return g_string_free (text, FALSE);
}

static char *
name_of (const EidTokenStripData *data, gint32 word)
{
  return eid_token_name (data->words[word]);
}

char *
eid_token_strip_heading (const EidTokenStripData *data, gsize token)
{
  g_autofree char *name = name_of (data, data->tokens[token]);
  g_autofree char *number = eid_format_number (data->values[token]);

  return isfinite (data->values[token]) ? g_strdup_printf ("%s  %s", name, number) : g_steal_pointer (&name);
}

GArray *
eid_token_strip_likely (const EidTokenStripData *data, gsize token)
{
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (EidReadoutLine));

  for (guint i = 0; i < data->few; i++)
    {
      const double chance = data->chances[token * data->few + i];

      if (chance > 0)
        g_array_append_val (lines,
                            ((EidReadoutLine){ -1, name_of (data, data->predicted[token * data->few + i]),
                                               eid_format_percent (chance) }));
    }
  return lines;
}

void
eid_token_strip_likely_free (GArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    {
      g_free (g_array_index (lines, EidReadoutLine, i).name);
      g_free (g_array_index (lines, EidReadoutLine, i).value);
    }
  g_array_unref (lines);
}

static char *
tell_all (const EidTokenStripData *data)
{
  const gsize all = (gsize) data->count * data->length;
  double sum = 0;
  gsize known = 0;

  for (gsize i = 0; i < all; i++)
    if (isfinite (data->values[i]))
      {
        sum += data->values[i];
        known++;
      }

  g_autofree char *count = eid_format_count (all);
  g_autofree char *mean = eid_format_number (known > 0 ? sum / (double) known : NAN);

  /* Translators: how many tokens of a text are shown, and the mean of their numbers. */
  return g_strdup_printf (_ ("%s tokens, mean %s"), count, mean);
}

char *
eid_token_strip_tell (const EidTokenStripData *data, gssize token)
{
  g_autofree char *heading = NULL;
  g_autoptr (GString) text = NULL;
  GArray *likely;

  if (!data->tokens)
    return g_strdup (data->empty_text ? data->empty_text : _ ("No text yet"));
  if (token < 0)
    return tell_all (data);
  heading = eid_token_strip_heading (data, (gsize) token);
  text = g_string_new (heading);
  likely = eid_token_strip_likely (data, (gsize) token);
  for (guint i = 0; i < likely->len; i++)
    {
      const EidReadoutLine *line = &g_array_index (likely, EidReadoutLine, i);

      /* Translators: before the tokens that were the likeliest in a place of a text. */
      g_string_append_printf (text, "%s %s %s", i == 0 ? _ ("; likeliest") : ",", line->name, line->value);
    }
  eid_token_strip_likely_free (likely);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
