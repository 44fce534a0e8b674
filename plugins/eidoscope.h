/* eidoscope.h: everything a plugin may use.
 *
 * A plugin is one C file and one shared object with one entry: EID_ENCODER or
 * EID_OBJECTIVE at its foot. It declares its parameters in a table, builds its
 * modules in build(), and writes the forward pass alone: gradients, memory,
 * the optimiser and the pictures on screen come from the engine.
 *
 * Shapes: B pictures in a batch, V views of each, N tokens, D channels; images
 * are [B, H, W, C], normalised by the mean and deviation of the data. Sizes
 * and places are in pixels, or in tokens, from 0 on.
 *
 * Memory: nothing is freed by hand. Tensors go with their step, modules and
 * state with the plugin; what is to be freed after all says “Free”.
 *
 * Errors: build() returns FALSE with a GError, normally of EID_ERROR_USAGE. In a
 * step nothing returns an error: the first thing that goes wrong is kept on the
 * device, what follows does nothing, and the run ends with its sentence
 * (tensor.h). No function takes NULL for a tensor where it does not say so.
 *
 * When: “in build()” and “in a step” (loss(), encode(), show()) are said where it
 * matters; a plugin is called by one thread at a time.
 */
#pragma once

#include "tensor.h"

G_BEGIN_DECLS

/* Marks a string for translation; the engine translates when it shows it. */
#ifndef N_
#define N_(String) (String) /* as GLib spells it */
#endif

/* The version of this interface, which a plugin carries in its descriptor: one of another version is
 * refused. Within a version plugins go on working without being rebuilt: functions are only added;
 * fields are only appended, and only to EidDescriptor, which says its size, and to EidFeatures, which
 * the kit makes. All other structs stay as they are. */
#define EID_ABI 1

/* One instance of a plugin: its parameters, modules and state. */
typedef struct _EidPlugin EidPlugin;
typedef EidPlugin         EidEncoder;
typedef EidPlugin         EidObjective;

/* --- Parameters ----------------------------------------------------------
 * The table draws the form, checks the recipe, fills --help. It ends with
 * EID_PARAM_END. A key is made of a-z, 0-9 and -, the default lies in the range,
 * and the range includes its ends: a plugin of which that is not true is refused. */
typedef enum { EID_TYPE_NONE, EID_TYPE_INT, EID_TYPE_FLOAT, EID_TYPE_BOOL, EID_TYPE_CHOICE } EidParamType;

typedef struct {
  const char  *key;      /* as the recipe writes it: "mask-ratio"             */
  EidParamType type;
  double       value;    /* the default; of a choice, its index               */
  double       min, max;
  const char  *choices;  /* "class|mean", for a choice                        */
  const char  *doc;      /* one sentence, with its unit                       */
  gboolean     live;     /* may change while the run goes on                  */
} EidParam;

/* Rows of the table. LIVE may change between two steps, by hand. The default of a choice is the place
 * of its name in "a|b|c", from 0 on. */
#define EID_PARAM_INT(key, value, min, max, doc)        { key, EID_TYPE_INT, value, min, max, NULL, doc, FALSE }
#define EID_PARAM_FLOAT(key, value, min, max, doc)      { key, EID_TYPE_FLOAT, value, min, max, NULL, doc, FALSE }
#define EID_PARAM_FLOAT_LIVE(key, value, min, max, doc) { key, EID_TYPE_FLOAT, value, min, max, NULL, doc, TRUE }
#define EID_PARAM_BOOL(key, value, doc)                 { key, EID_TYPE_BOOL, value, 0, 1, NULL, doc, FALSE }
#define EID_PARAM_CHOICE(key, value, choices, doc)      { key, EID_TYPE_CHOICE, value, 0, 0, choices, doc, FALSE }
#define EID_PARAM_END                                   { NULL, EID_TYPE_NONE, 0, 0, 0, NULL, NULL, FALSE }

