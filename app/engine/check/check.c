/* check.c: the table of examinations, and how each is come to: the plugin is found, whom to examine it
 * with is chosen, and what is found with each of them is told as one; see check.h. */
#include "app/engine/check/private.h"

#include <glib/gi18n-lib.h>
#include <stdarg.h>
#include <string.h>

typedef enum
{
  ALONE,    /* of the file: it need not be loaded                  */
  IN_A_PAIR /* once with each of its partners                      */
} Manner;

static const struct
{
  EidExamination told;
  Manner manner;
  EidFinding (*examine) (EidCheck *check);
} examinations[] = {
  { { "descriptor", N_ ("Descriptor") }, ALONE, eid_check_descriptor },
  { { "symbols", N_ ("Symbols") }, ALONE, eid_check_symbols },
  { { "manners", N_ ("Manners") }, IN_A_PAIR, eid_check_manners },
  { { "parameters", N_ ("Parameters") }, IN_A_PAIR, eid_check_parameters },
  { { "gradients", N_ ("Gradients") }, IN_A_PAIR, eid_check_gradients },
  { { "chance", N_ ("Chance line") }, IN_A_PAIR, eid_check_chance },
  { { "precision", N_ ("16 bits") }, IN_A_PAIR, eid_check_precision },
  { { "determinism", N_ ("Same seed, same bits") }, IN_A_PAIR, eid_check_determinism },
  { { "resume", N_ ("Resumed run") }, IN_A_PAIR, eid_check_resume },
  { { "memory", N_ ("Memory") }, IN_A_PAIR, eid_check_memory },
  { { "training", N_ ("Training") }, IN_A_PAIR, eid_check_training },
};

const EidExamination *
eid_check_examinations (guint *count)
{
  static EidExamination told[G_N_ELEMENTS (examinations)];

  for (guint i = 0; i < G_N_ELEMENTS (examinations); i++)
    told[i] = examinations[i].told;
  *count = G_N_ELEMENTS (examinations);
  return told;
}

/* --- Findings -------------------------------------------------------------------- */

const char *
eid_outcome_name (EidOutcome outcome)
{
  static const char *const names[EID_N_OUTCOMES] = {
    [EID_CHECK_PASSED] = "passed",
    [EID_CHECK_WARNED] = "warning",
    [EID_CHECK_SKIPPED] = "skipped",
    [EID_CHECK_FAILED] = "failed",
  };

  return names[outcome];
}

void
eid_finding_clear (EidFinding *finding)
{
  g_clear_pointer (&finding->text, g_free);
  g_clear_pointer (&finding->cure, g_free);
}

EidFinding
eid_finding (EidOutcome outcome, const char *format, ...)
{
  EidFinding finding = { outcome, NULL, NULL };
  va_list arguments;

  va_start (arguments, format);
  finding.text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return finding;
}

EidFinding
eid_warned (const char *cure, const char *format, ...)
{
  EidFinding finding = { EID_CHECK_WARNED, NULL, g_strdup (cure) };
  va_list arguments;

  va_start (arguments, format);
  finding.text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return finding;
}

EidFinding
eid_failed (const char *cure, const char *format, ...)
{
  EidFinding finding = { EID_CHECK_FAILED, NULL, g_strdup (cure) };
  va_list arguments;

  va_start (arguments, format);
  finding.text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return finding;
}

EidFinding
eid_failed_by (GError *error)
{
  EidFinding finding = eid_failed (NULL, "%s", error->message);

  g_error_free (error);
  return finding;
}

void
eid_check_tell (const EidCheck *check, const char *what, guint64 done, guint64 all)
{
  if (check->options->tell != NULL)
    check->options->tell (what, done, all, check->options->user_data);
}

/* --- The plugin -------------------------------------------------------------------- */

/* The registry's entry of the file that was put into @folder. */
static const EidPluginEntry *
find_entry (EidRegistry *registry, const char *folder, const char *file)
{
  g_autofree char *name = g_path_get_basename (file);
  g_autofree char *placed = g_build_filename (folder, name, NULL);

  for (guint i = 0; i < eid_registry_count (registry); i++)
    {
      const EidPluginEntry *entry = eid_registry_get (registry, i);

      if (g_str_equal (entry->file, placed))
        return entry;
    }
  return NULL;
}

static gboolean
place (const char *folder, const char *file, GError **error)
{
  g_autofree char *name = g_path_get_basename (file);
  g_autofree char *placed = g_build_filename (folder, name, NULL);
  g_autofree char *target = g_canonicalize_filename (file, NULL);
  g_autoptr (GFile) link = g_file_new_for_path (placed);

  return g_file_test (placed, G_FILE_TEST_EXISTS) || g_file_make_symbolic_link (link, target, NULL, error);
}

