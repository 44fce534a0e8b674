/* card.c: a table of the kinds of views that plugins publish, each with its widget; see card.h. */
#include "app/workbench/pages/plugin/card.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "ui/ui.h"

#include "app/workbench/client/variant.h"

enum
{
  COLUMNS = 8,   /* pictures in a row                       */
  PICTURE = 152, /* the height of a row                     */
  PLOT = 280,
  SQUARE = 420,
  CELL = 48,   /* the most a cell of a matrix has a side  */
  MOST = 4096, /* pixels a side                           */
  MOST_PICTURES = 256
};

typedef struct
{
  const char *kind;
  GtkWidget *(*make) (void);
  gboolean (*show) (EidOwnCard *self, GVariant *view);
  const char *has; /* what such a view has beside its kind; NULL: nothing. These stand first */
} Kind;

struct _EidOwnCard
{
  AdwBin parent_instance;

  char *name, *title;
  const Kind *kind; /* NULL: refused, or of an engine that knows more */
  GtkLabel *note;
  EidColourBar *legend;
  GtkWidget *body;
};

G_DEFINE_FINAL_TYPE (EidOwnCard, eid_own_card, ADW_TYPE_BIN)

static const char *
text_of (GVariant *view, const char *key)
{
  const char *text = NULL;

  g_variant_lookup (view, key, "&s", &text);
  return text ? text : "";
}

/* --- Pictures ------------------------------------------------------------------ */

/* Picture @index of @pixels in the middle of a square, for that is what a grid shows. */
static GdkTexture *
square_of (const guint8 *pixels, guint index, guint height, guint width, guint channels, gboolean heat)
{
  const guint side = MAX (height, width), left = (side - width) / 2, top = (side - height) / 2;
  g_autofree guint8 *square = g_malloc0 ((gsize) side * side * 4);

  pixels += (gsize) index * height * width * channels;
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++, pixels += channels)
      {
        guint8 *to = square + 4 * ((gsize) (top + y) * side + left + x);
        const GdkRGBA colour = heat ? eid_viridis (pixels[0] / 255.0) : (GdkRGBA){ 0 };

        to[0] = heat ? (guint8) lroundf (colour.red * 255) : pixels[0];
        to[1] = heat ? (guint8) lroundf (colour.green * 255) : pixels[MIN (1, channels - 1)];
        to[2] = heat ? (guint8) lroundf (colour.blue * 255) : pixels[MIN (2, channels - 1)];
        to[3] = 255;
      }
  return eid_texture_new (square, side, side, 4);
}

static gboolean
show_grid (EidOwnCard *self, GVariant *view, gboolean heat)
{
  const guint count = eid_answer_uint (view, "count"), height = eid_answer_uint (view, "height");
  const guint width = eid_answer_uint (view, "width"), channels = eid_answer_uint (view, "channels");
  g_autoptr (GBytes) bytes =
      eid_answer_bytes (view, "pixels", eid_answer_size (count, height, width, channels));
  const guint shown = MIN (count, MOST_PICTURES), columns = MIN (shown, COLUMNS);
  const guint rows = columns > 0 ? (shown + columns - 1) / columns : 0;
  EidPictureGrid *grid = EID_PICTURE_GRID (self->body);

  if (bytes == NULL || height > MOST || width > MOST)
    return FALSE;
  eid_picture_grid_set_shape (grid, rows, columns);
  for (guint i = 0; i < rows * columns; i++)
    {
      g_autoptr (GdkTexture) texture =
          i < shown ? square_of (g_bytes_get_data (bytes, NULL), i, height, width, channels, heat) : NULL;
      g_autofree char *number = eid_format_count (i);
      g_autofree char *told = g_strdup_printf ("%s %s", self->title, number);

      eid_picture_grid_set_picture (grid, i / columns, i % columns, texture, NULL);
      eid_picture_grid_set_description (grid, i / columns, i % columns, told);
    }
  gtk_widget_set_size_request (self->body, -1, (int) (MIN (rows, 8) * PICTURE));
  return TRUE;
}

static gboolean
show_images (EidOwnCard *self, GVariant *view)
{
  return show_grid (self, view, FALSE);
}

static gboolean
show_maps (EidOwnCard *self, GVariant *view)
{
  eid_colour_bar_set_range (self->legend, eid_answer_double (view, "least"),
                            eid_answer_double (view, "greatest"));
  return show_grid (self, view, TRUE);
}

/* --- Plots ----------------------------------------------------------------------- */

static GtkWidget *
make_scatter (void)
{
  GtkWidget *scatter = eid_scatter_new ();

  gtk_widget_set_size_request (scatter, -1, SQUARE);
  return scatter;
}