/* The value of the row @key, in its range: of the recipe, of a control that was moved, or the default. A
 * key that the table does not have is an error of the step (of the run, in build()) and gives 0 or "".
 * Of a choice, its name: the string is interned and stays. */
EID_API gint        eid_param_int (EidPlugin *self, const char *key);
EID_API float       eid_param_float (EidPlugin *self, const char *key);
EID_API gboolean    eid_param_bool (EidPlugin *self, const char *key);
EID_API const char *eid_param_choice (EidPlugin *self, const char *key);

/* --- The instance ------------------------------------------------------- */

/* The plugin's own struct: the descriptor's state_size bytes, zeroed at first, the same in every call.
 * It is not in checkpoints: what a resumed run needs is a parameter, of kind EID_BUFFER if not trained. */
EID_API gpointer eid_state (EidPlugin *self);
#define eid_objective_state eid_state
#define eid_encoder_state   eid_state

/* Allocates memory that is freed, zeroed at first, with the plugin. */
EID_API gpointer eid_plugin_alloc (EidPlugin *self, gsize size);

/* What the pictures are, known before build(). */
EID_API guint eid_image_size (EidPlugin *self);     /* pixels a side of a view */
EID_API guint eid_image_channels (EidPlugin *self);
/* What the text is, where an encoder reads text instead. */
EID_API guint eid_context (EidPlugin *self);        /* tokens in a view        */
EID_API guint eid_vocabulary (EidPlugin *self);     /* tokens there are        */
EID_API guint eid_batch_size (EidPlugin *self);     /* pictures, not views     */

/* What the encoder is, known to an objective in build(). */
EID_API guint eid_encoder_width (EidObjective *self);  /* D of pooled and tokens */
EID_API guint eid_encoder_tokens (EidObjective *self); /* N without class token  */
EID_API guint eid_encoder_patch (EidObjective *self);  /* pixels a side; 0: none */

/* What the objective needs of its encoder, EID_CAN_…, known to an encoder in build(): a parameter that
 * no objective asks for would get no gradient. */
EID_API gboolean eid_objective_needs (EidEncoder *self, guint ability);

/* An encoder says so in its build(), always: @width, D of what it returns; @tokens, N of a picture of
 * eid_image_size(), 0 if it has none; @patch, pixels a side of a token's square, 0 if it has none. */
EID_API void eid_encoder_describe (EidEncoder *self, guint width, guint tokens, guint patch);

/* --- Modules -------------------------------------------------------------
 * Made in build(), by name, under their owner; the names are those timm and
 * torchvision use, so that checkpoints go both ways. Weights as PyTorch
 * shapes them: linear [out, in].                                             */
typedef struct _EidModule EidModule;
typedef enum {
  EID_NO_NORM,
  EID_BATCH_NORM,
  EID_LAYER_NORM,
  EID_PLAIN_BATCH_NORM, /* without gain and bias */
} EidNorm;

/* A tensor of @shape named "encoder.NAME" or "objective.NAME" in checkpoints; its first values depend on
 * the seed and the name alone. Readable in steps, not in build(). */
EID_API EidTensor *eid_parameter (EidPlugin *self, const char *name, EidShape shape, EidParameterKind kind, EidInit init);
/* x [.., in] to [.., out]: "name.weight" [out, in], uniform as Glorot and Bengio 2010 have it, and
 * "name.bias" [out], 0, if asked. */
EID_API EidModule *eid_linear_module (EidPlugin *self, const char *name, guint in, guint out, gboolean bias);
/* Patches [B, N, C p p] to [B, N, out]; the weight is a convolution's, [out, C, p, p]. */
EID_API EidModule *eid_patch_embed_module (EidPlugin *self, const char *name, guint patch, guint channels, guint out);
/* x [.., width] over its last axis: "name.weight" and "name.bias", [width]. */
EID_API EidModule *eid_layer_norm_module (EidPlugin *self, const char *name, guint width);
/* x [.., width] over all axes but the last, by the batch's moments while training and by the running
 * ones, buffers that follow with momentum 0.1, otherwise (Ioffe and Szegedy 2015); epsilon 1e-5. */
