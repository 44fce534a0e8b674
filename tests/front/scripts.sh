#!/bin/sh
# scripts.sh: every shell script is one to any POSIX shell, and bootstrap answers
# a wrong call as its help says. ShellCheck is asked too where it is installed.
set -eu
cd "$SOURCE_ROOT"

scripts=$(grep -rlI --exclude-dir=.git --exclude-dir='_build*' --exclude-dir='build*' '^#!/bin/sh' .)
for script in $scripts; do
  sh -n "$script"
  test -x "$script" || { echo "$script is not executable"; exit 1; }
done
if command -v shellcheck >/dev/null; then
  # Names without spaces, to be split.
  # shellcheck disable=SC2086
  shellcheck $scripts
fi

./bootstrap --help | grep -q '^Usage: ./bootstrap COMMAND'
status=0
./bootstrap no-such-command 2>/dev/null || status=$?
test "$status" = 2 || { echo "an unknown command ended with $status, not 2"; exit 1; }

# A system without apt-get is told what is needed, and nothing is done to it.
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
for tool in sh dirname locale awk cat; do
  ln -s "$(command -v $tool)" "$empty/$tool"
done
status=0
PATH=$empty sh bootstrap build 2>"$empty/said" || status=$?
test "$status" = 1 || { echo "without apt-get it ended with $status, not 1"; exit 1; }
grep -q '^libgtk-4-dev ' "$empty/said" || { cat "$empty/said"; echo 'the list of packages is missing'; exit 1; }
