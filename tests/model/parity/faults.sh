#!/bin/sh
# faults.sh PROGRAM DIR: lingula-parity finds planted faults and says so by its exit status.
set -eu
program=$1
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp "$2"/* "$copy"
failed=0

# expect STATUS TEXT FILE: checking FILE alone ends with STATUS and prints a line with TEXT.
expect() {
  status=0
  "$program" "$copy" --only "$3" --json "$copy/out.json" >"$copy/out.txt" 2>&1 || status=$?
  if [ "$status" -ne "$1" ] || ! grep -q -e "$2" "$copy/out.txt"; then
    echo "$3: status $status, expected $1 and \"$2\":"
    cat "$copy/out.txt"
    failed=1
  fi
}

expect 0 '^1 of 1 files' query.safetensors
grep -q '"ok": true' "$copy/out.json" || { echo "the JSON does not say ok"; failed=1; }

# The last value of the file becomes another one.
size=$(wc -c <"$copy/approx.safetensors")
printf '\000\000\200\100' | dd of="$copy/approx.safetensors" bs=1 seek=$((size - 4)) conv=notrunc 2>/dev/null
expect 1 '^  approx3\.self_attn1 .*FAIL' approx.safetensors
expect 1 '^0 of 1 files .*FAIL: approx.safetensors' approx.safetensors
grep -q '"ok": false' "$copy/out.json" || { echo "the JSON says ok"; failed=1; }

rm "$copy/query.safetensors"
expect 1 'FAIL: .*query.safetensors' query.safetensors
head -c 1000 "$2/guide_b.safetensors" >"$copy/guide_b.safetensors"
expect 1 'FAIL: .*guide_b.safetensors' guide_b.safetensors
expect 1 'FAIL: not checked: unknown' nobody.safetensors
sed 's/"caption": "no infection."/"caption": "all clear."/' "$2/captions64.jsonl" >"$copy/captions64.jsonl"
expect 1 'first: all clear' captions64.jsonl
grep -v 'decoder8.guide_layer.scale' "$2/languide.keys" >"$copy/languide.keys"
expect 1 'decoder8.guide_layer.scale' languide.keys

status=0
"$program" >"$copy/out.txt" 2>&1 || status=$?
[ "$status" -eq 2 ] || { echo "without a folder: status $status, expected 2"; failed=1; }
status=0
"$program" "$copy/nowhere" >"$copy/out.txt" 2>&1 || status=$?
if [ "$status" -ne 1 ] || ! grep -q 'tolerances.json' "$copy/out.txt"; then
  echo "no folder: status $status, expected 1 and tolerances.json"
  failed=1
fi
[ "$failed" -eq 0 ] && echo "every planted fault was found"
exit "$failed"
