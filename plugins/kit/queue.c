/* queue.c: what the last batches gave, kept for contrast: the dictionary of MoCo, the support set
 * of NNCLR. A ring in buffers of the plugin, so that a resumed run has it too. */

#include "plugins/kit/private.h"

struct _EidQueue
{
  EidTensor *rows;   /* [length, width]                  */
  EidTensor *cursor; /* [1], the row that is written next */
};

EidQueue *
eid_queue (EidPlugin *self, const char *name, guint length, guint width)
{
  EidQueue *queue = eid_plugin_alloc (self, sizeof *queue);

  /* Random directions to begin with. */
  queue->rows = eid_module_parameter (self, name, "rows", EID_SHAPE (length, width), EID_BUFFER,
                                      (EidInit){ .kind = EID_INIT_NORMAL, .scale = 1 });
  queue->cursor = eid_module_parameter (self, name, "cursor", EID_SHAPE (1), EID_BUFFER,
                                        (EidInit){ .kind = EID_INIT_CONSTANT });
  return queue;
}

EidTensor *
eid_queue_rows (EidQueue *queue)
{
  return eid_normalize (queue->rows);
}

void
eid_queue_push (EidStep *step, EidQueue *queue, EidTensor *rows)
{
  EidPush push = { queue, eid_detach (rows) }; /* the way back consumes what led to the loss */

  if (step->training)
    g_array_append_val (step->pushes, push);
}

void
eid_step_push (EidStep *step)
{
  for (guint i = 0; i < step->pushes->len; i++)
    {
      const EidPush *push = &g_array_index (step->pushes, EidPush, i);

      eid_ring_write (push->queue->rows, push->queue->cursor, push->rows);
    }
}
