#!/bin/sh
# PyTorch's switch for deterministic algorithms does not make a training on the processor repeat its bits when the
# number of threads is another: the gradient of a convolution's weight has other bits with 2 threads than with 1.
#
# One would guess that after torch.use_deterministic_algorithms(True) the same seed, data and program give the same
# weights on every machine with the same kind of processor; nothing warns or raises. But the sum over the batch is
# cut into as many parts as there are threads, and their number follows from the machine's cores, from
# OMP_NUM_THREADS or from what a container may use.
#
# It hurts who compares runs of a residual network bit by bit, resumes a run on a machine with more cores, or takes
# a hash of the weights for a test: the runs part at the first step.
set -eu

expected='one thread twice: the same bits
one thread and two: other bits'
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet torch==2.15.0 numpy==2.4.6
cat >"$place/threads.py" <<'PYTHON'
import torch

torch.use_deterministic_algorithms(True)
torch.manual_seed(0)
images = torch.randn(64, 64, 32, 32)
weight = torch.randn(64, 64, 3, 3, requires_grad=True)


def gradient(threads):
    torch.set_num_threads(threads)
    weight.grad = None
    torch.nn.functional.conv2d(images, weight, padding=1).square().mean().backward()
    return weight.grad.clone()


first = gradient(1)
for name, other in (("one thread twice", gradient(1)), ("one thread and two", gradient(2))):
    print(f"{name}: {'the same' if torch.equal(first, other) else 'other'} bits")
PYTHON

"$place/venv/bin/pip" list 2>/dev/null | grep -E '^torch '
seen=$("$place/venv/bin/python" "$place/threads.py" 2>"$place/errors") || { cat "$place/errors"; exit 1; }
echo 'gradient of the weight of a convolution of 64 pictures:'
echo "$seen"
test "$seen" = "$expected" || { echo "this has changed; it was:"; echo "$expected"; exit 1; }
