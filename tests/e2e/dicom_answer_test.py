"""DICOM files in and DICOM results out, through the server, judged by others. From the repository's root:

    PYTHONPATH=third_party/highdicom:third_party/tritonclient python3 tests/e2e/dicom_answer_test.py \\
        BIN_FOLDER [DATA_FOLDER]

DATA_FOLDER holds real files, chest/*.dcm and endo/*.dcm; without it, synthetic ones are sent only.
"""

import glob
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
import warnings

try:
    import grpc
    import highdicom
    import numpy as np
    import pydicom
    from PIL import Image
except ImportError as error:
    sys.exit(f"a package is missing ({error}): ./dev test fetches it into third_party")

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../model/dicom"))
from dciodvfy import verdict  # noqa: E402

CHEST = "cxr-sgseg-compact"
POLYP = "polyp-prolearn-compact"
FILM = "tests/testdata/xray/865336ed.jpg"
FRAME = sorted(glob.glob("tests/testdata/endoscopy/*.jpg"))[0]
PATIENT = "MARKER^OF^PATIENT"
PB = tempfile.TemporaryDirectory()
subprocess.run(
    ["protoc", "-Iproto", f"--python_out={PB.name}", *glob.glob("proto/lingula/v1/*.proto")], check=True
)
sys.path.insert(0, PB.name)
from lingula.v1 import guidance_pb2, mask_pb2, segmentation_pb2  # noqa: E402

warnings.simplefilter("ignore")  # about what files say of themselves
FORMS = [
    mask_pb2.MASK_FORMAT_PNG,
    mask_pb2.MASK_FORMAT_PROBABILITIES_UINT8,
    mask_pb2.MASK_FORMAT_DICOM_SEG,
    mask_pb2.MASK_FORMAT_DICOM_SEG_FRACTIONAL,
]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def dicom_file(pictures, sop_class, modality):
    """A Part 10 file of equally large pictures, by the path of each."""
    pixels = np.stack([np.asarray(Image.open(path)) for path in pictures])
    dataset = pydicom.Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, "1.2.276.0.7230010.3.8.3"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.276.0.7230010.3.8.1", "1.2.276.0.7230010.3.8.2"
    dataset.PatientName, dataset.PatientID = PATIENT, "4711"
    dataset.StudyDate, dataset.StudyTime = "20240305", "101500"
    dataset.Modality, dataset.Manufacturer = modality, "Camera Works"
    dataset.Rows, dataset.Columns = pixels.shape[1:3]
    dataset.SamplesPerPixel = 3 if pixels.ndim == 4 else 1
    dataset.PhotometricInterpretation = "RGB" if pixels.ndim == 4 else "MONOCHROME2"
    if pixels.ndim == 4:
        dataset.PlanarConfiguration = 0
    if len(pictures) > 1:
        dataset.NumberOfFrames = len(pictures)
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.PixelData = pixels.tobytes() + b"\0" * (pixels.size % 2)
    file = io.BytesIO()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def film():
    return dicom_file([FILM], pydicom.uid.DigitalXRayImageStorageForPresentation, "DX")


class DicomAnswerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory()
        config = os.path.join(cls.dir.name, "server.textproto")
        with open(config, "w", encoding="ascii") as file:
            file.write(f'model_repository: "{os.path.abspath("model/bundles")}"\n')
            for model in (CHEST, POLYP):
                file.write(f'models {{ name: "{model}" version: "1" }}\n')
        cls.log = open(os.path.join(cls.dir.name, "log"), "wb")
        cls.server = subprocess.Popen(
            [f"{sys.argv[1]}/lingula-server", "--config", config, "--port", "0", "--metrics-port", "0",
             "--log-level", "debug"],
            stdout=subprocess.PIPE,
            stderr=cls.log,
        )
        ready = cls.server.stdout.readline()
        if not ready:
            sys.exit(f"the server did not start: {read(cls.log.name).decode(errors='replace')}")
        address = f"127.0.0.1:{json.loads(ready)['grpc_port']}"
        cls.channel = grpc.insecure_channel(address, [("grpc.max_receive_message_length", -1)])
        cls.segment = cls.channel.unary_unary(
            "/lingula.v1.Segmentation/Segment",
            segmentation_pb2.SegmentRequest.SerializeToString,
            segmentation_pb2.SegmentResponse.FromString,
        )
        cls.stream = cls.channel.stream_stream(
            "/lingula.v1.Segmentation/SegmentStream",
            segmentation_pb2.SegmentStreamRequest.SerializeToString,
            segmentation_pb2.SegmentStreamResponse.FromString,
        )

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()
        cls.server.terminate()
        status = cls.server.wait(60)
        cls.server.stdout.close()
        cls.log.close()
        log = read(cls.log.name)
        cls.dir.cleanup()
        assert status == 0, f"the server ended with {status} after SIGTERM"
        assert b"MARKER" not in log and b"1.2.276" not in log, "the log holds something of the patient"

    def ask(self, encoded, **fields):
        request = segmentation_pb2.SegmentRequest(mask_formats=FORMS, want_structured_report=True, **fields)
        request.image.encoded = encoded
        return request

    def judged(self, name, content):
        path = os.path.join(self.dir.name, name)
        with open(path, "wb") as file:
            file.write(content)
        kind, errors = verdict(path)
        self.assertEqual(errors, [])
        return kind, path

    def check(self, answer):
        """The answer's objects against its other fields; both data sets."""
        png, probabilities, binary, fractional = answer.masks
        mask = np.asarray(Image.open(io.BytesIO(png.png)))
        kind, seg_path = self.judged("seg.dcm", binary.dicom_seg)
        self.assertEqual(kind, "Segmentation")
        seg = highdicom.seg.segread(seg_path)
        np.testing.assert_array_equal(seg.pixel_array, mask // 255)
        kind, path = self.judged("fractional.dcm", fractional.dicom_seg)
        self.assertEqual(kind, "Segmentation")
        self.assertEqual(pydicom.dcmread(path).pixel_array.tobytes(), probabilities.probabilities_uint8)
        kind, path = self.judged("report.dcm", answer.structured_report)
        self.assertEqual(kind, "ComprehensiveSR")
        report = highdicom.sr.srread(path)
        (group,) = report.content.get_planar_roi_measurement_groups()
        self.assertEqual(group.referenced_segmentation_frame.referenced_sop_instance_uid, seg.SOPInstanceUID)
        numbers = {number.name.value: number.value for number in group.get_measurements()}
        self.assertAlmostEqual(numbers["AREA_SHARE"], 100 * answer.quality.area_share, places=3)
        self.assertEqual("EXPECTED_DICE" in numbers, answer.quality.HasField("expected_dice"))
        if answer.quality.HasField("expected_dice"):
            self.assertAlmostEqual(numbers["EXPECTED_DICE"], answer.quality.expected_dice, places=5)
        return seg, report

    def refuses(self, field, request):
        with self.assertRaises(grpc.RpcError) as caught:
            self.segment(request)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertIn(field, caught.exception.details())

    def test_a_film_becomes_segmentations_and_a_report(self):
        answer = self.segment(self.ask(film()))
        seg, report = self.check(answer)
        self.assertEqual((str(seg.PatientName), str(report.PatientName)), (PATIENT, PATIENT))
        self.assertEqual(seg.StudyInstanceUID, "1.2.276.0.7230010.3.8.1")
        self.assertIn("112001", seg.to_json())
        self.assertFalse(answer.HasField("location"), "not asked for")

    def test_a_retry_gives_the_same_bytes_and_another_threshold_another_object(self):
        first, second = self.segment(self.ask(film())), self.segment(self.ask(film()))
        for one, other in zip(first.masks, second.masks):
            self.assertEqual(one, other)
        self.assertEqual(first.structured_report, second.structured_report)
        other, _ = self.check(self.segment(self.ask(film(), threshold=0.9)))
        self.assertNotIn(other.SOPInstanceUID.encode(), first.masks[2].dicom_seg)

    def test_one_of_several_endoscopy_frames(self):
        frames = dicom_file([FRAME] * 3, pydicom.uid.VideoEndoscopicImageStorage, "ES")
        request = self.ask(frames, model=POLYP)
        request.image.frame_number = 2
        seg, _ = self.check(self.segment(request))
        self.assertIn("68496003", seg.to_json())
        (frame,) = seg.PerFrameFunctionalGroupsSequence
        source = frame.DerivationImageSequence[0].SourceImageSequence[0]
        self.assertEqual(source.ReferencedFrameNumber, 2)

    def test_a_callers_words_stay_out_of_the_object(self):
        guidance = guidance_pb2.Guidance(
            mode=guidance_pb2.GUIDANCE_MODE_REPORT,
            report="Unilateral pulmonary infection, one infected area, lower left lung.",
        )
        answer = self.segment(self.ask(film(), guidance=guidance))
        self.check(answer)
        self.assertNotIn(b"infected area", answer.masks[2].dicom_seg)
        self.assertIn(b"guidance=report zones=", answer.masks[2].dicom_seg)

    def test_only_dicom_files_have_dicom_results(self):
        self.refuses("mask_formats[2]", self.ask(read(FILM)))
        self.refuses("want_structured_report", self.ask(read(FILM)))
        settings = segmentation_pb2.StreamSettings(mask_formats=FORMS)
        with self.assertRaises(grpc.RpcError) as caught:
            list(self.stream(iter([segmentation_pb2.SegmentStreamRequest(settings=settings)])))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertIn("mask_formats[2]", caught.exception.details())

    def test_real_files(self):
        data = sys.argv[2] if len(sys.argv) > 2 else ""
        for model, folder in ((CHEST, "chest"), (POLYP, "endo")):
            for path in sorted(glob.glob(f"{data}/{folder}/*.dcm")) if data else []:
                with self.subTest(file=os.path.basename(path)):
                    self.check(self.segment(self.ask(read(path), model=model)))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
