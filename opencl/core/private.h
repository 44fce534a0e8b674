/* private.h: what the files of opencl/ share and nobody else sees.
 *
 * An operation is a pair of functions in one of the files named after their
 * subject (elementwise.c, norm.c, …): the public one checks shapes, makes the
 * output, launches a kernel and records a node; the static backward one adds
 * to the gradients of the node's inputs. Its kernels stand in the .cl file of
 * the same name under kernels/.
 */
#pragma once

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include "opencl/core/tensor.h"

G_BEGIN_DECLS

/* --- Memory (memory.c) ---------------------------------------------------
 * The queue is in order, so the memory of a buffer whose last user has been
 * enqueued may be handed out again at once.                                  */
typedef struct _EidRange  EidRange;
typedef struct _EidBuffer EidBuffer;

struct _EidBuffer {
  EidDevice *device;
  cl_mem     mem;
  cl_mem     whole;   /* what this lies in, with others                       */
  gsize      offset;  /* bytes, in the whole                                  */
  gpointer   host;    /* where it lies, on devices with native kernels        */
  gsize      bytes;
  EidRange  *range;   /* given back with the buffer; of a part NULL           */
  EidBuffer *owner;   /* of a part: the buffer whose memory it shares         */
  gint       uses;
};

EidBuffer *eid_buffer_new (EidDevice *device, gsize bytes, const char *what);
EidBuffer *eid_buffer_from_data (EidDevice *device, gconstpointer data, gsize bytes);
EidBuffer *eid_buffer_part (EidBuffer *whole, gsize offset, gsize bytes); /* keeps @whole in use */
EidBuffer *eid_buffer_use (EidBuffer *buffer);
void       eid_buffer_release (EidBuffer *buffer);
void       eid_memory_open (EidDevice *device);
void       eid_memory_close (EidDevice *device);
void       eid_memory_trim (EidDevice *device); /* gives slabs back of which nothing is used */

/* What a convolution keeps with its weight. (convolution.c) */
typedef struct _EidFrozen EidFrozen;
void eid_frozen_free (EidFrozen *frozen);

/* --- Tensors and the tape (tensor.c, tape.c) ------------------------------ */

struct _EidTensor {
  EidDevice *device;
  EidType    type;
  EidShape   shape;
  EidBuffer *buffer;          /* NULL where the device has failed, or after backward has consumed it */
  EidTensor *gradient;
  EidTensor *half;            /* of a parameter or its rows, under EID_BF16: the same in 16 bits */
  EidFrozen *frozen;          /* of a convolution's weight: convolution.c      */
  EidParameters *parameters;  /* of a trained parameter: whose it is           */
  gboolean   needs_gradient;
  gboolean   is_leaf;         /* a parameter: its gradient outlives the tape  */
  gboolean   gradient_is_old; /* it counts as zero: the first to come overwrites it */
  gboolean   in_arena;
  gboolean   spare;           /* see eid_tensor_spare()                       */
};

#define EID_NODE_INPUTS 6

typedef struct _EidNode EidNode;
struct _EidNode {
  void     (*backward) (EidNode *node);
  const char *operation;
  EidTensor *output;
  EidTensor *inputs[EID_NODE_INPUTS];
  EidTensor *saved[3];
  gint       integers[4];
  float      floats[2];
  gpointer   data;            /* freed with the node                            */
};

typedef struct {
  GPtrArray *tensors;
  GPtrArray *nodes;
} EidArena;

/* A tensor of @shape, in the current arena, for an operation to write to; @operation is named
 * where there is no room. Never NULL: a failed device gives one without memory.            */
EidTensor *eid_output (EidDevice *device, const char *operation, EidType type, EidShape shape);
/* Records a node for @output when one of @inputs needs a gradient, and checks the result
 * if finite checking is on. Returns the node, or NULL when nothing is recorded.          */
EidNode   *eid_record (EidTensor *output, const char *operation, void (*backward) (EidNode *),
                       EidTensor *const *inputs, guint n_inputs);
#define EID_RECORD(output, operation, backward, ...)                                             \
  eid_record (output, operation, backward, (EidTensor *const[]) { __VA_ARGS__ },                 \
              sizeof ((EidTensor *[]) { __VA_ARGS__ }) / sizeof (EidTensor *))

/* The gradient of @x to write to, made if it was not there; @accumulate says whether to add
 * to what it holds or to overwrite it. NULL when @x needs none.                             */
EidTensor *eid_gradient_of (EidTensor *x, gint *accumulate);
/* Makes the gradients of a model's parameters, zero, if there are none yet. (parameters.c) */
void       eid_parameters_make_gradients (EidParameters *parameters);
/* A tensor for the duration of one operation; freed by eid_scratch_free(). */
EidTensor *eid_scratch (EidDevice *device, EidShape shape, const char *what);
EidTensor *eid_scratch_of (EidDevice *device, EidType type, EidShape shape, const char *what);
void       eid_scratch_free (EidTensor *tensor);

