# shellcheck shell=sh
# Part of ./dev, with its functions: what reads our metrics, rules and dashboards in tests.

OBSERVERS="prometheus prometheus-alertmanager"  # with promtool and amtool
# Grafana's own types of a dashboard, and the compiler that holds ours against them: npm packages.
TYPESCRIPT=5.9.3
GRAFANA_SCHEMA=13.2.3
# What draws docs/images/metrics-*.png; not needed by tests.
MATPLOTLIB=3.10.0

fetch_grafana_schema() {
  new=third_party/.grafana-schema
  rm -rf "$new"
  mkdir -p "$new" || return 1
  npm install --prefix "$new" --ignore-scripts --no-audit --no-fund --no-save \
    "typescript@$TYPESCRIPT" "@grafana/schema@$GRAFANA_SCHEMA" || return 1
  rm -rf third_party/grafana-schema
  mv "$new" third_party/grafana-schema  # last: half a download is never taken for a whole one
}

has_grafana_schema() {
  modules=third_party/grafana-schema/node_modules
  grep -qs "\"version\": \"$GRAFANA_SCHEMA\"" "$modules/@grafana/schema/package.json" &&
    grep -qs "\"version\": \"$TYPESCRIPT\"" "$modules/typescript/package.json"
}

fetch_observers() {
  # Both packages start a service on a fixed port. Tests start their own, so where a package was not there
  # before, systemd is told not to: systemctl unmask prometheus undoes it.
  for service in $OBSERVERS; do
    if [ -n "$(missing "$service")" ] && [ -d /run/systemd/system ]; then
      as_root ln -sf /dev/null "/etc/systemd/system/$service.service"
    fi
  done
  # shellcheck disable=SC2086  # a list
  packages $OBSERVERS
  command -v npm >/dev/null || packages nodejs npm
  has_grafana_schema ||
    timed "Fetching the types of Grafana's dashboards into third_party/grafana-schema" fetch_grafana_schema
}

# plots: draws the pictures of docs/operations.md anew.
plots() {
  setup
  fetch_judges
  fetch_observers
  build release lingula-server lingula
  [ -d "third_party/matplotlib/matplotlib-$MATPLOTLIB.dist-info" ] ||
    timed "Fetching matplotlib $MATPLOTLIB into third_party/matplotlib" fetch_matplotlib
  PYTHONPATH=third_party/matplotlib:third_party/tritonclient /usr/bin/python3 tests/observability/live.py build/release/bin \
    --plots docs/images
}

fetch_matplotlib() {
  rm -rf third_party/.matplotlib third_party/matplotlib
  /usr/bin/python3 -m pip install --target third_party/.matplotlib --disable-pip-version-check \
    "matplotlib==$MATPLOTLIB" && mv third_party/.matplotlib third_party/matplotlib
}
