/* tensor.h: the public face of the tensor engine.
 *
 * Devices, tensors, operations with gradients, parameters and their
 * optimiser. No OpenCL type appears here: a caller names a device, makes
 * tensors on it and calls operations; the engine records what was done and
 * eid_backward() walks it in reverse.
 *
 * Errors. An operation never returns NULL and never aborts on what a user can
 * cause. The first thing that goes wrong on a device is kept there, every
 * operation after it is a quiet no-op, and eid_device_check() hands the error
 * over, once, where the caller is ready for it (normally at a step's end).
 *
 * Lifetime. What an operation returns belongs to the device's current arena
 * and goes when that arena is popped. Tensors made while no arena is pushed
 * are the caller's, and freed with eid_tensor_free().
 *
 * Layout. Tensors are dense and row-major, the last dimension contiguous.
 * Images are [B, H, W, C].
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define EID_API __attribute__ ((visibility ("default")))

/* --- Errors ------------------------------------------------------------- */

/* The domain of every error of this library. */
#define EID_ERROR (eid_error_quark ())
EID_API GQuark eid_error_quark (void);

typedef enum {
  EID_ERROR_FAILED,     /* the work failed: unreadable data, a full disk      */
  EID_ERROR_USAGE,      /* a recipe, an option or a plugin asks the impossible */
  EID_ERROR_NO_DEVICE,  /* no OpenCL device, or none of that name             */
  EID_ERROR_NOT_FINITE, /* a loss or gradient is infinite or not a number     */
  EID_ERROR_MEMORY,     /* the device has no room for what was asked          */
} EidError;

/* --- Shapes and types --------------------------------------------------- */

#define EID_MAX_RANK 5

/* EID_BF16 is the upper half of a float: activations are stored so where that is faster, all
 * arithmetic is in 32 bits. On the host such numbers are always floats.                      */
typedef enum { EID_F32, EID_I32, EID_U8, EID_BF16 } EidType;

typedef struct {
  guint rank;
  guint dim[EID_MAX_RANK];
} EidShape;

/* EID_SHAPE (B, N, D); a scalar is EID_SHAPE (1). */
#define EID_SHAPE(...)                                                         \
  ((EidShape) { .rank = sizeof ((guint[]) { __VA_ARGS__ }) / sizeof (guint),   \
                .dim = { __VA_ARGS__ } })

EID_API gsize    eid_shape_count (EidShape shape);            /* elements       */
EID_API gboolean eid_shape_equal (EidShape a, EidShape b);
EID_API char    *eid_shape_to_string (EidShape shape);        /* "[2, 3]", free */

typedef struct _EidDevice EidDevice;
typedef struct _EidTensor EidTensor;

/* --- Devices ------------------------------------------------------------ */

typedef struct {
  guint    index;         /* what --device takes beside a name                */
  char    *name;
  char    *platform;
  char    *driver;
  gboolean is_gpu;
  gboolean has_native_kernels; /* oneDNN can run on its queue                 */
  gboolean gains_by_bf16; /* matrices multiply faster in EID_BF16             */
  guint    compute_units;
  guint64  memory_bytes;
  guint64  buffer_bytes;  /* the most one buffer may hold                     */
} EidDeviceInfo;

/* All devices, best first: GPUs, then PoCL, then other processors. Element
 * type EidDeviceInfo*, owned by the array; empty when there is no device.   */
EID_API GPtrArray *eid_device_list (void);
/* The name of a processor as its maker gives it, "AMD EPYC 9R14" of PoCL's "pthread-znver4-AMD EPYC 9R14";
 * any other @name as it is. Points into @name.                               */
EID_API const char *eid_device_title (const char *name);
/* The folder in which the OpenCL driver of the processor, PoCL, keeps compiled kernels. Free. */
EID_API char *eid_kernel_cache_folder (void);

/* How many times as fast as in EID_F32 products are in EID_BF16, as measured here
 * once; 0 where there are none.                                              */
EID_API double eid_device_bf16_speed (const EidDeviceInfo *info);

/* @wanted: an index, a part of a name or of a platform's name (case does not
 * matter), or NULL for the best device. Errors: EID_ERROR_NO_DEVICE.         */
EID_API EidDevice *eid_device_open (const char *wanted, GError **error);
EID_API void       eid_device_close (EidDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidDevice, eid_device_close)

/* Both are the device's own and go with it. The second is the library that multiplies matrices on it:
 * "oneDNN", "CLBlast". */
EID_API const EidDeviceInfo *eid_device_info (EidDevice *device);
EID_API const char          *eid_device_gemm_name (EidDevice *device);

