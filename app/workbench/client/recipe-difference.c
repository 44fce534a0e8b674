/* recipe-difference.c: see recipe-difference.h. */
#include "app/workbench/client/recipe-difference.h"

static void
difference_free (gpointer data)
{
  EidRecipeDifference *difference = data;

  g_free (difference->section);
  g_free (difference->key);
  g_free (difference->first);
  g_free (difference->second);
  g_free (difference);
}

static void
add (GPtrArray *differences, const char *section, const char *key, const char *first, const char *second)
{
  EidRecipeDifference *difference;

  if (g_strcmp0 (first, second) == 0 || (g_str_equal (section, "Run") && g_str_equal (key, "title")))
    return;
  difference = g_new (EidRecipeDifference, 1);
  *difference = (EidRecipeDifference){ g_strdup (section), g_strdup (key), g_strdup (first ? first : "–"),
                                       g_strdup (second ? second : "–") };
  g_ptr_array_add (differences, difference);
}

/* The keys of @one in @section, against @other; those that @other has too, only once. */
static void
compare_section (GPtrArray *differences, GKeyFile *one, GKeyFile *other, const char *section, gboolean first)
{
  g_auto (GStrv) keys = g_key_file_get_keys (one, section, NULL, NULL);

  for (guint i = 0; keys && keys[i]; i++)
    {
      g_autofree char *here = g_key_file_get_value (one, section, keys[i], NULL);
      g_autofree char *there = g_key_file_get_value (other, section, keys[i], NULL);

      if (first)
        add (differences, section, keys[i], here, there);
      else if (there == NULL)
        add (differences, section, keys[i], NULL, here);
    }
}

GPtrArray *
eid_recipe_differences (const char *first, const char *second)
{
  static const char *const sections[] = { "Dataset", "Augment",   "Encoder", "Objective",
                                          "Run",     "Optimizer", "Evaluate" };
  GPtrArray *differences = g_ptr_array_new_with_free_func (difference_free);
  g_autoptr (GKeyFile) one = g_key_file_new (), other = g_key_file_new ();

  if (first == NULL || second == NULL
      || !g_key_file_load_from_data (one, first, (gsize) -1, G_KEY_FILE_NONE, NULL)
      || !g_key_file_load_from_data (other, second, (gsize) -1, G_KEY_FILE_NONE, NULL))
    return differences;
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    {
      compare_section (differences, one, other, sections[i], TRUE);
      compare_section (differences, other, one, sections[i], FALSE);
    }
  return differences;
}

gboolean
eid_recipe_differs (GPtrArray *differences, const char *section, const char *key)
{
  for (guint i = 0; i < differences->len; i++)
    {
      const EidRecipeDifference *difference = differences->pdata[i];

      if (g_str_equal (difference->section, section) && (key == NULL || g_str_equal (difference->key, key)))
        return TRUE;
    }
  return FALSE;
}
