/* run-checkpoints.c: the folder checkpoints/ of a run: where a step's file
 * goes, which is the newest that can be used, and which may be removed.
 */
#include "app/store/internal.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <string.h>

#define ENDING ".safetensors"

static char *
checkpoints_folder (EidRun *run)
{
  return g_build_filename (run->folder, "checkpoints", NULL);
}

char *
eid_run_checkpoint_file (EidRun *run, guint64 step)
{
  g_autofree char *name = g_strdup_printf ("%" G_GUINT64_FORMAT ENDING, step);

  return g_build_filename (run->folder, "checkpoints", name, NULL);
}

/* "1200.safetensors" -> 1200 */
static gboolean
read_step (const char *name, guint64 *step)
{
  g_autofree char *number = g_strdup (name);

  if (!g_str_has_suffix (number, ENDING))
    return FALSE;
  number[strlen (number) - strlen (ENDING)] = '\0';
  if (number[0] == '0' && number[1] != '\0') /* not a name that we give */
    return FALSE;
  return g_ascii_string_to_unsigned (number, 10, 0, G_MAXINT64, step, NULL);
}

static int
newest_first (gconstpointer a, gconstpointer b)
{
  const guint64 *first = a, *second = b;

  return (*first < *second) - (*first > *second);
}

GArray *
eid_run_checkpoints (EidRun *run)
{
  GArray *steps = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autofree char *folder = checkpoints_folder (run);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint64 step;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (read_step (name, &step) && step <= run->last_checkpoint)
      g_array_append_val (steps, step);
  g_array_sort (steps, newest_first);
  return steps;
}

EidSafetensors *
eid_run_newest_checkpoint (EidRun *run, guint64 *step, char **skipped, GError **error)
{
  g_autoptr (GArray) steps = eid_run_checkpoints (run);
  g_autoptr (GString) broken = g_string_new (NULL);
  EidSafetensors *tensors = NULL;

  g_return_val_if_fail (run != NULL, NULL);

  for (guint i = 0; i < steps->len && tensors == NULL; i++)
    {
      guint64 candidate = g_array_index (steps, guint64, i);
      g_autofree char *file = eid_run_checkpoint_file (run, candidate);
      g_autoptr (GError) reason = NULL;

      tensors = eid_safetensors_open (file, &reason);
      if (tensors == NULL)
        g_string_append_printf (broken, "%s%s", broken->len > 0 ? "; " : "", reason->message);
      else if (step != NULL)
        *step = candidate;
    }
  if (skipped != NULL)
    *skipped = broken->len > 0 ? g_strdup (broken->str) : NULL;
  if (tensors == NULL && steps->len == 0)
    g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO,
                 _ ("The run %s has no checkpoint: it ended before its first, at step %'" PRId64
                    ". Train it again, with a smaller checkpoint-every"),
                 run->folder, eid_recipe_int (run->recipe, "Run", "checkpoint-every"));
  else if (tensors == NULL)
    g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_CORRUPT,
                 _ ("The run %s has no checkpoint that can be used: %s"), run->folder, broken->str);
  return tensors;
}

static gboolean
holds (GArray *steps, guint64 step)
{
  for (guint i = 0; i < steps->len; i++)
    if (g_array_index (steps, guint64, i) == step)
      return TRUE;
  return FALSE;
}

void
eid_run_prune_checkpoints (EidRun *run, guint keep)
{
  g_autoptr (GArray) steps = eid_run_checkpoints (run);
  g_autoptr (GArray) wanted = eid_run_wanted_checkpoints (run);
  guint good = 0;

  g_return_if_fail (run != NULL && run->lock >= 0);

  /* Broken ones do not count: what is kept must be of use. */
  for (guint i = 0; i < steps->len; i++)
    {
      const guint64 step = g_array_index (steps, guint64, i);
      g_autofree char *file = eid_run_checkpoint_file (run, step);

      if (good >= MAX (keep, 1))
        {
          if (!holds (wanted, step))
            g_unlink (file);
        }
      else
        {
          g_autoptr (EidSafetensors) tensors = eid_safetensors_open (file, NULL);

          good += tensors != NULL;
        }
    }
}
