#!/usr/bin/env bash
# The audio feed with the official Socket.IO client: streams byte for byte, over WebSocket and long polling.
#
#   tests/feed.sh
#
# Needs node and npm; starts a Pregon of its own, with the simulator.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
# shellcheck source=ports.sh
. tests/ports.sh

work=$(mktemp -d)
pid=

finish() {
  if [[ -n $pid ]]; then
    kill -TERM "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT

fail() { echo "feed.sh: $*" >&2; tail -n 20 "$work/log" >&2 2>/dev/null || true; exit 1; }

# soon COMMAND...: within a minute.
soon() {
  local deadline=$((SECONDS + 60))
  until "$@"; do
    [[ $SECONDS -lt $deadline ]] || return 1
    sleep 0.2
  done
}

healthy() { curl -fs -o /dev/null "$PREGON_API/health"; }

start() {
  cargo build --locked -p pregon
  local target
  target=$(cargo metadata --format-version 1 --no-deps --locked | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
  API_ADDR=127.0.0.1:$(free_port)
  DASHBOARD_ADDR=127.0.0.1:$(free_port)
  export API_ADDR DASHBOARD_ADDR PREGON_API=http://$API_ADDR
  export PREGON_DATA_DIR=$work/data PREGON_AUDIO=$work/data/audio RADIO=false
  export API_KEYS=ana:admin:secret-ana,crm:client:secret-crm,shop:client:secret-shop
  export ASTERISK_SIMULATE=on ASTERISK_SIM_CALL_SECONDS=1
  # Large chunks at a fast pace, so that long streams are short.
  export ASF_CHUNK_SIZE=16384 ASF_STREAM_SLEEP_INTERVAL=0.001
  unset RABBITMQ_URL REDIS_URL ASTERISK_SPOOL_DIR ASTERISK_SIM_OUTCOMES AUDIO_DIR
  "$target/debug/pregon" serve >"$work/log" 2>&1 &
  pid=$!
  soon healthy || fail "Pregon did not come up"
}

cp -r tests/feed "$work/feed"
npm --prefix "$work/feed" install --no-audit --no-fund --loglevel=error
start
node --test "$work/feed/feed.mjs" || fail "the feed is not as it should be"
