/* objective.c: a sound objective (views of a picture are to be alike, channels to
 * vary) that does one bad thing, built once for each row of meson.build's table.
 * A row names what and where: -DLOSS=segfault, or a value that is out of place:
 * -DRESULT=… Whatever loss() does it does from step FROM on alone, so that
 * there is a checkpoint by then, and not where $ZOO_TAME is set. */
#include "eidoscope.h"

#include "tests/zoo/harm.h"

#include <math.h>

#ifndef AT_LOAD
#define AT_LOAD nothing
#endif
#ifndef AT_ENTRY
#define AT_ENTRY nothing
#endif
#ifndef BUILD
#define BUILD nothing
#endif
#ifndef VIEWS
#define VIEWS nothing
#endif
#ifndef LOSS
#define LOSS nothing
#endif
#ifndef CHANCE
#define CHANCE nothing
#endif
#ifndef FROM
#define FROM 6
#endif
#ifndef RESULT
#define RESULT loss
#endif
#ifndef FEATURES
#define FEATURES h
#endif
#ifndef ROW
#define ROW EID_PARAM_FLOAT_LIVE ("weight", 1, 0, 10, "Of the channels' variance")
#endif

static const EidParam zoo_params[] = { ROW, EID_PARAM_END };

__attribute__ ((constructor)) static void
at_load (void)
{
  AT_LOAD ();
}

static gboolean
zoo_build (EidObjective *self, GError **error)
{
  BUILD ();
  return TRUE;
}

static EidViews
zoo_views (EidObjective *self)
{
  VIEWS ();
  return eid_views_two_crops (self);
}

static EidTensor *
zoo_loss (EidObjective *self, EidStep *step)
{
  const gboolean due = (gint64) eid_step_number (step) >= FROM && g_getenv ("ZOO_TAME") == NULL;
  EidTensor *h, *apart, *spread, *loss;
  guint count;

  if (due)
    LOSS ();
  h = eid_encode (step, eid_all_views (step))->pooled; /* [2B, D] */
  h = FEATURES;
  count = eid_dim (h, 0) / 2;
  apart = eid_sub (eid_rows (h, 0, count), eid_rows (h, count, count));
  spread = eid_sqrt (eid_shift (eid_mean (eid_square (h)), 1e-4f));
  loss = eid_add (eid_mean (eid_square (apart)), eid_relu (eid_shift (eid_scale (spread, -1), 1)));
  return due ? RESULT : loss;
}

static double
zoo_chance (EidObjective *self)
{
  CHANCE ();
  return NAN;
}

#ifdef SHOW
static void
zoo_show (EidObjective *self, EidStep *step)
{
  SHOW ();
}
#else
#define zoo_show NULL
#endif

EID_API const EidDescriptor *eid_plugin (void);

const EidDescriptor *
eid_plugin (void)
{
  static const EidDescriptor descriptor = {
    .size = sizeof (EidDescriptor),
    .abi = EID_ABI,
    .kind = "objective",
    .id = NAME,
    .title = "Zoo",
    .params = zoo_params,
    .build = zoo_build,
    .views = zoo_views,
    .loss = zoo_loss,
    .chance = zoo_chance,
    .show = zoo_show,
  };

  AT_ENTRY ();
  return &descriptor;
}
