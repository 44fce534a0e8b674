/* dataset.c: what all data sets share. Checks a recipe's [Dataset], finds the
 * reader it names, and keeps the seeded choice of pictures that `limit` makes;
 * the loader and the engine see pictures through these functions alone. */
#include "app/datasets/reader.h"

#include <glib/gi18n-lib.h>

#include <string.h>

/* The readers there are: one line each. */
static const EidReader *const readers[] = { &eid_idx_reader, &eid_folder_reader, &eid_text_reader,
                                            &eid_noise_reader };

/* Data that a distribution packages: where it lies, and what installs it. */
static const struct
{
  const char *path, *command;
} packages[] = {
  { "/usr/share/datasets/fashion-mnist", "apt install dataset-fashion-mnist" },
};

/* `limit` always takes the same pictures: the seed of a run orders them, but
 * does not choose them. */
#define LIMIT_SEED G_GUINT64_CONSTANT (0x1d47a5e7)

struct _EidDataset
{
  gatomicrefcount references;
  const EidReader *reader;
  EidSource source;
  guint count;
  guint32 *chosen; /* [count] numbers in the source; NULL: all, in its order */

  GMutex lock;
  GHashTable *unreadable; /* numbers of pictures, and why; under the lock */
  GArray *untold;         /* guint32, those not yet taken; under the lock */
};

G_DEFINE_QUARK (eid - dataset - error - quark, eid_dataset_error)

static gboolean
spec_error (GError **error, const char *message)
{
  g_set_error_literal (error, EID_DATASET_ERROR, EID_DATASET_ERROR_SPEC, message);
  return FALSE;
}

static const EidReader *
find_reader (const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *message = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    {
      if (g_strcmp0 (name, readers[i]->name) == 0)
        return readers[i];
      g_string_append_printf (names, "%s%s", i == 0 ? "" : ", ", readers[i]->name);
    }

  message = g_strdup_printf (_ ("[Dataset] reader: there is no reader “%s”; there are: %s"),
                             name != NULL ? name : "", names->str);
  spec_error (error, message);
  return NULL;
}

static gboolean
check_path (const char *path, gboolean is_file, GError **error)
{
  g_autofree char *canonical = NULL;
  g_autofree char *shown = NULL;

  if (path == NULL || *path == '\0')
    return spec_error (error, is_file ? _ ("[Dataset] path: missing; write the file that holds the text")
                                      : _ ("[Dataset] path: missing; write the folder that holds the data"));
  if (g_file_test (path, is_file ? G_FILE_TEST_IS_REGULAR : G_FILE_TEST_IS_DIR))
    return TRUE;

  canonical = g_canonicalize_filename (path, NULL);
  shown = g_filename_display_name (path);
  for (guint i = 0; i < G_N_ELEMENTS (packages); i++)
    if (strcmp (canonical, packages[i].path) == 0)
      {
        g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
                     _ ("%s: not there; install it with “%s”"), shown, packages[i].command);
        return FALSE;
      }

  if (is_file)
    g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
                 g_file_test (path, G_FILE_TEST_EXISTS)
                     ? _ ("%s: a file of text was expected; set “path” in [Dataset] to one")
                     : _ ("%s: there is no such file; correct “path” in [Dataset], or put the text there"),
                 shown);
  else if (g_file_test (path, G_FILE_TEST_EXISTS))
    g_set_error (
        error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
        _ ("%s: a folder was expected, this is a file; set “path” in [Dataset] to the folder it is in"),
        shown);
  else
    g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
                 _ ("%s: there is no such folder; correct “path” in [Dataset], or put the data there"),
                 shown);
  return FALSE;
}

