#!/bin/sh
# oclgrind.sh PROGRAM [ARGUMENT]...: runs a test program on Oclgrind's simulated
# device, which sees accesses out of bounds and data races. Fails when the
# program does or when Oclgrind has anything to say; skips (77) without Oclgrind.
#
# Its --uninitialized is not asked for: version 21.10 crashes on vectors of 16
# and does not know LLVM's "freeze". The tests fill memory with NaN instead
# before an operation is given it.

command -v oclgrind >/dev/null || { echo "oclgrind is not installed"; exit 77; }

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

oclgrind --log "$log" --data-races --max-errors 20 "$@"
status=$?
if [ -s "$log" ]; then
  cat "$log"
  exit 1
fi
exit $status
