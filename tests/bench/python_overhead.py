"""What the Python package adds to a call over the bare stub: pairs of calls at 224 x 224 grey pixels.

    PYTHONPATH=client/python/src:third_party/pythonclient python3 tests/bench/python_overhead.py BIN_FOLDER [PAIRS]

Run from the repository's root. Starts a lingula-server of its own. Of each call the time that the server says it took
is left out, since passes differ by more than what is looked for.
"""

import json
import random
import statistics
import subprocess
import sys
import time

import grpc
import lingula
import numpy as np
from lingula.v1 import image_pb2, mask_pb2, segmentation_pb2, segmentation_pb2_grpc


def main():
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    server = subprocess.Popen(
        [f"{sys.argv[1]}/lingula-server", "--config", "deploy/server.textproto", "--port", "0", "--metrics-port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    target = f"127.0.0.1:{json.loads(server.stdout.readline())['grpc_port']}"
    pixels = np.random.default_rng(0).integers(0, 256, (224, 224), np.uint8)
    segment = segmentation_pb2_grpc.SegmentationStub(grpc.insecure_channel(target)).Segment
    client = lingula.Client(target)

    def bare():
        raw = image_pb2.RawImage(width=224, height=224, format=image_pb2.PIXEL_FORMAT_GRAY8, data=pixels.tobytes())
        request = segmentation_pb2.SegmentRequest(
            image=image_pb2.Image(raw=raw),
            mask_formats=[mask_pb2.MASK_FORMAT_PACKED_BITS],
            want_location_text=True,
        )
        return segment(request, timeout=30).timing.total_us

    def typed():
        return client.segment(pixels).timing.total_us

    def outside_us(call):
        began = time.perf_counter()
        total_us = call()
        return (time.perf_counter() - began) * 1e6 - total_us

    def cpu_us(call):
        began = time.process_time()
        call()
        return (time.process_time() - began) * 1e6

    for measure, what in ((outside_us, "time outside the server"), (cpu_us, "processor time of the client")):
        took = {bare: [], typed: []}
        for pair in range(pairs + 20):
            for call in (bare, typed) if random.random() < 0.5 else (typed, bare):
                figure = measure(call)
                if pair >= 20:
                    took[call].append(figure)
        differences = [own - alone for own, alone in zip(took[typed], took[bare])]
        low, middle, high = statistics.quantiles(differences, n=4)
        print(
            f"{what}: bare {statistics.median(took[bare]):.0f} us, the package adds {middle:.0f} us "
            f"(median of {pairs} pairs' differences; quartiles {low:.0f} to {high:.0f})"
        )
    server.terminate()
    server.wait()


if __name__ == "__main__":
    main()
