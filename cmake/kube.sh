# shellcheck shell=sh
# Part of ./dev, with its functions: the Helm chart, and what judges it (docs/kubernetes.md).

KUBERNETES_VALIDATE=1.37.0
KUBE_JUDGES="kubernetes-validate==$KUBERNETES_VALIDATE yamllint==1.38.0 PyYAML==6.0.4 attrs==26.1.0
  importlib_resources==7.1.0 jsonschema==4.26.0 jsonschema_specifications==2025.9.1 packaging==26.3 pathspec==1.1.1
  referencing==0.37.0 rpds_py==2026.9.1 typing_extensions==4.16.0"
PATH=$PATH:$PWD/third_party/go
HELM_VERSION=3.22.0
KUBE_SCORE_VERSION=1.20.0

# Kubernetes' schemas and yamllint, for the tests of deploy/manifests/.
fetch_kube_judges() {
  # shellcheck disable=SC2086  # a list
  [ -d "third_party/kube-judges/kubernetes_validate-$KUBERNETES_VALIDATE.dist-info" ] ||
    timed "Fetching kubernetes-validate $KUBERNETES_VALIDATE into third_party/kube-judges (120 MB)" \
      fetch_python kube-judges kubernetes_validate $KUBE_JUDGES
}

# go_tool NAME MODULE@VERSION: third_party/go/NAME, unless PATH has one already.
go_tool() {
  if command -v "$1" >/dev/null || [ -x "third_party/go/$1" ]; then
    return 0
  fi
  command -v go >/dev/null || die "$1 is not here, and there is no Go 1.24 or newer to build it with"
  mkdir -p third_party/go
  timed "Building $1 of Go sources into third_party/go (minutes)" \
    env GOBIN="$PWD/third_party/go" GOFLAGS=-buildvcs=false go install -ldflags '-s -w' "$2"
}

fetch_helm() {
  go_tool helm "helm.sh/helm/v3/cmd/helm@v$HELM_VERSION"
}

# render EXAMPLE: the chart with its values, as plain manifests. What Helm says of links goes to build/helm.log.
render() {
  only=
  [ "$1" != bulk ] || only='--show-only templates/bulk.yaml'
  # shellcheck disable=SC2016  # a verb in back quotes
  printf '# Made by `./dev manifests` from deploy/helm/examples/%s.yaml: change that. docs/kubernetes.md\n' "$1"
  # shellcheck disable=SC2086  # two words
  helm template lingula deploy/helm/lingula --namespace lingula --kube-version 1.33 \
    -f "deploy/helm/examples/$1.yaml" $only 2>build/helm.log | sed 's/[ ]*$//' | grep -v '^# Source: '
}

# manifests [FOLDER]: writes them.
manifests() {
  fetch_helm
  for example in deploy/helm/examples/*.yaml; do
    name=$(basename "$example" .yaml)
    render "$name" >"${1:-deploy/manifests}/$name.yaml"
    grep -q '^kind:' "${1:-deploy/manifests}/$name.yaml" || { cat build/helm.log >&2 && die "manifests: $example: see above"; }
  done
}

# On a real API server: tests/deploy/kube.sh.
test_kube() {
  fetch_helm
  fetch_kube_judges
  go_tool kube-score "github.com/zegl/kube-score/cmd/kube-score@v$KUBE_SCORE_VERSION"
  packages prometheus
  PYTHONPATH=$PWD/third_party/kube-judges exec bash tests/deploy/kube.sh "$@"
}
