/* builtin.c: every plugin that comes with the program, found as the program
 * finds it: trainable with its defaults wherever an encoder and an objective fit
 * each other. What is true of one by itself is examined in tests/check.
 */
#include "plugins/host.h"

#include "tests/engine/device.h"

#include <glib/gstdio.h>

#include <math.h>
#include <string.h>

#define BATCH 8

static EidRegistry *registry;

/* What a model is built for: pictures, or of text the context and the vocabulary. */
typedef struct
{
  guint size, channels;
} Input;

static const Input pictures[] = { { 28, 1 }, { 32, 3 } };
static const Input texts[] = { { 16, 30 }, { 31, 65 } };

/* --- One step of a pair --------------------------------------------------------- */

typedef struct
{
  const EidDescriptor *encoder, *objective;
} Pair;

static gboolean
reads_text (const EidDescriptor *encoder)
{
  return (encoder->abilities & EID_CAN_TEXT) != 0;
}

/* What is said of the views before there is a model is what it then asks for. */
static void
check_foresight (EidModel *model, const Pair *pair, const Input *input, GHashTable *values)
{
  const EidViews views = eid_model_views (model);
  g_autoptr (GError) error = NULL;
  EidViews foreseen;

  g_assert_true (eid_model_foresee_views (registry, pair->encoder->id, pair->objective->id, values,
                                          input->size, input->channels, BATCH, &foreseen, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (foreseen.count, ==, views.count);
  g_assert_cmpint (foreseen.augmented, ==, views.augmented);
  g_assert_cmpuint (foreseen.small_count, ==, views.small_count);
  g_assert_cmpuint (foreseen.small_size, ==, views.small_size);
  g_assert_cmpfloat (foreseen.small_crop_min, ==, views.small_crop_min);
  g_assert_cmpfloat (foreseen.small_crop_max, ==, views.small_crop_max);
}

static EidModel *
make_model (const Pair *pair, const Input *input, GError **error)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
  EidModel *model;

  model = eid_model_new (test_device, registry, pair->encoder->id, pair->objective->id, values, input->size,
                         input->channels, BATCH, 7, error);
  if (model)
    check_foresight (model, pair, input, values);
  if (model)
    eid_model_set_steps (model, 2); /* step 1 is half-way: what is frozen to begin with is free */
  return model;
}

static gboolean
any_is_set (const float *values, gsize count)
{
  for (gsize i = 0; i < count; i++)
    if (values[i] != 0)
      return TRUE;
  return FALSE;
}

static void
check_gradients (EidModel *model)
{
  EidParameters *parameters = eid_model_parameters (model);

  g_assert_cmpuint (eid_parameters_trained (parameters), >, 0);
  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    {
      EidTensor *tensor = eid_parameters_tensor (parameters, i), *gradient = eid_tensor_gradient (tensor);
      g_autofree float *values = NULL;

      if (!eid_parameters_is_trained (parameters, i))
        continue;
      if (gradient)
        values = test_read (gradient);
      if (values == NULL || !any_is_set (values, eid_tensor_count (gradient)))
        test_complain ("%s gets no gradient", eid_parameters_name (parameters, i));
    }
}

/* Random tokens, [count, size] and each one further on. */
static EidTensor *
random_text (guint views, const Input *input)
{
  guint count = views * BATCH;
  g_autofree gint32 *tokens = g_new (gint32, count * input->size);

  for (guint row = 0; row < count; row++)
    for (guint t = 0; t < input->size; t++)
      {
        EidRandom random;

        eid_random_init (&random, 11, row / BATCH + t, row % BATCH, 0);
        tokens[row * input->size + t] = eid_random_below (&random, input->channels);
      }
  return eid_tensor_from_data (test_device, EID_I32, EID_SHAPE (count, input->size), tokens);
}

/* Noise in the place of pictures or text, as the objective wants to see it. */
static EidViewTensors
noise (EidModel *model, const Input *input)
{
  EidViews views = eid_model_views (model);
  guint size = input->size, channels = input->channels;
  EidViewTensors tensors = { NULL };

  if (reads_text (eid_model_encoder (model)))
    tensors.views = random_text (views.count, input);
  else
    tensors.views = test_tensor (EID_SHAPE (views.count * BATCH, size, size, channels), 11);
  if (views.small_count > 0)
    tensors.small =
        test_tensor (EID_SHAPE (views.small_count * BATCH, views.small_size, views.small_size, channels), 12);
  return tensors;
}

/* The loss of one training step on noise. */
static float
step (EidModel *model, const Input *input)
{
  guint32 samples[BATCH];
  float loss;

  for (guint b = 0; b < BATCH; b++)
    samples[b] = b;
  eid_parameters_zero_gradients (eid_model_parameters (model));
  eid_arena_push (test_device);
  loss = eid_tensor_scalar (eid_model_loss (model, noise (model, input), samples, 1, 7, TRUE));
  if (test_device_is_well ())
    check_gradients (model);
  eid_arena_pop (test_device);
  return loss;
}

static void
test_learns_from_its_defaults (gconstpointer data)
{
  const Pair *pair = data;

  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    {
      const Input *input = reads_text (pair->encoder) ? &texts[i] : &pictures[i];
      g_autoptr (GError) error = NULL;
      g_autoptr (EidModel) model = make_model (pair, input, &error), again = NULL;
      float loss;
      double chance;

      g_assert_no_error (error);
      loss = step (model, input);
      chance = eid_model_chance (model);
      g_test_message ("size %u, of %u: loss %g, chance %g", input->size, input->channels, loss, chance);
      g_assert_true (isfinite (loss));
      /* Near, not on: fresh weights do not predict the mean, they scatter about it; about a line at 0,
       * cosines do. A queue holds noise at first, from which keys are told easily. */
      if (chance == 0 ? fabs ((double) loss) > 0.5
                      : !isnan (chance) && !(loss > 0.4 * chance && loss < 3 * chance))
        test_complain ("an untrained model's loss of %g is far from the chance line %g", loss, chance);

      again = make_model (pair, input, &error);
      g_assert_no_error (error);
      g_assert_cmpfloat (step (again, input), ==, loss); /* the same seed, the same bits */
    }
}

static void
test_is_refused_as_unfit (gconstpointer data)
{
  const Pair *pair = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (EidModel) model = make_model (pair, &pictures[0], &error);

  g_assert_null (model);
  g_assert_error (error, EID_ERROR, EID_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, pair->objective->id));
}

