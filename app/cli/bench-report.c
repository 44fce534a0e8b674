/* bench-report.c: see bench-report.h. */
#include "app/cli/bench-report.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdio.h>

#define NAME_WIDTH   20
#define RATE_WIDTH   17
#define KERNEL_WIDTH 31

static const struct
{
  const char *title, *key;
} phases[EID_BENCH_PHASES] = {
  [EID_BENCH_LOAD] = { N_ ("load"), "load_ms" },
  [EID_BENCH_AUGMENT] = { N_ ("augment"), "augment_ms" },
  [EID_BENCH_FORWARD] = { N_ ("forward"), "forward_ms" },
  [EID_BENCH_BACKWARD] = { N_ ("backward"), "backward_ms" },
  [EID_BENCH_UPDATE] = { N_ ("update"), "update_ms" },
};

/* --- Columns ------------------------------------------------------------------ */

/* @text in a column of @width characters, at its left where that is negative. */
static void
print_cell (int width, const char *text)
{
  const int space = ABS (width) - (int) g_utf8_strlen (text, -1);

  eid_cli_print ("%*s%s%*s", width > 0 ? MAX (space, 0) : 0, "", text, width < 0 ? MAX (space, 0) : 0, "");
}

/* Four digits, and a dash for what there is not. */
static void
print_number (int width, double value, const char *unit)
{
  g_autofree char *text = NULL;

  if (!isfinite (value))
    text = g_strdup ("–");
  else
    text = g_strdup_printf ("%'.*f%s", value < 10 ? 2 : value < 100 ? 1 : 0, value, unit);
  print_cell (width, text);
}

/* "37.3 img/s", of text "9120 tokens/s" */
static void
print_rate (int width, const EidBenchResult *result)
{
  const gboolean text = isfinite (result->tokens_per_second);
  const double rate = text ? result->tokens_per_second : result->samples_per_second;
  g_autofree char *number = g_strdup_printf ("%.*f", rate < 10 ? 2 : rate < 100 ? 1 : 0, rate);
  g_autofree char *shown = g_strdup_printf (text ? _ ("%s tokens/s") : _ ("%s img/s"), number);

  print_cell (width, shown);
}

static void
print_bytes (int width, guint64 bytes)
{
  g_autofree char *text = g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);

  print_cell (width, text);
}

void
eid_bench_report_machine (const EidBenchMachine *machine)
{
  eid_cli_print (g_dngettext (GETTEXT_PACKAGE, "%s (%s, %s, %'u unit), %s\n", "%s (%s, %s, %'u units), %s\n",
                              machine->compute_units),
                 eid_device_title (machine->device), machine->platform, machine->gemm, machine->compute_units,
                 eid_precision_name (machine->precision));
  eid_cli_print (_ ("At best: products %'.0f GFLOP/s, copies %.1f GB/s\n\n"), machine->ceiling.gemm_gflops,
                 machine->ceiling.copy_gbps);
}

void
eid_bench_report_heading (void)
{
  print_cell (-NAME_WIDTH, _ ("milliseconds a step"));
  /* TRANSLATORS: heading of a column of "37.3 img/s". */
  print_cell (RATE_WIDTH, _ ("rate"));
  print_cell (8, _ ("step"));
  for (guint i = 0; i < EID_BENCH_PHASES; i++)
    print_cell (9, _ (phases[i].title));
  print_cell (10, _ ("products"));
  print_cell (9, _ ("of best"));
  print_cell (12, _ ("memory"));
  eid_cli_print ("\n");
}

void
eid_bench_report_case (const EidBenchCase *bench, const EidBenchResult *result)
{
  print_cell (-NAME_WIDTH, bench->name);
  print_rate (RATE_WIDTH, result);
  print_number (8, result->step_milliseconds, "");
  for (guint i = 0; i < EID_BENCH_PHASES; i++)
    print_number (9, result->milliseconds[i], "");
  print_number (10, result->gemm_share * 100, " %");
  print_number (9, result->gemm_percent, " %");
  print_bytes (12, result->peak_bytes);
  eid_cli_print ("\n");
  fflush (eid_cli_out ());
}

void
eid_bench_report_views (const EidBenchViews *views)
{
  eid_cli_print (
      _ ("  all pages watched: %.4g img/s (alone %.4g); looks of %.0f ms take %.1f %% of the time\n"),
      views->samples_per_second, views->alone, views->look_milliseconds, views->share * 100);
  fflush (eid_cli_out ());
}

