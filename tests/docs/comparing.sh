# shellcheck shell=sh disable=SC2154
# A user with a package of Tides, what they copied from the maintainer's page, and a package of somebody else.

world() {
  maintainer
  release 1.0.0
  machine user stranger
  download user Tides-1.0.0
  as stranger 'git init -q Tides && cd Tides && mkdir src && echo "high() = 7" >src/tides.txt && git add -A && git commit -qm "Tides" &&
    sigpkg init --name Tides --no-passphrase --reserve-out ~/reserve'
  release 1.0.0 stranger
  mv "$world/shelf/Tides-1.0.0.tar.gz" "$world/user/Tides-elsewhere.tar.gz"
  # As a page has it: in groups, with line breaks.
  printf 'My id:\n\n%s\n' "$(id_of Tides | sed 's/..../& /g; s/^\(.\{40\}\)/\1\n/')" >"$world/user/copied"
}