static char *
axis_title (const char *which, double share)
{
  g_autofree char *percent = eid_format_percent (share);

  /* Translators: "first component, 31 % of the variance". */
  return g_strdup_printf (_ ("%s, %s of the variance"), which, percent);
}

static gboolean
show_points (EidOwnCard *self, GVariant *view)
{
  g_autoptr (GVariant) keep_x = NULL, keep_y = NULL, keep_groups = NULL, keep_explained = NULL;
  gsize n_x, n_y, n_groups, n_explained;
  const double *x = eid_answer_doubles (view, "x", &n_x, &keep_x);
  const double *y = eid_answer_doubles (view, "y", &n_y, &keep_y);
  const gint32 *groups = eid_answer_ints (view, "groups", &n_groups, &keep_groups);
  const double *explained = eid_answer_doubles (view, "explained", &n_explained, &keep_explained);

  if (x == NULL || y == NULL || n_x != n_y)
    return FALSE;
  eid_scatter_set_points (EID_SCATTER (self->body), x, y, n_groups == n_x ? groups : NULL, n_x);
  if (n_explained == 2)
    {
      g_autofree char *across = axis_title (_ ("first component"), explained[0]);
      g_autofree char *up = axis_title (_ ("second component"), explained[1]);

      eid_scatter_set_axis_titles (EID_SCATTER (self->body), across, up);
    }
  return TRUE;
}

static GtkWidget *
make_chart (void)
{
  GtkWidget *chart = eid_chart_new ();

  gtk_widget_set_size_request (chart, -1, PLOT);
  return chart;
}

static gboolean
show_series (EidOwnCard *self, GVariant *view)
{
  g_autoptr (GVariant) keep = NULL;
  gsize count;
  const double *values = eid_answer_doubles (view, "values", &count, &keep);
  g_autofree double *places = g_new (double, MAX (count, 1));
  EidChart *chart = EID_CHART (self->body);

  if (values == NULL)
    return FALSE;
  for (gsize i = 0; i < count; i++)
    places[i] = (double) i;
  eid_chart_set_title (chart, self->title);
  eid_chart_set_points (chart, eid_chart_add_series (chart, self->title, 5), places, values, count);
  return TRUE;
}

static GtkWidget *
make_spectrum (void)
{
  GtkWidget *spectrum = eid_spectrum_new ();

  gtk_widget_set_size_request (spectrum, -1, PLOT);
  return spectrum;
}

static gboolean
show_spectrum (EidOwnCard *self, GVariant *view)
{
  g_autoptr (GVariant) keep = NULL;
  gsize count;
  const double *values = eid_answer_doubles (view, "values", &count, &keep);

  if (values == NULL)
    return FALSE;
  eid_spectrum_set_values (EID_SPECTRUM (self->body), values, count, NAN);
  return TRUE;
}

static gboolean
show_matrix (EidOwnCard *self, GVariant *view)
{
  const guint rows = eid_answer_uint (view, "rows"), columns = eid_answer_uint (view, "columns");
  g_autoptr (GBytes) values =
      eid_answer_bytes (view, "values", eid_answer_size (rows, columns, (guint) sizeof (float)));
  g_auto (GStrv) names = eid_answer_strings (view, "names");

  if (values == NULL)
    return FALSE;
  eid_heat_map_set_title (EID_HEAT_MAP (self->body), self->title);
  gtk_widget_set_size_request (self->body, -1, (int) CLAMP (rows * CELL + 20, 160, SQUARE));
  return eid_heat_map_set_values (EID_HEAT_MAP (self->body), values, rows, columns,
                                  eid_answer_double (view, "least"), eid_answer_double (view, "greatest"),
                                  *names ? (const char *const *) names : NULL);
}

/* --- Text -------------------------------------------------------------------------- */

static gboolean
show_tokens (EidOwnCard *self, GVariant *view)
{
  g_autoptr (GVariant) keep_tokens = NULL, keep_values = NULL, keep_predicted = NULL, keep_chances = NULL;
  g_auto (GStrv) words = eid_answer_strings (view, "words"), labels = eid_answer_strings (view, "labels");
  EidTokens tokens = {
    .count = eid_answer_uint (view, "count"),
    .length = eid_answer_uint (view, "length"),
    .few = eid_answer_uint (view, "few"),
    .least = eid_answer_double (view, "least"),
    .greatest = eid_answer_double (view, "greatest"),
    .words = (const char *const *) words,
    .labels = *labels ? (const char *const *) labels : NULL,
  };
  const gsize places = eid_answer_size (tokens.count, tokens.length);
  gsize n_tokens, n_values, n_predicted, n_chances;

  tokens.tokens = eid_answer_ints (view, "tokens", &n_tokens, &keep_tokens);
  tokens.values = eid_answer_doubles (view, "values", &n_values, &keep_values);
  tokens.predicted = eid_answer_ints (view, "predicted", &n_predicted, &keep_predicted);
  tokens.chances = eid_answer_doubles (view, "chances", &n_chances, &keep_chances);
  if (n_tokens != places || n_values != places)
    return FALSE;
  if (n_predicted != places * tokens.few || n_chances != places * tokens.few)
    tokens.few = 0;
  eid_token_strip_set_title (EID_TOKEN_STRIP (self->body), self->title);
  eid_colour_bar_set_range (self->legend, tokens.least, tokens.greatest);
  return eid_token_strip_set_tokens (EID_TOKEN_STRIP (self->body), &tokens);
}

