# shellcheck shell=sh disable=SC2154
# A stranger has taken over the page of Tides in the registry, and offers a 2.0.0 of their own.

world() {
  maintainer
  release 1.0.0
  user 1.0.0
  release 1.1.0
  machine stranger
  as stranger 'git init -q Tides && cd Tides && mkdir src && echo "high() = 7" >src/tides.txt &&
    git add -A && git commit -qm "Tides" && sigpkg init --name Tides --reserve-out ~/reserve'
  bind sigpOther… "$(as stranger 'sigpkg id .')"
  release 2.0.0 stranger
  download user Tides-1.1.0 Tides-2.0.0
}
