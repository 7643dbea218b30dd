# shellcheck shell=sh source=tests/julia/world.sh
# What a registry, a mirror or a git host can do that has turned against its users: trees without a signature, other
# trees, old trees, trees of another package, trees with the same folder. The keys of the maintainers are not theirs.

. "${0%/*}/../world.sh"

tides=3f0c5d4e-8a35-4f0e-9d2e-0a4b6c1d2e3f
buoys=b2d5a3f8-53f3-4c0c-8f0e-1f5a7c9e2d60

start
new_registry
package Tides "$tides"
package Buoys "$buoys"
change Tides 1.0.0
change Buoys 1.0.0
begin_chain Tides
begin_chain Buoys
release Tides 1.1.0
release Buoys 1.1.0
release Tides 1.2.0

honest() {
  pkg 'add Tides Buoys'
  trusts Tides
  trusts Buoys
  is accepted Tides "before any trick"
  is accepted Buoys "another package before any trick"
}
each honest

# upgraded STATE CLAIM: what users get who upgrade now, who have come this far without harm.
upgraded() {
  expected=$1 claim=$2
  pkg 'up Tides'
  came_by_its_road Tides
  is "$expected" Tides "$claim"
  equal "$claim ($via): it is what Julia would load" "$(folder_of Tides)" "$(field path "$entry")"
  is accepted Buoys "$claim, beside another package" --only Buoys
}

forge Tides stripped "rm -r .sigpkg && $steal && $(bump 1.3.0)"
register Tides 1.3.0 stripped
each upgraded 'refused signature-missing' "a new version without a signature"

forge Tides unchanged "$(bump 1.4.0)"
register Tides 1.4.0 unchanged
each upgraded 'refused tree-mismatch' "the signature of the last version on a new one"

# An old release, with the holes that were mended since, and a higher number.
register Tides 1.5.0 HEAD~2
equal "the old tree is a signed one" 1.1.0 "$(at Tides show HEAD~2:Project.toml | sed -n 's/^version = "\(.*\)"/\1/p')"
each upgraded 'refused not-expected' "an old release under a new version"

at Tides fetch --quiet "$place/repositories/Buoys" main:of-buoys
register Tides 1.6.0 of-buoys
each upgraded 'refused other-signatory' "a signed release of another package"

# Somebody else signs, with everything else as it should be.
stranger="SIGPKG_HOME=$place/maintainers/stranger sigpkg"
forge Tides stranger "rm -r .sigpkg && $(bump 1.7.0) && git commit --quiet --all -m Taken &&
  $stranger init --no-passphrase --reserve-out $place/maintainers/reserve-of-stranger && $stranger release --yes"
register Tides 1.7.0 stranger
each upgraded 'refused other-signatory' "a release signed by a stranger"

# A registered version gets another tree; those who have it already are asked nothing by Pkg.
forge Tides replaced "$steal"
register Tides 1.2.0 replaced
replaced() {
  pkg 'add Tides@1.2.0'
  is 'refused tree-mismatch' Tides "a registered version with another tree"
}
each replaced
register Tides 1.2.0

healed() {
  pkg 'rm Tides'
  pkg 'add Tides@1.2.0'
  is accepted Tides "the tree that it had before"
}
each healed

# Two trees of which Pkg thinks that they are one. Only who signed can have made the one, but its permissions are not
# signed, so that there are many of it to choose from.
release Tides 1.8.0
forge Tides evil "$steal && $(bump 1.7.9)"
do_julia "collide(\"$tides\", \"$place/repositories/Tides\", \"main\", \"evil\")" || give_up "collide: $value"
good=${value% *} evil=${value#* }
do_julia "slug(\"$tides\", \"$good\")" && slug=$value && do_julia "slug(\"$tides\", \"$evil\")" || give_up "slug: $value"
equal "two trees have the same slug" "$slug" "$value"
branch_of Tides collides-good "$good"
branch_of Tides collides-evil "$evil"

# collided NAME VERSION REF STATE CLAIM
collided() {
  for transport in git server archive; do
    user "$1-$transport" "$transport"
    cp -R "$place/users/$transport/sigpkg" "$home/" 2>/dev/null
    pkg "add Tides@$2"
    equal "it is in the folder of both ($via)" "$slug" "$(basename "$(folder_of Tides)")"
    is "$3" Tides "$4"
  done
}

register Tides 1.7.9 collides-evil
register Tides 1.8.0 collides-good
collided evil-first 1.7.9 'refused tree-mismatch' "a tree that was made to have the folder of another"
collided evil-first 1.8.0 'refused tree-mismatch' "a signed release whose folder is taken already"
collided good-first 1.8.0 accepted "the same signed release in its own folder"
collided good-first 1.7.9 'refused tree-mismatch' "another version that leaves the signed release where it is"

# The depot itself.
tampered() {
  pkg 'rm Tides'
  pkg 'add Tides@1.2.0'
  is accepted Tides "before anything is changed"
  folder=$(folder_of Tides)
  cp -R -p "$folder" "$home/kept"
  edit 'refused tree-mismatch' "an edited file" 'echo "steal()" >>src/Tides.jl'
  edit 'refused tree-mismatch' "an added file" 'echo "steal()" >src/extra.jl'
  edit 'refused tree-mismatch' "a removed file" 'rm src/nonce'
  edit 'refused tree-mismatch' "an edited build script" 'echo "steal()" >>deps/build.jl'
  edit 'refused tree-mismatch' "a file that goes by the name of code coverage elsewhere" 'mv src/nonce src/nonce.cov'
  edit 'refused signature-missing' "a removed .sigpkg" 'rm -r .sigpkg'
  edit 'refused tree-mismatch' "a link in the place of a file" 'ln -sf nonce src/Tides.jl'
  edit accepted "nothing changed" true
}

# edit STATE CLAIM COMMAND
edit() {
  chmod -R u+w "$folder" && (cd "$folder" && eval "$3") || give_up "$2: $3"
  is "$1" Tides "$2 in the depot"
  chmod -R u+w "$folder" && rm -r "$folder" && cp -R -p "$home/kept" "$folder" || give_up "the folder cannot be mended"
}
each tampered

end
