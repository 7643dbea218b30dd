# shellcheck shell=sh source=tests/julia/world.sh
# Line ends: a git that is told to turn them (core.autocrlf, as on Windows) turns those of installed packages too.

. "${0%/*}/../world.sh"

tides=3f0c5d4e-8a35-4f0e-9d2e-0a4b6c1d2e3f

start
new_registry
package Tides "$tides"
printf '* text=auto eol=lf\n' >"$place/repositories/Tides/.gitattributes"
printf 'one\r\ntwo\r\n' >"$place/repositories/Tides/windows.txt"
printf 'mixed\r\nends\n' >"$place/repositories/Tides/mixed.txt"
printf '\000\001\002\r\n\377\n' >"$place/repositories/Tides/data.bin"
: >"$place/repositories/Tides/empty"
git -C "$place/repositories/Tides" config core.safecrlf false
change Tides 1.0.0
begin_chain Tides
release Tides 1.1.0

# This is the user's own wish.
git config --global core.autocrlf true

# The line ends of a file in the installed folder.
line_ends() {
  if LC_ALL=C grep -q "$(printf '\r')" "$(folder_of Tides)/$1"; then echo CRLF; else echo LF; fi
}

installed() {
  pkg "add Tides"
  trusts Tides
  came_by_its_road Tides
  judged
}

judged() {
  case $via in
    git) ends=CRLF ;;
    *) ends=LF ;;
  esac
  equal "$via: the code has" "$ends" "$(line_ends src/Tides.jl)"
  equal "$via: the signatures have" "$ends" "$(line_ends .sigpkg/chain)"
  is accepted Tides "as it is installed"
  case $via in
    git)
      noted line-ends "as it is installed"
      is 'refused line-ends' Tides "line ends that were turned, under --strict" --strict
      ;;
    *) is accepted Tides "line ends as they were signed, under --strict" --strict ;;
  esac
}
each installed

release Tides 1.2.0
updated() {
  rm -rf "$home/before" && cp -R "$home/project" "$home/before"
  pkg up
  judged
  is accepted Tides "the update" --installed "$home/before"
  equal "it is the update ($via)" 1.2.0 "$(field version "$entry")"
}
each updated

tampered() {
  folder=$(folder_of Tides)
  chmod -R u+w "$folder"
  printf 'steal()\r\n' >>"$folder/src/Tides.jl"
  is 'refused tree-mismatch' Tides "an edited file among turned line ends"
}
each tampered

end
