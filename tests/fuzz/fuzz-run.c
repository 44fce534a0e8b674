/* fuzz-run.c: the folder of a run that somebody else has written. The first byte tells how run.db is made:
 * from the bytes that follow as they are, or from rows of values of any type, which a damaged or hostile
 * database may hold. Everything is read that the program reads, then the run is opened for writing. */
#include "tests/fuzz/fuzz.h"

#include "app/store/store.h"

#include <sqlite3.h>
#include <string.h>

#define MOST_ROWS 64

static const char recipe[] = "[Run]\nsteps = 24\n[Dataset]\nreader = idx\npath = /data\n";

/* As the program makes them, but for what they demand of the values. */
static const char tables[] = "CREATE TABLE metric (step, name, value);"
                             "CREATE TABLE event (step, time, kind, text);"
                             "CREATE TABLE undone (step, time, kind, text);"
                             "CREATE TABLE rewinding (step);"
                             "CREATE TABLE moment (step, view, picture);"
                             "CREATE TABLE kept (step);"
                             "PRAGMA user_version = 2;";

static const struct
{
  const char *insert;
  guint columns;
} inserts[] = {
  { "INSERT INTO metric VALUES (?, ?, ?)", 3 },    { "INSERT INTO event VALUES (?, ?, ?, ?)", 4 },
  { "INSERT INTO undone VALUES (?, ?, ?, ?)", 4 }, { "INSERT INTO rewinding VALUES (?)", 1 },
  { "INSERT INTO moment VALUES (?, ?, ?)", 3 },    { "INSERT INTO kept VALUES (?)", 1 },
};

void
fuzz_start (void)
{
}

/* --- A database of rows ------------------------------------------------------------ */

static void
bind (sqlite3_stmt *statement, int column, FuzzInput *input)
{
  static const gint64 steps[] = { 0, 1, 2, 8, -1, G_MAXINT64, G_MININT64, G_MAXINT32 };
  static const char *const words[] = {
    "loss", "knn", "edit", "branch", "checkpoint", "embedding", "Objective.temperature: 0.2 → 0.1"
  };
  const guint type = fuzz_byte (input);

  switch (type % 8)
    {
    case 0:
      sqlite3_bind_null (statement, column);
      break;
    case 1:
      sqlite3_bind_int64 (statement, column, fuzz_long (input));
      break;
    case 2:
      sqlite3_bind_int64 (statement, column, steps[type / 8 % G_N_ELEMENTS (steps)]);
      break;
    case 3:
      {
        const gint64 bits = fuzz_long (input);
        double value;

        memcpy (&value, &bits, sizeof value);
        sqlite3_bind_double (statement, column, value);
        break;
      }
    case 4:
      {
        const FuzzInput blob = fuzz_part (input, fuzz_byte (input));

        sqlite3_bind_blob (statement, column, blob.data, (int) blob.size, SQLITE_TRANSIENT);
        break;
      }
    case 5:
      {
        const FuzzInput text = fuzz_part (input, fuzz_byte (input));

        sqlite3_bind_text (statement, column, (const char *) text.data, (int) text.size, SQLITE_TRANSIENT);
        break;
      }
    default:
      sqlite3_bind_text (statement, column, words[type / 8 % G_N_ELEMENTS (words)], -1, SQLITE_STATIC);
    }
}

static void
make_rows (const char *file, FuzzInput *input)
{
  sqlite3 *database = NULL;

  g_assert_cmpint (sqlite3_open (file, &database), ==, SQLITE_OK);
  sqlite3_exec (database, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; BEGIN", NULL, NULL, NULL);
  g_assert_cmpint (sqlite3_exec (database, tables, NULL, NULL, NULL), ==, SQLITE_OK);
  for (guint row = 0; row < MOST_ROWS && input->size > 0; row++)
    {
      const guint table = fuzz_byte (input) % G_N_ELEMENTS (inserts);
      sqlite3_stmt *statement = NULL;

      g_assert_cmpint (sqlite3_prepare_v2 (database, inserts[table].insert, -1, &statement, NULL), ==,
                       SQLITE_OK);
      for (guint i = 0; i < inserts[table].columns; i++)
        bind (statement, (int) i + 1, input);
      sqlite3_step (statement);
      sqlite3_finalize (statement);
    }
  g_assert_cmpint (sqlite3_exec (database, "COMMIT", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (database);
}

/* --- Reading and writing ------------------------------------------------------------- */

static void
check_events (GPtrArray *events)
{
  for (guint i = 0; events != NULL && i < events->len; i++)
    {
      const EidEvent *event = g_ptr_array_index (events, i);
      g_autofree char *assignment = NULL;

      fuzz_assert_text (event->kind);
      fuzz_assert_text (event->text);
      g_assert_cmpuint (event->step, <=, G_MAXINT64);
      assignment = eid_edit_assignment (event->text);
    }
  g_clear_pointer (&events, g_ptr_array_unref);
}

static void
check_metrics (EidRun *run)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = eid_run_metric_names (run, &error);

  fuzz_assert_error (names != NULL, error);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autoptr (GArray) series = eid_run_metric_series (run, names[i], NULL);
      EidPoint last;

      fuzz_assert_text (names[i]);
      for (guint j = 0; series != NULL && j < series->len; j++)
        g_assert_cmpuint (g_array_index (series, EidPoint, j).step, <=, G_MAXINT64);
      if (eid_run_last_point (run, names[i], &last, NULL))
        g_assert_cmpuint (last.step, <=, G_MAXINT64);
    }
}

static void
check_moments (EidRun *run)
{
  g_autoptr (GArray) moments = eid_run_moments (run, NULL);

  for (guint i = 0; moments != NULL && i < moments->len; i++)
    {
      const EidMoment moment = g_array_index (moments, EidMoment, i);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) picture = NULL;
      guint64 step = 0;

      g_assert_cmpuint (moment.step, <=, G_MAXINT64);
      picture = eid_run_moment_at (run, "embedding", moment.step, &step, &error);
      if (picture != NULL)
        g_assert_true (g_variant_is_normal_form (picture));
    }
}

