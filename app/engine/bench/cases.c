/* cases.c: the cases of `eidoscope bench`. What a step of each does is the
 * same, layer by layer, in tests/bench/peers/.                               */
#include "app/engine/bench/bench.h"

#include <glib/gi18n-lib.h>

static const EidBenchCase cases[] = {
  {
      .name = "vit-ti4-32-simclr",
      .title = N_ ("SimCLR, ViT-Ti/4 on 32 pixels, views augmented in the step"),
      .encoder = "vit",
      .objective = "simclr",
      .values = "Encoder.patch=4 Encoder.width=192 Encoder.depth=12 Encoder.heads=3 Encoder.pooling=class "
                "Objective.hidden=512 Objective.output=128 Objective.temperature=0.5",
      .size = 32,
      .channels = 3,
      .batch = 128,
      .training = TRUE,
      .augmented = TRUE,
  },
  {
      .name = "vit-s16-224-mae",
      .title = N_ ("Masked autoencoder, ViT-S/16 on 224 pixels, 3 of 4 patches hidden"),
      .encoder = "vit",
      .objective = "mae",
      .values = "Encoder.patch=16 Encoder.width=384 Encoder.depth=12 Encoder.heads=6 Encoder.pooling=class "
                "Encoder.positions=sincos Objective.mask-ratio=0.75 Objective.decoder-width=256 "
                "Objective.decoder-depth=4 Objective.decoder-heads=8 Objective.norm-pix=true",
      .size = 224,
      .channels = 3,
      .batch = 16,
      .training = TRUE,
  },
  {
      .name = "vit-s16-224-dino",
      .title = N_ ("DINO, ViT-S/16, views 2 × 224 and 4 × 96 pixels, 8192 prototypes"),
      .encoder = "vit",
      .objective = "dino",
      .values = "Encoder.patch=16 Encoder.width=384 Encoder.depth=12 Encoder.heads=6 Encoder.pooling=class "
                "Objective.prototypes=8192 Objective.hidden=2048 Objective.bottleneck=256 "
                "Objective.small-crops=4 Objective.small-size=96 Objective.freeze-last-layer=0",
      .size = 224,
      .channels = 3,
      .batch = 8,
      .training = TRUE,
  },
  {
      .name = "resnet18-32-simclr",
      .title = N_ ("SimCLR, ResNet-18 with the stem for small pictures, on 32 pixels"),
      .encoder = "resnet",
      .objective = "simclr",
      .values = "Encoder.depth=18 Encoder.stem=cifar Objective.hidden=512 Objective.output=128 "
                "Objective.temperature=0.5",
      .size = 32,
      .channels = 3,
      .batch = 64,
      .training = TRUE,
  },
  {
      .name = "resnet50-224-infer",
      .title = N_ ("Features of 224 pixels by ResNet-50"),
      .encoder = "resnet",
      .objective = "simclr",
      .values = "Encoder.depth=50 Encoder.stem=imagenet",
      .size = 224,
      .channels = 3,
      .batch = 16,
  },
  {
      .name = "gpt-6x384-256",
      .title = N_ ("Next token, causal transformer 6 × 384, context 256, vocabulary 65"),
      .encoder = "gpt",
      .objective = "next-token",
      .values = "Encoder.width=384 Encoder.depth=6 Encoder.heads=6",
      .size = 256,
      .channels = 65,
      .batch = 16,
      .training = TRUE,
  },
};

const EidBenchCase *
eid_bench_cases (guint *count)
{
  *count = G_N_ELEMENTS (cases);
  return cases;
}

const EidBenchCase *
eid_bench_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (g_str_equal (cases[i].name, name))
      return &cases[i];
  return NULL;
}
