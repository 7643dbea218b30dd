# shellcheck shell=sh disable=SC2154
# A user with the third release, stock tools, and the id.

world() {
  maintainer
  release 1.0.0
  release 1.1.0
  release 1.2.0
  machine user
  download user Tides-1.2.0
  # OpenBSD's signify has another name on Debian.
  mkdir "$world/user/bin"
  signify=$(command -v "${SIGNIFY:-signify-openbsd}" || command -v signify)
  ln -s "$signify" "$world/user/bin/signify"
}

# The release as it was.
mend() {
  as user 'rm -r ~/Tides-1.2.0/* && tar -xzf ~/Tides-1.2.0.tar.gz -C ~'
}

# What git says on the page is what the maintainer has committed.
same_tree() {
  [ "$(as user 'git write-tree')" = "$(as maintainer 'git rev-parse "HEAD^{tree}"')" ]
}
