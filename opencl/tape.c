/* tape.c: arenas, the record of what was computed, and the walk back over it. */

#include "private.h"

#include <glib/gi18n-lib.h>

static EidArena *
current_arena (EidDevice *device)
{
  return device->arenas->len ? device->arenas->pdata[device->arenas->len - 1] : NULL;
}

void
eid_arena_push (EidDevice *device)
{
  EidArena *arena = g_new0 (EidArena, 1);

  arena->tensors = g_ptr_array_new ();
  arena->nodes = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (device->arenas, arena);
}

void
eid_arena_pop (EidDevice *device)
{
  EidArena *arena = current_arena (device);

  g_return_if_fail (arena != NULL);
  g_ptr_array_set_size (device->arenas, device->arenas->len - 1);
  /* Gradients that lie in the arena go with it; a leaf owns its own. */
  for (guint i = 0; i < arena->tensors->len; i++)
    {
      EidTensor *tensor = arena->tensors->pdata[i];

      if (tensor->gradient && tensor->gradient->in_arena)
        tensor->gradient = NULL;
    }
  for (guint i = 0; i < arena->tensors->len; i++)
    {
      EidTensor *tensor = arena->tensors->pdata[i];

      tensor->in_arena = FALSE;
      eid_tensor_free (tensor);
    }
  g_ptr_array_unref (arena->tensors);
  g_ptr_array_unref (arena->nodes);
  g_free (arena);
}

gboolean
eid_set_recording (EidDevice *device, gboolean recording)
{
  gboolean before = device->recording;

  device->recording = recording;
  return before;
}

void
eid_set_finite_check (EidDevice *device, gboolean check)
{
  device->finite_check = check;
}

EidNode *
eid_record (EidTensor *output, const char *operation, void (*backward) (EidNode *), EidTensor *const *inputs,
            guint n_inputs)
{
  EidDevice *device = output->device;
  EidArena *arena = current_arena (device);
  gboolean wanted = FALSE;
  EidNode *node;

  if (device->finite_check)
    eid_check_finite (output, operation);
  for (guint i = 0; i < n_inputs; i++)
    wanted |= inputs[i] && inputs[i]->needs_gradient;
  if (!wanted || !device->recording || arena == NULL || backward == NULL || !eid_device_ok (device))
    return NULL;

  g_assert (n_inputs <= EID_NODE_INPUTS);
  node = g_new0 (EidNode, 1);
  node->backward = backward;
  node->operation = operation;
  node->output = output;
  for (guint i = 0; i < n_inputs; i++)
    node->inputs[i] = inputs[i];
  output->needs_gradient = TRUE;
  g_ptr_array_add (arena->nodes, node);
  return node;
}

EidTensor *
eid_gradient_of (EidTensor *x, gint *accumulate)
{
  *accumulate = TRUE;
  if (x == NULL || !x->needs_gradient)
    return NULL;
  if (x->parameters)
    eid_parameters_make_gradients (x->parameters);
  if (x->gradient == NULL)
    {
      /* A leaf's gradient outlives the arena it was computed in. */
      x->gradient = x->is_leaf ? eid_scratch_of (x->device, x->type, x->shape, _ ("A gradient"))
                               : eid_output (x->device, _ ("A gradient"), x->type, x->shape);
      *accumulate = FALSE;
    }
  else if (x->gradient_is_old)
    {
      x->gradient_is_old = FALSE;
      *accumulate = FALSE;
    }
  else if (x->gradient->buffer && x->gradient->buffer->uses > 1 && !x->is_leaf)
    {
      /* Others still read what eid_pass_gradient() let them share. */
      EidBuffer *shared = x->gradient->buffer;
      EidTensor before = *x->gradient;

      x->gradient->buffer =
          eid_buffer_new (x->device, eid_tensor_count (x) * eid_type_size (x->type), _ ("A gradient"));
      eid_add_scaled (x->gradient, &before, 1, FALSE);
      eid_buffer_release (shared);
    }
  return x->gradient;
}

void
eid_pass_gradient (EidTensor *x, EidTensor *dy)
{
  gint accumulate;

  if (x == NULL || !x->needs_gradient)
    return;
  if (x->gradient == NULL && !x->is_leaf && x->type == dy->type)
    {
      x->gradient = eid_alias (dy, x->shape);
      return;
    }
  eid_gradient_of (x, &accumulate);
  eid_add_scaled (x->gradient, dy, 1, accumulate);
}

/* Nodes before this one read neither its output nor what it saved, nor the gradient that has now
 * been passed on. */
static void
consume (EidNode *node)
{
  g_clear_pointer (&node->output->gradient->buffer, eid_buffer_release);
  g_clear_pointer (&node->output->buffer, eid_buffer_release);
  for (guint i = 0; i < G_N_ELEMENTS (node->saved); i++)
    if (node->saved[i])
      g_clear_pointer (&node->saved[i]->buffer, eid_buffer_release);
}

void
eid_backward (EidTensor *loss)
{
  EidDevice *device = loss->device;
  EidArena *arena = current_arena (device);
  const char *phase;
  gint accumulate;

  if (!eid_device_ok (device) || arena == NULL || !loss->needs_gradient
      || !eid_require (device, eid_tensor_count (loss) == 1, "backward", _ ("the loss must be one number")))
    return;

  phase = eid_profile_phase (device, "backward");
  eid_fill (eid_gradient_of (loss, &accumulate), 1);
  for (guint i = arena->nodes->len; i-- > 0 && eid_device_ok (device);)
    {
      EidNode *node = arena->nodes->pdata[i];

      if (node->output->gradient == NULL)
        continue; /* does not lead to the loss */
      node->backward (node);
      if (device->finite_check)
        for (guint k = 0; k < EID_NODE_INPUTS; k++)
          if (node->inputs[k] && node->inputs[k]->gradient && node->inputs[k]->gradient->buffer)
            eid_check_finite (node->inputs[k]->gradient, node->operation);
      if (node->output != loss)
        consume (node);
    }
  g_ptr_array_set_size (arena->nodes, 0);
  eid_profile_phase (device, phase);
}
