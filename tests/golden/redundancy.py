#!/usr/bin/env python3
"""Makes the golden steps of Barlow Twins, VICReg, SwAV and LeJEPA, with PyTorch and timm.

    python3 redundancy.py        (needs what make.py needs)

A file holds the model before a step, the views, the loss, all gradients, and as "after." + name all
that one update by SGD makes of the parameters and of the buffers. tests/engine/golden-redundancy.c
reads them.
"""

import timm.models.vision_transformer as vit
import torch
import torch.nn.functional as F

from make import gradients, layer_norm, noise, save, scramble, weights


def philox(key, counter):
    """Philox 4x32-10 of Salmon et al. 2011: four numbers of 32 bits."""
    (x0, x1, x2, x3), (k0, k1) = counter, key
    for _ in range(10):
        a, b = 0xD2511F53 * x0, 0xCD9E8D57 * x2
        x0, x1, x2, x3 = (b >> 32) ^ x1 ^ k0, b & 0xFFFFFFFF, (a >> 32) ^ x3 ^ k1, a & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return x0, x1, x2, x3


def normal_stream(seed, step, sample, stream, count):
    """What eid_random_normal() draws from a stream, by Box and Muller."""
    bits = [x for block in range(count // 2) for x in philox((seed, 0), (block, step, sample, stream))]
    uniform = (torch.tensor(bits) >> 8) / 2.0**24
    return torch.sqrt(-2 * torch.log(1 - uniform[0::2])) * torch.cos(2 * torch.pi * uniform[1::2])


def perceptron(*widths, bias=True):
    """Linear layers with batch norm and ReLU between them."""
    layers = []
    for i, o in zip(widths[:-2], widths[1:-1]):
        layers += [torch.nn.Linear(i, o, bias=False), torch.nn.BatchNorm1d(o), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(widths[-2], widths[-1], bias=bias))


def small_model(patch=4, **objective):
    """A small transformer and what an objective adds to it."""
    encoder = vit.VisionTransformer(img_size=8, patch_size=patch, in_chans=3, num_classes=0, embed_dim=12, depth=1,
                                    num_heads=3, mlp_ratio=2.0, global_pool="avg", class_token=False, fc_norm=False,
                                    dynamic_img_size=True, norm_layer=layer_norm)
    return scramble(torch.nn.ModuleDict({"encoder": encoder, "objective": torch.nn.ModuleDict(objective)}))


def channels_last(**images):
    return {name: x.permute(0, 2, 3, 1) for name, x in images.items()}


def step_of(name, model, inputs, loss):
    """Stores a whole step: all before it, the loss, gradients, an update by SGD and all after it."""
    buffers = {key: b for key, b in model.named_buffers() if b.is_floating_point()}
    out = {key: p.detach().clone() for key, p in weights(model).items()}
    loss = loss()
    loss.backward()
    out |= {**inputs, "loss": loss.reshape(1), **gradients(model)}
    decayed = [p for key, p in weights(model).items() if p.ndim > 1 and "pos_embed" not in key and "prototypes" not in key]
    others = [p for p in model.parameters() if all(p is not q for q in decayed)]
    torch.optim.SGD([{"params": decayed, "weight_decay": 0.1}, {"params": others}], lr=1e-2, momentum=0.9).step()
    save(name, out | {f"after.{key}": x for key, x in (weights(model) | buffers).items()})


def barlow_twins():
    """Zbontar et al. 2021, algorithm 1; the norm without gain is the projector's last layer."""
    torch.manual_seed(21)
    projector = perceptron(12, 16, 16, 8, bias=False).append(torch.nn.BatchNorm1d(8, affine=False))
    model = small_model(projector=projector)
    views, pictures = noise(2 * 6, 3, 8, 8), 6

    def loss():
        a, b = (projector(model["encoder"](x)) for x in views.split(pictures))
        c = a.T @ b / pictures
        on = sum((c[i, i] - 1) ** 2 for i in range(8))
        off = sum(c[i, j] ** 2 for i in range(8) for j in range(8) if i != j)
        return on + 0.0051 * off

    step_of("barlow-twins", model, channels_last(views=views), loss)


def vicreg():
    """Bardes et al. 2022, as its reference code weighs the terms."""
    torch.manual_seed(22)
    projector = perceptron(12, 16, 16, 8, bias=False)
    model = small_model(projector=projector)
    views = noise(2 * 6, 3, 8, 8)

    def variance(z):
        return F.relu(1 - torch.sqrt(z.var(0) + 1e-4)).mean()

    def covariance(z):
        c = torch.cov(z.T)
        return (c**2).sum() / 8 - (c.diagonal() ** 2).sum() / 8

    def loss():
        a, b = (projector(model["encoder"](x)) for x in views.split(6))
        return 25 * F.mse_loss(a, b) + 25 * (variance(a) + variance(b)) / 2 + covariance(a) + covariance(b)

    step_of("vicreg", model, channels_last(views=views), loss)


def sinkhorn(scores, epsilon=0.05, iterations=3):
    """Caron et al. 2020, appendix A."""
    q = torch.exp(scores / epsilon).T
    for _ in range(iterations):
        q = q / q.sum(1, keepdim=True) / q.shape[0]
        q = q / q.sum(0, keepdim=True) / q.shape[1]
    return (q * q.shape[1]).T


def swav():
    """Two crops of 8 pixels and three of 4, the queues of both large crops in use."""
    torch.manual_seed(23)
    head, k, pictures, length = perceptron(12, 16, 8), 20, 4, 6
    prototypes = torch.nn.Linear(8, k, bias=False)
    model = small_model(patch=2, projection_head=head, prototypes=prototypes)
    views, small = noise(2 * pictures, 3, 8, 8), noise(3 * pictures, 3, 4, 4)
    queues = [noise(length, 8), noise(length, 8)]
    inputs = channels_last(views=views, small=small) | {f"objective.queue.{i}.rows": q for i, q in enumerate(queues)}

    def loss():
        z = head(torch.cat([model["encoder"](views), model["encoder"](small)]))
        c = F.normalize(prototypes.weight, dim=1)
        scores = (F.normalize(z, dim=1) @ c.T).split(pictures)
        total = 0
        for i in range(2):
            with torch.no_grad():
                q = sinkhorn(torch.cat([scores[i], F.normalize(queues[i], dim=1) @ c.T]))[:pictures]
            others = [s for j, s in enumerate(scores) if j != i]
            total += sum(-(q * F.log_softmax(s / 0.1, dim=1)).sum(1).mean() for s in others) / len(others)
        for i, rows in enumerate(z.detach().split(pictures)[:2]):
            inputs[f"after.objective.queue.{i}.rows"] = torch.cat([rows, queues[i][pictures:]])
        return total / 2

    step_of("swav", model, inputs, loss)


def sigreg(z, slices, knots=17, t_max=3.0):
    """Balestriero and LeCun 2025: Epps and Pulley's statistic of z [views, samples, D] along slices [D, S]."""
    t = torch.linspace(-t_max, t_max, 2 * knots - 1)
    bell = torch.exp(-(t**2) / 2)
    wave = torch.exp(1j * (z @ slices).unsqueeze(-1) * t).mean(1)
    return z.shape[1] * torch.trapezoid((wave - bell).abs() ** 2 * bell, t).mean()


def lejepa():
    """Two crops of 8 pixels and three of 4, and the slices of the first step with seed 1."""
    torch.manual_seed(24)
    head, pictures = perceptron(12, 16, 16, 8), 4
    model = small_model(patch=2, proj=head)
    views, small = noise(2 * pictures, 3, 8, 8), noise(3 * pictures, 3, 4, 4)
    slices = F.normalize(normal_stream(1, 1, 0, 0x10000, 10 * 8).reshape(10, 8), dim=1).T

    def loss():
        z = head(torch.cat([model["encoder"](views), model["encoder"](small)])).reshape(5, pictures, 8)
        return 0.98 * (z[:2].mean(0) - z).square().mean() + 0.02 * sigreg(z, slices)

    step_of("lejepa", model, channels_last(views=views, small=small), loss)


if __name__ == "__main__":
    barlow_twins()
    vicreg()
    swav()
    lejepa()
