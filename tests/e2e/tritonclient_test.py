"""The server seen through Triton's own client, unmodified. Run from the repository's root:

    PYTHONPATH=third_party/tritonclient python3 tests/e2e/tritonclient_test.py BIN_FOLDER
"""

import json
import os
import queue
import struct
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy as np
    import tritonclient.grpc as triton
    from tritonclient.utils import InferenceServerException
except ImportError as error:
    sys.exit(f"tritonclient is missing ({error}): ./dev test fetches it into third_party/tritonclient")

BUNDLES = "model/bundles"
MODEL = "cxr-sgseg-compact"
FILMS = ["tests/testdata/xray/a2eba651.jpg", "tests/testdata/xray/865336ed.jpg"]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def safetensors(path):
    """Arrays of a safetensors file by name; float32 only."""
    content = read(path)
    (length,) = struct.unpack_from("<Q", content)
    arrays = {}
    for name, entry in json.loads(content[8 : 8 + length]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            body = content[8 + length + begin : 8 + length + end]
            arrays[name] = np.frombuffer(body, np.float32).reshape(entry["shape"])
    return arrays


def files_input(files):
    array = np.array([[file] for file in files], dtype=np.object_)
    tensor = triton.InferInput("IMAGE", array.shape, "BYTES")
    tensor.set_data_from_numpy(array)
    return [tensor]


def tensor_input(array):
    tensor = triton.InferInput("TENSOR", array.shape, "FP32")
    tensor.set_data_from_numpy(np.ascontiguousarray(array))
    return [tensor]


def outputs(*names):
    return [triton.InferRequestedOutput(name) for name in names]


class TritonClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory()
        config = os.path.join(cls.dir.name, "server.textproto")
        with open(config, "w", encoding="ascii") as file:
            file.write(f'model_repository: "{os.path.abspath(BUNDLES)}"\n')
            file.write(f'models {{ name: "{MODEL}" version: "1" }}\n')
        cls.log = open(os.path.join(cls.dir.name, "log"), "wb")
        cls.server = subprocess.Popen(
            [f"{BIN}/lingula-server", "--config", config, "--port", "0", "--metrics-port", "0"],
            stdout=subprocess.PIPE,
            stderr=cls.log,
        )
        ready = cls.server.stdout.readline()
        if not ready:
            sys.exit(f"the server did not start: {read(cls.log.name).decode(errors='replace')}")
        cls.address = f"127.0.0.1:{json.loads(ready)['grpc_port']}"
        cls.client = triton.InferenceServerClient(cls.address)

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.server.terminate()
        status = cls.server.wait(60)
        cls.server.stdout.close()
        cls.log.close()
        cls.dir.cleanup()
        assert status == 0, f"the server ended with {status} after SIGTERM"

    def infer(self, inputs, *names, **options):
        return self.client.infer(MODEL, inputs, outputs=outputs(*names) or None, **options)

    def refuses(self, code, words, inputs, *names, **options):
        with self.assertRaises(InferenceServerException) as caught:
            self.client.infer(
                options.pop("model_name", MODEL), inputs, outputs=outputs(*names) or None, **options
            )
        self.assertEqual(caught.exception.status(), f"StatusCode.{code}")
        self.assertIn(words, caught.exception.message())

    def test_is_live_and_ready(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        self.assertTrue(self.client.is_model_ready(MODEL))
        self.assertTrue(self.client.is_model_ready(MODEL, "1"))
        self.assertFalse(self.client.is_model_ready(MODEL, "2"))
        self.assertFalse(self.client.is_model_ready("other"))

    def test_describes_itself(self):
        self.assertEqual(self.client.get_server_metadata().name, "lingula")
        metadata = self.client.get_model_metadata(MODEL)
        self.assertEqual(list(metadata.versions), ["1"])
        inputs = {tensor.name: tensor for tensor in metadata.inputs}
        self.assertEqual(list(inputs["TENSOR"].shape), [-1, 1, 224, 224])
        self.assertEqual(inputs["IMAGE"].datatype, "BYTES")
        config = self.client.get_model_config(MODEL).config
        self.assertEqual(config.max_batch_size, 64)
        self.assertEqual(config.input[1].data_type, 11)
        self.assertEqual(config.platform, "lingula_sgseg")
        index = self.client.get_model_repository_index().models
        self.assertEqual([(m.name, m.version, m.state) for m in index], [(MODEL, "1", "READY")])
        with self.assertRaises(InferenceServerException) as caught:
            self.client.get_model_metadata("other")
        self.assertEqual(caught.exception.status(), "StatusCode.NOT_FOUND")

    def test_masks_are_those_of_segment(self):
        native = []
        for film in FILMS:
            command = [f"{BIN}/lingula", "segment", film, "--server", self.address, "--out"]
            subprocess.run([*command, self.dir.name], check=True, stdout=subprocess.DEVNULL)
            name = os.path.splitext(os.path.basename(film))[0]
            native.append(read(os.path.join(self.dir.name, f"{name}.mask.png")))
        answer = self.infer(files_input([read(film) for film in FILMS]), request_id="pair-1")
        self.assertEqual(answer.as_numpy("MASK_PNG").tolist(), native)
        self.assertTrue(np.all(answer.as_numpy("EXPECTED_DICE") > 0.5))
        self.assertIn(b"side of the image", answer.as_numpy("TEXT")[0])
        self.assertIn(b"LOSSY_INPUT", answer.as_numpy("FLAGS")[0])
        self.assertIsNone(answer.as_numpy("MASK"), "sizes may differ: only on request")
        self.assertEqual(answer.get_response().id, "pair-1")
        self.assertEqual(answer.get_response().model_version, "1")

    def test_masks_as_arrays_of_pictures(self):
        answer = self.infer(files_input([read(FILMS[0])]), "MASK", "PROBABILITIES")
        mask = answer.as_numpy("MASK")
        self.assertEqual(mask.shape, answer.as_numpy("PROBABILITIES").shape)
        self.assertTrue(np.array_equal(mask == 1, answer.as_numpy("PROBABILITIES") >= 0.5))

    def test_tensors_give_what_the_bundle_promises(self):
        golden = safetensors(f"{BUNDLES}/{MODEL}/1/golden.safetensors")
        answer = self.infer(tensor_input(golden["pixels"]))
        got = answer.as_numpy("PROBABILITIES")
        wanted = golden["probabilities"].transpose(0, 2, 1)  # this model's input is transposed
        self.assertEqual(got.shape, wanted.shape)
        self.assertLess(float(np.abs(got - wanted).mean()), 0.01)
        mask = answer.as_numpy("MASK")
        self.assertEqual(mask.dtype, np.uint8)
        self.assertTrue(np.array_equal(mask == 1, got >= 0.5))
        again = self.infer(tensor_input(golden["pixels"][1:]), "PROBABILITIES")
        self.assertTrue(np.array_equal(again.as_numpy("PROBABILITIES")[0], got[1]))

    def test_parameters_guide_the_mask(self):
        report = "Unilateral pulmonary infection, one infected area, lower left lung."
        film = files_input([read(FILMS[0])])
        guided = self.infer(film, "MASK", parameters={"report": report})
        high = self.infer(film, "MASK", parameters={"threshold": 0.9})
        own = self.infer(film, "MASK").as_numpy("MASK")
        self.assertFalse(np.array_equal(guided.as_numpy("MASK"), own))
        self.assertLess(high.as_numpy("MASK").sum(), own.sum())

    def test_calls_run_beside_each_other(self):
        answers = queue.Queue()
        film = files_input([read(FILMS[0])])
        alone = self.infer(film).as_numpy("MASK_PNG").tolist()
        for _ in range(16):
            self.client.async_infer(
                MODEL, film, lambda result, error: answers.put((result, error)), client_timeout=60
            )
        for _ in range(16):
            result, error = answers.get(timeout=60)
            self.assertIsNone(error)
            self.assertEqual(result.as_numpy("MASK_PNG").tolist(), alone)

    def test_mistakes_have_their_codes(self):
        film = read(FILMS[0])
        zeros = np.zeros((1, 1, 224, 224), np.float32)
        odd = zeros.copy()
        odd[0, 0, 0, 3] = np.nan
        one = files_input([film])
        self.refuses("NOT_FOUND", "loaded: cxr-sgseg-compact@1", one, model_name="other")
        self.refuses("NOT_FOUND", "no such model", one, model_version="7")
        self.refuses("INVALID_ARGUMENT", "IMAGE[1]: ", files_input([film, film[:3000]]))
        self.refuses("INVALID_ARGUMENT", "TENSOR: must be FP32", tensor_input(zeros[0]))
        self.refuses("INVALID_ARGUMENT", "TENSOR[0]: value 3 ", tensor_input(odd))
        self.refuses("INVALID_ARGUMENT", "inputs: ", one + tensor_input(zeros))
        self.refuses("INVALID_ARGUMENT", "outputs[0].name", one, "LOGITS")
        self.refuses("INVALID_ARGUMENT", "parameters: ", one, parameters={"treshold": 0.5})
        self.refuses("UNIMPLEMENTED", "IMAGE[0]: ", files_input([b"GIF89a" + bytes(64)]))
        self.refuses("DEADLINE_EXCEEDED", "", one, timeout=1)
        self.assertEqual(self.infer(one).as_numpy("MASK_PNG").shape, (1,))


if __name__ == "__main__":
    BIN = sys.argv.pop(1)
    unittest.main()
