/* update.c: updates of the block of parameters by each rule, over several steps,
 * against the same in float64.
 */
#include "tests/engine/device.h"
#include "tests/engine/engine.h"

#include <math.h>
#include <string.h>

/* --- A model of four parameters, and a flat reference of it ------------------- */

enum
{
  WEIGHT = 35,
  LARGE = 3000, /* more than a row of the block */
  BIAS = 7,
  BUFFER = 5,
  ALL = WEIGHT + LARGE + BIAS
};

static const struct
{
  const char *name;
  guint first, count;
  EidParameterKind kind;
  float rate; /* of a model with rates */
} parts[] = {
  { "weight", 0, WEIGHT, EID_WEIGHT, 1 },
  { "large", WEIGHT, LARGE, EID_WEIGHT, 0.25f },
  { "bias", WEIGHT + LARGE, BIAS, EID_NO_DECAY, 0.5f },
};
#define PARTS G_N_ELEMENTS (parts)

typedef struct
{
  EidParameters *parameters;
  EidTensor *tensor[PARTS], *buffer;
  gboolean has_rates;
  double value[ALL], teacher[ALL], moment[2][ALL]; /* the reference */
} Model;

static void
model_init (Model *model, gboolean teacher)
{
  g_autofree float *values = test_noise (ALL, 3);

  *model = (Model){ .parameters = eid_parameters_new (test_device, 1) };
  for (guint i = 0; i < ALL; i++)
    model->value[i] = model->teacher[i] = values[i];
  for (guint p = 0; p < PARTS; p++)
    {
      model->tensor[p] =
          eid_parameters_add (model->parameters, parts[p].name, EID_SHAPE (parts[p].count), parts[p].kind,
                              (EidInit){ EID_INIT_VALUES, 0, values + parts[p].first });
      if (p == 0)
        model->buffer = eid_parameters_add (model->parameters, "buffer", EID_SHAPE (BUFFER), EID_BUFFER,
                                            (EidInit){ EID_INIT_CONSTANT, 3, NULL });
    }
  if (teacher)
    eid_parameters_add_teacher (model->parameters);
  eid_parameters_commit (model->parameters);
}

/* From here on each part learns at its own rate. */
static void
model_set_rates (Model *model)
{
  model->has_rates = TRUE;
  for (guint i = 0; i < eid_parameters_count (model->parameters); i++)
    for (guint p = 0; p < PARTS; p++)
      if (g_str_equal (eid_parameters_name (model->parameters, i), parts[p].name))
        eid_parameters_set_rate (model->parameters, i, parts[p].rate);
}

static void
model_clear (Model *model)
{
  eid_parameters_free (model->parameters);
}

/* Gradients grow by @scale times noise of @seed, by a loss linear in the parameters. */
static void
model_backward (Model *model, guint32 seed, float scale)
{
  g_autofree float *noise = test_noise (ALL, seed);
  EidTensor *loss = NULL;

  for (guint i = 0; i < ALL; i++)
    noise[i] *= scale;
  eid_arena_push (test_device);
  for (guint p = 0; p < PARTS; p++)
    {
      EidTensor *g =
          eid_tensor_from_data (test_device, EID_F32, EID_SHAPE (parts[p].count), noise + parts[p].first);
      EidTensor *term = eid_sum (eid_mul (eid_cast (model->tensor[p], EID_F32), g));

      loss = loss ? eid_add (loss, term) : term;
    }
  eid_backward (loss);
  eid_arena_pop (test_device);
}

static float
model_update (Model *model, const EidUpdate *update)
{
  float norm;

  eid_arena_push (test_device);
  norm = eid_tensor_scalar (eid_parameters_update (model->parameters, update));
  eid_arena_pop (test_device);
  return norm;
}

/* --- The same in float64 -------------------------------------------------------- */

