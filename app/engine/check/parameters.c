/* parameters.c: every parameter at the ends of its range, the others as they were: a model is built and
 * makes a step, or it is refused with a sentence. On both inputs there are, too: small grey pictures and
 * coloured ones.
 *
 * The end of a range may be larger than any machine. Whole numbers are walked up to, fourfold each time,
 * while it can be foreseen that the next rung is affordable. */
#include "app/engine/check/private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>
#include <time.h>

#define BATCH  4
#define FACTOR 4

/* What a rung may come to: a model and its step, of the processors and of the device's memory. */
#define SECONDS 5
#define BYTES   1e9

typedef struct
{
  EidCheck *check;
  EidSetup *setup;
  EidCheckBatch batch;
  guint n_made, n_refused;
  GString *beyond; /* what is too large to be tried */
} Walk;

/* --- One model and one step ------------------------------------------------------------ */

typedef struct
{
  double seconds; /* of all processors: how busy they are else does not count */
  double bytes;
} Cost;

static double
processor_seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* What the next rung may come to where @last came after @before: what grew with some power of the number
 * may from here on grow with its square (attention does, of tokens). */
static gboolean
is_affordable (const Cost *before, const Cost *last)
{
  const double more = before->seconds > 0 ? last->seconds / before->seconds : 1;
  const double larger = before->bytes > 0 ? last->bytes / before->bytes : 1;
  const double growth = fmax (fmax (more, larger), FACTOR);

  return last->seconds * growth * growth < SECONDS && last->bytes * growth * growth < BYTES;
}

typedef enum
{
  MADE,
  REFUSED,
  BROKEN
} Result;

/* Whether the kit had to say it for the plugin. */
static gboolean
is_speechless (const EidCheck *check, const GError *error)
{
  g_autofree char *said =
      g_strdup_printf (_ ("The plugin “%s” could not be built and did not say why."), check->plugin->id);

  return *error->message == '\0' || strcmp (error->message, said) == 0;
}

static Result
try_values (Walk *walk, GHashTable *values, Cost *cost, GError **error)
{
  EidSetup *setup = walk->setup;
  const EidUpdate update = { .rule = EID_SGD, .learning_rate = 1e-3f, .teacher_momentum = 1, .update = 1 };
  g_autoptr (EidModel) model = NULL;
  const double started = processor_seconds ();
  GError *cause = NULL;
  double loss, norm;

  eid_device_trim (setup->device);
  model = eid_model_new (setup->device, setup->registry, walk->check->encoder->id, walk->check->objective->id,
                         values, setup->size, setup->channels, BATCH, setup->seed, &cause);
  if (model == NULL)
    {
      if (g_error_matches (cause, EID_ERROR, EID_ERROR_FAILED) || is_speechless (walk->check, cause))
        {
          g_propagate_error (error, cause);
          return BROKEN;
        }
      g_error_free (cause);
      return REFUSED;
    }
  eid_model_set_steps (model, 2);
  if (!eid_check_loss (setup, model, &walk->batch, 1, &loss, error))
    return BROKEN;
  eid_arena_push (setup->device);
  norm = (double) eid_tensor_scalar (eid_parameters_update (eid_model_parameters (model), &update));
  eid_arena_pop (setup->device);
  if (!eid_device_check (setup->device, error))
    return BROKEN;
  if (!isfinite (loss) || !isfinite (norm))
    {
      g_set_error (error, EID_ERROR, EID_ERROR_NOT_FINITE, _ ("the loss is %g, and its gradient’s norm %g"),
                   loss, norm);
      return BROKEN;
    }
  cost->seconds = processor_seconds () - started;
  cost->bytes = (double) eid_device_peak_bytes (setup->device);
  return MADE;
}

/* --- Along one parameter ------------------------------------------------------------------- */

static const char *
section_of (const EidCheck *check)
{
  return strcmp (check->plugin->kind, "encoder") == 0 ? "Encoder" : "Objective";
}

/* BROKEN, with an error that names the parameter and its value. */
static Result
try_value (Walk *walk, const EidParam *param, double value, Cost *cost, GError **error)
{
  g_autoptr (GHashTable) values = eid_recipe_plugin_values (walk->setup->recipe);
  g_autofree char *text = eid_param_format (param, value);
  GError *cause = NULL;
  Result result;

  g_hash_table_replace (values, g_strdup_printf ("%s.%s", section_of (walk->check), param->key),
                        g_strdup (text));
  result = try_values (walk, values, cost, &cause);
  walk->n_made += result == MADE;
  walk->n_refused += result == REFUSED;
  if (result == BROKEN)
    g_propagate_prefixed_error (error, cause, "%s = %s: ", param->key, text);
  return result;
}

static gboolean
small_or_default (const EidParam *param, double *value)
{
  if (!eid_check_small_value (param, value))
    *value = param->value;
  return *value > 0;
}

