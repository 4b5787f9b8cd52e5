"""What comes back: frozen values with NumPy arrays that cannot be written to.

Nothing here prints pixels or findings: what a repr() shows may end in a log.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import grpc
import numpy as np

from lingula.enums import (
    BatchCut,
    DropReason,
    Flag,
    GuidanceMode,
    MaskFormat,
    PatientSide,
    ViewerLeft,
    Zone,
)

Array = np.ndarray[Any, Any]


@dataclasses.dataclass(frozen=True)
class ModelIdentity:
    """Who answered: bundle, version, SHA-256 of the weights, family ("sgseg", "prolearn", ...)."""

    name: str
    version: str
    weights_sha256: str = dataclasses.field(repr=False)
    family: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


@dataclasses.dataclass(frozen=True)
class Interval:
    """Ends in [0, 1] between which the Dice of `coverage` of all images lay."""

    low: float
    high: float
    coverage: float


@dataclasses.dataclass(frozen=True)
class Quality:
    """How far to trust a mask; docs/quality.md says what each figure is worth.

    expected_dice          estimate in [0, 1] of the Dice with a reference; None: the mask is empty
    interval               None: not calibrated for this request
    foreground_pixels      pixels in the mask; area_share: of all pixels, in [0, 1]
    sum_probability, sum_probability_in_mask, sum_mask
                           Dice terms, which can be added up over a study
    mean_entropy_bits, boundary_entropy_bits
                           in [0, 1]; near the outline: None where the mask is empty
    max_probability        in [0, 1]
    outlier_distance       about 1 for a picture like the model's data; None: the model cannot tell
    outlier_percentile     share of such data that is less far away, in [0, 1]
    presence_probability   that there is something to find, in [0, 1]; None: no calibration for it
    component_count        connected parts of the mask
    guidance_agreement     share of the mask in the zones that guided it, in [0, 1]
    """

    expected_dice: float | None
    interval: Interval | None
    calibrated: bool
    foreground_pixels: int
    area_share: float
    sum_probability: float
    sum_probability_in_mask: float
    sum_mask: float
    mean_entropy_bits: float
    boundary_entropy_bits: float | None
    max_probability: float
    outlier_distance: float | None
    outlier_percentile: float | None
    presence_probability: float | None
    component_count: int
    guidance_agreement: float | None


@dataclasses.dataclass(frozen=True)
class Overlap:
    """Agreement with the reference mask that was sent. Dice and Jaccard: None when both are empty."""

    dice: float | None
    jaccard: float | None
    hausdorff95_px: float | None
    true_positive_pixels: int
    false_positive_pixels: int
    false_negative_pixels: int


@dataclasses.dataclass(frozen=True)
class Finding:
    """One zone with infection: probability in [0, 1]; the patient's side, if established."""

    zone: Zone
    patient_side: PatientSide
    probability: float


@dataclasses.dataclass(frozen=True, repr=False)
class Location:
    """Where the finding is, for people: a sentence that always says whose side it means."""

    sentence: str
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        return f"Location({len(self.findings)} findings)"


@dataclasses.dataclass(frozen=True)
class Prototype:
    """A prototype that guided the mask; similarity is a cosine or a negative distance."""

    label: int
    zone: Zone
    index: int
    similarity: float


@dataclasses.dataclass(frozen=True)
class GuidanceReceipt:
    """What really guided the mask.

    zones               probability in [0, 1] of infection in each zone (family sgseg)
    model_input_report  MODEL INPUT, not a finding: in it "left" is the viewer's left. Show people
                        Location.sentence instead
    prototypes          most similar first (family prolearn); prototype_margin: to the best left out
    report_truncated    the caller's report was longer than the network reads
    """

    mode: GuidanceMode
    zones: Mapping[Zone, float] = dataclasses.field(repr=False)
    model_input_report: str = dataclasses.field(repr=False)
    prototypes: tuple[Prototype, ...] = dataclasses.field(repr=False)
    prototype_margin: float
    report_truncated: bool


