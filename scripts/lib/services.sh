# shellcheck shell=bash
# Throw-away servers on free ports of 127.0.0.1, for the scripts that source this file.
#
#   services_begin                  makes $SERVICES_DIR and arranges the clean-up
#   services_need redis postgres …  installs what is missing, or says what to install
#   services_start redis postgres … starts them and exports TEST_REDIS_URL, TEST_POSTGRES_URL, TEST_MYSQL_URL
#   services_run command …          runs a command that ends with the script, whatever ends it
#
# Works as root and as an ordinary user. Expects `set -euo pipefail`.

SERVICES_DIR=
SERVICES_PIDS=()
SERVICES_CHILD=
SERVICES_PORT=
SERVICES_LOG=

# Servers live in sbin or in a versioned directory on Debian, where an ordinary user's PATH does not reach.
services_path() {
  local versioned
  PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
  versioned=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
  [[ -z $versioned ]] || PATH="$PATH:$versioned"
  export PATH
}

services_begin() {
  services_path
  SERVICES_DIR=$(mktemp -d "${TMPDIR:-/tmp}/api-patterns.XXXXXX")
  # The servers of a root caller run as another user, who has to reach their directories in here.
  chmod 711 "$SERVICES_DIR"
  trap services_end EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

services_end() {
  local status=$? pid
  trap - EXIT
  [[ -z $SERVICES_CHILD ]] || services_kill "-$SERVICES_CHILD"
  for pid in ${SERVICES_PIDS[@]+"${SERVICES_PIDS[@]}"}; do
    services_kill "$pid"
  done
  [[ -z $SERVICES_DIR ]] || rm -rf "$SERVICES_DIR"
  exit "$status"
}

# Ends a process, or with a minus sign its group. SIGINT is PostgreSQL's fast shutdown, which does not
# wait for clients; the others end at one or the other.
services_kill() {
  local pid=$1 tries
  kill -INT -- "$pid" 2>/dev/null || return 0
  kill -TERM -- "$pid" 2>/dev/null || true
  for ((tries = 0; tries < 50; tries++)); do
    kill -0 -- "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL -- "$pid" 2>/dev/null || true
  wait "${pid#-}" 2>/dev/null || true
}

# In the background and waited for, because bash runs a trap only between foreground commands; as a
# group of its own (`set -m`), so that what the command has started ends with it.
services_run() {
  local status=0
  set -m
  "$@" &
  set +m
  SERVICES_CHILD=$!
  wait "$SERVICES_CHILD" || status=$?
  SERVICES_CHILD=
  return "$status"
}

# --- what is needed -------------------------------------------------------------------------------

services_browser() {
  local name
  for name in chromium chromium-browser google-chrome; do
    if command -v "$name"; then return 0; fi
  done
  return 1
}

services_has() {
  case $1 in
    redis) command -v redis-server && command -v redis-cli ;;
    postgres) command -v initdb && command -v postgres && command -v psql ;;
    mariadb) command -v mariadbd && command -v mariadb-install-db && command -v mariadb-admin ;;
    chromium) services_browser ;;
    c++ | haproxy | nginx | openssl) command -v "$1" ;;
    npm) command -v npm && command -v node ;;
    venv) python3 -c 'import ensurepip, venv' ;;
    *) printf 'unknown service: %s\n' "$1" >&2 && return 2 ;;
  esac >/dev/null
}

services_package() {
  case $1 in
    redis) echo redis-server ;;
    postgres) echo postgresql ;;
    mariadb) echo mariadb-server ;;
    c++) echo g++ ;;
    venv) echo python3-venv ;;
    *) echo "$1" ;;
  esac
}

