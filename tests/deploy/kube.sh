#!/usr/bin/env bash
# kube.sh: the chart on a real API server with simulated nodes. $KUBE_API is a script with the verbs `up [--nodes N]
# [--gpus N] [--crds PATH]`, `env`, `adapter PROMETHEUS_URL CONFIG` and `down` (docs/kubernetes.md#tried). Prints one line
# for each thing that was seen. Run from the repository's root.
set -euo pipefail
: "${KUBE_API:?path of a script that starts an API server: docs/kubernetes.md#tried}"
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
chart=deploy/helm/lingula
children=()
IGNORED=container-image-pull-policy,pod-networkpolicy,deployment-has-host-podantiaffinity
cleanup() {
  status=$?
  [ "$status" -eq 0 ] || { kubectl -n lingula get pods,deployments,hpa,jobs,events 2>/dev/null || true; } >&2
  for child in ${children[@]+"${children[@]}"}; do kill "$child" 2>/dev/null || true; done
  "$KUBE_API" down >/dev/null 2>&1 || true
  rm -rf "$dir"
}
trap cleanup EXIT

# Without a line for each of the chart's links.
helm() { command helm "$@" 2> >(grep -v '^walk.go' >&2); }

fail() { echo "FAILED: $*" >&2; exit 1; }
seen() { echo "seen: $*"; }
k() { kubectl -n lingula "$@"; }
# until_true SECONDS WHAT COMMAND...
until_true() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "not within its time: $what"
    sleep 0.5
  done
}
# Server-side: refuses what the API server does not know; warnings (Pod Security, deprecated) fail too.
accepted() {
  kubectl -n "$1" apply --server-side --dry-run=server -f "$2" >"$dir/out" 2>"$dir/err" ||
    { cat "$dir/err" >&2; fail "the API server refuses $2"; }
  ! grep -i warning "$dir/err" >&2 || fail "the API server warns of $2"
}
# shows WORDS COMMAND...: that is all it prints.
shows() { [ "$("${@:2}" 2>/dev/null)" = "$1" ]; }
ready() { shows "$1" k get deployment lingula -o 'jsonpath={.status.readyReplicas}'; }
fewer() { [ "$(k get deployment lingula -o 'jsonpath={.spec.replicas}')" -lt "$1" ]; }
has_metric() {
  kubectl get --raw '/apis/custom.metrics.k8s.io/v1beta1/namespaces/lingula/pods/*/lingula_queue_delay_seconds' 2>/dev/null |
    grep -q '"value"'
}

offline() {
  for values in deploy/helm/examples/*.yaml; do
    helm lint --strict --quiet --kube-version 1.33 "$chart" -f "$values" || fail "helm lint with $values"
  done
  # What is ignored, and why: docs/kubernetes.md#validators.
  kube-score score --ignore-test "$IGNORED" --kubernetes-version v1.33 deploy/manifests/{cpu,gpu}.yaml >"$dir/score" || { cat "$dir/score" >&2; fail "kube-score"; }
  seen "helm lint --strict and kube-score: nothing left"
}

# CRDs of others, which the chart's objects are held to: from the modules that they are published in.
crds() {
  mkdir -p "$dir/crds"
  local keda cert
  keda=$(cd "$dir" && go mod download -json github.com/kedacore/keda/v2@v2.17.2 | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  cert=$(cd "$dir" && go mod download -json github.com/cert-manager/cert-manager@v1.18.2 | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  cp "$keda/config/crd/bases/keda.sh_scaledobjects.yaml" "$dir/crds/"
  sed -e 's/^# \(START\|END\) .*//' -e '/{{.*}}/d' "$cert/deploy/crds/crd-certificates.yaml" >"$dir/crds/certificates.yaml"
}

start() {
  crds
  "$KUBE_API" up --nodes 3 --cpu 32 --memory 128Gi --gpus 2 --crds "$dir/crds"
  eval "$("$KUBE_API" env)"
  # Real nodes say what disk they have; simulated ones are told to.
  kubectl get nodes -o name | while read -r node; do
    kubectl patch "$node" --subresource=status --type=merge >/dev/null \
      -p '{"status":{"capacity":{"ephemeral-storage":"100Gi"},"allocatable":{"ephemeral-storage":"100Gi"}}}'
  done
  kubectl create namespace lingula >/dev/null
  kubectl label namespace lingula pod-security.kubernetes.io/{enforce,warn,audit}=restricted >/dev/null
  for claim in archive results lingula-models lingula-audit; do
    sed "s/CLAIM/$claim/" "$here/volume.yaml" | kubectl apply -f - >/dev/null
  done
}

