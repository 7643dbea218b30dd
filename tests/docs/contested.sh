# shellcheck shell=sh disable=SC2154
# Two releases 1.2.0 under one key: the maintainer's, and a thief's.

world() {
  maintainer
  release 1.0.0
  release 1.1.0
  user 1.1.0
  thief maintainer
  release 1.2.0
  as thief 'git checkout -q .'
  change thief 'Evil'
  as thief 'sigpkg release 1.2.0'
  publish 1.2.0 thief forged
  download user Tides-1.2.0 Tides-forged
  as user 'sigpkg trust update Tides-forged.tar.gz'
}

# The thief had the next key, too. What the maintainer calls theirs is told by telephone.
forge_another() {
  change thief 'More evil'
  as thief 'sigpkg release 1.2.1'
  publish 1.2.1 thief forged-2
  bind blake3:true… "$(digest_of maintainer 5)"
}
