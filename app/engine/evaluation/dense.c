/* dense.c: see dense.h. */
#include "app/engine/evaluation/dense.h"

#include "app/engine/setup/feature-set.h"
#include "app/engine/evaluation/linear.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define TEST_SHARE 5 /* one in so many is tested on */

/* Values that stand for no class: of any mask, and of one of 16 bits. */
#define VOID_8  255
#define VOID_16 65535

/* What is no class, among their numbers. */
#define IGNORED G_MAXUINT16

/* Classes, at most: what has more is a picture, or numbers each thing. */
#define MOST_CLASSES 4096

/* Pictures and masks that are named as left out, at most. */
#define MOST_NAMED 8

typedef struct
{
  char *image, *mask;
  guint32 hash;
} Pair;

/* A half of the pictures, by patches. */
typedef struct
{
  const Pair *pairs;
  guint count;    /* pictures                                                      */
  guint16 *masks; /* [count, S, S], numbers of classes                           */
  gint32 *labels; /* [count, N], -1: nothing but ignored pixels                    */
} Half;

typedef struct
{
  EidSetup *setup;
  guint side, patch, grid; /* S pixels, of a patch, patches a side            */
  guint classes;
  GArray *values; /* guint16, of the masks: that of each class, in their order  */
  Half train, test;
} Task;

/* --- The folder ------------------------------------------------------------------- */

static void
pair_clear (gpointer data)
{
  Pair *pair = data;

  g_free (pair->image);
  g_free (pair->mask);
}

/* FNV-1a, the same everywhere. */
static guint32
hash_name (const char *name)
{
  guint32 hash = 2166136261u;

  for (; *name != '\0'; name++)
    hash = (hash ^ (guchar) *name) * 16777619u;
  return hash;
}

static gint
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static gint
compare_pairs (gconstpointer a, gconstpointer b)
{
  const Pair *x = a, *y = b;

  return x->hash != y->hash ? (x->hash > y->hash ? 1 : -1) : strcmp (x->mask, y->mask);
}

/* @name without its ending. Free. */
static char *
stem_of (const char *name)
{
  const char *dot = strrchr (name, '.');

  return dot != NULL && dot != name ? g_strndup (name, dot - name) : g_strdup (name);
}

/* The files of @folder/images by their names without endings, of whichever format. */
static GHashTable *
list_images (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "images", NULL);
  g_autoptr (GHashTable) images = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GDir) dir = g_dir_open (path, 0, error);
  const char *name;

  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (*name != '.')
      g_hash_table_insert (images, stem_of (name), g_build_filename (path, name, NULL));
  return g_steal_pointer (&images);
}

static void
leave_out (GPtrArray *left_out, GError *reason)
{
  g_ptr_array_add (left_out, g_strdup (reason->message));
  g_error_free (reason);
}

/* Whether both files of @pair can be read, and belong together; else @reason says which does not and why. */
static gboolean
can_read (const Task *task, const Pair *pair, guint8 *pixels, guint16 *mask, GError **reason)
{
  EidPictureFacts facts;
  guint depth;

  return eid_picture_load (pair->image, task->side, task->setup->channels, pixels, &facts, reason)
         && eid_mask_load (pair->mask, &facts, task->side, mask, &depth, reason);
}

/* Every mask with its picture, in the order of the hash; those of which one cannot be read are told of in
 * @left_out. Errors: a mask has no picture. */
static GArray *
list_pairs (const Task *task, const char *folder, GPtrArray *left_out, GError **error)
{
  g_autofree char *masks = g_build_filename (folder, "masks", NULL);
  g_autofree guint8 *pixels = g_malloc (eid_dataset_bytes (task->setup->train));
  g_autofree guint16 *mask = g_new (guint16, (gsize) task->side * task->side);
  g_autoptr (GArray) pairs = g_array_new (FALSE, TRUE, sizeof (Pair));
  g_autoptr (GError) cause = NULL;
  g_autoptr (GDir) dir = g_dir_open (masks, 0, &cause);
  g_autoptr (GHashTable) images = dir != NULL ? list_images (folder, &cause) : NULL;
  const char *name;

  g_array_set_clear_func (pairs, pair_clear);
  if (images == NULL)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("%s; the folder of a dense probe holds images/NAME.jpg and masks/NAME.png."),
                   cause->message);
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *stem = stem_of (name);
      GError *reason = NULL;
      Pair pair;

      if (*name == '.')
        continue;
      pair = (Pair){ g_strdup (g_hash_table_lookup (images, stem)), g_build_filename (masks, name, NULL),
                     hash_name (stem) };
      if (pair.image == NULL)
        {
          g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                       _ ("%s: there is no picture %s.jpg, or of another format, in %s%simages."), pair.mask,
                       stem, folder, G_DIR_SEPARATOR_S);
          pair_clear (&pair);
          return NULL;
        }
      if (can_read (task, &pair, pixels, mask, &reason))
        g_array_append_val (pairs, pair);
      else
        {
          pair_clear (&pair);
          leave_out (left_out, reason);
        }
    }
  if (pairs->len < TEST_SHARE)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   g_dngettext (GETTEXT_PACKAGE,
                                "%s: there is %'u mask with its picture; five at least are needed. %s",
                                "%s: there are %'u masks with their pictures; five at least are needed. %s",
                                pairs->len),
                   masks, pairs->len, left_out->len > 0 ? (char *) left_out->pdata[0] : "");
      return NULL;
    }
  g_array_sort (pairs, compare_pairs);
  return g_steal_pointer (&pairs);
}

