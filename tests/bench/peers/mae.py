"""A masked autoencoder with a ViT-S/16 at 224 pixels: 49 of 196 patches seen.

Two shortcuts leave the result as it is and save work: only the patches that
are seen are embedded, and the decoder's tokens stay in the order seen, masked
(attention does not mind), so that only masked patches are predicted.
"""

import torch
import torch.nn.functional as F
from timm.models.vision_transformer import Block
from torch import nn

from . import attention
from .work import Work

PATCH, SIDE = 16, 14
PATCHES, PIXELS = SIDE * SIDE, PATCH * PATCH * 3


def sin_cos_positions(width):
    """[1, PATCHES, width]: half of the features for the row, half for the column."""
    frequency = 10000 ** (-torch.arange(width // 4, dtype=torch.float64) / (width // 4))
    angle = torch.arange(SIDE, dtype=torch.float64)[:, None] * frequency
    line = torch.cat([angle.sin(), angle.cos()], dim=1)
    row = line[:, None].expand(SIDE, SIDE, -1)
    column = line[None, :].expand(SIDE, SIDE, -1)
    return torch.cat([column, row], dim=2).reshape(1, PATCHES, width).float()


def patches_of(x):
    """[B, 3, 224, 224] -> [B, PATCHES, PIXELS]."""
    x = x.unflatten(3, (SIDE, PATCH)).unflatten(2, (SIDE, PATCH))
    return x.permute(0, 2, 4, 3, 5, 1).reshape(x.shape[0], PATCHES, PIXELS)


def pick(x, index):
    """x [B or 1, N, D], index [B, M] -> [B, M, D]."""
    x = x.expand(index.shape[0], -1, -1)
    return x.gather(1, index.unsqueeze(2).expand(-1, -1, x.shape[2]))


class MaskedAutoencoder(nn.Module):
    def __init__(self, width=384, depth=12, heads=6, decoder_width=256, decoder_depth=4, decoder_heads=8):
        super().__init__()
        self.embed = nn.Linear(PIXELS, width)
        self.class_token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.blocks = nn.Sequential(*(Block(width, heads, qkv_bias=True) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.decoder_embed = nn.Linear(width, decoder_width)
        self.mask_token = nn.Parameter(torch.randn(1, 1, decoder_width) * 0.02)
        self.decoder_blocks = nn.Sequential(
            *(Block(decoder_width, decoder_heads, qkv_bias=True) for _ in range(decoder_depth))
        )
        self.decoder_norm = nn.LayerNorm(decoder_width, eps=1e-6)
        self.predict = nn.Linear(decoder_width, PIXELS)
        self.register_buffer("positions", sin_cos_positions(width))
        self.register_buffer("decoder_positions", sin_cos_positions(decoder_width))

    def forward(self, pictures, seen=PATCHES // 4):
        batch = pictures.shape[0]
        patches = patches_of(pictures)
        order = torch.rand(batch, PATCHES).argsort(dim=1)
        visible, masked = order[:, :seen], order[:, seen:]

        x = self.embed(pick(patches, visible)) + pick(self.positions, visible)
        x = torch.cat([self.class_token.expand(batch, -1, -1), x], dim=1)
        x = self.decoder_embed(self.norm(self.blocks(x)))

        first, x = x[:, :1], x[:, 1:] + pick(self.decoder_positions, visible)
        blank = self.mask_token + pick(self.decoder_positions, masked)
        x = self.decoder_blocks(torch.cat([first, x, blank], dim=1))
        predicted = self.predict(self.decoder_norm(x[:, 1 + seen :]))

        target = pick(patches, masked)
        variance, mean = torch.var_mean(target, dim=2, keepdim=True)
        return F.mse_loss(predicted.float(), (target - mean) * (variance + 1e-6).rsqrt())


def vit_s16_224(precision, batch=16):
    attention.choose(precision)
    model = MaskedAutoencoder().train()
    pictures = torch.randn(batch, 3, 224, 224)
    return Work(batch, model, (pictures,), list(model.parameters()))
