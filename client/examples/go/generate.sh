#!/bin/sh
# generate.sh [PROTO_FOLDER]: the Go of proto/lingula/v1 into ./lingulav1. Needs protoc, and protoc-gen-go and
# protoc-gen-go-grpc in PATH:
#   go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.31.0
#   go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.3.0
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../../../proto}"
options=
for file in lingula/v1/*.proto; do  # the protos name no Go package: yours is your choice
  options="$options --go_opt=M$file=lingula.example/lingulav1 --go-grpc_opt=M$file=lingula.example/lingulav1"
done
# shellcheck disable=SC2086  # a list
protoc -I . $options --go_out="$here" --go_opt=module=lingula.example \
  --go-grpc_out="$here" --go-grpc_opt=module=lingula.example lingula/v1/*.proto
