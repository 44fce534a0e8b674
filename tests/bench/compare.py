#!/usr/bin/env python3
"""Eidoscope beside PyTorch, on this machine: one table of ratios.

    python3 compare.py --eidoscope ../../build/app/cli/eidoscope --csv bench.csv

Runs `eidoscope bench CASE --precision P --json` and peer.py in every way PyTorch
has, each measurement a process of its own, the sides in turn, in --rounds
rounds; what counts is the median over the rounds. PyTorch's ways are

    eager, compile   as it is installed
    tuned            eager, set up by peers/tuning.py: an allocator that keeps
                     memory, and on AMD's processors MKL told to use AVX-512

The first round measures them all, the later ones PyTorch's fastest of each kind
and precision. With --csv every finished measurement is kept, and a second call
goes on where the first stopped: one file belongs to one machine and one build.
The table is Markdown. Its ratios are Eidoscope's speed over PyTorch's:

    best      either side's faster precision, PyTorch as installed
    f32       the same in float32
    tuned     as "best", "tuned f32" as "f32", against the tuned way
    memory    of the two processes of "best", at their peak; below 1 Eidoscope
              needs less. "beyond start": less what PyTorch has resident before
              the model is built, and of Eidoscope the device's memory alone

Exit status: 0; 1: a measurement failed (the table says which); 2: bad usage;
77: torch, torchvision or timm is missing.
"""

import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict

from peers import CASES
from records import Records

PEER = pathlib.Path(__file__).with_name("peer.py")
KEY = ("round", "case", "side", "precision", "mode")
NUMBERS = ("samples_per_second", "step_milliseconds", "peak_bytes", "peak_rss_bytes")
PRECISIONS = ("f32", "bf16")


class Failed(Exception):
    pass


def modes(skip_compile):
    """PyTorch's ways by kind: as it is installed, and tuned."""
    return (("eager",) if skip_compile else ("eager", "compile")), ("tuned",)


def variants(given, records, turn, case):
    """(side, precision, mode) of a round, Eidoscope and PyTorch alternating."""
    for precision in PRECISIONS:
        yield "eidoscope", precision, ""
        for kind in modes(given.skip_compile):
            seen = [mode for mode in kind if (1, case, "pytorch", precision, mode) in records]
            if turn == 1 or not seen:
                yield from (("pytorch", precision, mode) for mode in kind)
            else:
                first = {mode: float(records[1, case, "pytorch", precision, mode]["samples_per_second"]) for mode in seen}
                yield "pytorch", precision, max(first, key=first.get)


def command_of(given, case, side, precision, mode):
    if side == "eidoscope":
        return [given.eidoscope, "bench", case, "--precision", precision, "--json"]
    tuned = mode == "tuned"
    command = [sys.executable, str(PEER), case, "--precision", precision, "--mode", "eager" if tuned else mode]
    return [*command, "--seconds", str(given.seconds), *([] if tuned else ["--untuned"])]


def measure(given, case, precision, command):
    """The numbers a command prints for the case; Failed says why there are none."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=given.timeout)
    except subprocess.TimeoutExpired:
        raise Failed(f"nothing after {given.timeout:g} s") from None
    found = {}
    for line in done.stdout.splitlines():
        try:
            answer = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(answer, dict) and (answer.get("case"), answer.get("precision")) == (case, precision):
            found = answer
    if "failed" in found:
        raise Failed(found["failed"])
    if done.returncode != 0 or "samples_per_second" not in found:
        said = done.stderr.strip().splitlines() or ["it printed no result"]
        raise Failed(f"exit status {done.returncode}: {said[-1]}")
    return {key: found.get(key, "") for key in NUMBERS}


def run(given, records):
    """Measures what is missing; {(case, side, precision, mode): why it failed}."""
    failures = {}
    for turn in range(1, given.rounds + 1):
        for case in given.cases:
            for variant in variants(given, records, turn, case):
                key = (turn, case, *variant)
                if key in records or key[1:] in failures:
                    continue
                name = " ".join(filter(None, key[1:]))
                try:
                    numbers = measure(given, case, variant[1], command_of(given, case, *variant))
                except Failed as failure:
                    failures[key[1:]] = str(failure)
                    print(f"round {turn}: {name}: failed: {failure}", file=sys.stderr, flush=True)
                    continue
                records.add(key, numbers)
                print(f"round {turn}: {name}: {numbers['samples_per_second']} /s", file=sys.stderr, flush=True)
    return failures


def medians(rows):
    """{(case, side, precision, mode): {number: median over the rounds, or None}}."""
    groups = defaultdict(list)
    for key, row in rows.items():
        groups[key[1:]].append(row)
    return {
        key: {
            number: statistics.median(values) if (values := [float(r[number]) for r in group if r[number] != ""]) else None
            for number in NUMBERS
        }
        for key, group in groups.items()
    }


def fastest(results, case, side, precisions=PRECISIONS, ways=("",)):
    """(precision, mode) and numbers of the fastest of a side's ways, or None."""
    found = [
        (key[2:], value)
        for key, value in results.items()
        if key[:2] == (case, side) and key[2] in precisions and key[3] in ways
    ]
    return max(found, key=lambda way: way[1]["samples_per_second"], default=None)


