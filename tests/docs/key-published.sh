# shellcheck shell=sh disable=SC2154
# `git add -A` took a copy of a key along.

world() {
  maintainer
  release 1.0.0
  user 1.0.0
  as maintainer 'mkdir backup && cp ~/.local/share/sigpkg/keys/*/4.key backup/ && git add -A && git commit -qm "Tidy up"'
}
