# shellcheck shell=sh disable=SC2154
# A user and a site without a network, who both have Tides 1.0.0, a Julia package. It is yanked, and 1.1.0 is out.

world() {
  machine maintainer user site
  reserve_holders
  cp "$world"/anna/reserve/*.pub "$world/maintainer/anna.pub"
  as maintainer 'git init -q Tides && cd Tides && mkdir src && echo "module Tides end" >src/Tides.jl && git add -A'
  version 1.0.0
  as maintainer 'git add -A && git commit -qm "Tides" &&
    sigpkg init --reserve-keys ~/anna.pub --no-passphrase && rm ~/*.pub && sigpkg release'
  for who in user site; do
    project "$who"
  done
  version 1.1.0
  as maintainer 'git commit -qam "Version 1.1.0" && sigpkg release && sigpkg yank 1.0.0 --severity refuse \
    --reason "Reads any file that a message names" --replacement 1.1.0'
  # The repository of the maintainer is what the address of the package leads to.
  printf '[url "file://%s"]\n\tinsteadOf = https://tides.example.org/Tides.git\n' "$world/maintainer/Tides" >>"$world/user/.gitconfig"
}

# version V: what Project.toml of the maintainer says.
version() {
  printf 'name = "Tides"\nuuid = "98ad1d4f-70cc-4b92-8bdc-ca85c2cee441"\nversion = "%s"\n' "$1" >"$world/maintainer/Tides/Project.toml"
}

# project WHO: a project with the newest release, which is installed and trusted, and a registry that has it.
project() {
  project_home=$world/$1
  mkdir -p "$project_home/project" "$project_home/.julia/packages/Tides/aaaaa" "$project_home/.julia/registries/General/T/Tides"
  as maintainer 'git archive HEAD' | tar -xf - -C "$project_home/.julia/packages/Tides/aaaaa"
  printf '[deps]\nTides = "98ad1d4f-70cc-4b92-8bdc-ca85c2cee441"\n' >"$project_home/project/Project.toml"
  printf '[[Tides]]\ngit-tree-sha1 = "%s"\nuuid = "98ad1d4f-70cc-4b92-8bdc-ca85c2cee441"\nversion = "1.0.0"\n' \
    "$(as maintainer 'git rev-parse "HEAD^{tree}"')" >"$project_home/project/Manifest.toml"
  printf 'name = "General"\nuuid = "23338594-aafe-5451-b93e-139f81909106"\n[packages]\n98ad1d4f-70cc-4b92-8bdc-ca85c2cee441 = { name = "Tides", path = "T/Tides" }\n' \
    >"$project_home/.julia/registries/General/Registry.toml"
  printf 'name = "Tides"\nuuid = "98ad1d4f-70cc-4b92-8bdc-ca85c2cee441"\nrepo = "https://tides.example.org/Tides.git"\n' \
    >"$project_home/.julia/registries/General/T/Tides/Package.toml"
  as "$1" "sigpkg trust add .julia/packages/Tides/aaaaa --id $(as maintainer 'sigpkg id .')"
}
