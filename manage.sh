#!/usr/bin/env bash
# Runs Pregon on this machine: Docker Compose where an engine answers, one native process otherwise. `./manage.sh help`.
set -euo pipefail

readonly HEALTH_SECONDS=60 # from the start of the process to the first good answer of /health
readonly DRAIN_SECONDS=60  # from SIGTERM to the end: jobs in hand are finished
readonly TEST_SECONDS=60   # for one test call
readonly TEST_NUMBER=3005050149
readonly TEST_TEXT="Hola. Esta es una llamada de prueba de Pregón. Si escucha este mensaje, todo funciona."
readonly ANNOUNCE_TEXT="Esto es un anuncio de prueba de Pregón. La música sigue en un momento."

readonly EXIT_USAGE=2

root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cd "$root"

usage() {
  cat <<'E'
Usage: ./manage.sh COMMAND

  start [--workers N]   build and start everything, wait until it is healthy, print where it is
  stop                  finish the jobs in hand (at most 60 s) and stop
  restart               stop, then start
  status                health, queues, workers and jobs; exits 1 when Pregon does not run
  scale N               run N workers
  test [--high] [--number NUMBER] [--text TEXT]
                        one test call, followed to its outcome; shows the call file and the audio
  announce [--high] [--duck] [--station NAME] [TEXT]
                        one announcement on the air, followed to its outcome
  dashboard             print the dashboard's address, and open it where there is a desktop
  logs [-f] [ROLE]      the last 100 log lines; -f keeps following; under Docker of one role: api, worker, …
  setup [--dry-run]     show what connects the Asterisk of this machine, and do it (docs/asterisk.md)
  setup --remove [--dry-run]
                        undo what setup did
  doctor                look for what is wrong, and say how to mend it
  check                 the whole test suite
  clean [--yes]         remove all data of this installation: jobs, audio, logs
  help                  this text

Settings come from the environment, then from .env (see .env.example and README.md). PREGON_MODE=docker or
PREGON_MODE=native decides how it runs; by default Docker where an engine answers, unless RABBITMQ_URL and REDIS_URL
name brokers of your own.
E
}

# --- Talking --------------------------------------------------------------------------------------------------------

say() { printf '%s\n' "$*"; }
complain() { printf 'manage.sh: %s\n' "$*" >&2; }
fail() { complain "$*"; exit 1; }
bad_usage() { complain "$* (see ./manage.sh help)"; exit "$EXIT_USAGE"; }
have() { command -v "$1" >/dev/null 2>&1; }

is_count() { [[ $1 =~ ^[0-9]{1,4}$ ]]; }

# --- Settings -------------------------------------------------------------------------------------------------------

# Lines NAME=value of .env; quotes around the value go away. Not sourced: a settings file must not run code.
load_dotenv() {
  [[ -f .env ]] || return 0
  local line name value
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]] || continue
    name=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]%$'\r'}
    [[ $value =~ ^\"(.*)\"[[:space:]]*$ || $value =~ ^\'(.*)\'[[:space:]]*$ ]] && value=${BASH_REMATCH[1]}
    [[ -v $name ]] || export "$name=$value"
  done <.env
}

absolute() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s/%s' "$root" "${1#./}" ;; esac; }

# rustup puts cargo where only a new login shell finds it.
find_cargo() { have cargo || PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin; }

settle() {
  load_dotenv
  find_cargo
  # Relative paths mean the folder of this script, wherever it is called from.
  data=$(absolute "${PREGON_DATA_DIR:-data}")
  export PREGON_DATA_DIR=$data
  log=$data/log/pregon.log
  record=$data/run/serve
  api_addr=${API_ADDR:-127.0.0.1:5000}
  dashboard_addr=${DASHBOARD_ADDR:-127.0.0.1:8080}
  mixer_addr=${MIXER_ADDR:-127.0.0.1:8005}
  mode=$(choose_mode)
  # A process that runs already knows best where it listens.
  if [[ $mode == native ]] && native_pid >/dev/null; then
    api_addr=$(recorded api) dashboard_addr=$(recorded dashboard) mixer_addr=$(recorded mixer)
  fi
  api_url=$(url_of "$api_addr") dashboard_url=$(url_of "$dashboard_addr")
  if has_radio; then radio_url=$(url_of "$mixer_addr"); else radio_url=; fi
}

# A station plays unless it was told not to.
has_radio() { [[ ${RADIO:-true} == true ]]; }

# The address to call a listener at: one that listens everywhere is reached by loopback.
url_of() {
  local host=${1%:*}
  case $host in 0.0.0.0 | '') host=127.0.0.1 ;; '[::]') host='[::1]' ;; esac
  printf 'http://%s:%s' "$host" "${1##*:}"
}

