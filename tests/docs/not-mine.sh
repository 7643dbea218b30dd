# shellcheck shell=sh disable=SC2154
# Somebody who has the next key has pushed a release of their own to a branch of the repository.

world() {
  maintainer
  release 1.0.0
  release 1.1.0
  user 1.1.0
  thief maintainer
  release 1.1.2 thief
  download user Tides-1.1.2
  as user 'sigpkg verify Tides-1.1.2.tar.gz'
  change maintainer 'Work towards 1.2.0'
  as maintainer "git fetch -q '$(cat "$world/thief/.folder")' main:refs/remotes/origin/main"
}
