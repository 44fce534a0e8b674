/* normalization.c: what pictures are normalised with, and why; see setup.h. Features of published weights are
 * the published ones only with the numbers that these were made with. */
#include "app/engine/setup/private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* One number for all channels, or three between spaces or commas. */
static gboolean
parse_numbers (const char *text, float values[3])
{
  guint count = 0;

  for (;;)
    {
      char *end;
      double value;

      text += strspn (text, " ,\t");
      if (*text == '\0')
        break;
      if (count == 3 || strspn (text, "0123456789+-.") == 0)
        return FALSE;
      value = g_ascii_strtod (text, &end);
      if (end == text || !isfinite (value) || fabs (value) > 1000
          || (*end != '\0' && strchr (" ,\t", *end) == NULL))
        return FALSE;
      values[count++] = (float) value;
      text = end;
    }
  if (count == 1)
    values[1] = values[2] = values[0];
  return count == 1 || count == 3;
}

/* *@given: @key says numbers, which are in @values, and not auto. */
static gboolean
read_key (EidRecipe *recipe, const char *key, float values[3], gboolean *given, GError **error)
{
  const char *text = eid_recipe_text (recipe, "Dataset", key);
  const gboolean is_std = g_str_equal (key, "std");

  *given = !g_str_equal (text, "auto");
  if (!*given
      || (parse_numbers (text, values) && (!is_std || (values[0] > 0 && values[1] > 0 && values[2] > 0))))
    return TRUE;
  return eid_recipe_fail_at (
      recipe, "Dataset", key,
      g_error_new (EID_ERROR, EID_ERROR_USAGE,
                   is_std
                       ? _ ("“%s” is neither auto nor one number above 0, or three, as in 0.229 0.224 0.225.")
                       : _ ("“%s” is neither auto nor one number, or three, as in 0.485 0.456 0.406."),
                   text),
      error);
}

static char *
format_numbers (const float values[3], guint channels)
{
  return channels == 1
             ? g_strdup_printf ("%.3g", (double) values[0])
             : g_strdup_printf ("%.3g %.3g %.3g", (double) values[0], (double) values[1], (double) values[2]);
}

/* Where the numbers that auto stands for come from. Free. */
static char *
describe_source (const EidWeightsDescription *weights)
{
  switch (weights != NULL ? weights->moments_said : EID_SAID_NOWHERE)
    {
    case EID_SAID_BY_FILE:
      return g_strdup (_ ("as the file of weights says"));
    case EID_SAID_BY_CONFIG:
      return g_strdup (_ ("as the configuration beside the weights says"));
    case EID_SAID_BY_FAMILY:
      return g_strdup_printf (_ ("those of %s, as for published weights of this kind"), weights->moments_of);
    default:
      return g_strdup (_ ("those of the training pictures"));
    }
}

gboolean
eid_setup_choose_moments (EidSetup *setup, const EidWeightsDescription *weights, GError **error)
{
  g_autofree char *mean = NULL, *std = NULL, *source = NULL;
  float means[3], deviations[3];
  gboolean mean_given, std_given;

  if (!read_key (setup->recipe, "mean", means, &mean_given, error)
      || !read_key (setup->recipe, "std", deviations, &std_given, error))
    return FALSE;
  if (weights != NULL && weights->moments_said != EID_SAID_NOWHERE
      && (weights->channels == 0 || setup->channels == weights->channels))
    {
      memcpy (setup->mean, weights->mean, sizeof setup->mean);
      memcpy (setup->std, weights->std, sizeof setup->std);
    }
  else
    {
      weights = NULL;
      if (!(mean_given && std_given) && !eid_setup_measure_moments (setup, error))
        return FALSE;
    }
  if (mean_given)
    memcpy (setup->mean, means, sizeof means);
  if (std_given)
    memcpy (setup->std, deviations, sizeof deviations);
  mean = format_numbers (setup->mean, setup->channels);
  std = format_numbers (setup->std, setup->channels);
  source = mean_given && std_given ? g_strdup (_ ("as [Dataset] mean and std have it"))
           : mean_given            ? g_strdup (_ ("the mean as [Dataset] has it"))
           : std_given             ? g_strdup (_ ("the deviation as [Dataset] has it"))
                                   : describe_source (weights);
  g_ptr_array_add (
      setup->told,
      /* TRANSLATORS: numbers, numbers, and where they come from. */
      g_strdup_printf (_ ("Pictures are normalised with mean %s and deviation %s: %s."), mean, std, source));
  return TRUE;
}
