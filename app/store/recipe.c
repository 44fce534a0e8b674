/* recipe.c: a recipe in memory: read from text, changed by --set, asked by the
 * engine, written back with every default filled in.
 *
 * Only what was given is kept, as text, already checked; defaults come from
 * the table of recipe-keys.c when asked for. GKeyFile reads and escapes the
 * values; it tells no line numbers, so a scan of the text before it finds the
 * lines, and with them everything that is wrong with sections and keys.
 */
#include "app/store/internal.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

typedef struct
{
  char *section, *key, *text;
  guint line; /* 0: given by --set */
} Entry;

struct _EidRecipe
{
  char *origin;       /* file, or what the text came from */
  char *name;         /* file name without folder and ending */
  char *base;         /* where relative paths start */
  GHashTable *given;  /* "Section.key" -> Entry */
  GPtrArray *written; /* the same, in the order in which they were written */
};

/* clang-format off */
G_DEFINE_QUARK (eid-store-error-quark, eid_store_error)
/* clang-format on */

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->section);
  g_free (entry->key);
  g_free (entry->text);
  g_free (entry);
}

static Entry *
find_entry (EidRecipe *recipe, const char *section, const char *key)
{
  g_autofree char *id = g_strconcat (section, ".", key, NULL);

  return g_hash_table_lookup (recipe->given, id);
}

static Entry *
add_entry (EidRecipe *recipe, const char *section, const char *key, guint line)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->section = g_strdup (section);
  entry->key = g_strdup (key);
  entry->line = line;
  g_hash_table_insert (recipe->given, g_strconcat (section, ".", key, NULL), entry);
  g_ptr_array_add (recipe->written, entry);
  return entry;
}

static char *
line_of (const char *origin, guint line)
{
  /* Translators: a file and a line in it, before a colon and what is wrong there. */
  return g_strdup_printf (_ ("%s, line %u"), origin, line);
}

static gboolean
is_path (const char *section, const char *key)
{
  return (g_str_equal (section, "Dataset") && g_str_equal (key, "path"))
         || (g_str_equal (section, "Encoder") && g_str_equal (key, "weights"));
}

/* The value as the recipe keeps it: without spaces around it, and a path from
 * the root. NULL with an error if it is none of its key.                     */
static char *
accept_value (const char *section, const char *key, const char *text, const char *base, const char *where,
              GError **error)
{
  const EidRecipeKey *known = eid_recipe_key_find (section, key);
  g_autofree char *value = g_strstrip (g_strdup (text));

  if (known != NULL && !eid_recipe_key_check (known, value, where, error))
    return NULL;
  if (is_path (section, key) && *value != '\0')
    {
      if (g_str_has_prefix (value, "~/"))
        return g_canonicalize_filename (value + 2, g_get_home_dir ());
      return g_canonicalize_filename (value, base);
    }
  return g_steal_pointer (&value);
}

/* Walks the lines: each key becomes an entry that knows its line. */
static gboolean
scan_lines (EidRecipe *recipe, const char *text, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *section = NULL;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *line = g_strstrip (lines[i]);
      char *equals = strchr (line, '=');
      gsize length = strlen (line);
      g_autofree char *where = NULL;
      Entry *before;

      if (*line == '\0' || *line == '#')
        continue;
      where = line_of (recipe->origin, i + 1);
      if (*line == '[' && length > 2 && line[length - 1] == ']')
        {
          g_free (section);
          section = g_strndup (line + 1, length - 2);
          if (!eid_recipe_section_known (section, where, error))
            return FALSE;
          continue;
        }
      if (equals == NULL || equals == line)
        {
          g_autofree char *shown = eid_shorten (line);

          g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                       _ ("%s: “%s” is neither a [Section], nor key = value, nor a # comment"), where, shown);
          return FALSE;
        }
      *equals = '\0';
      g_strchomp (line);
      if (section == NULL)
        {
          g_autofree char *shown = eid_shorten (line);

          g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                       _ ("%s: %s stands before the first section; put [Run] or another section above it"),
                       where, shown);
          return FALSE;
        }
      if (!eid_recipe_key_known (section, line, where, error))
        return FALSE;
      before = find_entry (recipe, section, line);
      if (before != NULL)
        {
          g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                       _ ("%s: [%s] %s is given twice, first in line %u; remove one of them"), where, section,
                       line, before->line);
          return FALSE;
        }
      add_entry (recipe, section, line, i + 1);
    }
  return TRUE;
}

