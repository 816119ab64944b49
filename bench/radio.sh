#!/usr/bin/env bash
# Measures a radio station of Pregon on this machine, side by side with Liquidsoap and Icecast where they are installed.
#
#   bench/radio.sh [latency] [cost] [crowd]     all three by default
#
# PUSHES=20, SECONDS_EACH=60 (each measurement of cost), LISTENERS=1000. Needs ffmpeg and espeak-ng.
#
# Latency is measured by a listener that decodes every page as it arrives, while speech is rendered all the time, from
# the moment of asking: until the page with the first sample of the announcement is there ("live"), and until a player
# without a buffer plays it ("heard": what a listener got at once when it joined, and the worst delay of a page so far,
# stay with it for as long as it listens). Cost is measured while nothing else runs.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
# shellcheck source=../tests/ports.sh
. tests/ports.sh

pushes=${PUSHES:-20} seconds=${SECONDS_EACH:-60} listeners=${LISTENERS:-1000}
work=$(mktemp -d)
chmod 755 "$work" # Icecast runs as somebody else
declare -A pid=() figure=()

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "bench: $*"
  tail -n 20 "$work"/*.log >&2 2>/dev/null || true
  exit 1
}

finish() {
  local name
  for name in "${!pid[@]}"; do stop "$name"; done
  if [[ -n ${KEEP:-} ]]; then say "kept: $work"; else rm -rf "$work"; fi
}
trap finish EXIT

# launch NAME COMMAND...: a process of ours, with its log.
launch() {
  local name=$1
  shift
  "$@" >>"$work/$name.log" 2>&1 &
  pid[$name]=$!
}

stop() {
  kill -TERM "${pid[$1]}" 2>/dev/null || true
  wait "${pid[$1]}" 2>/dev/null || true
  unset "pid[$1]"
}

# soon WHAT COMMAND...: within half a minute, or the run ends.
soon() {
  local what=$1 deadline=$((SECONDS + 30))
  shift
  until "$@" >/dev/null 2>&1; do
    [[ $SECONDS -lt $deadline ]] || fail "$what"
    sleep 0.1
  done
}

# note PREFIX LINE: keeps every name=value of a result line.
note() {
  local pair
  say "    $1: $2"
  for pair in $2; do
    [[ $pair != *=* ]] || figure[$1_${pair%%=*}]=${pair#*=}
  done
}

# ---- what is played ----
# tone FILE HERTZ SECONDS
tone() { ffmpeg -v error -y -f lavfi -i "sine=frequency=$2:sample_rate=48000:duration=$3" -ac 2 -b:a 192k "$1"; }

# Something that an encoder has to work for: noise under chords that come and go.
music() {
  ffmpeg -v error -y -f lavfi -i "anoisesrc=color=pink:amplitude=0.3:sample_rate=44100:duration=600" \
    -f lavfi -i "aevalsrc='0.2*sin(220*2*PI*t)*(1+sin(3*t))+0.1*sin(331*2*PI*t)*(1+sin(5*t))|0.2*sin(277*2*PI*t)*(1+cos(4*t))+0.1*sin(443*2*PI*t)':s=44100:d=600" \
    -filter_complex 'amix=inputs=2' -ac 2 -b:a 192k "$1"
}

sounds() {
  mkdir -p "$work/tone" "$work/music"
  tone "$work/tone/programme.mp3" 1000 600
  tone "$work/announcement.wav" 3000 0.6
  music "$work/music/programme.mp3"
}

# ---- the stations ----
# pregon_up ROLE FOLDER [BITRATES]: plays the folder; ends when every file has been measured.
pregon_up() {
  MIXER_ADDR=127.0.0.1:$(free_port) API_ADDR=127.0.0.1:$(free_port) DASHBOARD_ADDR=127.0.0.1:$(free_port)
  TELNET_ADDR=127.0.0.1:$(free_port)
  export MIXER_ADDR API_ADDR DASHBOARD_ADDR TELNET_ADDR
  export PREGON_DATA_DIR=$work/data MIXER_SOCKET=$work/mixer.sock MUSIC_DIR=$2 MIXER_BITRATES=${3:-128}
  export ASTERISK_SPOOL_DIR=$work/spool ASTERISK_SIMULATE=off TTS_ENGINES=espeak RUST_LOG=warn
  mkdir -p "$work/spool/outgoing"
  unset RABBITMQ_URL REDIS_URL API_KEYS ICECAST_URL
  launch pregon "$pregon" "$1"
  soon "the station did not come up" measured
}
measured() { metrics | grep -q 'mixer_music_files{state="measured"} 1$'; }
metrics() { curl -fs "http://$MIXER_ADDR/metrics"; }

# blocks bad|late: of 20 ms, so far. Late ones were made up for; the bad ones are a gap.
blocks() {
  metrics | awk -v kind="$1" '/^mixer_bad_blocks_total/ { if (/"late"/) late += $2; else bad += $2 }
    END { print (kind == "late" ? late : bad) + 0 }'
}

# liquidsoap_up FOLDER BITRATE...: with Icecast, no crossfade, no burst, and at 48 kHz, which costs it least.
liquidsoap_up() {
  local folder=$1 bitrate
  shift
  ICECAST_ADDR=127.0.0.1:$(free_port)
  cat >"$work/icecast.xml" <<XML
<icecast><limits><clients>100</clients><sources>5</sources><burst-size>0</burst-size></limits>
<authentication><source-password>bench</source-password><admin-password>bench</admin-password></authentication>
<hostname>localhost</hostname>
<listen-socket><port>${ICECAST_ADDR#*:}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><logdir>/tmp</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
<logging><accesslog>-</accesslog><errorlog>-</errorlog></logging>
<security><chroot>0</chroot>$([[ $EUID != 0 ]] || echo '<changeowner><user>nobody</user><group>nogroup</group></changeowner>')</security>
</icecast>
XML
  {
    cat <<LIQ
settings.init.allow_root.set(true)
settings.frame.audio.samplerate.set(48000)
settings.server.socket.set(true)
settings.server.socket.path.set("$work/liquidsoap.sock")
announcements = request.queue(id="interrupting_requests")
radio = fallback(track_sensitive=false, [announcements, mksafe(playlist("$folder"))])
LIQ
    for bitrate in "$@"; do
      echo "output.icecast(%opus(vbr=\"constrained\", application=\"audio\", bitrate=$bitrate, samplerate=48000, channels=2)," \
        "host=\"127.0.0.1\", port=${ICECAST_ADDR#*:}, password=\"bench\", mount=\"radio-$bitrate\", radio)"
    done
  } >"$work/radio.liq"
  launch icecast icecast2 -c "$work/icecast.xml"
  soon "Icecast did not come up" curl -fs "http://$ICECAST_ADDR/status-json.xsl"
  launch liquidsoap liquidsoap "$work/radio.liq"
  soon "Liquidsoap is not on air" liquidsoap_on_air "radio-${!#}"
}
liquidsoap_on_air() { curl -fs "http://$ICECAST_ADDR/status-json.xsl" | grep -q "/$1\""; }
liquidsoap_down() {
  stop liquidsoap
  stop icecast
}

# ---- measurements ----
# Renders speech for as long as it runs, as a worker does that has many jobs.
chatter() {
  local text
  text=$(printf 'El Concejo sesiona hoy a las seis y media de la tarde. %.0s' {1..20})
  while :; do espeak-ng -v es -w /dev/null "$text"; done
}

latency() {
  local id
  say "latency, $pushes times each, while speech is rendered; load $(cut -d' ' -f1-3 /proc/loadavg)"
  chatter &
  pid[chatter]=$!
  pregon_up serve "$work/tone"
  note push "$("$bench" radio-push --stream "$MIXER_ADDR/radio" --socket "$MIXER_SOCKET" \
    --file "$work/announcement.wav" --times "$pushes")"
  note text "$("$bench" radio-broadcast --stream "$MIXER_ADDR/radio" --times "$pushes")"
  id=$(curl -fsS -X POST --data-binary "@$work/announcement.wav" -H 'Content-Type: application/octet-stream' \
    "http://$API_ADDR/audio" | sed -n 's/.*"id":"\([^"]*\)".*/\1/p')
  note audio "$("$bench" radio-broadcast --stream "$MIXER_ADDR/radio" --audio "$id" --times "$pushes")"
  note latency "bad=$(blocks bad) late=$(blocks late)"
  stop pregon
  if [[ -n $peer ]]; then
    liquidsoap_up "$work/tone" 128
    note liquidsoap_push "$("$bench" radio-push --stream "$ICECAST_ADDR/radio-128" --socket "$work/liquidsoap.sock" \
      --file "$work/announcement.wav" --times "$pushes")"
    liquidsoap_down
  fi
  stop chatter
}

