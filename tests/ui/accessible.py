"""A workbench in a window of its own, met through accessibility: found, pressed, read and closed.

What the stories (story.py, whole-story.py), the benchmark of memory and the maker of
screenshots have in common. Importing it ends the program with a skip where the
accessibility bindings are missing.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

try:
    import gi
    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi, GLib
except (ImportError, ValueError):
    print("1..0 # SKIP needs the accessibility bindings: gir1.2-atspi-2.0, python3-gi")
    sys.exit(0)

from screen import xdotool

CONTROLS = ["push button", "toggle button", "page tab", "radio button", "check box"]
LEVELS = ["Healthy", "Notice", "Warning", "Error", "Health"]
FRAME = 5  # pixels that GTK draws around a window where there is no window manager
PATIENCE = float(os.environ.get("STORY_PATIENCE", "20"))  # seconds for anything to happen


# Of a window on a loaded machine an answer is waited for longer than the 0.8 seconds that AT-SPI gives it.
Atspi.set_timeout(int(1000 * PATIENCE), int(1000 * PATIENCE))

# What later versions of AT-SPI call by another name.
ROLES = {"button": "push button"}


def role_of(node):
    """The node's role by the name that it has in every version."""
    name = node.get_role_name()
    return ROLES.get(name, name)


class Failure(Exception):
    pass


def patience():
    """Seconds that anything may take, longer where processes share a core."""
    return PATIENCE * max(1, os.getloadavg()[0] / os.cpu_count())


def wait_for(what, probe, seconds=None):
    """Polls until probe() is true and returns that; what it is that did not come is the message."""
    begun = time.monotonic()
    # How long is asked each time: other work may begin while this waits.
    while (waited := time.monotonic() - begun) < (seconds or patience()):
        try:
            if found := probe():
                return found
        except GLib.Error:  # what was looked at went, or the window is too busy to say
            pass
        time.sleep(0.02)
    raise Failure(f"waited {waited:.0f} s for {what}")


