/* golden-kit.c: whole models of the built-in plugins, against timm and PyTorch:
 * names, layout and mathematics of encoder.* and objective.* are theirs.
 */
#include "tests/engine/golden-model.h"
#include "tests/engine/device.h"

enum
{
  SIZE = 8,
  CHANNELS = 3
};

static EidModel *
model_new (EidRegistry *registry, const char *objective, guint batch, const char *const *settings)
{
  return golden_model (registry, "vit", objective, SIZE, CHANNELS, batch, settings);
}

/* timm's VisionTransformer with its weights is our encoder. */
static void
check_vit (const char *file, const char *pooling, gboolean class_token)
{
  const char *settings[] = { "Encoder.patch",
                             "4",
                             "Encoder.width",
                             "12",
                             "Encoder.depth",
                             "2",
                             "Encoder.heads",
                             "3",
                             "Encoder.mlp-ratio",
                             "2",
                             "Encoder.pooling",
                             pooling,
                             "Encoder.positions",
                             "learned",
                             NULL };
  Golden golden;

  golden_open (&golden, file);
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (EidModel) model = model_new (registry, "simclr", 2, settings);
  golden_load (&golden, model, "encoder.");

  EidTensor *images = golden_tensor (&golden, "images");
  golden_check (&golden, "pooled", eid_model_features (model, images));

  EidTensor *tokens = eid_model_tokens (model, images), *all = golden_tensor (&golden, "tokens");
  if (class_token)
    all = eid_tokens (all, 1, eid_dim (all, 1) - 1);
  g_autofree float *got = test_read (tokens), *stored = test_read (all);
  g_autofree double *expected = g_new (double, eid_tensor_count (all));
  g_assert_true (eid_shape_equal (eid_tensor_shape (tokens), eid_tensor_shape (all)));
  for (gsize i = 0; i < eid_tensor_count (all); i++)
    expected[i] = stored[i];
  test_close ("tokens", got, expected, eid_tensor_count (all), 1e-5);
  golden_close (&golden);
}

static void
test_vit_mean (void)
{
  check_vit ("vit-avg", "mean", FALSE);
}

static void
test_vit_class (void)
{
  check_vit ("vit-token", "class", TRUE);
}

/* One training step: loss, every gradient, and the running moments it moves. */
static void
test_simclr (void)
{
  static const char *const settings[] = {
    "Encoder.patch",
    "4",
    "Encoder.width",
    "12",
    "Encoder.depth",
    "1",
    "Encoder.heads",
    "3",
    "Encoder.mlp-ratio",
    "2",
    "Encoder.pooling",
    "mean",
    "Encoder.positions",
    "learned",
    "Objective.temperature",
    "0.2",
    "Objective.hidden",
    "16",
    "Objective.output",
    "8",
    NULL,
  };
  const guint32 samples[4] = { 0, 1, 2, 3 };
  Golden golden;

  golden_open (&golden, "simclr");
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (EidModel) model = model_new (registry, "simclr", 4, settings);
  EidParameters *parameters = eid_model_parameters (model);
  golden_load (&golden, model, "");

  EidTensor *loss =
      eid_model_loss (model, (EidViewTensors){ golden_tensor (&golden, "views") }, samples, 1, 1, TRUE);
  golden_check (&golden, "loss", loss);
  golden_check_model_gradients (&golden, model);
  golden_check (&golden, "running_mean",
                eid_parameters_find (parameters, "objective.projector.1.running_mean"));
  golden_check (&golden, "running_var",
                eid_parameters_find (parameters, "objective.projector.1.running_var"));
  golden_close (&golden);
}

/* One training step with small crops: loss, every gradient, the centre; and the update that the
 * teacher follows. Half-way through a run the momentum of 0.9 has become 0.95.  */
