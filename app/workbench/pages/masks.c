/* masks.c: see masks.h. */
#include "app/workbench/pages/masks.h"

#define MOST_STROKES 200

typedef struct
{
  char *picture;
  GBytes *before, *after; /* NULL: none was painted */
} Change;

struct _EidMasks
{
  GHashTable *by_picture; /* char* -> GBytes */
  GPtrArray *strokes;     /* of GPtrArray of Change */
  guint done;             /* strokes that count; those after were undone */
};

static void
change_free (gpointer data)
{
  Change *change = data;

  g_free (change->picture);
  g_clear_pointer (&change->before, g_bytes_unref);
  g_clear_pointer (&change->after, g_bytes_unref);
  g_free (change);
}

EidMasks *
eid_masks_new (void)
{
  EidMasks *masks = g_rc_box_new0 (EidMasks);

  masks->by_picture = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  masks->strokes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  return masks;
}

static void
clear (gpointer data)
{
  EidMasks *masks = data;

  g_hash_table_unref (masks->by_picture);
  g_ptr_array_unref (masks->strokes);
}

EidMasks *
eid_masks_ref (EidMasks *masks)
{
  return g_rc_box_acquire (masks);
}

void
eid_masks_unref (EidMasks *masks)
{
  if (masks)
    g_rc_box_release_full (masks, clear);
}

GBytes *
eid_masks_get (EidMasks *masks, const char *picture)
{
  return g_hash_table_lookup (masks->by_picture, picture);
}

static void
set (EidMasks *masks, const char *picture, GBytes *mask)
{
  if (mask)
    g_hash_table_insert (masks->by_picture, g_strdup (picture), g_bytes_ref (mask));
  else
    g_hash_table_remove (masks->by_picture, picture);
}

void
eid_masks_begin (EidMasks *masks)
{
  g_ptr_array_set_size (masks->strokes, (int) masks->done);
  if (masks->done == MOST_STROKES)
    g_ptr_array_remove_index (masks->strokes, 0);
  g_ptr_array_add (masks->strokes, g_ptr_array_new_with_free_func (change_free));
  masks->done = masks->strokes->len;
}

void
eid_masks_put (EidMasks *masks, const char *picture, GBytes *mask)
{
  GBytes *before = eid_masks_get (masks, picture);
  GPtrArray *stroke;
  Change *change;

  g_return_if_fail (masks->done > 0);
  stroke = masks->strokes->pdata[masks->done - 1];
  change = g_new0 (Change, 1);
  change->picture = g_strdup (picture);
  change->before = before ? g_bytes_ref (before) : NULL;
  change->after = mask ? g_bytes_ref (mask) : NULL;
  g_ptr_array_add (stroke, change);
  set (masks, picture, mask);
}

void
eid_masks_keep (EidMasks *masks, const char *picture, GBytes *mask)
{
  if (eid_masks_get (masks, picture) == NULL)
    set (masks, picture, mask);
}

gboolean
eid_masks_can_undo (EidMasks *masks)
{
  return masks->done > 0;
}

gboolean
eid_masks_can_redo (EidMasks *masks)
{
  return masks->done < masks->strokes->len;
}

void
eid_masks_undo (EidMasks *masks)
{
  GPtrArray *stroke;

  if (!eid_masks_can_undo (masks))
    return;
  stroke = masks->strokes->pdata[--masks->done];
  for (guint i = stroke->len; i-- > 0;)
    set (masks, ((Change *) stroke->pdata[i])->picture, ((Change *) stroke->pdata[i])->before);
}

void
eid_masks_redo (EidMasks *masks)
{
  GPtrArray *stroke;

  if (!eid_masks_can_redo (masks))
    return;
  stroke = masks->strokes->pdata[masks->done++];
  for (guint i = 0; i < stroke->len; i++)
    set (masks, ((Change *) stroke->pdata[i])->picture, ((Change *) stroke->pdata[i])->after);
}