static gboolean
check_spec (const EidReader *reader, const EidDatasetSpec *spec, const char *half, GError **error)
{
  if (g_strcmp0 (half, "train") != 0 && g_strcmp0 (half, "test") != 0)
    {
      g_autofree char *message = g_strdup_printf (
          _ ("A data set has the halves “train” and “test”, not “%s”"), half != NULL ? half : "");

      return spec_error (error, message);
    }
  if (spec->channels != 0 && spec->channels != 1 && spec->channels != 3)
    {
      g_autofree char *message = g_strdup_printf (
          _ ("[Dataset] channels: 1 (grey) or 3 (colour) was expected, not %u"), spec->channels);

      return spec_error (error, message);
    }
  if (spec->size > EID_PICTURE_MAX_SIZE)
    {
      g_autofree char *message =
          g_strdup_printf (_ ("[Dataset] size: at most %'d pixels a side were expected, not %'u"),
                           EID_PICTURE_MAX_SIZE, spec->size);

      return spec_error (error, message);
    }
  return reader->needs_no_path || check_path (spec->path, reader->is_file, error);
}

EidDataset *
eid_dataset_open (const EidDatasetSpec *spec, const char *half, GError **error)
{
  g_autoptr (EidDataset) dataset = NULL;
  const EidReader *reader;
  EidSource *source;

  g_return_val_if_fail (spec != NULL, NULL);

  reader = find_reader (spec->reader, error);
  if (reader == NULL || !check_spec (reader, spec, half, error))
    return NULL;

  dataset = g_new0 (EidDataset, 1);
  g_atomic_ref_count_init (&dataset->references);
  g_mutex_init (&dataset->lock);
  dataset->unreadable = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  dataset->untold = g_array_new (FALSE, FALSE, sizeof (guint32));
  dataset->reader = reader;
  source = &dataset->source;
  source->notes = g_ptr_array_new_with_free_func (g_free);
  if (!reader->open (source, spec, half, error))
    return NULL;
  g_assert (source->count > 0 && source->size > 0
            && (source->vocabulary > 0 || source->channels == 1 || source->channels == 3));

  dataset->count = source->count;
  if (spec->limit > 0 && spec->limit < source->count)
    {
      dataset->chosen = g_try_new (guint32, source->count);
      if (dataset->chosen == NULL)
        {
          g_autofree char *shown = g_filename_display_name (spec->path);

          g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
                       _ ("%s: there is not enough memory to choose among %'u pictures; leave “limit” in "
                          "[Dataset] out"),
                       shown, source->count);
          return NULL;
        }
      eid_shuffle (dataset->chosen, source->count, LIMIT_SEED, 0);
      dataset->chosen = g_renew (guint32, dataset->chosen, spec->limit);
      dataset->count = spec->limit;
    }
  return g_steal_pointer (&dataset);
}

EidDataset *
eid_dataset_ref (EidDataset *dataset)
{
  g_atomic_ref_count_inc (&dataset->references);
  return dataset;
}

void
eid_dataset_unref (EidDataset *dataset)
{
  if (dataset == NULL || !g_atomic_ref_count_dec (&dataset->references))
    return;

  dataset->reader->close (&dataset->source);
  g_free (dataset->source.labels);
  g_strfreev (dataset->source.tokens);
  g_strfreev (dataset->source.classes);
  g_free (dataset->source.folder);
  g_clear_pointer (&dataset->source.notes, g_ptr_array_unref);
  g_free (dataset->chosen);
  g_hash_table_unref (dataset->unreadable);
  g_array_unref (dataset->untold);
  g_mutex_clear (&dataset->lock);
  g_free (dataset);
}

/* The source's number of picture @i. */
static guint
source_number (EidDataset *dataset, guint i)
{
  return dataset->chosen != NULL ? dataset->chosen[i] : i;
}

guint
eid_dataset_count (EidDataset *dataset)
{
  return dataset->count;
}

guint
eid_dataset_size (EidDataset *dataset)
{
  return dataset->source.size;
}

guint
eid_dataset_channels (EidDataset *dataset)
{
  return dataset->source.channels;
}

guint
eid_dataset_vocabulary (EidDataset *dataset)
{
  return dataset->source.vocabulary;
}

