"""What needs no server: the decision to retry, inputs, options, reprs, enums."""

import io
import pickle
import tempfile
import unittest
from pathlib import Path

import grpc
import lingula
import numpy as np
import pydicom
from lingula import enums, options, retry
from lingula.connection import is_loopback
from lingula.inputs import image_message
from lingula.v1 import guidance_pb2, image_pb2, mask_pb2, quality_pb2, segmentation_pb2, stream_pb2
from PIL import Image

CODE = grpc.StatusCode


class RetryTest(unittest.TestCase):
    POLICY = retry.RetryPolicy(
        max_attempts=4, first_wait=0.1, longest_wait=0.3, longest_wait_away=0.25, jitter=0.5
    )

    def test_decides_as_the_cpp_client_does(self):  # tests/client/retry_test.cc has the same table
        full, away = retry.Failure(CODE.RESOURCE_EXHAUSTED), retry.Failure(CODE.UNAVAILABLE)

        def asked(seconds, code=CODE.UNAVAILABLE):
            return retry.Failure(code, asked=seconds)

        for name, attempts, failure, left, chance, expected in (
            ("first", 1, full, 10, 0, 0.1),
            ("second doubles", 2, full, 10, 0, 0.2),
            ("third is bounded", 3, full, 10, 0, 0.3),
            ("attempts used up", 4, full, 10, 0, None),
            ("away doubles too", 2, away, 10, 0, 0.2),
            ("away is bounded sooner", 3, away, 10, 0, 0.25),
            ("away is waited for until the deadline", 4000, away, 10, 0, 0.25),
            ("away and the deadline is near", 40, away, 0.25, 0, None),
            ("gone in mid-call", 1, retry.Failure(CODE.CANCELLED), 10, 0, 0.1),
            ("jitter adds", 1, full, 10, 0.5, 0.125),
            ("asked replaces", 1, asked(1.7), 10, 0, 1.7),
            ("asked may be short", 3, asked(0.001), 10, 0, 0.001),
            ("asked plus jitter", 1, asked(1.0), 10, 0.5, 1.25),
            ("forbidden", 1, retry.Failure(CODE.UNAVAILABLE, forbidden=True), 10, 0, None),
            ("deadline comes first", 1, full, 0.1, 0, None),
            ("deadline within jitter", 1, full, 0.11, 0.9, None),
            ("deadline just after", 1, full, 0.101, 0, 0.1),
            ("absurd request", 1, asked(2.0**40), 10, 0.9, None),
            ("deadline passed", 1, full, -1, 0, None),
            ("bad argument", 1, asked(0.001, CODE.INVALID_ARGUMENT), 10, 0, None),
            ("internal", 1, asked(0.001, CODE.INTERNAL), 10, 0, None),
            ("overdue", 1, asked(0.001, CODE.DEADLINE_EXCEEDED), 10, 0, None),
        ):
            with self.subTest(name):
                wait = retry.wait_before_retry(self.POLICY, attempts, failure, left, chance)
                self.assertEqual(wait is None, expected is None)
                if expected is not None:
                    self.assertAlmostEqual(wait, expected)

    def test_one_attempt_means_one(self):
        policy = retry.RetryPolicy(max_attempts=1)
        for code in (CODE.RESOURCE_EXHAUSTED, CODE.UNAVAILABLE):
            self.assertIsNone(retry.wait_before_retry(policy, 1, retry.Failure(code), 10, 0))

    def test_attempts_are_counted_by_kind_and_time_is_that_of_the_call(self):
        now = [100.0]
        tries = retry.Tries(self.POLICY, 1.0, clock=lambda: now[0], chance=lambda: 0.0)
        self.assertAlmostEqual(tries.wait_after(retry.Failure(CODE.UNAVAILABLE)), 0.1)
        self.assertAlmostEqual(tries.wait_after(retry.Failure(CODE.RESOURCE_EXHAUSTED)), 0.1)
        self.assertAlmostEqual(tries.wait_after(retry.Failure(CODE.UNAVAILABLE)), 0.2)
        now[0] += 0.75
        self.assertAlmostEqual(tries.left(), 0.25)
        self.assertIsNone(tries.wait_after(retry.Failure(CODE.UNAVAILABLE)))
        now[0] += 9
        self.assertEqual(tries.left(), 0)


