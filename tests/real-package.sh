#!/bin/sh
# Signs five releases of a Julia package as its maintainer would have, and a back-port; sends each by every road; tampers.
#
#   tests/real-package.sh CLONE [TAG...]   a clone of a public package, bare or not; it is only read
#   tests/real-package.sh --synthetic      a package that the script makes itself
#
# Without a TAG it takes the last five version tags. Only a tag with a Project.toml can be taken, since the UUID of the
# package is there; and one whose Project.toml has another version than the tag is passed over, with a line that says so.
#
# Everything happens in a temporary folder, with stores of its own. Each line is one check; the last line is
# `N passed, M failed`. SIGPKG=PATH takes a sigpkg that is built already.

set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2

place=$(mktemp -d) || exit 2
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

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

# The text of a key in one line of JSON, the first if there are several.
field() { printf '%s\n' "$2" | grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | sed 's/^[^:]*: *"//; s/"$//'; }

maintainer() { SIGPKG_HOME=$place/home/maintainer "$sigpkg" -C "$work" "$@"; }
user() { SIGPKG_HOME=$place/home/user "$sigpkg" "$@"; }

# accepts CLAIM TARGET [OPTION...]: leaves what the answer says, without the name of the target, in $facts.
accepts() {
  claim=$1 target=$2
  shift 2
  answer=$(user verify "$target" "$@" --json 2>"$place/said")
  facts=$(printf '%s\n' "$answer" | sed 's/"target": *"[^"]*",*//')
  if [ "$(field verdict "$answer")" = accepted ]; then
    ok "$claim"
  else
    failure "$claim: $answer $(cat "$place/said")"
  fi
}

# refuses REASON CLAIM TARGET [OPTION...]
refuses() {
  expected=$1 claim=$2 target=$3
  shift 3
  answer=$(user verify "$target" "$@" --json 2>"$place/said")
  found="$(field verdict "$answer") $(field reason "$answer")"
  if [ "$found" = "refused $expected" ]; then
    ok "$claim is refused, $expected"
  else
    failure "$claim: expected refused $expected, found $found: $answer $(cat "$place/said")"
  fi
}

# ----------------------------------------------------------------------------------------------------------------------
# The package.

# What Project.toml has for a key at the top, in a tree of the repository; nothing if it is not there.
project() { git show "$1:Project.toml" 2>/dev/null | sed -n '/^\[/q; s/^'"$2"' *= *"\([^"]*\)".*/\1/p'; }

# Whether a tag can be taken.
can_take() {
  version=$(project "refs/upstream/$1" version)
  if [ -z "$version" ]; then
    echo "   passed over: $1 has no version in a Project.toml"
  elif [ "v$version" != "$1" ]; then
    echo "   passed over: $1 has version $version in its Project.toml"
  else
    return 0
  fi
  return 1
}

# Takes up to this many of these tags into $tags, in the order given or, with `newest-first`, the other way round.
take_tags() {
  most=$1 order=$2 tags='' taken=0
  shift 2
  for tag; do
    [ "$taken" -lt "$most" ] || break
    can_take "$tag" || continue
    taken=$((taken + 1))
    case $order in newest-first) tags="$tag $tags" ;; *) tags="$tags $tag" ;; esac
  done
}

# Commits the tree of a tag on top of HEAD, with the .sigpkg that HEAD has.
commit_tree_of() {
  GIT_INDEX_FILE=$place/index
  export GIT_INDEX_FILE
  rm -f "$place/index"
  git read-tree "refs/upstream/$1^{tree}" || give_up "the tree of $1 cannot be read"
  parent=$(git rev-parse --quiet --verify HEAD)
  if [ -n "$parent" ] && git rev-parse --quiet --verify HEAD:.sigpkg >/dev/null; then
    git read-tree --prefix=.sigpkg/ HEAD:.sigpkg || give_up "the .sigpkg of HEAD cannot be read"
  fi
  tree=$(git write-tree) || give_up "the tree of $1 cannot be written"
  unset GIT_INDEX_FILE
  commit=$(git commit-tree "$tree" ${parent:+-p "$parent"} -m "The tree of $1") || give_up "$1 cannot be committed"
  git reset --quiet --hard "$commit" || give_up "$1 cannot be checked out"
}

# The version of the next patch, as far as anybody knows.
next_patch() { echo "$1" | sed 's/[-+].*//' | awk -F. '{ print $1 "." $2 "." $3 + 1 }'; }

