/* text.c: see text.h. */
#include "app/workbench/plugin/text.h"

#include <glib/gi18n.h>

#include "ui/ui.h"

static char *
format_seconds (double seconds)
{
  /* TRANSLATORS: how long building took. */
  return g_strdup_printf (_ ("Built in %.1f s"), seconds);
}

/* "12 tensors kept, 1 new" */
static char *
describe_tensors (GVariant *report)
{
  g_auto (GStrv) fresh = NULL, dropped = NULL;
  guint32 kept = 0;
  GString *text = g_string_new (NULL);

  g_variant_lookup (report, "kept", "u", &kept);
  g_string_printf (text, g_dngettext (NULL, "%u tensor kept", "%u tensors kept", kept), kept);
  if (g_variant_lookup (report, "new", "^as", &fresh) && g_strv_length (fresh) > 0)
    g_string_append_printf (text, _ (", %u new"), g_strv_length (fresh));
  if (g_variant_lookup (report, "dropped", "^as", &dropped) && g_strv_length (dropped) > 0)
    g_string_append_printf (text, _ (", %u dropped"), g_strv_length (dropped));
  return g_string_free (text, FALSE);
}

char *
eid_plugin_words_swapped (const EidBuilt *built, GVariant *report)
{
  g_autofree char *took = format_seconds (built->seconds), *tensors = describe_tensors (report),
                  *number = NULL;
  guint64 step = 0;

  g_variant_lookup (report, "step", "t", &step);
  number = eid_format_count (step);
  /* TRANSLATORS: "Built in 0.8 s, swapped in at step 1,234: 12 tensors kept, 1 new." */
  return g_strdup_printf (_ ("%s, swapped in at step %s: %s."), took, number, tensors);
}

char *
eid_plugin_words_refused (const EidBuilt *built, const char *why)
{
  g_autofree char *took = format_seconds (built->seconds);

  return g_strdup_printf (_ ("%s, not swapped in; the code of before goes on. %s"), took, why);
}

char *
eid_plugin_words_crashed (const EidBuilt *built)
{
  g_autofree char *took = format_seconds (built->seconds);

  return g_strdup_printf (
      _ ("%s, and the new code ended the engine. Nothing is lost: resume, and the code of "
         "before goes on from the checkpoint that was saved first."),
      took);
}

char *
eid_plugin_words_listed (const EidBuilt *built, const char *kind, const char *id, gboolean busy)
{
  g_autofree char *took = format_seconds (built->seconds);
  const gboolean encoder = g_str_equal (kind, "encoder");

  if (!busy)
    return g_strdup_printf (encoder
                                ? _ ("%s. No run is training: “%s” is among the encoders to choose from.")
                                : _ ("%s. No run is training: “%s” is among the objectives to choose from."),
                            took, id);
  return g_strdup_printf (encoder
                              ? _ ("%s. This run trains another encoder; “%s” is among those to choose from.")
                              : _ ("%s. This run trains another objective; “%s” is among those to choose "
                                   "from."),
                          took, id);
}

char *
eid_plugin_words_failed (const char *source, const EidBuilt *built, GPtrArray *diagnostics, gboolean busy)
{
  g_autofree char *name = g_path_get_basename (source), *count = NULL;
  guint errors = 0;

  for (guint i = 0; i < diagnostics->len; i++)
    errors += ((EidDiagnostic *) diagnostics->pdata[i])->error;
  if (errors == 0)
    {
      g_autofree char *output = g_utf8_make_valid (built->output, -1);

      return g_strdup_printf (_ ("%s could not be built: %s"), name, g_strstrip (output));
    }
  count = g_strdup_printf (g_dngettext (NULL, "%u error", "%u errors", errors), errors);
  return g_strdup_printf (busy ? _ ("%s does not compile: %s. The code of before goes on.")
                               : _ ("%s does not compile: %s."),
                          name, count);
}
