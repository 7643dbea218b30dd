#!/bin/sh
# The command line on a real terminal: signals, progress, colours, widths, completions in real shells, man pages, help.
#
# The work is done by tests/terminal/*.py, with pseudo terminals. SIGPKG=PATH takes a sigpkg that is built already. Each line is
# one check; the last line is `N passed, M failed`. What is PowerShell's is looked at, and not run.

set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2
cd "$root" || exit 2
sigpkg=${SIGPKG:-}
if [ -z "$sigpkg" ]; then
  sigpkg=$(cargo build --quiet --locked --message-format=json-render-diagnostics --bin sigpkg |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
fi
if [ ! -x "$sigpkg" ]; then
  echo "FAILED there is no sigpkg to test"
  echo "0 passed, 1 failed"
  exit 1
fi
place=$(mktemp -d) || exit 2
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
python3 -B tests/terminal/run.py "$sigpkg" "$place"
