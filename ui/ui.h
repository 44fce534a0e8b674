/* ui.h: the widgets of the workbench, everything seen and nothing known of training.
 *
 * Widgets take plain data (numbers, textures, strings) through setters and keep
 * a copy; they hold no model, no connection and no run. Drawing is a pure
 * function of that data (draw.h), cached until the data change. Data that do
 * not fit (wrong lengths, no finite value) leave the widget empty and quiet.
 *
 * Call eid_ui_init() once after gtk_init() and adw_init().
 */
#pragma once

#include <adwaita.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Registers style sheet, icons and resources (/org/eidoscope/ui/) with the
 * default display, if there is one, and the types for use in templates. */
void eid_ui_init (void);

/* What a screen reader says of @button in place of the text on it. */
void eid_button_set_name (GtkWidget *button, const char *name);

/* --- Numbers as a person reads them (format.c) ---------------------------
 * Locale's separators, a true minus, three significant digits. NaN is "—".
 * All are freed with g_free().                                              */

/* Three significant digits: "0.0812", "41.0", "1,240", "1.20×10⁻⁵". */
char *eid_format_number (double value);
/* A whole number, exact: "70,000". */
char *eid_format_count (guint64 value);
/* Three significant digits, an SI prefix from 10,000 on, and @unit: "1,240 img/s", "12.3k img/s". */
char *eid_format_rate (double value, const char *unit);
/* A share of one: 0.8132 is "81.3 %". */
char *eid_format_percent (double share);
/* "45 s", "2 min", "1 h 20 min", "3 d 4 h"; of a second or less "0.42 s". */
char *eid_format_duration (double seconds);
/* "2 min left"; "almost done" below a second; "" if @seconds is not known (negative, not finite). */
char *eid_format_time_left (double seconds);

/* What a point, a row or a number is of. */
typedef enum
{
  EID_SAMPLE_PICTURE,
  EID_SAMPLE_PASSAGE /* of text */
} EidSampleKind;

/* "picture 1,204", "passage 12, cat": its number, and its class or NULL. */
char *eid_format_sample (EidSampleKind kind, guint64 number, const char *class_name);

/* --- Pictures as textures (texture.c) ------------------------------------ */

/* A texture of @pixels u8 [height, width, channels]; channels 1 (grey), 3 (RGB)
 * or 4 (RGBA). The pixels are copied. NULL if a size is nought or absurd. */
GdkTexture *eid_texture_new (const guint8 *pixels, guint width, guint height, guint channels);
/* Picture @index of @pixels u8 [n, size, size, channels]; NULL if @pixels is too short. */
GdkTexture *eid_texture_from_batch (GBytes *pixels, guint index, guint size, guint channels);
/* The same as a heat map: the mean of the channels, 0..255, in viridis. Show it beside an EidColourBar. */
GdkTexture *eid_texture_heat_from_batch (GBytes *pixels, guint index, guint size, guint channels);

/* --- Colour (colour.c) ---------------------------------------------------- */

/* Category @slot of Okabe and Ito's palette (eight, then again in other shades), fit for a
 * light or a @dark background. Slot 0 is the foreground: black, or white. */
GdkRGBA eid_category_colour (guint slot, gboolean dark);
/* Viridis at @t in 0..1 (clamped; NaN is taken for 0). */
GdkRGBA eid_viridis (double t);
/* Blue over white, at 0, to red, @t in -1..1 (clamped; NaN is taken for 0). */
GdkRGBA eid_diverging (double t);

/* --- Picture grid ----------------------------------------------------------
 * Rows × columns of square pictures with a caption under each. Pictures are as
 * large as the space allows (below 64 px: the largest integer multiple, pixels
 * exact), and scroll when there are many. Picture (row, column) has the index
 * row * columns + column. New pictures cross-fade over 150 ms.
 *
 * Signal "activated" (guint index): clicked, or Enter on the focused picture.
 * Signal "pointed" (int index): under the pointer, or else focused; -1: none.
 * Of a picture with patches, which is not activated by a press:
 * Signal "stroke" (guint index, int patch, gboolean begins): the brush goes over a
 * patch; arrows and Space are a brush, too. Signal "stroke-ended".             */