static double
length_of (const double *values, guint count)
{
  double squares = 0;

  for (guint i = 0; i < count; i++)
    squares += values[i] * values[i];
  return sqrt (squares);
}

static void
reference_adamw (Model *model, const EidUpdate *u, const double *g, guint first, guint count, double decay)
{
  for (guint i = first; i < first + count; i++)
    {
      double *m = &model->moment[0][i], *v = &model->moment[1][i];

      *m = u->beta1 * *m + (1 - u->beta1) * g[i];
      *v = u->beta2 * *v + (1 - u->beta2) * g[i] * g[i];
      model->value[i] -= u->learning_rate
                         * (decay * model->value[i]
                            + *m / (1 - pow (u->beta1, u->update))
                                  / (sqrt (*v / (1 - pow (u->beta2, u->update))) + u->epsilon));
    }
}

static void
reference_sgd (Model *model, const EidUpdate *u, double *g, guint first, guint count, double decay)
{
  double ratio = 1;

  for (guint i = first; i < first + count; i++)
    g[i] += decay * model->value[i];
  if (u->rule == EID_LARS && first < WEIGHT + LARGE)
    ratio = u->trust * length_of (model->value + first, count) / length_of (g + first, count);
  for (guint i = first; i < first + count; i++)
    {
      double *m = &model->moment[0][i];

      *m = u->momentum * *m + ratio * g[i];
      model->value[i] -= u->learning_rate * (u->nesterov ? ratio * g[i] + u->momentum * *m : *m);
    }
}

static double
reference_update (Model *model, const EidUpdate *u, const float *gradient)
{
  double g[ALL], norm;

  for (guint i = 0; i < ALL; i++)
    g[i] = gradient[i];
  norm = length_of (g, ALL);
  for (guint i = 0; i < ALL; i++)
    g[i] *= u->clip > 0 && norm > u->clip ? u->clip / norm : 1;
  for (guint p = 0; p < PARTS; p++)
    {
      double decay = parts[p].kind == EID_WEIGHT ? u->weight_decay : 0;
      EidUpdate own = *u;

      own.learning_rate *= model->has_rates ? parts[p].rate : 1;
      if (u->rule == EID_ADAMW)
        reference_adamw (model, &own, g, parts[p].first, parts[p].count, decay);
      else
        reference_sgd (model, &own, g, parts[p].first, parts[p].count, decay);
    }
  for (guint i = 0; i < ALL; i++)
    model->teacher[i] = u->teacher_momentum * model->teacher[i] + (1 - u->teacher_momentum) * model->value[i];
  return norm;
}

/* --- Comparing -------------------------------------------------------------------- */

static void
check_values (Model *model, const double *expected, const char *whose, const char *when)
{
  g_autofree float *buffer = test_read (model->buffer);

  for (guint p = 0; p < PARTS; p++)
    {
      g_autofree float *got = test_read (model->tensor[p]);
      g_autofree char *what = g_strdup_printf ("%s %s %s", whose, parts[p].name, when);

      test_close (what, got, expected + parts[p].first, parts[p].count, 1e-5);
    }
  for (guint i = 0; i < BUFFER; i++)
    g_assert_cmpfloat (buffer[i], ==, 3);
}

static void
check_model (Model *model, EidRule rule, const char *when)
{
  check_values (model, model->value, "the", when);
  for (guint i = 0; i < eid_parameters_count (model->parameters); i++)
    for (guint p = 0; p < PARTS; p++)
      for (guint moment = 0; moment < eid_rule_moments (rule); moment++)
        {
          g_autofree float *got = g_new (float, parts[p].count);
          g_autofree char *what = g_strdup_printf ("moment %u of the %s %s", moment, parts[p].name, when);

          if (!g_str_equal (eid_parameters_name (model->parameters, i), parts[p].name))
            continue;
          g_assert_true (eid_parameters_read_moment (model->parameters, i, moment, got));
          test_close (what, got, model->moment[moment] + parts[p].first, parts[p].count, 1e-5);
        }
  if (eid_parameters_has_teacher (model->parameters))
    {
      eid_parameters_use_teacher (model->parameters, TRUE);
      check_values (model, model->teacher, "the teacher's", when);
      eid_parameters_use_teacher (model->parameters, FALSE);
    }
  test_device_is_well ();
}