/* In which precision products of matrices are made, EID_F32 (to begin with) or EID_BF16: their
 * activations are then stored in 16 bits, while parameters, sums, moments and losses stay in 32.
 * Set before parameters are committed.                                                        */
EID_API void     eid_device_set_precision (EidDevice *device, EidType precision);
EID_API EidType  eid_device_precision (EidDevice *device);
/* Whether matrices multiply faster in EID_BF16 here. */
EID_API gboolean eid_device_gains_by_bf16 (EidDevice *device);

/* FALSE, with the first error since the last check, when something failed.   */
EID_API gboolean eid_device_check (EidDevice *device, GError **error);
/* Keeps an error of the caller's own, in the same way an operation does.     */
EID_API void     eid_device_fail (EidDevice *device, EidError code, const char *format, ...) G_GNUC_PRINTF (3, 4);
EID_API void     eid_device_finish (EidDevice *device);  /* waits for the queue */
EID_API guint64  eid_device_bytes (EidDevice *device);
EID_API guint64  eid_device_peak_bytes (EidDevice *device);
/* Gives back what lies ready for use again; the peak is counted anew from here. */
EID_API void     eid_device_trim (EidDevice *device);

/* What a device's time goes to. While on, what runs is counted by phase, kernel and precision;
 * while off, it costs nothing. Waits for the queue; turning it on begins anew. */
EID_API void     eid_device_set_profile (EidDevice *device, gboolean on);
/* Names what follows ("forward"), and returns what was named before; eid_backward() calls itself
 * "backward". */
EID_API const char *eid_profile_phase (EidDevice *device, const char *phase);

typedef struct {
  const char *phase, *kernel; /* kept by the engine                           */
  EidType     type;           /* EID_BF16 where any operand is                */
  guint64     calls, nanoseconds;
  double      work;           /* floating-point operations of products, else 0 */
  double      bytes;          /* of the operands, each counted once a call    */
} EidProfileEntry;

/* Waits for the queue and returns what was counted since the last call, elements EidProfileEntry;
 * free with g_array_unref(). */
EID_API GArray  *eid_profile_read (EidDevice *device);

/* Told when kernels are waited for: @what is being compiled, as number @number of @count; of an
 * unknown number where @count is 0. The terminal or window can say so.       */
typedef void (*EidBuildFunc) (const char *what, guint number, guint count, gpointer user_data);
EID_API void     eid_device_on_build (EidDevice *device, EidBuildFunc func, gpointer user_data);
/* Begins to compile all kernels of the device's precision in threads, where the driver can. */
EID_API void     eid_device_prepare (EidDevice *device);

/* --- Arenas and recording ----------------------------------------------- */

/* Tensors made from here on belong to a new arena, until it is popped.       */
EID_API void eid_arena_push (EidDevice *device);
EID_API void eid_arena_pop (EidDevice *device);
/* The same, but for @kept, which moves to the arena below. Returns it. */
EID_API EidTensor *eid_arena_pop_keeping (EidDevice *device, EidTensor *kept);

/* Whether operations are recorded for eid_backward(); on to begin with.
 * Returns what it was.                                                       */
EID_API gboolean eid_set_recording (EidDevice *device, gboolean recording);
EID_API gboolean eid_is_recording (EidDevice *device);

/* @segment (x, data), of which the result alone is kept: what it computes on the way is computed
 * again by eid_backward(), to the same bits. It may depend on @x, parameters and a copy of @data
 * [size bytes] alone.                                                         */
typedef EidTensor *(*EidSegment) (EidTensor *x, gpointer data);
EID_API EidTensor *eid_recompute (EidTensor *x, EidSegment segment, gconstpointer data, gsize size);

/* What eid_detach() gives. A loss that stops gradients on purpose has the derivative that eid_backward()
 * finds only while what was stopped stays as it was: KEEP copies, in order, what is detached from here
 * on; HOLD gives these copies again, from the first on, whatever is detached; FREE, to begin with,
 * forgets them. For checking gradients by differences; each copy waits for the device.     */
typedef enum { EID_DETACH_FREE, EID_DETACH_KEEP, EID_DETACH_HOLD } EidDetach;
EID_API void eid_set_detach (EidDevice *device, EidDetach mode);

/* While on, each operation's result is checked, and the first that is not
 * finite becomes the device's error, named by operation and scope. Slow: for
 * finding the culprit after a loss was not finite.                           */
EID_API void eid_set_finite_check (EidDevice *device, gboolean check);

/* Names where in the model operations run ("encoder.blocks.3.attn"), for the
 * messages of failing operations. Scopes nest.                               */
