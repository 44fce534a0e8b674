/* evaluate.h: how good the features are: exact nearest neighbours and a linear
 * probe on labelled pictures, with a random encoder and raw pixels beside
 * them as baselines; see diagnostics/collapse.h for what needs no labels.                  */
#pragma once

#include "app/engine/setup/setup.h"

G_BEGIN_DECLS

/* Accuracies are shares, 0 … 1; NaN where a number does not apply. */
typedef struct
{
  guint64 step;
  double knn, linear;
  double knn_random, linear_random; /* the encoder as it was at step 0       */
  double knn_pixels, linear_pixels;
  double rank, z_std; /* of the watched pictures' features     */
} EidEvaluation;

/* The numbers of an evaluation by name, as metrics and on the wire. */
typedef struct
{
  const char *name; /* "knn-random"                                           */
  gsize offset;
  gboolean baseline; /* made once, at step 0                               */
  gboolean probe;    /* of labels; else of the features alone, as a look has it */
} EidEvaluationField;

extern const EidEvaluationField eid_evaluation_fields[];
extern const guint eid_evaluation_n_fields;

#define EID_EVALUATION_VALUE(evaluation, field) G_STRUCT_MEMBER (double, (evaluation), (field)->offset)

EidEvaluation eid_evaluation_none (void); /* all NaN */

/* What a probe that trains for itself finds, in shares, beside what its baselines do. */
typedef struct
{
  double trained, random, pixels;
  guint labels;  /* pictures with labels that it learnt from                      */
  guint64 steps; /* of its training                                             */
} EidComparison;

typedef enum
{
  EID_PROBE_KNN = 1,
  EID_PROBE_LINEAR = 2,
  EID_PROBE_HEALTH = 4,
  EID_PROBE_ALL = 7
} EidProbe;

/* Evaluates the model as it is now into the fields of @evaluation that @probes
 * name. Data without labels, or of one class: health alone, and @setup's `obstacle`
 * says why. Errors: EID_ERROR, EID_DATASET_ERROR.                            */
gboolean eid_evaluate (EidSetup *setup, EidProbe probes, EidEvaluation *evaluation, GError **error);

/* An evaluation that is being made, in whatever thread, ends at its next batch, without a result: for one
 * whom it keeps waiting. FALSE: none is. Any thread may call this. */
gboolean eid_evaluation_skip (void);
/* Whether the one being made is to end. */
gboolean eid_evaluation_is_skipped (void);
/* Around an evaluation that may be skipped; TRUE at the end: it was. */
void eid_evaluation_begin (void);
gboolean eid_evaluation_end (void);

/* The baselines: the same with raw pixels, and with an encoder as the seed
 * makes it. Nothing where there are no labels.                               */
gboolean eid_evaluate_baselines (EidSetup *setup, EidProbe probes, EidEvaluation *evaluation, GError **error);

G_END_DECLS
