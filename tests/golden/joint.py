#!/usr/bin/env python3
"""Golden numbers of the joint-embedding objectives, as make.py makes the others.

    python3 joint.py        (needs what make.py needs)

Each file is one training step of an objective, half-way through its run, over a
small transformer: views, weights and queue before it, loss and gradients, one
update by SGD, and what follows it: "after." + name of some weights and of all
buffers, "teacher.after." of the teacher's. Every view goes through on its own,
as in the papers' code: batch norm sees one view at a time. What is nought but for
rounding, as the gradient of a shift before batch norm, is left out.
"""

import timm.models.vision_transformer as vit
import torch
import torch.nn.functional as F
from torch import nn

from make import gradients, layer_norm, noise, nt_xent_loss, save, scramble, weights

PICTURES, WIDTH, HIDDEN, OUTPUT = 6, 12, 16, 8
TEMPERATURE, MOMENTUM = 0.2, 0.95  # the teacher's, of this update
QUEUE, CURSOR = 16, 13  # rows, and which of them is written next: a batch goes round the end


def mlp(*widths, norm=True, last=None):
    """Linear layers with batch norm and ReLU between them; @last: "norm", "plain" or no norm at the end."""
    layers = []
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        end = i + 2 == len(widths)
        normed = last if end else norm
        layers.append(nn.Linear(a, b, bias=not normed))
        if normed:
            layers.append(nn.BatchNorm1d(b, affine=normed != "plain"))
        if not end:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def network(**heads):
    encoder = vit.VisionTransformer(img_size=8, patch_size=4, in_chans=3, num_classes=0, embed_dim=WIDTH, depth=1,
                                    num_heads=3, mlp_ratio=2.0, global_pool="avg", class_token=False, fc_norm=False,
                                    norm_layer=layer_norm)
    return scramble(nn.ModuleDict({"encoder": encoder, "objective": nn.ModuleDict(heads)})).train()


def project(model, view):
    return model["objective"]["projector"](model["encoder"](view))


def predict(model, z):
    return model["objective"]["predictor"](z)


def told(teacher, view):
    with torch.no_grad():
        return project(teacher, view)


def unit(x):
    return F.normalize(x, dim=1)


def info_nce(queries, keys, negatives=None):
    """The own key first, then the negatives; without any, the other rows' keys, the own in its row."""
    if negatives is None:
        return F.cross_entropy(queries @ keys.T / TEMPERATURE, torch.arange(len(queries)))
    own = (queries * keys).sum(1, keepdim=True)
    logits = torch.cat([own, queries @ negatives.T], dim=1) / TEMPERATURE
    return F.cross_entropy(logits, torch.zeros(len(queries), dtype=torch.long))


class Queue:
    def __init__(self, name):
        self.name, self.rows, self.cursor = name, noise(QUEUE, OUTPUT), CURSOR

    def push(self, keys):
        for key in keys.detach():
            self.rows[self.cursor] = key
            self.cursor = (self.cursor + 1) % QUEUE

    def tensors(self, prefix=""):
        return {f"{prefix}{self.name}.rows": self.rows, f"{prefix}{self.name}.cursor": torch.tensor([self.cursor + 0.0])}


def update(model):
    """SGD; matrices decay, gains and biases do not."""
    parts = [{"params": [p for p in model.parameters() if (p.dim() == 2 or p.dim() == 4) == decayed],
              "weight_decay": 0.1 if decayed else 0.0} for decayed in (True, False)]
    torch.optim.SGD(parts, lr=0.1, momentum=0.9).step()


def after(model, prefix):
    some = ("encoder.pos_embed", "encoder.blocks.0.attn.qkv.weight", "objective.projector.0.weight")
    out = {prefix + name: weights(model)[name] for name in some}
    return out | {prefix + name: b for name, b in model.named_buffers() if b.is_floating_point()}


def step(name, student, compute, teacher=None, queue=None):
    """@compute takes two views to the loss and what is pushed after it, a list of batches of keys."""
    views = noise(2 * PICTURES, 3, 8, 8)  # view-major
    out = {"views": views.permute(0, 2, 3, 1), **weights(student)}
    if teacher is not None:
        out |= {f"teacher.{key}": p for key, p in weights(teacher).items()}
    if queue is not None:
        out |= queue.tensors()
    out = {key: x.detach().clone() for key, x in out.items()}

    loss, pushed = compute(*views.split(PICTURES))
    loss.backward()
    out |= {"loss": loss.reshape(1), **gradients(student)}
    update(student)
    out |= after(student, "after.")
    if teacher is not None:
        with torch.no_grad():
            for p, q in zip(student.parameters(), teacher.parameters()):
                q.mul_(MOMENTUM).add_(p, alpha=1 - MOMENTUM)
        out |= after(teacher, "teacher.after.")
    for keys in pushed:
        queue.push(keys)
    if queue is not None:
        out |= queue.tensors("after.")
    save(name, {key: x for key, x in out.items() if x.abs().max() > 1e-9})


