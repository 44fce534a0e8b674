/* model.c: an encoder and an objective on a device, and the steps they make. */

#include "plugins/kit/crumb.h"

#include <math.h>
#include <string.h>
#include <glib/gi18n-lib.h>

/* --- Building -------------------------------------------------------------------- */

static const struct
{
  EidAbilities ability;
  const char *name;
} ability_names[] = {
  { EID_CAN_TOKENS, N_ ("patch tokens") }, { EID_CAN_MASK, N_ ("encoding of kept tokens alone") },
  { EID_CAN_ATTENTION, N_ ("attention") }, { EID_CAN_RESIZE, N_ ("pictures of several sizes") },
  { EID_CAN_TEXT, N_ ("text") },           { EID_CAN_HIDE, N_ ("mask tokens") },
};

/* What stands in the way of the pair, or NULL. What an encoder reads, text or pictures, must be what the
 * objective speaks of; anything else it can do is for the objective to use or not. */
static const char *
missing_ability (const EidDescriptor *encoder, const EidDescriptor *objective)
{
  for (guint i = 0; i < G_N_ELEMENTS (ability_names); i++)
    if (objective->abilities & ~encoder->abilities & ability_names[i].ability)
      return _ (ability_names[i].name);
  return encoder->abilities & ~objective->abilities & EID_CAN_TEXT ? _ ("pictures") : NULL;
}

gboolean
eid_descriptors_fit (const EidDescriptor *encoder, const EidDescriptor *objective)
{
  return missing_ability (encoder, objective) == NULL;
}

/* The encoders that fit @objective, by name; free. */
static char *
able_encoders (EidRegistry *registry, const EidDescriptor *objective)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < eid_registry_count (registry); i++)
    {
      const EidDescriptor *descriptor = eid_registry_get (registry, i)->descriptor;

      if (descriptor && g_str_equal (descriptor->kind, "encoder")
          && eid_descriptors_fit (descriptor, objective))
        g_string_append_printf (names, "%s%s", names->len ? ", " : "", descriptor->id);
    }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

gboolean
eid_registry_check_pair (EidRegistry *registry, const EidDescriptor *encoder, const EidDescriptor *objective,
                         GError **error)
{
  const char *missing = missing_ability (encoder, objective);
  g_autofree char *able = missing ? able_encoders (registry, objective) : NULL;

  if (missing)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("[Objective] plugin: “%s” needs %s, which the encoder “%s” does not have. Choose "
                    "another encoder (%s)."),
                 objective->id, missing, encoder->id, *able ? able : _ ("none here has it"));
  return missing == NULL;
}

/* Of the parameters alone. */
static gboolean
ask_views (EidModel *model, EidViews *views, GError **error)
{
  EidPlugin *objective = &model->objective;
  EidRunning before = eid_crumb_enter (objective, EID_IN_VIEWS, NULL);
  const EidViews wanted = objective->descriptor->views (objective);

  eid_crumb_leave (&before);
  if (!eid_returned_views (model, &wanted, error))
    return FALSE;
  *views = wanted;
  return TRUE;
}

static gboolean
build (EidPlugin *plugin, GError **error)
{
  EidRunning before = eid_crumb_enter (plugin, EID_IN_BUILD, NULL);
  GError *cause = NULL;
  const gboolean built = plugin->descriptor->build (plugin, &cause);

  eid_crumb_leave (&before);
  if (built && cause == NULL)
    return eid_device_check (plugin->model->device, error);
  eid_device_check (plugin->model->device, cause ? NULL : &cause);
  if (cause == NULL)
    cause =
        g_error_new (EID_ERROR, EID_ERROR_USAGE,
                     _ ("The plugin “%s” could not be built and did not say why."), plugin->descriptor->id);
  g_propagate_error (error, cause);
  return FALSE;
}

