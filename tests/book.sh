#!/bin/sh
# Builds the book in docs/ with mdBook, and checks it: nothing that mdBook warns of, pictures that are what their text says, and
# every link, anchor and picture in the book and in all Markdown of the repository (tests/book/check.py).
#
#   tests/book.sh
#
#   MDBOOK=PATH   takes this mdbook; otherwise the one on PATH if it has the right version, and if there is none, cargo installs one
#                 below the target folder, where the next run finds it
#   BOOK=DIR      leaves the book there; otherwise it is made in a temporary folder
#
# That the commands of the book do what it says is shown by tests/docs.sh. The last line is `N passed, M failed`.

set -u
LC_ALL=C
export LC_ALL
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2
PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin # where `cargo install` puts one

version=0.5.4
tools=${CARGO_TARGET_DIR:-$root/target}/tools

place=$(mktemp -d) || exit 2
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

passed=0 failed=0

good() {
  passed=$((passed + 1))
  echo "ok $1"
}

bad() {
  failed=$((failed + 1))
  echo "FAILED $1"
}

end() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
  exit
}

right_version() {
  mdbook=$1
  [ "$("$mdbook" --version 2>/dev/null)" = "mdbook v$version" ]
}

# In the profile for development: it builds this book in a second all the same, and is itself built in half the time.
if [ -n "${MDBOOK-}" ]; then
  right_version "$MDBOOK" || { bad "$MDBOOK is not mdbook $version"; end; }
elif ! right_version mdbook && ! right_version "$tools/bin/mdbook"; then
  echo "installing mdbook $version"
  CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --locked mdbook --version "=$version" --no-default-features --features search \
    --profile dev --root "$tools" --force >"$place/said" 2>&1
  right_version "$tools/bin/mdbook" || { tail -n 5 "$place/said"; bad "mdbook $version is missing, and cargo cannot install it"; end; }
fi

if python3 "$root/docs/pictures/pictures.py" --check; then good "the pictures are what their texts say"; else bad "python3 docs/pictures/pictures.py draws them anew"; fi

book=${BOOK:-$place/book}
if ! "$mdbook" build "$root/docs" --dest-dir "$book" >"$place/said" 2>&1; then
  bad "the book cannot be built"
  sed 's/^/    /' "$place/said"
  end
fi
good "the book is built"
if grep -q 'WARN\|ERROR' "$place/said"; then
  bad "mdbook warns"
  sed 's/^/    /' "$place/said"
else
  good "mdbook warns of nothing"
fi

python3 "$root/tests/book/check.py" "$book" >"$place/checked"
sed '$d' "$place/checked"
counts=$(tail -n 1 "$place/checked" | sed -n 's/^\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1 \2/p')
counts=${counts:-0 1}
passed=$((passed + ${counts% *}))
failed=$((failed + ${counts#* }))

# A check that finds nothing may look at nothing: each fault that is made in a copy of the book is found.
# fault CLAIM FILE SED-COMMAND
fault() {
  rm -rf "$place/copy"
  cp -R "$book" "$place/copy" && sed "$3" "$book/$2" >"$place/copy/$2"
  if cmp -s "$book/$2" "$place/copy/$2"; then
    bad "nothing was changed: $1"
  elif python3 "$root/tests/book/check.py" "$place/copy" >"$place/said"; then
    bad "$1 is not found"
  else
    good "$1 is found"
  fi
}
fault "a link to a page that there is not" bad-days/README.html 's/href="keys-lost.html"/href="keys-list.html"/'
fault "a link to an anchor that there is not" concepts/look-ahead.html 's/#when-keys-are-stolen/#when-keys-are-bought/'
fault "a picture from another server" concepts/forks.html 's|src="../pictures/fork.svg"|src="https://pictures.example.org/fork.svg"|'
fault "a script from another server" index.html 's|<script src="[^"]*"|<script src="//scripts.example.org/a.js"|'
fault "a picture without words" concepts/chain.html 's/alt="[^"]*"/alt=""/'
fault "a link that is not https" comparison.html 's|href="https:|href="http:|'
end
