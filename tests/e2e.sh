#!/usr/bin/env bash
# What a newcomer does, from a fresh copy of the repository: start, the first calls, scaling, stopping; embedded, then
# on RabbitMQ and Redis with every role in a process of its own.
#
#   tests/e2e.sh [--working-tree]   copies the files as they are instead of the last commit
#
# Uses RabbitMQ and Redis of TEST_AMQP_URL and TEST_REDIS_URL, or starts its own by tests/services.sh. CARGO_TARGET_DIR
# is shared with the copy, so dependencies are not compiled again.
set -euo pipefail

here=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
# shellcheck source=ports.sh
. "$here/tests/ports.sh"
work=$(mktemp -d)
tree=$work/pregon
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/target}
declare -A processes=()
own_services=
code='' answer=''

finish() {
  local name
  for name in "${!processes[@]}"; do kill -TERM "${processes[$name]}" 2>/dev/null || true; done
  [[ ! -x $tree/manage.sh ]] || PREGON_MODE=native PREGON_DATA_DIR=$work/data "$tree/manage.sh" stop >/dev/null 2>&1 || true
  [[ -z $own_services ]] || "$here/tests/services.sh" stop "$work/services" >/dev/null 2>&1 || true
  if [[ -n ${KEEP:-} ]]; then echo "kept: $work"; else rm -rf "$work"; fi
}
trap finish EXIT

fresh_copy() {
  if [[ ${1-} == --working-tree ]]; then
    mkdir "$tree"
    git -C "$here" ls-files -z --cached --others --exclude-standard |
      tar -C "$here" -c --null -T - --ignore-failed-read 2>/dev/null | tar -C "$tree" -x
  else
    git clone -q --no-hardlinks "$here" "$tree"
  fi
}

case ${1-} in '' | --working-tree) ;; *) echo "usage: tests/e2e.sh [--working-tree]" >&2; exit 2 ;; esac
fresh_copy "${1-}"

# For its functions: call, field, flatten, binary.
# shellcheck source=../manage.sh
. "$tree/manage.sh"

# ok TITLE COMMAND...: the command must succeed.
ok() {
  local title=$1
  shift
  "$@" || {
    printf 'not ok  %s\n        %s\n        last answer: %s %s\n' "$title" "$*" "${code:-}" "${answer:0:400}" >&2
    exit 1
  }
  printf 'ok      %s\n' "$title"
}

# eventually SECONDS COMMAND...
eventually() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [[ $SECONDS -lt $deadline ]] || return 1
    sleep 0.1
  done
}

answers() { call GET "$2" && [[ $code == "$1" ]]; }
shows() { [[ $(curl -fsS "$dashboard_url$1") == *"$2"* ]]; }
has() { [[ -n $(field "$1") ]]; }
stat_is() { call GET /queue/stats && [[ $(field "$1") == "$2" ]]; }
is_completed() { call GET "/tts/status/$1" && [[ $(field status) == completed ]]; }
refused() { call POST /tts/call "$2" && [[ $code == 4?? && $answer == *"\"$1\""* ]]; }
prints() { [[ $output == *"$1"* ]]; }

place() {
  API_ADDR=127.0.0.1:$(free_port)
  DASHBOARD_ADDR=127.0.0.1:$(free_port)
  # shellcheck disable=SC2034 # read by call
  api_url=http://$API_ADDR
  dashboard_url=http://$DASHBOARD_ADDR
  export API_ADDR DASHBOARD_ADDR PREGON_MODE=native PREGON_DATA_DIR=$work/data ASTERISK_SIMULATE=on
  export ASTERISK_SIM_CALL_SECONDS=1
  unset RABBITMQ_URL REDIS_URL QUEUE_PREFIX API_KEYS ASTERISK_SPOOL_DIR AUDIO_DIR ASTERISK_SIM_OUTCOMES
}

# The two calls that every user of the first version knows.
seed_calls() {
  local priority job
  for priority in normal high; do
    call POST /tts/call "{\"text\":\"Hola, su cita es mañana a las nueve\",\"phone_number\":\"3005050149\",\"language\":\"es\"$(
      [[ $priority == normal ]] || printf ',"priority":"high"'
    )}"
    ok "a $priority call is accepted" [ "$code" = 202 ]
    job=$(field job_id)
    ok "… into its queue" [ "$(field queue)" = "$([[ $priority == high ]] && echo tts_priority || echo tts_calls)" ]
    ok "… and ends completed" eventually 30 is_completed "$job"
    ok "… with an outcome" [ "$(field outcome.kind)" = answered ]
    jobs+=("$job")
  done
}

bad_calls() {
  ok "a text is needed" refused text '{"phone_number":"3005050149"}'
  ok "a number holds no line break" refused phone_number '{"text":"x","phone_number":"3005050149\nApplication: System"}'
  ok "an unknown priority is refused" refused priority '{"text":"x","phone_number":"3005050149","priority":"urgent"}'
  ok "an unknown field is refused" refused prioridad '{"text":"x","phone_number":"3005050149","prioridad":"high"}'
}

