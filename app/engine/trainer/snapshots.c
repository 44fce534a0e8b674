/* snapshots.c: moments of a run: what every view shows at a step, made
 * small and put into the history, for the timeline to go back to.
 *
 * One is due often at the start, later at even distances, with each evaluation
 * and at the end; between those its cost is held to a share of the time.      */
#include "app/engine/trainer/private.h"

#include "app/engine/views/views.h"
#include "app/engine/views/thumbnail.h"
#include "app/wire/wire.h"

#define PICTURES 8              /* in a view                                   */
#define MOST     (1024 * 1024)  /* bytes of one view's pictures, before packing */
#define LARGE    64             /* pixels a side of a picture at most …        */
#define SMALL    16             /* … and before there are fewer of them       */
#define GROWTH   0.15           /* of the distance between two, early in a run */
#define EVEN     64             /* the distance later on: the run in so many parts */
#define PATIENCE G_USEC_PER_SEC /* at the start: a person waits for the first picture */

static const char *const views[EID_N_MOMENT_VIEWS] = {
  EID_WIRE_VIEW_AUGMENTATIONS, EID_WIRE_VIEW_RECONSTRUCTION, EID_WIRE_VIEW_ATTENTION, EID_WIRE_VIEW_EMBEDDING,
  EID_WIRE_VIEW_OWN,
};

gboolean
eid_trainer_begin_moments (EidTrainer *trainer, GError **error)
{
  EidRecipe *recipe = trainer->setup->recipe;
  g_autoptr (GArray) moments = eid_run_moments (trainer->run, error);

  if (moments == NULL)
    return FALSE;
  trainer->moment_bytes = (guint64) eid_recipe_int (recipe, "Run", "moments") << 20;
  trainer->moment_every = (guint64) eid_recipe_int (recipe, "Run", "moment-every");
  trainer->last_moment = moments->len > 0 ? g_array_index (moments, EidMoment, moments->len - 1).step : 0;
  for (guint i = 0; i < EID_N_MOMENT_VIEWS; i++)
    trainer->moment_pictures[i] = PICTURES;
  return TRUE;
}

/* NULL: this view is not to be had. One that never is, of this run or as a thumbnail,
 * is not tried again.                                                        */
static GVariant *
look (EidTrainer *trainer, guint view)
{
  while (trainer->moment_pictures[view] > 0)
    {
      g_autoptr (GVariant) options = NULL, picture = NULL;
      g_autoptr (GError) error = NULL;
      EidViewContext context;
      GVariant *answer;
      GVariantDict dict;

      g_variant_dict_init (&dict, NULL);
      g_variant_dict_insert (&dict, "count", "u", trainer->moment_pictures[view]);
      g_variant_dict_insert (&dict, "planes", "u", 1u);
      options = g_variant_ref_sink (g_variant_dict_end (&dict));
      context = eid_trainer_view_context (trainer);
      answer = eid_look (&context, views[view], options, &error);
      if (g_error_matches (error, EID_ERROR, EID_ERROR_USAGE))
        trainer->moment_pictures[view] = 0;
      if (answer == NULL)
        return NULL;
      picture = g_variant_ref_sink (answer);
      for (guint side = LARGE; side >= SMALL; side /= 2)
        {
          g_autoptr (GVariant) small = eid_thumbnail (views[view], picture, side);

          if (g_variant_get_size (small) <= MOST)
            return g_steal_pointer (&small);
        }
      trainer->moment_pictures[view] /= 2;
    }
  return NULL;
}

gboolean
eid_trainer_take_moment (EidTrainer *trainer, GError **error)
{
  const guint64 step = trainer->setup->step;
  const gint64 started = g_get_monotonic_time ();
  gint64 took;

  if (trainer->moment_bytes == 0 || step == 0 || step == trainer->last_moment)
    return TRUE;
  if (!eid_trainer_settle (trainer, error))
    return FALSE;
  for (guint i = 0; i < EID_N_MOMENT_VIEWS; i++)
    {
      g_autoptr (GVariant) picture = look (trainer, i);

      if (picture != NULL && !eid_run_moment (trainer->run, step, views[i], picture, error))
        return FALSE;
    }
  if (!eid_run_bound_moments (trainer->run, trainer->moment_bytes, error)
      || !eid_run_sync (trainer->run, error))
    return FALSE;

  /* The first of a session compiles what the views need, and any may have been disturbed. */
  took = g_get_monotonic_time () - started;
  if (trainer->moments_taken++ > 0)
    {
      trainer->moment_took = trainer->moment_took > 0 ? MIN (trainer->moment_took, took) : took;
      trainer->moment_after = started + took + eid_moment_pause (trainer->moment_took);
    }
  trainer->last_moment = step;
  if (trainer->listener.event != NULL)
    trainer->listener.event (step, "moment", "", trainer->listener.user_data);
  return TRUE;
}

gboolean
eid_trainer_check_moment (EidTrainer *trainer, GError **error)
{
  const guint64 step = trainer->setup->step, last = trainer->last_moment;
  const double distance = MIN (GROWTH * (double) last, (double) trainer->steps / EVEN);
  const gint64 now = g_get_monotonic_time ();

  if (trainer->moment_every > 0)
    return step % trainer->moment_every != 0 || eid_trainer_take_moment (trainer, error);
  if (trainer->moment_after == 0)
    trainer->moment_after = now + PATIENCE;
  return now < trainer->moment_after || (double) (step - last) < MAX (distance, 1)
         || eid_trainer_take_moment (trainer, error);
}
