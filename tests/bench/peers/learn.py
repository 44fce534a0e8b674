"""One training by lightly: the other side of learn.py.

    python3 -m peers.learn simclr --data cifar10 --seed 1 --steps 400 --batch 128

A ResNet-18 of a quarter of the width for small pictures, lightly's heads, losses and
augmentation with the values of learn.py's table, AdamW or SGD with a warm-up and a cosine,
batches by torch's DataLoader from the folder of pictures. One JSON object goes
to standard output: `knn` (per cent, the weighted nearest neighbours of the test
half), `knn_random` (of the encoder before its training), `seconds` (of the
training alone), `loss` of the last step.
"""

import argparse
import copy
import json
import math
import pathlib
import sys
import time

import torch
from lightly import loss as losses
from lightly.models import ResNetGenerator
from lightly.models.modules import heads
from lightly.models.utils import deactivate_requires_grad, update_momentum
from lightly.transforms import SimCLRTransform
from lightly.utils.benchmarking import knn_predict
from lightly.utils.scheduler import cosine_schedule
from torch import nn
from torchvision import transforms
from torchvision.datasets import ImageFolder

WIDTH = 128  # of the features of a ResNet-18 of a quarter of the width
MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
SIZE = 32


def encoder():
    whole = ResNetGenerator("resnet-18", width=0.25)
    return nn.Sequential(*list(whole.children())[:-1], nn.AdaptiveAvgPool2d(1), nn.Flatten())


class Method(nn.Module):
    """loss (views, done): of the two views, [B, 3, 32, 32] each; done: share of the run."""

    def __init__(self):
        super().__init__()
        self.encoder = encoder()

    def follow(self, student, teacher, momentum):
        for s, t in zip(student, teacher):
            update_momentum(s, t, momentum)


def teacher_of(module):
    teacher = copy.deepcopy(module)
    deactivate_requires_grad(teacher)
    return teacher


class SimClr(Method):
    def __init__(self):
        super().__init__()
        self.projector = heads.SimCLRProjectionHead(WIDTH, 512, 128)
        self.criterion = losses.NTXentLoss(temperature=0.2)

    def loss(self, views, done):
        return self.criterion(*(self.projector(self.encoder(x)) for x in views))


class MoCo(Method):
    def __init__(self):
        super().__init__()
        self.projector = heads.MoCoProjectionHead(WIDTH, 512, 128)
        self.teacher = nn.ModuleList(teacher_of(m) for m in (self.encoder, self.projector))
        self.criterion = losses.NTXentLoss(temperature=0.2, memory_bank_size=(4096, 128))

    def loss(self, views, done):
        self.follow((self.encoder, self.projector), self.teacher, 0.99)
        query = self.projector(self.encoder(views[0]))
        with torch.no_grad():
            key = self.teacher[1](self.teacher[0](views[1]))
        return self.criterion(query, key)


class Byol(Method):
    def __init__(self):
        super().__init__()
        self.projector = heads.BYOLProjectionHead(WIDTH, 1024, 256)
        self.predictor = heads.BYOLPredictionHead(256, 1024, 256)
        self.teacher = nn.ModuleList(teacher_of(m) for m in (self.encoder, self.projector))
        self.criterion = losses.NegativeCosineSimilarity()

    def loss(self, views, done):
        self.follow((self.encoder, self.projector), self.teacher, cosine_schedule(done * 1000, 1000, 0.98, 1))
        p = [self.predictor(self.projector(self.encoder(x))) for x in views]
        with torch.no_grad():
            z = [self.teacher[1](self.teacher[0](x)) for x in views]
        return 0.5 * (self.criterion(p[0], z[1]) + self.criterion(p[1], z[0]))


class SimSiam(Method):
    def __init__(self):
        super().__init__()
        self.projector = heads.SimSiamProjectionHead(WIDTH, 1024, 512)
        self.predictor = heads.SimSiamPredictionHead(512, 128, 512)
        self.criterion = losses.NegativeCosineSimilarity()

    def loss(self, views, done):
        z = [self.projector(self.encoder(x)) for x in views]
        p = [self.predictor(x) for x in z]
        return 0.5 * (self.criterion(p[0], z[1].detach()) + self.criterion(p[1], z[0].detach()))


class BarlowTwins(Method):
    def __init__(self):
        super().__init__()
        self.projector = heads.BarlowTwinsProjectionHead(WIDTH, 1024, 1024)
        self.criterion = losses.BarlowTwinsLoss(lambda_param=0.0051)

    def loss(self, views, done):
        return self.criterion(*(self.projector(self.encoder(x)) for x in views))


class VicReg(Method):
    def __init__(self):
        super().__init__()
        self.projector = heads.VICRegProjectionHead(WIDTH, 1024, 1024)
        self.criterion = losses.VICRegLoss()

    def loss(self, views, done):
        return self.criterion(*(self.projector(self.encoder(x)) for x in views))


