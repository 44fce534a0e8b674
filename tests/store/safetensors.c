/* safetensors.c: what is written is read back, by others too; what is broken
 * is refused and never read beyond.
 */
#include "tests/store/folder.h"

#include "app/store/store.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>

static const float weight[6] = { 1, -2, 3.5, 0, 1e-30f, 6 };
static const gint64 count[1] = { -7 };
static const guint8 bytes[3] = { 1, 2, 255 };

static const EidSafetensor tensors[] = {
  { "odd", "U8", 1, { 3 }, 3, bytes },
  { "encoder.weight", "F32", 2, { 2, 3 }, 24, weight },
  { "scalar \"ü\"\n", "I64", 0, { 0 }, 8, count },
  { "empty", "F32", 2, { 0, 5 }, 0, weight },
};

static void
write_good (const char *file)
{
  g_autoptr (GHashTable) metadata = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;

  g_hash_table_insert (metadata, (char *) "step", (char *) "1200");
  g_hash_table_insert (metadata, (char *) "note", (char *) "a \"quoted\"\nline");
  g_assert_true (eid_safetensors_write (file, tensors, G_N_ELEMENTS (tensors), metadata, &error));
  g_assert_no_error (error);
}

/* Every tensor comes back with name, type, shape and bits, aligned; so does
 * the metadata.                                                              */
static void
test_round_trip (void)
{
  char *folder = test_folder_new ();
  g_autofree char *file = test_file (folder, "a.safetensors");
  g_autoptr (GError) error = NULL;
  g_autoptr (EidSafetensors) read = NULL;

  write_good (file);
  read = eid_safetensors_open (file, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (eid_safetensors_count (read), ==, G_N_ELEMENTS (tensors));
  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++)
    {
      const EidSafetensor *tensor = eid_safetensors_find (read, tensors[i].name);

      g_assert_nonnull (tensor);
      g_assert_cmpstr (tensor->type, ==, tensors[i].type);
      g_assert_cmpuint (tensor->rank, ==, tensors[i].rank);
      g_assert_cmpmem (tensor->dim, tensor->rank * sizeof (guint64), tensors[i].dim,
                       tensors[i].rank * sizeof (guint64));
      g_assert_cmpmem (tensor->data, tensor->bytes, tensors[i].data, tensors[i].bytes);
    }
  g_assert_cmpuint ((gsize) eid_safetensors_find (read, "scalar \"ü\"\n")->data % 8, ==, 0);
  g_assert_cmpuint ((gsize) eid_safetensors_find (read, "encoder.weight")->data % 4, ==, 0);
  g_assert_cmpstr (eid_safetensors_metadata (read, "step"), ==, "1200");
  g_assert_cmpstr (eid_safetensors_metadata (read, "note"), ==, "a \"quoted\"\nline");
  g_assert_null (eid_safetensors_metadata (read, "other"));
  g_assert_null (eid_safetensors_find (read, "other"));
  test_folder_remove (folder);
}

/* A file without tensors is a file. */
static void
test_nothing (void)
{
  char *folder = test_folder_new ();
  g_autofree char *file = test_file (folder, "a.safetensors");
  g_autoptr (EidSafetensors) read = NULL;

  g_assert_true (eid_safetensors_write (file, NULL, 0, NULL, NULL));
  read = eid_safetensors_open (file, NULL);
  g_assert_nonnull (read);
  g_assert_cmpuint (eid_safetensors_count (read), ==, 0);
  test_folder_remove (folder);
}

/* Python's own reader agrees on every value and on the metadata. */
static void
test_python (void)
{
  const char *script =
      "import sys\n"
      "try:\n"
      "  from safetensors import safe_open\n"
      "  import numpy\n"
      "except ImportError:\n"
      "  sys.exit (77)\n"
      "with safe_open (sys.argv[1], 'np') as f:\n"
      "  assert sorted (f.keys ()) == ['empty', 'encoder.weight', 'odd', 'scalar \"ü\"\\n'], f.keys ()\n"
      "  w = f.get_tensor ('encoder.weight')\n"
      "  assert w.dtype == numpy.float32 and w.shape == (2, 3), w\n"
      "  assert w.flatten ().tolist ()[:4] == [1, -2, 3.5, 0], w\n"
      "  assert f.get_tensor ('odd').tolist () == [1, 2, 255]\n"
      "  assert f.get_tensor ('scalar \"ü\"\\n').tolist () == -7\n"
      "  assert f.get_tensor ('empty').shape == (0, 5)\n"
      "  assert f.metadata () == {'step': '1200', 'note': 'a \"quoted\"\\nline'}, f.metadata ()\n";
  g_autofree char *python = g_find_program_in_path ("python3");
  char *folder = test_folder_new ();
  g_autofree char *file = test_file (folder, "a.safetensors");
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  write_good (file);
  if (python != NULL)
    {
      process = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, python, "-c", script, file, NULL);
      g_assert_no_error (error);
      g_assert_true (g_subprocess_wait (process, NULL, NULL));
    }
  if (process == NULL
      || (g_subprocess_get_if_exited (process) && g_subprocess_get_exit_status (process) == 77))
    g_test_skip ("python3 with safetensors and numpy is not installed");
  else
    g_assert_true (g_subprocess_get_successful (process));
  test_folder_remove (folder);
}

