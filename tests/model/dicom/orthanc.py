"""An Orthanc archive of its own, on free ports, that forgets all when it ends."""

import io
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import pydicom

PROGRAM = "/usr/sbin/Orthanc"  # of Debian's package
START_S = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Orthanc:
    def __enter__(self):
        for _ in range(3):  # somebody may take a port that was free a moment ago
            if self._start():
                return self
        raise RuntimeError(f"Orthanc did not start; its log: {self._log()}")

    def __exit__(self, *_):
        self._stop()

    def _start(self):
        self.folder = tempfile.mkdtemp()
        self.http, self.dicom = free_port(), free_port()
        settings = {
            "Name": "test",
            "StorageDirectory": f"{self.folder}/storage",
            "IndexDirectory": f"{self.folder}/storage",
            "Plugins": [],
            "HttpPort": self.http,
            "DicomPort": self.dicom,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
        }
        with open(f"{self.folder}/orthanc.json", "w") as file:
            json.dump(settings, file)
        with open(f"{self.folder}/log", "w") as log:
            self.process = subprocess.Popen([PROGRAM, f"{self.folder}/orthanc.json"], stdout=log, stderr=log)
        end = time.monotonic() + START_S
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self._get("/system")
                return True
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        self._stop(keep_log=True)
        return False

    def _stop(self, keep_log=False):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if not keep_log:
            shutil.rmtree(self.folder)

    def _log(self):
        with open(os.path.join(self.folder, "log")) as file:
            return file.read()[-2000:]

    def _get(self, path):
        # Not by the environment's proxy: the archive is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.http}{path}", timeout=30) as answer:
            return answer.read()

    def store(self, path):
        """C-STORE, as modalities and gateways do; in whatever transfer syntax the file has."""
        syntax = pydicom.filereader.read_file_meta_info(path).TransferSyntaxUID
        proposed = {"1.2.840.10008.1.2.4.50": ["-xy"], "1.2.840.10008.1.2.4.90": ["-xv"],
                    "1.2.840.10008.1.2.4.91": ["-xw"], "1.2.840.10008.1.2.5": ["-xr"]}.get(syntax, [])
        subprocess.run(["storescu", "-R", *proposed, "-aec", "TEST", "127.0.0.1", str(self.dicom), path], check=True)

    def instances(self):
        """What it holds: its own name of each, by SOP Instance UID."""
        listed = json.loads(self._get("/instances?expand"))
        return {one["MainDicomTags"]["SOPInstanceUID"]: one["ID"] for one in listed}

    def fetch(self, name):
        return pydicom.dcmread(io.BytesIO(self._get(f"/instances/{name}/file")))
