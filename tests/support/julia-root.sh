# shellcheck shell=sh
# A Debian bullseye with a real Julia (1.5.3) in a folder, for tests. To be read with `.` by a POSIX shell.
# It has git and curl, since this Julia's Pkg starts with no download engine at all otherwise.
#
#   julia_root_make DIR                     makes it, unless it is there already; says why it cannot on stderr
#   julia_root_run DIR COMMAND...           runs a command in it, as its root, in /root, with an environment of its own
#   julia_root_install_sigpkg DIR BINARY    puts a sigpkg of this machine there, as /usr/local/bin/sigpkg
#   julia_root_remove DIR                   removes it; refuses if anything is mounted below it
#
# It needs root, debootstrap, unshare, chroot and a Debian mirror: DEBIAN_MIRROR=URL, or the first one that apt is set up
# for. Whatever is mounted is mounted in a mount namespace that ends with the command, so that nothing is ever left
# mounted, and removing the folder cannot reach through a mount. The network is the machine's own: a server on 127.0.0.1
# outside is on 127.0.0.1 inside. `julia_root_run` takes variables as `julia_root_run DIR env NAME=VALUE COMMAND...`.

PATH=$PATH:/usr/sbin:/sbin # where debootstrap and chroot are

julia_root_make() {
  [ -x "$1/usr/bin/julia" ] && [ -e "$1/root/.julia-root-is-complete" ] && return 0
  [ "$(id -u)" -eq 0 ] || { echo "only root can make a chroot with Julia; JULIA_ROOT=DIR names one" >&2; return 1; }
  for julia_root_tool in debootstrap unshare chroot; do
    command -v "$julia_root_tool" >/dev/null 2>&1 || { echo "$julia_root_tool is missing, to make a chroot with Julia" >&2; return 1; }
  done
  julia_root_url=$(julia_root_mirror)
  [ -n "$julia_root_url" ] || { echo "apt is set up for no Debian mirror; DEBIAN_MIRROR=URL names one" >&2; return 1; }
  mkdir -p "$1" || return 1
  # Signatures of the archive are checked, and a missing keyring is a failure. In the background, since a shell that waits
  # for its foreground hears no signal; its processes end with unshare.
  unshare --mount --pid --fork --kill-child debootstrap --force-check-gpg --variant=minbase \
    --include=julia,git,curl,ca-certificates bullseye "$1" "$julia_root_url" >"$1.log" 2>&1 &
  if ! wait $!; then
    tail -n 5 "$1.log" >&2
    echo "Debian bullseye with Julia cannot be made from the mirror $julia_root_url" >&2
    return 1
  fi
  rm -f "$1.log"
  : >"$1/root/.julia-root-is-complete"
}

julia_root_run() {
  julia_root_at=$1
  shift
  # shellcheck disable=SC2016  # it is for the inner shell
  unshare --mount --propagation private /bin/sh -c '
    root=$1
    shift
    mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" || exit 125
    exec chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C.UTF-8 TERM=dumb \
      /bin/sh -c '\''cd /root && exec "$@"'\'' sh "$@"' sh "$julia_root_at" "$@"
}

# The binary is linked to newer libraries than bullseye has: it is run by the loader of this machine, with its libraries.
julia_root_install_sigpkg() {
  [ -x "$2" ] || { echo "there is no sigpkg at $2" >&2; return 1; }
  julia_root_to=$1/opt/sigpkg
  rm -rf "$julia_root_to" && mkdir -p "$julia_root_to" "$1/usr/local/bin" && cp "$2" "$julia_root_to/sigpkg" || return 1
  julia_root_loader=''
  for julia_root_file in $(ldd "$2" 2>/dev/null | grep -o '/[^ ]*'); do
    cp -L "$julia_root_file" "$julia_root_to/" || return 1
    case $julia_root_file in */ld-*) julia_root_loader=/opt/sigpkg/${julia_root_file##*/} ;; esac
  done
  {
    echo '#!/bin/sh'
    if [ -n "$julia_root_loader" ]; then
      echo "exec $julia_root_loader --library-path /opt/sigpkg /opt/sigpkg/sigpkg \"\$@\""
    else
      echo 'exec /opt/sigpkg/sigpkg "$@"'
    fi
  } >"$1/usr/local/bin/sigpkg" && chmod 755 "$1/usr/local/bin/sigpkg"
}

julia_root_remove() {
  [ -d "$1" ] || return 0
  julia_root_real=$(CDPATH='' cd -- "$1" && pwd -P) || return 1
  [ -e "$julia_root_real/debootstrap" ] || [ -e "$julia_root_real/etc/debian_version" ] ||
    { echo "$1 is not a chroot of debootstrap, and is not removed" >&2; return 1; }
  if awk -v at="$julia_root_real/" 'index($5 "/", at) == 1 { found = 1 } END { exit !found }' /proc/self/mountinfo; then
    echo "something is mounted below $1, and it is not removed" >&2
    return 1
  fi
  rm -rf --one-file-system "$julia_root_real"
}

julia_root_mirror() {
  if [ -n "${DEBIAN_MIRROR-}" ]; then
    echo "$DEBIAN_MIRROR"
    return
  fi
  # What apt would ask first: a suite without `-updates`, `-security` and the like. Nothing is fetched.
  julia_root_url=$(apt-get --print-uris update 2>/dev/null | sed -n "s|^'\(.*\)/dists/[a-z]*/InRelease'.*|\1|p" | head -n 1)
  case $julia_root_url in
    mirror+file:*) sed -n 's/^\([a-z]*:[^[:space:]]*\).*/\1/p' "/${julia_root_url#mirror+file:*/}" | head -n 1 ;;
    *) echo "$julia_root_url" ;;
  esac
}
