/* checkpoint.h: a model's weights and its optimiser's state as a
 * .safetensors file, and back.
 *
 * Weights lie under their own names ("encoder.blocks.0.attn.qkv.weight"), so
 * that PyTorch and timm load them; the teacher's under "teacher.NAME"; the
 * optimiser's moments, as many as its rule has, under "optimizer.m.NAME" and
 * "optimizer.v.NAME". All in 32 bits, whatever the precision. Metadata: step, recipe, version,
 * mean, std, classes. Nothing in it depends on the time or the machine: the
 * same run gives the same bytes.                                             */
#pragma once

#include "app/engine/setup/setup.h"

G_BEGIN_DECLS

#define EID_CHECKPOINT_STEP   "step"
#define EID_CHECKPOINT_RECIPE "recipe"
#define EID_CHECKPOINT_CODE   "code." /* "code.objective": as the run keeps it, of a plugin of others */

/* Writes the state of @setup as its step has it. Reads everything from the
 * device first. Errors: EID_ERROR, EID_STORE_ERROR_IO.                       */
gboolean eid_checkpoint_write (EidSetup *setup, const char *file, GError **error);

/* Restores weights, teacher, step, mean and deviation. A tensor that is
 * missing or of another shape is an error. Errors: EID_ERROR_FAILED.         */
gboolean eid_checkpoint_load (EidSetup *setup, EidSafetensors *tensors, GError **error);

/* Restores what training goes on with, in the same way. */
gboolean eid_checkpoint_load_moments (EidSetup *setup, EidSafetensors *tensors, GError **error);

/* Whether @tensors are what training a model of @setup, which needs no more than its recipe
 * and its model, would go on with. Errors: EID_ERROR_FAILED, naming the first that is not. */
gboolean eid_checkpoint_fits (EidSetup *setup, EidSafetensors *tensors, GError **error);

/* The same checkpoint with another recipe, as @file. Errors: EID_STORE_ERROR_IO. */
gboolean eid_checkpoint_rewrite (EidSafetensors *tensors, EidRecipe *recipe, const char *file,
                                 GError **error);

/* Bytes a checkpoint of this model takes, to within its header. */
guint64 eid_checkpoint_bytes (EidSetup *setup);

/* The encoder's weights alone, those of the teacher where features are the teacher's, by the @names of
 * "timm", "torchvision", "huggingface" or "dinov2": what `timm.create_model (…).load_state_dict ()` takes.
 * Beside a file for Hugging Face lie its config.json and preprocessor_config.json. @told (may be NULL):
 * char * are added, sentences on how to load it. Errors: EID_ERROR_USAGE where these names cannot hold the
 * encoder. */
gboolean eid_checkpoint_export (EidSetup *setup, const char *names, const char *file, GPtrArray *told,
                                GError **error);

G_END_DECLS
