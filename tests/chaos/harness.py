"""Servers and callers as processes, for tests that hurt them. Loopback only; nothing sleeps: what is waited
for is a line, an answer or an end, within a bound that only a broken server reaches."""

import json
import os
import select
import signal
import socket
import subprocess
import tempfile

BUNDLES = os.path.abspath("model/bundles")
MODEL = "cxr-sgseg-compact"
FILM = "tests/testdata/xray/a2eba651.jpg"
PATIENCE_S = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read_line(process, limit_s=PATIENCE_S):
    """One line of a process's standard output; "" when it ended without."""
    ready, _, _ = select.select([process.stdout], [], [], limit_s)
    if not ready:
        raise AssertionError(f"no line from {process.args[0]} within {limit_s} s")
    return process.stdout.readline().decode()


class Server:
    """lingula-server on a port of its own, which it keeps when it is started again."""

    def __init__(self, bin_folder, folder, config="", models=BUNDLES, launcher=(), host="127.0.0.1"):
        self.bin, self.folder, self.launcher, self.host = bin_folder, folder, list(launcher), host
        self.port = free_port()
        self.metrics_port = free_port()
        self.log_path = tempfile.mktemp(prefix="log", dir=folder)
        self.config = tempfile.mktemp(suffix=".textproto", dir=folder)
        with open(self.config, "w", encoding="ascii") as file:
            file.write(f'listen_host: "{host}"\nmodel_repository: "{models}"\n{config}\n')
            if "models {" not in config:
                file.write(f'models {{ name: "{MODEL}" }}\n')
        self.process = None

    def start(self, wait=True):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.launcher
                + [f"{self.bin}/lingula-server", "--config", self.config, "--port", str(self.port)]
                + ["--metrics-port", str(self.metrics_port)],
                stdout=subprocess.PIPE,
                stderr=log,
            )
        if wait:
            self.wait_until_ready()
        return self

    def wait_until_ready(self):
        line = read_line(self.process)
        if not line:
            raise AssertionError(f"the server did not start: {self.log()}")
        return json.loads(line)

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    @property
    def pid(self):
        """The server's own, also behind a launcher that runs it as its child."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
            children = file.read().split()
        return int(children[0]) if self.launcher and children else self.process.pid

    def end(self, with_signal=signal.SIGTERM):
        """Sends a signal and returns the exit code."""
        os.kill(self.pid, with_signal)
        code = self.process.wait(PATIENCE_S)
        self.process.stdout.close()
        self.process = None
        return code

    def log(self):
        if not os.path.isfile(self.log_path):
            return ""  # a device
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.end(signal.SIGKILL)


class Load:
    """Callers with the client's default retry policy (load_main.cc)."""

    def __init__(self, tests_folder, *servers, callers=2, deadline_ms=20000, launcher=(), target=None):
        addresses = ",".join(server.address for server in servers)
        self.process = subprocess.Popen(
            list(launcher)
            + [f"{tests_folder}/chaos-load", "--target", target or f"ipv4:{addresses}", "--image", FILM]
            + ["--callers", str(callers), "--deadline-ms", str(deadline_ms)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def _say(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def more(self, calls):
        """Waits until so many more calls have come back."""
        self._say(f"more {calls}")
        return json.loads(read_line(self.process))["answered"]

    def stop(self):
        self._say("stop")
        figures = json.loads(read_line(self.process))
        self.process.wait(PATIENCE_S)
        self.process.stdin.close()
        self.process.stdout.close()
        return figures

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def segment(bin_folder, server, *arguments, film=FILM):
    """`lingula segment` of one film: (exit code, output)."""
    done = subprocess.run(
        [f"{bin_folder}/lingula", "segment", film, "--server", server.address, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stdout.decode(errors="replace")