/* A file with @header and @length zero bytes of data behind it. */
static char *
make_file (const char *folder, const char *header, gsize length)
{
  g_autoptr (GString) contents = g_string_new (NULL);
  guint64 size = GUINT64_TO_LE ((guint64) strlen (header));

  g_string_append_len (contents, (const char *) &size, sizeof size);
  g_string_append (contents, header);
  for (gsize i = 0; i < length; i++)
    g_string_append_c (contents, '\0');
  return test_file_new (folder, "case.safetensors", contents->str, contents->len);
}

#define A "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"

/* Headers that lie are refused with the reason. */
static void
test_bad_headers (void)
{
  static const struct
  {
    const char *header;
    gsize length;
    const char *said; /* NULL: this one is sound */
  } cases[] = {
    { "{" A "}", 8, NULL },
    { "{" A "}   ", 8, NULL },
    { "{}", 0, NULL },
    { "{\"\\u00e9\\n\\ud83d\\ude00\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, NULL },
    { "{\"a\\600\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "not the JSON" },
    { "{\"a\\x41\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "not the JSON" },
    { "{\"a\\u0000\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "not the JSON" },
    { "{\"a\\ud83d\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "not the JSON" },
    { "{\"a\\ude00\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "not the JSON" },
    { "{" A "}", 7, "outside of the file" },
    { "{" A "}", 9, "no tensor claims" },
    { "{" A "," A "}", 8, "twice" },
    { "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "twice" },
    { "{\"__metadata__\":{\"k\":\"v\",\"k\":\"w\"}}", 0, "twice" },
    { "{" A ",\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12, "overlaps" },
    { "{" A ",\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "overlaps" },
    { "{" A ",\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[12,20]}}", 20, "no tensor claims" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8, "does not fit" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8, "outside of the file" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}", 8, "outside of the file" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,18446744073709551624]}}", 8,
      "outside of the file" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", 8, "data_offsets" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8.5]}}", 8, "outside of the file" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8, "whole numbers" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[\"2\"],\"data_offsets\":[0,8]}}", 8, "whole numbers" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[null],\"data_offsets\":[0,8]}}", 8, "whole numbers" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,2],\"data_offsets\":[0,8]}}", 8,
      "does not fit" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387906],\"data_offsets\":[0,8]}}", 8,
      "does not fit" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,2],\"data_offsets\":[0,8]}}", 8, "9 dimensions" },
    { "{\"a\":{\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8, "C64" },
    { "{\"a\":{\"dtype\":4,\"shape\":[1],\"data_offsets\":[0,8]}}", 8, "dtype" },
    { "{\"a\":{\"shape\":[1],\"data_offsets\":[0,8]}}", 8, "dtype" },
    { "{\"a\":5}", 8, "dtype" },
    { "{\"__metadata__\":{\"k\":5}}", 0, "not a text" },
    { "{\"__metadata__\":[]}", 0, "not an object" },
    { "[]", 0, "not a JSON object" },
    { "", 0, "JSON" },
    { "   ", 0, "JSON" },
    { "{\"a\":", 0, "JSON" },
    { "{\"a\":[[[[1]]]]}", 0, "JSON" },
    { "/* \" */ [[[[1]]]] /* \" */", 0, "JSON" },
    { "{'a':5}", 0, "JSON" },
    { "{\"\xff\":5}", 0, "JSON" },
    { "]]]]", 0, "JSON" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char *folder = test_folder_new ();
      g_autofree char *file = make_file (folder, cases[i].header, cases[i].length);
      g_autoptr (GError) error = NULL;
      g_autoptr (EidSafetensors) read = eid_safetensors_open (file, &error);
      g_autofree char *shown = g_strescape (cases[i].header, NULL);

      g_test_message ("%s -> %s", shown, error != NULL ? error->message : "accepted");
      if (cases[i].said == NULL)
        g_assert_no_error (error);
      else
        {
          g_assert_null (read);
          g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_CORRUPT);
          g_assert_nonnull (strstr (error->message, cases[i].said));
        }
      test_folder_remove (folder);
    }
}

/* A header of a million brackets does not exhaust the stack. */
static void
test_deep_header (void)
{
  char *folder = test_folder_new ();
  g_autofree char *brackets = g_strnfill (1000000, '[');
  g_autofree char *file = make_file (folder, brackets, 0);
  g_autoptr (GError) error = NULL;

  g_assert_null (eid_safetensors_open (file, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_CORRUPT);
  test_folder_remove (folder);
}

/* What is no such file at all: too short, a folder, a device, not there. */
static void
test_no_file (void)
{
  char *folder = test_folder_new ();
  g_autofree char *empty = test_file_new (folder, "empty", "", 0);
  g_autofree char *brief = test_file_new (folder, "brief", "\1\0\0", 3);
  g_autofree char *far = test_file_new (folder, "far", "\377\377\377\377\377\377\377\377{}", 10);
  g_autofree char *none = test_file (folder, "none");
  const char *files[] = { empty, brief, far, folder, "/dev/zero", none };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GError) error = NULL;
      int code = files[i] == none ? EID_STORE_ERROR_IO : EID_STORE_ERROR_CORRUPT;

      g_assert_null (eid_safetensors_open (files[i], &error));
      g_assert_error (error, EID_STORE_ERROR, code);
      g_test_message ("%s", error->message);
    }
  test_folder_remove (folder);
}

/* However a file is damaged: an error, or tensors that lie within it. */
static void
test_damaged (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20260102);
  char *folder = test_folder_new ();
  g_autofree char *good = test_file (folder, "good.safetensors");
  g_autofree char *contents = NULL;
  guint refused = 0, sum = 0;
  guint64 header;
  gsize length;

  write_good (good);
  g_assert_true (g_file_get_contents (good, &contents, &length, NULL));
  memcpy (&header, contents, 8);
  header = GUINT64_FROM_LE (header);
  for (guint round = 0; round < 2000; round++)
    {
      g_autofree char *damaged = g_memdup2 (contents, length);
      gsize size = round % 4 == 0 ? (gsize) g_rand_int_range (random, 0, length) : length;
      guint changes = round % 4 == 0 ? 0 : g_rand_int_range (random, 1, 4);
      g_autofree char *file = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (EidSafetensors) read = NULL;

      for (guint i = 0; i < changes; i++)
        {
          gsize place = g_rand_int_range (random, round % 16 == 1 ? 0 : 8, 8 + (gint) header);

          damaged[place] = round % 2 == 0 ? (char) g_rand_int_range (random, 0, 256)
                                          : "{}[]:,\"0123456789-eE\\ "[g_rand_int_range (random, 0, 22)];
        }
      file = test_file_new (folder, "damaged.safetensors", damaged, size);
      read = eid_safetensors_open (file, &error);
      g_assert_true ((read == NULL) == (error != NULL));
      refused += read == NULL;
      for (guint i = 0; read != NULL && i < eid_safetensors_count (read); i++)
        {
          const EidSafetensor *tensor = eid_safetensors_get (read, i);

          g_assert_cmpuint (tensor->bytes, <=, size);
          for (guint64 j = 0; j < tensor->bytes; j++)
            sum += ((const guint8 *) tensor->data)[j];
        }
    }
  g_test_message ("%u of 2000 refused, sum %u", refused, sum);
  g_assert_cmpuint (refused, >, 1000);
  g_assert_cmpuint (refused, <, 2000);
  test_folder_remove (folder);
}

/* Tensors that would make a bad file are not written. */
static void
test_bad_tensors (void)
{
  static const EidSafetensor bad[][2] = {
    { { "a", "F32", 1, { 2 }, 8, weight }, { "a", "F32", 1, { 2 }, 8, weight } },
    { { "a", "F32", 1, { 2 }, 8, weight }, { "b", "F32", 1, { 2 }, 4, weight } },
    { { "a", "F32", 1, { 2 }, 8, weight }, { "b", "F31", 1, { 2 }, 8, weight } },
    { { "a", "F32", 1, { 2 }, 8, weight }, { "__metadata__", "F32", 1, { 2 }, 8, weight } },
    { { "a", "F32", 1, { 2 }, 8, weight }, { "\xff", "F32", 1, { 2 }, 8, weight } },
    { { "a", "F32", 1, { 2 }, 8, weight }, { "b", "F32", 9, { 2 }, 8, weight } },
  };
  char *folder = test_folder_new ();
  g_autofree char *file = test_file (folder, "a.safetensors");

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (eid_safetensors_write (file, bad[i], 2, NULL, &error));
      g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_CORRUPT);
      g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
    }
  test_folder_remove (folder);
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint files = 0;

  while (g_dir_read_name (dir) != NULL)
    files++;
  return files;
}

/* When the disk is full the old file stays and nothing else is left behind. */
static void
test_full_disk (void)
{
  char *folder = test_folder_new ();
  g_autofree char *file = test_file (folder, "a.safetensors");
  g_autofree char *nowhere = test_file (folder, "none/a.safetensors");
  g_autofree float *large = g_new0 (float, 1 << 20);
  EidSafetensor tensor = { (char *) "large", "F32", 1, { 1 << 20 }, 4 << 20, large };
  struct rlimit before, limit;
  g_autoptr (GError) error = NULL;
  g_autoptr (EidSafetensors) read = NULL;

  write_good (file);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = 1 << 20;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_false (eid_safetensors_write (file, &tensor, 1, NULL, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "--out"));
  g_assert_cmpuint (count_files (folder), ==, 1);
  read = eid_safetensors_open (file, NULL);
  g_assert_nonnull (read);
  g_assert_nonnull (eid_safetensors_find (read, "odd"));
  g_clear_error (&error);

  g_assert_false (eid_safetensors_write (nowhere, tensors, 1, NULL, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO);
  test_folder_remove (folder);
}

/* --- Numbers ----------------------------------------------------------------- */

static const struct
{
  const char *type;
  guint8 data[8]; /* little-endian */
  guint bytes;
  float value;
} numbers[] = {
  { "F16", { 0x00, 0x3c }, 2, 1 },
  { "F16", { 0x00, 0xc1 }, 2, -2.5f },
  { "F16", { 0xff, 0x7b }, 2, 65504 },
  { "F16", { 0x00, 0x04 }, 2, 6.103515625e-05f },   /* the smallest with a leading one */
  { "F16", { 0x01, 0x80 }, 2, -5.9604644775e-08f }, /* and the smallest */
  { "F16", { 0x00, 0x7c }, 2, INFINITY },
  { "F16", { 0x00, 0x7e }, 2, NAN },
  { "BF16", { 0x80, 0x3f }, 2, 1 },
  { "BF16", { 0x49, 0xc0 }, 2, -3.140625f },
  { "BF16", { 0x80, 0xff }, 2, -INFINITY },
  { "BF16", { 0x01, 0x00 }, 2, 9.183549615799121e-41f },
  { "F32", { 0x00, 0x00, 0x60, 0x40 }, 4, 3.5f },
  { "F64", { 0, 0, 0, 0, 0, 0, 0xf8, 0xbf }, 8, -1.5f },
};

/* Weights of any width are floats of the same value; whole numbers are none. */
static void
test_numbers (void)
{
  const EidSafetensor whole = { "w", "I32", 1, { 1 }, 4, numbers[0].data };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      EidSafetensor tensor = { "x", "", 1, { 1 }, numbers[i].bytes, numbers[i].data };
      g_autofree float *value = NULL;

      g_strlcpy (tensor.type, numbers[i].type, sizeof tensor.type);
      value = eid_safetensor_floats (&tensor, NULL);
      g_assert_nonnull (value);
      if (isnan (numbers[i].value))
        g_assert_true (isnan (value[0]));
      else
        g_assert_cmpfloat (value[0], ==, numbers[i].value);
    }
  g_assert_null (eid_safetensor_floats (&whole, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/safetensors/round-trip", test_round_trip);
  g_test_add_func ("/store/safetensors/nothing", test_nothing);
  g_test_add_func ("/store/safetensors/python", test_python);
  g_test_add_func ("/store/safetensors/bad-headers", test_bad_headers);
  g_test_add_func ("/store/safetensors/deep-header", test_deep_header);
  g_test_add_func ("/store/safetensors/no-file", test_no_file);
  g_test_add_func ("/store/safetensors/damaged", test_damaged);
  g_test_add_func ("/store/safetensors/bad-tensors", test_bad_tensors);
  g_test_add_func ("/store/safetensors/numbers", test_numbers);
  g_test_add_func ("/store/safetensors/full-disk", test_full_disk);
  return test_run_isolated ();
}
