"""Pooled features of a ResNet-50 at 224 pixels, nothing learnt.

Batch normalization is folded into the convolutions, as one does to deploy; for
bf16 the weights are converted once, not at every call.
"""

import torch
import torchvision
from torch.fx.experimental.optimization import fuse

from .work import Work


def resnet50_224(precision, batch=16):
    model = torchvision.models.resnet50()
    model.fc = torch.nn.Identity()
    model = fuse(model.eval()).to(memory_format=torch.channels_last)
    if precision == "bf16":
        model = model.bfloat16()
    pictures = torch.randn(batch, 3, 224, 224).to(memory_format=torch.channels_last)
    return Work(batch, model, (pictures,))
