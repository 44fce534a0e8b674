/* finetune.h: the probe that trains the whole encoder on labels, from the run's
 * weights, with a linear layer on its features; see evaluate.h for the others. */
#pragma once

#include "app/engine/evaluation/evaluate.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 steps;        /* 0: as many as @epochs make                            */
  guint epochs;         /* 0: 100, or 50 000 pictures, whichever is less         */
  double learning_rate; /* peak                                                  */
  double layer_decay;   /* as layer-rates.h has it                               */
} EidFinetune;

#define EID_FINETUNE_DEFAULT ((EidFinetune){ .learning_rate = 1e-3, .layer_decay = 0.65 })

/* AdamW along a warm-up of a tenth and a cosine, on cross-entropy, with the recipe's
 * crop and flip, in batches of the run's; [Evaluate] says how many labels there
 * are and on how many test pictures the share that is right is taken. The model
 * of @setup stays as it is: copies are trained. Beside it the same from the
 * weights the seed makes, and the linear probe of the same pictures' pixels.
 * Errors: EID_ERROR, EID_DATASET_ERROR.                                      */
gboolean eid_finetune (EidSetup *setup, const EidFinetune *options, EidComparison *result, GError **error);

G_END_DECLS
