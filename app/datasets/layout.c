/* layout.c: see layout.h. */
#include "app/datasets/layout.h"

#include <glib/gi18n-lib.h>

#include <string.h>

/* Groups of files that a sentence on what is left out names, at most. */
#define MOST_GROUPS 8

/* What the name of a folder says of what is in it. */
typedef enum
{
  NO_HALF,
  TRAINING,
  TESTING,
  VALIDATION
} Kind;

/* Letters alone, of any case: "Train", "train_set", "train2017", "test-images". */
static const struct
{
  Kind kind;
  const char *name;
} usual_names[] = {
  { TRAINING, "train" },        { TRAINING, "training" },     { TRAINING, "trn" },
  { TESTING, "test" },          { TESTING, "testing" },       { TESTING, "tst" },
  { VALIDATION, "val" },        { VALIDATION, "valid" },      { VALIDATION, "validate" },
  { VALIDATION, "validation" }, { VALIDATION, "validating" }, { VALIDATION, "dev" },
  { VALIDATION, "eval" },       { VALIDATION, "evaluation" }, { VALIDATION, "holdout" },
};

static const char *const usual_endings[] = { "images", "image", "imgs", "img",  "pictures",
                                             "photos", "data",  "set",  "split" };

static Kind
kind_of (const char *folder)
{
  g_autoptr (GString) letters = g_string_new (NULL);

  for (const char *at = folder; *at != '\0'; at++)
    if (g_ascii_isalpha (*at))
      g_string_append_c (letters, g_ascii_tolower (*at));
    else if (!g_ascii_isdigit (*at) && strchr (" _-.", *at) == NULL)
      return NO_HALF;
  for (guint cut = 0; cut <= G_N_ELEMENTS (usual_endings); cut++)
    {
      g_autofree char *name = g_strdup (letters->str);

      if (cut > 0 && !g_str_has_suffix (name, usual_endings[cut - 1]))
        continue;
      if (cut > 0)
        name[strlen (name) - strlen (usual_endings[cut - 1])] = '\0';
      for (guint i = 0; i < G_N_ELEMENTS (usual_names); i++)
        if (strcmp (name, usual_names[i].name) == 0)
          return usual_names[i].kind;
    }
  return NO_HALF;
}

/* --- Names ----------------------------------------------------------------------- */

/* The first folder of @name, interned; NULL: it lies in none. */
static const char *
first_folder (const char *name)
{
  const char *slash = strchr (name, G_DIR_SEPARATOR);
  g_autofree char *folder = slash != NULL ? g_strndup (name, slash - name) : NULL;

  return folder != NULL ? g_intern_string (folder) : NULL;
}

/* @name without its first @length bytes and the separator after them. */
static const char *
behind (const char *name, gsize length)
{
  return length > 0 ? name + length + 1 : name;
}

/* @folder below @base. Free. */
static char *
below (const char *base, const char *folder)
{
  return *base != '\0' ? g_build_filename (base, folder, NULL) : g_strdup (folder);
}

static gboolean
lies_in (const char *name, const char *folder)
{
  const gsize length = strlen (folder);

  return length == 0 || (strncmp (name, folder, length) == 0 && name[length] == G_DIR_SEPARATOR);
}

/* Those of @names that lie in @folder. */
static GPtrArray *
names_in (GPtrArray *names, const char *folder)
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < names->len; i++)
    if (lies_in (names->pdata[i], folder))
      g_ptr_array_add (found, names->pdata[i]);
  return found;
}

/* The folder that all @names lie in once @base is taken off, interned; NULL: there is none. */
static const char *
common_folder (GPtrArray *names, const char *base)
{
  const char *folder = NULL;

  for (guint i = 0; i < names->len; i++)
    {
      const char *own = first_folder (behind (names->pdata[i], strlen (base)));

      if (own == NULL || (folder != NULL && own != folder))
        return NULL;
      folder = own;
    }
  return folder;
}

