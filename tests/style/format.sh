#!/bin/sh
# format.sh [ROOT [FILE...]]: our C++ sources are as clang-format leaves them (./dev format mends).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${1:-$here/../..}
[ $# -eq 0 ] || shift
cd "$root"
if [ $# -gt 0 ]; then
  files=$(printf '%s\n' "$@")
else
  files=$(sh "$here/files.sh" .)
fi
files=$(printf '%s\n' "$files" | grep -E '\.(cc|h)$') || exit 0
printf '%s\n' "$files" | xargs clang-format --style=file --dry-run -Werror