#define EID_TYPE_PICTURE_GRID (eid_picture_grid_get_type ())
G_DECLARE_FINAL_TYPE (EidPictureGrid, eid_picture_grid, EID, PICTURE_GRID, GtkWidget)

GtkWidget *eid_picture_grid_new (void);
/* Pictures already there stay in their (row, column) when the shape changes.
 * At most 4096 pictures. */
void eid_picture_grid_set_shape (EidPictureGrid *self, guint rows, guint columns);
void eid_picture_grid_set_column_title (EidPictureGrid *self, guint column, const char *title);
/* A swatch of category @slot beside the heading, to match the box that views show on
 * their source; -1: none. */
void eid_picture_grid_set_column_slot (EidPictureGrid *self, guint column, int slot);
void eid_picture_grid_set_row_label (EidPictureGrid *self, guint row, const char *label);
/* @texture NULL leaves the place blank; @caption (may have several lines) NULL: none. */
void eid_picture_grid_set_picture (EidPictureGrid *self, guint row, guint column, GdkTexture *texture,
                                   const char *caption);
/* What a screen reader says of the picture; NULL: heading, row label and caption. */
void eid_picture_grid_set_description (EidPictureGrid *self, guint row, guint column,
                                       const char *description);
/* Outlines on a picture in relative coordinates (0..1 over its sides), the box
 * of @slot in that category's colour. Boxes are kept until cleared. */
void eid_picture_grid_add_box (EidPictureGrid *self, guint row, guint column, const graphene_rect_t *box,
                               guint slot);
void eid_picture_grid_clear_boxes (EidPictureGrid *self, guint row, guint column);
/* The picture has @across x @across patches that can be painted; @hidden u8 [across *
 * across], 1 where hidden, is copied. 0: none. */
void eid_picture_grid_set_patches (EidPictureGrid *self, guint row, guint column, guint across,
                                   const guint8 *hidden);
/* Shows by outline and pin icon that the picture is pinned. */
void eid_picture_grid_set_pinned (EidPictureGrid *self, guint row, guint column, gboolean pinned);
void eid_picture_grid_set_empty_text (EidPictureGrid *self, const char *text);

/* --- Attention ---------------------------------------------------------------
 * Pictures, each under a heat map of one query: what it attends to, or what is
 * like it. The query is the patch under the pointer or chosen by the arrow keys;
 * else what stands at rest: the class token, a register, the mean of all patches.
 * All heads, or student and teacher, stand beside one another, on one scale.
 * Under each picture a colour bar with its least and greatest value.
 *
 * Everything is held here: a new query, layer or head is drawn from it.
 *
 * Property "query" (int, read/write): patch, row-major; -1: what stands at rest.
 * Property "query-picture" (int, read/write): which picture the query is on; -1: all.
 * Signal "activated" (guint index): clicked, or Enter.                       */
#define EID_TYPE_ATTENTION_VIEW (eid_attention_view_get_type ())
G_DECLARE_FINAL_TYPE (EidAttentionView, eid_attention_view, EID, ATTENTION_VIEW, GtkWidget)

/* In place of a head's number. */
enum
{
  EID_HEADS_MEAN = -1,
  EID_HEADS_ALL = -2,     /* beside one another                                   */
  EID_HEADS_ROLLOUT = -3, /* through all layers up to the chosen one, means of heads */
};

typedef enum
{
  EID_ATTENTION_STUDENT = 1,
  EID_ATTENTION_TEACHER = 2,
} EidAttentionWhose;

typedef enum
{
  EID_PATCHES_ATTENTION,  /* what the query attends to                     */
  EID_PATCHES_COLOURS,    /* each picture beside the colours of its patches */
  EID_PATCHES_SIMILARITY, /* cosines of the query's patch with all others  */
} EidPatchesMode;

