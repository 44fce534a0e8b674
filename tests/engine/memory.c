/* memory.c: what is computed again instead of kept, what a model's parts leave
 * behind, how memory is used again, and what is said when it ends.
 */
#include "tests/engine/device.h"
#include "tests/engine/engine.h"

#include <string.h>

#define ROWS  33
#define WIDTH 24

/* --- Computing again ----------------------------------------------------------- */

/* Parameters of one segment. */
typedef struct
{
  EidParameters *parameters;
  EidTensor *weight, *bias, *gain, *shift;
} Model;

static void
model_init (Model *model)
{
  const EidInit normal = { EID_INIT_NORMAL, 0.3f, NULL };
  EidParameters *parameters = eid_parameters_new (test_device, 3);

  model->parameters = parameters;
  model->weight = eid_parameters_add (parameters, "weight", EID_SHAPE (WIDTH, WIDTH), EID_WEIGHT, normal);
  model->bias = eid_parameters_add (parameters, "bias", EID_SHAPE (WIDTH), EID_NO_DECAY, normal);
  model->gain = eid_parameters_add (parameters, "gain", EID_SHAPE (WIDTH), EID_NO_DECAY, normal);
  model->shift = eid_parameters_add (parameters, "shift", EID_SHAPE (WIDTH), EID_NO_DECAY, normal);
  eid_parameters_commit (parameters);
}

/* x + gelu (linear (layer_norm (x))) */
static EidTensor *
block (EidTensor *x, gpointer data)
{
  const Model *model = data;

  return eid_add (x, eid_gelu (eid_linear (eid_layer_norm (x, model->gain, model->shift, 1e-5f),
                                           model->weight, model->bias)));
}

/* Two blocks, what is between them used beside the second too; all gradients, and the loss. */
static GByteArray *
run_blocks (gboolean again)
{
  GByteArray *bits = g_byte_array_new ();
  EidTensor *x, *first, *second, *loss;
  Model model;

  model_init (&model);
  eid_arena_push (test_device);
  x = test_tensor (EID_SHAPE (ROWS, WIDTH), 1);
  eid_tensor_require_gradient (x);
  first = again ? eid_recompute (x, block, &model, sizeof model) : block (x, &model);
  second = again ? eid_recompute (first, block, &model, sizeof model) : block (first, &model);
  loss =
      eid_sum (eid_mul (eid_add (first, eid_normalize (second)), test_tensor (EID_SHAPE (ROWS, WIDTH), 2)));
  eid_backward (loss);
  for (guint i = 0; i < 4; i++)
    {
      EidTensor *gradient = eid_tensor_gradient (eid_parameters_tensor (model.parameters, i));
      g_autofree float *values = test_read (gradient);

      g_byte_array_append (bits, (guint8 *) values, eid_tensor_count (gradient) * sizeof (float));
    }
  g_autofree float *of_x = test_read (eid_tensor_gradient (x)), *of_loss = test_read (loss);
  g_byte_array_append (bits, (guint8 *) of_x, ROWS * WIDTH * sizeof (float));
  g_byte_array_append (bits, (guint8 *) of_loss, sizeof (float));
  eid_arena_pop (test_device);
  eid_parameters_free (model.parameters);
  test_device_is_well ();
  return bits;
}

static void
test_computed_again_is_the_same_to_the_bit (void)
{
  static const EidType precisions[] = { EID_F32, EID_BF16 };

  for (guint i = 0; i < G_N_ELEMENTS (precisions); i++)
    {
      eid_device_set_precision (test_device, precisions[i]);
      g_autoptr (GByteArray) kept = run_blocks (FALSE);
      g_autoptr (GByteArray) again = run_blocks (TRUE);
      eid_device_set_precision (test_device, EID_F32);

      g_assert_cmpmem (kept->data, kept->len, again->data, again->len);
    }
}

/* What a recorded segment holds until the way back, beside its result. */
static guint64
held_by (gboolean again)
{
  Model model;
  guint64 before, held;
  EidTensor *x;

  model_init (&model);
  eid_arena_push (test_device);
  x = test_tensor (EID_SHAPE (1000, WIDTH), 1);
  before = eid_device_bytes (test_device);
  if (again)
    eid_recompute (x, block, &model, sizeof model);
  else
    block (x, &model);
  held = eid_device_bytes (test_device) - before;
  eid_arena_pop (test_device);
  eid_parameters_free (model.parameters);
  return held;
}

