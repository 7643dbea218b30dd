# shellcheck shell=sh disable=SC2154
# The world of a page: machines, mail, a shelf where packages are published. Read by tests/docs.sh, which has set
# $sigpkg, $place (for all pages) and $world (for this one). All keys that are made here are test keys.
#
# Nearly every page has the same people: the maintainer of the package Tides, Anna, Ben and Carol, who hold the reserve (two of
# three), and a user. The maintainer's repository is ~/Tides, and ~/Tides is where the commands are run.

# as NAME COMMAND: runs a line of shell on a machine, in the folder where the last one ended.
as() {
  as_home=$world/$1
  if [ ! -d "$as_home" ]; then
    echo "there is no machine \"$1\""
    return 125
  fi
  # shellcheck disable=SC2016  # it is the shell of that machine that expands it
  env -i PATH="$as_home/bin:$(dirname "$sigpkg"):$PATH" HOME="$as_home" LC_ALL=C TMPDIR="${TMPDIR:-/tmp}" \
    SIGPKG_PASSPHRASE_FILE="$as_home/.passphrase" GIT_CONFIG_NOSYSTEM=1 GIT_ADVICE=0 \
    sh -c 'cd "$(cat "$HOME/.folder")" && trap '\''status=$?; pwd >"$HOME/.folder"; exit $status'\'' EXIT && eval "$1"' sh "$2"
}

# Machines, each with an empty home.
machine() {
  for machine_name in "$@"; do
    mkdir "$world/$machine_name"
    echo "$world/$machine_name" >"$world/$machine_name/.folder"
    echo "passphrase of $machine_name" >"$world/$machine_name/.passphrase"
    chmod 600 "$world/$machine_name/.passphrase"
    printf '[user]\n\tname = %s\n\temail = %s@example.org\n[init]\n\tdefaultBranch = main\n' \
      "$machine_name" "$machine_name" >"$world/$machine_name/.gitconfig"
  done
}

# mail FROM TO FILE...: files from the folder where one is to the home of the other.
mail() {
  mail_from=$(cat "$world/$1/.folder") mail_to=$world/$2
  shift 2
  for mail_file in "$@"; do
    cp "$mail_from/$mail_file" "$mail_to/$(basename "$mail_file")"
  done
}

# The keys of the reserve are made once for all pages, since that takes a while.
reserve_keys() {
  world=$place/reserve-keys
  mkdir "$world"
  machine anna ben carol
  for holder in anna ben carol; do
    as "$holder" 'sigpkg reserve new --out reserve' || return 1
  done
}

# Anna, Ben and Carol with their keys in ~/reserve, as if the stick were in the machine.
reserve_holders() {
  for holder in anna ben carol; do
    cp -R "$place/reserve-keys/$holder" "$world/$holder"
    echo "$world/$holder" >"$world/$holder/.folder"
  done
}

# The maintainer with a repository ~/Tides, signed from the beginning, with a reserve of two of three. To be quick, these keys
# have no passphrase; those that are made in a page have one.
maintainer() {
  machine maintainer
  reserve_holders
  cp "$world"/anna/reserve/*.pub "$world/maintainer/anna.pub"
  cp "$world"/ben/reserve/*.pub "$world/maintainer/ben.pub"
  cp "$world"/carol/reserve/*.pub "$world/maintainer/carol.pub"
  as maintainer 'git init -q Tides && cd Tides && mkdir src && echo "high() = 6" >src/tides.txt &&
    git add -A && git commit -qm "Tides" &&
    sigpkg init --name Tides --reserve-keys ~/anna.pub ~/ben.pub ~/carol.pub --threshold 2 --no-passphrase && rm ~/*.pub'
  id=$(as maintainer 'sigpkg id .')
  bind sigpTides… "$id"
}

# A name that the page may use for a value from here on.
bind() {
  echo "$1 $2" >>"$bindings"
}

# change NAME WORD...: a commit in the repository where somebody is.
change() {
  change_who=$1
  shift
  as "$change_who" "echo '# $*' >>src/tides.txt && git commit -qam '$*'"
}

# release VERSION [WHO]: a change, and its release, put on the shelf.
release() {
  change "${2:-maintainer}" "Work towards $1"
  as "${2:-maintainer}" "sigpkg release $1"
  publish "$1" "${2:-maintainer}"
}

# publish VERSION [WHO] [AS]: what is committed, as the archive that a registry or a mirror hands out.
publish() {
  mkdir -p "$world/shelf"
  as "${2:-maintainer}" "git archive --format=tar.gz --prefix=Tides-${3:-$1}/ HEAD >'$world/shelf/Tides-${3:-$1}.tar.gz'"
}

# download WHO NAME...: archives from the shelf.
download() {
  download_who=$1
  shift
  for download_name in "$@"; do
    cp "$world/shelf/$download_name.tar.gz" "$world/$download_who/"
  done
}

# user VERSION [WHO]: a user who trusts the signatory since the release that is named, and has it.
user() {
  machine "${2:-user}"
  download "${2:-user}" "Tides-$1"
  as "${2:-user}" "sigpkg trust add Tides-$1.tar.gz --id $(id_of Tides)"
}

# The id that the maintainer has on the page of the project.
id_of() {
  sed -n "s/^sigp$1… //p" "$bindings"
}

# thief VICTIM: somebody with a copy of all that is on a machine, keys and passphrase included.
thief() {
  cp -R "$world/$1" "$world/thief"
  sed "s|$world/$1|$world/thief|" "$world/$1/.folder" >"$world/thief/.folder"
}

# silence WHO DATE: the head of what they trust was first seen then.
silence() {
  for trusted in "$world/$1"/.local/share/sigpkg/trust/*/*/*/trust.toml; do
    sed "s/^first-seen = .*/first-seen = \"$2\"/" "$trusted" >"$world/trust.toml"
    cat "$world/trust.toml" >"$trusted"
  done
}

# digest_of WHO SEQ: the digest of a statement on the standing line in their repository.
digest_of() {
  as "$1" 'sigpkg log . --json' | sed -n "/\"seq\":$2,/{/\"state\":\"standing\"/s/.*\"digest\":\"\([^\"]*\)\".*/\1/p;}"
}

# The maintainer's machine is replaced by one that has a clone of the repository, and no key.
new_machine() {
  mv "$world/maintainer" "$world/laptop"
  machine maintainer
  clone maintainer laptop
}

# reserve_speaks WHO CAUSE REASON [OPTION...]: a reserve statement, from the draft to the commit, which is made where WHO is.
# The options are those of its beginning.
reserve_speaks() {
  speaks_who=$1 speaks_cause=$2 speaks_reason=$3
  shift 3
  as "$speaks_who" "sigpkg reserve sign --cause $speaks_cause --reason '$speaks_reason' --out ~/it.draft $*"
  for holder in anna ben; do
    cp "$world/$speaks_who/it.draft" "$world/$holder/"
    as "$speaks_who" 'cat .sigpkg/chain' >"$world/$holder/chain"
    as "$holder" 'sigpkg reserve sign it.draft --chain chain --key reserve/*.key --yes'
    cp "$world/$holder/it.draft" "$world/$speaks_who/"
  done
  as "$speaks_who" 'sigpkg reserve join ~/it.draft --yes && rm ~/it.draft'
}

# clone WHO FROM: somebody has a copy of the repository of another one, and none of the keys.
clone() {
  as "$1" "git clone -q '$world/$2/Tides' && cd Tides && git remote set-url origin https://tides.example.org/Tides.git"
}
