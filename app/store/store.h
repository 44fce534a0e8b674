/* store.h: a run on disk: its recipe, its database, its checkpoints.
 *
 *   NAME/recipe.ini              as resolved: every key with its value
 *   NAME/run.db                  SQLite, WAL: metrics, events, moments of the views
 *   NAME/checkpoints/STEP.safetensors
 *   NAME/code/                   plugins of others, as they were
 *   NAME/pictures/               what train and inspect drew
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define EID_STORE_ERROR (eid_store_error_quark ())
GQuark eid_store_error_quark (void);
typedef enum { EID_STORE_ERROR_IO, EID_STORE_ERROR_CORRUPT, EID_STORE_ERROR_RECIPE, EID_STORE_ERROR_TRUST } EidStoreError;

/* --- Recipes --------------------------------------------------------------
 * A key file with sections Run, Dataset, Augment, Encoder, Objective,
 * Optimizer, Evaluate. The keys of all but Encoder and Objective are the table
 * below; those two hold `plugin` and what that plugin's table says, checked
 * by the engine.                                                             */

typedef enum { EID_RECIPE_INT, EID_RECIPE_FLOAT, EID_RECIPE_BOOL, EID_RECIPE_CHOICE, EID_RECIPE_TEXT } EidRecipeType;

typedef struct {
  const char   *section, *key;
  EidRecipeType type;
  const char   *value;       /* the default, as a recipe writes it; NULL: must be given */
  double        min, max;
  const char   *choices;     /* "a|b", of a choice                            */
  const char   *doc;
  gboolean      live;        /* may change while the run goes on              */
} EidRecipeKey;

const EidRecipeKey *eid_recipe_keys (guint *count);

typedef struct _EidRecipe EidRecipe;

/* @name: a file, or the name of one in the recipe folders (build tree,
 * $XDG_DATA_HOME/eidoscope/recipes, installed). Everything is checked against
 * the table; an unknown section or key is an error that names file, line, key,
 * and the nearest known one. Errors: EID_STORE_ERROR_RECIPE, _IO.            */
EidRecipe *eid_recipe_load (const char *name, GError **error);
EidRecipe *eid_recipe_parse (const char *text, const char *origin, GError **error);
void       eid_recipe_free (EidRecipe *recipe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidRecipe, eid_recipe_free)

/* "SECTION.KEY=VALUE", as --set takes it; checked in the same way.           */
gboolean    eid_recipe_set (EidRecipe *recipe, const char *assignment, GError **error);
/* After the last eid_recipe_set(), before the recipe is used: is everything
 * there that must be given, and do values that bound each other agree?
 * eid_run_create() asks it too.                                              */
gboolean    eid_recipe_check (EidRecipe *recipe, GError **error);
char       *eid_recipe_to_text (EidRecipe *recipe); /* with all defaults filled in */
const char *eid_recipe_title (EidRecipe *recipe);   /* Run.title, or the name */

/* Values, defaults included; the key must be in the table. */
gint64      eid_recipe_int (EidRecipe *recipe, const char *section, const char *key);
double      eid_recipe_float (EidRecipe *recipe, const char *section, const char *key);
gboolean    eid_recipe_bool (EidRecipe *recipe, const char *section, const char *key);
const char *eid_recipe_text (EidRecipe *recipe, const char *section, const char *key);
/* All keys of "Encoder" and "Objective" but `plugin`: "Encoder.depth" -> text;
 * the caller's own.                                                          */
GHashTable *eid_recipe_plugin_values (EidRecipe *recipe);
/* "FILE, line 7", of a key as it was written, "--set" of one set later, "FILE"
 * of a default; for messages. Free.                                          */
char       *eid_recipe_where (EidRecipe *recipe, const char *section, const char *key);

/* "Vision transformer · SimCLR · 800 steps of 256 pictures", with the titles of its plugins; or, *@usable being
 * FALSE then, that its data are not on this machine. Free.                   */
char       *eid_recipe_describe (EidRecipe *recipe, const char *encoder, const char *objective, gboolean *usable);

/* @description: the first paragraph of the comment that the file begins with; may be empty. */
typedef struct { char *name, *title, *description, *file; } EidRecipeInfo;
GPtrArray  *eid_recipe_list (void);  /* EidRecipeInfo*, owned by the array    */

/* --- Safetensors ----------------------------------------------------------
 * The format of Hugging Face: 8 bytes of header length, a JSON header, the
 * data. Reading bounds everything: header length, offsets, shapes, overlap.  */

typedef struct {
  char   *name;
  char    type[8];       /* "F32", "I64", …                                   */
  guint   rank;
  guint64 dim[8];
  guint64 bytes;
  gconstpointer data;    /* when read: into the mapped file; in files of others
                            not always aligned to its type                    */
} EidSafetensor;

