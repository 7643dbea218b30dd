# shellcheck shell=sh disable=SC2154
# Dora takes Tides over, and then Emil the place of Carol in the reserve.

world() {
  maintainer
  release 1.0.0
  release 1.1.0
  user 1.1.0
  machine dora
  clone dora maintainer
}

public_keys() {
  for holder in anna ben emil; do
    cp "$world/$holder"/reserve/*.pub "$world/dora/$holder.pub"
  done
}

pulled() {
  as maintainer "git pull -q '$world/dora/Tides' main"
  change maintainer 'A habit'
}
