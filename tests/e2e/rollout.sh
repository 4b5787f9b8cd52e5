#!/bin/sh
# docs/rollout.md with a real network, under load: a good version, a broken one, a shadow, and back. Run from
# the repository's root: rollout.sh BIN_FOLDER
set -eu
bin=$1
dir=$(mktemp -d)
server=
callers=
cleanup() {
  # shellcheck disable=SC2086  # one word a process
  [ -z "$server$callers" ] || kill -KILL $server $callers 2>/dev/null || true
  rm -rf "$dir"
}
trap cleanup EXIT

fail() { echo "FAILED: $*" >&2; cat "$dir/out" "$dir/log" >&2; exit 1; }
# admin CODE WORDS...: `lingula admin`, its exit status; its output is kept in $dir/out.
admin() {
  want=$1
  shift
  got=0
  "$bin/lingula" admin "$@" --server "127.0.0.1:$admin_port" >"$dir/out" 2>&1 || got=$?
  [ "$got" -eq "$want" ] || fail "exit $got instead of $want: admin $*"
}
says() { grep -q -- "$1" "$dir/out" || fail "does not say: $1"; }
# until_status PATTERN: waits until a line of the status is like it.
until_status() {
  for _ in $(seq 600); do
    admin 0 status
    ! grep -q -- "$1" "$dir/out" || return 0
    sleep 0.1
  done
  fail "never became: $1"
}
# put VERSION: a copy of version 1.
put() {
  cp -r model/bundles/cxr-sgseg-compact/1 "$dir/new"
  sed -i "s/^version: \"1\"/version: \"$1\"/" "$dir/new/manifest.textproto"
}
show() { mv "$dir/new" "$dir/models/cxr-sgseg-compact/$1"; }

mkdir -p "$dir/models/cxr-sgseg-compact"
: >"$dir/out"
put 1 && show 1
printf 'model_repository: "%s"\nrepository_poll_seconds: 1\nport: 0\nmetrics_port: 0\nadmin_port: 0\n' \
  "$dir/models" >"$dir/server.textproto"
mkfifo "$dir/ready"
"$bin/lingula-server" --config "$dir/server.textproto" >"$dir/ready" 2>"$dir/log" &
server=$!
ready=$(timeout 60 head -n 1 "$dir/ready")
port=$(echo "$ready" | sed -n 's/.*"grpc_port":\([0-9]*\).*/\1/p')
admin_port=$(echo "$ready" | sed -n 's/.*"admin_port":\([0-9]*\).*/\1/p')
[ -n "$admin_port" ] || fail "no admin port: $ready"

film=tests/testdata/xray/a2eba651.jpg
for caller in 1 2; do
  while [ ! -e "$dir/stop" ]; do
    "$bin/lingula" segment "$film" "$film" --server "127.0.0.1:$port" >"$dir/call$caller" 2>&1 ||
      cat "$dir/call$caller" >>"$dir/failed"
  done &
  callers="$callers $!"
done

put 2 && show 2
until_status "cxr-sgseg-compact@2  *serving  *cxr-sgseg-compact  *yes"
put 3
printf 'x' | dd of="$dir/new/weights.safetensors" bs=1 seek=100000 conv=notrunc 2>/dev/null
show 3
until_status "cxr-sgseg-compact@3  *failed .*weights.safetensors: sha256 is"
! grep -q "$dir" "$dir/out" || fail "a path is shown"
admin 1 load cxr-sgseg-compact@3
says "INVALID_ARGUMENT: weights.safetensors: sha256 is"
admin 0 rollback cxr-sgseg-compact
says "leads to cxr-sgseg-compact@1"

admin 0 shadow start cxr-sgseg-compact@2 --share 1 --min-images 2
for _ in $(seq 600); do
  admin 0 shadow status
  ! grep -q "passes its gate" "$dir/out" || break
  sleep 0.1
done
says "mean Dice 1.0000"
admin 0 shadow promote
admin 0 unload cxr-sgseg-compact@1
until_status "cxr-sgseg-compact@2  *serving  *cxr-sgseg-compact  *yes"
touch "$dir/stop"
# shellcheck disable=SC2086  # one word a process
wait $callers
callers=
[ ! -e "$dir/failed" ] || { cat "$dir/failed" >&2; fail "calls failed"; }

kill -TERM "$server"
got=0
wait "$server" || got=$?
server=
[ "$got" -eq 0 ] || fail "the server ended with $got after SIGTERM"
echo "all well"
