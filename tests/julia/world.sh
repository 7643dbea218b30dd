# shellcheck shell=sh
# shellcheck disable=SC2034,SC2015  # worlds use what is set here; give_up ends a world, whichever of two commands failed
# What the worlds of tests/julia.sh are made of: maintainers and their packages, a registry, users with a depot, and one
# Julia. It is read with `.` by a world, inside the chroot, with the name of the world in $WORLD. Everything lies below
# $place. docs/developers/julia.md tells how a world is written.

set -u
LC_ALL=C.UTF-8
GIT_CONFIG_NOSYSTEM=1
export LC_ALL GIT_CONFIG_NOSYSTEM

tools=/opt/julia
place=/world/$WORLD
depots='' target=''
passed=0 failed=0

# ----------------------------------------------------------------------------------------------------------------------
# Checks. Each is one line.

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
  end
}

end() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
  exit
}

# equal CLAIM EXPECTED FOUND [CONTEXT]
equal() {
  if [ "$2" = "$3" ]; then
    ok "$1"
  else
    failure "$1: expected \"$2\", found \"$3\"${4:+: $4}"
  fi
}

# The text of a key in one line of JSON, the first if there are several; nothing if it is null.
field() { printf '%s\n' "$2" | grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | sed 's/^[^:]*: *"//; s/"$//'; }

# ----------------------------------------------------------------------------------------------------------------------
# Julia: one for the world, that runs one expression after the other.

start() {
  TMPDIR=$place/tmp
  export TMPDIR
  mkdir -p "$TMPDIR" "$place/repositories" "$place/uuids" "$place/users" "$place/maintainers" && cd "$place" || exit 2
  HOME=$place/somebody
  export HOME
  mkdir -p "$HOME"
  git config --global user.name Maintainer && git config --global user.email maintainer@example.org || give_up "git"
  git config --global init.defaultBranch main && git config --global gc.auto 0 || give_up "git"
  julia --startup-file=no "$tools/server.jl" "$place" "$place/address" 2>"$place/server.log" &
  mkfifo "$place/requests" "$place/replies" || give_up "mkfifo"
  # Whoever opens a FIFO waits for the other side: both open them in the same order, before Julia can fail.
  julia --startup-file=no "$tools/session.jl" "$place/address" <"$place/requests" 9>"$place/replies" >>"$place/said" 2>&1 &
  exec 3>"$place/requests" 4<"$place/replies"
  waited=0
  until [ -s "$place/address" ]; do
    [ "$waited" -lt 300 ] || give_up "the package server does not start: $(cat "$place/server.log")"
    waited=$((waited + 1))
    sleep 0.1
  done
}

# do_julia EXPRESSION: leaves what it gives in $value, and what was printed meanwhile in $place/said.
do_julia() {
  : >"$place/said"
  printf '%s\n' "$1" >&3
  IFS= read -r value <&4 || give_up "Julia has ended at $1: $(cat "$place/said")"
  case $value in
    'ok '*) value=${value#ok } ;;
    ok) value='' ;;
    *) value=${value#error }; return 1 ;;
  esac
}

# What Julia said, in one line.
said() { tr '\n' ' ' <"$place/said"; }

# pkg COMMAND: what the package prompt does with it; a world ends where it does not succeed.
pkg() {
  do_julia "pkg(\"$1\")" || give_up "pkg> $1: $value $(said)"
}

# ----------------------------------------------------------------------------------------------------------------------
# Maintainers. Each package has its own, with a key store of their own.

