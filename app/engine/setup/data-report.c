/* data-report.c: see data-report.h. */
#include "app/engine/setup/data-report.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

/* Classes that are named, at most. */
#define MOST_NAMED 12

#define CLASSES "classes"

const char *const eid_data_metadata_keys[] = { CLASSES,       "train-pictures", "test-pictures",
                                               "train-files", "class-pictures", "test-files",
                                               NULL };

/* --- How the data were understood --------------------------------------------------- */

/* Pictures by class, and at the end those without. Free. */
static guint *
count_classes (EidDataset *dataset)
{
  const guint classes = eid_dataset_classes (dataset);
  guint *counts = g_new0 (guint, classes + 1);

  for (guint i = 0; i < eid_dataset_count (dataset); i++)
    {
      const gint label = eid_dataset_label (dataset, i);

      counts[label >= 0 && (guint) label < classes ? (guint) label : classes]++;
    }
  return counts;
}

/* "2 classes, training + test: cat 45 + 5, dog 45 + 5; 3 pictures without a class" */
static void
describe_classes (GString *text, EidSetup *setup)
{
  const guint classes = eid_dataset_classes (setup->train);
  g_autofree guint *train = count_classes (setup->train), *test = count_classes (setup->test);
  const guint without = train[classes] + test[classes];

  if (classes == 0)
    {
      g_string_append (text, _ ("; no classes"));
      return;
    }
  g_string_append_printf (text,
                          /* TRANSLATORS: then "cat 45 + 5, dog 40 + 6": pictures to train and to test on */
                          g_dngettext (GETTEXT_PACKAGE, "; %'u class: ", "; %'u classes: ", classes),
                          classes);
  for (guint c = 0; c < MIN (classes, MOST_NAMED); c++)
    g_string_append_printf (text, "%s%s %'u + %'u", c > 0 ? ", " : "",
                            eid_dataset_class_name (setup->train, c), train[c], test[c]);
  if (classes > MOST_NAMED)
    g_string_append_printf (text, _ (", and %'u more"), classes - MOST_NAMED);
  if (without > 0)
    g_string_append_printf (text,
                            g_dngettext (GETTEXT_PACKAGE, "; %'u picture without a class",
                                         "; %'u pictures without a class", without),
                            without);
}

static void
describe_folder (GString *text, EidDataset *half)
{
  const char *folder = eid_dataset_folder (half);

  if (folder != NULL)
    g_string_append_printf (text, " (“%s”)", folder);
}

char *
eid_data_describe (EidSetup *setup)
{
  GString *text = g_string_new (NULL);
  GPtrArray *notes = eid_dataset_notes (setup->train);

  if (eid_setup_is_text (setup))
    g_string_append_printf (text, _ ("Data: %'u characters to train on, %'u to test on; %'u different ones"),
                            eid_dataset_count (setup->train) + setup->size,
                            eid_dataset_count (setup->test) + setup->size,
                            eid_dataset_vocabulary (setup->train));
  else
    {
      const guint count = eid_dataset_count (setup->train);

      g_string_append_printf (text,
                              g_dngettext (GETTEXT_PACKAGE, "Data: %'u picture to train on",
                                           "Data: %'u pictures to train on", count),
                              count);
      describe_folder (text, setup->train);
      g_string_append_printf (text, _ (", %'u to test on"), eid_dataset_count (setup->test));
      describe_folder (text, setup->test);
      if (eid_dataset_folder (setup->test) == NULL
          && g_str_equal (eid_recipe_text (setup->recipe, "Dataset", "reader"), "folder"))
        g_string_append (text, _ (" (every tenth)"));
      describe_classes (text, setup);
    }
  for (guint i = 0; i < notes->len; i++)
    g_string_append_printf (text, ". %s", (char *) notes->pdata[i]);
  g_string_append_c (text, '.');
  return g_string_free (text, FALSE);
}

char *
eid_data_tell_stretched (EidSetup *setup)
{
  const guint training = eid_dataset_stretched (setup->train);
  const guint bits = training > 0 ? training : eid_dataset_stretched (setup->test);

  if (bits == 0 || setup->told_stretched)
    return NULL;
  setup->told_stretched = TRUE;
  return g_strdup_printf (
      _ ("Pictures of 16 bits a sample that use fewer, %u in the first, are stretched, each by itself, to "
         "the range of the bits that its largest value takes: how bright one is beside another is not "
         "kept."),
      bits);
}

