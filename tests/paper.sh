#!/bin/sh
# Restores seeds and reserve keys from what is printed: pages are made, drawn as text and as images by other people's tools,
# their QR codes read by a scanner, and what comes of it must sign as before.
#
# SIGPKG=PATH takes a sigpkg that is built already. Every line is one check; the last line is `N passed, M failed`. All keys that
# are made here are test keys.

set -u
LC_ALL=C GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 NO_COLOR=1
export LC_ALL GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM NO_COLOR
unset SIGPKG_HOME SIGPKG_PASSPHRASE_FILE SIGPKG_ASKPASS SSH_ASKPASS
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2

place=$(mktemp -d) || exit 2
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

passed=0 failed=0

give_up() {
  echo "FAILED $1"
  [ ! -s "$place/said" ] || sed 's/^/    /' "$place/said"
  echo "$passed passed, $((failed + 1)) failed"
  exit 1
}

sigpkg=${SIGPKG:-}
if [ -z "$sigpkg" ]; then
  sigpkg=$(cd "$root" && cargo build --quiet --locked --bin sigpkg --message-format=json-render-diagnostics |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
fi
[ -x "$sigpkg" ] || give_up "sigpkg cannot be built"

# on MACHINE FOLDER ARGUMENT...: sigpkg on a machine with a home of its own.
on() {
  on_machine=$1 on_folder=$2
  shift 2
  SIGPKG_HOME=$place/homes/$on_machine "$sigpkg" -C "$place/$on_folder" "$@" </dev/null >"$place/answer" 2>"$place/said"
  on_status=$?
  cat "$place/answer" >>"$place/said"
  return "$on_status"
}

must() {
  on "$@" || give_up "$*"
}

good() {
  passed=$((passed + 1))
  echo "ok $1"
}

bad() {
  failed=$((failed + 1))
  echo "FAILED $1"
  sed 's/^/    /' "$place/said"
}

# is CLAIM ONE OTHER: two texts are the same, and not empty.
is() {
  if [ -n "$2" ] && [ "$2" = "$3" ]; then
    good "$1"
  else
    printf 'expected %s\nfound    %s\n' "$3" "$2" >"$place/said"
    bad "$1"
  fi
}

# refuses CLAIM STATUS WORDS MACHINE FOLDER ARGUMENT...: the command ends so, and says these words.
refuses() {
  refuses_claim=$1 refuses_status=$2 refuses_words=$3
  shift 3
  refuses_found=0
  on "$@" || refuses_found=$?
  if [ "$refuses_found" -eq "$refuses_status" ] && grep -qF -e "$refuses_words" "$place/said"; then
    good "$refuses_claim"
  else
    echo "(exit status $refuses_found, expected $refuses_status and: $refuses_words)" >>"$place/said"
    bad "$refuses_claim"
  fi
}

# ----------------------------------------------------------------------------------------------------------------------
# What other tools see on a page (KEEP-35).

# The words of a page as pdftotext lays them out: rows of numbers and words.
words_of_pdf() {
  pdftotext -layout "$1" - | awk '{
    for (at = 1; at < NF; at++) if ($at !~ /^[0-9]+$/ || $(at + 1) !~ /^[a-z]+$/) next; else at++
    if (NF >= 2 && NF % 2 == 0) print
  }'
}

# The words of a page as its drawing has them.
words_of_svg() {
  sed -n 's/.*font-weight="bold">\([a-z]\{3,8\}\)<\/text>$/\1/p' "$1"
}

code_of_pdf() {
  pdftoppm -r "${2:-150}" -gray -png -singlefile "$1" "$place/image" &&
    zbarimg --quiet --raw -Sdisable -Sqrcode.enable "$place/image.png" 2>/dev/null
}

code_of_svg() {
  rsvg-convert --dpi-x 96 --dpi-y 96 --zoom 1.56 --format png --output "$place/image.png" "$1" &&
    zbarimg --quiet --raw -Sdisable -Sqrcode.enable "$place/image.png" 2>/dev/null
}

# The groups of the id or key on a page, put together.
id_of_pdf() {
  pdftotext -layout "$1" - | sed -n "/^$2 /,/^Made on/{/^Made on/d;s/^$2//;p;}" | tr -d ' \n'
}

