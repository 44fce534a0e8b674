/* choice.c: what is chosen on the Attention page, told to the page of another run
 * beside it and taken from there: mode, network, layer, head, and the patch that is pointed at. */
#include "app/workbench/pages/attention/attention.h"

#include "app/workbench/client/variant.h"

static guint
grid_of (EidPageAttention *self)
{
  GVariant *picture = eid_page_get_picture (EID_PAGE (self));

  return picture ? eid_answer_uint (picture, "grid") : 0;
}

/* A place on the picture, not a number of a patch: the other may have larger patches. */
static void
save_query (EidPageAttention *self, GVariantDict *choice)
{
  const guint grid = grid_of (self);
  int patch, picture;

  g_object_get (self->view, "query", &patch, "query-picture", &picture, NULL);
  g_variant_dict_insert (choice, "picture", "i", patch >= 0 && grid > 0 ? picture : -1);
  if (patch < 0 || grid == 0)
    return;
  g_variant_dict_insert (choice, "x", "d", ((guint) patch % grid + 0.5) / grid);
  g_variant_dict_insert (choice, "y", "d", ((guint) patch / grid + 0.5) / grid);
}

static void
take_query (EidPageAttention *self, GVariantDict *choice)
{
  const guint grid = grid_of (self);
  int picture = -1, patch = -1;
  double x, y;

  g_variant_dict_lookup (choice, "picture", "i", &picture);
  if (grid > 0 && g_variant_dict_lookup (choice, "x", "d", &x)
      && g_variant_dict_lookup (choice, "y", "d", &y))
    patch = (int) (MIN ((guint) (y * grid), grid - 1) * grid + MIN ((guint) (x * grid), grid - 1));
  eid_attention_view_set_query (self->view, picture, patch);
}

void
eid_page_attention_save_choice (EidPage *page, GVariantDict *choice)
{
  EidPageAttention *self = EID_PAGE_ATTENTION (page);

  save_query (self, choice);
  if (eid_page_follows (page))
    return;
  g_variant_dict_insert (choice, "mode", "u", (guint32) self->mode);
  g_variant_dict_insert (choice, "whose", "u", (guint32) self->whose);
  g_variant_dict_insert (choice, "layer", "i", (gint32) self->layer);
  g_variant_dict_insert (choice, "head", "i", (gint32) self->head);
  g_variant_dict_insert (choice, "rest", "u", (guint32) gtk_drop_down_get_selected (self->rests));
  g_variant_dict_insert (choice, "frozen", "b", self->frozen);
  g_variant_dict_insert (choice, "mass", "d", gtk_range_get_value (self->mass));
  g_variant_dict_insert (choice, "overlay", "d", gtk_range_get_value (self->overlay));
}

/* A layer or head that this model has not is its last. */
static gboolean
take_map (EidPageAttention *self, int layer, int head)
{
  if (self->n_layers > 0)
    layer = MIN (layer, (int) self->n_layers - 1);
  if (self->n_heads > 0)
    head = MIN (head, (int) self->n_heads - 1);
  if (layer == self->layer && head == self->head)
    return FALSE;
  self->layer = layer;
  self->head = head;
  if (!eid_attention_view_holds (self->view, layer, head))
    return TRUE;
  eid_attention_view_set_head (self->view, layer, head);
  return FALSE;
}

static gboolean
take_mode (EidPageAttention *self, EidPatchesMode mode)
{
  const EidPatchesMode former = self->mode;

  if (mode == former || (guint) mode >= EID_MODES)
    return FALSE;
  eid_page_attention_set_mode (self, mode);
  return former == EID_PATCHES_ATTENTION || mode == EID_PATCHES_ATTENTION;
}

static gboolean
take_whose (EidPageAttention *self, EidAttentionWhose whose)
{
  if (whose == self->whose)
    return FALSE;
  self->whose = whose;
  eid_attention_view_set_whose (self->view, self->has_teacher ? whose : EID_ATTENTION_STUDENT);
  return (whose & EID_ATTENTION_TEACHER) != 0;
}

void
eid_page_attention_take_choice (EidPage *page, GVariantDict *choice)
{
  EidPageAttention *self = EID_PAGE_ATTENTION (page);
  gboolean anew = FALSE, frozen;
  guint32 mode, whose, rest;
  gint32 layer, head;
  double mass, overlay;

  take_query (self, choice);
  if (!g_variant_dict_lookup (choice, "mode", "u", &mode))
    return;
  g_variant_dict_lookup (choice, "whose", "u", &whose);
  g_variant_dict_lookup (choice, "layer", "i", &layer);
  g_variant_dict_lookup (choice, "head", "i", &head);
  g_variant_dict_lookup (choice, "rest", "u", &rest);
  g_variant_dict_lookup (choice, "frozen", "b", &frozen);
  g_variant_dict_lookup (choice, "mass", "d", &mass);
  g_variant_dict_lookup (choice, "overlay", "d", &overlay);
  anew |= take_mode (self, mode);
  anew |= take_whose (self, whose);
  anew |= take_map (self, layer, head);
  anew |= frozen != self->frozen;
  self->frozen = frozen;
  gtk_range_set_value (self->mass, mass);
  gtk_range_set_value (self->overlay, overlay);
  if (gtk_drop_down_get_model (self->rests)
      && rest < g_list_model_get_n_items (gtk_drop_down_get_model (self->rests)))
    gtk_drop_down_set_selected (self->rests, rest);
  if (anew)
    eid_page_look_again (page);
}
