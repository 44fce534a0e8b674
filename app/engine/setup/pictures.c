/* pictures.c: pictures to look at; see pictures.h. */
#include "app/engine/setup/pictures.h"

#include "app/engine/setup/feature-set.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* What is shown of pictures cannot be shown of text. */
gboolean
eid_check_pictures (EidSetup *setup, GError **error)
{
  if (eid_setup_is_text (setup))
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("The data are text: there are no pictures to show."));
  return !eid_setup_is_text (setup);
}

static char *
label_text (EidDataset *dataset, guint picture)
{
  const gint label = eid_dataset_label (dataset, picture);

  return g_strdup (label >= 0 && (guint) label < eid_dataset_classes (dataset)
                       ? eid_dataset_class_name (dataset, (guint) label)
                       : "");
}

static char **
label_texts (EidDataset *dataset, const guint32 *pictures, guint count)
{
  char **labels = g_new0 (char *, count + 1);

  for (guint i = 0; i < count; i++)
    labels[i] = label_text (dataset, pictures[i]);
  return labels;
}

static EidPictures *
read_pictures (EidDataset *dataset, guint32 *numbers, guint count, GError **error)
{
  g_autoptr (EidPictures) pictures = g_new0 (EidPictures, 1);

  pictures->pixels = eid_dataset_read_all (dataset, numbers, &count, error);
  if (pictures->pixels == NULL)
    return NULL;
  pictures->count = count;
  pictures->labels = label_texts (dataset, numbers, count);
  return g_steal_pointer (&pictures);
}

/* Picture @number in an order whose first eight are spread over all of the test half: where
 * a folder is sorted by class, the first of its files are of one class.       */
static guint32
spread_first (guint32 number, guint total)
{
  const guint first = MIN (EID_PICTURES_SPREAD, total);
  guint32 before = 0;

  if (number < first)
    return (guint32) ((guint64) number * total / first);
  /* The others follow as they come: passed over are those that were first. */
  number -= first;
  while (before < first && (guint64) before * total / first <= number + before)
    before++;
  return number + before;
}

EidPictures *
eid_pictures_of_test (EidSetup *setup, const guint32 *wanted, guint count, GError **error)
{
  const guint total = eid_dataset_count (setup->test);
  g_autofree guint32 *numbers = NULL;
  guint there = 0;

  if (!eid_check_pictures (setup, error))
    return NULL;
  if (wanted == NULL)
    {
      numbers = eid_dataset_spread (setup->test, MAX (count, 1), &count);
      return read_pictures (setup->test, numbers, count, error);
    }
  numbers = g_new (guint32, MAX (count, 1));
  for (guint i = 0; i < count; i++)
    if (wanted[i] < total)
      numbers[there++] = spread_first (wanted[i], total);
  if (there == 0 && count > 0)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("There is no test picture number %'u: they are numbered from 0 to %'u."), wanted[0],
                   total - 1);
      return NULL;
    }
  return read_pictures (setup->test, numbers, there, error);
}

EidPictures *
eid_pictures_of_train (EidSetup *setup, guint32 *samples, guint count, GError **error)
{
  return eid_check_pictures (setup, error) ? read_pictures (setup->train, samples, count, error) : NULL;
}

EidPictures *
eid_pictures_of_files (EidSetup *setup, char **files, GError **error)
{
  const gsize bytes = eid_dataset_bytes (setup->test);
  g_autoptr (EidPictures) pictures = g_new0 (EidPictures, 1);

  if (!eid_check_pictures (setup, error))
    return NULL;
  pictures->count = g_strv_length (files);
  pictures->pixels = g_malloc (bytes * MAX (pictures->count, 1));
  pictures->labels = g_new0 (char *, pictures->count + 1);
  for (guint i = 0; i < pictures->count; i++)
    {
      if (!eid_picture_load (files[i], eid_dataset_size (setup->test), setup->channels,
                             pictures->pixels + i * bytes, NULL, error))
        return NULL;
      pictures->labels[i] = g_path_get_basename (files[i]);
    }
  return g_steal_pointer (&pictures);
}

void
eid_pictures_free (EidPictures *pictures)
{
  if (pictures == NULL)
    return;
  g_free (pictures->pixels);
  g_strfreev (pictures->labels);
  g_free (pictures);
}
