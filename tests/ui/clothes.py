"""Real pictures as files: Fashion-MNIST from Debian's dataset-fashion-mnist, a folder a class.

    clothes.py FOLDER [PICTURES_A_CLASS]
"""
import gzip
import os
import struct
import sys
import zlib

DATA = "/usr/share/datasets/fashion-mnist"
NAMES = ["top", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]


def are_here():
    return os.path.exists(os.path.join(DATA, "t10k-images-idx3-ubyte.gz"))


def grey_png(side, pixels):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + pixels[y * side:(y + 1) * side] for y in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_folder(folder, each=30):
    """The first @each pictures of every class of the test half, as @folder/CLASS/NUMBER.png."""
    with gzip.open(os.path.join(DATA, "t10k-images-idx3-ubyte.gz")) as file:
        _, count, side, _ = struct.unpack(">4I", file.read(16))
        pixels = file.read()
    with gzip.open(os.path.join(DATA, "t10k-labels-idx1-ubyte.gz")) as file:
        labels = file.read()[8:]
    written = [0] * len(NAMES)
    for i in range(count):
        label = labels[i]
        if written[label] < each:
            place = os.path.join(folder, NAMES[label])
            os.makedirs(place, exist_ok=True)
            with open(os.path.join(place, f"{written[label]:04}.png"), "wb") as out:
                out.write(grey_png(side, pixels[i * side * side:(i + 1) * side * side]))
            written[label] += 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    write_folder(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 30)
