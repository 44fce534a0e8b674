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

/* The numbers of the pictures of each class, GArray of guint32. */
static GPtrArray *
sort_by_class (EidDataset *dataset)
{
  GPtrArray *classes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);

  for (guint i = 0; i < eid_dataset_classes (dataset); i++)
    g_ptr_array_add (classes, g_array_new (FALSE, FALSE, sizeof (guint32)));
  for (guint32 i = 0; i < eid_dataset_count (dataset); i++)
    {
      const gint label = eid_dataset_label (dataset, i);

      if (label >= 0 && (guint) label < classes->len)
        g_array_append_val ((GArray *) classes->pdata[label], i);
    }
  return classes;
}

/* Adds the first @wanted of @of_class to @chosen; with @tried, the first that can be read. */
static void
choose (EidDataset *dataset, const GArray *of_class, guint wanted, guint8 *tried, GArray *chosen)
{
  for (guint i = 0; i < of_class->len && wanted > 0; i++)
    {
      const guint32 picture = g_array_index (of_class, guint32, i);

      if (tried != NULL && !eid_dataset_read (dataset, picture, tried, NULL))
        continue;
      g_array_append_val (chosen, picture);
      wanted--;
    }
}

guint32 *
eid_labels_choose (EidDataset *dataset, double percent, guint64 seed, guint limit, guint *count)
{
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GPtrArray) classes = sort_by_class (dataset);
  /* Of a few per cent each is missed; reading all only to choose all takes long. */
  g_autofree guint8 *tried = percent < 100 ? g_malloc (eid_dataset_bytes (dataset)) : NULL;

  for (guint label = 0; label < classes->len; label++)
    {
      GArray *of_class = classes->pdata[label];
      EidRandom random;

      if (of_class->len == 0)
        continue;
      eid_random_init (&random, seed, 0, label, CHOICE_STREAM);
      eid_random_shuffle (&random, (guint32 *) of_class->data, of_class->len);
      choose (dataset, of_class, (guint) CLAMP (round (of_class->len * percent / 100), 1, of_class->len),
              tried, chosen);
    }
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
