# shellcheck shell=sh disable=SC2154
# A user who has seen nothing new for more than 400 days, while a newer release is held back by a mirror.

world() {
  maintainer
  release 1.0.0
  user 1.0.0
  release 1.1.0
  silence user '2024-03-01T12:00:00Z'
}
