/* parameters.c: the block of parameters: initial values, gradients, and AdamW
 * against Loshchilov & Hutter 2019 in float64.
 */
#include "device.h"
#include "engine.h"

#include <math.h>
#include <string.h>

#define CONSTANT(value) ((EidInit){ EID_INIT_CONSTANT, value, NULL })
#define NORMAL(scale)   ((EidInit){ EID_INIT_NORMAL, scale, NULL })
#define UNIFORM(scale)  ((EidInit){ EID_INIT_UNIFORM, scale, NULL })
#define VALUES(values)  ((EidInit){ EID_INIT_VALUES, 0, values })

/* --- Initial values ------------------------------------------------------ */

static void
test_initial_values_depend_on_seed_and_name (void)
{
  EidShape shape = EID_SHAPE (7, 11);
  gsize bytes = 77 * sizeof (float);
  g_autoptr (EidParameters) a = eid_parameters_new (test_device, 5);
  g_autoptr (EidParameters) b = eid_parameters_new (test_device, 5);
  g_autoptr (EidParameters) c = eid_parameters_new (test_device, 6);

  EidTensor *a_weight = eid_parameters_add (a, "blocks.0.weight", shape, EID_WEIGHT, NORMAL (0.02f));
  EidTensor *a_other = eid_parameters_add (a, "blocks.1.weight", shape, EID_WEIGHT, NORMAL (0.02f));
  eid_parameters_add (b, "another", EID_SHAPE (131), EID_WEIGHT, UNIFORM (1));
  eid_parameters_add (b, "blocks.1.weight", shape, EID_NO_DECAY, NORMAL (0.02f));
  EidTensor *b_weight = eid_parameters_add (b, "blocks.0.weight", shape, EID_WEIGHT, NORMAL (0.02f));
  EidTensor *c_weight = eid_parameters_add (c, "blocks.0.weight", shape, EID_WEIGHT, NORMAL (0.02f));
  eid_parameters_commit (a);
  eid_parameters_commit (b);
  eid_parameters_commit (c);

  g_autofree float *va = test_read (a_weight), *vo = test_read (a_other);
  g_autofree float *vb = test_read (b_weight), *vc = test_read (c_weight);
  test_device_is_well ();
  g_assert_cmpmem (va, bytes, vb, bytes);
  g_assert_cmpint (memcmp (va, vo, bytes), !=, 0);
  g_assert_cmpint (memcmp (va, vc, bytes), !=, 0);
}

static void
test_initial_values_are_drawn_as_asked (void)
{
  enum
  {
    N = 4000
  };
  const float values[3] = { 1, -2, 0.5f };
  double normal_squares = 0, uniform_squares = 0, tail = 0;
  g_autoptr (EidParameters) parameters = eid_parameters_new (test_device, 1);

  EidTensor *constant =
      eid_parameters_add (parameters, "constant", EID_SHAPE (5), EID_WEIGHT, CONSTANT (0.25f));
  EidTensor *normal = eid_parameters_add (parameters, "normal", EID_SHAPE (N), EID_WEIGHT, NORMAL (0.02f));
  EidTensor *uniform = eid_parameters_add (parameters, "uniform", EID_SHAPE (N), EID_WEIGHT, UNIFORM (0.3f));
  EidTensor *given = eid_parameters_add (parameters, "given", EID_SHAPE (3), EID_BUFFER, VALUES (values));
  eid_parameters_commit (parameters);

  g_autofree float *c = test_read (constant), *n = test_read (normal);
  g_autofree float *u = test_read (uniform), *g = test_read (given);
  test_device_is_well ();
  for (guint i = 0; i < 5; i++)
    g_assert_cmpfloat (c[i], ==, 0.25f);
  g_assert_cmpmem (g, sizeof values, values, sizeof values);
  for (guint i = 0; i < N; i++)
    {
      g_assert_cmpfloat (fabsf (n[i]), <=, 0.04f * 1.0001f);
      g_assert_cmpfloat (fabsf (u[i]), <=, 0.3f);
      normal_squares += n[i] * n[i] / N;
      uniform_squares += u[i] * u[i] / N;
      tail += fabsf (n[i]) > 0.03f;
    }
  /* Of the standard normal cut at ±2: variance 0.774, 9.2 % beyond ±1.5. */
  g_assert_cmpfloat_with_epsilon (normal_squares / (0.02 * 0.02), 0.774, 0.08);
  g_assert_cmpfloat_with_epsilon (tail / N, 0.0924, 0.03);
  g_assert_cmpfloat_with_epsilon (uniform_squares / (0.3 * 0.3), 1.0 / 3, 0.04);
}

