#!/bin/sh
# The programs as processes: ready line, exit codes, a killed client, SIGTERM. Run from the repository's
# root: programs.sh BIN_FOLDER
set -eu
bin=$1
# shellcheck source=tests/e2e/expect.sh
. tests/e2e/expect.sh

expect 2 "$bin/lingula-server" --no-such-flag
# A bundle that cannot be trusted does not serve; the version before it does.
mkdir -p "$dir/models"
cp -r model/bundles/cxr-sgseg-compact "$dir/models"
cp -r "$dir/models/cxr-sgseg-compact/1" "$dir/models/cxr-sgseg-compact/2"
sed -i 's/^version: "1"/version: "2"/' "$dir/models/cxr-sgseg-compact/2/manifest.textproto"
printf 'x' | dd of="$dir/models/cxr-sgseg-compact/2/weights.safetensors" bs=1 seek=100000 \
  conv=notrunc 2>/dev/null
printf 'model_repository: "%s"\n' "$dir/models" >"$dir/models.textproto"
printf 'models { name: "cxr-sgseg-compact" version: "2" }\n' |
  cat "$dir/models.textproto" - >"$dir/two.textproto"
expect 1 "$bin/lingula-server" --config "$dir/two.textproto"
says "weights.safetensors: sha256 is"

printf 'port: 70000\nbatching {\n  max_batch_size: 0\n}\n' >"$dir/bad.textproto"
expect 1 "$bin/lingula-server" --config "$dir/bad.textproto" --check-config
says "bad.textproto:1:"
says "bad.textproto:3:"
expect 0 "$bin/lingula-server" --config deploy/server.textproto --check-config

mkfifo "$dir/ready"
# start_server ARGUMENT...: sets $server, and $ready to the line that it prints.
start_server() {
  "$bin/lingula-server" --config "$dir/models.textproto" --metrics-port 0 "$@" \
    >"$dir/ready" 2>"$dir/log" &
  server=$!
  ready=$(timeout 60 head -n 1 "$dir/ready")
}
# SIGTERM; waits until it has ended well.
stop_server() {
  kill -TERM "$server"
  got=0
  wait "$server" || got=$?
  server=
  [ "$got" -eq 0 ] || { cat "$dir/log" >&2; fail "the server ended with $got after SIGTERM"; }
}
start_server --port 0
port=$(echo "$ready" | sed -n 's/.*"grpc_port":\([0-9]*\).*/\1/p')
[ -n "$port" ] || { cat "$dir/log" >&2; fail "no ready line: $ready"; }
echo "$ready" | grep -q '"cxr-sgseg-compact@1"' || fail "version 1 does not serve: $ready"
grep -q 'bundle refused.*/2.*sha256 is' "$dir/log" || { cat "$dir/log" >&2; fail "no word of version 2"; }
at="--server 127.0.0.1:$port"
film=tests/testdata/xray/a2eba651.jpg

# shellcheck disable=SC2086  # two words
{
  expect 0 "$bin/lingula" segment "$film" $at --out "$dir" --overlay
  { [ -s "$dir/a2eba651.mask.png" ] && [ -s "$dir/a2eba651.overlay.png" ]; } || fail "files are missing"
  head -c 3000 "$film" >"$dir/half.jpg"
  expect 1 "$bin/lingula" segment "$dir/half.jpg" "$film" $at
  says "truncated"
  # Too short for an answer; on a busy machine too short even for a connection, which is exit 3.
  got=0
  "$bin/lingula" segment "$film" $at --deadline-ms 4 >"$dir/out" 2>&1 || got=$?
  [ "$got" -eq 1 ] || [ "$got" -eq 3 ] || fail "exit $got for an expired deadline"
  for step in 1 2 3 4 5 6; do  # killed in mid-call, at different moments
    "$bin/lingula" segment "$film" "$film" "$film" $at >/dev/null 2>&1 &
    client=$!
    timeout "0.0$((step * 9 + 10))" tail --pid=$client -f /dev/null || true
    kill -KILL $client 2>/dev/null || true
    wait $client 2>/dev/null || true
  done
  expect 0 "$bin/lingula" health $at
  expect 0 "$bin/lingula" segment "$film" $at
}
expect 2 "$bin/lingula" segment
expect 3 "$bin/lingula" segment "$film" --server 127.0.0.1:1

# A stream that is stopped while its camera goes on: what was sent is answered, the video is whole, all is
# well. A process in the background starts with SIGINT ignored, so it is SIGTERM here.
mkfifo "$dir/camera"
# shellcheck disable=SC2086  # two words
"$bin/lingula" stream - $at --out "$dir/camera.avi" <"$dir/camera" >"$dir/out" 2>&1 &
client=$!
exec 4>"$dir/camera"
cat "$film" >&4
while [ ! -s "$dir/camera.avi" ]; do kill -0 $client || break; sleep 0.1; done
kill -TERM $client
got=0
wait $client || got=$?
exec 4>&-
[ "$got" -eq 0 ] || { cat "$dir/out" >&2; fail "exit $got of a stream that was interrupted"; }
says "1 frames, 1 masks"
# shellcheck disable=SC2086  # two words
expect 0 "$bin/lingula" stream "$dir/camera.avi" $at
says "1 frames, 1 masks"

# A restart on the same port, while a client works through many files, fails none of them.
files=
for step in 1 2 3 4 5 6 7 8 9 10; do files="$files $film $film $film $film $film $film"; done
: >"$dir/answers"  # so that it is there to be read
# shellcheck disable=SC2086  # a list
"$bin/lingula" segment $files $at --json >"$dir/answers" 2>"$dir/errors" &
client=$!
timeout 60 tail --pid="$client" -n +1 -f "$dir/answers" | head -n 1 >/dev/null  # it is at work
stop_server
start_server --port "$port"
got=0
wait "$client" || got=$?
[ "$got" -eq 0 ] || { cat "$dir/errors" >&2; fail "exit $got of a client whose server was restarted"; }

stop_server
echo "all well"