class Swav(Method):
    def __init__(self):
        super().__init__()
        self.projector = heads.SwaVProjectionHead(WIDTH, 512, 128)
        self.prototypes = heads.SwaVPrototypes(128, 512)
        self.criterion = losses.SwaVLoss()

    def loss(self, views, done):
        self.prototypes.normalize()
        z = (nn.functional.normalize(self.projector(self.encoder(x)), dim=1) for x in views)
        return self.criterion([self.prototypes(x) for x in z], [])


class Dino(Method):
    def __init__(self):
        super().__init__()
        self.projector, head = (heads.DINOProjectionHead(WIDTH, 512, 256, 1024) for _ in range(2))
        head.load_state_dict(self.projector.state_dict())  # its norm of weights cannot be copied
        deactivate_requires_grad(head)
        self.teacher = nn.ModuleList((teacher_of(self.encoder), head))
        self.criterion = losses.DINOLoss(output_dim=1024, warmup_teacher_temp_epochs=0)

    def loss(self, views, done):
        self.follow((self.encoder, self.projector), self.teacher, cosine_schedule(done * 1000, 1000, 0.98, 1))
        student = [self.projector(self.encoder(x)) for x in views]
        with torch.no_grad():
            teacher = [self.teacher[1](self.teacher[0](x)) for x in views]
        return self.criterion(teacher, student, epoch=0)


METHODS = {
    "simclr": SimClr, "moco": MoCo, "byol": Byol, "simsiam": SimSiam,
    "barlow-twins": BarlowTwins, "vicreg": VicReg, "swav": Swav, "dino": Dino,
}  # fmt: skip


def batches(data, batch):
    """Endless: views, two tensors [B, 3, 32, 32]."""
    transform = SimCLRTransform(input_size=SIZE, cj_strength=0.5, min_scale=0.2, gaussian_blur=0,
                                normalize={"mean": MEAN, "std": STD})  # fmt: skip
    loader = torch.utils.data.DataLoader(ImageFolder(data / "train", transform), batch_size=batch, shuffle=True,
                                         drop_last=True, num_workers=2, persistent_workers=True)  # fmt: skip
    while True:
        for views, _ in loader:
            yield views


@torch.no_grad()
def features(model, folder):
    plain = transforms.Compose([transforms.ToTensor(), transforms.Normalize(MEAN, STD)])
    model.eval()
    found = [
        (nn.functional.normalize(model(x.to(memory_format=torch.channels_last)), dim=1), y)
        for x, y in torch.utils.data.DataLoader(ImageFolder(folder, plain), batch_size=256)
    ]
    model.train()
    return (torch.cat(part) for part in zip(*found))


def knn(model, data):
    bank, labels = features(model, data / "train")
    test, truth = features(model, data / "test")
    told = knn_predict(test, bank.T.contiguous(), labels, int(labels.max()) + 1, knn_k=20, knn_t=0.1)
    return 100 * (told[:, 0] == truth).float().mean().item()


def groups(model, decay):
    """Biases, norms and prototypes are not decayed, as in Eidoscope."""
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    free = [p for name, p in named if p.ndim < 2 or "prototypes" in name or "last_layer" in name]
    return [
        {"params": [p for _, p in named if not any(p is q for q in free)], "weight_decay": decay},
        {"params": free, "weight_decay": 0.0},
    ]


def train(given):
    torch.manual_seed(given.seed)
    method = METHODS[given.method]().to(memory_format=torch.channels_last).train()
    random = knn(method.encoder, given.data)
    if given.optimizer == "sgd":
        optimizer = torch.optim.SGD(groups(method, given.decay), lr=given.lr, momentum=0.9)
    else:
        optimizer = torch.optim.AdamW(groups(method, given.decay), lr=given.lr, fused=True)

    def rate(step):
        if step < given.warmup:
            return (step + 1) / given.warmup
        return 0.5 * (1 + math.cos(math.pi * (step - given.warmup) / (given.steps - given.warmup)))

    start = time.perf_counter()
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    for step, views in zip(range(given.steps), batches(given.data, given.batch)):
        with torch.autocast("cpu", torch.bfloat16, enabled=given.precision == "bf16"):
            loss = method.loss([x.to(memory_format=torch.channels_last) for x in views], step / given.steps)
        optimizer.zero_grad()
        loss.backward()
        if given.clip:
            nn.utils.clip_grad_norm_(method.parameters(), given.clip)
        optimizer.step()
        schedule.step()
    seconds = time.perf_counter() - start
    return {"knn": knn(method.encoder, given.data), "knn_random": random, "seconds": seconds, "loss": loss.item()}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("method", choices=METHODS)
    arguments.add_argument("--data", type=pathlib.Path, required=True)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--steps", type=int, default=400)
    arguments.add_argument("--batch", type=int, default=128)
    arguments.add_argument("--optimizer", choices=("adamw", "sgd"), default="adamw")
    arguments.add_argument("--lr", type=float, default=1e-3)
    arguments.add_argument("--decay", type=float, default=0.05)
    arguments.add_argument("--warmup", type=int, default=40)
    arguments.add_argument("--clip", type=float, default=3)
    arguments.add_argument("--precision", choices=("f32", "bf16"), default="bf16")
    print(json.dumps(train(arguments.parse_args())))


if __name__ == "__main__":
    sys.exit(main())
