/* test-survey.c: what a survey tells of folders and files, and how it refuses others. */
#include "tests/datasets/fixtures.h"

#include <string.h>

static EidSurvey *
survey (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  EidSurvey *found = eid_dataset_survey (path, &error);

  g_assert_no_error (error);
  g_assert_nonnull (found);
  return found;
}

static void
assert_refused (const char *folder, const char *name, const char *word)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (eid_dataset_survey (path, &error));
  g_assert_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE);
  fixture_says (error, word);
}

static void
write_pictures (const char *folder, const char *below, guint count, int width, int height, guint32 rgba)
{
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%02u.png", below, i);

      fixture_picture (folder, name, width, height, rgba);
    }
}

static gboolean
notes_say (const EidSurvey *found, const char *word)
{
  for (guint i = 0; i < found->notes->len; i++)
    if (strstr (g_ptr_array_index (found->notes, i), word) != NULL)
      return TRUE;
  return FALSE;
}

static void
test_sub_folders_are_classes (void)
{
  char *folder = fixture_folder ();
  g_autoptr (EidSurvey) found = NULL;

  write_pictures (folder, "cat", 3, 20, 30, 0xff0000ff);
  write_pictures (folder, "dog", 4, 40, 24, 0x00ff00ff);
  found = survey (folder, "");
  g_assert_cmpstr (found->reader, ==, "folder");
  g_assert_cmpuint (found->count, ==, 7);
  g_assert_false (found->more);
  g_assert_cmpuint (g_strv_length (found->classes), ==, 2);
  g_assert_cmpstr (found->classes[1], ==, "dog");
  g_assert_cmpuint (found->least_side, ==, 20);
  g_assert_cmpuint (found->greatest_side, ==, 24);
  g_assert_cmpuint (found->channels, ==, 3);
  g_assert_cmpuint (found->notes->len, ==, 0);
  fixture_remove (folder);
}

static void
test_only_folder_is_entered (void)
{
  char *folder = fixture_folder ();
  g_autofree char *inner = g_build_filename (folder, "photos", NULL);
  g_autoptr (EidSurvey) found = NULL;

  write_pictures (folder, "photos", 5, 16, 16, 0x808080ff);
  found = survey (folder, "");
  g_assert_cmpstr (found->path, ==, inner);
  g_assert_cmpuint (g_strv_length (found->classes), ==, 0);
  g_assert_cmpuint (found->channels, ==, 1);
  g_assert_true (notes_say (found, "photos"));
  fixture_remove (folder);
}

static void
test_halves_are_counted_together (void)
{
  char *folder = fixture_folder ();
  g_autoptr (EidSurvey) found = NULL;

  write_pictures (folder, "train/a", 3, 16, 16, 0xff0000ff);
  write_pictures (folder, "train/b", 3, 16, 16, 0xff0000ff);
  write_pictures (folder, "val/a", 2, 16, 16, 0xff0000ff);
  found = survey (folder, "");
  g_assert_cmpuint (found->count, ==, 8);
  g_assert_cmpstr (found->classes[0], ==, "a");
  g_assert_cmpuint (found->looked, ==, 6);
  fixture_remove (folder);
}

static void
test_half_without_the_other_is_split (void)
{
  char *folder = fixture_folder ();
  g_autofree char *train = g_build_filename (folder, "train", NULL);
  g_autoptr (EidSurvey) found = NULL;

  write_pictures (folder, "train", 4, 16, 16, 0xff0000ff);
  found = survey (folder, "");
  g_assert_cmpstr (found->path, ==, train);
  g_assert_true (notes_say (found, "train"));
  fixture_remove (folder);
}

static void
test_broken_pictures_are_told_of (void)
{
  char *folder = fixture_folder ();
  g_autoptr (EidSurvey) found = NULL;

  write_pictures (folder, ".", 3, 16, 16, 0xff0000ff);
  fixture_write (folder, "broken.png", "no picture", 10);
  found = survey (folder, "");
  g_assert_cmpuint (found->unreadable, ==, 1);
  g_assert_true (notes_say (found, "broken.png"));
  fixture_remove (folder);
}

