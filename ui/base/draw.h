/* draw.h: drawing as pure functions, data in and render nodes or textures out.
 *
 * No widget and no display is needed here, which is what makes it testable:
 * widgets keep the data, ask for a node when the data or the size changed, and
 * show the cached node otherwise.
 */
#pragma once

#include "ui/ui.h"

G_BEGIN_DECLS

/* How text and lines look where the plot stands. */
typedef struct
{
  PangoContext *context; /* font and resolution */
  GdkRGBA foreground;
  gboolean dark;
} EidPlotStyle;

/* --- format.c --------------------------------------------------------------- */

/* The label of a tick where ticks are @step apart: "0.25", "1,500", "150k". */
char *eid_format_tick (double value, double step);
/* "10⁻⁴", "2×10⁵", "5" for the power nought. */
char *eid_format_power (double digit, int power);

/* --- texture.c ------------------------------------------------------------------ */

/* Pictures with a side below this show their pixels as squares. */
#define EID_PIXEL_ART 64

/* @texture at width × height by nearest neighbour: every pixel keeps its exact colour. */
GdkTexture *eid_texture_resample (GdkTexture *texture, int width, int height);
/* The largest side, at most @space, at which a picture of @side pixels is shown: an
 * integer multiple (at least one) below EID_PIXEL_ART, @space otherwise. */
int eid_picture_side (int side, int space);
/* @texture into the square @side at (x, y): pixels as they are below EID_PIXEL_ART (through
 * @cache, which holds the resampled texture for @side * @scale), smoothly above. */
void eid_snapshot_picture (GtkSnapshot *snapshot, GdkTexture *texture, GdkTexture **cache, int scale, float x,
                           float y, float side);

/* @node (taken; NULL: nothing) as pixels, so that a thousand strokes are drawn once and not in
 * every frame; @scale pixels to a unit. */
GskRenderNode *eid_node_to_pixels (GskRenderNode *node, int width, int height, int scale);

/* --- plot.c ------------------------------------------------------------------------ */

/* One axis: data from..to on pixels; pixel_to may be the smaller (y grows upwards). */
typedef struct
{
  double from, to;
  double pixel_from, pixel_to;
  gboolean log;
} EidAxis;

typedef struct
{
  double value;
  char *label;
} EidTick;

/* A value that can be drawn: finite and not absurd. */
static inline gboolean
eid_plot_value (double value, gboolean log)
{
  /* Beyond, differences of two values overflow; NaN compares false. */
  return log ? value > 1e-300 && value < 1e300 : value > -1e300 && value < 1e300;
}
/* Widens from..to to something with an extent, and by @share on both ends. */
void eid_axis_fit (EidAxis *axis, double from, double to, double share);
double eid_axis_pixel (const EidAxis *axis, double value);
double eid_axis_value (const EidAxis *axis, double pixel);
/* About one tick every @spacing pixels, at 1, 2 or 5 times a power of ten: EidTick. */
GArray *eid_axis_ticks (const EidAxis *axis, double spacing);

/* Keeps of the points within @axis at most four a pixel column (first, least, greatest,
 * last), in order, and the nearest on either side; NaN where the line breaks.
 * @x is not decreasing. Returns graphene_point_t in pixels. */
GArray *eid_decimate (const EidAxis *x_axis, const EidAxis *y_axis, const double *x, const double *y,
                      gsize n);
/* Exponential moving average without the start's bias; NaN in, NaN out, and passed over. */
void eid_smooth (const double *values, double *smoothed, gsize n, double smoothing);

/* --- plot.c ------------------------------------------------------------------------ */

/* Text of @size (1 is the font's own) in tabular figures. */
PangoLayout *eid_plot_text (const EidPlotStyle *style, const char *text, double size, gboolean bold);
/* The size of labels. */
#define EID_PLOT_SMALL 0.82
void eid_plot_text_size (const EidPlotStyle *style, const char *text, double size, gboolean bold, int *width,
                         int *height);
void eid_plot_fill (GtkSnapshot *snapshot, const GdkRGBA *colour, double x, double y, double width,
                    double height);
/* @layout with its point (align_x, align_y), of 0..1 over its sides, at (x, y); freed. */
void eid_plot_put (GtkSnapshot *snapshot, PangoLayout *layout, double x, double y, double align_x,
                   double align_y, const GdkRGBA *colour);
GdkRGBA eid_plot_faint (const EidPlotStyle *style, float alpha);
/* The sentence in the middle of an empty plot. */
GskRenderNode *eid_plot_empty (const EidPlotStyle *style, const char *text, double width, double height);
/* A card of lines "swatch, name, value" that keeps within width × height, beside (x, y).
 * @heading may be NULL; the slot of a line -1: no swatch. */
typedef struct
{
  int slot;
  char *name, *value;
} EidReadoutLine;
void eid_plot_readout (GtkSnapshot *snapshot, const EidPlotStyle *style, const char *heading,
                       const EidReadoutLine *lines, gsize n, double x, double y, double width, double height);
/* Category @slot's mark at (x, y): a disc; a square, triangle, diamond in the next rounds
 * of the palette, so that the colour is never alone. */
void eid_plot_mark (cairo_t *cr, guint slot, double x, double y, double radius);
/* As the widget stands now; free the context with eid_plot_style_clear(). */
void eid_plot_style_init (EidPlotStyle *style, GtkWidget *widget);
void eid_plot_style_clear (EidPlotStyle *style);
/* What every plot @widget listens to: motion (controller, x, y, widget), as the pointer enters too; leave
 * (controller, widget); and key-pressed of GtkEventControllerKey. */
