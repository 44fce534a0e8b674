#!/usr/bin/env python3
"""Golden numbers of DINOv2 and of the transformer it trains, as make.py makes the others.

    python3 dinov2.py        (needs what make.py needs)
"""

import timm.layers
import timm.models.vision_transformer as vit
import torch
import torch.nn.functional as F

from make import DinoHead, gradients, layer_norm, noise, save, scramble, weights


def registers():
    """timm's transformer with registers and LayerScale; no position for the class token, so 0 here."""
    torch.manual_seed(21)
    model = vit.VisionTransformer(img_size=8, patch_size=4, in_chans=3, num_classes=0, embed_dim=12, depth=2,
                                  num_heads=3, mlp_ratio=2.0, global_pool="token", class_token=True, reg_tokens=2,
                                  no_embed_class=True, init_values=0.1, norm_layer=layer_norm)
    scramble(model)
    images = noise(2, 3, 8, 8)
    tokens = model.forward_features(images)
    named = weights(model)
    named["pos_embed"] = torch.cat([torch.zeros(1, 1, 12), named["pos_embed"]], dim=1)
    save("vit-registers", {"images": images.permute(0, 2, 3, 1), "tokens": tokens[:, 3:],
                           "pooled": model.forward_head(tokens), **named})


class HidingTransformer(torch.nn.Module):
    """DINOv2's: patches, some of them hidden; class token and positions; registers behind the class token."""

    def __init__(self, size=8, patch=2, width=12, heads=3, registers=2):
        super().__init__()
        tokens = (size // patch) ** 2
        self.patch_embed = torch.nn.Module()
        self.patch_embed.proj = torch.nn.Conv2d(3, width, patch, patch)
        self.cls_token = torch.nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = torch.nn.Parameter(torch.zeros(1, 1 + tokens, width))
        self.reg_token = torch.nn.Parameter(torch.zeros(1, registers, width))
        self.mask_token = torch.nn.Parameter(torch.zeros(1, width))
        self.blocks = torch.nn.ModuleList(
            [vit.Block(width, heads, mlp_ratio=2.0, qkv_bias=True, init_values=0.1, norm_layer=layer_norm)])
        self.norm = layer_norm(width)
        self.registers = registers

    def forward(self, images, mask=None):
        """Class tokens [B, D] and patch tokens [B, N, D]."""
        x = self.patch_embed.proj(images)
        height, width = x.shape[2:]
        x = x.flatten(2).transpose(1, 2)
        if mask is not None:
            x = torch.where(mask[:, :, None], self.mask_token, x)
        places = self.pos_embed[:, 1:]
        if x.shape[1] != places.shape[1]:
            places = timm.layers.resample_abs_pos_embed(places, (height, width), num_prefix_tokens=0)
        first = torch.cat([self.cls_token + self.pos_embed[:, :1], self.reg_token], dim=1)
        x = torch.cat([first.expand(len(x), -1, -1), x + places], dim=1)
        for layer in self.blocks:
            x = layer(x)
        x = self.norm(x)
        return x[:, 0], x[:, 1 + self.registers:]


def network():
    objective = torch.nn.ModuleDict({"dino_head": DinoHead(), "ibot_head": DinoHead()})
    return scramble(torch.nn.ModuleDict({"encoder": HidingTransformer(), "objective": objective}))


def sinkhorn(scores, temperature, iterations=3):
    """Columns to M / K and rows to 1, in turn."""
    q = torch.exp(scores / temperature)
    q = q / q.sum()
    for _ in range(iterations):
        q = q / q.sum(0, keepdim=True) / q.shape[1]
        q = q / q.sum(1, keepdim=True) / q.shape[0]
    return q * q.shape[0]


def koleo(x):
    x = F.normalize(x, dim=1)
    with torch.no_grad():
        nearest = (x @ x.T).fill_diagonal_(-2).argmax(1)
    return -torch.log((x - x[nearest]).norm(dim=1)).mean()


# What the program hides in its first step with seed 1, of the samples 0 to 3 in two views.
MASKS = """
1100110011000000 0000000000000000 0000000000000000 1000100000000000
0000000000110011 0000000000000000 0000000000000000 1000000011101110
"""


def dinov2():
    """A training step: two crops of 8 pixels, three of 4; then the update, and what follows it."""
    torch.manual_seed(22)
    student, teacher = network(), network()
    pictures, large, small = 4, 2, 3
    views, crops = noise(large * pictures, 3, 8, 8), noise(small * pictures, 3, 4, 4)  # view-major
    mask = torch.tensor([[digit == "1" for digit in row] for row in MASKS.split()])
    out = {"views": views.permute(0, 2, 3, 1), "small": crops.permute(0, 2, 3, 1), **weights(student),
           **{f"teacher.{name}": p for name, p in weights(teacher).items()}}
    out = {name: x.clone() for name, x in out.items()}

    with torch.no_grad():
        whole, patches = teacher["encoder"](views)
        told = sinkhorn(teacher["objective"]["dino_head"](whole), 0.07).split(pictures)
        told_of_patches = sinkhorn(teacher["objective"]["ibot_head"](patches[mask]), 0.07)

    whole, patches = student["encoder"](views, mask)
    said = student["objective"]["dino_head"](torch.cat([whole, student["encoder"](crops)[0]])).split(pictures)
    pairs = [torch.sum(-q * F.log_softmax(x / 0.1, dim=1), dim=1).mean()
             for t, q in enumerate(told) for v, x in enumerate(said) if v != t]
    loss = sum(pairs) / len(pairs)

    said_of_patches = student["objective"]["ibot_head"](patches[mask])
    entropies = torch.sum(-told_of_patches * F.log_softmax(said_of_patches / 0.1, dim=1), dim=1)
    share = 1 / mask.sum(1, keepdim=True).clamp(min=1).expand_as(mask)[mask]
    loss = loss + (entropies * share).sum() / len(mask)
    loss = loss + 0.1 * (koleo(whole[:pictures]) + koleo(whole[pictures:]))
    loss.backward()
    out |= {"loss": loss.reshape(1), **gradients(student)}

    def decays(name):  # matrices of linear layers, but the prototypes
        return name.endswith(".weight") and not name.endswith("last_layer.weight") and "norm" not in name

    parts = [{"params": [p for name, p in weights(student).items() if decays(name) == decayed],
              "weight_decay": 0.1 if decayed else 0.0} for decayed in (True, False)]
    torch.optim.AdamW(parts, lr=1e-2, betas=(0.9, 0.95), eps=1e-8).step()
    with torch.no_grad():
        for p, q in zip(student.parameters(), teacher.parameters()):
            q.mul_(0.95).add_(p, alpha=0.05)
    for name in ("encoder.mask_token", "encoder.reg_token", "encoder.blocks.0.ls1.gamma",
                 "objective.ibot_head.last_layer.weight"):
        out |= {f"after.{name}": weights(student)[name], f"teacher.after.{name}": weights(teacher)[name]}
    save("dinov2", out)


if __name__ == "__main__":
    registers()
    dinov2()
