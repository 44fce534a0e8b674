/* unsound.c: a plugin with one thing wrong, built once for each row of
 * meson.build's table, which says what by defining a macro.                  */
#include "eidoscope.h"

#include <stddef.h>

#ifndef ABI
#define ABI EID_ABI
#endif
#ifndef SIZE
#define SIZE sizeof (EidDescriptor)
#endif
#ifndef KIND
#define KIND "objective"
#endif
#ifndef ID
#define ID "unsound"
#endif
#ifndef TITLE
#define TITLE "Unsound"
#endif
#ifndef LOSS
#define LOSS sample_loss
#endif
#ifndef ROW
#define ROW EID_PARAM_BOOL ("norm", TRUE, "Whether the output is normalised")
#endif
#ifndef END
#define END EID_PARAM_END
#endif
#ifndef RESULT
#define RESULT &descriptor
#endif

/* Long enough for an END that is none: what follows the table is not read. */
static const EidParam params[128] = { ROW, END };

static gboolean
sample_build (EidObjective *self, GError **error)
{
  return TRUE;
}

G_GNUC_UNUSED static EidTensor *
sample_loss (EidObjective *self, EidStep *step)
{
  return NULL;
}

static EidViews
sample_views (EidObjective *self)
{
  return (EidViews){ .count = 2 };
}

/* Stands where a plugin of an earlier version has no field any more. */
static void
sample_show (EidObjective *self, EidStep *step)
{
  g_error ("A function that the plugin does not have was called.");
}

EID_API const EidDescriptor *eid_plugin (void);

G_GNUC_UNUSED static const EidDescriptor descriptor = {
  .size = SIZE,
  .abi = ABI,
  .kind = KIND,
  .id = ID,
  .title = TITLE,
  .params = params,
  .build = sample_build,
  .views = sample_views,
  .loss = LOSS,
  .show = sample_show,
};

const EidDescriptor *
eid_plugin (void)
{
  return RESULT;
}
