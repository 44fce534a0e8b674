#!/usr/bin/env python3
"""Eidoscope beside lightly: what both have learnt after the same steps.

    python3 learn.py --eidoscope ../../build/app/cli/eidoscope --data cifar10 --csv learn.csv

DATA is a folder of pictures, train/CLASS/*.jpg and test/CLASS/*.jpg; the first
--pictures of each class are trained on, all are tested on: with 1,000 of them a
kNN would be known to three points only. Each
method trains a ResNet-18 of a quarter of the width from the same number of pictures, in
the same batches and steps, with the same augmentation and the same optimizer, on
either side, once a seed. Every finished run is added to the CSV file, and a
second call goes on where the first stopped: one file belongs to one machine and
one budget. The table is Markdown, means over the seeds:

    kNN       per cent of the test pictures told by their 20 nearest neighbours
    random    the same of the encoder before its training
    seconds   of the training, without the kNN

Exit status: 0; 1: a run failed; 2: bad usage; 77: torch or lightly is missing.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

from records import Records

HERE = pathlib.Path(__file__).parent
KEY = ("method", "seed", "side")
NUMBERS = ("knn", "knn_random", "seconds", "loss")

# The same on both sides. AdamW does not mind what a loss is scaled by, where lightly's and the
# papers' differ; those that follow a mean of themselves learn more in so few steps by SGD.
ADAMW = {"name": "adamw", "lr": 1e-3, "weight-decay": 0.05, "clip": 3}
SGD = {"name": "sgd", "lr": 0.06, "weight-decay": 5e-4, "clip": 0}
OPTIMIZERS = {"byol": SGD, "simsiam": SGD | {"lr": 0.12}, "dino": SGD}

# SGD's steps grow with the loss, and turn small weights further than large ones. Eidoscope's BYOL
# is 2 - 2 cos of both views, as in the paper, where lightly's is their mean -cos: four times as
# long a gradient; its convolutions begin as He's, as in torchvision, where lightly's ResNet begins
# with PyTorch's default, of a sixth of the variance. This rate takes steps of the same size.
RATES = {"byol": 0.06 * 6 / 4}

# Eidoscope's names of the values that peers/learn.py gives to lightly.
METHODS = {
    "simclr": {"temperature": 0.2, "hidden": 512, "output": 128, "last-norm": "true"},
    "moco": {"temperature": 0.2, "hidden": 512, "output": 128, "queue": 4096, "teacher-momentum": 0.99},
    "byol": {"hidden": 1024, "output": 256, "teacher-momentum": 0.98},
    "simsiam": {"hidden": 1024, "output": 512, "bottleneck": 128},
    "barlow-twins": {"hidden": 1024, "output": 1024},
    "vicreg": {"hidden": 1024, "output": 1024},
    "swav": {"hidden": 512, "output": 128, "prototypes": 512, "small-crops": 0, "queue": 0,
             "freeze-prototypes": 0},
    "dino": {"hidden": 512, "bottleneck": 256, "prototypes": 1024, "small-crops": 0, "teacher-momentum": 0.98,
             "freeze-last-layer": 0},
}  # fmt: skip


class Failed(Exception):
    pass


def subset(source, target, pictures):
    """Links to the first pictures of each class and all for testing, so that both sides read the same."""
    for half, count in (("train", pictures), ("test", None)):
        classes = sorted(p for p in (source / half).iterdir() if p.is_dir())
        for folder in classes:
            place = target / half / folder.name
            place.mkdir(parents=True)
            for file in sorted(folder.iterdir())[:count]:
                os.symlink(file.resolve(), place / file.name)


def last_object(command, cwd=None):
    """The last JSON object a command prints."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
    found = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode == 77:
        sys.stderr.write(done.stderr)
        sys.exit(77)
    if done.returncode or not found:
        said = done.stderr.strip().splitlines() or ["it printed no result"]
        raise Failed(f"exit status {done.returncode}: {said[-1]}")
    return json.loads(found[-1])


