/* attention-view.h: what the two halves of EidAttentionView share: attention-view.c has the
 * object and its input, attention-view-draw.c where pictures stand and how they look.
 */
#pragma once

#include "draw.h"

G_BEGIN_DECLS

struct _EidAttentionView
{
  GtkWidget parent;

  EidAttention data;
  GPtrArray *captions; /* char*, or NULL, by picture */
  char *empty_text;
  double overlay;
  int query_picture, query; /* -1: all pictures; -1: class token */
  guint current;            /* the picture the keys move on      */

  GPtrArray *images, *shown; /* GdkTexture; shown: as on the screen, or NULL */
  GPtrArray *heats, *heats_shown;
  GArray *least, *greatest; /* float, of each heat map */

  guint columns; /* the layout */
  int side, left, top, line;
};

/* Which query the map of @picture shows; -1: the class token. */
int eid_attention_view_query_of (EidAttentionView *self, guint picture);
/* As many columns as make the pictures largest in width × height. */
void eid_attention_view_lay_out (EidAttentionView *self, int width, int height);
/* The picture and patch at a pixel; FALSE: none. */
gboolean eid_attention_view_patch_at (EidAttentionView *self, double at_x, double at_y, guint *picture,
                                      int *patch);
void eid_attention_view_draw_picture (EidAttentionView *self, GtkSnapshot *snapshot,
                                      const EidPlotStyle *style, guint picture);

G_END_DECLS
