#!/bin/sh
# Pushes to a registry that is guarded by docs/registry/pre-receive, with real repositories, keys and pushes: what is taken
# in, and each sort of push that is refused. Then the workflow for GitHub is linted, and its commands are run on the same registry.
#
# SIGPKG=PATH takes a sigpkg that is built already. Every line is one check; the last line is `N passed, M failed`.

set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2

place=$(mktemp -d) || exit 2
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

passed=0 failed=0

give_up() {
  echo "FAILED $1"
  echo "$passed passed, $((failed + 1)) failed"
  exit 1
}

ok() {
  passed=$((passed + 1))
  echo "ok $1"
}

wrong() {
  failed=$((failed + 1))
  echo "FAILED $1"
  sed 's/^/    /' "$place/said"
}

sigpkg=${SIGPKG:-}
if [ -z "$sigpkg" ]; then
  sigpkg=$(cd "$root" && cargo build --quiet --locked --bin sigpkg --message-format=json-render-diagnostics |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
fi
[ -x "$sigpkg" ] || give_up "sigpkg cannot be built"

HOME=$place/home GIT_CONFIG_GLOBAL=$place/home/.gitconfig GIT_CONFIG_NOSYSTEM=1 SIGPKG_HOME=$place/home/sigpkg
export HOME GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM SIGPKG_HOME
unset XDG_CONFIG_HOME XDG_DATA_HOME SIGPKG_PASSPHRASE_FILE SIGPKG_ASKPASS SSH_ASKPASS
mkdir -p "$HOME" "$place/clones"
git config --global user.name Test
git config --global user.email test@example.org
git config --global init.defaultBranch main
git config --global commit.gpgsign false
git config --global advice.detachedHead false

tides=55f2a7c3-0f4e-4d0c-9a64-7d2f0c9d2f10
waves=0c1d9a5e-7c59-4c5c-8a63-d1c1b7f7a111

# ----------------------------------------------------------------------------------------------------------------------
# Packages.

# version NAME UUID VERSION: commits a version of a package in its clone.
version() {
  mkdir -p "$place/clones/$1/src"
  printf 'name = "%s"\nuuid = "%s"\nversion = "%s"\n' "$1" "$2" "$3" >"$place/clones/$1/Project.toml"
  printf 'module %s\nversion() = "%s"\nend\n' "$1" "$3" >"$place/clones/$1/src/$1.jl"
  git -C "$place/clones/$1" add --all
  git -C "$place/clones/$1" commit --quiet --message "$3"
}

tree_of() { git -C "$place/clones/$1" rev-parse 'HEAD^{tree}'; }

for name in Tides Waves; do git init --quiet "$place/clones/$name"; done
version Tides $tides 1.0.0
unsigned=$(tree_of Tides)
"$sigpkg" -C "$place/clones/Tides" init --no-passphrase --reserve-out "$place/reserve" >"$place/said" 2>&1 ||
  give_up "the package Tides cannot be signed: $(cat "$place/said")"
# release VERSION: signs a version of Tides, and prints its tree.
release() {
  version Tides $tides "$1"
  "$sigpkg" -C "$place/clones/Tides" release --yes >"$place/said" 2>&1 || give_up "no release $1: $(cat "$place/said")"
  tree_of Tides
}
first=$(release 1.1.0) || { echo "$first"; exit 1; }
second=$(release 1.2.0) || { echo "$second"; exit 1; }
version Tides $tides 1.3.0
after_release=$(tree_of Tides)
git -C "$place/clones/Tides" rm -r --quiet .sigpkg
git -C "$place/clones/Tides" commit --quiet --message "No signature any more"
stripped=$(tree_of Tides)
version Waves $waves 1.0.0
wave=$(tree_of Waves)
# An attacker can have any tree in a repository of his own.
git -C "$place/clones/Waves" fetch --quiet "$place/clones/Tides" HEAD:refs/heads/tides

# Another signatory of a package Tides.
git clone --quiet "$place/clones/Tides" "$place/stranger" 2>/dev/null
(
  SIGPKG_HOME=$place/home/stranger
  export SIGPKG_HOME
  printf 'name = "Tides"\nuuid = "%s"\nversion = "1.4.0"\n' $tides >"$place/stranger/Project.toml"
  git -C "$place/stranger" commit --quiet --all --message "1.4.0"
  "$sigpkg" -C "$place/stranger" init --no-passphrase --reserve-out "$place/reserve-of-stranger" &&
    "$sigpkg" -C "$place/stranger" release --yes
) >"$place/said" 2>&1 || give_up "there is no other signatory: $(cat "$place/said")"
git -C "$place/clones/Tides" fetch --quiet "$place/stranger" HEAD:refs/heads/stranger
other=$(git -C "$place/stranger" rev-parse 'HEAD^{tree}')

# ----------------------------------------------------------------------------------------------------------------------
# The registry.

registry=$place/registry.git
git init --quiet --bare "$registry"
git clone --quiet "$registry" "$place/work" 2>/dev/null
cd "$place/work" || give_up "there is no clone of the registry"

# package NAME UUID: adds a package to the clone of the registry.
package() {
  folder=$(printf '%s' "$1" | cut -c1)/$1
  mkdir -p "$folder"
  printf 'name = "%s"\nuuid = "%s"\nrepo = "https://example.org/%s.jl.git"\n' "$1" "$2" "$1" >"$folder/Package.toml"
  : >>"$folder/Versions.toml"
  printf '%s = { name = "%s", path = "%s" }\n' "$2" "$1" "$folder" >>Registry.toml
}

# registered NAME VERSION TREE: adds a version.
registered() {
  printf '\n["%s"]\ngit-tree-sha1 = "%s"\n' "$2" "$3" >>"$(printf '%s' "$1" | cut -c1)/$1/Versions.toml"
}

printf 'name = "Sea"\nuuid = "23338594-aafe-5451-b93e-139f81909106"\n\n[packages]\n' >Registry.toml
package Tides $tides
registered Tides 1.0.0 "$unsigned"
git add --all
git commit --quiet --message "The registry"

cp "$root/docs/registry/pre-receive" "$registry/hooks/pre-receive"
ln -s pre-receive "$registry/hooks/post-receive"
git -C "$registry" config sigpkg.program "$sigpkg"
git -C "$registry" config sigpkg.packages "$place/clones"
git -C "$registry" config sigpkg.heads "$place/heads"

# push CLAIM: what was written is pushed and taken in.
push() {
  git add --all
  git commit --quiet --allow-empty --message "$1"
  if git push --quiet origin HEAD:main >"$place/said" 2>&1; then ok "$1"; else wrong "$1"; fi
}

# refused CLAIM WORDS: what was written is pushed and refused with these words, and is then taken back.
refused() {
  git add --all
  git commit --quiet --allow-empty --message "$1"
  if git push --quiet origin HEAD:main >"$place/said" 2>&1; then
    wrong "$1: it was taken in"
  elif grep -q -e "$2" "$place/said"; then
    ok "$1"
  else
    wrong "$1: expected \"$2\""
  fi
  git reset --quiet --hard HEAD~1
  git clean --quiet --force -d
}

push "a registry with an unsigned package is pushed to an empty repository"
registered Tides 1.1.0 "$first"
push "the first signed version of an old package is taken in"
if grep -q 'seq = 2' "$place/heads/$tides.head" 2>/dev/null; then
  ok "the registry has written down what it has taken in"
else
  wrong "the registry has written down what it has taken in"
fi
registered Tides 1.2.0 "$second"
push "the next release is taken in"
package Waves $waves
registered Waves 1.0.0 "$wave"
push "a new package that nobody has signed is taken in"
printf 'Sea registry\n' >README
push "a change beside all packages is taken in"

registered Tides 1.3.0 "$stripped"
refused "an unsigned version after signed ones is refused" "signature-missing (VER-2)"
registered Tides 1.3.0 "$after_release"
refused "a commit after a release that was not released is refused" "tree-mismatch (VER-13)"
registered Tides 1.4.0 "$other"
refused "another signatory is refused" "other-signatory (VER-9)"
registered Tides 2.0.0 "$first"
refused "an old release under a new version is refused" "not-expected (VER-15)"
registered Waves 1.1.0 "$second"
refused "the tree of another package is refused" "not-expected (VER-15)"
sed "s/$first/$second/" T/Tides/Versions.toml >"$place/versions" && cp "$place/versions" T/Tides/Versions.toml
refused "a replaced tree is refused" "tree-replaced (REG-5)"
sed '/1\.1\.0/,/^$/d' T/Tides/Versions.toml >"$place/versions" && cp "$place/versions" T/Tides/Versions.toml
refused "a version that is taken away is refused" "version-removed (REG-6)"
grep -v "$waves" Registry.toml >"$place/index" && cp "$place/index" Registry.toml
refused "a package that is taken away is refused" "version-removed (REG-6)"
sed 's/name = "Waves"/name = "Waffs"/' Registry.toml >"$place/index" && cp "$place/index" Registry.toml
refused "a package that is renamed is refused" "package-renamed (REG-7)"
registered Waves 1.0.0 "$wave"
refused "a version that stands there twice is refused" "malformed-registry (REG-2)"
registered Waves 1.1.0 1234567890123456789012345678901234567890
refused "a tree that cannot be had is refused" "something could not be had or read"
printf 'sigpkg-registry = 1\n' >SigpkgPolicy.toml
refused "a policy is not pushed just so" "a maintainer of the registry must look at it"
git -C "$registry" config sigpkg.program "$place/nowhere"
registered Waves 1.1.0 "$wave"
refused "without the program nothing is taken in" "ended with status 127"
git -C "$registry" config sigpkg.program "$sigpkg"

if git push --quiet origin :main >"$place/said" 2>&1; then
  wrong "the branch of the registry is not deleted"
else
  ok "the branch of the registry is not deleted"
fi
git checkout --quiet --orphan anew
grep -v "$waves" Registry.toml >"$place/index" && cp "$place/index" Registry.toml
git add --all
git commit --quiet --message "Another history"
if ! git push --quiet --force origin HEAD:main >"$place/said" 2>&1 && grep -q "version-removed (REG-6)" "$place/said"; then
  ok "a forced push that rewrites the registry is refused"
else
  wrong "a forced push that rewrites the registry is refused"
fi
git checkout --quiet --force main
git clean --quiet --force -d
if git push --quiet origin HEAD:refs/heads/elsewhere >"$place/said" 2>&1; then
  ok "another branch is nobody's registry"
else
  wrong "another branch is nobody's registry"
fi

# By consent.
from=$("$sigpkg" id "$place/clones/Tides#HEAD~2" 2>/dev/null)
to=$("$sigpkg" id "$place/stranger")
{
  printf 'sigpkg-registry = 1\n\n[[consent]]\npackage = "%s"\nfrom = "%s"\nto = "%s"\n' $tides "$from" "$to"
  printf 'by = "Ada"\nwhy = "a test of the hook"\n'
} >SigpkgPolicy.toml
git -C "$registry" config sigpkg.policy accept
push "a policy is pushed if the registry says so"
git -C "$registry" config sigpkg.policy refuse
registered Tides 1.4.0 "$other"
push "another signatory is taken in by the consent that was there before"
registered Tides 1.3.0 "$after_release"
refused "the signatory before is refused from then on" "other-signatory (VER-9)"

# The whole registry, from the server's side.
if "$sigpkg" registry audit --registry "$registry" --at main --packages "$place/clones" >"$place/said" 2>&1 &&
  grep -q '^5 judged of 5 versions in 2 packages: 3 signed, 2 unsigned$' "$place/said"; then
  ok "an audit finds the registry in order"
else
  wrong "an audit finds the registry in order"
fi

# ----------------------------------------------------------------------------------------------------------------------
# The workflow: its form, and its commands.

workflow=$root/docs/registry/workflow.yml
if yamllint --strict --config-data '{extends: default, rules: {line-length: {max: 130}}}' "$workflow" >"$place/said" 2>&1; then
  ok "the workflow is well-formed"
else
  wrong "the workflow is well-formed"
fi
if python3 - "$workflow" "$place" >"$place/said" 2>&1 <<'END'
import sys, yaml
workflow = yaml.safe_load(open(sys.argv[1]))
on = workflow[True]  # YAML 1.1 reads `on` so
assert set(on) == {"pull_request_target", "merge_group"}, on
assert workflow["permissions"] == {"contents": "read"}, "a workflow that reads what strangers send writes nothing"
(name, job), = workflow["jobs"].items()
assert name == "sigpkg"
for number, step in enumerate(job["steps"]):
    assert set(step) <= {"name", "id", "uses", "with", "env", "run"}, step
    if "uses" in step:
        action, _, commit = step["uses"].partition("@")
        assert len(commit) == 40, f"{action} is not pinned to a commit"
    if "run" in step:
        assert "${{" not in step["run"], "what strangers write goes through the environment, never into a script"
        open(f"{sys.argv[2]}/step-{number}.sh", "w").write(step["run"])
END
then
  ok "the workflow writes nothing, pins its actions, and puts no foreign words into scripts"
else
  wrong "the workflow writes nothing, pins its actions, and puts no foreign words into scripts"
fi

# pull_request CLAIM STATUS WORDS: the steps of the workflow, for the branch `change` as pull request 7.
pull_request() {
  git push --quiet --force origin HEAD:refs/pull/7/head 2>/dev/null
  rm -rf "$place/runner"
  git clone --quiet "$registry" "$place/runner"
  : >"$place/output"
  found=0
  (
    cd "$place/runner" || exit 9
    BASE_REF=main PULL_REQUEST=7 GROUP_BASE='' GROUP_HEAD='' GITHUB_OUTPUT=$place/output
    export BASE_REF PULL_REQUEST GROUP_BASE GROUP_HEAD GITHUB_OUTPUT
    sh -e "$place/step-1.sh" || exit 9
    BASE=$(sed -n 's/^base=//p' "$place/output") HEAD=$(sed -n 's/^head=//p' "$place/output")
    export BASE HEAD
    # Here are clones in place of the network.
    sed "s|--fetch|--packages $place/clones|; s|^sigpkg|$sigpkg|" "$place/step-3.sh" >"$place/check.sh"
    sh -e "$place/check.sh"
  ) >"$place/said" 2>&1 || found=$?
  if [ "$found" -eq "$2" ] && grep -q -e "$3" "$place/said"; then ok "$1"; else wrong "$1: status $found"; fi
}

git checkout --quiet --detach main~1
registered Waves 1.1.0 "$wave"
git commit --quiet --all --message "Waves 1.1.0"
pull_request "the workflow passes a change of an older state of the branch" 0 '^::warning file=W/Waves/Versions.toml.*manifest-differs'
registered Waves 1.2.0 "$first"
git commit --quiet --all --message "Waves 1.2.0"
pull_request "the workflow refuses what the hook refuses, with an annotation" 1 '^::error file=W/Waves/Versions.toml.*not-expected'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
