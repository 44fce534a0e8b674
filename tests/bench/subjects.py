#!/usr/bin/env python3
"""Where a model trained without labels looks: on the subject of a picture, or beside it.

    python3 subjects.py --eidoscope ../../build/app/cli/eidoscope --photos photos RUN [RUN ...]

Composes twenty pictures, a simple shape each on one of the photographs of the folder --photos, asks
`eidoscope inspect` for the attention of each RUN, its teacher's where it has one, and says how much of
what the class token (without one, the patches on average) gives to all patches falls on the shape, in
per cent, mean of the last layer's heads. The share of the area that the shape covers is what a model
gives that looks anywhere alike; the margin is what it gives more. Shapes, colours and places are drawn
--draws times anew: one draw's margin is known to some points only. How the run of the documents is
made is in subjects.ini; the same with --steps 1 is the model before its training.

Exit status 1 where a run's margin is not above --margin.
"""

import argparse
import math
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image, ImageDraw

PICTURES = 20
SIDE = 32  # pixels, of the composed pictures
FINE = 16  # times that, while they are drawn
COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")


def star(points, inner):
    """Corners of a star (or, with @inner 1, of a polygon) in a circle of radius 1."""
    corners = range(2 * points)
    return [
        (math.sin(math.pi * i / points) * (inner if i % 2 else 1), -math.cos(math.pi * i / points) * (inner if i % 2 else 1))
        for i in corners
    ]  # fmt: skip


SHAPES = {
    "disc": star(60, 1),
    "triangle": star(3, 0.5),
    "square": star(4, math.sqrt(0.5)),
    "star": star(5, 0.45),
    "cross": [(a, b) for a, b in ((-.3, -1), (.3, -1), (.3, -.3), (1, -.3), (1, .3), (.3, .3), (.3, 1), (-.3, 1),
                                  (-.3, .3), (-1, .3), (-1, -.3), (-.3, -.3))],  # fmt: skip
}


def compose(photo, number, generator):
    """A picture with a shape, and how much of each pixel the shape covers, [SIDE, SIDE]."""
    whole = Image.open(photo).convert("RGB")
    side = min(whole.size)
    left, top = (whole.width - side) // 2, (whole.height - side) // 2
    ground = whole.resize((SIDE * FINE, SIDE * FINE), Image.Resampling.LANCZOS, (left, top, left + side, top + side))
    radius = generator.uniform(0.18, 0.32) * SIDE * FINE
    x, y = (generator.uniform(radius, SIDE * FINE - radius) for _ in range(2))
    corners = [(x + radius * a, y + radius * b) for a, b in list(SHAPES.values())[number % len(SHAPES)]]
    mask = Image.new("L", ground.size)
    ImageDraw.Draw(mask).polygon(corners, fill=255)
    ground.paste(Image.new("RGB", ground.size, generator.choice(COLOURS)), mask=mask)
    small = (SIDE, SIDE)
    return ground.resize(small, Image.Resampling.BOX), np.asarray(mask.resize(small, Image.Resampling.BOX)) / 255


def mass_on(attention, covered):
    """Share of what goes to patches that falls on the covered part. @attention [heads, queries, keys]."""
    tokens = attention.shape[-1]
    grid = math.isqrt(tokens)
    extra = tokens - grid * grid
    queries = attention[:, :1] if extra else attention
    patches = queries.mean(axis=(0, 1))[extra:].reshape(grid, grid)
    step = SIDE // grid
    share = covered.reshape(grid, step, grid, step).mean(axis=(1, 3))
    return float((patches * share).sum() / patches.sum())


def attention_of(program, run, pictures, folder, whose):
    """Of the last layer, [pictures, heads, queries, keys]."""
    command = [program, "inspect", run, "--output", str(folder), *whose]
    for picture in pictures:
        command += ["--image", str(picture)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and whose:
        return attention_of(program, run, pictures, folder, [])
    if done.returncode:
        sys.exit(done.stderr.strip())
    return np.load(folder / "attention.npy")[-1]


def draw(photos, seed, folder):
    """The files of the composed pictures, and how much of their pixels the shapes cover."""
    generator = random.Random(seed)
    files, covered = [], []
    for number, photo in enumerate(photos):
        picture, mask = compose(photo, number, generator)
        files.append(folder / f"subject-{seed}-{number:02}.png")
        picture.save(files[-1])
        covered.append(mask)
    return files, covered


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("runs", nargs="+", metavar="RUN")
    arguments.add_argument("--eidoscope", default="eidoscope", metavar="PATH")
    arguments.add_argument("--photos", type=pathlib.Path, required=True, metavar="FOLDER")
    arguments.add_argument("--draws", type=int, default=5, metavar="N")
    arguments.add_argument("--margin", type=float, default=0, help="per cent of the whole, at least")
    arguments.add_argument("--keep", type=pathlib.Path, metavar="FOLDER", help="leave the pictures there")
    given = arguments.parse_args()
    photos = sorted(p for p in given.photos.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))[:PICTURES]
    if len(photos) < PICTURES:
        arguments.error(f"{given.photos} holds {len(photos)} photographs, {PICTURES} are needed")

    short = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        draws = [draw(photos, seed, folder) for seed in range(1, given.draws + 1)]
        area = 100 * float(np.mean([covered for _, covered in draws]))
        for run in given.runs:
            margins = []
            for files, covered in draws:
                attention = attention_of(given.eidoscope, run, files, folder, ["--teacher"])
                mass = [mass_on(weights, mask) for weights, mask in zip(attention, covered)]
                margins.append(100 * float(np.mean(mass) - np.mean(covered)))
            margin = float(np.mean(margins))
            short |= margin <= given.margin
            print(f"{run}: {area + margin:.1f} % of the attention on the {area:.1f} % of the area that are the "
                  f"subject, margin {margin:+.1f} ({min(margins):+.1f} to {max(margins):+.1f} of a draw of "
                  f"{PICTURES} pictures)", flush=True)  # fmt: skip
    return int(short)


if __name__ == "__main__":
    sys.exit(main())
