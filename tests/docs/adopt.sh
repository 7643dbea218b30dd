# shellcheck shell=sh disable=SC2154
# Tides is not signed by its makers, until they begin with 1.3.0. Somebody else distributes it.

world() {
  machine upstream packager user
  as upstream 'git init -q Tides && cd Tides && mkdir src && echo "high() = 6" >src/tides.txt && git add -A && git commit -qm Tides'
  version 1.0.0
  version 1.1.0
  version 1.2.0
  # The address that the page has leads to the repository.
  as packager "git config --global url.'$world/upstream/'.insteadOf https://tides.example.org/"
}

# version VERSION: upstream tags a version, and hands out an archive of it.
version() {
  change upstream "Work towards $1"
  as upstream "git tag v$1 && git clone -q --bare . ../Tides.git 2>/dev/null || git push -q ../Tides.git --all && git push -q ../Tides.git --tags"
  publish "$1" upstream
}

# fetch WHO ARCHIVE FOLDER: an archive of upstream, and the signatures that the packager keeps beside it.
fetch() {
  download "$1" "$2"
  mkdir -p "$world/$1/signatures"
  cp -R "$world/packager/signatures/$3" "$world/$1/signatures/"
}

# publish_signed VERSION: the packager hands out the tree of the fork.
publish_signed() {
  publish "$1" packager "signed-$1"
}

# upstream_signs VERSION: from this version on upstream signs.
upstream_signs() {
  change upstream "Work towards $1"
  as upstream "sigpkg init --name Tides --reserve-out ~/reserve && sigpkg release $1"
  as upstream "git tag v$1 && git push -q ../Tides.git --all && git push -q ../Tides.git --tags"
  publish "$1" upstream
  bind sigpTides… "$(as upstream 'sigpkg id .')"
}

# user_of_upstream WHO: somebody who trusts the makers.
user_of_upstream() {
  user 1.3.0 "$1"
}
