/* host.h: the other side of the plugin kit: what the engine calls to find
 * plugins, build a model of them, and run its steps. Plugins never see it.   */
#pragma once

#include "eidoscope.h"

G_BEGIN_DECLS

/* --- The registry -------------------------------------------------------- */

typedef struct {
  char                *file;       /* where it was found                      */
  const EidDescriptor *descriptor; /* what it says of itself, without functions; NULL if refused */
  char                *refused;    /* why, in a sentence; NULL if it can be used */
  gboolean             set_aside;  /* refused because it crashed, hung or the like, here or in a run: it can
                                    * be tried again                           */
} EidPluginEntry;

typedef struct _EidRegistry EidRegistry;

/* Lists every *.so of, in this order: $EIDOSCOPE_PLUGIN_PATH (":" between),
 * $XDG_DATA_HOME/eidoscope/plugins, the build tree if run from it, the
 * library's folder. The first of an id wins. A plugin that cannot be used is
 * kept as refused and the others are there. None of their code is loaded into
 * this process: each is read in one of its own, within limits of time and
 * memory, and what it said is kept in $XDG_CACHE_HOME/eidoscope/plugin-readings until
 * its file changes.                                                          */
EID_API EidRegistry *eid_registry_new (void);
EID_API void         eid_registry_free (EidRegistry *registry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidRegistry, eid_registry_free)

/* Looks again for files that are new, changed or gone. Entries may be others afterwards; descriptors stay
 * valid as long as the registry. */
EID_API void                  eid_registry_refresh (EidRegistry *registry);
EID_API guint                 eid_registry_count (EidRegistry *registry);
EID_API const EidPluginEntry *eid_registry_get (EidRegistry *registry, guint i);
/* @kind "encoder" or "objective". What it says of itself; a file that has changed is read again.
 * Errors: EID_ERROR_USAGE, naming those there are. */
EID_API const EidDescriptor  *eid_registry_find (EidRegistry *registry, const char *kind, const char *id, GError **error);
/* The same with its functions: its code is loaded into this process. */
EID_API const EidDescriptor  *eid_registry_load (EidRegistry *registry, const char *kind, const char *id, GError **error);
/* Reads the plugin with the file or id @name again, whatever is remembered of it. Errors: EID_ERROR_USAGE
 * (there is none), EID_ERROR_FAILED (it is refused again, and why). */
EID_API gboolean              eid_registry_retry (EidRegistry *registry, const char *name, GError **error);

/* --- What runs now -------------------------------------------------------
 * For whoever finds the program broken or standing still.                    */

typedef struct {
  const char *plugin;   /* its id; NULL: no plugin's code runs. All names are there for good. */
  const char *file;     /* where it was loaded from; NULL if not known         */
  const char *callback; /* "loss()"                                            */
  gboolean    in_step;
  guint64     step;     /* counted from 0                                      */
  gint64      since;    /* g_get_monotonic_time()                              */
  gint        thread;   /* gettid()                                            */
  gboolean    first;    /* it has not come back before: drivers compile in it  */
  guint       kind;     /* the kit's own                                       */
} EidRunning;

/* FALSE when no plugin's code runs. From any thread. */
EID_API gboolean          eid_running (EidRunning *running);
/* The same for a signal handler, of its own thread alone; NULL when none runs. */
EID_API const EidRunning *eid_running_here (void);
/* The file of the plugin whose code lies at @place, or NULL. In a signal handler, too. */
EID_API const char       *eid_plugin_at (gconstpointer place);
/* The folders of the plugins that come with the program, each ending in a slash; NULL-terminated, free. */
EID_API char            **eid_builtin_plugin_folders (void);
/* Where a dying engine notes which plugin it dies of: its file, a tab, a sentence and a line's end. The next
 * registry sets that plugin aside. Free. */
EID_API char             *eid_plugin_crash_file (void);

/* Loads the plugin in @file and finds it from now on in place of the one of its kind and id. @file must never
 * change: the loader knows what is open by its path. Errors: EID_ERROR_USAGE, why it cannot be used. */
EID_API const EidDescriptor  *eid_registry_place (EidRegistry *registry, const char *file, GError **error);
/* Finds what there was before. The code is closed, and @descriptor gone, once no model is made of it. */
EID_API void                  eid_registry_displace (EidRegistry *registry, const EidDescriptor *descriptor);
/* Whether a plugin of that id comes with the program, hidden by another of the same id or not. */
EID_API gboolean              eid_registry_is_builtin (EidRegistry *registry, const char *kind, const char *id);
/* The file of a plugin that does not come with the program; else NULL. */
EID_API const char           *eid_registry_foreign_file (EidRegistry *registry, const char *kind, const char *id);