EID_API void eid_scope_push (EidDevice *device, const char *name);
EID_API void eid_scope_pop (EidDevice *device);

/* --- Tensors ------------------------------------------------------------ */

EID_API EidTensor *eid_tensor_new (EidDevice *device, EidType type, EidShape shape);   /* contents undefined */
EID_API EidTensor *eid_tensor_from_data (EidDevice *device, EidType type, EidShape shape, gconstpointer data);
EID_API EidTensor *eid_zeros (EidDevice *device, EidShape shape);
/* Uniform in [0, 1), a function of @key alone (Philox 4x32-10).              */
EID_API EidTensor *eid_uniform (EidDevice *device, EidShape shape, const guint32 key[4]);
EID_API void       eid_tensor_free (EidTensor *tensor); /* only without an arena */
/* The caller reads @tensor no more: its memory goes at once, unless operations are recorded, which
 * may read it on the way back.                                               */
EID_API void       eid_tensor_drop (EidTensor *tensor);
/* What is dropped right after the next operation that adds it: where nothing is recorded, the sum may
 * be written over it. (What adds a residual so: eid_conv2d_norm().) */
EID_API void       eid_tensor_spare (EidTensor *tensor);

/* Known at once: nothing is waited for. */
EID_API EidShape   eid_tensor_shape (EidTensor *tensor);
EID_API EidType    eid_tensor_type (EidTensor *tensor);
EID_API EidDevice *eid_tensor_device (EidTensor *tensor);
EID_API guint      eid_dim (EidTensor *tensor, guint axis); /* 1 past the rank */
EID_API gsize      eid_tensor_count (EidTensor *tensor);

/* Waits for the device and copies out, EID_BF16 as floats; FALSE when the device has
 * failed, the output is zeroed then.                                         */
EID_API gboolean   eid_tensor_read (EidTensor *tensor, gpointer data);
/* Copies in eid_tensor_count() elements of the tensor's type, EID_BF16 from floats. */
EID_API void       eid_tensor_write (EidTensor *tensor, gconstpointer data);
EID_API float      eid_tensor_scalar (EidTensor *tensor); /* reads element 0 */

/* A read that does not hold the queue up: @data (of the tensor's size) is
 * valid once eid_pending_wait() has returned, which also frees @pending.     */
typedef struct _EidPending EidPending;
EID_API EidPending *eid_tensor_read_later (EidTensor *tensor, gpointer data);
EID_API void        eid_pending_wait (EidPending *pending);

/* Gradients. A leaf that requires gradient gets one by eid_backward().       */
EID_API void       eid_tensor_require_gradient (EidTensor *tensor);
EID_API EidTensor *eid_tensor_gradient (EidTensor *tensor); /* NULL if none  */
/* @loss [1]. Consumes what was recorded: of the results on the way only the loss itself may be
 * read afterwards.                                                           */
EID_API void       eid_backward (EidTensor *loss);
/* The same for @share of the loss. Gradients of leaves add up from loss to loss. */
EID_API void       eid_backward_share (EidTensor *loss, float share);

/* --- Operations ---------------------------------------------------------
 * Each is differentiable in every floating-point argument unless it says
 * otherwise. The result has its arguments' type; where they differ, EID_F32,
 * but a parameter follows what it meets. Products with a weight are made in the
 * device's precision, whatever comes in; losses, softmax and unit length are
 * EID_F32, whatever comes in.                                                */

/* Shape */
EID_API EidTensor *eid_reshape (EidTensor *x, EidShape shape);    /* shares memory */
EID_API EidTensor *eid_detach (EidTensor *x);                     /* no gradient   */
EID_API EidTensor *eid_cast (EidTensor *x, EidType type);         /* F32 and BF16; @x itself if it is of that type */
EID_API EidTensor *eid_concat (EidTensor *a, EidTensor *b);       /* along axis 0  */
EID_API EidTensor *eid_rows (EidTensor *x, guint first, guint count); /* of axis 0; I32 too */

/* Element by element. @b has a's shape, or a suffix of it, and is repeated:
 * [B, N, D] + [N, D], [M, D] + [D].                                          */
