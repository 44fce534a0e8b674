/* evaluate-report.c: see evaluate-report.h. */
#include "app/cli/evaluate-report.h"

#include <glib/gi18n-lib.h>
#include <math.h>

void
eid_report_add_evaluation (JsonBuilder *builder, const EidEvaluation *evaluation)
{
  for (guint i = 0; i < eid_evaluation_n_fields; i++)
    {
      const EidEvaluationField *field = &eid_evaluation_fields[i];
      g_autofree char *key = g_strdelimit (g_strdup (field->name), "-", '_');

      eid_json_add_number (builder, key, EID_EVALUATION_VALUE (evaluation, field));
    }
}

static void
print_row (FILE *out, const char *name, double trained, double random, double pixels)
{
  const double values[] = { trained, random, pixels };

  if (isnan (trained))
    return;
  fprintf (out, "  %-18s", name);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    if (isnan (values[i]))
      fprintf (out, " %12s", "–");
    else
      fprintf (out, " %10.1f %%", values[i] * 100);
  fprintf (out, "\n");
}

static void
print_columns (FILE *out)
{
  fprintf (out, "  %-18s %12s %12s %12s\n", "", _ ("trained"), _ ("random"), _ ("pixels"));
}

void
eid_report_print_evaluation (FILE *out, const EidEvaluation *evaluation)
{
  if (!isnan (evaluation->knn) || !isnan (evaluation->linear))
    print_columns (out);
  print_row (out, _ ("nearest neighbours"), evaluation->knn, evaluation->knn_random, evaluation->knn_pixels);
  print_row (out, _ ("linear probe"), evaluation->linear, evaluation->linear_random,
             evaluation->linear_pixels);
  if (!isnan (evaluation->rank))
    fprintf (out, _ ("  effective rank %.1f, z-std %.4f\n"), evaluation->rank, evaluation->z_std);
}

void
eid_report_add_comparison (JsonBuilder *builder, const char *key, const EidComparison *comparison)
{
  g_autofree char *random = g_strconcat (key, "_random", NULL);
  g_autofree char *pixels = g_strconcat (key, "_pixels", NULL);

  eid_json_add_text (builder, "probe", key);
  eid_json_add_number (builder, key, comparison->trained);
  eid_json_add_number (builder, random, comparison->random);
  eid_json_add_number (builder, pixels, comparison->pixels);
  eid_json_add_integer (builder, "pictures", comparison->labels);
  if (comparison->steps > 0)
    eid_json_add_integer (builder, "steps", (gint64) comparison->steps);
}

void
eid_report_print_comparison (FILE *out, const char *title, const EidComparison *comparison)
{
  print_columns (out);
  print_row (out, title, comparison->trained, comparison->random, comparison->pixels);
  fprintf (out,
           g_dngettext (GETTEXT_PACKAGE, "  learnt from %'u labelled picture\n",
                        "  learnt from %'u labelled pictures\n", comparison->labels),
           comparison->labels);
}
