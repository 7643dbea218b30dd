#!/bin/sh
# Runs the commands that the pages of the book, in docs/, give to people, and checks that they do and print what the pages say.
#
#   tests/docs.sh [--show] [PAGE...]
#
#   --show  print what each command prints, for whoever writes a page
#   PAGE    such as keys-lost, or users-index for docs/users/README.md; all of them without a name
#
# A page is read for its fenced blocks. In a block ```console
#
#   maintainer$ sigpkg doctor        a command; the prompt says on whose machine. A `\` at the end goes on in the next line
#   risk: the reserve is one key     lines that the command prints, in this order; others may come between them
#   Sign it? [y/N] y                 a question and the answer of a human: the command is run with --yes
#   (exit status 1)                  its exit status, where it is not 0
#
# and `…` stands for anything in a line. With a name before it, `blake3:5c0e…` or `sigpBs4n…`, it is the same value
# wherever the page has it, in commands too. A block ```text is for people and must hold no command; ```json is an answer. Any other block
# needs `<!-- not run: REASON -->` before it, or a line `<!-- Written by tests/…; … -->` above in a page that a test writes; all of these are listed
# at the end, with their number.
# A comment `<!-- meanwhile: COMMAND -->` is run in its place, and is for what happens elsewhere in the world:
# mail, a registry, an attacker. It calls the functions of tests/docs/world.sh and of tests/docs/PAGE.sh, which also sets
# up the world before the page begins: machines, each with a home of its own. A page without a command needs no world.
#
# SIGPKG=PATH takes a sigpkg that is built already. Each command is one check; the last line is `N passed, M failed`.

set -u
LC_ALL=C
export LC_ALL
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 2

place=$(mktemp -d) || exit 2
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

give_up() {
  echo "FAILED $1"
  echo "0 passed, 1 failed"
  exit 1
}

