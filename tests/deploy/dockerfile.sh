#!/bin/sh
# dockerfile.sh [ROOT]: the Dockerfile passes hadolint, and each library of its runtime stage is one that a development
# package of ./dev brings along, so that the two lists cannot drift apart.
set -eu
cd "${1:-$(dirname "$0")/../..}"
hadolint=third_party/hadolint/bin/hadolint
[ -x "$hadolint" ] || { echo "no $hadolint: ./dev test fetches it" && exit 1; }
"$hadolint" docker/Dockerfile

# depends PACKAGE...: what they depend on, one a line.
depends() {
  dpkg-query -W -f '${Depends}, ${Pre-Depends}\n' "$@" | tr ',|' '[\n*]' | sed 's/^ *//; s/[ :(].*//' | grep . | sort -u
}
listed=$(sed -n '/^PACKAGES=/,/"$/p' dev | tr -d '"' | sed 's/^PACKAGES=//' | tr ' ' '\n' | grep -- '-dev$')
# shellcheck disable=SC2086  # lists
further=$(depends $listed | grep -- '-dev$')  # libjpeg-dev is but a name for another one
# shellcheck disable=SC2086
brought=$(depends $listed $further)
libraries=$(sed -n 's/^    \([a-z][a-z0-9.+-]*\) \\$/\1/p' docker/Dockerfile)
[ -n "$libraries" ] || { echo "docker/Dockerfile: no libraries found" && exit 1; }
status=0
for library in $libraries; do
  echo "$brought" | grep -qFx "$library" || {
    echo "docker/Dockerfile: no development package of ./dev depends on $library"
    status=1
  }
done
exit $status
