#!/bin/sh
# bootstrap.sh: when ./bootstrap sets the build up anew, by what it asks of meson and apt. It runs in a
# checkout that holds nothing but itself, among tools that only write down how they were called.
set -eu

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir "$place/tools" "$place/checkout" "$place/moved"
cp "$SOURCE_ROOT/bootstrap" "$place/checkout"
export PLACE="$place" PATH="$place/tools:$PATH"

tool ()
{
  { echo '#!/bin/sh'; cat; } >"$place/tools/$1"
  chmod +x "$place/tools/$1"
}

tool dpkg-query <<'X'
case "$*" in
  *Version*) cat "$PLACE/installed" ;; # all packages with their versions
  *) echo installed ;;                 # one of them
esac
X
tool dpkg <<'X'
exit 0
X
tool apt-cache <<'X'
exit 100
X
tool apt-get <<'X'
echo "apt-get $*" >>"$PLACE/calls"
X
tool pkg-config <<'X'
echo 99.0
X
tool meson <<'X'
case "$1" in
  --version) echo 99.0 ;;
  compile) ;;
  setup)
    echo "$*" >>"$PLACE/calls"
    test ! -e "$PLACE/broken" || exit 1
    mkdir -p _build
    ;;
esac
X

# expect WHAT CALLS: what `./bootstrap build` asks of meson setup, and that it ends well.
expect ()
{
  rm -f "$place/calls"
  ./bootstrap build 2>"$place/said" || { cat "$place/said"; echo "$1: it failed"; exit 1; }
  calls=$(cat "$place/calls" 2>/dev/null || true)
  test "$calls" = "$2" || { echo "$1: asked for '$calls' where '$2' was expected"; exit 1; }
}

cd "$place/checkout"
echo 'libdnnl-dev 2.6' >"$place/installed"
expect 'a fresh checkout' 'setup _build'
expect 'a second time' ''
echo 'xvfb 21' >>"$place/installed"
expect 'after a package has come' 'setup --reconfigure _build'
expect 'after that' ''
rm _build/bootstrap.stamp
expect 'a build of before, or one set up by half' 'setup --wipe _build'
cp -r "$place/checkout/." "$place/moved"
cd "$place/moved"
expect 'a checkout that was moved' 'setup --wipe _build'
sed -i '1s/.*/debian 1 elsewhere/' _build/bootstrap.stamp
expect 'a build of another system' 'setup --wipe _build'

# Interrupted: the next time begins anew.
echo 'xauth 1' >>"$place/installed"
: >"$place/broken"
! ./bootstrap build 2>/dev/null || { echo 'a set-up that failed counts as done'; exit 1; }
rm "$place/broken"
expect 'after a set-up that failed' 'setup --wipe _build'
