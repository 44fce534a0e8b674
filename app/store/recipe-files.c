/* recipe-files.c: where recipes lie on disk: finding one by name, reading it
 * within bounds, listing what there is. What is in one is recipe.c's matter.
 */
#include "app/store/internal.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

/* The folders in the order in which they are searched; the first of a name wins. */
static char **
recipe_folders (void)
{
  g_autoptr (GStrvBuilder) folders = g_strv_builder_new ();
  const char *path = g_getenv ("EIDOSCOPE_DATA_PATH");
  const char *data[] = { EID_DATA_DIR, EID_SOURCE_DATA_DIR };
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "eidoscope", "recipes", NULL);

  if (path != NULL)
    {
      g_auto (GStrv) parts = g_strsplit (path, G_SEARCHPATH_SEPARATOR_S, -1);

      for (guint i = 0; parts[i] != NULL; i++)
        {
          g_autofree char *folder = g_build_filename (parts[i], "recipes", NULL);

          if (*parts[i] != '\0')
            g_strv_builder_add (folders, folder);
        }
    }
  g_strv_builder_add (folders, own);
  for (guint i = 0; i < G_N_ELEMENTS (data); i++)
    {
      g_autofree char *folder = g_build_filename (data[i], "recipes", NULL);

      g_strv_builder_add (folders, folder);
    }
  return g_strv_builder_end (folders);
}

static char *
find_recipe (const char *name, GError **error)
{
  g_auto (GStrv) folders = recipe_folders ();
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) known = NULL;
  g_autofree char *file_name = g_strconcat (name, ".ini", NULL);

  if (g_file_test (name, G_FILE_TEST_IS_REGULAR))
    return g_strdup (name);
  for (guint i = 0; folders[i] != NULL && strchr (name, G_DIR_SEPARATOR) == NULL; i++)
    {
      g_autofree char *file = g_build_filename (folders[i], file_name, NULL);

      if (g_file_test (file, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&file);
    }

  known = eid_recipe_list ();
  for (guint i = 0; i < known->len; i++)
    g_ptr_array_add (names, ((EidRecipeInfo *) known->pdata[i])->name);
  if (names->len == 0)
    {
      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                   _ ("There is no recipe %s: no file has that name, and no recipes are installed"), name);
      return NULL;
    }
  const char *nearest = eid_nearest_word (name, names);
  g_ptr_array_add (names, NULL);
  g_autofree char *list = g_strjoinv (", ", (char **) names->pdata);
  g_set_error (
      error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
      _ ("There is no recipe %s: no file has that name, and the nearest known recipe is %s (there are: %s)"),
      name, nearest, list);
  return NULL;
}

static char *
read_file (const char *file, GError **error)
{
  g_autofree char *text = g_malloc (EID_RECIPE_LIMIT + 2);
  g_autoptr (GFile) source = g_file_new_for_path (file);
  g_autoptr (GFileInputStream) stream = NULL;
  g_autoptr (GError) cause = NULL;
  gsize length = 0;

  stream = g_file_read (source, NULL, &cause);
  if (stream == NULL
      || !g_input_stream_read_all (G_INPUT_STREAM (stream), text, EID_RECIPE_LIMIT + 1, &length, NULL,
                                   &cause))
    {
      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO, _ ("The recipe %s cannot be read: %s"), file,
                   cause->message);
      return NULL;
    }
  text[length] = '\0';
  if (strlen (text) != length)
    {
      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                   _ ("%s is not a recipe: it holds bytes that no text has"), file);
      return NULL;
    }
  return g_steal_pointer (&text);
}

static EidRecipe *
parse_file (const char *text, const char *file, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (file, NULL);
  g_autofree char *folder = g_path_get_dirname (absolute);

  return eid_recipe_parse_in (text, file, folder, error);
}

EidRecipe *
eid_recipe_load (const char *name, GError **error)
{
  g_autofree char *file = NULL, *text = NULL;

  g_return_val_if_fail (name != NULL, NULL);

  file = find_recipe (name, error);
  text = file != NULL ? read_file (file, error) : NULL;
  return text != NULL ? parse_file (text, file, error) : NULL;
}

static void
recipe_info_free (gpointer data)
{
  EidRecipeInfo *info = data;

  g_free (info->name);
  g_free (info->title);
  g_free (info->description);
  g_free (info->file);
  g_free (info);
}

/* The first paragraph of the comment that @text begins with, in one line. Free. */
static char *
first_paragraph (const char *text)
{
  GString *paragraph = g_string_new (NULL);

  while (*text == '#')
    {
      const gsize length = strcspn (text, "\n");
      g_autofree char *line = g_strstrip (g_strndup (text + 1, length - 1));

      if (*line == '\0')
        break;
      g_string_append_printf (paragraph, "%s%s", paragraph->len > 0 ? " " : "", line);
      text += length + (text[length] == '\n');
    }
  return g_string_free (paragraph, FALSE);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const EidRecipeInfo *const *first = a, *const *second = b;

  return strcmp ((*first)->name, (*second)->name);
}

static gboolean
has_name (gconstpointer info, gconstpointer name)
{
  return g_str_equal (((const EidRecipeInfo *) info)->name, name);
}

GPtrArray *
eid_recipe_list (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (recipe_info_free);
  g_auto (GStrv) folders = recipe_folders ();

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autoptr (GDir) folder = g_dir_open (folders[i], 0, NULL);
      const char *file_name;

      while (folder != NULL && (file_name = g_dir_read_name (folder)) != NULL)
        {
          g_autofree char *name = g_strdup (file_name);
          g_autofree char *file = g_build_filename (folders[i], file_name, NULL), *text = NULL;
          g_autoptr (EidRecipe) recipe = NULL;
          EidRecipeInfo *info;

          if (!g_str_has_suffix (name, ".ini") || !g_file_test (file, G_FILE_TEST_IS_REGULAR))
            continue;
          name[strlen (name) - strlen (".ini")] = '\0';
          if (g_ptr_array_find_with_equal_func (list, name, has_name, NULL))
            continue;
          /* One that cannot be read is listed all the same: opening it says why. */
          text = read_file (file, NULL);
          recipe = text != NULL ? parse_file (text, file, NULL) : NULL;
          info = g_new0 (EidRecipeInfo, 1);
          info->title = g_strdup (recipe != NULL ? eid_recipe_title (recipe) : name);
          info->description = recipe != NULL ? first_paragraph (text) : g_strdup ("");
          info->name = g_steal_pointer (&name);
          info->file = g_steal_pointer (&file);
          g_ptr_array_add (list, info);
        }
    }
  g_ptr_array_sort (list, compare_names);
  return list;
}
