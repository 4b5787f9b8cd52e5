"""The tutorial runs as it stands, on pictures whose true masks are known: the answers, worn away step by step."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import lingula
import numpy as np
from PIL import Image
from servers import FILM, RealServer

TUTORIAL = "client/python/tutorial/expected_dice.py"


class TutorialTest(unittest.TestCase):
    def test_runs_and_draws(self):
        server = RealServer(models=("cxr-sgseg-compact",))
        self.addCleanup(server.close)
        folder = os.environ.get("LINGULA_KEEP") or tempfile.mkdtemp()
        if "LINGULA_KEEP" not in os.environ:
            self.addCleanup(shutil.rmtree, folder)
        for name in ("images", "masks"):
            os.makedirs(os.path.join(folder, name))
        film = np.array(Image.open(FILM))
        with lingula.Client(server.target) as client:
            for step in range(6):
                picture = film[step * 8 :, step * 16 :]
                Image.fromarray(picture).save(os.path.join(folder, "images", f"film{step}.png"))
                mask = client.segment(picture).mask.copy()
                mask[:, : step * 100] = False  # what a reader drew, who saw less and less of it
                lingula.write_png(os.path.join(folder, "masks", f"film{step}.png"), mask)
        with open(os.path.join(folder, "images", "broken.png"), "wb") as file:
            file.write(b"no picture")
        out = os.path.join(folder, "plot.png")
        done = subprocess.run(
            [sys.executable, TUTORIAL, f"{folder}/images", f"{folder}/masks", out, server.target],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("6 images, mean Dice 0.", done.stdout)
        self.assertIn("mean error of expected Dice", done.stdout)
        self.assertIn("broken.png: image: the content is of no known image kind", done.stderr)
        self.assertGreater(np.array(Image.open(out)).std(), 10, "an empty picture")


if __name__ == "__main__":
    unittest.main()
