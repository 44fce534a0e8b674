#!/bin/sh
# other-system.sh RELEASE [COMMAND...]: this checkout's last commit in a bare Debian of another release, made
# by debootstrap with nothing but git and certificates, in $EIDOSCOPE_SYSTEMS/RELEASE, made afresh each time.
#
#   other-system.sh trixie              ./bootstrap run, then ./bootstrap test: the README's order
#   other-system.sh trixie test run     the other order
#   other-system.sh trixie quick        builds, and runs the suites that need no window and little time
#   other-system.sh trixie shell        a shell in the system as it was left
#
# Needs root and debootstrap; skips (77) and says so where they are missing or the mirror does not answer.
set -eu

release=${1:?"usage: other-system.sh RELEASE [run|test|quick|shell]..."}
shift
test $# -gt 0 || set -- run test
source=$(cd "$(dirname "$0")/../.." && pwd)
system=${EIDOSCOPE_SYSTEMS:-/var/tmp/eidoscope-systems}/$release
needed=4000 # MiB
quick_suites='engine plugins store wire datasets faults'

say ()
{
  printf 'other-system: %s\n' "$*" >&2
}

skip ()
{
  say "left out, $release was not tried: $*"
  exit 77
}

# The mirror that this system's own packages come from.
mirror ()
{
  # apt's own format, not a variable.
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null | grep '/debian/*$' | head -n 1
}

inside ()
{
  # PoCL looks into /sys; a bare chroot has none, and bootstrap knows what to do then.
  chroot "$system" env -i HOME=/root LC_ALL=C.UTF-8 CI="${CI:-}" TERM=dumb \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

leave ()
{
  umount "$system/proc" 2>/dev/null || true
}

make_system ()
{
  leave
  rm -rf --one-file-system "$system"
  mkdir -p "$system"
  space=$(df -Pm "$system" | awk 'END { print $4 }')
  test "$space" -ge "$needed" || skip "$system has room for $space MiB; $needed are needed"
  say "making a bare $release in $system"
  debootstrap --variant=minbase --include=ca-certificates,git "$release" "$system" "$from" >"$system.log" 2>&1 ||
    skip "debootstrap failed: $(tail -n 1 "$system.log")"
  # How packages are reached from here: what no package has brought.
  for file in /etc/apt/apt.conf.d/*; do
    dpkg --search "$file" >/dev/null 2>&1 || cp "$file" "$system/etc/apt/apt.conf.d/"
  done
  cp /etc/resolv.conf /etc/hosts "$system/etc/" 2>/dev/null || true
  printf 'deb %s %s main\ndeb %s %s-updates main\n' "$from" "$release" "$from" "$release" >"$system/etc/apt/sources.list"
  inside apt-get -qq -o APT::Update::Error-Mode=any update >>"$system.log" 2>&1 ||
    skip "its packages cannot be reached: $(tail -n 1 "$system.log")"
  git clone --quiet --no-hardlinks "file://$source" "$system/eidoscope"
}

test "$(id -u)" = 0 || skip 'only root can make a system'
command -v debootstrap >/dev/null || skip 'debootstrap is not installed'
git -C "$source" rev-parse --quiet --verify HEAD >/dev/null 2>&1 || skip "$source has no commit to clone"
from=$(mirror)
from=${from:-http://deb.debian.org/debian}

trap leave EXIT
trap 'exit 143' INT TERM
test "$1" = shell || make_system
mountpoint -q "$system/proc" || mount -t proc proc "$system/proc"
for command; do
  say "$release: $command"
  started=$(date +%s)
  case $command in
    run) inside sh -c 'cd /eidoscope && ./bootstrap run' ;;
    test) inside sh -c 'cd /eidoscope && ./bootstrap test' ;;
    quick) inside sh -c "cd /eidoscope && ./bootstrap test $quick_suites" ;;
    shell) inside bash -l ;;
    *) say "there is no command '$command'" && exit 2 ;;
  esac
  say "$release: $command took $(($(date +%s) - started)) s"
done
