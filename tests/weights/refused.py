#!/usr/bin/env python3
"""Published architectures that the program's encoders are not: each is refused, and by the name of what it has.

    python3 refused.py EIDOSCOPE [PART_OF_A_NAME…]

Models of timm, torchvision and transformers are made small, with random weights, and saved as they are published.
`eidoscope embed --weights` has to refuse each with the words beside it. What weights in other kinds of files are
refused with is a command of Python: it is run, and its file has to be taken. Nothing is downloaded. Exit status 0:
all are; 1: not; 77: a library is not here.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# Another Python than the one that runs the tests may have the libraries.
if os.environ.get("EIDOSCOPE_PYTHON", sys.executable) != sys.executable and "EIDOSCOPE_PEERS" not in os.environ:
    os.environ["EIDOSCOPE_PEERS"] = "1"
    os.execvp(os.environ["EIDOSCOPE_PYTHON"], [os.environ["EIDOSCOPE_PYTHON"], *sys.argv])

try:
    import timm
    import timm.layers
    import timm.models.deit
    import timm.models.vision_transformer as timm_vit
    import torch
    import torchvision.models as vision
    import transformers as hf
    from PIL import Image
    from safetensors.torch import save_file
except ImportError as missing:
    print(missing)
    sys.exit(77)

UNKNOWN = "its tensors are not those of a vision transformer or residual network"
TINY = dict(img_size=32, patch_size=8, embed_dim=48, depth=2, num_heads=4)
SHAPE = {"hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "image_size": 32, "patch_size": 8,
         "intermediate_size": 96}


def transformer(**given):
    return timm_vit.VisionTransformer(**{**TINY, "num_classes": 5, **given})


# name -> (words of the refusal, what makes the model)
MODELS = {
    "timm-beit": ("relative positions", lambda: timm.create_model("beit_base_patch16_224", **TINY)),
    "timm-cait": ("class token alone (CaiT", lambda: timm.create_model("cait_xxs24_224", **TINY)),
    "timm-xcit": ("class token alone (CaiT", lambda: timm.create_model("xcit_nano_12_p8_224")),
    "timm-eva02": ("a gated perceptron", lambda: timm.create_model("eva02_tiny_patch14_224", depth=2)),
    "timm-dinov3": ("rotary", lambda: timm.create_model("vit_small_patch16_dinov3", depth=2)),
    "timm-qk-norm": ("QK-norm", lambda: transformer(qk_norm=True)),
    "timm-parallel-scaling": ("side by side", lambda: transformer(block_fn=timm_vit.ParallelScalingBlock)),
    "timm-parallel-things": ("side by side", lambda: transformer(block_fn=timm_vit.ParallelThingsBlock)),
    "timm-post-norm": ("norms after the branches", lambda: timm.create_model("vit_base_patch16_rpn_224", **TINY)),
    "timm-quick-gelu": ("QuickGELU", lambda: timm.create_model("vit_base_patch32_clip_quickgelu_224", **TINY)),
    "timm-blur": ("anti-aliased", lambda: timm.create_model("resnetblur50")),
    "timm-anti-aliased": ("anti-aliased", lambda: timm.create_model("resnetaa50")),
    "timm-swiglu": ("a gated perceptron", lambda: transformer(mlp_layer=timm.layers.SwiGLUPacked,
                                                              act_layer=torch.nn.SiLU)),
    "timm-scaled-mlp": ("a norm inside the perceptron", lambda: transformer(scale_mlp_norm=True)),
    "timm-scaled-attention": ("a norm after the attention", lambda: transformer(scale_attn_norm=True)),
    "timm-rms-norm": ("RMSNorm", lambda: transformer(norm_layer=timm.layers.RmsNorm)),
    "timm-siglip": ("pooling by attention", lambda: transformer(class_token=False, global_pool="map")),
    "timm-distilled": ("distillation token", lambda: timm.models.deit.VisionTransformerDistilled(**TINY)),
    "timm-hiera": ("stages of several widths", lambda: timm.create_model("hiera_tiny_224")),
    "timm-convit": ("relative positions", lambda: timm.create_model("convit_tiny", depth=2)),
    "timm-swin": ("relative positions", lambda: timm.create_model("swin_tiny_patch4_window7_224")),
    "timm-swinv2": ("relative positions", lambda: timm.create_model("swinv2_tiny_window8_256")),
    "timm-mixer": (UNKNOWN, lambda: timm.create_model("mixer_s32_224")),
    "timm-convnext": ("one channel each", lambda: timm.create_model("convnext_atto")),
    "timm-mobilenet": ("gates of channels|one channel each", lambda: timm.create_model("mobilenetv3_small_050")),
    "timm-efficientnet": ("gates of channels|one channel each", lambda: timm.create_model("efficientnet_lite0")),
    "timm-regnet": ("RegNet", lambda: timm.create_model("regnety_002")),
    "timm-resnet-d": ("ResNet-D", lambda: timm.create_model("resnet18d")),
    "timm-resnet-plain-d": ("ResNet-D", lambda: timm.create_model("resnet18", avg_down=True)),
    "timm-resnet-se": ("gates of channels", lambda: timm.create_model("seresnet18")),
    "timm-resnet-eca": ("gates of channels|ResNet-D", lambda: timm.create_model("ecaresnet50t")),
    "timm-resnet-group-norm": ("GroupNorm", lambda: timm.create_model("resnet50_gn")),
    "timm-resnet-v2": ("ResNet v2", lambda: timm.create_model("resnetv2_50")),
    "timm-res2net": ("Res2Net", lambda: timm.create_model("res2net50_26w_4s")),
    "timm-resnest": ("ResNet-D", lambda: timm.create_model("resnest14d")),
    "torchvision-resnext": ("ResNeXt", vision.resnext50_32x4d),
    "torchvision-wide": ("Wide ResNet", vision.wide_resnet50_2),
    "torchvision-resnet101": ("3, 4, 23 and 3 blocks", vision.resnet101),
    "torchvision-regnet": ("RegNet", vision.regnet_y_400mf),
    "torchvision-mobilenet": ("one channel each", vision.mobilenet_v2),
    "torchvision-convnext": ("one channel each", vision.convnext_tiny),
    "torchvision-swin": ("relative positions", vision.swin_t),
    "torchvision-densenet": (UNKNOWN, vision.densenet121),
    "huggingface-beit": ("relative positions", lambda: hf.BeitModel(hf.BeitConfig(
        use_relative_position_bias=True, **SHAPE))),
    "huggingface-beit-absolute": ("as BEiT has it", lambda: hf.BeitModel(hf.BeitConfig(
        use_absolute_position_embeddings=True, **SHAPE))),
    "huggingface-data2vec": ("relative positions", lambda: hf.Data2VecVisionModel(hf.Data2VecVisionConfig(
        use_relative_position_bias=True, **SHAPE))),
    "huggingface-deit": ("distillation token", lambda: hf.DeiTModel(hf.DeiTConfig(**SHAPE))),
    "huggingface-siglip": ("pooling by attention", lambda: hf.SiglipVisionModel(hf.SiglipVisionConfig(**SHAPE))),
    "huggingface-clip": ("CLIP", lambda: hf.CLIPVisionModel(hf.CLIPVisionConfig(**SHAPE))),
    "huggingface-dinov3": ("rotary", lambda: hf.DINOv3ViTModel(hf.DINOv3ViTConfig(num_register_tokens=4, **SHAPE))),
    "huggingface-dinov3-gated": ("gated|rotary", lambda: hf.DINOv3ViTModel(hf.DINOv3ViTConfig(
        use_gated_mlp=True, **SHAPE))),
    "huggingface-dinov2-giant": ("a gated perceptron", lambda: hf.Dinov2Model(hf.Dinov2Config(
        use_swiglu_ffn=True, **{k: v for k, v in SHAPE.items() if k != "intermediate_size"}))),
    "huggingface-quick-gelu": ("the activation “quick_gelu”", lambda: hf.ViTModel(hf.ViTConfig(
        hidden_act="quick_gelu", **SHAPE))),
    "huggingface-hiera": ("stages of several widths", lambda: hf.HieraModel(hf.HieraConfig())),
    "huggingface-swin": ("relative positions|stages", lambda: hf.SwinModel(hf.SwinConfig(depths=[1, 1, 1, 1]))),
    "huggingface-convnext": ("one channel each", lambda: hf.ConvNextModel(hf.ConvNextConfig(
        depths=[1, 1, 1, 1], hidden_sizes=[16, 32, 64, 128]))),
    "huggingface-regnet": ("grouped", lambda: hf.RegNetModel(hf.RegNetConfig())),
    "huggingface-resnet101": ("3, 4, 23 and 3 blocks", lambda: hf.ResNetModel(hf.ResNetConfig(depths=[3, 4, 23, 3]))),
    "huggingface-resnet-v1": ("stride in their first convolution", lambda: hf.ResNetModel(hf.ResNetConfig(
        downsample_in_bottleneck=True))),
    "huggingface-vjepa2": ("V-JEPA", lambda: hf.VJEPA2Model(hf.VJEPA2Config(
        hidden_size=48, num_hidden_layers=2, num_attention_heads=4, pred_hidden_size=48, pred_num_hidden_layers=1,
        pred_num_attention_heads=4, crop_size=32, patch_size=8))),
}


def embed(command, folder, weights):
    made = subprocess.run([command, "embed", "--weights", weights, "--path", folder / "pictures", "--size", "32",
                           "--output", folder / "features.npy"], capture_output=True, text=True, cwd=folder)
    return made.returncode, made.stderr


def check_refused(command, root, name, words, make):
    folder = root / name
    folder.mkdir()
    model = make()
    if name.startswith("huggingface"):
        model.save_pretrained(folder)
    else:
        save_file({k: v.contiguous().clone() for k, v in model.state_dict().items()}, folder / "model.safetensors")
    if name.startswith("timm") and hasattr(model, "pretrained_cfg"):
        timm.models._hub.save_config_for_hf(model, folder / "config.json")
    (folder / "pictures").symlink_to(root / "pictures")
    status, said = embed(command, folder, folder / "model.safetensors")
    good = status in (1, 2) and any(word in said for word in words.split("|"))
    print(f"{name:28} {'ok     ' if good else 'NOT SO '} {said.strip().splitlines()[-1]}", flush=True)
    return good


def check_remedies(command, root):
    """What a refused file's sentence tells to run in Python makes one that is taken."""
    folder = root / "remedies"
    folder.mkdir()
    (folder / "pictures").symlink_to(root / "pictures")
    model = hf.ViTModel(hf.ViTConfig(**SHAPE))
    good = True
    torch.save({"epoch": 3, "state_dict": transformer().state_dict()}, folder / "checkpoint.pth")
    torch.save(model.state_dict(), folder / "old.bin", _use_new_zipfile_serialization=False)
    model.save_pretrained(folder, max_shard_size="100KB")
    shard = sorted(folder.glob("model-*-of-*.safetensors"))[0].name
    for name, taken in (("checkpoint.pth", "checkpoint.safetensors"), ("old.bin", "old.safetensors"),
                        (shard, "whole.safetensors"), ("model.safetensors.index.json", "whole.safetensors")):
        status, said = embed(command, folder, folder / name)
        found = re.search(r"in Python: (.*\))", said)
        code = found.group(1) if found else "raise SystemExit(1)"
        remedy = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
        after, heard = embed(command, folder, folder / taken)
        right = status == 1 and remedy.returncode == 0 and after == 0
        print(f"{name:28} {'ok' if right else f'NOT SO  {said}{remedy.stderr}{heard}'}", flush=True)
        (folder / taken).unlink(missing_ok=True)
        good &= right
    return good


def main(command, wanted):
    with tempfile.TemporaryDirectory() as root:
        root = pathlib.Path(root)
        for half in ("train", "test"):
            for label in ("a", "b"):
                place = root / "pictures" / half / label
                place.mkdir(parents=True)
                for i in range(2):
                    Image.new("RGB", (32, 32), (40 * i, 90, 70)).save(place / f"{i}.png")
        torch.manual_seed(3)
        bad = [name for name, (words, make) in MODELS.items()
               if (not wanted or any(part in name for part in wanted))
               and not check_refused(command, root, name, words, make)]
        if not wanted or "remedies" in wanted:
            bad += [] if check_remedies(command, root) else ["remedies"]
    print(f"not so: {', '.join(bad)}" if bad else "all are refused as they should be")
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    hf.logging.set_verbosity_error()
    sys.exit(main(os.path.abspath(sys.argv[1]), sys.argv[2:]))
