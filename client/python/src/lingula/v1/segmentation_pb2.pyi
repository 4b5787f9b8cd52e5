from lingula.v1 import guidance_pb2 as _guidance_pb2
from lingula.v1 import image_pb2 as _image_pb2
from lingula.v1 import mask_pb2 as _mask_pb2
from lingula.v1 import quality_pb2 as _quality_pb2
from lingula.v1 import stream_pb2 as _stream_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

BATCH_CUT_DEADLINE: BatchCut
BATCH_CUT_DELAY: BatchCut
BATCH_CUT_DRAIN: BatchCut
BATCH_CUT_IDLE: BatchCut
BATCH_CUT_SIZE: BatchCut
BATCH_CUT_UNSPECIFIED: BatchCut
DESCRIPTOR: _descriptor.FileDescriptor
PATIENT_SIDE_LEFT: PatientSide
PATIENT_SIDE_RIGHT: PatientSide
PATIENT_SIDE_UNSPECIFIED: PatientSide

class DicomReceipt(_message.Message):
    __slots__ = ["frame_count", "frame_number", "viewer_left"]
    FRAME_COUNT_FIELD_NUMBER: _ClassVar[int]
    FRAME_NUMBER_FIELD_NUMBER: _ClassVar[int]
    VIEWER_LEFT_FIELD_NUMBER: _ClassVar[int]
    frame_count: int
    frame_number: int
    viewer_left: _image_pb2.ViewerLeft
    def __init__(self, frame_number: _Optional[int] = ..., frame_count: _Optional[int] = ..., viewer_left: _Optional[_Union[_image_pb2.ViewerLeft, str]] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ["patient_side", "probability", "zone"]
    PATIENT_SIDE_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    patient_side: PatientSide
    probability: float
    zone: _guidance_pb2.Zone
    def __init__(self, zone: _Optional[_Union[_guidance_pb2.Zone, str]] = ..., patient_side: _Optional[_Union[PatientSide, str]] = ..., probability: _Optional[float] = ...) -> None: ...

class Frame(_message.Message):
    __slots__ = ["captured_us", "image", "number"]
    CAPTURED_US_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    captured_us: int
    image: _image_pb2.Image
    number: int
    def __init__(self, number: _Optional[int] = ..., image: _Optional[_Union[_image_pb2.Image, _Mapping]] = ..., captured_us: _Optional[int] = ...) -> None: ...

class LocationText(_message.Message):
    __slots__ = ["findings", "sentence"]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    sentence: str
    def __init__(self, findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., sentence: _Optional[str] = ...) -> None: ...

class ModelIdentity(_message.Message):
    __slots__ = ["family", "name", "version", "weights_sha256"]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_SHA256_FIELD_NUMBER: _ClassVar[int]
    family: str
    name: str
    version: str
    weights_sha256: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., weights_sha256: _Optional[str] = ..., family: _Optional[str] = ...) -> None: ...

class SecondOpinion(_message.Message):
    __slots__ = ["changed_zones", "dice", "foreground_pixels", "guidance", "masks"]
    CHANGED_ZONES_FIELD_NUMBER: _ClassVar[int]
    DICE_FIELD_NUMBER: _ClassVar[int]
    FOREGROUND_PIXELS_FIELD_NUMBER: _ClassVar[int]
    GUIDANCE_FIELD_NUMBER: _ClassVar[int]
    MASKS_FIELD_NUMBER: _ClassVar[int]
    changed_zones: _containers.RepeatedScalarFieldContainer[_guidance_pb2.Zone]
    dice: float
    foreground_pixels: int
    guidance: _guidance_pb2.GuidanceReceipt
    masks: _containers.RepeatedCompositeFieldContainer[_mask_pb2.Mask]
    def __init__(self, masks: _Optional[_Iterable[_Union[_mask_pb2.Mask, _Mapping]]] = ..., guidance: _Optional[_Union[_guidance_pb2.GuidanceReceipt, _Mapping]] = ..., dice: _Optional[float] = ..., foreground_pixels: _Optional[int] = ..., changed_zones: _Optional[_Iterable[_Union[_guidance_pb2.Zone, str]]] = ...) -> None: ...

