# shellcheck shell=sh disable=SC2154
# Who can forge Ed25519 is played by somebody with all link keys.

world() {
  maintainer
  release 1.0.0
  release 1.1.0
  user 1.1.0
  thief maintainer
}

forgery() {
  release 1.1.5 thief
}
