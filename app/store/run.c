/* run.c: the folder of a run: making one, opening one, and seeing to it that
 * one process alone writes into it. What lies in the folder is read and
 * written by run-database.c and run-checkpoints.c.
 *
 * recipe.ini makes a folder a run: it is written whole, and first. A
 * process killed before it leaves no run; one killed after it leaves a run
 * that opens.
 */
#include "app/store/internal.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define HOLDER_SIZE  24
#define SPACE_MARGIN (4 * 1024 * 1024) /* bytes, for the database and its log */

char *
eid_runs_folder (void)
{
  const char *given = g_getenv ("EIDOSCOPE_RUNS");

  return given != NULL && g_path_is_absolute (given)
             ? g_strdup (given)
             : g_build_filename (g_get_user_data_dir (), "eidoscope", "runs", NULL);
}

static char *
in_run (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static gboolean
has (const char *folder, const char *name)
{
  g_autofree char *file = in_run (folder, name);

  return g_file_test (file, G_FILE_TEST_EXISTS);
}

/* "Fashion-MNIST, SimCLR" -> "fashion-mnist-simclr" */
static char *
make_slug (const char *title)
{
  g_autofree char *ascii = g_str_to_ascii (title, "C");
  GString *slug = g_string_new (NULL);

  for (const char *c = ascii; *c != '\0' && slug->len < 48; c++)
    {
      if (g_ascii_isalnum (*c))
        g_string_append_c (slug, g_ascii_tolower (*c));
      else if (slug->len > 0 && slug->str[slug->len - 1] != '-')
        g_string_append_c (slug, '-');
    }
  if (slug->len > 0 && slug->str[slug->len - 1] == '-')
    g_string_truncate (slug, slug->len - 1);
  if (slug->len == 0)
    g_string_append (slug, "run");
  return g_string_free (slug, FALSE);
}

static gboolean
folder_error (GError **error, const char *folder, int code)
{
  g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO,
               _ ("The run folder %s cannot be written: %s. Give another folder with --out"), folder,
               g_strerror (code));
  return FALSE;
}

/* Makes @folder if it is not there; @made tells which. */
static gboolean
make_folder (const char *folder, gboolean *made, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (folder);

  if (g_mkdir_with_parents (parent, 0777) < 0)
    return folder_error (error, parent, errno);
  *made = g_mkdir (folder, 0777) == 0;
  if (!*made && errno != EEXIST)
    return folder_error (error, folder, errno);
  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    return folder_error (error, folder, ENOTDIR);
  return TRUE;
}

/* Makes TITLE-N in the runs folder, N above all that are there. */
static char *
make_fresh_folder (const char *title, GError **error)
{
  g_autofree char *runs = eid_runs_folder ();
  g_autofree char *slug = make_slug (title);
  g_autofree char *prefix = g_strconcat (slug, "-", NULL);
  g_autoptr (GDir) dir = g_dir_open (runs, 0, NULL);
  const char *name;
  guint64 last = 0, number;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, prefix)
        && g_ascii_string_to_unsigned (name + strlen (prefix), 10, 1, G_MAXUINT32, &number, NULL))
      last = MAX (last, number);

  for (number = last + 1;; number++)
    {
      g_autofree char *fresh = g_strdup_printf ("%s%" G_GUINT64_FORMAT, prefix, number);
      g_autofree char *folder = g_build_filename (runs, fresh, NULL);
      gboolean made;

      if (!make_folder (folder, &made, error))
        return NULL;
      if (made) /* else another process was faster */
        return g_steal_pointer (&folder);
    }
}

static gboolean
check_space (const char *folder, guint64 needed, GError **error)
{
  struct statvfs disk;
  guint64 space;

  if (statvfs (folder, &disk) < 0)
    return folder_error (error, folder, errno);
  if (disk.f_flag & ST_RDONLY)
    return folder_error (error, folder, EROFS);
  space = (guint64) disk.f_bavail * disk.f_frsize;
  if (!g_uint64_checked_add (&needed, needed, SPACE_MARGIN) || space < needed)
    {
      g_autofree char *wanted = g_format_size (needed), *left = g_format_size (space);

      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO,
                   _ ("The run needs %s on the disk of %s, and %s are free. Free some space, or give another "
                      "folder with --out"),
                   wanted, folder, left);
      return FALSE;
    }
  return TRUE;
}

