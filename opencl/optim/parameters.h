/* parameters.h: the block of parameters, as parameters.c lays it out and optimizer.c moves it. */
#pragma once

#include "opencl/core/private.h"

G_BEGIN_DECLS

/* Each parameter with decay begins a row of this many elements of its own, so that what is known
 * of a parameter can be told by rows. FLAT in kernels/rows.h.                                  */
#define EID_PARAMETER_ROW 1024

typedef struct {
  char            *name;
  EidTensor       *tensor;
  EidParameterKind kind;
  float           *values;  /* until commit                                     */
  gsize            offset;  /* elements, in the block                           */
  EidBuffer       *other;   /* with a teacher: what @tensor does not hold now   */
  EidTensor       *other_half;
  float            rate;    /* by which the learning rate is multiplied          */
} EidParameter;

struct _EidParameters {
  EidDevice  *device;
  guint64     seed;
  GPtrArray  *list;     /* EidParameter*, as declared                           */
  GHashTable *by_name;
  gboolean    wants_teacher, uses_teacher;
  gsize       decayed, trained, total; /* ends of the three parts, elements     */

  EidTensor  *weights, *teacher;               /* [total]; @teacher may be NULL  */
  EidTensor  *weight_halves, *teacher_halves;  /* the same in 16 bits, under EID_BF16; else NULL */
  EidTensor  *gradients, *moments[2];          /* [trained]; NULL until needed   */
  EidTensor  *halted;   /* [1]: 1 once a gradient was not finite                */

  EidTensor  *owners;   /* LARS, NULL until needed: I32 [n, 2], first row and rows of each parameter with decay */
  guint       n_owners;

  gsize       grain;     /* elements: each parameter begins at a multiple of it  */
  gboolean    has_rates; /* some parameter's is not 1                           */
  EidTensor  *rates;     /* [trained / grain], NULL until needed                */
};

/* A tensor, the caller's, over @shape elements of @block from @offset. */
EidTensor *eid_block_part (EidTensor *block, gsize offset, EidShape shape);
/* Moment 0 or 1, made and zero if it was not there. */
EidTensor *eid_parameters_moment (EidParameters *parameters, guint moment);
/* Whatever no loss has reached since eid_parameters_zero_gradients() becomes zero. */
void       eid_parameters_settle_gradients (EidParameters *parameters);

G_END_DECLS
