"""A real lingula-server and traffic of all kinds, so that every metric has something to say."""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import grpc

PB = tempfile.TemporaryDirectory()
subprocess.run(
    ["protoc", "-Iproto", f"--python_out={PB.name}", *glob.glob("proto/lingula/v1/*.proto")], check=True
)
sys.path.insert(0, PB.name)
from lingula.v1 import image_pb2, models_pb2, segmentation_pb2, stream_pb2  # noqa: E402

CHEST, POLYP = "cxr-sgseg-compact", "polyp-prolearn-compact"
BLACK = bytes(224 * 224)


def read(path):
    """The bytes of a file."""
    with open(path, "rb") as file:
        return file.read()


class Server:
    """lingula-server with the shipped bundles; version 2 of one cannot be loaded."""

    def __init__(self, programs):
        self.programs = programs
        self.dir = tempfile.TemporaryDirectory()
        models = f"{self.dir.name}/models"
        shutil.copytree("model/bundles", models)
        self.copy_version("cxr-prolearn-compact")
        with open(f"{models}/cxr-prolearn-compact/2/weights.safetensors", "r+b") as file:
            file.seek(100000)
            file.write(b"x")
        config = f"{self.dir.name}/server.textproto"
        with open(config, "w", encoding="ascii") as file:
            file.write(f'model_repository: "{models}"\nport: 0\nmetrics_port: 0\nadmin_port: 0\n')
            file.write("batching { max_queued: 24 }\n")
        self.log = open(f"{self.dir.name}/log", "wb")
        self.process = subprocess.Popen(
            [f"{programs}/lingula-server", "--config", config], stdout=subprocess.PIPE, stderr=self.log
        )
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the server did not start: {read(self.log.name).decode(errors='replace')}")
        self.ports = json.loads(line)

    def copy_version(self, name):
        """Version 1 as version 2."""
        folder = f"{self.dir.name}/models/{name}"
        shutil.copytree(f"{folder}/1", f"{folder}/.2")
        manifest = f"{folder}/.2/manifest.textproto"
        text = read(manifest).decode()
        with open(manifest, "w", encoding="utf-8") as file:
            file.write(text.replace('version: "1"', 'version: "2"', 1))
        os.rename(f"{folder}/.2", f"{folder}/2")

    def admin(self, *words):
        """`lingula admin`."""
        command = [f"{self.programs}/lingula", "admin", *words]
        subprocess.run(
            [*command, "--server", f"127.0.0.1:{self.ports['admin_port']}"], check=True, stdout=subprocess.DEVNULL
        )

    def stop(self):
        """SIGTERM; the exit status."""
        self.process.terminate()
        status = self.process.wait(60)
        self.process.stdout.close()
        self.log.close()
        self.dir.cleanup()
        return status


class Traffic:
    """Callers of all kinds, each on a thread, until stop()."""

    def __init__(self, port):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.segment = self._unary("Segmentation/Segment", segmentation_pb2.SegmentRequest)
        self.list_models = self._unary("Models/ListModels", models_pb2.ListModelsRequest)
        self.stream = self.channel.stream_stream(
            "/lingula.v1.Segmentation/SegmentStream",
            segmentation_pb2.SegmentStreamRequest.SerializeToString,
            segmentation_pb2.SegmentStreamResponse.FromString,
        )
        self.stopping = threading.Event()
        self.threads = []
        self.films = [read(path) for path in sorted(glob.glob("tests/testdata/xray/*.jpg"))]
        self.frames = [read(path) for path in sorted(glob.glob("tests/testdata/endoscopy/*.jpg"))]

    def _unary(self, method, request):
        return self.channel.unary_unary(
            f"/lingula.v1.{method}", request.SerializeToString, lambda answer: answer
        )

    def start(self, caller, times=1):
        """Runs `caller` again and again on threads of its own."""
        for _ in range(times):
            self.threads.append(threading.Thread(target=self._repeat, args=(caller,)))
            self.threads[-1].start()

    def _repeat(self, caller):
        while not self.stopping.is_set():
            try:
                caller()
            except grpc.RpcError:  # refused, expired, cancelled: that is what is to be counted
                time.sleep(0.2)

    def stop(self):
        """All callers end."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        self.channel.close()

    def patient(self):
        """A film, and time to wait."""
        for film in self.films:
            request = segmentation_pb2.SegmentRequest(model=CHEST, want_location_text=True)
            request.image.encoded = film
            self.segment(request, timeout=10)

    def hasty(self):
        """Raw pixels with little time: often refused at the door."""
        request = segmentation_pb2.SegmentRequest(model=CHEST)
        request.image.raw.CopyFrom(
            image_pb2.RawImage(width=224, height=224, format=image_pb2.PIXEL_FORMAT_GRAY8, data=BLACK)
        )
        self.segment(request, timeout=0.06)

    def fickle(self):
        """Gives up in the middle."""
        request = segmentation_pb2.SegmentRequest(model=POLYP)
        request.image.encoded = self.frames[0]
        call = self.segment.future(request, timeout=5)
        time.sleep(0.005)
        call.cancel()
        time.sleep(0.1)

    def mistaken(self):
        """Asks for what is not there, and lists what is."""
        self.list_models(models_pb2.ListModelsRequest(), timeout=5)
        time.sleep(0.1)
        self.segment(segmentation_pb2.SegmentRequest(model="nobody"), timeout=5)

    def camera(self):
        """Thirty frames, faster than the network follows."""
        settings = segmentation_pb2.StreamSettings(model=POLYP, policy=stream_pb2.STREAM_POLICY_FRESHEST)

        def frames():
            yield segmentation_pb2.SegmentStreamRequest(settings=settings)
            for number in range(30):
                frame = segmentation_pb2.Frame(number=number)
                frame.image.encoded = self.frames[0] if number else self.frames[0][:3000]
                yield segmentation_pb2.SegmentStreamRequest(frame=frame)
                time.sleep(0.01)

        for _ in self.stream(frames(), timeout=20):
            pass
