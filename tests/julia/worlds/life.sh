# shellcheck shell=sh source=tests/julia/world.sh
# The life of a package: unsigned, then signed; updated, back-ported, yanked. Three users live through it, one for each
# transport.

. "${0%/*}/../world.sh"

tides=3f0c5d4e-8a35-4f0e-9d2e-0a4b6c1d2e3f
harbour=6a1ff6b2-6f0e-4c55-a7a3-52c0be2ad4a9

start
new_registry
package Tides "$tides"
package Harbour "$harbour" Tides "$tides"
change Harbour 0.1.0
register Harbour 0.1.0
change Tides 1.0.0
register Tides 1.0.0
of_1_0_0=$(at Tides rev-parse HEAD)

add() {
  pkg 'add Harbour'
  came_by_its_road Tides
  is unsigned Tides "a dependency that nobody signed"
  is unsigned Harbour "a package that nobody signed"
}
each add

begin_chain Tides
release Tides 1.1.0
of_1_1_0=$(at Tides rev-parse HEAD)

signed() {
  keep before
  pkg up
  is newly-signed Tides "a package that is signed from now on"
  equal "a newly signed package is a failure under --strict ($via)" refused "$(judge Tides --strict; echo "$verdict")"
  case $via in
    archive)
      trusts_installed
      is accepted Tides "its first signed release, after trust add --installed"
      noted seen "a signatory whom nobody has compared"
      is 'refused not-confirmed' Tides "the same under --strict" --strict --only Tides
      ;;
    *)
      trusts Tides
      is accepted Tides "its first signed release, after trust add" --strict --only Tides
      ;;
  esac
  is accepted Tides "its first signed release"
  equal "the version is that of the manifest ($via)" 1.1.0 "$(field version "$entry")"
  equal "its tree is that of the registry ($via)" "$(tree_of Tides "$of_1_1_0")" "$(field tree "$entry")"
  equal "its folder is the one that Julia loads ($via)" "$(folder_of Tides)" "$(field path "$entry")"
  is accepted Tides "the update to it" --installed "$home/before"
  is unsigned Harbour "beside a package that nobody signed"
}

# The user's project as it is now, kept under a name.
keep() { rm -rf "${home:?}/$1" && cp -R "$home/project" "$home/$1"; }

each signed

# The project as it was before the package was signed, and what a reviewer can say of it.
before_signing() {
  is accepted Tides "the head that a pin is made of"
  digest=$(field digest "$entry")
  target=$home/before
  is 'refused signature-missing' Tides "an unsigned version of what is signed by now"
  printf 'sigpkg-pins = 1\n\n[[pin]]\nname = "Tides"\nuuid = "%s"\nid = "%s"\nseq = 2\ndigest = "%s"\n' \
    "$tides" "$(id_of Tides)" "$digest" >"$target/Signatories.toml"
  printf 'grade = "confirmed"\nbefore-signing = ["%s"]\n' "$(tree_of Tides "$of_1_0_0")" >>"$target/Signatories.toml"
  is 'refused signature-missing' Tides "a pin that knows its tree does not override what the user trusts"
  mv "$home/sigpkg" "$home/sigpkg-away" || give_up "mv"
  is before-signing Tides "the same for whoever trusts nobody but the pin"
  rm -rf "$home/sigpkg"
  mv "$home/sigpkg-away" "$home/sigpkg" || give_up "mv"
  target=''
}
each before_signing

# What Julia itself leaves in an installed folder.
generated() {
  log=$(folder_of Tides)/deps/build.log
  [ -s "$log" ] || failure "Julia has left no $log"
  is accepted Tides "a folder with the deps/build.log of Julia"
}
each generated

covered() {
  user git git
  folder=$(folder_of Tides)
  (cd "$home" && JULIA_DEPOT_PATH=$home/depot: EVENTS=$home/events julia --startup-file=no --project=project \
    --code-coverage=user -e 'using Harbour; Harbour.Tides.high()') >"$place/said" 2>&1 || give_up "code coverage: $(said)"
  equal "Julia has left files of code coverage" yes "$(ls "$folder"/src/*.cov >/dev/null 2>&1 && echo yes)" "$(ls "$folder/src")"
  is accepted Tides "a folder with the *.cov of Julia"
}
covered

release Tides 1.2.0

updated() {
  keep before
  pkg up
  is accepted Tides "an update" --installed "$home/before"
  equal "it is the update ($via)" 1.2.0 "$(field version "$entry")"
}
each updated

# A fix for the series 1.1, after 1.2.0.
at Tides checkout --quiet -b series-1.1 "$of_1_1_0"
release Tides 1.1.1 --back-port
at Tides checkout --quiet main

back_ported() {
  keep at-1.2.0
  pkg 'add Tides@1.1.1'
  equal "the back-port is installed ($via)" 1.1.1 "$(judge Tides; field version "$entry")"
  is accepted Tides "a back-port, by one who has the series" --installed "$home/before"
  is accepted Tides "a back-port, by one who has a later series but an earlier statement" --installed "$home/at-1.2.0"
  keep at-1.1.1
  pkg 'add Tides@1.1.0'
  is accepted Tides "an old release, first of all"
  noted not-newest "an old release"
  is 'refused downgrade' Tides "an old release in place of a later one" --installed "$home/at-1.2.0"
  is 'refused downgrade' Tides "an old release in place of a back-port to it" --installed "$home/at-1.1.1"
}
each back_ported

# 1.2.0 is yanked, and the next release says so.
release Tides 1.3.0
maintainer Tides yank --yes --severity refuse --reason "the tides are an hour late" 1.2.0 >"$place/said" 2>&1 ||
  give_up "yank: $(said)"
release Tides 1.3.1

yanked() {
  pkg 'add Tides@1.2.0'
  is accepted Tides "a yanked release, by one who has not heard of it"
  rm -rf "$home/project" && cp -R "$home/before" "$home/project"
  pkg 'add Tides@1.3.1'
  is accepted Tides "the release after the yank"
  pkg 'add Tides@1.2.0'
  is 'refused yanked' Tides "a yanked release, by one who has heard of it"
  rm -rf "$home/project" && cp -R "$home/at-1.2.0" "$home/project"
  is 'refused yanked' Tides "a project that has a yanked release"
  pkg 'add Tides@1.3.1'
  is accepted Tides "the way out of a yank" --installed "$home/at-1.2.0"
}
each yanked

# The same manifest on another machine.
instantiated() {
  rm -rf "$home/depot" && mkdir "$home/depot" && add_registry
  is not-installed Tides "before instantiate"
  pkg instantiate
  came_by_its_road Tides
  is accepted Tides "after instantiate"
  target=$home/project/Manifest.toml
  is accepted Tides "the file of the manifest" --only Tides
  target=''
  depots=$home/none:$home/nothing
  is not-installed Tides "where it is not"
  is accepted Tides "with --depot" --depot "$home/nothing" --depot "$home/depot"
  depots=$home/nothing:$home/depot
  is accepted Tides "in the second depot"
  depots=''
}
each instantiated

# A throw-away machine that trusts nobody, and a project with pins.
pinned() {
  user_does trust pin "$home/project" >"$place/said" 2>&1 || give_up "trust pin: $(said)"
  project=$home/project
  user "ci-$via" "$via"
  cp "$project"/*.toml "$home/project/" || give_up "cp"
  pkg instantiate
  is accepted Tides "on a machine that has nothing but the pins"
  rm "$home/project/Signatories.toml"
  is newly-signed Tides "on a machine that has nothing at all"
}
each pinned

end
