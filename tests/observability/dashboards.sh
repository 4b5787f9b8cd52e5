#!/bin/sh
# The dashboards are what their generator writes, and what Grafana's own types allow; three planted mistakes are found.
# From the repository's root: dashboards.sh
set -eu
modules=third_party/grafana-schema/node_modules
[ -d "$modules/@grafana/schema" ] ||
  { echo "Grafana's types are missing: ./dev test fetches them into third_party/grafana-schema" >&2; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
PYTHONDONTWRITEBYTECODE=1 python3 deploy/grafana/dashboards.py "$dir"
for file in deploy/grafana/*.json; do
  diff -u "$file" "$dir/$(basename "$file")" ||
    { echo "$file: not what deploy/grafana/dashboards.py writes: run it" >&2; exit 1; }
done
[ "$(find "$dir" -name '*.json' | wc -l)" -eq "$(find deploy/grafana -name '*.json' | wc -l)" ]

cp tests/observability/dashboard.ts "$dir/"
ln -s "$(realpath "$modules")" "$dir/node_modules"
# typed NAME: a source that holds the JSON of standard input against the types.
typed() {
  { echo 'import type { Checked } from "./dashboard";'; printf 'export const dashboard: Checked = '; cat; } >"$dir/$1.ts"
}
check() {
  (cd "$dir" && node node_modules/typescript/bin/tsc --noEmit --strict --skipLibCheck --target es2022 --module esnext \
    --moduleResolution bundler "$@")
}
sources=
for file in deploy/grafana/*.json; do
  name=$(basename "$file" .json)
  typed "$name" <"$file"
  sources="$sources $name.ts"
done
# shellcheck disable=SC2086  # a list
check $sources

# planted NAME SED: the mistake is found, and nothing else.
planted() {
  sed "$2" deploy/grafana/lingula-service.json | typed "$1"
  ! cmp -s "$dir/$1.ts" "$dir/lingula-service.ts" || { echo "$1: the mistake was not planted" >&2; exit 1; }
  sources="$sources $1.ts"
  wanted="$wanted $1"
}
wanted=
planted unit 's/"unit": "s"/"unit": 1/'
planted key 's/"fillOpacity"/"fillOpactiy"/'
planted word 's/"showPoints": "never"/"showPoints": "rarely"/'
# shellcheck disable=SC2086
check $sources >"$dir/errors" && { echo "the compiler finds no planted mistake" >&2; exit 1; }
for name in $wanted; do
  grep -q "^$name\.ts" "$dir/errors" || { echo "the compiler does not find: $name" >&2; exit 1; }
done
if grep -q '^lingula-' "$dir/errors"; then exit 1; fi
echo "all well"