# ----------------------------------------------------------------------------------------------------------------------
# A maintainer with a seeded chain of which a release is out, and a user who has it.

mkdir "$place/homes" "$place/papers" || exit 2
git_init() {
  git init --quiet --initial-branch=main "$place/$1" && identify "$1"
}
identify() {
  git -C "$place/$1" config user.name Test && git -C "$place/$1" config user.email test@example.org
}
change() {
  echo "$2" >"$place/$1/file" && git -C "$place/$1" add file && git -C "$place/$1" commit --quiet --message "$2"
}

git_init demo && change demo first || give_up "a repository cannot be made"
must maintainer demo init --name demo --seeded --no-passphrase --reserve-out "$place/reserve"
id=$(sed -n 1p "$place/answer")
must maintainer demo release 1.0 --yes
git clone --quiet "$place/demo" "$place/installed" || give_up "the release cannot be cloned"
must user . trust add installed --id "$id"
secret=$(ls "$place"/reserve/*.key) public=$(ls "$place"/reserve/*.pub)

for format in pdf svg; do
  must maintainer demo key paper --out "$place/papers/seed.$format"
  must maintainer . reserve paper "$secret" --out "$place/papers/reserve.$format"
done

for page in seed.pdf seed.svg reserve.pdf reserve.svg; do
  is "$page can be read by its owner alone" "$(stat -c %a "$place/papers/$page")" 600
done
for page in seed reserve; do
  is "$page.pdf is one page" "$(pdfinfo "$place/papers/$page.pdf" | sed -n 's/^Pages: *//p')" 1
done
is "the page of a seed has the signatory id in groups" "$(id_of_pdf "$place/papers/seed.pdf" 'Signatory id')" "$id"
is "the page of a reserve key has the public key in groups" "$(id_of_pdf "$place/papers/reserve.pdf" 'Public key')" "$(sed -n 2p "$public")"

words_of_pdf "$place/papers/seed.pdf" >"$place/seed.words"
words_of_pdf "$place/papers/reserve.pdf" >"$place/reserve.words"
words_of_svg "$place/papers/seed.svg" >"$place/seed.svg-words"
words_of_svg "$place/papers/reserve.svg" >"$place/reserve.svg-words"
code_of_pdf "$place/papers/seed.pdf" >"$place/seed.code"
code_of_pdf "$place/papers/reserve.pdf" >"$place/reserve.code"
code_of_svg "$place/papers/seed.svg" >"$place/seed.svg-code"
code_of_svg "$place/papers/reserve.svg" >"$place/reserve.svg-code"
is "a seed is 24 words on the page" "$(tr -s ' \n' '\n' <"$place/seed.words" | grep -c '^[a-z]')" 24
is "a reserve key is 36 words on the page" "$(tr -s ' \n' '\n' <"$place/reserve.words" | grep -c '^[a-z]')" 36
for page in seed reserve; do
  is "both formats of the $page say the same words" "$(tr -s ' \n' '\n' <"$place/$page.words" | grep '^[a-z]')" "$(cat "$place/$page.svg-words")"
  is "both formats of the $page have the same square" "$(cat "$place/$page.code")" "$(cat "$place/$page.svg-code")"
  is "the square of the $page is read at 100 dots an inch" "$(code_of_pdf "$place/papers/$page.pdf" 100)" "$(cat "$place/$page.code")"
done

# ----------------------------------------------------------------------------------------------------------------------
# The reserve key comes back (KEEP-34, KEEP-38).

for from in words svg-words code svg-code; do
  if on holder . reserve restore --words "$place/reserve.$from" --out "$place/restored-$from" --no-passphrase; then
    is "the reserve key comes back from the $from" "$(cat "$place/restored-$from"/*.pub)" "$(cat "$public")"
    is "and so does its secret half" "$(sed -n 2p "$place/restored-$from"/*.key)" "$(sed -n 2p "$secret")"
  else
    bad "the reserve key comes back from the $from"
  fi
done
echo 'a new passphrase' >"$place/passphrase"
if SIGPKG_PASSPHRASE_FILE=$place/passphrase on holder . reserve restore --words "$place/reserve.words" --key "$public" --out "$place/protected"; then
  is "it is protected by a new passphrase" "$(cat "$place/protected"/*.pub)" "$(cat "$public")"
else
  bad "it is protected by a new passphrase"
fi
refuses "and without it there is no page" 3 "SIGPKG_PASSPHRASE_FILE" \
  holder . reserve paper "$(ls "$place"/protected/*.key)" --out "$place/papers/protected.pdf"
rm -rf "$place/protected"

# ----------------------------------------------------------------------------------------------------------------------
# The seed comes back, on a new machine with a clone, and signs what the user takes (KEEP-39).

version=1
for from in words svg-words code svg-code; do
  git clone --quiet "$place/demo" "$place/clone-$from" && identify "clone-$from" || give_up "the repository cannot be cloned"
  if on "new-$from" "clone-$from" key restore --words "$place/seed.$from" --no-passphrase; then
    is "the seed comes back from the $from, for its chain" "$(sed -n 1p "$place/answer")" "$id"
    version=$((version + 1))
    change "clone-$from" "work by $from" || give_up "nothing can be committed"
    if on "new-$from" "clone-$from" release "$version.0" --yes && on user . verify "clone-$from"; then
      is "the user takes what the restored seed signs" "$(grep -c '^accepted ' "$place/said")" 1
      git -C "$place/clone-$from" push --quiet "$place/demo" HEAD:refs/heads/next 2>/dev/null &&
        git -C "$place/demo" merge --quiet --ff-only next || give_up "the release cannot be pushed"
    else
      bad "the user takes what the restored seed signs"
    fi
  else
    bad "the seed comes back from the $from, for its chain"
  fi
done
mkdir "$place/elsewhere"
if on far elsewhere key restore --chain "$place/demo" --words "$place/seed.words" --no-passphrase; then
  is "without a clone, --chain says where the chain stands" "$(sed -n 1p "$place/answer")" "$id"
else
  bad "without a clone, --chain says where the chain stands"
fi

# ----------------------------------------------------------------------------------------------------------------------
# What is wrong is said, and leaves nothing (KEEP-37).

# numbered WHAT COMMAND: the numbered words, one a line, changed by a sed command.
numbered() {
  tr -s ' \n' '\n' <"$place/$1.words" | sed '/^$/d' | paste -d ' ' - - | sed "$2" >"$place/changed"
}
reserve_from_changed() {
  refuses "$1" 1 "$2" holder . reserve restore --words "$place/changed" --out "$place/never" --no-passphrase
}
numbered reserve '7s/.*/7 winnner/'
reserve_from_changed "a word that is not in the list is named with its number" 'word 7 is "winnner"'
reserve_from_changed "and the nearest words are offered" 'is it winner'
numbered reserve '9d'
reserve_from_changed "a word that is missing is named by its number" 'expected 36 numbered words, found no word 9'
sed 's/^[0-9]* //' "$place/changed" >"$place/changed.bare" && mv "$place/changed.bare" "$place/changed"
reserve_from_changed "without numbers the words are counted" 'expected 36 words, found 35'
numbered reserve '11s/.*/12 zoo/'
reserve_from_changed "a number that is there twice is named" 'found 12 twice'
numbered seed 's/^//'
reserve_from_changed "the words of a seed are no reserve key" 'expected 36'
numbered reserve 's/^[0-9]* //'
first=$(sed -n 1p "$place/changed") second=$(sed -n 2p "$place/changed")
[ "$first" != "$second" ] || first=$(sed -n 3p "$place/changed")
{ echo "$second"; echo "$first"; sed 1,2d "$place/changed"; } >"$place/swapped" && mv "$place/swapped" "$place/changed"
# Of 4096 sheets with two words swapped one has a checksum that fits: the public key decides.
refuses "two words that have changed places are noticed" 1 'sigpkg: error' \
  holder . reserve restore --words "$place/changed" --key "$public" --out "$place/never" --no-passphrase
must holder . reserve new --no-passphrase --out "$place/other"
refuses "the paper of another key is noticed" 1 'nothing was written' \
  holder . reserve restore --words "$place/reserve.words" --key "$(sed -n 2p "$place"/other/*.pub)" --out "$place/never" --no-passphrase
is "nothing was written" "$([ -e "$place/never" ] || echo none)" none

git_init stranger && change stranger first || give_up "a repository cannot be made"
must stranger stranger init --name stranger --seeded --no-passphrase --reserve-keys "$public"
refuses "the words of another chain are refused" 1 'found another one' \
  nobody stranger key restore --words "$place/seed.words" --no-passphrase
refuses "a machine that has the keys takes no words" 1 'there is a key store for signatory' \
  stranger stranger key restore --words "$place/seed.words" --no-passphrase
refuses "words are not guessed without a chain" 4 'there is no chain here' \
  nobody elsewhere key restore --words "$place/seed.words" --no-passphrase
is "no store was made" "$([ -e "$place/homes/nobody/keys" ] || echo none)" none

# ----------------------------------------------------------------------------------------------------------------------
# Where a page may be, and where it may not (KEEP-36).

git_init fresh && change fresh first || give_up "a repository cannot be made"
must fresh fresh init --name fresh --no-passphrase --reserve-keys "$public"
refuses "fresh keys are not copied, on paper or otherwise" 1 'used once and never copied' fresh fresh key paper --out "$place/papers/fresh.pdf"
refuses "a page is not put into a repository" 1 'secret keys must never be' maintainer demo key paper --out page.pdf
refuses "nor into any other" 1 'secret keys must never be' maintainer . reserve paper "$secret" --out stranger/page.svg
refuses "nor over another file" 1 'never written over' maintainer demo key paper --out "$place/papers/seed.pdf"
refuses "nor to stdout" 2 'ends in .pdf or .svg' maintainer demo key paper --out -
refuses "a restored key is not put into a repository" 1 'secret keys must never be' \
  holder . reserve restore --words "$place/reserve.words" --out "$place/stranger/keys" --no-passphrase

# KEEP-11, SEC-14: they are found, and known for what they are.
change demo "one more change" || give_up "nothing can be committed"
for leak in seed.pdf seed.svg reserve.pdf reserve.svg; do
  cp "$place/papers/$leak" "$place/demo/"
  refuses "$leak in the repository stops the next release" 1 "a secret key of this chain is in the repository" maintainer demo release 9.0 --yes
  rm "$place/demo/$leak"
done
for leak in seed.words reserve.words seed.svg-words seed.code reserve.code; do
  cp "$place/$leak" "$place/demo/notes"
  refuses "what was read from it ($leak) does so too" 1 "a secret key of this chain is in the repository" maintainer demo release 9.0 --yes
  rm "$place/demo/notes"
done

# ----------------------------------------------------------------------------------------------------------------------
# A seed that the reserve has replaced is a seed no more (KEEP-36, KEEP-39).

if on maintainer demo release 9.0 --yes && on user . verify demo; then
  is "the store that the page was made from takes in what the restored ones have signed" "$(grep -c '^accepted ' "$place/answer")" 1
else
  bad "the store that the page was made from takes in what the restored ones have signed"
fi
must maintainer demo reserve sign --cause planned --reason "the page was seen" --key "$secret" --yes --no-passphrase --out "$place/draft"
must maintainer demo reserve join "$place/draft" --yes
git clone --quiet "$place/demo" "$place/later" || give_up "the repository cannot be cloned"
refuses "the words of a seed that was replaced are refused, and known" 1 'an earlier one, which the reserve has replaced' \
  nobody later key restore --words "$place/seed.words" --no-passphrase
change demo "work after the reserve" || give_up "nothing can be committed"
cp "$place/seed.words" "$place/demo/notes"
refuses "in the repository they are a key, and none of this chain any more" 1 'a secret key is in the repository' maintainer demo release 10.0 --yes
rm "$place/demo/notes"
must maintainer demo key paper --out "$place/papers/new-seed.svg"
words_of_svg "$place/papers/new-seed.svg" >"$place/new-seed.words"
if on new later key restore --words "$place/new-seed.words" --no-passphrase; then
  is "the words of the new seed are taken" "$(sed -n 1p "$place/answer")" "$id"
else
  bad "the words of the new seed are taken"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
