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

/* Each token with the probability that what stands before it gave it, and what was likeliest in its place. */
static void
next_token_show (EidObjective *self, EidStep *step)
{
  NextToken *next = eid_objective_state (self);
  EidTensor *text = eid_view (step, 0); /* I32 [B, T] */
  guint batch = eid_dim (text, 0), length = eid_dim (text, 1);
  EidTensor *expected, *given;
  g_autofree float *values = NULL;

  if (!eid_watched (step))
    return;
  expected = eid_softmax (eid_apply (step, next->head, eid_encode (step, text)->tokens)); /* [B, T, V] */
  /* Of the token in each place, not of the one after it. */
  expected = eid_prepend_token (expected, eid_zeros (eid_step_device (step), EID_SHAPE (eid_vocabulary (self))));
  expected = eid_tokens (expected, 0, length);
  given = eid_gather (expected, eid_reshape (text, EID_SHAPE (batch, length, 1)));

  values = g_new (float, batch * length);
  eid_tensor_read (given, values);
  for (guint i = 0; i < batch; i++)
    values[i * length] = NAN; /* nothing stands before it */
  given = eid_tensor_from_data (eid_step_device (step), EID_F32, EID_SHAPE (batch, length), values);
  eid_publish_tokens (step, "predictions", text, given, 0, 1, expected);
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
               .views = next_token_views, .loss = next_token_loss, .chance = next_token_chance,
               .show = next_token_show)
