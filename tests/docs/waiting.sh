# shellcheck shell=sh disable=SC2154
# Tides is handed over to Dora, by record and, in the story, without keys. One user follows, another one does not.

world() {
  maintainer
  release 1.0.0
  release 1.1.0
  user 1.1.0
  user 1.1.0 wary
  machine dora
}

by_record() {
  clone dora maintainer
  reserve_speaks dora handover 'I have no time any more; Dora maintains Tides from now on'
  release 1.2.0 dora
  download user Tides-1.2.0
  download wary Tides-1.2.0
}

without_keys() {
  as dora 'git rm -r -q .sigpkg && git commit -q -m "Tidy up" &&
    sigpkg init --name Tides --reserve-out ~/reserve && sigpkg release 1.3.0'
  publish 1.3.0 dora
  download wary Tides-1.3.0
}