EID_API EidTensor *eid_add (EidTensor *a, EidTensor *b);
EID_API EidTensor *eid_sub (EidTensor *a, EidTensor *b);
EID_API EidTensor *eid_mul (EidTensor *a, EidTensor *b);
EID_API EidTensor *eid_div (EidTensor *a, EidTensor *b);
EID_API EidTensor *eid_scale (EidTensor *x, float factor);
EID_API EidTensor *eid_shift (EidTensor *x, float by); /* x + by */
/* x [B, ..] or [B, N, ..], each part times its number in @factors [B] or [B, N], which get no gradient. */
EID_API EidTensor *eid_scale_rows (EidTensor *x, EidTensor *factors);
EID_API EidTensor *eid_relu (EidTensor *x);
EID_API EidTensor *eid_gelu (EidTensor *x);        /* exact, by erf           */
/* Natural. Of what is not in their domain they are NaN or infinite, which ends the run with the name of
 * the operation: add a small number first. */
EID_API EidTensor *eid_exp (EidTensor *x);
EID_API EidTensor *eid_log (EidTensor *x);
EID_API EidTensor *eid_sqrt (EidTensor *x);
EID_API EidTensor *eid_square (EidTensor *x);
EID_API EidTensor *eid_tanh (EidTensor *x);
EID_API EidTensor *eid_sigmoid (EidTensor *x);
/* @low where @x is less, @high where it is more; gradient only in between. */
EID_API EidTensor *eid_clamp (EidTensor *x, float low, float high);

/* Reductions of all elements to [1] */
EID_API EidTensor *eid_sum (EidTensor *x);
EID_API EidTensor *eid_mean (EidTensor *x);

/* Reductions over one axis, which then is gone: [B, N, D] over axis 1 -> [B, D]. @mask, if not NULL,
 * has a number for each place up to and with the axis, here [B, N]: 1 for what counts and 0 for
 * what does not; it gets no gradient, and the mean of nothing is 0.           */
EID_API EidTensor *eid_sum_axis (EidTensor *x, guint axis, EidTensor *mask);
EID_API EidTensor *eid_mean_axis (EidTensor *x, guint axis, EidTensor *mask);
EID_API EidTensor *eid_max_axis (EidTensor *x, guint axis); /* gradient to the first of equal ones */
/* Running sums over the last axis. */
EID_API EidTensor *eid_cumulative_sum (EidTensor *x);

/* By number, I32. One out of range takes the nearest that is in it, and gets no gradient. */
/* table [V, D], index [..] -> [.., D] */
EID_API EidTensor *eid_embedding (EidTensor *table, EidTensor *index);
/* x [.., N], index [.., K] -> [.., K], out[r, k] = x[r, index[r, k]]          */
EID_API EidTensor *eid_gather (EidTensor *x, EidTensor *index);
/* x and index [.., K] -> [.., n], 0 but for out[r, index[r, k]] += x[r, k]    */
EID_API EidTensor *eid_scatter (EidTensor *x, EidTensor *index, guint n);
/* x [.., N] -> its k largest, [.., k], the largest first; @index, if not NULL, receives their places,
 * I32 [.., k], the first of equal ones first. With k = 1: maximum and argmax. Made for small k. */
EID_API EidTensor *eid_top_k (EidTensor *x, guint k, EidTensor **index);

/* The buffer @mean [D] becomes momentum * mean + (1 - momentum) * the mean over the rows of
 * x [M, D]. No gradient.                                                     */
EID_API void       eid_running_mean (EidTensor *mean, EidTensor *x, float momentum);
/* Rows [M, D] take the place of the oldest in the buffer @ring [N, D]: from row @cursor [1] on, which
 * is moved behind them. Of more than N rows the last stay. No gradient.      */
EID_API void       eid_ring_write (EidTensor *ring, EidTensor *cursor, EidTensor *rows);

/* Matrices */
/* x [..., I], weight [O, I], bias [O] or NULL -> [..., O] */
EID_API EidTensor *eid_linear (EidTensor *x, EidTensor *weight, EidTensor *bias);
/* The same plus @residual [..., O], in one pass. */
EID_API EidTensor *eid_linear_add (EidTensor *x, EidTensor *weight, EidTensor *bias, EidTensor *residual);
/* gelu (x w1^T + b1) w2^T + b2 (+ residual [..., O]): a transformer's perceptron, w1 [H, I], w2 [O, H].
 * Keeps one activation of H channels for the way back, where the operations apart keep two. */
EID_API EidTensor *eid_feed_forward (EidTensor *x, EidTensor *w1, EidTensor *b1, EidTensor *w2, EidTensor *b2,
                                     EidTensor *residual);
/* op (a) op (b), [M, N] or [B, M, N]: a [M, K] or [B, M, K], if transposed [K, M] or [B, K, M]; b likewise
 * [K, N]. Similarities of rows: eid_matmul (a, FALSE, b, TRUE). */
EID_API EidTensor *eid_matmul (EidTensor *a, gboolean transpose_a, EidTensor *b, gboolean transpose_b);