/* A map that is held: of one head, or EID_HEADS_MEAN. */
typedef struct
{
  int layer, head;
} EidAttentionPlane;

/* tokens = extra + grid * grid. A weight is a byte of its row in 255ths of the row's greatest. */
typedef struct
{
  guint count, size, channels, grid, extra, layers, heads;
  gboolean class_token; /* the first of extra; the others are registers        */
  const EidAttentionPlane *planes;
  guint n_planes;
  GBytes *images; /* u8 [count, size, size, channels]                          */
  /* Student's and teacher's, or NULL: u8 [n_planes, count, tokens, tokens], row = query, and
   * float32 [n_planes, count, tokens] in the host's byte order. */
  GBytes *maps[2], *greatest[2];
} EidAttention;

typedef struct
{
  guint count, size, channels, grid, width;
  GBytes *images;  /* u8 [count, size, size, channels]                         */
  GBytes *colours; /* u8 [count, grid, grid, 3]                                */
  GBytes *tokens;  /* signed 8-bit [count, grid * grid, width], of any length each */
} EidPatches;

GtkWidget *eid_attention_view_new (void);
/* FALSE, and what was held is gone, if the lengths do not fit. References are taken. */
gboolean eid_attention_view_set_attention (EidAttentionView *self, const EidAttention *attention);
gboolean eid_attention_view_set_patches (EidAttentionView *self, const EidPatches *patches);
void eid_attention_view_clear (EidAttentionView *self);
/* EID_PATCHES_ATTENTION at first. */
void eid_attention_view_set_mode (EidAttentionView *self, EidPatchesMode mode);
/* Negative @layer: from the last. The mean of the last layer at first. */
void eid_attention_view_set_head (EidAttentionView *self, int layer, int head);
/* Whether the maps are held that this takes. */
gboolean eid_attention_view_holds (EidAttentionView *self, int layer, int head);
/* Of those that are held. */
void eid_attention_view_set_whose (EidAttentionView *self, EidAttentionWhose whose);
/* What the query is without a pointer: a token before the patches; -1: the mean of the patches. */
void eid_attention_view_set_rest (EidAttentionView *self, int token);
/* Keeps of each map the fewest patches that have this share of its weight (Caron et al. 2021, figure
 * 1); 1, at first: all. */
void eid_attention_view_set_mass (EidAttentionView *self, double mass);
/* What stands under picture @index beside its legend; NULL: nothing. */
void eid_attention_view_set_caption (EidAttentionView *self, guint index, const char *caption);
/* How much of the heat map covers the picture, 0..1; 0.6 at first. */
void eid_attention_view_set_overlay (EidAttentionView *self, double opacity);
void eid_attention_view_set_query (EidAttentionView *self, int picture, int patch);
void eid_attention_view_set_empty_text (EidAttentionView *self, const char *text);

/* --- Wrap box ----------------------------------------------------------------
 * A row of controls that goes on in the next line where the width ends. Append
 * children with eid_wrap_box_append().                                        */
#define EID_TYPE_WRAP_BOX (eid_wrap_box_get_type ())
G_DECLARE_FINAL_TYPE (EidWrapBox, eid_wrap_box, EID, WRAP_BOX, GtkWidget)

GtkWidget *eid_wrap_box_new (int spacing);
void eid_wrap_box_append (EidWrapBox *self, GtkWidget *child);

/* --- Pair ----------------------------------------------------------------------
 * One widget, or two that are compared, each with half of the room. Property
 * "first" (widget).                                                           */
#define EID_TYPE_PAIR (eid_pair_get_type ())
G_DECLARE_FINAL_TYPE (EidPair, eid_pair, EID, PAIR, GtkWidget)

GtkWidget *eid_pair_new (void);
void eid_pair_set_first (EidPair *self, GtkWidget *first);
void eid_pair_set_second (EidPair *self, GtkWidget *second); /* NULL: the first alone */

/* --- Run tag -------------------------------------------------------------------
 * Which of two compared runs something is of: colour, sign, letter and name.   */