static void
test_a_picture_stands_for_its_folder (void)
{
  char *folder = fixture_folder ();
  g_autoptr (EidSurvey) found = NULL;

  write_pictures (folder, ".", 3, 16, 16, 0xff0000ff);
  found = survey (folder, "00.png");
  g_assert_cmpstr (found->path, ==, folder);
  g_assert_cmpuint (found->count, ==, 3);
  fixture_remove (folder);
}

static void
test_idx_files_are_known (void)
{
  char *folder = fixture_folder ();
  g_autoptr (GByteArray) images = fixture_idx (3, (const guint32[]){ 20, 12, 12 });
  g_autoptr (GByteArray) labels = fixture_idx (1, (const guint32[]){ 20 });
  g_autoptr (EidSurvey) found = NULL;

  fixture_write (folder, "train-images-idx3-ubyte", images->data, images->len);
  fixture_write (folder, "train-labels-idx1-ubyte", labels->data, labels->len);
  fixture_write (folder, "t10k-images-idx3-ubyte", images->data, images->len);
  fixture_write (folder, "t10k-labels-idx1-ubyte", labels->data, labels->len);
  found = survey (folder, "");
  g_assert_cmpstr (found->reader, ==, "idx");
  g_assert_cmpuint (found->count, ==, 40);
  g_assert_cmpuint (found->side, ==, 12);
  g_assert_cmpuint (found->channels, ==, 1);
  g_assert_cmpuint (g_strv_length (found->classes), ==, 10);
  fixture_remove (folder);
}

static void
test_text_is_known (void)
{
  char *folder = fixture_folder ();
  GString *text = g_string_new (NULL);
  g_autoptr (EidSurvey) found = NULL;

  for (guint i = 0; i < 500; i++)
    g_string_append (text, "to be or not to be, ");
  fixture_write (folder, "hamlet.txt", text->str, text->len);
  found = survey (folder, "hamlet.txt");
  g_assert_cmpstr (found->reader, ==, "text");
  g_assert_cmpuint (found->channels, ==, 0);
  g_assert_cmpuint (found->count, ==, 10000); /* characters, not passages */
  g_string_free (text, TRUE);
  fixture_remove (folder);
}

static void
test_what_holds_nothing_is_refused (void)
{
  char *folder = fixture_folder ();

  fixture_write (folder, "empty/notes.txt", "a", 1);
  fixture_picture (folder, "one/only.png", 16, 16, 0xff0000ff);
  fixture_write (folder, "bad/a.png", "x", 1);
  fixture_write (folder, "bad/b.png", "x", 1);
  fixture_write (folder, "blob", "\0\1\2", 3);
  assert_refused (folder, "empty", "no pictures that can be read");
  assert_refused (folder, "one", "one picture");
  assert_refused (folder, "bad", "a.png");
  assert_refused (folder, "blob", "neither");
  assert_refused (folder, "gone", "no such");
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/survey/sub-folders-are-classes", test_sub_folders_are_classes);
  g_test_add_func ("/survey/only-folder-is-entered", test_only_folder_is_entered);
  g_test_add_func ("/survey/halves-are-counted-together", test_halves_are_counted_together);
  g_test_add_func ("/survey/half-without-the-other-is-split", test_half_without_the_other_is_split);
  g_test_add_func ("/survey/broken-pictures-are-told-of", test_broken_pictures_are_told_of);
  g_test_add_func ("/survey/a-picture-stands-for-its-folder", test_a_picture_stands_for_its_folder);
  g_test_add_func ("/survey/idx-files-are-known", test_idx_files_are_known);
  g_test_add_func ("/survey/text-is-known", test_text_is_known);
  g_test_add_func ("/survey/what-holds-nothing-is-refused", test_what_holds_nothing_is_refused);
  return g_test_run ();
}
