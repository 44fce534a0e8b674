/* fake-health.c: see fake-health.h. */
#include "tests/ui/fake-health.h"

#include <math.h>
#include <stdlib.h>

#define EVERY 50 /* looks and evaluations */

static guint64
step_of (const char *variable)
{
  const char *text = g_getenv (variable);

  return text ? (guint64) atoi (text) : 0;
}

gboolean
fake_is_collapsed (guint64 step)
{
  const guint64 from = step_of ("FAKE_ENGINE_ALARM"), to = step_of ("FAKE_ENGINE_RECOVERY");

  return g_getenv ("FAKE_ENGINE_COLLAPSED") || (from > 0 && step >= from && (to == 0 || step < to));
}

gboolean
fake_is_look (guint64 step)
{
  return step % EVERY == 0
         || (step > 0 && (step == step_of ("FAKE_ENGINE_ALARM") || step == step_of ("FAKE_ENGINE_RECOVERY")));
}

static double
learnt (guint64 step)
{
  return 1 - exp (-(double) step / 150);
}

static double
rank_at (guint64 step)
{
  return fake_is_collapsed (step) ? 1.2 : 4 + 24 * learnt (step);
}

static double
z_std_at (guint64 step)
{
  return fake_is_collapsed (step) ? 0.01 : 0.04 + 0.08 * learnt (step);
}

static double
cosine_at (guint64 step)
{
  return fake_is_collapsed (step) ? 0.97 : 0.8 - 0.4 * learnt (step);
}

static const struct
{
  const char *name;
  double start, gain;
  gboolean baseline;
} probes[] = {
  { "knn", 0.5, 0.35, FALSE },        { "linear", 0.55, 0.33, FALSE }, { "knn-random", 0.61, 0, TRUE },
  { "linear-random", 0.66, 0, TRUE }, { "knn-pixels", 0.72, 0, TRUE }, { "linear-pixels", 0.7, 0, TRUE },
};

void
fake_add_probes (GVariantDict *dict, guint64 step)
{
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    g_variant_dict_insert (dict, probes[i].name, "d", probes[i].start + probes[i].gain * learnt (step));
}

GVariant *
fake_look_at (guint64 step)
{
  const guint64 evaluated = step / EVERY * EVERY;
  GVariantBuilder cures, bands, references;
  GVariantDict dict;
  gboolean collapsed;

  while (step > 0 && !fake_is_look (step))
    step--;
  collapsed = fake_is_collapsed (step);
  g_variant_builder_init (&cures, G_VARIANT_TYPE ("a(sss)"));
  if (collapsed)
    g_variant_builder_add (&cures, "(sss)", "Optimizer", "lr", "lower");
  g_variant_builder_init (&bands, G_VARIANT_TYPE ("a{s(dd)}"));
  g_variant_builder_add (&bands, "{s(dd)}", "cosine", -INFINITY, 0.9);
  g_variant_builder_add (&bands, "{s(dd)}", "rank", 2.0, INFINITY);
  g_variant_builder_init (&references, G_VARIANT_TYPE ("a{sd}"));
  g_variant_builder_add (&references, "{sd}", "z-std", 0.125);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "step", "t", step);
  g_variant_dict_insert (&dict, "verdict", "s",
                         collapsed   ? "complete-collapse"
                         : step == 0 ? "too-early"
                                     : "healthy");
  g_variant_dict_insert (&dict, "title", "s",
                         collapsed   ? "Complete collapse"
                         : step == 0 ? "Too early to tell"
                                     : "Healthy");
  g_variant_dict_insert (&dict, "evidence", "s",
                         collapsed ? "Mean cosine of 512 pictures is 0.97."
                                   : "The features fill 28 of 64 dimensions.");
  g_variant_dict_insert_value (&dict, "cure", g_variant_builder_end (&cures));
  g_variant_dict_insert_value (&dict, "bands", g_variant_builder_end (&bands));
  g_variant_dict_insert_value (&dict, "references", g_variant_builder_end (&references));
  g_variant_dict_insert (&dict, "rank", "d", rank_at (step));
  g_variant_dict_insert (&dict, "z-std", "d", z_std_at (step));
  g_variant_dict_insert (&dict, "cosine", "d", cosine_at (step));
  g_variant_dict_insert (&dict, "rank-most", "u", 64);
  g_variant_dict_insert (&dict, "pictures", "u", 512);
  if (evaluated > 0)
    {
      g_variant_dict_insert (&dict, "probes-step", "t", evaluated);
      fake_add_probes (&dict, evaluated);
    }
  return g_variant_dict_end (&dict);
}

static void
open_series (GVariantBuilder *series, const char *name)
{
  g_variant_builder_open (series, G_VARIANT_TYPE ("{sa(td)}"));
  g_variant_builder_add (series, "s", name);
  g_variant_builder_open (series, G_VARIANT_TYPE ("a(td)"));
}

static void
close_series (GVariantBuilder *series)
{
  g_variant_builder_close (series);
  g_variant_builder_close (series);
}

void
fake_add_series (GVariantBuilder *series, guint64 step)
{
  static const struct
  {
    const char *name;
    double (*at) (guint64 step);
  } signs[] = { { "rank", rank_at }, { "z-std", z_std_at }, { "cosine", cosine_at } };

  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    {
      open_series (series, signs[i].name);
      for (guint64 at = 0; at <= step; at++)
        if (fake_is_look (at))
          g_variant_builder_add (series, "(td)", at, signs[i].at (at));
      close_series (series);
    }
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    {
      open_series (series, probes[i].name);
      for (guint64 at = probes[i].baseline ? 0 : EVERY; at <= (probes[i].baseline ? 0 : step); at += EVERY)
        g_variant_builder_add (series, "(td)", at, probes[i].start + probes[i].gain * learnt (at));
      close_series (series);
    }
}