@dataclasses.dataclass(frozen=True)
class Timing:
    """Where the time went at the server, microseconds; `total_us` from arrival to answer."""

    decode_us: int
    preprocess_us: int
    queue_us: int
    infer_us: int
    postprocess_us: int
    encode_us: int
    total_us: int
    batch_size: int
    batch_cut: BatchCut


@dataclasses.dataclass(frozen=True)
class DicomReceipt:
    """What was read from a DICOM file: nothing of the patient."""

    frame_number: int
    frame_count: int
    viewer_left: ViewerLeft


@dataclasses.dataclass(frozen=True, eq=False)
class SecondOpinion:
    """The mask under the guidance that came second.

    mask           bool, [rows, columns]; probabilities: float32 like it, if asked for
    dice           of both masks, in [0, 1]; None: both are empty
    changed_zones  zones that only one of both reports names (family sgseg)
    """

    mask: Array = dataclasses.field(repr=False)
    probabilities: Array | None = dataclasses.field(repr=False)
    forms: Mapping[MaskFormat, Any] = dataclasses.field(repr=False)
    guidance: GuidanceReceipt
    dice: float | None
    foreground_pixels: int
    changed_zones: tuple[Zone, ...] = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Result:
    """The answer about one image.

    mask               bool, [rows, columns] of the image sent
    probabilities      float32 in [0, 1], likewise; None unless asked for
    forms              what `forms` asked for: bytes; for COCO_RLE a dict as pycocotools takes it; for
                       POLYGONS a list of (points [n, 2] as x, y in pixels, is_hole)
    location           None when not asked for; so with overlap, second_opinion, structured_report
    flags              what to know before using the mask
    threshold          that made the mask
    notice             of the model to its users
    dicom              None unless the image was a DICOM file
    """

    request_id: str
    model: ModelIdentity
    mask: Array
    probabilities: Array | None
    forms: Mapping[MaskFormat, Any]
    quality: Quality
    flags: frozenset[Flag]
    guidance: GuidanceReceipt
    location: Location | None
    timing: Timing
    threshold: float
    notice: str
    overlap: Overlap | None
    second_opinion: SecondOpinion | None
    structured_report: bytes | None
    dicom: DicomReceipt | None

    def __repr__(self) -> str:
        flags = ", ".join(sorted(flag.name for flag in self.flags))
        return (
            f"Result(request_id={self.request_id!r}, model={str(self.model)!r}, "
            f"mask={self.mask.shape}, expected_dice={self.quality.expected_dice}, flags=[{flags}])"
        )


@dataclasses.dataclass(frozen=True)
class Drop:
    """Why a frame has no mask. `message` says what was wrong and what is allowed.

    retry_after   seconds after which the server expects to have room again, with REFUSED
    """

    reason: DropReason
    code: grpc.StatusCode
    message: str
    retry_after: float | None


@dataclasses.dataclass(frozen=True, eq=False)
class FrameAnswer:
    """What became of one frame: exactly one of `result` and `drop` is set."""

    number: int
    captured_us: int | None
    result: Result | None
    drop: Drop | None


@dataclasses.dataclass(frozen=True)
class ModelInput:
    """The network's input: side in pixels, 1 grey or 3 colour channels; transposed: rows are columns."""

    side_px: int
    channels: int
    transposed: bool


@dataclasses.dataclass(frozen=True)
class Score:
    """A measured figure: of which metric, on which data, guided how, over how many images."""

    metric: str
    value: float
    data: str
    guidance: str
    images: int


@dataclasses.dataclass(frozen=True)
class Model:
    """A loaded model; `card` is Markdown, and only Client.model() brings it."""

    identity: ModelIdentity
    modality: Any
    guidance_modes: tuple[GuidanceMode, ...]
    input: ModelInput
    threshold: float
    parameters: int
    scores: tuple[Score, ...] = dataclasses.field(repr=False)
    license: str
    notice: str = dataclasses.field(repr=False)
    is_default: bool
    answers_to_name: bool
    aliases: tuple[str, ...]
    reads_free_text: bool
    card: str | None = dataclasses.field(default=None, repr=False)