#define EID_TYPE_RUN_TAG (eid_run_tag_get_type ())
G_DECLARE_FINAL_TYPE (EidRunTag, eid_run_tag, EID, RUN_TAG, GtkWidget)

enum
{
  EID_RUNS = 2
}; /* that are compared */

GtkWidget *eid_run_tag_new (void);
void eid_run_tag_set (EidRunTag *self, guint run, const char *name); /* NULL: the letter alone */
/* "A" or "B", and the category slot of its colour. */
const char *eid_run_letter (guint run);
guint eid_run_slot (guint run);

/* --- Colour bar -------------------------------------------------------------
 * The legend of a heat map: least value, viridis, greatest value.             */
#define EID_TYPE_COLOUR_BAR (eid_colour_bar_get_type ())
G_DECLARE_FINAL_TYPE (EidColourBar, eid_colour_bar, EID, COLOUR_BAR, GtkWidget)

GtkWidget *eid_colour_bar_new (const char *title);
/* NAN: not known, the bar hides. */
void eid_colour_bar_set_range (EidColourBar *self, double least, double greatest);

/* --- Line chart ------------------------------------------------------------------
 * Series over a common x axis, with reference rules (chance, baselines) and
 * vertical markers (edits, checkpoints), a legend and a read-out under the
 * pointer. A million points are drawn as a screenful, extremes kept. Values that
 * are not finite (or not positive on a log axis) are gaps.
 *
 * Signal "seek" (double x): the person drags or presses along x; only after
 * eid_chart_set_seekable(). Signal "marker-activated" (guint index).          */
#define EID_TYPE_CHART (eid_chart_get_type ())
G_DECLARE_FINAL_TYPE (EidChart, eid_chart, EID, CHART, GtkWidget)

typedef enum
{
  EID_MARKER_EDIT,       /* a parameter was changed     ▲ */
  EID_MARKER_CHECKPOINT, /* a state that can be resumed ● */
  EID_MARKER_EVALUATION, /* probes ran                  ◆ */
  EID_MARKER_ALARM,      /* something went wrong        ✕ */
  EID_MARKER_PINNED,     /* a moment kept               ■ */
} EidMarkerKind;

GtkWidget *eid_chart_new (void);
void eid_chart_set_title (EidChart *self, const char *title);   /* also the accessible name */
void eid_chart_set_x_title (EidChart *self, const char *title); /* "step"; NULL: none  */
void eid_chart_set_unit (EidChart *self, const char *unit);     /* of y, in the read-out: "img/s" */
void eid_chart_set_log (EidChart *self, gboolean log_x, gboolean log_y);
/* Holds an axis to at least this range; NAN: as the data go. */
void eid_chart_set_x_range (EidChart *self, double from, double to);
void eid_chart_set_y_range (EidChart *self, double from, double to);
/* A small chart: no legend, no x axis labels, thin margins, for a time line. */
void eid_chart_set_compact (EidChart *self, gboolean compact);
/* Exponential smoothing, 0 (none) to 0.999: the raw line stays, faint. */
void eid_chart_set_smoothing (EidChart *self, double smoothing);
void eid_chart_set_empty_text (EidChart *self, const char *text);