GPtrArray *
eid_setup_sentences (EidSetup *setup)
{
  GPtrArray *sentences = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (sentences,
                   /* TRANSLATORS: a recipe's title, a device, a number format. */
                   g_strdup_printf (_ ("%s, on %s, in %s"), eid_recipe_title (setup->recipe),
                                    eid_device_title (eid_device_info (setup->device)->name),
                                    eid_precision_name (eid_device_precision (setup->device))));
  g_ptr_array_add (sentences, eid_data_describe (setup));
  for (guint i = 0; i < setup->told->len; i++)
    g_ptr_array_add (sentences, g_strdup (setup->told->pdata[i]));
  return sentences;
}

/* --- No probes -------------------------------------------------------------------------- */

/* How many classes are in @labels; the first of them in *@first. */
static guint
distinct (const gint32 *labels, guint count, gint32 *first)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  *first = -1;
  for (guint i = 0; i < count; i++)
    if (labels[i] >= 0 && g_hash_table_add (seen, GINT_TO_POINTER (labels[i])) && *first < 0)
      *first = labels[i];
  return g_hash_table_size (seen);
}

char *
eid_labels_obstacle (EidDataset *dataset, const gint32 *train, guint n_train, const gint32 *test,
                     guint n_test)
{
  gint32 first, tested;
  const guint learnt = distinct (train, n_train, &first), asked = distinct (test, n_test, &tested);

  if (learnt == 0)
    return g_strdup (
        _ ("There is no probe of classes: none of the pictures to train on has a label. Pictures "
           "in sub-folders have one, the folder’s name."));
  if (asked == 0)
    return g_strdup (_ ("There is no probe of classes: none of the pictures to test on has a label. Pictures "
                        "in sub-folders have one, the folder’s name."));
  if (learnt == 1)
    return g_strdup_printf (
        _ ("There is no probe of classes: the pictures to train on are of one class alone, “%s”."),
        eid_dataset_class_name (dataset, (guint) first));
  if (asked == 1)
    return g_strdup_printf (
        _ ("There is no probe of classes: the pictures to test on are of one class alone, “%s”."),
        eid_dataset_class_name (dataset, (guint) tested));
  return NULL;
}

/* The labels that pictures have, but for those known to be unreadable: each once. Free. */
static gint32 *
labels_of (EidDataset *dataset, guint *count)
{
  const guint classes = eid_dataset_classes (dataset);
  g_autofree gboolean *seen = g_new0 (gboolean, classes + 1);
  gint32 *labels = g_new (gint32, classes + 1);

  *count = 0;
  for (guint i = 0; i < eid_dataset_count (dataset) && *count < classes; i++)
    {
      const gint label = eid_dataset_label (dataset, i);

      if (label < 0 || (guint) label >= classes || seen[label] || !eid_dataset_is_readable (dataset, i))
        continue;
      seen[label] = TRUE;
      labels[(*count)++] = label;
    }
  return labels;
}

char *
eid_data_obstacle (EidSetup *setup)
{
  guint n_train, n_test;
  g_autofree gint32 *train = labels_of (setup->train, &n_train), *test = labels_of (setup->test, &n_test);

  if (eid_setup_is_text (setup))
    return g_strdup (_ ("There is no probe of classes: text has none."));
  return eid_labels_obstacle (setup->train, train, n_train, test, n_test);
}

void
eid_data_set_obstacle (EidSetup *setup, char *obstacle)
{
  g_free (setup->obstacle);
  setup->obstacle = obstacle;
}

/* --- Checkpoints ----------------------------------------------------------------------------- */

/* One name a line. Free. */
static char *
join_classes (EidDataset *dataset)
{
  GString *classes = g_string_new (NULL);

  for (guint i = 0; i < eid_dataset_classes (dataset); i++)
    g_string_append_printf (classes, "%s%s", i > 0 ? "\n" : "", eid_dataset_class_name (dataset, i));
  return g_string_free (classes, FALSE);
}

/* "45 45". Free. */
static char *
join_counts (EidDataset *dataset)
{
  g_autofree guint *counts = count_classes (dataset);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < eid_dataset_classes (dataset); i++)
    g_string_append_printf (text, "%s%u", i > 0 ? " " : "", counts[i]);
  return g_string_free (text, FALSE);
}

void
eid_data_add_metadata (EidSetup *setup, GHashTable *metadata)
{
  const struct
  {
    const char *key;
    char *value;
  } entries[] = {
    { CLASSES, join_classes (setup->train) },
    { "class-pictures", join_counts (setup->train) },
    { "train-pictures", g_strdup_printf ("%u", eid_dataset_count (setup->train)) },
    { "test-pictures", g_strdup_printf ("%u", eid_dataset_count (setup->test)) },
    { "train-files", g_strdup_printf ("%016" PRIx64, eid_dataset_fingerprint (setup->train)) },
    { "test-files", g_strdup_printf ("%016" PRIx64, eid_dataset_fingerprint (setup->test)) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    g_hash_table_insert (metadata, (gpointer) entries[i].key, entries[i].value);
}

static gboolean
is_known (EidSafetensors *checkpoint, const char *key)
{
  return eid_safetensors_metadata (checkpoint, key) != NULL;
}

/* Those of @names that are not among @others, as "“cat”, “dog”". Free. */
static char *
missing_from (char **names, char **others)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; names[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) others, names[i]))
      g_string_append_printf (text, "%s“%s”", text->len > 0 ? ", " : "", names[i]);
  return g_string_free (text, FALSE);
}

