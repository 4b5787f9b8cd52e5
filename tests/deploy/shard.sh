#!/bin/sh
# shard.sh BIN_FOLDER: the script of the bulk Job against a real server: shards share the list out, a pod that is stopped
# ends with 143, its successor goes on, and a film that cannot be read does not fail its shard.
set -eu
PATH=$1:$PATH
script=$PWD/deploy/helm/lingula/files/shard.sh
dir=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
  rm -rf "$dir"
}
trap cleanup EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

mkfifo "$dir/ready"
lingula-server --config deploy/server.textproto --port 0 --metrics-port 0 >"$dir/ready" 2>"$dir/log" &
server=$!
port=$(timeout 60 head -n 1 "$dir/ready" | sed -n 's/.*"grpc_port":\([0-9]*\).*/\1/p')
[ -n "$port" ] || { cat "$dir/log" >&2; fail "no server"; }

films=60
mkdir "$dir/archive"
for number in $(seq $films); do
  cp tests/testdata/xray/a2eba651.jpg "$dir/archive/film$number.jpg"
  echo "$dir/archive/film$number.jpg"
done >"$dir/list"
export LIST="$dir/list" RESULTS="$dir/results" SHARDS=2
rows() { if [ -s "$1" ]; then awk 'END { print NR - 1 }' "$1"; else echo 0; fi; }
# shard NUMBER: its exit status in $got.
shard() {
  got=0
  SHARD=$1 sh "$script" --server "127.0.0.1:$port" >"$dir/out" 2>&1 || got=$?
}

# Stopped once the first rows are written.
table=$dir/results/shard-00000/table.csv
SHARD=0 sh "$script" --server "127.0.0.1:$port" >"$dir/out" 2>&1 &
pod=$!
while [ "$(rows "$table")" -lt 2 ]; do
  kill -0 $pod || fail "it ended: $(cat "$dir/out")"
  sleep 0.05
done
kill -TERM $pod
got=0
wait $pod || got=$?
[ "$got" -eq 143 ] || fail "exit $got of a pod that was stopped"
before=$(rows "$table")
[ "$before" -lt $((films / 2)) ] || fail "nothing was left to go on with"

shard 0
[ "$got" -eq 0 ] || { cat "$dir/out" >&2; fail "exit $got of the pod that goes on"; }
[ "$(rows "$table")" -eq $((films / 2)) ] || fail "$(rows "$table") rows of shard 0"
masks=$(find "$dir/results/shard-00000" -name '*.mask.png' | wc -l)
[ "$masks" -eq $((films / 2)) ] || fail "$masks masks of shard 0"

# The other half, one of which cannot be read.
echo 'no picture' >"$dir/archive/film2.jpg"
shard 1
[ "$got" -eq 0 ] || { cat "$dir/out" >&2; fail "exit $got of a shard with a film that cannot be read"; }
grep -q 'some films have no mask' "$dir/out" || fail "no word of the film that cannot be read"
table=$dir/results/shard-00001/table.csv
[ "$(grep -c ',ok,' "$table")" -eq $((films / 2 - 1)) ] || fail "not all others were segmented"
grep -q 'film2.jpg.*,failed,' "$table" || fail "its row is missing"
both=$(cat "$dir"/results/*/films.txt | sort -u | wc -l)
[ "$both" -eq $films ] || fail "the shards have $both of $films films"

# What is to be tried again, and what is not.
SHARDS=200
shard 199
[ "$got" -eq 0 ] || fail "exit $got of a shard without films"
SHARDS=2
got=0
SHARD=0 RESULTS=$dir/other sh "$script" --server 127.0.0.1:1 >"$dir/out" 2>&1 || got=$?
[ "$got" -eq 3 ] || fail "exit $got without a server"
got=0
SHARD=0 RESULTS=$dir/other sh "$script" --no-such-flag >"$dir/out" 2>&1 || got=$?
[ "$got" -eq 2 ] || fail "exit $got of wrong arguments"
echo "all well"
