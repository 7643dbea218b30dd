# shellcheck shell=sh disable=SC2154
# A user who has downloaded a signed release and trusts nobody yet.

world() {
  maintainer
  release 1.0.0
  machine user
  download user Tides-1.0.0
}

# What an attacker makes of 1.1.0: one file is another, and once more without .sigpkg.
tamper() {
  mkdir "$world/attacker"
  tar -xzf "$world/shelf/Tides-1.1.0.tar.gz" -C "$world/attacker"
  echo 'high() = 7' >"$world/attacker/Tides-1.1.0/src/tides.txt"
  tar -czf "$world/user/Tides-changed.tar.gz" -C "$world/attacker" Tides-1.1.0
  rm -r "$world/attacker/Tides-1.1.0/.sigpkg"
  tar -czf "$world/user/Tides-unsigned.tar.gz" -C "$world/attacker" Tides-1.1.0
}
