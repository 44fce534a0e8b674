/* bench.h: how fast a device works, on cases that others can be measured on too.
 *
 * A case is a model, a batch and what is done with it, all in a table
 * (cases.c); tests/bench/ has the same work in PyTorch.                */
#pragma once

#include "plugins/host.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name; /* as it is asked for                                     */
  const char *title;
  const char *encoder, *objective;
  const char *values;          /* "Encoder.depth=12 …", between spaces        */
  guint size, channels, batch; /* of pictures; a sample is one of them. Of text: context, vocabulary */
  gboolean training;           /* else: pooled features alone                 */
  gboolean augmented;          /* views are made in each step (without small crops); else once */
} EidBenchCase;

const EidBenchCase *eid_bench_cases (guint *count);
const EidBenchCase *eid_bench_find (const char *name); /* NULL: none of that name */

/* What a device can do at best, in one precision. */
typedef struct
{
  double gemm_gflops; /* dense products                                       */
  double copy_gbps;   /* read and written, together                           */
} EidBenchCeiling;

/* Opens the device for itself, so that what it takes is no case's. Errors: EID_ERROR. */
gboolean eid_bench_ceiling (const char *device, EidType precision, EidBenchCeiling *ceiling, GError **error);

typedef enum
{
  EID_BENCH_LOAD,    /* the batch handed to the device, time of the host      */
  EID_BENCH_AUGMENT, /* views drawn, on the host, and made                    */
  EID_BENCH_FORWARD,
  EID_BENCH_BACKWARD,
  EID_BENCH_UPDATE,
  EID_BENCH_PHASES,
} EidBenchPhase;

typedef struct
{
  guint steps;               /* that were timed                   */
  double samples_per_second; /* by the median step                */
  double tokens_per_second;  /* likewise, of text; NaN: pictures  */
  double step_milliseconds;  /* the median                        */
  double fastest_milliseconds;
  double milliseconds[EID_BENCH_PHASES]; /* a step; NaN where there is none   */
  double gemm_share;                     /* of the device's time in products, 0 … 1 */
  double gemm_gflops;                    /* of products, while they run       */
  double gemm_percent;                   /* work of products over the whole step's time, of the ceiling */
  double copy_share;                     /* of the device's time in everything else */
  double copy_percent;                   /* their operands' bytes over their time, of the ceiling */
  guint64 peak_bytes;                    /* more than before the model was built: of the process where the
                                            device is the processor, else of the device                    */
  guint64 peak_device_bytes, peak_rss_bytes;
  GArray *profile; /* of EidProfileEntry, of profiled_steps steps, longest first */
  guint profiled_steps;
} EidBenchResult;

/* Told what is being done ("warming up"). */
typedef void (*EidBenchTell) (const char *what, gpointer user_data);

typedef struct
{
  EidRegistry *registry;
  const char *device; /* as eid_device_open() takes it                        */
  EidType precision;
  double seconds; /* steps are timed for so long, and at least five of them   */
  EidBenchCeiling ceiling;
  EidBenchTell tell;
  gpointer user_data;
} EidBenchOptions;

/* Runs @bench on a device of its own. NULL with EID_ERROR_USAGE when its
 * plugins are not there; what else can fail.                                 */
EidBenchResult *eid_bench_run (const EidBenchCase *bench, const EidBenchOptions *options, GError **error);
/* What it costs a run of @bench that all its views are watched: the pictures of every page looked at in
 * turn, as soon as the engine lets them. */
typedef struct
{
  guint looks;
  double share;                     /* of the time that passed, 0 … 1                             */
  double look_milliseconds;         /* a look                                */
  double step_milliseconds;         /* that watching adds to each step       */
  double samples_per_second, alone; /* watched, and alone                    */
} EidBenchViews;

/* Whether a case has anything to watch: it trains, on pictures. */
gboolean eid_bench_has_views (const EidBenchCase *bench);
/* Trains on made-up pictures, in a run that is thrown away. */
gboolean eid_bench_views (const EidBenchCase *bench, const EidBenchOptions *options, EidBenchViews *views,
                          GError **error);

void eid_bench_result_free (EidBenchResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidBenchResult, eid_bench_result_free)

G_END_DECLS
