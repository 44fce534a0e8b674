/* Next token: at every place of a text, which token comes next?
 *
 * Radford et al. 2018, "Improving language understanding by generative pre-training".
 */

#include "eidoscope.h"

#include <math.h>

typedef struct
{
  EidModule *head; /* its weights are its own, not the encoder's embedding */
} NextToken;

static gboolean
next_token_build (EidObjective *self, GError **error)
{
  NextToken *next = eid_objective_state (self);

  next->head = eid_linear_module (self, "lm_head", eid_encoder_width (self), eid_vocabulary (self), FALSE);
  return TRUE;
}

/* The text, and the same one token further on. */
static EidViews
next_token_views (EidObjective *self)
{
  return (EidViews){ .count = 2 };
}

/* Cross-entropy over all places of all texts. */
static EidTensor *
next_token_loss (EidObjective *self, EidStep *step)
{
  NextToken *next = eid_objective_state (self);
  EidTensor *tokens = eid_encode (step, eid_view (step, 0))->tokens; /* [B, T, D] */
  guint places = eid_dim (tokens, 0) * eid_dim (tokens, 1);
  EidTensor *logits = eid_apply (step, next->head, tokens);

  return eid_cross_entropy (eid_reshape (logits, EID_SHAPE (places, eid_vocabulary (self))),
                            eid_view (step, 1));
}

/* Every token of the vocabulary is as likely. */
static double
next_token_chance (EidObjective *self)
{
  return log (eid_vocabulary (self));
}

/* clang-format off */ /* which would take the name for a subtraction */
EID_OBJECTIVE (next-token, .title = N_ ("Next token"), .source = "Radford et al. 2018",
               .state_size = sizeof (NextToken), .abilities = EID_CAN_TEXT, .build = next_token_build,
               .views = next_token_views, .loss = next_token_loss, .chance = next_token_chance)
