"""Whether the window's memory and the run's record stay bounded while every page is visited.

    memory.py WORKBENCH ENGINE [--minutes N] [--json]

Trains a small vision transformer on clothes and goes round the pages, as a person would, for
an hour or the minutes given. Printed are, minute by minute, the window's resident memory, the
size of run.db and the step; at the end the slope and the span of memory after the warm-up, the
bound it is held against, and that of run.db. The status is 1 where a bound is passed.
"""
import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time

import clothes
from accessible import Failure, Workbench, wait_for
from screen import move, on_own_display

PAGES = ["Augmentations", "Reconstruction", "Attention", "Embedding", "Progress"]
EMBEDDING = ["Similarity", "Spectrum", "Health", "Map"]
SPAN = 20.0       # MB that memory may move about after the warm-up
WARM_UP = 0.25    # of the time, five minutes at most
MOMENTS_MB = 64   # [Run] moments, which bounds what run.db keeps of views
RECIPE = """[Run]
title=Clothes for an hour
steps=10000000
batch=64
checkpoint-every=2000
moments={moments}
[Dataset]
reader=folder
path={path}
size=28
[Encoder]
plugin=vit
patch=4
width=64
depth=2
heads=2
[Objective]
plugin=mae
"""


def resident(pid):
    """Megabytes of the process that lie in memory and belong to no file."""
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def record_size(folder):
    """Megabytes of run.db with what it has not yet taken in from its log."""
    return sum(os.path.getsize(os.path.join(path, name)) for path, _, names in os.walk(folder)
               for name in names if name.startswith("run.db")) / 1e6


def slope(minutes, values):
    """Megabytes a minute, by least squares."""
    x, y = statistics.fmean(minutes), statistics.fmean(values)
    spread = sum((m - x) ** 2 for m in minutes)
    return sum((m - x) * (v - y) for m, v in zip(minutes, values)) / spread if spread else 0.0


def visit(window, page):
    """One page as a person looks at it: the pointer wanders, and of the map its other views are seen."""
    window.press(page)
    wait_for(f"{page} to show a step", lambda: window.step(page) is not None, 120)
    for i in range(10):
        move(420 + 60 * i, 180 + 35 * i)
        time.sleep(0.3)
    if page == "Embedding":
        for view in EMBEDDING:
            window.press(view)
            time.sleep(1)


def measure(program, engine, minutes, as_json):
    pictures = tempfile.mkdtemp(prefix="clothes-")
    clothes.write_folder(pictures, 50)
    recipe = os.path.join(pictures, "clothes.ini")
    with open(recipe, "w") as out:
        out.write(RECIPE.format(path=pictures, moments=MOMENTS_MB))
    window = Workbench(program, engine, recipe, EIDOSCOPE_PATIENCE="120")
    rows = []
    try:
        wait_for("the first step", lambda: window.step() is not None, 300)  # a recipe that is named starts at once
        begun, rounds = time.monotonic(), 0
        while time.monotonic() - begun < 60 * minutes:
            for page in PAGES:
                visit(window, page)
            rounds += 1
            row = {"minutes": (time.monotonic() - begun) / 60, "window_mb": resident(window.process.pid),
                   "run_db_mb": record_size(window.folder), "step": window.step("Embedding") or 0, "rounds": rounds}
            if not rows or row["minutes"] >= rows[-1]["minutes"] + 1:
                rows.append(row)
                if as_json:
                    print(json.dumps(row), flush=True)
                else:
                    print("{minutes:6.1f} min  window {window_mb:7.2f} MB  run.db {run_db_mb:6.2f} MB  "
                          "step {step:7d}  {rounds} rounds".format(**row), flush=True)
    except Failure as failure:
        print(f"# {failure}", flush=True)
        window.complain()
        return 1
    finally:
        window.end()
        shutil.rmtree(pictures, ignore_errors=True)
    return judge(rows, minutes, as_json)


def judge(rows, minutes, as_json):
    kept = [row for row in rows if row["minutes"] >= min(WARM_UP * minutes, 5)]
    if len(kept) < 2:
        print("# too short to say anything", flush=True)
        return 1
    values = [row["window_mb"] for row in kept]
    # What is recorded beside the moments: numbers and events, and SQLite's own pages and log.
    bound = MOMENTS_MB * 1.048576 + 16
    end = {"done": True, "minutes": kept[-1]["minutes"], "slope_mb_a_minute": slope([r["minutes"] for r in kept], values),
           "span_mb": max(values) - min(values), "span_bound_mb": 2 * SPAN, "window_mb": values[-1],
           "run_db_mb": max(row["run_db_mb"] for row in rows), "run_db_bound_mb": bound, "steps": rows[-1]["step"],
           "rounds": rows[-1]["rounds"], "load": os.getloadavg()[2]}
    if as_json:
        print(json.dumps(end), flush=True)
    else:
        print("after the warm-up: slope {slope_mb_a_minute:+.3f} MB a minute, span {span_mb:.2f} MB (bound "
              "{span_bound_mb:.0f}: ± 20); run.db {run_db_mb:.2f} MB (bound {run_db_bound_mb:.0f}); {rounds} rounds, "
              "{steps} steps, load {load:.1f}".format(**end), flush=True)
    return 0 if end["span_mb"] <= end["span_bound_mb"] and end["run_db_mb"] <= bound else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workbench")
    parser.add_argument("engine")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not shutil.which("xdotool") or not clothes.are_here():
        print("needs xdotool and Debian's dataset-fashion-mnist")
        return 77
    return on_own_display(lambda: measure(given.workbench, given.engine, given.minutes, given.json))


if __name__ == "__main__":
    sys.exit(main())
