#!/bin/sh
# Takes pictures of what people see on their terminal: the first trust, an accepted upgrade, every refusal, progress. For each
# there is a page and a PNG file to look at, in the folder SIGPKG_CAPTURES (target/captures/ if it is not set).
#
# SIGPKG=PATH takes a sigpkg that is built already. Every line is one check; the last line is `N passed, M failed`.

set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2

sigpkg=${SIGPKG:-}
if [ -z "$sigpkg" ]; then
  sigpkg=$(cd "$root" && cargo build --quiet --locked --bin sigpkg --message-format=json-render-diagnostics |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
fi
if [ ! -x "$sigpkg" ]; then
  echo "FAILED sigpkg cannot be built"
  echo "0 passed, 1 failed"
  exit 1
fi
exec python3 "$root/tests/captures/take.py" "$sigpkg" "${SIGPKG_CAPTURES:-$root/target/captures}"
