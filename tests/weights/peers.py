#!/usr/bin/env python3
"""Published architectures with random weights: the same features here and there, and the same weights back.

    python3 peers.py EIDOSCOPE [PART_OF_A_NAME…]

Models of timm, torchvision and transformers are made with random weights and written as files, of 32 and 16
bits. `eidoscope embed --weights` has to give the features that the library gives for the same pictures, also for
pictures of another size, and `eidoscope export` has to write what the library loads strictly. Nothing is
downloaded. Exit status 0: all agree; 1: not; 77: a library is not here.
"""
import functools
import os
import pathlib
import subprocess
import sys
import tempfile

# Another Python than the one that runs the tests may have the libraries.
if os.environ.get("EIDOSCOPE_PYTHON", sys.executable) != sys.executable and "EIDOSCOPE_PEERS" not in os.environ:
    os.environ["EIDOSCOPE_PEERS"] = "1"
    os.execvp(os.environ["EIDOSCOPE_PYTHON"], [os.environ["EIDOSCOPE_PYTHON"], *sys.argv])

try:
    import numpy as np
    import timm
    import timm.models.vision_transformer as timm_vit
    import torch
    import torchvision
    import transformers
    from PIL import Image
    from safetensors.torch import load_file, save_file
except ImportError as missing:
    print(missing)
    sys.exit(77)

LIMIT = 1e-4  # cosine distance
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
TYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}


def scramble(model):
    """Weights and statistics that are no constants, so that no mistake hides behind them."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, x in [*model.named_parameters(), *model.named_buffers()]:
            if not x.is_floating_point():
                continue
            noise = torch.randn(x.shape, generator=generator)
            if name.endswith("running_var"):
                x.copy_(1 + 0.2 * noise.abs())
            elif "pos" in name or "token" in name:
                x.copy_(0.5 * noise)
            elif x.dim() == 1:
                is_gain = name.endswith("weight") or "gamma" in name or "lambda" in name
                x.copy_((1.0 if is_gain else 0.0) + 0.1 * noise)
            else:
                x.copy_(noise * (1.4 if x.dim() == 4 else 1) / x[0].numel() ** 0.5)
    return model.eval()


# Each: name -> (model, features of pixels, own size, another size, extra settings)

def of_tokens(pick):
    def features(model, pixels, own):
        return pick(model(pixel_values=pixels, **own).last_hidden_state)
    return features


SHAPE = {"hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "image_size": 32, "patch_size": 8}
HEADS = ["Encoder.heads=4"]
ANY_SIZE = {"interpolate_pos_encoding": True}


def first(x):
    return x[:, 0]


def hugging_face(model, pick, **own):
    return model, of_tokens(pick), own


def timm_transformer(**given):
    model = timm_vit.VisionTransformer(**{**dict(img_size=32, patch_size=8, num_classes=5, embed_dim=48, depth=2,
                                                 num_heads=4, mlp_ratio=2.0, dynamic_img_size=True), **given})
    return model, lambda m, pixels, own: m.forward_head(m.forward_features(pixels), pre_logits=True), {}


def torchvision_transformer():
    def features(model, pixels, own):
        size = pixels.shape[-1]
        state = {k: v for k, v in model.state_dict().items() if not k.startswith("heads.")}
        if size != model.image_size:
            state = torchvision.models.vision_transformer.interpolate_embeddings(size, 8, state)
        model = torchvision.models.VisionTransformer(size, 8, 2, 4, 48, 96)
        model.heads = torch.nn.Identity()
        model.load_state_dict(state)
        return model.eval()(pixels)
    return torchvision.models.VisionTransformer(32, 8, 2, 4, 48, 96), features, {}


def torchvision_residual(make):
    def features(model, pixels, own):
        head, model.fc = model.fc, torch.nn.Identity()
        out = model(pixels)
        model.fc = head
        return out
    return make(), features, {}


MODELS = {
    "timm-vit": lambda: timm_transformer(),
    "timm-vit-registers": lambda: timm_transformer(reg_tokens=3, no_embed_class=True, init_values=0.1),
    "timm-vit-registers-embedded": lambda: timm_transformer(reg_tokens=2),
    "timm-vit-average": lambda: timm_transformer(global_pool="avg"),
    "timm-vit-average-bare": lambda: timm_transformer(global_pool="avg", class_token=False, fc_norm=False),
    "timm-vit-no-qkv-bias": lambda: timm_transformer(qkv_bias=False),
    "timm-vit-pre-norm": lambda: timm_transformer(pre_norm=True),
    "timm-vit-deit3": lambda: timm_transformer(no_embed_class=True, init_values=0.1),
    "timm-resnet18": lambda: (timm.create_model("resnet18", num_classes=5),
                              lambda m, pixels, own: m.forward_head(m.forward_features(pixels), pre_logits=True), {}),
    "torchvision-vit": torchvision_transformer,
    "torchvision-resnet18": lambda: torchvision_residual(torchvision.models.resnet18),
    "torchvision-resnet50": lambda: torchvision_residual(torchvision.models.resnet50),
    "huggingface-vit": lambda: hugging_face(transformers.ViTModel(transformers.ViTConfig(
        intermediate_size=96, **SHAPE)), first, **ANY_SIZE),
    "huggingface-vit-tanh": lambda: hugging_face(transformers.ViTModel(transformers.ViTConfig(
        intermediate_size=96, hidden_act="gelu_pytorch_tanh", **SHAPE)), first, **ANY_SIZE),
    "huggingface-msn": lambda: hugging_face(transformers.ViTMSNModel(transformers.ViTMSNConfig(
        intermediate_size=96, **SHAPE)), first, **ANY_SIZE),
    "huggingface-mae": lambda: hugging_face(transformers.ViTMAEModel(transformers.ViTMAEConfig(
        intermediate_size=96, mask_ratio=0.0, **SHAPE)), first, **ANY_SIZE),
    "huggingface-ijepa": lambda: hugging_face(transformers.IJepaModel(transformers.IJepaConfig(
        intermediate_size=96, **SHAPE)), lambda x: x.mean(1), **ANY_SIZE),
    "huggingface-dinov2": lambda: hugging_face(transformers.Dinov2Model(transformers.Dinov2Config(
        mlp_ratio=2, layerscale_value=0.1, **SHAPE)), first),
    "huggingface-dinov2-registers": lambda: hugging_face(transformers.Dinov2WithRegistersModel(
        transformers.Dinov2WithRegistersConfig(mlp_ratio=2, num_register_tokens=3, **SHAPE)), first),
    "huggingface-resnet50": lambda: (transformers.ResNetModel(transformers.ResNetConfig()),
                                     lambda m, pixels, own: m(pixels).pooler_output.flatten(1), {}),
}


def write_pictures(folder, size):
    generator = np.random.default_rng(size)
    folder.mkdir()
    for half, count in (("train", 4), ("test", 4)):
        for label in ("a", "b"):
            (folder / half / label).mkdir(parents=True)
            for i in range(count // 2):
                small = generator.integers(0, 256, (5, 5, 3), dtype=np.uint8)
                picture = Image.fromarray(small).resize((size, size), Image.BICUBIC)
                picture.save(folder / half / label / f"{i}.png")


def read_pixels(folder):
    """In the order of the files' names, as the program has them."""
    files = sorted((folder / "test").rglob("*.png"))
    pixels = np.stack([np.asarray(Image.open(f).convert("RGB")) for f in files]).astype(np.float32) / 255
    pixels = (pixels - np.float32(MEAN)) / np.float32(STD)
    return torch.from_numpy(pixels.transpose(0, 3, 1, 2).copy())


