#!/bin/sh
# Runs every test there is, stage by stage.
#
#   tests/run.sh [--list] [--without NAME]... [NAME...]
#
#   --list          print the names of the stages, and what each does
#   --without NAME  leave this stage out
#   NAME            run only these stages
#
# Nothing is left out but by such a wish. A missing tool is installed where that may be done (root, with apt-get);
# otherwise it is named and the run fails. A stage fails if a test fails, if it ends badly, or if it ran no test at all.
# The last line is `N passed, M failed`.
#
#   JULIA_ROOT=DIR  where the chroot with Julia is, or is to be made and left; otherwise the stages that need one share one
#                   in a temporary folder

set -u
exec </dev/null
PATH=$PATH:/usr/sbin:/sbin # where debootstrap is, and not every PATH has it
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2
cd "$root" || exit 2
LC_ALL=C
CARGO_TERM_COLOR=never
GIT_CONFIG_GLOBAL=/dev/null
GIT_CONFIG_NOSYSTEM=1
export LC_ALL CARGO_TERM_COLOR GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM
command -v cargo >/dev/null 2>&1 || PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
unset SIGPKG_HOME SIGPKG_PASSPHRASE_FILE SIGPKG_ASKPASS SSH_ASKPASS

# ----------------------------------------------------------------------------------------------------------------------
# The stages. To add one: its name here, a line of words, the tools that it needs, and a function `stage_NAME` (with `_`
# for `-`) that calls `cargo_tests` or `script` for each thing it runs.

stages="rust core vectors by-hand stock openssl quickstart docs book paper package registry site terminal captures julia crash sigpkg-jl"

about() {
  case $1 in
    rust) echo "the library and the command line: unit, integration, example and documentation tests" ;;
    core) echo "the core alone, without files, clock, network, environment or terminal" ;;
    vectors) echo "the second implementation, testvectors/check.py, over every vector" ;;
    by-hand) echo "a whole release verified with stock tools alone" ;;
    stock) echo "the stock tools' own answers to the vectors that record them" ;;
    openssl) echo "SLH-DSA keys and signatures of sigpkg and of OpenSSL 3.5 or newer, each judged by the other" ;;
    quickstart) echo "examples/quickstart.sh, as a newcomer would run it" ;;
    docs) echo "every command of the pages in docs/, as the people in them would run it" ;;
    book) echo "the book of docs/: built without a warning, every link, anchor and picture; the links of all other Markdown, too" ;;
    paper) echo "seeds and reserve keys restored from what was printed: as text, as an image, by words and by QR code" ;;
    package) echo "a Julia package with a back-port, released and sent by every road, and tampered with" ;;
    registry) echo "pushes to a registry that is guarded by the hook, and the workflow for GitHub" ;;
    terminal) echo "signals, progress, colours and widths on a terminal, completions in real shells, man pages, help" ;;
    captures) echo "pictures of what people see on a terminal: first trust, an upgrade, every refusal, progress" ;;
    site) echo "the directory page in a real browser: compared, searched, by keyboard, on a telephone, without scripts, in the dark" ;;
    julia) echo "what a real Julia installs by every transport, of honest packages and of an attacker's" ;;
    crash) echo "the process killed at every durable step of a release, disks full and read-only" ;;
    sigpkg-jl) echo "SigPkg.jl under a real Julia, in a chroot: refused, killed, interrupted, lied to" ;;
  esac
}

needs() {
  case $1 in
    rust) echo "cargo cc git minisign signify b3sum ssh-keygen zstd" ;;
    core) echo "cargo cc" ;;
    vectors) echo "python3" ;;
    by-hand) echo "cargo cc git minisign signify b3sum" ;;
    stock) echo "python3 minisign signify b3sum" ;;
    openssl) echo "cargo cc $(openssl_maker)" ;;
    quickstart) echo "cargo cc" ;;
    docs) echo "cargo cc git ssh-keygen tar gzip minisign signify b3sum" ;;
    book) echo "cargo cc git python3" ;; # tests/book.sh has cargo install mdbook
    paper) echo "cargo cc git pdftotext zbarimg rsvg-convert" ;;
    package) echo "cargo cc git tar gzip zstd" ;;
    registry) echo "cargo cc git python3 yamllint" ;;
    terminal) echo "cargo cc git python3 bash zsh fish man mandoc" ;;
    captures) echo "cargo cc python3 aha chromium" ;;
    site) echo "cargo cc python3 chromium chromedriver espeak-ng" ;;
    julia) echo "cargo cc$([ -n "${JULIA_ROOT-}" ] || echo " debootstrap")" ;;
    crash) echo "cargo cc git minisign mount" ;;
    sigpkg-jl) echo "cargo cc$([ -n "${JULIA_ROOT-}" ] || echo " debootstrap")" ;;
  esac
}

stage_rust() {
  # Without a choice of targets: `--examples` would build test programs of them, and not the examples.
  cargo_tests
}

