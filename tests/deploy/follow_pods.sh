#!/usr/bin/env bash
# follow_pods.sh TARGETS_FILE ADDRESS: keeps Prometheus's list of targets equal to the server pods of the cluster; all
# have the same address, and differ in their labels. Ends when it is killed.
set -euo pipefail
while true; do
  kubectl -n lingula get pods -l app.kubernetes.io/component=server -o name | sed 's|pod/||' |
    awk -v at="$2" 'BEGIN { printf "[" }
      { printf "%s{\"targets\":[\"%s\"],\"labels\":{\"namespace\":\"lingula\",\"pod\":\"%s\",\"instance\":\"%s\"}}", n++ ? "," : "", at, $1, $1 }
      END { print "]" }' >"$1.new.json" && mv "$1.new.json" "$1"
  sleep 1
done
