"""The DICOM node between a modality (storescu), the real service and an Orthanc archive, each killed in turn.

    PYTHONPATH=third_party/highdicom python3 tests/client/dicom_node/dicom_node_test.py BUILD_FOLDER
"""

import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

try:
    import numpy as np
    import pydicom
except ImportError as error:
    sys.exit(f"pydicom is missing ({error}): ./dev test fetches it into third_party/highdicom")

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../model/dicom"))
from orthanc import PROGRAM, Orthanc, free_port  # noqa: E402

BUILD = sys.argv.pop(1)
PATIENT = "MARKERNAME"
WAIT_S = 90


class Archive(Orthanc):
    """That can be killed, and comes back with what it had."""

    def kill(self):
        self.process.kill()
        self.process.wait()

    def revive(self):
        with open(f"{self.folder}/log", "a") as log:
            self.process = subprocess.Popen([PROGRAM, f"{self.folder}/orthanc.json"], stdout=log, stderr=log)
        until(lambda: self.answers(), "the archive to come back")

    def answers(self):
        try:
            self._get("/system")
            return True
        except OSError:
            return False


class Program:
    """One of ours, that prints a line of JSON when it is ready."""

    def __init__(self, log, *words):
        self.log, self.words = log, words
        self.start()

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(self.words, stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.words[0]} did not start: {open(self.log).read()[-2000:]}")
        self.ready = json.loads(line)

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(60)
        self.process.stdout.close()
        return code


def until(condition, what):
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {WAIT_S} s for {what}")
        time.sleep(0.1)


class NodeTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        subprocess.run([f"{BUILD}/tests/write_dicom_results", self.folder], check=True)
        self.source = pydicom.dcmread(self.chest_film())
        self.source.PatientName = PATIENT
        down, right = np.mgrid[0 : self.source.Rows, 0 : self.source.Columns]
        grey = (down * 7 + right * 3) % (1 << self.source.BitsStored)
        self.source.PixelData = grey.astype(np.uint8 if self.source.BitsAllocated == 8 else np.uint16).tobytes()
        self.sent = []
        self.archive = self.enterContext(Archive())
        self.server_port, self.node_port = free_port(), free_port()
        self.server = Program(f"{self.folder}/server.log", f"{BUILD}/bin/lingula-server", "--config",
                              "deploy/server.textproto", "--port", str(self.server_port), "--metrics-port", "0")
        self.addCleanup(self.server.end)
        with open(f"{self.folder}/node.textproto", "w") as file:
            file.write(f'service {{ target: "127.0.0.1:{self.server_port}" model: "cxr-sgseg-compact" }}\n'
                       f'pacs {{ host: "127.0.0.1" port: {self.archive.dicom} ae_title: "TEST" timeout_s: 5 }}\n'
                       'results { structured_report: true }\nmetrics_port: 0\n')
        self.node = Program(f"{self.folder}/node.log", f"{BUILD}/bin/lingula-dicom-node", "--config",
                            f"{self.folder}/node.textproto", "--port", str(self.node_port))
        self.addCleanup(self.node.end)

    def enterContext(self, context):  # of Python 3.11's unittest; here for older ones
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def chest_film(self):
        for path in sorted(glob.glob(f"{self.folder}/*.source.dcm")):
            kind = pydicom.dcmread(path, stop_before_pixels=True).SOPClassUID.name
            if "Computed Radiography" in kind or "Digital X-Ray" in kind:
                return path
        raise AssertionError("write_dicom_results made no chest film")

    def send(self, damage=False):
        """True when the node took a new picture."""
        self.source.SOPInstanceUID = pydicom.uid.generate_uid()
        self.source.file_meta.MediaStorageSOPInstanceUID = self.source.SOPInstanceUID
        path = f"{self.folder}/picture.dcm"
        self.source.save_as(path)
        if damage:
            broken = pydicom.dcmread(path)
            broken.PixelData = broken.PixelData[:100]
            broken.save_as(path)
        done = subprocess.run(["storescu", "-R", "-aec", "LINGULA", "-to", "5", "127.0.0.1", str(self.node_port), path],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode == 0 and not damage:
            self.sent.append(self.source.SOPInstanceUID)
        return done.returncode == 0

    def results(self):
        """Pictures of which the archive has the segmentation, and those of which it has the report."""
        segmented, reported = [], []
        for name in self.archive.instances().values():
            result = self.archive.fetch(name)
            if result.Modality == "SEG":
                segmented.append(result.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0].ReferencedSOPInstanceUID)
            else:
                reported.append(next(item.ReferencedSOPInstanceUID
                                     for study in result.CurrentRequestedProcedureEvidenceSequence
                                     for series in study.ReferencedSeriesSequence
                                     for item in series.ReferencedSOPSequence
                                     if item.ReferencedSOPInstanceUID in self.sent))
        return sorted(segmented), sorted(reported)

    def metrics(self):
        """What the node tells Prometheus: from "NAME{LABELS}" to a number."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.node.ready['metrics_port']}/metrics") as page:
            lines = page.read().decode().splitlines()
        figures = dict(line.rsplit(" ", 1) for line in lines if line.startswith("lingula_node_"))
        return {name.removeprefix("lingula_node_"): float(value) for name, value in figures.items()}

    def check_all_arrived_once(self):
        until(lambda: len(self.archive.instances()) >= 2 * len(self.sent), f"results of {len(self.sent)} pictures")
        segmented, reported = self.results()
        self.assertEqual(segmented, sorted(self.sent))
        self.assertEqual(reported, sorted(self.sent))
        until(lambda: not glob.glob(f"{self.folder}/spool/*.dcm"), "the spool to be empty")

    def test_nothing_is_lost_whoever_is_killed(self):
        for _ in range(2):
            self.assertTrue(self.send())
        self.check_all_arrived_once()
        figures = self.metrics()
        for step in ["received", "segmented", "stored"]:
            self.assertEqual(figures[f"pictures_{step}_total"], 2)
        self.assertEqual(figures['pictures_waiting{step="store"}'], 0)
        self.assertEqual(figures["oldest_picture_seconds"], 0)
        self.assertEqual(figures["spool_bytes"], 0)

        self.archive.kill()
        for _ in range(3):
            self.assertTrue(self.send())
        until(lambda: len(glob.glob(f"{self.folder}/spool/*.out.dcm")) == 6, "results to wait for the archive")
        until(lambda: self.metrics()['failures_total{step="store",reason="away"}'] > 0, "the archive to be missed")
        figures = self.metrics()
        self.assertEqual(figures['pictures_waiting{step="store"}'], 3)
        self.assertGreater(figures["oldest_picture_seconds"], 0)
        self.assertGreater(figures["spool_bytes"], 0)
        self.node.end(signal.SIGKILL)
        self.node.start()
        self.archive.revive()
        self.check_all_arrived_once()

        self.server.end(signal.SIGKILL)
        for _ in range(3):
            self.assertTrue(self.send())
        self.node.end(signal.SIGKILL)
        self.node.start()
        self.assertEqual(len(glob.glob(f"{self.folder}/spool/*.in.dcm")), 3)
        self.server.start()
        self.check_all_arrived_once()

        for _ in range(4):  # killed while it works; what it acknowledged counts
            self.send()
            self.node.end(signal.SIGKILL)
            self.node.start()
        self.check_all_arrived_once()
        self.assertEqual(self.node.end(), 0)

    def test_what_the_service_refuses_is_kept_with_the_reason(self):
        self.assertTrue(self.send(damage=True))
        until(lambda: glob.glob(f"{self.folder}/spool/refused/*.txt"), "the picture to be refused")
        with open(glob.glob(f"{self.folder}/spool/refused/*.txt")[0]) as reason:
            self.assertIn("INVALID_ARGUMENT", reason.read())
        self.assertEqual(len(glob.glob(f"{self.folder}/spool/refused/*.in.dcm")), 1)
        self.assertTrue(self.send())
        self.check_all_arrived_once()
        self.assertEqual(self.metrics()["pictures_refused_total"], 1)
        self.assertEqual(self.metrics()['failures_total{step="segment",reason="other"}'], 1)
        with open(f"{self.folder}/node.log") as log:
            text = log.read()
        self.assertIn("refused for good", text)
        for secret in [PATIENT, self.source.SOPInstanceUID, self.source.StudyInstanceUID]:
            self.assertNotIn(secret, text)
        names = " ".join(os.listdir(f"{self.folder}/spool") + os.listdir(f"{self.folder}/spool/refused"))
        self.assertNotRegex(names, "MARKER|2[.]25")

    def test_the_page_names_the_metrics_that_are_served(self):
        with open("docs/dicom-node.md") as page:
            named = set(re.findall(r"^\| `lingula_node_(\w+)`", page.read(), re.MULTILINE))
        self.assertEqual(named, {figure.split("{")[0] for figure in self.metrics()})


if __name__ == "__main__":
    unittest.main()
