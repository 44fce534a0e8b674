"""From a drop to a picture, and from a click to what it shows, in a window that trains.

    bench-window.py WORKBENCH ENGINE DRAG_SOURCE [--photos FOLDER] [--json]

A folder (of clothes, if none is named) is dragged onto the window with the pointer and the first
proposal started: timed until the first picture of a view stands on the display, once for the
kernels to be compiled and once with warm caches. Then pages are clicked on while the run goes
on: timed until the tab's pixels have changed. Animations are off: a tab takes its colour slowly by
intention. Clicks go by the accessibility's registry, for xdotool takes a tenth of a second itself.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import clothes
from accessible import Atspi, Failure, Workbench, role_of, wait_for
from screen import Picture, drag, middle, move, on_own_display, xdotool

CLICKS = 15
TABS = ["Reconstruction", "Attention", "Embedding", "Progress", "Augmentations"]  # the last is in front at first


def drop(window, source, folder):
    """Seconds from the pointer's release to the proposals, and to a picture of the first."""
    wait_for("the welcome page", lambda: window.control("Start Training"))
    process = subprocess.Popen([source, folder], stderr=subprocess.DEVNULL)
    try:
        found = wait_for("the drag's source", lambda: subprocess.run(
            ["xdotool", "search", "--name", "^Drag source$"], capture_output=True, text=True).stdout.split())
        xdotool("windowmove", "--sync", found[-1], 1300, 100)
        time.sleep(0.5)
        drag([(1360, 160), (1350, 170), (1320, 190), (1200, 220), (900, 300), (700, 400)], pause=0.1, hold=0.3)
        released = time.monotonic()
        start = wait_for("a proposal", lambda: window.find("proposal", lambda node: (
            role_of(node) == "push button" and (node.get_name() or "").startswith("Start ")
            and node.get_name() != "Start Training")), 120)
        proposed = time.monotonic() - released
        wait_for("it to be possible", lambda: window.control(start.get_name()))
        start.do_action(0)
        window.wait_for_step_after(0)
        return proposed, time.monotonic() - released
    finally:
        process.kill()
        process.wait()


def click_tabs(window):
    """Milliseconds from each click on a page's tab to its pixels."""
    def place(name):
        tab = window.find(f"tab {name}", lambda node: role_of(node) == "page tab"
                          and node.get_name() == name and window.place(node)[2] > 0)
        return middle(window.place(tab))

    delays = []
    for i in range(CLICKS):
        name = TABS[i % len(TABS)]
        x, y = place(name)
        # The tab itself is coloured as soon as it is in front.
        area = (x - 70, y - 10, 140, 20)
        move(x, y)
        time.sleep(0.4)
        before = Picture(area)
        begun = time.monotonic()
        Atspi.generate_mouse_event(round(x), round(y), "b1c")
        while Picture(area).differs(before) < 0.2:
            if time.monotonic() - begun > 5:
                raise Failure(f"a click on {name} had no effect for 5 s")
        delays.append((time.monotonic() - begun) * 1e3)
    if not window.control("Pause"):
        raise Failure("the run was over before the clicks were: take more pictures")
    return sorted(delays)


def measure(given):
    pictures = given.photos or tempfile.mkdtemp(prefix="clothes-")
    if not given.photos:
        clothes.write_folder(pictures, 10)
    result, still = {}, tempfile.mkdtemp(prefix="still-")
    os.mkdir(os.path.join(still, "gtk-4.0"))
    with open(os.path.join(still, "gtk-4.0", "settings.ini"), "w", encoding="utf-8") as settings:
        settings.write("[Settings]\ngtk-enable-animations=false\n")
    try:
        for name in ("cold", "warm"):
            window = Workbench(given.workbench, given.engine, EIDOSCOPE_PATIENCE="120", XDG_CONFIG_HOME=still)
            try:
                result[f"{name}_proposal_s"], result[f"{name}_picture_s"] = drop(window, given.source, pictures)
                if name == "warm":
                    delays = click_tabs(window)
                    result.update(click_median_ms=statistics.median(delays), click_worst_ms=delays[-1],
                                  click_p95_ms=delays[int(len(delays) * 0.95)])
            finally:
                window.end()
    except Failure as failure:
        print(f"# {failure}", flush=True)
        return 1
    finally:
        shutil.rmtree(still, ignore_errors=True)
        if not given.photos:
            shutil.rmtree(pictures, ignore_errors=True)
    result["load"] = os.getloadavg()[0]
    if given.json:
        print(json.dumps(result), flush=True)
    else:
        print("from the drop: proposals after {cold_proposal_s:.1f} s, then {warm_proposal_s:.1f} s; the first picture "
              "after {cold_picture_s:.1f} s, then {warm_picture_s:.1f} s\n"
              "click to pixels while training: median {click_median_ms:.0f} ms, 95 % {click_p95_ms:.0f} ms, worst "
              "{click_worst_ms:.0f} ms; load {load:.1f}".format(**result), flush=True)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workbench")
    parser.add_argument("engine")
    parser.add_argument("source")
    parser.add_argument("--photos")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not shutil.which("xdotool") or not (given.photos or clothes.are_here()):
        print("needs xdotool, and Debian's dataset-fashion-mnist or --photos FOLDER")
        return 77
    return on_own_display(lambda: measure(given), "1440x800")


if __name__ == "__main__":
    sys.exit(main())
