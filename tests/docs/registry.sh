# shellcheck shell=sh disable=SC2154
# A registry with Tides, signed since 1.1.0, and clones of the packages. Tides' maintainer works in the clone.

world() {
  machine registrar
  as registrar 'mkdir clones && git init -q clones/Tides && git init -q clones/Waves && git init -q Registry'
  version Tides 1.0.0
  unsigned=$(tree_of Tides)
  as registrar 'sigpkg -C clones/Tides init --no-passphrase --reserve-out ~/reserve/it'
  signed 1.1.0
  as registrar "cd Registry && printf 'name = \"Sea\"\nuuid = \"23338594-aafe-5451-b93e-139f81909106\"\n\n[packages]\n' >Registry.toml"
  package Tides
  registered Tides 1.0.0 "$unsigned"
  registered Tides 1.1.0 "$(tree_of Tides)"
  as registrar 'git add -A && git commit -qm "The registry" && cd ..'
}

uuid_of() {
  case $1 in
    Tides) echo 55f2a7c3-0f4e-4d0c-9a64-7d2f0c9d2f10 ;;
    Waves) echo 0c1d9a5e-7c59-4c5c-8a63-d1c1b7f7a111 ;;
  esac
}

# version NAME V: a commit in the clone of a package.
version() {
  mkdir -p "$world/registrar/clones/$1/src"
  printf 'name = "%s"\nuuid = "%s"\nversion = "%s"\n' "$1" "$(uuid_of "$1")" "$2" >"$world/registrar/clones/$1/Project.toml"
  printf 'module %s\nversion() = "%s"\nend\n' "$1" "$2" >"$world/registrar/clones/$1/src/$1.jl"
  git_in "$1" add -A
  git_in "$1" commit -qm "Version $2"
}

git_in() {
  git_folder=$world/registrar/clones/$1
  shift
  HOME=$world/registrar git -c user.name=Registrar -c user.email=registrar@example.org -C "$git_folder" "$@"
}

tree_of() {
  git_in "$1" rev-parse 'HEAD^{tree}'
}

signed() {
  version Tides "$1"
  HOME=$world/registrar SIGPKG_PASSPHRASE_FILE=$world/registrar/.passphrase "$sigpkg" -C "$world/registrar/clones/Tides" release --yes
}

# package NAME, registered NAME V TREE: lines of the registry, in the worktree.
package() {
  package_folder=$(printf '%s' "$1" | cut -c1)/$1
  mkdir -p "$world/registrar/Registry/$package_folder"
  cd "$world/registrar/Registry" || return
  printf 'name = "%s"\nuuid = "%s"\nrepo = "https://example.org/%s.jl.git"\n' "$1" "$(uuid_of "$1")" "$1" >"$package_folder/Package.toml"
  printf '%s = { name = "%s", path = "%s" }\n' "$(uuid_of "$1")" "$1" "$package_folder" >>Registry.toml
}

registered() {
  printf '\n["%s"]\ngit-tree-sha1 = "%s"\n' "$2" "$3" >>"$world/registrar/Registry/$(printf '%s' "$1" | cut -c1)/$1/Versions.toml"
}

# propose signed|stripped V: a branch of the registry that adds a version of Tides.
propose() {
  case $1 in
    signed) signed "$2" ;;
    stripped)
      version Tides "$2"
      git_in Tides rm -rq .sigpkg
      git_in Tides commit -qm "No signature any more"
      ;;
  esac
  as registrar "git switch -q -c $1 main"
  registered Tides "$2" "$(tree_of Tides)"
  as registrar "git commit -qam 'Tides $2' && git switch -q main"
}

# A branch that adds a package which nobody has signed.
propose_waves() {
  version Waves 0.1.0
  as registrar 'git switch -q -c waves main'
  package Waves
  registered Waves 0.1.0 "$(tree_of Waves)"
  as registrar 'git add -A && git commit -qm "Waves 0.1.0" && git switch -q main'
}
