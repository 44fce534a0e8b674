/* labels.c: see labels.h. */
#include "app/engine/setup/labels.h"

#include "opencl/core/tensor.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Streams of the generator that choose, one a class. */
#define CHOICE_STREAM 0x4c41424cu

static int
compare_numbers (const void *a, const void *b)
{
  const guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;

  return (x > y) - (x < y);
}

/* Sorts the labelled pictures by class into @pictures: those of class c are from @first[c] to @first[c + 1].
 */
static void
sort_by_class (EidDataset *dataset, guint classes, guint32 *pictures, guint *first)
{
  const guint count = eid_dataset_count (dataset);

  for (guint32 i = 0; i < count; i++)
    {
      const gint label = eid_dataset_label (dataset, i);

      if (label >= 0 && (guint) label < classes)
        first[label + 1]++;
    }
  for (guint c = 0; c < classes; c++)
    first[c + 1] += first[c];
  /* Each class's beginning is its next free place, and in the end the beginning of the next class. */
  for (guint32 i = 0; i < count; i++)
    {
      const gint label = eid_dataset_label (dataset, i);

      if (label >= 0 && (guint) label < classes)
        pictures[first[label]++] = i;
    }
  memmove (first + 1, first, classes * sizeof *first);
  first[0] = 0;
}

/* Moves the first @wanted of @of_class to @chosen; with @tried, the first that can be read. Returns how many.
 */
static guint
choose (EidDataset *dataset, const guint32 *of_class, guint count, guint wanted, guint8 *tried,
        guint32 *chosen)
{
  guint n = 0;

  for (guint i = 0; i < count && n < wanted; i++)
    if (tried == NULL || eid_dataset_read (dataset, of_class[i], tried, NULL))
      chosen[n++] = of_class[i];
  return n;
}

guint32 *
eid_labels_choose (EidDataset *dataset, double percent, guint64 seed, guint limit, guint *count,
                   GError **error)
{
  const guint classes = eid_dataset_classes (dataset), all = eid_dataset_count (dataset);
  g_autofree guint32 *pictures = g_try_new (guint32, MAX (all, 1));
  g_autofree guint *first = g_try_new0 (guint, classes + 1);
  /* Of a few per cent each is missed; reading all only to choose all takes long. */
  g_autofree guint8 *tried = percent < 100 ? g_malloc (eid_dataset_bytes (dataset)) : NULL;
  guint chosen = 0;

  if (pictures == NULL || first == NULL)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("There is not enough memory to choose among %'u pictures; take fewer, by “limit” in "
                      "[Dataset]."),
                   all);
      return NULL;
    }
  sort_by_class (dataset, classes, pictures, first);
  for (guint label = 0; label < classes; label++)
    {
      guint32 *of_class = pictures + first[label];
      const guint there = first[label + 1] - first[label];
      EidRandom random;

      if (there == 0)
        continue;
      eid_random_init (&random, seed, 0, label, CHOICE_STREAM);
      eid_random_shuffle (&random, of_class, there);
      /* What is chosen is never more than what was gone through. */
      chosen += choose (dataset, of_class, there, (guint) CLAMP (round (there * percent / 100), 1, there),
                        tried, pictures + chosen);
    }
  qsort (pictures, chosen, sizeof *pictures, compare_numbers);
  *count = chosen;
  if (limit != 0 && chosen > limit)
    {
      for (guint i = 0; i < limit; i++)
        pictures[i] = pictures[(guint64) i * chosen / limit];
      *count = limit;
    }
  return g_steal_pointer (&pictures);
}
