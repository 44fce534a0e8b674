/* golden-joint.c: a whole training step of each joint-embedding objective against PyTorch: loss,
 * every gradient, the update, and what follows it: teacher, queue and running moments. The numbers
 * come from tests/golden/joint.py.
 */
#include "tests/engine/golden-model.h"
#include "tests/engine/device.h"

enum
{
  SIZE = 8,
  CHANNELS = 3,
  BATCH = 6
};

#define ENCODER                                                                                              \
  "Encoder.patch", "4", "Encoder.width", "12", "Encoder.depth", "1", "Encoder.heads", "3",                   \
      "Encoder.mlp-ratio", "2", "Encoder.pooling", "mean", "Encoder.positions", "learned"
#define HEADS       "Objective.hidden", "16", "Objective.output", "8"
#define TEMPERATURE "Objective.temperature", "0.2"
#define QUEUE       "Objective.queue", "16"
/* Half-way through the run this has become 0.95, as a cosine goes to 1. */
#define MOMENTUM "Objective.teacher-momentum", "0.9"

typedef struct
{
  const char *file, *objective;
  const char *settings[32];
} Joint;

static const Joint joints[] = {
  { "simclr-step", "simclr", { ENCODER, HEADS, TEMPERATURE, "Objective.last-norm", "true", NULL } },
  { "moco", "moco", { ENCODER, HEADS, TEMPERATURE, QUEUE, "Objective.teacher-momentum", "0.95", NULL } },
  { "moco-symmetric",
    "moco",
    { ENCODER, HEADS, TEMPERATURE, QUEUE, "Objective.teacher-momentum", "0.95", "Objective.symmetric", "true",
      NULL } },
  { "moco3", "moco3", { ENCODER, HEADS, TEMPERATURE, MOMENTUM, NULL } },
  { "byol", "byol", { ENCODER, HEADS, MOMENTUM, NULL } },
  { "byol-open", "byol", { ENCODER, HEADS, MOMENTUM, "Objective.stop-gradient", "false", NULL } },
  { "simsiam", "simsiam", { ENCODER, HEADS, "Objective.bottleneck", "8", NULL } },
  { "simsiam-open",
    "simsiam",
    { ENCODER, HEADS, "Objective.bottleneck", "8", "Objective.stop-gradient", "false", NULL } },
  { "nnclr", "nnclr", { ENCODER, HEADS, TEMPERATURE, QUEUE, "Objective.predictor-hidden", "16", NULL } },
};

static void
test_step (gconstpointer data)
{
  const Joint *joint = data;
  EidUpdate update = {
    .rule = EID_SGD, .learning_rate = 0.1f, .weight_decay = 0.1f, .momentum = 0.9f, .update = 1
  };
  guint32 samples[BATCH];
  Golden golden;

  for (guint b = 0; b < BATCH; b++)
    samples[b] = b;
  golden_open (&golden, joint->file);
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (EidModel) model =
      golden_model (registry, "vit", joint->objective, SIZE, CHANNELS, BATCH, joint->settings);
  EidParameters *parameters = eid_model_parameters (model);
  golden_load (&golden, model, "");
  if (eid_parameters_has_teacher (parameters))
    golden_load_teacher (&golden, model);
  eid_model_set_steps (model, 2);

  EidViewTensors views = { .views = golden_tensor (&golden, "views") };
  golden_check (&golden, "loss", eid_model_loss (model, views, samples, 1, 1, TRUE));
  golden_check_model_gradients (&golden, model);

  update.teacher_momentum = eid_model_teacher_momentum (model);
  if (eid_parameters_has_teacher (parameters))
    g_assert_cmpfloat_with_epsilon (update.teacher_momentum, 0.95, 1e-6);
  eid_parameters_update (parameters, &update);
  golden_check_after (&golden, model);
  golden_close (&golden);
}

void
add_joint_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (joints); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/golden/joint/", joints[i].file, NULL);

      g_test_add_data_func (path, &joints[i], test_step);
    }
}