static void
read_all (EidRun *run)
{
  g_autoptr (GArray) checkpoints = eid_run_checkpoints (run);

  check_metrics (run);
  check_events (eid_run_events (run, NULL));
  check_events (eid_run_undone_events (run, NULL));
  check_events (eid_run_waiting_edits (run, 1, NULL));
  check_moments (run);
}

static void
write_some (EidRun *run)
{
  g_autoptr (EidSafetensors) newest = NULL;
  g_autofree char *edit = NULL;
  guint64 step = 0;

  eid_run_metric (run, 3, "loss", 0.5, NULL);
  eid_run_event (run, 3, "warning", "x", NULL);
  eid_run_edit (run, 3, "Objective", "temperature", "0.2", "0.1", NULL);
  eid_run_keep_moment (run, 3, TRUE, NULL);
  eid_run_bound_moments (run, 16, NULL);
  eid_run_undo (run, &step, &edit, NULL);
  g_assert_cmpuint (step, <=, G_MAXINT64);
  eid_run_rewind (run, 2, NULL);
  eid_run_prune_checkpoints (run, 1);
  newest = eid_run_newest_checkpoint (run, &step, NULL, NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  const char *folder = fuzz_folder ();
  g_autofree char *database = fuzz_path ("run.db");
  const guint way = fuzz_byte (&input);

  fuzz_write ("recipe.ini", recipe, strlen (recipe));
  fuzz_write ("checkpoints/2.safetensors", "\2\0\0\0\0\0\0\0{}", 10);
  if (way % 2 == 0)
    make_rows (database, &input);
  else
    {
      const FuzzInput file = fuzz_part (&input, way & 2 ? (gsize) fuzz_short (&input) * 4 : input.size);

      fuzz_write ("run.db", file.data, file.size);
      if (input.size > 0)
        fuzz_write ("run.db-wal", input.data, input.size);
    }
  for (gboolean writable = FALSE; writable <= TRUE; writable++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (EidRun) run = eid_run_open (folder, writable, &error);
      g_autoptr (EidRunSummary) summary = writable ? NULL : eid_run_summary_read (folder, NULL);

      fuzz_assert_error (run != NULL, error);
      if (run == NULL)
        continue;
      read_all (run);
      if (writable)
        write_some (run);
    }
  return 0;
}

/* --- Seeds ---------------------------------------------------------------------------- */

static void
add_rows (void)
{
  g_autoptr (GByteArray) seed = g_byte_array_new ();

  fuzz_add_byte (seed, 0);
  for (guint table = 0; table < G_N_ELEMENTS (inserts); table++)
    for (guint row = 0; row < 2; row++)
      {
        fuzz_add_byte (seed, table);
        fuzz_add_byte (seed, 2 + 8 * (1 + row));
        if (table == 1 || table == 2)
          fuzz_add_byte (seed, 2 + 8);
        if (inserts[table].columns > 1)
          fuzz_add_byte (seed, 6 + 8 * (table == 4 ? 5 : 2));
        if (inserts[table].columns > 1)
          fuzz_add_byte (seed, 6 + 8 * 6);
      }
  fuzz_seed (seed->data, seed->len);
}

static void
add_written (void)
{
  g_autoptr (EidRecipe) parsed = eid_recipe_parse (recipe, "seed.ini", NULL);
  g_autofree char *folder = g_build_filename (fuzz_folder (), "run", NULL), *data = NULL;
  g_autofree char *file = g_build_filename (folder, "run.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) seed = g_byte_array_new ();
  EidRun *run = eid_run_create (folder, parsed, 0, &error);
  gsize size;

  g_assert_no_error (error);
  eid_run_metric (run, 1, "loss", 1.5, NULL);
  eid_run_metric (run, 2, "loss", 1.25, NULL);
  eid_run_event (run, 2, "checkpoint", "2.safetensors", NULL);
  eid_run_edit (run, 2, "Objective", "temperature", "0.2", "0.1", NULL);
  eid_run_moment (run, 2, "embedding", g_variant_new_parsed ("{'count': <uint32 3>}"), NULL);
  eid_run_keep_moment (run, 2, TRUE, NULL);
  eid_run_close (run);
  g_file_get_contents (file, &data, &size, &error);
  g_assert_no_error (error);
  fuzz_add_byte (seed, 1);
  g_byte_array_append (seed, (const guint8 *) data, (guint) size);
  fuzz_seed (seed->data, seed->len);
}

void
fuzz_seeds (void)
{
  add_rows ();
  add_written ();
}