def eidoscope(given, data, method, seed):
    optimizer = OPTIMIZERS.get(method, ADAMW)
    optimizer = optimizer | {"lr": RATES.get(method, optimizer["lr"])}
    settings = {
        "Dataset.path": data, "Run.batch": given.batch, "Objective.plugin": method, "Optimizer.warmup": given.steps // 10,
        **{f"Optimizer.{key}": value for key, value in optimizer.items()},
        **{f"Objective.{key}": value for key, value in METHODS[method].items()},
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as run:
        command = [given.eidoscope, "train", str(HERE / "learn.ini"), "--json", "--out", f"{run}/run",
                   "--steps", str(given.steps), "--seed", str(seed)]  # fmt: skip
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        answer = last_object(command)
    return {"knn": 100 * answer["knn"], "knn_random": 100 * answer["knn_random"], "seconds": answer["seconds"],
            "loss": answer.get("loss", "")}  # fmt: skip


def lightly(given, data, method, seed):
    optimizer = OPTIMIZERS.get(method, ADAMW)
    command = [sys.executable, "-m", "peers.learn", method, "--data", str(data), "--seed", str(seed),
               "--steps", str(given.steps), "--batch", str(given.batch), "--warmup", str(given.steps // 10),
               "--optimizer", optimizer["name"], "--lr", str(optimizer["lr"]), "--clip", str(optimizer["clip"]),
               "--decay", str(optimizer["weight-decay"]), "--precision", given.precision]  # fmt: skip
    return last_object(command, cwd=HERE)


SIDES = {"eidoscope": eidoscope, "lightly": lightly}


def mean(records, method, side, number, seeds):
    values = [float(records[method, seed, side][number]) for seed in seeds if (method, seed, side) in records]
    return statistics.mean(values) if values else None


def table(given, records):
    print("| method | seeds | kNN | lightly | difference | random | seconds | lightly | faster |")
    print("|---|" + "--:|" * 8)
    for method in given.methods:
        both = [s for s in given.seeds if all((method, s, side) in records for side in SIDES)]
        if not both:
            continue
        ours, theirs = (
            {number: mean(records, method, side, number, both) for number in NUMBERS[:3]} for side in SIDES
        )
        cells = (method, len(both), f"{ours['knn']:.1f}", f"{theirs['knn']:.1f}", f"{ours['knn'] - theirs['knn']:+.1f}",
                 f"{ours['knn_random']:.1f}", f"{ours['seconds']:.0f}", f"{theirs['seconds']:.0f}",
                 f"{theirs['seconds'] / ours['seconds']:.2f}×")  # fmt: skip
        print("| " + " | ".join(map(str, cells)) + " |")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--eidoscope", default="eidoscope", metavar="PATH", help="the program to train with")
    arguments.add_argument("--data", type=pathlib.Path, required=True, metavar="FOLDER")
    arguments.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS), metavar="METHOD")
    arguments.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    arguments.add_argument("--steps", type=int, default=800)
    arguments.add_argument("--batch", type=int, default=64)
    arguments.add_argument("--pictures", type=int, default=500, help="training pictures of each class")
    arguments.add_argument("--precision", choices=("f32", "bf16"), default="bf16", help="of lightly, by autocast")
    arguments.add_argument("--csv", type=pathlib.Path, metavar="FILE", help="keep the runs, go on from them")
    given = arguments.parse_args()
    program = shutil.which(given.eidoscope)
    if not program:
        arguments.error(f"no program {given.eidoscope}: build Eidoscope and name it with --eidoscope PATH")
    given.eidoscope = os.path.abspath(program)

    records, failed = Records(given.csv, KEY, NUMBERS), False
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder)
        subset(given.data, data, given.pictures)
        for seed in given.seeds:
            for method in given.methods:
                for side, train in SIDES.items():
                    if (method, seed, side) in records:
                        continue
                    try:
                        numbers = train(given, data, method, seed)
                    except Failed as failure:
                        failed = True
                        print(f"{method}, seed {seed}, {side}: failed: {failure}", file=sys.stderr, flush=True)
                        continue
                    records.add((method, seed, side), numbers)
                    print(f"{method}, seed {seed}, {side}: kNN {numbers['knn']:.1f} (random "
                          f"{numbers['knn_random']:.1f}), {numbers['seconds']:.0f} s", file=sys.stderr, flush=True)  # fmt: skip
    table(given, records)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
