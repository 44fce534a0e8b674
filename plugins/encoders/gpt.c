/* Causal transformer: text as rows of tokens, each of which sees those before it.
 *
 * Radford et al. 2019, "Language models are unsupervised multitask learners" (GPT-2): learned
 * positions, pre-norm blocks, GELU. The parameters carry the names of nanoGPT and of Hugging Face's
 * GPT-2 (wte, wpe, h.0.attn.c_attn, …); weights are [out, in] as nanoGPT has them, the transpose of
 * Hugging Face's.
 */

#include "eidoscope.h"

#include <glib/gi18n-lib.h>

static const EidParam gpt_params[] = {
  EID_PARAM_INT ("width", 128, 8, 4096, N_ ("Channels of a token; a multiple of heads")),
  EID_PARAM_INT ("depth", 4, 1, 96, N_ ("Transformer blocks")),
  EID_PARAM_INT ("heads", 4, 1, 64, N_ ("Attention heads in a block")),
  EID_PARAM_FLOAT ("mlp-ratio", 4, 0.5, 16, N_ ("Hidden channels of a block's perceptron, in widths")),
  EID_PARAM_END
};

typedef struct
{
  guint depth;
  EidTensor *tokens;    /* [V, D] */
  EidTensor *positions; /* [T, D] */
  EidModule **blocks;
  EidModule *norm;
} Gpt;

static gboolean
gpt_build (EidEncoder *self, GError **error)
{
  Gpt *gpt = eid_encoder_state (self);
  guint width = eid_param_int (self, "width"), heads = eid_param_int (self, "heads");
  guint context = eid_context (self);
  EidInit init = { .kind = EID_INIT_NORMAL, .scale = 0.02f };

  if (width % heads != 0)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("[Encoder] width = %u must be a multiple of heads = %u."), width, heads);
      return FALSE;
    }
  eid_encoder_describe (self, width, context, 0);

  gpt->depth = eid_param_int (self, "depth");
  gpt->tokens =
      eid_parameter (self, "wte.weight", EID_SHAPE (eid_vocabulary (self), width), EID_NO_DECAY, init);
  gpt->positions = eid_parameter (self, "wpe.weight", EID_SHAPE (context, width), EID_NO_DECAY, init);
  gpt->blocks = eid_plugin_alloc (self, gpt->depth * sizeof *gpt->blocks);
  for (guint i = 0; i < gpt->depth; i++)
    {
      g_autofree char *name = g_strdup_printf ("h.%u", i);

      gpt->blocks[i] = eid_causal_block (self, name, width, heads, eid_param_float (self, "mlp-ratio"));
    }
  gpt->norm = eid_layer_norm_module (self, "ln_f", width);
  eid_module_set_epsilon (gpt->norm, 1e-5f);
  return TRUE;
}

/* @text I32 [B, T], T at most the context. */
static EidFeatures *
gpt_encode (EidEncoder *self, EidStep *step, EidTensor *text, EidTensor *keep)
{
  Gpt *gpt = eid_encoder_state (self);
  EidTensor *x = eid_embedding (gpt->tokens, text); /* [B, T, D] */

  x = eid_add (x, eid_rows (gpt->positions, 0, eid_dim (text, 1)));
  x = eid_apply_all (step, gpt->blocks, gpt->depth, x);
  x = eid_apply (step, gpt->norm, x);
  return eid_features (step, eid_mean_tokens (x), x, NULL);
}

EID_ENCODER (gpt, .title = N_ ("Causal transformer"), .source = "Radford et al. 2019", .params = gpt_params,
             .state_size = sizeof (Gpt), .abilities = EID_CAN_TEXT | EID_CAN_ATTENTION, .build = gpt_build, .encode = gpt_encode)
