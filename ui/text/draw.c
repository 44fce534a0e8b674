/* draw.c: a text as lines of tokens, each on the colour of its number. */
#include "ui/text/token-strip.h"

#include <math.h>
#include <string.h>

#define MARGIN  12
#define LEADING 4  /* between lines                */
#define PASSAGE 10 /* between passages             */
#define NARROW  6  /* the least width of a token   */

/* --- Layout ------------------------------------------------------------------------------- */

/* The width of each word, [n_words]. */
static double *
measure (const EidTokenStripData *data, const EidPlotStyle *style, double *line)
{
  double *widths = g_new (double, data->n_words + 1);
  int height = 0;

  eid_plot_text_size (style, "Ág", 1, FALSE, NULL, &height);
  *line = height;
  for (guint i = 0; i < data->n_words; i++)
    {
      int width;

      eid_plot_text_size (style, data->visible[i], 1, FALSE, &width, NULL);
      widths[i] = fmax (width, NARROW);
    }
  return widths;
}

static gboolean
ends_word (const char *word)
{
  const gsize length = strlen (word);

  return length > 0 && g_ascii_isspace (word[length - 1]);
}

/* How wide the tokens are from @first to the next space, so that no line ends in a word. */
static double
word_width (const EidTokenStripData *data, const gint32 *tokens, guint first, const double *widths)
{
  double width = 0;

  for (guint i = first; i < data->length; i++)
    {
      if (ends_word (data->words[tokens[i]]))
        break;
      width += widths[tokens[i]];
    }
  return width;
}

static double
lay_out_passage (const EidTokenStripData *data, guint passage, const double *widths, double top, double right,
                 double line, graphene_rect_t *places)
{
  const gint32 *tokens = data->tokens + (gsize) passage * data->length;
  double x = MARGIN, y = top;

  for (guint i = 0; i < data->length; i++)
    {
      const double width = widths[tokens[i]];
      const gboolean begins = i == 0 || ends_word (data->words[tokens[i - 1]]);
      const double whole = begins ? word_width (data, tokens, i, widths) : 0;
      const gboolean breaks = i > 0 && strchr (data->words[tokens[i - 1]], '\n') != NULL;

      if (breaks || (x > MARGIN && x + (whole <= right - MARGIN ? fmax (whole, width) : width) > right))
        {
          x = MARGIN;
          y += line + LEADING;
        }
      places[i] = GRAPHENE_RECT_INIT ((float) x, (float) y, (float) width, (float) line);
      x += width;
    }
  return y + line;
}

EidTokenStripLayout
eid_token_strip_layout (const EidTokenStripData *data, const EidPlotStyle *style, double width)
{
  EidTokenStripLayout layout = { .height = 2 * MARGIN };
  g_autofree double *widths = NULL;
  double line, top = MARGIN;

  if (!data->tokens)
    return layout;
  widths = measure (data, style, &line);
  layout.places = g_new (graphene_rect_t, (gsize) data->count * data->length);
  layout.captions = g_new (double, data->count);
  for (guint i = 0; i < data->count; i++)
    {
      layout.captions[i] = top;
      if (data->labels && *data->labels[i])
        top += line;
      top = lay_out_passage (data, i, widths, top, fmax (width - MARGIN, 2 * MARGIN), line,
                             layout.places + (gsize) i * data->length)
            + PASSAGE;
    }
  layout.height = top - PASSAGE + MARGIN;
  return layout;
}

void
eid_token_strip_layout_clear (EidTokenStripLayout *layout)
{
  g_clear_pointer (&layout->places, g_free);
  g_clear_pointer (&layout->captions, g_free);
}

gssize
eid_token_strip_at (const EidTokenStripData *data, const EidTokenStripLayout *layout, double x, double y)
{
  const gsize all = layout->places ? (gsize) data->count * data->length : 0;

  for (gsize i = 0; i < all; i++)
    if (graphene_rect_contains_point (&layout->places[i], &GRAPHENE_POINT_INIT ((float) x, (float) y)))
      return (gssize) i;
  return -1;
}

gsize
eid_token_strip_beside (const EidTokenStripData *data, const EidTokenStripLayout *layout, gsize token,
                        gboolean down)
{
  const gsize all = (gsize) data->count * data->length;
  const float from = layout->places[token].origin.y, x = layout->places[token].origin.x;
  float line = NAN;
  gsize found = token;

  for (gsize step = 1; down ? token + step < all : step <= token; step++)
    {
      const gsize i = down ? token + step : token - step;
      const graphene_rect_t *place = &layout->places[i];

      if (place->origin.y == from)
        continue;
      if (isnan (line))
        line = place->origin.y;
      if (place->origin.y != line)
        break;
      if (found == token || fabsf (place->origin.x - x) < fabsf (layout->places[found].origin.x - x))
        found = i;
    }
  return found;
}

