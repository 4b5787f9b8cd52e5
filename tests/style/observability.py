#!/usr/bin/env python3
"""observability.py [ROOT]: what rules, dashboards and runbooks name is there.

Each alert leads to a page in docs/runbooks, which says what to look at, what to do and when it is over; each page has its
alert; tests/observability/rules hold a case in which the alert fires and one in which it stays silent. Each metric that is
named is a row of docs/metrics.md or docs/dicom-node.md, each recorded one is recorded. Prints "file:line: what" and fails.
"""
import pathlib
import re
import sys

ALERTS = "deploy/prometheus/alerts.yml"
METRICS = ["docs/metrics.md", "docs/dicom-node.md"]
HEADINGS = ["## Look", "## Do", "## Over"]
SPEAKERS = ["deploy/prometheus/*.yml", "deploy/grafana/*.json", "docs/runbooks/*.md", "docs/operations.md", "docs/scaling.md"]


def lines(path):
    return enumerate(path.read_text().splitlines(), 1) if path.exists() else []


def alerts(root):
    """(line, name, runbook) of each alert."""
    name = None
    for number, line in lines(root / ALERTS):
        if found := re.match(r"\s*- alert: (\w+)", line):
            name = found[1], number
        if name and (found := re.match(r"\s*runbook_url: (\S+)", line)):
            yield name[1], name[0], found[1]
            name = None
    if name:
        yield name[1], name[0], ""


def tested(root):
    """Names of alerts with a case that fires, and of those with one that stays silent."""
    fires, silent = set(), set()
    for path in sorted(root.glob("tests/observability/rules/*.yml")):
        for _, line in lines(path):
            if found := re.match(r"\s*alertname: (\w+)", line):
                name = found[1]
            if re.match(r"\s*exp_alerts:", line):
                (silent if line.rstrip().endswith("[]") else fires).add(name)
    return fires, silent


def about_alerts(root):
    fires, silent = tested(root)
    known = set()
    for number, name, runbook in alerts(root):
        known.add(name)
        page = root / "docs/runbooks" / f"{name}.md"
        if runbook != f"docs/runbooks/{name}.md":
            yield f"{ALERTS}:{number}: {name}: its runbook_url must be docs/runbooks/{name}.md"
        elif not page.exists():
            yield f"{ALERTS}:{number}: {name}: has no page {runbook}"
        elif [line for _, line in lines(page) if line.startswith("## ")] != HEADINGS:
            yield f"{runbook}:1: its sections must be {', '.join(HEADINGS)}"
        for which, names in (("fires", fires), ("stays silent", silent)):
            if name not in names:
                yield f"{ALERTS}:{number}: {name}: no test in tests/observability/rules in which it {which}"
    for page in sorted(root.glob("docs/runbooks/*.md")):
        if page.stem not in known | {"README"}:
            yield f"docs/runbooks/{page.name}:1: there is no such alert"


def documented(root):
    """Names that an exposition holds."""
    names = set()
    for page in METRICS:
        for _, line in lines(root / page):
            if found := re.match(r"\| `(lingula_\w+)` \| (\w+)", line):
                names.add(found[1])
                if found[2] == "histogram":
                    names.update(f"{found[1]}_{part}" for part in ("bucket", "sum", "count"))
    return names


def about_names(root):
    metrics = documented(root)
    recorded = {found[1] for path in root.glob("deploy/prometheus/*.yml") for _, line in lines(path)
                if (found := re.match(r"\s*- record: (\S+)", line))}
    for path in sorted(path for pattern in SPEAKERS for path in root.glob(pattern)):
        for number, line in lines(path):
            for name in re.findall(r"\blingula_[a-z0-9_]*[a-z0-9](?![:*_])", line):
                if name not in metrics:
                    yield f"{path.relative_to(root)}:{number}: no metric {name} in {' or '.join(METRICS)}"
            for name in re.findall(r"\blingula:[a-z0-9_]+:[a-z0-9_]+", line):
                if name not in recorded:
                    yield f"{path.relative_to(root)}:{number}: nothing records {name}"


def main():
    root = pathlib.Path(sys.argv[1])
    found = [*about_alerts(root), *about_names(root)]
    for problem in found:
        print(problem)
    sys.exit(1 if found else 0)


main()
