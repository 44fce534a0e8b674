/* My plugin: two views of a picture should be more alike than views of two pictures.
 *
 * An objective to begin with: InfoNCE, van den Oord et al. 2018, arXiv:1807.03748. Say here what
 * yours is and from which paper. eidoscope.h explains every function; after each change:
 *
 *   eidoscope build my-plugin.c
 */
#include <eidoscope.h>

#include <math.h>

/* Keys of the recipe's [Objective], and controls in the workbench: the default, the least, the most.
 * What is LIVE may change between two steps. */
static const EidParam my_plugin_params[] = {
  EID_PARAM_FLOAT_LIVE ("temperature", 0.2, 0.05, 2, "Divides similarities"),
  EID_PARAM_INT ("hidden", 256, 8, 8192, "Hidden channels of the projector"),
  EID_PARAM_INT ("output", 64, 8, 8192, "Channels in which views are compared"),
  EID_PARAM_END
};

/* Zeroed at first, and freed with the plugin. What is to be in checkpoints is a parameter or a module. */
typedef struct
{
  EidModule *projector;
} State;

/* Once, before the first step: everything that is trained, by name. */
static gboolean
my_plugin_build (EidObjective *self, GError **error)
{
  State *state = eid_objective_state (self);
  guint hidden = eid_param_int (self, "hidden"), output = eid_param_int (self, "output");

  state->projector = eid_mlp (self, "projector", EID_WIDTHS (eid_encoder_width (self), hidden, output),
                              EID_BATCH_NORM, EID_NO_NORM);
  return TRUE;
}

/* In every step: the loss, [1]. Gradients flow back through all of it by themselves. */
static EidTensor *
my_plugin_loss (EidObjective *self, EidStep *step)
{
  State *state = eid_objective_state (self);
  float temperature = eid_param_float (self, "temperature");
  EidTensor *h = eid_encode (step, eid_all_views (step))->pooled;       /* [2B, width]  */
  EidTensor *z = eid_normalize (eid_apply (step, state->projector, h)); /* [2B, output] */
  guint batch = eid_dim (z, 0) / 2;
  EidTensor *a = eid_rows (z, 0, batch);     /* [B, output], each picture's first view  */
  EidTensor *b = eid_rows (z, batch, batch); /* [B, output], its second                 */

  eid_publish_similarity (step, "view-similarity", a, b); /* a curve beside the loss */
  return eid_scale (eid_add (eid_info_nce (a, b, NULL, temperature), eid_info_nce (b, a, NULL, temperature)),
                    0.5f);
}

/* The loss of a model that knows nothing, a line beside the curve: each of B pictures is as likely. */
static double
my_plugin_chance (EidObjective *self)
{
  return log (eid_batch_size (self));
}

EID_OBJECTIVE (my-plugin,
               .title = "My plugin",
               .source = "arXiv:1807.03748",
               .params = my_plugin_params,
               .state_size = sizeof (State),
               .build = my_plugin_build,
               .views = eid_views_two_crops,
               .loss = my_plugin_loss,
               .chance = my_plugin_chance)
