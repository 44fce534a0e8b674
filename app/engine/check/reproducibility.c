/* reproducibility.c: runs that are made twice, broken off, and watched for what they take: the same seed gives
 * the same bits, a resumed run those of an uninterrupted one, and memory stays. */
#include "app/engine/check/private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <malloc.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define STEPS 8

/* --- Runs and their bits --------------------------------------------------------------- */

static gboolean
step_until (const EidCheck *check, EidTrainer *trainer, guint64 step, GError **error)
{
  while (eid_trainer_setup (trainer)->step < step)
    {
      eid_check_tell (check, _ ("Training"), eid_trainer_setup (trainer)->step, eid_trainer_steps (trainer));
      if (!eid_trainer_step (trainer, error))
        return FALSE;
    }
  return eid_trainer_settle (trainer, error);
}

/* Makes all steps of @trainer, which it takes, and reads its last checkpoint: mapped, it stays while its
 * file goes. @file, if not NULL: where that was (free). */
static EidSafetensors *
train_to_end (const EidCheck *check, EidTrainer *trainer, char **file, GError **error)
{
  g_autoptr (EidTrainer) own = trainer;
  g_autofree char *name = NULL;
  EidSafetensors *tensors;

  if (own == NULL || !step_until (check, own, eid_trainer_steps (own), error)
      || !eid_trainer_save (own, error))
    return NULL;
  name = eid_run_checkpoint_file (eid_trainer_run (own), eid_trainer_steps (own));
  tensors = eid_safetensors_open (name, error);
  if (file != NULL)
    *file = g_steal_pointer (&name);
  return tensors;
}

/* The first tensor that is not the same in both, or NULL. */
static const char *
first_difference (EidSafetensors *a, EidSafetensors *b)
{
  for (guint i = 0; i < eid_safetensors_count (a); i++)
    {
      const EidSafetensor *one = eid_safetensors_get (a, i), *other = eid_safetensors_find (b, one->name);

      if (other == NULL || other->bytes != one->bytes || memcmp (one->data, other->data, one->bytes) != 0)
        return one->name;
    }
  return NULL;
}

static char *
steps_setting (void)
{
  return g_strdup_printf ("Run.steps=%d", STEPS);
}

EidFinding
eid_check_determinism (EidCheck *check)
{
  g_autofree char *steps = steps_setting ();
  g_autoptr (EidSafetensors) once = NULL, again = NULL;
  GError *error = NULL;
  const char *name;

  once = train_to_end (check, eid_check_trainer (check, "once", EID_SETTINGS (steps), NULL, &error), NULL,
                       &error);
  if (once != NULL)
    again = train_to_end (check, eid_check_trainer (check, "again", EID_SETTINGS (steps), NULL, &error), NULL,
                          &error);
  if (again == NULL)
    return eid_failed_by (error);
  name = first_difference (once, again);
  if (name != NULL)
    return eid_failed (
        _ ("Random numbers come from eid_step_random() alone; look for variables that outlive a "
           "model, for the time, and for memory that is read before it is written."),
        _ ("Two runs of %d steps from one seed differ, first in “%s”."), STEPS, name);
  return eid_passed (_ ("Two runs of %d steps from one seed end with the same bits in %u tensors."), STEPS,
                     eid_safetensors_count (once));
}

