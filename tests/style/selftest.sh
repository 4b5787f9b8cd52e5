#!/bin/sh
# Each style check finds what it is there to find: a tree without faults passes, one planted fault fails.
# shellcheck disable=SC2016  # back quotes of Markdown
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

clean() {
  rm -rf "${tree:?}"/*
  mkdir -p "$tree/model/base" "$tree/model/engine" "$tree/server/batching" "$tree/docs"
  cp "$here/../../.clang-format" "$tree/"
  printf '#pragma once\n\n#include <string>\n' >"$tree/model/base/a.h"
  printf '#include "absl/status/status.h"\n#include "model/base/a.h"\n\nint x;\n' >"$tree/model/engine/b.cc"
  printf '#include "server/batching/c.h"\n\n#include "model/engine/b.h"\n' >"$tree/server/batching/c.cc"
  printf 'See [the other](b.md#part).\n' >"$tree/docs/a.md"
  mkdir -p "$tree/tests/style"
  printf 'int main() {}\n' >"$tree/tests/style/readme_example.cc"
  printf 'So:\n```cpp\nint main() {}\n```\n' >"$tree/README.md"
  printf 'A server at http://127.0.0.1:8500.\n' >"$tree/docs/b.md"
  printf '{"runs": {"none": {"dice": 0.5, "dice_low": 0.4, "dice_high": 0.61, "n": 1429}}}\n' >"$tree/docs/f.json"
  printf '| none | 0.5000 | 0.4000 to 0.6100 | 1,429 | [figures](f.json) |\n' >"$tree/docs/c.md"
}

# expect pass|fail CHECK WHAT
expect() {
  if out=$(sh "$here/$2.sh" "$tree" 2>&1); then got=pass; else got=fail; fi
  if [ "$got" != "$1" ] || { [ "$got" = fail ] && [ -z "$out" ]; }; then
    echo "$2: $3: expected $1, got $got: $out"
    failed=1
  fi
}

# plant CHECK WHAT FILE TEXT: the text, put into the file, makes the check fail.
plant() {
  clean
  expect pass "$1" "clean tree"
  mkdir -p "$(dirname "$tree/$3")"
  printf '%b\n' "$4" >"$tree/$3"
  expect fail "$1" "$2"
}

plant layers "upwards" model/base/bad.cc '#include "model/engine/b.h"'
plant layers "sideways" server/metrics/bad.cc '#include "server/batching/c.h"'
plant layers "relative" model/base/bad.cc '#include "a.h"'
plant layers "service needs no Torch" server/service/bad.cc '#include <torch/torch.h>'
plant layers "backend is for main only" server/service/bad.cc '#include "model/backend/load_engine.h"'
plant layers "OpenCV has a home" model/engine/bad.h '  # include <opencv2/core.hpp>'
plant layers "proto stays out of the base" model/base/bad.cc '#include "lingula/v1/image.pb.h"'
plant layers "unknown library" client/bad.cc '#include <boost/any.hpp>'
plant layers "library without a folder" server/service/bad.cc '#include <png.h>'
plant layers "unknown header" client/bad.cc '#include <sqlite3.h>'
plant layers "unknown folder" model/extra/bad.cc '#include <string>'
plant names "class" model/base/bad.h 'class Queue''Manager {};'
plant names "function" model/base/bad.h 'int string_''helper();'
plant names "file" model/base/string_''util.h '#pragma once'
plant format "spaces" model/base/bad.cc 'int  x ;'
plant results "another Dice" docs/bad.md '| none | 0.5001 | 0.4000 to 0.6100 | 1,429 | [figures](f.json) |'
plant results "another interval" docs/bad.md '| none | 0.5000 | 0.4000 to 0.6200 | 1,429 | [figures](f.json) |'
plant results "another number of images" docs/bad.md '| none | 0.5000 | 0.4000 to 0.6100 | 1,430 | [figures](f.json) |'
plant results "no guidance" docs/bad.md '| report | 0.5000 | 0.4000 to 0.6100 | 1,429 | [figures](f.json) |'
alert='  - alert: A\n    annotations:\n      runbook_url: docs/runbooks/A.md'
plant observability "alert without a page" deploy/prometheus/alerts.yml "$alert"
plant observability "page without an alert" docs/runbooks/B.md '# B'
plant observability "unknown metric" deploy/prometheus/recording.yml 'expr: lingula_nothing_total'
plant observability "nothing records it" deploy/grafana/a.json '"expr": "lingula:nothing:ratio1m"'
# A page is not enough: both kinds of tests must be there.
for missing in fires stays; do
  clean
  mkdir -p "$tree/deploy/prometheus" "$tree/docs/runbooks" "$tree/tests/observability/rules"
  printf '%b\n' "$alert" >"$tree/deploy/prometheus/alerts.yml"
  printf '# A\n\n## Look\n\n## Do\n\n## Over\n' >"$tree/docs/runbooks/A.md"
  cases='alertname: A\nexp_alerts:\nalertname: A\nexp_alerts: []'
  printf '%b\n' "$cases" >"$tree/tests/observability/rules/a.yml"
  expect pass observability "alert with page and tests"
  if [ "$missing" = fires ]; then one='exp_alerts: []'; else one='exp_alerts:'; fi
  printf 'alertname: A\n%s\n' "$one" >"$tree/tests/observability/rules/a.yml"
  expect fail observability "alert without a test in which it $missing"
done
plant hosts "folder" docs/bad.md 'Look at /''work/main/x.'
plant hosts "home" docs/bad.md 'cd "/''home/anna/lingula"'
plant hosts "registry" docs/bad.md 'pip install --index-url https://py''pi.org/simple'
plant hosts "address" docs/bad.md 'curl http://10.''1.2.3/metrics'
plant docs_links "link" docs/bad.md 'See [it](missing.md).'
plant docs_links "mention" model/base/bad.h '// See docs/''missing.md.'
plant docs_examples "drift" README.md '```cpp\nint main() { return 1; }\n```'
plant file_size "long" model/base/bad.cc "$(awk 'BEGIN { for (i = 0; i < 301; i++) print "int x;" }')"
[ "$failed" -eq 0 ] && echo "every style check passes a clean tree and finds its planted fault"
exit "$failed"
