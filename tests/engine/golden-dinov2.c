/* golden-dinov2.c: transformers with registers, LayerScale and hidden patches, and DINOv2, which is
 * made of all three, against timm and PyTorch. The numbers come from tests/golden/dinov2.py.
 */
#include "tests/engine/golden-model.h"
#include "tests/engine/device.h"

#include <string.h>

enum
{
  SIZE = 8,
  CHANNELS = 3,
  BATCH = 4
};

#define SHAPE                                                                                                \
  "Encoder.width", "12", "Encoder.heads", "3", "Encoder.mlp-ratio", "2", "Encoder.positions", "learned",     \
      "Encoder.pooling", "class"

/* timm's, of two registers, its positions without one for the class token. */
static void
test_registers_are_timms (void)
{
  static const char *const settings[] = {
    SHAPE, "Encoder.patch", "4", "Encoder.depth", "2", "Encoder.registers", "2", "Encoder.layer-scale", "0.1",
    NULL
  };
  Golden golden;

  golden_open (&golden, "vit-registers");
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (EidModel) model = golden_model (registry, "vit", "simclr", SIZE, CHANNELS, 2, settings);
  golden_load (&golden, model, "encoder.");

  EidTensor *images = golden_tensor (&golden, "images");
  golden_check (&golden, "pooled", eid_model_features (model, images));
  golden_check (&golden, "tokens", eid_model_tokens (model, images));

  EidArtefacts *seen = eid_model_show (model, images, EID_SHOW_ATTENTION, 1);
  g_assert_cmpuint (seen->extra_tokens, ==, 3);
  g_assert_cmpuint (seen->tokens, ==, 3 + 4);
  eid_artefacts_free (seen);
  golden_close (&golden);
}

/* One training step with hidden patches and small crops: loss, every gradient, the update and what
 * the teacher makes of it. Half-way through a run the momentum of 0.9 has become 0.95.  */
static void
test_dinov2 (void)
{
  static const char *const settings[] = { SHAPE, "Encoder.patch",
                                          "2",   "Encoder.depth",
                                          "1",   "Encoder.registers",
                                          "2",   "Encoder.layer-scale",
                                          "0.1", "Objective.hidden",
                                          "16",  "Objective.bottleneck",
                                          "8",   "Objective.prototypes",
                                          "20",  "Objective.small-crops",
                                          "3",   "Objective.small-size",
                                          "4",   "Objective.teacher-momentum",
                                          "0.9", NULL };
  EidUpdate update = { .rule = EID_ADAMW,
                       .learning_rate = 1e-2f,
                       .weight_decay = 0.1f,
                       .beta1 = 0.9f,
                       .beta2 = 0.95f,
                       .epsilon = 1e-8f,
                       .update = 1 };
  const guint32 samples[BATCH] = { 0, 1, 2, 3 };
  Golden golden;

  golden_open (&golden, "dinov2");
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (EidModel) model = golden_model (registry, "vit", "dinov2", SIZE, CHANNELS, BATCH, settings);
  golden_load (&golden, model, "");
  golden_load_teacher (&golden, model);
  eid_model_set_steps (model, 2);

  EidViewTensors views = { golden_tensor (&golden, "views"), golden_tensor (&golden, "small") };
  golden_check (&golden, "loss", eid_model_loss (model, views, samples, 1, 1, TRUE));
  golden_check_model_gradients (&golden, model);

  update.teacher_momentum = eid_model_teacher_momentum (model);
  g_assert_cmpfloat_with_epsilon (update.teacher_momentum, 0.95, 1e-6);
  eid_parameters_update (eid_model_parameters (model), &update);
  golden_check_after (&golden, model);
  golden_close (&golden);
}

/* --- Stochastic depth ---------------------------------------------------------------------- */

/* The loss, and the sum of all gradients' squares, of one step of @model. */
static void
step_of (EidModel *model, EidTensor *views, guint64 number, gboolean training, double numbers[2])
{
  static const guint32 samples[BATCH] = { 3, 1, 4, 15 };
  EidParameters *parameters = eid_model_parameters (model);

  eid_parameters_zero_gradients (parameters);
  numbers[0] = (double) eid_tensor_scalar (
      eid_model_loss (model, (EidViewTensors){ views }, samples, number, 1, training));
  numbers[1] = 0;
  for (guint i = 0; training && i < eid_parameters_count (parameters); i++)
    {
      EidTensor *gradient = eid_tensor_gradient (eid_parameters_tensor (parameters, i));

      if (gradient)
        numbers[1] += (double) eid_tensor_scalar (eid_sum (eid_square (eid_detach (gradient))));
    }
}

#define DEEP                                                                                                 \
  SHAPE, "Encoder.patch", "4", "Encoder.depth", "3", "Objective.hidden", "16", "Objective.output", "8"

/* The same step gives the same bits, also where blocks are computed again; another step leaves out
 * other branches; and what is not training leaves out none. */
static void
test_drop_path (void)
{
  static const char *const dropping[] = { DEEP, "Encoder.drop-path", "0.6", NULL };
  static const char *const whole[] = { DEEP, NULL };
  double first[2], again[2], recomputed[2], other[2], watched[2], plain[2];

  eid_arena_push (test_device);
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (EidModel) model = golden_model (registry, "vit", "simclr", SIZE, CHANNELS, BATCH, dropping);
  g_autoptr (EidModel) same = golden_model (registry, "vit", "simclr", SIZE, CHANNELS, BATCH, whole);
  EidTensor *views = test_tensor (EID_SHAPE (2 * BATCH, SIZE, SIZE, CHANNELS), 1);

  step_of (model, views, 1, FALSE, watched);
  step_of (same, views, 1, FALSE, plain);
  g_assert_cmpfloat_with_epsilon (watched[0], plain[0], 1e-5); /* by other products: not to the bit */
  step_of (model, views, 1, TRUE, first);
  step_of (model, views, 1, TRUE, again);
  step_of (model, views, 2, TRUE, other);
  eid_model_set_recompute (model, TRUE);
  step_of (model, views, 1, TRUE, recomputed);
  test_device_is_well ();
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpfloat (first[i], ==, again[i]);
      g_assert_cmpfloat (first[i], ==, recomputed[i]);
      g_assert_cmpfloat (first[i], !=, other[i]);
    }
  eid_arena_pop (test_device);
}

void
add_dinov2_tests (void)
{
  g_test_add_func ("/engine/golden/dinov2/registers-are-timms", test_registers_are_timms);
  g_test_add_func ("/engine/golden/dinov2/step", test_dinov2);
  g_test_add_func ("/engine/golden/dinov2/drop-path-is-a-function-of-the-step", test_drop_path);
}
