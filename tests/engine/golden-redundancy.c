/* golden-redundancy.c: a whole training step of the objectives that keep embeddings from collapsing by
 * what a batch as a whole must look like, against PyTorch: loss, every gradient, the update, running
 * moments and queues after it. The numbers come from tests/golden/redundancy.py.
 */
#include "tests/engine/golden-model.h"
#include "tests/engine/device.h"

enum
{
  SIZE = 8,
  CHANNELS = 3
};

#define ENCODER(patch)                                                                                       \
  "Encoder.patch", patch, "Encoder.width", "12", "Encoder.depth", "1", "Encoder.heads", "3",                 \
      "Encoder.mlp-ratio", "2", "Encoder.pooling", "mean", "Encoder.positions", "learned"
#define HEADS "Objective.hidden", "16", "Objective.output", "8"
#define CROPS "Objective.small-crops", "3", "Objective.small-size", "4"

typedef struct
{
  const char *objective; /* and the file of that name */
  guint batch;
  const char *settings[32];
} Step;

static const Step steps[] = {
  { "barlow-twins", 6, { ENCODER ("4"), HEADS, NULL } },
  { "vicreg", 6, { ENCODER ("4"), HEADS, NULL } },
  { "swav", 4, { ENCODER ("2"), HEADS, CROPS, "Objective.prototypes", "20", "Objective.queue", "6", NULL } },
  { "lejepa", 4, { ENCODER ("2"), HEADS, CROPS, "Objective.slices", "10", NULL } },
};

static void
test_step (gconstpointer data)
{
  const Step *step = data;
  const guint32 samples[] = { 0, 1, 2, 3, 4, 5 };
  const EidUpdate update = {
    .rule = EID_SGD, .learning_rate = 1e-2f, .weight_decay = 0.1f, .momentum = 0.9f, .update = 1
  };
  Golden golden;

  golden_open (&golden, step->objective);
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (EidModel) model =
      golden_model (registry, "vit", step->objective, SIZE, CHANNELS, step->batch, step->settings);
  golden_load (&golden, model, "");
  eid_model_set_steps (model, 2); /* half-way: prototypes move, queues are used */

  EidViewTensors views = { .views = golden_tensor (&golden, "views") };
  if (eid_model_views (model).small_count > 0)
    views.small = golden_tensor (&golden, "small");
  golden_check (&golden, "loss", eid_model_loss (model, views, samples, 1, 1, TRUE));
  golden_check_model_gradients (&golden, model);

  eid_parameters_update (eid_model_parameters (model), &update);
  golden_check_after (&golden, model);
  golden_close (&golden);
}

void
add_redundancy_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/golden/redundancy/", steps[i].objective, NULL);

      g_test_add_data_func (path, &steps[i], test_step);
    }
}
