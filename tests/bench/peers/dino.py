"""DINO with a ViT-S/16: two crops of 224 pixels, four of 96, K = 8192."""

import copy

import torch
import torch.nn.functional as F
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from . import attention
from .work import Work

LARGE, SMALL = 2, 4


class Head(nn.Module):
    """A perceptron, unit length, a linear layer whose rows have unit length."""

    def __init__(self, width=384, hidden=2048, bottleneck=256, k=8192):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, bottleneck)
        )
        self.last = nn.Parameter(torch.randn(k, bottleneck))

    def forward(self, x):
        return F.linear(F.normalize(self.mlp(x), dim=1), F.normalize(self.last, dim=1))


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = VisionTransformer(
            img_size=224, patch_size=16, embed_dim=384, depth=12, num_heads=6,
            num_classes=0, global_pool="token", dynamic_img_size=True,
        )  # fmt: skip
        self.head = Head()

    def forward(self, *groups):
        """Each group a tensor [N, 3, S, S] of one size -> [sum of N, K]."""
        return self.head(torch.cat([self.encoder(x) for x in groups]))


class Dino(nn.Module):
    def __init__(self):
        super().__init__()
        self.student = Network()
        self.teacher = copy.deepcopy(self.student).requires_grad_(False)
        self.register_buffer("centre", torch.zeros(8192))

    def forward(self, large, small):
        """Crops [views · B, 3, S, S], view-major."""
        batch = large.shape[0] // LARGE
        with torch.no_grad():
            teacher = self.teacher(large).float()
            target = F.softmax((teacher - self.centre) / 0.04, dim=1)
            self.centre.lerp_(teacher.mean(0), 0.1)
        student = F.log_softmax(self.student(large, small).float() / 0.1, dim=1)

        # Entry [t, s]: the cross-entropy between teacher's view t and student's
        # view s, summed over the pictures.
        pairs = -target.view(LARGE, -1) @ student.view(LARGE + SMALL, -1).T
        different = ~torch.eye(LARGE, LARGE + SMALL, dtype=torch.bool)
        return (pairs * different).sum() / (batch * (LARGE * (LARGE + SMALL) - LARGE))

    @torch.no_grad()
    def follow(self, momentum=0.996):
        torch._foreach_lerp_(list(self.teacher.parameters()), list(self.student.parameters()), 1 - momentum)


def vit_s16_224(precision, batch=8):
    attention.choose(precision)
    model = Dino().train()
    large = torch.randn(LARGE * batch, 3, 224, 224)
    small = torch.randn(SMALL * batch, 3, 96, 96)
    return Work(batch, model, (large, small), list(model.student.parameters()), model.follow)
