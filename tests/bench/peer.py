#!/usr/bin/env python3
"""Times the benchmark cases in PyTorch: the other side of `eidoscope bench`.

    python3 peer.py                                  every case, every mode
    python3 peer.py gpt-6x384-256 --precision bf16 --mode eager --seconds 8

A step is forward, backward and an AdamW update (inference: forward), on the
processor, over data that stay in memory; the cases are in peers/. One JSON
object a case, precision (f32; bf16 by autocast) and mode (eager; compile by
inductor) goes to standard output, each measured in a process of its own:

    samples_per_second, step_milliseconds   from the median step
    peak_bytes        the most memory over all steps, less what was resident
                      before the model was built
    peak_rss_bytes    the most memory of the whole process
    failed            instead of these: why there is no number

Let nothing else run meanwhile: threads that wait for each other at every
operation lose many times the share of the processor that others take.

Exit status: 0; 1: something failed; 77: torch, torchvision or timm is missing.
"""

import argparse
import contextlib
import json
import pathlib
import statistics
import subprocess
import sys
import time

from peers import CASES, build, tuning

WARM_UP, FEWEST = 3, 5


def load_torch(tuned):
    """The modules, set up; ends the program with a sentence if one is missing."""
    if tuned:
        tuning.before_import()
    try:
        import timm
        import torch
        import torchvision
    except ImportError as missing:
        print(f"The PyTorch peers need torch, torchvision and timm: {missing}", file=sys.stderr)
        sys.exit(77)
    if tuned:
        tuning.after_import(torch)
    return torch, {module.__name__: module.__version__ for module in (torch, torchvision, timm)}


def resident(key):
    """VmRSS (now) or VmHWM (the most so far), in bytes."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"no {key} in /proc/self/status")


def forget_peak():
    """VmHWM starts again from what is resident now."""
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/self/clear_refs").write_text("5")


def stepper(torch, work, precision, mode):
    """A function that takes one step and returns the loss, or the features."""
    compute = work.compute
    if mode == "compile":
        import torch._inductor.config

        torch._inductor.config.freezing = not work.parameters
        compute = torch.compile(compute)
    autocast = torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16")
    if not work.parameters:

        @torch.inference_mode()
        def step():
            with autocast:
                return compute(*work.inputs)

        return step

    optimizer = torch.optim.AdamW(work.parameters, lr=1e-4, weight_decay=0.05, fused=True)

    def step():
        with autocast:
            loss = compute(*work.inputs)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if work.after:
            work.after()
        return loss.detach()

    return step


def measure(torch, case, precision, mode, seconds):
    torch.manual_seed(0)
    forget_peak()
    before = resident("VmRSS")
    work = build(case, precision)
    step = stepper(torch, work, precision, mode)

    start = time.perf_counter()
    result = step()
    first_step = time.perf_counter() - start
    for _ in range(WARM_UP - 1):
        step()

    times = []
    while len(times) < FEWEST or sum(times) < seconds:
        start = time.perf_counter()
        result = step()
        times.append(time.perf_counter() - start)
    if not torch.isfinite(result).all():
        raise RuntimeError("the result is not finite")

    median = statistics.median(times)
    peak = resident("VmHWM")
    return {
        "samples_per_second": round(work.samples / median, 3),
        "step_milliseconds": round(median * 1e3, 3),
        "fastest_milliseconds": round(min(times) * 1e3, 3),
        "first_step_seconds": round(first_step, 2),
        "steps": len(times),
        "result": round(result.float().mean().item(), 4),
        "peak_bytes": peak - before,
        "peak_rss_bytes": peak,
    }


def measure_here(case, precision, mode, seconds, tuned):
    torch, versions = load_torch(tuned)
    about = {"case": case, "precision": precision, "mode": mode, "torch": versions["torch"]}
    try:
        answer = measure(torch, case, precision, mode, seconds)
    except Exception as error:  # whatever the compiler raises is a result here
        text = str(error).strip()
        answer = {"failed": f"{type(error).__name__}: {text.splitlines()[0] if text else 'no message'}"}
    print(json.dumps(about | answer), flush=True)
    return "failed" in answer


def measure_apart(case, precision, mode, seconds, tuned):
    """The same in a process of its own: memory and compiler start afresh."""
    command = [sys.executable, __file__, case, "--precision", precision, "--mode", mode, "--seconds", str(seconds)]
    status = subprocess.run(command + ([] if tuned else ["--untuned"])).returncode
    if status == 77:
        sys.exit(77)
    if status not in (0, 1):
        answer = {"failed": f"the process ended with status {status}"}
        print(json.dumps({"case": case, "precision": precision, "mode": mode} | answer), flush=True)
    return status != 0


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("case", nargs="*")
    arguments.add_argument("--precision", nargs="+", choices=("f32", "bf16"), default=("f32", "bf16"))
    arguments.add_argument("--mode", nargs="+", choices=("eager", "compile"), default=("eager", "compile"))
    arguments.add_argument("--seconds", type=float, default=8, help="time at least so long (and 5 steps)")
    arguments.add_argument("--untuned", action="store_true", help="without the settings of peers/tuning.py")
    arguments.add_argument("--versions", action="store_true", help="print the versions as JSON and end")
    given = arguments.parse_args()

    alone = len(given.case) == len(given.precision) == len(given.mode) == 1
    if given.versions:
        print(json.dumps(load_torch(tuned=False)[1]))
        return 0
    if unknown := set(given.case) - set(CASES):
        arguments.error(f"no case {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    run = measure_here if alone else measure_apart
    failed = [
        run(case, precision, mode, given.seconds, not given.untuned)
        for case in given.case or CASES
        for precision in given.precision
        for mode in given.mode
    ]
    return int(any(failed))


if __name__ == "__main__":
    sys.exit(main())
