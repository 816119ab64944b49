#!/usr/bin/env bash
# The whole test suite; `./manage.sh check` runs it. Needs a Rust toolchain; installs the rest with apt-get where it may.
#
# With CI=true everything has to be there. Elsewhere, what cannot be installed is left out and named as SKIPPED.
set -euo pipefail

# For its functions: need, have, may_install, apt_install, say, fail.
# shellcheck source=../manage.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../manage.sh"

# The operator's settings must not reach the tests.
for name in PREGON_DATA_DIR RABBITMQ_URL REDIS_URL QUEUE_PREFIX API_ADDR DASHBOARD_ADDR API_KEYS API_RATE_LIMIT \
  ASF_CHUNK_SIZE ASF_STREAM_SLEEP_INTERVAL \
  WORKER_ID WORKER_CONCURRENCY DRAIN_TIMEOUT DEFAULT_LANGUAGE DEFAULT_REGION TTS_ENGINES GOOGLE_TTS_URL AUDIO_DIR \
  AUDIO_CACHE_MAX \
  CALL_FORMATS CALL_LOUDNESS ASTERISK_SPOOL_DIR ASTERISK_SIMULATE ASTERISK_SIM_OUTCOMES ASTERISK_SIM_CALL_SECONDS \
  ASTERISK_CHANNEL ASTERISK_TRUNK ASTERISK_CALLER_ID ASTERISK_WAIT_SECONDS ASTERISK_RESULTS_DIR ASTERISK_AMI_URL \
  ASTERISK_CLI ASTERISK_ETC_DIR ASTERISK_GROUP TRUNKS CALLS_PER_SECOND CALLS_AT_ONCE \
  RADIO STATION STATIONS MIXER_ADDR MIXER_BITRATES MIXER_MP3 JOIN_BURST_MS MAX_LISTENERS ICECAST_URL TELNET_ADDR MIXER_SOCKET \
  MUSIC_DIR MUSIC_ORDER MUSIC_DEMO CROSSFADE_SECONDS RADIO_LUFS DUCK_DB CHIME_FILE \
  RETRY_BUSY RETRY_NO_ANSWER RETRY_CONGESTION RETRY_UNREACHABLE RETRY_SILENT JOB_RETENTION LOG_FORMAT RUST_LOG \
  TTS_RATES TTS_CONCURRENCY TTS_TIMEOUTS TTS_PRICES TTS_DEADLINE TTS_LAST_RESORT TTS_BUDGETS PIPER_URL PIPER_VOICES OPENAI_TTS_URL OPENAI_TTS_KEY \
  OPENAI_TTS_MODEL OPENAI_TTS_VOICES AZURE_TTS_KEY AZURE_TTS_REGION AZURE_TTS_URL AZURE_TTS_VOICES ELEVENLABS_KEY \
  ELEVENLABS_URL ELEVENLABS_MODEL ELEVENLABS_VOICES GOOGLE_CLOUD_TTS_KEY GOOGLE_CLOUD_TTS_URL \
  GOOGLE_CLOUD_TTS_VOICES WYOMING_ADDR WYOMING_VOICES TTS_COMMAND TTS_COMMAND_VOICES \
  PREGON_MODE; do
  unset "$name"
done

find_cargo
work=$(mktemp -d)
chmod 711 "$work" # the Asterisk of the tests may be another user
stages=0
skipped=()

finish() {
  [[ ! -d $work/asterisk ]] || tests/asterisk.sh stop "$work/asterisk" >/dev/null 2>&1 || true
  [[ ! -d $work/services ]] || tests/services.sh stop "$work/services" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

elapsed() { printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); }

# stage TITLE COMMAND...
stage() {
  local title=$1 since=$SECONDS
  shift
  printf '\n=== %s\n' "$title"
  "$@" || fail "FAILED: $title (after $(elapsed $((SECONDS - since))))"
  printf '=== %s: passed in %s\n' "$title" "$(elapsed $((SECONDS - since)))"
  stages=$((stages + 1))
}

skip() {
  [[ ${CI:-} != true ]] || fail "$1"
  say "SKIPPED: $1"
  skipped+=("$1")
}

