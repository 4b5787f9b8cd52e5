#!/usr/bin/env python3
"""image_test.py ROOT BASE CONFIG: an image's unpacked root, that of the image it is built on, and its configuration as
JSON. Starts it read-only and as nobody, segments a picture through it, and looks at what is inside."""
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

ROOT, BASE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
CONFIG = json.loads(pathlib.Path(sys.argv[3]).read_text())["Docker"]["config"]
HERE = pathlib.Path(__file__).resolve().parent
USER = "65532"
LARGEST_BYTES = 900_000_000
OURS = ROOT / "opt/lingula"
FLAVOUR = CONFIG["Labels"]["lingula.flavour"]


def inside(*command, **options):
    """As enter.sh says: read-only, without rights. Returns the finished process."""
    return subprocess.run(["sh", HERE / "enter.sh", ROOT, USER, *command], capture_output=True, text=True, timeout=120, **options)


def size(folder):
    total = 0
    for parent, _, names in os.walk(folder):
        total += sum(os.lstat(os.path.join(parent, name)).st_size for name in names)
    return total


def commands(root):
    return {path.name for folder in ("usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin")
            for path in (root / folder).glob("*")}


def packages(root):
    form = "${Package}\\t${Version}\\t${db:Status-Abbrev}\\n"
    out = subprocess.run(["dpkg-query", "--admindir=%s" % (root / "var/lib/dpkg"), "-W", "-f", form], check=True,
                         capture_output=True, text=True).stdout
    return {line.split("\t")[0]: line.split("\t")[1] for line in out.splitlines() if line.split("\t")[2].startswith("ii")}


def libraries():
    """Real paths, inside, of all that our programs and modules load."""
    found = set()
    for path in [*OURS.glob("bin/*"), *OURS.glob("torch/lib/libtorch_c*.so")]:
        out = inside("ldd", "/" + str(path.relative_to(ROOT))).stdout
        if "not found" in out and path.name != "liblingula-cuda.so":
            raise AssertionError("%s misses libraries:\n%s" % (path.name, out))
        found.update(os.path.realpath(str(ROOT) + one)[len(os.path.realpath(ROOT)):] for one in re.findall(r"=> (/\S+)", out))
    return found


def asked_for():
    """The packages that the Dockerfile names for the runtime stage."""
    text = (HERE.parents[1] / "docker/Dockerfile").read_text()
    return re.findall(r"^    ([a-z][a-z0-9.+-]+) \\$", text, re.MULTILINE)


class Runs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        words = [*CONFIG["Entrypoint"], *CONFIG["Cmd"], "--port", "0", "--metrics-port", "0"]
        cls.server = subprocess.Popen(["sh", HERE / "enter.sh", ROOT, USER, *words], stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True)
        ready = cls.server.stdout.readline()
        if not ready:
            raise AssertionError("the server did not get ready: " + cls.server.stderr.read())
        cls.ready = json.loads(ready)
        cls.at = "127.0.0.1:%d" % cls.ready["grpc_port"]

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.server.communicate()

    def test_1_serves_all_bundles(self):
        self.assertEqual(sorted(self.ready["models"]),
                         ["cxr-prolearn-compact@1", "cxr-sgseg-compact@1", "polyp-prolearn-compact@1"])

    def test_2_segments_a_picture(self):
        done = inside("sh", "-c", "lingula segment /opt/lingula/share/example.jpg --server %s --json --out /tmp && "
                      "head -c 8 /tmp/example.mask.png | od -An -c" % self.at)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("P   N   G", done.stdout)
        answer = json.loads(done.stdout.splitlines()[0])
        self.assertGreater(answer["quality"]["expected_dice"], 0.5)

    def test_3_health(self):
        for words in ([], ["--alive"], ["--service", "lingula.v1.Segmentation/cxr-sgseg-compact"]):
            done = inside("lingula", "health", "--server", self.at, *words)
            self.assertEqual((done.returncode, done.stdout), (0, "SERVING\n"), done.stderr)

    def test_4_ends_well_and_probes_say_so(self):
        self.server.terminate()
        self.assertEqual(self.server.wait(60), 0)
        self.assertEqual(inside("lingula", "health", "--server", self.at, "--alive").returncode, 3)

    def test_its_own_configuration_is_good(self):
        done = inside(*CONFIG["Entrypoint"], *CONFIG["Cmd"], "--check-config")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_nothing_can_be_written(self):
        done = inside("sh", "-c", "id -u; touch /opt/lingula/x || touch /etc/lingula/x || touch /x || echo no")
        self.assertEqual(done.stdout, USER + "\nno\n")