def run(command, *words):
    made = subprocess.run([command, *map(str, words)], capture_output=True, text=True)
    if made.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}\n{made.stderr}")
    return made.stderr


def distance(a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    return (1 - (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)).max()


def compare(command, folder, name, model, features, own, weights, pictures, size, more):
    out = folder / "features.npy"
    said = run(command, "embed", "--weights", weights, "--path", pictures, "--size", size, "--output", out,
               "--set", "Run.precision=f32", *more)
    with torch.no_grad():
        expected = features(model, read_pixels(pictures), own).numpy()
    found = np.load(out)
    assert found.shape == expected.shape, (found.shape, expected.shape)
    return distance(found, expected), said


def check_export(command, folder, name, weights, pictures, size, more, model):
    """The model that the library makes of what the program writes of the same weights, loaded strictly."""
    family = name.split("-")[0]
    made = folder / "made"
    made.mkdir()
    said = run(command, "export", "--weights", weights, "--path", pictures, "--size", size, "--names", family,
               "--output", made / "model.safetensors", *more)
    tensors = load_file(made / "model.safetensors")
    if family == "huggingface":
        kind = type(model)
        whole = {"mask_ratio": 0.0} if "mae" in name else {}
        loaded, report = kind.from_pretrained(made, output_loading_info=True, **whole)
        missing = [k for k in report["missing_keys"] if not k.startswith("pooler.")
                   and not k.endswith("num_batches_tracked")]
        assert not missing and not report["unexpected_keys"] and not report["mismatched_keys"], report
        return loaded
    if family == "torchvision":
        loaded = MODELS[name]()[0]
        for head in ("heads", "fc"):
            if hasattr(loaded, head):
                setattr(loaded, head, torch.nn.Identity())
        loaded.load_state_dict(tensors, strict=True)
        return loaded
    if "resnet" in name:
        loaded = timm.create_model("resnet18", num_classes=0)
        loaded.load_state_dict(tensors, strict=True)
        return loaded
    call = next(line for line in said.splitlines() if "VisionTransformer(" in line)
    call = call[call.index("timm."):call.rindex(")") + 1]
    loaded = eval(call, {"timm": timm, "torch": torch, "functools": functools})
    loaded.load_state_dict(tensors, strict=True)
    return loaded


def same_features(name, loaded, features, own, pictures, found):
    with torch.no_grad():
        if name.startswith("timm"):
            expected = loaded.eval()(read_pixels(pictures))
        elif name.startswith("torchvision"):
            expected = loaded.eval()(read_pixels(pictures))
        else:
            expected = features(loaded.eval(), read_pixels(pictures), own)
    return distance(found, expected.numpy())


def main(command, wanted):
    bad = 0
    with tempfile.TemporaryDirectory() as root:
        root = pathlib.Path(root)
        pictures = {}
        for name, make in MODELS.items():
            if wanted and not any(part in name for part in wanted):
                continue
            torch.manual_seed(3)
            model, features, own = make()
            scramble(model)
            residual = "resnet" in name
            for kind, dtype in TYPES.items():
                folder = root / f"{name}-{kind}"
                folder.mkdir()
                weights = folder / "model.safetensors"
                # As the file has them: rounding is no fault of the reader's.
                state = {k: v.to(dtype) if v.is_floating_point() else v for k, v in model.state_dict().items()}
                rounded, _, _ = make()
                rounded.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
                rounded.eval()
                if name.startswith("huggingface"):
                    rounded.save_pretrained(folder)  # under the names of files, with config.json
                    named = load_file(weights)
                    save_file({k: v.to(dtype) if v.is_floating_point() else v for k, v in named.items()}, weights)
                else:
                    save_file({k: v.contiguous() for k, v in state.items()}, weights)
                more = [] if residual or name.startswith("huggingface") else ["--set", HEADS[0]]
                for size in ((64, 96) if residual else (32, 48, 24) if kind == "f32" else (32, 48)):
                    if size not in pictures:
                        pictures[size] = root / f"pictures-{size}"
                        write_pictures(pictures[size], size)
                    try:
                        far, said = compare(command, folder, name, rounded, features, own, weights, pictures[size],
                                            size, more)
                        good = far < LIMIT
                        print(f"{name:30} {kind:5} {size:3}  distance {far:.1e}  {'ok' if good else 'DIFFERS'}",
                              flush=True)
                        if not good:
                            print(said)
                    except (RuntimeError, AssertionError) as problem:
                        good = False
                        print(f"{name:30} {kind:5} {size:3}  FAILED  {problem}", flush=True)
                    bad += not good
                if kind != "f32":
                    continue
                size = 64 if residual else 32
                try:
                    loaded = check_export(command, folder, name, weights, pictures[size], size, more, model)
                    run(command, "embed", "--weights", weights, "--path", pictures[size], "--size", size,
                        "--output", folder / "back.npy", "--set", "Run.precision=f32", *more)
                    far = same_features(name, loaded, features, own, pictures[size], np.load(folder / "back.npy"))
                    good = far < LIMIT
                    print(f"{name:30} export     distance {far:.1e}  {'ok' if good else 'DIFFERS'}", flush=True)
                except Exception as problem:
                    good = False
                    print(f"{name:30} export     FAILED  {problem}", flush=True)
                bad += not good
                if name.startswith("huggingface") and "resnet" not in name:
                    # The names of modules in memory, without a configuration beside: the family's epsilon.
                    bare = folder / "bare"
                    bare.mkdir()
                    save_file({k: v.contiguous() for k, v in rounded.state_dict().items()}, bare / "memory.safetensors")
                    try:
                        far, said = compare(command, folder, name, rounded, features, own, bare / "memory.safetensors",
                                            pictures[32], 32, ["--set", HEADS[0]])
                        good = far < LIMIT
                        print(f"{name:30} in memory  distance {far:.1e}  {'ok' if good else 'DIFFERS'}", flush=True)
                    except (RuntimeError, AssertionError) as problem:
                        good = False
                        print(f"{name:30} in memory  FAILED  {problem}", flush=True)
                    bad += not good
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    transformers.logging.set_verbosity_error()
    sys.exit(main(sys.argv[1], sys.argv[2:]))
