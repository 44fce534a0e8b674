/* dense.c: see dense.h. */
#include "dense.h"

#include "feature-set.h"
#include "linear.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define IGNORED    255
#define TEST_SHARE 5 /* one in so many is tested on */

static const char *const image_endings[] = { ".jpg", ".jpeg", ".png" };

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
  guint8 *masks;  /* [count, S, S]                                               */
  gint32 *labels; /* [count, N], -1: nothing but ignored pixels                    */
} Half;

typedef struct
{
  EidSetup *setup;
  guint side, patch, grid; /* S pixels, of a patch, patches a side            */
  guint classes;
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
compare_pairs (gconstpointer a, gconstpointer b)
{
  const Pair *x = a, *y = b;

  return x->hash != y->hash ? (x->hash > y->hash ? 1 : -1) : strcmp (x->mask, y->mask);
}

/* The picture called @stem in @folder/images, or NULL. */
static char *
find_image (const char *folder, const char *stem)
{
  for (guint i = 0; i < G_N_ELEMENTS (image_endings); i++)
    {
      g_autofree char *name = g_strconcat (stem, image_endings[i], NULL);
      g_autofree char *file = g_build_filename (folder, "images", name, NULL);

      if (g_file_test (file, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&file);
    }
  return NULL;
}

/* Every mask with its picture, in the order of the hash. */
static GArray *
list_pairs (const char *folder, GError **error)
{
  g_autofree char *masks = g_build_filename (folder, "masks", NULL);
  g_autoptr (GArray) pairs = g_array_new (FALSE, TRUE, sizeof (Pair));
  g_autoptr (GError) cause = NULL;
  g_autoptr (GDir) dir = g_dir_open (masks, 0, &cause);
  const char *name;

  g_array_set_clear_func (pairs, pair_clear);
  if (dir == NULL)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("%s; the folder of a dense probe holds images/NAME.jpg and masks/NAME.png."),
                   cause->message);
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *stem = NULL;
      Pair pair;

      if (!g_str_has_suffix (name, ".png"))
        continue;
      stem = g_strndup (name, strlen (name) - strlen (".png"));
      pair = (Pair){ find_image (folder, stem), g_build_filename (masks, name, NULL), hash_name (stem) };
      g_array_append_val (pairs, pair);
      if (pair.image == NULL)
        {
          g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                       _ ("%s: there is no picture %s.jpg or %s.png in %s%simages."), pair.mask, stem, stem,
                       folder, G_DIR_SEPARATOR_S);
          return NULL;
        }
    }
  if (pairs->len < TEST_SHARE)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   g_dngettext (GETTEXT_PACKAGE, "%s: there is %u mask; five at least are needed.",
                                "%s: there are %u masks; five at least are needed.", pairs->len),
                   masks, pairs->len);
      return NULL;
    }
  g_array_sort (pairs, compare_pairs);
  return g_steal_pointer (&pairs);
}

/* --- Masks ------------------------------------------------------------------------- */

/* The class that most pixels of a patch have, the first of equal ones; -1: none. */
static gint32
majority (const Task *task, const guint8 *mask, guint row, guint column)
{
  guint counts[256] = { 0 };
  gint32 best = -1;

  for (guint y = 0; y < task->patch; y++)
    for (guint x = 0; x < task->patch; x++)
      counts[mask[(gsize) (row * task->patch + y) * task->side + column * task->patch + x]]++;
  for (gint32 c = 0; c < IGNORED; c++)
    if (counts[c] > (best >= 0 ? counts[best] : 0))
      best = c;
  return best;
}

static gboolean
read_masks (Task *task, Half *half, GError **error)
{
  const gsize pixels = (gsize) task->side * task->side;
  const guint tokens = task->grid * task->grid;

  half->masks = g_malloc (half->count * pixels);
  half->labels = g_new (gint32, (gsize) half->count * tokens);
  for (guint i = 0; i < half->count; i++)
    {
      guint8 *mask = half->masks + i * pixels;

      if (!eid_mask_load (half->pairs[i].mask, task->side, mask, error))
        return FALSE;
      for (gsize p = 0; p < pixels; p++)
        if (mask[p] != IGNORED)
          task->classes = MAX (task->classes, mask[p] + 1u);
      for (guint t = 0; t < tokens; t++)
        half->labels[(gsize) i * tokens + t] = majority (task, mask, t / task->grid, t % task->grid);
    }
  return TRUE;
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
  set->labels = g_memdup2 (half->labels, set->count * sizeof (gint32));
  for (guint first = 0; first < half->count; first += chunk)
    {
      const guint count = MIN (chunk, half->count - first);
      EidTensor *seen;

      for (guint i = 0; i < count; i++)
        if (!eid_picture_load (half->pairs[first + i].image, task->side, setup->channels, pixels + i * bytes,
                               error))
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
                         _ ("There is no room for the tokens of %u pictures; take fewer."), half->count);
      else
        eid_tensor_read (seen, set->values + (gsize) first * tokens * set->width);
      eid_arena_pop (setup->device);
      if (!eid_device_check (setup->device, error))
        return FALSE;
      eid_setup_tell_done (setup, model != NULL ? _ ("Patch tokens") : _ ("Pixels of patches"), first + count,
                           half->count);
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
  guint64 both[256] = { 0 }, either[256] = { 0 };
  double sum = 0;
  guint there = 0;

  for (guint i = 0; i < test->count; i++)
    for (guint y = 0; y < task->side; y++)
      for (guint x = 0; x < task->side; x++)
        {
          const guint8 truth = test->masks[((gsize) i * task->side + y) * task->side + x];
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
  predicted = g_new0 (gint32, test->count);
  if (!eid_linear_predict (setup->device, train, test,
                           (guint) eid_recipe_int (setup->recipe, "Evaluate", "probe-epochs"), task->classes,
                           setup->seed, predicted, error))
    return FALSE;
  *iou = mean_iou (task, predicted);
  return TRUE;
}

static gboolean
measure_all (Task *task, EidComparison *result, GError **error)
{
  g_autoptr (EidModel) fresh = NULL;

  if (!read_masks (task, &task->train, error) || !read_masks (task, &task->test, error))
    return FALSE;
  if (task->classes < 2)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("The masks name one class alone; two at least are needed, as grey values 0, 1, …"));
      return FALSE;
    }
  result->labels = task->train.count;
  if (!measure (task, task->setup->model, &result->trained, error))
    return FALSE;
  fresh = eid_setup_fresh_model (task->setup, error);
  return fresh != NULL && measure (task, fresh, &result->random, error)
         && measure (task, NULL, &result->pixels, error);
}

gboolean
eid_dense (EidSetup *setup, const char *folder, EidComparison *result, GError **error)
{
  const EidDescriptor *encoder = eid_model_encoder (setup->model);
  Task task = { .setup = setup, .side = setup->size, .patch = eid_model_patch (setup->model) };
  g_autoptr (GArray) pairs = NULL;
  gboolean good;

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
  pairs = list_pairs (folder, error);
  if (pairs == NULL)
    return FALSE;
  task.test.count = pairs->len / TEST_SHARE;
  task.train.count = pairs->len - task.test.count;
  task.train.pairs = (const Pair *) pairs->data;
  task.test.pairs = task.train.pairs + task.train.count;
  good = measure_all (&task, result, error);
  g_free (task.train.masks);
  g_free (task.train.labels);
  g_free (task.test.masks);
  g_free (task.test.labels);
  return good;
}
