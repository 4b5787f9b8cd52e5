"""What the clients do when a server is full, away, restarted or asks for a certificate."""

import asyncio
import hashlib
import os
import subprocess
import tempfile
import threading
import time
import unittest

import grpc
import lingula
from google.rpc import error_details_pb2
from certificates import Certificates
from servers import FILM, RealServer, ScriptedServer, retry_info, status

CODE = grpc.StatusCode
QUICK = lingula.RetryPolicy(max_attempts=3, first_wait=0.002, longest_wait=0.004, longest_wait_away=0.01)


def through_client(target, image, timeout=None, **options):
    with lingula.Client(target, **options) as client:
        return client.segment(image, timeout=timeout)


def through_async_client(target, image, timeout=None, **options):
    async def call():
        async with lingula.AsyncClient(target, **options) as client:
            return await client.segment(image, timeout=timeout)

    return asyncio.run(call())


class ScriptTest(unittest.TestCase):
    """Each test goes through both clients."""

    def setUp(self):
        self.server = ScriptedServer()
        self.addCleanup(self.server.close)

    def each(self, *script):
        for call in (through_client, through_async_client):
            with self.subTest(call.__name__):
                self.server.script[:] = script
                self.server.requests.clear()
                self.server.metadata.clear()
                yield call

    def attempts(self):
        return len(self.server.requests)

    def test_full_is_tried_again_a_few_times(self):
        full = status(CODE.RESOURCE_EXHAUSTED, "queue full", retry_info(3))
        for call in self.each(full, full):
            self.assertEqual(call(self.server.target, b"x", retry=QUICK).mask.tolist()[0][0], True)
            self.assertEqual(self.attempts(), 3)
        for call in self.each(full, full, full, full):
            with self.assertRaisesRegex(lingula.ResourceExhausted, "queue full") as caught:
                call(self.server.target, b"x", retry=QUICK)
            self.assertEqual(self.attempts(), 3)
            self.assertEqual(caught.exception.retry_after, 0.003)

    def test_away_is_waited_for(self):
        away = [status(CODE.UNAVAILABLE, "draining")] * 5 + [status(CODE.CANCELLED, "gone")]
        for call in self.each(*away):
            call(self.server.target, b"x", retry=QUICK)
            self.assertEqual(self.attempts(), 7)

    def test_the_timeout_bounds_all_tries(self):
        for call in self.each(*[status(CODE.UNAVAILABLE, "draining")] * 100_000):
            with self.assertRaisesRegex(lingula.Unavailable, "draining") as caught:
                call(self.server.target, b"x", timeout=0.5, retry=QUICK)
            self.assertNotIsInstance(caught.exception, lingula.Unreachable)
            self.assertGreater(self.attempts(), 2)

    def test_a_pause_that_is_too_long_is_not_begun(self):
        for trailer in (
            status(CODE.RESOURCE_EXHAUSTED, "full", trailers=[("grpc-retry-pushback-ms", "3600000")]),
            status(CODE.RESOURCE_EXHAUSTED, "full", retry_info(3_600_000)),
        ):
            for call in self.each(trailer):
                with self.assertRaises(lingula.ResourceExhausted) as caught:
                    call(self.server.target, b"x", retry=QUICK)
                self.assertEqual((self.attempts(), caught.exception.retry_after), (1, 3600))

    def test_pushback_comes_before_retry_info_and_can_forbid(self):
        for call in self.each(
            status(CODE.UNAVAILABLE, "busy", retry_info(3_600_000), trailers=[("grpc-retry-pushback-ms", "1")])
        ):
            call(self.server.target, b"x", retry=QUICK)
            self.assertEqual(self.attempts(), 2)
        for pushback in ("-1", "soon"):
            forbidden = [("grpc-retry-pushback-ms", pushback)]
            for call in self.each(status(CODE.UNAVAILABLE, "never", trailers=forbidden)):
                with self.assertRaisesRegex(lingula.Unavailable, "never"):
                    call(self.server.target, b"x", retry=QUICK)
                self.assertEqual(self.attempts(), 1)

    def test_nothing_else_is_tried_again(self):
        for kind in (
            lingula.InvalidArgument, lingula.OutOfRange, lingula.NotFound, lingula.FailedPrecondition,
            lingula.Unimplemented, lingula.Unauthenticated, lingula.PermissionDenied, lingula.Internal,
        ):  # fmt: skip
            for call in self.each(status(kind.code, "a reason")):
                with self.assertRaisesRegex(kind, "a reason"):
                    call(self.server.target, b"x", retry=QUICK)
                self.assertEqual(self.attempts(), 1)
        for call in self.each(status(CODE.DATA_LOSS, "odd")):
            with self.assertRaisesRegex(lingula.LingulaError, "odd") as caught:
                call(self.server.target, b"x", retry=QUICK)
            self.assertEqual(caught.exception.code, CODE.DATA_LOSS)

    def test_details(self):
        request = error_details_pb2.BadRequest()
        request.field_violations.add(field="image", description="is empty")
        for call in self.each(status(CODE.INVALID_ARGUMENT, "image: is empty", request)):
            with self.assertRaises(lingula.InvalidArgument) as caught:
                call(self.server.target, b"x")
            self.assertEqual(caught.exception.violations, (lingula.FieldViolation("image", "is empty"),))
        broken = [("grpc-status-details-bin", b"\xff\xff")]
        for call in self.each(status(CODE.INVALID_ARGUMENT, "image: is odd", trailers=broken)):
            with self.assertRaisesRegex(lingula.InvalidArgument, "image: is odd"):
                call(self.server.target, b"x")

    def test_odd_answers(self):
        for call in self.each():
            result = call(self.server.target, b"x")
            self.assertEqual(result.mask.shape, (2, 9))
            self.assertEqual(result.mask.sum(), 3)
            self.assertEqual({flag.name for flag in result.flags}, {"EMPTY_MASK", "UNKNOWN_99"})
            self.assertIn("UNKNOWN_99", repr(result))

    def test_tokens_go_with_every_try(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "token")
            with open(path, "w", encoding="ascii") as file:
                file.write("fr0m-file\n")
            for secret, sent in (({"token": "s3cret"}, "s3cret"), ({"token_file": path}, "fr0m-file")):
                for call in self.each(status(CODE.UNAVAILABLE, "draining")):
                    call(self.server.target, b"x", retry=QUICK, **secret)
                    self.assertEqual(
                        [one.get("authorization") for one in self.server.metadata], [f"Bearer {sent}"] * 2
                    )
            for call in self.each():
                call(self.server.target, b"x")
                self.assertNotIn("authorization", self.server.metadata[0])