EID_API EidModule *eid_batch_norm_module (EidPlugin *self, const char *name, guint width);
/* What a layer norm, or each of a transformer block's, adds to the variance: 1e-6, as timm has it,
 * unless set otherwise. */
EID_API void       eid_module_set_epsilon (EidModule *norm, float epsilon);
/* weight [out, in / groups, kernel, kernel]; maps [B, H, W, in] to [B, H', W', out], where H' is
 * (H + 2 padding - kernel) / stride + 1; sizes in pixels of the map */
EID_API EidModule *eid_conv_module (EidPlugin *self, const char *name, guint in, guint out, guint kernel,
                                    guint stride, guint padding, guint groups, gboolean bias);
/* A convolution without bias, of padding kernel / 2, and the batch norm after it, named each by itself. */
EID_API EidModule *eid_conv_norm_module (EidPlugin *self, const char *convolution, const char *norm, guint in,
                                         guint out, guint kernel, guint stride);
/* ReLU (x + two convolutions of 3 x 3), or the bottleneck 1 x 1, 3 x 3, 1 x 1 of out / 4 channels;
 * torchvision's names                                                        */
EID_API EidModule *eid_residual_block (EidPlugin *self, const char *name, guint in, guint out, guint stride,
                                       gboolean bottleneck);
/* Prototypes: x [.., in] to its cosines with @out learned directions, [.., out], which are the rows of
 * "name.weight" [out, in]. */
EID_API EidModule *eid_cosine_module (EidPlugin *self, const char *name, guint in, guint out);
/* At most six modules, one after another; what lies between them is kept for the gradient alone. */
EID_API EidModule *eid_sequence (EidPlugin *self, const char *name, EidModule *const *modules, guint count);
/* The widths of a perceptron's input, hidden layers and output: EID_WIDTHS (512, 2048, 128). */
enum { EID_MOST_WIDTHS = 4 };
typedef struct {
  guint count, width[EID_MOST_WIDTHS];
} EidWidths;
#define EID_WIDTHS(...) ((EidWidths){ sizeof ((guint[]){ __VA_ARGS__ }) / sizeof (guint), { __VA_ARGS__ } })
/* Linear layers with norm @hidden and ReLU between them and norm @last at the end, numbered as in
 * torch.nn.Sequential: "name.0" linear, "name.1" norm, "name.3" linear. A layer has a bias where no
 * norm follows it.                                                           */
EID_API EidModule *eid_mlp (EidPlugin *self, const char *name, EidWidths widths, EidNorm hidden, EidNorm last);
/* GELU in place of ReLU. */
EID_API void       eid_mlp_set_gelu (EidModule *mlp);
/* Pre-norm block (Vaswani et al. 2017; Dosovitskiy et al. 2021), x [B, N, width] to the same: x + attn
 * (norm1 (x)), then x + mlp (norm2 (x)), with GELU and width * mlp_ratio hidden channels; timm's names.
 * @heads divides @width. Within an encoder it publishes its attention. */
EID_API EidModule *eid_transformer_block (EidPlugin *self, const char *name, guint width, guint heads, float mlp_ratio);
/* What a block's two branches go through before they are added; 0: nothing. */
typedef struct {
  float layer_scale; /* a learned gain a channel, this to begin with; "ls1.gamma", "ls2.gamma" [width]
                      * (Touvron et al. 2021, arXiv:2103.17239)               */
  float drop_path;   /* while training, the share of pictures that a branch is left out for; the
                      * others' counts for so much more (Huang et al. 2016, arXiv:1603.09382) */
} EidBlockOptions;
/* The same with @options. */
EID_API EidModule *eid_transformer_block_full (EidPlugin *self, const char *name, guint width, guint heads,
                                               float mlp_ratio, EidBlockOptions options);
