/* golden-file.c: reading a file of tests/golden and comparing with it. */
#include "tests/engine/golden.h"
#include "tests/engine/device.h"

#include <string.h>

/* --- Reading ------------------------------------------------------------- */

void
golden_open (Golden *golden, const char *name)
{
  g_autofree char *file = g_strconcat (name, ".safetensors", NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, file, NULL);
  g_autoptr (GError) error = NULL;

  golden->file = eid_safetensors_open (path, &error);
  g_assert_no_error (error);
  golden->leaves = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  eid_arena_push (test_device);
}

void
golden_close (Golden *golden)
{
  test_device_is_well ();
  eid_arena_pop (test_device);
  g_hash_table_unref (golden->leaves);
  eid_safetensors_free (golden->file);
}

const EidSafetensor *
golden_find (Golden *golden, const char *name)
{
  const EidSafetensor *stored = eid_safetensors_find (golden->file, name);
  if (stored == NULL)
    g_error ("the golden file has no %s", name);
  return stored;
}

static gsize
count_of (const EidSafetensor *stored)
{
  return stored->bytes / 4;
}

EidTensor *
golden_tensor (Golden *golden, const char *name)
{
  const EidSafetensor *stored = golden_find (golden, name);
  EidShape shape = { .rank = stored->rank };
  EidType type = g_str_equal (stored->type, "I32") ? EID_I32 : EID_F32;

  g_assert_cmpuint (stored->rank, <=, EID_MAX_RANK);
  for (guint i = 0; i < stored->rank; i++)
    shape.dim[i] = (guint) stored->dim[i];
  return eid_tensor_from_data (test_device, type, shape, stored->data);
}

EidTensor *
golden_leaf (Golden *golden, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *name = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  EidTensor *leaf = g_hash_table_lookup (golden->leaves, name);
  if (leaf == NULL)
    {
      leaf = golden_tensor (golden, name);
      eid_tensor_require_gradient (leaf);
      g_hash_table_insert (golden->leaves, g_steal_pointer (&name), leaf);
    }
  return leaf;
}

/* --- Checking ------------------------------------------------------------ */

static void
check (Golden *golden, const char *name, EidTensor *got, double tolerance, double floor)
{
  const EidSafetensor *stored = golden_find (golden, name);
  g_autofree float *expected = g_memdup2 (stored->data, stored->bytes);
  g_autofree double *wide = g_new (double, count_of (stored));

  if (got == NULL || eid_tensor_count (got) != count_of (stored))
    {
      test_complain ("%s: %s", name, got == NULL ? "there is none" : "has another size");
      return;
    }
  for (gsize i = 0; i < count_of (stored); i++)
    wide[i] = expected[i];
  g_autofree float *values = test_read (got);
  test_close_above (name, values, wide, count_of (stored), tolerance, floor);
}

void
golden_check (Golden *golden, const char *name, EidTensor *got)
{
  check (golden, name, got, 1e-5, 1e-3);
}

/* Some gradients are nothing but rounding, which grows with the loss: that of a shift before batch norm. */
void
golden_check_gradient (Golden *golden, const char *name, EidTensor *leaf)
{
  g_autofree char *stored = g_strconcat ("grad.", name, NULL);
  const EidSafetensor *loss = eid_safetensors_find (golden->file, "loss");
  float size = loss ? *(const float *) loss->data : 1;
  check (golden, stored, eid_tensor_gradient (leaf), 1e-4, 1e-2 * MAX (size, 1));
}

void
golden_check_gradients (Golden *golden)
{
  for (guint i = 0; i < eid_safetensors_count (golden->file); i++)
    {
      const char *name = eid_safetensors_get (golden->file, i)->name;
      if (!g_str_has_prefix (name, "grad."))
        continue;

      EidTensor *leaf = g_hash_table_lookup (golden->leaves, name + strlen ("grad."));
      g_assert_nonnull (leaf);
      golden_check_gradient (golden, name + strlen ("grad."), leaf);
    }
}
