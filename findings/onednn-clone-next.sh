#!/bin/sh
# oneDNN 3: a clone of a primitive descriptor has no next implementation, although what it was cloned from has:
# dnnl_primitive_desc_next_impl() on the clone answers at once that the last one is reached.
#
# One would guess that dnnl_primitive_desc_clone() gives a descriptor that can do all that the first can, so that
# a program may go through the implementations on a copy and keep its first choice; the documentation calls it a
# copy. No error is told: "the last is reached" is what a descriptor with a single implementation says, too.
#
# It hurts who looks for a faster kernel than oneDNN's first choice: the search ends before it begins, and the
# first choice seems to be the only one. What helps is to describe the same primitive once more and to go on from
# there. Seen here in oneDNN 3.2, the newest that PyPI has for OpenMP, and the same in 3.7.2 of Debian 13.
set -eu

expected='described: several implementations
cloned: one implementation'
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet onednn-cpu-gomp==2023.2.0
cat >"$place/clone.py" <<'PYTHON'
import ctypes

library = ctypes.CDLL("libdnnl.so.3")
CPU, F32, FORWARD_INFERENCE, DIRECT, ANY, LAST_REACHED = 1, 3, 96, 1, 1, 4


def call(name, *arguments):
    status = getattr(library, f"dnnl_{name}")(*arguments)
    assert status == 0, f"{name} answers {status}"


def dims(*values):
    return (ctypes.c_int64 * 12)(*values)


def described(*sizes):
    memory = ctypes.c_void_p()
    call("memory_desc_create_with_tag", ctypes.byref(memory), len(sizes), dims(*sizes), F32, ANY)
    return memory


def count(primitive):
    number = 1
    while (status := library.dnnl_primitive_desc_next_impl(primitive)) == 0:
        number += 1
    assert status == LAST_REACHED, status
    return number


engine, first, clone = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
call("engine_create", ctypes.byref(engine), CPU, ctypes.c_size_t(0))
call("convolution_forward_primitive_desc_create", ctypes.byref(first), engine, FORWARD_INFERENCE, DIRECT,
     described(8, 32, 8, 8), described(32, 32, 3, 3), None, described(8, 32, 8, 8), dims(1, 1), dims(0, 0), dims(1, 1),
     dims(1, 1), None)
call("primitive_desc_clone", ctypes.byref(clone), first)
for name, primitive in (("cloned", clone), ("described", first)):
    number = count(primitive)
    print(f"{name}: {'one implementation' if number == 1 else 'several implementations'}")
PYTHON

"$place/venv/bin/pip" list 2>/dev/null | grep -E "^onednn"
seen=$(LD_LIBRARY_PATH="$place/venv/lib" "$place/venv/bin/python" "$place/clone.py" 2>"$place/errors") || { cat "$place/errors"; exit 1; }
seen=$(printf '%s\n' "$seen" | sort -r)
echo 'a convolution, as it was described and as a clone of that:'
echo "$seen"
test "$seen" = "$expected" || { echo "this has changed; it was:"; echo "$expected"; exit 1; }
