"""Installs client/python as a user would and runs the tests beside this file. From the repository's root:

    PYTHONPATH=third_party/pythonclient python3 tests/client/python/run.py BIN_FOLDER [TEST...]
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def install(folder):
    """pip install ./client/python, of a copy: a build leaves files beside its sources."""
    source = os.path.join(folder, "source")
    shutil.copytree("client/python", source)
    target = os.path.join(folder, "installed")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
        + ["--disable-pip-version-check", "--root-user-action=ignore", "--target", target, source],
        check=True,
    )
    assert os.path.exists(os.path.join(target, "lingula", "py.typed")), "the package says it is not typed"
    assert os.path.exists(os.path.join(target, "lingula", "v1", "image_pb2.pyi")), "the stubs are not typed"
    return target


def main():
    with tempfile.TemporaryDirectory() as folder:
        target = install(folder)
        sys.path.insert(0, target)
        os.environ["PYTHONPATH"] = os.pathsep.join([target, os.environ.get("PYTHONPATH", "")])
        os.environ["LINGULA_BIN"] = os.path.abspath(sys.argv[1])
        import lingula

        assert lingula.__file__.startswith(target), "another package called lingula is in the way"
        loader = unittest.TestLoader()
        if len(sys.argv) > 2:
            sys.path.insert(0, HERE)
            suite = loader.loadTestsFromNames(sys.argv[2:])
        else:
            suite = loader.discover(HERE, pattern="*_test.py")
        return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