/* Convolutions, of maps [B, H, W, C] with weights as PyTorch has them, bias [O] or NULL; made like
 * products with a weight, in the device's precision.                         */
/* weight [O, C / groups, kh, kw] -> [B, (H + 2 padding - kh) / stride + 1, …, O] */
EID_API EidTensor *eid_conv2d (EidTensor *x, EidTensor *weight, EidTensor *bias,
                               guint stride, guint padding, guint groups);
/* weight [C, O, kh, kw] -> [B, (H - 1) stride + kh - 2 padding, …, O] */
EID_API EidTensor *eid_conv2d_transpose (EidTensor *x, EidTensor *weight, EidTensor *bias,
                                         guint stride, guint padding);
/* The largest, or the mean, of each window, a square of at most 15 pixels; a mean counts the
 * padding in, as 0.                                                          */
EID_API EidTensor *eid_max_pool2d (EidTensor *x, guint window, guint stride, guint padding);
EID_API EidTensor *eid_avg_pool2d (EidTensor *x, guint window, guint stride, guint padding);

/* Normalisation, over the last axis unless said otherwise */
/* gain [D], bias [D], both or neither NULL */
EID_API EidTensor *eid_layer_norm (EidTensor *x, EidTensor *gain, EidTensor *bias, float epsilon);
/* x [..., D], over all but D; gain [D], bias [D], both or neither NULL. While @training the batch's
 * own moments are used and the running ones (buffers, [D]) moved by @momentum towards them
 * (variance unbiased, as PyTorch does); else the running ones are used.      */
EID_API EidTensor *eid_batch_norm (EidTensor *x, EidTensor *gain, EidTensor *bias,
                                   EidTensor *running_mean, EidTensor *running_var,
                                   float momentum, float epsilon, gboolean training);
/* Its parameters and moments, each [D]; gain and bias may be NULL. */
typedef struct {
  EidTensor *gain, *bias, *running_mean, *running_var;
  float      momentum, epsilon;
} EidBatchNorm;
/* The same, plus @residual (like x, or NULL), then ReLU if asked, in one pass. */
EID_API EidTensor *eid_batch_norm_full (EidTensor *x, const EidBatchNorm *norm, gboolean training,
                                        EidTensor *residual, gboolean relu);
/* All that after eid_conv2d() of @x, which has no bias. Where nothing is trained nor recorded, the
 * norm becomes part of the weight, and everything one convolution.           */
EID_API EidTensor *eid_conv2d_norm (EidTensor *x, EidTensor *weight, guint stride, guint padding, guint groups,
                                    const EidBatchNorm *norm, gboolean training, EidTensor *residual, gboolean relu);
EID_API EidTensor *eid_normalize (EidTensor *x);   /* to length 1, x / max (|x|, 1e-12) */
/* (x - mean) / sqrt (unbiased variance + epsilon), of rows of two numbers at least. No gradient: for targets. */
EID_API EidTensor *eid_standardize (EidTensor *x, float epsilon);
/* The other way round: x times the deviation of @like's rows, plus their mean. No gradient. */
EID_API EidTensor *eid_unstandardize (EidTensor *x, EidTensor *like, float epsilon);
EID_API EidTensor *eid_softmax (EidTensor *x);

/* Attention: softmax (q k^T / sqrt (D / heads)) v for each head. qkv [B, N, 3 D] packed as timm
 * packs it ([3, heads, D / heads]) -> [B, N, D]. @causal: a token sees itself and those before it.
 * @probabilities, if not NULL, receives [B, heads, N, N], EID_F32, which carries no gradient; no
 * matrix of that size is made otherwise.                                     */
EID_API EidTensor *eid_attention (EidTensor *qkv, guint heads, gboolean causal, EidTensor **probabilities);
/* The same of queries for the keys and values of others: q [B, N, D], kv [B, M, 2 D], keys first ->
 * [B, N, D]; @probabilities [B, heads, N, M].                                */
EID_API EidTensor *eid_cross_attention (EidTensor *q, EidTensor *kv, guint heads, EidTensor **probabilities);

/* Tokens */
/* images [B, H, W, C] -> [B, (H / p)(W / p), C p p], each patch in the order
 * (c, y, x), as a convolution's weight [D, C, p, p] has it.                  */
EID_API EidTensor *eid_patchify (EidTensor *images, guint patch);
/* films [B, T, H, W, C] -> [B, (T / t)(H / p)(W / p), C t p p], each piece of t = @frames by p x p
 * pixels in the order (c, t, y, x), as a three-dimensional convolution's weight [D, C, t, p, p] has it. */
