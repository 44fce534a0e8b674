/* artefacts.c: what plugins publish, copied to the host for whoever watches. */

#include "plugins/kit/private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static float *
copy_out (EidTensor *tensor)
{
  float *values = g_new (float, eid_tensor_count (tensor));

  eid_tensor_read (tensor, values);
  return values;
}

gboolean
eid_watched (EidStep *step)
{
  return step->artefacts != NULL;
}

/* Whether the three are of the same pictures, and the mask of the encoder's patches. */
static gboolean
fits_images (EidStep *step, EidTensor *images, EidTensor *mask, EidTensor *reconstruction)
{
  const EidModel *model = step->model;
  const guint patch = model->patch;
  const guint patches = patch ? (eid_dim (images, 1) / patch) * (eid_dim (images, 2) / patch) : 0;

  if (eid_shape_equal (eid_tensor_shape (images), eid_tensor_shape (reconstruction))
      && eid_dim (mask, 0) == eid_dim (images, 0) && eid_dim (mask, 1) == patches)
    return TRUE;
  eid_device_fail (
      model->device, EID_ERROR_USAGE,
      _ ("The plugin “%s” gave eid_publish_reconstruction() pictures, a mask and a "
         "reconstruction that do not belong together: [B, H, W, C], [B, %u] and [B, H, W, C] were "
         "expected."),
      model->objective.descriptor->id, patches);
  return FALSE;
}

void
eid_publish_reconstruction (EidStep *step, EidTensor *images, EidTensor *mask, EidTensor *reconstruction)
{
  EidArtefacts *artefacts = step->artefacts;

  if (artefacts == NULL || !(step->watched & EID_SHOW_RECONSTRUCTION) || artefacts->images)
    return;
  if (!eid_published (step, "eid_publish_reconstruction", images, 4, "[B, H, W, C]")
      || !eid_published (step, "eid_publish_reconstruction", reconstruction, 4, "[B, H, W, C]")
      || !eid_published (step, "eid_publish_reconstruction", mask, 2, "[B, N]")
      || !fits_images (step, images, mask, reconstruction))
    return;
  artefacts->batch = eid_dim (images, 0);
  artefacts->height = eid_dim (images, 1);
  artefacts->width = eid_dim (images, 2);
  artefacts->channels = eid_dim (images, 3);
  artefacts->patch = step->model->patch;
  artefacts->images = copy_out (images);
  artefacts->mask = copy_out (mask);
  artefacts->reconstruction = copy_out (reconstruction);
}

void
eid_publish_standardised (EidStep *step)
{
  if (step->artefacts != NULL)
    step->artefacts->standardised = TRUE;
}

/* Whether all layers are of one shape, and the extra tokens among theirs. */
static gboolean
fits_layers (EidStep *step, guint extra_tokens, EidTensor *probabilities)
{
  const EidArtefacts *before = step->artefacts;
  const guint tokens = eid_dim (probabilities, 2);
  g_autofree char *shape = NULL;

  if (tokens == eid_dim (probabilities, 3) && extra_tokens <= tokens
      && (before->layers == 0
          || (before->batch == eid_dim (probabilities, 0) && before->heads == eid_dim (probabilities, 1)
              && before->tokens == tokens && before->extra_tokens == extra_tokens)))
    return TRUE;
  shape = eid_shape_to_string (eid_tensor_shape (probabilities));
  eid_device_fail (
      step->model->device, EID_ERROR_USAGE,
      _ ("The plugin “%s” gave eid_publish_attention() weights of shape %s with %u extra tokens; "
         "[B, heads, N, N] was expected, of the same shape in every layer, with up to N extra "
         "tokens."),
      step->model->encoder.descriptor->id, shape, extra_tokens);
  return FALSE;
}

void
eid_publish_attention (EidStep *step, guint layer, guint extra_tokens, EidTensor *probabilities)
{
  EidArtefacts *artefacts = step->artefacts;

  if (artefacts == NULL || !(step->watched & EID_SHOW_ATTENTION) || layer != artefacts->layers
      || !eid_published (step, "eid_publish_attention", probabilities, 4, "[B, heads, N, N]")
      || !fits_layers (step, extra_tokens, probabilities))
    return;
  artefacts->batch = eid_dim (probabilities, 0);
  artefacts->heads = eid_dim (probabilities, 1);
  artefacts->tokens = eid_dim (probabilities, 2);
  artefacts->extra_tokens = extra_tokens;
  artefacts->patch = step->model->patch;
  artefacts->attention = g_renew (float *, artefacts->attention, layer + 1);
  artefacts->attention[layer] = copy_out (probabilities);
  artefacts->layers = layer + 1;
}

/* --- Numbers ------------------------------------------------------------------------- */

static void
add_scalar (EidArtefacts *artefacts, const char *name, double value)
{
  if (artefacts->scalar_count < EID_MOST_SCALARS)
    artefacts->scalars[artefacts->scalar_count++] = (EidScalar){ g_intern_string (name), value };
}

static gboolean
scalars_watched (EidStep *step)
{
  return step->artefacts != NULL && (step->watched & EID_SHOW_SCALARS);
}

/* Its name becomes a row of run.db and a title on screen. */
static gboolean
is_named (EidStep *step, const char *name)
{
  enum
  {
    MOST_LETTERS = 64
  };

  if (name != NULL && *name != '\0' && strlen (name) <= MOST_LETTERS && g_utf8_validate (name, -1, NULL))
    return TRUE;
  eid_device_fail (step->model->device, EID_ERROR_USAGE,
                   _ ("The plugin “%s” publishes a number without a name: 1 to %d bytes of UTF-8 were "
                      "expected."),
                   (step->in_encoder ? step->model->encoder : step->model->objective).descriptor->id,
                   MOST_LETTERS);
  return FALSE;
}

