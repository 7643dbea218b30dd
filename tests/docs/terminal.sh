# shellcheck shell=sh
# A user with an empty home.

world() {
  machine user
}
