"""Which attention a transformer computes with: the faster for its precision.

On processors without AMX the fused bf16 kernel loses most of its time in the
backward pass, so there the scores are written out; float32 takes the fused one.
"""

import timm.layers
import torch
import torch.nn.functional as F


def choose(precision):
    """What timm's blocks use from here on; whether it is the fused one."""
    fused = precision == "f32"
    timm.layers.set_fused_attn(fused)
    return fused


def causal(q, k, v, fused):
    """q, k, v [B, heads, N, D] -> [B, heads, N, D]; no token sees a later one."""
    if fused:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    n = q.shape[2]
    later = torch.ones(n, n, dtype=torch.bool).triu(1)
    scores = (q * q.shape[3] ** -0.5) @ k.transpose(2, 3)
    return scores.masked_fill(later, float("-inf")).softmax(dim=3).to(v.dtype) @ v
