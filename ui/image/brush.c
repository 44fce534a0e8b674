/* brush.c: the patches of a picture that can be painted: which one is under
 * the brush, how that is drawn, and in words. Plain data.
 */
#include "ui/image/image.h"

#include <glib/gi18n-lib.h>

void
eid_brush_clear (EidBrush *patches)
{
  g_clear_pointer (&patches->hidden, g_free);
  *patches = (EidBrush){ .cursor = -1 };
}

int
eid_brush_at (const EidBrush *patches, const graphene_rect_t *bounds, double x, double y)
{
  const double across = patches->across, u = (x - (double) bounds->origin.x) / (double) bounds->size.width,
               v = (y - (double) bounds->origin.y) / (double) bounds->size.height;

  if (patches->across == 0 || !(u >= 0 && u < 1 && v >= 0 && v < 1))
    return -1;
  return (int) (v * across) * (int) patches->across + (int) (u * across);
}

void
eid_brush_draw (const EidBrush *patches, GtkSnapshot *snapshot, const graphene_rect_t *bounds)
{
  const GdkRGBA dark = { 0, 0, 0, 0.8f }, light = { 1, 1, 1, 1 };
  const float side = bounds->size.width / (float) MAX (patches->across, 1);
  graphene_rect_t square;
  GskRoundedRect outline;

  if (patches->across == 0 || patches->cursor < 0)
    return;
  square = GRAPHENE_RECT_INIT (bounds->origin.x + side * (float) (patches->cursor % (int) patches->across),
                               bounds->origin.y + side * (float) (patches->cursor / (int) patches->across),
                               side, side);
  /* Dark around light, so that it is seen on any picture. */
  graphene_rect_inset (&square, -2, -2);
  gsk_rounded_rect_init_from_rect (&outline, &square, 0);
  gtk_snapshot_append_border (snapshot, &outline, (float[]){ 1, 1, 1, 1 },
                              (GdkRGBA[]){ dark, dark, dark, dark });
  graphene_rect_inset (&square, 1, 1);
  gsk_rounded_rect_init_from_rect (&outline, &square, 0);
  gtk_snapshot_append_border (snapshot, &outline, (float[]){ 1.5f, 1.5f, 1.5f, 1.5f },
                              (GdkRGBA[]){ light, light, light, light });
}

char *
eid_brush_describe (const EidBrush *patches)
{
  const guint count = patches->across * patches->across;
  g_autofree char *all = NULL;
  guint hidden = 0;

  for (guint i = 0; patches->hidden && i < count; i++)
    hidden += patches->hidden[i] != 0;
  all = g_strdup_printf (_ ("%'u of %'u patches hidden"), hidden, count);
  if (patches->cursor < 0)
    return g_steal_pointer (&all);
  /* TRANSLATORS: row, column, "hidden" or "shown", "12 of 64 patches hidden". */
  return g_strdup_printf (
      _ ("patch in row %u, column %u: %s; %s"), (guint) patches->cursor / patches->across + 1,
      (guint) patches->cursor % patches->across + 1,
      patches->hidden && patches->hidden[patches->cursor] ? C_ ("patch", "hidden") : C_ ("patch", "shown"),
      all);
}
