/* schedule.h: the learning rate, and what else changes, over a run. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Linear from nought over @warmup steps to @peak, then half a cosine down to
 * nought at @steps. @step counts from 0; the first step of a warm-up already
 * moves (Loshchilov & Hutter 2017, equation 5).                              */
double eid_schedule_learning_rate (double peak, guint64 warmup, guint64 steps, guint64 step);

/* Half a cosine from @from, at step 0, to @to, at @steps. */
double eid_schedule_cosine (double from, double to, guint64 steps, guint64 step);

G_END_DECLS
