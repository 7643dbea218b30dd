# shellcheck shell=sh disable=SC2154
# 1.1.0 has a hole, 1.1.1 mends it.

world() {
  maintainer
  release 1.0.0
  release 1.1.0
  user 1.1.0
  release 1.1.1
  as maintainer 'sigpkg yank 1.1.0 --severity refuse --reason "Reads any file that a message names" \
    --advisory "https://tides.example.org/advisories/1" --replacement 1.1.1'
  release 1.2.0
  download user Tides-1.2.0
}
