"""SimCLR: a ViT-Ti/4 with augmentation in the step, a ResNet-18 on fixed views."""

import torch
import torch.nn.functional as F
import torchvision
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from . import attention
from .augment import simclr_views
from .work import Work


def projector(width, hidden=512, out=128):
    return nn.Sequential(
        nn.Linear(width, hidden), nn.BatchNorm1d(hidden), nn.ReLU(inplace=True), nn.Linear(hidden, out)
    )


def nt_xent(z, temperature=0.5):
    """z [2B, D], view-major: row i belongs with row i + B. A scalar."""
    n = z.shape[0]
    z = F.normalize(z.float(), dim=1)
    similarity = (z @ z.T).float() / temperature
    similarity = similarity.masked_fill(torch.eye(n, dtype=torch.bool), float("-inf"))
    return F.cross_entropy(similarity, torch.arange(n).roll(n // 2))


def vit_ti4_32(precision, batch=128):
    attention.choose(precision)
    encoder = VisionTransformer(
        img_size=32, patch_size=4, embed_dim=192, depth=12, num_heads=3, num_classes=0, global_pool="token"
    )
    model = nn.Sequential(encoder, projector(192)).train()
    pictures = torch.randint(0, 256, (batch, 32, 32, 3), dtype=torch.uint8)

    def compute(pictures):
        return nt_xent(model(simclr_views(pictures)))

    return Work(batch, compute, (pictures,), list(model.parameters()))


def resnet18_32(precision, batch=64):
    """The stem for small pictures: 3x3 at stride 1, no pooling after it."""
    encoder = torchvision.models.resnet18()
    encoder.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    encoder.maxpool = nn.Identity()
    encoder.fc = projector(512)
    model = encoder.to(memory_format=torch.channels_last).train()
    views = torch.randn(2 * batch, 3, 32, 32).to(memory_format=torch.channels_last)

    def compute(views):
        return nt_xent(model(views))

    return Work(batch, compute, (views,), list(model.parameters()))
