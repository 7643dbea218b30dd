# shellcheck shell=sh disable=SC2154
# The laptop broke. The maintainer has a new machine, with a clone of the repository and no keys.

world() {
  maintainer
  release 1.0.0
  release 1.1.0
  user 1.1.0
  new_machine
}
