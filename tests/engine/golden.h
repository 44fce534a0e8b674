/* golden.h: a file of tests/golden: inputs, weights, results and gradients as
 * PyTorch has them, made by make.py there.
 *
 * Forward results agree within 1e-5 and gradients within 1e-4 of the larger of
 * the value and the values' root mean square.
 */
#pragma once

#include "app/store/store.h"
#include "tensor.h"

typedef struct
{
  EidSafetensors *file;
  GHashTable *leaves; /* name -> EidTensor, as golden_leaf() made them */
} Golden;

/* Opens tests/golden/@name.safetensors and pushes an arena; close pops it. */
void golden_open (Golden *golden, const char *name);
void golden_close (Golden *golden);

/* What the file holds under @name; it must. */
const EidSafetensor *golden_find (Golden *golden, const char *name);
EidTensor *golden_tensor (Golden *golden, const char *name);

/* A weight: it gets a gradient that golden_check_gradients() will look at. The
 * same name gives the same tensor. */
EidTensor *golden_leaf (Golden *golden, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* @got is what the file has under @name; NULL is not. */
void golden_check (Golden *golden, const char *name, EidTensor *got);

/* The gradient of @leaf is what the file has under "grad.@name". */
void golden_check_gradient (Golden *golden, const char *name, EidTensor *leaf);

/* Every "grad." of the file belongs to a leaf and is what the leaf has got. */
void golden_check_gradients (Golden *golden);

void add_kit_tests (void);        /* golden-kit.c        */
void add_joint_tests (void);      /* golden-joint.c      */
void add_redundancy_tests (void); /* golden-redundancy.c */
void add_dinov2_tests (void);     /* golden-dinov2.c     */
void add_weights_tests (void);    /* golden-weights.c    */
