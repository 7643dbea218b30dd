#!/bin/sh
# The pages of `sigpkg registry site` in a real browser: headless Chromium, driven through chromedriver.
#
# SIGPKG=PATH takes a sigpkg that is built already. SIGPKG_CAPTURES=DIR keeps the screenshots there instead of in target/captures/site/:
# they are for people to look at. Every line is one check; the last line is `N passed, M failed`.

set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2

place=$(mktemp -d) || exit 2
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

give_up() {
  echo "FAILED $1"
  echo "0 passed, 1 failed"
  exit 1
}

for tool in chromium chromedriver python3 espeak-ng; do
  command -v "$tool" >/dev/null 2>&1 || give_up "$tool is missing"
done

# built KIND NAME: builds a program and prints where it is.
built() {
  (cd "$root" && cargo build --quiet --locked "--$1" "$2" --message-format=json-render-diagnostics) |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1
}

sigpkg=${SIGPKG:-}
[ -n "$sigpkg" ] || sigpkg=$(built bin sigpkg)
[ -x "$sigpkg" ] || give_up "sigpkg cannot be built"
world=$(built example site_world)
[ -x "$world" ] || give_up "the example site_world cannot be built"

captures=${SIGPKG_CAPTURES:-$root/target/captures/site}
mkdir -p "$captures" || give_up "$captures cannot be made"

SIGPKG_HOME=$place/home
export SIGPKG_HOME
"$world" "$place/chains" 300 || give_up "the chains cannot be made"
# Below a path of its own, as on most hosts.
mkdir -p "$place/served/some/path"
"$sigpkg" registry site --out "$place/served/some/path" "$place"/chains/*.chain >"$place/said" 2>&1 ||
  give_up "the site cannot be made: $(cat "$place/said")"
mkdir -p "$place/served/spoken"
"$sigpkg" registry site --out "$place/served/spoken" --audio "$place/chains/example.chain" >"$place/said" 2>&1 ||
  give_up "the site with sound cannot be made: $(cat "$place/said")"

python3 "$root/tests/site/check.py" "$place/served" some/path spoken "$captures"
