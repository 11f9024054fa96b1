# shellcheck shell=bash
# Starts and stops the shop, for the scripts that source this file and scripts/lib/services.sh.
#
#   shop_start BINARY DATABASE_URL   waits until it is ready; sets $SHOP_URL
#   shop_stop                        SIGTERM; it has five seconds to end with exit code 0

# shellcheck disable=SC2034
SHOP_URL=
SHOP_PID=
SHOP_BINARY=
SHOP_DATABASE=

services_prepare_shop() { :; }

services_serve_shop() {
  # Its own pid, not a shell's, is what gets the signals.
  SHOP_ADDR="127.0.0.1:$SERVICES_PORT" DATABASE_URL=$SHOP_DATABASE exec "$SHOP_BINARY"
}

services_ready_shop() {
  curl -fsS --max-time 5 "http://127.0.0.1:$SERVICES_PORT/health/ready"
}

services_export_shop() {
  # shellcheck disable=SC2034
  SHOP_URL="http://127.0.0.1:$SERVICES_PORT"
  SHOP_PID=${SERVICES_PIDS[${#SERVICES_PIDS[@]} - 1]}
}

shop_start() {
  SHOP_BINARY=$1 SHOP_DATABASE=$2
  services_start shop
}

shop_stop() {
  local status=0 tries
  kill -TERM "$SHOP_PID"
  for ((tries = 0; tries < 50; tries++)); do
    kill -0 "$SHOP_PID" 2>/dev/null || break
    sleep 0.1
  done
  if kill -0 "$SHOP_PID" 2>/dev/null; then
    printf 'error: the shop is still running five seconds after SIGTERM\n' >&2
    return 1
  fi
  wait "$SHOP_PID" || status=$?
  if ((status)); then
    printf 'error: the shop ended with exit code %d; its log:\n' "$status" >&2
    tail -n 40 "$SERVICES_LOG" >&2
  fi
  return "$status"
}
