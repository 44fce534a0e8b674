/* symbols.c: what a plugin calls and what it keeps, from its table of symbols: nothing that ends or
 * changes the process, that draws numbers a seed does not rule, or that is no part of eidoscope.h. */
#define _GNU_SOURCE /* dladdr(), RTLD_DEFAULT */
#include "app/engine/check/private.h"

#include "app/engine/check/elf.h"

#include <dlfcn.h>
#include <glib/gi18n-lib.h>
#include <string.h>

/* What the linker adds to every shared object: __dso_handle, completed, and room to align them. */
#define USUAL_BYTES 32

/* A name that ends in * stands for all that begin so. */
static const struct
{
  const char *symbol;
  EidOutcome outcome;
  const char *why;
} forbidden[] = {
#define ENDS N_ ("ends the whole run; set an error, or call eid_device_fail()")
  { "exit", EID_CHECK_FAILED, ENDS },
  { "_exit", EID_CHECK_FAILED, ENDS },
  { "_Exit", EID_CHECK_FAILED, ENDS },
  { "quick_exit", EID_CHECK_FAILED, ENDS },
  { "abort", EID_CHECK_FAILED, ENDS },
  { "raise", EID_CHECK_FAILED, ENDS },
  { "kill", EID_CHECK_FAILED, ENDS },
  { "longjmp*", EID_CHECK_FAILED, ENDS },
  { "__longjmp_chk", EID_CHECK_FAILED, ENDS },
  { "g_assertion_message*", EID_CHECK_WARNED, ENDS },
  { "__assert_fail", EID_CHECK_WARNED, ENDS },
#undef ENDS
#define STARTS N_ ("starts something that outlives a step; the engine has the threads and the device")
  { "pthread_create", EID_CHECK_FAILED, STARTS },
  { "thrd_create", EID_CHECK_FAILED, STARTS },
  { "g_thread_*", EID_CHECK_FAILED, STARTS },
  { "GOMP_parallel*", EID_CHECK_FAILED, STARTS },
  { "fork", EID_CHECK_FAILED, STARTS },
  { "vfork", EID_CHECK_FAILED, STARTS },
  { "clone", EID_CHECK_FAILED, STARTS },
  { "exec*", EID_CHECK_FAILED, STARTS },
  { "posix_spawn*", EID_CHECK_FAILED, STARTS },
  { "system", EID_CHECK_FAILED, STARTS },
  { "popen", EID_CHECK_FAILED, STARTS },
  { "g_spawn_*", EID_CHECK_FAILED, STARTS },
  { "g_timeout_*", EID_CHECK_FAILED, STARTS },
  { "g_idle_*", EID_CHECK_FAILED, STARTS },
#undef STARTS
#define CHANGES N_ ("changes the process for everybody in it")
  { "g_type_register_*", EID_CHECK_FAILED, CHANGES },
  { "signal", EID_CHECK_FAILED, CHANGES },
  { "sigaction", EID_CHECK_FAILED, CHANGES },
  { "setlocale", EID_CHECK_FAILED, CHANGES },
  { "setenv", EID_CHECK_FAILED, CHANGES },
  { "putenv", EID_CHECK_FAILED, CHANGES },
  { "g_setenv", EID_CHECK_FAILED, CHANGES },
  { "chdir", EID_CHECK_FAILED, CHANGES },
  { "atexit", EID_CHECK_FAILED, CHANGES },
#undef CHANGES
#define DRAWS N_ ("draws numbers that the seed does not rule; eid_step_random() does")
  { "rand", EID_CHECK_FAILED, DRAWS },
  { "srand", EID_CHECK_FAILED, DRAWS },
  { "rand_r", EID_CHECK_FAILED, DRAWS },
  { "random", EID_CHECK_FAILED, DRAWS },
  { "srandom", EID_CHECK_FAILED, DRAWS },
  { "drand48", EID_CHECK_FAILED, DRAWS },
  { "getrandom", EID_CHECK_FAILED, DRAWS },
  { "arc4random*", EID_CHECK_FAILED, DRAWS },
  { "g_random_*", EID_CHECK_FAILED, DRAWS },
  { "g_rand_new", EID_CHECK_FAILED, DRAWS },
#undef DRAWS
#define WRITES N_ ("writes to standard output, which is the engine’s own; g_message() goes elsewhere")
  { "printf", EID_CHECK_FAILED, WRITES },
  { "vprintf", EID_CHECK_FAILED, WRITES },
  { "__printf_chk", EID_CHECK_FAILED, WRITES },
  { "__vprintf_chk", EID_CHECK_FAILED, WRITES },
  { "puts", EID_CHECK_FAILED, WRITES },
  { "putchar", EID_CHECK_FAILED, WRITES },
  { "stdout", EID_CHECK_FAILED, WRITES },
  { "g_print", EID_CHECK_FAILED, WRITES },
#undef WRITES
#define HOSTS N_ ("is the engine’s, and no part of eidoscope.h: it may change from one version to the next")
  { "eid_registry_*", EID_CHECK_FAILED, HOSTS },
  { "eid_model_*", EID_CHECK_FAILED, HOSTS },
  { "eid_param_parse", EID_CHECK_FAILED, HOSTS },
  { "eid_param_format", EID_CHECK_FAILED, HOSTS },
  { "eid_artefacts_free", EID_CHECK_FAILED, HOSTS },
  { "eid_descriptors_fit", EID_CHECK_FAILED, HOSTS },
#undef HOSTS
};

