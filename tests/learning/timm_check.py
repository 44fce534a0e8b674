#!/usr/bin/env python3
"""An exported encoder in timm: the same weights, the same features.

    python3 timm_check.py WEIGHTS.safetensors FEATURES.npy IMAGES-idx3-ubyte

WEIGHTS from `eidoscope export`, FEATURES from `eidoscope embed` over the test
half, IMAGES the pictures of that half. Everything else is read out of the
weights' metadata. Exit status 0: the same; 1: not; 77: timm is not here.
"""
import configparser
import functools
import sys

try:
    import numpy as np
    import timm.models.vision_transformer as vit
    import torch
    from safetensors import safe_open
except ImportError as missing:
    print(missing)
    sys.exit(77)


def read_weights(file):
    with safe_open(file, "pt") as f:
        recipe = configparser.ConfigParser()
        recipe.read_string(f.metadata()["recipe"])
        mean, std = (np.array(f.metadata()[key].split(), np.float32) for key in ("mean", "std"))
        return {name: f.get_tensor(name) for name in f.keys()}, recipe, mean, std


def read_images(file, mean, std):
    side = int.from_bytes(open(file, "rb").read(12)[8:], "big")
    pixels = np.fromfile(file, np.uint8, offset=16).reshape(-1, 1, side, side).astype(np.float32)
    return torch.from_numpy((pixels / 255 - mean[0]) / std[0])


def main(weights_file, features_file, images_file):
    weights, recipe, mean, std = read_weights(weights_file)
    encoder = recipe["Encoder"]
    images = read_images(images_file, mean, std)
    of_class = encoder["pooling"] == "class"
    model = vit.VisionTransformer(
        img_size=images.shape[-1], patch_size=encoder.getint("patch"), in_chans=1, num_classes=0,
        embed_dim=encoder.getint("width"), depth=encoder.getint("depth"), num_heads=encoder.getint("heads"),
        mlp_ratio=encoder.getfloat("mlp-ratio"), global_pool="token" if of_class else "avg", class_token=of_class,
        fc_norm=False, norm_layer=functools.partial(torch.nn.LayerNorm, eps=1e-6))
    model.load_state_dict(weights, strict=True)
    with torch.no_grad():
        expected = model.eval()(images).numpy()
    features = np.load(features_file)
    error = np.abs(features - expected).max()
    print(f"{features.shape} features, largest difference {error:.2e}")
    return features.shape != expected.shape or not error < 1e-3


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
