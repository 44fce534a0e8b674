/* truth-foreign.c: weights that the program cannot take are refused by the name of what they are. */
#include "weights-files.h"

#include "weights.h"

/* What no setting gives is refused by its name, and not loaded without it. */
static void
test_foreign_parts_are_named (void)
{
  g_autofree char *path = NULL;
  g_autoptr (GArray) normed = eid_safetensor_list_new (), deep = eid_safetensor_list_new ();
  g_autoptr (EidWeightsDescription) found = NULL;
  g_autoptr (GError) error = NULL;

  weights_begin ();
  path = tiny_path (world, "foreign.safetensors");
  file_add_zeros (deep, "conv1.0.weight", "32x27");
  file_add_zeros (deep, "layer1.0.conv1.weight", "64x64");
  file_write (deep, path);
  found = eid_weights_describe (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->settings->len, ==, 0);
  assert_says (found->foreign, "a stem of three convolutions (ResNet-D) (the tensor “conv1.0.weight”)");

  file_add (normed, encoder, "teacher.", 1);
  file_add_zeros (normed, "teacher.blocks.1.attn.q_norm.weight", "1x8");
  file_write (normed, path);
  g_auto (TinyResult) refused = TINY_RUN (world, "embed", BARE ("foreign.safetensors"), "--output", "f.csv");
  g_assert_cmpint (refused.status, ==, 1);
  assert_says (refused.errors, "a norm of queries and keys (QK-norm) (the tensor "
                               "“teacher.blocks.1.attn.q_norm.weight”)");
}

void
add_foreign_tests (void)
{
  g_test_add_func ("/truth/weights/foreign-parts", test_foreign_parts_are_named);
}
