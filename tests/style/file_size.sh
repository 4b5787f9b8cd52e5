#!/bin/sh
# file_size.sh [ROOT]: no source file is longer than 300 lines.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${1:-$here/../..}
cd "$root"
sh "$here/files.sh" . |
  grep -E '(\.(cc|h|proto|cmake|sh|py)|(^|/)CMakeLists\.txt|^dev)$' |
  while IFS= read -r file; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 300 ] || echo "$file:301: $lines lines; split it by responsibility"
  done | awk '{ print } END { exit NR > 0 }'
