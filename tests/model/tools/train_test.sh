#!/bin/sh
# train_test.sh BIN_FOLDER: what lingula-train says to input that is broken, and its exit codes. Run in the
# root of the project.
set -eu
bin=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() { echo "train_test.sh: $*" >&2; exit 1; }
# expect CODE COMMAND...: its exit status; its output is kept in $dir/said.
expect() {
  want=$1
  shift
  got=0
  "$@" >"$dir/said" 2>&1 || got=$?
  [ "$got" -eq "$want" ] || { cat "$dir/said" >&2; fail "exit $got instead of $want: $*"; }
}
says() { grep -q -- "$1" "$dir/said" || { cat "$dir/said" >&2; fail "does not say: $1"; }; }
# train ARGUMENTS...: with what every call needs.
train() { "$bin/lingula-train" --data "$dir/data.csv" --out "$dir/out" --threads 1 "$@"; }

compact=model/recipes/cxr-sgseg-compact.textproto
# Eight small pictures of the shipped test film, four of them for validation; every zone is named.
film=$PWD/tests/testdata/xray/a2eba651.jpg
echo image,mask,zones,split >"$dir/data.csv"
for split in train train train train val val; do
  echo "$film,$film,100000,$split" >>"$dir/data.csv"
done

expect 2 "$bin/lingula-train" --no-such-flag
expect 2 "$bin/lingula-train" --data "$dir/data.csv" --out "$dir/out"
says "--recipe is required"
expect 2 train --recipe "$compact" --epochs 0
expect 1 train --recipe "$dir/none.textproto"
says "none.textproto: cannot read"
sed 's/^  batch: 32/  batch: 1/; s/^bundle {/bundle { bogus: 1/' "$compact" >"$dir/bad.textproto"
expect 1 train --recipe "$dir/bad.textproto"
says "bad.textproto:[0-9]*:3: schedule.batch: must be in"
says "bad.textproto:4:.*bogus"
printf 'schedule { epochs: 1 batch: 2 rate: 1e-3 }\n' >"$dir/bare.textproto"
expect 1 train --recipe "$dir/bare.textproto"
says "bare.textproto:1:1: bundle: is missing"
expect 2 train --recipe "$compact" --epochs 20000
expect 1 train --recipe model/recipes/sgseg-reference.textproto --epochs 3
says "--epochs 3: .* min_epochs 50"
expect 1 train --recipe "$compact" --device gpu
says "must be cpu, cuda or cuda:N"
expect 1 train --recipe "$compact" --resume
says "last.safetensors: is not there: nothing to resume"
expect 1 train --recipe "$compact"
says "START_ENCODER, so --start has to give a file"
expect 1 train --recipe "$compact" --start "$dir/none.tflite"
says "none.tflite"

grep -v val "$dir/data.csv" >"$dir/only-train.csv"
expect 1 "$bin/lingula-train" --recipe "$compact" --data "$dir/only-train.csv" --out "$dir/out"
says "has no row of the split 'val'"
echo "$dir/none.png,$film,100000,train" >>"$dir/data.csv"
expect 1 train --recipe "$compact"
says "none.png"
touch "$dir/file"
expect 1 "$bin/lingula-train" --recipe "$compact" --data "$dir/only-train.csv" \
  --validation "$dir/data.csv" --out "$dir/file/out"
says "file/out: cannot be made"
# A disk without room: /dev/full refuses every byte.
mkdir "$dir/full"
ln -s /dev/full "$dir/full/.writable.partial"
expect 1 "$bin/lingula-train" --recipe "$compact" --data "$dir/only-train.csv" \
  --validation "$dir/data.csv" --out "$dir/full"
says "cannot write: No space left on device"

# A whole run in seconds: stopped, refused, resumed, measured.
sed 's/side_px: 224/side_px: 64/; s/^  epochs: .*/  epochs: 2/; s/batch: 32/batch: 2/; /^start:/d' "$compact" \
  >"$dir/small.textproto"
expect 0 train --recipe "$dir/small.textproto" --skip-broken --stop-after 1
says "skipped .*none.png"
[ -f "$dir/out/last.safetensors" ] || fail "left no checkpoint"
[ ! -d "$dir/out/cxr-sgseg-compact" ] || fail "did not stop"
expect 1 train --recipe "$dir/small.textproto" --skip-broken
says "go on with --resume"
expect 1 train --recipe "$dir/small.textproto" --skip-broken --resume --epochs 3
says "was made by another recipe"
expect 1 train --recipe "$dir/small.textproto" --skip-broken --resume --seed 4
says "seed 0, not 4"
expect 0 train --recipe "$dir/small.textproto" --skip-broken --resume
says "x three forward passes; data"
[ "$(wc -l <"$dir/out/log.csv")" -eq 3 ] || fail "log.csv has not two epochs"
[ -s "$dir/out/curve.png" ] || fail "no curve"
bundle=$dir/out/cxr-sgseg-compact/1
expect 0 "$bin/lingula-bundle" verify "$bundle"
grep -q '"zone_accuracy"' "$bundle/manifest.textproto" || fail "no scores in the manifest"
