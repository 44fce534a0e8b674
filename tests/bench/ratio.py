"""Two builds of `eidoscope bench` in turn on one machine: speed, memory, and the ratio of each case.

    python3 ratio.py A B [CASE…] [--rounds 3] [--precision f32]

A and B are commands, such as "_build/app/cli/eidoscope" and
"chroot /srv/trixie /eidoscope/_build/app/cli/eidoscope". Medians over the rounds; a ratio
above 1 says that B is faster. Both take each case in the same minute, since machines
that are shared grow slower and faster by themselves.
"""

import argparse
import json
import shlex
import statistics
import subprocess

CASES = ["vit-ti4-32-simclr", "vit-s16-224-mae", "vit-s16-224-dino", "resnet18-32-simclr", "resnet50-224-infer",
         "gpt-6x384-256"]


def bench(command, case, precision, seconds):
    output = subprocess.run(
        [*shlex.split(command), "bench", case, "--json", "--precision", precision, "--seconds", str(seconds)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    return json.loads(output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("cases", nargs="*", default=CASES, metavar="CASE")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--precision", nargs="+", default=["f32", "bf16"])
    arguments = parser.parse_args()

    print("| case | precision | A | B | B over A | memory |\n|---|---|--:|--:|--:|--:|", flush=True)
    for case in arguments.cases or CASES:
        for precision in arguments.precision:
            pairs = [[bench(command, case, precision, arguments.seconds) for command in (arguments.a, arguments.b)]
                     for _ in range(arguments.rounds)]
            speeds = [statistics.median(pair[side]["samples_per_second"] for pair in pairs) for side in (0, 1)]
            ratio = statistics.median(b["samples_per_second"] / a["samples_per_second"] for a, b in pairs)
            memory = statistics.median(b["peak_bytes"] / a["peak_bytes"] for a, b in pairs)
            print(f"| `{case}` | {precision} | {speeds[0]:.3g} | {speeds[1]:.3g} | {ratio:.2f} | {memory:.2f} |", flush=True)


if __name__ == "__main__":
    main()