def children_of(pid):
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat:
                    fields = stat.read().rsplit(")", 1)[1].split()
                if int(fields[1]) == pid and fields[0] != "Z":
                    found.append(int(entry))
            except OSError:
                pass
    return found


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Workbench:
    """One window and its engine."""

    def __init__(self, program, engine, *arguments, **environment):
        self.nodes = {}
        self.program, self.fake = program, engine
        self.folder = tempfile.mkdtemp(prefix="story-")
        self.log = tempfile.TemporaryFile("w+")
        caches = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
        opened = [self.folder] if environment.pop("OPEN_PICTURES", None) else []
        self.environment = {
            **os.environ, "EIDOSCOPE_ENGINE": engine, "XDG_DATA_HOME": self.folder,
            # What is remembered of plugins is this window's alone; compiled kernels are everybody's.
            "XDG_CACHE_HOME": os.path.join(self.folder, "cache"),
            "POCL_CACHE_DIR": os.environ.get("POCL_CACHE_DIR", os.path.join(caches, "pocl", "kcache")),
            "GSETTINGS_BACKEND": "memory", "GIO_USE_VFS": "local", "EIDOSCOPE_PATIENCE": "2",
            **environment}
        self._launch(*opened, *arguments)

    def _launch(self, *arguments):
        self.nodes.clear()
        self.process = subprocess.Popen([self.program, *arguments], stderr=self.log, env=self.environment)
        self.frame = wait_for("the window", self._find_frame)
        self.engine = wait_for("the engine process", lambda: children_of(self.process.pid))[0]

    def reopen(self, *arguments):
        """Closes the window and opens another, by the same person and with these arguments."""
        self.close()
        self._launch(*arguments)

    def _find_frame(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            raise Failure(f"the workbench ended at its start with status {self.process.returncode}: "
                          + self.log.read())
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            application = desktop.get_child_at_index(i)
            if application and application.get_process_id() == self.process.pid and application.get_child_count():
                return application.get_child_at_index(0)
        return None

    def _windows(self):
        """The window and its dialogs."""
        application = self.frame.get_parent() or self.frame
        application.clear_cache()
        windows = [application.get_child_at_index(i) for i in range(application.get_child_count())]
        return [self.frame] + [window for window in windows if window and window != self.frame]

    def find(self, key, matches):
        """The first node that matches, breadth first; found once, it is kept as long as it matches. What is to go is
        looked for anew each time, under no key: in what is hidden a node goes on calling itself visible."""
        kept = self.nodes.get(key)
        if kept:
            try:
                kept.clear_cache()
                if matches(kept):
                    return kept
            except GLib.Error:
                pass
        level = self._windows()
        while level:
            below = []
            for node in level:
                try:
                    if matches(node):
                        if key:
                            self.nodes[key] = node
                        return node
                    for i in range(node.get_child_count()):
                        child = node.get_child_at_index(i)
                        if child and child.get_state_set().contains(Atspi.StateType.VISIBLE):
                            below.append(child)
                except GLib.Error:  # it went while it was looked at
                    pass
            level = below
        return None

    def control(self, name):
        """The control of that name that can be pressed, or None."""
        found = self.find(name, lambda node: role_of(node) in CONTROLS and node.get_name() == name)
        return found if found and found.get_state_set().contains(Atspi.StateType.SENSITIVE) else None

    def place(self, node):
        """Where a node lies on the display, x, y, width, height: the window lies in its corner."""
        node.clear_cache()
        box = node.get_extents(Atspi.CoordType.WINDOW)
        return box.x + FRAME, box.y + FRAME, box.width, box.height

    def press(self, name):
        control = wait_for(f"“{name}” to be there and to be sensitive", lambda: self.control(name))
        control.do_action(0)

    def says(self, page):
        """What the page says of itself: "step 120 · paused", or why there is nothing to see."""
        node = self.find(f"page {page}",
                         # Around it GTK 4.18 has a tab's panel of the same name, which says nothing.
                         lambda node: role_of(node) == "panel" and node.get_name() == page and node.get_description())
        return (node.get_description() or "") if node else ""

    def health(self):
        """The health line: "Error: The engine was killed at step …"."""
        node = self.find("health", lambda node: (node.get_name() or "").split(":")[0] in LEVELS)
        return node.get_name() if node else ""

    def wait_for_health(self, part):
        try:
            return wait_for("", lambda: part in self.health() and self.health())
        except Failure:
            raise Failure(f"the health line never said “{part}”; it says “{self.health()}”")

    def step(self, page="Augmentations"):
        """The step of the picture on that page, or None."""
        found = re.match(r"step ([\d,.\u202f\xa0]+)", self.says(page))
        return int(re.sub(r"\D", "", found[1])) if found else None

    def wait_for_step_after(self, step, page="Augmentations"):
        """Waits for a picture of a later step than @step, or, None, of any."""
        def later():
            now = self.step(page)
            return now is not None and now > (step or 0) and now

        try:
            return wait_for("", later)
        except Failure:
            raise Failure(f"{page} never showed a step after {step}; it says “{self.says(page)}”")

    def start(self):
        wait_for("a recipe to be resolved", lambda: self.control("Start"))
        self.press("Start")

    def resume(self):
        self.press("Resume from Checkpoint")
        self.engine = wait_for("a new engine", lambda: children_of(self.process.pid))[0]
        wait_for("the run to go on", lambda: self.control("Pause"))

    def close(self):
        """Closes by the window's own button; afterwards no process may be left."""
        engines = children_of(self.process.pid)
        self.press("Close")
        try:
            self.process.wait(patience())
        except subprocess.TimeoutExpired:
            raise Failure("the window did not close")
        if self.process.returncode:
            raise Failure(f"the workbench ended with status {self.process.returncode}")
        left = [pid for pid in engines + [self.engine] if alive(pid)]
        if left:
            raise Failure(f"left behind: {left}")

    def complain(self):
        """What there is to see after a failure."""
        if self.process.poll() is None:
            print(f"the health line: {self.health()}", file=sys.stderr)
        else:
            print(f"the workbench has ended with status {self.process.returncode}", file=sys.stderr)
        self.log.seek(0)
        print("".join(self.log.readlines()[-20:]), file=sys.stderr, flush=True)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def now_and_then(window):
    """What the timeline says of where it is: "step 120 / 400", "step 80, as it was"."""
    node = window.find("the timeline's step", lambda node: role_of(node) == "label" and re.match(
        r"step [\d,.\u202f\xa0]+( / |, as it was)", node.get_name() or ""))
    return node.get_name() if node else ""


def present_step(window):
    """The step that the timeline is at, now or in the past, or None."""
    found = re.match(r"step ([\d,.\u202f\xa0]+)", now_and_then(window))
    return int(re.sub(r"\D", "", found[1])) if found else None


def past_step(text):
    found = re.match(r"step ([\d,.\u202f\xa0]+), as it was", text)
    return int(re.sub(r"\D", "", found[1])) if found else None


def pause(window, page="Augmentations"):
    """Pauses the run; the step at which it stands, which page and timeline both say then."""
    window.press("Pause")
    wait_for("the page to say that it is paused", lambda: "paused" in window.says(page))
    # Its last picture, and the last report, come after that.
    return wait_for("the page to show the step at which it stands",
                    lambda: window.step(page) == present_step(window) and window.step(page))


def save_now(window, said):
    """Saves by hand and waits until the window tells it, with @said in its words."""
    pressed = 0

    def told():
        nonlocal pressed
        # A toast is shown for five seconds, which a slow machine may miss: then it is asked for once more.
        if time.monotonic() - pressed > 5:
            window.press("Save Now")
            pressed = time.monotonic()
        return window.find("toast", lambda node: said in (node.get_name() or ""))

    wait_for(f"“{said}” on the display", told)


def go_back_to(window, place, wanted):
    """Along the timeline to a moment that wanted() accepts: a press at @place comes near, the arrows lead on to it.
    wanted(): 0 there, else which way to go."""
    xdotool("mousemove", round(place[0]), round(place[1]), "click", 1)
    wait_for("the timeline to be in the past", lambda: past_step(now_and_then(window)))
    while (way := wanted()):
        before = now_and_then(window)
        if past_step(before) is None:
            raise Failure(f"there is no such moment: the timeline is at “{before}”")
        xdotool("key", "Right" if way > 0 else "Left")
        wait_for("the timeline to move on", lambda: now_and_then(window) not in ("", before))


def spin_button(window, name):
    return window.find(name, lambda node: role_of(node) == "spin button" and node.get_name() == name)
