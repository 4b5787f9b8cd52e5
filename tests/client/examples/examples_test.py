"""client/examples/go or client/examples/java: built, and run against real servers. From the repository's root:

    PYTHONPATH=client/python/src:third_party/pythonclient \\
      python3 tests/client/examples/examples_test.py go|java BUILD_FOLDER
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
from certificates import Certificates  # noqa: E402
from grpc import StatusCode  # noqa: E402
from servers import FILM, FRAME, POLYP, RealServer, ScriptedServer, retry_info, status  # noqa: E402

PROTOS = os.path.abspath("proto")


class Go:
    """Programs in bin/; modules and plugins are those that ./dev fetched."""

    def __init__(self, folder):
        self._bin = os.path.join(folder, "bin")
        tools = os.path.abspath("third_party/gotools/bin")
        environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
        environment.update(GOMODCACHE=os.path.abspath("third_party/gotools/mod"), GOPROXY="off", GOFLAGS="")
        subprocess.run(["sh", "generate.sh", PROTOS], cwd=folder, env=environment, check=True)
        subprocess.run(["go", "vet", "./..."], cwd=folder, env=environment, check=True)
        for program in ("segment", "stream"):
            build = ["go", "build", "-o", f"{self._bin}/{program}", f"./{program}"]
            subprocess.run(build, cwd=folder, env=environment, check=True)

    def command(self, program, options):
        return [f"{self._bin}/{program}", *(f"-{name}={value}" for name, value in options.items())]


class Java:
    """Classes in target/; Maven works offline, with what ./dev fetched."""

    def __init__(self, folder):
        repository = os.path.abspath("third_party/m2")
        self._path = f"{folder}/target/classes:{folder}/target/dependency/*"
        subprocess.run(
            ["mvn", "-o", "-q", "-B", f"-Dmaven.repo.local={repository}", f"-Dprotos={PROTOS}", "compile"],
            cwd=folder,
            check=True,
        )

    def command(self, program, options):
        properties = [f"-D{name}={value}" for name, value in options.items()]
        return ["java", *properties, "-cp", self._path, f"lingula.{program.capitalize()}"]


LANGUAGES = {"go": Go, "java": Java}


class ExamplesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        source = os.path.join(folder.name, LANGUAGE)
        shutil.copytree(f"client/examples/{LANGUAGE}", source, ignore=shutil.ignore_patterns("target", "lingulav1"))
        cls.programs = LANGUAGES[LANGUAGE](source)
        cls.certificates = Certificates()
        cls.addClassCleanup(cls.certificates.close)

    def run_program(self, program, *arguments, **options):
        command = [*self.programs.command(program, options), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr

    def real(self, configuration=""):
        server = RealServer(configuration)
        self.addCleanup(server.close)
        return server

    def scripted(self, *script, credentials=None):
        server = ScriptedServer(credentials)
        server.script.extend(script)
        self.addCleanup(server.close)
        return server

    def test_programs_fit_on_a_page(self):
        for folder, _, names in os.walk(f"client/examples/{LANGUAGE}"):
            for name in names:
                if name.endswith((".go", ".java")) and "lingulav1" not in folder and "target" not in folder:
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        self.assertLess(len(file.readlines()), 80, name)

    def test_one_call_and_one_stream(self):
        server = self.real()
        mask = os.path.join(self.folder, "mask.png")
        code, said, errors = self.run_program("segment", server.target, FILM, mask)
        self.assertEqual(code, 0, errors)
        self.assertIn("side of the image", said)
        self.assertIn("Expected Dice: 0.", said)
        with open(mask, "rb") as file:
            self.assertEqual(file.read(4), b"\x89PNG")
        code, _, errors = self.run_program("segment", server.target, __file__, mask)
        self.assertEqual(code, 1)
        self.assertIn("image: the content is of no known image kind", errors)

        code, said, errors = self.run_program("stream", server.target, POLYP, FRAME, __file__, FRAME)
        self.assertEqual(code, 0, errors)
        lines = said.splitlines()
        self.assertEqual([line.split(":")[0] for line in lines], ["frame 1", "frame 2", "frame 3"])
        self.assertRegex(lines[0], "^frame 1: [1-9][0-9]* pixels$")
        self.assertIn("DROP_REASON_BAD_FRAME", lines[1])
        self.assertEqual(lines[2], lines[0].replace("1", "3", 1))
        code, _, errors = self.run_program("stream", server.target, "other", FRAME)
        self.assertEqual(code, 1)
        self.assertIn("no such model", errors)

    def test_retries_by_service_configuration(self):
        away = status(StatusCode.UNAVAILABLE, "draining")
        full = status(StatusCode.RESOURCE_EXHAUSTED, "full", retry_info(1), trailers=[("grpc-retry-pushback-ms", "1")])
        server = self.scripted(away, full, away)
        code, _, errors = self.run_program("segment", server.target, FILM, os.path.join(self.folder, "m"))
        self.assertEqual((code, len(server.requests)), (0, 4), errors)
        server.script.append(status(StatusCode.INTERNAL, "our fault"))
        code, _, errors = self.run_program("segment", server.target, FILM, os.path.join(self.folder, "m"))
        self.assertEqual((code, len(server.requests)), (1, 5))
        self.assertIn("our fault", errors)

    def own(self):
        """Options of a caller with a certificate."""
        path = self.certificates.path
        own = {"ca": path("ca"), "cert": path("caller.pem"), "key": path("caller.key")}
        if LANGUAGE == "java":  # reads keys of this form only
            subprocess.run(
                ["openssl", "pkcs8", "-topk8", "-nocrypt", "-in", path("caller.key"), "-out", path("caller.p8")],
                check=True,
            )
            own["key"] = path("caller.p8")
        return own

    def over_tls(self, server, **options):
        """One call by the name that the server's certificate has."""
        return self.run_program("segment", f"localhost:{server.port}", FILM, os.path.join(self.folder, "m"), **options)

    def impatient(self):
        """A service configuration without retries: the real one waits for half a minute."""
        path = os.path.join(self.folder, "impatient.json")
        with open(path, "w", encoding="ascii") as file:
            file.write("{}")
        return path

    def test_mtls(self):
        server = self.scripted(credentials=self.certificates.of_server(ask_callers=True))
        path = self.certificates.path
        code, _, errors = self.over_tls(server, **self.own())
        self.assertEqual((code, len(server.requests)), (0, 1), errors)
        for options in ({"ca": path("ca")}, {"ca": path("caller.pem")}, {}):
            code, _, errors = self.over_tls(server, config=self.impatient(), **options)
            self.assertEqual((code, len(server.requests)), (1, 1), errors)

    def test_the_real_server_knows_a_certificate(self):
        caller = 'name: "pacs" roles: ROLE_SEGMENT certificates: "DNS:caller"'
        server = self.real(self.certificates.of_real_server(caller))
        code, said, errors = self.over_tls(server, **self.own())
        self.assertEqual(code, 0, errors)
        self.assertIn("side of the image", said)
        code, _, errors = self.over_tls(server, config=self.impatient(), ca=self.certificates.path("ca"))
        self.assertEqual(code, 1, errors)


if __name__ == "__main__":
    LANGUAGE = sys.argv.pop(1)
    os.environ["LINGULA_BIN"] = os.path.join(sys.argv.pop(1), "bin")
    unittest.main()
