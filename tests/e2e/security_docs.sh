#!/bin/sh
# The commands of docs/security.md, as they stand there. Run from the repository's root:
# security_docs.sh BIN_FOLDER
set -eu
bin=$1
root=$(pwd)
dir=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
  rm -rf "$dir"
}
trap cleanup EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
# refuses COMMAND...: it must fail.
refuses() {
  if "$@" >"$dir/out" 2>&1; then
    cat "$dir/out" >&2
    fail "must fail: $*"
  fi
}

# block KIND N: the Nth block of that kind.
block() {
  awk -v kind="$1" -v want="$2" '
    $0 == "```" kind && ++seen == want { inside = 1; next }
    /^```/ { inside = 0 }
    inside' "$root/docs/security.md"
}
# run N: the Nth shell block, in $dir, with our programs, on the ports of our server.
run() {
  block sh "$1" | sed "s/localhost:8500/localhost:${port-}/; s/localhost:8501/localhost:${admin-}/
    s/localhost:8502/localhost:${health-}/" >"$dir/commands"
  [ -s "$dir/commands" ] || fail "no shell block $1 in docs/security.md"
  (cd "$dir" && PATH="$bin:$PATH" sh -eux ./commands) >"$dir/out" 2>&1 ||
    { cat "$dir/out" >&2; fail "block $1"; }
}
# of NAME: a port from the line that the server prints when it is ready.
of() { printf '%s\n' "$ready" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
# start: the server with $dir/server.textproto; sets port, admin and health.
start() {
  mkfifo "$dir/ready"
  "$bin/lingula-server" --config "$dir/server.textproto" --port 0 --metrics-port 0 --admin-port 0 \
    >"$dir/ready" 2>"$dir/log" &
  server=$!
  exec 3<"$dir/ready"
  ready=$(timeout 120 head -n 1 <&3) || true
  rm "$dir/ready"
  port=$(of grpc_port)
  admin=$(of admin_port)
  health=$(of health_port)
  if [ -z "$port" ] || [ -z "$admin" ] || [ -z "$health" ]; then
    cat "$dir/log" >&2
    fail "the server did not get ready"
  fi
}
stop() {
  kill -TERM "$server"
  wait "$server" || fail "the server ended with $?"
  server=
}
# configure SED: the documented configuration, but on the loopback address, with our models and free ports.
configure() {
  block textproto 1 |
    sed "s/0\.0\.0\.0/127.0.0.1/; s/^health_port: .*/health_port: 0/; $1" >"$dir/server.textproto"
  printf 'model_repository: "%s/model/bundles"\nmodels { name: "cxr-sgseg-compact" }\n' "$root" \
    >>"$dir/server.textproto"
}

run 1
run 2
[ "$(stat -c %a "$dir/gateway.token")" = 600 ] || fail "others may read the token"
refuses grep -q "$(cat "$dir/gateway.token")" "$dir/callers.textproto"
configure ''
"$bin/lingula-server" --config "$dir/server.textproto" --check-config >"$dir/out"
mv "$dir/server-key.pem" "$dir/key"
refuses "$bin/lingula-server" --config "$dir/server.textproto" --check-config
mv "$dir/key" "$dir/server-key.pem"
start
run 3
grep -q 'cxr-sgseg-compact@1' "$dir/out" || { cat "$dir/out" >&2; fail "no models listed"; }
refuses "$bin/lingula" models --server "localhost:$port" --ca "$dir/ca.pem"
stop

run 4
configure 's/key_file: "server-key.pem"/& client_ca_file: "ca.pem"/'
block textproto 2 >"$dir/callers.textproto"
start
refuses "$bin/lingula" health --server "localhost:$port" --ca "$dir/ca.pem"
"$bin/lingula" models --server "localhost:$port" --ca "$dir/ca.pem" --cert "$dir/gateway.pem" \
  --key "$dir/gateway-key.pem" >"$dir/out" 2>&1 ||
  { cat "$dir/out" >&2; fail "a known certificate was refused"; }
stop