/* Where all that a plugin needs is. */
static const char *const libraries[] = { "libeidoscope.", "libglib-2.0.", "libc.", "libm.", "ld-linux" };

static gboolean
matches (const char *symbol, const char *pattern)
{
  const gsize length = strlen (pattern);

  return pattern[length - 1] == '*' ? strncmp (symbol, pattern, length - 1) == 0
                                    : strcmp (symbol, pattern) == 0;
}

/* The base name of the library that has @symbol, or NULL. Free. */
static char *
library_of (const char *symbol)
{
  gpointer address = dlsym (RTLD_DEFAULT, symbol);
  Dl_info info;

  return address != NULL && dladdr (address, &info) != 0 && info.dli_fname != NULL
             ? g_path_get_basename (info.dli_fname)
             : NULL;
}

static gboolean
is_usual (const char *library)
{
  for (guint i = 0; library != NULL && i < G_N_ELEMENTS (libraries); i++)
    if (g_str_has_prefix (library, libraries[i]))
      return TRUE;
  return FALSE;
}

/* The first of @elf's symbols that is forbidden, the worst first; FALSE: none. */
static gboolean
find_forbidden (const EidElf *elf, EidFinding *finding)
{
  finding->outcome = EID_CHECK_PASSED;
  for (guint i = 0; i < elf->needed->len; i++)
    for (guint k = 0; k < G_N_ELEMENTS (forbidden); k++)
      if (forbidden[k].outcome > finding->outcome && matches (elf->needed->pdata[i], forbidden[k].symbol))
        {
          eid_finding_clear (finding);
          /* TRANSLATORS: a symbol, and why it must not be called. */
          *finding = eid_failed (_ ("See “What a plugin must not do” in the plugins’ guide."),
                                 _ ("It uses “%s”, which %s."), (const char *) elf->needed->pdata[i],
                                 _ (forbidden[k].why));
          finding->outcome = forbidden[k].outcome;
        }
  return finding->outcome != EID_CHECK_PASSED;
}

static char *
join (GPtrArray *names, guint most)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < MIN (names->len, most); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", (const char *) names->pdata[i]);
  if (names->len > most)
    g_string_append (text, ", …");
  return g_string_free (text, FALSE);
}

EidFinding
eid_check_symbols (EidCheck *check)
{
  GError *error = NULL;
  g_autoptr (EidElf) elf = eid_elf_read (check->options->file, &error);
  g_autoptr (GPtrArray) strange = g_ptr_array_new_with_free_func (g_free);
  EidFinding finding = { EID_CHECK_PASSED, NULL, NULL };

  if (elf == NULL)
    return eid_failed_by (error);
  if (find_forbidden (elf, &finding))
    return finding;
  for (guint i = 0; i < elf->needed->len; i++)
    {
      g_autofree char *library = library_of (elf->needed->pdata[i]);

      if (!is_usual (library))
        g_ptr_array_add (strange, g_strdup (elf->needed->pdata[i]));
    }
  if (strange->len > 0)
    {
      g_autofree char *names = join (strange, 4);

      return eid_failed (_ ("A plugin needs eidoscope.h and what its libeidoscope, GLib, libc and libm have: "
                            "what comes from elsewhere is not there on every machine."),
                         _ ("It uses %s, of none of these libraries."), names);
    }
  if (elf->kept->len > 0 || elf->kept_bytes > USUAL_BYTES)
    {
      g_autofree char *names = join (elf->kept, 4);

      return eid_warned (
          _ ("Several instances of a plugin may be alive, and a resumed run does not find them: "
             "what lasts is an EID_BUFFER or lies in eid_state(); a table is const."),
          _ ("It keeps variables outside of its state: %s."),
          *names != '\0' ? names : _ ("their names were stripped"));
    }
  return eid_passed (_ ("%u symbols, all of eidoscope.h, GLib, libc or libm; no global variable."),
                     elf->needed->len);
}
