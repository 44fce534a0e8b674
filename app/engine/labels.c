/* labels.c: see labels.h. */
#include "labels.h"

#include "tensor.h"

#include <math.h>

/* Streams of the generator that choose, one a class. */
#define CHOICE_STREAM 0x4c41424cu

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  const guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;

  return (x > y) - (x < y);
}

/* Adds the share of class @label to @chosen. */
static void
choose_of_class (EidDataset *dataset, gint label, double percent, guint64 seed, GArray *chosen)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (guint32));
  EidRandom random;

  for (guint32 i = 0; i < eid_dataset_count (dataset); i++)
    if (eid_dataset_label (dataset, i) == label)
      g_array_append_val (all, i);
  if (all->len == 0)
    return;
  eid_random_init (&random, seed, 0, (guint32) label, CHOICE_STREAM);
  eid_random_shuffle (&random, (guint32 *) all->data, all->len);
  g_array_append_vals (chosen, all->data, (guint) CLAMP (round (all->len * percent / 100), 1, all->len));
}

guint32 *
eid_labels_choose (EidDataset *dataset, double percent, guint64 seed, guint limit, guint *count)
{
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (guint32));
  const guint classes = eid_dataset_classes (dataset);

  for (guint label = 0; label < classes; label++)
    choose_of_class (dataset, (gint) label, percent, seed, chosen);
  g_array_sort (chosen, compare_numbers);
  *count = chosen->len;
  if (limit != 0 && chosen->len > limit)
    {
      for (guint i = 0; i < limit; i++)
        g_array_index (chosen, guint32, i) =
            g_array_index (chosen, guint32, (guint64) i * chosen->len / limit);
      *count = limit;
    }
  return (guint32 *) g_array_free (g_steal_pointer (&chosen), FALSE);
}