gboolean
eid_run_check_plain (const char *path, guint type, GError **error)
{
  struct stat info;

  if (lstat (path, &info) != 0)
    return errno == ENOENT || errno == ENOTDIR || folder_error (error, path, errno);
  if ((info.st_mode & S_IFMT) == type)
    return TRUE;
  g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO,
               type == S_IFDIR
                   ? _ ("%s is a link or no folder, and nothing is written through it. Remove it")
                   : _ ("%s is a link or no regular file, and nothing is written through it. Remove it"),
               path);
  return FALSE;
}

/* Who holds the lock, as its holder wrote it; 0: not known. */
static gint64
read_holder (int lock)
{
  char text[HOLDER_SIZE] = "";
  const gssize length = pread (lock, text, sizeof text - 1, 0);
  gint64 number = length > 0 ? g_ascii_strtoll (text, NULL, 10) : 0;

  return number > 0 && number <= G_MAXINT32 ? number : 0;
}

/* Whether there is nothing in @lock but what write_holder() wrote. */
static gboolean
is_holder (int lock)
{
  char text[HOLDER_SIZE] = "";
  const gssize length = pread (lock, text, sizeof text, 0);

  if (length < 0 || length == sizeof text)
    return FALSE;
  return (gssize) strspn (text, "0123456789\n") == length;
}

/* The lock is flock()'s; the number is for the message alone, and may be missing: a file with anything else
 * in it is not ours to empty.                                                      */
static void
write_holder (int lock)
{
  g_autofree char *text = g_strdup_printf ("%d\n", (int) getpid ());

  if (is_holder (lock) && (ftruncate (lock, 0) != 0 || pwrite (lock, text, strlen (text), 0) < 0))
    g_debug ("The lock does not say whose it is: %s", g_strerror (errno));
}

/* Held as long as the descriptor is open: a killed process gives it up. */
static gboolean
take_lock (EidRun *run, GError **error)
{
  g_autofree char *file = in_run (run->folder, "lock");
  g_autofree char *holder = NULL;
  gint64 number;

  if (!eid_run_check_plain (file, S_IFREG, error))
    return FALSE;
  /* Not to wait for whoever reads a pipe that took its place since. */
  run->lock = g_open (file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
  if (run->lock < 0)
    return folder_error (error, run->folder, errno);
  if (flock (run->lock, LOCK_EX | LOCK_NB) == 0)
    {
      write_holder (run->lock);
      return TRUE;
    }
  if (errno != EWOULDBLOCK)
    return folder_error (error, run->folder, errno);
  number = read_holder (run->lock);
  holder = number > 0 ? g_strdup_printf (_ ("another window or process (%d)"), (int) number)
                      : g_strdup (_ ("another window or process"));
  g_set_error (
      error, EID_STORE_ERROR, EID_STORE_ERROR_IO,
      /* Translators: the folder of a run, and "another window or process (1234)". */
      _ ("The run %s is being trained by %s. Stop it there first, or give another folder with --out"),
      run->folder, holder);
  return FALSE;
}

static gboolean
write_recipe (EidRun *run, EidRecipe *recipe, GError **error)
{
  g_autofree char *text = eid_recipe_to_text (recipe);
  g_autofree char *file = in_run (run->folder, "recipe.ini");

  if (!eid_run_write_file (file, text, strlen (text)))
    return folder_error (error, run->folder, errno);
  run->recipe = eid_recipe_parse_in (text, file, run->folder, error);
  return run->recipe != NULL;
}

gboolean
eid_run_change_recipe (EidRun *run, const char *assignment, GError **error)
{
  g_autofree char *text = eid_recipe_to_text (run->recipe);
  g_autofree char *file = in_run (run->folder, "recipe.ini");
  g_autoptr (EidRecipe) changed = eid_recipe_parse_in (text, file, run->folder, error);
  EidRecipe *former = run->recipe;

  if (changed == NULL || !eid_recipe_set (changed, assignment, error) || !write_recipe (run, changed, error))
    return FALSE;
  eid_recipe_free (former);
  return TRUE;
}

static gboolean
make_sub_folders (EidRun *run, GError **error)
{
  const char *names[] = { "checkpoints", "pictures" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *folder = in_run (run->folder, names[i]);

      if (g_mkdir (folder, 0777) < 0 && errno != EEXIST)
        return folder_error (error, folder, errno);
      if (!eid_run_check_plain (folder, S_IFDIR, error))
        return FALSE;
    }
  return TRUE;
}

/* Takes back what eid_run_create() made before it failed. */
static void
unmake (EidRun *run, gboolean folder_made)
{
  const char *names[] = { "run.db-shm",  "run.db-wal", "run.db", "recipe.ini",
                          "checkpoints", "pictures",   "lock" };

  eid_run_close_database (run);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = in_run (run->folder, names[i]);

      g_remove (file);
    }
  if (folder_made)
    g_rmdir (run->folder);
}

