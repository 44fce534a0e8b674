/* recipe-keys.c: every key a recipe may hold, and the check of one value.
 *
 * The table is the single place that knows keys, defaults, ranges and their
 * meaning: it checks recipes, fills --help and draws the workbench's forms.
 * The plugins' own keys, in Encoder and Objective, are in the plugins' tables.
 */
#include "app/store/internal.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define INT    EID_RECIPE_INT
#define FLOAT  EID_RECIPE_FLOAT
#define BOOL   EID_RECIPE_BOOL
#define CHOICE EID_RECIPE_CHOICE
#define TEXT   EID_RECIPE_TEXT
#define LIVE   TRUE
#define COUNT  1e9 /* the largest count of steps or pictures */

/* clang-format off */
static const EidRecipeKey recipe_keys[] = {
  { "Run", N_("title"), TEXT, "", 0, 0, NULL,
    N_("What the run is called; the recipe's name if empty.") },
  { "Run", N_("steps"), INT, "1000", 1, COUNT, NULL,
    N_("How many batches to train on.") },
  { "Run", N_("batch"), INT, "128", 2, 65536, NULL,
    N_("Pictures, or passages of text, in a batch; each may be seen in several views.") },
  { "Run", N_("seed"), INT, "1", 0, 2147483648.0, NULL,
    N_("Fixes the initial weights, the order of the data and every random draw.") },
  { "Run", N_("accumulate"), INT, "1", 1, 4096, NULL,
    N_("Parts a batch is made in, one after the other, for one update: memory is needed for one part. A method that compares the samples of a batch, and batch norm, see the samples of a part.") },
  { "Run", N_("recompute"), BOOL, "false", 0, 0, NULL,
    N_("Computes the insides of each block again on the way back instead of keeping them: less memory, about a third more time, the same result.") },
  { "Run", N_("precision"), CHOICE, "auto", 0, 0, "auto|f32|bf16",
    N_("Number format of the products of matrices and what comes out of them; auto takes bf16, of 16 bits, where the device gains by it. Weights, sums and losses have 32 bits.") },
  { "Run", N_("checkpoint-every"), INT, "200", 1, COUNT, NULL,
    N_("Steps between two checkpoints, from which a run can go on.") },
  { "Run", N_("evaluate-every"), INT, "500", 0, COUNT, NULL,
    N_("Steps between two evaluations of the features; 0 evaluates at the end only.") },
  { "Run", N_("moments"), INT, "64", 0, 65536, NULL,
    N_("MiB of run.db for moments: small pictures of every view, through which the timeline goes back. When they are full the middle is thinned out; 0 keeps none.") },
  { "Run", N_("moment-every"), INT, "0", 0, COUNT, NULL,
    N_("Steps between two moments; 0 keeps many at the start and about a hundred over the run. Evaluations and the end are always kept.") },

  { "Dataset", N_("reader"), CHOICE, "idx", 0, 0, "idx|folder|text|noise",
    N_("How the pictures are stored: idx files as MNIST has them, or a folder of pictures with a sub-folder for each class; or one file of text, character by character; or noise, pictures made up to measure with, whatever the path.") },
  { "Dataset", N_("path"), TEXT, NULL, 0, 0, NULL,
    N_("Folder that holds the pictures, or the file of text; a relative path starts from the recipe's folder.") },
  { "Dataset", N_("size"), INT, "28", 8, 1024, NULL,
    N_("Side in pixels of the views that the model sees; of text, its length in tokens.") },
  { "Dataset", N_("limit"), INT, "0", 0, COUNT, NULL,
    N_("Uses this many pictures, or passages of text, only, drawn by a fixed shuffle; 0 uses all.") },
  { "Dataset", N_("channels"), INT, "0", 0, 3, NULL,
    N_("1 for grey pictures, 3 for colour, 0 as they are stored.") },
  { "Dataset", N_("mean"), TEXT, "auto", 0, 0, NULL,
    N_("What is taken from pictures of 0 to 1 before the model sees them, one number or one for each channel; auto: as the weights to begin with were made, else the mean of the training pictures.") },
  { "Dataset", N_("std"), TEXT, "auto", 0, 0, NULL,
    N_("What they are divided by then, one number or one for each channel; auto: as for the mean.") },

  { "Augment", N_("crop-min"), FLOAT, "0.2", 0.01, 1, NULL,
    N_("Smallest share of a picture's area that a random crop keeps."), LIVE },
  { "Augment", N_("crop-max"), FLOAT, "1", 0.01, 1, NULL,
    N_("Largest share of a picture's area that a random crop keeps."), LIVE },
  { "Augment", N_("flip"), FLOAT, "0.5", 0, 1, NULL,
    N_("Probability of mirroring left and right."), LIVE },
  { "Augment", N_("jitter"), FLOAT, "0.8", 0, 1, NULL,
    N_("Probability of changing brightness, contrast, saturation and hue."), LIVE },
  { "Augment", N_("brightness"), FLOAT, "0.4", 0, 1, NULL,
    N_("Largest relative change of brightness."), LIVE },
  { "Augment", N_("contrast"), FLOAT, "0.4", 0, 1, NULL,
    N_("Largest relative change of contrast."), LIVE },
  { "Augment", N_("saturation"), FLOAT, "0.4", 0, 1, NULL,
    N_("Largest relative change of saturation; without effect on grey pictures."), LIVE },
  { "Augment", N_("hue"), FLOAT, "0.1", 0, 0.5, NULL,
    N_("Largest turn of the hue, in turns of the colour wheel; without effect on grey pictures."), LIVE },
  { "Augment", N_("grey"), FLOAT, "0.2", 0, 1, NULL,
    N_("Probability of dropping all colour."), LIVE },
  { "Augment", N_("blur"), FLOAT, "0.5", 0, 1, NULL,
    N_("Probability of a Gaussian blur."), LIVE },
  { "Augment", N_("blur-max"), FLOAT, "2.0", 0.1, 16, NULL,
    N_("Largest standard deviation of the blur, in pixels."), LIVE },
  { "Augment", N_("solarise"), FLOAT, "0", 0, 1, NULL,
    N_("Probability of inverting the bright half of the values."), LIVE },

  { "Encoder", N_("plugin"), TEXT, "vit", 0, 0, NULL,
    N_("The network that turns pictures, or text, into features; its own keys follow in this section.") },
  { "Encoder", N_("weights"), TEXT, "", 0, 0, NULL,
    N_("File of weights to begin with, .safetensors by the names of timm, torchvision or Hugging Face; a relative path starts from the recipe's folder. Fresh ones if empty.") },

  { "Objective", N_("plugin"), TEXT, "simclr", 0, 0, NULL,
    N_("What the features are trained to do; its own keys follow in this section.") },

  { "Optimizer", N_("name"), CHOICE, "adamw", 0, 0, "adamw|sgd|lars",
    N_("The rule that turns gradients into changes of the weights; lars makes each weight's step proportional to its length, for large batches.") },
  { "Optimizer", N_("lr"), FLOAT, "1e-3", 0, 10, NULL,
    N_("Peak learning rate, reached after the warm-up and falling as a cosine from there."), LIVE },
  { "Optimizer", N_("weight-decay"), FLOAT, "0.05", 0, 1, NULL,
    N_("Pull of the weights towards zero, relative to the learning rate."), LIVE },
  { "Optimizer", N_("weight-decay-end"), FLOAT, "-1", -1, 1, NULL,
    N_("What the pull towards zero becomes at the end of the run, along half a cosine; -1 keeps it as it is."), LIVE },
  { "Optimizer", N_("layer-decay"), FLOAT, "1", 0.1, 1, NULL,
    N_("By what each block of the encoder learns slower than the next one; 1 lets all learn alike, fine-tuning takes 0.65 to 0.85.") },
  { "Optimizer", N_("warmup"), INT, "100", 0, COUNT, NULL,
    N_("Steps in which the learning rate rises from nought to its peak.") },
  { "Optimizer", N_("beta1"), FLOAT, "0.9", 0, 0.9999, NULL,
    N_("Share of the past in the running mean of the gradient.") },
  { "Optimizer", N_("beta2"), FLOAT, "0.999", 0, 0.999999, NULL,
    N_("Share of the past in the running mean of the squared gradient.") },
  { "Optimizer", N_("momentum"), FLOAT, "0.9", 0, 0.9999, NULL,
    N_("Share of the step before in each step of sgd and lars.") },
  { "Optimizer", N_("nesterov"), BOOL, "false", 0, 0, NULL,
    N_("Whether sgd looks ahead along its momentum.") },
  { "Optimizer", N_("trust"), FLOAT, "0.001", 0, 1, NULL,
    N_("Length of a step of lars, as a share of the weight's, before the learning rate.") },
  { "Optimizer", N_("clip"), FLOAT, "3.0", 0, 1000, NULL,
    N_("Largest norm of the whole gradient; a longer one is scaled down to it, 0 lets all pass."), LIVE },

  { "Evaluate", N_("features"), CHOICE, "auto", 0, 0, "auto|student|teacher",
    N_("Whose features are measured and shown, where the objective has a teacher; auto takes the teacher's.") },
  { "Evaluate", N_("labels"), FLOAT, "100", 0.001, 100, NULL,
    N_("Per cent of the training labels that probes learn from, of each class alike.") },
  { "Evaluate", N_("health-every"), INT, "0", 0, COUNT, NULL,
    N_("Steps between two looks at the health of the run; 0 looks as often as a fiftieth of the time allows.") },
  { "Evaluate", N_("train-limit"), INT, "10000", 0, COUNT, NULL,
    N_("Training samples that the evaluation learns from; 0 uses all.") },
  { "Evaluate", N_("test-limit"), INT, "2000", 0, COUNT, NULL,
    N_("Test samples that the evaluation is measured on; 0 uses all.") },
  { "Evaluate", N_("knn-k"), INT, "20", 1, 200, NULL,
    N_("Neighbours that vote on a sample's class.") },
  { "Evaluate", N_("knn-temperature"), FLOAT, "0.1", 0.001, 10, NULL,
    N_("Temperature of the votes: the lower, the more the nearest neighbours count.") },
  { "Evaluate", N_("probe-epochs"), INT, "50", 1, 10000, NULL,
    N_("Passes over the training features that the linear probe makes.") },
};
/* clang-format on */