/* --- Each rule ---------------------------------------------------------------------- */

static const EidUpdate adamw = { .rule = EID_ADAMW,
                                 .learning_rate = 1e-2f,
                                 .weight_decay = 0.1f,
                                 .beta1 = 0.9f,
                                 .beta2 = 0.95f,
                                 .epsilon = 1e-8f,
                                 .teacher_momentum = 0.9f,
                                 .update = 1 };

static const struct
{
  const char *name;
  EidUpdate update;
} rules[] = {
  { "adamw",
    { .rule = EID_ADAMW,
      .learning_rate = 1e-2f,
      .weight_decay = 0.1f,
      .clip = 10,
      .beta1 = 0.9f,
      .beta2 = 0.95f,
      .epsilon = 1e-8f,
      .teacher_momentum = 0.9f } },
  { "sgd", { .rule = EID_SGD, .learning_rate = 0.1f, .weight_decay = 0.1f } },
  { "sgd with momentum",
    { .rule = EID_SGD,
      .learning_rate = 0.1f,
      .weight_decay = 0.01f,
      .clip = 10,
      .momentum = 0.9f,
      .teacher_momentum = 0.99f } },
  { "sgd by Nesterov",
    { .rule = EID_SGD,
      .learning_rate = 0.1f,
      .weight_decay = 0.01f,
      .momentum = 0.9f,
      .nesterov = TRUE,
      .teacher_momentum = 0.5f } },
  { "lars",
    { .rule = EID_LARS,
      .learning_rate = 2,
      .weight_decay = 1e-2f,
      .clip = 10,
      .momentum = 0.9f,
      .trust = 0.02f,
      .teacher_momentum = 0.99f } },
};

/* Five updates of each, clipped (where it clips) but for the fourth; from the third on each part
 * learns at a rate of its own. */
static void
test_rules_are_what_they_say (void)
{
  for (guint r = 0; r < G_N_ELEMENTS (rules); r++)
    {
      EidUpdate update = rules[r].update;
      Model model;

      model_init (&model, r % 2 == 0);
      for (update.update = 1; update.update <= 5; update.update++)
        {
          if (update.update == 3)
            model_set_rates (&model);
          float scale = update.update == 4 ? 0.1f : 1;
          g_autofree float *gradient = test_noise (ALL, 100 + update.update);
          g_autofree char *when =
              g_strdup_printf ("after update %u by %s", (guint) update.update, rules[r].name);
          double norm;

          for (guint i = 0; i < ALL; i++)
            gradient[i] *= scale;
          eid_parameters_zero_gradients (model.parameters);
          model_backward (&model, 100 + update.update, scale);
          norm = model_update (&model, &update);
          g_assert_cmpfloat_with_epsilon (norm, reference_update (&model, &update, gradient), 1e-5 * norm);
          check_model (&model, update.rule, when);
        }
      model_clear (&model);
    }
}

/* A parameter all of zeros has no norm to be in proportion to: it moves as by SGD. */
static void
test_lars_moves_what_is_zero (void)
{
  g_autoptr (EidParameters) parameters = eid_parameters_new (test_device, 1);
  EidTensor *weight = eid_parameters_add (parameters, "weight", EID_SHAPE (5), EID_WEIGHT,
                                          (EidInit){ EID_INIT_CONSTANT, 0, NULL });
  const EidUpdate update = {
    .rule = EID_LARS, .learning_rate = 0.5f, .weight_decay = 0.1f, .trust = 1e-3f, .update = 1
  };
  g_autofree float *got = NULL;

  eid_parameters_commit (parameters);
  eid_arena_push (test_device);
  eid_backward (eid_sum (weight));
  eid_parameters_update (parameters, &update);
  eid_arena_pop (test_device);
  got = test_read (weight);
  test_device_is_well ();
  for (guint i = 0; i < 5; i++)
    g_assert_cmpfloat (got[i], ==, -0.5f);
}