every_flavour() {
  for file in deploy/manifests/*.yaml; do accepted lingula "$file"; done
  helm template lingula "$chart" -n lingula --kube-version 1.33 --set monitoring.serviceMonitor.enabled=true \
    --set monitoring.prometheusRule.enabled=true --set monitoring.dashboards.enabled=true --set autoscaling.enabled=true --set autoscaling.kind=keda \
    --set autoscaling.keda.prometheusAddress=http://prometheus:9090 --set models.source=initContainer \
    --set models.initContainer.image=bundles:1 --set 'models.initContainer.command={cp,-r,/bundles/.,/models}' >"$dir/all.yaml"
  accepted lingula "$dir/all.yaml"
  seen "taken without a warning, Pod Security restricted: deploy/manifests/, and $(grep -c ^kind: "$dir/all.yaml") objects with KEDA, rules and dashboards"
}

roll_out() {
  helm install lingula "$chart" -n lingula --set replicas=3 --wait --timeout 60s >/dev/null
  ready 3 || fail "3 pods are not ready"
  local nodes zones
  nodes=$(k get pods -o 'jsonpath={range .items[*]}{.spec.nodeName}{"\n"}{end}' | sort | uniq -c | awk '{ print $1 }' | sort -u)
  zones=$(k get pods -o 'jsonpath={.items[*].spec.nodeName}' | xargs kubectl get nodes -L topology.kubernetes.io/zone --no-headers | awk '{ print $NF }' | sort -u | wc -l)
  [ "$nodes/$zones" = 1/3 ] || fail "spread over $zones zones, $nodes a node"
  seen "3 pods on 3 nodes in 3 zones, admitted by Pod Security"

  k get deployment lingula -w -o 'jsonpath={.status.availableReplicas}{"\n"}' >"$dir/available" &
  children+=($!)
  helm upgrade lingula "$chart" -n lingula --set replicas=3 --set server.batching.max_batch_size=16 --wait --timeout 120s >/dev/null
  k rollout status deployment/lingula --timeout=60s >/dev/null
  k get configmap lingula -o yaml | grep -q 'max_batch_size: 16' || fail "the new configuration did not come"
  local least
  least=$(sort -n "$dir/available" | grep . | head -n 1)
  [ "$least" -ge 3 ] || fail "only $least pods were available while it rolled out"
  seen "roll-out to $(k rollout history deployment/lingula | grep -c '^[0-9]') revisions with never fewer than $least available"
  helm rollback lingula 1 -n lingula --wait --timeout 120s >/dev/null
  k rollout status deployment/lingula --timeout=60s >/dev/null
  ! k get configmap lingula -o yaml | grep -q 'max_batch_size' || fail "the old configuration did not come back"
  seen "helm rollback: the configuration of revision 1 is back, never fewer than $(sort -n "$dir/available" | grep . | head -n 1) available"
}

# evict POD: the API server's answer.
evict() {
  printf '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"%s","namespace":"lingula"}}' "$1" |
    kubectl create --raw "/api/v1/namespaces/lingula/pods/$1/eviction" -f - 2>&1
}

disruption() {
  local pods
  mapfile -t pods < <(k get pods -o name | sed 's|pod/||')
  kubectl cordon -l kubernetes.io/os=linux >/dev/null  # so that nothing takes the place of what goes
  until_true 30 "a budget of 1" shows 1 k get pdb lingula -o 'jsonpath={.status.disruptionsAllowed}'
  evict "${pods[0]}" >/dev/null || fail "the first eviction was refused"
  until_true 30 "the eviction is counted" shows 0 k get pdb lingula -o 'jsonpath={.status.disruptionsAllowed}'
  local answer
  ! answer=$(evict "${pods[1]}") || fail "a second pod was evicted"
  echo "$answer" | grep -q 'disruption budget' || fail "refused for another reason: $answer"
  seen "second eviction refused: $(echo "$answer" | tr '\n' ' ' | sed 's/.*\(Cannot evict[^"]*\).*/\1/')"
  kubectl uncordon -l kubernetes.io/os=linux >/dev/null
  until_true 60 "3 pods are ready again" ready 3
}

