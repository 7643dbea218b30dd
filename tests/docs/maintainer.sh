# shellcheck shell=sh disable=SC2154
# Somebody with a Julia package that is not signed yet, its host, and a stick.

world() {
  machine maintainer host
  as host 'git init -q --bare Tides.git'
  as maintainer "mkdir stick && git clone -q '$world/host/Tides.git' Tides 2>/dev/null && mkdir Tides/src"
  version 1.0.0
  as maintainer 'cd Tides && echo "module Tides end" >src/Tides.jl && git add -A && git commit -qm Tides &&
    git push -q origin HEAD:main && cd ..'
}

# version V: what Project.toml says.
version() {
  printf 'name = "Tides"\nuuid = "7876af07-990d-54b4-ab0e-23690620f79a"\nversion = "%s"\n' "$1" >"$world/maintainer/Tides/Project.toml"
}
