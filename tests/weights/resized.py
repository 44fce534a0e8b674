#!/usr/bin/env python3
"""Features of pictures of another size than the weights were made for, as each library computes them.

    python3 resized.py [FOLDER of a checkout of facebookresearch/dinov2]

Prints the rows of the table in tests/engine/golden-weights.c: the weights are those in tests/golden, the pictures
are a formula, and each library resizes the position embeddings itself, by its own rule. Without a checkout the row
of DINOv2's repository is left out.
"""
import pathlib
import sys
import tempfile

import safetensors.torch
import timm
import timm.models.vision_transformer as timm_vit
import torch
import torchvision
import transformers

GOLDEN = pathlib.Path(__file__).parent.parent / "golden"
SIZES = (4, 20)
SHAPE = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "image_size": 8, "patch_size": 4,
         "layer_norm_eps": 1e-6}


def pictures(size):
    y, x, c = torch.meshgrid(torch.arange(size), torch.arange(size), torch.arange(3), indexing="ij")
    return (((y * 7 + x * 3 + c * 5) % 11) / 5 - 1).permute(2, 0, 1)[None]


def weights(name, prefix):
    """Of a file in tests/golden, without what stands before their names."""
    stored = safetensors.torch.load_file(GOLDEN / f"{name}.safetensors")
    return {key.removeprefix(prefix): x for key, x in stored.items() if key.startswith(prefix)}


def saved_names(model, state):
    """@state, by the names of files, in @model."""
    with tempfile.TemporaryDirectory() as folder:
        model.config.save_pretrained(folder)
        safetensors.torch.save_file(state, pathlib.Path(folder) / "model.safetensors", metadata={"format": "pt"})
        loaded, report = type(model).from_pretrained(folder, output_loading_info=True)
    assert not report["unexpected_keys"] and all("pooler" in k for k in report["missing_keys"]), report
    return loaded.eval()


def hugging_face_vit():
    model = saved_names(transformers.ViTModel(transformers.ViTConfig(intermediate_size=24, **SHAPE)),
                        weights("weights-vit", "vit."))
    return lambda images: model(pixel_values=images, interpolate_pos_encoding=True).last_hidden_state[:, 0]


def hugging_face_dinov2_registers():
    config = transformers.Dinov2WithRegistersConfig(mlp_ratio=2, num_register_tokens=2, **SHAPE)
    model = saved_names(transformers.Dinov2WithRegistersModel(config), weights("weights-dinov2", "dinov2."))
    return lambda images: model(pixel_values=images).last_hidden_state[:, 0]


def timm_registers():
    model = timm_vit.VisionTransformer(img_size=12, patch_size=4, in_chans=3, num_classes=5, embed_dim=12, depth=2,
                                       num_heads=3, mlp_ratio=2.0, global_pool="token", reg_tokens=2,
                                       no_embed_class=True, init_values=0.1, dynamic_img_size=True)
    model.load_state_dict(weights("weights-timm", "model."))
    model.eval()
    return lambda images: model.forward_features(images)[:, 0]


def torchvision_vit():
    state = {key: x for key, x in weights("weights-torchvision", "model.").items() if not key.startswith("heads.")}

    def features(images):
        size = images.shape[-1]
        model = torchvision.models.VisionTransformer(size, 4, 2, 3, 12, 24)
        model.heads = torch.nn.Identity()
        model.load_state_dict(torchvision.models.vision_transformer.interpolate_embeddings(size, 4, dict(state)))
        return model.eval()(images)
    return features


def dinov2_repository():
    """The weights of Hugging Face's ViT, with gains of 1."""
    from dinov2.models.vision_transformer import DinoVisionTransformer
    theirs = weights("weights-vit", "vit.")
    model = DinoVisionTransformer(img_size=8, patch_size=4, embed_dim=12, depth=2, num_heads=3, mlp_ratio=2,
                                  init_values=1.0, block_chunks=0, interpolate_offset=0.1)
    state = {"mask_token": torch.zeros(1, 12), "cls_token": theirs["embeddings.cls_token"],
             "pos_embed": theirs["embeddings.position_embeddings"]}
    for kind in ("weight", "bias"):
        state[f"patch_embed.proj.{kind}"] = theirs[f"embeddings.patch_embeddings.projection.{kind}"]
        state[f"norm.{kind}"] = theirs[f"layernorm.{kind}"]
        for i in range(2):
            a, b = f"blocks.{i}.", f"encoder.layer.{i}."
            state[f"{a}attn.qkv.{kind}"] = torch.cat(
                [theirs[f"{b}attention.attention.{part}.{kind}"] for part in ("query", "key", "value")])
            for ours, name in (("norm1", "layernorm_before"), ("attn.proj", "attention.output.dense"),
                               ("norm2", "layernorm_after"), ("mlp.fc1", "intermediate.dense"),
                               ("mlp.fc2", "output.dense")):
                state[f"{a}{ours}.{kind}"] = theirs[f"{b}{name}.{kind}"]
            state[f"{a}ls1.gamma"] = state[f"{a}ls2.gamma"] = torch.ones(12)
    model.load_state_dict(state)
    model.eval()
    return lambda images: model(images)


def main(checkout):
    makers = {"weights-vit": hugging_face_vit, "weights-dinov2": hugging_face_dinov2_registers,
              "weights-timm": timm_registers, "weights-torchvision": torchvision_vit}
    if checkout is not None:
        sys.path.insert(0, checkout)
        makers["weights-vit as dinov2"] = dinov2_repository
    print(f"/* tests/weights/resized.py: torch {torch.__version__}, torchvision {torchvision.__version__}, "
          f"timm {timm.__version__}, transformers {transformers.__version__} */")
    for name, make in makers.items():
        features = make()
        for size in SIZES:
            with torch.no_grad():
                values = features(pictures(size))[0].tolist()
            print(f"{name} {size}: {{ {', '.join(f'{value:.7g}f' for value in values)} }}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
