"""Servers that die, leave and come back under callers who only retry."""

import os
import shutil
import signal

import chaos_case
import harness
from chaos_case import ChaosCase

ROUNDS = 2


class ProcessesTest(ChaosCase):
    def test_a_killed_server_costs_no_call(self):
        servers = [self.server(), self.server()]
        load = self.load(*servers)
        for _ in range(ROUNDS):
            for server in servers:
                load.more(20)
                self.assertEqual(server.end(signal.SIGKILL), -signal.SIGKILL)
                load.more(20)  # by the other one alone
                server.start()
        load.more(20)
        self.expect_no_call_lost(load.stop(), *servers)

    def test_a_storm_of_sigterms_costs_no_call_and_ends_well_each_time(self):
        servers = [self.server(), self.server()]
        load = self.load(*servers)
        for _ in range(ROUNDS):
            for server in servers:
                load.more(5)
                self.assertEqual(server.end(signal.SIGTERM), 0, server.log()[-2000:])
                server.start()
        load.more(20)
        self.expect_no_call_lost(load.stop(), *servers)

    def test_sigterm_while_starting_ends_the_process(self):
        server = self.server(start=False)
        server.start(wait=False)
        self.assertTrue(self.comes_true(lambda: "model loaded" in server.log()), server.log())
        self.assertEqual(server.end(signal.SIGTERM), 0)  # while it measures what batches cost
        self.assertIn("stopped before serving", server.log())
        server.start()
        self.expect_serving(server)

    def test_a_corrupt_version_does_not_replace_the_one_that_serves(self):
        models = os.path.join(self.folder, "models")
        shutil.copytree(os.path.join(harness.BUNDLES, harness.MODEL), os.path.join(models, harness.MODEL))
        server = self.server("repository_poll_seconds: 1", models=models)
        load = self.load(server)
        load.more(10)
        # Complete at once, as a mover does it that knows of watchers: a folder renamed into place.
        incoming = os.path.join(self.folder, "incoming")
        shutil.copytree(os.path.join(models, harness.MODEL, "1"), incoming)
        manifest = os.path.join(incoming, "manifest.textproto")
        with open(manifest, encoding="utf-8") as file:
            text = file.read().replace('version: "1"', 'version: "2"', 1)
        with open(manifest, "w", encoding="utf-8") as file:
            file.write(text)
        with open(os.path.join(incoming, "weights.safetensors"), "r+b") as file:
            file.seek(100000)
            file.write(b"not these weights")
        os.rename(incoming, os.path.join(models, harness.MODEL, "2"))
        self.assertTrue(self.comes_true(lambda: load.more(10) and "sha256 is" in server.log()), server.log()[-2000:])
        load.more(10)
        self.expect_no_call_lost(load.stop(), server)
        code, output = harness.segment(chaos_case.BIN, server, "--json")
        self.assertEqual(code, 0, output)
        self.assertIn('"1"', output)


if __name__ == "__main__":
    chaos_case.main()