/* The same, in which a token sees itself and those before it; GPT-2's names  */
EID_API EidModule *eid_causal_block (EidPlugin *self, const char *name, guint width, guint heads, float mlp_ratio);
/* 2-D sine and cosine position embedding, [tokens, width] values, row-major
 * grid (He et al. 2022); a leading row of zeros for a class token if asked. Free. */
EID_API float     *eid_sincos_positions (guint grid, guint width, gboolean class_token);

/* --- A step -------------------------------------------------------------- */

typedef struct _EidStep EidStep;

/* Where the step computes: for tensors of one's own, and for eid_device_fail(). */
EID_API EidDevice *eid_step_device (EidStep *step);
/* From 0 on; a resumed run goes on counting. */
EID_API guint64    eid_step_number (EidStep *step);
/* Whether gradients follow; batch norms take the batch's moments then, else the running ones. */
EID_API gboolean   eid_step_training (EidStep *step);
/* How much of the run lies behind: 0 at its first step, 1 at its end. For schedules. */
EID_API double     eid_step_progress (EidStep *step);
EID_API guint      eid_view_count (EidStep *step);       /* small crops too    */
/* One view of all pictures, from 0 on, [B, H, W, C]; of text I32 [B, T]. In show(): the pictures that
 * are looked at. */
EID_API EidTensor *eid_view (EidStep *step, guint view);
/* @count views from @first, which must be of one size: [count B, H, W, C], view-major. */
EID_API EidTensor *eid_views_range (EidStep *step, guint first, guint count);
/* All of them, which must be of one size: [V B, H, W, C], view-major. */
EID_API EidTensor *eid_all_views (EidStep *step);
/* Begins a stream of random numbers for one @picture of the V B: the same for the same seed, step,
 * sample and view, whatever the batch's order. @stream, from 0 on, tells a plugin's streams apart.
 * (eid_random_masking() takes stream 0, eid_block_masking() stream 1.) */
EID_API void       eid_step_random (EidStep *step, guint picture, guint stream, EidRandom *random);

/* x through @module, which says the shapes. In a step. */
EID_API EidTensor *eid_apply (EidStep *step, EidModule *module, EidTensor *x);
/* Through each of @modules in turn; what lies between them is kept for the gradient alone. */
EID_API EidTensor *eid_apply_all (EidStep *step, EidModule *const *modules, guint count, EidTensor *x);
/* The same of a convolution and its norm, plus @residual [B, H', W', out] or NULL, then ReLU if asked. */
EID_API EidTensor *eid_apply_conv_norm (EidStep *step, EidModule *module, EidTensor *x, EidTensor *residual, gboolean relu);
/* The same of a module of linear or cosine kind, whose weight is not trained by it. */
EID_API EidTensor *eid_apply_frozen (EidStep *step, EidModule *module, EidTensor *x);
/* A linear module's weight [out, in], for prototypes and tied weights. */
EID_API EidTensor *eid_module_weight (EidModule *module);

/* The rows of the last batches: a ring of @length, unit directions drawn at random to begin with,
 * kept in checkpoints. Made in build().                                      */
typedef struct _EidQueue EidQueue;
EID_API EidQueue  *eid_queue (EidPlugin *self, const char *name, guint length, guint width);
EID_API EidTensor *eid_queue_rows (EidQueue *queue); /* [length, width], of unit length, without gradient */
/* @rows [M, width] take the place of the oldest, after this step's gradients; none while not training. */
EID_API void       eid_queue_push (EidStep *step, EidQueue *queue, EidTensor *rows);

/* What an encoder returns. */
typedef struct _EidFeatures {
  EidTensor *pooled;      /* [B, D]                                           */
  EidTensor *tokens;      /* [B, N, D], without class token; NULL if it has none */
  EidTensor *class_token; /* [B, D], or NULL                                  */
} EidFeatures;

/* The encoder's features of @images [B, H, W, C]. */
EID_API EidFeatures *eid_encode (EidStep *step, EidTensor *images);
/* The same from the tokens @keep, I32 [B, K], alone; tokens is [B, K, D]. The
 * encoder must be able to: EID_CAN_MASK.                                     */
