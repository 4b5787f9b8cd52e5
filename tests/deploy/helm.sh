#!/bin/sh
# helm.sh: deploy/manifests/ is what the chart gives, Helm's own lint is content, and values that cannot be meant are
# refused. Skipped (77) where there is no Helm: its build takes minutes; ./dev manifests and ./dev test kube make one.
set -eu
PATH=$PWD/third_party/go:$PATH
command -v helm >/dev/null || { echo "no helm here: deploy/manifests/ was not compared" && exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

./dev manifests "$dir"
diff -ru deploy/manifests "$dir" || fail "deploy/manifests/ is out of date: run ./dev manifests"
for values in deploy/helm/examples/*.yaml; do
  helm lint --strict --quiet --kube-version 1.33 deploy/helm/lingula -f "$values" || fail "helm lint with $values"
done
# refused WHY VALUE...
refused() {
  why=$1
  shift
  ! helm template x deploy/helm/lingula --kube-version 1.33 "$@" >"$dir/out" 2>&1 || fail "took $*"
  grep -q -- "$why" "$dir/out" || { cat "$dir/out" >&2; fail "does not say: $why"; }
}
refused 'replica' --set replica=3
refused 'max_batch' --set server.batching.max_batch=3
refused 'listen_host' --set server.listen_host=0.0.0.0
refused 'preStopSeconds' --set grace.preStopSeconds=0
refused 'which claim holds the bundles' --set models.source=pvc
refused 'which claim holds the films' --set bulk.enabled=true
refused 'where is Prometheus' --set autoscaling.enabled=true --set autoscaling.kind=keda
echo "all well"