def ratio(ours, theirs, number="samples_per_second"):
    if not ours or not theirs or not ours[1][number] or not theirs[1][number]:
        return "–"
    return f"{ours[1][number] / theirs[1][number]:.2f}"


def speed(way, named=False):
    if not way:
        return "–"
    return f"{way[1]['samples_per_second']:.1f}" + (f" ({' '.join(way[0])})" if named else "")


COLUMNS = ("case", "Eidoscope f32", "bf16", "PyTorch's best", "best", "f32", "tuned", "tuned f32", "memory",
           "beyond start")  # fmt: skip


def table(cases, results):
    print("| " + " | ".join(COLUMNS) + " |")
    print("|---|" + "--:|" * (len(COLUMNS) - 1))
    installed, tuned = ("eager", "compile"), ("tuned",)
    for case in cases:
        f32, bf16 = (fastest(results, case, "eidoscope", (precision,)) for precision in PRECISIONS)
        ours = fastest(results, case, "eidoscope")
        theirs, theirs_tuned = (fastest(results, case, "pytorch", ways=ways) for ways in (installed, tuned))
        theirs_f32, tuned_f32 = (fastest(results, case, "pytorch", ("f32",), ways) for ways in (installed, tuned))
        cells = (case, speed(f32), speed(bf16),
                 speed(theirs, named=True), f"**{ratio(ours, theirs)}**", ratio(f32, theirs_f32),
                 ratio(ours, theirs_tuned), ratio(f32, tuned_f32),
                 ratio(ours, theirs, "peak_rss_bytes"), ratio(ours, theirs, "peak_bytes"))  # fmt: skip
        print("| " + " | ".join(cells) + " |")


def cpu_model():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def versions(given):
    """What is compared, as a sentence part; ends the program where torch is missing."""
    asked = subprocess.run([sys.executable, str(PEER), "--versions"], capture_output=True, text=True)
    if asked.returncode:
        sys.stderr.write(asked.stderr)
        sys.exit(asked.returncode)
    found = [f"{name} {version}" for name, version in json.loads(asked.stdout).items()]
    ours = subprocess.run([given.eidoscope, "--version"], capture_output=True, text=True).stdout.strip()
    return ", ".join([ours or "Eidoscope", *found, f"Python {platform.python_version()}"])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--eidoscope", default="eidoscope", metavar="PATH", help="the program to measure")
    arguments.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES), metavar="CASE")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=float, default=8, help="PyTorch's steps are timed at least so long")
    arguments.add_argument("--timeout", type=float, default=1200, help="seconds one measurement may take")
    arguments.add_argument("--skip-compile", action="store_true", help="PyTorch without torch.compile")
    arguments.add_argument("--csv", type=pathlib.Path, metavar="FILE", help="keep the measurements, go on from them")
    given = arguments.parse_args()

    program = shutil.which(given.eidoscope)
    if not program:
        arguments.error(f"no program {given.eidoscope}: build Eidoscope and name it with --eidoscope PATH")
    given.eidoscope = os.path.abspath(program)
    about = versions(given)
    records = Records(given.csv, KEY, NUMBERS)
    failures = run(given, records)

    print("Samples a second, medians; more is better, but for memory.\n")
    table(given.cases, medians(records.rows))
    print(f"\n{cpu_model()}, {len(os.sched_getaffinity(0))} cores; {about}.")
    for key, reason in failures.items():
        print(f"\nFailed: {' '.join(filter(None, key))}: {reason}")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
