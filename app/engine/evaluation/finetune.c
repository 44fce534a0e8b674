/* finetune.c: see finetune.h. */
#include "app/engine/evaluation/finetune.h"

#include "app/engine/setup/data-report.h"
#include "app/engine/setup/feature-set.h"
#include "app/engine/setup/labels.h"
#include "app/engine/setup/layer-rates.h"
#include "app/engine/evaluation/linear.h"
#include "app/engine/setup/schedule.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define WEIGHT_DECAY     0.05f
#define CLIP             1.0f
#define DEFAULT_EPOCHS   100
#define DEFAULT_PICTURES 50000

/* Steps after which it is asked whether all is well. */
#define CHECK_EVERY 8

/* Streams of the generator that order the pictures. */
#define ORDER_STREAM 0x46544f52u

/* What a model is trained and tested on. */
typedef struct
{
  EidSetup *setup;
  const EidFinetune *options;
  guint32 *train, *test; /* numbers in the halves of the data                   */
  guint n_train, n_test, batch;
  guint64 steps;
} Task;

/* A linear layer on the features. */
typedef struct
{
  EidParameters *parameters;
  EidTensor *weight, *bias;
  EidTensor *target; /* I32 [B], of the present batch                           */
} Head;

/* --- The model ---------------------------------------------------------------------- */

/* The run's weights, those whose features are measured, into @to. */
static void
copy_weights (EidSetup *setup, EidParameters *to)
{
  EidParameters *from = eid_model_parameters (setup->model);
  const gboolean teacher = eid_setup_teacher_features (setup);

  if (teacher)
    eid_parameters_use_teacher (from, TRUE);
  for (guint i = 0; i < eid_parameters_count (from); i++)
    {
      EidTensor *tensor = eid_parameters_tensor (from, i);
      g_autofree float *values = g_new (float, eid_tensor_count (tensor));

      eid_tensor_read (tensor, values);
      eid_tensor_write (eid_parameters_tensor (to, i), values);
    }
  if (teacher)
    eid_parameters_use_teacher (from, FALSE);
}

/* An encoder that learns by layers; the objective beside it stays still. */
static EidModel *
make_model (const Task *task, gboolean trained, GError **error)
{
  g_autoptr (EidModel) model = eid_setup_fresh_model (task->setup, error);
  EidParameters *parameters;

  if (model == NULL)
    return NULL;
  parameters = eid_model_parameters (model);
  if (!eid_layer_rates_set (parameters, task->options->layer_decay, error))
    return NULL;
  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    if (!g_str_has_prefix (eid_parameters_name (parameters, i), "encoder."))
      eid_parameters_set_rate (parameters, i, 0);
  if (trained)
    copy_weights (task->setup, parameters);
  return eid_device_check (task->setup->device, error) ? g_steal_pointer (&model) : NULL;
}

static void
head_init (Head *head, EidSetup *setup)
{
  const guint classes = eid_dataset_classes (setup->train), width = eid_model_width (setup->model);

  head->parameters = eid_parameters_new (setup->device, setup->seed);
  head->weight = eid_parameters_add (head->parameters, "weight", EID_SHAPE (classes, width), EID_WEIGHT,
                                     (EidInit){ .kind = EID_INIT_NORMAL, .scale = 0.01f });
  head->bias = eid_parameters_add (head->parameters, "bias", EID_SHAPE (classes), EID_NO_DECAY,
                                   (EidInit){ .kind = EID_INIT_CONSTANT });
  eid_parameters_commit (head->parameters);
}

/* --- Training ----------------------------------------------------------------------- */

static EidTensor *
head_loss (EidTensor *pooled, gpointer data)
{
  const Head *head = data;

  return eid_cross_entropy (eid_linear (pooled, head->weight, head->bias), head->target);
}

/* The pictures of step @step: places of an endless row of shuffled epochs. */
static void
draw_batch (const Task *task, guint64 step, guint32 *order, guint64 *epoch, guint32 *samples)
{
  for (guint i = 0; i < task->batch; i++)
    {
      const guint64 place = step * task->batch + i;

      if (place / task->n_train != *epoch)
        {
          EidRandom random;

          *epoch = place / task->n_train;
          memcpy (order, task->train, task->n_train * sizeof (guint32));
          eid_random_init (&random, task->setup->seed, (guint32) *epoch, 0, ORDER_STREAM);
          eid_random_shuffle (&random, order, task->n_train);
        }
      samples[i] = order[place % task->n_train];
    }
}

