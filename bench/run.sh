#!/usr/bin/env bash
# Measures Pregon on this machine, embedded and on RabbitMQ + Redis, and prints the figures beside their targets.
#
#   bench/run.sh [embedded] [distributed]     both by default
#
# RUNS=3 (medians are printed), JOBS=5000, BATCH=20000, SINGLE=300, BACKLOG=100000 (0: leave out).
# Everything runs on this machine on loopback: the load generator too. The simulator is off, no Asterisk takes the call
# files, the speech is cached: what is measured is the way from request to call file.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
# shellcheck source=../tests/ports.sh
. tests/ports.sh

runs=${RUNS:-3} jobs=${JOBS:-5000} batch=${BATCH:-20000} single=${SINGLE:-300} backlog=${BACKLOG:-100000}
work=$(mktemp -d)
results=$work/results
declare -A pid=()

say() { printf '%s\n' "$*" >&2; }
fail() { say "bench: $*"; exit 1; }

finish() {
  local name
  for name in "${!pid[@]}"; do stop "$name"; done
  [[ ! -d $work/services ]] || tests/services.sh stop "$work/services" >/dev/null 2>&1 || true
  if [[ -n ${KEEP:-} ]]; then say "kept: $work"; else rm -rf "$work"; fi
}
trap finish EXIT

# launch NAME ROLE...: a process of ours, with its log.
launch() {
  local name=$1
  shift
  "$pregon" "$@" >>"$run/$name.log" 2>&1 &
  pid[$name]=$!
}

stop() {
  kill -TERM "${pid[$1]}" 2>/dev/null || true
  wait "${pid[$1]}" 2>/dev/null || true
  unset "pid[$1]"
}