class SegmentRequest(_message.Message):
    __slots__ = ["guidance", "image", "locale", "mask_formats", "modality", "model", "reference_mask", "request_id", "threshold", "viewer_left", "want_location_text", "want_second_opinion", "want_structured_report"]
    GUIDANCE_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    MASK_FORMATS_FIELD_NUMBER: _ClassVar[int]
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    VIEWER_LEFT_FIELD_NUMBER: _ClassVar[int]
    WANT_LOCATION_TEXT_FIELD_NUMBER: _ClassVar[int]
    WANT_SECOND_OPINION_FIELD_NUMBER: _ClassVar[int]
    WANT_STRUCTURED_REPORT_FIELD_NUMBER: _ClassVar[int]
    guidance: _guidance_pb2.Guidance
    image: _image_pb2.Image
    locale: str
    mask_formats: _containers.RepeatedScalarFieldContainer[_mask_pb2.MaskFormat]
    modality: _image_pb2.Modality
    model: str
    reference_mask: bytes
    request_id: str
    threshold: float
    viewer_left: _image_pb2.ViewerLeft
    want_location_text: bool
    want_second_opinion: bool
    want_structured_report: bool
    def __init__(self, request_id: _Optional[str] = ..., image: _Optional[_Union[_image_pb2.Image, _Mapping]] = ..., model: _Optional[str] = ..., modality: _Optional[_Union[_image_pb2.Modality, str]] = ..., guidance: _Optional[_Union[_guidance_pb2.Guidance, _Mapping]] = ..., mask_formats: _Optional[_Iterable[_Union[_mask_pb2.MaskFormat, str]]] = ..., threshold: _Optional[float] = ..., want_location_text: bool = ..., reference_mask: _Optional[bytes] = ..., viewer_left: _Optional[_Union[_image_pb2.ViewerLeft, str]] = ..., want_structured_report: bool = ..., want_second_opinion: bool = ..., locale: _Optional[str] = ...) -> None: ...

class SegmentResponse(_message.Message):
    __slots__ = ["dicom", "flags", "guidance", "location", "masks", "model", "notice", "overlap", "quality", "request_id", "second_opinion", "structured_report", "threshold", "timing"]
    DICOM_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    GUIDANCE_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    MASKS_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    OVERLAP_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SECOND_OPINION_FIELD_NUMBER: _ClassVar[int]
    STRUCTURED_REPORT_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    TIMING_FIELD_NUMBER: _ClassVar[int]
    dicom: DicomReceipt
    flags: _containers.RepeatedScalarFieldContainer[_quality_pb2.Flag]
    guidance: _guidance_pb2.GuidanceReceipt
    location: LocationText
    masks: _containers.RepeatedCompositeFieldContainer[_mask_pb2.Mask]
    model: ModelIdentity
    notice: str
    overlap: _quality_pb2.Overlap
    quality: _quality_pb2.Quality
    request_id: str
    second_opinion: SecondOpinion
    structured_report: bytes
    threshold: float
    timing: TimingReceipt
    def __init__(self, request_id: _Optional[str] = ..., model: _Optional[_Union[ModelIdentity, _Mapping]] = ..., masks: _Optional[_Iterable[_Union[_mask_pb2.Mask, _Mapping]]] = ..., guidance: _Optional[_Union[_guidance_pb2.GuidanceReceipt, _Mapping]] = ..., location: _Optional[_Union[LocationText, _Mapping]] = ..., quality: _Optional[_Union[_quality_pb2.Quality, _Mapping]] = ..., overlap: _Optional[_Union[_quality_pb2.Overlap, _Mapping]] = ..., timing: _Optional[_Union[TimingReceipt, _Mapping]] = ..., flags: _Optional[_Iterable[_Union[_quality_pb2.Flag, str]]] = ..., notice: _Optional[str] = ..., threshold: _Optional[float] = ..., structured_report: _Optional[bytes] = ..., second_opinion: _Optional[_Union[SecondOpinion, _Mapping]] = ..., dicom: _Optional[_Union[DicomReceipt, _Mapping]] = ...) -> None: ...

class SegmentStreamRequest(_message.Message):
    __slots__ = ["frame", "settings"]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    frame: Frame
    settings: StreamSettings
    def __init__(self, settings: _Optional[_Union[StreamSettings, _Mapping]] = ..., frame: _Optional[_Union[Frame, _Mapping]] = ...) -> None: ...