scaling() {
  local targets=$dir/targets.json load=$dir/delay config=$dir/prometheus.yml
  echo 0 >"$load"
  echo '[]' >"$targets"
  helm upgrade lingula "$chart" -n lingula --set autoscaling.enabled=true --set autoscaling.maxReplicas=6 \
    --set autoscaling.scaleUpPeriodSeconds=15 --set autoscaling.scaleDownStabilizationSeconds=1 --wait --timeout 120s >/dev/null
  shows 3 k get deployment lingula -o 'jsonpath={.spec.replicas}' || fail "the number of pods changed when the autoscaler came"
  /usr/bin/python3 "$here/exposition.py" "$load" "$dir/exposition.port" & children+=($!)
  until_true 20 "an exposition" test -s "$dir/exposition.port"
  sed -e "s|TARGETS|$targets|" "$here/prometheus.yml" >"$config"
  local port
  port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  prometheus --config.file="$config" --storage.tsdb.path="$dir/tsdb" --web.listen-address="127.0.0.1:$port" >"$dir/prometheus.log" 2>&1 &
  children+=($!)
  until_true 60 "Prometheus" curl -sf -o /dev/null "http://127.0.0.1:$port/-/ready"
  bash "$here/follow_pods.sh" "$targets" "127.0.0.1:$(cat "$dir/exposition.port")" & children+=($!)
  "$KUBE_API" adapter "http://127.0.0.1:$port" deploy/kubernetes/prometheus-adapter.yaml >"$dir/adapter" 2>&1 || { cat "$dir/adapter" >&2; fail "prometheus-adapter"; }
  until_true 90 "the metric of each pod" has_metric
  echo 0.2 >"$load"  # four times what a replica is worth
  until_true 180 "6 replicas" ready 6
  seen "HPA: $(k get hpa lingula --no-headers | awk '{ print $3, $4, $5, $6, $7 }')"
  seen "HPA: $(k describe hpa lingula | grep -m1 -o 'New size: 6.*')"
  echo 0 >"$load"
  until_true 300 "fewer replicas" fewer 6
  seen "HPA: $(k describe hpa lingula | grep -o 'New size: [1-5];.*' | tail -n 1)"
}

bulk() {
  helm template lingula "$chart" -n lingula --kube-version 1.33 -f deploy/helm/examples/bulk.yaml --set bulk.shards=12 --set bulk.parallelism=4 \
    --show-only templates/bulk.yaml | k apply -f - >/dev/null
  k wait --for=condition=Complete job/lingula-bulk --timeout=120s >/dev/null
  [ "$(k get job lingula-bulk -o 'jsonpath={.status.completedIndexes}')" = 0-11 ] || fail "not every shard was run"
  local shards
  shards=$(k get pods -l app.kubernetes.io/component=bulk -o 'jsonpath={range .items[*]}{.metadata.annotations.batch\.kubernetes\.io/job-completion-index}{"\n"}{end}' | sort -n | uniq -c | awk '{ print $1 }' | sort -u)
  [ "$shards" = 1 ] || fail "a shard ran twice"
  seen "Job: shards 0-11 run once each, 4 at a time"
}

gpus() {
  helm uninstall lingula -n lingula --wait >/dev/null
  helm install lingula "$chart" -n lingula -f deploy/helm/examples/gpu.yaml --set replicas=6 --wait --timeout 60s >/dev/null
  [ "$(k get pods -l app.kubernetes.io/component=server -o 'jsonpath={.items[*].spec.nodeName}' | tr ' ' '\n' | sort | uniq -c | awk '{ print $1 }' | sort -u)" = 2 ] ||
    fail "pods and GPUs do not match"
  helm upgrade lingula "$chart" -n lingula -f deploy/helm/examples/gpu.yaml --set replicas=6 --set server.batching.max_batch_size=16 --wait --timeout 120s >/dev/null
  seen "GPU flavour: 6 pods on 6 GPUs of 3 nodes; rolled out with none to spare"
}

begin=$SECONDS
offline
start
every_flavour
roll_out
disruption
scaling
bulk
gpus
echo "all seen in $((SECONDS - begin)) s"