/* A sentence on what was left out; NULL: nothing. Free. */
static char *
describe_left_out (GPtrArray *left_out)
{
  g_autoptr (GString) names = g_string_new (NULL);

  if (left_out->len == 0)
    return NULL;
  g_ptr_array_sort (left_out, compare_texts);
  for (guint i = 0; i < MIN (left_out->len, MOST_NAMED); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? "; " : "", (char *) left_out->pdata[i]);
  if (left_out->len > MOST_NAMED)
    g_string_append_printf (names, _ ("; and %'u more"), left_out->len - MOST_NAMED);
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%'u mask is left out: %s", "%'u masks are left out: %s", left_out->len),
      left_out->len, names->str);
}

/* --- Masks ------------------------------------------------------------------------- */

/* The class that most pixels of a patch have, the first of equal ones; -1: none. */
static gint32
majority (const Task *task, const guint16 *mask, guint row, guint column, guint *counts)
{
  gint32 best = -1;

  memset (counts, 0, task->classes * sizeof (guint));
  for (guint y = 0; y < task->patch; y++)
    for (guint x = 0; x < task->patch; x++)
      {
        const guint16 class = mask[(gsize) (row * task->patch + y) * task->side + column * task->patch + x];

        if (class != IGNORED)
          counts[class]++;
      }
  for (guint c = 0; c < task->classes; c++)
    if (counts[c] > (best >= 0 ? counts[best] : 0))
      best = (gint32) c;
  return best;
}

static gboolean
fail_memory (const Half *half, GError **error)
{
  g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
               _ ("There is not enough memory for the masks of %'u pictures; take fewer."), half->count);
  return FALSE;
}

static gboolean
read_masks (const Task *task, Half *half, guint *depth, GError **error)
{
  const gsize pixels = (gsize) task->side * task->side;

  half->masks = g_try_new (guint16, half->count * pixels);
  half->labels = g_try_new (gint32, (gsize) half->count * task->grid * task->grid);
  if (half->masks == NULL || half->labels == NULL)
    return fail_memory (half, error);
  for (guint i = 0; i < half->count; i++)
    {
      guint own;

      if (!eid_mask_load (half->pairs[i].mask, NULL, task->side, half->masks + i * pixels, &own, error))
        return FALSE;
      *depth = MAX (*depth, own);
    }
  return TRUE;
}

static void
mark_values (const Half *half, gsize pixels, guint8 *there)
{
  for (gsize p = 0; p < half->count * pixels; p++)
    there[half->masks[p]] = TRUE;
}

/* Numbers the values of the masks: each is a class, but the one that stands for none. A set of masks that has
 * two values alone, 0 and the largest of its bits, has two classes. */
static void
number_classes (Task *task, guint depth, guint16 *class_of)
{
  g_autofree guint8 *there = g_new0 (guint8, G_MAXUINT16 + 1);
  const gsize pixels = (gsize) task->side * task->side;
  guint values = 0;
  gboolean binary;

  mark_values (&task->train, pixels, there);
  mark_values (&task->test, pixels, there);
  for (guint value = 0; value <= G_MAXUINT16; value++)
    values += there[value];
  binary = values == 2 && there[0] && ((depth == 8 && there[VOID_8]) || (depth == 16 && there[VOID_16]));
  for (guint value = 0; value <= G_MAXUINT16; value++)
    {
      const gboolean void_value = value == VOID_8 || (depth == 16 && value == VOID_16);
      const guint16 short_value = (guint16) value;

      class_of[value] = IGNORED;
      if (!there[value] || (void_value && !binary))
        continue;
      class_of[value] = (guint16) MIN (task->values->len, IGNORED);
      g_array_append_val (task->values, short_value);
    }
  task->classes = task->values->len;
}

