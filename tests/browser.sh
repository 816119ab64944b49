#!/usr/bin/env bash
# The dashboard and the radio player in a real browser: a job followed to its end on open pages, the stream played through
# announcements and titles, then every page searched for barriers.
#
#   tests/browser.sh [FOLDER]   with a folder, pictures of every page are left there too
#
# Needs chromium, node and npm; starts a Pregon of its own, with the simulator.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
# shellcheck source=ports.sh
. tests/ports.sh

shots=${1:+$(realpath -m "$1")}
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

fail() { echo "browser.sh: $*" >&2; tail -n 20 "$work/log" >&2 2>/dev/null || true; exit 1; }

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
  MIXER_ADDR=127.0.0.1:$(free_port)
  TELNET_ADDR=127.0.0.1:$(free_port)
  export API_ADDR DASHBOARD_ADDR MIXER_ADDR TELNET_ADDR
  export PREGON_API=http://$API_ADDR PREGON_DASHBOARD=http://$DASHBOARD_ADDR PREGON_RADIO=http://$MIXER_ADDR
  export PREGON_DATA_DIR=$work/data ASTERISK_SIMULATE=on ASTERISK_SIM_CALL_SECONDS=1
  unset RABBITMQ_URL REDIS_URL API_KEYS ASTERISK_SPOOL_DIR ASTERISK_SIM_OUTCOMES MUSIC_DIR MIXER_SOCKET
  "$target/debug/pregon" serve >"$work/log" 2>&1 &
  pid=$!
  soon healthy || fail "Pregon did not come up"
}

submit() {
  curl -fsS -X POST "$PREGON_API/tts/call" -H 'Content-Type: application/json' -d "$1" |
    sed -n 's/.*"job_id":"\([^"]*\)".*/\1/p'
}

has_state() { [[ $(curl -fsS "$PREGON_API/tts/status/$1") == *"\"status\":\"$2\""* ]]; }

# A job in every state that lasts, so that there is a page of each to look at.
furnish() {
  local heard withdrawn later
  later=$(date -d '+2 days' --iso-8601=seconds)
  heard=$(submit '{"text":"Su cita es mañana a las nueve","phone_number":"3005050149"}')
  withdrawn=$(submit '{"text":"Esta llamada se retira","phone_number":"3005050149","not_before":"'"$later"'"}')
  submit '{"text":"Feliz cumpleaños","phone_number":"3005050149","not_before":"'"$later"'"}' >/dev/null
  curl -fsS -o /dev/null -X POST "$PREGON_API/jobs/$withdrawn/cancel"
  soon has_state "$heard" completed || fail "the first job did not complete"
  soon has_state "$withdrawn" cancelled || fail "the second job was not cancelled"
}

cp -r tests/browser "$work/browser"
if [[ -f $work/browser/package-lock.json ]]; then install=ci; else install=install; fi
npm --prefix "$work/browser" "$install" --no-audit --no-fund --loglevel=error
start
furnish
node "$work/browser/follow.mjs" || fail "a job could not be followed"
node "$work/browser/radio.mjs" ${shots:+"$shots"} || fail "the radio could not be heard"
node "$work/browser/axe.mjs" || fail "there are barriers on the pages"
[[ -z $shots ]] || node "$work/browser/screenshots.mjs" "$shots"
