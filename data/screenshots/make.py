"""Takes the pictures of the README anew, from real runs in a real window.

    make.py BUILD PHOTOS [--steps N] [--mae RUN] [--dino RUN] [--size WxH]

BUILD is the build folder, PHOTOS a folder of small colour photographs, a sub-folder a class.
A masked autoencoder is trained on clothes (Debian's dataset-fashion-mnist) and a DINO on the
photographs, unless a finished run is named for one of them, of which a copy is opened. Then a
window on a display of its own is led from page to page, and what it shows is saved beside this
file. Needs what the tests of the window need: Xvfb, xdotool, the accessibility bindings.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "ui"))

import screen  # noqa: E402
from accessible import Failure, Workbench, wait_for  # noqa: E402

DINO = """[Run]
title=DINO on small photographs
steps={steps}
batch=64
evaluate-every=0
[Dataset]
reader=folder
path={path}
size=32
[Encoder]
plugin=vit
patch=4
width=128
depth=6
heads=4
pooling=class
[Objective]
plugin=dino
prototypes=1024
hidden=512
bottleneck=128
small-crops=4
"""


def train(engine, recipe, steps, below):
    """A run trained in the terminal, in the folder @below."""
    subprocess.run([engine, "train", recipe, "--steps", str(steps), "--out", below], check=True,
                   stdout=subprocess.DEVNULL)
    return below


class Session:
    """A window that has a copy of a run open, and saves what it shows."""

    def __init__(self, build, run, **environment):
        self.folder = tempfile.mkdtemp(prefix="screenshots-")
        copy = os.path.join(self.folder, os.path.basename(os.path.normpath(run)))
        shutil.copytree(run, copy)
        self.window = Workbench(os.path.join(build, "app/workbench/eidoscope-workbench"),
                                os.path.join(build, "app/cli/eidoscope"), copy,
                                GSETTINGS_SCHEMA_DIR=os.path.join(build, "data"), EIDOSCOPE_PATIENCE="60", **environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.window.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def go_to(self, page):
        self.window.press(page)
        wait_for(f"{page} to show a step", lambda: self.window.step(page) is not None, 300)

    def save(self, name):
        time.sleep(8)  # toasts have gone, and what was just chosen is drawn
        file = os.path.join(HERE, name + ".png")
        screen.Picture().save(file)
        print(f"{file}: {os.path.getsize(file) / 1024:.0f} KiB", flush=True)


def of_the_autoencoder(build, run):
    with Session(build, run) as session:
        session.go_to("Reconstruction")
        screen.move(640, 28)
        session.save("workbench")


def of_dino(build, run):
    with Session(build, run) as session:
        session.go_to("Attention")
        session.window.press("Side bar")
        screen.move(640, 28)
        session.window.press("Show patch colours")
        session.save("patch-colours")
        session.go_to("Embedding")
        session.window.press("t-SNE")
        wait_for("the map to settle", lambda: session.window.find(
            "settled", lambda node: (node.get_name() or "").startswith("settled after")), 300)
        session.save("embedding")


def make(given, below):
    engine = os.path.join(given.build, "app/cli/eidoscope")
    if not given.mae:
        given.mae = train(engine, "fashion-mae", given.steps, os.path.join(below, "mae"))
    if not given.dino:
        recipe = os.path.join(below, "dino.ini")
        with open(recipe, "w") as out:
            out.write(DINO.format(steps=given.steps, path=os.path.abspath(given.photos)))
        given.dino = train(engine, recipe, given.steps, os.path.join(below, "dino"))
    try:
        of_the_autoencoder(given.build, given.mae)
        of_dino(given.build, given.dino)
    except Failure as failure:
        print(f"the window did not do as it should: {failure}", flush=True)
        return 1
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=os.path.abspath)
    parser.add_argument("photos")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--mae", metavar="RUN")
    parser.add_argument("--dino", metavar="RUN")
    parser.add_argument("--size", default="1280x800")
    given = parser.parse_args()

    def inside():
        with tempfile.TemporaryDirectory(prefix="screenshots-runs-") as below:
            return make(given, below)

    return screen.on_own_display(inside, given.size)


if __name__ == "__main__":
    sys.exit(main())
