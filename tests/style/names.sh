#!/bin/sh
# names.sh [ROOT]: nothing of ours is called Manager, Helper or Util: such names say nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${1:-$here/../..}
cd "$root"
sh "$here/files.sh" . | grep -E '\.(cc|h|proto)$' | awk '
  tolower($0) ~ /(manager|helper|util)s?[._\/]/ { print $0 ":1: a file name that says nothing"; bad = 1 }
  {
    line = 0
    while ((getline text < $0) > 0) {
      line++
      sub(/\/\/.*/, "", text)
      if (text ~ /^[ \t]*#[ \t]*include/) continue
      if (text ~ /(Manager|Helper|Util)s?([^a-z]|$)/ || text ~ /[a-z]_(manager|helper|util)s?([^a-z]|$)/) {
        print $0 ":" line ": a name that says nothing: " text
        bad = 1
      }
    }
    close($0)
  }
  END { exit bad }'
