#!/usr/bin/env bash
# A throw-away Asterisk for tests: a real one, on loopback, without root and without installing anything. Its packages
# are downloaded by apt-get from where this machine gets its own, and unpacked into a cache folder.
#
#   tests/asterisk.sh fetch   DIR               fills the cache, and no more
#   tests/asterisk.sh start   DIR               fetches what is not cached, starts it, waits until it is fully booted,
#                                               and writes DIR/env with TEST_ASTERISK_DIR and what else tests need
#   tests/asterisk.sh stop    DIR               stops it; calls end; the spool stays in DIR
#   tests/asterisk.sh kill    DIR               stops it with SIGKILL: calls that are up get no result
#   tests/asterisk.sh restart DIR               stop, then start: same ports, same spool
#   tests/asterisk.sh status  DIR               exits 0 when it answers
#   tests/asterisk.sh cli     DIR ARGUMENT...   one command on its console, such as: cli DIR core show channels
#
# ASTERISK_SUITE (sid) is the Debian suite. ASTERISK_VERSION, when set, is how its version must begin, such as 22.10.
# ASTERISK_CACHE is the cache folder. DIR is made if need be; delete it after stop. All but kill may be repeated.
#
# Started by root, Asterisk runs as nobody in root's group: beside the worker, and not above file permissions, as on a
# telephone system. Then nobody must be able to reach DIR and the cache. Else it runs as whoever started it.
set -euo pipefail

usage() { sed -n '2,20s/^# \{0,1\}//p' "$0" >&2; exit 64; }
fail() { echo "asterisk.sh: $*" >&2; exit 1; }