EID_API EidFeatures *eid_encode_kept (EidStep *step, EidTensor *images, EidTensor *keep);
/* The same of all tokens, those where @mask [B, N] is 1 replaced by a learned token: EID_CAN_HIDE. */
EID_API EidFeatures *eid_encode_hidden (EidStep *step, EidTensor *images, EidTensor *mask);
/* For an encoder that can: that mask, or NULL. */
EID_API EidTensor   *eid_step_hidden (EidStep *step);
/* Pooled features of all views, the small crops after the others, [V B, D]. */
EID_API EidTensor   *eid_encode_views (EidStep *step);
/* For an encoder to return: what it gives is NULL where there is none, but for @pooled. Goes with the
 * step. */
EID_API EidFeatures *eid_features (EidStep *step, EidTensor *pooled, EidTensor *tokens, EidTensor *class_token);

/* The teacher of an objective that has one (EidDescriptor.teacher): a copy of all weights, of the
 * encoder and of the objective, that follows the trained ones after each update,
 * teacher = momentum teacher + (1 - momentum) trained. The same modules with the teacher's weights,
 * without gradient.                                                          */
/* What @images [B, H, W, C] are to it, as eid_encode(); x through @module, as eid_apply(). */
EID_API EidFeatures *eid_encode_teacher (EidStep *step, EidTensor *images);
EID_API EidTensor   *eid_apply_teacher (EidStep *step, EidModule *module, EidTensor *x);
/* Calls @function with the teacher's weights in place of the trained ones, without gradient: for
 * what is more than one module. */
typedef EidTensor *(*EidForward) (EidPlugin *self, EidStep *step, EidTensor *x);
EID_API EidTensor   *eid_forward_teacher (EidPlugin *self, EidStep *step, EidForward function, EidTensor *x);
/* For this step's update; to be set in each step, 1 (the teacher stays) otherwise. */
EID_API void         eid_step_set_teacher_momentum (EidStep *step, float momentum);
/* From @from to @to along half a cosine over the run. */
EID_API float        eid_cosine_schedule (EidStep *step, float from, float to);
/* From @from to @to in a straight line over the first @share of the run, and @to from there on. */
EID_API float        eid_linear_schedule (EidStep *step, float from, float to, float share);

/* What methods of self-distillation share: a head that ends in prototypes, and a teacher that is less
 * sure of them at first, as these rows of the parameter table say. @end: of the teacher's temperature. */
#define EID_PARAMS_DISTILLATION(end)                                                                    \
  EID_PARAM_INT ("prototypes", 1024, 8, 131072,                                                         \
                 N_ ("Classes that student and teacher agree on; 65536 in the paper, for a large machine")), \
  EID_PARAM_INT ("hidden", 512, 8, 8192, N_ ("Hidden channels of the head; 2048 in the paper")),        \
  EID_PARAM_INT ("bottleneck", 256, 8, 2048, N_ ("Channels of unit length before the prototypes")),     \
  EID_PARAM_FLOAT ("freeze-last-layer", 0.01, 0, 1,                                                     \
                   N_ ("Share of the run in which the prototypes stay as they were drawn")),            \
  EID_PARAM_FLOAT_LIVE ("student-temperature", 0.1, 0.02, 1, N_ ("Divides the student's logits")),      \
  EID_PARAM_FLOAT_LIVE ("teacher-temperature", 0.04, 0.005, 1,                                          \
                        N_ ("Divides the teacher's logits; the lower, the surer it must be")),          \
  EID_PARAM_FLOAT_LIVE ("teacher-temperature-end", end, 0.005, 1,                                       \
                        N_ ("The same after its warm-up; up to 0.07 gains in long runs")),              \
  EID_PARAM_FLOAT ("temperature-warmup", 0.3, 0, 1,                                                     \
                   N_ ("Share of the run in which the teacher's temperature goes from one to the other"))
