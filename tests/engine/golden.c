/* golden.c: blocks and models, built of the engine's operations, against
 * PyTorch. The same through the kit's modules and plugins: golden-kit.c.
 */
#include "tests/engine/golden.h"
#include "tests/engine/device.h"

#include <string.h>

/* --- The model, in the engine's operations ------------------------------- */

static EidTensor *
linear (Golden *golden, EidTensor *x, const char *prefix)
{
  return eid_linear (x, golden_leaf (golden, "%s.weight", prefix), golden_leaf (golden, "%s.bias", prefix));
}

static EidTensor *
layer_norm (Golden *golden, EidTensor *x, const char *prefix)
{
  return eid_layer_norm (x, golden_leaf (golden, "%s.weight", prefix),
                         golden_leaf (golden, "%s.bias", prefix), 1e-6f);
}

#define PART(name) (g_snprintf (part, sizeof part, "%s%s", prefix, name), part)

/* A pre-norm block whose weights are "@prefix" + norm1.weight and so on. */
static EidTensor *
block (Golden *golden, EidTensor *x, const char *prefix, guint heads)
{
  char part[64];
  EidTensor *h = layer_norm (golden, x, PART ("norm1"));
  h = eid_attention (linear (golden, h, PART ("attn.qkv")), heads, FALSE, NULL);
  x = eid_add (x, linear (golden, h, PART ("attn.proj")));

  h = layer_norm (golden, x, PART ("norm2"));
  h = eid_gelu (linear (golden, h, PART ("mlp.fc1")));
  return eid_add (x, linear (golden, h, PART ("mlp.fc2")));
}

/* images -> [B, N, D], the convolution of patches as a linear map */
static EidTensor *
embed (Golden *golden, EidTensor *images, guint patch)
{
  EidTensor *weight = golden_leaf (golden, "patch_embed.proj.weight"); /* [D, C, p, p] */
  EidTensor *patches = eid_patchify (images, patch);
  return eid_linear (patches, eid_reshape (weight, EID_SHAPE (eid_dim (weight, 0), eid_dim (patches, 2))),
                     golden_leaf (golden, "patch_embed.proj.bias"));
}

/* A leaf [1, N, D] as [N, D], or [1, 1, D] as [D]. */
static EidTensor *
flat_leaf (Golden *golden, const char *name)
{
  EidTensor *leaf = golden_leaf (golden, "%s", name);
  guint n = eid_dim (leaf, 1), d = eid_dim (leaf, 2);
  return eid_reshape (leaf, n > 1 ? EID_SHAPE (n, d) : EID_SHAPE (d));
}

/* An index [B, N] of patches as [B, 1 + N] of tokens, the class token first. */
static EidTensor *
with_class_token (Golden *golden, const char *name)
{
  const EidSafetensor *stored = golden_find (golden, name);
  guint batch = (guint) stored->dim[0], n = (guint) stored->dim[1];
  const gint32 *patch = stored->data;
  g_autofree gint32 *token = g_new0 (gint32, batch * (n + 1));

  for (guint b = 0; b < batch; b++)
    for (guint i = 0; i < n; i++)
      token[b * (n + 1) + i + 1] = patch[b * n + i] + 1;
  return eid_tensor_from_data (test_device, EID_I32, EID_SHAPE (batch, n + 1), token);
}

/* sum (w * y), and back */
static void
backward_weighed (Golden *golden, EidTensor *y)
{
  eid_backward (eid_sum (eid_mul (y, golden_tensor (golden, "w"))));
}

/* --- Tests --------------------------------------------------------------- */

static void
test_block (void)
{
  Golden golden;
  golden_open (&golden, "block");
  EidTensor *y = block (&golden, golden_leaf (&golden, "x"), "", 3);
  golden_check (&golden, "y", y);
  backward_weighed (&golden, y);
  golden_check_gradients (&golden);
  golden_close (&golden);
}

