/* DINO: of every view of a picture the student says what the teacher, a slow copy of it, says of
 * the picture's other views; a centre and a sharp teacher keep both from saying the same of all.
 *
 * Caron et al. 2021, arXiv:2104.14294. Parameter names as in its reference code, but for the gain
 * of the last layer: frozen at 1 there, it is left out here.
 */

#include "eidoscope.h"

#include <math.h>
#include <glib/gi18n-lib.h>

static const EidParam dino_params[] = {
  EID_PARAM_INT ("prototypes", 1024, 8, 131072,
                 N_ ("Classes that student and teacher agree on; 65536 in the paper, for a large machine")),
  EID_PARAM_INT ("hidden", 512, 8, 8192, N_ ("Hidden channels of the head; 2048 in the paper")),
  EID_PARAM_INT ("bottleneck", 256, 8, 2048, N_ ("Channels of unit length before the prototypes")),
  EID_PARAM_FLOAT_LIVE ("student-temperature", 0.1, 0.01, 1, N_ ("Divides the student's logits")),
  EID_PARAM_FLOAT_LIVE ("teacher-temperature", 0.04, 0.005, 1,
                        N_ ("Divides the teacher's logits; the lower, the surer it must be")),
  EID_PARAM_FLOAT_LIVE ("teacher-temperature-end", 0.04, 0.005, 1,
                        N_ ("The same after its warm-up; up to 0.07 gains in long runs")),
  EID_PARAM_FLOAT ("temperature-warmup", 0.3, 0, 1,
                   N_ ("Share of the run in which the teacher's temperature goes from one to the other")),
  EID_PARAM_FLOAT_LIVE ("center-momentum", 0.9, 0, 1,
                        N_ ("How slowly the centre follows the teacher's mean logits")),
  EID_PARAM_FLOAT ("teacher-momentum", 0.996, 0, 1,
                   N_ ("How slowly the teacher follows the student at first; 1 at the end of the run. Short "
                       "runs want less")),
  EID_PARAM_FLOAT ("freeze-last-layer", 0.01, 0, 1,
                   N_ ("Share of the run in which the prototypes stay as they were drawn")),
  EID_PARAM_INT ("small-crops", 4, 0, 16,
                 N_ ("Small crops of each picture beside its two large ones; 8 in the paper")),
  EID_PARAM_INT ("small-size", 0, 0, 1024,
                 N_ ("Side of a small crop, pixels; 0: three sevenths of the picture's, in whole patches")),
  EID_PARAM_FLOAT ("small-crop-min", 0.05, 0.01, 1, N_ ("Smallest share of a picture in a small crop")),
  EID_PARAM_FLOAT ("small-crop-max", 0.4, 0.01, 1, N_ ("Largest share of a picture in a small crop")),
  EID_PARAM_END
};

#define LARGE_CROPS 2
#define HEAD_LAYERS 3

typedef struct
{
  guint prototypes, small_crops, small_size;
  EidModule *mlp[HEAD_LAYERS];
  EidTensor *last;   /* [K, bottleneck]: one prototype a row, of which the direction alone counts */
  EidTensor *center; /* [1, K] */
} Dino;

static gboolean
dino_check_crops (EidObjective *self, Dino *dino, guint patch, GError **error)
{
  float least = eid_param_float (self, "small-crop-min"), most = eid_param_float (self, "small-crop-max");

  if (dino->small_size % patch != 0)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("[Objective] small-size = %u is not a multiple of the encoder's patch of %u pixels."),
                 dino->small_size, patch);
  else if (least > most)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("[Objective] small-crop-min = %g is above small-crop-max = %g."), least, most);
  else
    return TRUE;
  return FALSE;
}

static gboolean
dino_build (EidObjective *self, GError **error)
{
  Dino *dino = eid_objective_state (self);
  guint patch = MAX (1, eid_encoder_patch (self));
  guint hidden = eid_param_int (self, "hidden"), bottleneck = eid_param_int (self, "bottleneck");
  guint widths[HEAD_LAYERS + 1] = { eid_encoder_width (self), hidden, hidden, bottleneck };

  dino->prototypes = eid_param_int (self, "prototypes");
  dino->small_crops = eid_param_int (self, "small-crops");
  dino->small_size = eid_param_int (self, "small-size");
  if (dino->small_size == 0) /* 96 of 224 pixels */
    dino->small_size = MAX (1, (eid_image_size (self) * 3 + 7 * patch / 2) / (7 * patch)) * patch;
  if (!dino_check_crops (self, dino, patch, error))
    return FALSE;

  for (guint i = 0; i < HEAD_LAYERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("head.mlp.%u", 2 * i);

      dino->mlp[i] = eid_linear_module (self, name, widths[i], widths[i + 1], TRUE);
    }
  /* Decay would shorten the rows, which changes nothing but how far an update turns them. */
  dino->last =
      eid_parameter (self, "head.last_layer.weight_v", EID_SHAPE (dino->prototypes, bottleneck), EID_NO_DECAY,
                     (EidInit){ .kind = EID_INIT_UNIFORM, .scale = 1 / sqrtf (bottleneck) });
  dino->center = eid_parameter (self, "center", EID_SHAPE (1, dino->prototypes), EID_BUFFER,
                                (EidInit){ .kind = EID_INIT_CONSTANT });
  return TRUE;
}

