#!/bin/sh
# The server as a process on made-up GPUs: what it says when something is missing, and how it ends when one is
# lost. Run from the repository's root: gpu_program.sh BIN_FOLDER FOLDER_OF_FAKE_LIBRARIES
set -eu
bin=$1
fake=$2
dir=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
  rm -rf "$dir"
}
trap cleanup EXIT

fail() { echo "FAILED: $*" >&2; cat "$dir/out" "$dir/log" >&2; exit 1; }
# expect CODE COMMAND...: its exit status; its output is kept in $dir/out.
expect() {
  want=$1
  shift
  got=0
  "$@" >"$dir/out" 2>&1 || got=$?
  [ "$got" -eq "$want" ] || fail "exit $got instead of $want: $*"
}
says() { grep -q -- "$1" "$dir/out" || fail "does not say: $1"; }
: >"$dir/out"
: >"$dir/log"

# config FILE DEVICE...
config() {
  file=$1
  shift
  printf 'model_repository: "%s/model/bundles"\nmodels { name: "cxr-sgseg-compact" }\n' "$PWD" >"$dir/$file"
  printf 'devices { name: "%s" }\n' "$@" >>"$dir/$file"
}

# A library that cannot be loaded, wherever this machine has others.
mkdir "$dir/broken"
echo "not a library" >"$dir/broken/libtorch_cuda.so"
config one.textproto cuda:0
for check in --check-config --log-level=error; do
  expect 1 env LD_LIBRARY_PATH="$dir/broken" "$bin/lingula-server" --config "$dir/one.textproto" --port 0 \
    --metrics-port 0 "$check"
  says "cuda:0 is configured, but libtorch_cuda.so cannot be opened"
  says "configure the device cpu"
done

expect 0 env LD_LIBRARY_PATH="$fake" "$bin/lingula-server" --config "$dir/one.textproto" --check-config
config five.textproto cuda:1 cuda:5
expect 1 env LD_LIBRARY_PATH="$fake" "$bin/lingula-server" --config "$dir/five.textproto" --check-config
says "cuda:5 is configured, but this machine has 2 GPU(s): cuda:0 to cuda:1"

config two.textproto cuda:0 cuda:1
mkfifo "$dir/ready"
LD_LIBRARY_PATH="$fake" "$bin/lingula-server" --config "$dir/two.textproto" --port 0 --metrics-port 0 \
  >"$dir/ready" 2>"$dir/log" &
server=$!
exec 3<"$dir/ready"
ready=$(timeout 60 head -n 1 <&3)
port=$(echo "$ready" | sed -n 's/.*"grpc_port":\([0-9]*\).*/\1/p')
[ -n "$port" ] || fail "no ready line: $ready"
grep -q '"engine":"cuda:0 x 1, cuda:1 x 1, float32"' "$dir/log" || fail "the log names no GPUs"
film=tests/testdata/xray/a2eba651.jpg
expect 0 "$bin/lingula" segment "$film" --server "127.0.0.1:$port"

kill -USR1 "$server"  # nobody knows until the next run
expect 3 "$bin/lingula" segment "$film" --server "127.0.0.1:$port"  # refused, tried again, gone
got=0
wait "$server" || got=$?
server=
[ "$got" -eq 3 ] || fail "the server ended with $got, not with 3"
grep -q 'device cuda:[01] is lost until the process is started anew: SIGUSR1' "$dir/log" || fail "no reason in the log"
echo "all well"