/* FALSE, with the sentence kept on the device, when @condition does not hold. */
gboolean   eid_require (EidDevice *device, gboolean condition, const char *operation, const char *format, ...) G_GNUC_PRINTF (4, 5);
/* The same for operands (@b may be NULL) that must hold floating-point numbers. */
gboolean   eid_require_floats (const char *operation, EidTensor *a, EidTensor *b);
gboolean   eid_is_float (EidTensor *x);
/* What a kernel is given for @x where its other operands are of @type: a parameter's half, or @x. */
EidTensor *eid_operand (EidTensor *x, EidType type);
/* Both of one type: see "Operations" in tensor.h. */
void       eid_unify (EidTensor **a, EidTensor **b);
gboolean   eid_device_ok (EidDevice *device);
/* " in encoder.blocks.3.attn", or nothing outside of any scope; free. (device.c) */
char      *eid_scope_phrase (EidDevice *device);
gsize      eid_type_size (EidType type);
gsize      eid_leading (EidTensor *x); /* rows: all elements over the last axis' */
guint      eid_last (EidTensor *x);    /* the last axis                         */

/* --- Kernels (launch.c, program.c) ---------------------------------------------
 * A kernel is named "file:function". Work-items beyond @items are started (the
 * group size divides the global size) and return at once. Where one of the
 * tensors is of type EID_BF16, the kernel's 16-bit build is taken.           */
typedef struct {
  gsize   size;
  EidType type;  /* of a tensor */
  gsize   bytes; /* of a tensor or buffer, for the profile */
  union { cl_mem mem; cl_int i; cl_uint u; cl_float f; } value;
} EidArg;

EidArg eid_arg_tensor (EidTensor *tensor);  /* NULL: a null pointer in the kernel */
EidArg eid_arg_buffer (EidBuffer *buffer);
EidArg eid_arg_int (gsize value);
EidArg eid_arg_float (float value);
#define T(tensor) eid_arg_tensor (tensor)
#define I(value)  eid_arg_int (value)
#define F(value)  eid_arg_float (value)

/* One work-item an element. */
#define EID_MAP(device, kernel, items, ...) EID_LAUNCH_ (device, kernel, items, FALSE, __VA_ARGS__)
/* One row a work-item on processors, one row a work-group on GPUs (kernels/rows.h). */
#define EID_ROWS(device, kernel, rows, ...) EID_LAUNCH_ (device, kernel, rows, TRUE, __VA_ARGS__)
/* 1024 elements a row (FLAT in kernels/rows.h), for what pays to be written in vectors. */
#define EID_FLAT(device, kernel, count, ...) EID_LAUNCH_ (device, kernel, ((count) + 1023) / 1024, TRUE, __VA_ARGS__)
#define EID_LAUNCH_(device, kernel, items, by_rows, ...)                                         \
  eid_launch (device, kernel, items, by_rows, (EidArg[]) { __VA_ARGS__ },                        \
              sizeof ((EidArg[]) { __VA_ARGS__ }) / sizeof (EidArg))
void eid_launch (EidDevice *device, const char *kernel, gsize items, gboolean by_rows, EidArg *args, guint n_args);

/* The programs of a device, and their kernels. @built_now: it is compiled when it is launched next, and
 * somebody has been told so.                                                                     */
typedef struct _EidPrograms EidPrograms;
EidPrograms *eid_programs_new (EidDevice *device);
void         eid_programs_free (EidPrograms *programs);
cl_kernel    eid_kernel_get (EidDevice *device, const char *name, gboolean half, gboolean *built_now);

/* @function, given a copy of @call (@size bytes), in its place on the queue of a processor: for what
 * a library does better. @tensors are what it reads and writes, by the addresses in their buffers;
 * they are kept until it has run. @name and @work (floating-point operations) are for the profile. */
void eid_native (EidDevice *device, const char *name, double work, void (*function) (void *call), const void *call,
                 gsize size, EidTensor *const *tensors, guint n_tensors);

/* --- The profile (profile.c) ------------------------------------------------
 * What is enqueued is given eid_profile_event() to leave its event in, and kept right after. Where a
 * library enqueues several kernels and gives the event of the last, eid_profile_begin() comes first. */
typedef struct _EidProfile EidProfile;
cl_event *eid_profile_event (EidDevice *device); /* NULL: nothing is profiled */
void      eid_profile_begin (EidDevice *device);
void      eid_profile_keep (EidDevice *device, const char *kernel, EidType type, double work, double bytes);
void      eid_profile_free (EidProfile *profile);

/* What a failed OpenCL call was and what it means, kept on the device. TRUE if @status is good. */
gboolean eid_cl_ok (EidDevice *device, cl_int status, const char *what);

/* @scale times the sums over the rows of x [rows, columns] -> out [columns], added to what is
 * there if @accumulate. (reduce.c)                                                          */
void eid_column_sums (EidTensor *x, EidTensor *out, gsize rows, guint columns, float scale, gint accumulate);
/* Into how many runs of rows a sum over rows is cut, so that cores share it. */
gsize eid_row_chunks (gsize rows);
/* All of @x becomes @value. (elementwise.c) */
void eid_fill (EidTensor *x, float value);
/* dx (+)= scale dy, element by element, of whatever types. (elementwise.c) */
void eid_add_scaled (EidTensor *dx, EidTensor *dy, float scale, gint accumulate);
/* The gradient of @x becomes, or grows by, that of the same elements in @dy; memory is shared
 * where nothing is there yet.                                                                */
