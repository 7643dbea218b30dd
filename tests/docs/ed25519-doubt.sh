# shellcheck shell=sh disable=SC2154
# Ed25519 has fallen, and the user heard of it first. The forger is one who has all link keys.

world() {
  maintainer
  release 1.0.0
  release 1.1.0
  user 1.1.0
  thief maintainer
}

forgery() {
  release 1.2.0 thief
  download user Tides-1.2.0
}

record() {
  reserve_speaks maintainer algorithm 'Ed25519 can be forged'
  release 2.0.0
  download user Tides-2.0.0
}
