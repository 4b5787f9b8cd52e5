#!/bin/sh
# make_bundle.sh NAME START: makes one of the shipped bundles again, as ./dev bundle does. Trains the recipe
# model/recipes/NAME.textproto from START (TFLite file of an ImageNet MobileNetV2, or a bundle; the recipe
# says which), then measures low precision, calibrates and measures all kinds of guidance. Needs the data
# manifests of `./dev data`; goes on where it was interrupted. The result is build/made/repository/NAME/1, its
# figures lie in build/made/NAME.
set -eu
cd "$(dirname "$0")/../.."

die() { printf 'make_bundle: %s\n' "$*" >&2; exit 1; }

[ $# -eq 2 ] || die "give a recipe's name and a file to start from, for example: cxr-sgseg-compact mobilenet_v2.tflite"
name=$1 start=$2
recipe=model/recipes/$name.textproto
[ -f "$recipe" ] || die "there is no $recipe"
[ -e "$start" ] || die "there is no $start"
case $name in
  cxr-*) data=qata outside=build/data/cxr-outside.csv ;;
  polyp-*) data=kvasir outside=build/data/polypgen-val.csv ;;  # other hospitals
  *) die "no data set is known for $name: names begin with cxr- or polyp-" ;;
esac
case $name in
  *-sgseg-*) kinds=generated_report,none,constant,report ;;
  *) kinds=prototypes,none ;;
esac
for part in train val; do
  [ -f "build/data/$data-$part.csv" ] || die "build/data/$data-$part.csv is missing: ./dev data DIR writes it"
done

bin=build/release/bin
out=build/made/$name
mkdir -p "$out"
trained=$out/$name/1
if [ ! -f "$trained/manifest.textproto" ]; then
  resume=
  [ ! -f "$out/last.safetensors" ] || resume=--resume
  # shellcheck disable=SC2086  # no word when there is nothing to resume
  "$bin/lingula-train" --recipe "$recipe" --data "build/data/$data-train.csv" \
    --validation "build/data/$data-val.csv" --start "$start" --seed 1 --out "$out" $resume
fi
set -- --bundle "$trained" --data "build/data/$data-val.csv" --train "build/data/$data-train.csv" \
  --out build/made/repository --seed 1
[ ! -f "$outside" ] || set -- "$@" --outside "$outside"
"$bin/lingula-calibrate" "$@"
made=build/made/repository/$name/1
"$bin/lingula-evaluate" --bundle "$made" --data "build/data/$data-val.csv" --guidance "$kinds" \
  --json "$out/scores.json" --table "$out/images.csv" --report "$out/scores.md"