class SegmentStreamResponse(_message.Message):
    __slots__ = ["captured_us", "drop", "frame_number", "result"]
    CAPTURED_US_FIELD_NUMBER: _ClassVar[int]
    DROP_FIELD_NUMBER: _ClassVar[int]
    FRAME_NUMBER_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    captured_us: int
    drop: _stream_pb2.DropReceipt
    frame_number: int
    result: SegmentResponse
    def __init__(self, frame_number: _Optional[int] = ..., captured_us: _Optional[int] = ..., result: _Optional[_Union[SegmentResponse, _Mapping]] = ..., drop: _Optional[_Union[_stream_pb2.DropReceipt, _Mapping]] = ...) -> None: ...

class StreamSettings(_message.Message):
    __slots__ = ["guidance", "mask_formats", "max_frame_age_ms", "modality", "model", "policy", "smoothing", "threshold", "viewer_left", "want_location_text"]
    GUIDANCE_FIELD_NUMBER: _ClassVar[int]
    MASK_FORMATS_FIELD_NUMBER: _ClassVar[int]
    MAX_FRAME_AGE_MS_FIELD_NUMBER: _ClassVar[int]
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    SMOOTHING_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    VIEWER_LEFT_FIELD_NUMBER: _ClassVar[int]
    WANT_LOCATION_TEXT_FIELD_NUMBER: _ClassVar[int]
    guidance: _guidance_pb2.Guidance
    mask_formats: _containers.RepeatedScalarFieldContainer[_mask_pb2.MaskFormat]
    max_frame_age_ms: int
    modality: _image_pb2.Modality
    model: str
    policy: _stream_pb2.StreamPolicy
    smoothing: float
    threshold: float
    viewer_left: _image_pb2.ViewerLeft
    want_location_text: bool
    def __init__(self, model: _Optional[str] = ..., modality: _Optional[_Union[_image_pb2.Modality, str]] = ..., guidance: _Optional[_Union[_guidance_pb2.Guidance, _Mapping]] = ..., mask_formats: _Optional[_Iterable[_Union[_mask_pb2.MaskFormat, str]]] = ..., threshold: _Optional[float] = ..., want_location_text: bool = ..., viewer_left: _Optional[_Union[_image_pb2.ViewerLeft, str]] = ..., policy: _Optional[_Union[_stream_pb2.StreamPolicy, str]] = ..., max_frame_age_ms: _Optional[int] = ..., smoothing: _Optional[float] = ...) -> None: ...

class TimingReceipt(_message.Message):
    __slots__ = ["batch_cut", "batch_size", "decode_us", "encode_us", "infer_us", "postprocess_us", "preprocess_us", "queue_us", "total_us"]
    BATCH_CUT_FIELD_NUMBER: _ClassVar[int]
    BATCH_SIZE_FIELD_NUMBER: _ClassVar[int]
    DECODE_US_FIELD_NUMBER: _ClassVar[int]
    ENCODE_US_FIELD_NUMBER: _ClassVar[int]
    INFER_US_FIELD_NUMBER: _ClassVar[int]
    POSTPROCESS_US_FIELD_NUMBER: _ClassVar[int]
    PREPROCESS_US_FIELD_NUMBER: _ClassVar[int]
    QUEUE_US_FIELD_NUMBER: _ClassVar[int]
    TOTAL_US_FIELD_NUMBER: _ClassVar[int]
    batch_cut: BatchCut
    batch_size: int
    decode_us: int
    encode_us: int
    infer_us: int
    postprocess_us: int
    preprocess_us: int
    queue_us: int
    total_us: int
    def __init__(self, decode_us: _Optional[int] = ..., preprocess_us: _Optional[int] = ..., queue_us: _Optional[int] = ..., infer_us: _Optional[int] = ..., postprocess_us: _Optional[int] = ..., encode_us: _Optional[int] = ..., total_us: _Optional[int] = ..., batch_size: _Optional[int] = ..., batch_cut: _Optional[_Union[BatchCut, str]] = ...) -> None: ...

class PatientSide(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class BatchCut(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
