#!/bin/sh
# run.sh SECONDS [HARNESS]...: builds the fuzz harnesses with clang and libFuzzer, and runs each for so many
# seconds; all of them unless some are named. Nothing else of the tree is touched: the build, the corpora and
# what was found lie in _build-fuzz. Ends with 1 if anything was found.
set -eu

cd "$(dirname "$0")/../.."
seconds=${1:?how many seconds for each harness?}
shift
# Words of one name each: they are to be split.
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(sed -n "s/^  '\(.*\)': \[.*/\1/p" tests/fuzz/meson.build)

build=_build-fuzz
[ -d $build ] || CC=${FUZZ_CC:-clang} meson setup $build -Dfuzz=true -Db_lundef=false -Db_sanitize=address,undefined
for name; do targets="${targets:-} tests/fuzz/fuzz-$name"; done
# shellcheck disable=SC2086
ninja -C $build $targets data/gschemas.compiled

# What GLib and the loaders of pictures keep to their end is no leak. A loader may ask for what a file claims,
# and goes on where it does not get it; whoever has no plan for that is found.
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=2000:handle_abort=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export EIDOSCOPE_DATA_PATH="$PWD/data" GIO_USE_VFS=local
# The wire's shows what it unpacks.
export GSETTINGS_BACKEND=memory GSETTINGS_SCHEMA_DIR="$PWD/$build/data" GSK_RENDERER=cairo GTK_A11Y=none
found=0
for name; do
  mkdir -p $build/corpus/"$name" $build/found
  display=
  [ "$name" != wire ] || display=tests/support/display.sh
  EIDOSCOPE_FUZZ_SEEDS=$build/corpus/"$name" $display $build/tests/fuzz/fuzz-"$name"
  echo "$name, for $seconds s"
  $display $build/tests/fuzz/fuzz-"$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -max_len=65536 \
    -print_final_stats=1 -artifact_prefix=$build/found/"$name"- $build/corpus/"$name" \
    >$build/found/"$name".log 2>&1 || { found=1; echo "$name: found something, see $build/found"; }
  tail -n 8 $build/found/"$name".log
done
exit $found