EidFinding
eid_check_resume (EidCheck *check)
{
  const EidListener silent = { NULL };
  g_autofree char *steps = steps_setting (), *half = g_strdup_printf ("Run.checkpoint-every=%d", STEPS / 2);
  g_autofree char *file = NULL, *checkpoints = NULL, *folder = NULL;
  g_autoptr (EidSafetensors) whole = NULL, resumed = NULL;
  GError *error = NULL;
  const char *name;

  whole = train_to_end (check, eid_check_trainer (check, "whole", EID_SETTINGS (steps, half), NULL, &error),
                        &file, &error);
  if (whole == NULL)
    return eid_failed_by (error);
  checkpoints = g_path_get_dirname (file);
  folder = g_path_get_dirname (checkpoints);
  g_unlink (file);
  resumed = train_to_end (
      check, eid_trainer_resume (folder, check->registry, check->options->device, 0, &silent, &error), NULL,
      &error);
  if (resumed == NULL)
    return eid_failed_by (error);
  name = first_difference (whole, resumed);
  if (name != NULL)
    return eid_failed (
        _ ("What lasts from step to step must be in the checkpoint: an EID_BUFFER or a queue, not "
           "a variable, nor a number in eid_state()."),
        _ ("A run of %d steps that was broken off at %d and resumed ends otherwise, first in "
           "“%s”."),
        STEPS, STEPS / 2, name);
  return eid_passed (_ ("Broken off at step %d of %d and resumed, it ends with the same bits in %u tensors."),
                     STEPS / 2, STEPS, eid_safetensors_count (whole));
}

/* --- Memory ------------------------------------------------------------------------------- */

#define WARM_UP 20
#define WATCHED 50

/* What a step may add to the heap: the run's history does, in memory until it is written. */
#define HEAP_A_STEP 2048

/* What the process may add in pages over all watched steps: heaps are taken in pieces, and threads keep
 * theirs. */
#define RESIDENT_BYTES ((gint64) 48 * 1024 * 1024)

typedef struct
{
  gint64 device, heap, resident; /* bytes */
} Taken;

static Taken
taken_now (EidTrainer *trainer)
{
  const struct mallinfo2 heap = mallinfo2 ();
  Taken taken = { .device = (gint64) eid_device_bytes (eid_trainer_setup (trainer)->device),
                  .heap = (gint64) (heap.uordblks + heap.hblkhd) };
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    {
      words = g_strsplit (text, " ", 3);
      if (words[0] != NULL && words[1] != NULL)
        taken.resident = g_ascii_strtoll (words[1], NULL, 10) * sysconf (_SC_PAGESIZE);
    }
  return taken;
}

static EidFinding
judge_memory (const Taken *before, const Taken *after)
{
  const gint64 device = after->device - before->device, heap = after->heap - before->heap,
               resident = after->resident - before->resident;
  g_autofree char *process = g_format_size ((guint64) MAX (resident, 0));

  if (device > 0)
    return eid_failed (
        _ ("Tensors go with their step: make none outside of one, by eid_tensor_new() in build(), "
           "and keep none."),
        _ ("In %'d steps the device’s memory grew by %'" PRId64 " bytes."), WATCHED, device);
  if (heap > (gint64) HEAP_A_STEP * WATCHED || resident > RESIDENT_BYTES)
    return eid_failed (
        _ ("Free what is allocated in loss() and encode(), by g_autofree or g_free(); what lasts "
           "is asked for in build(), by eid_plugin_alloc()."),
        _ ("In %'d steps the process kept %'" PRId64 " more bytes a step, and grew by %s."), WATCHED,
        heap / WATCHED, process);
  return eid_passed (_ ("In %'d steps the device’s memory did not grow; the process kept %'" PRId64
                        " more bytes a step, for the run’s history."),
                     WATCHED, MAX (heap, 0) / WATCHED);
}

EidFinding
eid_check_memory (EidCheck *check)
{
  g_autofree char *steps = g_strdup_printf ("Run.steps=%d", WARM_UP + WATCHED);
  GError *error = NULL;
  g_autoptr (EidTrainer) trainer = eid_check_trainer (check, "run", EID_SETTINGS (steps), NULL, &error);
  Taken before, after;

  if (trainer == NULL || !step_until (check, trainer, WARM_UP, &error))
    return eid_failed_by (error);
  before = taken_now (trainer);
  if (!step_until (check, trainer, WARM_UP + WATCHED, &error))
    return eid_failed_by (error);
  after = taken_now (trainer);
  return judge_memory (&before, &after);
}