# Commits a fix: another version, and a file.
commit_fix() {
  sed 's/^version *=.*/version = "'"$1"'"/' Project.toml >"$place/project" && cp "$place/project" Project.toml &&
    echo "a fix" >>src/the-fix-of-the-day.jl && git add Project.toml src/the-fix-of-the-day.jl &&
    git commit --quiet -m "Fix for $1" || give_up "the fix cannot be committed"
}

# Releases what is committed, and puts it on the list of releases: a number, the version, the commit.
release() {
  claim=$1
  shift
  if ! maintainer release --yes "$@" >"$place/said" 2>&1; then
    cat "$place/said"
    give_up "$claim"
  fi
  ok "$claim"
  number=$((number + 1))
  echo "$number $(project HEAD version) $(git rev-parse HEAD)" >>"$place/releases"
}

# Sends a release by every road, and leaves what came in $place/shelf/NUMBER.*
send() {
  shelf=$place/shelf/$1
  prefix=$name-$2/
  git archive --format=tar.gz --prefix="$prefix" -o "$shelf.tar.gz" "$3" || give_up "git archive tar.gz"
  git archive --format=tar --prefix="$prefix" -o "$shelf.tar" "$3" || give_up "git archive tar"
  zstd --quiet "$shelf.tar" -o "$shelf.tar.zst" || give_up "zstd"
  git clone --quiet --no-local "$work" "$shelf.clone" 2>"$place/said" || give_up "git clone: $(cat "$place/said")"
  git -C "$shelf.clone" checkout --quiet "$3" || give_up "git checkout"
  cp -R -P "$shelf.clone" "$shelf.copy" && rm -rf "$shelf.copy/.git" || give_up "cp"
}

# Verifies a release by every road. Whatever the road, the answer is the same.
verify_all_roads() {
  number=$1 version=$2 commit=$3
  shift 3
  first_facts='' same=yes
  for target in "$place/shelf/$number.tar.gz" "$place/shelf/$number.tar" "$place/shelf/$number.tar.zst" \
    "$place/shelf/$number.copy" "$place/shelf/$number.clone" "$work#$commit"; do
    road=$(case $target in *'#'*) echo 'REPO#REV' ;; *) echo "${target##*/"$number".}" ;; esac)
    accepts "$version as $road is accepted" "$target" "$@"
    [ -n "$first_facts" ] || first_facts=$facts
    if [ "$facts" != "$first_facts" ]; then
      same=no
      failure "$version as $road: expected $first_facts, found $facts"
    fi
  done
  [ "$same" = no ] || ok "the answer for $version is the same by every road"
}

# ----------------------------------------------------------------------------------------------------------------------
# Tampering with the newest release.

# A fresh copy to be changed; the shell is in it afterwards.
fresh() {
  rm -rf "$place/tampered"
  { cp -R -P "$place/shelf/$number.copy" "$place/tampered" && cd "$place/tampered"; } || give_up "cp"
}

# refuses_tampered REASON CLAIM [OPTION...]: as a directory, and as the tarball of it.
refuses_tampered() {
  (cd "$place" && tar -czf tampered.tar.gz tampered) || give_up "tar"
  reason=$1 what=$2
  shift 2
  refuses "$reason" "$what" "$place/tampered" "$@"
  refuses "$reason" "$what, as a tarball," "$place/tampered.tar.gz" "$@"
  cd "$work" || exit 2
}

