#!/bin/sh
# Rules and examples as Prometheus and the Alertmanager read them; each alert fires and stays silent. From the
# repository's root: rules.sh
set -eu
for tool in promtool amtool; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: ./dev test installs it" >&2; exit 1; }
done
config=deploy/prometheus
promtool check rules "$config/recording.yml" "$config/alerts.yml"
promtool check config "$config/prometheus.yml"
promtool test rules tests/observability/rules/*.yml
amtool check-config "$config/alertmanager.yml"
# routed SEVERITY RECEIVER
routed() {
  got=$(amtool config routes test --config.file="$config/alertmanager.yml" "severity=$1")
  [ "$got" = "$2" ] || { echo "severity $1 goes to $got instead of $2" >&2; exit 1; }
}
routed page on-call
routed ticket queue