typedef struct _EidSafetensors EidSafetensors;

EidSafetensors      *eid_safetensors_open (const char *file, GError **error);
void                 eid_safetensors_free (EidSafetensors *tensors);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidSafetensors, eid_safetensors_free)
const EidSafetensor *eid_safetensors_find (EidSafetensors *tensors, const char *name); /* NULL: none */
guint                eid_safetensors_count (EidSafetensors *tensors);
const EidSafetensor *eid_safetensors_get (EidSafetensors *tensors, guint i);
const char          *eid_safetensors_metadata (EidSafetensors *tensors, const char *key); /* or NULL */

/* The tensor's values, rounded from F64. Errors, without the file's name: its type is none of F16, BF16, F32,
 * F64, or there is no memory. Free. */
float *eid_safetensor_floats (const EidSafetensor *tensor, GError **error);

/* An empty array of EidSafetensor that owns their names and data.            */
GArray *eid_safetensor_list_new (void);

/* Writes to a temporary name beside @file, syncs, renames, syncs the folder:
 * @file is the old or the new, never half. @metadata: string -> string.      */
gboolean eid_safetensors_write (const char *file, const EidSafetensor *tensors, guint count,
                                GHashTable *metadata, GError **error);

/* --- Runs ----------------------------------------------------------------- */

typedef struct _EidRun EidRun;

/* $EIDOSCOPE_RUNS, if that is an absolute path; else $XDG_DATA_HOME/eidoscope/runs */
char   *eid_runs_folder (void);

/* Makes the folder (@folder, or a fresh name under the runs folder from the
 * recipe's title), checks that it can be written and that @bytes_needed fit
 * on the disk, writes recipe.ini, opens run.db. A folder that already holds a
 * run is refused. Errors: EID_STORE_ERROR_IO.                                */
EidRun *eid_run_create (const char *folder, EidRecipe *recipe, guint64 bytes_needed, GError **error);
/* Opens one that is there; @writable FALSE for evaluate and inspect.         */
EidRun *eid_run_open (const char *folder, gboolean writable, GError **error);
void    eid_run_close (EidRun *run);
/* Closes one that was just created and removes its folder. */
void    eid_run_discard (EidRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidRun, eid_run_close)

const char *eid_run_folder (EidRun *run);
EidRecipe  *eid_run_recipe (EidRun *run);   /* owned by the run */
/* Changes one key, "SECTION.KEY=VALUE", of the run's recipe, on the disk too. Errors:
 * EID_STORE_ERROR.                                                           */
gboolean    eid_run_change_recipe (EidRun *run, const char *assignment, GError **error);

/* One number of one step; the pair (step, name) is unique, the last wins.
 * Buffered; durable after eid_run_sync().                                    */
gboolean eid_run_metric (EidRun *run, guint64 step, const char *name, double value, GError **error);
gboolean eid_run_event (EidRun *run, guint64 step, const char *kind, const char *text, GError **error);
gboolean eid_run_sync (EidRun *run, GError **error);
/* Forgets metrics, events and moments after @step: what a resumed run will do
 * again. Edits stay: they are to be made again when their step comes.        */
gboolean eid_run_rewind (EidRun *run, guint64 step, GError **error);

typedef struct { guint64 step; double value; } EidPoint;
typedef struct { guint64 step; gint64 time; /* seconds since 1970 */ char *kind, *text; } EidEvent;
GArray    *eid_run_metric_series (EidRun *run, const char *name, GError **error); /* EidPoint, by step */
/* The last point of a series; step 0 and NaN where there is none. */
gboolean   eid_run_last_point (EidRun *run, const char *name, EidPoint *point, GError **error);
char     **eid_run_metric_names (EidRun *run, GError **error);
GPtrArray *eid_run_events (EidRun *run, GError **error);                          /* EidEvent*, by step */
GPtrArray *eid_run_undone_events (EidRun *run, GError **error);                   /* the same           */

/* An edit is an event of kind "edit": "Objective.temperature: 0.2 → 0.1". One of
 * the same key that waits after @step, to be made again, no longer does. Durable
 * when it returns.                                                           */
gboolean eid_run_edit (EidRun *run, guint64 step, const char *section, const char *key, const char *before,
                       const char *after, GError **error);
/* Those that a run at @step has yet to make: of that step and after. EidEvent*, in order. */
GPtrArray *eid_run_waiting_edits (EidRun *run, guint64 step, GError **error);
/* "SECTION.KEY=VALUE", as eid_recipe_set() takes it; NULL: no edit. Free.    */
char *eid_edit_assignment (const char *text);