# The name of each page and its file: users/refresh.md is refresh, users/README.md is users-index.
(cd "$root/docs" && find . -name '*.md' ! -name SUMMARY.md | sort) | sed 's|^\./||' | awk '
  { name = $0; sub(/\.md$/, "", name) }
  name == "README" { print "index " $0; next }
  { if (sub(/\/README$/, "-index", name)) gsub(/\//, "-", name); sub(/.*\//, "", name); print name " " $0 }' >"$place/pages"

# The file of a page, and nothing if there is none.
page_file() {
  sed -n "s|^$1 |$root/docs/|p" "$place/pages"
}

# ----------------------------------------------------------------------------------------------------------------------
# A page becomes lines of one letter and a text: P problem, M meanwhile, C command, O output, X exit status, N not run.

read_page() {
  awk '
    function problem(text) { print "P line " NR ": " text }
    # A command of which nobody knows whether it is right: in a place that is not run.
    function hidden(line) { return line ~ /(^|[ `])[a-z]+\$ [a-z]/ || line ~ /^ *(\$ )?sigpkg / }
    /^<!-- Written by tests\/[^ ]*; .* -->$/ && block == "" { written = $4; sub(/;$/, "", written); next }
    /^ *```/ && block == "" && reason == "" && written != "" && !/^ *```console/ { reason = "written by " written }
    /^ *```/ && block == "" && reason != "" { block = "not run"; count = 0; next }
    /^ *```/ && block == "not run" { print "N (" count (count == 1 ? " line) " : " lines) ") reason; block = ""; reason = ""; next }
    block == "not run" { count++; next }
    reason != "" && $0 != "" { problem("nothing follows on what is not run: " $0); reason = "" }
    /^ *```/ && block == "" {
      block = $0
      sub(/^ *```/, "", block)
      if (block != "console" && block != "text" && block != "json") { problem("a block must be console, text or json, or have a reason why it is not run, found \"" block "\""); block = "other" }
      command = 0
      next
    }
    /^ *```/ { if (goes_on != "") problem("a command that ends with \\"); goes_on = ""; block = ""; next }
    block == "text" { if (hidden($0) || $0 ~ /(^|[^a-z-])sigpkg [a-z]/ || $0 ~ /^julia>/) problem("a command in a block of text: " $0); next }
    block == "other" || block == "json" { next }
    block == "" {
      if ($0 ~ /^<!-- meanwhile: .* -->$/) print "M " substr($0, 17, length($0) - 20)
      else if ($0 ~ /^ *<!-- not run: .* -->$/) { reason = $0; sub(/^ *<!-- not run: /, "", reason); sub(/ -->$/, "", reason) }
      else if ($0 ~ /<!--/) problem("a comment that is neither `<!-- meanwhile: COMMAND -->` nor `<!-- not run: REASON -->`")
      else if ($0 ~ /^(    |\t)/ && hidden($0)) problem("a command outside of a block: " $0)
      next
    }
    goes_on != "" || /^[a-z]+\$ / {
      line = $0
      if (goes_on != "") { sub(/^ +/, "", line); line = goes_on line }
      goes_on = ""
      if (line ~ /\\$/) { goes_on = substr(line, 1, length(line) - 1); next }
      print "C " line
      command = 1
      next
    }
    !command { problem("output without a command: " $0); next }
    /^\(exit status [0-9]+\)$/ { gsub(/[^0-9]/, ""); print "X " $0; next }
    { print "O " $0 }
    END { if (block != "" || reason != "") problem("a block without an end, or no block") }
  ' "$1"
}

# Compares what was printed with what the page says, line by line. The named values that are known are in $1 (a name, a
# space, a value), and those that turn up are added to it.
matches() {
  awk -v bindings="$1" -v dots='…' '
    # Fills names with their values; what has none remains.
    function filled(text,    name, at, done) {
      done = ""
      while (match(text, /(blake3:|sigp)[0-9A-Za-z]+…/)) {
        name = substr(text, RSTART, RLENGTH)
        at = RSTART + RLENGTH
        done = done substr(text, 1, RSTART - 1) ((name in value) ? value[name] : name)
        text = substr(text, at)
      }
      return done text
    }
    function fits(text, pattern,    parts, count, part, at) {
      # A name without a value is anything.
      gsub(/(blake3:|sigp)[0-9A-Za-z]+…/, dots, pattern)
      count = split(pattern, parts, dots)
      if (substr(text, 1, length(parts[1])) != parts[1]) return 0
      if (count == 1) return text == parts[1]
      text = substr(text, length(parts[1]) + 1)
      for (part = 2; part < count; part++) {
        at = index(text, parts[part])
        if (parts[part] != "" && !at) return 0
        if (at) text = substr(text, at + length(parts[part]))
      }
      return length(text) >= length(parts[count]) && substr(text, length(text) - length(parts[count]) + 1) == parts[count]
    }
    # The n-th value in a text that could have a name.
    function nth(text, n, what,    found) {
      for (; match(text, what); text = substr(text, RSTART + RLENGTH)) {
        found = substr(text, RSTART, RLENGTH)
        if (!--n) return found
      }
      return ""
    }
    function learn(text, pattern,    n, name, real) {
      for (n = 1; (name = nth(pattern, n, "(blake3:|sigp)[0-9A-Za-z_-]*…|blake3:[0-9a-f]+|sigp[0-9A-Za-z_-]+")) != ""; n++) {
        real = nth(text, n, "blake3:[0-9a-f]+|sigp[0-9A-Za-z_-]+")
        if (name ~ /^(blake3:|sigp)[0-9A-Za-z]+…$/ && !(name in value)) {
          value[name] = real
          print name " " real >>bindings
        }
      }
    }
    BEGIN { while ((getline line <bindings) > 0) { split(line, pair, " "); value[pair[1]] = pair[2] } }
    FNR == NR { printed[++lines] = $0; next }
    {
      pattern = filled($0)
      for (at++; at <= lines && !fits(printed[at], pattern); at++);
      if (at > lines) { print "not printed, or not in this order: " pattern; exit 1 }
      learn(printed[at], $0)
    }
  ' "$2" "$3"
}

# Puts the values of names into a command; one that has no value yet is an error.
filled() {
  filled_text=$1
  while IFS=' ' read -r filled_name filled_value; do
    filled_text=$(printf '%s\n' "$filled_text" | awk -v name="$filled_name" -v value="$filled_value" '
      { done = ""; while (at = index($0, name)) { done = done substr($0, 1, at - 1) value; $0 = substr($0, at + length(name)) }
        print done $0 }')
  done <"$bindings"
  printf '%s\n' "$filled_text"
}

# ----------------------------------------------------------------------------------------------------------------------
# A page is run in a folder of its own. It prints its checks, and its last line is `N passed, M failed`.

run_page() {
  page=$1
  world=$place/$page
  bindings=$world/bindings
  passed=0 failed=0
  mkdir "$world" && : >"$bindings" || exit 2
  read_page "$(page_file "$page")" >"$world/page"
  # shellcheck source=tests/docs/world.sh
  . "$root/tests/docs/world.sh"
  if [ ! -f "$root/tests/docs/$page.sh" ] && ! grep -q '^[CM]' "$world/page"; then
    play
    echo "$passed passed, $failed failed"
    return
  elif [ ! -f "$root/tests/docs/$page.sh" ]; then
    bad "there is no tests/docs/$page.sh to set up its world"
  else
    in_world world >"$world/setup" 2>&1 </dev/null
    # As a condition it would go on after an error, `set -e` or not.
    # shellcheck disable=SC2181
    if [ $? -eq 0 ]; then
      play
    else
      bad "its world could not be set up"
      tail -n 20 "$world/setup"
    fi
  fi
  [ $((passed + failed)) -gt 0 ] || bad "it has no command, and tests/docs/$page.sh"
  echo "$passed passed, $failed failed"
}

# Runs a line with the functions of the page. An error ends it, but in a subshell, so that it ends nothing else; what it
# learns is in files.
in_world() (
  set -e
  # shellcheck source=/dev/null
  . "$root/tests/docs/$page.sh"
  eval "$1"
)

good() {
  passed=$((passed + 1))
  printf '%s\n' "ok $page: $1"
}

bad() {
  failed=$((failed + 1))
  printf '%s\n' "FAILED $page: $1"
}

play() {
  command='' status=0 answer=''
  : >"$world/quoted"
  # The page is read on another descriptor, for a command may read its input.
  while IFS= read -r line <&3; do
    text=${line#??}
    case $line in
      O*'? [y/N] y') answer=' --yes' ;;
      O*) printf '%s\n' "$text" >>"$world/quoted" ;;
      X*) status=$text ;;
      P*) bad "$text" ;;
      N*) echo "$page: $text" >>"$place/not-run.$page" ;;
      M* | C*)
        carry_out
        case $line in
          C*) command=$text ;;
          M*)
            in_world "$(filled "$text")" >"$world/said" 2>&1 </dev/null
            # shellcheck disable=SC2181  # as above
            if [ $? -ne 0 ]; then
              bad "meanwhile: $text"
              tail -n 20 "$world/said"
            fi
            ;;
        esac
        ;;
    esac
  done 3<"$world/page"
  carry_out
}

# Runs the command that was read last, now that all that it should print is known.
carry_out() {
  [ -n "$command" ] || return 0
  said=$(filled "${command#*\$ }")$answer
  found=0
  case $said in
    *…*) echo "nothing before this has printed what … stands for in: $said" >"$world/said"; found=none ;;
    *) as "${command%%\$*}" "$said" >"$world/said" 2>&1 </dev/null || found=$? ;;
  esac
  if [ "$found" != "$status" ]; then
    bad "$command: expected exit status $status, found $found"
    sed 's/^/    /' "$world/said"
  elif ! matches "$bindings" "$world/said" "$world/quoted" >"$world/differs"; then
    bad "$command"
    sed 's/^/  /' "$world/differs"
    sed 's/^/    /' "$world/said"
  else
    good "$command"
    if [ "$show" = yes ]; then sed 's/^/    /' "$world/said"; fi
  fi
  command='' status=0 answer=''
  : >"$world/quoted"
}

