#!/bin/sh
# docs_links.sh [ROOT]: relative links in Markdown lead to files, and so does every docs/….md that
# a source mentions.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${1:-$here/../..}
cd "$root"
links() {
  sh "$here/files.sh" . | grep -E '\.md$' | while IFS= read -r page; do
    grep -oE '\]\([^) ]+' "$page" | sed 's/^](//; s/#.*//' |
      grep -vE '^([a-z]+:|$)' | sort -u | while IFS= read -r target; do
        [ -e "$(dirname "$page")/$target" ] || echo "$page: no such file: $target"
      done || true
  done
}
mentions() {
  sh "$here/files.sh" . | grep -E '(\.(cc|h|proto|cmake|txt|sh|textproto)|^dev)$' |
    grep -vx 'tests/style/selftest.sh' |
    xargs grep -oE 'docs/[A-Za-z0-9/_-]+\.md' /dev/null | sort -u |
    while IFS=: read -r file target; do
      [ -e "$target" ] || echo "$file: no such file: $target"
    done
}
{ links; mentions; } | awk '{ print } END { exit NR > 0 }'
