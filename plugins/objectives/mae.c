/* Masked autoencoder: three quarters of the patches are hidden, and a small decoder paints them
 * from what the encoder made of the rest.
 *
 * He et al. 2022, arXiv:2111.06377. Parameter names as in its reference code.
 */

#include "eidoscope.h"

#include <glib/gi18n-lib.h>

static const EidParam mae_params[] = {
  EID_PARAM_FLOAT ("mask-ratio", 0.75, 0.05, 0.95, N_ ("Share of patches hidden from the encoder")),
  EID_PARAM_INT ("decoder-width", 64, 8, 2048,
                 N_ ("Channels of a token in the decoder; a multiple of decoder-heads, and of 4")),
  EID_PARAM_INT ("decoder-depth", 2, 1, 32, N_ ("Transformer blocks of the decoder")),
  EID_PARAM_INT ("decoder-heads", 4, 1, 32, N_ ("Attention heads in a block of the decoder")),
  EID_PARAM_BOOL ("norm-pix", TRUE,
                  N_ ("Predict each patch less its mean and over its deviation; gives better features")),
  EID_PARAM_END
};

typedef struct
{
  guint patch, tokens, keep, depth;
  gboolean norm_pix;
  EidModule *embed, *norm, *predict;
  EidModule **blocks;
  EidTensor *mask_token; /* [1, 1, decoder width] */
  EidTensor *positions;  /* [1, tokens, decoder width], fixed */
} Mae;

static gboolean
mae_build (EidObjective *self, GError **error)
{
  Mae *mae = eid_objective_state (self);
  guint width = eid_param_int (self, "decoder-width"), heads = eid_param_int (self, "decoder-heads"), grid;
  g_autofree float *positions = NULL;

  if (width % heads != 0 || width % 4 != 0)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("[Objective] decoder-width = %u must be a multiple of decoder-heads = %u, and of 4."),
                   width, heads);
      return FALSE;
    }
  mae->patch = eid_encoder_patch (self);
  mae->tokens = eid_encoder_tokens (self);
  mae->keep = MAX (1, (guint) (mae->tokens * (1 - eid_param_float (self, "mask-ratio"))));
  mae->depth = eid_param_int (self, "decoder-depth");
  mae->norm_pix = eid_param_bool (self, "norm-pix");
  grid = eid_image_size (self) / mae->patch;
  if (mae->keep >= mae->tokens)
    {
      g_set_error (
          error, EID_ERROR, EID_ERROR_USAGE,
          _ ("[Objective] mask-ratio hides none of %u patches. Use smaller patches ([Encoder] patch)."),
          mae->tokens);
      return FALSE;
    }

  if (mae->norm_pix && mae->patch * mae->patch * eid_image_channels (self) < 2)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("[Objective] norm-pix divides each patch by its deviation, and one pixel of one channel has "
                      "none. Set norm-pix = false, or use larger patches ([Encoder] patch)."));
      return FALSE;
    }

  mae->embed = eid_linear_module (self, "decoder_embed", eid_encoder_width (self), width, TRUE);
  mae->mask_token = eid_parameter (self, "mask_token", EID_SHAPE (1, 1, width), EID_NO_DECAY,
                                   (EidInit){ .kind = EID_INIT_NORMAL, .scale = 0.02f });
  positions = eid_sincos_positions (grid, width, FALSE);
  mae->positions = eid_parameter (self, "decoder_pos_embed", EID_SHAPE (1, mae->tokens, width), EID_BUFFER,
                                  (EidInit){ .kind = EID_INIT_VALUES, .values = positions });
  mae->blocks = eid_plugin_alloc (self, mae->depth * sizeof *mae->blocks);
  for (guint i = 0; i < mae->depth; i++)
    {
      g_autofree char *name = g_strdup_printf ("decoder_blocks.%u", i);

      mae->blocks[i] = eid_transformer_block (self, name, width, heads, 4);
    }
  mae->norm = eid_layer_norm_module (self, "decoder_norm", width);
  mae->predict = eid_linear_module (self, "decoder_pred", width,
                                    mae->patch * mae->patch * eid_image_channels (self), TRUE);
  return TRUE;
}

/* Patches [B, N, C p p] as the decoder paints them from the tokens that @masking keeps. */
static EidTensor *
mae_predict (Mae *mae, EidStep *step, EidTensor *images, EidMasking masking)
{
  guint width = eid_dim (mae->positions, 2);
  EidTensor *x = eid_encode_kept (step, images, masking.keep)->tokens; /* [B, K, D] */

  x = eid_apply (step, mae->embed, x);
  x = eid_restore_tokens (x, eid_reshape (mae->mask_token, EID_SHAPE (width)),
                          masking.restore); /* [B, N, width] */
  x = eid_add (x, eid_reshape (mae->positions, EID_SHAPE (mae->tokens, width)));
  x = eid_apply_all (step, mae->blocks, mae->depth, x);
  return eid_apply (step, mae->predict, eid_apply (step, mae->norm, x));
}

/* Mean squared error on hidden patches alone: section 3, "Reconstruction target". */
static EidTensor *
mae_loss (EidObjective *self, EidStep *step)
{
  Mae *mae = eid_objective_state (self);
  EidTensor *images = eid_all_views (step);
  EidMasking masking = eid_random_masking (step, eid_dim (images, 0), mae->tokens, mae->keep);
  EidTensor *prediction = mae_predict (mae, step, images, masking);
  EidTensor *target = eid_patchify (images, mae->patch);

  if (mae->norm_pix)
    target = eid_standardize (target, 1e-6f);
  return eid_masked_mse (prediction, target, masking.mask);
}

/* A prediction of nought against standardised pixels. */
static double
mae_chance (EidObjective *self)
{
  Mae *mae = eid_objective_state (self);
  guint pixels = mae->patch * mae->patch * eid_image_channels (self);

  return mae->norm_pix ? (pixels - 1.0) / pixels : 1.0;
}

static void
mae_show (EidObjective *self, EidStep *step)
{
  Mae *mae = eid_objective_state (self);
  EidTensor *images = eid_all_views (step);
  EidMasking masking = eid_random_masking (step, eid_dim (images, 0), mae->tokens, mae->keep);
  EidTensor *patches = mae_predict (mae, step, images, masking);

  if (mae->norm_pix)
    {
      patches = eid_unstandardize (patches, eid_patchify (images, mae->patch), 1e-6f);
      eid_publish_standardised (step);
    }
  eid_publish_reconstruction (
      step, images, masking.mask,
      eid_unpatchify (patches, mae->patch, eid_image_size (self), eid_image_size (self)));
}

EID_OBJECTIVE (mae, .title = N_ ("Masked autoencoder"), .source = "arXiv:2111.06377", .params = mae_params,
               .state_size = sizeof (Mae), .abilities = EID_CAN_TOKENS | EID_CAN_MASK, .build = mae_build,
               .views = eid_views_one_crop, .loss = mae_loss, .chance = mae_chance, .show = mae_show)