/* --- Drawing ------------------------------------------------------------------------------ */

/* The colour of @value; FALSE where it has none. */
static gboolean
colour_of (const EidTokenStripData *data, double value, GdkRGBA *ground, GdkRGBA *ink)
{
  if (!isfinite (value))
    return FALSE;
  *ground =
      eid_viridis (data->greatest > data->least ? (value - data->least) / (data->greatest - data->least) : 0);
  /* Black or white, whichever is farther from the ground's brightness. */
  *ink = 0.299f * ground->red + 0.587f * ground->green + 0.114f * ground->blue > 0.5f
             ? (GdkRGBA){ 0, 0, 0, 1 }
             : (GdkRGBA){ 1, 1, 1, 1 };
  return TRUE;
}

static gboolean
is_blank (const char *word)
{
  return word[strspn (word, " \n\r\t")] == '\0';
}

static void
put_token (GtkSnapshot *snapshot, const EidTokenStripData *data, const EidPlotStyle *style, gsize token,
           const graphene_rect_t *place, PangoLayout **texts)
{
  const gint32 word = data->tokens[token];
  GdkRGBA ground, ink = style->foreground;

  if (colour_of (data, data->values[token], &ground, &ink))
    gtk_snapshot_append_color (snapshot, &ground, place);
  /* What stands for a blank does not stand out. */
  if (is_blank (data->words[word]))
    ink.alpha *= 0.5f;
  if (texts[word] == NULL)
    texts[word] = eid_plot_text (style, data->visible[word], 1, FALSE);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &place->origin);
  gtk_snapshot_append_layout (snapshot, texts[word], &ink);
  gtk_snapshot_restore (snapshot);
}

GskRenderNode *
eid_token_strip_draw (const EidTokenStripData *data, const EidTokenStripLayout *layout,
                      const EidPlotStyle *style, double width, double height)
{
  const GdkRGBA faint = eid_plot_faint (style, 0.6f);
  g_autoptr (GtkSnapshot) snapshot = NULL;
  g_autofree PangoLayout **texts = NULL;

  if (width < 8 || height < 8)
    return NULL;
  if (!data->tokens)
    {
      g_autofree char *text = eid_token_strip_tell (data, -1);

      return eid_plot_empty (style, text, width, height);
    }
  snapshot = gtk_snapshot_new ();
  texts = g_new0 (PangoLayout *, data->n_words);
  for (guint i = 0; i < data->count; i++)
    {
      if (data->labels && *data->labels[i])
        eid_plot_put (snapshot, eid_plot_text (style, data->labels[i], EID_PLOT_SMALL, FALSE), MARGIN,
                      layout->captions[i], 0, 0, &faint);
      for (guint t = 0; t < data->length; t++)
        {
          const gsize token = (gsize) i * data->length + t;

          put_token (snapshot, data, style, token, &layout->places[token], texts);
        }
    }
  for (guint i = 0; i < data->n_words; i++)
    g_clear_object (&texts[i]);
  return gtk_snapshot_to_node (snapshot);
}

void
eid_token_strip_snapshot_outline (GtkSnapshot *snapshot, const EidTokenStripLayout *layout, gsize token)
{
  const graphene_rect_t *place = &layout->places[token];

  /* White within black is seen on every colour. */
  for (int i = 0; i < 2; i++)
    {
      const GdkRGBA colour = i ? (GdkRGBA){ 1, 1, 1, 1 } : (GdkRGBA){ 0, 0, 0, 1 };
      GskRoundedRect outline;

      gsk_rounded_rect_init_from_rect (&outline,
                                       &GRAPHENE_RECT_INIT (place->origin.x - 2 + i, place->origin.y - 2 + i,
                                                            place->size.width + 4 - 2 * i,
                                                            place->size.height + 4 - 2 * i),
                                       0);
      gtk_snapshot_append_border (snapshot, &outline, (float[4]){ 1, 1, 1, 1 },
                                  (GdkRGBA[4]){ colour, colour, colour, colour });
    }
}

void
eid_token_strip_snapshot_pointed (GtkSnapshot *snapshot, const EidTokenStripData *data,
                                  const EidTokenStripLayout *layout, const EidPlotStyle *style, gsize token,
                                  double width, double height)
{
  const graphene_rect_t *place = &layout->places[token];
  g_autofree char *heading = eid_token_strip_heading (data, token);
  GArray *likely = eid_token_strip_likely (data, token);

  eid_token_strip_snapshot_outline (snapshot, layout, token);
  eid_plot_readout (snapshot, style, heading, (const EidReadoutLine *) (gpointer) likely->data, likely->len,
                    (double) place->origin.x + (double) place->size.width,
                    (double) place->origin.y + (double) place->size.height / 2, width, height);
  eid_token_strip_likely_free (likely);
}