const EidRecipeKey *
eid_recipe_keys (guint *count)
{
  if (count != NULL)
    *count = G_N_ELEMENTS (recipe_keys);
  return recipe_keys;
}

const EidRecipeKey *
eid_recipe_key_find (const char *section, const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (recipe_keys); i++)
    if (g_str_equal (recipe_keys[i].section, section) && g_str_equal (recipe_keys[i].key, key))
      return &recipe_keys[i];
  return NULL;
}

gboolean
eid_recipe_section_is_open (const char *section)
{
  return g_str_equal (section, "Encoder") || g_str_equal (section, "Objective");
}

char *
eid_shorten (const char *text)
{
  if (g_utf8_strlen (text, -1) <= 60)
    return g_strdup (text);
  g_autofree char *head = g_utf8_substring (text, 0, 59);
  return g_strconcat (head, "…", NULL);
}

/* Levenshtein's distance over bytes, case aside, on at most 64 of them. */
static guint
edit_distance (const char *a, const char *b)
{
  gsize rows = MIN (strlen (a), 64), columns = MIN (strlen (b), 64);
  guint row[65];

  for (gsize j = 0; j <= columns; j++)
    row[j] = j;
  for (gsize i = 1; i <= rows; i++)
    {
      guint diagonal = row[0];

      row[0] = i;
      for (gsize j = 1; j <= columns; j++)
        {
          guint change = diagonal + (g_ascii_tolower (a[i - 1]) != g_ascii_tolower (b[j - 1]));

          diagonal = row[j];
          row[j] = MIN (change, MIN (row[j], row[j - 1]) + 1);
        }
    }
  return row[columns];
}

