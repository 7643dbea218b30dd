# shellcheck shell=sh disable=SC2154
# From 2.0.0 on there is no .sigpkg in Tides.

world() {
  maintainer
  release 1.0.0
  user 1.0.0
  as maintainer 'git rm -r -q .sigpkg && git commit -qm "Stop signing"'
  publish 2.0.0
  download user Tides-2.0.0
}