healthy() {
  local deadline=$((SECONDS + 30))
  until curl -fs -o /dev/null "http://$API_ADDR/health/live"; do
    [[ $SECONDS -lt $deadline ]] || { tail -n 20 "$run"/*.log >&2; fail "the API did not come up"; }
    sleep 0.1
  done
}

# note METRIC LINE NAME: keeps the value NAME=… of a result line.
note() {
  local value
  value=$(grep -o "$3=[0-9.]*" <<<"$2" | cut -d= -f2) || fail "no $3 in: $2"
  printf '%s\t%s\t%s\n' "$backend" "$1" "$value" >>"$results"
  say "    $1: $value"
}

load() { "$bench" "$1" --api "$API_ADDR" "${@:2}"; }

none_refused() { [[ $1 == *refused=0* ]] || fail "some requests were refused: $1"; }

# watch JOBS: counts call files in the background; `watched` waits for them and leaves the result in $line.
watch() {
  "$bench" drain --outgoing "$ASTERISK_SPOOL_DIR/outgoing" --jobs "$1" >"$run/drain" &
  watcher=$!
  until grep -q ready "$run/drain"; do sleep 0.05; done
}
watched() {
  wait "$watcher" || fail "not every job became a call file"
  line=$(tail -n 1 "$run/drain")
}

cpu() { "$bench" cpu "$@" | cut -d= -f2; }

# Waits until RabbitMQ and Redis have done what the last step left them to do in the background: it is not the next
# step's work.
calm() {
  [[ ${#services[@]} -gt 0 ]] || return 0
  local before after deadline=$((SECONDS + 30))
  after=$(cpu "${services[@]}")
  while [[ $SECONDS -lt $deadline ]]; do
    before=$after
    sleep 0.5
    after=$(cpu "${services[@]}")
    [[ $((after - before)) -gt 40 ]] || return 0
  done
}

# A fresh system: own folders, own queues.
fresh() {
  backend=$1
  run=$work/$1-$2
  mkdir -p "$run/spool/outgoing"
  API_ADDR=127.0.0.1:$(free_port)
  DASHBOARD_ADDR=127.0.0.1:$(free_port)
  export API_ADDR DASHBOARD_ADDR PREGON_DATA_DIR=$run/data ASTERISK_SPOOL_DIR=$run/spool AUDIO_DIR=$run/data/audio
  export ASTERISK_SIMULATE=off WORKER_CONCURRENCY=16 TTS_ENGINES=espeak RUST_LOG=warn
  unset RABBITMQ_URL REDIS_URL API_KEYS
  services=()
  if [[ $backend == distributed ]]; then
    tests/services.sh start "$work/services" >&2
    # shellcheck source=/dev/null
    . "$work/services/env"
    export RABBITMQ_URL=$TEST_AMQP_URL REDIS_URL=$TEST_REDIS_URL QUEUE_PREFIX=bench$2.
    services=("$(cat "$work/services/rabbitmq.pid")" "$(cat "$work/services/redis.pid")")
  fi
}

# The system as it runs for users: everything in one process, or one process for each role.
system_up() {
  if [[ $backend == embedded ]]; then
    launch serve serve --workers 1
    processes=("${pid[serve]}")
  else
    launch api api
    launch worker worker
    processes=("${pid[api]}" "${pid[worker]}" "${services[@]}")
  fi
  healthy
}
system_down() { if [[ $backend == embedded ]]; then stop serve; else stop worker; stop api; fi; }

one_run() {
  local line before after
  fresh "$1" "$2"
  say "  $1, run $2"

  launch serve serve --workers 1
  healthy
  watch 1
  load submit --jobs 1 --connections 1 >/dev/null # speaks the text once: from here on it is cached
  watched
  sleep 3 # not waiting for anything: idle is what is measured
  note idle_mib "$("$bench" memory "${pid[serve]}")" pss_mib
  stop serve

  launch api api
  healthy
  calm
  line=$(load submit --jobs "$jobs" --connections 16)
  none_refused "$line"
  note submit_rate "$line" rate
  note submit_p50 "$line" p50_ms
  note submit_p99 "$line" p99_ms

  calm
  watch "$jobs"
  launch worker worker
  watched
  note drain_rate "$line" rate
  stop worker
  stop api

  system_up
  calm
  watch "$jobs"
  before=$(cpu "${processes[@]}")
  line=$(load submit --jobs "$jobs" --connections 16)
  none_refused "$line"
  watched
  after=$(cpu "${processes[@]}")
  note flow_rate "$line" rate
  note cpu_per_job "cpu=$(awk -v ms=$((after - before)) -v jobs="$jobs" 'BEGIN { printf "%.3f", ms / jobs }')" cpu

  line=$(load single --outgoing "$ASTERISK_SPOOL_DIR/outgoing" --jobs "$single")
  note single_p50 "$line" p50_ms
  note single_p99 "$line" p99_ms
  system_down

  launch api api
  healthy
  calm
  line=$(load batch --jobs "$batch" --size 1000 --connections 4)
  none_refused "$line"
  note batch_rate "$line" rate
  stop api
}

# Whether a long queue drains as fast as a short one.
long_queue() {
  local line size
  for size in 1000 "$backlog"; do
    fresh "$1" "queue$size"
    say "  $1, backlog of $size"
    launch api api
    healthy
    launch worker worker
    watch 1
    load submit --jobs 1 --connections 1 >/dev/null
    watched
    stop worker
    line=$(load batch --jobs "$size" --size 1000 --connections 4)
    none_refused "$line"
    calm
    watch "$size"
    launch worker worker
    watched
    note "$([[ $size == 1000 ]] && echo drain_1000 || echo drain_backlog)" "$line" rate
    stop worker
    stop api
  done
}

median() {
  awk -F'\t' -v b="$1" -v m="$2" '$1 == b && $2 == m { print $3 }' "$results" | sort -n |
    awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)]; else print "-" }'
}

# row TITLE METRIC RELATION TARGET-EMBEDDED TARGET-DISTRIBUTED: a figure that misses its target is marked.
row() {
  local embedded distributed
  embedded=$(median embedded "$2") distributed=$(median distributed "$2")
  printf '| %-44s | %10s | %10s | %10s | %10s |\n' "$1" "$(marked "$embedded" "$3" "$4")" "${4:+$3 $4}" \
    "$(marked "$distributed" "$3" "$5")" "${5:+$3 $5}"
}
marked() {
  awk -v value="$1" -v relation="$2" -v target="$3" 'BEGIN {
    miss = target != "" && value != "-" && (relation == ">=" ? value + 0 < target + 0 : value + 0 > target + 0)
    print value (miss ? " (!)" : "") }'
}

table() {
  printf '\n| %-44s | %10s | %10s | %10s | %10s |\n' "median of $runs, $(nproc) cores" embedded target distrib. target
  printf '|%s|%s|%s|%s|%s|\n' "$(printf -- '-%.0s' {1..46})" ------------ ------------ ------------ ------------
  row "CPU ms per job, submit to call file" cpu_per_job "<=" 0.5 1.2
  row "submit/s, durable, 16 connections" submit_rate ">=" 4000 4000
  row "  p50 ms of a POST at that rate" submit_p50 "" "" ""
  row "  p99 ms" submit_p99 "" "" ""
  row "batch, jobs/s" batch_rate ">=" 15000 15000
  row "drain jobs/s, one worker process" drain_rate ">=" 1500 1500
  row "submit and work at once, jobs/s" flow_rate "" "" ""
  row "one at a time: submit to call file, p50 ms" single_p50 "<=" 2 4
  row "  p99 ms" single_p99 "<=" 15 15
  if [[ $backlog != 0 ]]; then
    row "drain of a backlog of 1,000, jobs/s" drain_1000 "" "" ""
    row "drain of a backlog of $backlog, jobs/s" drain_backlog "" "" ""
  fi
  row "idle memory of pregon serve, PSS MiB" idle_mib "<=" 30 30
}

main() {
  local target backends=("$@") name number
  [[ ${#backends[@]} -gt 0 ]] || backends=(embedded distributed)
  for name in "${backends[@]}"; do
    [[ $name == @(embedded|distributed) ]] || { say "usage: bench/run.sh [embedded] [distributed]"; exit 2; }
  done
  cargo build --release --locked -p pregon -p pregon-bench
  target=$(cargo metadata --format-version 1 --no-deps --locked | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
  pregon=$target/release/pregon bench=$target/release/pregon-bench
  : >"$results"
  for name in "${backends[@]}"; do
    say "$name:"
    for ((number = 1; number <= runs; number++)); do one_run "$name" "$number"; done
    [[ $backlog == 0 ]] || long_queue "$name"
  done
  table
}

main "$@"
