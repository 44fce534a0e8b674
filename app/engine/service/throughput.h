/* throughput.h: how fast a device trains a recipe, measured by a few steps of it, and
 * kept for the next time.                                                    */
#pragma once

#include "app/engine/setup/setup.h"

G_BEGIN_DECLS

typedef struct
{
  double first_seconds; /* from the start to the end of the first step        */
  double step_seconds;  /* the median of the steps after it                   */
  guint steps;          /* that were timed                                    */
  gint64 time;          /* when, seconds since 1970                           */
  gboolean stored;      /* measured at another time                           */
} EidPace;

/* Whether the measurement should be given up; @user_data as of the options. */
typedef gboolean (*EidInterrupted) (gpointer user_data);

/* The pace of @recipe (taken in every case) on @options' device, as kept in the user's
 * cache, or measured now on its own data, which takes some seconds. A step is
 * data, views, loss, gradients and update; evaluations and looks are not in it.
 * FALSE without an error when it was interrupted. Errors: as
 * eid_setup_new().                                                           */
gboolean eid_pace_measure (EidRecipe *recipe, EidRegistry *registry, const EidSetupOptions *options,
                           EidInterrupted interrupted, EidPace *pace, GError **error);

G_END_DECLS