/* A target of 0 / 0 would make the first loss no number. */
static void
test_mae_refuses_patches_of_one_number (void)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  EidModel *model;

  g_hash_table_insert (values, (char *) "Encoder.patch", (char *) "1");
  model = eid_model_new (test_device, registry, "vit", "mae", values, 8, 1, BATCH, 7, &error);
  g_assert_null (model);
  g_assert_error (error, EID_ERROR, EID_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "norm-pix"));
  g_clear_error (&error);

  g_hash_table_insert (values, (char *) "Objective.norm-pix", (char *) "false");
  model = eid_model_new (test_device, registry, "vit", "mae", values, 8, 1, BATCH, 7, &error);
  g_assert_no_error (error);
  eid_model_free (model);
}

/* --- All ------------------------------------------------------------------------ */

static void
add_pair (const EidDescriptor *encoder, const EidDescriptor *objective)
{
  Pair *pair = g_new (Pair, 1);
  gboolean fits = eid_descriptors_fit (encoder, objective);
  g_autofree char *path = g_strdup_printf (
      "/builtin/%s/%s-with-%s", fits ? "learns-from-its-defaults" : "is-refused", objective->id, encoder->id);

  *pair = (Pair){ encoder, objective };
  g_test_add_data_func_full (path, pair, fits ? test_learns_from_its_defaults : test_is_refused_as_unfit,
                             g_free);
}

static void
add_tests (void)
{
  guint count = eid_registry_count (registry), objectives = 0;

  for (guint i = 0; i < count; i++)
    {
      const EidPluginEntry *entry = eid_registry_get (registry, i);

      for (guint k = 0; k < count; k++)
        {
          const EidDescriptor *encoder = entry->descriptor,
                              *objective = eid_registry_get (registry, k)->descriptor;

          if (encoder && objective && strcmp (encoder->kind, "encoder") == 0
              && strcmp (objective->kind, "objective") == 0)
            {
              add_pair (encoder, objective);
              objectives++;
            }
        }
    }
  g_test_add_func ("/builtin/mae-refuses-patches-of-one-number", test_mae_refuses_patches_of_one_number);
  g_assert_cmpuint (objectives, >, 0); /* else the build folder's plugins were not found */
}

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("eidoscope-plugins-XXXXXX", NULL);
  int status;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_unsetenv ("EIDOSCOPE_PLUGIN_PATH");
  registry = eid_registry_new ();
  status = test_main (argc, argv, add_tests);
  eid_registry_free (registry);
  g_rmdir (home);
  return status;
}
