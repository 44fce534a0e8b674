/* bench-report.h: what `eidoscope bench` prints of a case. */
#pragma once

#include "app/cli/cli.h"

#include "app/engine/bench/bench.h"
#include "app/engine/setup/setup.h"

G_BEGIN_DECLS

/* The machine a benchmark is made on, in one precision. */
typedef struct
{
  char *device, *platform, *gemm;
  guint compute_units;
  EidType precision;
  EidBenchCeiling ceiling;
} EidBenchMachine;

/* On standard output: a table, a row a case. */
void eid_bench_report_machine (const EidBenchMachine *machine);
void eid_bench_report_heading (void);
void eid_bench_report_case (const EidBenchCase *bench, const EidBenchResult *result);
void eid_bench_report_views (const EidBenchViews *views);
/* Where the device's time went, by kernel. */
void eid_bench_report_profile (const EidBenchResult *result);

/* On standard output: one JSON object; @views may be NULL. */
void eid_bench_report_json (const EidBenchMachine *machine, const EidBenchCase *bench,
                            const EidBenchResult *result, const EidBenchViews *views);

G_END_DECLS
