/* private.h: what the examinations of a plugin share. */
#pragma once

#include "app/engine/check/check.h"
#include "app/engine/trainer/trainer.h"

G_BEGIN_DECLS

typedef struct
{
  const EidCheckOptions *options;
  const char *name;            /* of the examination                              */
  char *users_path;            /* $EIDOSCOPE_PLUGIN_PATH as it was, or NULL        */
  EidRegistry *registry;       /* the plugin, the one to examine it with, and the program's own */
  const EidPluginEntry *entry; /* of the plugin                           */
  const EidPluginEntry *with;  /* of the one that was named to examine it with, or NULL */
  const EidDescriptor *plugin; /* the plugin; NULL where it is refused    */
  const EidDescriptor *encoder, *objective; /* the pair it is examined in     */
} EidCheck;

/* --- Findings (check.c) ------------------------------------------------------ */

EidFinding eid_finding (EidOutcome outcome, const char *format, ...) G_GNUC_PRINTF (2, 3);
#define eid_passed(...)  eid_finding (EID_CHECK_PASSED, __VA_ARGS__)
#define eid_skipped(...) eid_finding (EID_CHECK_SKIPPED, __VA_ARGS__)
/* @cure: what to look at. */
EidFinding eid_warned (const char *cure, const char *format, ...) G_GNUC_PRINTF (2, 3);
EidFinding eid_failed (const char *cure, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* What went wrong says so itself. Takes @error. */
EidFinding eid_failed_by (GError *error);

void eid_check_tell (const EidCheck *check, const char *what, guint64 done, guint64 all);

/* --- Pairs (partners.c) ------------------------------------------------- */

/* Those whose description is sound, of a kind: whom the plugin is examined with. It is given as
 * many as it takes to use every ability that any of them asks for, and one at least. EidDescriptor *. */
GPtrArray *eid_check_partners (const EidCheck *check);

/* --- Small worlds (fixture.c) ------------------------------------------- */

enum
{
  EID_CHECK_BATCH = 32,
  EID_CHECK_SIDE = 16, /* pixels of a picture, tokens of a passage */
};

/* A recipe of the pair, small enough to be trained in seconds on drawn pictures or text; the data are
 * written into the scratch folder where they are not there yet. @settings: "Run.steps=8", …, NULL. */
EidRecipe *eid_check_recipe (const EidCheck *check, const char *const *settings, GError **error);
/* The same as a model with its weights, in 32 bits unless @settings say otherwise. */
EidSetup *eid_check_setup (const EidCheck *check, const char *const *settings, GError **error);

#define EID_SETTINGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* A small value of parameters that many plugins have, by their names: FALSE where @param is none. */
gboolean eid_check_small_value (const EidParam *param, double *value);

/* The pictures of batch @number, [count] of the training half, and their places in it. Free @pixels. */
typedef struct
{
  guint8 *pixels;
  guint32 samples[EID_CHECK_BATCH];
  guint count;
} EidCheckBatch;

gboolean eid_check_batch (EidSetup *setup, guint number, guint count, EidCheckBatch *batch, GError **error);
/* The same of pixels, or tokens, drawn by chance. */
void eid_check_noise (EidSetup *setup, guint number, guint count, EidCheckBatch *batch);
void eid_check_batch_clear (EidCheckBatch *batch);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EidCheckBatch, eid_check_batch_clear)

/* The loss of @model on @batch, as training step @step of seed 5 has it; gradients are added to those
 * there are. Errors: what the plugin or the device failed with.               */
gboolean eid_check_loss (EidSetup *setup, EidModel *model, const EidCheckBatch *batch, guint64 step,
                         double *loss, GError **error);

/* A run in the scratch folder called @name. */
EidTrainer *eid_check_trainer (const EidCheck *check, const char *name, const char *const *settings,
                               const EidListener *listener, GError **error);

/* --- The examinations ---------------------------------------------------------- */

EidFinding eid_check_descriptor (EidCheck *check);
EidFinding eid_check_symbols (EidCheck *check);
EidFinding eid_check_manners (EidCheck *check);
EidFinding eid_check_parameters (EidCheck *check);
EidFinding eid_check_gradients (EidCheck *check);
EidFinding eid_check_chance (EidCheck *check);
EidFinding eid_check_precision (EidCheck *check);
EidFinding eid_check_determinism (EidCheck *check);
EidFinding eid_check_resume (EidCheck *check);
EidFinding eid_check_memory (EidCheck *check);
EidFinding eid_check_training (EidCheck *check);

G_END_DECLS
