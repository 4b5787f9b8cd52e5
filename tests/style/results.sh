#!/bin/sh
# results.sh [ROOT]: figures in tables are those of the files that they link to.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec python3 "$here/results.py" "${1:-$here/../..}"
