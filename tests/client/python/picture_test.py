"""Pictures and the progress bar."""

import io
import os
import tempfile
import unittest
from unittest import mock

import lingula
import numpy as np
from lingula import progress
from lingula.picture import edge
from lingula.png import encode_png
from PIL import Image


class PictureTest(unittest.TestCase):
    def test_png_files_are_read_by_others(self):
        random = np.random.default_rng(5)
        for shape in ((1, 1), (7, 5), (7, 5, 3)):
            pixels = random.integers(0, 256, shape, np.uint8)
            self.assertTrue(np.array_equal(np.array(Image.open(io.BytesIO(encode_png(pixels)))), pixels))
        for wrong in (np.zeros((2, 2)), np.zeros((2, 2, 4), np.uint8), np.zeros((0, 2), np.uint8)):
            with self.assertRaises(ValueError):
                encode_png(wrong)

    def test_overlay(self):
        image = np.full((5, 5), 100, np.uint8)
        mask = np.zeros((5, 5), bool)
        mask[1:4, 1:4] = True
        painted = lingula.overlay(image, mask, color=(200, 0, 0), opacity=0.5)
        self.assertEqual(painted[0, 0].tolist(), [100, 100, 100])
        self.assertEqual(painted[2, 2].tolist(), [150, 50, 50])
        self.assertEqual(painted[1, 1].tolist(), [200, 0, 0])
        self.assertEqual(edge(mask).sum(), 8)
        self.assertEqual(image.max(), 100, "the caller's image is left as it was")
        colour = np.full((5, 5, 3), 7, np.uint8)
        lingula.overlay(colour, mask)
        self.assertEqual(colour.max(), 7)
        deep = lingula.overlay((image.astype(np.uint16) << 8), mask, opacity=0, outline=False)
        self.assertTrue(np.array_equal(deep, np.repeat(image[:, :, None], 3, 2)))
        for wrong in (image[:4], image.astype(np.float32)):
            with self.assertRaises(ValueError):
                lingula.overlay(wrong, mask)

    def test_write_png(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "mask.png")
            lingula.write_png(path, np.eye(2, dtype=bool))
            self.assertEqual(np.array(Image.open(path)).tolist(), [[255, 0], [0, 255]])


class ProgressTest(unittest.TestCase):
    def test_says_how_far_and_how_long(self):
        bar = progress.ProgressBar(4, shown=False)
        self.assertEqual(bar.text(0), "[" + "." * 30 + "] 0/4, 0:00 left")
        bar.step()
        bar.step(failed=True)
        self.assertEqual(bar.text(60), "[" + "#" * 15 + "." * 15 + "] 2/4, 1 failed, 1:00 left")
        self.assertIn("2:00:00 left", bar.text(7200))

    def test_draws_on_terminals_only(self):
        for terminal in (False, True):
            stream = mock.Mock(spec=io.StringIO)
            stream.isatty.return_value = terminal
            with progress.ProgressBar(1, stream=stream) as bar:
                bar.step()
            self.assertEqual(stream.write.called, terminal)


if __name__ == "__main__":
    unittest.main()
