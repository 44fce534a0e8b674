/* weights-files.h: files of weights in the making, and a tiny run whose encoder they are made of: what the
 * tests of published weights share. */
#pragma once

#include "app/store/store.h"
#include "tests/support/tiny.h"

G_BEGIN_DECLS

/* A tiny run, once for all tests, and its encoder by timm's names; from weights_begin() to weights_end(). */
extern TinyWorld *world;
extern EidSafetensors *encoder;
void weights_begin (void);
void weights_end (void);

/* What is in a file is an eid_safetensor_list_new(). */
/* Adds the F32 tensors of @tensors as PREFIX NAME, each value @scale times. */
void file_add (GArray *file, EidSafetensors *tensors, const char *prefix, float scale);
/* Adds a tensor of zeros, of a shape such as "64x3x7x7". */
void file_add_zeros (GArray *file, const char *name, const char *shape);
void file_write (GArray *file, const char *path);

#define BARE(file)                                                                                           \
  "--weights", file, "--path", "data", "--size", "16", "--set", "Encoder.heads=2", "--set",                  \
      "Run.precision=f32", "--set", "Dataset.mean=0.5", "--set", "Dataset.std=0.25"

/* The features that the weights in @file give, as text; what was said goes to *@said, which may be NULL. */
char *embed (const char *file, char **said);

void assert_says (const char *text, const char *words);

/* truth-exports.c, truth-foreign.c, truth-resize.c */
void add_export_tests (void);
void add_foreign_tests (void);
void add_resize_tests (void);

G_END_DECLS
