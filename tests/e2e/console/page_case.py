"""What tests of the page share: a real server, a console, a browser with one page."""

import os
import shutil
import sys
import unittest

from cdp import Browser
from programs import Programs

BIN = sys.argv.pop(1) if len(sys.argv) > 1 and os.path.isdir(sys.argv[1]) else "build/release/bin"
# Nothing is asked, and an answer is shown.
ANSWERED = "!document.querySelector('#panels').hasAttribute('aria-busy') && document.querySelector('#times')"


class PageCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.programs = Programs(BIN)
        cls.addClassCleanup(cls.programs.stop)
        cls.programs.start_server()
        cls.programs.start_console()
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.page = cls.browser.open(cls.programs.url)

    def setUp(self):
        self.page.resize(1280, 720)
        self.page.load(self.programs.url)
        self.page.wait("document.querySelector('#server.up') && document.querySelector('#model').options.length > 1")

    def tearDown(self):
        self.assertEqual(self.page.complaints(), [])

    def open(self, path):
        self.page.set_file(path)
        self.page.wait(ANSWERED)

    def choose(self, selector, value):
        """As if chosen in a list."""
        self.page.run(f"(() => {{ const field = document.querySelector('{selector}'); field.value = '{value}';"
                      "field.dispatchEvent(new Event('change', { bubbles: true })); })()")

    def wait_for_problem(self, words):
        self.page.wait(f"!document.querySelector('#problem').hidden && document.querySelector('#problem').innerText.includes({words!r})")


def main():
    if not shutil.which("chromium") or not os.path.exists(f"{BIN}/lingula-console"):
        sys.exit("chromium or the programs are missing: ./dev test installs and builds them")
    unittest.main(module="__main__", verbosity=2)
