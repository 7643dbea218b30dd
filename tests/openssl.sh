#!/bin/sh
# Shows that sigpkg and OpenSSL agree on SLH-DSA-SHAKE-128s: each accepts the keys and the signatures of the other, and
# each refuses them in another context, changed, of another message and by another key.
#
# It takes the openssl on PATH if that is 3.5 or newer. Otherwise it makes a Debian trixie in a temporary folder, and
# uses the one there; that needs root, debootstrap and a Debian mirror. Nothing is mounted outside of a mount namespace.
#
#   OPENSSL=PATH       takes this openssl
#   DEBIAN_MIRROR=URL  takes this mirror; otherwise the first one that apt is set up for
#   SIGPKG=PATH        takes a sigpkg that is built already
#
# Each line is one check; the last line is `N passed, M failed`. All keys are test keys, and are gone afterwards.

set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2
PATH=$PATH:/usr/sbin:/sbin # where debootstrap and chroot are
LC_ALL=C
export PATH LC_ALL

place=$(mktemp -d) || exit 2
making=''
trap 'clean_up' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The processes of the namespace end with unshare, and take their mounts with them, but a moment later.
clean_up() {
  [ -z "$making" ] || kill -KILL "$making" 2>/dev/null
  cd / && { rm -rf "$place" 2>/dev/null || { sleep 1 && rm -rf "$place"; }; }
}

passed=0 failed=0

# ----------------------------------------------------------------------------------------------------------------------
# Checks.

ok() {
  passed=$((passed + 1))
  echo "ok $1"
}

failure() {
  failed=$((failed + 1))
  echo "FAILED $1"
}

give_up() {
  failure "$1"
  echo "$passed passed, $failed failed"
  exit 1
}

# agree CLAIM COMMAND...
agree() {
  claim=$1
  shift
  if "$@"; then ok "$claim"; else failure "$claim"; fi
}

# openssl_says VERDICT CLAIM CONTEXT KEY MESSAGE SIGNATURE: a refusal is one only if OpenSSL got as far as verifying.
openssl_says() {
  expected=$1 claim="OpenSSL: $1 $2"
  openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$4" -in "$5" -sigfile "$6" \
    -pkeyopt "context-string:$(context "$3")" >"$place/said" 2>&1
  case $? in
    0) found='accept: Signature Verified Successfully' ;;
    1) found='refuse: Signature Verification Failure' ;;
    *) found='' ;;
  esac
  if [ "$found" = "$expected: $(grep '^Signature Verif' "$place/said")" ]; then
    ok "$claim"
  else
    failure "$claim: $(cat "$place/said")"
  fi
}

# sigpkg_says VERDICT CLAIM CONTEXT KEY MESSAGE SIGNATURE
sigpkg_says() {
  claim="sigpkg: $1 $2"
  found=$("$helper" verify "$3" "$4" "$5" "$6" 2>"$place/said")
  if [ "$found" = "$1" ]; then ok "$claim"; else failure "$claim: $found $(cat "$place/said")"; fi
}

# only_so SAYS NAME CONTEXT KEY MESSAGE SIGNATURE: it is accepted so, and in no other way. SAYS is one of the two above.
only_so() {
  "$1" accept "$2" "$3" "$4" "$5" "$6"
  "$1" refuse "$2 in the other context" "$(other "$3")" "$4" "$5" "$6"
  "$1" refuse "$2 by another key" "$3" another.der "$5" "$6"
  { cat "$5" && echo; } >changed.message
  "$1" refuse "$2 of another message" "$3" "$4" changed.message "$6"
  # Its randomiser, its few-time signature, its first tree and its last.
  for at in 0 500 3000 7855; do
    changed "$6" "$at" >changed.signature
    "$1" refuse "$2 with byte $at changed" "$3" "$4" "$5" changed.signature
  done
}

# ----------------------------------------------------------------------------------------------------------------------
# Contexts and files.

context() { echo "sigpkg 1 $1"; }

other() { case $1 in link) echo reserve ;; reserve) echo link ;; esac }

# A file with another byte at this place.
changed() {
  byte=$(tail -c "+$(($2 + 1))" "$1" | head -c 1 | od -An -tu1 | tr -d ' ')
  head -c "$2" "$1"
  # shellcheck disable=SC2059  # the format is an octal escape
  printf "\\$(printf '%03o' $(((byte + 1) % 256)))"
  tail -c "+$(($2 + 2))" "$1"
}

# The secret key of an unprotected file of sigpkg (SEC-1: bytes 62 to 125), as PKCS #8 has it (RFC 9909).
private_key() {
  printf '\060\122\002\001\000\060\013\006\011\140\206\110\001\145\003\004\003\032\004\100'
  sed -n 2p "$1" | base64 -d | tail -c +63 | head -c 64
}

# ----------------------------------------------------------------------------------------------------------------------
# OpenSSL. It runs in $files, so that a relative name means the same to it whichever root it has.

knows_slh_dsa() { command "$1" list -signature-algorithms 2>/dev/null </dev/null | grep -q SLH-DSA-SHAKE-128s; }

openssl() {
  if [ -n "$chroot" ]; then
    # shellcheck disable=SC2016  # it is for the inner shell
    chroot "$chroot" /bin/sh -c 'cd /files && exec openssl "$@"' sh "$@" </dev/null
  else
    command "$openssl" "$@" </dev/null
  fi
}

mirror() {
  if [ -n "${DEBIAN_MIRROR-}" ]; then
    echo "$DEBIAN_MIRROR"
    return
  fi
  # What apt would ask first: a suite without `-updates`, `-security` and the like. Nothing is fetched.
  found=$(apt-get --print-uris update 2>/dev/null | sed -n "s|^'\(.*\)/dists/[a-z]*/InRelease'.*|\1|p" | head -n 1)
  case $found in
    mirror+file:*) sed -n 's/^\([a-z]*:[^[:space:]]*\).*/\1/p' "/${found#mirror+file:*/}" | head -n 1 ;;
    *) echo "$found" ;;
  esac
}

