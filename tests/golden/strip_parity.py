#!/usr/bin/env python3
"""strip_parity.py FROM TO: a folder of recorded outputs (tests/golden/parity/README.md) without what
holds or derives from real X-rays, so that it may be committed. Standard library only."""
import json
import pathlib
import re
import shutil
import struct
import sys

# Batches, pictures and files that come from X-rays.
XRAY = re.compile(r"^(xray\d*|(wide|narrow|tall|large)_\d+x\d+)(\.|$)")
XRAY_FILE = re.compile(r"_xray$")
# What our program reads; images/ and containers/ belong to other tests.
OTHERS = ["captions64.jsonl", "tokenizer.jsonl", "fill_vectors.json", "sgseg.keys", "languide.keys",
          "prolearn.keys", "hdbscan_cases.json", "metrics.json", "train_step.json"]


def read(path):
    """Metadata, and (name, dtype, shape, bytes) of each tensor in the order of the file."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    metadata = header.pop("__metadata__", {})
    body = data[8 + size:]
    entries = sorted(header.items(), key=lambda item: item[1]["data_offsets"])
    return metadata, [(name, e["dtype"], e["shape"], body[slice(*e["data_offsets"])])
                      for name, e in entries]


def write(path, metadata, tensors):
    header, at = {}, 0
    if metadata:
        header["__metadata__"] = dict(sorted(metadata.items()))
    for name, dtype, shape, data in tensors:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for _, _, _, data in tensors:
            out.write(data)


def main(source, target):
    target.mkdir(parents=True, exist_ok=True)
    tolerances = json.loads((source / "tolerances.json").read_text())
    kept = {}
    for path in sorted(source.glob("*.safetensors")):
        if XRAY_FILE.search(path.stem):
            continue
        metadata, tensors = read(path)
        write(target / path.name, {k: v for k, v in metadata.items() if not XRAY.match(k)},
              [tensor for tensor in tensors if not XRAY.match(tensor[0])])
    for file, tensors in tolerances.items():
        if not XRAY_FILE.search(file):
            kept[file] = {name: entry for name, entry in tensors.items() if not XRAY.match(name)}
    (target / "tolerances.json").write_text(json.dumps(kept, indent=1) + "\n")
    for name in OTHERS:
        shutil.copyfile(source / name, target / name)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