static void
label_patches (const Task *task, Half *half, const guint16 *class_of)
{
  const gsize pixels = (gsize) task->side * task->side;
  const guint tokens = task->grid * task->grid;
  g_autofree guint *counts = g_new (guint, MAX (task->classes, 1));

  for (gsize p = 0; p < half->count * pixels; p++)
    half->masks[p] = class_of[half->masks[p]];
  for (guint i = 0; i < half->count; i++)
    for (guint t = 0; t < tokens; t++)
      half->labels[(gsize) i * tokens + t] =
          majority (task, half->masks + i * pixels, t / task->grid, t % task->grid, counts);
}

/* --- Tokens ------------------------------------------------------------------------ */

/* Pictures [n, S, S, C] as tokens [n, N, D], of @model or, NULL, the patches' pixels. */
static EidTensor *
see (const Task *task, EidModel *model, const guint8 *pixels, guint count)
{
  EidTensor *views = eid_setup_plain_views (task->setup, pixels, count);

  return model != NULL ? eid_model_tokens (model, views) : eid_patchify (views, task->patch);
}

static gboolean
read_tokens (const Task *task, EidModel *model, const Half *half, EidFeatureSet *set, GError **error)
{
  EidSetup *setup = task->setup;
  const guint chunk = setup->batch / setup->parts, tokens = task->grid * task->grid;
  const gsize bytes = eid_dataset_bytes (setup->train);
  g_autofree guint8 *pixels = g_malloc (bytes * chunk);

  set->count = half->count * tokens;
  set->labels = g_try_new (gint32, set->count);
  if (set->labels == NULL)
    return fail_memory (half, error);
  memcpy (set->labels, half->labels, set->count * sizeof (gint32));
  for (guint first = 0; first < half->count; first += chunk)
    {
      const guint count = MIN (chunk, half->count - first);
      EidTensor *seen;

      for (guint i = 0; i < count; i++)
        if (!eid_picture_load (half->pairs[first + i].image, task->side, setup->channels, pixels + i * bytes,
                               NULL, error))
          return FALSE;
      eid_arena_push (setup->device);
      seen = see (task, model, pixels, count);
      if (set->values == NULL)
        {
          set->width = eid_dim (seen, 2);
          set->values = g_try_new (float, (gsize) set->count * set->width);
        }
      if (set->values == NULL)
        eid_device_fail (setup->device, EID_ERROR_MEMORY,
                         _ ("There is no room for the tokens of %'u pictures; take fewer."), half->count);
      else
        eid_tensor_read (seen, set->values + (gsize) first * tokens * set->width);
      eid_arena_pop (setup->device);
      if (!eid_device_check (setup->device, error)
          || !eid_setup_tell_done (setup, model != NULL ? _ ("Patch tokens") : _ ("Pixels of patches"),
                                   first + count, half->count, error))
        return FALSE;
    }
  return TRUE;
}

static EidFeatureSet *
tokens_of (const Task *task, EidModel *model, const Half *half, GError **error)
{
  g_autoptr (EidFeatureSet) set = g_new0 (EidFeatureSet, 1);
  EidDevice *device = task->setup->device;
  const gboolean was_recording = eid_set_recording (device, FALSE);
  const gboolean teacher = model != NULL && eid_setup_teacher_features (task->setup);
  gboolean good;

  if (teacher)
    eid_parameters_use_teacher (eid_model_parameters (model), TRUE);
  good = read_tokens (task, model, half, set, error);
  if (teacher)
    eid_parameters_use_teacher (eid_model_parameters (model), FALSE);
  eid_set_recording (device, was_recording);
  return good ? g_steal_pointer (&set) : NULL;
}

/* --- Measuring ---------------------------------------------------------------------- */

/* Over all pixels of the test masks, where @predicted [count, N] is of all pixels of a patch. */
static double
mean_iou (const Task *task, const gint32 *predicted)
{
  const Half *test = &task->test;
  g_autofree guint64 *both = g_new0 (guint64, task->classes), *either = g_new0 (guint64, task->classes);
  double sum = 0;
  guint there = 0;

  for (guint i = 0; i < test->count; i++)
    for (guint y = 0; y < task->side; y++)
      for (guint x = 0; x < task->side; x++)
        {
          const guint16 truth = test->masks[((gsize) i * task->side + y) * task->side + x];
          const guint patch = y / task->patch * task->grid + x / task->patch;
          const gint32 said = predicted[(gsize) i * task->grid * task->grid + patch];

          if (truth == IGNORED)
            continue;
          both[truth] += said == truth;
          either[truth]++;
          either[said] += said != truth;
        }
  for (guint c = 0; c < task->classes; c++)
    if (either[c] > 0)
      {
        sum += (double) both[c] / (double) either[c];
        there++;
      }
  return there > 0 ? sum / there : NAN;
}

