/* schedule.c: warm-up and cosine; see schedule.h. */
#include "app/engine/setup/schedule.h"

#include <math.h>

double
eid_schedule_learning_rate (double peak, guint64 warmup, guint64 steps, guint64 step)
{
  double done;

  if (step < warmup)
    return peak * (double) (step + 1) / (double) warmup;
  if (step >= steps)
    return 0;
  done = (double) (step - warmup) / (double) (steps - warmup);
  return peak * 0.5 * (1 + cos (G_PI * done));
}

double
eid_schedule_cosine (double from, double to, guint64 steps, guint64 step)
{
  const double done = step < steps ? (double) step / (double) steps : 1;

  return to + (from - to) * 0.5 * (1 + cos (G_PI * done));
}
