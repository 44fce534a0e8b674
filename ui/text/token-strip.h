/* token-strip.h: data and drawing of EidTokenStrip as pure functions (draw.c). */
#pragma once

#include "ui/base/draw.h"

G_BEGIN_DECLS

typedef struct
{
  guint count, length, few, n_words;
  char **words, **labels; /* labels [count] or NULL                    */
  char **visible;         /* the words as they are drawn               */
  gint32 *tokens;         /* [count, length]; NULL: nothing to show    */
  double *values;         /* likewise; NaN: none                       */
  gint32 *predicted;      /* [count, length, few]                      */
  double *chances;        /* likewise                                  */
  double least, greatest;
  char *empty_text;
} EidTokenStripData;

typedef struct
{
  graphene_rect_t *places; /* [count, length]                          */
  double *captions;        /* [count] top of each                      */
  double height;
} EidTokenStripLayout;

/* Copies what fits together; else, and for NULL, there is nothing. FALSE then. */
gboolean eid_token_strip_data_set (EidTokenStripData *data, const EidTokens *tokens);
void eid_token_strip_data_clear (EidTokenStripData *data);
/* Where each token goes in lines of @width. */
EidTokenStripLayout eid_token_strip_layout (const EidTokenStripData *data, const EidPlotStyle *style,
                                            double width);
void eid_token_strip_layout_clear (EidTokenStripLayout *layout);
GskRenderNode *eid_token_strip_draw (const EidTokenStripData *data, const EidTokenStripLayout *layout,
                                     const EidPlotStyle *style, double width, double height);
/* The token at the pixel; -1: none. */
gssize eid_token_strip_at (const EidTokenStripData *data, const EidTokenStripLayout *layout, double x,
                           double y);
/* The token in the next line (@down) or the one before, nearest below or above @token. */
gsize eid_token_strip_beside (const EidTokenStripData *data, const EidTokenStripLayout *layout, gsize token,
                              gboolean down);
/* Its outline, and a card with what it is and what was likely in its place. */
void eid_token_strip_snapshot_pointed (GtkSnapshot *snapshot, const EidTokenStripData *data,
                                       const EidTokenStripLayout *layout, const EidPlotStyle *style,
                                       gsize token, double width, double height);
/* The outline alone. */
void eid_token_strip_snapshot_outline (GtkSnapshot *snapshot, const EidTokenStripLayout *layout, gsize token);
/* “e”  0.43 */
char *eid_token_strip_heading (const EidTokenStripData *data, gsize token);
/* What was likely in the place of @token, the likeliest first: EidReadoutLine. */
GArray *eid_token_strip_likely (const EidTokenStripData *data, gsize token);
void eid_token_strip_likely_free (GArray *lines);
/* One sentence of @token, or of all of them for -1. */
char *eid_token_strip_tell (const EidTokenStripData *data, gssize token);

G_END_DECLS