[ $# -ge 2 ] || usage
command=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
shift 2

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=ports.sh
. "$here/ports.sh"
# What is made here can be written by the group.
umask 002
as_asterisk=()
caches=${XDG_CACHE_HOME:-$HOME/.cache}
if [ "$EUID" -eq 0 ]; then
  as_asterisk=(setpriv --reuid=nobody --regid=root --clear-groups --bounding-set=-all --inh-caps=-all)
  caches=/var/cache # nobody cannot look into /root
fi
suite=${ASTERISK_SUITE:-sid}
cache=${ASTERISK_CACHE:-$caches/pregon/asterisk-$suite-$(uname -m)}
tree=$cache/root

# The least a call needs, and what tests look at: no module is loaded that does not earn its start-up time.
readonly MODULES="res_timing_timerfd res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject
  res_rtp_asterisk res_pjsip res_pjsip_pubsub res_pjsip_session res_pjsip_sdp_rtp res_pjsip_caller_id chan_pjsip
  bridge_simple codec_ulaw codec_alaw codec_g722 codec_resample format_wav format_pcm
  func_channel func_hangupcause func_env func_cdr func_strings func_logic func_timeout func_global
  app_playback app_read app_stack app_verbose app_userevent cdr_csv pbx_config pbx_spool"
readonly TRUNKS="trunk trunk2"

# --- Packages -------------------------------------------------------------------------------------------------------

# Where this machine gets Debian's packages, by apt's own account.
debian_mirror() {
  apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    sed -n 's/^Debian|Debian|//p' | head -n 1
}

# An apt of its own, beside the system's: nothing is installed, and no root is needed.
prepare_apt() {
  local apt=$1 mirror
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "needs apt-get and dpkg: a Debian machine"
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || fail "apt knows no Debian archive on this machine; run apt-get update, or set ASTERISK_CACHE"
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  : >"$apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<C
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
APT::Sandbox::User "";
APT::Install-Recommends "false";
Debug::NoLocking "true";
C
}

download() {
  local apt=$1
  prepare_apt "$apt"
  echo "asterisk.sh: downloading Asterisk from Debian $suite (80 MB) into $cache" >&2
  APT_CONFIG=$apt/apt.conf apt-get -qq update && APT_CONFIG=$apt/apt.conf apt-get -qq autoclean >/dev/null &&
    APT_CONFIG=$apt/apt.conf apt-get -qq -y -d install asterisk >/dev/null ||
    fail "the packages of Debian $suite cannot be fetched (see above): the tests against a real Asterisk cannot run"
}

unpack() {
  local into=$1 deb
  rm -rf "$into"
  mkdir -p "$into"
  for deb in "$cache"/apt/cache/archives/*.deb; do dpkg -x "$deb" "$into"; done
  dpkg-deb -f "$cache"/apt/cache/archives/asterisk_*.deb Version >"$into/version"
}

# Several may ask at once: one fetches, the others wait. The tree appears under its name when it is complete.
fetch() {
  [ -e "$tree/version" ] || mkdir -p "$cache" || fail "set ASTERISK_CACHE to a folder that can be written"
  [ -e "$tree/version" ] || (
    flock 9
    [ -e "$tree/version" ] && exit
    download "$cache/apt"
    unpack "$tree.new"
    mv "$tree.new" "$tree"
  ) 9>"$cache.lock"
  # Packages call themselves 1:22.10.1~dfsg…; what counts is what comes after the epoch.
  local version
  version=$(cat "$tree/version")
  case ${version#*:} in
    "${ASTERISK_VERSION:-}"*) ;;
    *) fail "$cache holds Asterisk $version, not $ASTERISK_VERSION: choose another ASTERISK_CACHE or empty this one" ;;
  esac
}

# --- Configuration --------------------------------------------------------------------------------------------------

choose_ports() {
  [ -f "$dir/ports" ] && return
  name_ports SIP PEER AMI >"$dir/ports.new"
  # Many calls at once need many ports; these lie apart from those above.
  echo "RTP_START=$((30000 + RANDOM % 100 * 20))" >>"$dir/ports.new"
  echo "AMI_SECRET=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')" >>"$dir/ports.new"
  mv "$dir/ports.new" "$dir/ports"
}

configure() {
  mkdir -p "$dir/etc" "$dir/lib" "$dir/run" "$dir/log/cdr-csv"
  mkdir -p "$dir/spool/outgoing" "$dir/spool/outgoing_done" "$dir/spool/results" "$dir/keys"
  local libraries
  libraries=$(find_libraries)
  cat >"$dir/etc/asterisk.conf" <<C
[directories]
astetcdir => $dir/etc
astmoddir => $libraries/asterisk/modules
astvarlibdir => $dir/lib
astdbdir => $dir/lib
astkeydir => $dir/lib
astdatadir => $tree/usr/share/asterisk
astspooldir => $dir/spool
astrundir => $dir/run
astlogdir => $dir/log
C
  {
    printf '[modules]\nautoload=no\n'
    # shellcheck disable=SC2086 # a list of words
    printf 'load=%s.so\n' $MODULES
  } >"$dir/etc/modules.conf"
  # `dtmf` shows the keys that arrive.
  printf '[general]\n[logfiles]\nfull => notice,warning,error,verbose(3),dtmf\n' >"$dir/etc/logger.conf"
  printf '[general]\nenable=yes\nunanswered=yes\n[csv]\nloguniqueid=yes\nloguserfield=yes\n' >"$dir/etc/cdr.conf"
  printf '[general]\nrtpstart=%s\nrtpend=%s\n' "$RTP_START" $((RTP_START + 1999)) >"$dir/etc/rtp.conf"
  configure_trunks >"$dir/etc/pjsip.conf"
  configure_manager >"$dir/etc/manager.conf"
  configure_dialplan
}

# The peer tells the trunks apart by the domain in From.
configure_trunks() {
  printf '[global]\ntype=global\n\n[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:%s\n' "$SIP_PORT"
  local trunk
  for trunk in $TRUNKS; do
    cat <<C

[$trunk]
type=endpoint
transport=udp
context=none
disallow=all
allow=ulaw
aors=$trunk
direct_media=no
from_domain=$trunk

[$trunk]
type=aor
contact=sip:127.0.0.1:$PEER_PORT
C
  done
}

configure_manager() {
  cat <<C
[general]
enabled=yes
bindaddr=127.0.0.1
port=$AMI_PORT
channelvars=PREGON_JOB,PREGON_ATTEMPT

[pregon]
secret=$AMI_SECRET
read=call,cdr,user,dialplan,dtmf
write=call,originate,system,command
C
}

# The shipped dialplan as setup installs it, and a context that writes down the keys that the other side presses.
configure_dialplan() {
  sed "s|__RESULTS_DIR__|$dir/spool/results|g" "$here/../asterisk/conf/pregon.conf" >"$dir/etc/pregon.conf"
  cat >"$dir/etc/extensions.conf" <<C
#include pregon.conf

[test-keys]
exten => s,1,Answer()
 same => n,Read(KEYS,,\${COUNT},,1,5)
 same => n,Set(FILE($dir/keys/\${NAME},,,l,u)=\${KEYS})
 same => n,Hangup()
C
}

# --- Process --------------------------------------------------------------------------------------------------------

find_libraries() { find "$tree/usr/lib" -maxdepth 1 -name '*-linux-gnu*' -type d | head -n 1; }

# Runs Asterisk's program with its own libraries, whatever this machine's are.
asterisk() {
  local loader
  loader=$(find "$tree/usr/lib" "$tree/usr/lib64" -maxdepth 2 -name 'ld-linux*.so.*' 2>/dev/null | head -n 1)
  exec "${as_asterisk[@]}" "$loader" --library-path "$(find_libraries)" "$tree/usr/sbin/asterisk" \
    -C "$dir/etc/asterisk.conf" "$@"
}

running_pid() {
  local pid
  pid=$(cat "$dir/asterisk.pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  # Pids are used again: it must be ours.
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q -- "-C $dir/etc/asterisk.conf" && echo "$pid"
}

gone() { ! running_pid >/dev/null; }

# wait_until SECONDS COMMAND...
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.05
  done
}

answers() { (asterisk -rx 'core waitfullybooted') 2>/dev/null | grep -q 'fully booted'; }

start() {
  fetch
  if gone; then
    configure
    "${as_asterisk[@]}" test -w "$dir/spool/outgoing" -a -x "$tree/usr/sbin/asterisk" ||
      fail "the user nobody must be able to reach $dir and $tree"
    setsid "$0" run "$dir" </dev/null >>"$dir/asterisk.log" 2>&1 9>&- &
    echo $! >"$dir/asterisk.pid"
  fi
  wait_until 30 answers || { tail -n 20 "$dir/asterisk.log" "$dir/log/full" >&2; fail "Asterisk did not start"; }
  write_env
}

# stop SIGNAL: by pid, never by name.
stop() {
  local pid
  pid=$(running_pid) || { rm -f "$dir/asterisk.pid"; return 0; }
  kill "-$1" "$pid" 2>/dev/null || true
  wait_until 15 gone || { kill -KILL "$pid" 2>/dev/null || true; wait_until 5 gone; }
  rm -f "$dir/asterisk.pid"
}

write_env() {
  {
    echo "export TEST_ASTERISK_DIR=$(printf %q "$dir")"
    echo "export TEST_ASTERISK_SPOOL=$(printf %q "$dir/spool")"
    echo "export TEST_ASTERISK_PEER=$PEER_PORT"
    echo "export TEST_ASTERISK_AMI=127.0.0.1:$AMI_PORT:pregon:$AMI_SECRET"
    echo "export TEST_ASTERISK_VERSION=$(printf %q "$(cat "$tree/version")")"
  } >"$dir/env"
}

choose_ports
# shellcheck source=/dev/null
. "$dir/ports"

case $command in
  fetch) fetch ;;
  start) start ;;
  run) # what start puts into the background, with the usual umask; a dumb terminal gets no colours
    umask 022
    TERM=dumb asterisk -f
    ;;
  stop) stop TERM ;;
  kill) stop KILL ;;
  restart)
    stop TERM
    start
    ;;
  status)
    answers || { echo "asterisk: down"; exit 1; }
    echo "asterisk: $(cat "$tree/version"), SIP port $SIP_PORT, pid $(running_pid)"
    ;;
  cli)
    [ $# -gt 0 ] || usage
    asterisk -rx "$*"
    ;;
  *) usage ;;
esac