/* Made in build(): x [M, width] to logits [M, prototypes], cosines between the bottleneck and the
 * prototypes; "name.mlp", "name.last_layer" (Caron et al. 2021, section 3.1). */
EID_API EidModule *eid_prototype_head (EidObjective *self, const char *name);
/* At this step; Caron et al. 2021, appendix D. */
EID_API float      eid_teacher_temperature (EidObjective *self, EidStep *step);

/* Random masking: per picture a permutation of @tokens drawn from the step's
 * generator. keep I32 [B, K]; restore I32 [B, tokens], the place of each token
 * in the permutation (kept if below K); mask F32 [B, tokens], 1 where hidden.
 * Where a person has painted a mask to look at, that is taken, whatever @keep. */
typedef struct {
  EidTensor *keep, *restore, *mask;
} EidMasking;
EID_API EidMasking eid_random_masking (EidStep *step, guint batch, guint tokens, guint keep);

/* Masking by blocks, for eid_encode_hidden(): in @share of @pictures, all views among them, rectangles
 * of patches on a square grid of @tokens are hidden, @least to @most of the tokens: spread evenly over
 * these pictures, so that how many are hidden in all is the same in every step.
 * mask F32 [pictures, tokens], 1 where hidden; hidden I32 [M], the places of these among all
 * pictures' tokens; weight F32 [M], one over how many its picture has.       */
typedef struct {
  EidTensor *mask, *hidden, *weight;
} EidBlockMasking;
EID_API EidBlockMasking eid_block_masking (EidStep *step, guint pictures, guint tokens, float share, float least,
                                           float most);

/* --- Artefacts -----------------------------------------------------------
 * What a plugin wants seen. Nothing is computed for nobody: publish calls are
 * cheap no-ops unless somebody watches.                                      */
/* Whether somebody does: what is dear to make for a picture is made only then. */
EID_API gboolean eid_watched (EidStep *step);
/* images, reconstruction [B, H, W, C] as the model saw them (normalised), mask
 * [B, N] of 0 and 1 over the patch grid.                                     */
EID_API void eid_publish_reconstruction (EidStep *step, EidTensor *images, EidTensor *mask, EidTensor *reconstruction);
/* Says of it that hidden patches were predicted less their mean and over their deviation, and got both
 * back from the picture: what a model that has not seen them cannot know.    */
EID_API void eid_publish_standardised (EidStep *step);
/* probabilities [B, heads, N, N], rows of sum 1, of layer @layer: layers are published in order, from 0
 * on, all of one shape. @extra_tokens of N come before the patches (class, registers). The kit's
 * transformer block calls it. From encode(). */
EID_API void eid_publish_attention (EidStep *step, guint layer, guint extra_tokens, EidTensor *probabilities);
/* A number to follow beside the loss, of this step; @value [1]. Its name is shown: "teacher-entropy". It is
 * watched with the run's health, and under Embedding in the workbench.        */
EID_API void eid_publish_scalar (EidStep *step, const char *name, EidTensor *value);
/* Such numbers, computed if somebody watches. The mean cosine of rows of a and b [M, D]: */
EID_API void eid_publish_similarity (EidStep *step, const char *name, EidTensor *a, EidTensor *b);
/* Projections z [M, D] of one view, brought to unit length: projection-std, the mean over channels of
 * the deviation over rows, times sqrt (D): about 1 where they point to all sides, 0 where all are the
 * same (Chen and He 2020, figure 2); and projection-dimensions, how many they fill: (sum v)^2 / sum v^2 of
 * the variances v along principal axes. Health is judged by them. */
EID_API void eid_publish_projections (EidStep *step, EidTensor *z);
/* What a teacher says, probabilities [M, K], and the student's logits for the same rows, [M, K] or
 * NULL: gives teacher-entropy and prototype-use (of how many the largest probabilities speak, as a
 * perplexity), and teacher-kl, the divergence of the student from the teacher. The use of each prototype
 * is shown in the workbench. Once a step. */
