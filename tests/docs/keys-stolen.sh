# shellcheck shell=sh disable=SC2154
# A thief has copied the key store, passphrase and all, and has released 1.1.1 and 1.1.2 into the maintainer's repository.

world() {
  maintainer
  release 1.0.0
  release 1.1.0
  user 1.1.0
  as maintainer 'git tag v1.1.0'
  thief maintainer
  release 1.1.1 thief
  release 1.1.2 thief
  download user Tides-1.1.2
  as user 'sigpkg verify Tides-1.1.2.tar.gz'
  mv "$world/maintainer" "$world/laptop"
  machine maintainer
  clone maintainer thief
}