/* Adds a series in category @slot and returns its number; the one of that name if it is there. */
guint eid_chart_add_series (EidChart *self, const char *name, guint slot);
/* Another name and look of a series that is there. */
void eid_chart_style_series (EidChart *self, guint series, const char *name, guint slot, gboolean dashed);
/* The series from number @count on go. */
void eid_chart_drop_series (EidChart *self, guint count);
void eid_chart_append (EidChart *self, guint series, double x, double y);
/* The same, but a series has one point at each x: a second one takes the first one's place. */
void eid_chart_put (EidChart *self, guint series, double x, double y);
/* Each point of the series is a dot of 6 pixels, too: of few points a line alone shows nothing. */
void eid_chart_set_dots (EidChart *self, gboolean dots);
/* Replaces all points; @n of each. */
void eid_chart_set_points (EidChart *self, guint series, const double *x, const double *y, gsize n);
/* Dashed horizontal rule: "chance". A rule of the same label is moved. NAN removes it. */
void eid_chart_set_rule (EidChart *self, const char *label, double value, guint slot);
typedef enum
{
  EID_DASH_SHORT,
  EID_DASH_LONG,
  EID_DASH_DOTTED
} EidDash;
/* The same, told apart from others of its colour by its dashes. */
void eid_chart_set_dashed_rule (EidChart *self, const char *label, double value, guint slot, EidDash dash);
guint eid_chart_add_marker (EidChart *self, EidMarkerKind kind, double x, const char *label);
double eid_chart_marker_x (EidChart *self, guint index); /* NAN: there is none of that number */
void eid_chart_clear_markers (EidChart *self);
/* Series, rules and markers go; titles and ranges stay. */
void eid_chart_clear (EidChart *self);
/* A vertical cursor ("you are here"); NAN: none. */
void eid_chart_set_cursor (EidChart *self, double x);
void eid_chart_set_seekable (EidChart *self, gboolean seekable);
/* The only places at which a seekable chart seeks, ascending: the pointer goes to the nearest, the
 * keys from one to the next. Each has a tick on the axis. None: everywhere. */
void eid_chart_set_stops (EidChart *self, const double *stops, gsize n);

/* --- Scatter of an embedding -------------------------------------------------------
 * Points in the plane, coloured by category, with equal scales on both axes; pictures in
 * their place where these are asked for or few are in sight. The wheel, + and - zoom, 0
 * shows all, dragging and Shift with an arrow pan. Left and Right walk through the points,
 * Enter activates one. Dragging with Shift or while the lasso is on selects, Space adds the
 * pointed one or takes it out, Ctrl A selects all, Escape gives up.
 *
 * Signal "activated" (guint index): a point was clicked, or Enter.
 * Signal "selected": the selection is another, by the person's doing.         */
#define EID_TYPE_SCATTER (eid_scatter_get_type ())
G_DECLARE_FINAL_TYPE (EidScatter, eid_scatter, EID, SCATTER, GtkWidget)

GtkWidget *eid_scatter_new (void);
/* @x, @y, @labels of @n each; @labels NULL: one colour; -1: a point without a class. */
void eid_scatter_set_points (EidScatter *self, const double *x, const double *y, const int *labels, gsize n);
/* The pictures of the points, u8 [n, size, size, channels]; NULL: none. They stay while points of the
 * same number come in their place. FALSE if the length does not fit. */
gboolean eid_scatter_set_pictures (EidScatter *self, GBytes *pixels, guint size, guint channels);
GdkTexture *eid_scatter_get_picture (EidScatter *self, guint index); /* or NULL; not to be unreferenced */
/* Pictures in place of all marks, however many are in sight. */
void eid_scatter_set_show_pictures (EidScatter *self, gboolean pictures);
/* What is not shown of a class is neither pointed at nor selected. */
void eid_scatter_set_class_shown (EidScatter *self, int label, gboolean shown);
/* Rings about a point and those that belong to it; @centre -1: none. */
void eid_scatter_set_rings (EidScatter *self, int centre, const gint32 *others, gsize n);
/* Dragging selects even without Shift. */
void eid_scatter_set_lasso (EidScatter *self, gboolean lasso);
/* The numbers of the selected points in order, guint; g_array_unref(). */
GArray *eid_scatter_get_selection (EidScatter *self);
void eid_scatter_clear_selection (EidScatter *self);
/* Selects these @n alone, without a signal. */
void eid_scatter_set_selection (EidScatter *self, const guint *numbers, gsize n);
/* Closer by @factor, about the middle; 0: all of it. */
void eid_scatter_zoom (EidScatter *self, double factor);
/* NULL-terminated, class 0 first; NULL: classes go by their number. */
void eid_scatter_set_class_names (EidScatter *self, const char *const *names);
/* What a point is of: a picture, if nothing is said. */
void eid_scatter_set_kind (EidScatter *self, EidSampleKind kind);
void eid_scatter_set_axis_titles (EidScatter *self, const char *x_title, const char *y_title);
void eid_scatter_set_empty_text (EidScatter *self, const char *text);

