"""Every query of every dashboard, asked of a real Prometheus that scraped a real server under load, returns something. From
the repository's root:

    PYTHONPATH=third_party/tritonclient python3 tests/observability/live.py BIN_FOLDER [--plots FOLDER]

--plots draws pictures from some of the queries instead (./dev plots).
"""

import glob
import json
import sys
import time

from prometheus import Prometheus, get, lint
from traffic import CHEST, Server, Traffic

# Metrics that are not there in this run. A query may be empty only for one of these reasons.
ABSENT = {
    "lingula_device_": "no GPU",
    "lingula_certificate_": "the server has no certificate here",
    "lingula_audit_": "the server has no audit log here",
    "lingula_credential_": "the server reads no credentials here",
    "lingula_refused_": "no caller is known here",
    "lingula_shadow_dice": "a shadow runs when nobody has other work, and here somebody always has",
    "1w": "the week before begins six hours ago",
}
SECONDS = 22


def asked(query):
    """A panel's query with the choices that a person has not made yet."""
    for name, value in (("$__rate_interval", "10s"), ("$job", ".*"), ("$instance", ".*"), ("$model", ".*")):
        query = query.replace(name, value)
    assert "$" not in query, f"an unknown variable: {query}"
    return query


def queries():
    """(where, query) of each panel, and of each variable's choices as a query."""
    for path in sorted(glob.glob("deploy/grafana/*.json")):
        with open(path, encoding="ascii") as file:
            dashboard = json.load(file)
        for panel in dashboard["panels"]:
            for each in panel.get("targets", []):
                yield f"{path}: {panel['title']}", asked(each["expr"])
        for each in dashboard["templating"]["list"]:
            if each["type"] == "query":
                series = each["query"].removeprefix("label_values(").rsplit(",", 1)
                yield f"{path}: ${each['name']}", asked(f"count by ({series[1].strip(' )')}) ({series[0]})")


def start_traffic(server):
    """Callers of all kinds."""
    traffic = Traffic(server.ports["grpc_port"])
    server.copy_version(CHEST)
    server.admin("shadow", "start", f"{CHEST}@2", "--share", "1")
    traffic.start(traffic.patient, 2)
    traffic.start(traffic.hasty, 12)
    for caller in (traffic.fickle, traffic.mistaken, traffic.camera):
        traffic.start(caller)
    return traffic


def problems(prometheus, exposition):
    """What is wrong, one sentence each."""
    asked_for = 0
    for where, query in queries():
        asked_for += 1
        if not prometheus.values(query) and not any(name in query for name in ABSENT):
            yield f"{where}: empty: {query}"
    if asked_for < 60:
        yield f"only {asked_for} queries were found"
    for group in prometheus.api("rules")["groups"]:
        for rule in group["rules"]:
            if rule["health"] != "ok":
                yield f"rule {rule['name']}: {rule.get('lastError', rule['health'])}"
    if not prometheus.values('ALERTS{alertname="LingulaModelLoadFailed",model="cxr-prolearn-compact@2"}'):
        yield "the version that cannot be loaded raises no alert"
    if prometheus.values('ALERTS{alertname="LingulaNothingServes"}'):
        yield "LingulaNothingServes, although models serve"
    found = lint(exposition)
    if found:
        yield f"promtool check metrics: {found}"


def run(programs, during):
    """`during(prometheus, server, traffic)` while all run; then the server ends well."""
    server = Server(programs)
    prometheus = Prometheus(server.ports["metrics_port"])
    traffic = None
    try:
        traffic = start_traffic(server)
        return during(prometheus, server, traffic)
    finally:
        if traffic is not None:
            traffic.stop()
        status = server.stop()
        prometheus.stop()
        assert status == 0, f"the server ended with {status} after SIGTERM"


def check(prometheus, server, _):
    """Asks when there is something to say, which on a busy machine may take longer."""
    time.sleep(SECONDS)
    for _ in range(4):
        found = list(problems(prometheus, get(f"http://127.0.0.1:{server.ports['metrics_port']}/metrics")))
        if not found:
            break
        time.sleep(SECONDS / 2)
    return found


def main():
    """Exit status 0: all queries have answers."""
    if "--plots" in sys.argv:
        import plots  # matplotlib: not needed otherwise

        return run(sys.argv[1], lambda *all_three: plots.draw(sys.argv[3], *all_three))
    found = run(sys.argv[1], check)
    print("\n".join(found) or "all well")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
