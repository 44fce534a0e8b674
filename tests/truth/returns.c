/* returns.c: an objective that returns what its parameter says, most of it unusable: what the kit must notice
 * and put to its name.                                                       */
#include "eidoscope.h"

#include <math.h>

static const EidParam returns_params[] = {
  EID_PARAM_CHOICE (
      "what", 0,
      "nothing-wrong|no-views|many-views|three-of-text|small-without-size|small-nan|small-swapped|"
      "small-many|whole-loss|momentum-nan|reconstruction-null|reconstruction-shape|scalar-null|"
      "scalar-unnamed|assignments-differ|built-with-error",
      "What is returned"),
  EID_PARAM_FLOAT_LIVE ("views", 1, 0, 1e9, "How many views; it may change while a run goes on"),
  EID_PARAM_END,
};

static gboolean
is (EidObjective *self, const char *what)
{
  return g_str_equal (eid_param_choice (self, "what"), what);
}

static gboolean
returns_build (EidObjective *self, GError **error)
{
  if (is (self, "built-with-error"))
    g_set_error_literal (error, g_quark_from_static_string ("returns"), 1, "The moon is too far away.");
  return TRUE;
}

static EidViews
returns_views (EidObjective *self)
{
  EidViews views = { .count = (guint) eid_param_float (self, "views"),
                     .small_crop_min = 0.1f,
                     .small_crop_max = 0.4f };

  if (is (self, "no-views"))
    views.count = 0;
  else if (is (self, "many-views"))
    views.count = 0x40000000;
  else if (is (self, "three-of-text"))
    views.count = 3;
  else if (is (self, "small-without-size"))
    views.small_count = 2;
  else if (is (self, "small-many"))
    views.small_count = G_MAXUINT;
  else if (is (self, "small-nan") || is (self, "small-swapped"))
    {
      views.small_count = 2;
      views.small_size = 8;
      views.small_crop_min = is (self, "small-nan") ? NAN : 0.8f;
    }
  return views;
}

static EidTensor *
returns_loss (EidObjective *self, EidStep *step)
{
  EidDevice *device = eid_step_device (step);
  EidTensor *pooled = eid_encode (step, eid_all_views (step))->pooled;
  static const gint32 one = 1;

  if (is (self, "momentum-nan"))
    eid_step_set_teacher_momentum (step, NAN);
  if (is (self, "scalar-null"))
    eid_publish_scalar (step, "length", NULL);
  if (is (self, "scalar-unnamed"))
    eid_publish_scalar (step, NULL, eid_mean (pooled));
  if (is (self, "assignments-differ"))
    eid_publish_assignments (step, eid_zeros (device, EID_SHAPE (4, 5)), eid_zeros (device, EID_SHAPE (4, 6)),
                             1);
  if (is (self, "whole-loss"))
    return eid_tensor_from_data (device, EID_I32, EID_SHAPE (1), &one);
  return eid_mean (eid_square (pooled));
}

static void
returns_show (EidObjective *self, EidStep *step)
{
  EidTensor *images = eid_view (step, 0);
  EidDevice *device = eid_step_device (step);

  if (is (self, "reconstruction-null"))
    eid_publish_reconstruction (step, images, NULL, images);
  else
    eid_publish_reconstruction (step, images, eid_zeros (device, EID_SHAPE (eid_dim (images, 0), 3)), images);
}

#ifdef TEXT
/* clang-format off */ /* which would take the name for a subtraction */
EID_OBJECTIVE (returns-text, .title = "Returns, of text", .params = returns_params, .build = returns_build,
               .views = returns_views, .loss = returns_loss, .show = returns_show, .abilities = EID_CAN_TEXT)
/* clang-format on */
#else
EID_OBJECTIVE (returns, .title = "Returns", .params = returns_params, .build = returns_build,
               .views = returns_views, .loss = returns_loss, .show = returns_show)
#endif
