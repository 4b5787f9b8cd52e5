#!/bin/sh
# The audit log of a server that is killed, as lingula-audit sees it. Run from the repository's root:
# audit.sh BIN_FOLDER
set -eu
bin=$1
# shellcheck source=tests/e2e/expect.sh
. tests/e2e/expect.sh

printf 'model_repository: "%s"\nmodels { name: "cxr-sgseg-compact" }\n' "$PWD/model/bundles" \
  >"$dir/server.textproto"
printf 'audit {\n  folder: "log" key_file: "audit.key"\n  max_file_mib: 0\n}\n' \
  >"$dir/bad.textproto"
expect 1 "$bin/lingula-server" --config "$dir/bad.textproto" --check-config
says 'bad.textproto:3:3: audit.max_file_mib: must be in \[1, 4096\], got 0'
printf 'audit { folder: "log" key_file: "audit.key" flush_interval_ms: 0 }\n' >>"$dir/server.textproto"
echo "short" >"$dir/audit.key"
expect 1 "$bin/lingula-server" --config "$dir/server.textproto" --check-config
says 'audit.key: holds 5 bytes'
openssl rand -hex 32 >"$dir/audit.key"
expect 0 "$bin/lingula-server" --config "$dir/server.textproto" --check-config

mkfifo "$dir/ready"
start_server() {
  "$bin/lingula-server" --config "$dir/server.textproto" --port 0 --metrics-port 0 \
    >"$dir/ready" 2>"$dir/server.log" &
  server=$!
  ready=$(timeout 60 head -n 1 "$dir/ready")
  at="127.0.0.1:$(echo "$ready" | sed -n 's/.*"grpc_port":\([0-9]*\).*/\1/p')"
}
film=tests/testdata/xray/a2eba651.jpg
one=$dir/log/audit-000001.jsonl two=$dir/log/audit-000002.jsonl

start_server
expect 0 "$bin/lingula" segment "$film" "$film" --server "$at"
# Written when the writer was woken, without anybody asking for it.
timeout 30 sh -c "until [ \$(grep -c '\"event\":\"inference\"' '$one') -eq 2 ]; do sleep 0.05; done" ||
  fail "two records are not there"
expect 1 "$bin/lingula-server" --config "$dir/server.textproto" --port 0 --metrics-port 0
says "another server writes its audit log there"
kill -KILL "$server"
wait "$server" 2>/dev/null || true
server=
expect 0 "$bin/lingula-audit" verify --key "$dir/audit.key" "$one"
says "no end: the server is running, or was killed after record 4"
says "^good: 4 lines, 2 inferences, anchor 4:"

start_server
expect 0 "$bin/lingula" segment "$film" --server "$at"
kill -TERM "$server"
wait "$server" || fail "the server did not end well"
server=
expect 0 "$bin/lingula-audit" verify "$one" "$two"
says "macs were not checked"
expect 0 "$bin/lingula-audit" verify --key "$dir/audit.key" "$two" "$one"
says "audit-000001.jsonl: has no end: the server was killed after record 4"
says "^good: 8 lines, 3 inferences"
anchor=$(sed -n 's/^good:.* anchor //p' "$dir/out")
grep -q '"event":"started after unclean end"' "$two" || fail "the new file does not say it"
grep -q "\"audit anchor\",\"when\":\"stopped\",\"anchor\":\"$anchor\"" "$dir/server.log" ||
  fail "the log has no anchor $anchor"

expect 0 "$bin/lingula-audit" show --code OK "$one" "$two"
[ "$(wc -l <"$dir/out")" -eq 3 ] || fail "three answers are not shown"
expect 0 "$bin/lingula-audit" export --format fhir "$one" "$two"
[ "$(grep -c '"resourceType":"AuditEvent"' "$dir/out")" -eq 6 ] || fail "six events are not exported"

sed 's/"code":"OK"/"code":"INTERNAL"/' "$two" >"$dir/edited.jsonl"
expect 1 "$bin/lingula-audit" verify "$one" "$dir/edited.jsonl"
says "BROKEN .*edited.jsonl:3: does not follow"
head -n -1 "$two" >"$dir/cut.jsonl"
expect 0 "$bin/lingula-audit" verify "$one" "$dir/cut.jsonl"
says "Give --anchor"
expect 1 "$bin/lingula-audit" verify "$one" "$dir/cut.jsonl" --anchor "$anchor"
says "the records between are gone"
expect 1 "$bin/lingula-audit" verify "$two"
says "audit-000001.jsonl is missing"
expect 2 "$bin/lingula-audit" verify
expect 2 "$bin/lingula-audit" verify "$dir/none.jsonl"
expect 2 "$bin/lingula-audit" verify "$one" --anchor 5
expect 2 "$bin/lingula-audit" export --format xml "$one"
echo "all well"