choose_mode() {
  case ${PREGON_MODE:-} in
    docker | native) printf '%s' "$PREGON_MODE" ;;
    '')
      if native_pid >/dev/null || [[ -n ${RABBITMQ_URL:-}${REDIS_URL:-} ]] || ! docker_answers; then
        printf native
      else
        printf docker
      fi
      ;;
    *) bad_usage "PREGON_MODE is docker or native, not $PREGON_MODE" ;;
  esac
}

# The secret of the first admin key (of the first key when none is admin); nothing when no keys are set.
admin_key() {
  local keys=${API_KEYS:-} entry first=
  if [[ $keys == @* ]]; then keys=$(cat "${keys#@}") || fail "cannot read the keys from ${API_KEYS#@}"; fi
  while IFS= read -r entry; do
    entry="${entry#"${entry%%[![:space:]]*}"}" entry="${entry%"${entry##*[![:space:]]}"}"
    [[ $entry == *:*:* ]] || continue
    first=${first:-${entry#*:*:}}
    if [[ $entry == *:admin:* && ${entry#*:} == admin:* ]]; then
      printf '%s' "${entry#*:*:}"
      return
    fi
  done <<<"${keys//,/$'\n'}"
  printf '%s' "$first"
}

# --- The API --------------------------------------------------------------------------------------------------------

# call METHOD PATH [JSON]: status code in $code (000: no answer), body in $answer. The key travels by stdin: arguments
# of processes are public.
call() {
  local -a request=(curl -sS --max-time 10 -X "$1" -w '\n%{http_code}' -H @-)
  [[ $# -lt 3 ]] || request+=(-H 'Content-Type: application/json' --data-binary "$3")
  local key out
  key=$(admin_key)
  out=$("${request[@]}" "$api_url$2" 2>/dev/null <<<"${key:+Authorization: Bearer $key}") || true
  code=${out##*$'\n'} answer=${out%$'\n'*}
  [[ $code =~ ^[0-9]{3}$ ]] || code=000
}

# JSON on stdin to lines of "path<TAB>value", such as "queues.tts_calls.messages<TAB>3".
flatten() {
  awk '
    { text = text $0 "\n" }
    END { at = 1; value("") }
    function skip() { while (substr(text, at, 1) ~ /[ \t\r\n]/) at++ }
    function quoted(   found) {
      if (!match(substr(text, at), /^"([^"\\]|\\.)*"/)) exit 1
      found = substr(text, at + 1, RLENGTH - 2)
      at += RLENGTH
      gsub(/\\[nrt]/, " ", found); gsub(/\\"/, "\"", found); gsub(/\\\//, "/", found); gsub(/\\\\/, "\\", found)
      return found
    }
    function value(path,   first, key, n, next_one) {
      skip()
      first = substr(text, at, 1)
      if (first == "{" || first == "[") {
        at++; skip()
        if (substr(text, at, 1) ~ /[]}]/) { at++; return }
        do {
          skip()
          if (first == "{") { key = quoted(); skip(); at++ } else key = n++ ""
          value(path == "" ? key : path "." key)
          skip()
          next_one = substr(text, at++, 1)
        } while (next_one == ",")
      } else if (first == "\"") {
        print path "\t" quoted()
      } else {
        if (!match(substr(text, at), /^[^],} \t\r\n]+/)) exit 1
        print path "\t" substr(text, at, RLENGTH)
        at += RLENGTH
      }
    }'
}

# The value at PATH of $answer, nothing when it is not there.
field() {
  flatten <<<"$answer" 2>/dev/null | awk -F'\t' -v path="$1" '$1 == path && !n++ { print substr($0, length(path) + 2) }' || true
}

# What a refusal says, in one line.
problem() {
  local detail
  detail=$(field detail)
  [[ -n $detail ]] || detail=$(field title)
  case $code in
    000) printf 'no answer from %s' "$api_url" ;;
    401 | 403) printf '%s: %s (API_KEYS is what the API was started with?)' "$code" "${detail:-not allowed}" ;;
    *) printf '%s: %s' "$code" "${detail:-${answer:0:300}}" ;;
  esac
}

json_text() {
  local text=$1
  text=${text//\\/\\\\} text=${text//\"/\\\"} text=${text//$'\n'/\\n} text=${text//$'\t'/\\t} text=${text//$'\r'/\\r}
  printf '"%s"' "$text"
}

# --- A native process -----------------------------------------------------------------------------------------------

# When a live process began, in ticks since boot: pids are used again, pairs of both are not. Fails for the dead.
process_began() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) } # the name stands in parentheses and may hold anything
  local -a fields
  read -ra fields <<<"$stat"
  [[ ${fields[0]} != [ZX] ]] && printf '%s' "${fields[19]}"
}

recorded() { sed -n "s/^$1=//p" "$record" 2>/dev/null; }

# The pid of the running `pregon serve` of this data folder.
native_pid() {
  local pid began
  pid=$(recorded pid)
  began=$(recorded began)
  [[ -n $pid && -n $began && $(process_began "$pid") == "$began" ]] && printf '%s' "$pid"
}

cc_works() { printf '#include <stdio.h>\nint main(void){return 0;}\n' | cc -x c - -o /dev/null 2>/dev/null; }

# may_install: as root, or with a sudo that asks nothing.
may_install() { have apt-get && { [[ $EUID -eq 0 ]] || sudo -n true 2>/dev/null; }; }

as_root() { if [[ $EUID -eq 0 ]]; then "$@"; else sudo -n "$@"; fi; }

apt_install() {
  say "Installing $* (apt-get) …"
  if [[ -z ${apt_is_fresh:-} ]]; then
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 update
    apt_is_fresh=1
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=120 \
    install --no-install-recommends "$@" >/dev/null
}

# need PACKAGE...: installs them, or says what to install.
need() {
  [[ $# -gt 0 ]] || return 0
  if may_install; then
    apt_install "$@" && return
    complain "apt-get could not install them"
  fi
  fail "please install first: $*   (Debian and Ubuntu: sudo apt-get install $*)"
}

require_tools() {
  local -a missing=()
  cc_works || missing+=(gcc libc6-dev)
  have cmake || missing+=(cmake) # libopus is built with it
  have make || missing+=(make)
  [[ -z ${MIXER_MP3:-} || -e /usr/include/lame/lame.h ]] || missing+=(libmp3lame-dev)
  [[ ,${TTS_ENGINES:-espeak}, != *,espeak,* ]] || have espeak-ng || missing+=(espeak-ng)
  have curl || missing+=(curl)
  [[ -e /etc/ssl/certs/ca-certificates.crt ]] || missing+=(ca-certificates)
  need "${missing[@]}"
  have cargo || fail "please install Rust first: https://rustup.rs   (cargo is neither in PATH nor in ~/.cargo/bin)"
  local wanted found
  wanted=$(sed -n 's/^rust-version = "\([0-9.]*\)".*/\1/p' Cargo.toml)
  found=$(cargo --version | cut -d' ' -f2)
  [[ $(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -n 1) == "$wanted" ]] ||
    fail "Rust $found is too old: $wanted or newer is needed   (rustup update stable)"
}

build() {
  say "Building (the first time takes some minutes) …"
  # MP3 is not in every build: it needs a library of the system.
  cargo build --release --locked -p pregon ${MIXER_MP3:+--features mp3} || fail "the build failed; the reason stands above"
}

binary() {
  local target
  target=$(cargo metadata --format-version 1 --no-deps --locked | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
  printf '%s/release/pregon' "$target"
}

prepare_folders() {
  if [[ ! -e $data || -z $(ls -A "$data") ]]; then
    mkdir -p "$data"
    : >"$data/.pregon" # `clean` removes no folder without it
  fi
  mkdir -p "$data/run" "$data/log"
  # One generation back is enough to look at; more is the business of logrotate.
  if [[ -f $log && $(stat -c %s "$log") -gt 20000000 ]]; then mv "$log" "$log.1"; fi
}

# Somebody else's answer to the health check must not pass for ours.
is_free() {
  local host=${2%:*}
  case $host in 0.0.0.0 | '' | '[::]') host=127.0.0.1 ;; esac
  host=${host#[} host=${host%]}
  ! (exec 3<>"/dev/tcp/$host/${2##*:}") 2>/dev/null ||
    fail "$1=$2 is taken by another program: stop that one, or choose another port, such as $1=${2%:*}:$((${2##*:} + 1))"
}

start_native() {
  local workers=$1 pid began_at
  if pid=$(native_pid); then
    say "Pregon is already running (pid $pid)."
    where_it_is
    return
  fi
  require_tools
  build
  prepare_folders
  exec 9>"$data/run/lock"
  flock -n 9 || fail "another start is under way for $data"
  is_free API_ADDR "$api_addr"
  is_free DASHBOARD_ADDR "$dashboard_addr"
  if has_radio; then
    is_free MIXER_ADDR "$mixer_addr"
    is_free TELNET_ADDR "${TELNET_ADDR:-127.0.0.1:1234}"
  fi
  say "Starting …"
  began_at=$(stat -c %s "$log" 2>/dev/null || echo 0)
  setsid "$(binary)" serve ${workers:+--workers "$workers"} </dev/null >>"$log" 2>&1 9>&- &
  pid=$!
  disown
  printf 'pid=%s\nbegan=%s\napi=%s\ndashboard=%s\nmixer=%s\n' "$pid" "$(process_began "$pid")" "$api_addr" \
    "$dashboard_addr" "$mixer_addr" >"$record"
  wait_for_health "$pid" "$began_at"
  say "Pregon is running."
  where_it_is
}

wait_for_health() {
  local pid=$1 began_at=$2 deadline=$((SECONDS + HEALTH_SECONDS)) reason=
  while :; do
    call GET /health
    [[ $code == 200 ]] && native_pid >/dev/null && return
    if ! native_pid >/dev/null; then
      reason="it ended"
    elif [[ $SECONDS -ge $deadline ]]; then
      reason="no good answer from $api_url/health within $HEALTH_SECONDS s ($(problem))"
    fi
    [[ -z $reason ]] || break
    sleep 0.1
  done
  complain "Pregon did not come up: $reason. The log says:"
  tail -c +$((began_at + 1)) "$log" | tail -n 20 >&2
  kill "$pid" 2>/dev/null || true
  rm -f "$record"
  fail "log file: $log"
}

stop_native() {
  local pid deadline=$((SECONDS + DRAIN_SECONDS))
  if ! pid=$(native_pid); then
    rm -f "$record"
    say "Pregon is not running."
    return
  fi
  say "Stopping (pid $pid): jobs in hand are finished first …"
  kill -TERM "$pid"
  while native_pid >/dev/null; do
    [[ $SECONDS -lt $deadline ]] ||
      fail "still draining after $DRAIN_SECONDS s; wait, or end it with: kill -KILL $pid   (no job is lost by that)"
    sleep 0.1
  done
  rm -f "$record"
  say "Stopped."
}

# --- Docker Compose -------------------------------------------------------------------------------------------------

docker_answers() { have docker && timeout 10 docker info >/dev/null 2>&1 && compose_command >/dev/null; }

compose_command() {
  if docker compose version >/dev/null 2>&1; then
    printf 'docker compose'
  elif have docker-compose; then
    printf 'docker-compose'
  else
    return 1
  fi
}

compose() {
  local -a client
  read -ra client <<<"$(compose_command)"
  [[ ${#client[@]} -gt 0 ]] || fail "Docker Compose is missing: https://docs.docker.com/compose/install"
  # Taken down it has to be also when it is no longer wanted: Compose overlooks what no profile names.
  if simulated || [[ $1 == down ]]; then client+=(--profile sim); fi
  "${client[@]}" "$@"
}

random_hex() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# Secrets that Compose needs and nobody has set: made once, kept in .env, readable by its owner only.
generate_secrets() {
  local name value
  for name in RABBITMQ_PASSWORD API_KEYS; do
    [[ -z ${!name:-} ]] || continue
    value=$(random_hex)
    [[ $name == RABBITMQ_PASSWORD ]] || value=operator:admin:$value
    keep_in_dotenv "$name" "$value"
    say "Made $name (in .env)."
  done
}

keep_in_dotenv() {
  [[ -e .env ]] || (umask 077 && : >.env && chown --reference=manage.sh .env)
  chmod go-rwx .env
  [[ -z $(tail -c 1 .env) ]] || echo >>.env # the last line may lack its end
  printf '%s=%s\n' "$1" "$2" >>.env
  export "$1=$2"
}

docker_workers() { compose ps -q worker 2>/dev/null | grep -c . || true; }

start_docker() {
  local workers=$1 deadline=$((SECONDS + HEALTH_SECONDS))
  have curl || need curl
  [[ -z ${RABBITMQ_URL:-}${REDIS_URL:-} ]] ||
    complain "RABBITMQ_URL and REDIS_URL are ignored: Docker Compose runs both itself (PREGON_MODE=native uses yours)"
  generate_secrets
  if [[ -z $workers ]]; then
    workers=$(docker_workers)
    [[ $workers -gt 0 ]] || workers=1
  fi
  compose up -d --build --remove-orphans --scale "worker=$workers"
  until call GET /health && [[ $code == 200 ]]; do
    if [[ $SECONDS -ge $deadline ]]; then
      complain "Pregon did not come up: no good answer from $api_url/health within $HEALTH_SECONDS s ($(problem))"
      compose ps >&2
      compose logs --tail 20 api worker >&2
      exit 1
    fi
    sleep 0.5
  done
  say "Pregon is running (Docker Compose, $workers worker(s))."
  where_it_is
}

stop_docker() {
  generate_secrets >/dev/null # Compose reads the whole file even to stop
  compose down --timeout "$DRAIN_SECONDS"
  say "Stopped. The data stays in Docker's volumes."
}

# Runs a command where Pregon's files are.
at_the_files() { if [[ $mode == docker ]]; then compose exec -T worker "$@"; else "$@"; fi; }

# --- Commands -------------------------------------------------------------------------------------------------------

# Whether calls go to the simulator: nobody's telephone rings. By default exactly when the spool is our own.
simulated() {
  case ${ASTERISK_SIMULATE:-auto} in
    on) return 0 ;;
    off) return 1 ;;
    *) [[ $(spool_dir) == "$(data_dir)"/* ]] ;;
  esac
}

data_dir() { if [[ $mode == docker ]]; then printf /var/lib/pregon; else printf '%s' "$data"; fi; }

spool_dir() {
  if [[ -n ${ASTERISK_SPOOL_DIR:-} ]]; then
    absolute "$ASTERISK_SPOOL_DIR"
  elif [[ $mode == native && -w /var/spool/asterisk/outgoing ]]; then
    printf /var/spool/asterisk
  else
    printf '%s/spool' "$(data_dir)"
  fi
}

where_it_is() {
  local key
  key=$(admin_key)
  say ""
  say "  API         $api_url   (documentation: $api_url/docs)"
  say "  Dashboard   $dashboard_url"
  [[ -z $radio_url ]] || say "  Radio       $radio_url   (the stream: $radio_url/radio)"
  if [[ $mode == native ]]; then
    say "  Data        $data"
    say "  Log         $log"
  fi
  if simulated; then
    say "  Calls       simulated: no telephone rings (./manage.sh setup connects Asterisk)"
  else
    say "  Calls       through Asterisk, spool $(spool_dir)"
  fi
  [[ -z $key ]] || say "  Key         $key   (header Authorization: Bearer KEY; the dashboard asks for it)"
  say ""
  say "Next: ./manage.sh test    ./manage.sh announce    ./manage.sh status    ./manage.sh dashboard"
}

command_start() {
  local workers=
  while [[ $# -gt 0 ]]; do
    case $1 in
      --workers) workers=${2-} && shift ;;
      --workers=*) workers=${1#*=} ;;
      *) bad_usage "start: unknown argument $1" ;;
    esac
    is_count "$workers" || bad_usage "start: --workers takes a number"
    shift
  done
  "start_$mode" "$workers"
}

command_stop() { no_arguments stop "$@" && "stop_$mode"; }

command_restart() {
  no_arguments restart "$@"
  "stop_$mode"
  settle
  "start_$mode" ""
}

command_status() {
  no_arguments status "$@"
  local pid flat
  if [[ $mode == native ]]; then
    if pid=$(native_pid); then
      say "Pregon runs: pid $pid, API $api_url, dashboard $dashboard_url"
    else
      say "Pregon is not running (./manage.sh start)."
      exit 1
    fi
  fi
  call GET /health
  [[ $code != 000 ]] || fail "$(problem)"
  local healthy=$code
  say "Health: $([[ $healthy == 200 ]] && echo good || echo "NOT GOOD ($healthy)")"
  flatten <<<"$answer" | awk -F'\t' '{ printf "  %-34s %s\n", $1, $2 }'
  call GET /queue/stats
  [[ $code == 200 ]] || fail "$(problem)"
  flat=$(flatten <<<"$answer")
  say "Queues:"
  awk -F'[.\t]' '$1 == "queues" { if (!($2 in seen)) { order[++n] = $2; seen[$2] } v[$2, $3] = $4 }
    END { for (i = 1; i <= n; i++) printf "  %-16s %8d waiting  %4d consumers\n", order[i], v[order[i], "messages"], v[order[i], "consumers"] }' <<<"$flat"
  say "Workers: $(value_of workers.total), $(value_of workers.active) at work, $(value_of workers.idle) idle"
  say "Jobs: $(value_of jobs.total)"
  awk -F'[.\t]' '$1 == "jobs" && $2 != "total" { printf "  %-16s %8d\n", $2, $3 }' <<<"$flat"
  [[ $healthy == 200 ]]
}

# A value of the flattened answer in $flat.
value_of() { awk -F'\t' -v path="$1" '$1 == path { print $2 }' <<<"$flat"; }

command_scale() {
  if [[ $# -ne 1 ]] || ! is_count "$1"; then bad_usage "scale takes the number of workers"; fi
  if [[ $mode == docker ]]; then
    generate_secrets >/dev/null
    [[ -n $(compose ps -q api) ]] || fail "Pregon is not running (./manage.sh start)"
    compose up -d --no-recreate --scale "worker=$1"
  else
    native_pid >/dev/null || fail "Pregon is not running (./manage.sh start)"
    call PUT /workers "{\"count\":$1}"
    [[ $code == 2?? ]] || fail "$(problem)"
  fi
  say "Workers: $1"
}

command_test() {
  local priority=normal number='' text=$TEST_TEXT
  while [[ $# -gt 0 ]]; do
    case $1 in
      --high) priority=high ;;
      --number) [[ -n ${2-} ]] || bad_usage "test: --number takes a number"; number=$2 && shift ;;
      --text) [[ -n ${2-} ]] || bad_usage "test: --text takes a text"; text=$2 && shift ;;
      *) bad_usage "test: unknown argument $1" ;;
    esac
    shift
  done
  if [[ -z $number ]]; then
    simulated || fail "calls are real here: say whom to phone with --number"
    number=$TEST_NUMBER
  fi
  call POST /tts/call \
    "{\"text\":$(json_text "$text"),\"phone_number\":$(json_text "$number"),\"language\":\"es\",\"priority\":\"$priority\",\"max_attempts\":1}"
  [[ $code == 202 ]] || fail "the call was not accepted: $(problem)"
  local job
  job=$(field job_id)
  say "Job $job (priority $priority)"
  follow "$job"
}

command_announce() {
  local priority=normal mode=interrupt station='' text=''
  while [[ $# -gt 0 ]]; do
    case $1 in
      --high) priority=high ;;
      --duck) mode=duck ;;
      --station) [[ -n ${2-} ]] || bad_usage "announce: --station takes a name"; station=$2 && shift ;;
      -*) bad_usage "announce: unknown argument $1" ;;
      *) [[ -z $text ]] || bad_usage "announce: put the text in quotes"; text=$1 ;;
    esac
    shift
  done
  call POST /tts/broadcast \
    "{\"text\":$(json_text "${text:-$ANNOUNCE_TEXT}"),\"mode\":\"$mode\",\"language\":\"es\",\"priority\":\"$priority\"${station:+,\"station\":$(json_text "$station")}}"
  [[ $code == 202 ]] || fail "the announcement was not accepted: $(problem)"
  local job
  job=$(field job_id)
  say "Job $job (priority $priority, $mode)"
  follow "$job"
}

# Prints what happens to a job, each thing once, until it ends; then what was made of it.
follow() {
  local job=$1 deadline=$((SECONDS + TEST_SECONDS)) status='' told=0 news note
  until [[ $status == @(completed|failed|cancelled) ]]; do
    [[ $SECONDS -lt $deadline ]] || fail "still $status after $TEST_SECONDS s${note:+: $note} ($dashboard_url/jobs/$job)"
    [[ -z $status ]] || sleep 0.1
    call GET "/tts/status/$job"
    [[ $code == 200 ]] || fail "$(problem)"
    status=$(field status) note=$(field waiting_for)
    news=$(timeline_from "$told")
    [[ -z $news ]] || { say "$news" && told=$((told + $(wc -l <<<"$news"))); }
  done
  show_evidence
  [[ $status == completed ]] || fail "the job ended as $status: $(field error)"
  say "completed"
}

# The entries of the timeline in $answer, from number $1 on.
timeline_from() {
  local handed_over="the call file is in the spool"
  [[ $(field kind) != air ]] || handed_over="with station $(field station)"
  flatten <<<"$answer" | awk -F'\t' -v from="$1" -v handed_over="$handed_over" '
    $1 ~ /^timeline\./ { split($1, part, "."); n = part[2]; v[n, substr($1, length(n) + 11)] = $2 }
    END {
      word["accepted"] = "queued"; word["claimed"] = "processing"; word["retry"] = "scheduled"
      for (i = from; (i, "event") in v; i++) {
        event = v[i, "event"]
        more = event == "claimed" ? "by worker " v[i, "worker_id"] : event == "dispatched" ? handed_over \
          : event == "outcome" ? v[i, "outcome.kind"] (v[i, "outcome.simulated"] == "true" ? " (simulated)" : "") : v[i, "error"]
        printf "  %s  %-11s %s\n", substr(v[i, "at"], 12, 12), event in word ? word[event] : event, more
      }
    }'
}

# The call file and the audio of the job in $answer.
show_evidence() {
  local name file text stem size
  if [[ $(field kind) == air ]]; then
    say ""
    say "On the air at $(field outcome.at): $(field outcome.seconds) s, $(field outcome.listeners) listeners; $(field clip.seconds) s at $(field clip.lufs) LUFS, spoken by $(field clip.engine)"
    say ""
    return
  fi
  name=$(field call_file)
  file=$(spool_dir)/ledger/${name%.call}
  if [[ -z $name ]] || ! text=$(at_the_files cat "$file" 2>/dev/null); then
    say "No call file is there to show${name:+ ($file)}."
    return
  fi
  say ""
  say "Call file ($file):"
  printf '  | %s\n' "${text//$'\n'/$'\n'  | }"
  stem=$(sed -n 's/^Set: *PREGON_AUDIO=//p' <<<"$text")
  if [[ -n $stem ]] && size=$(at_the_files stat -c %s "$stem.wav" 2>/dev/null); then
    printf 'Audio (%s.wav): %s bytes, %s s, %s LUFS, spoken by %s\n' "$stem" "$size" "$(field clip.seconds)" \
      "$(field clip.lufs)" "$(field clip.engine)"
  fi
  say ""
}

command_dashboard() {
  no_arguments dashboard "$@"
  say "$dashboard_url"
  if [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]] && have xdg-open; then
    xdg-open "$dashboard_url" >/dev/null 2>&1 || true
  fi
}

command_logs() {
  local follow='' role=''
  while [[ $# -gt 0 ]]; do
    case $1 in
      -f) follow=-f ;;
      -*) bad_usage "logs: unknown argument $1" ;;
      *) [[ -z $role ]] || bad_usage "logs takes one role"; role=$1 ;;
    esac
    shift
  done
  if [[ $mode == docker ]]; then
    compose logs --tail 100 $follow ${role:+"$role"}
    return
  fi
  [[ -f $log ]] || fail "there is no log yet ($log)"
  # One process writes one log: the role makes no difference.
  tail -n 100 $follow "$log"
}

command_doctor() {
  no_arguments doctor "$@"
  if [[ $mode == docker ]]; then
    generate_secrets >/dev/null
    compose run --rm --no-deps -T worker doctor
  else
    [[ -x $(binary) ]] || { require_tools && build; }
    "$(binary)" doctor
  fi
}

command_clean() {
  case ${1-} in '' | --yes) ;; *) bad_usage "clean: unknown argument $1" ;; esac
  native_pid >/dev/null && fail "Pregon is running: ./manage.sh stop first"
  local what=$data
  [[ $mode == native ]] || what="all Docker volumes of Pregon (jobs, audio, RabbitMQ, Redis)"
  if [[ $mode == native && ! -e $data ]]; then
    say "There is nothing to remove."
    return
  fi
  [[ $mode == docker || -e $data/.pregon ]] ||
    fail "$data was not made by manage.sh (no file .pregon in it): remove it yourself"
  if [[ ${1-} != --yes ]]; then
    read -rp "Remove $what? This cannot be undone. [y/N] " reply || reply=
    [[ $reply == [yYsS]* ]] || fail "nothing was removed"
  fi
  if [[ $mode == docker ]]; then
    generate_secrets >/dev/null
    compose down --volumes --timeout "$DRAIN_SECONDS"
  else
    rm -rf -- "$data"
  fi
  say "Removed $what."
}

no_arguments() {
  local name=$1
  shift
  [[ $# -eq 0 ]] || bad_usage "$name takes no argument: $1"
}

# --- Asterisk -------------------------------------------------------------------------------------------------------

# What `pregon asterisk-setup` reads, and sudo would take away.
readonly SETUP_SETTINGS=ASTERISK_ETC_DIR,ASTERISK_SPOOL_DIR,ASTERISK_RESULTS_DIR,ASTERISK_GROUP,ASTERISK_CLI,ASTERISK_AMI_URL,AUDIO_DIR

command_setup() {
  local -a order=(asterisk-setup --env-file "$root/.env") wanted=()
  local dry='' remove='' user program
  for word in "$@"; do
    case $word in
      --dry-run) dry=1 wanted+=("$word") ;;
      --remove) remove=1 wanted+=("$word") ;;
      *) bad_usage "setup: unknown argument $word" ;;
    esac
  done
  # Its calls would be answered by silence, and their results be lost.
  [[ -z $remove || -n $dry ]] || ! is_up || fail "Pregon is running: ./manage.sh stop first"
  # Under Docker the container's group is enough; see ASTERISK_GID.
  user=${SUDO_USER:-$(id -un)}
  [[ $mode == docker || $user == root ]] || order+=(--user "$user")
  program=$(setup_program) || exit 1
  order=("$program" "${order[@]}" "${wanted[@]}")
  if needs_root "$dry"; then
    have sudo || fail "this needs root: run ./manage.sh setup as root"
    order=(sudo --preserve-env="$SETUP_SETTINGS" "${order[@]}")
  fi
  if ! "${order[@]}"; then
    [[ -z $dry ]] || fail "nothing was changed"
    fail "setup ended early: what is done is on record, and ./manage.sh setup goes on from there"
  fi
  [[ -n ${wanted[*]} ]] || say "Next: ./manage.sh restart, then ./manage.sh doctor, then ./manage.sh test --number YOUR_OWN"
}

# needs_root [DRY]: an Asterisk of one's own needs none, nor does looking where everybody may look.
needs_root() {
  local etc=${ASTERISK_ETC_DIR:-/etc/asterisk}
  [[ $EUID -ne 0 && -e $etc ]] || return 1
  if [[ -n $1 ]]; then [[ ! -r $etc/asterisk.conf || -e $etc/pregon.setup && ! -r $etc/pregon.setup ]]; else [[ ! -w $etc ]]; fi
}

is_up() {
  if [[ $mode == docker ]]; then [[ $(docker_workers) -gt 0 ]]; else native_pid >/dev/null; fi
}

# The path of a program that is of this version: the dialplan is in it.
setup_program() {
  if [[ $mode == docker ]]; then
    program_of_image
  elif [[ $EUID -eq 0 && ${SUDO_USER:-root} != root ]]; then
    # Built by whoever owns the tree: what root builds, nobody else can build again.
    sudo -u "$SUDO_USER" -H -- env PREGON_MODE=native "$root/manage.sh" program
  else
    command_program
  fi
}

command_program() {
  { require_tools && build; } >&2
  binary
}

# Runs on the host, because Asterisk is there.
program_of_image() {
  local place container
  place=$(mktemp -d)
  {
    generate_secrets
    docker image inspect pregon:local >/dev/null 2>&1 || compose build worker
    container=$(docker create pregon:local)
    docker cp "$container:/usr/local/bin/pregon" "$place/pregon"
    docker rm "$container"
  } >&2 || fail "the program could not be taken out of the image pregon:local"
  printf '%s/pregon' "$place"
}

# --------------------------------------------------------------------------------------------------------------------

main() {
  local command=${1-help}
  [[ $# -eq 0 ]] || shift
  case $command in
    check) # without the settings of .env: the tests have their own
      no_arguments check "$@"
      exec tests/check.sh
      ;;
    start | stop | restart | status | scale | test | announce | dashboard | logs | setup | doctor | clean | program)
      settle
      "command_$command" "$@"
      ;;
    help | -h | --help) usage ;;
    *) bad_usage "unknown command: $command" ;;
  esac
}

# tests/ reads the functions of this file without running it.
if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
