# shellcheck shell=sh disable=SC2154
# 1.1.0 is out, and is bad.

world() {
  maintainer
  release 1.0.0
  release 1.1.0
  user 1.1.0
}
