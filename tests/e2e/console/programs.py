"""A real server with the shipped bundles, and a console before it, on free ports."""

import json
import os
import subprocess
import tempfile

BUNDLES = os.path.abspath("model/bundles")


class Program:
    """Started, and stopped at the end. `ready`: its first line, JSON, once it serves."""

    def __init__(self, *words, log):
        self.log = log
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL)
        line = self.process.stdout.readline()
        if not line:
            with open(log, encoding="utf-8", errors="replace") as errors:
                raise SystemExit(f"{words[0]} did not start:\n{errors.read()[-2000:]}")
        self.ready = json.loads(line)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.stdout.close()
        return self.process.wait(timeout=60)

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS"))


class Programs:
    def __init__(self, bin_folder, models=("cxr-sgseg-compact", "polyp-prolearn-compact"), config=""):
        self.bin = bin_folder
        self.folder = tempfile.TemporaryDirectory()
        self.config = self.path("server.textproto")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f'model_repository: "{BUNDLES}"\n{config}\n')
            for name in models:
                file.write(f'models {{ name: "{name}" }}\n')
        self.port = 0
        self.server = self.console = None

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def start_server(self):
        """On the port of before, so that whoever waits for it finds it again."""
        self.server = Program(f"{self.bin}/lingula-server", "--config", self.config, "--port", str(self.port),
                              "--metrics-port", "0", log=self.path("server.log"))
        self.port = self.server.ready["grpc_port"]

    def start_console(self, *words, deadline_ms=120000):
        self.console = Program(f"{self.bin}/lingula-console", "--server", f"127.0.0.1:{self.port}", "--port", "0",
                               "--deadline-ms", str(deadline_ms), *words, log=self.path("console.log"))

    @property
    def http_port(self):
        return self.console.ready["http_port"]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http_port}/"

    def stop(self):
        for program in (self.console, self.server):
            if program is not None:
                program.stop()
        self.folder.cleanup()
