#!/bin/sh
# Shows on a real Julia (1.5.3) what sigpkg says of what Pkg installs: by git clone, from a package server, and as the
# tarball of a git host; of honest packages and of an attacker's.
#
#   tests/julia.sh [WORLD...]     a world is a file tests/julia/worlds/WORLD.sh; all of them without one
#
# It makes a Debian bullseye with Julia in a temporary folder; that needs root, debootstrap and a Debian mirror. The
# worlds run inside, without a network: each has a loopback interface of its own, and its processes end with it.
#
#   JULIA_ROOT=DIR     makes it there unless it is there, and leaves it there, for the next time
#   DEBIAN_MIRROR=URL  takes this mirror; otherwise the first one that apt is set up for
#   SIGPKG=PATH        takes a sigpkg that is built already
#   KEEP=DIR           leaves the files of the worlds there, to be looked at
#
# Each line is one check; the last line is `N passed, M failed`. All keys are test keys, and are gone afterwards.

set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2
# shellcheck source=tests/support/julia-root.sh
. "$root/tests/support/julia-root.sh"
unset SIGPKG_HOME SIGPKG_PASSPHRASE_FILE SIGPKG_ASKPASS SSH_ASKPASS

place=$(mktemp -d) || exit 2
julia_root=${JULIA_ROOT:-$place/root}
running=''
trap 'clean_up' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The processes of a namespace end with unshare, and take their mounts with them, but a moment later.
clean_up() {
  [ -z "$running" ] || kill -KILL "$running" 2>/dev/null
  cd / || return
  if [ -n "${JULIA_ROOT-}" ]; then
    rm -rf "${julia_root:?}/world" 2>/dev/null || { sleep 1 && rm -rf "${julia_root:?}/world"; }
  else
    julia_root_remove "$julia_root" || { sleep 1 && julia_root_remove "$julia_root"; }
  fi && rm -rf --one-file-system "$place"
}

passed=0 failed=0

give_up() {
  echo "FAILED $1"
  echo "$passed passed, $((failed + 1)) failed"
  exit 1
}

# Seconds. A world takes one or two minutes at most; one that hangs shall not hang everything.
longest=600

# Runs a world where only its loopback interface is, and leaves what it says in $place/NAME.log.
run_world() {
  # shellcheck disable=SC2016  # it is for the inner shell
  exec unshare --net --pid --mount --fork --kill-child timeout --kill-after=10 "$longest" \
    /bin/sh -c '. "$1" && shift && julia_root_run "$@"' sh "$root/tests/support/julia-root.sh" \
    "$julia_root" env "WORLD=$1" sh "/opt/julia/worlds/$1.sh" >"$place/$1.log" 2>&1
}

# Adds up the checks of a world. One that ended badly, or made no check, has failed.
count() {
  sed '$d' "$place/$1.log"
  counts=$(tail -n 1 "$place/$1.log" | sed -n 's/^\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1 \2/p')
  if [ -z "$counts" ] || [ "$counts" = "0 0" ]; then
    tail -n 1 "$place/$1.log"
    echo "FAILED $1 has ended badly"
    counts='0 1'
  fi
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
}

worlds=''
if [ $# -eq 0 ]; then
  for file in "$root"/tests/julia/worlds/*.sh; do
    file=${file##*/}
    worlds="$worlds ${file%.sh}"
  done
else
  for world; do
    [ -f "$root/tests/julia/worlds/$world.sh" ] || { echo "there is no world \"$world\"" >&2; exit 2; }
    worlds="$worlds $world"
  done
fi

started=$(date +%s)
julia_root_make "$julia_root" || give_up "there is no Julia to test with"
echo "   Julia is ready after $(($(date +%s) - started)) s"

sigpkg=${SIGPKG:-}
if [ -z "$sigpkg" ]; then
  sigpkg=$(cd "$root" && cargo build --quiet --locked --bin sigpkg --message-format=json-render-diagnostics |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
fi
julia_root_install_sigpkg "$julia_root" "$sigpkg" || give_up "sigpkg cannot be put where Julia is"
rm -rf "${julia_root:?}/opt/julia" "${julia_root:?}/world"
mkdir -p "$julia_root/world" && cp -R "$root/tests/julia" "$julia_root/opt/julia" &&
  cp -R "$root/julia/SigPkg" "$julia_root/opt/julia/SigPkg" || give_up "there is no place for worlds"

for world in $worlds; do
  started=$(date +%s)
  run_world "$world" &
  running=$!
  wait "$running"
  running=''
  count "$world"
  echo "   the world $world has taken $(($(date +%s) - started)) s"
done
[ -z "${KEEP-}" ] || cp -R "$julia_root/world" "$KEEP"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
