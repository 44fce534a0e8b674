/* colour.c: the scales of the window: Okabe and Ito's categories, viridis, and blue to red. */
#include "ui/base/draw.h"

#include <math.h>

/* Okabe and Ito, "Color Universal Design", 2008. Yellow on white and blue on black
 * would be lost: those two are a shade darker and a shade lighter there.            */
static const guint32 on_light[] = { 0x1a1a1a, 0xe69f00, 0x56b4e9, 0x009e73,
                                    0xc4b000, 0x0072b2, 0xd55e00, 0xcc79a7 };
static const guint32 on_dark[] = { 0xf2f2f2, 0xe69f00, 0x56b4e9, 0x00b885,
                                   0xf0e442, 0x3d94d6, 0xe8691a, 0xcc79a7 };

/* Smith and van der Walt's viridis at tenths of its way, 0, 1/9, … 1. */
static const guint32 viridis[] = { 0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e,
                                   0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725 };

static GdkRGBA
colour_of (guint32 rgb)
{
  return (GdkRGBA){ (rgb >> 16 & 255) / 255.f, (rgb >> 8 & 255) / 255.f, (rgb & 255) / 255.f, 1 };
}

GdkRGBA
eid_category_colour (guint slot, gboolean dark)
{
  guint place = slot % G_N_ELEMENTS (on_light);
  GdkRGBA colour = colour_of (dark ? on_dark[place] : on_light[place]);
  /* The second round is darker on light ground and paler on dark; black and white turn grey. */
  float towards = (place == 0) == dark ? 0 : 1, share = slot / G_N_ELEMENTS (on_light) % 2 ? 0.35f : 0;

  colour.red += share * (towards - colour.red);
  colour.green += share * (towards - colour.green);
  colour.blue += share * (towards - colour.blue);
  return colour;
}

/* Blue, white and red; who confuses red with green tells these. */
static const guint32 diverging[] = { 0x2166ac, 0x67a9cf, 0xffffff, 0xef8a62, 0xb2182b };

/* @t in 0..1 along @count @colours; NaN is taken for 0. */
static GdkRGBA
between (const guint32 *colours, guint count, double t)
{
  double place = (t > 0 ? fmin (t, 1) : 0) * (count - 1);
  guint below = MIN ((guint) place, count - 2);
  float share = (float) (place - below);
  GdkRGBA a = colour_of (colours[below]);
  GdkRGBA b = colour_of (colours[below + 1]);

  return (GdkRGBA){ a.red + share * (b.red - a.red), a.green + share * (b.green - a.green),
                    a.blue + share * (b.blue - a.blue), 1 };
}

GdkRGBA
eid_viridis (double t)
{
  return between (viridis, G_N_ELEMENTS (viridis), t);
}

GdkRGBA
eid_diverging (double t)
{
  return between (diverging, G_N_ELEMENTS (diverging), isnan (t) ? 0.5 : (t + 1) / 2);
}