static void
test_vision_transformer (gconstpointer pool)
{
  gboolean class_token = g_str_equal (pool, "vit-token");
  Golden golden;

  golden_open (&golden, pool);
  EidTensor *x = embed (&golden, golden_tensor (&golden, "images"), 4);
  if (class_token)
    x = eid_prepend_token (x, flat_leaf (&golden, "cls_token"));
  x = eid_add (x, flat_leaf (&golden, "pos_embed"));
  x = block (&golden, x, "blocks.0.", 3);
  x = block (&golden, x, "blocks.1.", 3);
  x = layer_norm (&golden, x, "norm");
  golden_check (&golden, "tokens", x);

  EidTensor *first = eid_tokens (x, 0, 1);
  EidTensor *pooled =
      class_token ? eid_reshape (first, EID_SHAPE (eid_dim (x, 0), eid_dim (x, 2))) : eid_mean_tokens (x);
  golden_check (&golden, "pooled", pooled);
  backward_weighed (&golden, pooled);
  golden_check_gradients (&golden);
  golden_close (&golden);
}

static void
test_nt_xent (gconstpointer name)
{
  Golden golden;
  golden_open (&golden, name);
  EidTensor *loss = eid_nt_xent (golden_leaf (&golden, "z"),
                                 (float) g_ascii_strtod ((const char *) name + strlen ("nt-xent-"), NULL));
  golden_check (&golden, "loss", loss);
  eid_backward (loss);
  golden_check_gradients (&golden);
  golden_close (&golden);
}

/* He et al. 2022: encode what was kept, put mask tokens in, decode, compare
 * with the patches normalised one by one.                                    */
static void
test_masked_autoencoder (void)
{
  Golden golden;
  golden_open (&golden, "mae");
  EidTensor *images = golden_tensor (&golden, "images");

  EidTensor *positions = flat_leaf (&golden, "pos_embed"); /* [1 + N, D], the class token's first */
  guint tokens = eid_dim (positions, 0) - 1, width = eid_dim (positions, 1);
  EidTensor *x = eid_add (embed (&golden, images, 2), eid_rows (positions, 1, tokens));
  EidTensor *first = eid_reshape (eid_rows (positions, 0, 1), EID_SHAPE (width));
  x = eid_prepend_token (eid_gather_tokens (x, golden_tensor (&golden, "keep")),
                         eid_add (flat_leaf (&golden, "cls_token"), first));
  x = layer_norm (&golden, block (&golden, x, "blocks.0.", 3), "norm");
  golden_check (&golden, "latent", x);

  x = linear (&golden, x, "decoder_embed");
  x = eid_restore_tokens (x, flat_leaf (&golden, "mask_token"), with_class_token (&golden, "restore"));
  x = eid_add (x, flat_leaf (&golden, "decoder_pos_embed"));
  x = layer_norm (&golden, block (&golden, x, "decoder_blocks.0.", 2), "decoder_norm");
  EidTensor *prediction = eid_tokens (linear (&golden, x, "decoder_pred"), 1, tokens);
  golden_check (&golden, "prediction", prediction);

  EidTensor *target = eid_standardize (eid_patchify (images, 2), 1e-6f);
  EidTensor *loss = eid_masked_mse (prediction, target, golden_tensor (&golden, "mask"));
  golden_check (&golden, "loss", loss);
  eid_backward (loss);
  golden_check_gradients (&golden);
  golden_close (&golden);
}

