#!/bin/sh
# data_manifests_test.sh: model/tools/data_manifests.sh on small folders, in the root of the project.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$work/out

fail() { printf 'data_manifests_test.sh: %s\n' "$*" >&2; exit 1; }
manifests() { sh model/tools/data_manifests.sh --out "$out" "$@" >/dev/null 2>"$work/said"; }
# rows NAME: the manifest without header and without the folder of this test.
rows() { sed "1d; s|$work/||g" "$out/$1.csv"; }
same() { [ "$2" = "$3" ] || fail "$1: expected
$3
but got
$2"; }

# QaTa-COV19: six zones and two reports an image.
qata=$work/qata
for part in train val; do
  mkdir -p "$qata/$part/images" "$qata/$part/masks"
  echo 'id,zones_lu_lm_ll_ru_rm_rl,report_refined,report_original' >"$qata/$part/reports.csv"
done
touch "$qata/train/images/a.jpg" "$qata/train/masks/a.png" "$qata/val/images/cxr_s12-e3-r1.png" "$qata/val/masks/cxr_s12-e3-r1.png"
echo 'a,111000,"unilateral, three, upper","unilateral, one, all left"' >>"$qata/train/reports.csv"
echo 'cxr_s12-e3-r1,000001,one,lower' >>"$qata/val/reports.csv"
manifests "$qata" || fail "qata was refused: $(cat "$work/said")"
same qata "$(head -1 "$out/qata-train.csv")" image,mask,zones,report,group,split
same qata "$(rows qata-train)" \
  'qata/train/images/a.jpg,qata/train/masks/a.png,111000,"unilateral, three, upper",,train'
same qata "$(rows qata-val)" qata/val/images/cxr_s12-e3-r1.png,qata/val/masks/cxr_s12-e3-r1.png,000001,one,s12,val
manifests --original-reports "$qata"
same original "$(rows qata-original-train)" \
  'qata/train/images/a.jpg,qata/train/masks/a.png,111000,"unilateral, one, all left",,train'

# What is missing is named, and the old manifest stays.
before=$(cat "$out/qata-val.csv")
touch "$qata/val/images/c.png" "$qata/val/images/d.png"
echo 'd,000001,one,lower' >>"$qata/val/reports.csv"
if manifests "$qata"; then fail "an image without report passed"; fi
grep -q 'no report for c' "$work/said" || fail "the missing report was not named"
grep -q 'no mask for d' "$work/said" || fail "the missing mask was not named"
same "refused qata" "$(cat "$out/qata-val.csv")" "$before"

# Kvasir-SEG: sentences beside it; 15 % by name are for validation, the same in each run.
polyp=$work/polyp
mkdir -p "$polyp/kvasir/images" "$polyp/kvasir/masks"
echo 'dataset,split,id,prompt,class_only,bbox' >"$polyp/prompts.csv"
for i in $(seq 400); do
  touch "$polyp/kvasir/images/cju$i.jpg" "$polyp/kvasir/masks/cju$i.png"
  [ "$i" -eq 7 ] || echo "kvasir,train,cju$i,\"one polyp, number $i, left\",\"one polyp, number $i\",1 2 3 4" >>"$polyp/prompts.csv"
done
manifests "$polyp/kvasir" || fail "kvasir was refused: $(cat "$work/said")"
held=$(rows kvasir-val | wc -l)
if [ "$held" -le 40 ] || [ "$held" -ge 80 ]; then fail "of 400 images $held are for validation"; fi
cat "$out/kvasir-train.csv" "$out/kvasir-val.csv" >"$work/both"
[ "$(grep -c images "$work/both")" -eq 400 ] || fail "not every image is in one part"
grep -q 'cju8.jpg,.*cju8.png,"one polyp, number 8",,' "$work/both" || fail "a sentence is lost"
grep -q 'cju7.jpg,.*cju7.png,,,' "$work/both" || fail "the image without sentence is lost"
grep -q '1 images have no sentence' "$work/said" || fail "the missing sentence was not counted"
first=$(rows kvasir-val)
manifests "$polyp/kvasir"
same "kvasir again" "$(rows kvasir-val)" "$first"
rm "$polyp/kvasir/masks/cju9.png" "$polyp/kvasir/images/cju10.jpg"
if manifests "$polyp/kvasir"; then fail "an image without mask passed"; fi
grep -q 'no mask for cju9' "$work/said" || fail "the missing mask was not named"
grep -q 'no image for the mask cju10' "$work/said" || fail "the missing image was not named"

# PolypGen: the names tell the centre; the sentences beside it are not its own.
mkdir -p "$polyp/polypgen/images" "$polyp/polypgen/masks"
for name in 106OLCV1_100H0014 EndoCV2021_001090 C3_EndoCV2021_00133 35_endocv2021_negative_1027 \
  EndoCV2021_C5_50000115 EndoCV2021_C6_0100006 other; do
  touch "$polyp/polypgen/images/$name.jpg" "$polyp/polypgen/masks/$name.png"
done
manifests "$polyp/polypgen" || fail "polypgen was refused: $(cat "$work/said")"
same centres "$(rows polypgen | sed 's/.*images.//; s/.jpg.*png,,/ /; s/,val//' | LC_ALL=C sort)" \
  "106OLCV1_100H0014 C1
35_endocv2021_negative_1027 C4
C3_EndoCV2021_00133 C3
EndoCV2021_001090 C2
EndoCV2021_C5_50000115 C5
EndoCV2021_C6_0100006 C6
other "

# Pictures without masks, and a folder that is nothing of this.
mkdir -p "$work/outside/images"
printf 'file,source,finding,view\nx.jpg,s,todo,PA\n"y,2.jpg",s,No Finding,AP\n' >"$work/outside/index.csv"
touch "$work/outside/images/x.jpg" "$work/outside/images/y,2.jpg"
manifests "$work/outside" || fail "the pictures from outside were refused: $(cat "$work/said")"
same outside "$(rows cxr-outside)" 'outside/images/x.jpg,,unknown
"outside/images/y,2.jpg",,No Finding'
if manifests "$work"; then fail "a folder of folders passed"; fi
grep -q 'holds none of these' "$work/said" || fail "the folder was not refused with a reason"
