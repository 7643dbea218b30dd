# shellcheck shell=sh disable=SC2154
# A Julia package, its host (a bare repository), and what stands for the machines of a registry: Registrator, LocalRegistry
# and TagBot, each reduced to what it asks of git.

world() {
  machine maintainer host user
  reserve_holders
  cp "$world"/anna/reserve/*.pub "$world"/ben/reserve/*.pub "$world"/carol/reserve/*.pub "$world/maintainer/"
  as host 'git init -q --bare Tides.git'
  as maintainer "git clone -q '$world/host/Tides.git' Tides 2>&1 && cd Tides && git switch -q -c main 2>/dev/null || true"
  package . Tides 1.0.0
  as maintainer 'git push -q origin main && sigpkg init --reserve-keys ~/*.pub --threshold 2 --no-passphrase && rm ~/*.pub &&
    git push -q origin main'
  id=$(as maintainer 'sigpkg id .')
  bind sigpTides… "$id"
}

# package FOLDER NAME VERSION: a Julia package with one function, committed. The UUIDs differ in their last digits.
package() {
  uuid=7876af07-990d-54b4-ab0e-0000000000$(printf '%s' "$2" | wc -c | sed 's/ //g; s/^.$/0&/')
  as maintainer "mkdir -p $1/src && printf 'name = \"%s\"\nuuid = \"%s\"\nversion = \"%s\"\n' $2 $uuid $3 >$1/Project.toml &&
    echo 'module $2 end' >$1/src/$2.jl && git add -A . && git commit -q -m '$2 $3'"
}

# version NUMBER [FOLDER]: the manifest has it; nothing is committed.
version() {
  as maintainer "sed 's/^version = .*/version = \"$1\"/' ${2:-.}/Project.toml >~/manifest && cp ~/manifest ${2:-.}/Project.toml"
}

# work WORD...: a commit that is no release.
work() {
  as maintainer "echo '# $*' >>src/Tides.jl && git commit -q -a -m '$*'"
}

# Nobody but the host itself moves main from here on.
protect() {
  # shellcheck disable=SC2016
  printf '#!/bin/sh\n[ "$1" != refs/heads/main ] || [ -n "${BY_THE_HOST-}" ] || { echo "main is protected"; exit 1; }\n' \
    >"$world/host/Tides.git/hooks/update"
  chmod +x "$world/host/Tides.git/hooks/update"
}

# pull_request BRANCH squash|merge: the host merges what was pushed.
pull_request() {
  rm -rf "$world/host/merging"
  as host "git clone -q Tides.git merging && cd merging && git switch -q main && case $2 in
      squash) git merge -q --squash origin/$1 >/dev/null && git commit -q -m 'Pull request: $1' ;;
      merge) git merge -q --no-ff -m 'Merge $1' origin/$1 ;;
    esac && BY_THE_HOST=1 git push -q origin main && cd .."
}

# somebody: another commit lands on main before ours does.
somebody() {
  rm -rf "$world/host/other"
  as host "git clone -q Tides.git other && cd other && git switch -q main && echo other >other && git add other &&
    git commit -q -m 'Another change' && BY_THE_HOST=1 git push -q origin main && cd .."
}

# registrator REVISION [SUBDIR]: what the bot does when it is told to register a commit of the host: it takes the tree of the
# folder and the version in its manifest, and refuses if the tag of that version names another commit.
registrator() {
  registered_commit=$(as host "git -C Tides.git rev-parse '$1^{commit}'")
  register_tree "$registered_commit" "${2:-}"
}

register_tree() {
  registered_version=$(as host "git -C Tides.git show '$1:${2:+$2/}Project.toml'" | sed -n 's/^version = "\(.*\)"/\1/p')
  registered_tag=${2:+$(basename "$2")-}v$registered_version
  tagged=$(as host "git -C Tides.git rev-parse --verify --quiet '$registered_tag^{commit}'" || true)
  [ -z "$tagged" ] || [ "$tagged" = "$1" ]
  as host "git -C Tides.git rev-parse '$1:$2'" >"$world/registered"
  echo "$registered_tag" >"$world/registered.tag"
  echo "$2" >"$world/registered.folder"
}

# local_registry [FOLDER]: LocalRegistry takes HEAD of the clone, which must be clean.
local_registry() {
  [ -z "$(as maintainer 'git diff-index HEAD -- .')" ]
  as maintainer "git push -q origin HEAD:refs/heads/for-the-registry"
  registrator for-the-registry "${1:-}"
}

# tagbot: looks for a commit that has the registered tree, on any branch or tag of the host, and tags it, unless there is
# such a tag.
tagbot() {
  tag=$(cat "$world/registered.tag") folder=$(cat "$world/registered.folder") wanted=$(cat "$world/registered")
  rm -rf "$world/host/tagging"
  as host "git clone -q Tides.git tagging && cd tagging &&
    found= && for commit in \$(git log --all --format=%H); do
      [ \"\$(git rev-parse -q --verify \$commit:$folder)\" != $wanted ] || found=\$commit
    done && [ -n \"\$found\" ] && { git rev-parse -q --verify refs/tags/$tag || git tag -m $tag $tag \$found; } &&
    git push -q origin $tag && cd .."
}

# installed AS [FOLDER]: the tree that the registry has, as Pkg puts it on the user's disk, in ~/AS.
installed() {
  mkdir "$world/user/$1"
  as host "git -C Tides.git archive $(cat "$world/registered")" | tar -xf - -C "$world/user/$1"
}