/* Goes back behind the edit made last, to the newest good checkpoint before it
 * (*@step; 0 where there is none): metrics and moments after that are forgotten,
 * events are moved to those that were undone, later checkpoints are removed,
 * other edits stay to be made again. All or nothing, whenever the process is
 * killed. *@edit: its text (free). Nobody may write into the run meanwhile; to
 * be resumed afterwards. EID_STORE_ERROR_RECIPE where there is no edit.      */
gboolean eid_run_undo (EidRun *run, guint64 *step, char **edit, GError **error);
/* Takes over the history of @parent up to @step: metrics, events, moments.
 * @run is new.                                                               */
gboolean eid_run_inherit (EidRun *run, EidRun *parent, guint64 step, GError **error);

/* Moments: what the views showed at a step, each an a{sv} in a few kilobytes. */

typedef struct { guint64 step; gboolean kept; } EidMoment;

/* One that is there is replaced. Buffered as metrics are. */
gboolean  eid_run_moment (EidRun *run, guint64 step, const char *view, GVariant *picture, GError **error);
/* Thins out until the pictures take @bytes at most: not the first and the last
 * moment, nor those that are kept.                                           */
gboolean  eid_run_bound_moments (EidRun *run, guint64 bytes, GError **error);
/* The picture at or before step @at, or the first of all; *@step: of when. NULL
 * without an error: there is none of that view. Unref.                       */
GVariant *eid_run_moment_at (EidRun *run, const char *view, guint64 at, guint64 *step, GError **error);
GArray   *eid_run_moments (EidRun *run, GError **error); /* EidMoment, by step */
/* Durable when it returns. A checkpoint of that step is kept with it.        */
gboolean  eid_run_keep_moment (EidRun *run, guint64 step, gboolean keep, GError **error);

/* A run in a line of a list. */
typedef struct {
  char   *folder, *title, *encoder, *objective; /* the plugins' ids           */
  guint64 step, steps;
  double  knn;                                  /* the newest, a share; NaN: none */
  gint64  time;                                 /* of the last that was made of it, seconds since 1970 */
  char   *differs;                              /* of a branch, from its parent: "lr 0.1 → 0.2"; or NULL */
} EidRunSummary;

/* Errors as eid_run_open(). */
EidRunSummary *eid_run_summary_read (const char *folder, GError **error);
void           eid_run_summary_free (EidRunSummary *summary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidRunSummary, eid_run_summary_free)
/* The folders of the newest @most runs in @place (NULL: where runs are made
 * without another wish), newest first; char*.                                */
GPtrArray     *eid_run_list (const char *place, guint most);

/* Code: shared objects of plugins that do not come with the program, as the run is made with them, in
 * code/ under a name that tells what is in them. Keeping @file answers with that name (free); *@fresh: it
 * was not there before. Errors: EID_STORE_ERROR_IO.                          */
char *eid_run_keep_code (EidRun *run, const char *file, gboolean *fresh, GError **error);
char *eid_run_code_file (EidRun *run, const char *name);
void  eid_run_drop_code (EidRun *run, const char *name);
/* Whether the code @name may run: this user's program has put it there, or eid_run_trust_all_code() was called.
 * Errors: EID_STORE_ERROR_TRUST, _IO.                                        */
gboolean   eid_run_code_trusted (EidRun *run, const char *name, GError **error);
/* This process's user agrees to run code of whatever run is opened.          */
void       eid_run_trust_all_code (void);
/* The names of code in the run @folder that is not the user's own; char*.    */
GPtrArray *eid_run_foreign_code (const char *folder);
/* The user agrees to it: from now on it is as the user's own. Errors: EID_STORE_ERROR_IO. */
gboolean   eid_run_adopt_code (const char *folder, GError **error);

/* Checkpoints: eid_run_checkpoint_file() names where STEP goes. The newest that
 * opens and checks out wins; a broken one is passed over and named in
 * @skipped (may be NULL; free it).                                           */
char           *eid_run_checkpoint_file (EidRun *run, guint64 step);
GArray         *eid_run_checkpoints (EidRun *run);  /* guint64, newest first */
EidSafetensors *eid_run_newest_checkpoint (EidRun *run, guint64 *step, char **skipped, GError **error);
/* Removes all but the newest @keep, those of kept moments, and those to which
 * the last edits can be undone; never the only good one.                     */
void            eid_run_prune_checkpoints (EidRun *run, guint keep);

/* --- Tables ---------------------------------------------------------------- */

/* @text as a cell of comma-separated values, which no program takes for a formula: in quotation marks where it must
 * be, or where @quoted. Free. (csv.c) */
char *eid_csv_cell (const char *text, gboolean quoted);

G_END_DECLS