class Holds(unittest.TestCase):
    def test_no_command_beyond_its_base(self):
        self.assertEqual(commands(ROOT) - commands(BASE), set())

    def test_nothing_to_build_or_script_with(self):
        words = r"(cc|gcc|g\+\+|c\+\+|cpp|clang|ld|as|make|cmake|ninja|python|pip|go|cargo|node)[0-9.-]*"
        self.assertEqual([name for name in commands(ROOT) if re.fullmatch(words, name)], [])

    def test_nothing_grants_rights(self):
        found = [str(path) for path in ROOT.rglob("*") if path.is_file() and not path.is_symlink() and path.stat().st_mode & 0o6000]
        self.assertEqual(found, [])

    def test_libraries_are_whole_and_none_is_too_many(self):
        loaded = libraries()
        for package in asked_for():
            listed = (ROOT / "var/lib/dpkg/info").glob(package + "*.list")
            files = {os.path.realpath(str(ROOT) + line)[len(os.path.realpath(ROOT)):] for path in listed
                     if path.name in (package + ".list", package + ":amd64.list") for line in path.read_text().split()}
            self.assertTrue(files & loaded, "%s: no program of ours loads it" % package)

    def test_size(self):
        total = size(ROOT)
        parts = sorted(((size(one), "/" + str(one.relative_to(ROOT))) for one in
                        [*OURS.glob("*"), ROOT / "usr/lib/x86_64-linux-gnu", ROOT / "usr/share", ROOT / "usr/bin"]), reverse=True)
        print("\n%s: %.0f MB" % (FLAVOUR, total / 1e6))
        for part, name in parts:
            print("%8.1f MB  %s" % (part / 1e6, name))
        if FLAVOUR == "cpu":
            self.assertLessEqual(total, LARGEST_BYTES)

    def test_says_what_it_is(self):
        self.assertEqual(CONFIG["User"], "65532:65532")
        self.assertEqual(CONFIG["Entrypoint"], ["lingula-server"])
        for name in ("title", "description", "licenses", "version", "revision", "created", "base.name"):
            self.assertTrue(CONFIG["Labels"].get("org.opencontainers.image." + name), name)
        self.assertRegex(CONFIG["Labels"]["org.opencontainers.image.version"], r"^\d+\.\d+\.\d+$")
        self.assertEqual(CONFIG["Healthcheck"]["Test"][:3], ["CMD", "lingula", "health"])


class BillOfMaterials(unittest.TestCase):
    FILE = OURS / "share/sbom.spdx.json"

    def test_is_valid_spdx(self):
        self.assertEqual([one.validation_message for one in validate_full_spdx_document(parse_file(str(self.FILE)))], [])

    def test_lists_what_is_there(self):
        listed = json.loads(self.FILE.read_text())["packages"]
        debian = {one["name"]: one["versionInfo"] for one in listed if one["SPDXID"].startswith("SPDXRef-deb-") and "comment" not in one}
        self.assertEqual(debian, packages(ROOT))
        names = {one["name"] for one in listed}
        self.assertLessEqual({"torch", "nvidia-cuda-runtime", "nvidia-cuda-cupti", "nlohmann-json3-dev", "libcli11-dev", "lingula"}, names)
        self.assertNotIn("nvidia-cuda-crt", names)  # headers of which nothing is in here

    def test_every_licence_has_its_text(self):
        table = (OURS / "share/licenses/LIST.md").read_text()
        for one in json.loads(self.FILE.read_text())["packages"][1:]:
            self.assertIn("| %s | %s |" % (one["name"], one["versionInfo"]), table)
            texts = [*(OURS / "share/licenses" / one["name"]).glob("*"), ROOT / "usr/share/doc" / one["name"] / "copyright"]
            self.assertTrue(one["name"] == "lingula-no-opengl" or any(os.path.exists(text) for text in texts), one["name"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
