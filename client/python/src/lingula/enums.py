"""The enums of the interface, with the numbers that travel and without their long prefixes."""

from __future__ import annotations

import enum


class WireEnum(enum.IntEnum):
    """A number that a newer server may know more of: those come as members called UNKNOWN_n."""

    @classmethod
    def _missing_(cls, value: object) -> WireEnum | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member


class Flag(WireEnum):
    """Things to know before using a mask."""

    UNSPECIFIED = 0
    LOW_CONFIDENCE = 1
    EMPTY_MASK = 2
    UNCALIBRATED = 3
    GUIDANCE_CONFLICT = 4
    LOSSY_INPUT = 5
    OUT_OF_DISTRIBUTION = 6
    BURNED_IN_TEXT = 7
    WRONG_MODALITY = 8
    WRONG_VIEW = 9
    PHOTOMETRIC_FALLBACK = 10


class Modality(WireEnum):
    """What kind of picture it is; UNSPECIFIED leaves that to the model."""

    UNSPECIFIED = 0
    CHEST_XRAY = 1
    ENDOSCOPY = 2


class ViewerLeft(WireEnum):
    """Which side of the patient the left side of the image shows."""

    UNSPECIFIED = 0
    IS_PATIENT_RIGHT = 1
    IS_PATIENT_LEFT = 2


class GuidanceMode(WireEnum):
    """Where the guidance of a mask comes from; UNSPECIFIED is the model's own way."""

    UNSPECIFIED = 0
    GENERATED_REPORT = 1
    PROTOTYPES = 2
    REPORT = 3


class Zone(WireEnum):
    """A third of a lung, by the side of the image it lies on (the viewer's side)."""

    UNSPECIFIED = 0
    IMAGE_LEFT_UPPER = 1
    IMAGE_LEFT_MIDDLE = 2
    IMAGE_LEFT_LOWER = 3
    IMAGE_RIGHT_UPPER = 4
    IMAGE_RIGHT_MIDDLE = 5
    IMAGE_RIGHT_LOWER = 6


class PatientSide(WireEnum):
    """A side of the patient's body; UNSPECIFIED when it was not established."""

    UNSPECIFIED = 0
    LEFT = 1
    RIGHT = 2


class BatchCut(WireEnum):
    """Why a batch was closed."""

    UNSPECIFIED = 0
    SIZE = 1
    DELAY = 2
    IDLE = 3
    DRAIN = 4
    DEADLINE = 5


class MaskFormat(WireEnum):
    """A form in which the server can send a mask, beside the arrays that a Result always has."""

    UNSPECIFIED = 0
    PNG = 1
    COCO_RLE = 2
    OVERLAY_PNG = 3
    PACKED_BITS = 4
    POLYGONS = 5
    PROBABILITIES_UINT8 = 6
    PROBABILITIES_FLOAT32 = 7
    DICOM_SEG = 8
    DICOM_SEG_FRACTIONAL = 9


class StreamPolicy(WireEnum):
    """What happens to frames that come faster than they are answered."""

    UNSPECIFIED = 0
    EVERY_FRAME = 1
    FRESHEST = 2


class DropReason(WireEnum):
    """Why a frame has no mask."""

    UNSPECIFIED = 0
    SUPERSEDED = 1
    TOO_OLD = 2
    BAD_FRAME = 3
    REFUSED = 4
    FAILED = 5


class ServingStatus(WireEnum):
    """Health of a server or of one of its services."""

    UNKNOWN = 0
    SERVING = 1
    NOT_SERVING = 2
    SERVICE_UNKNOWN = 3