EidModel *
eid_model_new (EidDevice *device, EidRegistry *registry, const char *encoder, const char *objective,
               GHashTable *values, guint image_size, guint channels, guint batch, guint64 seed,
               GError **error)
{
  g_autoptr (EidModel) model = NULL;
  const EidDescriptor *encoder_descriptor, *objective_descriptor;

  encoder_descriptor = eid_registry_load (registry, "encoder", encoder, error);
  if (encoder_descriptor == NULL)
    return NULL;
  objective_descriptor = eid_registry_load (registry, "objective", objective, error);
  if (objective_descriptor == NULL
      || !eid_registry_check_pair (registry, encoder_descriptor, objective_descriptor, error))
    return NULL;

  model = g_new0 (EidModel, 1);
  model->device = device;
  model->image_size = image_size;
  model->channels = channels;
  model->batch = batch;
  model->parts = 1;
  model->parameters = eid_parameters_new (device, seed);
  model->encoder.code = eid_code_hold (registry, encoder_descriptor);
  model->objective.code = eid_code_hold (registry, objective_descriptor);
  if (!eid_instance_init (&model->encoder, model, encoder_descriptor, values, error)
      || !eid_instance_init (&model->objective, model, objective_descriptor, values, error)
      || !build (&model->encoder, error) || !eid_returned_description (model, error)
      || !build (&model->objective, error) || !ask_views (model, &model->views, error))
    return NULL;
  if (objective_descriptor->teacher)
    eid_parameters_add_teacher (model->parameters);
  eid_parameters_commit (model->parameters);
  if (!eid_device_check (device, error))
    return NULL;
  return g_steal_pointer (&model);
}

static gboolean
has_param (const EidDescriptor *descriptor, const char *key)
{
  for (const EidParam *param = descriptor->params; param && param->key; param++)
    if (g_str_equal (param->key, key))
      return TRUE;
  return FALSE;
}

gboolean
eid_model_foresee_views (EidRegistry *registry, const char *encoder, const char *objective,
                         GHashTable *values, guint image_size, guint channels, guint batch, EidViews *views,
                         GError **error)
{
  const EidDescriptor *encoder_descriptor = eid_registry_load (registry, "encoder", encoder, error);
  const EidDescriptor *objective_descriptor =
      encoder_descriptor ? eid_registry_load (registry, "objective", objective, error) : NULL;
  EidModel model = { .image_size = image_size, .channels = channels, .batch = batch, .parts = 1 };
  gboolean known;

  if (objective_descriptor == NULL
      || !eid_registry_check_pair (registry, encoder_descriptor, objective_descriptor, error))
    return FALSE;
  known = eid_instance_init (&model.encoder, &model, encoder_descriptor, values, error)
          && eid_instance_init (&model.objective, &model, objective_descriptor, values, error);
  if (known)
    {
      model.patch = has_param (encoder_descriptor, "patch") ? eid_param_int (&model.encoder, "patch") : 0;
      known = ask_views (&model, views, error);
    }
  eid_instance_clear (&model.objective);
  eid_instance_clear (&model.encoder);
  return known;
}

void
eid_model_free (EidModel *model)
{
  if (model == NULL)
    return;
  eid_instance_clear (&model->objective);
  eid_instance_clear (&model->encoder);
  eid_parameters_free (model->parameters);
  g_free (model);
}

EidParameters *
eid_model_parameters (EidModel *model)
{
  return model->parameters;
}

const EidDescriptor *
eid_model_encoder (EidModel *model)
{
  return model->encoder.descriptor;
}

const EidDescriptor *
eid_model_objective (EidModel *model)
{
  return model->objective.descriptor;
}

EidViews
eid_model_views (EidModel *model)
{
  return model->views;
}

double
eid_model_chance (EidModel *model)
{
  EidPlugin *objective = &model->objective;
  EidRunning before;
  double chance;

  if (objective->descriptor->chance == NULL)
    return NAN;
  before = eid_crumb_enter (objective, EID_IN_CHANCE, NULL);
  chance = objective->descriptor->chance (objective);
  eid_crumb_leave (&before);
  return isfinite (chance) ? chance : NAN;
}