/* --- Parameter values ---------------------------------------------------- */

/* Reads @text as a value of @param: "0.2", "true", a choice's name. The error
 * is a sentence without place: the caller adds file and section.
 * Errors: EID_ERROR_USAGE.                                                   */
EID_API gboolean eid_param_parse (const EidParam *param, const char *text, double *value, GError **error);
EID_API char    *eid_param_format (const EidParam *param, double value); /* free */
/* A plugin's title and a parameter's doc as people read them, in their language where it is known; never NULL. */
EID_API const char *eid_plugin_title (const EidDescriptor *descriptor);
EID_API const char *eid_param_doc (const EidParam *param);

/* --- A model: an encoder and an objective on a device -------------------- */

typedef struct _EidModel EidModel;

/* @image_size, @channels: of a view; for an encoder of text, tokens in a view
 * and tokens there are. @values: key "Encoder.depth" or
 * "Objective.temperature" -> text, from the recipe; keys must be in the
 * tables. Errors: EID_ERROR_USAGE (unknown key, value out of range, a pair
 * that does not fit), EID_ERROR_MEMORY.                                      */
EID_API EidModel *eid_model_new (EidDevice *device, EidRegistry *registry,
                         const char *encoder, const char *objective, GHashTable *values,
                         guint image_size, guint channels, guint batch, guint64 seed, GError **error);
EID_API void      eid_model_free (EidModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidModel, eid_model_free)

EID_API EidParameters       *eid_model_parameters (EidModel *model);
EID_API const EidDescriptor *eid_model_encoder (EidModel *model);
EID_API const EidDescriptor *eid_model_objective (EidModel *model);
EID_API EidViews             eid_model_views (EidModel *model);
/* The same before there is a model: the encoder's patch is taken for its parameter "patch", if it has
 * one. Errors: EID_ERROR_USAGE, as of eid_model_new().                       */
EID_API gboolean             eid_model_foresee_views (EidRegistry *registry, const char *encoder, const char *objective,
                         GHashTable *values, guint image_size, guint channels, guint batch, EidViews *views,
                         GError **error);
EID_API double               eid_model_chance (EidModel *model); /* NaN if not known  */
/* Whether @encoder can do what @objective needs, on what both read. */
EID_API gboolean             eid_descriptors_fit (const EidDescriptor *encoder, const EidDescriptor *objective);
/* The same as a sentence: EID_ERROR_USAGE, naming what is missing and the encoders that have it. */
EID_API gboolean             eid_registry_check_pair (EidRegistry *registry, const EidDescriptor *encoder,
                                                      const EidDescriptor *objective, GError **error);
/* How many steps the run has, for schedules; without, they stay at their start. */
EID_API void                 eid_model_set_steps (EidModel *model, guint64 steps);
/* With what momentum the teacher follows the update after the last eid_model_loss(). */
EID_API float                eid_model_teacher_momentum (EidModel *model);
EID_API guint                eid_model_width (EidModel *model);
EID_API guint                eid_model_patch (EidModel *model);
/* Changes a live parameter, between steps. Errors: EID_ERROR_USAGE.          */
EID_API gboolean             eid_model_set (EidModel *model, const char *section, const char *key, const char *text, GError **error);

/* --- Steps ----------------------------------------------------------------
 * The caller pushes an arena, makes the views, and calls one of these; what
 * they return goes with the arena.                                           */

/* The views of a batch, a tensor for each size. */
typedef struct {
  EidTensor *views;  /* [count B, S, S, C], view-major; of text I32 [count B, T] */
  EidTensor *small;  /* [small_count B, s, s, C]; NULL where there are none   */
} EidViewTensors;

/* How many losses make one update; 1 if not said. Each gives that share of its gradient. */
EID_API void                 eid_model_set_parts (EidModel *model, guint parts);
/* Whether blocks compute their insides again on the way back instead of keeping them. */
EID_API void                 eid_model_set_recompute (EidModel *model, gboolean recompute);

/* Forward and, if @training, backward: gradients are added to those the parameters have.
 * @samples: B numbers of the pictures in the data set.                       */
EID_API EidTensor *eid_model_loss (EidModel *model, EidViewTensors views, const guint32 *samples,
                           guint64 step, guint64 seed, gboolean training);

/* Gradients of a loss [1] that @loss makes of the pooled features [B, D] of @images, added to those
 * the parameters have; norms take the batch's moments. For training with labels. */
typedef EidTensor *(*EidFeatureLoss) (EidTensor *pooled, gpointer data);
EID_API EidTensor *eid_model_train_on (EidModel *model, EidTensor *images, EidFeatureLoss loss, gpointer data);

