#!/usr/bin/env python3
"""Makes the golden numbers beside this file, with PyTorch, torchvision and timm.

    python3 make.py        (needs torch, torchvision, timm, safetensors; any CPU)

Each *.safetensors holds inputs, weights and what PyTorch makes of them;
tests/engine/golden.c reads them and needs no Python. joint.py makes those of
most joint-embedding objectives. Everything is computed in float64 and stored as
float32, so the files do not depend on the machine but for the last bit.
Gradients are stored as "grad." + name, of sum (w * output) where a file has a
"w", of the loss where it has a "loss".
"""

import functools
import pathlib

import safetensors.torch
import timm.layers
import timm.models.vision_transformer as vit
import torch
import torch.nn.functional as F
import torchvision

HERE = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float64)
timm.layers.set_fused_attn(False)
layer_norm = functools.partial(torch.nn.LayerNorm, eps=1e-6)


def single(x):
    """The nearest numbers that a float32 holds: what the engine will be given."""
    return x.detach().to(torch.float32).to(torch.float64)


def noise(*shape, scale=1.0):
    return single(torch.randn(*shape) * scale)


def save(name, tensors):
    stored = {
        key: (x.detach().to(torch.float32) if x.is_floating_point() else x.to(torch.int32)).contiguous()
        for key, x in tensors.items()
    }
    made_by = f"make.py, torch {torch.__version__}, timm {timm.__version__}"
    safetensors.torch.save_file(stored, HERE / f"{name}.safetensors", metadata={"made-by": made_by})


def scramble(module, scale=0.3):
    """No weight at a value that hides a mistake: norms off 1, biases off 0."""
    with torch.no_grad():
        for name, p in module.named_parameters():
            one = 1.0 if ("norm" in name or "ln_" in name) and name.endswith("weight") else 0.0
            p.copy_(noise(*p.shape, scale=scale) + one)
            p.copy_(single(p))
    return module


def weights(module):
    return dict(module.named_parameters())


def gradients(module):
    return {f"grad.{name}": p.grad for name, p in module.named_parameters() if p.grad is not None}


def block():
    """One pre-norm transformer block of timm, with all its gradients."""
    torch.manual_seed(1)
    model = scramble(vit.Block(24, num_heads=3, mlp_ratio=2.0, qkv_bias=True, norm_layer=layer_norm))
    x = noise(2, 10, 24).requires_grad_()
    w = noise(2, 10, 24)
    y = model(x)
    (y * w).sum().backward()
    save("block", {"x": x, "w": w, "y": y, "grad.x": x.grad, **weights(model), **gradients(model)})


def vision_transformer(pool):
    """A whole VisionTransformer of timm; images are stored [B, H, W, C]."""
    torch.manual_seed(2)
    model = vit.VisionTransformer(img_size=8, patch_size=4, in_chans=3, num_classes=0, embed_dim=12, depth=2,
                                  num_heads=3, mlp_ratio=2.0, global_pool=pool, class_token=pool == "token",
                                  fc_norm=False, norm_layer=layer_norm)
    scramble(model)
    images = noise(2, 3, 8, 8)
    tokens = model.forward_features(images)
    pooled = model.forward_head(tokens)
    w = noise(*pooled.shape)
    (pooled * w).sum().backward()
    save(f"vit-{pool}", {"images": images.permute(0, 2, 3, 1), "tokens": tokens, "pooled": pooled, "w": w,
                         **weights(model), **gradients(model)})


