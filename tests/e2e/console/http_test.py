"""The console's door: who is let in, and what answers carry. From the repository's root:

    python3 tests/e2e/console/http_test.py BIN_FOLDER [NAME...]
"""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "client", "python")]
import files  # noqa: E402
from certificates import Certificates  # noqa: E402
from programs import Program, Programs  # noqa: E402

BIN = sys.argv.pop(1) if len(sys.argv) > 1 else "build/release/bin"


class DoorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.programs = Programs(BIN)
        cls.addClassCleanup(cls.programs.stop)
        cls.programs.start_server()
        cls.programs.start_console("--allow-host", "reading-room")
        cls.host = f"127.0.0.1:{cls.programs.http_port}"

    def call(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.putrequest(method, path, skip_host=True)
        headers.setdefault("Host", self.host)
        if body is not None:
            headers["Content-Length"] = str(len(body))
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content

    def post(self, path, body, **headers):
        headers.setdefault("Origin", f"http://{self.host}")
        return self.call("POST", path, body, **headers)

    def test_lets_in_addresses_localhost_and_allowed_names_only(self):
        port = self.programs.http_port
        for host in (self.host, f"localhost:{port}", f"[::1]:{port}", "localhost:9000", f"READING-room:{port}"):
            self.assertEqual(self.call("GET", "/api/about", Host=host)[0].status, 200, host)
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "localhost.evil.example", "", "[::1"):
            for path in ("/", "/api/about", "/main.js", "/nothing"):
                answer, content = self.call("GET", path, Host=host)
                self.assertEqual(answer.status, 403, host)
                self.assertIn(b"--allow-host", content)

    def test_takes_files_from_its_own_page_only(self):
        film = files.read(files.OTHER_FILM)
        self.assertEqual(self.post("/api/segment", film)[0].status, 200)
        for path in ("/api/segment", "/api/picture", "/api/video", "/api/about", "/nothing"):
            for origin in ("http://evil.example", "null", "", f"http://localhost:{self.programs.http_port}", f"http://{self.host}.evil.example"):
                answer, content = self.post(path, film, Origin=origin)
                self.assertEqual(answer.status, 403, f"{path} from {origin}")
                self.assertLess(len(content), 200)
        self.assertEqual(self.call("POST", "/api/segment", film)[0].status, 403)  # no origin at all

    def test_a_refused_body_is_never_taken_for_a_request(self):
        inner = f"GET /api/about HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode()
        outer = (f"POST /api/segment HTTP/1.1\r\nHost: {self.host}\r\nOrigin: http://evil.example\r\n"
                 f"Content-Length: {len(inner)}\r\n\r\n").encode()
        last = f"GET /nothing HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", self.programs.http_port), timeout=60) as connection:
            connection.sendall(outer + inner)
            got = b""
            while b"own page" not in got:  # the end of the refusal
                got += connection.recv(65536)
            connection.sendall(last)
            while piece := connection.recv(65536):
                got += piece
        self.assertEqual(re.findall(rb"HTTP/1.1 (\d+)", got), [b"403", b"404"])

    def test_every_answer_forbids_what_the_page_does_not_need(self):
        for method, path, body in (("GET", "/", None), ("GET", "/console.css", None), ("GET", "/api/status", None),
                                   ("GET", "/nothing", None), ("POST", "/api/segment", b"x"), ("PUT", "/", b"x")):
            answer, _ = self.call(method, path, body, Origin=f"http://{self.host}")
            policy = answer.getheader("Content-Security-Policy")
            self.assertIn("default-src 'none'", policy, path)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(answer.getheader("X-Content-Type-Options"), "nosniff")
            self.assertEqual(answer.getheader("Cache-Control"), "no-store")
            self.assertEqual(answer.getheader("Cross-Origin-Resource-Policy"), "same-origin")
            self.assertIsNone(answer.getheader("Access-Control-Allow-Origin"))

    def test_the_page_refers_to_nothing_outside(self):
        _, page = self.call("GET", "/")
        for way_out in (b"http:", b"https:", b'"//', b"style=", b"onclick", b"<style", b"<script>"):
            self.assertNotIn(way_out, page)

    def test_says_what_was_wrong(self):
        for path, body, status, words in (
            ("/api/segment", b"x" * 100, 400, "cannot use this file"),
            ("/api/segment?model=none", files.read(files.OTHER_FILM), 404, "no longer has this model"),
            ("/api/segment?frame=0", b"x", 400, "frame: must be a number from 1"),
            ("/api/segment?left=up", b"x", 400, "patient-right, patient-left or empty"),
            ("/api/segment", bytes(64 << 20), 413, "63 MB at most"),
            ("/api/picture", b"x" * 100, 400, "cannot use this file"),
        ):
            answer, content = self.post(path, body)
            self.assertEqual(answer.status, status, path)
            told = json.loads(content)
            self.assertIn(words, told["sentence"] + told["detail"])
            self.assertTrue(told["advice"])

    def test_a_video_that_is_none_gets_a_sentence(self):
        for body, words in ((b"#EXTM3U\nhttp://127.0.0.1/x", "no video of a kind"), (b"RIFF\0\0\0\0AVI " + bytes(99), "damaged")):
            _, content = self.post("/api/video", body)
            self.assertIn(words.encode(), content)
            self.assertNotIn(b"/proc", content)

    def test_knows_the_server_and_its_models(self):
        _, about = self.call("GET", "/api/about")
        self.assertEqual(json.loads(about)["server"], f"127.0.0.1:{self.programs.port}")
        _, models = self.call("GET", "/api/models")
        self.assertEqual(len(json.loads(models)["models"]), 2)
        answer, _ = self.call("GET", "/api/card?model=none")
        self.assertEqual(answer.status, 404)