make_chroot() {
  [ "$(id -u)" -eq 0 ] || give_up "openssl 3.5 or newer is missing, and only root can make a chroot with one; OPENSSL=PATH names one"
  for tool in debootstrap unshare chroot; do
    command -v "$tool" >/dev/null 2>&1 || give_up "openssl 3.5 or newer is missing, and so is $tool to make a chroot with one"
  done
  mirror=$(mirror)
  [ -n "$mirror" ] || give_up "apt is set up for no Debian mirror; DEBIAN_MIRROR=URL names one"
  if command -v apt-config >/dev/null 2>&1 && [ -z "${http_proxy-}" ]; then
    eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
    [ -z "${http_proxy-}" ] || export http_proxy
  fi
  # In the background, since a shell that waits for its foreground hears no signal. Signatures of the archive are
  # checked, and a missing keyring is a failure.
  unshare --mount --pid --fork --kill-child debootstrap --force-check-gpg --variant=minbase --include=openssl trixie \
    "$place/trixie" "$mirror" >"$place/debootstrap" 2>&1 &
  making=$!
  wait "$making" || { making=''; tail -n 5 "$place/debootstrap"; give_up "Debian trixie cannot be made from the mirror $mirror"; }
  making=''
  chroot=$place/trixie
}

files=$place/files chroot='' openssl=${OPENSSL:-openssl}
started=$(date +%s)
if [ -z "${OPENSSL-}" ] && ! knows_slh_dsa openssl; then
  make_chroot
  files=$chroot/files
fi
{ mkdir -p "$files" && cd "$files"; } || give_up "there is no place for files"
version=$(openssl version 2>&1)
echo "   $version, ready after $(($(date +%s) - started)) s"

sigpkg=${SIGPKG:-} built=$place/built
(cd "$root" && cargo build --quiet --locked --bin sigpkg --example openssl --message-format=json-render-diagnostics) |
  sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' >"$built"
helper=$(grep '/examples/' "$built")
[ -n "$sigpkg" ] || sigpkg=$(grep -v '/examples/' "$built")
{ [ -x "$sigpkg" ] && [ -x "$helper" ]; } || give_up "sigpkg cannot be built"

# ----------------------------------------------------------------------------------------------------------------------
# What OpenSSL makes.

printf 'sigpkg = 1\nno statement, but a text to be signed\n' >message
for name in theirs another; do
  { openssl genpkey -algorithm SLH-DSA-SHAKE-128s -out "$name.pem" &&
    openssl pkey -in "$name.pem" -pubout -outform DER -out "$name.der"; } >"$place/said" 2>&1 ||
    give_up "OpenSSL can make no key: $version: $(cat "$place/said")"
done
for role in link reserve; do
  for how in deterministic:1 deterministic:0; do
    openssl pkeyutl -sign -rawin -inkey theirs.pem -in message -out "theirs-$role.signature" -pkeyopt "$how" \
      -pkeyopt "context-string:$(context "$role")" 2>"$place/said" || give_up "OpenSSL can sign nothing: $(cat "$place/said")"
    only_so sigpkg_says "a $role signature of OpenSSL ($how)" "$role" theirs.der message "theirs-$role.signature"
  done
done

# ----------------------------------------------------------------------------------------------------------------------
# What sigpkg makes.

SIGPKG_HOME=$place/stores "$sigpkg" -C "$place" reserve new --no-passphrase --out "$place/reserve" >"$place/said" 2>&1 ||
  give_up "sigpkg can make no reserve key: $(cat "$place/said")"
mv "$place"/reserve/*.key reserve.key || give_up "the file of the reserve key cannot be found"
"$helper" new-link-key link.key || give_up "sigpkg can make no SLH-DSA link key"
for role in link reserve; do
  "$helper" sign "$role.key" message "$role" || give_up "sigpkg cannot sign with the $role key"
  private_key "$role.key" >"$role.private"
  openssl pkey -inform DER -in "$role.private" -pubout -outform DER -out "$role.theirs" 2>"$place/said" ||
    failure "OpenSSL cannot read the secret $role key of sigpkg: $(cat "$place/said")"
  agree "both have one public key for the secret $role key of sigpkg" cmp "$role.der" "$role.theirs"
  openssl pkeyutl -sign -rawin -keyform DER -inkey "$role.private" -in message -out "$role.same" \
    -pkeyopt deterministic:1 -pkeyopt "context-string:$(context "$role")" 2>"$place/said" ||
    failure "OpenSSL cannot sign with the $role key of sigpkg: $(cat "$place/said")"
  agree "both make the same $role signature, byte for byte" cmp "$role.signature" "$role.same"
  only_so openssl_says "a fresh $role signature of sigpkg" "$role" "$role.der" message "$role.signature"
done

# ----------------------------------------------------------------------------------------------------------------------
# What the test vectors hold.

mkdir vectors || give_up "there is no place for vectors"
"$helper" vectors "$root/testvectors" vectors || give_up "the vectors cannot be read"
while read -r name role verdict; do
  set -- "$role" "vectors/$name.der" "vectors/$name.message" "vectors/$name.signature"
  case $verdict in
    accept) only_so openssl_says "vector $name" "$@" ;;
    refuse) openssl_says refuse "vector $name" "$@" ;;
  esac
done <vectors/cases
for kind in 'link accept' 'reserve accept' 'reserve refuse'; do
  agree "there are vectors with an answer \"$kind\"" grep -q " $kind\$" vectors/cases
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