/* --- Gradients ------------------------------------------------------------------------ */

static void
test_gradients_add_up_until_zeroed (void)
{
  g_autofree float *one = test_noise (ALL, 9), *two = test_noise (ALL, 10);
  Model model;

  model_init (&model, FALSE);
  for (guint i = 0; i < ALL; i++)
    one[i] += two[i];
  model_backward (&model, 8, 1);
  eid_parameters_zero_gradients (model.parameters);
  model_backward (&model, 9, 1);
  model_backward (&model, 10, 1);
  model_update (&model, &adamw);
  reference_update (&model, &adamw, one);
  check_model (&model, EID_ADAMW, "after two backward passes");
  model_clear (&model);
}

/* A parameter no loss reached has gradient 0, neither what lay in memory nor that of the step before. */
static void
test_an_unused_parameter_only_decays (void)
{
  EidUpdate update = adamw;
  float gradient[ALL] = { 0 };
  g_autofree float *noise = test_noise (WEIGHT, 9), *all = test_noise (ALL, 8), *seen = NULL;
  Model model;

  model_init (&model, FALSE);
  model_backward (&model, 8, 1);
  model_update (&model, &update);
  reference_update (&model, &update, all);

  update.update = 2;
  eid_parameters_zero_gradients (model.parameters);
  eid_arena_push (test_device);
  eid_backward (eid_sum (eid_mul (model.tensor[0], test_tensor (EID_SHAPE (WEIGHT), 9))));
  eid_arena_pop (test_device);
  seen = test_read (eid_tensor_gradient (model.tensor[2]));
  for (guint i = 0; i < BIAS; i++)
    g_assert_cmpfloat (seen[i], ==, 0);
  memcpy (gradient, noise, sizeof (float) * WEIGHT);
  model_update (&model, &update);
  reference_update (&model, &update, gradient);
  check_model (&model, EID_ADAMW, "with an unused bias");
  model_clear (&model);
}

static void
test_not_finite_gradients_change_nothing (void)
{
  static const float bad[] = { INFINITY, NAN, 1e30f }; /* the last: its square overflows */
  EidUpdate update = adamw;
  g_autofree float *gradient = test_noise (ALL, 9);
  Model model;

  model_init (&model, TRUE);
  update.clip = 1;
  model_backward (&model, 9, 1);
  model_update (&model, &update);
  reference_update (&model, &update, gradient);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      float norm;

      update.update = 2 + i;
      eid_parameters_zero_gradients (model.parameters);
      model_backward (&model, 10, 1);
      eid_arena_push (test_device);
      eid_backward (eid_mul (eid_sum (model.tensor[2]),
                             eid_tensor_from_data (test_device, EID_F32, EID_SHAPE (1), &bad[i])));
      eid_arena_pop (test_device);
      norm = model_update (&model, &update);
      g_assert_false (isfinite (norm));
      check_model (&model, EID_ADAMW, "after a gradient that is not finite");
    }

  /* Nor does a good one that comes after: what went wrong can be made again. */
  eid_parameters_zero_gradients (model.parameters);
  model_backward (&model, 9, 1);
  model_update (&model, &update);
  check_model (&model, EID_ADAMW, "after a good gradient behind one that is not finite");
  model_clear (&model);
}

/* --- Moments and halves ----------------------------------------------------------------- */