/* Crops and flips of @samples, [B, S, S, C], and their labels, in the arena. */
static EidTensor *
make_views (const Task *task, guint64 step, guint32 *samples, Head *head, GError **error)
{
  EidSetup *setup = task->setup;
  const EidViews views = { .count = 1 };
  const guint side = eid_dataset_size (setup->train);
  const gsize bytes = eid_dataset_bytes (setup->train);
  g_autofree guint8 *pixels = g_malloc (bytes * task->batch);
  g_autofree gint32 *labels = g_new (gint32, task->batch);
  g_autofree EidAugmentDraw *draws = NULL;
  EidTensor *pictures;

  /* Those that cannot be read are none of the task's. */
  for (guint i = 0; i < task->batch; i++)
    if (!eid_dataset_read (setup->train, samples[i], pixels + i * bytes, error))
      return NULL;
  for (guint i = 0; i < task->batch; i++)
    labels[i] = MAX (eid_dataset_label (setup->train, samples[i]), 0);
  head->target = eid_tensor_from_data (setup->device, EID_I32, EID_SHAPE (task->batch), labels);
  draws = eid_augment_draws (&setup->augment, setup->channels, views, setup->seed, (guint32) step, samples,
                             task->batch);
  pictures = eid_tensor_from_data (setup->device, EID_U8,
                                   EID_SHAPE (task->batch, side, side, setup->channels), pixels);
  return eid_augment (pictures, draws, 1, setup->size, setup->mean, setup->std);
}

/* Every so often: is the loss a number, and the device well? */
static gboolean
check_step (const Task *task, guint64 step, EidTensor *loss, GError **error)
{
  if (step % CHECK_EVERY != 0 && step + 1 < task->steps)
    return TRUE;
  if (isfinite (eid_tensor_scalar (loss)))
    return eid_device_check (task->setup->device, error);
  if (eid_device_check (task->setup->device, error))
    g_set_error (error, EID_ERROR, EID_ERROR_NOT_FINITE,
                 _ ("Fine-tuning: the loss was no finite number at step %'" PRIu64 " of %'" PRIu64
                    ". A lower learning rate (--lr) may help."),
                 step + 1, task->steps);
  return FALSE;
}

static gboolean
train (const Task *task, EidModel *model, Head *head, const char *what, GError **error)
{
  EidSetup *setup = task->setup;
  g_autofree guint32 *order = g_try_new (guint32, task->n_train), *samples = g_new (guint32, task->batch);
  guint64 epoch = G_MAXUINT64;
  gboolean good = order != NULL || eid_features_fail_memory (task->n_train, error);

  for (guint64 step = 0; good && step < task->steps; step++)
    {
      const EidUpdate update = {
        .rule = EID_ADAMW,
        .learning_rate = (float) eid_schedule_learning_rate (task->options->learning_rate, task->steps / 10,
                                                             task->steps, step),
        .weight_decay = WEIGHT_DECAY,
        .clip = CLIP,
        .beta1 = 0.9f,
        .beta2 = 0.999f,
        .epsilon = 1e-8f,
        .teacher_momentum = 1,
        .update = step + 1,
      };
      EidTensor *views;

      draw_batch (task, step, order, &epoch, samples);
      eid_arena_push (setup->device);
      views = make_views (task, step, samples, head, error);
      good = views != NULL;
      if (good)
        {
          EidTensor *loss = eid_model_train_on (model, views, head_loss, head);

          eid_parameters_update (eid_model_parameters (model), &update);
          eid_parameters_update (head->parameters, &update);
          good = check_step (task, step, loss, error);
        }
      eid_arena_pop (setup->device);
      good = good && eid_setup_tell_done (setup, what, step + 1, task->steps, error);
    }
  return good;
}

/* --- Testing ------------------------------------------------------------------------ */

static guint
count_right (const float *logits, guint classes, EidDataset *dataset, const guint32 *pictures, guint count)
{
  guint right = 0;

  for (guint i = 0; i < count; i++)
    {
      const float *row = logits + (gsize) i * classes;
      guint best = 0;

      for (guint c = 1; c < classes; c++)
        if (row[c] > row[best])
          best = c;
      right += (gint) best == eid_dataset_label (dataset, pictures[i]);
    }
  return right;
}

static gboolean
test (const Task *task, EidModel *model, const Head *head, double *accuracy, GError **error)
{
  EidSetup *setup = task->setup;
  const guint classes = eid_dataset_classes (setup->train);
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  g_autofree float *logits = g_new (float, (gsize) task->batch *classes);
  gboolean good = TRUE;
  guint right = 0;

  for (guint first = 0; good && first < task->n_test; first += task->batch)
    {
      guint count = MIN (task->batch, task->n_test - first);
      g_autofree guint8 *pixels = eid_dataset_read_all (setup->test, task->test + first, &count, error);

      good = pixels != NULL;
      if (!good)
        break;
      eid_arena_push (setup->device);
      eid_tensor_read (eid_linear (eid_model_features (model, eid_setup_plain_views (setup, pixels, count)),
                                   head->weight, head->bias),
                       logits);
      eid_arena_pop (setup->device);
      right += count_right (logits, classes, setup->test, task->test + first, count);
      good = eid_device_check (setup->device, error)
             && eid_setup_tell_done (setup, _ ("Testing"), MIN (first + task->batch, task->n_test),
                                     task->n_test, error);
    }
  eid_set_recording (setup->device, was_recording);
  *accuracy = task->n_test > 0 ? (double) right / task->n_test : NAN;
  return good;
}

