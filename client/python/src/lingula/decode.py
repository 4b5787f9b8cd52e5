"""From messages to the values of result.py."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

import grpc
import numpy as np

from lingula.enums import (
    BatchCut,
    DropReason,
    Flag,
    GuidanceMode,
    MaskFormat,
    Modality,
    PatientSide,
    ViewerLeft,
    Zone,
)
from lingula.result import (
    Array,
    DicomReceipt,
    Drop,
    Finding,
    FrameAnswer,
    GuidanceReceipt,
    Interval,
    Location,
    Model,
    ModelIdentity,
    ModelInput,
    Overlap,
    Prototype,
    Quality,
    Result,
    Score,
    SecondOpinion,
    Timing,
)
from lingula.v1 import guidance_pb2, mask_pb2, models_pb2, quality_pb2, segmentation_pb2

_CODES = {code.value[0]: code for code in grpc.StatusCode}


def _optional(message: Any, name: str) -> Any:
    return getattr(message, name) if message.HasField(name) else None


def _same(message: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(message, name) for name in names}


def _array(data: bytes, dtype: str, mask: mask_pb2.Mask) -> Array:
    return np.frombuffer(data, dtype).reshape(mask.height, mask.width)  # of bytes: read-only


def _mask(mask: mask_pb2.Mask) -> Array:
    rows = np.frombuffer(mask.packed_bits, np.uint8).reshape(mask.height, -1)
    bits = np.unpackbits(rows, axis=1, count=mask.width).view(np.bool_)
    bits.flags.writeable = False
    return bits


def _form(mask: mask_pb2.Mask) -> Any:
    content = mask.WhichOneof("content")
    if content == "coco_rle":
        rle = mask.coco_rle
        return {"size": [rle.height, rle.width], "counts": rle.counts}
    if content == "polygons":
        return [(np.array(one.xy, np.int64).reshape(-1, 2), one.hole) for one in mask.polygons.polygons]
    return getattr(mask, content) if content else b""


def _masks(masks: Iterable[mask_pb2.Mask]) -> dict[str, Any]:
    """Return what Result and SecondOpinion have in common."""
    found: Any = None
    probabilities: Array | None = None
    forms: dict[MaskFormat, Any] = {}
    for mask in masks:
        kind = MaskFormat(mask.format)
        if kind is MaskFormat.PACKED_BITS:
            found = _mask(mask)
        elif kind is MaskFormat.PROBABILITIES_FLOAT32:
            probabilities = _array(mask.probabilities_float32, "<f4", mask)
        elif kind is MaskFormat.PROBABILITIES_UINT8:
            if probabilities is None:  # as float32 they would be more exact
                steps = _array(mask.probabilities_uint8, "u1", mask)
                probabilities = steps * np.float32(1 / 255)
                probabilities.flags.writeable = False
        else:
            forms[kind] = _form(mask)
    return {"mask": found, "probabilities": probabilities, "forms": MappingProxyType(forms)}


def _identity(model: segmentation_pb2.ModelIdentity) -> ModelIdentity:
    return ModelIdentity(model.name, model.version, model.weights_sha256, model.family)


_PLAIN_QUALITY = (
    "calibrated", "foreground_pixels", "area_share", "sum_probability", "sum_probability_in_mask",
    "sum_mask", "mean_entropy_bits", "max_probability", "component_count",
)  # fmt: skip
_OPTIONAL_QUALITY = (
    "expected_dice", "boundary_entropy_bits", "outlier_distance", "outlier_percentile",
    "presence_probability", "guidance_agreement",
)  # fmt: skip


def _quality(quality: quality_pb2.Quality) -> Quality:
    interval = None
    if quality.HasField("expected_dice_low") and quality.HasField("expected_dice_high"):
        interval = Interval(quality.expected_dice_low, quality.expected_dice_high, quality.coverage)
    return Quality(
        interval=interval,
        **_same(quality, _PLAIN_QUALITY),
        **{name: _optional(quality, name) for name in _OPTIONAL_QUALITY},
    )


def _overlap(overlap: quality_pb2.Overlap) -> Overlap:
    names = ("true_positive_pixels", "false_positive_pixels", "false_negative_pixels")
    scores = ("dice", "jaccard", "hausdorff95_px")
    return Overlap(**{name: _optional(overlap, name) for name in scores}, **_same(overlap, names))


def _guidance(receipt: guidance_pb2.GuidanceReceipt) -> GuidanceReceipt:
    return GuidanceReceipt(
        mode=GuidanceMode(receipt.mode),
        zones=MappingProxyType({Zone(one.zone): one.probability for one in receipt.zones}),
        model_input_report=receipt.model_input_report,
        prototypes=tuple(
            Prototype(one.label, Zone(one.zone), one.index, one.similarity) for one in receipt.prototypes
        ),
        prototype_margin=receipt.prototype_margin,
        report_truncated=receipt.report_truncated,
    )


def _location(text: segmentation_pb2.LocationText) -> Location:
    findings = tuple(
        Finding(Zone(one.zone), PatientSide(one.patient_side), one.probability) for one in text.findings
    )
    return Location(text.sentence, findings)


_TIMES = (
    "decode_us", "preprocess_us", "queue_us", "infer_us", "postprocess_us", "encode_us", "total_us",
    "batch_size",
)  # fmt: skip


def _second(second: segmentation_pb2.SecondOpinion) -> SecondOpinion:
    return SecondOpinion(
        **_masks(second.masks),
        guidance=_guidance(second.guidance),
        dice=_optional(second, "dice"),
        foreground_pixels=second.foreground_pixels,
        changed_zones=tuple(Zone(zone) for zone in second.changed_zones),
    )


def _dicom(receipt: segmentation_pb2.DicomReceipt) -> DicomReceipt:
    return DicomReceipt(receipt.frame_number, receipt.frame_count, ViewerLeft(receipt.viewer_left))


def result_of(answer: segmentation_pb2.SegmentResponse) -> Result:
    """Return the answer as a Result; its arrays share the message's memory where they can."""

    def part(name: str, make: Any) -> Any:
        return make(getattr(answer, name)) if answer.HasField(name) else None

    return Result(
        request_id=answer.request_id,
        model=_identity(answer.model),
        **_masks(answer.masks),
        quality=_quality(answer.quality),
        flags=frozenset(Flag(flag) for flag in answer.flags),
        guidance=_guidance(answer.guidance),
        location=part("location", _location),
        timing=Timing(batch_cut=BatchCut(answer.timing.batch_cut), **_same(answer.timing, _TIMES)),
        threshold=answer.threshold,
        notice=answer.notice,
        overlap=part("overlap", _overlap),
        second_opinion=part("second_opinion", _second),
        structured_report=answer.structured_report or None,
        dicom=part("dicom", _dicom),
    )


