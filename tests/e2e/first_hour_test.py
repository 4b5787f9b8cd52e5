"""Runs the commands of docs/first-hour.md as they stand there, in their order, but for these changes: free ports, a
folder that goes away, six rounds of training, and programs as they are built here instead of `./dev run`. `./dev demo`
and pip are left out: setting up is what ./dev test did. Run from the repository's root:

    PYTHONPATH=client/python/src:third_party/pythonclient python3 tests/e2e/first_hour_test.py BIN_FOLDER
"""

import re
import shutil
import socket
import subprocess
import sys
import tempfile

GUIDE = "docs/first-hour.md"
# What the output must show, in this order, so that no step passes by doing nothing.
EXPECTED = [
    r"a2eba651[^/]*side of the image",  # the command line's table
    r"\(1024, 1024\) 0\.\d+ .*side of the image",  # the package
    r"image,mask,zones,split",
    r"epoch 6: Dice 0.[1-9]",
    r"my-films@1",
    r"epoch 6: Dice 0.[1-9]",
    r"passes its gate",
    r"my-films@2 +serving +my-films +yes",  # promoted
    r"lingula_shadow_images_total\{.*my-films",
    r"lingula_shadow_images_total\{.*my-films.* => ",  # Prometheus has them too
]


def free_ports(number):
    sockets = [socket.socket() for _ in range(number)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [str(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def scrape_from(port, folder):
    """The configuration of deploy/prometheus for another port, asked more often."""
    shutil.copytree("deploy/prometheus", folder)
    with open(f"{folder}/prometheus.yml", "r+", encoding="utf-8") as file:
        text = file.read().replace("9500", port).replace("interval: 15s", "interval: 1s")
        file.seek(0)
        file.truncate()
        file.write(text)


def commands(folder, binaries):
    with open(GUIDE, encoding="utf-8") as file:
        script = "".join(re.findall(r"^```sh\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL))
    port, admin, metrics, prometheus = free_ports(4)
    scrape_from(metrics, f"{folder}/scraped")
    for pattern, replacement in (
        (r"^(\./dev demo|python3 -m venv .*|.*/pip install .*)$", ":"),
        (r"build/hour/venv/bin/python", sys.executable),
        (r"(lingula-server .*) &$", rf"\1 --port {port} --metrics-port {metrics} &"),
        (r"\./dev run ", f"{binaries}/"),
        (r"deploy/prometheus/", f"{folder}/scraped/"),
        (r"build/hour", folder),
        (r"\b8500\b", port),
        (r"\b8501\b", admin),
        (r"\b9500\b", metrics),
        (r"\b9090\b", prometheus),
        (r"epochs: 8", "epochs: 6"),
    ):
        script, changes = re.subn(pattern, replacement, script, flags=re.MULTILINE)
        if changes == 0:
            sys.exit(f"{GUIDE} has nothing like {pattern} any more")
    # A command that fails ends it, and the server goes with it.
    return f"set -eo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\nmkdir -p {folder}\n{script}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        script = commands(folder, sys.argv[1])
        done = subprocess.run(
            ["bash", "-x", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
    said = done.stdout.decode(errors="replace")
    place = 0
    for pattern in EXPECTED:
        found = re.compile(pattern).search(said, place)
        if done.returncode != 0 or found is None:
            print(said)
            sys.exit(f"{GUIDE}: ended with {done.returncode}; looked for: {pattern}")
        place = found.end()
    print("all well")


if __name__ == "__main__":
    main()
