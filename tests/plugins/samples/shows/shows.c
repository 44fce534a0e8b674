/* shows.c: an objective that publishes a view of every kind, for the tests of what arrives of them, or as
 * its parameter says too many or wrong ones. Its loss trains little: it is there to be looked at.   */
#include "eidoscope.h"

static const EidParam shows_params[] = {
  EID_PARAM_CHOICE ("what", 0, "all|wrong|many", "What is published"),
  EID_PARAM_END,
};

static gboolean
shows_build (EidObjective *self, GError **error)
{
  return TRUE;
}

static EidTensor *
shows_loss (EidObjective *self, EidStep *step)
{
  EidTensor *loss = eid_mean (eid_square (eid_encode (step, eid_all_views (step))->pooled));

  if (eid_watched (step))
    {
      eid_publish_scalar (step, "length", loss);
      eid_publish_series (step, "of-loss", eid_reshape (loss, EID_SHAPE (1)));
    }
  return loss;
}

/* 0, 1, 2, … of @shape. */
static EidTensor *
counting (EidStep *step, EidShape shape)
{
  const gsize count = eid_shape_count (shape);
  g_autofree float *values = g_new (float, count);

  for (gsize i = 0; i < count; i++)
    values[i] = (float) i;
  return eid_tensor_from_data (eid_step_device (step), EID_F32, shape, values);
}

static EidTensor *
whole (EidStep *step, EidShape shape)
{
  const gsize count = eid_shape_count (shape);
  g_autofree gint32 *values = g_new (gint32, count);

  for (gsize i = 0; i < count; i++)
    values[i] = (gint32) i;
  return eid_tensor_from_data (eid_step_device (step), EID_I32, shape, values);
}

static void
publish_all (EidStep *step)
{
  EidTensor *likely = eid_softmax (counting (step, EID_SHAPE (2, 3, 4)));

  eid_publish_images (step, "seen", eid_view (step, 0));
  eid_publish_maps (step, "heat", counting (step, EID_SHAPE (2, 3, 5)));
  eid_publish_points (step, "plane", counting (step, EID_SHAPE (6, 2)), whole (step, EID_SHAPE (6)));
  eid_publish_points (step, "cloud", eid_square (counting (step, EID_SHAPE (6, 3))), NULL);
  eid_publish_series (step, "curve", counting (step, EID_SHAPE (7)));
  eid_publish_spectrum (step, "values", eid_exp (eid_scale (counting (step, EID_SHAPE (5)), -1)));
  eid_publish_matrix (step, "table", eid_shift (counting (step, EID_SHAPE (2, 3)), -2), 0, 0);
  eid_publish_matrix (step, "table", counting (step, EID_SHAPE (9, 9)), 0, 1); /* of a name that is there */
  eid_publish_tokens (step, "passage", whole (step, EID_SHAPE (2, 3)), counting (step, EID_SHAPE (2, 3)), 0,
                      8, likely);
  eid_publish_text (step, "words", "An answer — in UTF-8.");
}

static void
publish_wrong (EidStep *step)
{
  eid_publish_matrix (step, "table", counting (step, EID_SHAPE (6)), 0, 0);
  eid_publish_images (step, "seen", counting (step, EID_SHAPE (1, 4, 4, 7)));
  eid_publish_maps (step, "heat", NULL);
  eid_publish_series (step, "curve", whole (step, EID_SHAPE (7)));
  eid_publish_points (step, "plane", counting (step, EID_SHAPE (6, 2)), whole (step, EID_SHAPE (5)));
  eid_publish_tokens (step, "passage", whole (step, EID_SHAPE (2, 4)), counting (step, EID_SHAPE (2, 3)), 0,
                      1, NULL);
  eid_publish_matrix (step, "large", eid_zeros (eid_step_device (step), EID_SHAPE (4096, 1025)), 0, 0);
  eid_publish_text (step, "Not A Name", "");
  eid_publish_text (step, "words", "\xff");
  eid_publish_series (step, "sound", counting (step, EID_SHAPE (3)));
}

static void
shows_show (EidObjective *self, EidStep *step)
{
  const char *what = eid_param_choice (self, "what");

  if (*what == 'a')
    publish_all (step);
  else if (*what == 'w')
    publish_wrong (step);
  else
    for (guint i = 0; i < 40; i++)
      {
        g_autofree char *name = g_strdup_printf ("text-%u", i);

        eid_publish_text (step, name, name);
      }
}

EID_OBJECTIVE (shows, .title = N_ ("Shows"), .params = shows_params, .build = shows_build,
               .views = eid_views_one_crop, .loss = shows_loss, .show = shows_show)
