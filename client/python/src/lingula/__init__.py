"""Client of Lingula, a service that segments chest X-rays and endoscopy frames.

    import lingula

    with lingula.Client("127.0.0.1:8500") as client:
        result = client.segment("film.png")
        print(result.mask.shape, result.quality.expected_dice, result.location.sentence)

For research only: not a medical device. The messages themselves are in lingula.v1.
"""  # fmt: skip

from lingula.aio import AsyncClient
from lingula.batch import Item, find_images, segment_many
from lingula.client import Client
from lingula.enums import (
    BatchCut,
    DropReason,
    Flag,
    GuidanceMode,
    MaskFormat,
    Modality,
    PatientSide,
    ServingStatus,
    StreamPolicy,
    ViewerLeft,
    Zone,
)
from lingula.errors import (
    Cancelled,
    DeadlineExceeded,
    FailedPrecondition,
    FieldViolation,
    Internal,
    InvalidArgument,
    InvalidInput,
    LingulaError,
    NotFound,
    OutOfRange,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    Unreachable,
)
from lingula.inputs import NetworkInput
from lingula.picture import overlay, write_png
from lingula.result import Drop, FrameAnswer, Model, Quality, Result
from lingula.retry import RetryPolicy
from lingula.stream import Frame, FrameStream

__version__ = "0.1.0"
__all__ = [
    "AsyncClient",
    "BatchCut",
    "Cancelled",
    "Client",
    "DeadlineExceeded",
    "Drop",
    "DropReason",
    "FailedPrecondition",
    "FieldViolation",
    "Flag",
    "Frame",
    "FrameAnswer",
    "FrameStream",
    "GuidanceMode",
    "Internal",
    "InvalidArgument",
    "InvalidInput",
    "Item",
    "LingulaError",
    "MaskFormat",
    "Modality",
    "Model",
    "NetworkInput",
    "NotFound",
    "OutOfRange",
    "PatientSide",
    "PermissionDenied",
    "Quality",
    "ResourceExhausted",
    "Result",
    "RetryPolicy",
    "ServingStatus",
    "StreamPolicy",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "Unreachable",
    "ViewerLeft",
    "Zone",
    "find_images",
    "overlay",
    "segment_many",
    "write_png",
]
