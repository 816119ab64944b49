#!/usr/bin/env bash
# Throw-away RabbitMQ and Redis for tests: own ports on loopback, own data, own processes, nothing shared with the
# system's. Needs the packages rabbitmq-server and redis-server; their services need not run.
#
#   tests/services.sh start   DIR [rabbitmq|redis]   starts what does not run yet, waits until it answers,
#                                                    and writes DIR/env with TEST_AMQP_URL and TEST_REDIS_URL
#   tests/services.sh stop    DIR [rabbitmq|redis]   stops it in good order; the data stays in DIR
#   tests/services.sh kill    DIR [rabbitmq|redis]   stops it with SIGKILL
#   tests/services.sh restart DIR [rabbitmq|redis]   stop, then start: same ports, same data
#   tests/services.sh status  DIR                    exits 0 when both answer
#   tests/services.sh ctl     DIR ARGUMENT...        rabbitmqctl of this node
#
# DIR is made if need be; delete it after stop. start and stop may be repeated.
set -euo pipefail

usage() { sed -n '2,14s/^# \{0,1\}//p' "$0" >&2; exit 64; }
fail() { echo "services.sh: $*" >&2; exit 1; }

[ $# -ge 2 ] || usage
command=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
shift 2

rabbit_home=${RABBITMQ_HOME:-/usr/lib/rabbitmq}

# shellcheck source=ports.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/ports.sh"

choose_ports() {
  [ -f "$dir/ports" ] && return
  name_ports AMQP DIST EPMD REDIS >"$dir/ports.new"
  mv "$dir/ports.new" "$dir/ports"
}

# Whether the process of that pid file lives and is what we started: pids are used again. RabbitMQ's command line does
# not name the node, its environment does.
runs() {
  local pid
  pid=$(cat "$dir/$1.pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  cat "/proc/$pid/cmdline" "/proc/$pid/environ" 2>/dev/null | tr '\0' ' ' | grep -q -- "$2"
}

# wait_until SECONDS COMMAND...
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.1
  done
}

gone() { ! runs "$@"; }

# end NAME PATTERN SIGNAL: by pid, never by name.
end() {
  runs "$1" "$2" || { rm -f "$dir/$1.pid"; return 0; }
  local pid
  pid=$(cat "$dir/$1.pid")
  kill "-$3" "$pid" 2>/dev/null || true
  wait_until 20 gone "$1" "$2" || { kill -KILL "$pid" 2>/dev/null || true; wait_until 5 gone "$1" "$2"; }
  rm -f "$dir/$1.pid"
}

# --- Redis ----------------------------------------------------------------------------------------------------------

redis_answers() { [ "$(redis-cli -h 127.0.0.1 -p "$REDIS_PORT" ping 2>/dev/null)" = PONG ]; }

start_redis() {
  if runs redis "redis-server.*:$REDIS_PORT"; then wait_until 20 redis_answers && return; fi
  command -v redis-server >/dev/null || fail "redis-server is not installed: apt-get install redis-server"
  mkdir -p "$dir/redis"
  setsid redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --dir "$dir/redis" --appendonly yes --save '' \
    </dev/null >>"$dir/redis.log" 2>&1 &
  echo $! >"$dir/redis.pid"
  wait_until 20 redis_answers || { tail -n 20 "$dir/redis.log" >&2; fail "Redis did not start"; }
}

stop_redis() { end redis "redis-server.*:$REDIS_PORT" "$1"; }

# --- RabbitMQ -------------------------------------------------------------------------------------------------------

rabbit_environment() {
  local home=$dir/rabbitmq
  mkdir -p "$home/log"
  # An empty file each: neither the system's configuration nor its plugins apply.
  [ -f "$home/env.conf" ] || : >"$home/env.conf"
  [ -f "$home/enabled_plugins" ] || echo '[].' >"$home/enabled_plugins"
  [ -f "$home/rabbitmq.conf" ] || echo "listeners.tcp.default = 127.0.0.1:$AMQP_PORT" >"$home/rabbitmq.conf"
  export HOME=$home # the Erlang cookie lies here
  export RABBITMQ_CONF_ENV_FILE=$home/env.conf RABBITMQ_CONFIG_FILE=$home/rabbitmq.conf
  export RABBITMQ_ENABLED_PLUGINS_FILE=$home/enabled_plugins
  export RABBITMQ_NODENAME="pregon$AMQP_PORT@localhost" RABBITMQ_DIST_PORT=$DIST_PORT
  export RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT=$AMQP_PORT
  export RABBITMQ_MNESIA_BASE=$home/data RABBITMQ_LOG_BASE=$home/log RABBITMQ_PID_FILE=$dir/rabbitmq.pid
  export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
  export ERL_EPMD_PORT=$EPMD_PORT ERL_EPMD_ADDRESS=127.0.0.1
}

# Erlang's name server: started here in the foreground, else the node leaves a daemon behind that nobody can end.
start_epmd() {
  runs epmd "epmd.*$EPMD_PORT" && return
  setsid epmd -port "$EPMD_PORT" -address 127.0.0.1 </dev/null >>"$dir/epmd.log" 2>&1 &
  echo $! >"$dir/epmd.pid"
  wait_until 10 port_is_taken "$EPMD_PORT" || fail "epmd did not start"
}

# The protocol header makes the broker answer at once, and only when it is ready for clients.
amqp_answers() {
  timeout 2 bash -c "exec 3<>/dev/tcp/127.0.0.1/$AMQP_PORT; printf 'AMQP\0\0\11\1' >&3; [ -n \"\$(head -c 1 <&3 | od -An -tx1)\" ]"
}

start_rabbitmq() (
  rabbit_environment
  if runs rabbitmq "pregon$AMQP_PORT@localhost"; then wait_until 60 amqp_answers && return; fi
  [ -x "$rabbit_home/bin/rabbitmq-server" ] || fail "RabbitMQ is not installed: apt-get install rabbitmq-server"
  start_epmd
  rm -f "$dir/rabbitmq.pid"
  # Not the wrapper in /usr/sbin: that one insists on the rabbitmq user and the system's folders.
  setsid "$rabbit_home/bin/rabbitmq-server" </dev/null >>"$dir/rabbitmq.log" 2>&1 &
  wait_until 90 amqp_answers || { tail -n 20 "$dir/rabbitmq.log" >&2; fail "RabbitMQ did not start"; }
  wait_until 10 runs rabbitmq "pregon$AMQP_PORT@localhost" || fail "RabbitMQ wrote no pid file"
)

stop_rabbitmq() {
  end rabbitmq "pregon$AMQP_PORT@localhost" "$1"
  end epmd "epmd.*$EPMD_PORT" TERM
}

# --------------------------------------------------------------------------------------------------------------------

write_env() {
  {
    echo "export TEST_AMQP_URL=amqp://guest:guest@127.0.0.1:$AMQP_PORT/%2f"
    echo "export TEST_REDIS_URL=redis://127.0.0.1:$REDIS_PORT/0"
    echo "export TEST_SERVICES_DIR=$(printf %q "$dir")"
  } >"$dir/env"
}

each() {
  local what
  for what in ${only:-rabbitmq redis}; do "$1_$what" "${@:2}"; done
}

choose_ports
# shellcheck source=/dev/null
. "$dir/ports"
only=
case $command in
  start | stop | kill | restart)
    only=${1:-}
    case $only in '' | rabbitmq | redis) ;; *) usage ;; esac
    ;;
esac

case $command in
  start)
    each start
    write_env
    ;;
  stop) each stop TERM ;;
  kill) each stop KILL ;;
  restart)
    each stop TERM
    each start
    write_env
    ;;
  status)
    state=0
    redis_answers && echo "redis: port $REDIS_PORT, pid $(cat "$dir/redis.pid")" || { echo "redis: down"; state=1; }
    amqp_answers 2>/dev/null && echo "rabbitmq: port $AMQP_PORT, pid $(cat "$dir/rabbitmq.pid")" ||
      { echo "rabbitmq: down"; state=1; }
    exit $state
    ;;
  ctl)
    rabbit_environment
    exec "$rabbit_home/bin/rabbitmqctl" "$@"
    ;;
  *) usage ;;
esac
