/* parameters.c: the block of parameters: initial values, names, memory, the teacher. */
#include "tests/engine/device.h"
#include "tests/engine/engine.h"

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

/* --- The teacher ----------------------------------------------------------- */

static void
assert_holds (EidTensor *tensor, const float *values)
{
  g_autofree float *got = test_read (tensor);

  g_assert_cmpmem (got, eid_tensor_count (tensor) * sizeof (float), values,
                   eid_tensor_count (tensor) * sizeof (float));
}

/* The teacher begins like the weights; what is written to one is not in the other. */
static void
test_a_teacher_is_a_second_set (void)
{
  EidShape shape = EID_SHAPE (5, 7);
  g_autoptr (EidParameters) parameters = eid_parameters_new (test_device, 1);
  EidTensor *weight = eid_parameters_add (parameters, "weight", shape, EID_WEIGHT, NORMAL (1));
  EidTensor *moment = eid_parameters_add (parameters, "moment", EID_SHAPE (5), EID_BUFFER, CONSTANT (2));
  g_autofree float *noise = test_noise (35, 3), *first = NULL;
  const float twos[5] = { 2, 2, 2, 2, 2 }, threes[5] = { 3, 3, 3, 3, 3 };

  eid_parameters_add_teacher (parameters);
  eid_parameters_commit (parameters);
  g_assert_true (eid_parameters_has_teacher (parameters));
  first = test_read (weight);

  eid_parameters_use_teacher (parameters, TRUE);
  assert_holds (weight, first);
  assert_holds (moment, twos);
  eid_tensor_write (weight, noise);
  eid_tensor_write (moment, threes);
  eid_parameters_use_teacher (parameters, FALSE);
  assert_holds (weight, first);
  assert_holds (moment, twos);
  eid_parameters_use_teacher (parameters, TRUE);
  assert_holds (weight, noise);
  assert_holds (moment, threes);
  eid_parameters_use_teacher (parameters, FALSE);
  test_device_is_well ();
}

static void
test_without_a_teacher_none_is_used (void)
{
  g_autoptr (EidParameters) parameters = eid_parameters_new (test_device, 1);
  g_autoptr (GError) error = NULL;

  eid_parameters_add (parameters, "weight", EID_SHAPE (3), EID_WEIGHT, NORMAL (1));
  eid_parameters_commit (parameters);
  g_assert_false (eid_parameters_has_teacher (parameters));
  eid_parameters_use_teacher (parameters, TRUE);
  g_assert_false (eid_device_check (test_device, &error));
  g_assert_error (error, EID_ERROR, EID_ERROR_USAGE);
}

/* --- Memory ------------------------------------------------------------------ */

/* Weights alone, until training asks for gradients and moments. */
static void
test_only_training_takes_memory_for_training (void)
{
  enum
  {
    N = 1 << 16
  };
  const guint64 before = eid_device_bytes (test_device), block = N * sizeof (float), small = 4096;
  g_autoptr (EidParameters) parameters = eid_parameters_new (test_device, 1);
  EidTensor *weight = eid_parameters_add (parameters, "weight", EID_SHAPE (N), EID_WEIGHT, CONSTANT (1));
  const EidUpdate update = { .rule = EID_SGD, .learning_rate = 0.1f, .update = 1 };

  eid_parameters_commit (parameters);
  g_assert_cmpuint (eid_device_bytes (test_device) - before, <, block + small);
  eid_parameters_zero_gradients (parameters);
  eid_arena_push (test_device);
  eid_backward (eid_sum (weight));
  eid_parameters_update (parameters, &update);
  eid_arena_pop (test_device);
  g_assert_cmpuint (eid_device_bytes (test_device) - before, >=, 3 * block);
  g_assert_cmpuint (eid_device_bytes (test_device) - before, <, 3 * block + small);
  test_device_is_well ();
}

static void
test_parameters_give_their_memory_back (void)
{
  guint64 before = eid_device_bytes (test_device);
  EidParameters *parameters = eid_parameters_new (test_device, 1);

  eid_parameters_add (parameters, "weight", EID_SHAPE (7, 5), EID_WEIGHT, NORMAL (1));
  eid_parameters_add (parameters, "mean", EID_SHAPE (7), EID_BUFFER, CONSTANT (0));
  eid_parameters_add_teacher (parameters);
  eid_parameters_commit (parameters);
  eid_parameters_zero_gradients (parameters);
  eid_arena_push (test_device);
  eid_parameters_update (parameters, &(EidUpdate){ .rule = EID_LARS, .update = 1 });
  eid_arena_pop (test_device);
  g_assert_cmpuint (eid_device_bytes (test_device), >, before);
  eid_parameters_free (parameters);
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
  g_test_add_func ("/engine/parameters/a-teacher-is-a-second-set", test_a_teacher_is_a_second_set);
  g_test_add_func ("/engine/parameters/without-a-teacher-none-is-used", test_without_a_teacher_none_is_used);
  g_test_add_func ("/engine/parameters/only-training-takes-memory-for-training",
                   test_only_training_takes_memory_for_training);
  g_test_add_func ("/engine/parameters/give-their-memory-back", test_parameters_give_their_memory_back);
}
