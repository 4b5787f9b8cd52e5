"""A real Prometheus with our rules, on a free port, scraping one server every second."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

RULES = "deploy/prometheus"
CONFIG = """
global: {{ scrape_interval: 1s, evaluation_interval: 1s }}
rule_files: [recording.yml, alerts.yml]
scrape_configs:
  - job_name: lingula
    static_configs: [{{ targets: ["127.0.0.1:{port}"] }}]
"""


def get(url):
    """The body, as text."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()


def free_port():
    """One that nobody has now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Prometheus:
    """Runs until stop()."""

    def __init__(self, metrics_port):
        if shutil.which("prometheus") is None:
            sys.exit("prometheus is missing: ./dev test installs it")
        self.dir = tempfile.TemporaryDirectory()
        for name in ("recording.yml", "alerts.yml"):
            with open(f"{RULES}/{name}", encoding="utf-8") as file:
                # A run lasts seconds: no group waits minutes for its turn.
                text = re.sub(r"^    interval: .*\n", "", file.read(), flags=re.MULTILINE)
            with open(f"{self.dir.name}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
        with open(f"{self.dir.name}/prometheus.yml", "w", encoding="ascii") as file:
            file.write(CONFIG.format(port=metrics_port))
        self.log = open(f"{self.dir.name}/log", "wb")
        for _ in range(3):  # somebody may take the free port first
            self.port = free_port()
            self.process = self._start()
            if self._is_ready():
                return
            self.process.kill()
            self.process.wait()
        with open(self.log.name, encoding="utf-8") as file:
            sys.exit(f"prometheus did not start: {file.read()}")

    def _start(self):
        return subprocess.Popen(
            ["prometheus", f"--config.file={self.dir.name}/prometheus.yml",
             f"--storage.tsdb.path={self.dir.name}/data", f"--web.listen-address=127.0.0.1:{self.port}"],
            stdout=self.log, stderr=self.log,
        )

    def _is_ready(self):
        for _ in range(300):
            if self.process.poll() is not None:
                return False
            try:
                get(f"http://127.0.0.1:{self.port}/-/ready")
                return True
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        return False

    def api(self, path, **parameters):
        """`data` of an answer of the API; raises with Prometheus's own words."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            return json.loads(get(url))["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(f"{parameters}: {json.loads(error.read())['error']}") from error

    def values(self, expression):
        """Numbers of an instant query, without those that are none."""
        result = self.api("query", query=expression)["result"]
        return [value for value in (float(series["value"][1]) for series in result) if value == value]

    def lines(self, expression, start, end):
        """(labels, times, values) of a range query, a value each second."""
        answer = self.api("query_range", query=expression, start=start, end=end, step=1)
        for series in answer["result"]:
            times, values = zip(*((float(at) - start, float(value)) for at, value in series["values"]))
            yield series["metric"], times, values

    def stop(self):
        """Ends it and forgets its data."""
        self.process.terminate()
        self.process.wait(60)
        self.log.close()
        self.dir.cleanup()


def lint(exposition):
    """What promtool finds wrong with the names and types of an exposition."""
    done = subprocess.run(["promtool", "check", "metrics"], input=exposition, text=True, capture_output=True,
                          check=False, env={**os.environ, "LC_ALL": "C"})
    return done.stdout + done.stderr
