#!/usr/bin/env python3
"""Weights as other programs name them, and the features that these make of them.

    python3 weights.py        (needs what make.py needs, and transformers)

The weights lie behind one word and a dot, as inside of a larger model; "images",
"pooled" and "tokens" are beside them.
"""

import pathlib
import tempfile

import safetensors.torch
import timm.models.vision_transformer as vit
import torch
import torchvision
import transformers

from make import layer_norm, noise, save, scramble


def save_beside(name, prefix, named, images, pooled, tokens):
    save(name, {"images": images.permute(0, 2, 3, 1), "pooled": pooled, "tokens": tokens,
                **{prefix + key: x for key, x in named.items()}})


def hugging_face(name, prefix, model, extra):
    """The names are those of the file that transformers writes."""
    scramble(model).eval()
    images = noise(2, 3, 8, 8)
    with torch.no_grad():
        out = model(pixel_values=images).last_hidden_state
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        named = safetensors.torch.load_file(pathlib.Path(folder) / "model.safetensors")
    save_beside(name, prefix, named, images, out[:, 0], out[:, extra:])


SHAPE = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "image_size": 8, "patch_size": 4,
         "layer_norm_eps": 1e-6}


def hugging_face_vit():
    torch.manual_seed(31)
    config = transformers.ViTConfig(intermediate_size=24, **SHAPE)
    hugging_face("weights-vit", "vit.", transformers.ViTModel(config, add_pooling_layer=False), 1)


def hugging_face_dinov2():
    torch.manual_seed(32)
    config = transformers.Dinov2WithRegistersConfig(mlp_ratio=2, num_register_tokens=2, **SHAPE)
    hugging_face("weights-dinov2", "dinov2.", transformers.Dinov2WithRegistersModel(config), 3)


def timm_registers():
    """Of pictures of 12 pixels, used on pictures of 8."""
    torch.manual_seed(33)
    model = vit.VisionTransformer(img_size=12, patch_size=4, in_chans=3, num_classes=5, embed_dim=12, depth=2,
                                  num_heads=3, mlp_ratio=2.0, global_pool="token", class_token=True, reg_tokens=2,
                                  no_embed_class=True, init_values=0.1, dynamic_img_size=True, norm_layer=layer_norm)
    scramble(model).eval()
    images = noise(2, 3, 8, 8)
    with torch.no_grad():
        out = model.forward_features(images)
    save_beside("weights-timm", "model.", model.state_dict(), images, out[:, 0], out[:, 3:])


def torchvision_vit():
    torch.manual_seed(34)
    model = torchvision.models.VisionTransformer(image_size=8, patch_size=4, num_layers=2, num_heads=3, hidden_dim=12,
                                                 mlp_dim=24, num_classes=5)
    scramble(model).eval()
    images = noise(2, 3, 8, 8)
    with torch.no_grad():
        x = model._process_input(images)
        out = model.encoder(torch.cat([model.class_token.expand(len(x), -1, -1), x], dim=1))
    save_beside("weights-torchvision", "model.", model.state_dict(), images, out[:, 0], out[:, 1:])


if __name__ == "__main__":
    hugging_face_vit()
    hugging_face_dinov2()
    timm_registers()
    torchvision_vit()
