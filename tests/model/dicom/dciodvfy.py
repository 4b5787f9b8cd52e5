"""dciodvfy of dicom3tools, which checks an object against its definition in the standard."""

import subprocess


def verdict(path):
    """The object's kind as dciodvfy names it, and its complaints; its exit status tells neither."""
    judged = subprocess.run(["dciodvfy", path], capture_output=True, text=True, errors="replace", check=False)
    lines = judged.stderr.splitlines() + judged.stdout.splitlines()
    kind = next((line for line in lines if line and " " not in line), None)
    return kind, [line for line in lines if line.startswith("Error")]
