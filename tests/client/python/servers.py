"""Servers to call: the real one, and one that says what a test tells it to."""

import json
import os
import subprocess
import tempfile
from concurrent import futures

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from lingula.v1 import segmentation_pb2 as pb

BUNDLES = os.path.abspath("model/bundles")
FILM = "tests/testdata/xray/a2eba651.jpg"
FRAME = "tests/testdata/endoscopy/polypgen_c2_001221.jpg"
POLYP = "polyp-prolearn-compact"


class RealServer:
    """lingula-server with the shipped bundles on a free port."""

    def __init__(self, extra="", models=("cxr-sgseg-compact", POLYP)):
        self._folder = tempfile.TemporaryDirectory()
        self._config = os.path.join(self._folder.name, "server.textproto")
        with open(self._config, "w", encoding="ascii") as file:
            file.write(f'model_repository: "{BUNDLES}"\n{extra}\n')
            file.writelines(f'models {{ name: "{model}" }}\n' for model in models)
        self._process = None
        self.start("0")

    def start(self, port=None):
        log = os.path.join(self._folder.name, "log")
        with open(log, "ab") as file:
            self._process = subprocess.Popen(
                [os.path.join(os.environ["LINGULA_BIN"], "lingula-server"), "--config", self._config]
                + ["--port", port or str(self.port), "--metrics-port", "0"],
                stdout=subprocess.PIPE,
                stderr=file,
            )
        line = self._process.stdout.readline()
        if not line:
            with open(log, encoding="utf-8", errors="replace") as file:
                raise RuntimeError(f"the server did not start: {file.read()}")
        self.port = json.loads(line)["grpc_port"]
        self.target = f"127.0.0.1:{self.port}"

    def stop(self):
        self._process.terminate()
        status = self._process.wait(60)
        self._process.stdout.close()
        assert status == 0, f"the server ended with {status} after SIGTERM"

    def log(self):
        with open(os.path.join(self._folder.name, "log"), encoding="utf-8") as file:
            return file.read()

    def close(self):
        self.stop()
        self._folder.cleanup()


def status(code, message, *details, trailers=()):
    """What Script takes for a failed attempt: google.rpc details and other trailing metadata."""
    whole = status_pb2.Status(code=code.value[0], message=message)
    for detail in details:
        packed = any_pb2.Any()
        packed.Pack(detail)
        whole.details.append(packed)
    metadata = [("grpc-status-details-bin", whole.SerializeToString())] if details else []
    return code, message, [*metadata, *trailers]


def retry_info(milliseconds):
    info = error_details_pb2.RetryInfo()
    info.retry_delay.FromMilliseconds(milliseconds)
    return info


class ScriptedServer:
    """Answers Segment with what `script` holds, in its order, and then with a small mask."""

    def __init__(self, credentials=None):
        self.script = []
        self.metadata = []  # of each attempt
        self.requests = []
        self._server = grpc.server(futures.ThreadPoolExecutor(4))
        handler = grpc.unary_unary_rpc_method_handler(
            self._segment, pb.SegmentRequest.FromString, pb.SegmentResponse.SerializeToString
        )
        service = grpc.method_handlers_generic_handler("lingula.v1.Segmentation", {"Segment": handler})
        self._server.add_generic_rpc_handlers((service,))
        if credentials is None:
            self.port = self._server.add_insecure_port("127.0.0.1:0")
        else:
            self.port = self._server.add_secure_port("127.0.0.1:0", credentials)
        self.target = f"127.0.0.1:{self.port}"
        self._server.start()

    def _segment(self, request, context):
        self.requests.append(request)
        self.metadata.append(dict(context.invocation_metadata()))
        if self.script:
            code, message, trailers = self.script.pop(0)
            context.set_trailing_metadata(tuple(trailers))
            context.abort(code, message)
        answer = pb.SegmentResponse(request_id=request.request_id or "made")
        answer.masks.add(format=4, width=9, height=2, packed_bits=b"\x80\x80\x01\x00")
        answer.flags.extend([2, 99])
        return answer

    def close(self):
        self._server.stop(0).wait()