def frame_answer_of(answer: segmentation_pb2.SegmentStreamResponse) -> FrameAnswer:
    """Return what became of one frame."""
    drop = None
    if answer.HasField("drop"):
        drop = Drop(
            DropReason(answer.drop.reason),
            _CODES.get(answer.drop.code, grpc.StatusCode.UNKNOWN),
            answer.drop.message,
            answer.drop.retry_after_ms / 1e3 or None,
        )
    return FrameAnswer(
        number=answer.frame_number,
        captured_us=_optional(answer, "captured_us"),
        result=result_of(answer.result) if answer.HasField("result") else None,
        drop=drop,
    )


_PLAIN_MODEL = (
    "threshold", "parameters", "license", "notice", "is_default", "answers_to_name",
    "reads_free_text",
)  # fmt: skip


def model_of(model: models_pb2.Model, card: str | None = None) -> Model:
    """Return a loaded model, with its card if there is one."""
    return Model(
        identity=_identity(model.identity),
        modality=Modality(model.modality),
        guidance_modes=tuple(GuidanceMode(mode) for mode in model.guidance_modes),
        input=ModelInput(model.input.side_px, model.input.channels, model.input.transposed),
        scores=tuple(
            Score(one.metric, one.value, one.data, one.guidance, one.images) for one in model.scores
        ),
        aliases=tuple(model.aliases),
        card=card,
        **_same(model, _PLAIN_MODEL),
    )