void eid_plot_listen (gpointer widget, GCallback motion, GCallback leave, GCallback key_pressed);
/* An upright scale of colours, the first stop at its head. */
void eid_plot_gradient (GtkSnapshot *snapshot, const EidPlotStyle *style, const graphene_rect_t *bounds,
                        const GskColorStop *stops, gsize n_stops);

/* --- chart/data.c, chart/draw.c --------------------------------------------------------------------- */

typedef struct
{
  char *name;
  guint slot;
  gboolean dashed;
  GArray *x, *y; /* double; x finite and not decreasing */
  /* Of the values that can be drawn; NaN where there is none. */
  double least, greatest, least_positive;
} EidSeries;

typedef struct
{
  char *label;
  double value;
  guint slot;
  EidDash dash;
} EidRule;

typedef struct
{
  EidMarkerKind kind;
  double x;
  char *label;
} EidMarker;

typedef struct
{
  GPtrArray *series, *rules; /* EidSeries, EidRule */
  GPtrArray *markers;        /* EidMarker          */
  char *title, *x_title, *unit, *empty_text;
  double x_from, x_to, y_from, y_to; /* at least; NaN: as the data go */
  double smoothing;
  gboolean log_x, log_y, compact, dots;
} EidChartData;

typedef struct
{
  EidAxis x, y;
  graphene_rect_t plot; /* where the lines are */
  gboolean empty;
} EidChartLayout;

EidChartData *eid_chart_data_new (void);
void eid_chart_data_free (EidChartData *data);
/* The series of that name, made if it is not there, and its number. */
EidSeries *eid_chart_data_series (EidChartData *data, const char *name, guint slot, guint *index);
/* Makes, moves or (NAN) removes the rule of that label. */
void eid_chart_data_rule (EidChartData *data, const char *label, double value, guint slot);
void eid_chart_data_dashed_rule (EidChartData *data, const char *label, double value, guint slot,
                                 EidDash dash);
/* Replaces all points; brings them in order; an x that is not finite is left out. */
void eid_series_set (EidSeries *series, const double *x, const double *y, gsize n);
/* Puts the point in its place; an x that is not finite is left out. */
void eid_series_add (EidSeries *series, double x, double y);
/* The same, in the place of a point that has this x. */
void eid_series_put (EidSeries *series, double x, double y);
/* The index of the point nearest to @x that has a value; -1: none. */
gssize eid_series_nearest (const EidSeries *series, double x);

EidChartLayout eid_chart_layout (const EidChartData *data, const EidPlotStyle *style, double width,
                                 double height);
GskRenderNode *eid_chart_draw (const EidChartData *data, const EidChartLayout *layout,
                               const EidPlotStyle *style, double width, double height);
/* The value of each series beside @x. */
GskRenderNode *eid_chart_draw_readout (const EidChartData *data, const EidChartLayout *layout,
                                       const EidPlotStyle *style, double x, double width, double height);
/* The line "you are here". */
GskRenderNode *eid_chart_draw_cursor (const EidChartLayout *layout, const EidPlotStyle *style, double x);
/* The marker whose sign is at the pixel, or -1. */
int eid_chart_marker_at (const EidChartData *data, const EidChartLayout *layout, double pixel_x,
                         double pixel_y);
/* Half the side of a marker's sign, in pixels. */
#define EID_MARKER_SIZE 4.5
/* Pieces of eid_chart_draw(), in chart/marks.c. */
char *eid_chart_rule_text (const EidRule *rule);
void eid_chart_draw_rules (GtkSnapshot *snapshot, const EidChartData *data, const EidChartLayout *layout,
                           const EidPlotStyle *style, double width, double height);
void eid_chart_draw_markers (GtkSnapshot *snapshot, const EidChartData *data, const EidChartLayout *layout,
                             const EidPlotStyle *style, double width, double height);
/* One sentence for those who do not see it. */
char *eid_chart_describe (const EidChartData *data);

/* --- attention/draw.c ----------------------------------------------------------------------- */

/* Whether sizes and lengths agree. */
gboolean eid_attention_valid (const EidAttention *attention);
guint eid_attention_tokens (const EidAttention *attention);
/* Whether the maps are held that @layer (from the last if negative) and @head, or EID_HEADS_…, take. */
gboolean eid_attention_holds (const EidAttention *attention, int layer, int head);
/* Weights that @token (-1: the mean of the patches) gives to each token, @row [tokens], of the student
 * (@of 0) or the teacher (1); @head is one, EID_HEADS_MEAN or EID_HEADS_ROLLOUT. Where the map is not
 * held, NaN. */
void eid_attention_row (const EidAttention *attention, guint of, int layer, int head, guint picture,
                        int token, float *row);
/* Marks in @keep [n] the fewest of @values that have @mass (0..1) of their sum. Returns how many. */
guint eid_attention_keep_mass (const float *values, guint n, double mass, guint8 *keep);
/* The least and greatest finite value; NaN if there is none. */
void eid_attention_extent (const float *values, gsize n, float *least, float *greatest);
/* Values in viridis between @least and @greatest, [grid, grid]; dark grey where @keep (or NULL) is 0. */
GdkTexture *eid_attention_heat (const float *row, guint grid, float least, float greatest,
                                const guint8 *keep);
/* A viridis bar. */
void eid_snapshot_viridis (GtkSnapshot *snapshot, const graphene_rect_t *bar);

/* --- patch-draw.c ---------------------------------------------------------------------------- */

gboolean eid_patches_valid (const EidPatches *patches);
/* The length of each token, [count * grid * grid]. Free. */
float *eid_patches_lengths (const EidPatches *patches);
/* Cosines of @patch of @picture with all patches of @other, @row [grid * grid]; 0 beside a token of
 * length 0. @lengths: of eid_patches_lengths(). */
void eid_patches_similarity (const EidPatches *patches, const float *lengths, guint picture, guint patch,
                             guint other, float *row);

G_END_DECLS
