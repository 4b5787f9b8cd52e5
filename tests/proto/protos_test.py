"""proto/tools finds what it is there to find, and finds nothing in our protos. Run from the repository's root."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest


def run(tool, *arguments):
    command = [sys.executable, f"proto/tools/{tool}.py", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


class ProtosTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.protos = shutil.copytree("proto", os.path.join(folder.name, "proto"))

    def change(self, file, old, new):
        path = os.path.join(self.protos, "lingula", "v1", file)
        with open(path, encoding="utf-8") as source:
            text = source.read()
        self.assertIn(old, text)
        with open(path, "w", encoding="utf-8") as target:
            target.write(text.replace(old, new, 1))

    def test_the_reference_page_is_what_the_comments_say(self):
        code, page, said = run("reference")
        self.assertEqual(code, 0, said)
        with open("docs/reference.md", encoding="utf-8") as file:
            self.assertEqual(file.read(), page, "run python3 proto/tools/reference.py >docs/reference.md")

    def test_every_comment_is_needed(self):
        tool = os.path.join(self.protos, "tools", "reference.py")
        self.change("mask.proto", "  // Rows.\n", "")
        done = subprocess.run(
            [sys.executable, tool], cwd=os.path.dirname(self.protos), capture_output=True, text=True, check=False
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn("no comment: CocoRle.height", done.stderr)

    def test_nothing_breaks_callers_of_the_last_release(self):
        code, said, _ = run("breaking")
        self.assertEqual(code, 0, said)

    def test_additions_break_nobody(self):
        self.change("mask.proto", "  string counts = 3;", "  string counts = 3;\n  bytes more = 4;")
        self.change("quality.proto", "  FLAG_LOSSY_INPUT = 5;", "  FLAG_LOSSY_INPUT = 5;\n  FLAG_MORE = 90;")
        code, said, _ = run("breaking", self.protos)
        self.assertEqual(code, 0, said)

    def test_every_break_is_found(self):
        for file, old, new, words in (
            ("mask.proto", "string counts = 3", "string counts = 4", "counts: number 3 became 4"),
            ("mask.proto", "string counts = 3", "bytes counts = 3", "counts: type TYPE_STRING became TYPE_BYTES"),
            ("mask.proto", "string counts = 3", "string runs = 3", "counts: name counts became runs"),
            ("mask.proto", "  string counts = 3;", "", "number 3 is gone and not reserved"),
            ("mask.proto", "  string counts = 3;", "  reserved 3;", "not reserved with its name"),
            ("mask.proto", "  CocoRle coco_rle = 5;", "  Polygons coco_rle = 5;", "became .lingula.v1.Polygons"),
            ("mask.proto", "  MASK_FORMAT_PNG = 1;", "  MASK_FORMAT_FILE = 1;", "name became MASK_FORMAT_FILE"),
            ("mask.proto", "  MASK_FORMAT_DICOM_SEG = 8;", "", "MASK_FORMAT_DICOM_SEG: number 8 is gone"),
            ("mask.proto", "repeated uint32 xy", "uint32 xy", "LABEL_REPEATED became LABEL_OPTIONAL"),
            ("quality.proto", "optional float coverage", "float coverage", "presence optional became implicit"),
            ("mask.proto", "string counts = 3", 'string counts = 3 [json_name = "c"]', "JSON name counts became c"),
            ("stream.proto", "package lingula.v1", "package lingula.v2", "package lingula.v1 became lingula.v2"),
            ("segmentation.proto", "(stream SegmentStreamRequest)", "(SegmentStreamRequest)", "client_streaming"),
            ("models.proto", "rpc ListModels", "rpc AllModels", "Models.ListModels: the call is gone"),
            ("models.proto", "(GetModelResponse)", "(ListModelsResponse)", "output_type .lingula.v1.GetModel"),
            ("image.proto", "    RawImage raw = 2;\n    // Network", "    // Network", "number 2 is gone"),
        ):
            with self.subTest(words):
                self.setUp()
                self.change(file, old, new)
                if words.startswith("package"):  # others name its messages, so it is compared alone
                    self.change("segmentation.proto", 'import "lingula/v1/stream.proto";', "")
                    for use in ("StreamPolicy policy = 8", "DropReceipt drop = 4"):
                        self.change("segmentation.proto", use, "bytes " + use.split(" ", 1)[1])
                code, said, errors = run("breaking", self.protos)
                self.assertEqual(code, 1, errors)
                self.assertIn(words, said)

    def test_what_is_reserved_with_its_name_may_go(self):
        self.change("mask.proto", "  string counts = 3;", '  reserved 3;\n  reserved "counts";')
        code, said, _ = run("breaking", self.protos)
        self.assertEqual(code, 0, said)

    def test_files_do_not_vanish(self):
        os.remove(os.path.join(self.protos, "lingula", "v1", "admin.proto"))
        code, said, _ = run("breaking", self.protos)
        self.assertEqual(code, 1)
        self.assertIn("lingula/v1/admin.proto: the file is gone", said)


if __name__ == "__main__":
    unittest.main()
