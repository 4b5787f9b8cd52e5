"""client/service_config.json does for a bare gRPC client what our own clients do for theirs."""

import json
import threading
import time
import unittest

import grpc
from lingula.v1 import models_pb2, segmentation_pb2
from lingula.v1 import segmentation_pb2_grpc as rpc
from servers import FILM, RealServer, ScriptedServer, retry_info, status

CODE = grpc.StatusCode
with open("client/service_config.json", encoding="ascii") as file:
    CONFIG = file.read()


def stub_of(test, server):
    channel = grpc.insecure_channel(server.target, options=[("grpc.service_config", CONFIG)])
    test.addCleanup(channel.close)
    return rpc.SegmentationStub(channel)


class ServiceConfigTest(unittest.TestCase):
    def test_names_what_there_is(self):
        services = {}
        for module in (segmentation_pb2, models_pb2):
            for service in module.DESCRIPTOR.services_by_name.values():
                services[service.full_name] = {method.name for method in service.methods}
        named = [name for method in json.loads(CONFIG)["methodConfig"] for name in method["name"]]
        self.assertEqual({name["service"] for name in named}, set(services))
        for name in named:
            self.assertIn(name.get("method", ""), {"", *services[name["service"]]})

    def test_what_may_be_repeated_is(self):
        server = ScriptedServer()
        self.addCleanup(server.close)
        stub = stub_of(self, server)
        pushback = [("grpc-retry-pushback-ms", "1")]
        server.script[:] = [
            status(CODE.UNAVAILABLE, "draining"),
            status(CODE.RESOURCE_EXHAUSTED, "full", retry_info(1), trailers=pushback),
            status(CODE.CANCELLED, "gone"),
        ]
        stub.Segment(segmentation_pb2.SegmentRequest())
        self.assertEqual(len(server.requests), 4)
        server.script.append(status(CODE.INVALID_ARGUMENT, "no"))
        with self.assertRaises(grpc.RpcError) as caught:
            stub.Segment(segmentation_pb2.SegmentRequest())
        self.assertEqual((caught.exception.code(), len(server.requests)), (CODE.INVALID_ARGUMENT, 5))

    def test_a_restart_fails_no_call(self):
        server = RealServer(models=("cxr-sgseg-compact",))
        self.addCleanup(server.close)
        stub = stub_of(self, server)
        request = segmentation_pb2.SegmentRequest()
        with open(FILM, "rb") as film:
            request.image.encoded = film.read()
        masks, errors, stop = [], [], threading.Event()

        def work():
            while not stop.is_set() and not errors:
                try:
                    masks.append(stub.Segment(request).masks[0].png)
                except grpc.RpcError as error:
                    errors.append(error)

        worker = threading.Thread(target=work)
        worker.start()
        self.wait_for(masks, 2, errors)
        server.stop()
        before = len(masks)
        server.start()
        self.wait_for(masks, before + 2, errors)
        stop.set()
        worker.join()
        self.assertEqual((errors, len(set(masks))), ([], 1))

    def wait_for(self, masks, count, errors):
        end = time.monotonic() + 120
        while len(masks) < count and not errors and time.monotonic() < end:
            time.sleep(0.01)
        self.assertEqual(errors, [])
        self.assertGreaterEqual(len(masks), count)


if __name__ == "__main__":
    unittest.main()
