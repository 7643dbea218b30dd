# shellcheck shell=sh disable=SC2154
# Tides has a seeded chain, and its reserve is one key, Anna's.

world() {
  machine anna maintainer
  as anna 'sigpkg reserve new --out reserve'
  cp "$world"/anna/reserve/*.pub "$world/maintainer/anna.pub"
  as maintainer 'git init -q Tides && cd Tides && mkdir src && echo "high() = 6" >src/tides.txt && git add -A && git commit -qm Tides &&
    sigpkg init --name Tides --seeded --reserve-keys ~/anna.pub && rm ~/anna.pub'
  bind sigpTides… "$(as maintainer 'sigpkg id .')"
  release 1.0.0
  user 1.0.0
}

# typed WHO PAGE TO: what somebody types in from a page that was printed.
typed() {
  sed -n 's/^(\([a-z]\{3,8\}\)) Tj$/\1/p' "$world/$1/$2" >"$world/$3/typed"
}

# The laptop is broken; what the maintainer still has is the paper.
new_laptop() {
  cp "$world/maintainer/typed" "$world/typed"
  new_machine
  cp "$world/typed" "$world/maintainer/typed"
}
