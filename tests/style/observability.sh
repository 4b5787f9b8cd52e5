#!/bin/sh
# observability.sh [ROOT]: alerts, runbooks, their tests, dashboards and docs/metrics.md speak of the same things.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec python3 "$here/observability.py" "${1:-$here/../..}"