static void
test_parameters_are_found_by_name (void)
{
  g_autoptr (EidParameters) parameters = eid_parameters_new (test_device, 1);
  EidTensor *weight = eid_parameters_add (parameters, "weight", EID_SHAPE (3, 5), EID_WEIGHT, NORMAL (1));
  EidTensor *bias = eid_parameters_add (parameters, "bias", EID_SHAPE (3), EID_NO_DECAY, CONSTANT (0));
  EidTensor *buffer = eid_parameters_add (parameters, "mean", EID_SHAPE (7), EID_BUFFER, CONSTANT (0));
  eid_parameters_commit (parameters);

  g_assert_cmpuint (eid_parameters_count (parameters), ==, 3);
  g_assert_cmpuint (eid_parameters_trained (parameters), ==, 18);
  g_assert_true (eid_parameters_find (parameters, "weight") == weight);
  g_assert_true (eid_parameters_find (parameters, "bias") == bias);
  g_assert_true (eid_parameters_find (parameters, "mean") == buffer);
  g_assert_null (eid_parameters_find (parameters, "nobody"));
  for (guint i = 0; i < 3; i++)
    {
      EidTensor *tensor = eid_parameters_tensor (parameters, i);
      g_assert_true (tensor == eid_parameters_find (parameters, eid_parameters_name (parameters, i)));
      g_assert_cmpint (eid_parameters_is_trained (parameters, i), ==, tensor != buffer);
    }
  test_device_is_well ();
}

/* --- Training ------------------------------------------------------------ */

/* Three parameters of one block, each with its place in a flat reference. */
enum
{
  WEIGHT = 35,
  BIAS = 7,
  BUFFER = 5,
  ALL = WEIGHT + BIAS
};

typedef struct
{
  EidParameters *parameters;
  EidTensor *weight, *bias, *buffer;
  double value[ALL], mean[ALL], square[ALL]; /* the reference: weight, then bias */
} Model;

static void
model_init (Model *model)
{
  *model = (Model){ .parameters = eid_parameters_new (test_device, 1) };
  g_autofree float *values = test_noise (ALL, 3);
  for (guint i = 0; i < ALL; i++)
    model->value[i] = values[i];

  model->weight =
      eid_parameters_add (model->parameters, "weight", EID_SHAPE (7, 5), EID_WEIGHT, VALUES (values));
  model->buffer =
      eid_parameters_add (model->parameters, "buffer", EID_SHAPE (BUFFER), EID_BUFFER, CONSTANT (3));
  model->bias =
      eid_parameters_add (model->parameters, "bias", EID_SHAPE (7), EID_NO_DECAY, VALUES (values + WEIGHT));
  eid_parameters_commit (model->parameters);
}

/* Gradients become @scale times noise of @seed, by a loss linear in them. */
static void
model_backward (Model *model, guint32 seed, float scale)
{
  g_autofree float *noise = test_noise (ALL, seed);
  for (guint i = 0; i < ALL; i++)
    noise[i] *= scale;

  eid_arena_push (test_device);
  EidTensor *g = eid_tensor_from_data (test_device, EID_F32, EID_SHAPE (7, 5), noise);
  EidTensor *h = eid_tensor_from_data (test_device, EID_F32, EID_SHAPE (7), noise + WEIGHT);
  eid_backward (eid_add (eid_sum (eid_mul (model->weight, g)), eid_sum (eid_mul (model->bias, h))));
  eid_arena_pop (test_device);
}

static double
reference_norm (const float *gradient)
{
  double squares = 0;
  for (guint i = 0; i < ALL; i++)
    squares += (double) gradient[i] * gradient[i];
  return sqrt (squares);
}

static void
reference_adamw (Model *model, const EidAdamW *s, const float *gradient)
{
  double norm = reference_norm (gradient), factor = s->clip > 0 && norm > s->clip ? s->clip / norm : 1;

  for (guint i = 0; i < ALL; i++)
    {
      double g = gradient[i] * factor, decay = i < WEIGHT ? s->weight_decay : 0;
      model->mean[i] = s->beta1 * model->mean[i] + (1 - s->beta1) * g;
      model->square[i] = s->beta2 * model->square[i] + (1 - s->beta2) * g * g;
      double mean = model->mean[i] / (1 - pow (s->beta1, (double) s->update));
      double square = model->square[i] / (1 - pow (s->beta2, (double) s->update));
      model->value[i] -= s->learning_rate * (decay * model->value[i] + mean / (sqrt (square) + s->epsilon));
    }
}