services_need() {
  local service packages=()
  for service in "$@"; do
    services_has "$service" || packages+=("$(services_package "$service")")
  done
  if ((${#packages[@]})); then
    services_install "${packages[@]}"
    services_path
  fi
  for service in "$@"; do
    services_has "$service" && continue
    printf 'error: %s is still missing; please install it: apt-get install %s\n' \
      "$service" "$(services_package "$service")" >&2
    return 1
  done
}

services_install() {
  local sudo=()
  if ((EUID != 0)); then sudo=(sudo -n); fi
  if ! command -v apt-get >/dev/null || ! ${sudo[@]+"${sudo[@]}"} true 2>/dev/null; then
    printf 'error: missing, and this user may not install it: %s\n' "$*" >&2
    printf 'please run: sudo apt-get install %s\n' "$*" >&2
    return 1
  fi
  printf 'installing %s\n' "$*"
  ${sudo[@]+"${sudo[@]}"} bash -c "$SERVICES_APT" apt "$@"
}

# Runs as root. policy-rc.d keeps the packages from starting their services, and what they enable for
# the next boot is disabled again: the machine is left with programs, not with servers.
# shellcheck disable=SC2016
SERVICES_APT='
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap "rm -f $policy" EXIT
  printf "#!/bin/sh\nexit 101\n" >"$policy"
  chmod 755 "$policy"
fi
log=$(mktemp)
{ apt-get update && apt-get install -y --no-install-recommends "$@"; } </dev/null >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
rm -f "$log"
if command -v systemctl >/dev/null; then
  for unit in redis-server postgresql mariadb haproxy nginx; do
    [[ " $* " == *" ${unit%-server}"* ]] || continue
    systemctl disable "$unit" >/dev/null 2>&1 || true
  done
fi
'

# --- starting -------------------------------------------------------------------------------------

# Below the range the kernel hands out to clients, so that only another server can be in the way.
services_free_port() {
  local port
  while :; do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return 0
    fi
  done
}

# PostgreSQL refuses to run as root, and the others should not.
services_unprivileged() {
  if ((EUID == 0)); then
    HOME=$SERVICES_DIR exec setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups -- "$@"
  else
    exec "$@"
  fi
}

services_data_dir() {
  local dir=$SERVICES_DIR/$1
  mkdir -p "$dir"
  chmod 700 "$dir"
  if ((EUID == 0)); then chown nobody "$dir"; fi
  echo "$dir"
}

services_start() {
  local service
  for service in "$@"; do
    SERVICES_LOG=$SERVICES_DIR/$service.log
    "services_prepare_$service" || services_give_up "$service"
    services_launch "$service"
    "services_export_$service" || services_give_up "$service"
  done
}

# A server that ends by itself lost the race for its port, most likely: another port, then.
services_launch() {
  local service=$1 attempt pid
  for ((attempt = 0; attempt < 5; attempt++)); do
    SERVICES_PORT=$(services_free_port)
    "services_serve_$service" >>"$SERVICES_LOG" 2>&1 </dev/null &
    pid=$!
    SERVICES_PIDS+=("$pid")
    if services_wait "$pid" "services_ready_$service"; then
      printf '%s on port %s\n' "$service" "$SERVICES_PORT"
      return 0
    fi
    kill -0 "$pid" 2>/dev/null && break
  done
  services_give_up "$service"
}

# The second look at the process is for a port whose owner is somebody else.
services_wait() {
  local pid=$1 ready=$2 tries
  for ((tries = 0; tries < 300; tries++)); do
    kill -0 "$pid" 2>/dev/null || return 1
    if "$ready" >/dev/null 2>&1; then
      sleep 0.1
      kill -0 "$pid" 2>/dev/null
      return
    fi
    sleep 0.1
  done
  return 1
}

services_give_up() {
  printf 'error: %s did not start; its log:\n' "$1" >&2
  tail -n 60 "$SERVICES_LOG" >&2 || true
  exit 1
}

# --- Redis ----------------------------------------------------------------------------------------

services_prepare_redis() { services_data_dir redis >/dev/null; }

services_serve_redis() {
  services_unprivileged redis-server --port "$SERVICES_PORT" --bind 127.0.0.1 \
    --save '' --appendonly no --dir "$SERVICES_DIR/redis"
}

services_ready_redis() { [[ $(redis-cli -h 127.0.0.1 -p "$SERVICES_PORT" ping) == PONG ]]; }

services_export_redis() { export TEST_REDIS_URL="redis://127.0.0.1:$SERVICES_PORT"; }

# --- PostgreSQL -----------------------------------------------------------------------------------

services_prepare_postgres() {
  local data
  data=$(services_data_dir postgres)
  # Not the library's ordering but the server's: UTF-8, and text compared by code point.
  (services_unprivileged initdb --pgdata="$data" --username=postgres --auth=trust \
    --encoding=UTF8 --locale=C.UTF-8 --no-sync) >"$SERVICES_LOG" 2>&1 </dev/null
}

services_serve_postgres() {
  services_unprivileged postgres -D "$SERVICES_DIR/postgres" -p "$SERVICES_PORT" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off
}

services_psql() {
  psql --no-psqlrc --quiet --host=127.0.0.1 --port="$SERVICES_PORT" --username=postgres \
    --dbname=postgres --command="$1" </dev/null
}

services_ready_postgres() { services_psql 'select 1'; }

services_export_postgres() {
  services_psql 'create database test' >>"$SERVICES_LOG" 2>&1
  export TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$SERVICES_PORT/test"
}

# --- MariaDB --------------------------------------------------------------------------------------

services_prepare_mariadb() {
  local data
  data=$(services_data_dir mariadb)
  (services_unprivileged mariadb-install-db --no-defaults --datadir="$data" --skip-test-db \
    --auth-root-authentication-method=normal --skip-name-resolve) >"$SERVICES_LOG" 2>&1 </dev/null
}

services_serve_mariadb() {
  services_unprivileged mariadbd --no-defaults --datadir="$SERVICES_DIR/mariadb" \
    --port="$SERVICES_PORT" --bind-address=127.0.0.1 --skip-networking=0 --skip-name-resolve \
    --socket="$SERVICES_DIR/mariadb/socket" --pid-file="$SERVICES_DIR/mariadb/pid" \
    --character-set-server=utf8mb4 --max-connections=200 \
    --innodb-flush-log-at-trx-commit=0 --skip-innodb-doublewrite --skip-log-bin
}

services_mariadb_admin() {
  mariadb-admin --no-defaults --protocol=tcp --host=127.0.0.1 --port="$SERVICES_PORT" --user=root "$@" </dev/null
}

services_ready_mariadb() { services_mariadb_admin ping; }

services_export_mariadb() {
  services_mariadb_admin create test >>"$SERVICES_LOG" 2>&1
  export TEST_MYSQL_URL="mysql://root@127.0.0.1:$SERVICES_PORT/test"
}
