"""A display of one's own, what is to be seen on it, and a pointer.

The display is an Xvfb that keeps its picture in a file, from which pixels are read without
another tool. on_own_display() runs the program again inside of one, with a session bus.
"""
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib

SIZE = "1280x800"


def open_display(size, folder):
    """A fresh Xvfb and its number. One that loses a race for its number is tried anew."""
    for _ in range(5):
        read, write = os.pipe()
        # Without -noreset the server starts anew when its last client leaves, and turns away
        # whoever comes meanwhile: the next story's window.
        display = subprocess.Popen(["Xvfb", "-noreset", "-displayfd", str(write), "-screen", "0", f"{size}x24",
                                    "-fbdir", folder],
                                   pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as line:
            number = line.readline().strip()
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(f"/tmp/.X11-unix/X{number}")
                time.sleep(0.2)
                if display.poll() is None:
                    return display, number
            except OSError:
                pass
        display.kill()
        display.wait()
    sys.exit("no display could be opened")


def on_own_display(run, size=SIZE):
    """Runs this program again on a display and a session bus of its own; there, run() is its status."""
    needed = ["Xvfb", "dbus-run-session"]
    if not all(shutil.which(tool) for tool in needed):
        print("1..0 # SKIP needs", *needed)
        return 0
    if "STORY_STAGE" not in os.environ:
        runtime = tempfile.mkdtemp(prefix="story-runtime-")
        display, number = open_display(size, runtime)
        own = os.dup(1), os.dup(2)
        try:
            return subprocess.run(
                # What the bus and its helpers print is no part of this test's output.
                ["dbus-run-session", "--", sys.executable, *sys.argv],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=own,
                env={**os.environ, "STORY_STAGE": "inside", "STORY_OUTPUT": "{} {}".format(*own), "DISPLAY": f":{number}",
                     "GDK_BACKEND": "x11", "GSK_RENDERER": "cairo", "XDG_RUNTIME_DIR": runtime,
                     "LC_ALL": "C.UTF-8", "GTK_A11Y": "atspi"}).returncode
        finally:
            display.terminate()
            display.wait()
            shutil.rmtree(runtime, ignore_errors=True)
    sys.stdout, sys.stderr = (os.fdopen(int(number), "w") for number in os.environ["STORY_OUTPUT"].split())
    return run()


# --- Pixels ---------------------------------------------------------------------

class Picture:
    """What is on the display now, in a rectangle of it (all of it if none is given)."""

    def __init__(self, place=None):
        with open(os.path.join(os.environ["XDG_RUNTIME_DIR"], "Xvfb_screen0"), "rb") as file:
            dump = file.read()
        # The header of xwd's format, in big endian.
        header, _, _, _, width, height = struct.unpack(">6I", dump[:24])
        stride, colours = struct.unpack(">I", dump[48:52])[0], struct.unpack(">I", dump[76:80])[0]
        x, y, w, h = place or (0, 0, width, height)
        left, top = max(int(x), 0), max(int(y), 0)
        self.width, self.height = min(int(x + w), width) - left, min(int(y + h), height) - top
        if self.width <= 0 or self.height <= 0:
            raise ValueError(f"{place} is not on the display")
        start = header + 12 * colours + top * stride + 4 * left
        self.rows = [dump[at:at + 4 * self.width] for at in range(start, start + self.height * stride, stride)]

    def colours(self):
        """How many different colours there are."""
        return len({row[i:i + 3] for row in self.rows for i in range(0, len(row), 4)})

    def differs(self, other):
        """The share of pixels that are not as in @other."""
        if (self.width, self.height) != (other.width, other.height):
            return 1.0
        changed = sum(a[i:i + 3] != b[i:i + 3] for a, b in zip(self.rows, other.rows) if a != b
                      for i in range(0, len(a), 4))
        return changed / (self.width * self.height)

    def save(self, path):
        """As a PNG file."""
        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        pixels = [[(row[i + 2], row[i + 1], row[i]) for i in range(0, len(row), 4)] for row in self.rows]
        rows = b"".join(filtered(bytes(value for pixel in row for value in pixel),
                                 bytes(value for pixel in former for value in pixel))
                        for row, former in zip(pixels, [[(0, 0, 0)] * self.width] + pixels))
        with open(path, "wb") as out:
            out.write(b"\x89PNG\r\n\x1a\n"
                      + chunk(b"IHDR", struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0))
                      + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def filtered(row, former):
    """A row of a PNG: as it is, or as its difference from the pixel before or above, whatever is least."""
    ways = [row,
            bytes((row[i] - (row[i - 3] if i >= 3 else 0)) & 255 for i in range(len(row))),
            bytes((a - b) & 255 for a, b in zip(row, former))]
    best = min(range(3), key=lambda way: sum(min(v, 256 - v) for v in ways[way]))
    return bytes([best]) + ways[best]


# --- Pointer and keys -----------------------------------------------------------

def xdotool(*words):
    subprocess.run(["xdotool", *map(str, words)], check=True)


def key(name):
    xdotool("key", name)


def move(x, y):
    xdotool("mousemove", round(x), round(y))


def click(x, y):
    move(x, y)
    xdotool("click", 1)


def drag(points, pause=0.02, hold=0.0):
    """Through the points with the first button held, so fast that each is an event of its own."""
    move(*points[0])
    time.sleep(0.1)
    xdotool("mousedown", 1)
    for point in points[1:]:
        time.sleep(pause)
        move(*point)
    time.sleep(hold)
    xdotool("mouseup", 1)


def middle(place):
    x, y, width, height = place
    return x + width / 2, y + height / 2
