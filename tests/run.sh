#!/usr/bin/env bash
# Runs every test of the workspace. Arguments go to the test programs: `tests/run.sh some_name` runs the tests whose
# name contains it, `tests/run.sh -- --nocapture` shows what they print.
#
# Needs a Rust toolchain (1.95 or later) and a C compiler, and the network once, to fetch the dependencies. The tests
# themselves never leave this machine, and write only below target/ and the folder for temporary files.
#
# As root on Debian or Ubuntu it installs the database servers that are missing; elsewhere the tests that need them say
# that they were left out. tests/servers.sh tells more, and tests/swagger.sh of the connector's definition, which is
# validated first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing() {
  printf 'tests/run.sh: %s\n' "$@" >&2
  exit 127
}

cargo --version >/dev/null 2>&1 || missing \
  'cargo does not run here. Install Rust 1.95 or later with rustup and open a new terminal.' \
  'If it is installed for another home folder, set RUSTUP_HOME and CARGO_HOME to where it is.'
command -v "${CC:-cc}" >/dev/null || missing \
  "There is no C compiler (${CC:-cc}); SQLite and the TLS library are built with one." \
  'On Debian and Ubuntu: apt-get install build-essential. On Fedora: dnf install gcc. On macOS: xcode-select --install.'

# shellcheck source=tests/servers.sh
source tests/servers.sh
trap stop_servers EXIT
start_servers

# With the feature where it can be had, so that everything is built once.
features=()
! can_build_odbc || features=(--features odbc)

# shellcheck source=tests/swagger.sh
source tests/swagger.sh
definition=0
validate_definition || definition=1

# All of them, also after a program of tests that failed.
cargo test --workspace --locked --no-fail-fast "${features[@]}" "$@"
exit "$definition"
