/* scatter.h: what the files of EidScatter share: its data, their drawing as pure
 * functions (draw.c, marks.c), and the widget itself, whose
 * pointer and keys are input.c.                                       */
#pragma once

#include "ui/base/draw.h"

G_BEGIN_DECLS

typedef struct
{
  double *x, *y;
  int *labels; /* NULL: none */
  gsize n;
  EidSampleKind kind; /* what each is of */
  char **names;       /* NULL: by number */
  char *x_title, *y_title, *empty_text;
  GHashTable *hidden;        /* labels that are left out; NULL: none               */
  GdkTexture **pictures;     /* [n]; NULL: none                                    */
  gboolean show_pictures;    /* in place of marks, however many are in sight       */
  double zoom;               /* 1 and less: all of it                              */
  double middle_x, middle_y; /* of what is in sight where that is not all          */
} EidScatterData;

typedef struct
{
  EidAxis x, y;
  graphene_rect_t plot;
  gsize in_sight;  /* points                                     */
  gboolean empty;  /* no point to show                           */
  double pictures; /* the side of pictures, 0: marks are drawn   */
} EidScatterLayout;

/* The most a map is enlarged. */
#define EID_SCATTER_ZOOM 64.0

/* The classes that occur, in order; without names at most 64. */
GArray *eid_scatter_classes (const EidScatterData *data);
char *eid_scatter_class_name (const EidScatterData *data, int label);
/* The category slot of class @label; colour and form repeat after 32. */
guint eid_scatter_slot (int label);
/* The slot of a point; without classes sky blue, which shows on both grounds. */
guint eid_scatter_point_slot (const EidScatterData *data, gsize i);
/* A point that has a place and is not left out. */
gboolean eid_scatter_drawable (const EidScatterData *data, gsize i);
EidScatterLayout eid_scatter_layout (const EidScatterData *data, const EidPlotStyle *style, double width,
                                     double height);
GskRenderNode *eid_scatter_draw (const EidScatterData *data, const EidScatterLayout *layout,
                                 const EidPlotStyle *style, double width, double height);
/* The point nearest to the pixel and at most @reach away; -1: none. */
gssize eid_scatter_at (const EidScatterData *data, const EidScatterLayout *layout, double pixel_x,
                       double pixel_y, double reach);

/* --- marks.c: what lies over the points ------------------------------------ */

/* Rings about @centre (-1: none), thick, and @others; and about the @selected [n], where not NULL. */
GskRenderNode *eid_scatter_draw_marks (const EidScatterData *data, const EidScatterLayout *layout,
                                       const EidPlotStyle *style, gssize centre, const GArray *others,
                                       const guint8 *selected);
/* The point larger, its picture, and what it is. */
void eid_scatter_snapshot_pointed (GtkSnapshot *snapshot, const EidScatterData *data,
                                   const EidScatterLayout *layout, const EidPlotStyle *style, gsize pointed,
                                   double width, double height);
/* A dashed outline through @corners (graphene_point_t). */
void eid_scatter_snapshot_lasso (GtkSnapshot *snapshot, const EidScatterLayout *layout,
                                 const EidPlotStyle *style, const GArray *corners);
/* Sets @selected [n] for the points in sight within @corners, by the even-odd rule; how many. */
gsize eid_scatter_within (const EidScatterData *data, const EidScatterLayout *layout, const GArray *corners,
                          guint8 *selected);

/* --- scatter.c, input.c -------------------------------------------------------- */

struct _EidScatter
{
  GtkWidget parent;

  EidScatterData data;
  gssize pointed;   /* -1: none                                              */
  gssize centre;    /* of the rings; -1: none                                */
  GArray *others;   /* gint32, ringed too                                    */
  guint8 *selected; /* [data.n], or NULL                                     */
  gboolean lasso;   /* dragging selects                                      */
  GArray *corners;  /* graphene_point_t of the lasso being drawn, or empty   */
  double pointer_x, pointer_y;
  double grabbed_x, grabbed_y; /* middle of the view when it was grabbed    */
  gboolean panning;

  EidScatterLayout layout;
  GskRenderNode *node, *marks; /* of width × height; drawn anew where they are 0 */
  int width, height;
};

/* Points, view or size have changed; rings or selection alone have. */
void eid_scatter_invalidate (EidScatter *self);
void eid_scatter_invalidate_marks (EidScatter *self);
void eid_scatter_point_at (EidScatter *self, gssize pointed);
/* Brings the layout up to date; FALSE where there is nothing to point at. */
gboolean eid_scatter_is_laid_out (EidScatter *self);
void eid_scatter_emit_activated (EidScatter *self, guint index);
void eid_scatter_emit_selected (EidScatter *self);
/* Moves the view; enlarges it by @factor, the place at the pixel staying where it is. */
void eid_scatter_look_at (EidScatter *self, double middle_x, double middle_y);
void eid_scatter_zoom_at (EidScatter *self, double factor, double pixel_x, double pixel_y);
void eid_scatter_add_controllers (EidScatter *self);

G_END_DECLS