stage_core() {
  cargo_tests --no-default-features --lib
  cargo_tests --no-default-features --doc
  script core_is_pure
}

stage_vectors() {
  script python_is_new_enough
  script python3 testvectors/check.py
}

stage_by_hand() {
  script sh tests/by-hand.sh
}

stage_stock() {
  script python3 tests/stock.py
}

stage_openssl() {
  script sh tests/openssl.sh
}

stage_quickstart() {
  script quickstart_counted
}

stage_docs() {
  script sh tests/docs.sh
}

stage_book() {
  script sh tests/book.sh
}

stage_paper() {
  script sh tests/paper.sh
}

stage_package() {
  script sh tests/real-package.sh --synthetic
}

stage_registry() {
  script sh tests/registry.sh
}

stage_terminal() {
  script sh tests/terminal.sh
}

stage_captures() {
  script sh tests/captures.sh
}

stage_site() {
  script sh tests/site.sh
}

stage_julia() {
  script sh tests/julia.sh
}

stage_crash() {
  present tests/crash.rs && cargo_tests --features failpoints --test crash
}

stage_sigpkg_jl() {
  script sh tests/sigpkg-jl.sh
}

# Crates that touch the world. None of them may be linked into the core.
core_is_pure() {
  cargo tree --quiet --locked --no-default-features --edges normal --prefix none >"$work/tree" || return 1
  passed=0 failed=0
  for crate in anstream clap flate2 fs4 getrandom git2 indicatif rayon rpassword rustix signal-hook tar tempfile zstd; do
    if grep -q "^$crate v" "$work/tree"; then
      echo "FAILED the core is linked with $crate"
      failed=$((failed + 1))
    else
      passed=$((passed + 1))
    fi
  done
  echo "$passed passed, $failed failed"
}

python_is_new_enough() {
  if python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))'; then
    echo "1 passed, 0 failed"
  else
    echo "FAILED check.py needs Python 3.9, found $(python3 --version 2>&1)"
    echo "0 passed, 1 failed"
  fi
}

# The quickstart is written for people; each thing that it makes sure of is a line `  ok: …`.
quickstart_counted() {
  present examples/quickstart.sh || return 1
  ( sh examples/quickstart.sh; echo $? >"$work/quickstart" ) | tee "$work/quickstart.log"
  status=$(cat "$work/quickstart")
  passed=$(grep -c '^  ok: ' "$work/quickstart.log")
  if [ "$status" -eq 0 ]; then
    echo "$passed passed, 0 failed"
  else
    echo "$passed passed, 1 failed"
  fi
}

# ----------------------------------------------------------------------------------------------------------------------
# Running and counting.

# Runs `cargo test` with these arguments and adds up the result lines of its test programs.
cargo_tests() {
  echo "--- cargo test $*"
  logged cargo test --quiet --locked --no-fail-fast "$@"
  status=$?
  # A test that is ignored is a test left out in silence, so it counts as failed.
  counts=$(awk '
    { gsub(/\033\[[0-9;]*m/, "") }
    /^test result: / {
      for (i = 2; i <= NF; i++) {
        if ($i ~ /^passed/) passed += $(i - 1)
        if ($i ~ /^(failed|ignored)/) failed += $(i - 1)
      }
    }
    END { print passed + 0, failed + 0 }' "$work/log")
  count "$status" "cargo test $*" "${counts% *}" "${counts#* }"
}

# Runs a command whose last line is `N passed, M failed`.
script() {
  echo "--- $*"
  logged "$@"
  status=$?
  counts=$(tail -n 1 "$work/log" | sed -n 's/^\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1 \2/p')
  counts=${counts:-0 0}
  count "$status" "$*" "${counts% *}" "${counts#* }"
}

# Runs a command, shows what it says and keeps it in $work/log.
logged() {
  echo 125 >"$work/status"
  { "$@"; echo $? >"$work/status"; } 2>&1 | tee "$work/log"
  return "$(cat "$work/status")"
}

# Adds to the totals of the stage; a bad end without a failed test, or no test at all, is a failure too.
count() {
  count_passed=$3 count_failed=$4
  if [ "$count_failed" -eq 0 ] && [ "$1" -ne 0 ]; then
    echo "FAILED $2: exit status $1 without a failed test"
    count_failed=1
  elif [ $((count_passed + count_failed)) -eq 0 ]; then
    echo "FAILED $2: it ran no test"
    count_failed=1
  fi
  stage_passed=$((stage_passed + count_passed))
  stage_failed=$((stage_failed + count_failed))
}

# Whether a file that a stage is made of is there.
present() {
  [ -f "$1" ] && return 0
  echo "FAILED $1 is missing"
  stage_failed=$((stage_failed + 1))
  return 1
}

is_stage() {
  case " $stages " in
    *" $1 "*) return 0 ;;
    *) echo "tests/run.sh: there is no stage \"$1\"; --list names them" >&2; return 1 ;;
  esac
}

# ----------------------------------------------------------------------------------------------------------------------
# Tools.