EID_API void eid_publish_assignments (EidStep *step, EidTensor *teacher, EidTensor *student, float temperature);
/* Views of a plugin's own, each under a name of a-z, 0-9 and - that is shown ("denoised" as Denoised):
 * under Plugin Views in the workbench, and as files by `train` and `inspect`. They are published from an
 * objective's show(), from an encoder's encode() on its way, or, by an objective without show(), from
 * loss() on the views of the pictures that are looked at. Any floating-point type; copied at once. Of
 * several of one name in a step the first is taken, and at most EID_MOST_VIEWS in all, of at most
 * EID_MOST_VIEW_NUMBERS numbers each. One whose shape or name does not fit is left out, and a sentence
 * stands in its place: the run goes on.                                       */
enum { EID_MOST_VIEWS = 16, EID_MOST_VIEW_NUMBERS = 1 << 22 };
/* Pictures as the model sees them (normalised): images [N, H, W, C], of the data's channels. */
EID_API void eid_publish_images (EidStep *step, const char *name, EidTensor *images);
/* Numbers on a grid, as colours on one scale from the least to the greatest: maps [N, H, W]. */
EID_API void eid_publish_maps (EidStep *step, const char *name, EidTensor *maps);
/* Points [N, D]: in the plane if D is 2, else on their first two principal axes. @groups I32 [N], the
 * colour of each, from 0 on and -1 for none; or NULL.                         */
EID_API void eid_publish_points (EidStep *step, const char *name, EidTensor *points, EidTensor *groups);
/* Numbers [N] in their order, as a curve. */
EID_API void eid_publish_series (EidStep *step, const char *name, EidTensor *values);
/* Numbers [N] above 0, largest first, on a logarithmic axis: singular values, eigenvalues. */
EID_API void eid_publish_spectrum (EidStep *step, const char *name, EidTensor *values);
/* values [R, C], as colours from @least to @greatest (those of the values, where @least is not below
 * @greatest); where 0 lies between, blue below and red above it.              */
EID_API void eid_publish_matrix (EidStep *step, const char *name, EidTensor *values, float least, float greatest);
/* A text with a number on each token, which is its colour, from @least to @greatest as of a matrix:
 * tokens I32 [B, T], values [B, T] (NaN: none). @predictions [B, T, V], what the model held for likely
 * in each place, of which the likeliest are shown; or NULL.                  */
EID_API void eid_publish_tokens (EidStep *step, const char *name, EidTensor *tokens, EidTensor *values,
                                 float least, float greatest, EidTensor *predictions);
/* A text in UTF-8, of at most 64 KiB. */
EID_API void eid_publish_text (EidStep *step, const char *name, const char *text);
/* An encoder's blocks publish with this many tokens before the patches. */
EID_API void eid_step_set_extra_tokens (EidStep *step, guint extra_tokens);

/* --- Descriptors --------------------------------------------------------- */

typedef enum {
  EID_CAN_TOKENS    = 1 << 0, /* features have tokens on a patch grid         */
  EID_CAN_MASK      = 1 << 1, /* eid_encode_kept() works                      */
  EID_CAN_ATTENTION = 1 << 2, /* publishes attention                          */
  EID_CAN_RESIZE    = 1 << 3, /* takes pictures of other sizes than eid_image_size() */
  EID_CAN_TEXT      = 1 << 4, /* reads text, I32 [B, T], and no pictures      */
  EID_CAN_HIDE      = 1 << 5, /* eid_encode_hidden() works                    */
} EidAbilities;

/* What views of each picture an objective trains on. Of text, view i is the
 * same passage, i tokens further on.                                         */
typedef struct {
  guint    count;
  gboolean augmented; /* colour, blur and the rest; else crop and flip alone  */
  /* Small crops, numbered after the others (multi-crop, Caron et al. 2020)   */
  guint    small_count, small_size;        /* of them, pixels a side          */
  float    small_crop_min, small_crop_max; /* shares of the picture's area    */
} EidViews;