void eid_pass_gradient (EidTensor *x, EidTensor *dy);
/* A tensor of @shape over the memory of @x. */
EidTensor *eid_alias (EidTensor *x, EidShape shape);

/* --- Matrix multiplication (gemm.c) ----------------------------------------
 * C (+)= op(A) op(B) (+ bias, a row of n added to each row of C)
 * (+ residual, a matrix like C), row-major, for each of outer x inner matrices,
 * whose starts lie apart by the strides. All in elements. Sums are in 32 bits.  */
typedef struct {
  guint16 transpose_a, transpose_b;
  guint32 m, n, k;
  guint32 lda, ldb, ldc;
  guint32 outer, inner;
  guint32 type_a, type_b, type_c, has_bias, has_residual; /* set by eid_gemm() */
  guint32 relu;                                           /* last, by tiles alone */
  guint32 accumulate;                                     /* onto what C holds    */
  guint64 offset_a, offset_b, offset_c;
  guint64 stride_a[2], stride_b[2], stride_c[2]; /* [0] of outer, [1] of inner */
} EidGemm;

typedef struct {
  EidTensor *a, *b, *c;
  EidTensor *bias;     /* EID_F32, or NULL                                      */
  EidTensor *residual; /* of C's type, dense, or NULL                           */
} EidOperands;

void eid_gemm_full (EidDevice *device, const EidGemm *gemm, const EidOperands *operands);
void eid_gemm (EidDevice *device, const EidGemm *gemm, EidTensor *a, EidTensor *b, EidTensor *c, EidTensor *bias);
/* What y = x W^T + b hands on of @dy to x, W and, if it is not NULL, b. (matrix.c) */
void eid_linear_gradients (EidTensor *x, EidTensor *dy, EidTensor *weight, EidTensor *bias);
/* op(A) [m, k] times op(B) [k, n], everything dense. */
EidGemm eid_gemm_dense (gboolean transpose_a, gboolean transpose_b, gsize m, gsize n, gsize k);

typedef struct {
  const char *name;
  gboolean    complete;   /* adds bias and residual, and takes EID_BF16; else eid_gemm() does so by kernels */
  gpointer  (*open) (EidDevice *device);
  gboolean  (*run) (gpointer state, EidDevice *device, const EidGemm *gemm, const EidOperands *operands);
  void      (*close) (gpointer state);
} EidGemmBackend;

extern const EidGemmBackend eid_gemm_onednn;
extern const EidGemmBackend eid_gemm_clblast;

/* --- The device (device.c) ------------------------------------------------- */

struct _EidDevice {
  EidDeviceInfo    info;
  cl_platform_id   platform;
  cl_device_id     id;
  cl_context       context;
  cl_command_queue queue;
  gboolean         cpu_kernels;      /* which variant of each kernel           */
  gboolean         native;           /* native kernels are used: oneDNN        */
  gsize            group;            /* work-group size of EID_MAP             */
  gsize            alignment;        /* of parts of buffers, bytes             */

  GError          *error;            /* the first since the last check         */
  GPtrArray       *arenas;           /* EidArena*, the innermost last          */
  GPtrArray       *scopes;
  gboolean         recording, finite_check;
  gboolean         recomputing;      /* what was computed before is computed again: it leaves no traces */
  EidType          precision;

  EidDetach        detach;           /* see eid_set_detach()                   */
  GPtrArray       *detached;         /* EidDetached, in order; NULL before     */
  guint            next_detached;    /* that is given again                    */

  EidPrograms     *programs;
  EidBuildFunc     on_build;
  gpointer         on_build_data;

  EidProfile      *profile;          /* NULL: off                              */

  GTree           *free_ranges;      /* EidRange, by size                      */
  guint64          bytes, slab_bytes, peak_bytes; /* handed out, taken of the device, most ever taken */
  guint64          slabs;            /* ever made                              */
  gboolean         splits_slabs;

  const EidGemmBackend *gemm;
  gpointer              gemm_state;

  GHashTable      *convolutions;     /* oneDNN's, by shape; NULL before the first */
  guint64          changes;          /* of weights and running moments: who writes to them counts,
                                        so that what was made of them is made anew */
};

/* Tells which of the watched operations was the first to go wrong. (tape.c) */
void eid_check_finite (EidTensor *tensor, const char *operation);

/* --- pocl-cache.c ------------------------------------------------------------- */

#define EID_POCL_PLATFORM "Portable Computing Language"
/* Before PoCL is asked for anything: where its cache cannot be written it gets one for this process. NULL, or why
 * there can be none, in a sentence. */
const char *eid_pocl_cache_prepare (void);
/* Whether @status is what a damaged cache ends in. */
gboolean eid_pocl_may_be_damaged (EidDevice *device, cl_int status);

G_END_DECLS