void
eid_model_set_steps (EidModel *model, guint64 steps)
{
  model->steps = steps;
}

float
eid_model_teacher_momentum (EidModel *model)
{
  return model->teacher_momentum;
}

guint
eid_model_width (EidModel *model)
{
  return model->width;
}

guint
eid_model_patch (EidModel *model)
{
  return model->patch;
}

gboolean
eid_model_set (EidModel *model, const char *section, const char *key, const char *text, GError **error)
{
  EidPlugin *plugin = g_str_equal (section, "Encoder") ? &model->encoder : &model->objective;
  g_autofree double *before = NULL;
  guint rows = 0;

  for (const EidParam *param = plugin->descriptor->params; param && param->key; param++)
    rows++;
  before = g_memdup2 (plugin->values, rows * sizeof (double));
  if (!eid_instance_set (plugin, key, text, TRUE, error))
    return FALSE;
  /* The views may depend on it; where they cannot be drawn so, everything stays as it was. */
  if (ask_views (model, &model->views, error))
    return TRUE;
  memcpy (plugin->values, before, rows * sizeof (double));
  return FALSE;
}

void
eid_model_set_parts (EidModel *model, guint parts)
{
  model->parts = parts;
}

void
eid_model_set_recompute (EidModel *model, gboolean recompute)
{
  model->recompute = recompute;
}

/* --- Steps --------------------------------------------------------------------------- */

/* The objective's loss in @step, whose views and watchers the caller has set up, and which it clears. */
static EidTensor *
compute_loss (EidModel *model, EidStep *step, const guint32 *samples, guint64 number, guint64 seed)
{
  EidPlugin *objective = &model->objective;
  EidRunning before;
  EidTensor *loss;

  step->samples = samples;
  step->number = number;
  step->seed = seed;
  before = eid_crumb_enter (objective, EID_IN_LOSS, step);
  loss = objective->descriptor->loss (objective, step);
  eid_crumb_leave (&before);
  return eid_returned_loss (model, loss);
}

EidTensor *
eid_model_loss (EidModel *model, EidViewTensors views, const guint32 *samples, guint64 number, guint64 seed,
                gboolean training)
{
  EidTensor *loss;
  EidStep step;

  eid_step_init (&step, model, views, eid_model_views (model));
  step.training = training;
  loss = compute_loss (model, &step, samples, number, seed);
  model->teacher_momentum = step.teacher_momentum;
  if (training)
    eid_backward_share (loss, 1.0f / model->parts);
  eid_step_push (&step); /* only now: gradients were of what the queues held */
  eid_step_clear (&step);
  return loss;
}

/* The loss, of which only @watched is wanted, and nothing is learnt. */
static EidTensor *
watch_loss (EidModel *model, EidViewTensors views, const guint32 *samples, guint64 number, guint64 seed,
            EidShow watched, EidArtefacts *artefacts)
{
  gboolean recording = eid_set_recording (model->device, FALSE);
  EidTensor *loss;
  EidStep step;

  eid_step_init (&step, model, views, eid_model_views (model));
  step.watched = watched;
  step.artefacts = artefacts;
  loss = compute_loss (model, &step, samples, number, seed);
  eid_step_clear (&step);
  eid_set_recording (model->device, recording);
  return loss;
}

double
eid_model_watch (EidModel *model, EidViewTensors views, const guint32 *samples, guint64 number, guint64 seed,
                 EidArtefacts **artefacts)
{
  *artefacts = g_new0 (EidArtefacts, 1);
  return (double) eid_tensor_scalar (
      watch_loss (model, views, samples, number, seed, EID_SHOW_SCALARS, *artefacts));
}

/* @artefacts, or NULL where the device failed in the making. It says why to whoever asks it next. */
static EidArtefacts *
if_well (EidModel *model, EidArtefacts *artefacts)
{
  g_autoptr (GError) error = NULL;

  if (eid_device_check (model->device, &error))
    return artefacts;
  eid_device_fail (model->device, (EidError) error->code, "%s", error->message);
  eid_artefacts_free (artefacts);
  return NULL;
}