EID_API EidTensor *eid_patchify_film (EidTensor *films, guint frames, guint patch);
EID_API EidTensor *eid_unpatchify (EidTensor *patches, guint patch, guint height, guint width); /* no gradient */
/* x [B, N, D], token [D] or [T, D] -> [B, T + N, D], the token or the T tokens first */
EID_API EidTensor *eid_prepend_token (EidTensor *x, EidTensor *token);
/* x [B, N, D], but @token [D] where mask [B, N] is 1; no gradient to @mask. */
EID_API EidTensor *eid_hide_tokens (EidTensor *x, EidTensor *token, EidTensor *mask);
/* x [B, N, D] -> [B, count, D] */
EID_API EidTensor *eid_tokens (EidTensor *x, guint first, guint count);
/* x [B, N, D] -> [B, D] */
EID_API EidTensor *eid_mean_tokens (EidTensor *x);
/* x [B, N, D], or [N, D] shared by the whole batch; index I32 [B, K], in
 * range, without repeats in a row -> [B, K, D]                               */
EID_API EidTensor *eid_gather_tokens (EidTensor *x, EidTensor *index);
/* How position embeddings of one grid of patches become those of another: all are bicubic, and all differ. */
typedef enum {
  EID_RESIZE_ANTIALIASED, /* timm: Keys' kernel with a = -1/2, widened where the grid shrinks */
  EID_RESIZE_PLAIN,       /* PyTorch's interpolate(): a = -3/4, edges repeated, never widened */
  EID_RESIZE_CORNERS,     /* torchvision: the same with align_corners=True    */
  EID_RESIZE_OFFSET,      /* DINOv2's repository: the same by a factor of (to + 0.1) / from */
} EidResize;
/* The one called "antialiased", "plain", "corners" or "offset"; antialiased for any other name. */
EID_API EidResize  eid_resize_named (const char *name);
/* [to, from]: what each of @to places in a row takes of each of @from. Free.  */
EID_API double    *eid_resize_shares (guint from, guint to, EidResize how);
/* positions [grid * grid, D] of a grid of patches, to [height * width, D]     */
EID_API EidTensor *eid_resize_positions_by (EidTensor *positions, guint grid, guint height, guint width, EidResize how);
/* The same antialiased.                                                      */
EID_API EidTensor *eid_resize_positions (EidTensor *positions, guint grid, guint height, guint width);
/* x [B, K, D], restore I32 [B, N], token [D] -> [B, N, D]: the kept token
 * restore[b, n] where that is below K, else @token.                          */
EID_API EidTensor *eid_restore_tokens (EidTensor *x, EidTensor *token, EidTensor *restore);

/* Recurrent cells */
/* x [B, I], h [B, H], weights [3 H, I] and [3 H, H], biases [3 H] or NULL, in the order reset, update,
 * new -> the next h, [B, H] (Cho et al. 2014, as PyTorch's GRUCell has it).   */
EID_API EidTensor *eid_gru_cell (EidTensor *x, EidTensor *h, EidTensor *weight_x, EidTensor *weight_h,
                                 EidTensor *bias_x, EidTensor *bias_h);

/* Of a whole batch. (For columns of mean 0 and deviation 1: eid_batch_norm() without gain and bias.) */
/* x [M, D] -> [D, D], EID_F32: unbiased, divided by M - 1 */
EID_API EidTensor *eid_covariance (EidTensor *x);
EID_API EidTensor *eid_diagonal (EidTensor *x);             /* [N, N] -> [N]   */
EID_API EidTensor *eid_off_diagonal_squares (EidTensor *x); /* [N, N] -> [1], their sum, EID_F32 */
/* Scores [M, K] of samples against prototypes -> assignments [M, K], EID_F32, whose rows sum to 1
 * and whose columns tend to M / K (Cuturi 2013; Caron et al. 2020, section 3.1). No gradient. */
EID_API EidTensor *eid_sinkhorn (EidTensor *scores, float epsilon, guint iterations);

/* Samples [.., M, S] along S slices -> [1]: the mean over slices, and over what stands before M, of
 * Epps and Pulley's statistic, M times the integral of |phi (t) - exp (-t^2 / 2)|^2 exp (-t^2 / 2) over
 * [-t_max, t_max], where phi is the samples' characteristic function; by the trapezoidal rule on @knots
 * points of [0, t_max], 2 to 64. Near 1 where they are normal with mean 0 and deviation 1, and EID_F32. */
EID_API EidTensor *eid_epps_pulley (EidTensor *x, guint knots, float t_max);

