"""Pictures for people: a mask over an image."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from lingula.png import encode_png

Array = np.ndarray[Any, Any]


def overlay(
    image: Array,
    mask: Array,
    *,
    color: tuple[int, int, int] = (255, 64, 64),
    opacity: float = 0.35,
    outline: bool = True,
) -> Array:
    """Return `image` with `mask` over it: uint8, [rows, columns, 3].

    image    uint8 or uint16, [rows, columns] or [rows, columns, 3]; 16 bits are shown by their upper 8
    mask     bool or numbers, [rows, columns]; inside where it is not 0
    opacity  of the colour inside, in [0, 1]; the outline, one pixel wide, is opaque
    """
    picture = np.asarray(image)
    inside = np.asarray(mask) != 0
    if picture.shape[:2] != inside.shape or picture.ndim not in (2, 3):
        raise ValueError(f"an image of {picture.shape} and a mask of {inside.shape} do not fit")
    if picture.dtype == np.uint16:
        picture = (picture >> 8).astype(np.uint8)
    if picture.dtype != np.uint8:
        raise ValueError(f"an image of type {picture.dtype}: must be uint8 or uint16")
    if picture.ndim == 2:
        picture = picture[:, :, None]
    painted: Array = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture[:, :, :3].copy()
    tint = np.array(color, np.float32)
    mixed = painted[inside] * np.float32(1 - opacity) + tint * np.float32(opacity)
    painted[inside] = np.rint(mixed).astype(np.uint8)
    if outline:
        painted[edge(inside)] = color
    return painted


def edge(mask: Array) -> Array:
    """Return the pixels of `mask` that have a neighbour (of four) outside: bool, [rows, columns]."""
    padded = np.pad(mask != 0, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    border: Array = (mask != 0) & ~inner
    return border


def write_png(path: str | os.PathLike[str], pixels: Array) -> None:
    """Write uint8 pixels, [rows, columns] or [rows, columns, 3], or a bool mask as 0 and 255."""
    if pixels.dtype == np.bool_:
        pixels = pixels.astype(np.uint8) * 255
    Path(path).write_bytes(encode_png(pixels))
