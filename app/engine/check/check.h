/* check.h: is a plugin what it says it is? Examinations of one plugin, each a
 * function of its own that comes to one finding: conformance (its description,
 * its symbols, its manners) and honesty (its gradients, its repeatability, what
 * it learns).
 *
 * A plugin may crash or hang in any of them: whoever examines does so in a
 * process that can be lost, one an examination (check-child.h).              */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  EID_CHECK_PASSED,
  EID_CHECK_WARNED, /* passed, with something to look at              */
  EID_CHECK_SKIPPED,
  EID_CHECK_FAILED,
  EID_N_OUTCOMES
} EidOutcome;

/* "passed", as it is told. */
const char *eid_outcome_name (EidOutcome outcome);

typedef struct
{
  EidOutcome outcome;
  char *text; /* one sentence with figures                       */
  char *cure; /* what to look at, and how it is cured; or NULL    */
} EidFinding;

void eid_finding_clear (EidFinding *finding);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EidFinding, eid_finding_clear)

typedef struct
{
  const char *file;    /* the plugin                                      */
  const char *with;    /* the file of another one to examine it with, or NULL */
  const char *device;  /* as eid_device_open() takes it                   */
  const char *scratch; /* a folder of the check's own                     */
  guint steps;         /* of the training                                 */
  /* Told of what takes a while; may be NULL. @all 0: not known how much.   */
  void (*tell) (const char *what, guint64 done, guint64 all, gpointer user_data);
  gpointer user_data;
} EidCheckOptions;

typedef struct
{
  const char *name;  /* "gradients", as --only takes it                 */
  const char *title; /* marked for translation                          */
} EidExamination;

/* In the order in which they are made: the first says whether it can be loaded at all. */
const EidExamination *eid_check_examinations (guint *count);

/* The examination called @name. It changes the environment of this process: plugins are found in
 * @options->scratch and among those that come with the program alone.        */
EidFinding eid_check_examine (const char *name, const EidCheckOptions *options);

G_END_DECLS
