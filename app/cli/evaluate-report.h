/* evaluate-report.h: an evaluation as JSON and as lines to read. */
#pragma once

#include "app/cli/cli.h"
#include "app/engine/evaluation/evaluate.h"

#include <stdio.h>

G_BEGIN_DECLS

/* "knn", "knn_random", …: those that apply. */
void eid_report_add_evaluation (JsonBuilder *builder, const EidEvaluation *evaluation);
void eid_report_print_evaluation (FILE *out, const EidEvaluation *evaluation);

/* "finetune", "finetune_random", "finetune_pixels" for @key "finetune"; and what it was trained on. */
void eid_report_add_comparison (JsonBuilder *builder, const char *key, const EidComparison *comparison);
void eid_report_print_comparison (FILE *out, const char *title, const EidComparison *comparison);

G_END_DECLS
