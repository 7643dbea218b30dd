#!/bin/sh
# Verifies a release without sigpkg: minisign (or OpenBSD's signify) and b3sum are enough. All four steps are needed.
#
#   sh examples/verify-by-hand.sh FOLDER KEY
#
# FOLDER is the release, unpacked. KEY is what its parent statement has as `next`: 56 characters, `RW…`. It must come
# from what you trust already, and never from FOLDER. If the parent is the release that you have installed:
#
#   sed -n 's/^next = "\(.*\)"$/\1/p' INSTALLED/.sigpkg/release.toml
#
# If there are releases between, verify them in order: each has the key of the next one.
#
# A key signs one statement and nothing else, so the right key means the right statement. What is not checked here and
# what sigpkg would tell you: whether it was withdrawn or the chain is contested, and the exact form of every file.
#
# Exit status: 0 verified, 1 refused, 2 wrong usage, 3 a tool is missing.

set -eu
LC_ALL=C
export LC_ALL

refuse() {
  echo "refused: $1" >&2
  exit 1
}

[ $# -eq 2 ] || { echo "usage: verify-by-hand.sh FOLDER KEY" >&2; exit 2; }
key=$2
cd -- "$1" || exit 2
command -v b3sum >/dev/null 2>&1 || { echo "b3sum is missing" >&2; exit 3; }
# Debian has another program by the name of signify, and OpenBSD's as signify-openbsd.
signify=${SIGNIFY-signify-openbsd}
command -v "$signify" >/dev/null 2>&1 || signify=''
minisign=${MINISIGN-minisign}
command -v "$minisign" >/dev/null 2>&1 || minisign=''
[ -n "$minisign$signify" ] || { echo "minisign and signify are missing; one of them is needed" >&2; exit 3; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Before anything is read: a real folder with real files, and no other than these.
{ [ -d .sigpkg ] && [ ! -L .sigpkg ]; } || refuse "there is no folder .sigpkg"
find .sigpkg ! -path .sigpkg ! -path .sigpkg/.gitattributes ! -path .sigpkg/chain ! -path .sigpkg/release.toml \
  ! -path .sigpkg/release.toml.minisig ! -path .sigpkg/files ! -path .sigpkg/links >"$work/surplus"
[ ! -s "$work/surplus" ] || refuse "this does not belong into .sigpkg: $(cat "$work/surplus")"
for name in release.toml release.toml.minisig files; do
  { [ -f ".sigpkg/$name" ] && [ ! -L ".sigpkg/$name" ]; } || refuse ".sigpkg/$name is missing, or no regular file"
done

echo "1. The statement is signed with the key."
if [ -n "$minisign" ]; then
  "$minisign" -Vm .sigpkg/release.toml -x .sigpkg/release.toml.minisig -P "$key" >"$work/said" 2>&1 ||
    refuse "minisign says: $(tail -n 1 "$work/said")"
  echo "   minisign agrees"
fi
if [ -n "$signify" ]; then
  printf 'untrusted comment: the key\n%s\n' "$key" >"$work/key.pub"
  "$signify" -V -x .sigpkg/release.toml.minisig -p "$work/key.pub" -m .sigpkg/release.toml >"$work/said" 2>&1 ||
    refuse "signify says: $(tail -n 1 "$work/said")"
  echo "   signify agrees"
fi

echo "2. The listing is the one that the statement names."
grep -qx 'kind = "release"' .sigpkg/release.toml || refuse "the statement is no release"
expected=$(sed -n 's/^files = "blake3:\([0-9a-f]\{64\}\)"$/\1/p' .sigpkg/release.toml)
found=$(b3sum --no-names .sigpkg/files)
[ "$expected" = "$found" ] || refuse "the statement names the listing $expected, and .sigpkg/files is $found"

echo "3. Each listed file has the listed digest."
b3sum --check --quiet .sigpkg/files >"$work/said" 2>&1 || refuse "b3sum says: $(head -n 5 "$work/said")"

echo "4. There is nothing else, and links point where they should. (A repository's own .git does not count.)"
find . -path ./.git -prune -o ! -type d ! -type f ! -type l -print >"$work/odd"
[ ! -s "$work/odd" ] || refuse "this is neither file nor folder nor link: $(cat "$work/odd")"
find . \( -path ./.git -o -path ./.sigpkg \) -prune -o -type f -print | sed 's|^\./||' | sort >"$work/there"
sed 's/^[0-9a-f]*  //' .sigpkg/files | grep -vx '\.sigpkg/links' | sort >"$work/listed" || true
cmp -s "$work/listed" "$work/there" ||
  refuse "the listing and the folder differ (< only listed, > only there): $(diff "$work/listed" "$work/there")"
# `path TAB target`, sorted by path: the form of .sigpkg/links.
find . \( -path ./.git -o -path ./.sigpkg \) -prune -o -type l \
  -exec sh -c 'for link; do printf "%s\t" "$link"; readlink "$link"; done' sh {} + |
  sed 's|^\./||' | sort >"$work/links-there"
: >"$work/links-listed"
if grep -q '^[0-9a-f]*  \.sigpkg/links$' .sigpkg/files; then
  [ ! -L .sigpkg/links ] || refuse ".sigpkg/links is a link"
  sort .sigpkg/links >"$work/links-listed"
elif [ -e .sigpkg/links ]; then
  refuse ".sigpkg/links is not in the listing"
fi
cmp -s "$work/links-listed" "$work/links-there" ||
  refuse "the links differ (< listed, > there): $(diff "$work/links-listed" "$work/links-there")"

echo "Verified:"
sed -n 's/^\(name\|uuid\|version\|seq\|signatory\) = /   &/p' .sigpkg/release.toml