/* Whether all @names lie in a folder once @base is taken off. */
static gboolean
all_in_folders (GPtrArray *names, const char *base)
{
  for (guint i = 0; i < names->len; i++)
    if (first_folder (behind (names->pdata[i], strlen (base))) == NULL)
      return FALSE;
  return names->len > 0;
}

/* Whether some of @names lies in @folder of @base. */
static gboolean
has_folder (GPtrArray *names, const char *base, const char *folder)
{
  for (guint i = 0; i < names->len; i++)
    if (first_folder (behind (names->pdata[i], strlen (base))) == folder)
      return TRUE;
  return FALSE;
}

/* The folders in @base that @names lie in, in their order, interned. */
static GPtrArray *
folders_in (GPtrArray *names, const char *base)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GPtrArray *folders = g_ptr_array_new ();

  for (guint i = 0; i < names->len; i++)
    {
      const char *folder =
          lies_in (names->pdata[i], base) ? first_folder (behind (names->pdata[i], strlen (base))) : NULL;

      if (folder != NULL && g_hash_table_add (seen, (gpointer) folder))
        g_ptr_array_add (folders, (gpointer) folder);
    }
  return folders;
}

/* --- Notes ------------------------------------------------------------------------ */

G_GNUC_PRINTF (2, 3)
static void
note (EidLayout *layout, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (layout->notes, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* Files that are told of together. */
typedef struct
{
  char *text;
  guint count;
} Group;

static void
group_free (gpointer data)
{
  Group *group = data;

  g_free (group->text);
  g_free (group);
}

static gint
compare_groups (gconstpointer a, gconstpointer b)
{
  const Group *x = *(const Group *const *) a, *y = *(const Group *const *) b;

  return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp (x->text, y->text);
}

/* "AVIF in “dog” (libavif-gdk-pixbuf reads them)", ".txt". Free. */
static char *
describe_other (const EidOther *other, const char *base)
{
  const char *inside = lies_in (other->name, base) ? behind (other->name, strlen (base)) : other->name;
  const char *folder = first_folder (inside), *dot = strrchr (other->name, '.');
  const char *package = other->format != NULL ? eid_format_package (other->format) : NULL;
  const char *slash = strrchr (other->name, G_DIR_SEPARATOR);
  g_autofree char *ending =
      g_filename_display_name (dot != NULL && (slash == NULL || dot > slash) ? dot : _ ("without an ending"));
  g_autofree char *shown = folder != NULL ? g_filename_display_name (folder) : NULL;
  GString *text = g_string_new (other->format != NULL ? _ (other->format) : ending);

  if (shown != NULL)
    /* TRANSLATORS: files of a kind in a folder: "AVIF in “dog”" */
    g_string_append_printf (text, _ (" in “%s”"), shown);
  if (package != NULL)
    g_string_append_printf (text, _ (" (to read them, install %s)"), package);
  return g_string_free (text, FALSE);
}

/* What files are no pictures that can be read, by kind and place. */
static void
note_others (EidLayout *layout)
{
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func (group_free);
  g_autoptr (GHashTable) by_text = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) text = g_string_new (NULL);
  const guint all = layout->list.others->len;
  guint named = 0;

  for (guint i = 0; i < all; i++)
    {
      char *kind = describe_other (layout->list.others->pdata[i], layout->base);
      Group *group = g_hash_table_lookup (by_text, kind);

      if (group == NULL)
        {
          group = g_new (Group, 1);
          *group = (Group){ kind, 0 };
          g_ptr_array_add (groups, group);
          g_hash_table_insert (by_text, kind, group);
        }
      else
        g_free (kind);
      group->count++;
    }
  if (groups->len == 0)
    return;
  g_ptr_array_sort (groups, compare_groups);
  for (guint i = 0; i < MIN (groups->len, MOST_GROUPS); i++)
    {
      const Group *group = groups->pdata[i];

      g_string_append_printf (text, "%s%'u × %s", i > 0 ? ", " : "", group->count, group->text);
      named += group->count;
    }
  if (named < all)
    g_string_append_printf (text, _ (", and %'u more"), all - named);
  note (layout,
        g_dngettext (GETTEXT_PACKAGE, "%'u file is left out, as no picture that can be read here: %s",
                     "%'u files are left out, as no pictures that can be read here: %s", all),
        all, text->str);
}

/* What lies in @base, but in none of the @used folders of it. */
static void
note_unused (EidLayout *layout, const char *const used[2])
{
  g_autoptr (GPtrArray) folders = folders_in (layout->list.names, layout->base);
  guint straight = 0;

  for (guint f = 0; f < folders->len; f++)
    {
      const char *folder = folders->pdata[f];
      g_autofree char *path = below (layout->base, folder), *shown = g_filename_display_name (folder);
      g_autoptr (GPtrArray) names = names_in (layout->list.names, path);

      if (folder != used[0] && folder != used[1])
        note (layout,
              g_dngettext (GETTEXT_PACKAGE, "%'u picture in “%s” is left out: it is in neither half",
                           "%'u pictures in “%s” are left out: they are in neither half", names->len),
              names->len, shown);
    }
  for (guint i = 0; i < layout->list.names->len; i++)
    straight += first_folder (behind (layout->list.names->pdata[i], strlen (layout->base))) == NULL;
  if (straight > 0)
    note (layout,
          g_dngettext (GETTEXT_PACKAGE, "%'u picture beside the halves is left out",
                       "%'u pictures beside the halves are left out", straight),
          straight);
}

/* --- Halves and classes -------------------------------------------------------------- */

/* Gives each name of @half, once @base is taken off, its first folder as class. */
static void
classify (EidLayoutHalf *half, const char *base)
{
  half->classes = g_ptr_array_new ();
  for (guint i = 0; i < half->names->len; i++)
    g_ptr_array_add (half->classes, (gpointer) first_folder (behind (half->names->pdata[i], strlen (base))));
}

/* Whether the one folder that @own has in @base is only a wrapper: its folders are the classes, or the
 * @other half is wrapped in the same. */
static gboolean
is_wrapper (GPtrArray *own, const char *base, const char *folder, GPtrArray *other, const char *other_base)
{
  g_autofree char *inner = below (base, folder);
  g_autoptr (GPtrArray) folders = folders_in (own, inner);

  return common_folder (other, other_base) == folder
         || (folders->len > 1 && all_in_folders (own, inner) && !has_folder (other, other_base, folder));
}

/* Classes of both halves: sub-folders of each, inside whatever wraps all of a half. */
static void
classify_halves (EidLayout *layout, char *train_base, char *test_base)
{
  EidLayoutHalf *halves[2] = { &layout->train, &layout->test };
  char *bases[2] = { train_base, test_base };

  for (gboolean again = TRUE; again;)
    {
      const char *folders[2];
      gboolean wrapped[2];

      for (guint h = 0; h < 2; h++)
        folders[h] = common_folder (halves[h]->names, bases[h]);
      for (guint h = 0; h < 2; h++)
        wrapped[h] =
            folders[h] != NULL
            && is_wrapper (halves[h]->names, bases[h], folders[h], halves[1 - h]->names, bases[1 - h]);
      again = wrapped[0] || wrapped[1];
      for (guint h = 0; h < 2; h++)
        if (wrapped[h])
          {
            char *inner = below (bases[h], folders[h]);

            g_free (bases[h]);
            bases[h] = inner;
          }
    }
  for (guint h = 0; h < 2; h++)
    {
      classify (halves[h], bases[h]);
      g_free (bases[h]);
    }
}

/* Of the folders of @base that are for testing, the one to take, or NULL: one with classes before one without
 * where that for training has some, and then the first of them. */
static const char *
choose_testing (EidLayout *layout, GPtrArray *folders, gboolean classes, const char **passed)
{
  const char *chosen = NULL;
  gboolean chosen_has = FALSE;

  *passed = NULL;
  for (guint pass = TESTING; pass <= VALIDATION; pass++)
    for (guint f = 0; f < folders->len; f++)
      {
        g_autofree char *path = below (layout->base, folders->pdata[f]);
        g_autoptr (GPtrArray) names = NULL;
        gboolean has;

        if (kind_of (folders->pdata[f]) != (Kind) pass)
          continue;
        names = names_in (layout->list.names, path);
        has = all_in_folders (names, path);
        if (chosen != NULL && (!classes || chosen_has || !has))
          continue;
        *passed = chosen;
        chosen = folders->pdata[f];
        chosen_has = has;
      }
  return chosen;
}

/* base/train and base/test, under whatever usual names. */
static gboolean
find_halves (EidLayout *layout)
{
  g_autoptr (GPtrArray) folders = folders_in (layout->list.names, layout->base);
  g_autofree char *train_path = NULL, *test_path = NULL;
  const char *train = NULL, *test = NULL, *passed = NULL;

  for (guint f = 0; f < folders->len && train == NULL; f++)
    if (kind_of (folders->pdata[f]) == TRAINING)
      train = folders->pdata[f];
  if (train == NULL)
    return FALSE;
  train_path = below (layout->base, train);
  layout->train.names = names_in (layout->list.names, train_path);
  test = choose_testing (layout, folders, all_in_folders (layout->train.names, train_path), &passed);
  if (test == NULL)
    {
      g_clear_pointer (&layout->train.names, g_ptr_array_unref);
      return FALSE;
    }
  test_path = below (layout->base, test);
  layout->test.names = names_in (layout->list.names, test_path);
  layout->train.folder = g_filename_display_name (train);
  layout->test.folder = g_filename_display_name (test);
  if (passed != NULL)
    {
      g_autofree char *shown = g_filename_display_name (passed);

      note (layout, _ ("The pictures in “%s” have no classes; those in “%s” have, and are tested on"), shown,
            layout->test.folder);
    }
  note_unused (layout, (const char *const[]){ train, test });
  classify_halves (layout, g_steal_pointer (&train_path), g_steal_pointer (&test_path));
  return TRUE;
}

/* base/CLASS/train and base/CLASS/test: the other way round. */
static gboolean
find_inner_halves (EidLayout *layout)
{
  const gsize length = strlen (layout->base);
  guint counts[VALIDATION + 1] = { 0 };
  EidLayoutHalf *train = &layout->train, *test = &layout->test;
  Kind testing;

  for (guint i = 0; i < layout->list.names->len; i++)
    {
      const char *name = behind (layout->list.names->pdata[i], length), *class = first_folder (name);
      const char *half = class != NULL ? first_folder (behind (name, strlen (class))) : NULL;

      if (half == NULL || kind_of (half) == NO_HALF)
        return FALSE;
      counts[kind_of (half)]++;
    }
  testing = counts[TESTING] > 0 ? TESTING : VALIDATION;
  if (counts[TRAINING] == 0 || counts[testing] == 0)
    return FALSE;

  train->names = g_ptr_array_new ();
  test->names = g_ptr_array_new ();
  for (guint i = 0; i < layout->list.names->len; i++)
    {
      char *name = layout->list.names->pdata[i];
      const char *inside = behind (name, length);
      const char *folder = first_folder (behind (inside, strlen (first_folder (inside))));
      EidLayoutHalf *half = kind_of (folder) == TRAINING ? train : kind_of (folder) == testing ? test : NULL;

      if (half == NULL)
        continue;
      g_ptr_array_add (half->names, name);
      if (half->folder == NULL)
        half->folder = g_filename_display_name (folder);
    }
  if (testing == TESTING && counts[VALIDATION] > 0)
    note (layout,
          g_dngettext (GETTEXT_PACKAGE, "%'u picture for validation is left out: it is in neither half",
                       "%'u pictures for validation are left out: they are in neither half",
                       counts[VALIDATION]),
          counts[VALIDATION]);
  classify (train, layout->base);
  classify (test, layout->base);
  return TRUE;
}

/* Whether pictures that are not read here lie in a folder of their own beside @folder in @base: it is not all
 * there is. */
static gboolean
has_siblings (EidLayout *layout, const char *folder)
{
  for (guint i = 0; kind_of (folder) == NO_HALF && i < layout->list.others->len; i++)
    {
      const EidOther *other = layout->list.others->pdata[i];
      const char *own = lies_in (other->name, layout->base)
                            ? first_folder (behind (other->name, strlen (layout->base)))
                            : NULL;

      if (other->format != NULL && own != NULL && own != folder)
        return TRUE;
    }
  return FALSE;
}

/* Where all pictures lie in one sub-folder, takes that one: it names no class. */
static void
descend (EidLayout *layout)
{
  const char *folder;

  while ((folder = common_folder (layout->list.names, layout->base)) != NULL
         && !has_siblings (layout, folder))
    {
      g_autofree char *shown = g_filename_display_name (folder);
      char *base = below (layout->base, folder);

      if (kind_of (folder) == TRAINING)
        note (layout, _ ("There is a folder “%s” and none for testing: a tenth of it is kept for testing"),
              shown);
      else
        note (layout, _ ("All pictures lie in its folder “%s”: that one is taken"), shown);
      g_free (layout->base);
      layout->base = base;
    }
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* The classes of both halves, so that a label means the same in both. */
static void
collect_classes (EidLayout *layout)
{
  const EidLayoutHalf *halves[2] = { &layout->train, &layout->test };
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GPtrArray *classes = g_ptr_array_new ();

  for (guint h = 0; h < 2; h++)
    for (guint i = 0; halves[h]->classes != NULL && i < halves[h]->classes->len; i++)
      if (halves[h]->classes->pdata[i] != NULL && g_hash_table_add (seen, halves[h]->classes->pdata[i]))
        g_ptr_array_add (classes, g_strdup (halves[h]->classes->pdata[i]));
  g_ptr_array_sort (classes, compare_strings);
  g_ptr_array_add (classes, NULL);
  layout->classes = (char **) g_ptr_array_free (classes, classes->len == 1);
}

/* --- All of it -------------------------------------------------------------------------- */

EidLayout *
eid_layout_read (const char *root, gint64 deadline, GError **error)
{
  g_autoptr (EidLayout) layout = g_new0 (EidLayout, 1);

  layout->root = g_strdup (root);
  layout->base = g_strdup ("");
  layout->notes = g_ptr_array_new_with_free_func (g_free);
  layout->list.deadline = deadline;
  if (!eid_list_files (root, &layout->list, error))
    return NULL;
  /* What is not all there says nothing of the whole. */
  if (!layout->list.cut)
    descend (layout);
  layout->has_halves = find_halves (layout) || (!layout->list.cut && find_inner_halves (layout));
  if (!layout->has_halves)
    {
      layout->train.names = g_ptr_array_ref (layout->list.names);
      classify (&layout->train, layout->base);
    }
  collect_classes (layout);
  note_others (layout);
  return g_steal_pointer (&layout);
}

static void
half_clear (EidLayoutHalf *half)
{
  g_free (half->folder);
  g_clear_pointer (&half->names, g_ptr_array_unref);
  g_clear_pointer (&half->classes, g_ptr_array_unref);
}

void
eid_layout_free (EidLayout *layout)
{
  if (layout == NULL)
    return;
  g_free (layout->root);
  g_free (layout->base);
  eid_listing_clear (&layout->list);
  half_clear (&layout->train);
  half_clear (&layout->test);
  g_strfreev (layout->classes);
  g_ptr_array_unref (layout->notes);
  g_free (layout);
}