tamper() {
  fresh
  # The last byte of a file of the package itself.
  edited=$(find src -type f -size +0 | sort | head -n 1)
  { head -c -1 "$edited" && printf '#'; } >"$place/edited" && cp "$place/edited" "$edited"
  refuses_tampered tree-mismatch "one changed byte in $edited"

  fresh
  echo 'steal()' >src/extra.jl
  refuses_tampered tree-mismatch "an added file"

  fresh
  rm "$edited"
  refuses_tampered tree-mismatch "a removed file"

  fresh
  other=$(find . -type f -size +0 ! -path './.sigpkg/*' ! -path "./$edited" | sort | head -n 1)
  mv "$edited" "$place/one" && mv "$other" "$edited" && mv "$place/one" "$other"
  refuses_tampered tree-mismatch "two swapped files"

  fresh
  link=$(find . -type l | sort | head -n 1)
  if [ -n "$link" ]; then
    ln -sfn "$(basename "$edited")" "$link"
    refuses_tampered tree-mismatch "a symbolic link that points elsewhere"
    fresh
    target=$(readlink "$link")
    rm "$link" && { cp -R "$(dirname "$link")/$target" "$link" 2>/dev/null || echo "$target" >"$link"; }
    refuses_tampered tree-mismatch "a symbolic link turned to a file"
  else
    echo "   this release has no symbolic link that could be re-pointed"
    cd "$work" || exit 2
  fi

  fresh
  rm -rf .sigpkg
  refuses_tampered signature-missing "a release whose .sigpkg was taken away"

  fresh
  rm -rf .sigpkg && cp -R "$place/shelf/1.copy/.sigpkg" .sigpkg
  refuses_tampered tree-mismatch "the newest tree under the signature of the oldest"

  fresh
  old_count=$(awk '/^kind = /{ n++ } END { print n }' .sigpkg/chain)
  awk -v keep=$((old_count - 1)) '/^sigpkg = 1$/{ n++ } n <= keep' .sigpkg/chain >"$place/short" && cp "$place/short" .sigpkg/chain
  refuses_tampered not-in-chain "a release whose own statement was cut out of the chain"

  oldest=$(sed -n 's/^1 \([^ ]*\) .*/\1/p' "$place/releases")
  for form in copy tar.gz; do
    refuses downgrade "$oldest as $form, offered as an upgrade of the newest," "$place/shelf/1.$form" \
      --installed "$place/shelf/$number.copy"
  done
}

# ----------------------------------------------------------------------------------------------------------------------
# A package of our own, with what real packages have: odd names, a link, CRLF, an executable file, attributes, a folder
# with a Project.toml of its own, an old tag without one, and one that was tagged wrongly.

synthesise() {
  mkdir -p "$1" && cd "$1" && git init --quiet --initial-branch=main || give_up "git init"
  git config user.name Maintainer && git config user.email maintainer@example.org
  git config core.autocrlf false
  mkdir -p src/inner test docs/src deps .github/workflows
  echo 'julia 0.6' >REQUIRE
  printf 'module Tides\nhigh() = 6\nend\n' >src/Tides.jl
  printf 'one\r\ntwo\r\n' >docs/windows.txt
  printf 'mixed\r\nends\n' >docs/mixed.txt
  printf '\000\001\002\r\n\377' >docs/data.bin
  : >test/empty.jl
  printf 'tide\n' >"docs/src/Gezeitentafel für März.md"
  printf '#!/bin/sh\ntrue\n' >deps/build.sh && chmod +x deps/build.sh
  ln -s ../../src/Tides.jl docs/src/Tides.jl
  ln -s src docs/link-to-a-folder
  printf '*.jl text eol=lf\n*.bin binary\n' >.gitattributes
  printf 'Manifest.toml\n*.jl.cov\n' >.gitignore
  printf '[deps]\nTest = "8dfed614-e22c-5e08-85e1-65c5234f0b40"\n' >docs/Project.toml
  git add --all && git commit --quiet -m "Before Project.toml" && git tag v0.1.0
  for version in 1.0.0 1.1.0 1.2.0 1.3.0 2.0.0 2.1.0; do
    {
      printf 'name = "Tides"\nuuid = "3f0c5d4e-8a35-4f0e-9d2e-0a4b6c1d2e3f"\nauthors = ["A Maintainer"]\n'
      printf 'version = "%s"\n\n[compat]\njulia = "1"\n' "$version"
    } >Project.toml
    printf 'module Tides\nhigh() = 6\nversion() = v"%s"\nend\n' "$version" >src/Tides.jl
    printf 'inner(%s)\n' "$version" >"src/inner/of-$version.jl"
    git add --all && git commit --quiet -m "Version $version" && git tag "v$version"
  done
  git rm --quiet src/inner/of-1.0.0.jl && git commit --quiet -m "Forgotten bump" && git tag v2.1.1
}

# ----------------------------------------------------------------------------------------------------------------------

