/* marks.c: a plugin that leaves a mark as soon as its code runs, be it only in a constructor: the file that
 * $EIDOSCOPE_TRUTH_MARK names. Built as an objective of its own id, and as an encoder under a built-in one's. */
#include "eidoscope.h"

__attribute__ ((constructor)) static void
leave_a_mark (void)
{
  const char *file = g_getenv ("EIDOSCOPE_TRUTH_MARK");

  if (file)
    g_file_set_contents (file, "It ran.", -1, NULL);
}

static gboolean
marks_build (EidPlugin *self, GError **error)
{
#ifdef ENCODER
  eid_encoder_describe (self, 16, 0, 0);
#endif
  return TRUE;
}

#ifdef ENCODER
static EidFeatures *
marks_encode (EidEncoder *self, EidStep *step, EidTensor *images, EidTensor *keep)
{
  return eid_features (step, eid_zeros (eid_step_device (step), EID_SHAPE (eid_dim (images, 0), 16)), NULL, NULL);
}

EID_ENCODER (vit, .title = "Marks, as vit", .build = marks_build, .encode = marks_encode)
#else
static EidTensor *
marks_loss (EidObjective *self, EidStep *step)
{
  return eid_mean (eid_square (eid_encode (step, eid_all_views (step))->pooled));
}

EID_OBJECTIVE (marks, .title = "Marks", .build = marks_build, .views = eid_views_one_crop, .loss = marks_loss)
#endif
