#!/bin/sh
# generate.sh [FOLDER]: the Python of proto/lingula/v1 that a caller of the service needs, into FOLDER (default:
# src, as committed). Needs Debian's protobuf-compiler and protobuf-compiler-grpc, whose code runs with every
# protobuf for Python from 4.21 on (docs/adr/0021-clients.md).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/src}
cd "$here/../../proto"
protos=
for name in guidance image mask models quality segmentation stream; do
  protos="$protos lingula/v1/$name.proto"
done
# shellcheck disable=SC2086  # a list
protoc -I . --python_out="$out" --pyi_out="$out" $protos
protoc -I . --grpc_out="$out" --plugin=protoc-gen-grpc="$(command -v grpc_python_plugin)" \
  lingula/v1/models.proto lingula/v1/segmentation.proto