static void
test_computed_again_is_not_kept (void)
{
  const guint64 result = 1000 * WIDTH * sizeof (float);

  g_assert_cmpuint (held_by (FALSE), >, 3 * result);
  g_assert_cmpuint (held_by (TRUE), <, result + 4096);
}

/* --- Shares and what is kept of an arena ----------------------------------------- */

static void
test_shares_of_losses_add_up (void)
{
  EidTensor *x = test_tensor (EID_SHAPE (WIDTH), 1);
  g_autofree float *two = test_noise (WIDTH, 2), *three = test_noise (WIDTH, 3);
  double expected[WIDTH];

  eid_tensor_require_gradient (x);
  for (guint seed = 2; seed <= 3; seed++)
    {
      eid_arena_push (test_device);
      eid_backward_share (eid_sum (eid_mul (x, test_tensor (EID_SHAPE (WIDTH), seed))),
                          seed == 2 ? 0.25f : 0.5f);
      eid_arena_pop (test_device);
    }
  for (guint i = 0; i < WIDTH; i++)
    expected[i] = 0.25 * two[i] + 0.5 * three[i];
  g_autofree float *got = test_read (eid_tensor_gradient (x));
  test_close ("the gradient", got, expected, WIDTH, 1e-6);
  eid_tensor_free (x);
  test_device_is_well ();
}

static void
test_one_tensor_outlives_its_arena (void)
{
  enum
  {
    N = 1000
  };
  guint64 before;
  EidTensor *kept;

  eid_arena_push (test_device);
  before = eid_device_bytes (test_device);
  eid_arena_push (test_device);
  kept = eid_scale (eid_scale (test_tensor (EID_SHAPE (N), 1), 2), 2);
  g_assert_true (eid_arena_pop_keeping (test_device, kept) == kept);
  g_assert_cmpuint (eid_device_bytes (test_device), <, before + 2 * N * sizeof (float));

  g_autofree float *got = test_read (kept), *noise = test_noise (N, 1);
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat (got[i], ==, 4 * noise[i]);
  eid_arena_pop (test_device);
  test_device_is_well ();
}

/* --- Used again --------------------------------------------------------------------- */

#define MEGABYTE (1u << 20)

static EidTensor *
megabytes (EidDevice *device, guint count)
{
  return eid_tensor_new (device, EID_F32, EID_SHAPE (count, MEGABYTE / 4));
}

static gboolean
is_watched_over (void)
{
  return strstr (eid_device_info (test_device)->platform, "Oclgrind") != NULL;
}

/* What two neighbours gave back serves one that is as large as both, and the other way round. */
static void
test_memory_is_cut_and_joined (void)
{
  EidTensor *tensors[3];
  guint64 settled;

  if (is_watched_over ())
    {
      g_test_skip ("each buffer lies by itself here");
      return;
    }
  eid_device_trim (test_device);
  eid_arena_push (test_device);
  megabytes (test_device, 12);
  eid_arena_pop (test_device);
  settled = eid_device_peak_bytes (test_device);
  for (guint round = 0; round < 3; round++)
    {
      for (guint i = 0; i < 3; i++)
        tensors[i] = megabytes (test_device, 3 + i);
      for (guint i = 0; i < 3; i++)
        eid_tensor_free (tensors[(i + round) % 3]);
      eid_tensor_free (megabytes (test_device, 12));
    }
  g_assert_cmpuint (eid_device_peak_bytes (test_device), ==, settled);
  test_device_is_well ();
}

/* Work of another kind does not pay for what lies about from the work before. */
static void
test_memory_of_other_work_goes (void)
{
  eid_device_trim (test_device);
  const guint64 before = eid_device_peak_bytes (test_device);

  for (guint i = 0; i < 8; i++)
    {
      EidTensor *half = megabytes (test_device, 4 + i), *other = megabytes (test_device, 4 + i);

      eid_tensor_free (half);
      eid_tensor_free (other);
    }
  g_assert_cmpuint (eid_device_peak_bytes (test_device) - before, <=, 2 * 11 * MEGABYTE + MEGABYTE);
  test_device_is_well ();
}

