"""The six benchmark cases in PyTorch, one function a case.

Each builder takes the precision ("f32" or "bf16") and returns the Work of one
step: what to compute, on which fixed tensors. It leaves to peer.py what all
cases share: autocast, torch.compile, the optimizer, the clock.
"""

import importlib

CASES = {
    "vit-ti4-32-simclr": ("simclr", "vit_ti4_32"),
    "vit-s16-224-mae": ("mae", "vit_s16_224"),
    "vit-s16-224-dino": ("dino", "vit_s16_224"),
    "resnet18-32-simclr": ("simclr", "resnet18_32"),
    "resnet50-224-infer": ("infer", "resnet50_224"),
    "gpt-6x384-256": ("gpt", "gpt_6x384_256"),
}


def build(case, precision):
    """The Work of a case. Loads torch, so not before peers.tuning has spoken."""
    module, function = CASES[case]
    return getattr(importlib.import_module(f".{module}", __name__), function)(precision)
