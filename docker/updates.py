#!/usr/bin/env python3
"""updates.py SBOM: for which Debian packages in an image's sbom.spdx.json the package lists of this machine have a newer
version; `apt-get update` first. Debian mends a weakness by such a version, so what is listed from a security archive is a
known weakness that a new build of the image takes away. Exit code 1 when there is one. Wheels are not judged: no list of their
weaknesses can be had from a package index; give the SBOM to a scanner that has one."""
import json
import re
import subprocess
import sys


def newest(policy):
    """{package: (version, "where it is from")} of what `apt-cache policy` prints: the candidate of each."""
    found = {}
    for name, text in re.findall(r"^(\S+):\n((?:[ \t]+.*\n?)+)", policy, re.MULTILINE):
        candidate = re.search(r"Candidate: (\S+)", text).group(1)
        # Below a version, further in, come its archives: priority, address, suite/component.
        listed = re.search(rf"^ (?:\*\*\*|   ) {re.escape(candidate)} \d+\n((?: {{8,}}\S.*\n?)*)", text, re.MULTILINE)
        suites = re.findall(r"\d+ \S+ (\S+)/\S+ ", listed.group(1)) if listed else []
        found[name] = candidate, " ".join(suites)
    return found


def is_newer(version, than):
    return subprocess.run(["dpkg", "--compare-versions", version, "gt", than], check=False).returncode == 0


def updates(packages, policy):
    """[(package, version inside, newest, where from)]; `packages`: {package: version}."""
    candidates = newest(policy)
    return [
        (name, version, *candidates[name])
        for name, version in sorted(packages.items())
        if name in candidates and candidates[name][0] != "(none)" and is_newer(candidates[name][0], version)
    ]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        listed = json.load(file)["packages"]
    packages = {one["name"]: one["versionInfo"] for one in listed if one["SPDXID"].startswith("SPDXRef-deb-")}
    policy = subprocess.run(["apt-cache", "policy", *packages], check=True, capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin"})
    waiting = updates(packages, policy.stdout)
    for row in waiting:
        print("%-28s %-24s -> %-24s %s" % row)
    weak = [row for row in waiting if "security" in row[3]]
    print("%d Debian packages, %d of them outdated, %d by a security update" % (len(packages), len(waiting), len(weak)))
    sys.exit(1 if weak else 0)


if __name__ == "__main__":
    main()
