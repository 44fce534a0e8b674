/* golden-model.c: models of built-in plugins with the weights of a golden file. */
#include "tests/engine/golden-model.h"
#include "tests/engine/device.h"

#include <string.h>

EidModel *
golden_model (EidRegistry *registry, const char *encoder, const char *objective, guint size, guint channels,
              guint batch, const char *const *settings)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; settings[i] != NULL; i += 2)
    g_hash_table_insert (values, (gpointer) settings[i], (gpointer) settings[i + 1]);
  EidModel *model =
      eid_model_new (test_device, registry, encoder, objective, values, size, channels, batch, 1, &error);
  g_assert_no_error (error);
  return model;
}

/* "encoder.norm.bias" as the file calls it: the file of an encoder alone has no prefix. */
static const EidSafetensor *
find_parameter (Golden *golden, const char *prefix, const char *name)
{
  if (!g_str_has_prefix (name, prefix))
    return NULL;
  return eid_safetensors_find (golden->file, name + strlen (prefix));
}

void
golden_load (Golden *golden, EidModel *model, const char *prefix)
{
  EidParameters *parameters = eid_model_parameters (model);

  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    {
      const char *name = eid_parameters_name (parameters, i);
      EidTensor *tensor = eid_parameters_tensor (parameters, i);
      const EidSafetensor *stored = find_parameter (golden, prefix, name);
      EidShape shape = eid_tensor_shape (tensor);

      if (!g_str_has_prefix (name, prefix) || (!eid_parameters_is_trained (parameters, i) && !stored))
        continue;
      if (stored == NULL)
        {
          test_complain ("PyTorch's model has no %s", name);
          continue;
        }
      g_assert_cmpuint (shape.rank, ==, stored->rank);
      for (guint axis = 0; axis < shape.rank; axis++)
        g_assert_cmpuint (shape.dim[axis], ==, stored->dim[axis]);
      eid_tensor_write (tensor, stored->data);
    }
}

void
golden_load_teacher (Golden *golden, EidModel *model)
{
  EidParameters *parameters = eid_model_parameters (model);

  eid_parameters_use_teacher (parameters, TRUE);
  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    if (eid_parameters_is_trained (parameters, i))
      {
        g_autofree char *name = g_strconcat ("teacher.", eid_parameters_name (parameters, i), NULL);
        eid_tensor_write (eid_parameters_tensor (parameters, i), golden_find (golden, name)->data);
      }
  eid_parameters_use_teacher (parameters, FALSE);
}

/* The file leaves out a gradient that is nought: what there is of it is rounding. */
static void
check_nought (const char *name, EidTensor *gradient)
{
  gsize count = eid_tensor_count (gradient);
  g_autofree float *values = test_read (gradient);
  g_autofree double *noughts = g_new0 (double, count);

  test_close_above (name, values, noughts, count, 1e-4, 1);
}

void
golden_check_model_gradients (Golden *golden, EidModel *model)
{
  EidParameters *parameters = eid_model_parameters (model);

  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    {
      const char *name = eid_parameters_name (parameters, i);
      EidTensor *tensor = eid_parameters_tensor (parameters, i);
      g_autofree char *gradient = g_strconcat ("grad.", name, NULL);

      if (!eid_parameters_is_trained (parameters, i))
        continue;
      if (eid_safetensors_find (golden->file, gradient))
        golden_check_gradient (golden, name, tensor);
      else
        check_nought (gradient, eid_tensor_gradient (tensor));
    }
}

static void
check_after (Golden *golden, EidParameters *parameters, const char *prefix)
{
  guint found = 0;

  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    {
      g_autofree char *name = g_strconcat (prefix, eid_parameters_name (parameters, i), NULL);

      if (eid_safetensors_find (golden->file, name) == NULL)
        continue;
      golden_check (golden, name, eid_parameters_tensor (parameters, i));
      found++;
    }
  g_assert_cmpuint (found, >, 0);
}

void
golden_check_after (Golden *golden, EidModel *model)
{
  EidParameters *parameters = eid_model_parameters (model);

  check_after (golden, parameters, "after.");
  if (!eid_parameters_has_teacher (parameters))
    return;
  eid_parameters_use_teacher (parameters, TRUE);
  check_after (golden, parameters, "teacher.after.");
  eid_parameters_use_teacher (parameters, FALSE);
}