# spent NAME PID: CPU seconds per minute and MiB.
spent() {
  local before after
  sleep 5 # not waiting for anything: what a start costs is not measured
  before=$("$bench" cpu "$2" | cut -d= -f2)
  sleep "$seconds"
  after=$("$bench" cpu "$2" | cut -d= -f2)
  note "$1" "cpu=$(awk -v ms=$((after - before)) -v s="$seconds" 'BEGIN { printf "%.2f", ms * 60 / s / 1000 }') $(
    "$bench" memory "$2")"
}

cost() {
  say "cost, $seconds s each; load $(cut -d' ' -f1-3 /proc/loadavg)"
  pregon_up mixer "$work/music"
  spent one "${pid[pregon]}"
  stop pregon
  pregon_up mixer "$work/music" 128,64,320
  spent three "${pid[pregon]}"
  stop pregon
  [[ -n $peer ]] || return 0
  liquidsoap_up "$work/music" 128
  spent liquidsoap_one "${pid[liquidsoap]}"
  liquidsoap_down
  liquidsoap_up "$work/music" 128 64 320
  spent liquidsoap_three "${pid[liquidsoap]}"
  liquidsoap_down
}

crowd() {
  local bad late
  say "$listeners listeners, $seconds s; load $(cut -d' ' -f1-3 /proc/loadavg)"
  pregon_up mixer "$work/music"
  spent alone "${pid[pregon]}"
  bad=$(blocks bad) late=$(blocks late)
  "$bench" radio-crowd --stream "$MIXER_ADDR/radio" --listeners "$listeners" --seconds $((seconds + 10)) >"$work/crowd" &
  pid[crowd]=$!
  soon "not all listeners came in" grep -q ready "$work/crowd"
  spent crowd "${pid[pregon]}"
  wait "${pid[crowd]}" || fail "the crowd broke up"
  unset 'pid[crowd]'
  note crowd "$(tail -n 1 "$work/crowd") bad=$(($(blocks bad) - bad)) late=$(($(blocks late) - late))"
  stop pregon
}

