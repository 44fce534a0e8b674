/* feature-file.c: see feature-file.h. */
#include "app/engine/evaluation/feature-file.h"

#include "app/engine/setup/npy.h"
#include "app/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NPY    ".npy"
#define CSV    ".csv"
#define LABELS "-labels.csv"

typedef void (*WriteFunc) (FILE *out, const EidFeatureSet *set, EidDataset *dataset);

/* --- Formats ------------------------------------------------------------------ */

static void
write_npy (FILE *out, const EidFeatureSet *set, EidDataset *dataset)
{
  const guint shape[] = { set->count, set->width };

  eid_npy_write_header (out, shape, G_N_ELEMENTS (shape));
  fwrite (set->values, sizeof (float), (gsize) set->count * set->width, out);
}

static void
write_quoted (FILE *out, const char *text)
{
  g_autofree char *cell = eid_csv_cell (text, TRUE);

  fputs (cell, out);
}

/* A table of the pictures and the first @columns of their features. */
static void
write_table (FILE *out, const EidFeatureSet *set, EidDataset *dataset, guint columns)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  fprintf (out, "picture,label");
  for (guint d = 0; d < columns; d++)
    fprintf (out, ",f%u", d);
  fprintf (out, "\n");
  for (guint i = 0; i < set->count; i++)
    {
      g_autofree char *picture = eid_dataset_describe (dataset, set->pictures[i]);

      write_quoted (out, picture);
      fputc (',', out);
      if (set->labels[i] >= 0)
        write_quoted (out, eid_dataset_class_name (dataset, (guint) set->labels[i]));
      for (guint d = 0; d < columns; d++)
        fprintf (out, ",%s",
                 g_ascii_formatd (number, sizeof number, "%.9g",
                                  (double) set->values[(gsize) i * set->width + d]));
      fprintf (out, "\n");
    }
}

static void
write_csv (FILE *out, const EidFeatureSet *set, EidDataset *dataset)
{
  write_table (out, set, dataset, set->width);
}

static void
write_labels (FILE *out, const EidFeatureSet *set, EidDataset *dataset)
{
  write_table (out, set, dataset, 0);
}

/* --- Files ---------------------------------------------------------------------- */

/* What @write writes, on the disk under @name, which exists. */
static gboolean
fill (int descriptor, WriteFunc write, const EidFeatureSet *set, EidDataset *dataset)
{
  FILE *out = fdopen (descriptor, "wb");
  gboolean good;

  if (out == NULL)
    {
      close (descriptor);
      return FALSE;
    }
  write (out, set, dataset);
  good = ferror (out) == 0 && fflush (out) == 0 && (fsync (fileno (out)) == 0 || errno == EINVAL);
  return fclose (out) == 0 && good;
}

static gboolean
replace (const char *file, WriteFunc write, const EidFeatureSet *set, EidDataset *dataset, GError **error)
{
  g_autofree char *temporary = g_strconcat (file, ".XXXXXX", NULL);
  const int descriptor = g_mkstemp_full (temporary, O_WRONLY, 0666);
  gboolean good;

  good = descriptor >= 0 && fill (descriptor, write, set, dataset) && g_rename (temporary, file) == 0;
  if (!good)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("%s cannot be written: %s"), file,
                   g_strerror (errno));
      if (descriptor >= 0)
        g_unlink (temporary);
    }
  return good;
}

gboolean
eid_feature_file_known (const char *file)
{
  return g_str_has_suffix (file, NPY) || g_str_has_suffix (file, CSV);
}

char *
eid_feature_file_labels (const char *file)
{
  g_autofree char *stem = NULL;

  if (!g_str_has_suffix (file, NPY))
    return NULL;
  stem = g_strndup (file, strlen (file) - strlen (NPY));
  return g_strconcat (stem, LABELS, NULL);
}

gboolean
eid_feature_file_write (const char *file, const EidFeatureSet *set, EidDataset *dataset, GError **error)
{
  g_autofree char *labels = eid_feature_file_labels (file);

  return (labels == NULL || replace (labels, write_labels, set, dataset, error))
         && replace (file, labels != NULL ? write_npy : write_csv, set, dataset, error);
}
