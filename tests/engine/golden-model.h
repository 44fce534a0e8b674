/* golden-model.h: models of built-in plugins with the weights of a golden file: a parameter is in
 * the file under its own name, as PyTorch has it.
 */
#pragma once

#include "tests/engine/golden.h"

#include "plugins/host.h"

/* @settings: "Encoder.depth", "1", …, NULL. @size and @channels as in eid_model_new(). */
EidModel *golden_model (EidRegistry *registry, const char *encoder, const char *objective, guint size,
                        guint channels, guint batch, const char *const *settings);

/* Every trained parameter of the model under @prefix takes its value from the file, which calls it
 * by what follows the prefix ("encoder." for a file of an encoder alone), and so do the buffers that
 * are there. */
void golden_load (Golden *golden, EidModel *model, const char *prefix);

/* The teacher's trained parameters take their values from the file's "teacher.". */
void golden_load_teacher (Golden *golden, EidModel *model);

/* Every trained parameter has the file's gradient, or none to speak of where the file leaves it out. */
void golden_check_model_gradients (Golden *golden, EidModel *model);

/* What the update made of the parameters that the file has under "after.", and where there is a
 * teacher, of its own under "teacher.after.". */
void golden_check_after (Golden *golden, EidModel *model);
