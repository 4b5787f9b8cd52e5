"""What all chaos tests share: folders, servers that end with the test, and what they say when they fail."""

import os
import sys
import tempfile
import time
import unittest

import harness

BIN = ""
TESTS = ""


class ChaosCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="chaos")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def server(self, config="", start=True, **options):
        server = harness.Server(BIN, self.folder, config, **options)
        self.addCleanup(server.close)
        return server.start() if start else server

    def load(self, *servers, **options):
        load = harness.Load(TESTS, *servers, **options)
        self.addCleanup(load.close)
        return load

    def expect_no_call_lost(self, figures, *servers):
        """Every call got a mask, and all the same one."""
        logs = "\n".join(server.log()[-2000:] for server in servers)
        self.assertEqual(figures["codes"], {}, f"{figures}\n{logs}")
        self.assertGreater(figures["calls"], 0)

    def comes_true(self, what):
        """For what others do without a word: it is asked again and again, until a bound."""
        end = time.monotonic() + harness.PATIENCE_S
        while not what():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def expect_serving(self, server):
        code, output = harness.segment(BIN, server)
        self.assertEqual(code, 0, output + server.log()[-2000:])


def main():
    """`python3 NAME_test.py BIN_FOLDER TESTS_FOLDER`, in the repository's root."""
    global BIN, TESTS
    BIN, TESTS = (os.path.abspath(folder) for folder in sys.argv[1:3])
    unittest.main(module=sys.modules["__main__"], argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
