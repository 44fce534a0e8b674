/* attention.c: the attention of all layers and heads, of the trained
 * weights and of their teacher's, and what is read from it; see compute.h.      */
#include "app/engine/views/compute.h"

#include <glib/gi18n-lib.h>
#include <string.h>

gboolean
eid_can_show_attention (EidSetup *setup)
{
  return (eid_model_encoder (setup->model)->abilities & EID_CAN_ATTENTION) != 0
         && eid_model_patch (setup->model) > 0;
}

gboolean
eid_has_teacher (EidSetup *setup)
{
  return eid_model_objective (setup->model)->teacher;
}

static gboolean
fail_no_attention (EidSetup *setup, GError **error)
{
  g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
               _ ("%s has no attention to show: choose a transformer as encoder."),
               eid_plugin_title (eid_model_encoder (setup->model)));
  return FALSE;
}

/* What the blocks publish, with the teacher's weights in place if asked. */
static EidArtefacts *
gather (EidSetup *setup, const EidPictures *pictures, gboolean teacher, GError **error)
{
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  EidParameters *parameters = eid_model_parameters (setup->model);
  EidArtefacts *artefacts;

  if (teacher)
    eid_parameters_use_teacher (parameters, TRUE);
  eid_arena_push (setup->device);
  artefacts = eid_model_show (setup->model, eid_setup_plain_views (setup, pictures->pixels, pictures->count),
                              EID_SHOW_ATTENTION, 0);
  eid_arena_pop (setup->device);
  if (teacher)
    eid_parameters_use_teacher (parameters, FALSE);
  eid_set_recording (setup->device, was_recording);
  if (eid_device_check (setup->device, error) && artefacts != NULL)
    return artefacts;
  g_clear_pointer (&artefacts, eid_artefacts_free);
  if (error != NULL && *error == NULL)
    g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("The model could not be looked into."));
  return NULL;
}

static gboolean
gather_all (EidSetup *setup, const EidPictures *pictures, EidWhose whose, EidAttentionView *view,
            GError **error)
{
  const EidArtefacts *any;

  if ((whose & EID_OF_STUDENT) && (view->student = gather (setup, pictures, FALSE, error)) == NULL)
    return FALSE;
  if ((whose & EID_OF_TEACHER) && (view->teacher = gather (setup, pictures, TRUE, error)) == NULL)
    return FALSE;
  any = view->student != NULL ? view->student : view->teacher;
  view->extra = any->extra_tokens;
  view->class_token = any->class_token && any->extra_tokens > 0;
  view->tokens = any->tokens;
  view->layers = any->layers;
  view->heads = any->heads;
  return (view->layers > 0 && view->tokens == view->extra + view->grid * view->grid)
         || fail_no_attention (setup, error);
}

EidAttentionView *
eid_show_attention (EidSetup *setup, const EidPictures *pictures, EidWhose whose, GError **error)
{
  g_autoptr (EidAttentionView) view = g_new0 (EidAttentionView, 1);

  g_return_val_if_fail (whose != 0, NULL);
  if (!eid_can_show_attention (setup))
    {
      fail_no_attention (setup, error);
      return NULL;
    }
  if ((whose & EID_OF_TEACHER) && !eid_has_teacher (setup))
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("%s has no teacher: it trains one network alone. Look at the student."),
                   eid_plugin_title (eid_model_objective (setup->model)));
      return NULL;
    }

  view->count = pictures->count;
  view->size = eid_dataset_size (setup->test);
  view->channels = setup->channels;
  view->grid = setup->size / eid_model_patch (setup->model);
  if (!gather_all (setup, pictures, whose, view, error))
    return NULL;
  view->images = g_memdup2 (pictures->pixels, (gsize) view->count * view->size * view->size * view->channels);
  view->labels = g_strdupv (pictures->labels);
  return g_steal_pointer (&view);
}

gint
eid_attention_layer (const EidAttentionView *view, gint layer, gint head, GError **error)
{
  const gint chosen = layer < 0 ? layer + (gint) view->layers : layer;

  if (chosen >= 0 && (guint) chosen < view->layers && head >= -1 && head < (gint) view->heads)
    return chosen;
  g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
               _ ("There is no layer %d, head %d: the encoder has layers 0 to %u with heads 0 to %u."), layer,
               head, view->layers - 1, view->heads - 1);
  return -1;
}

void
eid_attention_map (const EidAttentionView *view, const EidArtefacts *of, guint picture, guint layer,
                   gint head, float *map)
{
  const gsize square = (gsize) view->tokens * view->tokens;
  const float *heads = of->attention[layer] + picture * view->heads * square;

  if (head >= 0)
    {
      memcpy (map, heads + (gsize) head * square, square * sizeof (float));
      return;
    }
  memset (map, 0, square * sizeof (float));
  for (guint i = 0; i < view->heads; i++)
    for (gsize j = 0; j < square; j++)
      map[j] += heads[i * square + j] / (float) view->heads;
}

void
eid_attention_rollout (const EidAttentionView *view, const EidArtefacts *of, guint picture, guint layer,
                       gint query, double *row)
{
  const guint tokens = view->tokens, patches = tokens - view->extra;
  g_autofree float *map = g_new (float, (gsize) tokens *tokens);
  g_autofree double *next = g_new (double, tokens);

  for (guint i = 0; i < tokens; i++)
    row[i] = query >= 0 ? i == (guint) query : i >= view->extra ? 1.0 / patches : 0;
  /* One row goes back through the layers; their whole product is not needed. */
  for (guint l = layer + 1; l-- > 0;)
    {
      eid_attention_map (view, of, picture, l, -1, map);
      for (guint j = 0; j < tokens; j++)
        next[j] = row[j] / 2;
      for (guint i = 0; i < tokens; i++)
        for (guint j = 0; j < tokens; j++)
          next[j] += row[i] / 2 * (double) map[(gsize) i * tokens + j];
      memcpy (row, next, tokens * sizeof (double));
    }
}

void
eid_attention_view_free (EidAttentionView *view)
{
  if (view == NULL)
    return;
  g_free (view->images);
  eid_artefacts_free (view->student);
  eid_artefacts_free (view->teacher);
  g_strfreev (view->labels);
  g_free (view);
}
