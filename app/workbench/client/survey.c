/* survey.c: the engine's answers on data in words; see survey.h. */
#include "app/workbench/client/survey.h"

#include <glib/gi18n.h>
#include <math.h>
#include <time.h>

#include "ui/ui.h"

#include "app/workbench/client/report.h"

static char *
text_of (GVariant *dictionary, const char *key)
{
  char *text = NULL;

  return g_variant_lookup (dictionary, key, "s", &text) ? text : g_strdup ("");
}

static guint
number_of (GVariant *dictionary, const char *key)
{
  guint number = 0;

  g_variant_lookup (dictionary, key, "u", &number);
  return number;
}

/* --- The data --------------------------------------------------------------- */

/* "100 colour pictures", "more than 20,000 grey pictures" */
static char *
describe_count (GVariant *data, guint channels)
{
  guint64 count = 0;
  gboolean more = FALSE;
  g_autofree char *number = NULL;

  g_variant_lookup (data, "count", "t", &count);
  g_variant_lookup (data, "more", "b", &more);
  number = eid_format_count (count);
  if (channels == 0)
    return g_strdup_printf (_ ("Text of %s characters"), number);
  if (channels == 1)
    return more ? g_strdup_printf (_ ("More than %s grey pictures"), number)
                : g_strdup_printf (_ ("%s grey pictures"), number);
  return more ? g_strdup_printf (_ ("More than %s colour pictures"), number)
              : g_strdup_printf (_ ("%s colour pictures"), number);
}

static char *
describe_sides (GVariant *data)
{
  const guint least = number_of (data, "least-side"), greatest = number_of (data, "greatest-side");
  g_autofree char *from = eid_format_count (least), *to = eid_format_count (greatest);

  if (least == greatest)
    return g_strdup_printf (_ ("%s pixels a side"), from);
  return g_strdup_printf (_ ("%s to %s pixels on the shorter side"), from, to);
}

/* Classes by their first names. */
static char *
describe_classes (GVariant *data)
{
  const guint classes = number_of (data, "classes");
  g_auto (GStrv) names = NULL;
  g_autofree char *list = NULL;

  if (classes == 0)
    return g_strdup (_ ("without labels (sub-folders would be classes)"));
  g_variant_lookup (data, "class-names", "^as", &names);
  for (guint i = 0; names && names[i]; i++)
    if (i == 3)
      g_clear_pointer (&names[i], g_free);
  list = names ? g_strjoinv (", ", names) : g_strdup ("");
  return g_strdup_printf (ngettext ("labels of %'u class: %s%s", "labels of %'u classes: %s%s", classes),
                          classes, list, classes > 3 ? "…" : "");
}

static char *
describe_data (GVariant *data)
{
  const guint channels = number_of (data, "channels");
  g_autofree char *count = describe_count (data, channels), *sides = NULL, *classes = NULL;

  if (channels == 0)
    return g_steal_pointer (&count);
  sides = describe_sides (data);
  classes = describe_classes (data);
  /* TRANSLATORS: how many pictures, how large, with which labels. */
  return g_strdup_printf (_ ("%s, %s, %s"), count, sides, classes);
}

static void
proposal_free (gpointer data)
{
  EidProposalInfo *proposal = data;

  g_free (proposal->id);
  g_free (proposal->title);
  g_free (proposal->reason);
  g_free (proposal->recipe);
  g_free (proposal);
}

EidSurveyInfo *
eid_survey_info_read (GVariant *answer)
{
  EidSurveyInfo *info = g_new0 (EidSurveyInfo, 1);
  g_autoptr (GVariant) data = NULL, list = NULL;
  g_autofree char *path = NULL;
  GVariantIter iter;
  GVariant *entry;

  g_variant_get (answer, "(@a{sv}@aa{sv})", &data, &list);
  path = text_of (data, "path");
  info->title = g_filename_display_basename (path);
  info->summary = describe_data (data);
  if (!g_variant_lookup (data, "notes", "^as", &info->notes))
    info->notes = g_new0 (char *, 1);
  info->proposals = g_ptr_array_new_with_free_func (proposal_free);
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_loop (&iter, "@a{sv}", &entry))
    {
      EidProposalInfo *proposal = g_new0 (EidProposalInfo, 1);

      *proposal = (EidProposalInfo){ text_of (entry, "id"), text_of (entry, "title"),
                                     text_of (entry, "reason"), text_of (entry, "recipe") };
      g_ptr_array_add (info->proposals, proposal);
    }
  return info;
}

void
eid_survey_info_free (EidSurveyInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->title);
  g_free (info->summary);
  g_strfreev (info->notes);
  g_ptr_array_unref (info->proposals);
  g_free (info);
}

/* --- Times ------------------------------------------------------------------- */

/* Where the times come from. */
static char *
describe_source (GVariant *estimate)
{
  double samples = 0, tokens = NAN;
  gint64 time = 0;
  gboolean stored = FALSE;
  g_autofree char *shown = NULL;

  g_variant_lookup (estimate, "samples-per-second", "d", &samples);
  g_variant_lookup (estimate, "tokens-per-second", "d", &tokens);
  g_variant_lookup (estimate, "time", "x", &time);
  g_variant_lookup (estimate, "stored", "b", &stored);
  shown = eid_rate_in_words (samples, tokens);
  if (stored)
    {
      g_autoptr (GDateTime) when = g_date_time_new_from_unix_local (time);
      g_autofree char *day = when ? g_date_time_format (when, "%x") : g_strdup ("");

      return g_strdup_printf (_ ("measured on this device on %s: %s"), day, shown);
    }
  return g_strdup_printf (_ ("measured on this device just now: %s"), shown);
}

char *
eid_estimate_describe (GVariant *estimate)
{
  double first, useful, all;
  g_autofree char *first_text = NULL, *useful_text = NULL, *all_text = NULL, *source = NULL;

  if (!g_variant_lookup (estimate, "first-seconds", "d", &first)
      || !g_variant_lookup (estimate, "useful-seconds", "d", &useful)
      || !g_variant_lookup (estimate, "all-seconds", "d", &all))
    return NULL;
  first_text = eid_format_duration (first);
  useful_text = eid_format_duration (useful);
  all_text = eid_format_duration (all);
  source = describe_source (estimate);
  return g_strdup_printf (
      g_variant_lookup (estimate, "tokens-per-second", "d", NULL)
          ? _ ("First predictions in %s, useful ones in %s (after the warm-up), all steps in %s; %s")
          : _ ("First picture in %s, a useful one in %s (after the warm-up), all steps in %s; %s"),
      first_text, useful_text, all_text, source);
}
