/* evaluate-report.h: an evaluation as JSON and as lines to read. */
#pragma once

#include "cli.h"
#include "evaluate.h"

#include <stdio.h>

G_BEGIN_DECLS

/* "knn", "knn_random", …: those that apply. */
void eid_report_add_evaluation (JsonBuilder *builder, const EidEvaluation *evaluation);
void eid_report_print_evaluation (FILE *out, const EidEvaluation *evaluation);

G_END_DECLS