/* Losses, to [1] */
/* logits [M, N], target I32 [M] -> mean over rows of -log softmax (logits)[target] */
EID_API EidTensor *eid_cross_entropy (EidTensor *logits, EidTensor *target);
/* Logits [V B, K] of V views of B samples, probabilities [T B, K] of the first T of these views, rows
 * view-major: the mean, over all pairs of different views of one sample, of
 * -sum (probabilities * log softmax (logits / temperature)). Gradient to @logits alone. */
EID_API EidTensor *eid_soft_cross_entropy (EidTensor *logits, EidTensor *probabilities, guint batch, float temperature);
/* x [M, M]: the diagonal becomes @value and gets no gradient */
EID_API EidTensor *eid_mask_diagonal (EidTensor *x, float value);
/* NT-Xent over 2N unit vectors, z [2N, D], of which i and i + N are two views
 * of one sample (Chen et al. 2020, equation 1).                              */
EID_API EidTensor *eid_nt_xent (EidTensor *z, float temperature);
/* InfoNCE (van den Oord et al. 2018) over unit vectors, queries and keys [M, D]: the mean over rows
 * of -log softmax (cosines / temperature) of a query's own key, the one in its row, among it and
 * @negatives [N, D], or where that is NULL among all keys.                   */
EID_API EidTensor *eid_info_nce (EidTensor *queries, EidTensor *keys, EidTensor *negatives, float temperature);
/* prediction and target [B, N, P], mask [B, N] of 0 and 1: the mean over
 * masked tokens of the mean squared error. Gradient to @prediction alone.    */
EID_API EidTensor *eid_masked_mse (EidTensor *prediction, EidTensor *target, EidTensor *mask);

/* --- Augmentation -------------------------------------------------------
 * What was drawn for one view of one picture. Drawn on the host from a
 * counter-based generator, so that a view can be shown again exactly.        */
typedef struct {
  float crop_x, crop_y, crop_width, crop_height; /* of the source, 0 … 1      */
  float flip;                                    /* 0 or 1                    */
  float brightness, contrast, saturation, hue;   /* factors; 1, 1, 1, 0: none */
  float jitter_order;                            /* 0 … 23: permutation       */
  float grey;                                    /* 0 or 1                    */
  float blur;                                    /* sigma in pixels of the view, 0: none */
  float solarise;                                /* threshold 0 … 1, above 1: none */
  float padding[3];
} EidAugmentDraw;

/* pictures U8 [B, h, w, C]; draws [V * B], view-major; -> F32 [V * B, size,
 * size, C], (value - mean[c]) / std[c] of the picture in 0 … 1. No gradient. */
EID_API EidTensor *eid_augment (EidTensor *pictures, const EidAugmentDraw *draws, guint views, guint size,
                                const float mean[3], const float std[3]);
/* The draw that changes nothing but the size. */
EID_API EidAugmentDraw eid_augment_identity (void);

/* --- Random numbers -----------------------------------------------------
 * Philox 4x32-10 (Salmon et al. 2011). A stream is named by four numbers;
 * the same name gives the same numbers everywhere.                           */
typedef struct {
  guint32 key[2], counter[4], output[4];
  guint   used;
} EidRandom;

/* Begins the stream of that name; what follows draws from it. A plugin calls eid_step_random() instead.
 * Shuffling is Fisher and Yates'. */
EID_API void    eid_random_init (EidRandom *random, guint64 seed, guint32 step, guint32 sample, guint32 stream);
EID_API guint32 eid_random_bits (EidRandom *random);
EID_API float   eid_random_float (EidRandom *random);              /* [0, 1)     */
EID_API float   eid_random_range (EidRandom *random, float low, float high);
EID_API float   eid_random_normal (EidRandom *random);             /* mean 0, std 1 */
EID_API guint   eid_random_below (EidRandom *random, guint n);     /* 0 … n - 1  */
EID_API void    eid_random_shuffle (EidRandom *random, guint32 *values, guint n);

/* --- Parameters and their optimiser --------------------------------------
 * All weights of a model, by name, in one flat block beside their gradients
 * and moments, so that one kernel updates them all.                          */
typedef struct _EidParameters EidParameters;

typedef enum {
  EID_WEIGHT,     /* trained, with weight decay                               */
  EID_NO_DECAY,   /* trained, without: biases, norms, tokens                  */
  EID_BUFFER,     /* saved, not trained: running moments, fixed embeddings    */
} EidParameterKind;

typedef enum { EID_INIT_CONSTANT, EID_INIT_NORMAL, EID_INIT_UNIFORM, EID_INIT_VALUES } EidInitKind;

/* NORMAL: truncated at two standard deviations of @scale. UNIFORM: in
 * [-scale, scale]. VALUES: copied from @values.                              */
