/* step.c: what a plugin sees of a training step: views, features, the teacher. */

#include "plugins/kit/crumb.h"

#include <math.h>
#include <glib/gi18n-lib.h>

void
eid_step_init (EidStep *step, EidModel *model, EidViewTensors views, EidViews counts)
{
  *step = (EidStep){
    .model = model,
    .views = { views.views, views.small },
    .counts = { counts.count, views.small ? counts.small_count : 0 },
    .batch = eid_dim (views.views, 0) / counts.count,
    .teacher_momentum = 1,
    .features = g_ptr_array_new_with_free_func (g_free),
    .pushes = g_array_new (FALSE, FALSE, sizeof (EidPush)),
  };
}

void
eid_step_clear (EidStep *step)
{
  g_ptr_array_unref (step->features);
  g_array_unref (step->pushes);
}

EidDevice *
eid_step_device (EidStep *step)
{
  return step->model->device;
}

guint64
eid_step_number (EidStep *step)
{
  return step->number;
}

gboolean
eid_step_training (EidStep *step)
{
  return step->training;
}

double
eid_step_progress (EidStep *step)
{
  return step->model->steps ? MIN (1, (double) step->number / step->model->steps) : 0;
}

float
eid_cosine_schedule (EidStep *step, float from, float to)
{
  return to + (from - to) * (float) (0.5 + 0.5 * cos (G_PI * eid_step_progress (step)));
}

float
eid_linear_schedule (EidStep *step, float from, float to, float share)
{
  float done = share > 0 ? MIN (1, (float) eid_step_progress (step) / share) : 1;

  return from + (to - from) * done;
}

/* --- Views ------------------------------------------------------------------------- */

guint
eid_view_count (EidStep *step)
{
  return step->counts[0] + step->counts[1];
}

EidTensor *
eid_views_range (EidStep *step, guint first, guint count)
{
  guint size = first >= step->counts[0] ? 1 : 0, place = size ? first - step->counts[0] : first;

  if (count == 0 || place + count > step->counts[size])
    {
      eid_device_fail (
          step->model->device, EID_ERROR_USAGE,
          _ ("The objective “%s” asks for %u views from number %u on as one tensor; there are %u "
             "of the picture's size and after them %u small ones."),
          step->model->objective.descriptor->id, count, first, step->counts[0], step->counts[1]);
      return step->views[0];
    }
  if (count == step->counts[size])
    return step->views[size];
  return eid_rows (step->views[size], place * step->batch, count * step->batch);
}

EidTensor *
eid_view (EidStep *step, guint view)
{
  return eid_views_range (step, view, 1);
}

EidTensor *
eid_all_views (EidStep *step)
{
  return eid_views_range (step, 0, eid_view_count (step));
}

void
eid_step_random (EidStep *step, guint picture, guint stream, EidRandom *random)
{
  guint place = picture % step->batch;

  /* Views of one picture draw from streams of their own. */
  eid_random_init (random, step->seed, (guint32) step->number, step->samples ? step->samples[place] : place,
                   0x10000 + stream * 256 + picture / step->batch);
}

/* --- Features ---------------------------------------------------------------------- */

EidFeatures *
eid_features (EidStep *step, EidTensor *pooled, EidTensor *tokens, EidTensor *class_token)
{
  EidFeatures *features = g_new (EidFeatures, 1);

  *features = (EidFeatures){ pooled, tokens, class_token };
  g_ptr_array_add (step->features, features);
  return features;
}

EidFeatures *
eid_encode_kept (EidStep *step, EidTensor *images, EidTensor *keep)
{
  EidPlugin *encoder = &step->model->encoder;
  EidFeatures *features;
  EidRunning before;

  step->in_encoder = TRUE;
  step->pass++;
  step->layer = 0;
  step->extra_tokens = 0;
  eid_scope_push (step->model->device, "encoder");
  before = eid_crumb_enter (encoder, EID_IN_ENCODE, step);
  features = encoder->descriptor->encode (encoder, step, images, keep);
  eid_crumb_leave (&before);
  features = eid_returned_features (step, images, keep, features);
  eid_scope_pop (step->model->device);
  step->in_encoder = FALSE;
  return features;
}

EidFeatures *
eid_encode (EidStep *step, EidTensor *images)
{
  return eid_encode_kept (step, images, NULL);
}

EidFeatures *
eid_encode_hidden (EidStep *step, EidTensor *images, EidTensor *mask)
{
  const EidDescriptor *objective = step->model->objective.descriptor;
  EidFeatures *features;

  if (!(objective->abilities & EID_CAN_HIDE))
    eid_device_fail (step->model->device, EID_ERROR_USAGE,
                     _ ("The objective “%s” hides tokens and does not say so: EID_CAN_HIDE among the "
                        "“.abilities” of its description is missing."),
                     objective->id);
  else
    step->hidden = mask;
  features = eid_encode (step, images);
  step->hidden = NULL;
  return features;
}

EidTensor *
eid_step_hidden (EidStep *step)
{
  return step->hidden;
}

void
eid_step_set_extra_tokens (EidStep *step, guint extra_tokens)
{
  step->extra_tokens = extra_tokens;
}

/* --- Teacher ------------------------------------------------------------------------- */

/* From here on the modules compute with the teacher's weights, and nothing is recorded. Returns
 * what end_teacher() is to be given. */
static gboolean
begin_teacher (EidStep *step)
{
  EidModel *model = step->model;

  if (!model->objective.descriptor->teacher)
    eid_device_fail (model->device, EID_ERROR_USAGE,
                     _ ("The objective “%s” uses a teacher and does not say so: “.teacher = TRUE” in its "
                        "description is missing."),
                     model->objective.descriptor->id);
  step->in_teacher = TRUE;
  eid_parameters_use_teacher (model->parameters, TRUE);
  eid_scope_push (model->device, "teacher");
  return eid_set_recording (model->device, FALSE);
}

static void
end_teacher (EidStep *step, gboolean recording)
{
  eid_set_recording (step->model->device, recording);
  eid_scope_pop (step->model->device);
  eid_parameters_use_teacher (step->model->parameters, FALSE);
  step->in_teacher = FALSE;
}

EidFeatures *
eid_encode_teacher (EidStep *step, EidTensor *images)
{
  gboolean recording = begin_teacher (step);
  EidFeatures *features = eid_encode (step, images);

  end_teacher (step, recording);
  return features;
}

EidTensor *
eid_apply_teacher (EidStep *step, EidModule *module, EidTensor *x)
{
  gboolean recording = begin_teacher (step);
  EidTensor *out = eid_apply (step, module, x);

  end_teacher (step, recording);
  return out;
}

EidTensor *
eid_forward_teacher (EidPlugin *self, EidStep *step, EidForward function, EidTensor *x)
{
  gboolean recording = begin_teacher (step);
  EidTensor *out = function (self, step, x);

  end_teacher (step, recording);
  return out;
}

void
eid_step_set_teacher_momentum (EidStep *step, float momentum)
{
  if (momentum >= 0 && momentum <= 1) /* false of what is not a number, too */
    step->teacher_momentum = momentum;
  else
    eid_device_fail (step->model->device, EID_ERROR_USAGE,
                     _ ("The objective “%s” wants its teacher to follow with a momentum of %g; 0 to 1 were "
                        "expected."),
                     step->model->objective.descriptor->id, (double) momentum);
}
