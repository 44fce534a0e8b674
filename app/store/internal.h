/* internal.h: what the files of this folder share and nobody else sees.      */
#pragma once

#include <sqlite3.h>

#include "app/store/store.h"

G_BEGIN_DECLS

/* --- recipe-keys.c -------------------------------------------------------- */

const EidRecipeKey *eid_recipe_key_find (const char *section, const char *key);
/* Encoder and Objective: their keys but those of the table belong to the plugin. */
gboolean eid_recipe_section_is_open (const char *section);
/* Is [section] key one a recipe may hold? @where leads the error.            */
gboolean eid_recipe_section_known (const char *section, const char *where, GError **error);
gboolean eid_recipe_key_known (const char *section, const char *key, const char *where, GError **error);
/* Is @text a value of @key, of its type and in its range?                    */
gboolean eid_recipe_key_check (const EidRecipeKey *key, const char *text, const char *where, GError **error);
/* The one of @words at the least edit distance, case aside; NULL of none.    */
const char *eid_nearest_word (const char *word, GPtrArray *words);
/* @text, at most 60 characters of it, for a message. Free.                   */
char *eid_shorten (const char *text);

/* --- recipe.c ------------------------------------------------------------- */

#define EID_RECIPE_LIMIT (1024 * 1024) /* bytes */

/* As eid_recipe_parse(); relative paths in @text start from @base.           */
EidRecipe *eid_recipe_parse_in (const char *text, const char *origin, const char *base, GError **error);

/* --- safetensors-types.c -------------------------------------------------- */

guint eid_safetensors_type_size (const char *type); /* in bytes; 0: unknown */
/* FALSE for an unknown type, a rank over 8, or a product beyond 64 bits.     */
gboolean eid_safetensors_size (const EidSafetensor *tensor, guint64 *bytes);

/* --- safetensors-write.c -------------------------------------------------- */

/* What a temporary file's name holds between the final one and six letters.  */
#define EID_TEMPORARY_MARK ".partial-"

/* What was made, renamed or removed in @folder survives a power cut.         */
gboolean eid_folder_sync (const char *folder, GError **error);

/* --- run.c, run-*.c ----------------------------- */

struct _EidRun
{
  char *folder;
  EidRecipe *recipe;
  sqlite3 *database;
  int lock;              /* descriptor, held for life; -1 when opened for reading */
  guint64 last_checkpoint; /* later ones are void: an undo is to remove them     */
};

gboolean eid_run_open_database (EidRun *run, GError **error);
void eid_run_close_database (EidRun *run);

/* SQLite's last error as one of ours; always FALSE. */
gboolean eid_run_database_error (EidRun *run, GError **error);
gboolean eid_run_execute (EidRun *run, const char *sql, GError **error);
/* NULL with @error set if @sql cannot be used. */
sqlite3_stmt *eid_run_prepare (EidRun *run, const char *sql, GError **error);
/* The file says what cannot be; always FALSE. */
gboolean eid_run_database_damaged (EidRun *run, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Steps of a file that says more are none: so far do counters of steps go. */
#define EID_MOST_STEP G_MAXUINT32
gboolean eid_run_read_step (EidRun *run, sqlite3_stmt *statement, int column, guint64 *step, GError **error);
/* Whether one more than @rows rows are to be read. */
gboolean eid_run_check_rows (EidRun *run, guint rows, GError **error);
/* Whether @path is of @type (S_IFREG, S_IFDIR), or nothing is there yet: what is written in a run's folder goes
 * through no link. Errors: EID_STORE_ERROR_IO. */
gboolean eid_run_check_plain (const char *path, guint type, GError **error);

/* Runs @statement, which returns no rows, to its end, and frees it. */
gboolean eid_run_finish (EidRun *run, sqlite3_stmt *statement, GError **error);
/* Opens the transaction that the next eid_run_sync() commits, if none is open.
 * A run open for reading is refused.                                         */
gboolean eid_run_begin (EidRun *run, GError **error);

/* --- run-code.c, run-trust.c ------------------------- */

#define EID_CODE_FOLDER "code"
/* The shared object @file, which is bounded. Errors: EID_STORE_ERROR_IO.     */
gboolean eid_run_read_code (const char *file, char **bytes, gsize *length, GError **error);
/* The user's own seal on @bytes; NULL where there is no key. Free.           */
char *eid_code_seal (const char *bytes, gsize length);
/* Puts it beside @file, which holds them.                                    */
gboolean eid_run_seal_code (const char *file, const char *bytes, gsize length, GError **error);

/* Rows of step, time, kind and text. */
GPtrArray *eid_run_read_events (EidRun *run, const char *sql, GError **error);

/* Completes an undo that a killed writer left half-done, and for whoever only
 * reads hides the checkpoints that it was to remove.                         */
gboolean eid_run_complete_undo (EidRun *run, GError **error);
/* Checkpoints that are kept however old: those of kept moments, and the ones
 * to which the last edits can be undone. guint64.                            */
GArray *eid_run_wanted_checkpoints (EidRun *run);
/* Writes a file whole: beside it, synced, renamed. FALSE with errno set, and @file as it was. The folder
 * is left to be synced.                                                      */
gboolean eid_run_write_file (const char *file, gconstpointer data, gsize length);
/* Removes what killed writers left half-written in the run's folder.         */
void eid_run_sweep (EidRun *run);

/* safetensors.c */
/* Whether @json of @length bytes is flat, small and plain enough for the JSON parser, which recurses and
 * grows with what it is given, and takes more than JSON (comments, single quotes, octal escapes, which make
 * strings that are not UTF-8): UTF-8, nested at most @nesting deep. */
gboolean eid_json_is_tame (const char *json, gsize length, guint nesting);

G_END_DECLS
