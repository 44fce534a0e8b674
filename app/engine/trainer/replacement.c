/* replacement.c: what became of the tensors when code was replaced, and the sentence of it. */
#include "app/engine/trainer/private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

static void
list_names (GString *text, GPtrArray *names)
{
  enum
  {
    FEW = 4
  };

  for (guint i = 0; i < MIN (names->len, FEW); i++)
    g_string_append_printf (text, "%s%s", i == 0 ? " (" : ", ", (char *) names->pdata[i]);
  if (names->len > 0)
    g_string_append (text, names->len > FEW ? ", …)" : ")");
}

char *
eid_replacement_describe (const EidReplacement *report)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text, _ ("Code of %s replaced at step %'" PRIu64 ": "), report->id, report->step);
  g_string_append_printf (text, ngettext ("%u tensor kept", "%u tensors kept", report->kept), report->kept);
  g_string_append (text, ", ");
  g_string_append_printf (text, ngettext ("%u new", "%u new", report->fresh->len), report->fresh->len);
  list_names (text, report->fresh);
  if (report->dropped->len > 0)
    {
      g_string_append (text, ", ");
      g_string_append_printf (text, ngettext ("%u dropped", "%u dropped", report->dropped->len),
                              report->dropped->len);
      list_names (text, report->dropped);
    }
  if (report->defaulted->len > 0)
    {
      g_string_append (text, _ (", back to their default"));
      list_names (text, report->defaulted);
    }
  return g_string_free (text, FALSE);
}

EidReplacement *
eid_replacement_new (void)
{
  EidReplacement *report = g_new0 (EidReplacement, 1);

  report->fresh = g_ptr_array_new_with_free_func (g_free);
  report->dropped = g_ptr_array_new_with_free_func (g_free);
  report->defaulted = g_ptr_array_new_with_free_func (g_free);
  return report;
}

void
eid_replacement_free (EidReplacement *report)
{
  g_ptr_array_unref (report->fresh);
  g_ptr_array_unref (report->dropped);
  g_ptr_array_unref (report->defaulted);
  g_free (report->id);
  g_free (report->sentence);
  g_free (report);
}
