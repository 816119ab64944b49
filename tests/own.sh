# A Pregon of a test's own, from what is built here; sourced by scripts that then have `$work`, a folder that goes with
# them, and `fail`, `soon`, `launch`.
# shellcheck shell=bash
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

fail() { echo "${0##*/}: $*" >&2; tail -n 20 "$work/log" >&2 2>/dev/null || true; exit 1; }

# soon COMMAND...: within a minute.
soon() {
  local deadline=$((SECONDS + 60))
  until "$@"; do
    [[ $SECONDS -lt $deadline ]] || return 1
    sleep 0.2
  done
}

healthy() { curl -fs -o /dev/null "$PREGON_API/health"; }

# Builds it and starts every role in one process, with the simulator, on free ports, with the settings that are exported.
launch() {
  cargo build --locked -p pregon
  local target
  target=$(cargo metadata --format-version 1 --no-deps --locked | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
  API_ADDR=127.0.0.1:$(free_port)
  DASHBOARD_ADDR=127.0.0.1:$(free_port)
  MIXER_ADDR=127.0.0.1:$(free_port)
  TELNET_ADDR=127.0.0.1:$(free_port)
  export API_ADDR DASHBOARD_ADDR MIXER_ADDR TELNET_ADDR
  export PREGON_API=http://$API_ADDR PREGON_DASHBOARD=http://$DASHBOARD_ADDR PREGON_RADIO=http://$MIXER_ADDR
  export PREGON_DATA_DIR=$work/data ASTERISK_SIMULATE=on ASTERISK_SIM_CALL_SECONDS=1
  unset RABBITMQ_URL REDIS_URL ASTERISK_SPOOL_DIR ASTERISK_SIM_OUTCOMES AUDIO_DIR MUSIC_DIR MIXER_SOCKET
  "$target/debug/pregon" serve >"$work/log" 2>&1 &
  pid=$!
  soon healthy || fail "Pregon did not come up"
}
