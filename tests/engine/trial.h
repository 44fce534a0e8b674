/* trial.h: one case of the table with its numbers, on the host and on the device. */
#pragma once

#include "table.h"

typedef struct
{
  const Operation *operation;
  const Case *c;
  char *name; /* "linear 3x5,7x5,7" */
  Array *in[MAX_INPUTS];
  Array *out;
  double *weight; /* of the loss */
} Trial;

EidShape trial_shape (const char *text); /* "3x5" */

void trial_init (Trial *trial, const Case *c);
void trial_clear (Trial *trial);

/* The inputs on the device; NULL where there is none. */
void trial_upload_all (const Trial *trial, EidTensor **in);

/* Fills the memory that the operation is about to be given with NaN, so that
 * what reads before it writes is seen. */
void trial_dirty_memory (const Trial *trial);

/* d sum (weight * reference) / d element @e of input @i */
double trial_difference (const Trial *trial, guint i, gsize e);
/* the same along @direction, which has a part in every element */
double trial_difference_along (const Trial *trial, guint i, const float *direction);