/* Up to the largest, as far as it can be afforded. */
static gboolean
walk_up (Walk *walk, const EidParam *param, GError **error)
{
  double value;
  Cost before = { 0, 0 }, cost = { 0, 0 };

  if (!small_or_default (param, &value))
    value = 1;
  while (value < param->max)
    {
      value = fmin (value * FACTOR, param->max);
      switch (try_value (walk, param, value, &cost, error))
        {
        case BROKEN:
          return FALSE;
        case REFUSED:
          break;
        case MADE:
        default:
          if (value < param->max && !is_affordable (&before, &cost))
            {
              g_autofree char *text = eid_param_format (param, value);

              g_string_append_printf (walk->beyond, "%s%s > %s", walk->beyond->len > 0 ? ", " : "",
                                      param->key, text);
              return TRUE;
            }
          before = cost;
        }
    }
  return TRUE;
}

static gboolean
try_ends (Walk *walk, const EidParam *param, GError **error)
{
  guint choices = 0;
  Cost cost;

  switch (param->type)
    {
    case EID_TYPE_INT:
      return try_value (walk, param, param->min, &cost, error) != BROKEN && walk_up (walk, param, error);
    case EID_TYPE_FLOAT:
      return try_value (walk, param, param->min, &cost, error) != BROKEN
             && try_value (walk, param, param->max, &cost, error) != BROKEN;
    case EID_TYPE_BOOL:
      return try_value (walk, param, param->value == 0, &cost, error) != BROKEN;
    case EID_TYPE_CHOICE:
      for (const char *at = param->choices; at != NULL; at = strchr (at, '|') ? strchr (at, '|') + 1 : NULL)
        if (choices++ != (guint) param->value && try_value (walk, param, choices - 1, &cost, error) == BROKEN)
          return FALSE;
      return TRUE;
    case EID_TYPE_NONE:
    default:
      return TRUE;
    }
}

/* --- The examination -------------------------------------------------------------------------- */

static gboolean
walk_all (Walk *walk, GError **error)
{
  guint count = 0, done = 0;

  for (const EidParam *param = walk->check->plugin->params; param && param->key; param++)
    count++;
  for (const EidParam *param = walk->check->plugin->params; param && param->key; param++)
    {
      eid_check_tell (walk->check, param->key, done++, count);
      if (!try_ends (walk, param, error))
        return FALSE;
    }
  return TRUE;
}

/* A model and a step with all parameters at their defaults, on pictures of another size, or with colours. */
static gboolean
try_input (EidCheck *check, const char *size, const char *channels, GError **error)
{
  g_autoptr (EidSetup) setup = eid_check_setup (check, EID_SETTINGS (size, channels), error);
  g_auto (EidCheckBatch) batch = { NULL };
  double loss;

  if (setup == NULL || !eid_check_batch (setup, 0, EID_CHECK_BATCH, &batch, error)
      || !eid_check_loss (setup, setup->model, &batch, 0, &loss, error))
    return FALSE;
  if (isfinite (loss))
    return TRUE;
  g_set_error (error, EID_ERROR, EID_ERROR_NOT_FINITE, _ ("the loss is %g"), loss);
  return FALSE;
}

static gboolean
try_inputs (EidCheck *check, GError **error)
{
  if ((check->encoder->abilities & EID_CAN_TEXT) != 0)
    return try_input (check, "Dataset.size=31", "Dataset.channels=0", error);
  return try_input (check, "Dataset.size=28", "Dataset.channels=1", error)
         && try_input (check, "Dataset.size=32", "Dataset.channels=3", error);
}

static EidFinding
report (const Walk *walk)
{
  if (walk->n_made + walk->n_refused == 0)
    return eid_passed (_ ("It has no parameters; inputs of other sizes made a step."));
  if (walk->beyond->len == 0)
    return eid_passed (_ ("%u values at the ends of ranges made a step, %u were refused with a sentence."),
                       walk->n_made, walk->n_refused);
  return eid_passed (
      _ ("%u values at the ends of ranges made a step, %u were refused with a sentence; too large "
         "to be tried here: %s."),
      walk->n_made, walk->n_refused, walk->beyond->str);
}

EidFinding
eid_check_parameters (EidCheck *check)
{
  Walk walk = { .check = check };
  EidFinding finding;
  GError *error = NULL;

  walk.setup = eid_check_setup (check, NULL, &error);
  if (walk.setup == NULL)
    return eid_failed_by (error);
  walk.beyond = g_string_new (NULL);
  if (eid_check_batch (walk.setup, 0, BATCH, &walk.batch, &error) && walk_all (&walk, &error)
      && try_inputs (check, &error))
    finding = report (&walk);
  else
    {
      finding =
          eid_failed (_ ("Mend what it does there, make the range smaller, or refuse the value in build() "
                         "with a sentence that says what would do."),
                      "%s", error->message);
      g_error_free (error);
    }
  g_string_free (walk.beyond, TRUE);
  eid_check_batch_clear (&walk.batch);
  eid_setup_free (walk.setup);
  return finding;
}
