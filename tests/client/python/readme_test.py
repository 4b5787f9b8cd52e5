"""The Python of README.md and of the package's README, as it stands there."""

import os
import re
import tempfile
import unittest

from servers import FILM, FRAME, RealServer


def blocks(path):
    with open(path, encoding="utf-8") as file:
        return re.findall(r"^```python\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)


class ReadmeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = RealServer()
        cls.addClassCleanup(cls.server.close)

    def test_runs_as_it_stands(self):
        with tempfile.TemporaryDirectory() as folder:
            for path in ("README.md", "client/python/README.md"):
                found = blocks(path)
                self.assertEqual(len(found), 1, path)
                (code,) = found
                self.assertIn("127.0.0.1:8500", code)
                code = code.replace("127.0.0.1:8500", self.server.target)
                code = code.replace("mask.png", os.path.join(folder, "mask.png")).replace("film.png", FILM)
                exec(compile(code, path, "exec"), {})
            with open(os.path.join(folder, "mask.png"), "rb") as file:
                self.assertEqual(file.read(4), b"\x89PNG")

    def test_the_stream_of_the_api_page(self):
        import lingula

        (code,) = [block for block in blocks("docs/api.md") if "client.stream" in block]
        shown = []
        with lingula.Client(self.server.target) as client:
            names = {"lingula": lingula, "client": client, "camera": lambda: [FRAME], "show": lambda *a: shown.append(a)}
            exec(compile(code, "docs/api.md", "exec"), names)
        self.assertEqual([number for number, _ in shown], [1])


if __name__ == "__main__":
    unittest.main()
