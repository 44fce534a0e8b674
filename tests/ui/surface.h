/* surface.h: nodes drawn without a display, and their pixels, for tests of what is drawn. */
#pragma once

#include "ui/base/draw.h"

#define WIDTH  400
#define HEIGHT 240

/* Black on white. */
EidPlotStyle test_style (void);
/* @node on white, WIDTH × HEIGHT; @node is freed. */
cairo_surface_t *test_surface_of (GskRenderNode *node);
/* 0xrrggbb. */
guint32 test_pixel (cairo_surface_t *surface, int x, int y);
