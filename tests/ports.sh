# shellcheck shell=bash
# Free ports on loopback for scripts that start servers. To be sourced.

# Whether something listens on that port, TCP or UDP. The kernel shows UDP ports in hexadecimal.
port_is_taken() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null ||
    awk -v port="$(printf ':%04X' "$1")" 'index($2, port) { found = 1 } END { exit !found }' /proc/net/udp
}

# free_port [PORT...]: prints a free port that is none of these. It lies below the range that the kernel hands out for
# outgoing connections, so that none of them can take it meanwhile.
free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)); do
    case " $* " in *" $port "*) continue ;; esac
    port_is_taken "$port" || { printf '%s' "$port"; return; }
  done
}

# name_ports NAME...: prints a line NAME_PORT=... for each, no two with the same port.
name_ports() {
  local name chosen=()
  for name; do
    chosen+=("$(free_port "${chosen[@]}")")
    echo "${name}_PORT=${chosen[-1]}"
  done
}
