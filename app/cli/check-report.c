/* check-report.c: see check-report.h. */
#include "app/cli/check-report.h"

#include "app/cli/cli.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <unistd.h>

/* Marks and words say the same: neither colour nor the mark alone has to be understood. */
static const struct
{
  const char *mark, *word, *colour;
} looks[EID_N_OUTCOMES] = {
  [EID_CHECK_PASSED] = { "✓", N_ ("passed"), "\033[32m" },
  [EID_CHECK_WARNED] = { "!", N_ ("warning"), "\033[33m" },
  [EID_CHECK_SKIPPED] = { "–", N_ ("skipped"), "\033[2m" },
  [EID_CHECK_FAILED] = { "✗", N_ ("failed"), "\033[1;31m" },
};

static gboolean
has_colours (void)
{
  return isatty (STDOUT_FILENO) && g_getenv ("NO_COLOR") == NULL;
}

/* @text and blanks up to @width columns. */
static void
print_column (const char *text, glong width)
{
  eid_cli_print ("%s%*s", text, (int) MAX (width - g_utf8_strlen (text, -1), 0), "");
}

static glong
longest_title (void)
{
  guint count;
  const EidExamination *examinations = eid_check_examinations (&count);
  glong longest = 0;

  for (guint i = 0; i < count; i++)
    longest = MAX (longest, g_utf8_strlen (_ (examinations[i].title), -1));
  return longest;
}

static glong
longest_word (void)
{
  glong longest = 0;

  for (guint i = 0; i < EID_N_OUTCOMES; i++)
    longest = MAX (longest, g_utf8_strlen (_ (looks[i].word), -1));
  return longest;
}

void
eid_check_report_begin (const EidCheckTally *tally)
{
  /* TRANSLATORS: a plugin's name and its file. */
  eid_cli_print (_ ("Checking %s (%s)"), tally->plugin, tally->file);
  eid_cli_print ("\n\n");
  fflush (stdout);
}

static void
print_finding (const EidExamination *examination, const EidFinding *finding)
{
  const glong words = longest_word () + 2, titles = longest_title () + 2;

  if (has_colours ())
    fputs (looks[finding->outcome].colour, stdout);
  eid_cli_print ("%s ", looks[finding->outcome].mark);
  print_column (_ (looks[finding->outcome].word), words);
  if (has_colours ())
    fputs ("\033[0m", stdout);
  print_column (_ (examination->title), titles);
  eid_cli_print ("%s\n", finding->text);
  if (finding->cure != NULL && finding->outcome != EID_CHECK_PASSED)
    eid_cli_print ("%*s→ %s\n", (int) (2 + words + titles), "", finding->cure);
  fflush (stdout);
}

static void
print_json (const EidExamination *examination, const EidFinding *finding, double seconds)
{
  JsonBuilder *builder = eid_json_object ();

  eid_json_add_text (builder, "examination", examination->name);
  eid_json_add_text (builder, "outcome", eid_outcome_name (finding->outcome));
  eid_json_add_text (builder, "text", finding->text);
  if (finding->cure != NULL && finding->outcome != EID_CHECK_PASSED)
    eid_json_add_text (builder, "cure", finding->cure);
  eid_json_add_number (builder, "seconds", seconds);
  eid_json_print (builder);
}

void
eid_check_report_finding (EidCheckTally *tally, const EidExamination *examination, const EidFinding *finding,
                          double seconds, gboolean json)
{
  tally->count[finding->outcome]++;
  if (finding->outcome == EID_CHECK_FAILED)
    {
      g_autofree char *before = g_steal_pointer (&tally->failed);

      tally->failed = before == NULL ? g_strdup (examination->name)
                                     : g_strdup_printf ("%s, %s", before, examination->name);
    }
  if (json)
    print_json (examination, finding, seconds);
  else
    print_finding (examination, finding);
}

static void
print_end_json (const EidCheckTally *tally, guint all)
{
  JsonBuilder *builder = eid_json_object ();

  eid_json_add_boolean (builder, "done", TRUE);
  eid_json_add_text (builder, "plugin", tally->plugin);
  eid_json_add_text (builder, "file", tally->file);
  eid_json_add_integer (builder, "examinations", all);
  for (guint i = 0; i < EID_N_OUTCOMES; i++)
    eid_json_add_integer (builder, eid_outcome_name (i), tally->count[i]);
  eid_json_print (builder);
}

void
eid_check_report_end (EidCheckTally *tally, gboolean json)
{
  guint all = 0;

  for (guint i = 0; i < EID_N_OUTCOMES; i++)
    all += tally->count[i];
  if (json)
    print_end_json (tally, all);
  else if (tally->failed != NULL)
    eid_cli_print (_ ("\n%s: %u of %u examinations failed: %s.\n"), tally->plugin,
                   tally->count[EID_CHECK_FAILED], all, tally->failed);
  else
    eid_cli_print (_ ("\n%s: %u of %u examinations passed, %u of them with a warning, %u skipped.\n"),
                   tally->plugin, tally->count[EID_CHECK_PASSED] + tally->count[EID_CHECK_WARNED], all,
                   tally->count[EID_CHECK_WARNED], tally->count[EID_CHECK_SKIPPED]);
  g_clear_pointer (&tally->failed, g_free);
}