/* Adds in what the classes differ; FALSE: in nothing. */
static gboolean
compare_classes (EidSetup *setup, EidSafetensors *checkpoint, GString *text)
{
  const char *then = eid_safetensors_metadata (checkpoint, CLASSES);
  g_autofree char *now = join_classes (setup->train), *gone = NULL, *fresh = NULL;
  g_auto (GStrv) names_then = NULL;
  g_auto (GStrv) names_now = NULL;

  if (then == NULL || g_str_equal (then, now))
    return FALSE;
  names_then = g_strsplit (then, "\n", -1);
  names_now = g_strsplit (now, "\n", -1);
  /* Those of files of MNIST's format are the program's own, in whatever language it speaks. */
  if (g_str_equal (eid_recipe_text (setup->recipe, "Dataset", "reader"), "idx")
      && g_strv_length (names_then) == g_strv_length (names_now))
    return FALSE;
  gone = missing_from (names_then, names_now);
  fresh = missing_from (names_now, names_then);
  if (*gone != '\0' && g_strcmp0 (then, "") != 0)
    g_string_append_printf (text, _ (" Of the classes then, these are gone: %s."), gone);
  if (*fresh != '\0' && g_strcmp0 (now, "") != 0)
    g_string_append_printf (text, _ (" New classes: %s."), fresh);
  return TRUE;
}

/* Adds a difference in how many there are, or in which they are. */
static void
compare_half (EidSetup *setup, gboolean training, EidSafetensors *checkpoint, GString *text)
{
  EidDataset *half = training ? setup->train : setup->test;
  const char *count = eid_safetensors_metadata (checkpoint, training ? "train-pictures" : "test-pictures");
  const char *fingerprint = eid_safetensors_metadata (checkpoint, training ? "train-files" : "test-files");
  g_autofree char *count_now = g_strdup_printf ("%u", eid_dataset_count (half));
  g_autofree char *now = g_strdup_printf ("%016" PRIx64, eid_dataset_fingerprint (half));

  if (count != NULL && !g_str_equal (count, count_now))
    {
      /* Of text the checkpoint has the number of places where a passage can begin. */
      const guint64 more = eid_setup_tokens (setup);
      g_autofree char *then = g_strdup_printf ("%'" PRIu64, g_ascii_strtoull (count, NULL, 10) + more);
      g_autofree char *by_now = g_strdup_printf ("%'" PRIu64, eid_dataset_count (half) + more);

      g_string_append_printf (text,
                              !training  ? _ (" There were %s to test on, and now there are %s.")
                              : more > 0 ? _ (" There were %s characters to train on, and now there are %s.")
                                         : _ (" There were %s pictures to train on, and now there are %s."),
                              then, by_now);
    }
  else if (fingerprint != NULL && !g_str_equal (fingerprint, now))
    g_string_append (text, training ? _ (" What is trained on is not what it was, though as many.")
                                    : _ (" What is tested on is not what it was, though as many."));
}

gboolean
eid_data_compare (EidSetup *setup, EidSafetensors *checkpoint, gboolean to_train, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const gboolean other_classes = compare_classes (setup, checkpoint, text);
  g_autofree char *counts = join_counts (setup->train);

  compare_half (setup, TRUE, checkpoint, text);
  compare_half (setup, FALSE, checkpoint, text);
  if (text->len == 0 && !other_classes && is_known (checkpoint, "class-pictures")
      && !g_str_equal (eid_safetensors_metadata (checkpoint, "class-pictures"), counts))
    g_string_append (text, _ (" Pictures are of other classes than they were."));
  g_clear_pointer (&setup->changed, g_free);
  if (text->len == 0 && !other_classes)
    return TRUE;

  /* Programs before this one read some folders in another way, and wrote classes alone. */
  if (other_classes && to_train && is_known (checkpoint, "train-pictures"))
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("%s: the data have changed since the run’s last checkpoint.%s Put them back as they "
                      "were to go on with it, or begin a new run."),
                   eid_recipe_text (setup->recipe, "Dataset", "path"), text->str);
      return FALSE;
    }
  setup->changed = g_strdup_printf (_ ("%s: the data have changed since the run’s last checkpoint.%s"),
                                    eid_recipe_text (setup->recipe, "Dataset", "path"), text->str);
  return TRUE;
}
