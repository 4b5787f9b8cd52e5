"""A network that swallows packets: one server lies in a network namespace whose link goes down."""

import os
import signal
import subprocess

import chaos_case
import harness
from chaos_case import ChaosCase

# Addresses that RFC 5737 keeps for examples.
HERE, THERE = "198.51.100.1", "198.51.100.2"


def ip(*words):
    subprocess.run(["ip", *words], check=True)


class NetworkTest(ChaosCase):
    def setUp(self):
        super().setUp()
        self.namespace = f"lingula{os.getpid()}"
        self.link = f"lg{os.getpid() % 100000}"
        ip("netns", "add", self.namespace)
        self.addCleanup(ip, "netns", "del", self.namespace)  # takes the link with it
        ip("link", "add", self.link, "type", "veth", "peer", "name", "there", "netns", self.namespace)
        ip("addr", "add", f"{HERE}/30", "dev", self.link)
        ip("link", "set", self.link, "up")
        inside = ["-n", self.namespace]
        ip(*inside, "addr", "add", f"{THERE}/30", "dev", "there")
        ip(*inside, "link", "set", "there", "up")
        ip(*inside, "link", "set", "lo", "up")

    def test_a_partition_costs_no_call_where_another_server_is(self):
        away = self.server(host=THERE, launcher=["ip", "netns", "exec", self.namespace])
        near = self.server()
        load = self.load(away, near, deadline_ms=60000)
        load.more(20)
        ip("-n", self.namespace, "link", "set", "there", "down")
        load.more(40)  # those that were under way notice, and go to the other server
        ip("-n", self.namespace, "link", "set", "there", "up")
        load.more(20)
        self.expect_no_call_lost(load.stop(), away, near)
        # It has not been hurt; the link needs a moment.
        self.assertTrue(self.comes_true(lambda: harness.segment(chaos_case.BIN, away)[0] == 0), away.log())
        self.assertEqual(away.end(signal.SIGTERM), 0)


if __name__ == "__main__":
    chaos_case.main()
