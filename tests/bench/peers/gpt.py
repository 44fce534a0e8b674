"""A small GPT over characters: 6 blocks, 384 wide, 256 tokens of context.

Learned positions, pre-norm, biases everywhere but in the head, no dropout, the
head's weights its own.
"""

import torch
import torch.nn.functional as F
from torch import nn

from . import attention
from .work import Work

VOCABULARY, CONTEXT = 65, 256


class Block(nn.Module):
    def __init__(self, width, heads, fused):
        super().__init__()
        self.heads, self.fused = heads, fused
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        q, k, v = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in self.qkv(self.norm1(x)).chunk(3, dim=2)
        )
        mixed = attention.causal(q, k, v, self.fused)
        x = x + self.proj(mixed.transpose(1, 2).flatten(2))
        return x + self.mlp(self.norm2(x))


class Gpt(nn.Module):
    def __init__(self, fused, width=384, depth=6, heads=6):
        super().__init__()
        self.token = nn.Embedding(VOCABULARY, width)
        self.position = nn.Embedding(CONTEXT, width)
        self.blocks = nn.Sequential(*(Block(width, heads, fused) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, VOCABULARY, bias=False)
        for table in (self.token, self.position):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, text, following):
        """Both int64 [B, CONTEXT]; the mean cross-entropy over all positions."""
        x = self.token(text) + self.position.weight
        logits = self.head(self.norm(self.blocks(x)))
        return F.cross_entropy(logits.flatten(0, 1).float(), following.flatten())


def gpt_6x384_256(precision, batch=16):
    model = Gpt(attention.choose(precision)).train()
    text = torch.randint(0, VOCABULARY, (batch, CONTEXT + 1))
    inputs = (text[:, :-1].contiguous(), text[:, 1:].contiguous())
    return Work(batch, model, inputs, list(model.parameters()))