found() {
  case $1 in
    signify) [ -n "$(signify_name)" ] ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
  esac
}

# Debian's `signify` is another program; OpenBSD's is called signify-openbsd there.
signify_name() {
  for name in signify-openbsd signify; do
    if "$name" 2>&1 | grep -q 'signify.* -V .*-x sigfile'; then
      echo "$name"
      return
    fi
  done
}

# What makes an OpenSSL that knows SLH-DSA (3.5 or newer), if there is none: tests/openssl.sh then makes a chroot.
openssl_maker() {
  [ -n "${OPENSSL-}" ] || openssl list -signature-algorithms 2>/dev/null | grep -q SLH-DSA-SHAKE-128s || echo debootstrap
}

package_of() {
  case $1 in
    cc) echo gcc ;;
    cargo) echo cargo ;;
    man) echo man-db ;;
    chromedriver) echo chromium-driver ;;
    signify) echo signify-openbsd ;;
    pdftotext) echo poppler-utils ;;
    rsvg-convert) echo librsvg2-bin ;;
    ssh-keygen) echo openssh-client ;;
    zbarimg) echo zbar-tools ;;
    *) echo "$1" ;;
  esac
}

missing_tools() {
  for stage in $chosen; do
    for tool in $(needs "$stage"); do
      found "$tool" || echo "$tool"
    done
  done | sort -u
}

have_tools() {
  missing=$(missing_tools)
  [ -z "$missing" ] && return 0
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    packages=''
    for tool in $missing; do
      # The toolchain is chosen with care (Cargo.toml states the oldest); apt's would be a surprise.
      [ "$tool" = cargo ] || packages="$packages $(package_of "$tool")"
    done
    echo "installing:$packages"
    # shellcheck disable=SC2086  # a list of names
    { DEBIAN_FRONTEND=noninteractive apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y \
      --no-install-recommends $packages; } >"$work/apt.log" 2>&1 || tail -n 5 "$work/apt.log"
    missing=$(missing_tools)
    [ -z "$missing" ] && return 0
  fi
  for tool in $missing; do
    echo "FAILED $tool is missing; on Debian it is in the package $(package_of "$tool")"
  done
  echo "Install what is missing, or leave out a stage that needs it with --without."
  return 1
}

# ----------------------------------------------------------------------------------------------------------------------

chosen='' without=''
while [ $# -gt 0 ]; do
  case $1 in
    --list)
      for stage in $stages; do printf '%-12s %s\n' "$stage" "$(about "$stage")"; done
      exit 0
      ;;
    --without)
      [ $# -ge 2 ] || { echo "tests/run.sh: --without needs the name of a stage" >&2; exit 2; }
      is_stage "$2" || exit 2
      without="$without $2"
      shift
      ;;
    -*) echo "usage: tests/run.sh [--list] [--without NAME]... [NAME...]" >&2; exit 2 ;;
    *) is_stage "$1" || exit 2; chosen="$chosen $1" ;;
  esac
  shift
done
wanted=${chosen:-$stages}
chosen=''
for stage in $wanted; do
  case " $without " in
    *" $stage "*) ;;
    *) chosen="$chosen $stage" ;;
  esac
done

# Making a Julia takes minutes, so the stages share one.
share_julia() {
  [ -z "${JULIA_ROOT-}" ] || return 0
  case "$chosen " in
    *" julia "*"sigpkg-jl "* | *" sigpkg-jl "*"julia "*)
      JULIA_ROOT=$work/julia
      export JULIA_ROOT
      ;;
  esac
}

# Never through what a stage that was killed may have left mounted.
clean_up() {
  if [ -e "$work/julia/usr" ]; then
    # shellcheck source=tests/support/julia-root.sh
    . "$root/tests/support/julia-root.sh"
    julia_root_remove "$work/julia" || return
  fi
  rm -rf --one-file-system "$work"
}

work=$(mktemp -d) || exit 2
trap 'clean_up' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

total_passed=0 total_failed=0 summary=''
if have_tools; then
  SIGNIFY=$(signify_name)
  export SIGNIFY
  share_julia
  for stage in $chosen; do
    echo
    echo "=== $stage: $(about "$stage")"
    stage_passed=0 stage_failed=0
    started=$(date +%s)
    "stage_$(echo "$stage" | tr - _)"
    if [ $((stage_passed + stage_failed)) -eq 0 ]; then stage_failed=1; fi
    line=$(printf '%-12s %5d passed %5d failed %5d s' "$stage" "$stage_passed" "$stage_failed" $(($(date +%s) - started)))
    summary="$summary$line
"
    total_passed=$((total_passed + stage_passed))
    total_failed=$((total_failed + stage_failed))
  done
else
  total_failed=1
fi

echo
printf '%s' "$summary"
for stage in $without; do printf '%-12s left out by --without\n' "$stage"; done
if [ $((total_passed + total_failed)) -eq 0 ]; then total_failed=1; fi
echo "$total_passed passed, $total_failed failed"
[ "$total_failed" -eq 0 ]