static gboolean
measure (const Task *task, EidModel *model, double *iou, GError **error)
{
  EidSetup *setup = task->setup;
  g_autoptr (EidFeatureSet) train = tokens_of (task, model, &task->train, error);
  g_autoptr (EidFeatureSet) test = train != NULL ? tokens_of (task, model, &task->test, error) : NULL;
  g_autofree gint32 *predicted = NULL;

  if (test == NULL)
    return FALSE;
  predicted = g_try_new0 (gint32, MAX (test->count, 1));
  if (predicted == NULL)
    return fail_memory (&task->test, error);
  if (!eid_linear_predict (setup, train, test,
                           (guint) eid_recipe_int (setup->recipe, "Evaluate", "probe-epochs"), task->classes,
                           setup->seed, predicted, error))
    return FALSE;
  *iou = mean_iou (task, predicted);
  return TRUE;
}

static gboolean
measure_all (Task *task, EidComparison *result, GError **error)
{
  g_autofree guint16 *class_of = g_new (guint16, G_MAXUINT16 + 1);
  g_autoptr (EidModel) fresh = NULL;
  guint depth = 0;

  if (!read_masks (task, &task->train, &depth, error) || !read_masks (task, &task->test, &depth, error))
    return FALSE;
  number_classes (task, depth, class_of);
  if (task->classes < 2 || task->classes > MOST_CLASSES)
    {
      g_set_error (
          error, EID_ERROR, EID_ERROR_FAILED,
          task->classes < 2
              ? g_dngettext (
                  GETTEXT_PACKAGE,
                  "The masks name %'u class; two at least are needed, as values 0, 1, … of their samples.",
                  "The masks name %'u classes; two at least are needed, as values 0, 1, … of their "
                  "samples.",
                  task->classes)
              : g_dngettext (
                  GETTEXT_PACKAGE,
                  "The masks name %'u class, which is too many to tell apart. Are they pictures, or does "
                  "each thing have a number of its own?",
                  "The masks name %'u classes; these are too many to tell apart. Are they pictures, or does "
                  "each thing have a number of its own?",
                  task->classes),
          task->classes);
      return FALSE;
    }
  label_patches (task, &task->train, class_of);
  label_patches (task, &task->test, class_of);
  result->labels = task->train.count;
  if (!measure (task, task->setup->model, &result->trained, error))
    return FALSE;
  fresh = eid_setup_fresh_model (task->setup, error);
  return fresh != NULL && measure (task, fresh, &result->random, error)
         && measure (task, NULL, &result->pixels, error);
}

/* Puts which values are classes before what was told. */
static void
add_classes (const Task *task, char **told)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *former = *told;

  g_string_append_printf (
      text,
      g_dngettext (GETTEXT_PACKAGE, "%'u class, of the value", "%'u classes, of the values", task->classes),
      task->classes);
  for (guint c = 0; c < MIN (task->classes, MOST_NAMED); c++)
    g_string_append_printf (text, "%s %u", c > 0 ? "," : "", g_array_index (task->values, guint16, c));
  if (task->classes > MOST_NAMED)
    g_string_append_printf (text, _ (" and %'u more"), task->classes - MOST_NAMED);
  if (former != NULL)
    g_string_append_printf (text, "\n%s", former);
  *told = g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
eid_dense (EidSetup *setup, const char *folder, EidComparison *result, char **told, GError **error)
{
  const EidDescriptor *encoder = eid_model_encoder (setup->model);
  Task task = { .setup = setup, .side = setup->size, .patch = eid_model_patch (setup->model) };
  g_autoptr (GPtrArray) left_out = NULL;
  g_autoptr (GArray) pairs = NULL;
  gboolean good;

  *told = NULL;
  *result = (EidComparison){ NAN, NAN, NAN, 0, 0 };
  if (!(encoder->abilities & EID_CAN_TOKENS) || task.patch == 0)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("The encoder “%s” has no patch tokens, which a dense probe reads; a vision transformer "
                      "has."),
                   encoder->id);
      return FALSE;
    }
  task.grid = task.side / task.patch;
  left_out = g_ptr_array_new_with_free_func (g_free);
  pairs = list_pairs (&task, folder, left_out, error);
  if (pairs == NULL)
    return FALSE;
  *told = describe_left_out (left_out);
  task.values = g_array_new (FALSE, FALSE, sizeof (guint16));
  task.test.count = pairs->len / TEST_SHARE;
  task.train.count = pairs->len - task.test.count;
  task.train.pairs = (const Pair *) pairs->data;
  task.test.pairs = task.train.pairs + task.train.count;
  good = measure_all (&task, result, error);
  g_free (task.train.masks);
  g_free (task.train.labels);
  g_free (task.test.masks);
  g_free (task.test.labels);
  if (good)
    add_classes (&task, told);
  g_array_unref (task.values);
  return good;
}
