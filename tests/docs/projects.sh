# shellcheck shell=sh disable=SC2154
# A team with a project that depends on Tides, a signed Julia package, and on one that nobody signs.

uuid=98ad1d4f-70cc-4b92-8bdc-ca85c2cee441

world() {
  machine maintainer mallory user ci
  reserve_holders
  for who in maintainer mallory; do
    cp "$world"/anna/reserve/*.pub "$world/$who/anna.pub"
    as "$who" 'git init -q Tides && cd Tides && mkdir src && echo "module Tides end" >src/Tides.jl && git add -A'
    version "$who" 1.0.0
    as "$who" 'git add -A && git commit -qm "Tides" && sigpkg init --reserve-keys ~/anna.pub --no-passphrase && rm ~/*.pub'
  done
  as maintainer 'sigpkg release'
  bind sigpTides… "$(as maintainer 'sigpkg id .')"
  for who in user ci; do
    mkdir -p "$world/$who/.julia/packages"
    install_plain "$who"
    install_tides "$who" maintainer
  done
  as user 'git init -q project && cd project && printf "[deps]\n" >Project.toml'
  lock user maintainer 1.0.0
  as user 'git add -A && git commit -qm "A project"'
}

# version WHO V: what Project.toml of the package says.
version() {
  printf 'name = "Tides"\nuuid = "%s"\nversion = "%s"\n' "$uuid" "$2" >"$world/$1/Tides/Project.toml"
}

# slug UUID TREE: the name of the folder in a depot.
slug() {
  python3 - "$1" "$2" <<'PYTHON'
import sys, uuid
crc = 0xFFFFFFFF
for byte in uuid.UUID(sys.argv[1]).bytes[::-1] + bytes.fromhex(sys.argv[2]):
    crc ^= byte
    for _ in range(8):
        crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
crc ^= 0xFFFFFFFF
digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
print("".join(digits[crc // 62**place % 62] for place in range(5)))
PYTHON
}

tree_of() {
  as "$1" 'git rev-parse "HEAD^{tree}"'
}

# install_tides WHO FROM: what FROM has committed, where Julia would install it.
install_tides() {
  install_place=$world/$1/.julia/packages/Tides/$(slug "$uuid" "$(tree_of "$2")")
  mkdir -p "$install_place"
  as "$2" 'git archive HEAD' | tar -xf - -C "$install_place"
}

install_plain() {
  [ -d "$world/plain" ] || {
    git init -q "$world/plain"
    printf 'name = "Plain"\nuuid = "7876af07-990d-54b4-ab0e-23690620f79a"\nversion = "0.5.0"\n' >"$world/plain/Project.toml"
    git -C "$world/plain" add -A
  }
  plain_tree=$(git -C "$world/plain" write-tree)
  plain_place=$world/$1/.julia/packages/Plain/$(slug 7876af07-990d-54b4-ab0e-23690620f79a "$plain_tree")
  mkdir -p "$plain_place"
  cp "$world/plain/Project.toml" "$plain_place/"
}

# lock WHO FROM V: the lockfile says so.
lock() {
  {
    printf 'julia_version = "1.10.0"\nmanifest_format = "2.0"\n\n[[deps.Plain]]\ngit-tree-sha1 = "%s"\n' "$(git -C "$world/plain" write-tree)"
    printf 'uuid = "7876af07-990d-54b4-ab0e-23690620f79a"\nversion = "0.5.0"\n\n[[deps.Tides]]\n'
    printf 'git-tree-sha1 = "%s"\nuuid = "%s"\nversion = "%s"\n' "$(tree_of "$2")" "$uuid" "$3"
  } >"$world/$1/project/Manifest.toml"
}

# upgrade WHO V: a new release, installed and locked.
upgrade() {
  version maintainer "$2"
  as maintainer "git commit -qam 'Version $2' && sigpkg release"
  install_tides "$1" maintainer
  lock "$1" maintainer "$2"
}

# A pull request with a release of somebody else, and a pin of them.
attack() {
  version mallory 1.1.1
  as mallory "git commit -qam 'Version 1.1.1' && sigpkg release"
  install_tides "$1" mallory
  lock "$1" mallory 1.1.1
  as "$1" "sed \"s/^id = .*/id = \\\"$(as mallory 'sigpkg id .')\\\"/\" Signatories.toml >it && mv it Signatories.toml"
}

end_of_attack() {
  as "$1" 'git checkout -q -- .'
}

# another_branch WHO V: a branch with a later release, from before the last commit of main.
another_branch() {
  as "$1" 'git checkout -q -b other HEAD~1'
  upgrade "$1" "$2"
  as "$1" 'sigpkg trust pin >/dev/null && git commit -qam "Upgrade Tides further" && git checkout -q main'
}

# The machine of the CI has what is committed, and the packages; it trusts nobody.
ci_checks_out() {
  as ci "git clone -q '$world/user/project' && cd project"
}
