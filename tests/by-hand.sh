#!/bin/sh
# Shows that a release that sigpkg made is verified by stock tools alone, and that a changed one is refused by them.
#
# The work is done by examples/verify-by-hand.sh; here are the releases, and what an attacker would do to them. Every
# line is one check; the last line is `N passed, M failed`.

set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2
by_hand=$root/examples/verify-by-hand.sh

place=$(mktemp -d) || exit 2
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

passed=0 failed=0
signify=${SIGNIFY:-signify-openbsd} minisign=minisign

give_up() {
  echo "FAILED $1"
  echo "$passed passed, $((failed + 1)) failed"
  exit 1
}

# check CLAIM STATUS STEP FOLDER KEY: what the script says; a refusal must fall in the step that is meant.
check() {
  claim=$1 expected=$2 step=$3
  found=0
  SIGNIFY=$signify MINISIGN=$minisign sh "$by_hand" "$4" "$5" >"$place/said" 2>&1 || found=$?
  reached=$(grep -c '^[1-4]\. ' "$place/said")
  if [ "$found" -eq "$expected" ] && [ "$reached" -eq "$step" ]; then
    passed=$((passed + 1))
    echo "ok $claim"
  else
    failed=$((failed + 1))
    echo "FAILED $claim: expected status $expected in step $step, found $found in step $reached"
    sed 's/^/    /' "$place/said"
  fi
}

accepts() { check "$1" 0 4 "$2" "$3"; }
refuses() { check "$1" 1 "$2" "$place/copy" "$key"; }

# A fresh copy of the release, to be changed.
copy() {
  rm -rf "$place/copy"
  { cp -R -P "$place/release" "$place/copy" && cd "$place/copy"; } || give_up "the release cannot be copied"
}

# Writes the listing of the copy anew, as an attacker would, but cannot sign it.
list_anew() {
  sed 's/^[0-9a-f]*  //' "$place/release/.sigpkg/files" | tr '\n' '\000' | xargs -0 b3sum >.sigpkg/files
}

sigpkg=${SIGPKG:-}
if [ -z "$sigpkg" ]; then
  sigpkg=$(cd "$root" && cargo build --quiet --locked --bin sigpkg --message-format=json-render-diagnostics |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
fi
[ -x "$sigpkg" ] || give_up "sigpkg cannot be built"
HOME=$place/home
SIGPKG_HOME=$place/stores
GIT_CONFIG_GLOBAL=/dev/null
GIT_CONFIG_NOSYSTEM=1
export HOME SIGPKG_HOME GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM
mkdir -p "$HOME"

repository=$place/repository
{
  git init -q -b main "$repository" && cd "$repository" &&
    git config user.name 'A Maintainer' && git config user.email 'maintainer@example.org' &&
    mkdir -p src 'docs/a b' && echo 'one' >src/one.txt && echo 'two' >'docs/a b/two.txt' && : >empty &&
    printf 'no end of line' >src/last.txt && echo '.hidden' >.hidden &&
    ln -s src/one.txt latest && ln -s ../src docs/src && git add -A && git commit -qm 'First' &&
    "$sigpkg" -C "$repository" init --name Example --no-passphrase --reserve-out "$place/reserve" >/dev/null &&
    "$sigpkg" -C "$repository" release 1.0.0 --yes >/dev/null
} || give_up "sigpkg cannot make the first release"

# The parent of the first release is the genesis, the first statement of the chain: its `next` is the key.
key=$(sed -n 's/^next = "\(.*\)"$/\1/p' .sigpkg/chain | head -n 1)
cp -R -P "$repository" "$place/first" && rm -rf "$place/first/.git"
accepts "the first release is verified with the key of the genesis" "$place/first" "$key"
accepts "a clone, with its .git, is verified like an archive" "$repository" "$key"
both="$signify $minisign"
signify=''
accepts "minisign alone is enough" "$place/first" "$key"
signify=${both% *} minisign=''
accepts "signify alone is enough" "$place/first" "$key"
minisign=${both#* }

{
  cd "$repository" && echo 'more' >>src/one.txt && git add -A && git commit -qm 'Second' &&
    "$sigpkg" -C "$repository" release 1.1.0 --yes >/dev/null
} || give_up "sigpkg cannot make the second release"
cp -R -P "$repository" "$place/release" && rm -rf "$place/release/.git"
wrong_key=$key
key=$(sed -n 's/^next = "\(.*\)"$/\1/p' "$place/first/.sigpkg/release.toml")
accepts "the second release is verified with the key that the first one carries" "$place/release" "$key"
check "the key of another statement is refused" 1 1 "$place/release" "$wrong_key"

copy; echo 'evil' >>src/one.txt
refuses "an edited file is refused" 3
copy; echo 'evil' >>src/one.txt; list_anew
refuses "an edited file whose digest was edited too is refused" 2
copy; sed 1d "$place/release/.sigpkg/files" >.sigpkg/files
refuses "a shortened listing is refused" 2
copy; rm src/one.txt
refuses "a missing file is refused" 3
copy; echo 'evil' >src/three.txt
refuses "an unlisted file is refused" 4
copy; echo 'evil' >'src/ three.txt'
refuses "an unlisted file with a space before its name is refused" 4
copy; mkdir deps && echo 'evil' >deps/.hidden
refuses "an unlisted hidden file in an unlisted folder is refused" 4
copy; ln -sfn docs latest
refuses "a re-pointed symlink is refused" 4
copy; ln -s src/one.txt newest
refuses "an unlisted symlink is refused" 4
copy; rm latest
refuses "a missing symlink is refused" 4
copy; rm latest && cp src/one.txt latest
refuses "a symlink that became a file is refused" 4
copy; mv src/one.txt one && ln -s ../one src/one.txt
refuses "a file that became a symlink is refused" 4
copy; ln -sfn docs latest && sed 's|^latest.*|latest	docs|' "$place/release/.sigpkg/links" >.sigpkg/links
refuses "a re-pointed symlink whose list was edited too is refused" 3
copy; mkfifo pipe
refuses "something that is neither file nor folder nor link is refused" 4
copy; sed 's/^version = .*/version = "9.9.9"/' "$place/release/.sigpkg/release.toml" >.sigpkg/release.toml
refuses "an edited statement is refused" 1
copy; cp "$place/first/.sigpkg/release.toml" "$place/first/.sigpkg/release.toml.minisig" .sigpkg/
refuses "the statement and signature of another release are refused" 1
copy; rm .sigpkg/release.toml.minisig
refuses "a stripped signature is refused" 0
copy; rm -r .sigpkg
refuses "a stripped folder .sigpkg is refused" 0
copy; mv .sigpkg elsewhere && ln -s elsewhere .sigpkg
refuses "a folder .sigpkg that is a symlink is refused" 0
copy; echo 'evil' >.sigpkg/more
refuses "something more in the folder .sigpkg is refused" 0

cd / || exit 2
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
