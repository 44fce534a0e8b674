/* export-command.c: `eidoscope embed` and `eidoscope export`: features and
 * weights for other programs.                                                */
#include "cli.h"

#include "checkpoint.h"
#include "feature-set.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

/* --- Formats of features --------------------------------------------------------- */

/* NumPy's format 1.0: magic, header of a multiple of 64 bytes, values. */
static void
write_npy (FILE *out, const EidFeatureSet *set, EidDataset *dataset)
{
  const guint8 magic[] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0 };
  g_autofree char *shape = g_strdup_printf ("{'descr': '<f4', 'fortran_order': False, 'shape': (%u, %u), }",
                                            set->count, set->width);
  const gsize length = (10 + strlen (shape) + 1 + 63) / 64 * 64 - 10;
  const guint8 size[] = { (guint8) (length & 0xff), (guint8) (length >> 8) };

  fwrite (magic, 1, sizeof magic, out);
  fwrite (size, 1, sizeof size, out);
  fprintf (out, "%-*s\n", (int) length - 1, shape);
  fwrite (set->values, sizeof (float), (gsize) set->count * set->width, out);
}

static void
write_quoted (FILE *out, const char *text)
{
  fputc ('"', out);
  for (; *text != '\0'; text++)
    fprintf (out, *text == '"' ? "\"\"" : "%c", *text);
  fputc ('"', out);
}

/* RFC 4180: picture, class, then the features; numbers as C writes them. */
static void
write_csv (FILE *out, const EidFeatureSet *set, EidDataset *dataset)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  fprintf (out, "picture,class");
  for (guint d = 0; d < set->width; d++)
    fprintf (out, ",f%u", d);
  fprintf (out, "\n");
  for (guint i = 0; i < set->count; i++)
    {
      g_autofree char *picture = eid_dataset_describe (dataset, set->pictures[i]);

      write_quoted (out, picture);
      fputc (',', out);
      if (set->labels[i] >= 0)
        write_quoted (out, eid_dataset_class_name (dataset, (guint) set->labels[i]));
      for (guint d = 0; d < set->width; d++)
        fprintf (out, ",%s",
                 g_ascii_formatd (number, sizeof number, "%.9g",
                                  (double) set->values[(gsize) i * set->width + d]));
      fprintf (out, "\n");
    }
}

static const struct
{
  const char *ending;
  void (*write) (FILE *out, const EidFeatureSet *set, EidDataset *dataset);
} formats[] = { { ".npy", write_npy }, { ".csv", write_csv } };

static int
fail_to_write (const char *file)
{
  return eid_cli_fail (
      g_error_new (EID_ERROR, EID_ERROR_FAILED, _ ("%s cannot be written: %s"), file, g_strerror (errno)));
}

static int
write_features (const char *file, guint format, const EidFeatureSet *set, EidDataset *dataset)
{
  FILE *out = g_fopen (file, "wb");
  gboolean bad;

  if (out == NULL)
    return fail_to_write (file);
  formats[format].write (out, set, dataset);
  bad = ferror (out) != 0;
  if (fclose (out) != 0 || bad)
    {
      const int status = fail_to_write (file);

      g_unlink (file);
      return status;
    }
  g_printerr (g_dngettext (GETTEXT_PACKAGE, "%s: %u picture, %u features\n",
                           "%s: %u pictures, %u features each\n", set->count),
              file, set->count, set->width);
  return 0;
}

/* --- The commands ------------------------------------------------------------------ */

int
eid_command_embed (int argc, char **argv)
{
  g_autofree char *output = NULL, *half = NULL, *device = NULL;
  const GOptionEntry entries[] = {
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &output, N_ ("File to write: its ending chooses the format"),
      N_ ("FILE.npy|.csv") },
    { "half", 0, 0, G_OPTION_ARG_STRING, &half, N_ ("Half of the data: train or test (the default)"),
      N_ ("HALF") },
    { "device", 0, 0, G_OPTION_ARG_STRING, &device, N_ ("Compute on this device"), N_ ("NAME") },
    { NULL },
  };
  g_autoptr (EidRegistry) registry = NULL;
  g_autoptr (EidRun) run = NULL;
  g_autoptr (EidSetup) setup = NULL;
  g_autoptr (EidFeatureSet) set = NULL;
  g_auto (GStrv) rest = NULL;
  EidDataset *dataset;
  GError *error = NULL;
  guint format;
  int status;

  if (!eid_cli_parse (argc, argv, entries, _ ("RUN"),
                      _ ("Writes the features of every picture: float32 [pictures, width] as .npy, or .csv."),
                      NULL, &rest, &status))
    return status;
  if (g_strv_length (rest) != 1 || output == NULL)
    return eid_cli_usage (_ ("“embed” takes one run and --output FILE.npy or FILE.csv."));
  for (format = 0; format < G_N_ELEMENTS (formats) && !g_str_has_suffix (output, formats[format].ending);
       format++)
    ;
  if (format == G_N_ELEMENTS (formats))
    return eid_cli_usage (_ ("%s: the file’s name ends in .npy or .csv."), output);
  if (half != NULL && !g_str_equal (half, "train") && !g_str_equal (half, "test"))
    return eid_cli_usage (_ ("There is no half “%s” of the data: there are train and test."), half);

  registry = eid_registry_new ();
  setup = eid_cli_open (rest[0], device, registry, &run, &error);
  if (setup == NULL)
    return eid_cli_fail (error);
  dataset = g_strcmp0 (half, "train") == 0 ? setup->train : setup->test;
  set = eid_features_of (setup, setup->model, dataset, 0, &error);
  if (set == NULL)
    return eid_cli_fail (error);
  return write_features (output, format, set, dataset);
}

int
eid_command_export (int argc, char **argv)
{
  g_autofree char *output = NULL, *device = NULL;
  const GOptionEntry entries[] = {
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &output, N_ ("File to write"), N_ ("FILE.safetensors") },
    { "device", 0, 0, G_OPTION_ARG_STRING, &device, N_ ("Compute on this device"), N_ ("NAME") },
    { NULL },
  };
  g_autoptr (EidRegistry) registry = NULL;
  g_autoptr (EidRun) run = NULL;
  g_autoptr (EidSetup) setup = NULL;
  g_auto (GStrv) rest = NULL;
  GError *error = NULL;
  int status;

  if (!eid_cli_parse (argc, argv, entries, _ ("RUN"),
                      _ ("Writes the weights of a run’s encoder, named as timm names them."), NULL, &rest,
                      &status))
    return status;
  if (g_strv_length (rest) != 1 || output == NULL)
    return eid_cli_usage (_ ("“export” takes one run and --output FILE.safetensors."));

  registry = eid_registry_new ();
  setup = eid_cli_open (rest[0], device, registry, &run, &error);
  if (setup == NULL || !eid_checkpoint_export (setup, output, &error))
    return eid_cli_fail (error);
  g_printerr ("%s\n", output);
  return 0;
}