/* Whether or not it is written over what is spare, the same comes out. */
static void
test_a_sum_over_what_is_spare_is_the_same (void)
{
  enum
  {
    CHANNELS = 24
  };
  const EidShape shape = EID_SHAPE (2, 5, 6, CHANNELS), channels = EID_SHAPE (CHANNELS);
  g_autofree float *sums[2] = { NULL, NULL };

  eid_device_set_precision (test_device, EID_BF16);
  for (guint spare = 0; spare < 2; spare++)
    {
      EidBatchNorm norm = { .epsilon = 1e-5f };
      EidTensor *x, *weight, *residual;

      eid_arena_push (test_device);
      norm.running_mean = test_tensor (channels, 1);
      norm.running_var =
          eid_add (eid_zeros (test_device, channels), eid_mul (norm.running_mean, norm.running_mean));
      x = eid_cast (test_tensor (shape, 2), EID_BF16);
      weight = eid_cast (test_tensor (EID_SHAPE (CHANNELS, CHANNELS, 1, 1), 3), EID_BF16);
      residual = eid_cast (test_tensor (shape, 4), EID_BF16);
      if (spare)
        eid_tensor_spare (residual);
      sums[spare] =
          test_read (eid_cast (eid_conv2d_norm (x, weight, 1, 0, 1, &norm, FALSE, residual, TRUE), EID_F32));
      eid_arena_pop (test_device);
    }
  eid_device_set_precision (test_device, EID_F32);
  g_assert_cmpmem (sums[0], eid_shape_count (shape) * sizeof (float), sums[1],
                   eid_shape_count (shape) * sizeof (float));
  test_device_is_well ();
}

/* --- The end of it ------------------------------------------------------------------- */

static void
test_the_end_of_memory_is_told (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EidDevice) device = NULL;
  EidTensor *x;

  g_setenv ("EIDOSCOPE_MEMORY", "10000000", TRUE);
  device = eid_device_open (eid_device_info (test_device)->platform, &error);
  g_unsetenv ("EIDOSCOPE_MEMORY");
  g_assert_no_error (error);

  eid_arena_push (device);
  x = eid_zeros (device, EID_SHAPE (4, MEGABYTE / 4));
  eid_scope_push (device, "block");
  x = eid_gelu (eid_gelu (x));
  eid_scope_pop (device);
  eid_arena_pop (device);
  g_assert_false (eid_device_check (device, &error));
  g_assert_error (error, EID_ERROR, EID_ERROR_MEMORY);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "gelu in block"));
  g_assert_nonnull (strstr (error->message, "4.2"));
  g_clear_error (&error);

  /* And less of it goes on. */
  eid_arena_push (device);
  g_assert_cmpfloat (eid_tensor_scalar (eid_sum (eid_zeros (device, EID_SHAPE (MEGABYTE)))), ==, 0);
  eid_arena_pop (device);
  g_assert_true (eid_device_check (device, &error));
}

void
add_memory_tests (void)
{
  g_test_add_func ("/engine/recompute/is-the-same-to-the-bit", test_computed_again_is_the_same_to_the_bit);
  g_test_add_func ("/engine/recompute/is-not-kept", test_computed_again_is_not_kept);
  g_test_add_func ("/engine/memory/shares-of-losses-add-up", test_shares_of_losses_add_up);
  g_test_add_func ("/engine/memory/one-tensor-outlives-its-arena", test_one_tensor_outlives_its_arena);
  g_test_add_func ("/engine/memory/is-cut-and-joined", test_memory_is_cut_and_joined);
  g_test_add_func ("/engine/memory/of-other-work-goes", test_memory_of_other_work_goes);
  g_test_add_func ("/engine/memory/a-sum-over-what-is-spare-is-the-same",
                   test_a_sum_over_what_is_spare_is_the_same);
  g_test_add_func ("/engine/memory/the-end-is-told", test_the_end_of_memory_is_told);
}
