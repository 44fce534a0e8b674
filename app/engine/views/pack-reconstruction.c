/* pack-reconstruction.c: a look at what is painted in the place of hidden patches, on
 * the wire.                                                                  */
#include "app/engine/views/pack.h"

#include <glib/gi18n-lib.h>

/* --- Masks that a person has painted --------------------------------------------- */

static gboolean
check_mask (guint place, guint count, const guint8 *mask, gsize length, guint across, GError **error)
{
  gsize hidden = 0;

  for (gsize i = 0; i < length; i++)
    hidden += mask[i] != 0;
  if (place >= count)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("There is no picture %'u to be masked: they are numbered from 0 to %'u."), place,
                 count - 1);
  else if (length != (gsize) across * across)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("A mask of %'u patches does not fit: the picture has %'u × %'u patches."), (guint) length,
                 across, across);
  else if (hidden == length)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("A mask that hides every patch leaves nothing to go by: show one patch at least."));
  else
    return TRUE;
  return FALSE;
}

/* -> [count], NULL where none was painted; they lie in *@keep. */
static const guint8 **
read_masks (EidSetup *setup, GVariant *options, guint count, GVariant **keep, GError **error)
{
  const guint patch = eid_model_patch (setup->model), across = patch > 0 ? setup->size / patch : 0;
  g_autofree const guint8 **masks = g_new0 (const guint8 *, MAX (count, 1));
  gsize painted;

  *keep = g_variant_lookup_value (options, "masks", G_VARIANT_TYPE ("a(uay)"));
  /* An objective that reconstructs nothing is refused for that, not for its masks. */
  painted = *keep != NULL && eid_can_reconstruct (setup) ? g_variant_n_children (*keep) : 0;
  for (gsize i = 0; i < painted; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (*keep, i);
      g_autoptr (GVariant) bytes = g_variant_get_child_value (entry, 1);
      gsize length;
      const guint8 *mask = g_variant_get_fixed_array (bytes, &length, 1);
      guint32 place;

      g_variant_get_child (entry, 0, "u", &place);
      if (!check_mask (place, count, mask, length, across, error))
        return NULL;
      masks[place] = mask;
    }
  return g_steal_pointer (&masks);
}

/* --- The answer --------------------------------------------------------------------- */

static void
pack (EidReconstructionView *view, GVariantBuilder *out)
{
  const gsize bytes = (gsize) view->count * view->size * view->size * view->channels;
  const gsize patches = (gsize) (view->size / view->patch) * (view->size / view->patch);

  eid_look_add_count (out, "count", view->count);
  eid_look_add_count (out, "size", view->size);
  eid_look_add_count (out, "channels", view->channels);
  eid_look_add_count (out, "patch", view->patch);
  eid_look_add_bytes (out, "mask", g_steal_pointer (&view->mask), view->count * patches);
  eid_look_add_bytes (out, "images", g_steal_pointer (&view->images), bytes);
  eid_look_add_bytes (out, "masked", g_steal_pointer (&view->masked), bytes);
  eid_look_add_bytes (out, "reconstructed", g_steal_pointer (&view->reconstructed), bytes);
  eid_look_add_bytes (out, "errors", g_steal_pointer (&view->errors), bytes);
  if (view->honest != NULL)
    {
      eid_look_add_bytes (out, "honest", g_steal_pointer (&view->honest), bytes);
      eid_look_add_bytes (out, "honest-errors", g_steal_pointer (&view->honest_errors), bytes);
    }
  g_variant_builder_add (out, "{sv}", "error-max", g_variant_new_double (view->error_max));
  eid_look_add_labels (out, view->labels);
}

gboolean
eid_look_at_reconstruction (const EidViewContext *context, GVariant *options, GVariantBuilder *out, GError **error)
{
  EidSetup *setup = context->setup;
  g_autoptr (EidPictures) pictures = eid_look_pictures (setup, options, error);
  g_autoptr (EidReconstructionView) view = NULL;
  g_autoptr (GVariant) keep = NULL;
  g_autofree const guint8 **masks = NULL;

  if (pictures == NULL)
    return FALSE;
  masks = read_masks (setup, options, pictures->count, &keep, error);
  if (masks == NULL)
    return FALSE;
  view = eid_show_reconstruction (setup, pictures, masks, error);
  if (view == NULL)
    return FALSE;
  pack (view, out);
  return TRUE;
}