/* --- Spectrum -------------------------------------------------------------------------
 * Singular values, largest first, on a log axis; the effective rank marked.   */
#define EID_TYPE_SPECTRUM (eid_spectrum_get_type ())
G_DECLARE_FINAL_TYPE (EidSpectrum, eid_spectrum, EID, SPECTRUM, GtkWidget)

GtkWidget *eid_spectrum_new (void);
/* @rank NAN: not known. */
void eid_spectrum_set_values (EidSpectrum *self, const double *values, gsize n, double rank);

/* --- Matrix of similarities -----------------------------------------------------------
 * Cosines of all pairs as colours, blue at -1 over white to red at 1, sorted by class, with
 * the classes along its sides and the pair under the pointer, or chosen by the arrow
 * keys, in words.                                                              */
#define EID_TYPE_MATRIX (eid_matrix_get_type ())
G_DECLARE_FINAL_TYPE (EidMatrix, eid_matrix, EID, MATRIX, GtkWidget)

GtkWidget *eid_matrix_new (void);
/* @values float32 [n, n] in the host's byte order; @labels and @numbers, of @n each, the class of a row
 * (-1: none) and which picture it is; NULL: none, and its own number. @values NULL: empties it.
 * FALSE, and empty, if the length does not fit.                                */
gboolean eid_matrix_set_values (EidMatrix *self, GBytes *values, guint n, const int *labels,
                                const gint32 *numbers);
/* NULL-terminated, class 0 first; NULL: classes go by their number. */
void eid_matrix_set_class_names (EidMatrix *self, const char *const *names);
/* What a row is of: a picture, if nothing is said. */
void eid_matrix_set_kind (EidMatrix *self, EidSampleKind kind);
/* Means of the pairs of one class and of those of different classes; NAN: there are none. */
void eid_matrix_get_means (EidMatrix *self, double *within, double *between);
void eid_matrix_set_empty_text (EidMatrix *self, const char *text);

/* --- Bars ---------------------------------------------------------------------------------
 * Many shares as bars, the largest first, with a second number of each as a line and one
 * rule for all. Left and Right walk through them.                              */
#define EID_TYPE_BARS (eid_bars_get_type ())
G_DECLARE_FINAL_TYPE (EidBars, eid_bars, EID, BARS, GtkWidget)

GtkWidget *eid_bars_new (void);
/* What the numbers are called, what one bar is ("prototype"), and the axis below. */
void eid_bars_set_titles (EidBars *self, const char *bars, const char *line, const char *item,
                          const char *x_title);
/* Shares of one: @values of @n, and @second likewise or NULL. */
void eid_bars_set_values (EidBars *self, const double *values, const double *second, gsize n);
/* A dashed rule named @label; NAN: none. */
void eid_bars_set_rule (EidBars *self, const char *label, double value);
void eid_bars_set_empty_text (EidBars *self, const char *text);

/* --- Token strip -----------------------------------------------------------------------------
 * A text as its tokens in lines, each on the colour (viridis) of a number: how likely a model
 * held it, or what it cost. The token under the pointer, or chosen by the arrow keys, is told
 * with its number and with what was likely in its place. Show it beside an EidColourBar.     */
#define EID_TYPE_TOKEN_STRIP (eid_token_strip_get_type ())
G_DECLARE_FINAL_TYPE (EidTokenStrip, eid_token_strip, EID, TOKEN_STRIP, GtkWidget)

typedef struct
{
  guint count, length;             /* passages, and tokens in each                     */
  const char *const *words;        /* NULL-terminated: the text of each token          */
  const gint32 *tokens;            /* [count, length], numbers in words                */
  const double *values;            /* likewise; NaN: no colour                         */
  double least, greatest;          /* what the darkest and the brightest colour are    */
  guint few;                       /* likely ones told of each, or 0                   */
  const gint32 *predicted;         /* [count, length, few], the likeliest first        */
  const double *chances;           /* likewise; 0: none                                */
  const char *const *labels;       /* above each passage, [count] and NULL; or NULL    */
} EidTokens;

