"""A machine that runs out of things, and connections that only stand there."""

import os
import resource
import signal
import socket
import subprocess

import chaos_case
import harness
from chaos_case import ChaosCase

IDLE = 1000
# What every HTTP/2 client says first: the preface and an empty SETTINGS frame.
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


def is_open(connection):
    """Whether the other end has not closed it; what it has said so far is read."""
    connection.setblocking(False)
    try:
        while connection.recv(4096):
            pass
        return False
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False


class ResourcesTest(ChaosCase):
    def test_a_thousand_idle_connections(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4 * IDLE), hard), hard))
        server = self.server(f"connections {{ max_open: {2 * IDLE} handshake_seconds: 120 }}")
        load = self.load(server)
        load.more(10)
        idle = []
        for number in range(IDLE):
            connection = socket.create_connection(("127.0.0.1", server.port), timeout=harness.PATIENCE_S)
            self.addCleanup(connection.close)
            if number % 2:  # half of them get as far as being clients
                connection.sendall(PREFACE)
            idle.append(connection)
        load.more(50)
        self.expect_serving(server)  # a new caller still gets in
        self.assertEqual(sum(is_open(connection) for connection in idle), IDLE)  # and nobody was sent away for it
        self.expect_no_call_lost(load.stop(), server)
        self.assertEqual(server.end(signal.SIGTERM), 0)

    def test_no_file_descriptors_left(self):
        server = self.server()
        load = self.load(server)
        load.more(10)
        open_now = len(os.listdir(f"/proc/{server.pid}/fd"))
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (open_now + 8, open_now + 8))
        taken = []
        for _ in range(64):  # more than there are descriptors; the kernel's backlog holds the rest
            connection = socket.socket()
            connection.setblocking(False)
            connection.connect_ex(("127.0.0.1", server.port))
            taken.append(connection)
        load.more(50)  # who was connected before is served on
        for connection in taken:
            connection.close()
        self.expect_no_call_lost(load.stop(), server)
        self.expect_serving(server)  # and once they are gone, newcomers again
        self.assertEqual(server.end(signal.SIGTERM), 0)

    def test_no_memory_left(self):
        """Where allocations fail the process may end, as under a container's limit, but never with a wrong answer,
        and callers with a second server do not notice."""
        servers = [self.server(), self.server()]
        load = self.load(*servers)
        load.more(20)
        victim = servers[0]
        with open(f"/proc/{victim.pid}/status", encoding="ascii") as file:
            data_kb = next(int(line.split()[1]) for line in file if line.startswith("VmData"))
        resource.prlimit(victim.pid, resource.RLIMIT_DATA, (data_kb * 1024, data_kb * 1024))
        load.more(100)
        self.expect_no_call_lost(load.stop(), *servers)
        self.expect_serving(servers[1])

    def test_the_clock_jumps(self):
        """Deadlines and queues hang on the monotonic clock; a wall clock that jumps by hours changes nothing."""
        offset = os.path.join(self.folder, "offset")
        with open(offset, "w", encoding="ascii") as file:
            file.write("+0")
        library = subprocess.run(
            ["dpkg", "-L", "libfaketime"], stdout=subprocess.PIPE, check=True
        ).stdout.decode()
        faketime = next(line for line in library.splitlines() if line.endswith("libfaketime.so.1"))
        launcher = ["env", f"LD_PRELOAD={faketime}", f"FAKETIME_TIMESTAMP_FILE={offset}"]
        launcher += ["FAKETIME_NO_CACHE=1", "DONT_FAKE_MONOTONIC=1"]
        server = self.server(launcher=launcher)
        load = self.load(server, deadline_ms=5000)
        for jump in ("+6h", "-2d", "+0"):
            load.more(20)
            with open(offset, "w", encoding="ascii") as file:
                file.write(jump)
        load.more(20)
        self.expect_no_call_lost(load.stop(), server)
        self.assertEqual(server.end(signal.SIGTERM), 0)

    def test_the_disk_is_full(self):
        """The server writes to standard error alone: where that cannot be written, it serves on."""
        server = self.server("log_level: LOG_LEVEL_DEBUG", start=False)
        server.log_path = "/dev/full"
        server.start()
        load = self.load(server)
        load.more(50)
        self.expect_no_call_lost(load.stop())
        self.assertEqual(server.end(signal.SIGTERM), 0)


if __name__ == "__main__":
    chaos_case.main()
