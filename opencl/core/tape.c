/* tape.c: arenas, the record of what was computed, and the walk back over it. */

#include "opencl/core/private.h"

#include <string.h>
#include <glib/gi18n-lib.h>

static EidArena *
current_arena (EidDevice *device)
{
  return device->arenas->len ? device->arenas->pdata[device->arenas->len - 1] : NULL;
}

static void
node_free (gpointer data)
{
  EidNode *node = data;

  g_free (node->data);
  g_free (node);
}

void
eid_arena_push (EidDevice *device)
{
  EidArena *arena = g_new0 (EidArena, 1);

  arena->tensors = g_ptr_array_new ();
  arena->nodes = g_ptr_array_new_with_free_func (node_free);
  g_ptr_array_add (device->arenas, arena);
}

/* Moves @tensor from @arena, if it is there, to the arena below, or to nobody's where there is none. */
static void
move_down (EidDevice *device, EidArena *arena, EidTensor *tensor)
{
  EidArena *below = device->arenas->len > 1 ? device->arenas->pdata[device->arenas->len - 2] : NULL;
  guint place;

  if (!g_ptr_array_find (arena->tensors, tensor, &place))
    return;
  g_ptr_array_remove_index (arena->tensors, place);
  if (below)
    g_ptr_array_add (below->tensors, tensor);
  else
    tensor->in_arena = FALSE;
  if (tensor->half)
    move_down (device, arena, tensor->half);
  if (tensor->gradient)
    move_down (device, arena, tensor->gradient);
}

EidTensor *
eid_arena_pop_keeping (EidDevice *device, EidTensor *kept)
{
  EidArena *arena = current_arena (device);

  g_return_val_if_fail (arena != NULL, kept);
  if (kept)
    move_down (device, arena, kept);
  eid_arena_pop (device);
  return kept;
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

gboolean
eid_is_recording (EidDevice *device)
{
  return device->recording;
}

void
eid_set_finite_check (EidDevice *device, gboolean check)
{
  device->finite_check = check;
}

/* The caller has made sure that something is recorded. */
static EidNode *
add_node (EidArena *arena, EidTensor *output, const char *operation, void (*backward) (EidNode *),
          EidTensor *const *inputs, guint n_inputs)
{
  EidNode *node = g_new0 (EidNode, 1);

  g_assert (n_inputs <= EID_NODE_INPUTS);
  node->backward = backward;
  node->operation = operation;
  node->output = output;
  for (guint i = 0; i < n_inputs; i++)
    node->inputs[i] = inputs[i];
  output->needs_gradient = TRUE;
  g_ptr_array_add (arena->nodes, node);
  return node;
}

static gboolean
records (EidDevice *device)
{
  return device->recording && current_arena (device) != NULL && eid_device_ok (device);
}

EidNode *
eid_record (EidTensor *output, const char *operation, void (*backward) (EidNode *), EidTensor *const *inputs,
            guint n_inputs)
{
  EidDevice *device = output->device;
  gboolean wanted = FALSE;

  if (device->finite_check)
    eid_check_finite (output, operation);
  for (guint i = 0; i < n_inputs; i++)
    wanted |= inputs[i] && inputs[i]->needs_gradient;
  if (!wanted || backward == NULL || !records (device))
    return NULL;
  return add_node (current_arena (device), output, operation, backward, inputs, n_inputs);
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

/* From the last of the current arena's nodes to the first; all but @kept are consumed. */
static void
walk_back (EidDevice *device, EidTensor *kept)
{
  EidArena *arena = current_arena (device);

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
      if (node->output != kept)
        consume (node);
    }
  g_ptr_array_set_size (arena->nodes, 0);
}

void
eid_backward (EidTensor *loss)
{
  eid_backward_share (loss, 1);
}

void
eid_backward_share (EidTensor *loss, float share)
{
  EidDevice *device = loss->device;
  EidArena *arena = current_arena (device);
  const char *phase;
  gint accumulate;

  if (!eid_device_ok (device) || arena == NULL || !loss->needs_gradient
      || !eid_require (device, eid_tensor_count (loss) == 1, "backward", _ ("the loss must be one number")))
    return;

  phase = eid_profile_phase (device, "backward");
  eid_fill (eid_gradient_of (loss, &accumulate), share);
  walk_back (device, loss);
  eid_profile_phase (device, phase);
}

/* --- Computing again instead of keeping: Chen et al. 2016 --------------------- */

typedef struct
{
  EidSegment segment;
  guint8 data[];
} Recomputed;

static EidTensor *
run_segment (Recomputed *call, EidTensor *x, gboolean recording)
{
  gboolean before = eid_set_recording (x->device, recording);
  EidTensor *out = call->segment (x, call->data);

  eid_set_recording (x->device, before);
  return out;
}

static void
recompute_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0], *inner, *gradient;
  EidDevice *device = x->device;

  eid_arena_push (device);
  inner = eid_alias (x, x->shape);
  inner->half = x->half;
  inner->needs_gradient = x->needs_gradient;
  /* What others have given x is added to in the same order as without recomputing. */
  if (!x->is_leaf)
    inner->gradient = x->gradient;
  device->recomputing = TRUE;
  eid_pass_gradient (run_segment (node->data, inner, TRUE), node->output->gradient);
  device->recomputing = FALSE;
  walk_back (device, NULL);

  gradient = inner->gradient;
  inner->gradient = inner->half = NULL;
  eid_arena_pop_keeping (device, gradient);
  if (!x->is_leaf)
    x->gradient = gradient;
  else if (gradient)
    eid_pass_gradient (x, gradient);
}

EidTensor *
eid_recompute (EidTensor *x, EidSegment segment, gconstpointer data, gsize size)
{
  EidDevice *device = x->device;
  g_autofree Recomputed *call = g_malloc0 (sizeof *call + size);
  EidTensor *out;

  call->segment = segment;
  memcpy (call->data, data, size);
  eid_arena_push (device);
  out = eid_arena_pop_keeping (device, run_segment (call, x, FALSE));
  if (records (device))
    {
      if (out == x)
        out = eid_alias (x, x->shape);
      add_node (current_arena (device), out, "recompute", recompute_backward, &x, 1)->data =
          g_steal_pointer (&call);
    }
  return out;
}