EID_API EidViews eid_views_two_crops (EidObjective *self); /* two, augmented  */
EID_API EidViews eid_views_one_crop (EidObjective *self);  /* one, crop and flip */
/* Two crops and small ones beside them, as these rows of the parameter table say; build() asks
 * eid_multi_crop_check() whether they fit the encoder. Errors: EID_ERROR_USAGE. */
#define EID_PARAMS_MULTI_CROP(crops)                                                                    \
  EID_PARAM_INT ("small-crops", crops, 0, 16, N_ ("Small crops of each picture beside its two large ones")), \
  EID_PARAM_INT ("small-size", 0, 0, 1024,                                                              \
                 N_ ("Side of a small crop, pixels; 0: three sevenths of the picture's, in whole patches")), \
  EID_PARAM_FLOAT ("small-crop-min", 0.05, 0.01, 1, N_ ("Smallest share of a picture in a small crop")), \
  EID_PARAM_FLOAT ("small-crop-max", 0.4, 0.01, 1, N_ ("Largest share of a picture in a small crop"))
EID_API EidViews eid_views_multi_crop (EidObjective *self);
EID_API gboolean eid_multi_crop_check (EidObjective *self, GError **error);

/* What a plugin is. Filled in by EID_ENCODER and EID_OBJECTIVE; the fields that are left out are NULL, 0
 * or FALSE. New ones are appended. */
typedef struct _EidDescriptor {
  guint32         size, abi;
  const char     *kind;       /* "encoder" or "objective"                     */
  const char     *id;
  const char     *title;
  const char     *source;     /* "arXiv:2002.05709"                           */
  const EidParam *params;
  gsize           state_size;
  EidAbilities    abilities;  /* an encoder has, an objective needs           */
  /* once, before the first step; FALSE with @error where that cannot be      */
  gboolean      (*build) (EidPlugin *self, GError **error);

  /* encoder: images [B, H, W, C] to eid_features(); @keep I32 [B, K], the tokens to encode alone, or
   * NULL for all                                                             */
  EidFeatures  *(*encode) (EidEncoder *self, EidStep *step, EidTensor *images, EidTensor *keep);

  /* objective                                                                */
  EidViews      (*views) (EidObjective *self); /* of the parameters alone: asked before build(), too */
  /* in every step, forward alone: the loss, [1], which is made smaller       */
  EidTensor    *(*loss) (EidObjective *self, EidStep *step);
  double        (*chance) (EidObjective *self);  /* loss of a model that knows nothing; may be NULL */
  /* publishes what is to be seen of eid_view (step, 0); NULL if nothing      */
  void          (*show) (EidObjective *self, EidStep *step);
  gboolean        teacher;    /* has a teacher: see eid_encode_teacher()      */
} EidDescriptor;

/* At the foot of the file, once: EID_OBJECTIVE (id, .title = …, .loss = …). The id, of a-z, 0-9 and -, is
 * what a recipe calls the plugin. It is written out here, before any macro of its name (linux is one) takes its place. */
#define EID_ENCODER(id_, ...) EID_PLUGIN_ENTRY_ ("encoder", #id_, __VA_ARGS__)
#define EID_OBJECTIVE(id_, ...) EID_PLUGIN_ENTRY_ ("objective", #id_, __VA_ARGS__)

#define EID_PLUGIN_ENTRY_(kind_, id_, ...)                                     \
  EID_API const EidDescriptor *eid_plugin (void);                              \
  const EidDescriptor *                                                        \
  eid_plugin (void)                                                            \
  {                                                                            \
    static const EidDescriptor descriptor = {                                  \
      .size = sizeof (EidDescriptor), .abi = EID_ABI,                          \
      .kind = kind_, .id = id_, __VA_ARGS__                                   \
    };                                                                         \
    return &descriptor;                                                        \
  }

G_END_DECLS
