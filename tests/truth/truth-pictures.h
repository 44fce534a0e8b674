/* truth-pictures.h: files of pictures and masks that no encoder of gdk-pixbuf writes. */
#pragma once

#include "tests/datasets/fixtures.h"

G_BEGIN_DECLS

/* A PNG file of @depth bits, grey, or with @palette of so many colours: sample (x, y) is what @value
 * makes of it. @significant bits are said to be used, and @orientation as EXIF has it, unless 0. */
typedef struct
{
  guint width, height, depth, palette, significant, orientation;
  guint (*value) (guint x, guint y);
} TruthPng;

void truth_write_png (const char *folder, const char *name, const TruthPng *png);

/* A TIFF file of 16 bits, grey. */
void truth_write_tiff (const char *folder, const char *name, const TruthPng *tiff);

/* A TIFF file of @depth bits a sample, of 1 or 3 @channels, side by side or (@planar) one after the other, in
 * strips or tiles of 16 pixels a side: a pattern in the lower @used bits of its samples. */
typedef struct
{
  guint width, height, depth, used, channels;
  gboolean planar, tiled;
} TruthTiff;

guint truth_sample (const TruthTiff *tiff, guint x, guint y, guint channel);

void truth_write_samples (const char *folder, const char *name, const TruthTiff *tiff);

/* A PGM file that says it has 16 bits. */
void truth_write_pgm (const char *folder, const char *name, const TruthPng *pgm);

/* A picture of one colour, 0xrrggbb, 16 pixels a side, in the format of the name's ending: png, jpg, bmp,
 * tiff, gif or ppm. */
void truth_write_colour (const char *folder, const char *name, guint32 rgb);

G_END_DECLS
