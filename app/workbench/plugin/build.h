/* build.h: a plugin's source compiled by `eidoscope build`, and what the compiler said of it. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  char *file;         /* NULL: it speaks of no place         */
  guint line, column; /* 0: not told                 */
  gboolean error;     /* else a warning                  */
  char *text;
} EidDiagnostic;

/* What is an error or a warning among @output, EidDiagnostic in order; of a linker, too. */
GPtrArray *eid_diagnostics_read (const char *output);

/* "objective" or "encoder" and the id that the foot of @source describes; FALSE where it has none. */
gboolean eid_plugin_source_read (const char *source, char **kind, char **id);

typedef struct
{
  gboolean good;
  char *output;   /* of the compiler, whole                  */
  char *file;     /* the shared object                       */
  double seconds; /* that it took                            */
} EidBuilt;

void eid_built_free (EidBuilt *built);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidBuilt, eid_built_free)

/* Compiles @source in a child process into the user's cache. An error: there is no compiler to be had. */
void eid_plugin_build (const char *source, GCancellable *cancellable, GAsyncReadyCallback callback,
                       gpointer user_data);
EidBuilt *eid_plugin_build_finish (GAsyncResult *result, GError **error);

/* Writes a new plugin's source into @folder: its file. Free. */
void eid_plugin_begin (const char *kind, const char *name, const char *folder, GAsyncReadyCallback callback,
                       gpointer user_data);
char *eid_plugin_begin_finish (GAsyncResult *result, GError **error);

/* Puts the shared object @file where plugins are looked for. */
gboolean eid_plugin_install (const char *file, GError **error);

G_END_DECLS