# package NAME UUID [DEPENDENCY UUID]: an empty repository.
package() {
  repository=$place/repositories/$1
  git init --quiet "$repository" && git -C "$repository" config core.autocrlf false || give_up "git init $1"
  echo "$1" >"$place/uuids/$2"
  echo "$2" >"$place/uuids/of-$1"
  : >"$place/uuids/deps-of-$1"
  [ $# -lt 4 ] || printf '%s = "%s"\n' "$3" "$4" >"$place/uuids/deps-of-$1"
}

uuid_of() { cat "$place/uuids/of-$1"; }

# at NAME COMMAND...: git, in the repository of a package.
at() {
  at=$1
  shift
  git -C "$place/repositories/$at" "$@" || give_up "git $* ($at)"
}

maintainer() {
  maintainer=$1
  shift
  SIGPKG_HOME=$place/maintainers/$maintainer sigpkg -C "$place/repositories/$maintainer" "$@"
}

# change NAME VERSION: commits a version. Its build script and its code write down that they have run.
change() {
  folder=$place/repositories/$1
  mkdir -p "$folder/src" "$folder/deps" "$folder/tide"
  {
    printf 'name = "%s"\nuuid = "%s"\nversion = "%s"\n' "$1" "$(uuid_of "$1")" "$2"
    printf '\n[deps]\n'
    cat "$place/uuids/deps-of-$1"
  } >"$folder/Project.toml"
  {
    printf 'module %s\n\n' "$1"
    sed 's/^\([A-Za-z]*\) .*/import \1/' "$place/uuids/deps-of-$1"
    printf 'happened(event) = haskey(ENV, "EVENTS") && open(io -> println(io, event), ENV["EVENTS"], "a")\n'
    printf 'happened("code %s %s")\n\nhigh() = "%s"\n\nend\n' "$1" "$2" "$2"
  } >"$folder/src/$1.jl"
  {
    printf 'open(io -> println(io, "build %s %s"), ENV["EVENTS"], "a")\n' "$1" "$2"
    printf 'println("built %s")\n' "$2"
  } >"$folder/deps/build.jl"
  printf 'nonce\n' >"$folder/src/nonce"
  number=1
  while [ "$number" -le 18 ]; do
    printf 'high at %s o'\''clock\n' "$number" >"$folder/tide/$((number + 10)).txt"
    number=$((number + 1))
  done
  at "$1" add --all
  at "$1" commit --quiet -m "Version $2"
}

# begin_chain NAME
begin_chain() {
  maintainer "$1" init --no-passphrase --reserve-out "$place/maintainers/reserve-of-$1" >"$place/said" 2>&1 ||
    give_up "$1 cannot be signed: $(said)"
}

id_of() { maintainer "$1" id . 2>/dev/null; }

# release NAME VERSION [OPTION...]: commits, signs and registers it.
release() {
  change "$1" "$2"
  sign "$@"
  register "$1" "$2"
}

sign() {
  signed=$1 version=$2
  shift 2
  maintainer "$signed" release --yes "$@" >"$place/said" 2>&1 || give_up "$signed $version cannot be released: $(said)"
}

# ----------------------------------------------------------------------------------------------------------------------
# The registry.

registry_uuid=0d9b2c51-0f9f-4e3b-8d1f-6a3c0c4f1e77

new_registry() {
  registry=$place/registry
  echo "$registry_uuid" >"$place/registry-uuid"
  { git init --quiet "$registry" && cd "$registry" && git config core.autocrlf false; } || give_up "git init"
  printf 'name = "Harbours"\nuuid = "%s"\nrepo = "%s"\n\n[packages]\n' "$registry_uuid" "$registry" >Registry.toml
  git add --all && git commit --quiet -m "New registry" || give_up "git commit"
  cd "$place" || exit 2
}

# tree_of NAME [REVISION]
tree_of() { at "$1" rev-parse --verify "${2:-HEAD}^{tree}"; }

# register NAME VERSION [REVISION]: a version that is registered already gets this tree instead of its own.
register() {
  tree=$(tree_of "$1" "${3:-HEAD}") || give_up "$tree"
  entry=$place/registry/$1
  if [ ! -d "$entry" ]; then
    mkdir -p "$entry"
    printf '%s = { name = "%s", path = "%s" }\n' "$(uuid_of "$1")" "$1" "$1" >>"$place/registry/Registry.toml"
    printf 'name = "%s"\nuuid = "%s"\nrepo = "%s"\n' "$1" "$(uuid_of "$1")" "$place/repositories/$1" >"$entry/Package.toml"
    [ ! -s "$place/uuids/deps-of-$1" ] || { echo '["0-99"]' && cat "$place/uuids/deps-of-$1"; } >"$entry/Deps.toml"
    : >"$entry/Versions.toml"
  fi
  if grep -qF "[\"$2\"]" "$entry/Versions.toml"; then
    sed "/^\[\"$2\"\]/{n;s/.*/git-tree-sha1 = \"$tree\"/}" "$entry/Versions.toml" >"$place/versions" &&
      cp "$place/versions" "$entry/Versions.toml" || give_up "the registry cannot be written"
  else
    printf '["%s"]\ngit-tree-sha1 = "%s"\n\n' "$2" "$tree" >>"$entry/Versions.toml"
  fi
  git -C "$place/registry" add --all && git -C "$place/registry" commit --quiet -m "$1 v$2" || give_up "registry"
}

# forge NAME REF COMMAND: a branch with a commit that nobody signed: HEAD of the package, changed by a command.
forge() {
  at "$1" worktree add --quiet -B "$2" "$place/forged" HEAD
  (cd "$place/forged" && eval "$3" && git add --all --force && git commit --quiet --allow-empty -m "$2") >"$place/said" 2>&1 ||
    give_up "$2 cannot be forged: $(said)"
  at "$1" worktree remove --force "$place/forged"
}

# bump VERSION: the command that makes it look like this version.
bump() {
  # shellcheck disable=SC2016  # it is for the shell of forge
  printf 'old=$(sed -n "s/^version = \"\(.*\)\"/\\1/p" Project.toml) && ' &&
    printf 'sed -i "s/$old/%s/g" Project.toml src/*.jl deps/build.jl' "$1"
}

# What attackers add.
steal='echo "steal()" >>src/Tides.jl'

# branch_of NAME REF TREE: a commit of a tree, that is fetched with the rest.
branch_of() {
  commit=$(at "$1" commit-tree "$3" -m "$2") || give_up "$commit"
  at "$1" branch --force "$2" "$commit"
}

# ----------------------------------------------------------------------------------------------------------------------
# Users.

# user NAME TRANSPORT: from here on it is this user who does things. A new one gets an empty depot with the registry.
user() {
  home=$place/users/$1 via=$2
  new_user=no
  [ -d "$home" ] || new_user=yes
  mkdir -p "$home/project" "$home/depot"
  : >>"$home/events"
  do_julia "become(\"$home\", \"$via\")" || give_up "become: $value"
  [ "$new_user" = no ] || add_registry
}

add_registry() {
  case $via in
    server) do_julia "Pkg.Registry.add(Pkg.RegistrySpec(uuid = \"$registry_uuid\"))" ;;
    *) do_julia "Pkg.Registry.add(Pkg.RegistrySpec(url = \"$place/registry\"))" ;;
  esac || give_up "registry add: $value $(said)"
}

