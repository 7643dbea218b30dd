#!/bin/sh
# Runs the tests of SigPkg.jl under a real Julia 1.5.3, in a chroot.
#
#   tests/sigpkg-jl.sh
#
#   JULIA_ROOT=DIR     makes the chroot there unless it is there, and leaves it there; otherwise one is made in a temporary
#                      folder, and removed at the end. That needs root, debootstrap and a Debian mirror (see
#                      tests/support/julia-root.sh)
#   SIGPKG=PATH        takes a sigpkg that is built already, for the part that asks the real one
#
# The last line is `N passed, M failed`.

set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2
# shellcheck source=tests/support/julia-root.sh
. "$root/tests/support/julia-root.sh"

made='' place=$(mktemp -d) || exit 2
trap 'clean_up' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

clean_up() {
  cd /
  [ -z "$made" ] || julia_root_remove "$made"
  [ -z "${work-}" ] || rm -rf "$work"
  rm -rf "$place"
}

give_up() {
  echo "FAILED $1"
  echo "0 passed, 1 failed"
  exit 1
}

chroot=${JULIA_ROOT-}
if [ -z "$chroot" ]; then
  chroot=$place/bullseye
  made=$chroot
fi
julia_root_make "$chroot" || give_up "there is no chroot with Julia"

sigpkg=${SIGPKG:-}
if [ -z "$sigpkg" ]; then
  sigpkg=$(cd "$root" && cargo build --quiet --locked --bin sigpkg --message-format=json-render-diagnostics |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
fi
[ -x "$sigpkg" ] || give_up "sigpkg cannot be built"

# A folder of its own in the chroot, which may be shared.
work=$(mktemp -d "$chroot/root/sigpkg-jl.XXXXXX") || give_up "there is no place in $chroot"
inside=${work#"$chroot"}
cp -R "$root/julia/SigPkg" "$work/SigPkg" || give_up "SigPkg cannot be copied"
mkdir "$work/home" "$work/tmp" || give_up "there is no place in $chroot"
julia_root_install_sigpkg "$chroot" "$sigpkg" || give_up "sigpkg cannot be put into $chroot"

# The depot is its own too: precompiled code of an older SigPkg is not taken for this one.
julia_root_run "$chroot" env HOME="$inside/home" JULIA_DEPOT_PATH="$inside/home/depot:/usr/local/share/julia:/usr/share/julia" \
  SIGPKG_REAL=/usr/local/bin/sigpkg TMPDIR="$inside/tmp" \
  julia --startup-file=no --project="$inside/SigPkg" "$inside/SigPkg/test/runtests.jl" >"$place/log" 2>&1
status=$?
sed 's/\x1b\[[?0-9;]*[A-Za-z]//g' "$place/log" | grep -v 'Fetching: \[' | tail -n 400

# The first row of the summary: the columns that there are differ, the first is `Pass` and the last is `Total`.
counts=$(awk '
  /^Test Summary:/ { has_pass = / Pass / }
  /^SigPkg / {
    passed = 0
    sub(/^[^|]*\|/, "")
    if (has_pass) passed = $1
    print passed, $NF - passed
    exit
  }' "$place/log")
counts=${counts:-0 1}
passed=${counts% *} failed=${counts#* }
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
  echo "FAILED the tests ended with status $status"
  failed=1
fi

# The Julia code of the book is Julia, and what it calls is there.
mkdir "$work/pages" && cp "$root/tests/book/blocks.jl" "$root/docs/users/sigpkg-jl.md" "$root/julia/SigPkg/README.md" "$work/pages/"
julia_root_run "$chroot" env HOME="$inside/home" JULIA_DEPOT_PATH="$inside/home/depot:/usr/local/share/julia:/usr/share/julia" \
  julia --startup-file=no --project="$inside/SigPkg" "$inside/pages/blocks.jl" \
  "$inside/pages/sigpkg-jl.md" "$inside/pages/README.md" >"$place/log" 2>&1
sed '$d' "$place/log"
counts=$(tail -n 1 "$place/log" | sed -n 's/^\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1 \2/p')
counts=${counts:-0 1}
passed=$((passed + ${counts% *})) failed=$((failed + ${counts#* }))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
