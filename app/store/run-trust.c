/* run-trust.c: whose the code in a run is. A run may come from anybody, and opening it would run what lies in
 * its folder code/. So the program seals what it puts there, by a key that only this user has: code with such
 * a seal is the user's own; any other runs only after the user has agreed to it.
 *
 * The seal of code/NAME.so is code/NAME.so.seal: HMAC-SHA256 of the whole file. It holds for what is in the
 * file, wherever the run is moved to, and for nothing else.                        */
#include "app/store/internal.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_SIZE   32 /* bytes */
#define SEAL_SIZE  64 /* hexadecimal digits */
#define SEAL       ".seal"
#define MOST_FILES 256 /* in code/, that are looked at */

static gboolean consent; /* to whatever is opened: --trust-code */

/* --- The key ------------------------------------------------------------------ */

/* The key of @file, if it is there, whole, and no link. */
static gboolean
read_key (const char *file, guint8 *key)
{
  const int descriptor = g_open (file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
  guint8 more;
  gboolean good;

  if (descriptor < 0)
    return FALSE;
  good = read (descriptor, key, KEY_SIZE) == KEY_SIZE && read (descriptor, &more, 1) == 0;
  close (descriptor);
  return good;
}

/* A new key, of whichever process is the first to make it. */
static gboolean
make_key (const char *folder, const char *file, guint8 *key)
{
  g_autofree char *temporary = g_build_filename (folder, "key-XXXXXX", NULL);
  gboolean good;
  int descriptor;

  if (getrandom (key, KEY_SIZE, 0) != KEY_SIZE || g_mkdir_with_parents (folder, 0700) < 0
      || (descriptor = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0600)) < 0)
    return FALSE;
  good = write (descriptor, key, KEY_SIZE) == KEY_SIZE && fsync (descriptor) == 0;
  good = close (descriptor) == 0 && good;
  /* Unlike a renaming, a link does not replace the one that another process has made meanwhile. */
  good = good && (link (temporary, file) == 0 || errno == EEXIST);
  g_unlink (temporary);
  return good && read_key (file, key);
}

/* NULL where there is none and none can be kept: then nobody's code is known. */
static const guint8 *
own_key (void)
{
  static guint8 key[KEY_SIZE];
  static gsize state; /* 0: not looked for yet, 1: none, 2: there */

  if (g_once_init_enter (&state))
    {
      g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "eidoscope", NULL);
      g_autofree char *file = g_build_filename (folder, "key", NULL);

      g_once_init_leave (&state, read_key (file, key) || make_key (folder, file, key) ? 2 : 1);
    }
  return state == 2 ? key : NULL;
}

/* --- Seals -------------------------------------------------------------------- */

char *
eid_code_seal (const char *bytes, gsize length)
{
  const guint8 *key = own_key ();

  return key != NULL
             ? g_compute_hmac_for_data (G_CHECKSUM_SHA256, key, KEY_SIZE, (const guchar *) bytes, length)
             : NULL;
}

gboolean
eid_run_seal_code (const char *file, const char *bytes, gsize length, GError **error)
{
  g_autofree char *seal = eid_code_seal (bytes, length), *place = g_strconcat (file, SEAL, NULL);

  /* Without a key it will be asked for. */
  if (seal == NULL || eid_run_write_file (place, seal, strlen (seal)))
    return TRUE;
  g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO, _ ("%s cannot be written: %s"), place,
               g_strerror (errno));
  return FALSE;
}

/* Whether @a and @b are the same, in a time that does not tell where they differ. */
static gboolean
same_seal (const char *a, const char *b)
{
  guint difference = 0;

  for (guint i = 0; i < SEAL_SIZE; i++)
    difference |= (guint) (a[i] ^ b[i]);
  return difference == 0;
}

static gboolean
is_sealed (const char *file, const char *bytes, gsize length)
{
  g_autofree char *wanted = eid_code_seal (bytes, length), *place = g_strconcat (file, SEAL, NULL);
  const int descriptor = g_open (place, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
  char found[SEAL_SIZE];
  gboolean good;

  if (descriptor < 0)
    return FALSE;
  good = wanted != NULL && read (descriptor, found, SEAL_SIZE) == SEAL_SIZE && same_seal (wanted, found);
  close (descriptor);
  return good;
}

/* --- Consent ------------------------------------------------------------------ */

void
eid_run_trust_all_code (void)
{
  consent = TRUE;
}

gboolean
eid_run_code_trusted (EidRun *run, const char *name, GError **error)
{
  g_autofree char *file = eid_run_code_file (run, name), *bytes = NULL;
  gsize length;

  if (!eid_run_read_code (file, &bytes, &length, error))
    return FALSE;
  if (consent || is_sealed (file, bytes, length))
    return TRUE;
  g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_TRUST,
               _ ("%s is code that was not put there by you on this machine, and is not run without your "
                  "consent. If you trust "
                  "whoever made the run, give --trust-code, or open it in the workbench and agree"),
               file);
  return FALSE;
}

/* The files of code/ in @folder, at most MOST_FILES. */
static GPtrArray *
list_code (const char *folder)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *place = g_build_filename (folder, EID_CODE_FOLDER, NULL);
  g_autoptr (GDir) dir = g_dir_open (place, 0, NULL);
  const char *name;

  while (dir != NULL && files->len < MOST_FILES && (name = g_dir_read_name (dir)) != NULL)
    if (!g_str_has_suffix (name, SEAL))
      g_ptr_array_add (files, g_build_filename (place, name, NULL));
  return files;
}

GPtrArray *
eid_run_foreign_code (const char *folder)
{
  g_autoptr (GPtrArray) files = list_code (folder);
  GPtrArray *foreign = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < files->len; i++)
    {
      const char *file = files->pdata[i];
      g_autofree char *bytes = NULL;
      gsize length;

      if (!eid_run_read_code (file, &bytes, &length, NULL) || !is_sealed (file, bytes, length))
        g_ptr_array_add (foreign, g_path_get_basename (file));
    }
  return foreign;
}

gboolean
eid_run_adopt_code (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) files = list_code (folder);

  for (guint i = 0; i < files->len; i++)
    {
      const char *file = files->pdata[i];
      g_autofree char *bytes = NULL;
      gsize length;

      if (!eid_run_read_code (file, &bytes, &length, error)
          || !eid_run_seal_code (file, bytes, length, error))
        return FALSE;
    }
  return TRUE;
}
