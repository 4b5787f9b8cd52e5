# shellcheck shell=sh
# Part of ./dev, with its functions: what our clients in other languages need to be built, checked and called.

# What lingula-client needs, is built and checked with, and what its tutorial draws with: Python packages,
# for Debian's Python.
MYPY=2.4.1
PYTHON_CLIENT="grpcio==1.85.1 protobuf==7.36.2 googleapis-common-protos==1.76.0 numpy==2.4.6 pydicom==3.0.2
  matplotlib==3.11.2 contourpy==1.3.3 cycler==0.12.1 fonttools==4.68.0 kiwisolver==1.5.1 packaging==26.3
  pillow==13.0.0 pyparsing==3.3.3 python-dateutil==4.0.0 typing_extensions==4.16.0
  setuptools==84.2.1 mypy==$MYPY mypy_extensions==1.2.0 pathspec==1.1.1 librt==0.17.0 ast_serialize==0.13.1
  ruff==0.17.6 types-protobuf==7.35.1.20260906 types-grpcio==1.85.0.20261028"
# The newest that Debian's Go 1.19 builds.
PROTOC_GEN_GO=v1.31.0
PROTOC_GEN_GO_GRPC=v1.3.0

# Compilers of stubs and the modules of client/examples/go, into third_party/gotools, so that its test
# needs no network.
fetch_go() {
  new=third_party/.gotools
  rm -rf "$new"
  mkdir -p "$new/bin" || return 1
  (
    export GOMODCACHE="$PWD/$new/mod" GOBIN="$PWD/$new/bin" GOFLAGS=-modcacherw
    go install "google.golang.org/protobuf/cmd/protoc-gen-go@$PROTOC_GEN_GO" &&
      go install "google.golang.org/grpc/cmd/protoc-gen-go-grpc@$PROTOC_GEN_GO_GRPC" &&
      cd client/examples/go && go mod download
  ) || return 1
  rm -rf third_party/gotools
  mv "$new" third_party/gotools  # last: half a download is never taken for a whole one
}

# Likewise client/examples/java, into a Maven repository: only a build tells all that Maven needs for one.
fetch_java() {
  new=third_party/.m2
  rm -rf "$new" build/java-example
  mkdir -p "$new" build || return 1
  cp -r client/examples/java build/java-example || return 1
  (
    protos=$PWD/proto
    repository=$PWD/$new
    cd build/java-example &&
      mvn -q -B "-Dmaven.repo.local=$repository" "-Dprotos=$protos" compile
  ) || return 1
  find "$new" -name _remote.repositories -delete  # or Maven asks whether they are still where they came from
  rm -rf third_party/m2 build/java-example
  mv "$new" third_party/m2
}

# buf judges the protos in ./dev lint; building it takes minutes, so tests do without.
BUF=v1.75.0
fetch_buf() {
  [ ! -x third_party/buf/buf ] || return 0
  command -v go >/dev/null || packages golang-go
  timed "Building buf $BUF" env GOBIN="$PWD/third_party/buf" go install "github.com/bufbuild/buf/cmd/buf@$BUF"
}

# What tests of our clients need.
fetch_callers() {
  # shellcheck disable=SC2086  # a list
  [ -d "third_party/pythonclient/mypy-$MYPY.dist-info" ] ||
    timed "Fetching what lingula-client needs and is checked with into third_party/pythonclient (230 MB)" \
      fetch_python pythonclient grpc $PYTHON_CLIENT
  command -v go >/dev/null || packages golang-go
  { command -v mvn && command -v javac; } >/dev/null || packages maven default-jdk-headless
  [ -x third_party/gotools/bin/protoc-gen-go-grpc ] ||
    timed "Fetching what the example in Go needs into third_party/gotools" fetch_go
  [ -d third_party/m2 ] ||
    timed "Fetching what the example in Java needs into third_party/m2" fetch_java
}
