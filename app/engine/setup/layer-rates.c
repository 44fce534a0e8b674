/* layer-rates.c: depths are read from names, which are those of timm, torchvision and
 * GPT-2; see layer-rates.h.                                                  */
#include "app/engine/setup/layer-rates.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define ENCODER_PREFIX "encoder."

/* How names begin: of what comes before the blocks; and of blocks, followed by a number, of which
 * the first is @first. */
static const struct
{
  const char *prefix;
  gboolean numbered;
  guint first;
} layers[] = {
  { "patch_embed.", FALSE, 0 }, { "pos_embed", FALSE, 0 },  { "cls_token", FALSE, 0 },
  { "reg_token", FALSE, 0 },    { "mask_token", FALSE, 0 }, { "norm_pre.", FALSE, 0 },
  { "wte.", FALSE, 0 },         { "wpe.", FALSE, 0 },       { "conv1.", FALSE, 0 },
  { "bn1.", FALSE, 0 },         { "blocks.", TRUE, 0 },     { "h.", TRUE, 0 },
  { "layer", TRUE, 1 },
};

gboolean
eid_layer_depth (const char *name, guint *depth)
{
  if (!g_str_has_prefix (name, ENCODER_PREFIX))
    return FALSE;
  name += strlen (ENCODER_PREFIX);
  for (guint i = 0; i < G_N_ELEMENTS (layers); i++)
    {
      const char *rest = name + strlen (layers[i].prefix);

      if (!g_str_has_prefix (name, layers[i].prefix) || (layers[i].numbered && !g_ascii_isdigit (*rest)))
        continue;
      *depth = layers[i].numbered
                   ? (guint) MIN (g_ascii_strtoull (rest, NULL, 10), 1000000) + 1 - layers[i].first
                   : 0;
      return TRUE;
    }
  return FALSE;
}

gboolean
eid_layer_rates_set (EidParameters *parameters, double decay, GError **error)
{
  const guint count = eid_parameters_count (parameters);
  guint blocks = 0, depth;

  for (guint i = 0; i < count; i++)
    if (eid_layer_depth (eid_parameters_name (parameters, i), &depth))
      blocks = MAX (blocks, depth);
  if (decay != 1 && blocks == 0)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("the names of the encoder’s parameters do not tell how deep they lie (“blocks.0.”, "
                      "“layer1.”); without a decay by layers it is 1."));
      return FALSE;
    }
  for (guint i = 0; i < count; i++)
    eid_parameters_set_rate (parameters, i,
                             eid_layer_depth (eid_parameters_name (parameters, i), &depth)
                                 ? (float) pow (decay, blocks + 1 - depth)
                                 : 1);
  return TRUE;
}
