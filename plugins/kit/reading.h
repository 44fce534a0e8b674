/* reading.h: what plugins say of themselves, found out in a process of its own. */
#pragma once

#include "plugins/kit/descriptor.h"

G_BEGIN_DECLS

/* What came of it: why it cannot be used (empty if it can), whether it was set aside because it harmed the
 * process that read it, whether that lasts as long as the file does, and its description. */
#define EID_READING_TYPE "(sbbm" EID_DESCRIPTION_TYPE ")"

/* One EID_READING_TYPE for each of @files, in their order. Every file is read in a process of its own, with
 * limits of time and memory, so that none harms the caller or another. */
GPtrArray *eid_readings (GPtrArray *files);

/* A reading, floating. @description may be NULL. */
EID_API GVariant *eid_reading_new (const char *refused, gboolean set_aside, gboolean lasting, GVariant *description);

/* How long reading one may take; $EIDOSCOPE_PLUGIN_SECONDS, or 5. */
EID_API guint eid_reading_seconds (void);

/* For the program that reads, alone: loads @file into this very process and says what came of it. @stage
 * tells others meanwhile how far it is. Unref. */
typedef enum { EID_READING_OPENS, EID_READING_ASKS, EID_READING_DESCRIBES } EidReadingStage;
EID_API GVariant *eid_plugin_read (const char *file, volatile EidReadingStage *stage);

/* Whether this very code lies in the folder it was built in, and so has not been installed. */
gboolean eid_runs_from_build_tree (void);
/* Where what is meant for @path was installed: below whatever folder the installation as a whole was put. Free. */
char *eid_installed_path (const char *path);

G_END_DECLS
