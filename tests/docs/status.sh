# shellcheck shell=sh disable=SC2154
# The maintainer, whose two releases are on a host.

world() {
  maintainer
  as maintainer "git init -q --bare ~/host.git && git remote add origin ~/host.git"
  release 1.0.0
  release 1.1.0
  as maintainer 'git push -q -u origin main'
}