class UnreachableTest(unittest.TestCase):
    def test_a_wrong_address_is_told_at_once(self):
        for call in (through_client, through_async_client):
            with self.assertRaises(lingula.Unreachable) as caught:
                call("127.0.0.1:1", b"x", timeout=3600)
            self.assertIn("cannot reach 127.0.0.1:1 (is the server running?)", str(caught.exception))

    def test_unless_told_to_wait(self):
        for call in (through_client, through_async_client):
            with self.assertRaises(lingula.Unreachable):
                call("127.0.0.1:1", b"x", timeout=0.3, wait_for_ready=True)

    def test_a_program_that_dies_of_it_ends(self):
        code = 'import lingula; lingula.Client("127.0.0.1:1").segment(b"x")'
        done = subprocess.run(
            [os.sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn("Unreachable: cannot reach", done.stderr)


class RestartTest(unittest.TestCase):
    def test_a_restart_fails_no_call(self):
        server = RealServer(models=("cxr-sgseg-compact",))
        self.addCleanup(server.close)
        results, errors, stop = [], [], threading.Event()

        def work():
            with lingula.Client(server.target, timeout=120) as client:
                while not stop.is_set():
                    try:
                        results.append(client.segment(FILM).mask.sum())
                    except lingula.LingulaError as error:
                        errors.append(error)

        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        self.wait_for(results, 3)
        server.stop()
        before = len(results)
        server.start()
        self.wait_for(results, before + 3)
        stop.set()
        for worker in workers:
            worker.join()
        self.assertEqual(errors, [])
        self.assertEqual(len(set(results)), 1)

    def wait_for(self, results, count):
        end = time.monotonic() + 120
        while len(results) < count and time.monotonic() < end:
            time.sleep(0.01)
        self.assertGreaterEqual(len(results), count)


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certificates = Certificates()
        cls.addClassCleanup(cls.certificates.close)
        cls.path = cls.certificates.path

    def serve(self, callers):
        server = ScriptedServer(self.certificates.of_server(callers))
        self.addCleanup(server.close)
        return server

    def test_tls(self):
        server = self.serve(callers=False)
        target = f"localhost:{server.port}"
        for call in (through_client, through_async_client):
            call(target, b"x", ca_file=self.path("ca"), token="s3cret")
            self.assertEqual(server.metadata[-1]["authorization"], "Bearer s3cret")
            call(server.target, b"x", ca_file=self.path("ca"), server_name="localhost")
            for options in ({"tls": True}, {"ca_file": self.path("caller.pem")}, {}):
                with self.assertRaises(lingula.Unreachable):
                    call(target, b"x", timeout=20, **options)
            with self.assertRaises(lingula.Unreachable):  # the certificate names no address
                call(server.target, b"x", timeout=20, ca_file=self.path("ca"))

    def test_mtls(self):
        server = self.serve(callers=True)
        target = f"localhost:{server.port}"
        own = {"certificate_file": self.path("caller.pem"), "key_file": self.path("caller.key")}
        for call in (through_client, through_async_client):
            call(target, b"x", ca_file=self.path("ca"), **own)
            with self.assertRaises(lingula.Unreachable):
                call(target, b"x", timeout=20, ca_file=self.path("ca"))

    def real(self, configuration):
        server = RealServer(configuration, models=("cxr-sgseg-compact",))
        self.addCleanup(server.close)
        return f"localhost:{server.port}"

    def test_the_real_server_takes_tokens(self):
        token = "lgl_" + "1" * 43
        caller = f'name: "pacs" roles: ROLE_SEGMENT token_sha256: "{hashlib.sha256(token.encode()).hexdigest()}"'
        target = self.real(self.certificates.of_real_server(caller, ask_callers=False))
        with open(FILM, "rb") as file:
            film = file.read()
        for call in (through_client, through_async_client):
            self.assertEqual(call(target, film, ca_file=self.path("ca"), token=token).mask.shape, (1024, 1024))
            for options in ({}, {"token": token[:-1] + "2"}):
                with self.assertRaises(lingula.Unauthenticated) as refused:
                    call(target, film, ca_file=self.path("ca"), **options)
                self.assertIn("token", str(refused.exception))

    def test_the_real_server_takes_certificates(self):
        caller = 'name: "pacs" roles: ROLE_SEGMENT certificates: "DNS:caller"'
        target = self.real(self.certificates.of_real_server(caller))
        with open(FILM, "rb") as file:
            film = file.read()
        own = {"certificate_file": self.path("caller.pem"), "key_file": self.path("caller.key")}
        for call in (through_client, through_async_client):
            self.assertEqual(call(target, film, ca_file=self.path("ca"), **own).mask.shape, (1024, 1024))
            with self.assertRaises(lingula.Unreachable):
                call(target, film, timeout=20, ca_file=self.path("ca"))


if __name__ == "__main__":
    unittest.main()