const char *
eid_nearest_word (const char *word, GPtrArray *words)
{
  const char *nearest = NULL;
  guint least = G_MAXUINT;

  for (guint i = 0; i < words->len; i++)
    {
      guint distance = edit_distance (word, words->pdata[i]);

      if (distance < least)
        {
          least = distance;
          nearest = words->pdata[i];
        }
    }
  return nearest;
}

gboolean
eid_recipe_section_known (const char *section, const char *where, GError **error)
{
  g_autoptr (GPtrArray) sections = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (recipe_keys); i++)
    {
      if (g_str_equal (recipe_keys[i].section, section))
        return TRUE;
      if (i == 0 || !g_str_equal (recipe_keys[i].section, recipe_keys[i - 1].section))
        g_ptr_array_add (sections, (gpointer) recipe_keys[i].section);
    }
  g_autofree char *shown = eid_shorten (section);
  g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
               _ ("%s: there is no section [%s] in a recipe; the nearest is [%s]"), where, shown,
               eid_nearest_word (section, sections));
  return FALSE;
}

gboolean
eid_recipe_key_known (const char *section, const char *key, const char *where, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  g_autofree char *shown = eid_shorten (key);

  if (!eid_recipe_section_known (section, where, error))
    return FALSE;
  if (eid_recipe_key_find (section, key) != NULL)
    return TRUE;
  if (eid_recipe_section_is_open (section))
    {
      if (*key != '\0' && strspn (key, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_") == strlen (key))
        return TRUE;
      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                   _ ("%s: [%s] “%s” is no key; a key is made of letters, digits and hyphens"), where,
                   section, shown);
      return FALSE;
    }

  /* The right key in the wrong section is a better guess than a similar one. */
  for (guint i = 0; i < G_N_ELEMENTS (recipe_keys); i++)
    {
      if (g_str_equal (recipe_keys[i].key, key) && !eid_recipe_section_is_open (recipe_keys[i].section))
        {
          g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                       _ ("%s: there is no key %s in [%s]; it belongs into [%s]"), where, shown, section,
                       recipe_keys[i].section);
          return FALSE;
        }
      if (g_str_equal (recipe_keys[i].section, section))
        g_ptr_array_add (keys, (gpointer) recipe_keys[i].key);
    }
  g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
               _ ("%s: there is no key %s in [%s]; the nearest is %s"), where, shown, section,
               eid_nearest_word (key, keys));
  return FALSE;
}