const char *
eid_dataset_token (EidDataset *dataset, guint token)
{
  return dataset->source.tokens != NULL && token < dataset->source.vocabulary ? dataset->source.tokens[token]
                                                                              : "";
}

gsize
eid_dataset_bytes (EidDataset *dataset)
{
  const gsize size = dataset->source.size;

  return dataset->source.vocabulary > 0 ? (size + 1) * sizeof (gint32)
                                        : size * size * dataset->source.channels;
}

guint
eid_dataset_classes (EidDataset *dataset)
{
  return dataset->source.classes != NULL ? g_strv_length (dataset->source.classes) : 0;
}

const char *
eid_dataset_class_name (EidDataset *dataset, guint label)
{
  g_return_val_if_fail (label < eid_dataset_classes (dataset), NULL);

  return dataset->source.classes[label];
}

gint
eid_dataset_label (EidDataset *dataset, guint i)
{
  g_return_val_if_fail (i < dataset->count, -1);

  return dataset->source.labels != NULL ? dataset->source.labels[source_number (dataset, i)] : -1;
}

const char *
eid_dataset_folder (EidDataset *dataset)
{
  return dataset->source.folder;
}

guint64
eid_dataset_fingerprint (EidDataset *dataset)
{
  return dataset->source.fingerprint;
}

GPtrArray *
eid_dataset_notes (EidDataset *dataset)
{
  return dataset->source.notes;
}

guint
eid_dataset_stretched (EidDataset *dataset)
{
  return (guint) g_atomic_int_get (&dataset->source.stretched);
}

char *
eid_dataset_describe (EidDataset *dataset, guint i)
{
  g_return_val_if_fail (i < dataset->count, NULL);

  return dataset->reader->describe (&dataset->source, source_number (dataset, i));
}

/* --- Pictures that cannot be read ------------------------------------------ */

/* Why picture @i could not be read before, or NULL. Free. */
static char *
known_failure (EidDataset *dataset, guint i)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&dataset->lock);

  return g_strdup (g_hash_table_lookup (dataset->unreadable, GUINT_TO_POINTER (i)));
}

static void
remember_failure (EidDataset *dataset, guint32 i, const char *reason)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&dataset->lock);

  if (g_hash_table_contains (dataset->unreadable, GUINT_TO_POINTER (i)))
    return;
  g_hash_table_insert (dataset->unreadable, GUINT_TO_POINTER (i), g_strdup (reason));
  g_array_append_val (dataset->untold, i);
}

gboolean
eid_dataset_read (EidDataset *dataset, guint i, guint8 *pixels, GError **error)
{
  g_autofree char *known = NULL;
  g_autoptr (GError) reason = NULL;

  g_return_val_if_fail (i < dataset->count, FALSE);

  known = known_failure (dataset, i);
  if (known != NULL)
    g_set_error_literal (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE, known);
  if (known != NULL)
    return FALSE;
  if (dataset->reader->read (&dataset->source, source_number (dataset, i), pixels, &reason))
    return TRUE;
  remember_failure (dataset, i, reason->message);
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

gboolean
eid_dataset_is_readable (EidDataset *dataset, guint i)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&dataset->lock);

  return !g_hash_table_contains (dataset->unreadable, GUINT_TO_POINTER (i));
}

guint
eid_dataset_unreadable (EidDataset *dataset)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&dataset->lock);

  return g_hash_table_size (dataset->unreadable);
}

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  const guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;

  return (x > y) - (x < y);
}

GPtrArray *
eid_dataset_take_unreadable (EidDataset *dataset)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&dataset->lock);
  GPtrArray *reasons = g_ptr_array_new_with_free_func (g_free);

  g_array_sort (dataset->untold, compare_numbers);
  for (guint i = 0; i < dataset->untold->len; i++)
    g_ptr_array_add (
        reasons, g_strdup (g_hash_table_lookup (
                     dataset->unreadable, GUINT_TO_POINTER (g_array_index (dataset->untold, guint32, i)))));
  g_array_set_size (dataset->untold, 0);
  return reasons;
}