typedef struct {
  EidInitKind  kind;
  float        scale;
  const float *values;
} EidInit;

/* Free. The parameters of a model are the engine's: a plugin declares its own by eid_parameter(). */
EID_API EidParameters *eid_parameters_new (EidDevice *device, guint64 seed);
EID_API void           eid_parameters_free (EidParameters *parameters);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidParameters, eid_parameters_free)

/* Declares one; usable as a tensor after eid_parameters_commit(). The initial
 * values depend on the seed and the name alone.                              */
EID_API EidTensor *eid_parameters_add (EidParameters *parameters, const char *name, EidShape shape,
                                       EidParameterKind kind, EidInit init);
EID_API void       eid_parameters_commit (EidParameters *parameters);

EID_API guint       eid_parameters_count (EidParameters *parameters);           /* tensors          */
EID_API gsize       eid_parameters_trained (EidParameters *parameters);         /* trained elements */
EID_API const char *eid_parameters_name (EidParameters *parameters, guint i);
EID_API EidTensor  *eid_parameters_tensor (EidParameters *parameters, guint i);
EID_API EidTensor  *eid_parameters_find (EidParameters *parameters, const char *name);
EID_API gboolean    eid_parameters_is_trained (EidParameters *parameters, guint i);
/* By what the learning rate of parameter @i is multiplied in updates from here on, its decay with it;
 * 1 to begin with. Costs nothing where all are 1.                            */
EID_API void        eid_parameters_set_rate (EidParameters *parameters, guint i, float factor);
/* Copies of the optimiser's moments of parameter @i, for checkpoints; @moment is 0 (mean, or
 * momentum) or 1 (square).                                                   */
EID_API gboolean    eid_parameters_read_moment (EidParameters *parameters, guint i, guint moment, float *values);
EID_API void        eid_parameters_write_moment (EidParameters *parameters, guint i, guint moment, const float *values);

/* Where a model takes the place of another: whether @from has a parameter of the name and shape of @to's @i … */
EID_API gboolean    eid_parameters_keeps (EidParameters *to, guint i, EidParameters *from);
/* … and all such of @to get what those of @from hold, bit by bit: values, the teacher's and the optimiser's
 * moments. The moments of the others are zero; their values stay. Both are committed, on one device.      */
EID_API void        eid_parameters_keep (EidParameters *to, EidParameters *from);

/* A second set of all values, which begins like the first and follows it: after each update
 * teacher = momentum teacher + (1 - momentum) weights. Running moments and other buffers do not
 * follow: the teacher's own passes write the teacher's. Asked for before commit.             */
EID_API void        eid_parameters_add_teacher (EidParameters *parameters);
EID_API gboolean    eid_parameters_has_teacher (EidParameters *parameters);
/* While on, every parameter's tensor holds the teacher's values: the same modules run as the
 * teacher. Nothing may be recorded meanwhile (eid_set_recording()), nor updated.            */
EID_API void        eid_parameters_use_teacher (EidParameters *parameters, gboolean teacher);

typedef enum {
  EID_ADAMW, /* Loshchilov & Hutter 2019: decoupled weight decay               */
  EID_SGD,   /* momentum, by Nesterov if asked; the decay is part of the gradient */
  EID_LARS,  /* You et al. 2017, as SimCLR uses it: SGD, where the step of each
              * parameter with decay is made proportional to its norm          */
} EidRule;

typedef struct {
  EidRule  rule;
  float    learning_rate, weight_decay;
  float    clip;                  /* largest gradient norm, 0: no clipping     */
  float    beta1, beta2, epsilon; /* EID_ADAMW                                 */
  float    momentum;              /* EID_SGD, EID_LARS                         */
  gboolean nesterov;              /* EID_SGD                                   */
  float    trust;                 /* EID_LARS: length of a step, as a share of the parameter's norm */
  float    teacher_momentum;      /* 1: the teacher stays                      */
  guint64  update;                /* 1 for the first: bias correction          */
} EidUpdate;

/* How many of the moments a rule uses. */
EID_API guint      eid_rule_moments (EidRule rule);
EID_API void       eid_parameters_zero_gradients (EidParameters *parameters);
/* Weights, moments, 16-bit copy and teacher in one pass; the gradients, which have added up since
 * the update before, begin anew. From the first gradient on whose norm is not finite, everything stays as it was: the step can be made again to find out why.
 * Returns the norm, [1], before clipping.                                     */
EID_API EidTensor *eid_parameters_update (EidParameters *parameters, const EidUpdate *update);

G_END_DECLS