EidArtefacts *
eid_model_show_loss (EidModel *model, EidViewTensors views, const guint32 *samples, guint64 number,
                     guint64 seed)
{
  EidArtefacts *artefacts = g_new0 (EidArtefacts, 1);

  watch_loss (model, views, samples, number, seed, EID_SHOW_OWN, artefacts);
  return if_well (model, artefacts);
}

static const EidViews one_view = { .count = 1 };

/* Features of @images without recording; @step is for the caller to clear. */
static EidFeatures *
look (EidModel *model, EidStep *step, EidTensor *images, EidShow watched, EidArtefacts *artefacts)
{
  gboolean recording = eid_set_recording (model->device, FALSE);
  EidFeatures *features;

  eid_step_init (step, model, (EidViewTensors){ images }, one_view);
  step->watched = watched;
  step->artefacts = artefacts;
  features = eid_encode (step, images);
  eid_set_recording (model->device, recording);
  return features;
}

EidTensor *
eid_model_train_on (EidModel *model, EidTensor *images, EidFeatureLoss loss, gpointer data)
{
  EidTensor *result;
  EidStep step;

  eid_step_init (&step, model, (EidViewTensors){ images }, one_view);
  step.training = TRUE;
  result = loss (eid_encode (&step, images)->pooled, data);
  eid_backward (result); /* while there is a step: blocks may ask it again */
  eid_step_clear (&step);
  return result;
}

EidTensor *
eid_model_features (EidModel *model, EidTensor *images)
{
  EidStep step;
  EidTensor *pooled = look (model, &step, images, 0, NULL)->pooled;

  eid_step_clear (&step);
  return pooled;
}

EidTensor *
eid_model_tokens (EidModel *model, EidTensor *images)
{
  EidStep step;
  EidTensor *tokens = look (model, &step, images, 0, NULL)->tokens;

  eid_step_clear (&step);
  return tokens;
}

/* @watched of what the objective shows of @images; @mask as of eid_model_show_masked(), or NULL. */
static void
show_objective (EidModel *model, EidTensor *images, EidShow watched, const guint8 *mask, guint64 seed,
                EidArtefacts *artefacts)
{
  EidPlugin *objective = &model->objective;
  gboolean recording = eid_set_recording (model->device, FALSE);
  EidRunning before;
  EidStep step;

  eid_step_init (&step, model, (EidViewTensors){ images }, one_view);
  step.seed = seed;
  step.mask = mask;
  step.watched = watched;
  step.artefacts = artefacts;
  before = eid_crumb_enter (objective, EID_IN_SHOW, NULL);
  objective->descriptor->show (objective, &step);
  eid_crumb_leave (&before);
  eid_step_clear (&step);
  eid_set_recording (model->device, recording);
}

EidArtefacts *
eid_model_show (EidModel *model, EidTensor *images, EidShow what, guint64 seed)
{
  EidArtefacts *artefacts = g_new0 (EidArtefacts, 1);
  EidStep step;

  if ((what & EID_SHOW_ATTENTION) && (model->encoder.descriptor->abilities & EID_CAN_ATTENTION))
    {
      EidFeatures *features = look (model, &step, images, EID_SHOW_ATTENTION, artefacts);

      artefacts->class_token = features->class_token != NULL;
      eid_step_clear (&step);
    }
  if ((what & (EID_SHOW_RECONSTRUCTION | EID_SHOW_OWN)) && model->objective.descriptor->show)
    show_objective (model, images, what & ~EID_SHOW_ATTENTION, NULL, seed, artefacts);
  return if_well (model, artefacts);
}

EidArtefacts *
eid_model_show_masked (EidModel *model, EidTensor *images, const guint8 *mask)
{
  EidArtefacts *artefacts = g_new0 (EidArtefacts, 1);

  if (model->objective.descriptor->show)
    show_objective (model, images, EID_SHOW_RECONSTRUCTION, mask, 0, artefacts);
  return if_well (model, artefacts);
}