/* Also the signal "pointed" (int token): by pointer or keys; -1: none any more. */
GtkWidget *eid_token_strip_new (void);
/* Copies; NULL: empties it. FALSE, and empty, if lengths and numbers do not fit. */
gboolean eid_token_strip_set_tokens (EidTokenStrip *self, const EidTokens *tokens);
/* The token with an outline of its own, whatever is pointed at; -1: none. */
void eid_token_strip_set_mark (EidTokenStrip *self, int token);
void eid_token_strip_set_title (EidTokenStrip *self, const char *title); /* the accessible name */
void eid_token_strip_set_empty_text (EidTokenStrip *self, const char *text);

/* A token as it is spoken of: “e”, space, end of line. */
char *eid_token_name (const char *word);
/* A token as it is drawn: blanks are seen. */
char *eid_token_visible (const char *word);

/* --- Heat map ----------------------------------------------------------------------------------
 * Numbers [rows, columns] as colours: in viridis, or where 0 lies between least and greatest blue
 * below and red above it. The cell under the pointer, or chosen by the arrow keys, in words. */
#define EID_TYPE_HEAT_MAP (eid_heat_map_get_type ())
G_DECLARE_FINAL_TYPE (EidHeatMap, eid_heat_map, EID, HEAT_MAP, GtkWidget)

GtkWidget *eid_heat_map_new (void);
/* @values float32 [rows, columns] in the host's byte order; @names, NULL or NULL-terminated: what rows and
 * columns are called, else their numbers. FALSE, and empty, if the length does not fit. */
gboolean eid_heat_map_set_values (EidHeatMap *self, GBytes *values, guint rows, guint columns, double least,
                                  double greatest, const char *const *names);
void eid_heat_map_set_title (EidHeatMap *self, const char *title); /* the accessible name */
void eid_heat_map_set_empty_text (EidHeatMap *self, const char *text);

/* --- A vital sign ---------------------------------------------------------------------------
 * One number of a run now and over time, with the band in which it shows no trouble: in
 * words, colour and icon, and as rules in its chart.                           */
#define EID_TYPE_VITAL_CARD (eid_vital_card_get_type ())
G_DECLARE_FINAL_TYPE (EidVitalCard, eid_vital_card, EID, VITAL_CARD, GtkWidget)

/* @meaning: what it is, in a sentence. */
GtkWidget *eid_vital_card_new (const char *title, const char *meaning);
void eid_vital_card_set_meaning (EidVitalCard *self, const char *meaning);
void eid_vital_card_append (EidVitalCard *self, double step, double value);
/* What the card says is of @step, and @past: marked on its line; NAN as @value: not measured then. */
void eid_vital_card_show (EidVitalCard *self, double step, double value, gboolean past);
/* Infinite where there is no limit. */
void eid_vital_card_set_band (EidVitalCard *self, double least, double most);
/* A value to compare with, named; NAN: none. */
void eid_vital_card_set_reference (EidVitalCard *self, const char *label, double value);
void eid_vital_card_clear (EidVitalCard *self);

/* --- Parameters ----------------------------------------------------------------------------
 * A form drawn from a table, grouped by section. Values are text as a recipe
 * writes them (a point for the decimal sign, "true" and "false").
 *
 * Signal "changed" (const char *section, const char *key, const char *value):
 * the person changed it; not for eid_param_form_set_value().
 * Signal "branch" (const char *section, const char *key): "New run" was pressed
 * at a parameter that cannot change while the run goes on.                    */
