#!/bin/sh
# desktop.sh: what the workbench tells its desktop is as the desktop wants it: the entry of the menus,
# the page of the software centre, the settings, the icons. Each by its own checker; 77, a skip, where
# none is installed.
set -eu
checked=0

# check CHECKER ARGUMENT...: what it says is shown if it finds a fault.
check() {
  command -v "$1" >/dev/null || { echo "not checked, $1 is missing"; return 0; }
  checked=1
  "$@" >"$said" 2>&1 || { cat "$said"; echo "$* finds a fault"; exit 1; }
}

said=$(mktemp)
trap 'rm -f "$said"' EXIT
check desktop-file-validate "$BUILD_ROOT/data/org.eidoscope.Workbench.desktop"
metainfo=$SOURCE_ROOT/data/org.eidoscope.Workbench.metainfo.xml
# The program has no home page: later versions warn of that, earlier ones do not know the word.
lenient=--override=url-homepage-missing=info
appstreamcli validate --no-net "$lenient" "$metainfo" 2>&1 | grep -q 'not recognized' && lenient=
check appstreamcli validate --no-net ${lenient:+"$lenient"} "$metainfo"
check glib-compile-schemas --strict --dry-run "$SOURCE_ROOT/data"
for icon in "$SOURCE_ROOT"/data/icons/*.svg "$SOURCE_ROOT"/ui/icons/*.svg "$SOURCE_ROOT"/app/workbench/icons/*.svg; do
  test ! -e "$icon" || check xmllint --noout --nonet "$icon"
done
test $checked = 1 || exit 77
