#!/usr/bin/env bash
# Measures speech on this machine, which should be idle, and prints the figures beside their targets.
#
#   bench/speech.sh
#
# CALLS=200 (each says ten words that were not said before), TIMES=2000 (hand-overs of a cached clip). Needs espeak-ng.
# An uncached call is measured from sending its request to the appearance of its call file, one at a time, embedded: a
# little more than from claim to hand-over.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
# shellcheck source=../tests/ports.sh
. tests/ports.sh

calls=${CALLS:-200} times=${TIMES:-2000}
work=$(mktemp -d)
serve=

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "bench: $*"
  tail -n 20 "$work"/*.log >&2 2>/dev/null || true
  exit 1
}

finish() {
  if [[ -n $serve ]]; then
    kill -TERM "$serve" 2>/dev/null || true
    wait "$serve" 2>/dev/null || true
  fi
  if [[ -n ${KEEP:-} ]]; then say "kept: $work"; else rm -rf "$work"; fi
}
trap finish EXIT

# value LINE NAME: the value NAME=… of a result line.
value() { grep -oE "(^| )$2=[0-9.]+" <<<"$1" | cut -d= -f2; }

# row TITLE VALUE TARGET: a figure that misses its target is marked.
row() {
  printf '| %-52s | %9s | %8s |\n' "$1" \
    "$(awk -v v="$2" -v t="$3" 'BEGIN { print v (t != "" && v + 0 > t + 0 ? " (!)" : "") }')" "${3:+<= $3}"
}

start() {
  API_ADDR=127.0.0.1:$(free_port)
  DASHBOARD_ADDR=127.0.0.1:$(free_port)
  export API_ADDR DASHBOARD_ADDR PREGON_DATA_DIR=$work/data ASTERISK_SPOOL_DIR=$work/spool AUDIO_DIR=$work/data/audio
  export ASTERISK_SIMULATE=off TTS_ENGINES=espeak RUST_LOG=warn
  unset RABBITMQ_URL REDIS_URL API_KEYS
  mkdir -p "$work/spool/outgoing"
  "$pregon" serve --workers 1 >"$work/serve.log" 2>&1 &
  serve=$!
  local deadline=$((SECONDS + 30))
  until curl -fs -o /dev/null "http://$API_ADDR/health/live"; do
    [[ $SECONDS -lt $deadline ]] || fail "the API did not come up"
    sleep 0.1
  done
}

main() {
  local target line cached fresh
  command -v espeak-ng >/dev/null || fail "espeak-ng is not installed"
  cargo build --release --locked -p pregon -p pregon-bench
  target=$(cargo metadata --format-version 1 --no-deps --locked | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
  pregon=$target/release/pregon bench=$target/release/pregon-bench
  line=$("$bench" clip --audio-dir "$work/clips" --times "$times")
  say "  $line"
  start
  fresh=$("$bench" single --api "$API_ADDR" --outgoing "$work/spool/outgoing" --jobs "$calls" --fresh)
  say "  fresh: $fresh"
  cached=$("$bench" single --api "$API_ADDR" --outgoing "$work/spool/outgoing" --jobs "$calls")
  say "  cached: $cached"
  printf '\n| %-52s | %9s | %8s |\n|%s|%s|%s|\n' "milliseconds, $(nproc) cores" measured target \
    "$(printf -- '-%.0s' {1..54})" ----------- ----------
  row "cached clip handed out, p50" "$(value "$line" short_p50_ms)" 1
  row "  p99" "$(value "$line" short_p99_ms)" ""
  row "  of a text of 5,000 characters, p50" "$(value "$line" long_p50_ms)" 1
  row "  by a process that meets it first, p50" "$(value "$line" cold_p50_ms)" ""
  row "uncached call of ten words, request to call file, p50" "$(value "$fresh" p50_ms)" 60
  row "  p99" "$(value "$fresh" p99_ms)" ""
  row "the same, cached, p50" "$(value "$cached" p50_ms)" ""
}

main "$@"
