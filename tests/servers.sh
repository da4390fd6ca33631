# shellcheck shell=bash
# Throw-away database servers for the tests; sourced by tests/run.sh.
#
# `start_servers` installs what is missing (Debian and Ubuntu, as root; also the browser for the page), starts a PostgreSQL and a MariaDB that listen on
# loopback only, with their data in a folder for temporary files, and exports where they are:
#
#   WXREMIND_TEST_POSTGRES  postgres://wxremind:…@127.0.0.1:PORT/postgres
#   WXREMIND_TEST_MARIADB   mysql://wxremind:…@127.0.0.1:PORT/test
#   WXREMIND_TEST_CA        the certificate that those of both are signed with
#   WXREMIND_TEST_ODBC      set where unixODBC has drivers for PostgreSQL, MariaDB and SQLite
#
# A variable that is set already is left alone, so that the tests can use a server that runs elsewhere. Where a server
# cannot be had its variable stays unset, and the tests that need it say that they were left out.
# `stop_servers` stops what was started and removes the data.

servers_folder=''
servers_started=()
servers_postgres=''

say() { printf 'tests/servers.sh: %s\n' "$*" >&2; }

# The folder of PostgreSQL's programs: Debian keeps initdb out of the PATH.
postgres_programs() {
  local folder
  for folder in $(command -v initdb >/dev/null 2>&1 && dirname "$(command -v initdb)") /usr/lib/postgresql/*/bin; do
    [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && found=$folder
  done
  printf '%s' "${found:-}"
}

# Whether the program can be built with its feature odbc.
can_build_odbc() {
  command -v odbcinst >/dev/null 2>&1 && printf 'int main(void){return 0;}' |
    "${CC:-cc}" -x c - -lodbc -o /dev/null 2>/dev/null
}

has_odbc_drivers() {
  local driver drivers
  drivers=$(odbcinst -q -d 2>/dev/null) || return 1
  for driver in 'PostgreSQL Unicode' 'MariaDB Unicode' SQLite3; do
    [[ $drivers == *"[$driver]"* ]] || return 1
  done
}

install_servers() {
  local wanted=()
  [ -n "$(postgres_programs)" ] || [ -n "${WXREMIND_TEST_POSTGRES:-}" ] || wanted+=(postgresql)
  command -v mariadbd >/dev/null 2>&1 || [ -x /usr/sbin/mariadbd ] || [ -n "${WXREMIND_TEST_MARIADB:-}" ] ||
    wanted+=(mariadb-server)
  can_build_odbc || wanted+=(unixodbc-dev odbcinst)
  has_odbc_drivers || wanted+=(odbc-postgresql odbc-mariadb libsqliteodbc)
  install "${wanted[@]}"
  # By itself, since it is large: the databases do not depend on it. The page is tested in it.
  command -v chromedriver >/dev/null 2>&1 || install chromium chromium-driver
}

install() {
  [ $# -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    say "not installed: $*; the tests that need them will be left out"
    return 0
  fi
  say "installing $*"
  # The packages start a server of their own where the system lets them; the tests use another.
  apt-get update -q >/dev/null &&
    DEBIAN_FRONTEND=noninteractive apt-get install -q --yes --no-install-recommends "$@" >/dev/null ||
    say "could not install $*; the tests that need them will be left out"
}

# PostgreSQL does not run as root: then its programs run as the account that the package makes. An array, not a function,
# so that a program in the background is the process itself and can be stopped.
as_postgres=()
[ "$(id -u)" != 0 ] || as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups)

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 20000))
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  printf '%s' "$port"
}

# Waits until the command answers; the servers take a second or two.
until_up() {
  local tries
  for tries in $(seq 150); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.2
  done
  return 1
}

# A certificate for servers on 127.0.0.1, signed by one made for the occasion; without openssl there is no TLS.
make_certificate() {
  local folder=$servers_folder
  command -v openssl >/dev/null 2>&1 || return 0
  {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=wxremind test CA' -keyout "$folder/ca.key" -out "$folder/ca.pem" &&
      openssl req -newkey rsa:2048 -nodes -subj '/CN=127.0.0.1' -keyout "$folder/server.key" -out "$folder/server.csr" &&
      openssl x509 -req -in "$folder/server.csr" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial -days 2 \
        -extfile <(printf 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE') -out "$folder/server.crt" &&
      chmod 600 "$folder/server.key" && chmod 644 "$folder/ca.pem" "$folder/server.crt" &&
      export WXREMIND_TEST_CA="$folder/ca.pem"
  } >"$folder/openssl.log" 2>&1 || say "no certificate could be made; the test of TLS will be left out"
}

# A server's own copy of certificate and key, in its data folder, for the account that it runs as.
give_certificate() {
  local data=$1 account=$2
  [ -n "${WXREMIND_TEST_CA:-}" ] || return 1
  cp -p "$servers_folder/server.key" "$servers_folder/server.crt" "$data/"
  [ "$(id -u)" != 0 ] || chown "$account:$account" "$data/server.key" "$data/server.crt"
}

start_postgres() {
  local programs data port=$1
  programs=$(postgres_programs)
  [ -n "$programs" ] || return 0
  data=$servers_folder/postgres
  install -d -m 700 "$data"
  [ "$(id -u)" != 0 ] || chown postgres:postgres "$data"
  printf 'wxremind-test' >"$servers_folder/password"
  chmod 644 "$servers_folder/password"
  "${as_postgres[@]}" "$programs/initdb" --pgdata="$data" --username=wxremind --pwfile="$servers_folder/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync >"$servers_folder/initdb.log" 2>&1 || {
    say "initdb failed; the tests on PostgreSQL will be left out"
    return 0
  }
  ! give_certificate "$data" postgres || printf 'ssl = on\n' >>"$data/postgresql.conf"
  # fsync stays on: what the ledger promises is that a commit is on disk.
  "${as_postgres[@]}" "$programs/postgres" -D "$data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories='' \
    -c max_connections=200 >"$servers_folder/postgres.log" 2>&1 &
  servers_postgres=$!
  servers_started+=("$servers_postgres")
  if until_up bash -c "exec 3<>/dev/tcp/127.0.0.1/$port" && until_up grep -q 'ready to accept' "$servers_folder/postgres.log"; then
    export WXREMIND_TEST_POSTGRES="postgres://wxremind:wxremind-test@127.0.0.1:$port/postgres"
  else
    say "PostgreSQL did not start; the tests on it will be left out"
  fi
}

start_mariadb() {
  local server data port=$1 account=mysql socket
  server=$(command -v mariadbd || printf '/usr/sbin/mariadbd')
  [ -x "$server" ] || return 0
  [ "$(id -u)" = 0 ] || account=$(id -un)
  data=$servers_folder/mariadb
  socket=$servers_folder/mariadb.sock
  install -d -m 700 "$data"
  [ "$(id -u)" != 0 ] || chown mysql:mysql "$data"
  mariadb-install-db --no-defaults --user="$account" --datadir="$data" --auth-root-authentication-method=normal \
    --skip-test-db >"$servers_folder/install-db.log" 2>&1 || {
    say "mariadb-install-db failed; the tests on MariaDB will be left out"
    return 0
  }
  local tls=()
  ! give_certificate "$data" "$account" || tls=(--ssl-cert="$data/server.crt" --ssl-key="$data/server.key")
  "$server" --no-defaults --user="$account" --datadir="$data" --port="$port" "${tls[@]}" --bind-address=127.0.0.1 \
    --socket="$socket" --pid-file="$servers_folder/mariadb.pid" >"$servers_folder/mariadb.log" 2>&1 &
  servers_started+=($!)
  if until_up mariadb --no-defaults --socket="$socket" --user=root -e 'SELECT 1'; then
    mariadb --no-defaults --socket="$socket" --user=root <<'SQL'
CREATE DATABASE test CHARACTER SET utf8mb4;
CREATE USER wxremind@'127.0.0.1' IDENTIFIED BY 'wxremind-test';
CREATE USER wxremind@localhost IDENTIFIED BY 'wxremind-test';
GRANT ALL ON *.* TO wxremind@'127.0.0.1' WITH GRANT OPTION;
GRANT ALL ON *.* TO wxremind@localhost WITH GRANT OPTION;
SQL
    export WXREMIND_TEST_MARIADB="mysql://wxremind:wxremind-test@127.0.0.1:$port/test"
  else
    say "MariaDB did not start; the tests on it will be left out"
  fi
}

start_servers() {
  install_servers
  ! has_odbc_drivers || export WXREMIND_TEST_ODBC=yes
  servers_folder=$(mktemp -d "${TMPDIR:-/tmp}/wxremind-servers.XXXXXX")
  # The servers' accounts must be able to enter it; their own folders in it are closed.
  chmod 711 "$servers_folder"
  [ "$(id -u)" != 0 ] || chmod 777 "$servers_folder"
  make_certificate
  [ -n "${WXREMIND_TEST_POSTGRES:-}" ] || start_postgres "$(free_port)"
  [ -n "${WXREMIND_TEST_MARIADB:-}" ] || start_mariadb "$(free_port)"
}

stop_servers() {
  local started
  # PostgreSQL waits for its sessions on SIGTERM, not on SIGQUIT; MariaDB ends in order on SIGTERM. The data goes anyway.
  for started in "${servers_started[@]}"; do kill -TERM "$started" 2>/dev/null || true; done
  [ -z "$servers_postgres" ] || kill -QUIT "$servers_postgres" 2>/dev/null || true
  for started in "${servers_started[@]}"; do wait "$started" 2>/dev/null || true; done
  servers_started=()
  [ -z "$servers_folder" ] || rm -rf "$servers_folder"
}