[ $# -ge 1 ] || { echo "usage: tests/real-package.sh CLONE [TAG...] | --synthetic" >&2; exit 2; }
for tool in git tar gzip zstd awk; do
  command -v "$tool" >/dev/null 2>&1 || give_up "$tool is missing"
done

sigpkg=${SIGPKG:-}
if [ -z "$sigpkg" ]; then
  sigpkg=$(cd "$root" && cargo build --quiet --locked --bin sigpkg --message-format=json-render-diagnostics |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
fi
[ -x "$sigpkg" ] || give_up "sigpkg cannot be built"

# Nothing of the machine's own configuration shall matter from here on.
HOME=$place/home
GIT_CONFIG_GLOBAL=/dev/null
GIT_CONFIG_NOSYSTEM=1
export HOME GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM
unset XDG_CONFIG_HOME XDG_DATA_HOME SIGPKG_PASSPHRASE_FILE SIGPKG_ASKPASS SSH_ASKPASS
mkdir -p "$place/home" "$place/shelf"
work=$place/work

if [ "$1" = --synthetic ]; then
  synthesise "$place/upstream"
  clone=$place/upstream
else
  clone=$(cd "$1" && pwd) || exit 2
fi
shift

git init --quiet --initial-branch=main "$work" && cd "$work" || exit 2
git config user.name Maintainer && git config user.email maintainer@example.org && git config gc.auto 0
git fetch --quiet --no-tags "$clone" '+refs/tags/*:refs/upstream/*' || give_up "the tags cannot be fetched"

if [ $# -gt 0 ]; then
  take_tags $# as-given "$@"
else
  # shellcheck disable=SC2046  # a list of names
  take_tags 5 newest-first $(git for-each-ref --sort=-v:refname --format='%(refname:lstrip=2)' 'refs/upstream/v[0-9]*')
fi
if [ "$clone" = "$place/upstream" ]; then
  # shellcheck disable=SC2086,SC2116  # without the spaces around it
  found=$(echo $tags)
  if [ "$found" = "v1.1.0 v1.2.0 v1.3.0 v2.0.0 v2.1.0" ]; then
    ok "a tag that was made wrongly is passed over"
  else
    failure "a tag that was made wrongly is passed over: $found"
  fi
fi
[ "$taken" -ge 3 ] || give_up "three tags are needed, found:$tags"

# 1. The maintainer signs them in order.
: >"$place/releases"
number=0
for tag in $tags; do
  commit_tree_of "$tag"
  if [ "$number" -eq 0 ]; then
    name=$(project HEAD name)
    maintainer init --no-passphrase --reserve-out "$place/reserve" >"$place/said" 2>&1 ||
      give_up "init: $(cat "$place/said")"
    id=$(maintainer id .) || give_up "id"
    ok "a chain for $name begins: $id"
  fi
  release "$tag is released" --tag "signed/$tag"
done
newest_tag=$tag

# 2. A fix for an older series, on a branch from its release; and then one for the newest, which knows of it.
old=$(sed -n '2s/.* //p' "$place/releases")
git checkout --quiet -b back-port "$old" || give_up "git checkout"
# Higher than the release it mends, and lower than every later one, also of the same series.
fix=$(next_patch "$(project HEAD version)")-backport.1
commit_fix "$fix"
if maintainer release --yes >"$place/said" 2>&1; then
  failure "a lower version is refused without --back-port: it was released"
elif grep -q -e --back-port "$place/said"; then
  ok "a lower version is refused without --back-port"
else
  failure "a lower version is refused without --back-port: $(cat "$place/said")"
fi
release "$fix is released from an older branch" --back-port
git checkout --quiet main || give_up "git checkout"
commit_fix "$(next_patch "$(project HEAD version)")"
release "the fix for $newest_tag is released from the newest branch"
statements=$(maintainer log . --json | grep -c .)
if [ "$statements" -eq $((number + 1)) ]; then
  ok "the chain has $statements statements: the genesis and the releases"
else
  failure "the chain has $((number + 1)) statements: the genesis and the releases: found $statements"
fi

# 3. Every road, as a user who meets them in this order.
while read -r number version commit; do send "$number" "$version" "$commit"; done <"$place/releases"
user trust add "$place/shelf/1.tar.gz" --id "$id" >"$place/said" 2>&1 || give_up "trust add: $(cat "$place/said")"
while read -r number version commit; do
  case $number in
    1) verify_all_roads "$number" "$version" "$commit" ;;
    *) verify_all_roads "$number" "$version" "$commit" --installed "$place/shelf/1.copy" ;;
  esac
done <"$place/releases"

# 4. What an attacker would do, with a user who knows all of it.
number=$(wc -l <"$place/releases" | tr -d ' ')
tamper

# 5. And again: nothing of that has changed what the user believes.
while read -r number version commit; do verify_all_roads "$number" "$version" "$commit"; done <"$place/releases"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
