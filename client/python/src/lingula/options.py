"""What a caller may ask for, and the request that asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict, Union

import numpy as np

from lingula.enums import GuidanceMode, MaskFormat, Modality, StreamPolicy, ViewerLeft
from lingula.errors import InvalidInput
from lingula.inputs import Color, ImageLike, image_message
from lingula.png import encode_png
from lingula.v1 import guidance_pb2, segmentation_pb2

Probabilities = Union[bool, Literal["float32", "uint8"]]


class CommonOptions(TypedDict, total=False):
    """Options of single images and of streams alike; all have defaults.

    model          "name", "name@version", "name@alias"; default: the server's for the modality
    modality       checked against the model's
    guidance       default: the model's own way
    report         text that guides the mask instead, in the grammar of docs/api.md; in it "left" is the
                   viewer's left
    threshold      in (0, 1): a pixel is in the mask when its probability is at least this; default:
                   the model's
    viewer_left    which side of the patient the left side of the image shows, if you know
    location       False: no words about places. Default True
    probabilities  True or "float32": Result.probabilities too; "uint8" for a quarter of the bytes
    forms          masks in these forms too, in Result.forms; bits and probabilities come as arrays
    """

    model: str
    modality: Modality
    guidance: GuidanceMode
    report: str
    threshold: float
    viewer_left: ViewerLeft
    location: bool
    probabilities: Probabilities
    forms: Sequence[MaskFormat]


class SegmentOptions(CommonOptions, total=False):
    """Options of single images.

    reference          your own mask, [rows, columns] of the image, inside where it is not 0 (or a
                       PNG file's bytes): Result.overlap then says the true Dice
    second_opinion     True: Result.second_opinion, the mask under the guidance that came second
    structured_report  True: Result.structured_report, of DICOM files only
    locale             language of the sentence, a BCP 47 tag
    request_id         your name for the request; appears in the server's log, so never a patient's.
                       Default: the server makes one
    frame              which frame of a DICOM file, from 1; default: the first
    color              order of the colours of an array: "rgb" (default) or "bgr"
    """

    reference: Union[np.ndarray[Any, Any], bytes]
    second_opinion: bool
    structured_report: bool
    locale: str
    request_id: str
    frame: int
    color: Color


class StreamOptions(CommonOptions, total=False):
    """Options of streams.

    policy         what happens to frames that come faster than they are answered; default: EVERY_FRAME
    max_frame_age  seconds, up to 60: older frames are dropped; default: never
    smoothing      in [0, 0.95]: weight of the frames before in a frame's probabilities; default 0
    color          order of the colours of arrays: "rgb" (default) or "bgr"
    """

    policy: StreamPolicy
    max_frame_age: float
    smoothing: float
    color: Color


def segment_request(image: ImageLike, options: SegmentOptions) -> segmentation_pb2.SegmentRequest:
    """Return the request for `image`. Raises InvalidInput, TypeError for an unknown option."""
    _refuse_unknown(options, SegmentOptions)
    request = segmentation_pb2.SegmentRequest(
        request_id=options.get("request_id", ""),
        image=image_message(image, color=options.get("color", "rgb"), frame=options.get("frame", 0)),
        want_second_opinion=options.get("second_opinion", False),
        want_structured_report=options.get("structured_report", False),
        locale=options.get("locale", ""),
    )
    _fill_common(request, options)
    reference = options.get("reference")
    if reference is not None:
        request.reference_mask = _mask_file(reference)
    return request


def stream_settings(options: StreamOptions) -> segmentation_pb2.StreamSettings:
    """Return the first message of a stream. Raises TypeError for an unknown option."""
    _refuse_unknown(options, StreamOptions)
    settings = segmentation_pb2.StreamSettings(
        policy=int(options.get("policy", 0)),  # type: ignore[arg-type]
        max_frame_age_ms=round(options.get("max_frame_age", 0.0) * 1e3),
        smoothing=options.get("smoothing", 0.0),
    )
    _fill_common(settings, options)
    return settings


def _refuse_unknown(options: Any, known: Any) -> None:
    unknown = sorted(set(options) - set(known.__annotations__))
    if unknown:
        raise TypeError(f"no such option: {', '.join(unknown)}; there are {', '.join(known.__annotations__)}")


def _fill_common(message: Any, options: CommonOptions) -> None:
    message.model = options.get("model", "")
    message.modality = int(options.get("modality", 0))
    message.viewer_left = int(options.get("viewer_left", 0))
    message.want_location_text = options.get("location", True)
    message.mask_formats.extend(_formats(options))
    if "threshold" in options:
        message.threshold = options["threshold"]
    report = options.get("report", "")
    mode = options.get("guidance", GuidanceMode.REPORT if report else GuidanceMode.UNSPECIFIED)
    if mode or report:
        message.guidance.CopyFrom(guidance_pb2.Guidance(mode=int(mode), report=report))  # type: ignore[arg-type]


def _formats(options: CommonOptions) -> list[int]:
    formats = [int(MaskFormat.PACKED_BITS)]
    probabilities = options.get("probabilities", False)
    if probabilities == "uint8":
        formats.append(int(MaskFormat.PROBABILITIES_UINT8))
    elif probabilities in (True, "float32"):
        formats.append(int(MaskFormat.PROBABILITIES_FLOAT32))
    elif probabilities:
        raise InvalidInput(f"probabilities {probabilities!r}: must be True, 'float32' or 'uint8'")
    for form in options.get("forms", ()):
        if int(form) not in formats:
            formats.append(int(form))
    return formats


def _mask_file(mask: np.ndarray[Any, Any] | bytes) -> bytes:
    if isinstance(mask, bytes):
        return mask
    if not isinstance(mask, np.ndarray) or mask.ndim != 2 or mask.size == 0:
        what = getattr(mask, "shape", type(mask).__name__)
        raise InvalidInput(f"reference {what}: must be an array [rows, columns], or a PNG file's bytes")
    return encode_png((mask != 0).astype(np.uint8) * 255)
