"""DICOM results seen through others' eyes: pydicom, highdicom, dciodvfy, DCMTK and an Orthanc archive.

    PYTHONPATH=third_party/highdicom python3 tests/model/dicom/dicom_results_test.py BUILD_FOLDER [DATA_FOLDER]

DATA_FOLDER holds real files, chest/*.dcm and endo/*.dcm; without it, synthetic ones are judged only.
"""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import warnings

try:
    import highdicom
    import numpy as np
    import pydicom
except ImportError as error:
    sys.exit(f"highdicom is missing ({error}): ./dev test fetches it into third_party/highdicom")

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from dciodvfy import verdict  # noqa: E402
from orthanc import Orthanc  # noqa: E402

SEGMENTATIONS = ["binary", "fractional", "empty"]
REPORTS = ["report", "bare-report", "empty-report"]
warnings.simplefilter("ignore")  # about what sources say of themselves


class Case:
    """A source and what was made of it."""

    def __init__(self, source):
        self.name = os.path.basename(source).removesuffix(".source.dcm")
        self.source_path = source
        self.start = source.removesuffix(".source.dcm")
        self.source = pydicom.dcmread(source, force=True, stop_before_pixels=True)

    def path(self, kind):
        return f"{self.start}.{kind}.dcm"

    def expected(self, kind):
        if kind == "fractional":
            return np.fromfile(f"{self.start}.probabilities", np.uint8)
        mask = np.fromfile(f"{self.start}.mask", np.uint8) // 255
        return np.zeros_like(mask) if kind == "empty" else mask


class ResultsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        build, data = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
        real = sorted(glob.glob(f"{data}/chest/*.dcm") + glob.glob(f"{data}/endo/*.dcm")) if data else []
        subprocess.run([f"{build}/tests/write_dicom_results", cls.folder, *real], check=True)
        cls.cases = [Case(path) for path in sorted(glob.glob(f"{cls.folder}/*.source.dcm"))]
        assert len(cls.cases) == 5 + len(real)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def each(self, kinds):
        return [(case, kind, case.path(kind)) for case in self.cases for kind in kinds]

    def test_dciodvfy_finds_no_error(self):
        for _, kind, path in self.each(SEGMENTATIONS + REPORTS):
            with self.subTest(file=os.path.basename(path)):
                expected = "Segmentation" if kind in SEGMENTATIONS else "ComprehensiveSR"
                self.assertEqual(verdict(path), (expected, []))

    def test_dcmtk_reads_reports(self):
        for _, _, path in self.each(REPORTS):
            with self.subTest(file=os.path.basename(path)):
                dumped = subprocess.run(["dsrdump", path], capture_output=True, text=True, errors="replace")
                self.assertEqual(dumped.returncode, 0, dumped.stderr)
                self.assertNotIn("E:", dumped.stderr)

    def test_pixels_are_those_of_the_mask(self):
        for case, kind, path in self.each(SEGMENTATIONS):
            with self.subTest(file=os.path.basename(path)):
                pixels = pydicom.dcmread(path).pixel_array
                self.assertEqual(pixels.shape, (case.source.Rows, case.source.Columns))
                np.testing.assert_array_equal(pixels.reshape(-1), case.expected(kind))

    def test_highdicom_finds_the_mask_by_its_source(self):
        for case, kind, path in self.each(SEGMENTATIONS):
            with self.subTest(file=os.path.basename(path)):
                seg = highdicom.seg.segread(path)
                (segment,) = seg.SegmentSequence
                self.assertEqual(segment.SegmentAlgorithmName, "cxr-sgseg-compact@1")
                ((study, series, instance),) = seg.get_source_image_uids()
                self.assertEqual(instance, case.source.SOPInstanceUID)
                self.assertEqual(study, case.source.get("StudyInstanceUID", seg.StudyInstanceUID))
                if int(case.source.get("NumberOfFrames", 1)) > 1:
                    found = seg.get_pixels_by_source_frame(instance, [3], rescale_fractional=False)
                else:
                    found = seg.get_pixels_by_source_instance([instance], rescale_fractional=False)
                np.testing.assert_array_equal(found.reshape(-1), case.expected(kind))

    def test_highdicom_finds_the_measurements(self):
        for case, kind, path in self.each(["report", "bare-report"]):
            with self.subTest(file=os.path.basename(path)):
                content = highdicom.sr.srread(path).content
                if kind == "report":
                    (group,) = content.get_planar_roi_measurement_groups()
                    seg = group.referenced_segmentation_frame
                    expected = pydicom.dcmread(case.path("binary")).SOPInstanceUID
                    self.assertEqual(seg.referenced_sop_instance_uid, expected)
                else:
                    (group,) = content.get_image_measurement_groups()
                numbers = {number.name.value: (number.value, number.unit.value) for number in group.get_measurements()}
                share = 100 * np.mean(case.expected("binary"))
                self.assertAlmostEqual(numbers.pop("AREA_SHARE")[0], share, places=3)
                self.assertEqual(
                    numbers,
                    {
                        "EXPECTED_DICE": (0.8125, "1"),
                        "EXPECTED_DICE_LO": (0.7, "1"),
                        "EXPECTED_DICE_HI": (0.9, "1"),
                        "DICE_COVERAGE": (90, "%"),
                        "IMG_LEFT_LOWER": (0.75, "1"),
                        "IMG_RIGHT_UPPER": (0.5, "1"),
                    },
                )

    def test_an_empty_mask_has_neither_finding_nor_dice(self):
        for _, _, path in self.each(["empty-report"]):
            with self.subTest(file=os.path.basename(path)):
                (group,) = highdicom.sr.srread(path).content.get_planar_roi_measurement_groups()
                self.assertIsNone(group.finding_type)
                self.assertEqual([(m.name.value, m.value) for m in group.get_measurements()], [("AREA_SHARE", 0)])

    def test_our_own_values_are_of_their_kind(self):
        pydicom.config.settings.reading_validation_mode = pydicom.config.RAISE
        try:
            for case, _, path in self.each(SEGMENTATIONS + REPORTS):
                with self.subTest(file=os.path.basename(path)):
                    if not case.name.startswith("real"):  # whose sources bring values of their own
                        str(pydicom.dcmread(path))
        finally:
            pydicom.config.settings.reading_validation_mode = pydicom.config.WARN

    def test_an_archive_takes_and_returns_them(self):
        with Orthanc() as archive:
            for case, kind, path in self.each(["source"] + SEGMENTATIONS + REPORTS):
                with self.subTest(file=os.path.basename(path)):
                    # A source that says nothing of patient and study is taken by no archive.
                    if case.name != "bare" or kind != "source":
                        archive.store(path)
            held = archive.instances()
            for case, kind, path in self.each(SEGMENTATIONS + REPORTS):
                with self.subTest(file=os.path.basename(path)):
                    sent = pydicom.dcmread(path)
                    returned = archive.fetch(held[sent.SOPInstanceUID])
                    self.assertEqual(sent, returned)
                    self.assertEqual(sent.get("PixelData"), returned.get("PixelData"))
            for case in self.cases[:3]:
                archive.store(case.path("binary"))  # a retry
            self.assertEqual(len(archive.instances()), len(held))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
