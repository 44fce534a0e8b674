#!/bin/sh
# display.sh PROGRAM [ARGUMENT]...: runs a test on a display of its own, without a screen. Looked for when
# the test runs, not when the build is set up: what is installed in between counts. Skips (77) without.
command -v xvfb-run >/dev/null || { echo 'xvfb-run is not installed' >&2; exit 77; }
exec xvfb-run -a -s '-screen 0 1280x800x24' "$@"