static gboolean
read_values (EidRecipe *recipe, const char *text, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) cause = NULL;

  if (recipe->written->len == 0)
    return TRUE;
  if (!g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, &cause))
    {
      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE, _ ("%s cannot be read as a recipe: %s"),
                   recipe->origin, cause->message);
      return FALSE;
    }
  for (guint i = 0; i < recipe->written->len; i++)
    {
      Entry *entry = recipe->written->pdata[i];
      g_autofree char *where = line_of (recipe->origin, entry->line);
      g_autofree char *value = g_key_file_get_string (file, entry->section, entry->key, &cause);

      if (cause != NULL) /* of a bad escape there is a value and an error */
        {
          g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE, _ ("%s: [%s] %s cannot be read: %s"),
                       where, entry->section, entry->key, cause->message);
          return FALSE;
        }
      entry->text = accept_value (entry->section, entry->key, value, recipe->base, where, error);
      if (entry->text == NULL)
        return FALSE;
    }
  return TRUE;
}

EidRecipe *
eid_recipe_parse_in (const char *text, const char *origin, const char *base, GError **error)
{
  g_autoptr (EidRecipe) recipe = g_new0 (EidRecipe, 1);
  const char *invalid;

  recipe->origin = g_strdup (origin);
  recipe->name = g_path_get_basename (origin);
  if (g_str_has_suffix (recipe->name, ".ini"))
    recipe->name[strlen (recipe->name) - strlen (".ini")] = '\0';
  recipe->base = g_strdup (base);
  recipe->given = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  recipe->written = g_ptr_array_new ();

  if (strlen (text) > EID_RECIPE_LIMIT)
    {
      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                   _ ("%s is larger than 1 MiB; a recipe is a page of text, so this is another file"),
                   origin);
      return NULL;
    }
  if (!g_utf8_validate (text, -1, &invalid))
    {
      guint line = 1;

      for (const char *c = text; c < invalid; c++)
        line += *c == '\n';
      g_autofree char *where = line_of (origin, line);
      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                   _ ("%s: this is not UTF-8; save the recipe as UTF-8 text"), where);
      return NULL;
    }
  if (g_str_has_prefix (text, "\xef\xbb\xbf")) /* a byte order mark, as some editors leave it */
    text += 3;
  if (!scan_lines (recipe, text, error) || !read_values (recipe, text, error))
    return NULL;
  return g_steal_pointer (&recipe);
}

EidRecipe *
eid_recipe_parse (const char *text, const char *origin, GError **error)
{
  g_autofree char *here = g_get_current_dir ();

  g_return_val_if_fail (text != NULL && origin != NULL, NULL);

  return eid_recipe_parse_in (text, origin, here, error);
}

void
eid_recipe_free (EidRecipe *recipe)
{
  if (recipe == NULL)
    return;
  g_ptr_array_unref (recipe->written);
  g_hash_table_unref (recipe->given);
  g_free (recipe->base);
  g_free (recipe->name);
  g_free (recipe->origin);
  g_free (recipe);
}

gboolean
eid_recipe_set (EidRecipe *recipe, const char *assignment, GError **error)
{
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *section = NULL, *key = NULL, *value = NULL;
  const char *where = "--set";
  const char *dot, *equals;
  Entry *entry;

  g_return_val_if_fail (recipe != NULL && assignment != NULL, FALSE);

  equals = strchr (assignment, '=');
  dot = strchr (assignment, '.');
  if (!g_utf8_validate (assignment, -1, NULL) || equals == NULL || dot == NULL || dot > equals
      || strlen (assignment) > EID_RECIPE_LIMIT)
    {
      g_autofree char *valid = g_utf8_make_valid (assignment, -1);
      g_autofree char *shown = eid_shorten (valid);

      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                   _ ("--set %s: expected SECTION.KEY=VALUE, for example Run.steps=2000"), shown);
      return FALSE;
    }
  section = g_strstrip (g_strndup (assignment, dot - assignment));
  key = g_strstrip (g_strndup (dot + 1, equals - dot - 1));
  if (!eid_recipe_key_known (section, key, where, error))
    return FALSE;
  value = accept_value (section, key, equals + 1, here, where, error);
  if (value == NULL)
    return FALSE;

  entry = find_entry (recipe, section, key);
  if (entry == NULL)
    entry = add_entry (recipe, section, key, 0);
  entry->line = 0;
  g_free (entry->text);
  entry->text = g_steal_pointer (&value);
  return TRUE;
}

gboolean
eid_recipe_check (EidRecipe *recipe, GError **error)
{
  guint count;
  const EidRecipeKey *keys = eid_recipe_keys (&count);

  g_return_val_if_fail (recipe != NULL, FALSE);

  for (guint i = 0; i < count; i++)
    {
      if (keys[i].value == NULL && *eid_recipe_text (recipe, keys[i].section, keys[i].key) == '\0')
        {
          g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                       _ ("%s: [%s] %s must be given, in the recipe or by --set %s.%s=…. %s"), recipe->origin,
                       keys[i].section, keys[i].key, keys[i].section, keys[i].key, _ (keys[i].doc));
          return FALSE;
        }
    }
  if (eid_recipe_float (recipe, "Augment", "crop-min") > eid_recipe_float (recipe, "Augment", "crop-max"))
    {
      g_autofree char *where = eid_recipe_where (recipe, "Augment", "crop-min");

      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                   _ ("%s: [Augment] crop-min = %s is above crop-max = %s; a crop's least area cannot exceed "
                      "its largest"),
                   where, eid_recipe_text (recipe, "Augment", "crop-min"),
                   eid_recipe_text (recipe, "Augment", "crop-max"));
      return FALSE;
    }
  return TRUE;
}