/* Pooled features [B, D] of @images, without gradient, running moments.      */
EID_API EidTensor *eid_model_features (EidModel *model, EidTensor *images);
/* Patch tokens [B, N, D], or NULL if the encoder has none. */
EID_API EidTensor *eid_model_tokens (EidModel *model, EidTensor *images);

/* A number that a plugin publishes beside its loss. */
enum { EID_MOST_SCALARS = 16 };
typedef struct {
  const char *name;       /* interned                                         */
  double      value;
} EidScalar;

/* A view of a plugin's own, as it was published. Numbers are of no more than EID_MOST_VIEW_NUMBERS. */
typedef enum {
  EID_VIEW_IMAGES,   /* values [N, H, W, C], normalised                       */
  EID_VIEW_MAPS,     /* values [N, H, W]                                      */
  EID_VIEW_POINTS,   /* values [N, D]; groups                                 */
  EID_VIEW_SERIES,   /* values [N]                                            */
  EID_VIEW_SPECTRUM, /* values [N]                                            */
  EID_VIEW_MATRIX,   /* values [R, C]                                         */
  EID_VIEW_TOKENS,   /* values [B, T]; tokens, few, predicted                 */
  EID_VIEW_TEXT,     /* text                                                  */
} EidViewKind;

enum { EID_FEW_PREDICTIONS = 3 };
typedef struct {
  char       *name;
  EidViewKind kind;
  EidShape    shape;      /* of values                                        */
  float      *values;
  gint32     *groups;     /* [N], or NULL                                     */
  float       least, greatest;
  gint32     *tokens;     /* [B, T]                                           */
  guint       few;        /* likeliest tokens in each place, 0: not told      */
  gint32     *predicted;  /* [B, T, few], the likeliest first                 */
  float      *chances;    /* [B, T, few]                                      */
  char       *text;
  char       *refused;    /* why it was left out, in a sentence; then nothing else is there */
} EidOwnView;

/* What plugins publish, copied to the host. NULL or 0 where nothing was.      */
typedef struct {
  guint   batch, height, width, channels, patch;
  float  *images;         /* [B, H, W, C], normalised as the model saw them   */
  float  *mask;           /* [B, N]                                           */
  float  *reconstruction; /* [B, H, W, C]                                     */
  guint   layers, heads, tokens, extra_tokens;
  float **attention;      /* per layer [B, heads, tokens, tokens]             */
  gboolean class_token;   /* the first of the extra tokens, the others being registers */
  guint   scalar_count;
  EidScalar scalars[EID_MOST_SCALARS];
  guint   prototypes, assigned; /* K of them, M rows assigned to them by the teacher */
  float  *use, *mass;     /* [K], each of sum 1: share of the rows whose largest probability a
                           * prototype has, and its mean probability           */
  gboolean standardised;  /* hidden patches got mean and deviation from the picture */
  GPtrArray *own;         /* EidOwnView in the order they came, or NULL         */
} EidArtefacts;

typedef enum {
  EID_SHOW_RECONSTRUCTION = 1,
  EID_SHOW_ATTENTION = 2,
  EID_SHOW_SCALARS = 4,
  EID_SHOW_OWN = 8, /* views of the plugin's own, of show()                     */
} EidShow;

/* Runs @what on @images [B, S, S, C] and gathers what was published. The mask
 * is a function of @seed alone, so that pictures can be compared over time.
 * Free with eid_artefacts_free(). NULL when the device failed, which eid_device_check() then says. */
EID_API EidArtefacts *eid_model_show (EidModel *model, EidTensor *images, EidShow what, guint64 seed);
/* A reconstruction with @mask [B, N], 1 where hidden, in place of what eid_random_masking() draws: as many
 * are hidden in every picture, and one at least is not.                      */
EID_API EidArtefacts *eid_model_show_masked (EidModel *model, EidTensor *images, const guint8 *mask);
EID_API void          eid_artefacts_free (EidArtefacts *artefacts);
/* The views of its own that an objective without show() publishes in its loss of @views, which is
 * computed as by eid_model_watch(). NULL as of eid_model_show().             */
EID_API EidArtefacts *eid_model_show_loss (EidModel *model, EidViewTensors views, const guint32 *samples,
                                           guint64 step, guint64 seed);

/* The loss of views as they are, without training on them: norms take their running moments, queues
 * and centres stay. @artefacts, to be freed, has the numbers the objective publishes. Not finite
 * when the device failed.                                                    */
EID_API double     eid_model_watch (EidModel *model, EidViewTensors views, const guint32 *samples,
                           guint64 step, guint64 seed, EidArtefacts **artefacts);

G_END_DECLS