def nt_xent_loss(z, temperature):
    """Chen et al. 2020, equation 1; rows i and i + N are the views of one sample."""
    rows, loss = len(z), 0
    for i in range(rows):
        j = (i + rows // 2) % rows
        numerator = torch.exp(z[i] @ z[j] / temperature)
        denominator = sum(torch.exp(z[i] @ z[k] / temperature) for k in range(rows) if k != i)
        loss = loss - torch.log(numerator / denominator) / rows
    return loss


def nt_xent(temperature):
    torch.manual_seed(3)
    z = single(F.normalize(noise(12, 8), dim=1)).requires_grad_()
    loss = nt_xent_loss(z, temperature)
    loss.backward()
    save(f"nt-xent-{temperature}", {"z": z, "loss": loss.reshape(1), "grad.z": z.grad})


def simclr():
    """A training step of SimCLR as the program has it: names as in its checkpoints."""
    torch.manual_seed(7)
    encoder = vit.VisionTransformer(img_size=8, patch_size=4, in_chans=3, num_classes=0, embed_dim=12, depth=1,
                                    num_heads=3, mlp_ratio=2.0, global_pool="avg", class_token=False, fc_norm=False,
                                    norm_layer=layer_norm)
    projector = torch.nn.Sequential(torch.nn.Linear(12, 16, bias=False), torch.nn.BatchNorm1d(16), torch.nn.ReLU(),
                                    torch.nn.Linear(16, 8))
    model = torch.nn.ModuleDict({"encoder": encoder, "objective": torch.nn.ModuleDict({"projector": projector})})
    scramble(model)
    views = noise(2 * 4, 3, 8, 8)  # two views of four pictures, view-major
    z = F.normalize(projector(encoder(views)), dim=1)
    loss = nt_xent_loss(z, 0.2)
    loss.backward()
    save("simclr", {"views": views.permute(0, 2, 3, 1), "loss": loss.reshape(1),
                    "running_mean": projector[1].running_mean, "running_var": projector[1].running_var,
                    **weights(model), **gradients(model)})


class DinoHead(torch.nn.Module):
    """The head of Caron et al. 2021, its last layer normalised by hand, with the gain at 1."""

    def __init__(self, width=12, hidden=16, bottleneck=8, prototypes=20):
        super().__init__()
        self.mlp = torch.nn.Sequential(torch.nn.Linear(width, hidden), torch.nn.GELU(), torch.nn.Linear(hidden, hidden),
                                       torch.nn.GELU(), torch.nn.Linear(hidden, bottleneck))
        self.last_layer = torch.nn.Module()
        self.last_layer.weight = torch.nn.Parameter(torch.zeros(prototypes, bottleneck))

    def forward(self, x):
        return F.linear(F.normalize(self.mlp(x), dim=1), F.normalize(self.last_layer.weight, dim=1))


def dino_network():
    encoder = vit.VisionTransformer(img_size=8, patch_size=2, in_chans=3, num_classes=0, embed_dim=12, depth=1,
                                    num_heads=3, mlp_ratio=2.0, global_pool="token", dynamic_img_size=True,
                                    norm_layer=layer_norm)
    objective = torch.nn.ModuleDict({"head": DinoHead()})
    return scramble(torch.nn.ModuleDict({"encoder": encoder, "objective": objective}))


def dino():
    """A training step of DINO: two crops of 8 pixels, three of 4; then the update, and what follows it."""
    torch.manual_seed(8)
    student, teacher = dino_network(), dino_network()
    pictures, large, small, k = 4, 2, 3, 20
    center = noise(1, k, scale=0.1)
    views, crops = noise(large * pictures, 3, 8, 8), noise(small * pictures, 3, 4, 4)  # view-major

    def logits(model, *groups):
        return torch.cat([model["objective"]["head"](model["encoder"](x)) for x in groups]).split(pictures)

    out = {"views": views.permute(0, 2, 3, 1), "small": crops.permute(0, 2, 3, 1), "center": center, **weights(student),
           **{f"teacher.{name}": p for name, p in weights(teacher).items()}}
    out = {name: x.clone() for name, x in out.items()}

    with torch.no_grad():
        told = logits(teacher, views)
    said = logits(student, views, crops)
    loss, pairs = 0, 0
    for t, target in enumerate(told):
        q = F.softmax((target - center) / 0.04, dim=1)
        for v, x in enumerate(said):
            if v != t:
                loss = loss + torch.sum(-q * F.log_softmax(x / 0.1, dim=1), dim=1).mean()
                pairs += 1
    loss = loss / pairs
    loss.backward()
    out |= {"loss": loss.reshape(1), **gradients(student),
            "center.after": center * 0.9 + torch.cat(told).mean(0, keepdim=True) * 0.1}

    def decays(name):  # matrices of linear layers, but the prototypes
        return name.endswith(".weight") and not name.endswith("last_layer.weight") and "norm" not in name

    parts = [{"params": [p for name, p in weights(student).items() if decays(name) == decayed],
              "weight_decay": 0.1 if decayed else 0.0} for decayed in (True, False)]
    torch.optim.AdamW(parts, lr=1e-2, betas=(0.9, 0.95), eps=1e-8).step()
    with torch.no_grad():
        for p, q in zip(student.parameters(), teacher.parameters()):
            q.mul_(0.95).add_(p, alpha=0.05)
    for name in ("encoder.pos_embed", "encoder.blocks.0.attn.qkv.weight", "objective.head.last_layer.weight"):
        out |= {f"after.{name}": weights(student)[name], f"teacher.after.{name}": weights(teacher)[name]}
    save("dino", out)


class CausalBlock(torch.nn.Module):
    """A block of GPT-2, under nanoGPT's names."""

    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = torch.nn.LayerNorm(width), torch.nn.LayerNorm(width)
        self.attn, self.mlp = torch.nn.Module(), torch.nn.Module()
        self.attn.c_attn, self.attn.c_proj = torch.nn.Linear(width, 3 * width), torch.nn.Linear(width, width)
        self.mlp.c_fc, self.mlp.c_proj = torch.nn.Linear(width, hidden), torch.nn.Linear(hidden, width)

    def forward(self, x):
        tokens = x.shape[1]
        q, k, v = (part.unflatten(2, (self.heads, -1)).transpose(1, 2)
                   for part in self.attn.c_attn(self.ln_1(x)).chunk(3, dim=2))
        scores = q @ k.transpose(2, 3) / q.shape[3] ** 0.5
        scores = scores.masked_fill(torch.ones(tokens, tokens).triu(1).bool(), -torch.inf)
        x = x + self.attn.c_proj((scores.softmax(3) @ v).transpose(1, 2).flatten(2))
        return x + self.mlp.c_proj(F.gelu(self.mlp.c_fc(self.ln_2(x))))


def gpt():
    """A causal transformer that says which token comes next."""
    torch.manual_seed(9)
    width, context, vocabulary = 12, 7, 11
    encoder = torch.nn.ModuleDict({"wte": torch.nn.Embedding(vocabulary, width),
                                   "wpe": torch.nn.Embedding(context, width),
                                   "h": torch.nn.ModuleList([CausalBlock(width, 3, 24) for _ in range(2)]),
                                   "ln_f": torch.nn.LayerNorm(width)})
    head = torch.nn.Linear(width, vocabulary, bias=False)
    model = torch.nn.ModuleDict({"encoder": encoder, "objective": torch.nn.ModuleDict({"lm_head": head})})
    scramble(model)
    text = torch.randint(vocabulary, (3, context + 1))
    x = encoder["wte"](text[:, :-1]) + encoder["wpe"].weight
    for layer in encoder["h"]:
        x = layer(x)
    loss = F.cross_entropy(head(encoder["ln_f"](x)).flatten(0, 1), text[:, 1:].flatten())
    loss.backward()
    save("gpt", {"views": torch.cat([text[:, :-1], text[:, 1:]]), "loss": loss.reshape(1), **weights(model),
                 **gradients(model)})


class MaskedAutoencoder(torch.nn.Module):
    """He et al. 2022 as its authors publish it, but that the pixels of a patch
    are ordered (c, y, x), as a convolution's weight has them, and not (y, x, c):
    a permutation of decoder_pred's rows, which the loss does not see."""

    def __init__(self, size=8, patch=2, width=12, depth=1, heads=3, decoder_width=8, decoder_depth=1, decoder_heads=2):
        super().__init__()
        self.patch, tokens = patch, (size // patch) ** 2
        def block(width, heads):
            return vit.Block(width, heads, mlp_ratio=2.0, qkv_bias=True, norm_layer=layer_norm)

        self.patch_embed = torch.nn.Module()
        self.patch_embed.proj = torch.nn.Conv2d(3, width, patch, patch)
        self.cls_token = torch.nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = torch.nn.Parameter(torch.zeros(1, tokens + 1, width))
        self.blocks = torch.nn.ModuleList(block(width, heads) for _ in range(depth))
        self.norm = layer_norm(width)
        self.decoder_embed = torch.nn.Linear(width, decoder_width)
        self.mask_token = torch.nn.Parameter(torch.zeros(1, 1, decoder_width))
        self.decoder_pos_embed = torch.nn.Parameter(torch.zeros(1, tokens + 1, decoder_width))
        self.decoder_blocks = torch.nn.ModuleList(
            block(decoder_width, decoder_heads) for _ in range(decoder_depth))
        self.decoder_norm = layer_norm(decoder_width)
        self.decoder_pred = torch.nn.Linear(decoder_width, patch * patch * 3)

    def patchify(self, images):
        b, c, h, w = images.shape
        p = self.patch
        x = images.reshape(b, c, h // p, p, w // p, p)
        return x.permute(0, 2, 4, 1, 3, 5).reshape(b, (h // p) * (w // p), c * p * p)

    def forward(self, images, keep, restore, mask):
        # Encoder: the kept tokens alone.
        x = self.patch_embed.proj(images).flatten(2).transpose(1, 2) + self.pos_embed[:, 1:]
        x = torch.gather(x, 1, keep[:, :, None].expand(-1, -1, x.shape[2]))
        x = torch.cat([(self.cls_token + self.pos_embed[:, :1]).expand(len(x), -1, -1), x], dim=1)
        for layer in self.blocks:
            x = layer(x)
        latent = self.norm(x)

        # Decoder: mask tokens put in, everything back in its place.
        x = self.decoder_embed(latent)
        hidden = self.mask_token.expand(len(x), restore.shape[1] - keep.shape[1], -1)
        patches = torch.cat([x[:, 1:], hidden], dim=1)
        patches = torch.gather(patches, 1, restore[:, :, None].expand(-1, -1, x.shape[2]))
        x = torch.cat([x[:, :1], patches], dim=1) + self.decoder_pos_embed
        for layer in self.decoder_blocks:
            x = layer(x)
        prediction = self.decoder_pred(self.decoder_norm(x))[:, 1:]

        # Loss: on removed patches, against pixels normalised by patch.
        target = self.patchify(images)
        target = (target - target.mean(-1, keepdim=True)) / (target.var(-1, keepdim=True) + 1e-6) ** 0.5
        loss = ((prediction - target) ** 2).mean(-1)
        return (loss * mask).sum() / mask.sum(), latent, prediction


def masked_autoencoder():
    torch.manual_seed(4)
    model = scramble(MaskedAutoencoder())
    images, tokens, kept = noise(2, 3, 8, 8), 16, 4
    shuffle = torch.argsort(torch.rand(2, tokens), dim=1)
    restore = torch.argsort(shuffle, dim=1)
    keep = shuffle[:, :kept]
    mask = torch.ones(2, tokens)
    mask.scatter_(1, keep, 0.0)
    loss, latent, prediction = model(images, keep, restore, mask)
    loss.backward()
    kept_gradients = {name: g for name, g in gradients(model).items() if "mlp" not in name}
    save("mae", {"images": images.permute(0, 2, 3, 1), "keep": keep, "restore": restore, "mask": mask,
                 "latent": latent, "prediction": prediction, "loss": loss.reshape(1),
                 **weights(model), **kept_gradients})


class NarrowResNet(torchvision.models.ResNet):
    """torchvision's, of a sixteenth of the width, features only."""

    def __init__(self, block, layers):
        super().__init__(block, layers)
        self.fc = torch.nn.Identity()

    def __setattr__(self, name, value):
        first = name == "inplanes" and "inplanes" not in self.__dict__
        super().__setattr__(name, value // 16 if first else value)

    def _make_layer(self, block, planes, *rest, **named):
        return super()._make_layer(block, planes // 16, *rest, **named)


def scramble_maps(model):
    """As scramble(), but that convolutions and norms keep the size of what goes through them."""
    scramble(model)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, torch.nn.Conv2d):
                module.weight.copy_(noise(*module.weight.shape, scale=(2 / module.weight[0].numel()) ** 0.5))
            elif isinstance(module, torch.nn.BatchNorm2d):
                module.weight.copy_(single(module.weight + 1))
    return model


def resnet18():
    """A training step of SimCLR, with the stem for small pictures, and the features after it."""
    torch.manual_seed(8)
    encoder = NarrowResNet(torchvision.models.resnet.BasicBlock, [2, 2, 2, 2])
    encoder.conv1 = torch.nn.Conv2d(3, 4, 3, padding=1, bias=False)
    encoder.maxpool = torch.nn.Identity()
    projector = torch.nn.Sequential(torch.nn.Linear(32, 16, bias=False), torch.nn.BatchNorm1d(16), torch.nn.ReLU(),
                                    torch.nn.Linear(16, 8))
    model = torch.nn.ModuleDict({"encoder": encoder, "objective": torch.nn.ModuleDict({"projector": projector})})
    scramble_maps(model)
    views = noise(2 * 4, 3, 16, 16)  # two views of four pictures, view-major
    loss = nt_xent_loss(F.normalize(projector(encoder(views)), dim=1), 0.2)
    loss.backward()
    model.eval()
    with torch.no_grad():
        pooled = encoder(views[:4])
    norm = encoder.layer2[0].downsample[1]
    some = {name: g for name, g in gradients(model).items() if g.numel() <= 1200}
    save("resnet18", {"views": views.permute(0, 2, 3, 1), "loss": loss.reshape(1), "pooled": pooled,
                      "running_mean": norm.running_mean, "running_var": norm.running_var, **weights(model), **some})


def resnet50():
    """Features by bottlenecks, with the stem for large pictures."""
    torch.manual_seed(9)
    model = scramble_maps(NarrowResNet(torchvision.models.resnet.Bottleneck, [3, 4, 6, 3])).eval()
    images = noise(2, 3, 32, 32)
    with torch.no_grad():
        moments = {name: b for name, b in model.named_buffers() if b.is_floating_point()}
        for name, moment in moments.items():
            moment.copy_(noise(*moment.shape, scale=0.1) if "mean" in name else single(torch.rand(moment.shape) + 0.5))
        pooled = model(images)
    save("resnet50", {"images": images.permute(0, 2, 3, 1), "pooled": pooled, **weights(model), **moments})


def positions(grid=4, width=12):
    """Fixed position embedding of He et al. 2022: x in the first half of the channels, y in the second."""
    frequency = 1 / 10000 ** (torch.arange(width // 4) / (width / 4))
    y, x = torch.meshgrid(torch.arange(grid), torch.arange(grid), indexing="ij")
    angles = [place.reshape(-1, 1) * frequency for place in (x, y)]
    table = torch.cat([wave(angle) for angle in angles for wave in (torch.sin, torch.cos)], dim=1)
    save("positions", {"patches": table, "with_class_token": torch.cat([torch.zeros(1, width), table])})


def batch_norm():
    """Two training steps and one evaluation of BatchNorm1d."""
    torch.manual_seed(5)
    model = torch.nn.BatchNorm1d(5, eps=1e-5, momentum=0.1)
    with torch.no_grad():
        model.weight.copy_(noise(5) + 1)
        model.bias.copy_(noise(5))
        model.weight.copy_(single(model.weight))
    out = {"weight": model.weight, "bias": model.bias, "w": noise(9, 5)}
    for step in range(2):
        x = single(noise(9, 5) * 2 + 1).requires_grad_()
        model.zero_grad()
        y = model(x)
        (y * out["w"]).sum().backward()
        out |= {f"x.{step}": x, f"y.{step}": y, f"grad.x.{step}": x.grad,
                f"grad.weight.{step}": model.weight.grad.clone(), f"grad.bias.{step}": model.bias.grad.clone(),
                f"running_mean.{step}": model.running_mean.clone(), f"running_var.{step}": model.running_var.clone()}
    model.eval()
    out["y.eval"] = model(out["x.0"])
    save("batch-norm", out)


def adamw():
    """Three steps of AdamW with clipping; the bias is not decayed."""
    torch.manual_seed(6)
    weight, bias = noise(4, 3).requires_grad_(), noise(4).requires_grad_()
    optimizer = torch.optim.AdamW([{"params": [weight], "weight_decay": 0.1}, {"params": [bias], "weight_decay": 0.0}],
                                  lr=1e-2, betas=(0.9, 0.95), eps=1e-8)
    out = {"weight.0": weight.clone(), "bias.0": bias.clone()}
    for step in range(1, 4):
        weight.grad, bias.grad = noise(4, 3), noise(4)
        out |= {f"grad.weight.{step}": weight.grad.clone(), f"grad.bias.{step}": bias.grad.clone()}
        norm = torch.nn.utils.clip_grad_norm_([weight, bias], 1.0)
        optimizer.step()
        out |= {f"weight.{step}": weight.clone(), f"bias.{step}": bias.clone(), f"norm.{step}": norm.reshape(1)}
    save("adamw", out)


if __name__ == "__main__":
    block()
    vision_transformer("token")
    vision_transformer("avg")
    nt_xent(0.1)
    nt_xent(0.5)
    simclr()
    dino()
    gpt()
    masked_autoencoder()
    resnet18()
    resnet50()
    positions()
    batch_norm()
    adamw()
    for file in sorted(HERE.glob("*.safetensors")):
        print(f"{file.name:28} {file.stat().st_size:7}")