char *
eid_recipe_to_text (EidRecipe *recipe)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  guint count;
  const EidRecipeKey *keys = eid_recipe_keys (&count);

  g_return_val_if_fail (recipe != NULL, NULL);

  for (guint i = 0; i < count; i++)
    {
      const char *section = keys[i].section;
      gboolean title = g_str_equal (section, "Run") && g_str_equal (keys[i].key, "title");

      g_key_file_set_string (file, section, keys[i].key,
                             title ? eid_recipe_title (recipe)
                                   : eid_recipe_text (recipe, section, keys[i].key));
      if (!eid_recipe_section_is_open (section))
        continue;
      for (guint j = 0; j < recipe->written->len; j++)
        {
          const Entry *entry = recipe->written->pdata[j];

          if (g_str_equal (entry->section, section) && eid_recipe_key_find (section, entry->key) == NULL)
            g_key_file_set_string (file, section, entry->key, entry->text);
        }
    }
  return g_key_file_to_data (file, NULL, NULL);
}

const char *
eid_recipe_title (EidRecipe *recipe)
{
  const char *title = eid_recipe_text (recipe, "Run", "title");

  return *title != '\0' ? title : recipe->name;
}

/* "800 steps of 256 pictures"; of text, tokens are counted. Free. */
static char *
describe_length (EidRecipe *recipe, gboolean text)
{
  const gint64 steps = eid_recipe_int (recipe, "Run", "steps");
  const gint64 batch =
      eid_recipe_int (recipe, "Run", "batch") * (text ? eid_recipe_int (recipe, "Dataset", "size") : 1);
  g_autofree char *of = g_strdup_printf (
      text ? g_dngettext (GETTEXT_PACKAGE, "%'" PRId64 " token", "%'" PRId64 " tokens", (gulong) batch)
           : g_dngettext (GETTEXT_PACKAGE, "%'" PRId64 " picture", "%'" PRId64 " pictures", (gulong) batch),
      batch);

  /* TRANSLATORS: how many steps of training, and "256 pictures" or "4,096 tokens". */
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%'" PRId64 " step of %s", "%'" PRId64 " steps of %s", (gulong) steps),
      steps, of);
}

char *
eid_recipe_describe (EidRecipe *recipe, const char *encoder, const char *objective, gboolean *usable)
{
  const char *path = eid_recipe_text (recipe, "Dataset", "path");
  const gboolean text = g_str_equal (eid_recipe_text (recipe, "Dataset", "reader"), "text");
  g_autofree char *length = NULL;

  *usable = *path == '\0' || g_file_test (path, G_FILE_TEST_EXISTS);
  if (!*usable)
    return g_strdup_printf (text ? _ ("Its text is not on this machine (%s)")
                                 : _ ("Its pictures are not on this machine (%s)"),
                            path);
  length = describe_length (recipe, text);
  return g_strdup_printf ("%s · %s · %s", encoder, objective, length);
}

const char *
eid_recipe_text (EidRecipe *recipe, const char *section, const char *key)
{
  const EidRecipeKey *known = eid_recipe_key_find (section, key);
  const Entry *entry;

  g_return_val_if_fail (recipe != NULL && known != NULL, "");

  entry = find_entry (recipe, section, key);
  if (entry != NULL)
    return entry->text;
  return known->value != NULL ? known->value : "";
}

gint64
eid_recipe_int (EidRecipe *recipe, const char *section, const char *key)
{
  return g_ascii_strtoll (eid_recipe_text (recipe, section, key), NULL, 10);
}

double
eid_recipe_float (EidRecipe *recipe, const char *section, const char *key)
{
  return g_ascii_strtod (eid_recipe_text (recipe, section, key), NULL);
}

gboolean
eid_recipe_bool (EidRecipe *recipe, const char *section, const char *key)
{
  return g_str_equal (eid_recipe_text (recipe, section, key), "true");
}

GHashTable *
eid_recipe_plugin_values (EidRecipe *recipe)
{
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; i < recipe->written->len; i++)
    {
      const Entry *entry = recipe->written->pdata[i];

      if (eid_recipe_section_is_open (entry->section)
          && eid_recipe_key_find (entry->section, entry->key) == NULL)
        g_hash_table_insert (values, g_strconcat (entry->section, ".", entry->key, NULL),
                             g_strdup (entry->text));
    }
  return values;
}

char *
eid_recipe_where (EidRecipe *recipe, const char *section, const char *key)
{
  const Entry *entry = find_entry (recipe, section, key);

  if (entry == NULL)
    return g_strdup (recipe->origin);
  return entry->line == 0 ? g_strdup ("--set") : line_of (recipe->origin, entry->line);
}
