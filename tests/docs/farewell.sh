# shellcheck shell=sh disable=SC2154
# The last release was made.

world() {
  maintainer
  release 1.0.0
  release 1.1.0
  user 1.1.0
}

# Somebody goes on with it as Currents.
successor() {
  machine next
  as next 'git init -q Currents && cd Currents && echo "flow() = 1" >currents.txt && git add -A && git commit -qm "Currents" &&
    sigpkg init --name Currents --reserve-out ~/reserve'
  bind sigpNext… "$(as next 'sigpkg id .')"
}
