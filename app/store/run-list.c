/* run-list.c: the runs there are, and each in a line: what the list of recent runs
 * shows of one without going on with it.                                     */
#include "app/store/internal.h"

#include <glib/gstdio.h>
#include <string.h>

/* Entries of a folder that are looked at, at most. */
#define MOST_ENTRIES 10000

/* When anything in @folder changed last, 0 where there is no run. The database's log does not count: SQLite
 * touches it where a run is only read. */
static gint64
last_change (const char *folder)
{
  static const char *const names[] = { "recipe.ini", "run.db", "checkpoints" };
  gint64 newest = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_build_filename (folder, names[i], NULL);
      GStatBuf info;

      if (g_stat (file, &info) == 0)
        newest = MAX (newest, (gint64) info.st_mtime);
      else if (i == 0)
        return 0;
    }
  return newest;
}

/* What was made of a run last says when that was: files that were copied or read are of another time. And
 * what a branch changed stands behind the colon of its event. */
static gboolean
read_events (EidRun *run, EidRunSummary *summary, GError **error)
{
  g_autoptr (GPtrArray) events = eid_run_events (run, error);
  gint64 newest = 0;

  for (guint i = 0; events != NULL && i < events->len; i++)
    {
      const EidEvent *event = g_ptr_array_index (events, i);
      const char *colon = strstr (event->text, ": ");

      newest = MAX (newest, event->time);
      if (!g_str_equal (event->kind, "branch"))
        continue;
      g_free (summary->differs);
      summary->differs = colon != NULL ? g_strdup (colon + 2) : NULL;
    }
  if (newest > 0)
    summary->time = newest;
  return events != NULL;
}

EidRunSummary *
eid_run_summary_read (const char *folder, GError **error)
{
  const gint64 changed = last_change (folder); /* before it is opened */
  g_autoptr (EidRun) run = eid_run_open (folder, FALSE, error);
  EidPoint loss, knn;
  g_autoptr (EidRunSummary) summary = NULL;
  EidRecipe *recipe;

  if (run == NULL || !eid_run_last_point (run, "loss", &loss, error)
      || !eid_run_last_point (run, "knn", &knn, error))
    return NULL;
  recipe = eid_run_recipe (run);
  summary = g_new0 (EidRunSummary, 1);
  summary->folder = g_strdup (folder);
  summary->title = g_strdup (eid_recipe_title (recipe));
  summary->encoder = g_strdup (eid_recipe_text (recipe, "Encoder", "plugin"));
  summary->objective = g_strdup (eid_recipe_text (recipe, "Objective", "plugin"));
  summary->step = loss.step;
  summary->steps = (guint64) eid_recipe_int (recipe, "Run", "steps");
  summary->knn = knn.value;
  summary->time = changed;
  return read_events (run, summary, error) ? g_steal_pointer (&summary) : NULL;
}

void
eid_run_summary_free (EidRunSummary *summary)
{
  if (summary == NULL)
    return;
  g_free (summary->folder);
  g_free (summary->title);
  g_free (summary->encoder);
  g_free (summary->objective);
  g_free (summary->differs);
  g_free (summary);
}

/* --- The list ------------------------------------------------------------------ */

typedef struct
{
  char *folder;
  gint64 time;
} Entry;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->folder);
  g_free (entry);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = *(Entry *const *) a, *y = *(Entry *const *) b;

  return x->time > y->time ? -1 : x->time < y->time;
}

GPtrArray *
eid_run_list (const char *place, guint most)
{
  g_autofree char *runs = place != NULL ? g_strdup (place) : eid_runs_folder ();
  g_autoptr (GDir) dir = g_dir_open (runs, 0, NULL);
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);
  GPtrArray *folders = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  for (guint i = 0; dir != NULL && i < MOST_ENTRIES && (name = g_dir_read_name (dir)) != NULL; i++)
    {
      g_autofree char *folder = g_build_filename (runs, name, NULL);
      const gint64 time = last_change (folder);
      Entry *entry;

      if (time == 0)
        continue;
      entry = g_new (Entry, 1);
      *entry = (Entry){ g_steal_pointer (&folder), time };
      g_ptr_array_add (entries, entry);
    }
  g_ptr_array_sort (entries, compare_entries);
  for (guint i = 0; i < MIN (entries->len, most); i++)
    g_ptr_array_add (folders, g_strdup (((Entry *) g_ptr_array_index (entries, i))->folder));
  return folders;
}
