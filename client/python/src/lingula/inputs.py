"""From what a caller holds (a path, bytes, an array, a DICOM data set) to an Image message."""

from __future__ import annotations

import dataclasses
import io
import os
import sys
from typing import TYPE_CHECKING, Any, Literal, Union

import numpy as np

from lingula.errors import InvalidInput
from lingula.v1 import image_pb2

if TYPE_CHECKING:
    import pydicom

Color = Literal["rgb", "bgr"]


@dataclasses.dataclass(frozen=True, eq=False)
class NetworkInput:
    """An image in the form that the network reads: nothing is left to decode, resize or normalise.

    values  float32, [channels, side, side] of the model that answers. Where the model's input is
            transposed (`Model.input.transposed`), the axes are channel, COLUMN, ROW.
    """

    values: np.ndarray[Any, Any] = dataclasses.field(repr=False)


ImageLike = Union[
    str,
    "os.PathLike[str]",
    bytes,
    bytearray,
    memoryview,
    "np.ndarray[Any, Any]",
    NetworkInput,
    "pydicom.Dataset",
]


def image_message(image: ImageLike, *, color: Color = "rgb", frame: int = 0) -> image_pb2.Image:
    """Return the message for `image`.

    str, PathLike   a file, read whole: PNG, JPEG or DICOM, told apart by content. OSError as of open()
    bytes           such a file's content
    array           pixels: uint8 or uint16 [rows, columns] grey, 0 black; uint8 [rows, columns, 3]
                    in the order of `color`. Copied once into the message
    NetworkInput    float32 for a caller who prepares images himself
    Dataset         of pydicom, written as a DICOM file in memory
    `frame`         which frame of a DICOM file, from 1; 0 is the first

    Raises InvalidInput for anything else.
    """
    message = image_pb2.Image(frame_number=frame)
    if isinstance(image, (str, os.PathLike)):
        with open(image, "rb") as file:
            message.encoded = file.read()
    elif isinstance(image, (bytes, bytearray, memoryview)):
        message.encoded = bytes(image)
    elif isinstance(image, np.ndarray):
        _fill_raw(message.raw, image, color)
    elif isinstance(image, NetworkInput):
        _fill_tensor(message.tensor, image.values)
    elif _is_dataset(image):
        message.encoded = _dicom_file(image)
    else:
        raise InvalidInput(
            f"cannot send a {type(image).__name__}: give a path, the bytes of a file, a NumPy array, "
            "a pydicom.Dataset or a NetworkInput"
        )
    return message


def _fill_raw(raw: image_pb2.RawImage, pixels: np.ndarray[Any, Any], color: Color) -> None:
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    formats = {
        (2, "uint8"): image_pb2.PIXEL_FORMAT_GRAY8,
        (2, "uint16"): image_pb2.PIXEL_FORMAT_GRAY16,
        (3, "uint8"): image_pb2.PIXEL_FORMAT_BGR8 if color == "bgr" else image_pb2.PIXEL_FORMAT_RGB8,
    }
    pixel_format = formats.get((pixels.ndim, pixels.dtype.name))
    if pixel_format is None or 0 in pixels.shape or (pixels.ndim == 3 and pixels.shape[2] != 3):
        raise InvalidInput(
            f"cannot send an array of shape {pixels.shape} and type {pixels.dtype}: {_advice(pixels)}"
        )
    if color not in ("rgb", "bgr"):
        raise InvalidInput(f"color {color!r}: must be 'rgb' or 'bgr'")
    raw.height, raw.width = pixels.shape[:2]
    raw.format = pixel_format
    raw.data = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False).tobytes()


def _advice(pixels: np.ndarray[Any, Any]) -> str:
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        return "leave the alpha channel out, image[:, :, :3]"
    if pixels.dtype.kind == "f":
        return "scale it to uint8 or uint16, or wrap it in NetworkInput if it is ready for the network"
    return "pixels are uint8 or uint16 [rows, columns], or uint8 [rows, columns, 3]"


def _fill_tensor(tensor: image_pb2.ImageTensor, values: np.ndarray[Any, Any]) -> None:
    if not isinstance(values, np.ndarray) or values.ndim != 3 or values.dtype != np.float32:
        what = getattr(values, "dtype", type(values).__name__), getattr(values, "shape", "no shape")
        raise InvalidInput(
            f"NetworkInput of type {what[0]} and {what[1]}: must be float32, [channels, side, side]"
        )
    tensor.shape.extend(values.shape)
    tensor.data = values.astype("<f4", copy=False).tobytes()


def _is_dataset(image: object) -> bool:
    # Whoever holds one has imported pydicom; nobody else has to have it.
    pydicom = sys.modules.get("pydicom")
    return pydicom is not None and isinstance(image, pydicom.Dataset)


def _dicom_file(dataset: Any) -> bytes:
    import pydicom

    file = io.BytesIO()
    # The argument that asks for a preamble and file meta information has two names.
    new = int(pydicom.__version__.split(".")[0]) >= 3
    whole = {"enforce_file_format": True} if new else {"write_like_original": False}
    try:
        pydicom.dcmwrite(file, dataset, **whole)
    except (AttributeError, KeyError, ValueError, TypeError, NotImplementedError) as error:
        # What pydicom says may quote the patient's data, so only its kind is passed on.
        raise InvalidInput(
            f"the data set cannot be written as a DICOM file ({type(error).__name__}): it needs "
            "file_meta.TransferSyntaxUID, SOPClassUID and SOPInstanceUID, and values of valid types"
        ) from None
    return file.getvalue()