typedef struct
{
  const char *section;        /* "Objective"; the group's heading               */
  const char *key;            /* "mask-ratio"                                   */
  const char *type;           /* "int", "float", "bool", "choice" or "text"     */
  const char *value;          /* as it is                                       */
  const char *default_value;  /* NULL: no reset                                 */
  double min, max;            /* numbers; min >= max: not bounded               */
  const char *const *choices; /* NULL-terminated, for "choice"                 */
  const char *doc;            /* one sentence                                   */
  gboolean live;              /* may change while the run goes on               */
} EidParamSpec;

#define EID_TYPE_PARAM_ROW (eid_param_row_get_type ())
G_DECLARE_FINAL_TYPE (EidParamRow, eid_param_row, EID, PARAM_ROW, AdwPreferencesRow)

/* One row; signals as of the form. */
GtkWidget *eid_param_row_new (const EidParamSpec *spec);
/* A parameter as its row has it: "mask-ratio" is "Mask ratio"; a few keys are short in recipes and
 * have longer names. Free. */
char *eid_param_key_in_words (const char *key);
const char *eid_param_row_get_section (EidParamRow *self);
const char *eid_param_row_get_key (EidParamRow *self);
const char *eid_param_row_get_value (EidParamRow *self);
/* Quietly; a value that cannot be read is left out. */
void eid_param_row_set_value (EidParamRow *self, const char *value);
void eid_param_row_set_running (EidParamRow *self, gboolean running);
/* Gives the focus to what the value is changed with; where that cannot be done now, to the row. */
gboolean eid_param_row_focus (EidParamRow *self);

#define EID_TYPE_PARAM_FORM (eid_param_form_get_type ())
G_DECLARE_FINAL_TYPE (EidParamForm, eid_param_form, EID, PARAM_FORM, GtkWidget)

GtkWidget *eid_param_form_new (void);
/* Replaces all rows; the table is copied. A table that differs in values alone keeps the
 * widgets, and with them focus and what is being typed. */
void eid_param_form_set_specs (EidParamForm *self, const EidParamSpec *specs, gsize n);
void eid_param_form_set_value (EidParamForm *self, const char *section, const char *key, const char *value);
/* NULL if there is no such parameter. */
const char *eid_param_form_get_value (EidParamForm *self, const char *section, const char *key);
/* Gives the focus to a parameter's row; FALSE if there is none. */
gboolean eid_param_form_focus (EidParamForm *self, const char *section, const char *key);
/* While a run goes on only live parameters can be changed. */
void eid_param_form_set_running (EidParamForm *self, gboolean running);

/* --- Proposal ------------------------------------------------------------------------------
 * One of several ways to begin, as a row of a list: what, why, how long it takes, and a
 * button that begins with it. Chosen by the list's selection.
 * Signal "start": the button was pressed.                                     */
#define EID_TYPE_PROPOSAL_ROW (eid_proposal_row_get_type ())
G_DECLARE_FINAL_TYPE (EidProposalRow, eid_proposal_row, EID, PROPOSAL_ROW, GtkListBoxRow)

GtkWidget *eid_proposal_row_new (const char *title, const char *reason);
/* How long it takes; @waiting: that is being found out, and @text says how far it is. */
void eid_proposal_row_set_estimate (EidProposalRow *self, const char *text, gboolean waiting);
void eid_proposal_row_set_can_start (EidProposalRow *self, gboolean can);

/* --- Health --------------------------------------------------------------------------------
 * One sentence with icon, word and colour, and a button that opens the cure.
 * Signal "action": the button was pressed.                                    */
typedef enum
{
  EID_HEALTH_GOOD,
  EID_HEALTH_NOTICE,
  EID_HEALTH_WARNING,
  EID_HEALTH_ERROR
} EidHealthLevel;

#define EID_TYPE_HEALTH_LINE (eid_health_line_get_type ())
G_DECLARE_FINAL_TYPE (EidHealthLine, eid_health_line, EID, HEALTH_LINE, GtkWidget)

GtkWidget *eid_health_line_new (void);
/* @action is the button's label; NULL: no button. */
void eid_health_line_set (EidHealthLine *self, EidHealthLevel level, const char *sentence,
                          const char *action);
void eid_health_line_clear (EidHealthLine *self);

G_END_DECLS