static void
test_dino (void)
{
  static const char *const settings[] = {
    "Encoder.patch",
    "2",
    "Encoder.width",
    "12",
    "Encoder.depth",
    "1",
    "Encoder.heads",
    "3",
    "Encoder.mlp-ratio",
    "2",
    "Encoder.pooling",
    "class",
    "Encoder.positions",
    "learned",
    "Objective.hidden",
    "16",
    "Objective.bottleneck",
    "8",
    "Objective.prototypes",
    "20",
    "Objective.small-crops",
    "3",
    "Objective.small-size",
    "4",
    "Objective.teacher-momentum",
    "0.9",
    NULL,
  };
  EidUpdate update = { .rule = EID_ADAMW,
                       .learning_rate = 1e-2f,
                       .weight_decay = 0.1f,
                       .beta1 = 0.9f,
                       .beta2 = 0.95f,
                       .epsilon = 1e-8f,
                       .update = 1 };
  const guint32 samples[4] = { 0, 1, 2, 3 };
  Golden golden;

  golden_open (&golden, "dino");
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (EidModel) model = model_new (registry, "dino", 4, settings);
  EidParameters *parameters = eid_model_parameters (model);
  EidTensor *center = eid_parameters_find (parameters, "objective.center");
  golden_load (&golden, model, "");
  golden_load_teacher (&golden, model);
  eid_tensor_write (center, golden_find (&golden, "center")->data);
  eid_model_set_steps (model, 2);

  EidViewTensors views = { golden_tensor (&golden, "views"), golden_tensor (&golden, "small") };
  EidTensor *loss = eid_model_loss (model, views, samples, 1, 1, TRUE);
  golden_check (&golden, "loss", loss);
  golden_check_model_gradients (&golden, model);
  golden_check (&golden, "center.after", center);

  update.teacher_momentum = eid_model_teacher_momentum (model);
  g_assert_cmpfloat_with_epsilon (update.teacher_momentum, 0.95, 1e-6);
  eid_parameters_update (parameters, &update);
  golden_check_after (&golden, model);
  golden_close (&golden);
}

/* torchvision's ResNet-18, of a sixteenth of its width: one training step, and the features that
 * the moved moments give. */
static void
test_resnet18 (void)
{
  static const char *const settings[] = {
    "Encoder.depth",
    "18",
    "Encoder.stem",
    "cifar",
    "Encoder.width",
    "0.0625",
    "Objective.temperature",
    "0.2",
    "Objective.hidden",
    "16",
    "Objective.output",
    "8",
    NULL,
  };
  const guint32 samples[4] = { 0, 1, 2, 3 };
  Golden golden;

  golden_open (&golden, "resnet18");
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (EidModel) model = golden_model (registry, "resnet", "simclr", 16, CHANNELS, 4, settings);
  EidParameters *parameters = eid_model_parameters (model);
  golden_load (&golden, model, "");

  EidTensor *views = golden_tensor (&golden, "views");
  golden_check (&golden, "loss",
                eid_model_loss (model, (EidViewTensors){ .views = views }, samples, 1, 1, TRUE));
  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    {
      const char *name = eid_parameters_name (parameters, i);
      g_autofree char *gradient = g_strconcat ("grad.", name, NULL);

      if (eid_safetensors_find (golden.file, gradient))
        golden_check_gradient (&golden, name, eid_parameters_tensor (parameters, i));
    }
  golden_check (&golden, "running_mean",
                eid_parameters_find (parameters, "encoder.layer2.0.downsample.1.running_mean"));
  golden_check (&golden, "running_var",
                eid_parameters_find (parameters, "encoder.layer2.0.downsample.1.running_var"));
  golden_check (&golden, "pooled", eid_model_features (model, eid_rows (views, 0, 4)));
  golden_close (&golden);
}

/* ResNet-50's features, by bottlenecks and the stem for large pictures. */
static void
test_resnet50 (void)
{
  static const char *const settings[] = { "Encoder.depth", "50", "Encoder.stem", "imagenet", "Encoder.width",
                                          "0.0625",        NULL };
  Golden golden;

  golden_open (&golden, "resnet50");
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (EidModel) model = golden_model (registry, "resnet", "simclr", 32, CHANNELS, 2, settings);
  golden_load (&golden, model, "encoder.");
  golden_check (&golden, "pooled", eid_model_features (model, golden_tensor (&golden, "images")));
  golden_close (&golden);
}

/* A causal transformer's loss over a text, and every gradient. */
static void
test_gpt (void)
{
  static const char *const settings[] = {
    "Encoder.width", "12", "Encoder.depth", "2", "Encoder.heads", "3", "Encoder.mlp-ratio", "2", NULL,
  };
  Golden golden;

  golden_open (&golden, "gpt");
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (EidModel) model = golden_model (registry, "gpt", "next-token", 7, 11, 3, settings);
  golden_load (&golden, model, "");

  EidTensor *loss =
      eid_model_loss (model, (EidViewTensors){ golden_tensor (&golden, "views") }, NULL, 0, 1, TRUE);
  golden_check (&golden, "loss", loss);
  golden_check_model_gradients (&golden, model);
  golden_close (&golden);
}

