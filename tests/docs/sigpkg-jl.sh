# shellcheck shell=sh disable=SC1091,SC2154
# The world of docs/users/projects.md: a project that depends on Tides, a signed Julia package, and on one that nobody signs.

. "$root/tests/docs/projects.sh"
