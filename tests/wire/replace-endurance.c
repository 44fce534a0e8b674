/* replace-endurance.c: replaced code a hundred times over, and how soon it trains. */
#include "tests/wire/exchange.h"
#include "tests/wire/replace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- A hundred in a row --------------------------------------------------------------- */

typedef struct
{
  guint64 resident; /* bytes                                   */
  guint files;      /* open                                    */
  guint mapped;     /* of code                                 */
  guint64 device;   /* bytes in use, as Progress told it last  */
} Footprint;

static guint64 device_bytes;

static void
on_memory (EidWireEngine *proxy, GVariant *report, gpointer user_data)
{
  g_assert_true (g_variant_lookup (report, "memory", "t", &device_bytes));
}

static Footprint
footprint (Engine *engine)
{
  const char *pid = g_subprocess_get_identifier (engine->process);
  g_autofree char *statm = g_strdup_printf ("/proc/%s/statm", pid),
                  *maps = g_strdup_printf ("/proc/%s/maps", pid);
  g_autofree char *fds = g_strdup_printf ("/proc/%s/fd", pid), *numbers = NULL, *text = NULL;
  g_autoptr (GDir) dir = g_dir_open (fds, 0, NULL);
  g_autoptr (GHashTable) mapped = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) lines = NULL;
  Footprint now = { .device = device_bytes };

  g_assert_true (g_file_get_contents (statm, &numbers, NULL, NULL));
  g_assert_true (g_file_get_contents (maps, &text, NULL, NULL));
  now.resident = g_ascii_strtoull (strchr (numbers, ' '), NULL, 10) * 4096;
  while (g_dir_read_name (dir) != NULL)
    now.files++;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (strstr (lines[i], "/run/code/") != NULL)
      g_hash_table_add (mapped, g_strdup (strchr (lines[i], '/')));
  now.mapped = g_hash_table_size (mapped);
  return now;
}

static void
test_hundred (void)
{
  g_autofree char *run = NULL;
  Engine *engine = begin (100000, &run);
  Footprint early = { 0 }, late;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) series = NULL, losses = NULL;
  double slowest = 0;

  g_signal_connect (engine->proxy, "progress", G_CALLBACK (on_memory), NULL);
  step_to (engine, 1);
  for (guint i = 1; i <= 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("new-%u.so", i), *tail = g_strdup_printf ("%u", i);
      g_autofree char *file = tiny_path (engine->world, name), *from = sample (i % 2 ? "wider" : "same");
      const gint64 started = g_get_monotonic_time ();
      g_autoptr (GVariant) report = NULL;

      copy_file (from, file, tail); /* other bytes each time: another shared object to the loader */
      report = replace (engine, file);
      step_to (engine, 1 + i);
      slowest = MAX (slowest, (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC);
      if (i == 20)
        early = footprint (engine);
    }
  late = footprint (engine);
  g_test_message (
      "after 20 and 100: %.1f and %.1f MiB resident, %u and %u files open, %u and %u of code mapped, "
      "%" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " device bytes; slowest %.2f s",
      (double) early.resident / 1048576, (double) late.resident / 1048576, early.files, late.files,
      early.mapped, late.mapped, early.device, late.device, slowest);
  g_assert_cmpuint (late.files, ==, early.files);
  g_assert_cmpuint (late.mapped, ==, early.mapped);
  g_assert_cmpuint (late.mapped, <=, 1);
  g_assert_cmpuint (late.device, ==, early.device);
  g_assert_cmpuint (late.resident, <, early.resident + 16 * 1024 * 1024);

  eid_wire_engine_call_history_sync (engine->proxy, &series, NULL, &error);
  g_assert_no_error (error);
  losses = g_variant_lookup_value (series, "loss", G_VARIANT_TYPE ("a(td)"));
  g_assert_cmpuint (g_variant_n_children (losses), ==, 101);
  for (gsize i = 0; i < g_variant_n_children (losses); i++)
    {
      double loss;

      g_variant_get_child (losses, i, "(td)", NULL, &loss);
      g_assert_true (isfinite (loss));
    }
  eid_wire_engine_call_stop_sync (engine->proxy, NULL, NULL);
  engine_free (engine);
}

/* --- From a saved source to code that trains ----------------------------------------- */

#define SECONDS 3.0 /* of a machine at rest */
#define LINES   150

/* The sample's source with functions that nobody calls, until it has so many lines. */
static char *
long_source (Engine *engine)
{
  g_autofree char *text = NULL;
  g_autoptr (GString) all = NULL;
  char *file = tiny_path (engine->world, "replaced.c");
  guint lines = 0;

  g_assert_true (g_file_get_contents (g_getenv ("EIDOSCOPE_REPLACED_SOURCE"), &text, NULL, NULL));
  for (const char *c = text; *c; c++)
    lines += *c == '\n';
  all = g_string_new (NULL);
  for (guint i = 0; lines < LINES; i++, lines += 5)
    g_string_append_printf (all,
                            "#include <eidoscope.h>\n"
                            "EidTensor *extra_%u (EidTensor *x);\n"
                            "EidTensor *extra_%u (EidTensor *x) {\n"
                            "  return eid_scale (eid_exp (eid_normalize (x)), %u);\n}\n",
                            i, i, i);
  g_string_append (all, text);
  g_assert_true (g_file_set_contents (file, all->str, -1, NULL));
  return file;
}

static void
test_from_source (void)
{
  g_autofree char *run = NULL, *source = NULL, *file = NULL, *command = NULL;
  Engine *engine = begin (100000, &run);
  g_autoptr (GVariant) report = NULL;
  double compiled, all;
  gint64 started;
  int status;

  step_to (engine, 3);
  source = long_source (engine);
  file = tiny_path (engine->world, "built.so");
  command = g_strdup_printf (
      "${CC:-cc} -shared -fPIC -O2 -g -o %s %s $(pkg-config --cflags --libs eidoscope) -lm", file, source);
  started = g_get_monotonic_time ();
  g_assert_true (g_spawn_sync (NULL, (char *[]){ "sh", "-c", command, NULL }, NULL, G_SPAWN_SEARCH_PATH, NULL,
                               NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  compiled = (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;
  report = replace (engine, file);
  step_to (engine, 4);
  all = (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;
  g_test_message ("saved source of %d lines to its first step: %.2f s, of which the compiler %.2f s", LINES,
                  all, compiled);
  g_test_minimized_result (all, "seconds from a saved source to its first step");
  if (g_test_perf ()) /* as a benchmark, with the machine to itself */
    g_assert_cmpfloat (all, <, SECONDS);
  eid_wire_engine_call_stop_sync (engine->proxy, NULL, NULL);
  engine_free (engine);
}

void
replace_add_endurance (void)
{
  g_test_add_func ("/replace/hundred", test_hundred);
  g_test_add_func ("/replace/from-source", test_from_source);
}