# each COMMAND...: three users do it, one for each transport.
each() {
  for transport in git server archive; do
    user "$transport" "$transport"
    "$@"
  done
}

# user_does COMMAND...: sigpkg as the user, with the depots of $depots, if it is set, in the place of the user's own.
user_does() { SIGPKG_HOME=$home/sigpkg JULIA_DEPOT_PATH=${depots:-$home/depot:} sigpkg "$@"; }

trusts() {
  user_does trust add "$place/repositories/$1#HEAD" --id "$(id_of "$1")" >"$place/said" 2>&1 ||
    give_up "trust add $1: $(said)"
}

# Trusts all that is signed in the user's project, as it is installed.
trusts_installed() {
  user_does trust add --installed "$home/project" --julia 1.5.3 --yes >"$place/said" 2>&1 ||
    give_up "trust add --installed: $(said)"
}

# The folder that Julia loads a package from.
folder_of() {
  do_julia "folder(\"$1\")" || give_up "folder: $value"
  echo "$value"
}

# judge NAME [OPTION...]: leaves in $found what sigpkg says of a dependency, `STATE` or `STATE REASON`; in $entry its
# line; and in $verdict what it says of the whole project. That is the user's, or what $target names.
judge() {
  name=$1
  shift
  answer=$(user_does verify "${target:-$home/project}" --julia 1.5.3 --json "$@" 2>"$place/said")
  status=$?
  entry=$(printf '%s\n' "$answer" | grep '"sigpkg.project-entry/1"' | grep "\"name\": *\"$name\"")
  verdict=$(field verdict "$(printf '%s\n' "$answer" | grep '"sigpkg.project/1"')")
  found=$(field state "$entry")
  case $found in
    refused | undecided | unreadable) found="$found $(field reason "$entry")" ;;
  esac
}

# is EXPECTED NAME CLAIM [OPTION...]: what is expected is a state, with the reason if it is refused; the verdict on the
# project and the exit status must fit.
is() {
  expected=$1 about=$2 claim="$3 ($via)"
  shift 3
  judge "$about" "$@"
  case $expected in
    refused*) fits="refused 1" ;;
    undecided*) fits="undecided 4" ;;
    unreadable*) fits="unreadable 3" ;;
    *) fits="accepted 0" ;;
  esac
  equal "$claim: $expected" "$expected, $fits" "$found, $verdict $status" "${entry:-$answer} $(said)"
}

# noted NOTE CLAIM: the last answer has this note.
noted() {
  notes=$(printf '%s\n' "$entry" | grep -o '"notes": *\[[^]]*\]')
  case $notes in
    *"\"$1\""*) ok "$2 ($via): noted $1" ;;
    *) failure "$2 ($via): expected the note $1, found $notes: $entry" ;;
  esac
}

# came_by_its_road NAME: nothing was cloned unless the user clones.
came_by_its_road() {
  cloned=no
  [ ! -e "$home/depot/clones/$(uuid_of "$1")" ] || cloned=yes
  case $via in
    git) equal "$1 came by git" yes "$cloned" ;;
    *) equal "$1 came by $via" no "$cloned" "$(cat "$place/server.log")" ;;
  esac
}

# Every file of the user's project and depot, and of the folder for temporary ones: what it is, what it may, and what is in
# it.
trace() {
  (cd "$home" && find project depot ../../tmp -printf '%y %m %l %p\n' -type f -exec sha1sum {} +)
}

# What has happened since the events were last forgotten.
events() { tr '\n' ',' <"$home/events"; }

forget_events() { : >"$home/events"; }