static void
test_positions (void)
{
  static const char *const names[2] = { "patches", "with_class_token" };
  Golden golden;

  golden_open (&golden, "positions");
  for (guint class_token = 0; class_token < 2; class_token++)
    {
      g_autofree float *values = eid_sincos_positions (4, 12, class_token);
      EidShape shape = EID_SHAPE (16 + class_token, 12);
      golden_check (&golden, names[class_token], eid_tensor_from_data (test_device, EID_F32, shape, values));
    }
  golden_close (&golden);
}

/* The loss of a masked autoencoder is the error, on the hidden patches, of the
 * picture it publishes: per patch, over the patch's own unbiased variance.   */
static void
test_mae_publishes_what_its_loss_measures (void)
{
  enum
  {
    BATCH = 2,
    PATCH = 2,
    GRID = SIZE / PATCH,
    PIXELS = CHANNELS * PATCH * PATCH
  };
  static const char *const settings[] = {
    "Encoder.patch",
    "2",
    "Encoder.width",
    "12",
    "Encoder.depth",
    "1",
    "Encoder.heads",
    "3",
    "Objective.decoder-width",
    "8",
    "Objective.decoder-depth",
    "1",
    "Objective.decoder-heads",
    "2",
    NULL,
  };
  double error = 0;
  guint masked = 0;

  eid_arena_push (test_device);
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (EidModel) model = model_new (registry, "mae", BATCH, settings);
  EidTensor *images = test_tensor (EID_SHAPE (BATCH, SIZE, SIZE, CHANNELS), 1);
  float loss = eid_tensor_scalar (eid_model_loss (model, (EidViewTensors){ images }, NULL, 0, 5, FALSE));
  EidArtefacts *seen = eid_model_show (model, images, EID_SHOW_RECONSTRUCTION, 5);
  test_device_is_well ();
  g_assert_nonnull (seen);
  g_assert_cmpuint (seen->patch, ==, PATCH);

  for (guint b = 0; b < BATCH; b++)
    for (guint t = 0; t < GRID * GRID; t++)
      {
        double mean = 0, squares = 0, patch_error = 0;
        gsize corner = ((gsize) b * SIZE + t / GRID * PATCH) * SIZE + t % GRID * PATCH;
        gsize at[PIXELS];

        for (guint i = 0; i < PIXELS; i++)
          at[i] = (corner + i / (PATCH * CHANNELS) * SIZE) * CHANNELS + i % (PATCH * CHANNELS);
        for (guint i = 0; i < PIXELS; i++)
          mean += seen->images[at[i]] / (double) PIXELS;
        for (guint i = 0; i < PIXELS; i++)
          {
            double difference = seen->reconstruction[at[i]] - seen->images[at[i]];
            squares += (seen->images[at[i]] - mean) * (seen->images[at[i]] - mean);
            patch_error += difference * difference / PIXELS;
          }
        if (seen->mask[b * GRID * GRID + t] == 1)
          {
            error += patch_error / (squares / (PIXELS - 1) + 1e-6);
            masked++;
          }
      }
  g_assert_cmpuint (masked, ==, BATCH * GRID * GRID * 3 / 4);
  g_assert_cmpfloat_with_epsilon (loss, error / masked, 1e-4 * loss);
  eid_artefacts_free (seen);
  eid_arena_pop (test_device);
}

void
add_kit_tests (void)
{
  g_test_add_func ("/engine/golden/kit/vit-mean-is-timms", test_vit_mean);
  g_test_add_func ("/engine/golden/kit/vit-class-is-timms", test_vit_class);
  g_test_add_func ("/engine/golden/kit/simclr-step", test_simclr);
  g_test_add_func ("/engine/golden/kit/dino-step", test_dino);
  if (!test_quick) /* a simulator takes minutes for them, and has seen their operations one by one */
    {
      g_test_add_func ("/engine/golden/kit/resnet18-step", test_resnet18);
      g_test_add_func ("/engine/golden/kit/resnet50-is-torchvisions", test_resnet50);
    }
  g_test_add_func ("/engine/golden/kit/gpt-step", test_gpt);
  g_test_add_func ("/engine/golden/kit/positions", test_positions);
  g_test_add_func ("/engine/golden/kit/mae-publishes-what-its-loss-measures",
                   test_mae_publishes_what_its_loss_measures);
}