/* The plugin, its partner and the program's own plugins: nothing else that the user has, which might
 * crash before it does. */
static gboolean
find_plugin (EidCheck *check, GError **error)
{
  const EidCheckOptions *options = check->options;
  g_autofree char *folder = g_build_filename (options->scratch, "plugins", NULL);
  g_autofree char *data = g_build_filename (options->scratch, "data", NULL);

  g_mkdir_with_parents (folder, 0700);
  if (!place (folder, options->file, error)
      || (options->with != NULL && !place (folder, options->with, error)))
    return FALSE;
  check->users_path = g_strdup (g_getenv ("EIDOSCOPE_PLUGIN_PATH"));
  g_get_user_data_dir (); /* of the user, whom the plugin may have a namesake at */
  g_setenv ("EIDOSCOPE_PLUGIN_PATH", folder, TRUE);
  g_setenv ("XDG_DATA_HOME", data, TRUE);
  check->registry = eid_registry_new ();
  check->entry = find_entry (check->registry, folder, options->file);
  if (check->entry == NULL)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("%s is not looked at as a plugin: its name must end in .so."), options->file);
      return FALSE;
    }
  if (options->with != NULL)
    check->with = find_entry (check->registry, folder, options->with);
  if (check->entry->descriptor == NULL)
    return TRUE;
  check->plugin = eid_registry_find (check->registry, check->entry->descriptor->kind,
                                     check->entry->descriptor->id, error);
  return check->plugin != NULL;
}

/* --- With each of its partners ------------------------------------------------------- */

/* The worse of two outcomes stands for both; what was skipped with one was examined with the other. */
static EidOutcome
both (EidOutcome a, EidOutcome b)
{
  if (a == EID_CHECK_SKIPPED || b == EID_CHECK_SKIPPED)
    return a == EID_CHECK_SKIPPED ? b : a;
  return MAX (a, b);
}

static void
add_finding (EidFinding *all, EidFinding next, const char *partner, guint number)
{
  g_autofree char *text = g_steal_pointer (&all->text);
  g_autofree char *own = g_steal_pointer (&next.text);

  /* TRANSLATORS: what was found with a plugin of that name. */
  g_autofree char *named = g_strdup_printf (_ ("with %s: %s"), partner, own);

  all->text = number == 0 ? g_steal_pointer (&named) : g_strdup_printf ("%s %s", text, named);
  all->outcome = number == 0 ? next.outcome : both (all->outcome, next.outcome);
  if (all->cure == NULL)
    all->cure = g_steal_pointer (&next.cure);
  g_free (next.cure);
}

static EidFinding
examine_in_pairs (EidCheck *check, EidFinding (*examine) (EidCheck *check))
{
  const gboolean is_encoder = strcmp (check->plugin->kind, "encoder") == 0;
  g_autoptr (GPtrArray) partners = eid_check_partners (check);
  EidFinding all = { EID_CHECK_SKIPPED, NULL, NULL };

  if (partners->len == 0)
    return eid_failed (_ ("Name one that fits by --with FILE, or mend the abilities of its descriptor."),
                       is_encoder ? _ ("No objective that comes with the program fits the encoder “%s”.")
                                  : _ ("No encoder that comes with the program can do what “%s” needs."),
                       check->plugin->id);
  for (guint i = 0; i < partners->len && all.outcome != EID_CHECK_FAILED; i++)
    {
      const EidDescriptor *partner = partners->pdata[i];

      check->encoder = is_encoder ? check->plugin : partner;
      check->objective = is_encoder ? partner : check->plugin;
      if (partners->len == 1)
        return examine (check);
      add_finding (&all, examine (check), partner->id, i);
    }
  return all;
}

static EidFinding
examine (EidCheck *check, guint i)
{
  GError *error = NULL;

  if (!find_plugin (check, &error))
    return eid_failed_by (error);
  if (examinations[i].manner == ALONE)
    return examinations[i].examine (check);
  if (check->plugin == NULL)
    return eid_failed (NULL, _ ("It cannot be used: %s"), check->entry->refused);
  return examine_in_pairs (check, examinations[i].examine);
}

EidFinding
eid_check_examine (const char *name, const EidCheckOptions *options)
{
  EidCheck check = { .options = options, .name = name };

  for (guint i = 0; i < G_N_ELEMENTS (examinations); i++)
    if (g_str_equal (examinations[i].told.name, name))
      {
        EidFinding finding = examine (&check, i);

        g_clear_pointer (&check.registry, eid_registry_free);
        g_free (check.users_path);
        return finding;
      }
  return eid_failed (NULL, _ ("There is no examination “%s”."), name);
}
