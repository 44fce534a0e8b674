/* foreign.c: parts of published networks that no setting of the program's encoders gives, told by the
 * names of tensors; see weights.h. What shapes tell is in describe.c. */
#include "app/engine/weights/private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define QK_NORM    N_ ("a norm of queries and keys (QK-norm)")
#define GATED      N_ ("a gated perceptron (SwiGLU)")
#define RELATIVE   N_ ("relative positions")
#define ROTARY     N_ ("rotary positions")
#define DISTILLED  N_ ("a distillation token (DeiT)")
#define POOLING    N_ ("a pooling by attention, as SigLIP has it")
#define PARALLEL   N_ ("branches side by side in its blocks")
#define CLASSES    N_ ("blocks for the class token alone (CaiT, XCiT)")
#define CHANNELS   N_ ("gates of channels (squeeze and excitation)")
#define STAGES     N_ ("stages of several widths")
#define NAMED_CLIP N_ ("a vision tower by CLIP’s names")

/* Parts of names, between dots, and what they say of a network: of several, the first here is told. */
static const struct
{
  const char *part, *what;
} foreign[] = {
  { ".attn_pool.", POOLING },
  { ".head.probe.", POOLING },
  { ".dist_token.", DISTILLED },
  { ".embeddings.distillation_token.", DISTILLED },
  { ".blocks_token_only.", CLASSES },
  { ".cls_attn_blocks.", CLASSES },
  { ".relative_position_bias_table.", RELATIVE },
  { ".attn.rel_pos_h.", RELATIVE },
  { ".attn.pos_proj.", RELATIVE },
  { ".attn.attention_biases.", RELATIVE },
  { ".attn.cpb_mlp.", RELATIVE },
  { ".q_norm.", QK_NORM },
  { ".k_norm.", QK_NORM },
  { ".mlp.w12.", GATED },
  { ".mlp.w1.", GATED },
  { ".mlp.w1_g.", GATED },
  { ".mlp.weights_in.", GATED },
  { ".mlp.fc1_g.", GATED },
  { ".mlp.gate_proj.", GATED },
  { ".ffn.gate_proj.", GATED },
  { ".rope.periods.", ROTARY },
  { ".rope_embed.periods.", ROTARY },
  { ".rope.freqs.", ROTARY },
  { ".layer.0.mlp.up_proj.", ROTARY }, /* DINOv3 in transformers: no tensor says it */
  { ".mlp.norm.", N_ ("a norm inside the perceptron") },
  { ".attn.norm.", N_ ("a norm after the attention") },
  { ".blocks.0.attns.", PARALLEL },
  { ".blocks.0.in_norm.", PARALLEL },
  { ".conv1.0.weight.", N_ ("a stem of three convolutions (ResNet-D)") },
  { ".s1.b1.conv1.", N_ ("the blocks of a RegNet") },
  { ".trunk_output.block1.", N_ ("the blocks of a RegNet") },
  { ".se.fc1.", CHANNELS },
  { ".se.conv.", CHANNELS },
  { ".filt.", N_ ("anti-aliased strides") },
  { ".stages.0.blocks.0.conv1.", N_ ("residual blocks that begin with their norm (ResNet v2)") },
  { ".stages.0.blocks.0.attn.", STAGES },
  { ".layers.0.blocks.0.attn.", STAGES },
  { ".encoder.layers.0.blocks.0.attention.", STAGES },
  { ".encoder.stages.0.layers.0.attn.", STAGES },
  { ".pooler.layernorm.", N_ ("a norm of the pooled patches, as BEiT has it") },
  { ".embeddings.patch_embeddings.proj.", N_ ("patches of films (V-JEPA)") },
  { ".embeddings.class_embedding.", NAMED_CLIP },
  { ".embeddings.patch_embedding.", NAMED_CLIP },
  { ".visual.class_embedding.", NAMED_CLIP },
};

/* Beyond an encoder there may be networks of any kind. */
static gboolean
is_beyond (const char *name)
{
  return strstr (name, "decoder") != NULL || strstr (name, "predictor") != NULL
         || strstr (name, ".text") != NULL;
}

/* Convolutions of one channel each, wherever they are. */
static const EidSafetensor *
find_depthwise (EidSafetensors *tensors, const char *prefix)
{
  const EidSafetensor *first = NULL;

  for (guint i = 0; i < eid_safetensors_count (tensors); i++)
    {
      const EidSafetensor *stored = eid_safetensors_get (tensors, i);

      if (!g_str_has_prefix (stored->name, prefix) || stored->rank != 4 || stored->dim[0] < 2
          || stored->dim[1] != 1 || stored->dim[2] < 2)
        continue;
      /* One alone may be the first of a network for grey pictures. */
      if (first != NULL)
        return first;
      first = stored;
    }
  return NULL;
}

char *
eid_weights_tell_foreign (const char *what, const char *tensor)
{
  /* TRANSLATORS: a part of a network, and the name of one of its tensors. */
  return g_strdup_printf (_ ("%s (the tensor “%s”)"), what, tensor);
}

char *
eid_weights_find_foreign (EidSafetensors *tensors, const char *prefix)
{
  guint best = G_N_ELEMENTS (foreign);
  const char *tensor = NULL;

  for (guint i = 0; i < eid_safetensors_count (tensors); i++)
    {
      const EidSafetensor *stored = eid_safetensors_get (tensors, i);
      g_autofree char *name = NULL;

      if (!g_str_has_prefix (stored->name, prefix))
        continue;
      name = g_strconcat (".", stored->name + strlen (prefix), ".", NULL);
      for (guint f = 0; f < best; f++)
        if (strstr (name, foreign[f].part) != NULL && !is_beyond (name))
          {
            best = f;
            tensor = stored->name;
          }
    }
  return tensor != NULL ? eid_weights_tell_foreign (_ (foreign[best].what), tensor) : NULL;
}

char *
eid_weights_find_stranger (EidSafetensors *tensors)
{
  char *known = eid_weights_find_foreign (tensors, "");
  const EidSafetensor *depthwise = known == NULL ? find_depthwise (tensors, "") : NULL;

  return depthwise != NULL ? eid_weights_tell_foreign (
             _ ("convolutions of one channel each (ConvNeXt, MobileNet)"), depthwise->name)
                           : known;
}

void
eid_weights_refuse_foreign (const char *file, const char *what, int code, GError **error)
{
  g_set_error (error, EID_ERROR, code,
               _ ("%s: its network has %s, which the program’s encoders do not have. Choose a model without "
                  "it."),
               file, what);
}

gboolean
eid_import_check_foreign (EidImport *import, GError **error)
{
  g_autofree char *part = eid_weights_find_foreign (import->tensors, import->prefix);
  g_autoptr (EidWeightsDescription) description =
      eid_weights_describe_tensors (import->file, import->tensors);
  const char *what = part;

  if (what == NULL)
    what = description->foreign_said;
  /* What shapes tell may be of another encoder in the file. */
  if (what == NULL && !import->fits)
    what = description->foreign;
  if (what == NULL)
    return TRUE;
  eid_weights_refuse_foreign (import->file, what, EID_ERROR_FAILED, error);
  return FALSE;
}