# Packages that would start services on the usual ports at once: the tests run instances of their own instead.
install_quietly() {
  local policy=/usr/sbin/policy-rc.d ours=
  if [[ ! -e $policy ]]; then
    ours=1
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod +x "$policy"
  fi
  local result=0
  apt_install "$@" || result=1
  [[ -z $ours ]] || as_root rm -f "$policy"
  return $result
}

tools() {
  require_tools
  local -a missing=()
  have redis-server || missing+=(redis-server)
  [[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]] || missing+=(rabbitmq-server)
  have shellcheck || missing+=(shellcheck)
  have git || missing+=(git)
  # What listens to a station, and what it feeds.
  have ffmpeg || missing+=(ffmpeg)
  have opusinfo || missing+=(opus-tools)
  have icecast2 || missing+=(icecast2)
  have mpv || missing+=(mpv)
  have socat || missing+=(socat)
  [[ -e /usr/include/lame/lame.h ]] || missing+=(libmp3lame-dev)
  # The reference that our text is cut like, and clients of ours.
  python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
  # What listens to the feed.
  have node || missing+=(nodejs)
  have npm || missing+=(npm)
  if [[ -d tests/browser ]]; then
    have chromium || missing+=(chromium)
  fi
  [[ ${#missing[@]} -eq 0 ]] && return
  if may_install && install_quietly "${missing[@]}"; then return; fi
  complain "cannot install ${missing[*]}"
}

shell_scripts() { shellcheck -x -P SCRIPTDIR -S warning manage.sh .ci/run bench/*.sh tests/*.sh; }

licences() { cargo deny --locked check; }

services() {
  tests/services.sh start "$work/services" || return 1
  # shellcheck source=/dev/null
  . "$work/services/env"
  export REQUIRE_SERVICES=1
}

python_packages() {
  TEST_PYTHON=$(tests/python.sh "$work/python") || return 1
  export TEST_PYTHON
}

asterisk() {
  tests/asterisk.sh start "$work/asterisk" || return 1
  # shellcheck source=/dev/null
  . "$work/asterisk/env"
}

rustdoc() { RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked; }

main() {
  stage "Tools" tools
  stage "Formatting" cargo fmt --all --check
  if have shellcheck; then stage "Shell scripts" shell_scripts; else skip "shellcheck is missing"; fi
  if cargo deny --version >/dev/null 2>&1; then
    stage "Licences and advisories" licences
  else
    say "SKIPPED: cargo-deny is not installed (cargo install cargo-deny)"
    skipped+=("licences: no cargo-deny")
  fi
  local -a features=()
  if [[ -e /usr/include/lame/lame.h ]]; then features=(--features pregon/mp3); else skip "libmp3lame-dev is missing: MP3"; fi
  stage "Clippy" cargo clippy --workspace --all-targets --locked "${features[@]}" -- -D warnings
  stage "Documentation" rustdoc
  if have redis-server && [[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]]; then
    stage "RabbitMQ and Redis for the tests" services
  else
    skip "RabbitMQ or Redis is missing: their tests do not run"
  fi
  if python3 -c 'import ensurepip' 2>/dev/null; then
    stage "Python packages for the tests" python_packages
  else
    skip "python3 with venv is missing: what is compared with Python packages is not"
    unset REQUIRE_SERVICES
  fi
  if tests/asterisk.sh fetch "$work/asterisk"; then
    stage "Asterisk for the tests" asterisk
  else
    skip "Asterisk cannot be fetched: the tests of real calls do not run"
    unset REQUIRE_SERVICES
  fi
  stage "Tests" cargo test --workspace --locked "${features[@]}"
  stage "End to end, from a fresh copy" tests/e2e.sh
  if have npm; then
    stage "Audio feed" tests/feed.sh
  else
    skip "npm is missing: the tests of the audio feed do not run"
  fi
  if [[ ! -d tests/browser ]]; then
    say "There are no browser tests."
  elif have chromium && have npm; then
    stage "Browser" tests/browser.sh
  else
    skip "chromium or npm is missing: the browser tests do not run"
  fi
  printf '\n%d stages passed in %s' "$stages" "$(elapsed $SECONDS)"
  if [[ ${#skipped[@]} -gt 0 ]]; then
    printf '; left out:\n'
    printf '  %s\n' "${skipped[@]}"
  else
    printf '.\n'
  fi
}

main
