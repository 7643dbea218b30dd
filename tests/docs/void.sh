# shellcheck shell=sh disable=SC2154
# A thief of the next key has released a 1.2.0 before the maintainer did, and the user has installed it.

world() {
  maintainer
  release 1.0.0
  release 1.1.0
  user 1.1.0
  thief maintainer
  release 1.2.0 thief
  download user Tides-1.2.0
  as user 'sigpkg verify Tides-1.2.0.tar.gz && tar -xzf Tides-1.2.0.tar.gz && mv Tides-1.2.0 tides'
  release 1.2.0
  release 1.2.1
  download user Tides-1.2.1
}