# named FILE: what is named in passing, or not run, is a command that there is, with options that it has: it is asked for its help, which
# comes before anything is done. An option at the end may lack its value.
named() {
  # shellcheck disable=SC2016  # backquotes of Markdown
  { grep -o '`sigpkg [^`]*`' "$1" | tr -d '`'; awk '/^ *```sh/ { block = 1; next } /^ *```/ { block = 0 } block' "$1" | grep '^sigpkg '; } |
    sed 's/^sigpkg //; s/  *#.*//' | sort -u >"$place/named.$page"
  while read -r name <&4; do
    if asked_for_help "$name" || asked_for_help "$name VALUE" || asked_for_help "$name blake3:$(printf '%064d' 0)"; then
      passed=$((passed + 1))
    else
      bad "it names sigpkg $name, which there is not"
    fi
  done 4<"$place/named.$page"
}

asked_for_help() {
  # shellcheck disable=SC2016
  NAME=Tides VERSION=1.0.0 ID=sigp timeout 10 sh -fc "\"\$0\" $1 --help" "$sigpkg" >/dev/null 2>&1 </dev/null
}

# What a page must have, to be found and to be of use.
check_form() {
  form=$(page_file "$1")
  passed=0 failed=0
  page=$1
  # A page stands in the index of its folder, and in the contents of the book if it is such an index or has none.
  index=${form%/*}/README.md link=$1.md
  case $form in
    */README.md) index=$root/docs/SUMMARY.md link=${form#"$root/docs/"} ;;
    *) { [ -f "$index" ] && [ "$index" != "$root/docs/README.md" ]; } || { index=$root/docs/SUMMARY.md; link=${form#"$root/docs/"}; } ;;
  esac
  if grep -qF "]($link)" "$index"; then good "the index has it"; else bad "${index#"$root/"} does not have it"; fi
  # Who reads the others has time.
  if [ "$index" != "$root/docs/bad-days/README.md" ]; then
    :
  elif sed -n '3{s/^\*\*In the next five minutes:\*\* .*/yes/p;}' "$form" | grep -q yes; then
    good "it begins with the next five minutes"
  else
    bad "its third line, after the heading, must begin with **In the next five minutes:**"
  fi
  named "$form"
  echo "$passed passed, $failed failed"
}

# ----------------------------------------------------------------------------------------------------------------------

show=no
if [ "${1:-}" = --show ]; then
  show=yes
  shift
fi
sigpkg=${SIGPKG:-}
if [ -z "$sigpkg" ]; then
  sigpkg=$(cd "$root" && cargo build --quiet --locked --bin sigpkg --message-format=json-render-diagnostics |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
fi
[ -x "$sigpkg" ] || give_up "sigpkg cannot be built"

twice=$(cut -d ' ' -f 1 "$place/pages" | sort | uniq -d | head -n 1)
[ -z "$twice" ] || give_up "there are two pages $twice"
if [ $# -eq 0 ]; then
  # shellcheck disable=SC2046  # names without a space
  set -- $(cut -d ' ' -f 1 "$place/pages")
  # A world without a page is a page that was lost.
  for file in "$root"/tests/docs/*.sh; do
    name=$(basename "$file" .sh)
    [ "$name" = world ] || [ -n "$(page_file "$name")" ] || give_up "tests/docs/$name.sh has no page $name.md"
  done
fi
for page in "$@"; do
  [ -n "$(page_file "$page")" ] || give_up "there is no page $page.md"
done
# shellcheck source=tests/docs/world.sh
. "$root/tests/docs/world.sh"
reserve_keys >"$place/said" 2>&1 || { cat "$place/said"; give_up "the reserve keys cannot be made"; }

# Side by side: each lane takes the next page that nobody has taken.
lanes=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || lanes=2
mkdir "$place/taken"
lane() {
  for page in "$@"; do
    mkdir "$place/taken/$page" 2>/dev/null || continue
    (run_page "$page") >"$place/$page.run" 2>&1
  done
}
while [ "$lanes" -gt 0 ]; do
  lane "$@" &
  lanes=$((lanes - 1))
done
wait

for page in "$@"; do
  (check_form "$page") >"$place/$page.form" 2>&1
  for part in form run; do
    sed '$d' "$place/$page.$part"
    tail -n 1 "$place/$page.$part" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' >>"$place/counts"
  done
done
cat "$place"/not-run.* >"$place/not-run" 2>/dev/null
if [ -s "$place/not-run" ]; then
  echo "blocks that are not run, each for the reason that its page gives: $(wc -l <"$place/not-run")"
  sed 's/^/  /' "$place/not-run"
fi
# Files that are no pages.
others='README.md CONTRIBUTING.md julia/SigPkg/README.md'
for other in $others; do
  (page=$(echo "$other" | tr / -) passed=0 failed=0 && named "$root/$other" && echo "$passed passed, $failed failed") >"$place/other" 2>&1
  sed '$d' "$place/other"
  tail -n 1 "$place/other" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' >>"$place/counts"
done
# A page that died without a count is a failure.
awk -v counts=$((2 * $# + $(echo "$others" | wc -w))) '
  { passed += $1; failed += $2 }
  END { if (NR != counts) failed += counts - NR; print passed + 0 " passed, " failed + 0 " failed"; exit failed > 0 }' "$place/counts"
