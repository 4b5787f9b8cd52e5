#!/bin/sh
# data_manifests.sh [--original-reports] [--out FOLDER] DIR...: data manifests (docs/bundles.md) in build/data/
# for folders of data sets, which are recognised by what is in them. Run by ./dev data in the project's root.
set -eu
tools=model/tools
out=build/data
reports=report_refined qata=qata

die() { printf './dev data: %s\n' "$*" >&2; exit 1; }

# write NAME FIND_FOLDERS PROGRAM [AWK_OPTION...]: FIND_FOLDERS is a list of folders with files to read.
write() {
  name=$1 folders=$2 program=$3
  shift 3
  # shellcheck disable=SC2086  # a list, relative to $from
  (cd "$from" && find $folders -type f) | sort | sed "s|^|$from/|" |
    awk "$@" -f "$tools/csv.awk" -f "$tools/$program" >"$out/.part" ||
    die "$from: its parts do not fit together (see above); nothing was written"
  mv "$out/.part" "$out/$name.csv"
  printf '== %s\n' "$out/$name.csv: $(($(wc -l <"$out/$name.csv") - 1)) images"
}

# How many images of the folder a CSV of sentences names.
named_in() {
  find "$from/images" -type f |
    awk -v prompts="$1" -v count=1 -f "$tools/csv.awk" -f "$tools/polyp_manifest.awk"
}

polyps() {
  prompts=
  for table in "$from/prompts.csv" "$from/../prompts.csv"; do
    [ -n "$prompts" ] || [ ! -f "$table" ] || [ "$(named_in "$table")" -eq 0 ] || prompts=$table
  done
  count=$(find "$from/images" -type f | wc -l)
  if [ -n "$prompts" ] && [ "$count" -ge 100 ]; then
    for part in train val; do
      write "kvasir-$part" "images masks" polyp_manifest.awk -v part="$part" -v cut=15 \
        -v prompts="$prompts"
    done
  else
    write "$(basename "$from")" "images masks" polyp_manifest.awk -v part=val -v prompts="$prompts"
  fi
}

while :; do
  case ${1-} in
    --original-reports) reports=report_original qata=qata-original ;;
    --out)
      out=${2:?a folder}
      shift
      ;;
    -*) die "there is no option $1; there are --original-reports and --out FOLDER" ;;
    *) break ;;
  esac
  shift
done
[ $# -gt 0 ] || die "name the folder of a data set"
mkdir -p "$out"
for folder in "$@"; do
  [ -d "$folder" ] || die "$folder is not a folder"
  from=$(cd "$folder" && pwd)
  if [ -f "$from/train/reports.csv" ] || [ -f "$from/val/reports.csv" ]; then
    root=$from
    for part in train val; do
      from=$root/$part
      [ -f "$from/reports.csv" ] || die "$from/reports.csv is missing"
      write "$qata-$part" images qata_manifest.awk -v dir="$from" -v part="$part" -v reports="$reports"
    done
  elif [ -d "$from/images" ] && [ -d "$from/masks" ]; then
    polyps
  elif [ -d "$from/images" ] && [ -f "$from/index.csv" ]; then
    write cxr-outside images outside_manifest.awk -v dir="$from"
  else
    die "$from holds none of these: train/ and val/ with reports.csv (QaTa-COV19); images/ and masks/" \
      "(Kvasir-SEG with prompts.csv, PolypGen); images/ and index.csv (pictures from outside)"
  fi
done
