"""The client and the real server: every kind of input, every part of an answer, every class of error."""

import io
import unittest
from pathlib import Path

import grpc
import lingula
import numpy as np
import pydicom
from lingula.v1 import segmentation_pb2
from PIL import Image
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid
from servers import FILM, FRAME, POLYP, RealServer

SERVER = None


def setUpModule():
    global SERVER
    SERVER = RealServer(extra="limits { max_image_pixels: 2000000 }")


def tearDownModule():
    SERVER.close()


def pixels(path=FILM):
    return np.array(Image.open(path))


def data_set(image, name="Doe^Jane"):
    """A small X-ray of DX kind as pydicom holds it."""
    dataset = pydicom.Dataset()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.SOPInstanceUID = generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    dataset.PatientName, dataset.PatientID = name, "4711"
    dataset.Modality = "DX"
    dataset.PatientOrientation = ["L", "F"]
    dataset.Rows, dataset.Columns = image.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = image.tobytes()
    return dataset


class ClientTest(unittest.TestCase):
    def setUp(self):
        self.client = lingula.Client(SERVER.target)
        self.addCleanup(self.client.close)

    def test_answers_are_whole(self):
        result = self.client.segment(
            FILM,
            probabilities=True,
            second_opinion=True,
            viewer_left=lingula.ViewerLeft.IS_PATIENT_RIGHT,
            request_id="whole-1",
        )
        self.assertEqual(result.request_id, "whole-1")
        self.assertEqual(str(result.model), "cxr-sgseg-compact@1")
        self.assertEqual(len(result.model.weights_sha256), 64)
        self.assertEqual((result.mask.shape, result.mask.dtype), ((1024, 1024), np.bool_))
        self.assertEqual(result.mask.sum(), result.quality.foreground_pixels)
        self.assertEqual(result.probabilities.dtype, np.float32)
        self.assertTrue(np.array_equal(result.mask, result.probabilities >= result.threshold))
        quality = result.quality
        self.assertLessEqual(quality.interval.low, quality.expected_dice)
        self.assertLessEqual(quality.expected_dice, quality.interval.high)
        self.assertAlmostEqual(quality.sum_probability, float(result.probabilities.sum()), delta=5)
        self.assertIn(lingula.Flag.LOSSY_INPUT, result.flags)
        self.assertIn("patient's right lung", result.location.sentence)
        self.assertEqual(result.location.findings[0].patient_side, lingula.PatientSide.RIGHT)
        self.assertEqual(list(result.guidance.zones), list(lingula.Zone)[1:])
        self.assertIn("lung", result.guidance.model_input_report)
        self.assertGreater(result.timing.infer_us, 0)
        self.assertGreaterEqual(result.timing.total_us, result.timing.infer_us)
        self.assertIn("esearch", result.notice)
        second = result.second_opinion
        self.assertEqual(second.mask.shape, result.mask.shape)
        both = (second.mask & result.mask).sum()
        self.assertAlmostEqual(second.dice, 2 * both / (second.mask.sum() + result.mask.sum()), places=5)
        self.assertEqual(second.probabilities.shape, result.mask.shape)
        self.assertIsNone(result.overlap)
        self.assertIsNone(result.dicom)

    def test_values_are_frozen_and_quiet(self):
        result = self.client.segment(FILM, probabilities=True)
        with self.assertRaises(AttributeError):
            result.mask = None
        for array in (result.mask, result.probabilities):
            with self.assertRaises(ValueError):
                array[0, 0] = 1
        with self.assertRaises(TypeError):
            result.guidance.zones[lingula.Zone.IMAGE_LEFT_LOWER] = 0
        for shown in (repr(result), repr(result.location), repr(result.guidance), repr(result.second_opinion)):
            self.assertNotIn("lung", shown)
            self.assertNotIn("array", shown)
            self.assertLess(len(shown), 300)

    def test_the_same_picture_in_every_form_gives_the_same_mask(self):
        film = pixels()
        png = io.BytesIO()
        Image.fromarray(film).save(png, "PNG")
        expected = self.client.segment(png.getvalue())
        for name, image in (
            ("array", film),
            ("a view", np.ascontiguousarray(film[::-1])[::-1]),
            ("colours", np.repeat(film[:, :, None], 3, axis=2)),
            ("data set", data_set(film)),
        ):
            with self.subTest(name):
                result = self.client.segment(image)
                self.assertTrue(np.array_equal(result.mask, expected.mask))
        deep = self.client.segment(film.astype(np.uint16) * 257).mask  # resized in finer steps
        self.assertLess((deep ^ expected.mask).sum(), 0.01 * expected.mask.sum())

    def test_colours_have_an_order(self):
        frame = pixels(FRAME)
        upright = self.client.segment(frame, model=POLYP)
        turned = self.client.segment(frame[:, :, ::-1], model=POLYP, color="bgr")
        self.assertTrue(np.array_equal(upright.mask, turned.mask))
        self.assertTrue(upright.guidance.prototypes)
        self.assertEqual(upright.guidance.mode, lingula.GuidanceMode.PROTOTYPES)

    def test_network_input(self):
        model = self.client.model("cxr-sgseg-compact")
        side = model.input.side_px
        values = np.random.default_rng(1).standard_normal((1, side, side)).astype(np.float32)
        self.assertEqual(self.client.segment(lingula.NetworkInput(values)).mask.shape, (side, side))

    def test_data_sets_and_their_results(self):
        result = self.client.segment(
            data_set(pixels()),
            structured_report=True,
            forms=[lingula.MaskFormat.DICOM_SEG],
        )
        self.assertEqual((result.dicom.frame_number, result.dicom.frame_count), (1, 1))
        self.assertEqual(result.dicom.viewer_left, lingula.ViewerLeft.IS_PATIENT_RIGHT)
        segmentation = pydicom.dcmread(io.BytesIO(result.forms[lingula.MaskFormat.DICOM_SEG]))
        self.assertTrue(np.array_equal(segmentation.pixel_array.reshape(result.mask.shape) != 0, result.mask))
        self.assertEqual(pydicom.dcmread(io.BytesIO(result.structured_report)).Modality, "SR")
        self.assertNotIn("Doe", repr(result))
        self.assertNotIn("Doe", SERVER.log())

    def test_other_forms(self):
        forms = lingula.MaskFormat
        result = self.client.segment(
            FILM, probabilities="uint8", forms=[forms.PNG, forms.COCO_RLE, forms.POLYGONS, forms.OVERLAY_PNG]
        )
        file = np.array(Image.open(io.BytesIO(result.forms[forms.PNG])))
        self.assertTrue(np.array_equal(file == 255, result.mask))
        self.assertLess(np.abs((result.probabilities >= 0.5).sum() / result.mask.sum() - 1), 0.02)
        self.assertEqual(result.forms[forms.COCO_RLE]["size"], [1024, 1024])
        points, hole = result.forms[forms.POLYGONS][0]
        self.assertEqual((points.shape[1], hole), (2, False))
        x, y = points[0]
        self.assertTrue(result.mask[y, x], "the first point is a pixel's upper left corner")
        self.assertEqual(Image.open(io.BytesIO(result.forms[forms.OVERLAY_PNG])).mode, "RGB")

    def test_a_reference_gives_the_true_dice(self):
        own = self.client.segment(FILM)
        same = self.client.segment(FILM, reference=own.mask)
        self.assertEqual((same.overlap.dice, same.overlap.false_positive_pixels), (1.0, 0))
        none = self.client.segment(FILM, reference=np.zeros(own.mask.shape, np.uint8))
        self.assertEqual(none.overlap.dice, 0.0)

    def test_guidance_of_the_callers(self):
        report = "Unilateral pulmonary infection, one infected area, lower left lung."
        guided = self.client.segment(FILM, report=report)
        self.assertEqual(guided.guidance.mode, lingula.GuidanceMode.REPORT)
        self.assertEqual(guided.guidance.model_input_report, report.lower())
        self.assertIn(lingula.Flag.UNCALIBRATED, guided.flags)
        self.assertIsNone(guided.quality.interval)

    def test_an_empty_mask_has_no_expected_dice(self):
        result = self.client.segment(FILM, threshold=0.999999, location=False)
        self.assertEqual(result.mask.any(), False)
        self.assertIsNone(result.quality.expected_dice)
        self.assertIn(lingula.Flag.EMPTY_MASK, result.flags)
        self.assertIsNone(result.location)

    def test_models_and_health(self):
        models = {str(model.identity): model for model in self.client.models()}
        self.assertEqual(sorted(models), ["cxr-sgseg-compact@1", f"{POLYP}@1"])
        model = self.client.model(POLYP)
        self.assertEqual(model.modality, lingula.Modality.ENDOSCOPY)
        self.assertIn("#", model.card)
        self.assertTrue(any(score.metric == "dice" for score in model.scores))
        for service in ("", "lingula.v1.Segmentation", f"lingula.v1.Segmentation/{POLYP}"):
            self.assertEqual(self.client.health(service), lingula.ServingStatus.SERVING)
        with self.assertRaises(lingula.NotFound):
            self.client.health("no.such.Service")

    def test_errors_say_what_was_wrong(self):
        film = pixels()
        big = np.zeros((2000, 2000), np.uint8)
        for kind, words, image, more in (
            (lingula.InvalidArgument, "image: ", b"no picture", {}),
            (lingula.InvalidArgument, "truncated", Path(FILM).read_bytes()[:3000], {}),
            (lingula.InvalidArgument, "threshold: ", film, {"threshold": 1.5}),
            (lingula.OutOfRange, "pixels", big, {}),
            (lingula.NotFound, "no such model", film, {"model": "other"}),
            (lingula.FailedPrecondition, "", film, {"guidance": lingula.GuidanceMode.PROTOTYPES}),
            (lingula.Unimplemented, "", b"GIF89a" + bytes(64), {}),
            (lingula.DeadlineExceeded, "", film, {"timeout": 1e-4}),
        ):
            with self.subTest(kind.__name__), self.assertRaises(kind) as caught:
                self.client.health()  # connected, so that a short timeout is the call's own
                self.client.segment(image, **more)
            self.assertIn(words, str(caught.exception))
            self.assertEqual(caught.exception.code, kind.code)
            self.assertIsInstance(caught.exception, lingula.LingulaError)

    def test_violations_name_the_fields(self):
        with self.assertRaises(lingula.InvalidArgument) as caught:
            self.client.segment(b"no picture", threshold=7, request_id="two words")
        fields = [violation.field for violation in caught.exception.violations]
        self.assertEqual(sorted(fields), ["request_id", "threshold"])

    def test_what_is_too_large_is_not_sent(self):
        with self.assertRaisesRegex(lingula.OutOfRange, "at most 67108864 can be sent"):
            self.client.segment(bytes((64 << 20) + 1))

    def test_the_stubs_work_beside_it(self):
        from lingula.v1 import segmentation_pb2_grpc

        with grpc.insecure_channel(SERVER.target) as channel:
            request = segmentation_pb2.SegmentRequest()
            request.image.encoded = Path(FILM).read_bytes()
            answer = segmentation_pb2_grpc.SegmentationStub(channel).Segment(request, timeout=30)
        self.assertTrue(answer.masks[0].png)


if __name__ == "__main__":
    unittest.main()
