"""The stubs are what the protos say, and mypy and ruff have no complaint. Run from the repository's root."""

import filecmp
import os
import subprocess
import sys
import tempfile
import unittest

PACKAGE = "client/python"
STUBS = os.path.join(PACKAGE, "src", "lingula", "v1")


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    return done.returncode, done.stdout + done.stderr


class ChecksTest(unittest.TestCase):
    def test_stubs_are_what_the_protos_say(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["sh", f"{PACKAGE}/generate.sh", folder], check=True)
            fresh = os.path.join(folder, "lingula", "v1")
            made = sorted(os.listdir(fresh))
            committed = sorted(name for name in os.listdir(STUBS) if "_pb2" in name)
            self.assertEqual(made, committed)
            _, different, odd = filecmp.cmpfiles(fresh, STUBS, made, shallow=False)
            self.assertEqual(different + odd, [], f"run sh {PACKAGE}/generate.sh")

    def test_types_are_strict(self):
        with tempfile.TemporaryDirectory() as cache:
            code, said = run(sys.executable, "-m", "mypy", "--cache-dir", cache, "src", cwd=PACKAGE)
            self.assertEqual(code, 0, said)
            wrong = os.path.join(cache, "wrong.py")
            with open(wrong, "w", encoding="ascii") as file:
                file.write('import lingula\nlingula.Client("a:1").segment("b.png", treshold=0.5)\n')
            code, said = run(sys.executable, "-m", "mypy", "--cache-dir", cache, wrong, cwd=PACKAGE)
            self.assertIn('Unexpected keyword argument "treshold"', said)

    def test_style(self):
        ruff = os.path.join("third_party", "pythonclient", "bin", "ruff")
        for arguments in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
            code, said = run(ruff, *arguments, PACKAGE)
            self.assertEqual(code, 0, said)


if __name__ == "__main__":
    unittest.main()