class InputTest(unittest.TestCase):
    def refused(self, words, image, **more):
        with self.assertRaises(lingula.InvalidInput) as caught:
            image_message(image, **more)
        self.assertIn(words, str(caught.exception))
        self.assertIsInstance(caught.exception, ValueError)

    def test_files_and_bytes_travel_as_they_are(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.png"
            path.write_bytes(b"abc")
            for image in (path, str(path), b"abc", bytearray(b"abc"), memoryview(b"abc")):
                self.assertEqual(image_message(image, frame=3), image_pb2.Image(encoded=b"abc", frame_number=3))
            with self.assertRaises(FileNotFoundError):
                image_message(Path(folder) / "b.png")

    def test_arrays_become_raw_pixels(self):
        grey = np.arange(6, dtype=np.uint8).reshape(2, 3)
        raw = image_message(grey).raw
        self.assertEqual((raw.width, raw.height, raw.format), (3, 2, image_pb2.PIXEL_FORMAT_GRAY8))
        self.assertEqual(raw.data, bytes(range(6)))
        self.assertEqual(image_message(grey[:, :, None]).raw, raw)
        self.assertEqual(image_message(grey.T).raw.data, bytes([0, 3, 1, 4, 2, 5]), "rows of a view")
        deep = np.array([[1, 258]], dtype=">u2")
        self.assertEqual(image_message(deep).raw.data, b"\x01\x00\x02\x01")
        self.assertEqual(image_message(deep).raw.format, image_pb2.PIXEL_FORMAT_GRAY16)
        colour = np.zeros((4, 5, 3), np.uint8)
        self.assertEqual(image_message(colour).raw.format, image_pb2.PIXEL_FORMAT_RGB8)
        self.assertEqual(image_message(colour, color="bgr").raw.format, image_pb2.PIXEL_FORMAT_BGR8)

    def test_network_input(self):
        values = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
        tensor = image_message(lingula.NetworkInput(values)).tensor
        self.assertEqual(list(tensor.shape), [3, 2, 2])
        self.assertEqual(tensor.data, values.tobytes())
        self.refused("must be float32", lingula.NetworkInput(values.astype(np.float64)))
        self.refused("must be float32", lingula.NetworkInput([1, 2]))

    def test_what_cannot_be_sent_says_what_to_do(self):
        self.refused("cannot send a NoneType", None)
        self.refused("cannot send a list", [[1, 2]])
        self.refused("scale it to uint8 or uint16", np.zeros((2, 2), np.float32))
        self.refused("image[:, :, :3]", np.zeros((2, 2, 4), np.uint8))
        for image in (np.zeros((2, 2), bool), np.zeros((0, 2), np.uint8), np.zeros((2, 2, 2), np.uint8)):
            self.refused("pixels are uint8 or uint16", image)
        self.refused("'rgb' or 'bgr'", np.zeros((2, 2, 3), np.uint8), color="grb")

    def test_a_data_set_that_cannot_be_written_tells_nothing_of_the_patient(self):
        dataset = pydicom.Dataset()
        dataset.PatientName = "Doe^Jane"
        with self.assertRaises(lingula.InvalidInput) as caught:
            image_message(dataset)
        self.assertIn("TransferSyntaxUID", str(caught.exception))
        self.assertNotIn("Doe", repr(caught.exception) + str(caught.exception.__cause__))
        self.assertTrue(caught.exception.__suppress_context__)


class OptionsTest(unittest.TestCase):
    def test_defaults_ask_for_bits_and_words(self):
        request = options.segment_request(b"x", {})
        self.assertEqual(list(request.mask_formats), [mask_pb2.MASK_FORMAT_PACKED_BITS])
        self.assertTrue(request.want_location_text)
        self.assertFalse(request.HasField("threshold"))
        self.assertFalse(request.HasField("guidance"))

    def test_every_option_arrives(self):
        mask = np.eye(3)
        request = options.segment_request(
            b"x",
            dict(
                model="m@1", modality=lingula.Modality.CHEST_XRAY, report="both lungs", threshold=0.0,
                viewer_left=lingula.ViewerLeft.IS_PATIENT_LEFT, location=False, probabilities="uint8",
                forms=[lingula.MaskFormat.POLYGONS, lingula.MaskFormat.PACKED_BITS], reference=mask,
                second_opinion=True, structured_report=True, locale="en", request_id="r1", frame=2,
            ),
        )  # fmt: skip
        self.assertEqual((request.model, request.modality, request.viewer_left), ("m@1", 1, 2))
        self.assertEqual(request.guidance.mode, guidance_pb2.GUIDANCE_MODE_REPORT)
        self.assertEqual((request.threshold, request.HasField("threshold")), (0.0, True))
        self.assertEqual(list(request.mask_formats), [4, 6, 5], "each once")
        self.assertEqual((request.request_id, request.locale, request.image.frame_number), ("r1", "en", 2))
        self.assertTrue(request.want_second_opinion and request.want_structured_report)
        self.assertFalse(request.want_location_text)
        sent = np.array(Image.open(io.BytesIO(request.reference_mask)))
        self.assertTrue(np.array_equal(sent, mask.astype(np.uint8) * 255))

    def test_of_streams(self):
        settings = options.stream_settings(
            dict(policy=lingula.StreamPolicy.FRESHEST, max_frame_age=0.25, smoothing=0.5, probabilities=True)
        )
        self.assertEqual((settings.policy, settings.max_frame_age_ms, settings.smoothing), (2, 250, 0.5))
        self.assertEqual(list(settings.mask_formats), [4, 7])

    def test_a_slip_of_the_pen_is_no_default(self):
        with self.assertRaisesRegex(TypeError, "no such option: treshold; there are .*threshold"):
            options.segment_request(b"x", {"treshold": 0.5})
        with self.assertRaisesRegex(TypeError, "second_opinion"):
            options.stream_settings({"second_opinion": True})
        with self.assertRaises(lingula.InvalidInput):
            options.segment_request(b"x", {"probabilities": "float64"})
        with self.assertRaises(lingula.InvalidInput):
            options.segment_request(b"x", {"reference": np.zeros((2, 2, 3))})


class ConnectionTest(unittest.TestCase):
    def test_loopback(self):
        for target in (
            "127.0.0.1:1", "127.8.0.1:1", "localhost:1", "LOCALHOST", "[::1]:80", "::1", "unix:/tmp/s",
            "dns:///localhost:1", "ipv4:127.0.0.1:1,127.0.0.2:1", "ipv6:[::1]:1",
        ):  # fmt: skip
            self.assertTrue(is_loopback(target), target)
        for target in (
            "10.0.0.1:1", "example.org:1", "localhost.example.org:1", "dns:///example.org:1", "[fe80::1]:1",
            "ipv4:127.0.0.1:1,10.0.0.1:1", "127.0.0.1.example.org:1", "", "xds:///localhost-service",
        ):  # fmt: skip
            self.assertFalse(is_loopback(target), target)

    def test_a_token_never_travels_in_clear(self):
        with tempfile.NamedTemporaryFile("w") as file:
            for secret in ({"token": "s3cret"}, {"token_file": file.name}):
                for kind in (lingula.Client, lingula.AsyncClient):
                    with self.assertRaises(lingula.InvalidInput) as caught:
                        kind("example.org:8500", **secret)
                    self.assertIn("in clear", str(caught.exception))
                    self.assertNotIn("s3cret", str(caught.exception))
                with lingula.Client("example.org:8500", tls=True, **secret):
                    pass

    def test_contradictions(self):
        with self.assertRaisesRegex(lingula.InvalidInput, "both or neither"):
            lingula.Client(certificate_file="a.pem")
        with self.assertRaisesRegex(lingula.InvalidInput, "one of them"):
            lingula.Client(token="a", token_file="b")
        with self.assertRaises(FileNotFoundError):
            lingula.Client(ca_file="no-such.pem")

    def test_nothing_secret_is_printed(self):
        with lingula.Client("127.0.0.1:1", token="s3cret") as client:
            self.assertEqual(repr(client), "Client('127.0.0.1:1')")


class EnumTest(unittest.TestCase):
    def test_names_and_numbers_are_those_of_the_protos(self):
        for own, wire, prefix in (
            (enums.Flag, quality_pb2.Flag, "FLAG_"),
            (enums.Modality, image_pb2.Modality, "MODALITY_"),
            (enums.ViewerLeft, image_pb2.ViewerLeft, "VIEWER_LEFT_"),
            (enums.GuidanceMode, guidance_pb2.GuidanceMode, "GUIDANCE_MODE_"),
            (enums.Zone, guidance_pb2.Zone, "ZONE_"),
            (enums.PatientSide, segmentation_pb2.PatientSide, "PATIENT_SIDE_"),
            (enums.BatchCut, segmentation_pb2.BatchCut, "BATCH_CUT_"),
            (enums.MaskFormat, mask_pb2.MaskFormat, "MASK_FORMAT_"),
            (enums.StreamPolicy, stream_pb2.StreamPolicy, "STREAM_POLICY_"),
            (enums.DropReason, stream_pb2.DropReason, "DROP_REASON_"),
        ):
            expected = {name[len(prefix) :]: number for name, number in wire.items()}
            self.assertEqual({member.name: member.value for member in own}, expected)

    def test_a_newer_server_may_know_more(self):
        self.assertEqual((enums.Flag(99).name, int(enums.Flag(99))), ("UNKNOWN_99", 99))
        with self.assertRaises(ValueError):
            enums.Flag("new")


class ErrorTest(unittest.TestCase):
    def test_crosses_processes(self):
        violation = lingula.FieldViolation("image", "is empty")
        error = lingula.InvalidArgument("image: is empty", violations=(violation,), retry_after=2.0)
        copy = pickle.loads(pickle.dumps(error))
        self.assertEqual((type(copy), str(copy)), (lingula.InvalidArgument, "image: is empty"))
        self.assertEqual((copy.violations, copy.retry_after), ((violation,), 2.0))
        self.assertEqual(copy.code, CODE.INVALID_ARGUMENT)


if __name__ == "__main__":
    unittest.main()