static void
test_moments_are_written_back (void)
{
  EidUpdate update = adamw;
  g_autofree float *mean = test_noise (ALL, 20), *square = test_noise (ALL, 21),
                   *gradient = test_noise (ALL, 9);
  Model model;

  model_init (&model, FALSE);
  for (guint i = 0; i < ALL; i++)
    {
      square[i] = fabsf (square[i]);
      model.moment[0][i] = mean[i];
      model.moment[1][i] = square[i];
    }
  for (guint i = 0; i < eid_parameters_count (model.parameters); i++)
    for (guint p = 0; p < PARTS; p++)
      if (g_str_equal (eid_parameters_name (model.parameters, i), parts[p].name))
        {
          eid_parameters_write_moment (model.parameters, i, 0, mean + parts[p].first);
          eid_parameters_write_moment (model.parameters, i, 1, square + parts[p].first);
        }
  check_model (&model, EID_ADAMW, "as written");

  update.update = 3;
  eid_parameters_zero_gradients (model.parameters);
  model_backward (&model, 9, 1);
  model_update (&model, &update);
  reference_update (&model, &update, gradient);
  check_model (&model, EID_ADAMW, "after an update from written moments");
  model_clear (&model);
}

/* To the nearest number of 16 bits, ties to even. */
static float
rounded (float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  bits = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u;
  memcpy (&value, &bits, sizeof value);
  return value;
}

/* What a product with the weights would see: x + 0 in 16 bits takes the parameter's half. */
static void
check_halves (Model *model)
{
  for (guint p = 0; p < PARTS; p++)
    {
      g_autofree float *zeros = g_new0 (float, parts[p].count), *values = test_read (model->tensor[p]);
      g_autofree float *half = NULL;

      eid_arena_push (test_device);
      half = test_read (eid_add (
          eid_tensor_from_data (test_device, EID_BF16, EID_SHAPE (parts[p].count), zeros), model->tensor[p]));
      eid_arena_pop (test_device);
      for (guint i = 0; i < parts[p].count; i++)
        if (half[i] != rounded (values[i]))
          {
            test_complain ("the half of %s is %g at %u, not %g rounded to %g", parts[p].name, half[i], i,
                           values[i], rounded (values[i]));
            return;
          }
    }
}

static void
test_halves_are_the_rounded_weights (void)
{
  eid_device_set_precision (test_device, EID_BF16);
  for (guint r = 0; r < G_N_ELEMENTS (rules); r++)
    {
      EidUpdate update = rules[r].update;
      Model model;

      model_init (&model, TRUE);
      for (update.update = 1; update.update <= 2; update.update++)
        {
          g_autofree float *gradient = test_noise (ALL, 100 + update.update);

          eid_parameters_zero_gradients (model.parameters);
          model_backward (&model, 100 + update.update, 1);
          model_update (&model, &update);
          reference_update (&model, &update, gradient);
          check_model (&model, update.rule, "in 16 bits");
          check_halves (&model);
          eid_parameters_use_teacher (model.parameters, TRUE);
          check_halves (&model);
          eid_parameters_use_teacher (model.parameters, FALSE);
        }
      model_clear (&model);
    }
  eid_device_set_precision (test_device, EID_F32);
  test_device_is_well ();
}

void
add_update_tests (void)
{
  g_test_add_func ("/engine/update/rules-are-what-they-say", test_rules_are_what_they_say);
  g_test_add_func ("/engine/update/lars-moves-what-is-zero", test_lars_moves_what_is_zero);
  g_test_add_func ("/engine/update/gradients-add-up-until-zeroed", test_gradients_add_up_until_zeroed);
  g_test_add_func ("/engine/update/an-unused-parameter-only-decays", test_an_unused_parameter_only_decays);
  g_test_add_func ("/engine/update/not-finite-gradients-change-nothing",
                   test_not_finite_gradients_change_nothing);
  g_test_add_func ("/engine/update/moments-are-written-back", test_moments_are_written_back);
  g_test_add_func ("/engine/update/halves-are-the-rounded-weights", test_halves_are_the_rounded_weights);
}
