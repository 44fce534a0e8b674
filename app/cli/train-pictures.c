/* train-pictures.c: what `eidoscope train` leaves in the run's pictures at the end. */
#include "app/cli/train-report.h"

#include "app/cli/own-files.h"
#include "app/cli/pictures.h"

#include <glib/gi18n-lib.h>

/* Rows of a sheet. */
#define SHEET_ROWS 8

static gboolean
draw_augmentations (EidTrainer *trainer, const EidDrawNote *note, const char *file, GError **error)
{
  guint count = 0;
  guint64 step = 0;
  const guint32 *samples = eid_trainer_last_samples (trainer, &count, &step);
  g_autoptr (EidAugmentationsView) view = eid_show_augmentations (eid_trainer_setup (trainer), samples,
                                                                  MIN (count, SHEET_ROWS), step, NULL, error);

  return view != NULL && eid_draw_augmentations (view, note, file, error);
}

static gboolean
draw_attention (EidTrainer *trainer, const EidDrawNote *note, const char *file, GError **error)
{
  EidSetup *setup = eid_trainer_setup (trainer);
  g_autoptr (EidPictures) pictures = eid_pictures_of_test (setup, NULL, SHEET_ROWS, error);
  g_autoptr (EidAttentionView) view =
      pictures != NULL ? eid_show_attention (setup, pictures, EID_OF_STUDENT, error) : NULL;

  return view != NULL && eid_draw_attention (view, note, file, error);
}

static gboolean
draw_reconstruction (EidTrainer *trainer, const EidDrawNote *note, const char *file, GError **error)
{
  EidSetup *setup = eid_trainer_setup (trainer);
  g_autoptr (EidPictures) pictures = eid_pictures_of_test (setup, NULL, SHEET_ROWS, error);
  g_autoptr (EidReconstructionView) view =
      pictures != NULL ? eid_show_reconstruction (setup, pictures, NULL, error) : NULL;

  return view != NULL && eid_draw_reconstruction (view, note, file, error);
}

static gboolean
draw_embedding (EidTrainer *trainer, const EidDrawNote *note, const char *file, GError **error)
{
  EidSetup *setup = eid_trainer_setup (trainer);
  g_autoptr (EidEmbeddingView) view = eid_show_embedding (setup, error);

  return view != NULL && eid_draw_embedding (view, setup->test, note, file, error);
}

static gboolean
has_views (EidTrainer *trainer)
{
  guint count;
  guint64 step;

  return !eid_setup_is_text (eid_trainer_setup (trainer))
         && eid_trainer_last_samples (trainer, &count, &step) != NULL;
}

static gboolean
has_attention (EidTrainer *trainer)
{
  return eid_can_show_attention (eid_trainer_setup (trainer));
}

static gboolean
has_reconstruction (EidTrainer *trainer)
{
  return eid_can_reconstruct (eid_trainer_setup (trainer));
}

static const struct
{
  const char *file;
  gboolean features;                     /* of what probes measure, which may be the teacher's */
  gboolean (*can) (EidTrainer *trainer); /* NULL: always */
  gboolean (*draw) (EidTrainer *trainer, const EidDrawNote *note, const char *file, GError **error);
} sheets[] = {
  { "augmentations.png", FALSE, has_views, draw_augmentations },
  { "attention.png", FALSE, has_attention, draw_attention },
  { "reconstruction.png", FALSE, has_reconstruction, draw_reconstruction },
  { "embedding.png", TRUE, NULL, draw_embedding },
};

static void
tell_own (const char *file, const char *problem, gpointer report)
{
  eid_train_report_say (report, "%s", file != NULL ? file : problem);
}

static gboolean
write_own (EidTrainer *trainer, EidTrainReport *report, const char *folder, GError **error)
{
  EidSetup *setup = eid_trainer_setup (trainer);
  const gboolean text = eid_setup_is_text (setup);
  g_autoptr (EidPictures) pictures = text ? NULL : eid_pictures_of_test (setup, NULL, SHEET_ROWS, error);

  return (text || pictures != NULL)
         && eid_write_own_views (setup, pictures, SHEET_ROWS, folder, tell_own, report, error);
}

gboolean
eid_train_draw_sheets (EidTrainer *trainer, EidTrainReport *report, GError **error)
{
  g_autofree char *folder = g_build_filename (eid_run_folder (eid_trainer_run (trainer)), "pictures", NULL);
  EidSetup *setup = eid_trainer_setup (trainer);
  g_autofree char *student = eid_draw_subtitle (setup, FALSE),
                  *features = eid_draw_subtitle (setup, eid_setup_teacher_features (setup));
  GError *failure = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (sheets); i++)
    {
      g_autofree char *file = g_build_filename (folder, sheets[i].file, NULL);
      const EidDrawNote note = { sheets[i].features ? features : student, _ ("class") };

      if (sheets[i].can != NULL && !sheets[i].can (trainer))
        continue;
      if (!sheets[i].draw (trainer, &note, file, &failure))
        {
          /* An objective that shows something need not reconstruct. */
          if (!g_error_matches (failure, EID_ERROR, EID_ERROR_USAGE))
            {
              g_propagate_error (error, failure);
              return FALSE;
            }
          g_clear_error (&failure);
          continue;
        }
      eid_train_report_say (report, "%s", file);
    }
  return write_own (trainer, report, folder, error);
}