/* A number as recipes write it, with a point and whatever the locale. Plain
 * decimals alone: no hexadecimal, no "nan".                                  */
static gboolean
read_number (const char *text, gboolean whole, double *value)
{
  char *end;

  if (*text == '\0' || strspn (text, whole ? "0123456789+-" : "0123456789+-.eE") != strlen (text))
    return FALSE;
  *value = g_ascii_strtod (text, &end);
  return *end == '\0' && isfinite (*value);
}

gboolean
eid_recipe_key_check (const EidRecipeKey *key, const char *text, const char *where, GError **error)
{
  g_autofree char *shown = eid_shorten (text);
  const char *format = key->type == EID_RECIPE_INT ? "%.0f" : "%g";
  char min[G_ASCII_DTOSTR_BUF_SIZE], max[G_ASCII_DTOSTR_BUF_SIZE];
  double value;

  g_ascii_formatd (min, sizeof min, format, key->min);
  g_ascii_formatd (max, sizeof max, format, key->max);

  switch (key->type)
    {
    case EID_RECIPE_INT:
    case EID_RECIPE_FLOAT:
      if (!read_number (text, key->type == EID_RECIPE_INT, &value))
        g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                     key->type == EID_RECIPE_INT
                         ? _ ("%s: [%s] %s = %s is not a whole number; expected %s to %s. %s")
                         : _ ("%s: [%s] %s = %s is not a number; expected %s to %s. %s"),
                     where, key->section, key->key, shown, min, max, _ (key->doc));
      else if (value < key->min || value > key->max)
        g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                     _ ("%s: [%s] %s = %s is out of range; expected %s to %s. %s"), where, key->section,
                     key->key, shown, min, max, _ (key->doc));
      else
        return TRUE;
      return FALSE;

    case EID_RECIPE_BOOL:
    case EID_RECIPE_CHOICE:
      {
        const char *allowed = key->type == EID_RECIPE_BOOL ? "true|false" : key->choices;
        g_auto (GStrv) choices = g_strsplit (allowed, "|", -1);
        g_autofree char *list = g_strjoinv (", ", choices);

        if (g_strv_contains ((const char *const *) choices, text))
          return TRUE;
        g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                     _ ("%s: [%s] %s = %s is not known; expected one of: %s. %s"), where, key->section,
                     key->key, shown, list, _ (key->doc));
        return FALSE;
      }

    case EID_RECIPE_TEXT:
      break;
    }
  return TRUE;
}