static void
test_batch_norm (void)
{
  Golden golden;
  golden_open (&golden, "batch-norm");
  EidTensor *mean = eid_zeros (test_device, EID_SHAPE (5)), *var = eid_zeros (test_device, EID_SHAPE (5));
  const float ones[5] = { 1, 1, 1, 1, 1 };
  eid_tensor_write (var, ones);

  for (guint step = 0; step < 2; step++)
    {
      g_autofree char *x_name = g_strdup_printf ("x.%u", step), *y_name = g_strdup_printf ("y.%u", step);
      g_autofree char *mean_name = g_strdup_printf ("running_mean.%u", step);
      g_autofree char *var_name = g_strdup_printf ("running_var.%u", step);
      const char *names[3] = { "x", "weight", "bias" };
      EidTensor *leaves[3] = { golden_tensor (&golden, x_name), golden_tensor (&golden, "weight"),
                               golden_tensor (&golden, "bias") };
      for (guint i = 0; i < 3; i++)
        eid_tensor_require_gradient (leaves[i]);

      EidTensor *y = eid_batch_norm (leaves[0], leaves[1], leaves[2], mean, var, 0.1f, 1e-5f, TRUE);
      golden_check (&golden, y_name, y);
      golden_check (&golden, mean_name, mean);
      golden_check (&golden, var_name, var);
      backward_weighed (&golden, y);
      for (guint i = 0; i < 3; i++)
        {
          g_autofree char *name = g_strdup_printf ("%s.%u", names[i], step);
          golden_check_gradient (&golden, name, leaves[i]);
        }
    }

  EidTensor *y = eid_batch_norm (golden_tensor (&golden, "x.0"), golden_tensor (&golden, "weight"),
                                 golden_tensor (&golden, "bias"), mean, var, 0.1f, 1e-5f, FALSE);
  golden_check (&golden, "y.eval", y);
  golden_close (&golden);
}

static void
test_adamw (void)
{
  Golden golden;
  golden_open (&golden, "adamw");
  g_autoptr (EidParameters) parameters = eid_parameters_new (test_device, 0);
  EidTensor *weight =
      eid_parameters_add (parameters, "weight", EID_SHAPE (4, 3), EID_WEIGHT,
                          (EidInit){ EID_INIT_VALUES, 0, golden_find (&golden, "weight.0")->data });
  EidTensor *bias =
      eid_parameters_add (parameters, "bias", EID_SHAPE (4), EID_NO_DECAY,
                          (EidInit){ EID_INIT_VALUES, 0, golden_find (&golden, "bias.0")->data });
  eid_parameters_commit (parameters);

  for (guint update = 1; update <= 3; update++)
    {
      EidUpdate settings = { .learning_rate = 1e-2f,
                             .weight_decay = 0.1f,
                             .clip = 1,
                             .beta1 = 0.9f,
                             .beta2 = 0.95f,
                             .epsilon = 1e-8f,
                             .update = update };
      g_autofree char *weight_name = g_strdup_printf ("weight.%u", update);
      g_autofree char *bias_name = g_strdup_printf ("bias.%u", update);
      g_autofree char *weight_gradient = g_strdup_printf ("grad.weight.%u", update);
      g_autofree char *bias_gradient = g_strdup_printf ("grad.bias.%u", update);
      g_autofree char *norm_name = g_strdup_printf ("norm.%u", update);

      eid_parameters_zero_gradients (parameters);
      eid_backward (eid_add (eid_sum (eid_mul (weight, golden_tensor (&golden, weight_gradient))),
                             eid_sum (eid_mul (bias, golden_tensor (&golden, bias_gradient)))));
      EidTensor *norm = eid_parameters_update (parameters, &settings);
      golden_check (&golden, norm_name, norm);
      golden_check (&golden, weight_name, weight);
      golden_check (&golden, bias_name, bias);
    }
  golden_close (&golden);
}

static void
add_tests (void)
{
  g_test_add_func ("/engine/golden/block", test_block);
  g_test_add_data_func ("/engine/golden/vit-token", "vit-token", test_vision_transformer);
  g_test_add_data_func ("/engine/golden/vit-avg", "vit-avg", test_vision_transformer);
  g_test_add_data_func ("/engine/golden/nt-xent-0.1", "nt-xent-0.1", test_nt_xent);
  g_test_add_data_func ("/engine/golden/nt-xent-0.5", "nt-xent-0.5", test_nt_xent);
  g_test_add_func ("/engine/golden/mae", test_masked_autoencoder);
  g_test_add_func ("/engine/golden/batch-norm", test_batch_norm);
  g_test_add_func ("/engine/golden/adamw", test_adamw);
  add_kit_tests ();
  add_joint_tests ();
  add_redundancy_tests ();
  add_dinov2_tests ();
  if (!test_quick) /* a simulator has seen their operations already */
    add_weights_tests ();
}

int
main (int argc, char **argv)
{
  return test_main (argc, argv, add_tests);
}
