"""PNG files out of arrays, so that no image library is needed."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOR_TYPES = {2: 0, 3: 2}  # dimensions of the array: grey, RGB


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def encode_png(pixels: np.ndarray[Any, Any]) -> bytes:
    """Return a PNG file of `pixels`: uint8, [rows, columns] grey or [rows, columns, 3] RGB."""
    rgb = pixels.ndim == 3 and pixels.shape[2] == 3
    if pixels.dtype != np.uint8 or not (pixels.ndim == 2 or rgb) or 0 in pixels.shape:
        raise ValueError(
            f"an array of shape {pixels.shape} and type {pixels.dtype} is no picture: "
            "uint8, [rows, columns] or [rows, columns, 3]"
        )
    rows, columns = pixels.shape[:2]
    lines = np.zeros((rows, 1 + pixels[0].size), np.uint8)  # each row begins with its filter: none
    lines[:, 1:] = pixels.reshape(rows, -1)
    header = struct.pack(">IIBBBBB", columns, rows, 8, _COLOR_TYPES[pixels.ndim], 0, 0, 0)
    return (
        _SIGNATURE
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(lines.tobytes(), 6))
        + _chunk(b"IEND", b"")
    )
