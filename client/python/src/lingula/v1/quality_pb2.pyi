from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor
FLAG_BURNED_IN_TEXT: Flag
FLAG_EMPTY_MASK: Flag
FLAG_GUIDANCE_CONFLICT: Flag
FLAG_LOSSY_INPUT: Flag
FLAG_LOW_CONFIDENCE: Flag
FLAG_OUT_OF_DISTRIBUTION: Flag
FLAG_PHOTOMETRIC_FALLBACK: Flag
FLAG_UNCALIBRATED: Flag
FLAG_UNSPECIFIED: Flag
FLAG_WRONG_MODALITY: Flag
FLAG_WRONG_VIEW: Flag

class Overlap(_message.Message):
    __slots__ = ["dice", "false_negative_pixels", "false_positive_pixels", "hausdorff95_px", "jaccard", "true_positive_pixels"]
    DICE_FIELD_NUMBER: _ClassVar[int]
    FALSE_NEGATIVE_PIXELS_FIELD_NUMBER: _ClassVar[int]
    FALSE_POSITIVE_PIXELS_FIELD_NUMBER: _ClassVar[int]
    HAUSDORFF95_PX_FIELD_NUMBER: _ClassVar[int]
    JACCARD_FIELD_NUMBER: _ClassVar[int]
    TRUE_POSITIVE_PIXELS_FIELD_NUMBER: _ClassVar[int]
    dice: float
    false_negative_pixels: int
    false_positive_pixels: int
    hausdorff95_px: float
    jaccard: float
    true_positive_pixels: int
    def __init__(self, dice: _Optional[float] = ..., jaccard: _Optional[float] = ..., hausdorff95_px: _Optional[float] = ..., true_positive_pixels: _Optional[int] = ..., false_positive_pixels: _Optional[int] = ..., false_negative_pixels: _Optional[int] = ...) -> None: ...

class Quality(_message.Message):
    __slots__ = ["area_share", "boundary_entropy_bits", "calibrated", "component_count", "coverage", "expected_dice", "expected_dice_high", "expected_dice_low", "foreground_pixels", "guidance_agreement", "max_probability", "mean_entropy_bits", "outlier_distance", "outlier_percentile", "presence_probability", "sum_mask", "sum_probability", "sum_probability_in_mask"]
    AREA_SHARE_FIELD_NUMBER: _ClassVar[int]
    BOUNDARY_ENTROPY_BITS_FIELD_NUMBER: _ClassVar[int]
    CALIBRATED_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_DICE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_DICE_HIGH_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_DICE_LOW_FIELD_NUMBER: _ClassVar[int]
    FOREGROUND_PIXELS_FIELD_NUMBER: _ClassVar[int]
    GUIDANCE_AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    MAX_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    MEAN_ENTROPY_BITS_FIELD_NUMBER: _ClassVar[int]
    OUTLIER_DISTANCE_FIELD_NUMBER: _ClassVar[int]
    OUTLIER_PERCENTILE_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    SUM_MASK_FIELD_NUMBER: _ClassVar[int]
    SUM_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    SUM_PROBABILITY_IN_MASK_FIELD_NUMBER: _ClassVar[int]
    area_share: float
    boundary_entropy_bits: float
    calibrated: bool
    component_count: int
    coverage: float
    expected_dice: float
    expected_dice_high: float
    expected_dice_low: float
    foreground_pixels: int
    guidance_agreement: float
    max_probability: float
    mean_entropy_bits: float
    outlier_distance: float
    outlier_percentile: float
    presence_probability: float
    sum_mask: float
    sum_probability: float
    sum_probability_in_mask: float
    def __init__(self, expected_dice: _Optional[float] = ..., calibrated: bool = ..., foreground_pixels: _Optional[int] = ..., area_share: _Optional[float] = ..., sum_probability: _Optional[float] = ..., sum_probability_in_mask: _Optional[float] = ..., sum_mask: _Optional[float] = ..., mean_entropy_bits: _Optional[float] = ..., max_probability: _Optional[float] = ..., expected_dice_low: _Optional[float] = ..., expected_dice_high: _Optional[float] = ..., coverage: _Optional[float] = ..., outlier_distance: _Optional[float] = ..., outlier_percentile: _Optional[float] = ..., presence_probability: _Optional[float] = ..., boundary_entropy_bits: _Optional[float] = ..., component_count: _Optional[int] = ..., guidance_agreement: _Optional[float] = ...) -> None: ...

class Flag(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