void
eid_publish_scalar (EidStep *step, const char *name, EidTensor *value)
{
  if (scalars_watched (step) && is_named (step, name)
      && eid_published (step, "eid_publish_scalar", value && eid_tensor_count (value) == 1 ? value : NULL, 1,
                        "[1]"))
    add_scalar (step->artefacts, name, (double) eid_tensor_scalar (value));
}

void
eid_publish_similarity (EidStep *step, const char *name, EidTensor *a, EidTensor *b)
{
  EidTensor *cosines;

  if (!scalars_watched (step) || !is_named (step, name)
      || !eid_published (step, "eid_publish_similarity", a, 2, "[M, D]")
      || !eid_published (step, "eid_publish_similarity", b, 2, "[M, D]"))
    return;
  cosines = eid_mul (eid_normalize (a), eid_normalize (b));
  eid_publish_scalar (step, name, eid_scale (eid_sum (cosines), 1.0f / eid_dim (a, 0)));
}

void
eid_publish_projections (EidStep *step, EidTensor *z)
{
  EidTensor *centred, *deviations;
  double variance, squares;

  if (!scalars_watched (step) || !eid_published (step, "eid_publish_projections", z, 2, "[M, D]"))
    return;
  z = eid_normalize (z);
  centred = eid_sub (z, eid_mean_axis (z, 0, NULL));
  deviations = eid_sqrt (eid_mean_axis (eid_square (centred), 0, NULL)); /* [D] */
  add_scalar (step->artefacts, "projection-std",
              (double) eid_tensor_scalar (eid_mean (deviations)) * sqrt (eid_dim (z, 1)));
  /* Products of rows have the covariance's trace and norm, and are fewer. */
  variance = (double) eid_tensor_scalar (eid_sum (eid_square (centred)));
  squares = (double) eid_tensor_scalar (eid_sum (eid_square (eid_matmul (centred, FALSE, centred, TRUE))));
  add_scalar (step->artefacts, "projection-dimensions", squares > 0 ? variance * variance / squares : 0);
}

/* -sum p log p of @count numbers. */
static double
entropy (const float *p, guint count)
{
  double sum = 0;

  for (guint i = 0; i < count; i++)
    if (p[i] > 0)
      sum -= (double) p[i] * log ((double) p[i]);
  return sum;
}

static guint
largest (const float *values, guint count)
{
  guint found = 0;

  for (guint i = 1; i < count; i++)
    if (values[i] > values[found])
      found = i;
  return found;
}

static gboolean
fits_teacher (EidStep *step, EidTensor *teacher, EidTensor *student)
{
  g_autofree char *of_teacher = NULL, *of_student = NULL;

  if (eid_shape_equal (eid_tensor_shape (teacher), eid_tensor_shape (student)))
    return TRUE;
  of_teacher = eid_shape_to_string (eid_tensor_shape (teacher));
  of_student = eid_shape_to_string (eid_tensor_shape (student));
  eid_device_fail (step->model->device, EID_ERROR_USAGE,
                   _ ("The plugin “%s” gave eid_publish_assignments() a teacher of shape %s and a student of "
                      "shape %s; both must be [M, K]."),
                   step->model->objective.descriptor->id, of_teacher, of_student);
  return FALSE;
}

void
eid_publish_assignments (EidStep *step, EidTensor *teacher, EidTensor *student, float temperature)
{
  g_autofree float *p = NULL;
  guint rows, classes;
  float *uses, *mass;
  double sum = 0;

  if (!scalars_watched (step) || step->artefacts->use
      || !eid_published (step, "eid_publish_assignments", teacher, 2, "[M, K]")
      || (student && !eid_published (step, "eid_publish_assignments", student, 2, "[M, K]"))
      || (student && !fits_teacher (step, teacher, student)))
    return;
  rows = eid_dim (teacher, 0);
  classes = eid_dim (teacher, 1);
  p = copy_out (eid_cast (teacher, EID_F32));
  step->artefacts->use = uses = g_new0 (float, classes);
  step->artefacts->mass = mass = g_new0 (float, classes);
  step->artefacts->prototypes = classes;
  step->artefacts->assigned = rows;
  for (guint row = 0; row < rows; row++)
    {
      const float *line = p + (gsize) row * classes;

      sum += entropy (line, classes) / rows;
      uses[largest (line, classes)] += 1.0f / rows;
      for (guint k = 0; k < classes; k++)
        mass[k] += line[k] / rows;
    }
  add_scalar (step->artefacts, "teacher-entropy", sum);
  add_scalar (step->artefacts, "prototype-use", exp (entropy (uses, classes)));
  if (student)
    {
      g_autofree float *q = copy_out (eid_softmax (eid_scale (student, 1 / temperature)));
      double cross = 0;

      for (gsize i = 0; i < (gsize) rows * classes; i++)
        if (p[i] > 0)
          cross -= (double) p[i] * log (MAX ((double) q[i], 1e-30)) / rows;
      add_scalar (step->artefacts, "teacher-kl", MAX (0, cross - sum));
    }
}

void
eid_artefacts_free (EidArtefacts *artefacts)
{
  if (artefacts == NULL)
    return;
  for (guint i = 0; i < artefacts->layers; i++)
    g_free (artefacts->attention[i]);
  g_free (artefacts->attention);
  g_free (artefacts->use);
  g_free (artefacts->mass);
  g_free (artefacts->images);
  g_free (artefacts->mask);
  g_free (artefacts->reconstruction);
  g_clear_pointer (&artefacts->own, g_ptr_array_unref);
  g_free (artefacts);
}