static void
model_check (Model *model, const char *when)
{
  static const char *const names[2] = { "weight", "bias" };
  EidTensor *tensors[2] = { model->weight, model->bias };
  const guint first[2] = { 0, WEIGHT };

  for (guint t = 0; t < 2; t++)
    {
      gsize count = eid_tensor_count (tensors[t]);
      g_autofree float *got = test_read (tensors[t]);
      g_autofree char *what = g_strdup_printf ("%s %s", names[t], when);
      test_close (what, got, model->value + first[t], count, 1e-5);

      for (guint i = 0; i < eid_parameters_count (model->parameters); i++)
        if (eid_parameters_tensor (model->parameters, i) == tensors[t])
          for (guint moment = 0; moment < 2; moment++)
            {
              g_autofree char *name = g_strdup_printf ("moment %u of %s", moment, what);
              g_assert_true (eid_parameters_read_moment (model->parameters, i, moment, got));
              test_close (name, got, (moment == 0 ? model->mean : model->square) + first[t], count, 1e-5);
            }
    }

  g_autofree float *buffer = test_read (model->buffer);
  for (guint i = 0; i < BUFFER; i++)
    g_assert_cmpfloat (buffer[i], ==, 3);
  test_device_is_well ();
}

static void
test_adamw_is_adamw (void)
{
  Model model;
  model_init (&model);

  for (guint update = 1; update <= 5; update++)
    {
      /* Clipped at 1: the norms are near 3.7 and, at the fourth, near 0.4. */
      EidAdamW settings = { 1e-2f, 0.9f, 0.95f, 1e-8f, 0.1f, 1, update };
      float scale = update == 4 ? 0.1f : 1;
      g_autofree float *gradient = test_noise (ALL, 100 + update);
      g_autofree char *when = g_strdup_printf ("after update %u", update);
      for (guint i = 0; i < ALL; i++)
        gradient[i] *= scale;

      eid_parameters_zero_gradients (model.parameters);
      model_backward (&model, 100 + update, scale);
      eid_arena_push (test_device);
      float norm = eid_tensor_scalar (eid_parameters_adamw (model.parameters, &settings));
      eid_arena_pop (test_device);

      g_assert_cmpfloat_with_epsilon (norm, reference_norm (gradient), 1e-5 * norm);
      reference_adamw (&model, &settings, gradient);
      model_check (&model, when);
    }
  eid_parameters_free (model.parameters);
}

static void
test_without_clip_nothing_is_clipped (void)
{
  Model model;
  model_init (&model);
  EidAdamW settings = { 1e-2f, 0.9f, 0.999f, 1e-3f, 0.05f, 0, 1 };
  g_autofree float *gradient = test_noise (ALL, 9);
  for (guint i = 0; i < ALL; i++)
    gradient[i] *= 1000;

  eid_parameters_zero_gradients (model.parameters);
  model_backward (&model, 9, 1000);
  eid_arena_push (test_device);
  eid_parameters_adamw (model.parameters, &settings);
  eid_arena_pop (test_device);
  reference_adamw (&model, &settings, gradient);
  model_check (&model, "without clipping");
  eid_parameters_free (model.parameters);
}

static void
test_gradients_add_up_until_zeroed (void)
{
  Model model;
  model_init (&model);
  EidAdamW settings = { 1e-2f, 0.9f, 0.95f, 1e-8f, 0.1f, 0, 1 };
  g_autofree float *one = test_noise (ALL, 9), *two = test_noise (ALL, 10);
  for (guint i = 0; i < ALL; i++)
    one[i] += two[i];

  model_backward (&model, 8, 1);
  eid_parameters_zero_gradients (model.parameters);
  model_backward (&model, 9, 1);
  model_backward (&model, 10, 1);
  eid_arena_push (test_device);
  eid_parameters_adamw (model.parameters, &settings);
  eid_arena_pop (test_device);
  reference_adamw (&model, &settings, one);
  model_check (&model, "after two backward passes");
  eid_parameters_free (model.parameters);
}

/* A parameter no loss reached has gradient 0, not what lay in memory. */
static void
test_an_unused_parameter_only_decays (void)
{
  Model model;
  model_init (&model);
  EidAdamW settings = { 1e-2f, 0.9f, 0.95f, 1e-8f, 0.1f, 0, 1 };
  float gradient[ALL] = { 0 };
  g_autofree float *noise = test_noise (WEIGHT, 9);

  eid_parameters_zero_gradients (model.parameters);
  eid_arena_push (test_device);
  eid_backward (eid_sum (eid_mul (model.weight, test_tensor (EID_SHAPE (7, 5), 9))));
  memcpy (gradient, noise, sizeof (float) * WEIGHT);
  eid_parameters_adamw (model.parameters, &settings);
  eid_arena_pop (test_device);
  reference_adamw (&model, &settings, gradient);
  model_check (&model, "with an unused bias");
  eid_parameters_free (model.parameters);
}

