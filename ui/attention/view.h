/* view.h: what the parts of EidAttentionView share: view.c has the object and
 * its choices, -data.c what it is given, -heat.c the heat maps of the query, -layout.c where pictures stand,
 * -draw.c how they look, -input.c pointer and keys.
 *
 * A picture is a group of tiles: itself under one heat map, or under several beside one another.
 */
#pragma once

#include "ui/base/draw.h"

G_BEGIN_DECLS

struct _EidAttentionView
{
  GtkWidget parent;

  EidPatchesMode mode;
  EidAttention attention;    /* count 0: none */
  EidAttentionPlane *planes; /* the attention's */
  EidPatches patches;        /* count 0: none */
  float *lengths;            /* of the patches' tokens */
  int layer, head, rest;
  EidAttentionWhose whose;
  double mass, overlay;
  GPtrArray *captions; /* char*, or NULL, by picture */
  char *empty_text;

  int query_picture, query;           /* -1: all pictures; -1: what stands at rest */
  guint anchor_picture, anchor_patch; /* the last patch that was a query, for similarity */
  guint current;                      /* the picture the keys move on */

  /* As the mode shows it. */
  guint count, size, grid;
  guint tiles;                    /* of each picture */
  GPtrArray *images, *shown;      /* GdkTexture by picture; shown: as on the screen, or NULL */
  GPtrArray *heats, *heats_shown; /* by picture and tile; no heat: NULL */
  GArray *least, *greatest;       /* float by picture: of all its tiles */
  GArray *kept;                   /* guint by picture and tile: patches within the mass */
  GArray *outside;                /* float by picture: weight on other tokens than patches, first tile */
  GArray *best;                   /* int by picture: the patch most like the query's; -1: none */

  guint visible, columns, across; /* the layout: pictures, groups and tiles beside one another */
  int side, left, top, line;
};

/* --- view.c, data.c --- */

/* Everything drawn anew, after new data or another mode. */
void eid_attention_view_refresh (EidAttentionView *self);
/* Lets go of what is held. */
void eid_attention_view_drop (EidAttentionView *self);

/* --- heat.c --- */

/* The query's patch of @picture; -1: what stands at rest. */
int eid_attention_view_query_of (EidAttentionView *self, guint picture);
/* How many tiles a picture has, and which map a tile of attention shows. */
guint eid_attention_view_count_tiles (EidAttentionView *self);
void eid_attention_view_map_of (EidAttentionView *self, guint tile, guint *of, int *head);
/* The name of a tile among several; NULL: none. Free. */
char *eid_attention_view_tile_name (EidAttentionView *self, guint tile);
void eid_attention_view_make_heats (EidAttentionView *self, guint picture);
void eid_attention_view_make_all_heats (EidAttentionView *self);
/* What a screen reader says: the query, and the extent of the picture it is on. */
void eid_attention_view_describe (EidAttentionView *self);

/* --- layout.c --- */

/* As many columns as make the tiles largest in width × height; where they would be too small, the
 * first pictures alone. */
void eid_attention_view_lay_out (EidAttentionView *self, int width, int height);
/* The upper left corner of a tile. */
void eid_attention_view_place (EidAttentionView *self, guint picture, guint tile, int *x, int *y);
/* From the upper end of a group to its foot, and across its tiles. */
int eid_attention_view_group_height (EidAttentionView *self);
int eid_attention_view_group_width (EidAttentionView *self);
/* The picture and patch at a pixel; FALSE: none. */
gboolean eid_attention_view_patch_at (EidAttentionView *self, double at_x, double at_y, guint *picture,
                                      int *patch);

/* --- view-draw.c, input.c --- */

void eid_attention_view_draw_picture (EidAttentionView *self, GtkSnapshot *snapshot,
                                      const EidPlotStyle *style, guint picture);
/* That not all pictures are there. */
void eid_attention_view_draw_note (EidAttentionView *self, GtkSnapshot *snapshot, const EidPlotStyle *style);
void eid_attention_view_add_controllers (EidAttentionView *self);
/* Says that @picture was chosen. */
void eid_attention_view_activate (EidAttentionView *self, guint picture);

G_END_DECLS
