/* data.c: what an EidAttentionView holds: taken if it fits, and let go. */
#include "ui/attention/view.h"

static GBytes *
ref_bytes (GBytes *bytes)
{
  return bytes ? g_bytes_ref (bytes) : NULL;
}

static void
drop_attention (EidAttentionView *self)
{
  g_clear_pointer (&self->attention.images, g_bytes_unref);
  for (guint of = 0; of < 2; of++)
    {
      g_clear_pointer (&self->attention.maps[of], g_bytes_unref);
      g_clear_pointer (&self->attention.greatest[of], g_bytes_unref);
    }
  g_clear_pointer (&self->planes, g_free);
  self->attention = (EidAttention){ 0 };
}

static void
drop_patches (EidAttentionView *self)
{
  g_clear_pointer (&self->patches.images, g_bytes_unref);
  g_clear_pointer (&self->patches.colours, g_bytes_unref);
  g_clear_pointer (&self->patches.tokens, g_bytes_unref);
  g_clear_pointer (&self->lengths, g_free);
  self->patches = (EidPatches){ 0 };
}

void
eid_attention_view_drop (EidAttentionView *self)
{
  drop_attention (self);
  drop_patches (self);
}

void
eid_attention_view_clear (EidAttentionView *self)
{
  g_return_if_fail (EID_IS_ATTENTION_VIEW (self));
  eid_attention_view_drop (self);
  eid_attention_view_refresh (self);
}

gboolean
eid_attention_view_set_attention (EidAttentionView *self, const EidAttention *attention)
{
  EidAttention taken = *attention;
  gboolean valid;

  g_return_val_if_fail (EID_IS_ATTENTION_VIEW (self), FALSE);
  valid = eid_attention_valid (attention);
  if (valid)
    {
      taken.planes = g_memdup2 (attention->planes, attention->n_planes * sizeof *attention->planes);
      ref_bytes (taken.images);
      for (guint of = 0; of < 2; of++)
        {
          ref_bytes (taken.maps[of]);
          ref_bytes (taken.greatest[of]);
        }
    }
  drop_attention (self);
  if (valid)
    {
      self->attention = taken;
      self->planes = (EidAttentionPlane *) taken.planes;
    }
  if (self->mode == EID_PATCHES_ATTENTION)
    eid_attention_view_refresh (self);
  return valid;
}

gboolean
eid_attention_view_set_patches (EidAttentionView *self, const EidPatches *patches)
{
  EidPatches taken = *patches;
  gboolean valid;

  g_return_val_if_fail (EID_IS_ATTENTION_VIEW (self), FALSE);
  valid = eid_patches_valid (patches);
  if (valid)
    {
      ref_bytes (taken.images);
      ref_bytes (taken.colours);
      ref_bytes (taken.tokens);
    }
  drop_patches (self);
  if (valid)
    {
      self->patches = taken;
      self->lengths = eid_patches_lengths (&self->patches);
    }
  if (self->mode != EID_PATCHES_ATTENTION)
    eid_attention_view_refresh (self);
  return valid;
}
