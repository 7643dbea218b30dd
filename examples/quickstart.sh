#!/bin/sh
# The whole story in a minute: two maintainers, three releases, a user who verifies each upgrade, an attacker who is
# refused.
#
#   sh examples/quickstart.sh
#
# It needs Rust and a C compiler, builds sigpkg first, and works in a temporary folder that it removes in the end.
# SIGPKG=PATH takes a sigpkg that is built already. Each `ok:` is a thing that was made sure of; if one does not hold,
# the script stops there with status 1.

set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ----------------------------------------------------------------------------------------------------------------------

# What a command prints is often taken by a variable; the story goes on here.
exec 3>&1

say() {
  printf '\n'
  printf '%s\n' "$@"
}

ok() { printf '  ok: %s\n' "$1"; }

wrong() {
  printf '  WRONG: %s\n' "$1" >&2
  exit 1
}

# Builds a program of this project and prints where it is.
build() {
  executable=$(cd "$root" && cargo build --quiet --locked --message-format=json-render-diagnostics "$@" |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
  [ -x "$executable" ] || wrong "cargo built no program for: $*"
  printf '%s\n' "$executable"
}

# Runs sigpkg as one of the people here: each has stores of their own.
as() {
  person=$1
  shift
  printf '  %s$ sigpkg %s\n' "$person" "$*" | sed "s|$place/||g" >&3
  SIGPKG_HOME="$place/home/$person" "$sigpkg" "$@"
}

# Commits everything in a folder as a person.
commit() { "$commit_all" "$place/$1/Tides" "$1" "$1@example.org" "$2"; }

# Puts what a maintainer has committed on the shelf, as a registry, mirror or tarball would bring it.
publish() {
  mkdir -p "$place/shelf"
  cp -R "$place/$1/Tides" "$place/shelf/$2"
  rm -rf "$place/shelf/$2/.git"
}

# The text of a key in one line of JSON, the first if there are several; nothing if it is no text.
field() { printf '%s\n' "$2" | grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | sed 's/^[^:]*: *"//; s/"$//'; }

# verifies STATUS VERDICT REASON PERSON TARGET [OPTION...]: verifies a target, and makes sure of the answer.
verifies() {
  expected_status=$1 expected_verdict=$2 expected_reason=$3 person=$4 target=$5
  shift 5
  status=0
  answer=$(as "$person" verify "$place/shelf/$target" "$@" --json) || status=$?
  verdict=$(field verdict "$answer")
  reason=$(field reason "$answer")
  if [ "$status $verdict $reason" != "$expected_status $expected_verdict $expected_reason" ]; then
    wrong "expected $expected_verdict $expected_reason ($expected_status), found $verdict $reason ($status): $answer"
  fi
  message=''
  if [ "$verdict" != accepted ]; then message=$(field message "$answer"); fi
  ok "$target is $verdict${reason:+, $reason}${message:+: $message}"
}

# ----------------------------------------------------------------------------------------------------------------------

say "Building sigpkg; the first time takes some minutes."
sigpkg=${SIGPKG:-$(build --bin sigpkg)}
commit_all=$(build --example commit_all)

# Nothing of the machine's own configuration shall matter from here on.
mkdir -p "$place/home/ada" "$place/home/bo" "$place/home/uma" "$place/home/val"
HOME=$place/home
GIT_CONFIG_GLOBAL=/dev/null
GIT_CONFIG_NOSYSTEM=1
export HOME GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM
unset XDG_CONFIG_HOME XDG_DATA_HOME SIGPKG_PASSPHRASE_FILE SIGPKG_ASKPASS SSH_ASKPASS

say "1. Ada writes a package, Tides. She makes her signing keys, once, and commits the genesis statement." \
  "   (Her keys have no passphrase here, and her reserve key stays on this disk; hers should have one, and it should not.)"
mkdir -p "$place/ada/Tides/src"
printf 'module Tides\nhigh() = 6\nend\n' >"$place/ada/Tides/src/Tides.jl"
commit ada "Tides"
as ada -C "$place/ada/Tides" init --name Tides --no-passphrase --reserve-out "$place/ada/reserve" >/dev/null
ada_id=$(as ada id "$place/ada/Tides")
[ ${#ada_id} -eq 56 ] || wrong "expected an id of 56 characters, found $ada_id"
ok "her signatory id, which she puts on her page, is $ada_id"

say "2. She releases 1.0.0. The release is signed with a key of its own, which is then erased; it carries the keys of the" \
  "   two releases to come."
as ada -C "$place/ada/Tides" release 1.0.0 --yes >/dev/null
publish ada Tides-1.0.0
ok "Tides-1.0.0 is on the shelf"

say "3. Uma wants to install it. Well signed is not enough: nobody has told her yet whose signature it should be."
verifies 4 undecided not-trusted uma Tides-1.0.0

say "4. She takes the id from Ada's page, and trusts it once. A wrong id changes nothing."
wrong_id=$(printf '%s\n' "$ada_id" | tr 'A-Za-z0-9' 'N-ZA-Mn-za-m5-90-4' | sed 's/^..../sigp/')
if as uma trust add "$place/shelf/Tides-1.0.0" --id "$wrong_id" >/dev/null 2>&1; then wrong "a wrong id was trusted"; fi
verifies 4 undecided not-trusted uma Tides-1.0.0
as uma trust add "$place/shelf/Tides-1.0.0" --id "$ada_id" >/dev/null
verifies 0 accepted '' uma Tides-1.0.0

say "5. Two more releases. What Uma has installed already holds what it takes to check its own upgrade."
installed=Tides-1.0.0
for version in 1.1.0 2.0.0; do
  printf 'module Tides\nhigh() = 6\nversion() = "%s"\nend\n' "$version" >"$place/ada/Tides/src/Tides.jl"
  commit ada "Work towards $version"
  as ada -C "$place/ada/Tides" release "$version" --yes >/dev/null
  publish ada "Tides-$version"
  verifies 0 accepted '' uma "Tides-$version" --installed "$place/shelf/$installed"
  installed=Tides-$version
done

say "6. Bo has a package that is called Tides too, with keys of his own. Val trusts Bo's, and that is fine."
mkdir -p "$place/bo/Tides/src"
printf 'module Tides\nhigh() = 42\nend\n' >"$place/bo/Tides/src/Tides.jl"
commit bo "Another Tides"
as bo -C "$place/bo/Tides" init --name Tides --no-passphrase --reserve-out "$place/bo/reserve" >/dev/null
as bo -C "$place/bo/Tides" release 9.9.9 --yes >/dev/null
publish bo Tides-9.9.9
as val trust add "$place/shelf/Tides-9.9.9" --id "$(as bo id "$place/bo/Tides")" >/dev/null
verifies 0 accepted '' val Tides-9.9.9

say "7. But whoever offers it to Uma as the next version of hers is refused, whatever server it comes from."
verifies 1 refused other-signatory uma Tides-9.9.9

say "8. An attacker changes one byte of a signed release,"
cp -R "$place/shelf/Tides-2.0.0" "$place/shelf/Tides-edited"
sed 's/high() = 6/high() = 7/' "$place/shelf/Tides-2.0.0/src/Tides.jl" >"$place/shelf/Tides-edited/src/Tides.jl"
verifies 1 refused tree-mismatch uma Tides-edited

say "9. adds a file,"
cp -R "$place/shelf/Tides-2.0.0" "$place/shelf/Tides-added"
printf 'steal()\n' >"$place/shelf/Tides-added/src/extra.jl"
verifies 1 refused tree-mismatch uma Tides-added

say "10. takes the signature away, in the hope that unsigned is good enough,"
cp -R "$place/shelf/Tides-edited" "$place/shelf/Tides-stripped"
rm -rf "$place/shelf/Tides-stripped/.sigpkg"
verifies 1 refused signature-missing uma Tides-stripped --expect Tides

say "11. or offers an old release, with its old faults, as an upgrade."
verifies 1 refused downgrade uma Tides-1.0.0 --installed "$place/shelf/Tides-2.0.0"

say "12. None of this has changed what Uma believes: the true release is as good as before."
verifies 0 accepted '' uma Tides-2.0.0

say "That is all. The temporary folder is removed; examples/verify-by-hand.sh does the same with stock tools alone."