class ProgramTest(unittest.TestCase):
    def setUp(self):
        self.programs = Programs(BIN)
        self.addCleanup(self.programs.stop)
        self.programs.port = 9  # where nobody listens

    def test_is_there_before_its_server_and_ends_at_once(self):
        self.programs.start_console()
        connection = http.client.HTTPConnection("127.0.0.1", self.programs.http_port, timeout=60)
        connection.request("GET", "/api/status")
        status = json.loads(connection.getresponse().read())
        self.assertFalse(status["serving"])
        self.assertEqual(status["problem"]["sentence"], "The server does not answer.")
        # An open connection does not hold it back.
        self.programs.console.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.programs.console.process.wait(timeout=60), 0)
        connection.close()

    def test_will_not_share_its_port(self):
        self.programs.start_console()
        other = subprocess.run([f"{BIN}/lingula-console", "--port", str(self.programs.http_port)], capture_output=True, text=True,
                               timeout=60, check=False)
        self.assertEqual(other.returncode, 1)
        self.assertIn("is another program there already?", other.stderr)

    def test_warns_when_it_is_opened_to_a_network(self):
        log = self.programs.path("open.log")
        program = Program(f"{BIN}/lingula-console", "--host", "0.0.0.0", "--port", "0", log=log)
        program.stop()
        with open(log, encoding="utf-8") as file:
            self.assertIn("it asks nobody who they are", file.read())

    def test_refuses_what_it_does_not_know(self):
        for words in (["--no-such-flag"], ["--port", "70000"]):
            got = subprocess.run([f"{BIN}/lingula-console", *words], capture_output=True, timeout=60, check=False)
            self.assertEqual(got.returncode, 2)


class SecureServerTest(unittest.TestCase):
    """Before a server that asks for certificates and knows its callers."""

    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates()
        cls.addClassCleanup(cls.certificates.close)
        caller = 'name: "reading-room" roles: ROLE_SEGMENT roles: ROLE_READ certificates: "DNS:caller"'
        cls.programs = Programs(BIN, models=("cxr-sgseg-compact",), config=cls.certificates.of_real_server(caller))
        cls.addClassCleanup(cls.programs.stop)
        cls.programs.start_server()

    def segment(self, *words):
        """Status and content, from a console that is started with these words."""
        self.programs.start_console("--authority", "localhost", *words, deadline_ms=10000)
        self.addCleanup(self.programs.console.stop)
        host = f"127.0.0.1:{self.programs.http_port}"
        connection = http.client.HTTPConnection(host, timeout=60)
        connection.request("POST", "/api/segment", files.read(files.OTHER_FILM), {"Origin": f"http://{host}"})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    def test_shows_its_certificate(self):
        path = self.certificates.path
        status, content = self.segment("--ca", path("ca"), "--cert", path("caller.pem"), "--key", path("caller.key"))
        self.assertEqual(status, 200, content[:500])
        self.assertIn(b"side of the image", content)

    def test_says_so_without(self):
        for words, why in (((), b"without TLS"), (("--ca", self.certificates.path("ca")), b"ours is missing or refused")):
            status, content = self.segment(*words)
            self.assertEqual(status, 503)
            self.assertIn(b"The server does not answer.", content)
            self.assertIn(why, content)


if __name__ == "__main__":
    unittest.main(verbosity=2)
