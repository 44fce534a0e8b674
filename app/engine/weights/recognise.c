/* recognise.c: which of the encoders in a file fits the one that is to be filled, by which names and
 * behind which prefix; see weights.h. */
#include "app/engine/weights/private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Bounds what a file made to be slow can make of its names. */
enum
{
  MOST_PREFIXES = 1024,
  MOST_DOTS = 32,
  MOST_CHECKED = 64,
};

/* An encoder of the file, perhaps. */
typedef struct
{
  const EidNaming *naming;
  char *prefix;
  guint found;   /* tensors that have names of the encoder's               */
  gboolean fits; /* none is missing, and all have the shapes they should */
} Candidate;

static void
candidate_clear (gpointer data)
{
  g_free (((Candidate *) data)->prefix);
}

/* Whether the file has parameter @i, or may do without. */
static gboolean
has_parameter (EidImport *import, const Candidate *candidate, guint i)
{
  const char *name = eid_encoder_parameter_name (import->parameters, i);
  const EidShape shape = eid_tensor_shape (eid_parameters_tensor (import->parameters, i));
  g_auto (GStrv) theirs = eid_import_theirs (import, candidate->naming, i);

  if (name == NULL)
    return TRUE;
  if (theirs == NULL)
    return FALSE;
  for (guint part = 0; theirs[part] != NULL; part++)
    {
      const EidSafetensor *stored = eid_weights_find (import->tensors, candidate->prefix, theirs[part]);

      if (stored == NULL && !eid_import_is_optional (name))
        return FALSE;
      if (stored != NULL && !g_str_equal (name, "pos_embed") && !g_str_equal (name, "mask_token")
          && !eid_safetensor_has_shape (stored, shape, g_strv_length (theirs)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_fit (EidImport *import, const Candidate *candidate)
{
  for (guint i = 0; i < eid_parameters_count (import->parameters); i++)
    if (!has_parameter (import, candidate, i))
      return FALSE;
  return TRUE;
}

/* The names that @naming has for the encoder's parameters. */
static GHashTable *
list_names (EidImport *import, const EidNaming *naming)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < eid_parameters_count (import->parameters); i++)
    {
      g_auto (GStrv) theirs = eid_import_theirs (import, naming, i);

      for (guint part = 0; theirs != NULL && theirs[part] != NULL; part++)
        g_hash_table_add (names, g_strdup (theirs[part]));
    }
  return names;
}

/* Counts, by what stands before it, each end of @name that is among @names. */
static void
count_ends (const char *name, GHashTable *names, GHashTable *counts)
{
  const char *rest = name;

  for (guint dots = 0; rest != NULL && dots < MOST_DOTS; dots++)
    {
      if (g_hash_table_contains (names, rest))
        {
          g_autofree char *before = g_strndup (name, rest - name);
          const guint so_far = GPOINTER_TO_UINT (g_hash_table_lookup (counts, before));

          if (so_far > 0 || g_hash_table_size (counts) < MOST_PREFIXES)
            g_hash_table_insert (counts, g_steal_pointer (&before), GUINT_TO_POINTER (so_far + 1));
        }
      rest = strchr (rest, '.');
      rest = rest != NULL ? rest + 1 : NULL;
    }
}

static void
list_candidates (EidImport *import, const EidNaming *naming, GArray *candidates)
{
  g_autoptr (GHashTable) names = list_names (import, naming);
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer prefix, count;

  for (guint i = 0; i < eid_safetensors_count (import->tensors); i++)
    count_ends (eid_safetensors_get (import->tensors, i)->name, names, counts);
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &prefix, &count))
    if (eid_weights_may_be (import->tensors, naming, prefix))
      {
        Candidate candidate = { naming, g_strdup (prefix), GPOINTER_TO_UINT (count), FALSE };

        /* timm's names but for a token that tells whose they are. */
        candidate.found += g_str_equal (eid_naming_family (naming), "dinov2");
        g_array_append_val (candidates, candidate);
      }
}

static int
compare_found (gconstpointer a, gconstpointer b)
{
  const Candidate *first = a, *second = b;

  return first->found != second->found ? (first->found > second->found ? -1 : 1)
                                       : eid_naming_compare_places (first->prefix, second->prefix);
}

/* The one to take goes first. */
static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *first = a, *second = b;

  if (first->fits != second->fits)
    return first->fits ? -1 : 1;
  if (first->fits && !g_str_equal (first->prefix, second->prefix))
    return eid_naming_compare_places (first->prefix, second->prefix);
  return compare_found (a, b);
}

static void
tell_choice (EidImport *import, GArray *candidates)
{
  g_autoptr (GHashTable) others = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 1; i < candidates->len; i++)
    {
      const Candidate *other = &g_array_index (candidates, Candidate, i);

      if (other->fits && !g_str_equal (other->prefix, import->prefix)
          && g_hash_table_add (others, other->prefix))
        g_string_append_printf (list, "%s“%s”", list->len > 0 ? ", " : "", other->prefix);
    }
  if (*import->prefix == '\0')
    eid_import_tell (import, _ ("%s: weights by the names of %s."), import->file,
                     eid_naming_title (import->naming));
  else
    eid_import_tell (import, _ ("%s: weights by the names of %s, behind “%s”."), import->file,
                     eid_naming_title (import->naming), import->prefix);
  if (list->len > 0)
    eid_import_tell (import,
                     _ ("%s holds this encoder more than once: “%s” is taken, not %s. A teacher, target or "
                        "ema goes before a student, a query before a key."),
                     import->file, import->prefix, list->str);
}

gboolean
eid_import_recognise (EidImport *import, GError **error)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, TRUE, sizeof (Candidate));
  g_autofree char *families = NULL;

  g_array_set_clear_func (candidates, candidate_clear);
  for (guint n = 0; eid_naming_get (n) != NULL; n++)
    list_candidates (import, eid_naming_get (n), candidates);
  g_array_sort (candidates, compare_found);
  for (guint i = 0; i < MIN (candidates->len, (guint) MOST_CHECKED); i++)
    {
      Candidate *candidate = &g_array_index (candidates, Candidate, i);

      candidate->fits = check_fit (import, candidate);
    }
  g_array_sort (candidates, compare_candidates);
  if (candidates->len > 0)
    {
      import->naming = g_array_index (candidates, Candidate, 0).naming;
      import->prefix = g_strdup (g_array_index (candidates, Candidate, 0).prefix);
      import->fits = g_array_index (candidates, Candidate, 0).fits;
      tell_choice (import, candidates);
      return TRUE;
    }
  families = eid_naming_families ();
  g_set_error (
      error, EID_ERROR, EID_ERROR_FAILED,
      _ ("%s: none of its tensors is one of this encoder, by the names of %s; the first is called “%s”. "
         "Choose the encoder that it was made with."),
      import->file, families,
      eid_safetensors_count (import->tensors) > 0 ? eid_safetensors_get (import->tensors, 0)->name : "");
  return FALSE;
}