def simclr(name):
    """Both views go through together, as in its authors' code."""
    torch.manual_seed(20)
    model = network(projector=mlp(WIDTH, HIDDEN, OUTPUT, last="norm"))

    def compute(a, b):
        return nt_xent_loss(unit(project(model, torch.cat([a, b]))), TEMPERATURE), []

    step(name, model, compute)


def moco(name, symmetric):
    torch.manual_seed(21)
    student, teacher = (network(projector=mlp(WIDTH, HIDDEN, OUTPUT, norm=False)) for _ in range(2))
    queue = Queue("objective.queue")

    def compute(a, b):
        pairs = [(a, b), (b, a)] if symmetric else [(a, b)]
        keys = [unit(told(teacher, key)) for _, key in pairs]
        losses = [info_nce(unit(project(student, query)), k, unit(queue.rows)) for (query, _), k in zip(pairs, keys)]
        return sum(losses) / len(losses), keys

    step(name, student, compute, teacher, queue)


def moco3(name):
    torch.manual_seed(22)
    student, teacher = (network(projector=mlp(WIDTH, HIDDEN, HIDDEN, OUTPUT, last="plain"),
                                predictor=mlp(OUTPUT, HIDDEN, OUTPUT, last="plain")) for _ in range(2))

    def compute(a, b):
        q1, q2 = (unit(predict(student, project(student, x))) for x in (a, b))
        k1, k2 = (unit(told(teacher, x)) for x in (a, b))
        return 2 * TEMPERATURE * (info_nce(q1, k2) + info_nce(q2, k1)), []

    step(name, student, compute, teacher)


def byol(name, stop_gradient):
    torch.manual_seed(23)
    student, teacher = (network(projector=mlp(WIDTH, HIDDEN, OUTPUT), predictor=mlp(OUTPUT, HIDDEN, OUTPUT))
                        for _ in range(2))

    def distance(p, z):
        return (2 - 2 * F.cosine_similarity(p, z)).mean()

    def compute(a, b):
        z1, z2 = (project(student, x) for x in (a, b))
        p1, p2 = predict(student, z1), predict(student, z2)
        if stop_gradient:
            z1, z2 = (told(teacher, x) for x in (a, b))
        return distance(p1, z2) + distance(p2, z1), []

    step(name, student, compute, teacher)


def simsiam(name, stop_gradient):
    torch.manual_seed(24)
    model = network(projector=mlp(WIDTH, HIDDEN, HIDDEN, OUTPUT, last="plain"), predictor=mlp(OUTPUT, 8, OUTPUT))

    def compute(a, b):
        z1, z2 = (project(model, x) for x in (a, b))
        p1, p2 = predict(model, z1), predict(model, z2)
        if stop_gradient:
            z1, z2 = z1.detach(), z2.detach()
        return -(F.cosine_similarity(p1, z2).mean() + F.cosine_similarity(p2, z1).mean()) / 2, []

    step(name, model, compute)


def nnclr(name):
    torch.manual_seed(25)
    model = network(projector=mlp(WIDTH, HIDDEN, HIDDEN, OUTPUT, last="norm"), predictor=mlp(OUTPUT, HIDDEN, OUTPUT))
    support = Queue("objective.support")

    def neighbours(z):
        rows = unit(support.rows)
        return rows[(unit(z) @ rows.T).argmax(1)]

    def compute(a, b):
        z1, z2 = (project(model, x) for x in (a, b))
        p1, p2 = predict(model, z1), predict(model, z2)
        loss = (info_nce(neighbours(z1), unit(p2)) + info_nce(neighbours(z2), unit(p1))) / 2
        return loss, [unit(z1)]

    step(name, model, compute, queue=support)


if __name__ == "__main__":
    simclr("simclr-step")
    moco("moco", symmetric=False)
    moco("moco-symmetric", symmetric=True)
    moco3("moco3")
    byol("byol", stop_gradient=True)
    byol("byol-open", stop_gradient=False)
    simsiam("simsiam", stop_gradient=True)
    simsiam("simsiam-open", stop_gradient=False)
    nnclr("nnclr")
