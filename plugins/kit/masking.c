/* masking.c: which patches of which pictures are hidden, drawn from the step's generator: at random
 * over the picture, or in blocks. */

#include "plugins/kit/private.h"

#include <math.h>

/* --- At random: He et al. 2022, section 3 ------------------------------------------------- */

/* Orders the places of picture @b: those that stay first. */
static void
order_places (EidStep *step, guint b, guint tokens, guint32 *order)
{
  const guint8 *mask = step->mask ? step->mask + (gsize) b * tokens : NULL;
  EidRandom random;
  guint place = 0;

  for (guint hidden = 0; mask && hidden < 2; hidden++)
    for (guint t = 0; t < tokens; t++)
      if ((mask[t] != 0) == (hidden == 1))
        order[place++] = t;
  if (mask)
    return;
  eid_step_random (step, b, 0, &random);
  for (guint t = 0; t < tokens; t++)
    order[t] = t;
  eid_random_shuffle (&random, order, tokens);
}

EidMasking
eid_random_masking (EidStep *step, guint batch, guint tokens, guint keep)
{
  g_autofree gint32 *kept = NULL;
  g_autofree gint32 *restore = g_new (gint32, (gsize) batch * tokens);
  g_autofree float *mask = g_new (float, (gsize) batch *tokens);
  g_autofree guint32 *order = g_new (guint32, tokens);
  EidDevice *device = step->model->device;

  if (step->mask)
    {
      keep = 0;
      for (guint t = 0; t < tokens; t++)
        keep += step->mask[t] == 0;
    }
  kept = g_new (gint32, (gsize) batch * keep);
  for (guint b = 0; b < batch; b++)
    {
      order_places (step, b, tokens, order);
      for (guint place = 0; place < tokens; place++)
        {
          if (place < keep)
            kept[b * keep + place] = order[place];
          restore[b * tokens + order[place]] = place;
          mask[b * tokens + order[place]] = place < keep ? 0 : 1;
        }
    }
  return (EidMasking){
    .keep = eid_tensor_from_data (device, EID_I32, EID_SHAPE (batch, keep), kept),
    .restore = eid_tensor_from_data (device, EID_I32, EID_SHAPE (batch, tokens), restore),
    .mask = eid_tensor_from_data (device, EID_F32, EID_SHAPE (batch, tokens), mask),
  };
}

/* --- In blocks: Bao et al. 2022 (BEiT), algorithm 1, as DINOv2 spreads them over a batch ------ */

enum
{
  LEAST_AREA = 4, /* patches of a rectangle */
  STREAM = 1      /* of a step's random numbers; 0 is for masking at random */
};

/* Sets @count of the @grid x @grid places of @mask, in rectangles of any shape between 3 : 10 and 10 : 3.
 * The last may be cut short. */
static void
hide_blocks (EidRandom *random, float *mask, guint grid, guint count)
{
  const float steepest = logf (10.0f / 3);

  while (count > 0)
    {
      float area = eid_random_range (random, LEAST_AREA, MAX (LEAST_AREA, count) + 1);
      float aspect = expf (eid_random_range (random, -steepest, steepest));
      guint height = CLAMP ((guint) roundf (sqrtf (area * aspect)), 1, grid);
      guint width = CLAMP ((guint) roundf (sqrtf (area / aspect)), 1, grid);
      guint top = eid_random_below (random, grid - height + 1);
      guint left = eid_random_below (random, grid - width + 1);

      for (guint y = top; y < top + height; y++)
        for (guint x = left; x < left + width && count > 0; x++)
          if (mask[y * grid + x] == 0)
            {
              mask[y * grid + x] = 1;
              count--;
            }
    }
}

typedef struct
{
  float key;
  guint picture;
  EidRandom random;
} Draw;

static gint
compare_draws (gconstpointer a, gconstpointer b)
{
  const Draw *first = a, *second = b;

  if (first->key != second->key)
    return first->key < second->key ? -1 : 1;
  return first->picture < second->picture ? -1 : 1;
}

EidBlockMasking
eid_block_masking (EidStep *step, guint pictures, guint tokens, float share, float least, float most)
{
  guint chosen = CLAMP ((guint) (pictures * share), 1, pictures), total = 0;
  guint grid = (guint) lroundf (sqrtf (tokens));
  gsize places = (gsize) pictures * tokens;
  g_autofree Draw *draws = g_new (Draw, pictures);
  g_autofree float *mask = g_new0 (float, places), *weight = g_new (float, places);
  g_autofree gint32 *hidden = g_new (gint32, places);
  EidDevice *device = step->model->device;

  /* Each picture draws a number of its own; their order says which are chosen, and what share each hides. */
  for (guint i = 0; i < pictures; i++)
    {
      draws[i].picture = i;
      eid_step_random (step, i, STREAM, &draws[i].random);
      draws[i].key = eid_random_float (&draws[i].random);
    }
  qsort (draws, pictures, sizeof *draws, compare_draws);
  for (guint i = 0; i < chosen; i++)
    {
      float part = least + (most - least) * ((float) i + 0.5f) / (float) chosen;
      guint first = draws[i].picture * tokens, count = CLAMP ((guint) roundf (part * tokens), 1, tokens);

      hide_blocks (&draws[i].random, mask + first, grid, count);
      for (guint place = first; place < first + tokens; place++)
        if (mask[place] == 1)
          {
            hidden[total] = (gint32) place;
            weight[total++] = 1 / (float) count;
          }
    }
  return (EidBlockMasking){
    .mask = eid_tensor_from_data (device, EID_F32, EID_SHAPE (pictures, tokens), mask),
    .hidden = eid_tensor_from_data (device, EID_I32, EID_SHAPE (total), hidden),
    .weight = eid_tensor_from_data (device, EID_F32, EID_SHAPE (total), weight),
  };
}
