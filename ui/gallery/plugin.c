/* plugin.c: the widgets of plugins' own views filled with deterministic data: a text with
 * made-up probabilities, a wave on a grid. Nothing here was measured.
 */
#include "ui/gallery/gallery.h"

#include <math.h>
#include <string.h>

static const char text[] = "To be, or not to be, that is the question:\n"
                           "Whether 'tis nobler in the mind to suffer\n"
                           "The slings and arrows of outrageous fortune,\n"
                           "Or to take arms against a sea of troubles.\n"
                           "And by opposing end them. To die: to sleep.\n";

/* The further into a word, the likelier its letters. */
static void
fill (gint32 *tokens, double *values, gint32 *predicted, double *chances, gsize length)
{
  guint within = 0;

  for (gsize i = 0; i < length; i++)
    {
      within = text[i] == ' ' || text[i] == '\n' ? 0 : within + 1;
      tokens[i] = text[i];
      values[i] = i == 0 ? NAN : fmin (0.08 + 0.17 * within + 0.1 * sin ((double) i), 0.99);
      for (guint k = 0; k < 3; k++)
        {
          predicted[3 * i + k] = k == 0 ? text[i] : "eaotn"[(i + k) % 5];
          chances[3 * i + k] = i == 0 ? 0 : k == 0 ? values[i] : (1 - values[i]) / (2 + k);
        }
    }
}

GtkWidget *
eid_gallery_tokens (void)
{
  const gsize length = strlen (text);
  g_autofree gint32 *tokens = g_new (gint32, length), *predicted = g_new (gint32, 3 * length);
  g_autofree double *values = g_new (double, length), *chances = g_new (double, 3 * length);
  g_auto (GStrv) words = g_new0 (char *, 129);
  static const char *const labels[] = { "hamlet.txt, character 1", NULL };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *strip = eid_token_strip_new ();
  GtkWidget *bar = eid_colour_bar_new ("Probability");

  for (int c = 0; c < 128; c++)
    words[c] = g_strdup_printf ("%c", c ? c : ' ');
  fill (tokens, values, predicted, chances, length);
  eid_token_strip_set_tokens (EID_TOKEN_STRIP (strip), &(EidTokens){ .count = 1,
                                                                     .length = (guint) length,
                                                                     .words = (const char *const *) words,
                                                                     .tokens = tokens,
                                                                     .values = values,
                                                                     .least = 0,
                                                                     .greatest = 1,
                                                                     .few = 3,
                                                                     .predicted = predicted,
                                                                     .chances = chances,
                                                                     .labels = labels });
  eid_token_strip_set_title (EID_TOKEN_STRIP (strip), "Predictions");
  eid_colour_bar_set_range (EID_COLOUR_BAR (bar), 0, 1);
  gtk_widget_set_margin_start (bar, 12);
  gtk_box_append (GTK_BOX (box), strip);
  gtk_box_append (GTK_BOX (box), bar);
  return box;
}

GtkWidget *
eid_gallery_heat_map (void)
{
  enum
  {
    ROWS = 24,
    COLUMNS = 40
  };
  GtkWidget *widget = eid_heat_map_new ();
  float values[ROWS * COLUMNS];
  g_autoptr (GBytes) bytes = NULL;

  for (int row = 0; row < ROWS; row++)
    for (int column = 0; column < COLUMNS; column++)
      values[row * COLUMNS + column] = (float) (sin (row / 4.0) * cos (column / 6.0));
  bytes = g_bytes_new (values, sizeof values);
  eid_heat_map_set_values (EID_HEAT_MAP (widget), bytes, ROWS, COLUMNS, -1, 1, NULL);
  eid_heat_map_set_title (EID_HEAT_MAP (widget), "A wave");
  return widget;
}