static EidViews
dino_views (EidObjective *self)
{
  Dino *dino = eid_objective_state (self);

  return (EidViews){
    .count = LARGE_CROPS,
    .augmented = TRUE,
    .small_count = dino->small_crops,
    .small_size = dino->small_size,
    .small_crop_min = eid_param_float (self, "small-crop-min"),
    .small_crop_max = eid_param_float (self, "small-crop-max"),
  };
}

/* x [M, width] to logits [M, K]: cosines between the bottleneck and the prototypes. */
static EidTensor *
dino_head (EidObjective *self, EidStep *step, EidTensor *x)
{
  Dino *dino = eid_objective_state (self);
  gboolean frozen = eid_step_progress (step) < eid_param_float (self, "freeze-last-layer");

  for (guint i = 0; i < HEAD_LAYERS; i++)
    x = eid_apply (step, dino->mlp[i], i ? eid_gelu (x) : x);
  return eid_linear (eid_normalize (x), eid_normalize (frozen ? eid_detach (dino->last) : dino->last), NULL);
}

/* The teacher's temperature: section 3.2 and appendix D, "Varying the teacher temperature". */
static float
dino_teacher_temperature (EidObjective *self, EidStep *step)
{
  float warmup = eid_param_float (self, "temperature-warmup");
  float start = eid_param_float (self, "teacher-temperature"),
        end = eid_param_float (self, "teacher-temperature-end");
  float done = warmup > 0 ? MIN (1, (float) eid_step_progress (step) / warmup) : 1;

  return start + (end - start) * done;
}

/* What the teacher makes of the large crops: probabilities [2 B, K]. Moves the centre. */
static EidTensor *
dino_targets (EidObjective *self, EidStep *step)
{
  Dino *dino = eid_objective_state (self);
  EidTensor *center = eid_reshape (dino->center, EID_SHAPE (dino->prototypes));
  EidTensor *pooled = eid_encode_teacher (step, eid_views_range (step, 0, LARGE_CROPS))->pooled;
  EidTensor *logits = eid_cast (eid_forward_teacher (self, step, dino_head, pooled), EID_F32);
  EidTensor *targets =
      eid_softmax (eid_scale (eid_sub (logits, center), 1 / dino_teacher_temperature (self, step)));

  if (eid_step_training (step))
    eid_running_mean (center, logits, eid_param_float (self, "center-momentum"));
  return targets;
}

/* Cross-entropy over all pairs of a large crop, seen by the teacher, and another crop, seen by the
 * student: equation 3 and algorithm 1. */
static EidTensor *
dino_loss (EidObjective *self, EidStep *step)
{
  Dino *dino = eid_objective_state (self);
  EidTensor *large = eid_views_range (step, 0, LARGE_CROPS);
  EidTensor *targets = dino_targets (self, step);
  EidTensor *pooled = eid_encode (step, large)->pooled; /* [2 B, width] */

  if (dino->small_crops)
    {
      EidTensor *small = eid_views_range (step, LARGE_CROPS, dino->small_crops);

      pooled = eid_concat (pooled, eid_encode (step, small)->pooled); /* [V B, width] */
    }
  eid_step_set_teacher_momentum (step,
                                 eid_cosine_schedule (step, eid_param_float (self, "teacher-momentum"), 1));
  return eid_soft_cross_entropy (dino_head (self, step, pooled), targets, eid_dim (large, 0) / LARGE_CROPS,
                                 eid_param_float (self, "student-temperature"));
}

/* All prototypes are as likely. */
static double
dino_chance (EidObjective *self)
{
  Dino *dino = eid_objective_state (self);

  return log (dino->prototypes);
}

EID_OBJECTIVE (dino, .title = N_ ("DINO"), .source = "arXiv:2104.14294", .params = dino_params,
               .state_size = sizeof (Dino), .abilities = EID_CAN_RESIZE, .build = dino_build,
               .views = dino_views, .loss = dino_loss, .chance = dino_chance, .teacher = TRUE)
