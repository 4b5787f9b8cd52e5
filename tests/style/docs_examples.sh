#!/bin/sh
# docs_examples.sh [ROOT]: the C++ block of README.md is the file that the build compiles.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${1:-$here/../..}
awk '/^```cpp$/ { on = 1; next } /^```$/ { on = 0 } on' "$root/README.md" |
  diff -u - "$root/tests/style/readme_example.cc"
