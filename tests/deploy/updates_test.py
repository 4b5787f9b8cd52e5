"""docker/updates.py, on what apt says."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docker"))
import updates  # noqa: E402

POLICY = """libssl3:
  Installed: 3.0.19-1~deb12u2
  Candidate: 3.0.22-1~deb12u2
  Version table:
     3.0.22-1~deb12u2 500
        500 http://archive.example/debian-security bookworm-security/main amd64 Packages
     3.0.20-1~deb12u2 500
        500 http://archive.example/debian bookworm/main amd64 Packages
 *** 3.0.19-1~deb12u2 100
        100 /var/lib/dpkg/status
zlib1g:
  Installed: 1:1.2.13.dfsg-1
  Candidate: 1:1.2.13.dfsg-1
  Version table:
 *** 1:1.2.13.dfsg-1 500
        500 http://archive.example/debian bookworm/main amd64 Packages
        100 /var/lib/dpkg/status
ours:
  Installed: (none)
  Candidate: (none)
  Version table:
"""


class UpdatesTest(unittest.TestCase):
    def test_names_what_a_security_archive_mends(self):
        inside = {"libssl3": "3.0.19-1~deb12u2", "zlib1g": "1:1.2.13.dfsg-1", "ours": "1", "elsewhere": "1"}
        row = ("libssl3", "3.0.19-1~deb12u2", "3.0.22-1~deb12u2", "bookworm-security")
        self.assertEqual(updates.updates(inside, POLICY), [row])

    def test_says_nothing_of_what_is_new_enough(self):
        inside = {"libssl3": "3.0.22-1~deb12u2", "zlib1g": "1:1.2.13.dfsg-2"}
        self.assertEqual(updates.updates(inside, POLICY), [])


if __name__ == "__main__":
    unittest.main()