static EidRun *
new_run (const char *folder)
{
  EidRun *run = g_new0 (EidRun, 1);

  run->folder = g_canonicalize_filename (folder, NULL);
  run->lock = -1;
  run->last_checkpoint = G_MAXUINT64;
  return run;
}

EidRun *
eid_run_create (const char *folder, EidRecipe *recipe, guint64 bytes_needed, GError **error)
{
  g_autoptr (EidRun) run = NULL;
  g_autofree char *fresh = NULL, *parent = NULL;
  gboolean made = TRUE;

  g_return_val_if_fail (recipe != NULL, NULL);

  if (!eid_recipe_check (recipe, error))
    return NULL;
  if (folder == NULL)
    folder = fresh = make_fresh_folder (eid_recipe_title (recipe), error);
  else if (!make_folder (folder, &made, error))
    return NULL;
  if (folder == NULL)
    return NULL;

  run = new_run (folder);
  if (!check_space (run->folder, bytes_needed, error) || !take_lock (run, error))
    {
      if (made)
        g_rmdir (run->folder);
      return NULL;
    }
  if (has (run->folder, "recipe.ini") || has (run->folder, "run.db"))
    {
      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO,
                   _ ("%s holds a run already. Go on with it by --resume, or give another folder with --out"),
                   run->folder);
      return NULL;
    }
  eid_run_sweep (run);
  parent = g_path_get_dirname (run->folder);
  if (!write_recipe (run, recipe, error) || !make_sub_folders (run, error)
      || !eid_run_open_database (run, error) || !eid_folder_sync (run->folder, error)
      || !eid_folder_sync (parent, error))
    {
      unmake (run, made);
      return NULL;
    }
  return g_steal_pointer (&run);
}

EidRun *
eid_run_open (const char *folder, gboolean writable, GError **error)
{
  g_autoptr (EidRun) run = NULL;
  g_autofree char *recipe = NULL;

  g_return_val_if_fail (folder != NULL, NULL);

  run = new_run (folder);
  if (!has (run->folder, "recipe.ini"))
    {
      g_autofree char *runs = eid_runs_folder ();

      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO,
                   _ ("%s is no run: there is no recipe.ini in it. Give the folder of a run; they lie in %s "
                      "unless --out said otherwise"),
                   run->folder, runs);
      return NULL;
    }
  if (writable && (!take_lock (run, error) || !make_sub_folders (run, error)))
    return NULL;
  recipe = in_run (run->folder, "recipe.ini");
  run->recipe = eid_recipe_load (recipe, error);
  if (run->recipe == NULL || !eid_run_open_database (run, error) || !eid_run_complete_undo (run, error))
    return NULL;
  if (writable)
    eid_run_sweep (run);
  return g_steal_pointer (&run);
}

void
eid_run_close (EidRun *run)
{
  g_autoptr (GError) error = NULL;

  if (run == NULL)
    return;
  if (run->database != NULL && run->lock >= 0 && !eid_run_sync (run, &error))
    g_warning ("%s", error->message);
  eid_run_close_database (run);
  if (run->lock >= 0)
    close (run->lock);
  eid_recipe_free (run->recipe);
  g_free (run->folder);
  g_free (run);
}

void
eid_run_discard (EidRun *run)
{
  g_return_if_fail (run != NULL && run->lock >= 0);

  unmake (run, TRUE);
  eid_run_close (run);
}

const char *
eid_run_folder (EidRun *run)
{
  return run->folder;
}

EidRecipe *
eid_run_recipe (EidRun *run)
{
  return run->recipe;
}