# Numbers that must add up whatever happens.
stats_add_up() {
  call GET /queue/stats
  flatten <<<"$answer" | awk -F'\t' '
    $1 == "workers.total" { total = $2 } $1 == "workers.active" { sum += $2 } $1 == "workers.idle" { sum += $2 }
    $1 ~ /^workers\.list\.[0-9]+\./ { split($1, p, "."); listed[p[3]] }
    $1 == "jobs.total" { jobs = $2 } $1 ~ /^jobs\./ && $1 != "jobs.total" { states += $2 }
    END { for (i in listed) n++; exit !(total == sum && total == n && jobs == states && jobs > 0) }'
}

stats_shape() {
  call GET /queue/stats
  local name
  for name in tts_calls tts_priority tts_results; do
    has "queues.$name.messages" && has "queues.$name.consumers" || return 1
  done
  for name in processing_ms.avg processing_ms.p50 processing_ms.p95 success_rate; do has "$name" || return 1; done
  [[ $answer == *'"throughput_per_minute":['* ]]
}

nothing_unfinished() {
  call GET /queue/stats
  local state
  for state in scheduled queued processing dispatched; do [[ $(field "jobs.$state") == 0 ]] || return 1; done
}

pages() {
  ok "the dashboard shows the overview" shows / "<html"
  ok "… the jobs" shows "/jobs?q=${jobs[0]}" "/jobs/${jobs[0]}"
  ok "… and a job" shows "/jobs/${jobs[0]}" "su cita es"
  ok "the API documents itself" answers 200 /openapi.json
}

embedded() {
  printf '\nEmbedded: ./manage.sh and nothing else\n'
  place
  local output jobs=()
  ./manage.sh start --workers 2
  ok "starting twice is fine" ./manage.sh start
  ok "it is healthy" answers 200 /health
  seed_calls
  output=$(./manage.sh test)
  printf '%s\n' "$output"
  ok "the test call shows its call file" prints "Channel: PJSIP/"
  ok "… its audio" prints ".wav): "
  ok "… and its end" [ "${output##*$'\n'}" = completed ]
  ok "an urgent test call completes" ./manage.sh test --high --text "Atención: mensaje urgente"
  bad_calls
  ok "it scales to 3 workers" ./manage.sh scale 3
  ok "… and soon has them" eventually 15 stat_is workers.total 3
  ok "… and back to 1" ./manage.sh scale 1
  ok "… which it soon has" eventually 30 stat_is workers.total 1
  ok "the numbers are all there" stats_shape
  ok "… and add up" stats_add_up
  pages
  ok "the status can be read" ./manage.sh status
  ok "nothing is left unfinished" eventually 20 nothing_unfinished
  ok "it stops" ./manage.sh stop
  ok "stopping twice is fine" ./manage.sh stop
  ok "… and then the status is not 0" fails ./manage.sh status
  ./manage.sh start
  ok "jobs outlive a restart" is_completed "${jobs[0]}"
  ok "it stops again" ./manage.sh stop
  ok "its data can be removed" ./manage.sh clean --yes
  ok "… and is gone" [ ! -e "$PREGON_DATA_DIR" ]
}

fails() { ! "$@" >/dev/null 2>&1; }

launch() {
  local name=$1
  shift
  "$program" "$@" >"$work/$name.log" 2>&1 &
  processes[$name]=$!
}

ends_well() {
  kill -TERM "${processes[$1]}"
  wait "${processes[$1]}"
}

brokers() {
  if [[ -z ${TEST_AMQP_URL:-} || -z ${TEST_REDIS_URL:-} ]]; then
    own_services=1
    "$here/tests/services.sh" start "$work/services"
    # shellcheck source=/dev/null
    . "$work/services/env"
  fi
  export RABBITMQ_URL=$TEST_AMQP_URL REDIS_URL=$TEST_REDIS_URL QUEUE_PREFIX=e2e-$$.
}

distributed() {
  printf '\nOn RabbitMQ and Redis: every role a process, three workers\n'
  place
  brokers
  local name jobs=() program count=60
  program=$(binary)
  mkdir -p "$work/data"
  launch api api
  launch dashboard dashboard
  launch asterisk-sim asterisk-sim
  for name in worker-1 worker-2 worker-3; do WORKER_ID=$name launch "$name" worker; done
  ok "it is healthy" eventually 60 answers 200 /health
  ok "three workers report" eventually 30 stat_is workers.total 3
  seed_calls
  bad_calls
  call POST /tts/batch "{\"jobs\":[$(
    for ((i = 1; i <= count; i++)); do
      printf '%s{"text":"Mensaje de la tanda","phone_number":"3005050149"}' "$([[ $i == 1 ]] || echo ,)"
    done
  )]}"
  ok "a batch is accepted" [ "$code" = 202 ]
  ok "… and every job of it completes" eventually 60 stat_is jobs.completed $((count + 2))
  ok "… each with one call file" [ "$(find "$work/data/spool/ledger" -type f -size +0 | wc -l)" = $((count + 2)) ]
  ok "the numbers are all there" stats_shape
  ok "… and add up" stats_add_up
  pages
  ok "nothing is left unfinished" nothing_unfinished
  for name in worker-1 worker-2 worker-3 asterisk-sim dashboard api; do
    ok "$name ends well on SIGTERM" ends_well "$name"
    unset "processes[$name]"
  done
}

embedded
distributed
printf '\nEnd to end: everything passed.\n'
