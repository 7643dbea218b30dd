# shellcheck shell=sh source=tests/julia/world.sh
# SigPkg.jl in the place of `pkg> up`: nothing of a package runs before the verdict, and what is refused leaves no trace.

. "${0%/*}/../world.sh"

tides=3f0c5d4e-8a35-4f0e-9d2e-0a4b6c1d2e3f
buoys=b2d5a3f8-53f3-4c0c-8f0e-1f5a7c9e2d60

start
new_registry
package Tides "$tides"
package Buoys "$buoys"
change Tides 1.0.0
begin_chain Tides
release Tides 1.1.0
at_1_1_0=$(at Tides rev-parse HEAD)
change Buoys 1.0.0
register Buoys 1.0.0

# A sigpkg that writes down when it has been asked, and what it said.
mkdir "$place/bin"
cat >"$place/bin/sigpkg" <<'SPY'
#!/bin/sh
/usr/local/bin/sigpkg "$@"
status=$?
case " $* " in *' verify '*) echo "verdict $status" >>"$EVENTS" ;; esac
exit $status
SPY
chmod +x "$place/bin/sigpkg"
do_julia "ENV[\"SIGPKG\"] = \"$place/bin/sigpkg\"" || give_up "$value"
do_julia 'push!(LOAD_PATH, "/opt/julia/SigPkg"); import SigPkg' || give_up "SigPkg cannot be loaded: $value $(said)"

both() {
  for transport in git server; do
    user "$transport" "$transport"
    "$@"
  done
}

# guarded CALL: leaves what it answers in $value, and all that it printed in $place/said.
guarded() {
  forget_events
  do_julia "SigPkg.$1"
}

# version_of NAME: what the manifest has.
version_of() { sed -n "/^\[\[$1\]\]/,/^\$/s/^version = \"\(.*\)\"/\1/p" "$home/project/Manifest.toml"; }

# applies CALL VERSION CLAIM [STATE [installed]]: the call changes Tides to this version, and builds it after the verdict,
# unless it was installed already. STATE is what sigpkg says of it then.
applies() {
  guarded "$1" || failure "$3 ($via): $value $(said)"
  equal "$3 ($via)" "$2" "$(version_of Tides)" "$value $(said)"
  case $(events) in
    *code*) failure "$3 ($via): code has run: $(events)" ;;
    'verdict 0,'*"build Tides $2,"*) ok "$3 ($via): the build script ran, after the verdict" ;;
    'verdict 0,'*build*) failure "$3 ($via): another build has run: $(events)" ;;
    'verdict 0,'*) equal "$3 ($via): nothing was built that was built before" installed "${5-}" ;;
    *) failure "$3 ($via): expected a verdict and then a build, found $(events)" ;;
  esac
  is "${4:-accepted}" Tides "$3"
}

# refuses CALL REASON CLAIM: the call changes nothing at all.
refuses() {
  trace | sort >"$place/before"
  if guarded "$1"; then
    failure "$3 ($via): expected an error, found $value $(said)"
  else
    case "$value $(said)" in
      *"$2"*) ok "$3 ($via): $2" ;;
      *) failure "$3 ($via): expected $2, found $value $(said)" ;;
    esac
  fi
  trace | sort >"$place/after"
  equal "$3 ($via) leaves no trace" '' "$(diff "$place/before" "$place/after" | tr '\n' ' ')"
  case $(events) in
    *build* | *code*) failure "$3 ($via): something ran: $(events)" ;;
    *verdict*) ok "$3 ($via): nothing ran, and sigpkg was asked" ;;
    *) failure "$3 ($via): sigpkg was not asked" ;;
  esac
}

added() {
  applies 'add("Tides", "Buoys")' 1.1.0 "add of a package that nobody trusts yet" newly-signed
  trusts Tides
  is accepted Tides "after trust add"
}
both added

release Tides 1.2.0
both applies 'up()' 1.2.0 "an upgrade"

at Tides checkout --quiet -b series-1.1 "$at_1_1_0"
release Tides 1.1.1 --back-port
at Tides checkout --quiet main
back_ported() {
  applies 'add("Tides@1.1.1")' 1.1.1 "a back-port"
  refuses 'add("Tides@1.1.0")' downgrade "a downgrade"
  applies 'up()' 1.2.0 "up again" accepted installed
}
both back_ported

forge Tides stripped "rm -r .sigpkg && $steal && $(bump 1.3.0)"
register Tides 1.3.0 stripped
both refuses 'up()' signature-missing "an upgrade without a signature"

change Buoys 1.1.0
register Buoys 1.1.0
held_back() {
  guarded 'up(hold = true)' || failure "an upgrade beside a refused one ($via): $value $(said)"
  equal "an upgrade beside a refused one ($via)" 1.1.0 "$(version_of Buoys)" "$value $(said)"
  equal "the refused one is held back ($via)" 1.2.0 "$(version_of Tides)" "$value $(said)"
  case $(events) in
    *Tides*) failure "the refused one is not built ($via): $(events)" ;;
    *) ok "the refused one is not built ($via)" ;;
  esac
}
both held_back

forge Tides unchanged "$steal && $(bump 1.4.0)"
register Tides 1.4.0 unchanged
both refuses 'up()' tree-mismatch "an upgrade that is not what was signed"

register Tides 1.5.0 "$at_1_1_0"
both refuses 'up()' not-expected "an old release under a new version"

stranger="SIGPKG_HOME=$place/maintainers/stranger sigpkg"
forge Tides stranger "rm -r .sigpkg && $(bump 1.6.0) && git commit --quiet --all -m Taken &&
  $stranger init --no-passphrase --reserve-out $place/maintainers/reserve-of-stranger && $stranger release --yes"
register Tides 1.6.0 stranger
both refuses 'up("Tides")' other-signatory "an upgrade signed by a stranger"

# 1.2.0 is yanked, and the next release says so.
maintainer Tides yank --yes --severity refuse --reason "the tides are an hour late" 1.2.0 >"$place/said" 2>&1 ||
  give_up "yank: $(said)"
release Tides 1.7.0
yanked() {
  applies 'up()' 1.7.0 "the release after a yank"
  refuses 'add("Tides@1.2.0")' yanked "a yanked release"
}
both yanked

# A new machine, and a manifest that somebody has sent.
instantiated() {
  user "new-$via" "$via"
  cp -R "$place/users/$via/sigpkg" "$home/" && cp "$place/users/$via/project/"* "$home/project/" || give_up "cp"
  cp "$home/project/Manifest.toml" "$home/good" && sed "s/$(tree_of Tides main)/$(tree_of Tides stripped)/" \
    "$home/good" >"$home/project/Manifest.toml"
  refuses 'instantiate()' signature-missing "a manifest with another tree"
  cp "$home/good" "$home/project/Manifest.toml"
  applies 'instantiate()' 1.7.0 "a manifest with a signed tree"
}
both instantiated

# What is installed was changed: that is said, and stays as it is.
tampered() {
  folder=$(folder_of Tides)
  chmod -R u+w "$folder" && echo 'steal()' >>"$folder/src/Tides.jl"
  refuses 'instantiate()' tree-mismatch "instantiate on an edited depot"
}
both tampered

# So that all of the above means something.
without_guard() {
  forget_events
  pkg 'add Tides@1.3.0'
  case $(events) in
    *'build Tides 1.3.0,'*) ok "Pkg alone runs the build script of what would be refused ($via)" ;;
    *) failure "Pkg alone runs the build script of what would be refused ($via): $(events)" ;;
  esac
  is 'refused signature-missing' Tides "what Pkg alone has installed"
}
both without_guard

end