static void
test_not_finite_gradients_change_nothing (void)
{
  static const float bad[] = { INFINITY, NAN, 1e30f }; /* the last: its square overflows */
  Model model;
  model_init (&model);
  EidAdamW settings = { 1e-2f, 0.9f, 0.95f, 1e-8f, 0.1f, 1, 1 };

  g_autofree float *gradient = test_noise (ALL, 9);
  model_backward (&model, 9, 1);
  eid_arena_push (test_device);
  eid_parameters_adamw (model.parameters, &settings);
  eid_arena_pop (test_device);
  reference_adamw (&model, &settings, gradient);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      settings.update = 2 + i;
      eid_parameters_zero_gradients (model.parameters);
      model_backward (&model, 10, 1);
      eid_arena_push (test_device);
      EidTensor *one = eid_tensor_from_data (test_device, EID_F32, EID_SHAPE (1), &bad[i]);
      eid_backward (eid_mul (eid_sum (model.bias), one));
      float norm = eid_tensor_scalar (eid_parameters_adamw (model.parameters, &settings));
      eid_arena_pop (test_device);
      if (i < 2)
        g_assert_false (isfinite (norm));
      if (!isfinite (norm))
        model_check (&model, "after a gradient that is not finite");
    }

  /* Nor does a good one that comes after: what went wrong can be made again. */
  eid_parameters_zero_gradients (model.parameters);
  model_backward (&model, 9, 1);
  eid_arena_push (test_device);
  eid_parameters_adamw (model.parameters, &settings);
  eid_arena_pop (test_device);
  model_check (&model, "after a good gradient behind one that is not finite");
  eid_parameters_free (model.parameters);
}

static void
test_moments_are_written_back (void)
{
  Model model;
  model_init (&model);
  EidAdamW settings = { 1e-2f, 0.9f, 0.95f, 1e-8f, 0.1f, 0, 3 };
  g_autofree float *mean = test_noise (ALL, 20), *square = test_noise (ALL, 21),
                   *gradient = test_noise (ALL, 9);

  for (guint i = 0; i < ALL; i++)
    {
      square[i] = fabsf (square[i]);
      model.mean[i] = mean[i];
      model.square[i] = square[i];
    }
  for (guint i = 0; i < eid_parameters_count (model.parameters); i++)
    {
      EidTensor *tensor = eid_parameters_tensor (model.parameters, i);
      guint first = tensor == model.bias ? WEIGHT : 0;
      if (tensor == model.buffer)
        continue;
      eid_parameters_write_moment (model.parameters, i, 0, mean + first);
      eid_parameters_write_moment (model.parameters, i, 1, square + first);
    }
  model_check (&model, "as written");

  eid_parameters_zero_gradients (model.parameters);
  model_backward (&model, 9, 1);
  eid_arena_push (test_device);
  eid_parameters_adamw (model.parameters, &settings);
  eid_arena_pop (test_device);
  reference_adamw (&model, &settings, gradient);
  model_check (&model, "after an update from written moments");
  eid_parameters_free (model.parameters);
}

static void
test_parameters_give_their_memory_back (void)
{
  guint64 before = eid_device_bytes (test_device);
  Model model;
  model_init (&model);
  g_assert_cmpuint (eid_device_bytes (test_device), >, before);
  eid_parameters_free (model.parameters);
  g_assert_cmpuint (eid_device_bytes (test_device), ==, before);
}

void
add_parameter_tests (void)
{
  g_test_add_func ("/engine/parameters/initial-values-depend-on-seed-and-name",
                   test_initial_values_depend_on_seed_and_name);
  g_test_add_func ("/engine/parameters/initial-values-are-drawn-as-asked",
                   test_initial_values_are_drawn_as_asked);
  g_test_add_func ("/engine/parameters/are-found-by-name", test_parameters_are_found_by_name);
  g_test_add_func ("/engine/parameters/gradients-add-up-until-zeroed", test_gradients_add_up_until_zeroed);
  g_test_add_func ("/engine/parameters/give-their-memory-back", test_parameters_give_their_memory_back);
  g_test_add_func ("/engine/adamw/is-adamw", test_adamw_is_adamw);
  g_test_add_func ("/engine/adamw/without-clip-nothing-is-clipped", test_without_clip_nothing_is_clipped);
  g_test_add_func ("/engine/adamw/an-unused-parameter-only-decays", test_an_unused_parameter_only_decays);
  g_test_add_func ("/engine/adamw/not-finite-gradients-change-nothing",
                   test_not_finite_gradients_change_nothing);
  g_test_add_func ("/engine/adamw/moments-are-written-back", test_moments_are_written_back);
}