static GtkWidget *
make_text (void)
{
  GtkWidget *label = gtk_label_new ("");

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_margin_start (label, 12);
  gtk_widget_set_margin_end (label, 12);
  return label;
}

static gboolean
show_text (EidOwnCard *self, GVariant *view)
{
  gtk_label_set_text (GTK_LABEL (self->body), text_of (view, "text"));
  return TRUE;
}

static gboolean
show_attention (EidOwnCard *self, GVariant *view)
{
  return eid_own_attention_show (EID_OWN_ATTENTION (self->body), view);
}

static const Kind kinds[] = {
  { "matrix", eid_own_attention_new, show_attention, "layers" },
  { "images", eid_picture_grid_new, show_images },
  { "maps", eid_picture_grid_new, show_maps },
  { "points", make_scatter, show_points },
  { "series", make_chart, show_series },
  { "spectrum", make_spectrum, show_spectrum },
  { "matrix", eid_heat_map_new, show_matrix },
  { "tokens", eid_token_strip_new, show_tokens },
  { "text", make_text, show_text },
};

/* --- The card ------------------------------------------------------------------------ */

/* NULL where it was refused. */
static const Kind *
kind_of (GVariant *view)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (*text_of (view, "refused") == '\0' && g_str_equal (kinds[i].kind, text_of (view, "kind"))
        && (kinds[i].has == NULL || eid_answer_uint (view, kinds[i].has) > 0))
      return &kinds[i];
  return NULL;
}

/* "patch-colours" as "Patch colours". */
static char *
title_of (const char *name)
{
  char *title = g_strdelimit (g_strdup (name), "-", ' ');

  *title = g_ascii_toupper (*title);
  return title;
}

gboolean
eid_own_card_fits (EidOwnCard *self, GVariant *view)
{
  return self->kind == kind_of (view) && g_str_equal (self->name, text_of (view, "name"));
}

gboolean
eid_own_card_show (EidOwnCard *self, GVariant *view)
{
  const char *refused = text_of (view, "refused");

  if (self->kind)
    return self->kind->show (self, view);
  gtk_label_set_label (self->note,
                       *refused ? refused : _ ("This workbench does not know views of this kind."));
  return TRUE;
}

EidOwnAttention *
eid_own_card_get_attention (EidOwnCard *self)
{
  return EID_IS_OWN_ATTENTION (self->body) ? EID_OWN_ATTENTION (self->body) : NULL;
}

static void
eid_own_card_finalize (GObject *object)
{
  EidOwnCard *self = EID_OWN_CARD (object);

  g_free (self->name);
  g_free (self->title);
  G_OBJECT_CLASS (eid_own_card_parent_class)->finalize (object);
}

static void
eid_own_card_class_init (EidOwnCardClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = eid_own_card_finalize;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
eid_own_card_init (EidOwnCard *self)
{
}

/* The name, and beside it the legend. */
static GtkWidget *
make_head (EidOwnCard *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *title = gtk_label_new (self->title);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_add_css_class (title, "heading");
  self->legend = EID_COLOUR_BAR (eid_colour_bar_new (NULL));
  gtk_widget_set_margin_start (head, 12);
  gtk_widget_set_margin_end (head, 12);
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->legend));
  return head;
}

GtkWidget *
eid_own_card_new (GVariant *view)
{
  EidOwnCard *self = g_object_new (EID_TYPE_OWN_CARD, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->name = g_strdup (text_of (view, "name"));
  self->title = title_of (self->name);
  self->kind = kind_of (view);
  gtk_box_append (GTK_BOX (box), make_head (self));
  if (self->kind)
    self->body = self->kind->make ();
  else
    {
      self->body = make_text ();
      self->note = GTK_LABEL (self->body);
      gtk_widget_add_css_class (self->body, "error");
    }
  gtk_box_append (GTK_BOX (box), self->body);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, self->title, -1);
  adw_bin_set_child (ADW_BIN (self), box);
  return GTK_WIDGET (self);
}