/* --- From both beginnings, and the pixels --------------------------------------------- */

static gboolean
finetune (const Task *task, gboolean trained, double *accuracy, GError **error)
{
  const char *what = trained ? _ ("Fine-tuning") : _ ("The same from random weights");
  g_autoptr (EidModel) model = make_model (task, trained, error);
  Head head;
  gboolean good;

  if (model == NULL)
    return FALSE;
  head_init (&head, task->setup);
  good = train (task, model, &head, what, error) && test (task, model, &head, accuracy, error);
  eid_parameters_free (head.parameters);
  return good;
}

/* Takes the lists of pictures. */
static gboolean
probe_pixels (Task *task, double *accuracy, GError **error)
{
  EidSetup *setup = task->setup;
  g_autoptr (EidFeatureSet) train_set = NULL;
  g_autoptr (EidFeatureSet) test_set = NULL;

  train_set = eid_features_of_pictures (setup, NULL, setup->train, g_steal_pointer (&task->train),
                                        task->n_train, error);
  if (train_set == NULL)
    return FALSE;
  test_set =
      eid_features_of_pictures (setup, NULL, setup->test, g_steal_pointer (&task->test), task->n_test, error);
  return test_set != NULL
         && eid_linear_accuracy (setup, train_set, test_set,
                                 (guint) eid_recipe_int (setup->recipe, "Evaluate", "probe-epochs"),
                                 eid_dataset_classes (setup->train), setup->seed, accuracy, error);
}

static guint64
count_steps (const EidFinetune *options, guint pictures, guint batch)
{
  guint64 seen = (guint64) pictures * (options->epochs > 0 ? options->epochs : DEFAULT_EPOCHS);

  if (options->steps > 0)
    return options->steps;
  if (options->epochs == 0)
    seen = MIN (seen, DEFAULT_PICTURES);
  return MAX ((seen + batch - 1) / batch, 1);
}

static gint32 *
labels_of (EidDataset *dataset, const guint32 *pictures, guint count, GError **error)
{
  gint32 *labels = g_try_new (gint32, MAX (count, 1));

  if (labels == NULL)
    eid_features_fail_memory (count, error);
  for (guint i = 0; labels != NULL && i < count; i++)
    labels[i] = eid_dataset_label (dataset, pictures[i]);
  return labels;
}

/* Errors: why there is nothing to tell apart, or no memory. */
static gboolean
check_labels (const Task *task, GError **error)
{
  EidSetup *setup = task->setup;
  g_autofree gint32 *train = NULL, *test = NULL;
  g_autofree char *obstacle = NULL;

  if (eid_setup_is_text (setup))
    obstacle = eid_data_obstacle (setup);
  else
    {
      train = labels_of (setup->train, task->train, task->n_train, error);
      test = train != NULL ? labels_of (setup->test, task->test, task->n_test, error) : NULL;
      if (test == NULL)
        return FALSE;
      obstacle = eid_labels_obstacle (setup->train, train, task->n_train, test, task->n_test);
    }
  if (obstacle != NULL)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE, "%s: %s",
                 eid_recipe_text (setup->recipe, "Dataset", "path"), obstacle);
  return obstacle == NULL;
}

/* The pictures that are learnt from and tested on, those that can be read. */
static gboolean
choose_pictures (Task *task, GError **error)
{
  EidSetup *setup = task->setup;

  task->train = eid_labels_choose (
      setup->train, eid_recipe_float (setup->recipe, "Evaluate", "labels"), setup->seed,
      (guint) eid_recipe_int (setup->recipe, "Evaluate", "train-limit"), &task->n_train, error);
  if (task->train == NULL)
    return FALSE;
  task->test = eid_labels_choose (setup->test, 100, setup->seed,
                                  (guint) eid_recipe_int (setup->recipe, "Evaluate", "test-limit"),
                                  &task->n_test, error);
  if (task->test == NULL)
    return FALSE;
  eid_dataset_keep_readable (setup->train, task->train, &task->n_train);
  eid_dataset_keep_readable (setup->test, task->test, &task->n_test);
  return TRUE;
}

gboolean
eid_finetune (EidSetup *setup, const EidFinetune *options, EidComparison *result, GError **error)
{
  Task task = { .setup = setup, .options = options };
  gboolean good;

  *result = (EidComparison){ NAN, NAN, NAN, 0, 0 };
  good = choose_pictures (&task, error) && check_labels (&task, error);
  if (good)
    {
      task.batch = MIN (setup->batch / setup->parts, task.n_train);
      task.steps = count_steps (options, task.n_train, task.batch);
      result->labels = task.n_train;
      result->steps = task.steps;
      good = finetune (&task, TRUE, &result->trained, error)
             && finetune (&task, FALSE, &result->random, error)
             && probe_pixels (&task, &result->pixels, error);
    }
  g_free (task.train);
  g_free (task.test);
  return good;
}
