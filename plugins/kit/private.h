/* private.h: what the files of the kit share: the insides of plugin instances,
 * models and steps.                                                          */
#pragma once

#include "plugins/host.h"
#include "plugins/kit/replace.h"

G_BEGIN_DECLS

struct _EidPlugin {
  EidModel            *model;
  const EidDescriptor *descriptor;
  const char          *section;     /* "Encoder" or "Objective", as in recipes  */
  const char          *prefix;      /* of parameter names: "encoder."           */
  double              *values;      /* one a row of descriptor->params          */
  gpointer             state;
  GPtrArray           *allocations; /* freed with the instance                  */
  EidCode             *code;        /* that was placed, held open; or NULL      */
};

struct _EidModel {
  EidDevice     *device;
  EidParameters *parameters;
  EidPlugin      encoder, objective;
  guint          image_size, channels, batch; /* of text: context, vocabulary   */
  guint          width, tokens, patch; /* as the encoder described itself       */
  EidViews       views;       /* as the objective wants them, checked           */
  guint64        steps;       /* of the run, 0: not known                       */
  float          teacher_momentum;
  guint          parts;       /* losses to an update                            */
  gboolean       recompute;   /* blocks                                         */
};

typedef struct {
  EidQueue  *queue;
  EidTensor *rows;
} EidPush;

struct _EidStep {
  EidModel      *model;
  EidTensor     *views[2];    /* [V B, S, S, C], view-major: the views, the small crops */
  guint          counts[2];   /* V of each                                      */
  guint          batch;
  const guint32 *samples;     /* [B] or NULL: 0, 1, …                           */
  guint64        number, seed;
  gboolean       training;
  float          teacher_momentum;
  GArray        *pushes;      /* of EidPush: what goes into queues after the gradients */
  const guint8  *mask;        /* [B, N] painted by a person, or NULL            */
  EidTensor     *hidden;      /* mask over the encoder's patches, or NULL       */
  gboolean       in_encoder;  /* its blocks publish attention, others do not    */
  gboolean       in_teacher;
  guint          pass;        /* how many times the encoder has been called     */
  guint          layer, extra_tokens;
  EidShow        watched;
  EidArtefacts  *artefacts;   /* where published things go, or NULL             */
  GPtrArray     *features;
};

struct _EidModule {
  const char *name;           /* for messages                                   */
  EidTensor *(*apply) (EidStep *step, EidModule *module, EidTensor *x);
  EidTensor  *weight, *bias, *running_mean, *running_var;
  EidModule  *parts[6];
  guint       heads;
  guint       stride, padding, groups;
  gboolean    causal;
  gboolean    gelu;           /* of a perceptron; else ReLU                     */
  gboolean    is_block;       /* its insides are computed again where asked     */
  guint       number;         /* of a block: its own in the model               */
  EidTensor  *gains[2];       /* of a block's branches [width], or NULL         */
  float       drop_path;
  float       freeze;         /* of a head: share of the run its last part stays */
  float       epsilon;        /* of a layer norm                                */
};

/* A module of @self that computes by @apply; its other fields are for the caller to fill. (modules.c) */
EidModule *eid_module_new (EidPlugin *self, const char *name, EidTensor *(*apply) (EidStep *, EidModule *, EidTensor *));
/* The parameter "module.part" of @self. */
EidTensor *eid_module_parameter (EidPlugin *self, const char *module, const char *part, EidShape shape,
                                 EidParameterKind kind, EidInit init);
EidBatchNorm eid_module_batch_norm (EidModule *norm);
/* A batch norm without gain and bias. */
EidModule *eid_batch_norm_plain (EidPlugin *self, const char *name, guint width);

void     eid_step_init (EidStep *step, EidModel *model, EidViewTensors views, EidViews counts);
void     eid_step_clear (EidStep *step);
/* Writes what the step pushed into its queues. (queue.c) */
void     eid_step_push (EidStep *step);

/* Whether what views() returned can be drawn: EID_ERROR_USAGE, naming the plugin. (returned.c) */
gboolean     eid_returned_views (const EidModel *model, const EidViews *views, GError **error);
/* The same of what the encoder said with eid_encoder_describe() in its build(). */
gboolean     eid_returned_description (const EidModel *model, GError **error);
/* Whether a plugin gave @function a tensor of @rank axes, none of them empty; else the device has failed and names the
 * plugin. @expected "[B, H, W, C]". */
gboolean     eid_published (EidStep *step, const char *function, EidTensor *tensor, guint rank, const char *expected);
/* What loss() and encode() returned, or, of what cannot be used, zeros on a device that has failed and says
 * so. */
EidTensor   *eid_returned_loss (EidModel *model, EidTensor *loss);
EidFeatures *eid_returned_features (EidStep *step, EidTensor *images, EidTensor *keep, EidFeatures *features);

/* Sets up @self with its defaults and what @values (key "Section.key") says. */
gboolean eid_instance_init (EidPlugin *self, EidModel *model, const EidDescriptor *descriptor, GHashTable *values, GError **error);
void     eid_instance_clear (EidPlugin *self);
gboolean eid_instance_set (EidPlugin *self, const char *key, const char *text, gboolean live_only, GError **error);

G_END_DECLS
