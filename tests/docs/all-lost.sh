# shellcheck shell=sh disable=SC2154
# The laptop is gone with its keys, and two of the three sticks of the reserve are, too.

world() {
  maintainer
  release 1.0.0
  user 1.0.0
  as maintainer 'rm -rf ~/.local/share/sigpkg'
  rm -r "$world/ben" "$world/carol"
}
