/* trial.h: one case of the table with its numbers, on the host and on the device. */
#pragma once

#include "tests/engine/table.h"

/* What numbers are stored in, and how near the results must come: as vectors, |got - expected| /
 * |expected|, and element by element, of the larger of |expected| and a share of the root mean
 * square.                                                                                     */
typedef struct
{
  EidType type;
  const char *mark; /* in a test's path */
  double forward, forward_norm;
  double gradient, gradient_norm;
  double share; /* of the root mean square, for gradients */
} Precision;

extern const Precision precisions[2];

/* In what way floating-point inputs are given: @first the first of them, @others the others. */
typedef enum { WIDE, HALF, PARAMETER } Storage;
typedef struct
{
  const char *name;
  Storage first, others;
} Way;

typedef struct
{
  const Operation *operation;
  const Case *c;
  const Precision *precision;
  const Way *way;
  char *name; /* "linear 3x5,7x5,7" */
  Array *in[MAX_INPUTS];
  Array *out;
  double *weight; /* of the loss */
  EidParameters *parameters;

  /* d sum (weight * reference) / d input: at every @stride-th element, and along one direction. */
  gsize stride[MAX_INPUTS], probes[MAX_INPUTS];
  double *expected[MAX_INPUTS], slope[MAX_INPUTS];
} Trial;

/* Elements of one input, at most, that differences are taken at; the direction asks all of them at once.
 * What a case costs on the host is this often the reference. */
#define PROBES 60

EidShape trial_shape (const char *text); /* "3x5" */
gboolean trial_differentiable (const Trial *trial, guint i);

/* The inputs alone, on the host: without a reference. */
void trial_draw (Trial *trial, const Case *c, const Precision *precision);
void trial_init (Trial *trial, const Case *c, const Precision *precision);
void trial_clear (Trial *trial);

/* Puts the inputs on the device, NULL where there is none; those of the bit set @which require a
 * gradient. Opens an arena, which trial_end() closes.                                          */
void trial_begin (Trial *trial, guint which, EidTensor **in);
void trial_end (Trial *trial);

/* Fills the memory that the operation is about to be given with NaN, so that
 * what reads before it writes is seen. */
void trial_dirty_memory (const Trial *trial);

/* Of input @i: a part in every element, the same every time; g_free(). */
float *trial_direction (const Trial *trial, guint i);