# ---- what is printed ----
# calc EXPRESSION: of figures by name; "-" when one is not known.
calc() {
  local name values=()
  for name in $(grep -o '[a-z][a-z_0-9]*' <<<"$1"); do
    [[ -n ${figure[$name]:-} ]] || { printf -- '-'; return; }
    values+=(-v "$name=${figure[$name]}")
  done
  awk "${values[@]}" "BEGIN { printf \"%.3f\", $1 }"
}

# row TITLE OURS [TARGET] [THEIRS]: a figure above its target is marked.
row() {
  local ours theirs=- ratio=-
  ours=$(calc "$2")
  [[ $ours != - ]] || return 0
  if [[ -n ${4:-} ]]; then theirs=$(calc "$4"); fi
  if [[ $theirs != - ]]; then ratio=$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f", a / b }'); fi
  [[ -z ${3:-} ]] || awk -v a="$ours" -v b="$3" 'BEGIN { exit a > b }' || ours="$ours (!)"
  printf '| %-50s | %12s | %8s | %10s | %5s |\n' "$1" "$ours" "${3:+<= $3}" "$theirs" "$ratio"
}

table() {
  printf '\n| %-50s | %12s | %8s | %10s | %5s |\n' "$(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg) at the end" \
    Pregon target Liquidsoap ratio
  printf '|%s|%s|%s|%s|%s|\n' "$(printf -- '-%.0s' {1..52})" -------------- ---------- ------------ -------
  row "push: answered, median s" push_answered_p50 "" liquidsoap_push_answered_p50
  row "push to live edge, median s" push_live_p50 0.1 liquidsoap_push_live_p50
  row "  as a share of Liquidsoap's" "push_live_p50/liquidsoap_push_live_p50" 0.75
  row "  p95" push_live_p95 0.15 liquidsoap_push_live_p95
  row "  max" push_live_max "" liquidsoap_push_live_max
  row "push to heard without buffer, median s" push_heard_p50 0.4 liquidsoap_push_heard_p50
  row "  max" push_heard_max "" liquidsoap_push_heard_max
  row "POST /tts/broadcast, cached speech, live, median s" text_live_p50 0.25
  row "  p95" text_live_p95
  row "  heard without buffer, median" text_heard_p50
  row "POST /tts/broadcast, a recording, live, median s" audio_live_p50 0.25
  row "  p95" audio_live_p95
  row "blocks of 20 ms lost meanwhile" latency_bad 0
  row "  late, but made up for" latency_late
  row "CPU-s per minute, one Opus 128k" one_cpu 0.9 liquidsoap_one_cpu
  row "  MiB resident" one_rss_mib 48 liquidsoap_one_rss_mib
  row "CPU-s per minute, with 64k and 320k" three_cpu "" liquidsoap_three_cpu
  row "  each further bit rate" "(three_cpu-one_cpu)/2" 0.7 "(liquidsoap_three_cpu-liquidsoap_one_cpu)/2"
  row "  MiB resident" three_rss_mib "" liquidsoap_three_rss_mib
  row "% of a core with $listeners listeners" "crowd_cpu/0.6" 25
  row "  of it for the listeners" "(crowd_cpu-alone_cpu)/0.6"
  row "  KiB for each" "(crowd_rss_mib-alone_rss_mib)*1024/crowd_listeners" 40
  row "  blocks of 20 ms lost" crowd_bad 0
  row "    late, but made up for" crowd_late
  row "  cut off" crowd_cut_off 0
  row "  longest wait of any for a page, s" crowd_gap
}

main() {
  local target parts=("$@") name
  [[ ${#parts[@]} -gt 0 ]] || parts=(latency cost crowd)
  for name in "${parts[@]}"; do
    [[ $name == @(latency|cost|crowd) ]] || { say "usage: bench/radio.sh [latency] [cost] [crowd]"; exit 2; }
  done
  for name in ffmpeg espeak-ng curl; do
    command -v "$name" >/dev/null || { say "SKIPPED: $name is not installed"; exit 0; }
  done
  peer=yes
  for name in liquidsoap icecast2; do
    command -v "$name" >/dev/null || { say "SKIPPED: $name is not installed: nothing to compare with"; peer=; }
  done
  cargo build --release --locked -p pregon -p pregon-bench
  target=$(cargo metadata --format-version 1 --no-deps --locked | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
  pregon=$target/release/pregon bench=$target/release/pregon-bench
  sounds
  for name in "${parts[@]}"; do "$name"; done
  table
}

main "$@"