void
eid_bench_report_profile (const EidBenchResult *result)
{
  const double steps = result->profiled_steps;
  double total = 0;

  for (guint i = 0; i < result->profile->len; i++)
    total += (double) g_array_index (result->profile, EidProfileEntry, i).nanoseconds;

  eid_cli_print ("\n  ");
  print_cell (-9, _ ("phase"));
  print_cell (-KERNEL_WIDTH, _ ("kernel"));
  print_cell (-6, _ ("type"));
  print_cell (8, _ ("calls"));
  print_cell (10, _ ("ms"));
  print_cell (9, _ ("share"));
  print_cell (10, "GFLOP/s");
  print_cell (8, "GB/s");
  eid_cli_print ("\n");
  for (guint i = 0; i < result->profile->len; i++)
    {
      const EidProfileEntry *entry = &g_array_index (result->profile, EidProfileEntry, i);
      const double nanoseconds = (double) MAX (entry->nanoseconds, 1);

      eid_cli_print ("  ");
      print_cell (-9, entry->phase);
      print_cell (-KERNEL_WIDTH, entry->kernel);
      print_cell (-6, eid_precision_name (entry->type));
      print_number (8, (double) entry->calls / steps, "");
      print_number (10, nanoseconds * 1e-6 / steps, "");
      print_number (9, 100 * nanoseconds / total, " %");
      print_number (10, entry->work > 0 ? entry->work / nanoseconds : NAN, "");
      print_number (8, entry->bytes > 0 ? entry->bytes / nanoseconds : NAN, "");
      eid_cli_print ("\n");
    }
  eid_cli_print ("  ");
  print_cell (-9 - KERNEL_WIDTH - 6 - 8, _ ("together, on the device"));
  print_number (10, total * 1e-6 / steps, "");
  eid_cli_print ("\n\n");
  fflush (eid_cli_out ());
}

/* --- JSON ------------------------------------------------------------------------ */

static void
add_profile (JsonBuilder *builder, const EidBenchResult *result)
{
  const double steps = result->profiled_steps;

  json_builder_set_member_name (builder, "profile");
  json_builder_begin_array (builder);
  for (guint i = 0; i < result->profile->len; i++)
    {
      const EidProfileEntry *entry = &g_array_index (result->profile, EidProfileEntry, i);

      json_builder_begin_object (builder);
      eid_json_add_text (builder, "phase", entry->phase);
      eid_json_add_text (builder, "kernel", entry->kernel);
      eid_json_add_text (builder, "precision", eid_precision_name (entry->type));
      eid_json_add_number (builder, "calls", (double) entry->calls / steps);
      eid_json_add_number (builder, "milliseconds", (double) entry->nanoseconds * 1e-6 / steps);
      eid_json_add_number (builder, "work", entry->work / steps);
      eid_json_add_number (builder, "bytes", entry->bytes / steps);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

void
eid_bench_report_json (const EidBenchMachine *machine, const EidBenchCase *bench,
                       const EidBenchResult *result, const EidBenchViews *views)
{
  JsonBuilder *builder = eid_json_object ();

  eid_json_add_text (builder, "case", bench->name);
  eid_json_add_text (builder, "precision", eid_precision_name (machine->precision));
  eid_json_add_text (builder, "device", machine->device);
  eid_json_add_text (builder, "gemm", machine->gemm);
  eid_json_add_integer (builder, "steps", result->steps);
  eid_json_add_number (builder, "samples_per_second", result->samples_per_second);
  if (isfinite (result->tokens_per_second))
    eid_json_add_number (builder, "tokens_per_second", result->tokens_per_second);
  eid_json_add_number (builder, "step_milliseconds", result->step_milliseconds);
  eid_json_add_number (builder, "fastest_milliseconds", result->fastest_milliseconds);
  for (guint i = 0; i < EID_BENCH_PHASES; i++)
    eid_json_add_number (builder, phases[i].key, result->milliseconds[i]);
  if (views != NULL)
    {
      eid_json_add_number (builder, "views_ms", views->step_milliseconds);
      eid_json_add_number (builder, "views_share", views->share);
      eid_json_add_number (builder, "watched_samples_per_second", views->samples_per_second);
      eid_json_add_number (builder, "unwatched_samples_per_second", views->alone);
    }
  eid_json_add_number (builder, "gemm_share", result->gemm_share);
  eid_json_add_number (builder, "gemm_gflops", result->gemm_gflops);
  eid_json_add_number (builder, "gemm_ceiling_gflops", machine->ceiling.gemm_gflops);
  eid_json_add_number (builder, "gemm_ceiling_percent", result->gemm_percent);
  eid_json_add_number (builder, "copy_share", result->copy_share);
  eid_json_add_number (builder, "copy_ceiling_gbps", machine->ceiling.copy_gbps);
  eid_json_add_number (builder, "copy_ceiling_percent", result->copy_percent);
  eid_json_add_integer (builder, "peak_bytes", (gint64) result->peak_bytes);
  eid_json_add_integer (builder, "peak_device_bytes", (gint64) result->peak_device_bytes);
  eid_json_add_integer (builder, "peak_rss_bytes", (gint64) result->peak_rss_bytes);
  add_profile (builder, result);
  eid_json_print (builder);
}
