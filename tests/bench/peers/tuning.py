"""PyTorch on a CPU as somebody sets it up who wants it fast.

`before_import` must run before torch is loaded, `after_import` after. The
results stay what they are to float32's rounding; `peer.py --untuned` leaves all
of this out.
"""

import ctypes
import ctypes.util
import os
import pathlib
import subprocess
import tempfile

M_TRIM_THRESHOLD, M_MMAP_MAX, M_ARENA_MAX = -1, -4, -8

# MKL asks this function whether the processor is Intel's; elsewhere it leaves
# AVX-512 unused, which halves its speed in float32.
MKL_PROBE = "int mkl_serv_intel_cpu_true (void) { return 1; }"


def keep_freed_memory():
    """glibc gives large blocks back at every free, and the kernel clears them
    again at every step. What tcmalloc or jemalloc would do, without either."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        for option, value in ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, 2**31 - 1), (M_ARENA_MAX, 1)):
            libc.mallopt(option, value)


def use_avx512_in_mkl():
    cpu = pathlib.Path("/proc/cpuinfo").read_text()
    if "AuthenticAMD" not in cpu or "avx512f" not in cpu:
        return
    with tempfile.TemporaryDirectory() as folder:
        library = pathlib.Path(folder, "probe.so")
        command = ["cc", "-x", "c", "-shared", "-fPIC", "-o", str(library), "-"]
        if subprocess.run(command, input=MKL_PROBE.encode(), stderr=subprocess.DEVNULL).returncode == 0:
            ctypes.CDLL(str(library), os.RTLD_GLOBAL | os.RTLD_NOW)


def before_import():
    keep_freed_memory()
    use_avx512_in_mkl()


def after_import(torch):
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.set_flush_denormal(True)
