from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
GUIDANCE_MODE_GENERATED_REPORT: GuidanceMode
GUIDANCE_MODE_PROTOTYPES: GuidanceMode
GUIDANCE_MODE_REPORT: GuidanceMode
GUIDANCE_MODE_UNSPECIFIED: GuidanceMode
ZONE_IMAGE_LEFT_LOWER: Zone
ZONE_IMAGE_LEFT_MIDDLE: Zone
ZONE_IMAGE_LEFT_UPPER: Zone
ZONE_IMAGE_RIGHT_LOWER: Zone
ZONE_IMAGE_RIGHT_MIDDLE: Zone
ZONE_IMAGE_RIGHT_UPPER: Zone
ZONE_UNSPECIFIED: Zone

class Guidance(_message.Message):
    __slots__ = ["mode", "report"]
    MODE_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    mode: GuidanceMode
    report: str
    def __init__(self, mode: _Optional[_Union[GuidanceMode, str]] = ..., report: _Optional[str] = ...) -> None: ...

class GuidanceReceipt(_message.Message):
    __slots__ = ["mode", "model_input_report", "prototype_margin", "prototypes", "report_truncated", "zones"]
    MODEL_INPUT_REPORT_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    PROTOTYPES_FIELD_NUMBER: _ClassVar[int]
    PROTOTYPE_MARGIN_FIELD_NUMBER: _ClassVar[int]
    REPORT_TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    ZONES_FIELD_NUMBER: _ClassVar[int]
    mode: GuidanceMode
    model_input_report: str
    prototype_margin: float
    prototypes: _containers.RepeatedCompositeFieldContainer[RetrievedPrototype]
    report_truncated: bool
    zones: _containers.RepeatedCompositeFieldContainer[ZoneProbability]
    def __init__(self, mode: _Optional[_Union[GuidanceMode, str]] = ..., zones: _Optional[_Iterable[_Union[ZoneProbability, _Mapping]]] = ..., model_input_report: _Optional[str] = ..., prototypes: _Optional[_Iterable[_Union[RetrievedPrototype, _Mapping]]] = ..., prototype_margin: _Optional[float] = ..., report_truncated: bool = ...) -> None: ...

class RetrievedPrototype(_message.Message):
    __slots__ = ["index", "label", "similarity", "zone"]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    SIMILARITY_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    index: int
    label: int
    similarity: float
    zone: Zone
    def __init__(self, label: _Optional[int] = ..., zone: _Optional[_Union[Zone, str]] = ..., index: _Optional[int] = ..., similarity: _Optional[float] = ...) -> None: ...

class ZoneProbability(_message.Message):
    __slots__ = ["probability", "zone"]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    probability: float
    zone: Zone
    def __init__(self, zone: _Optional[_Union[Zone, str]] = ..., probability: _Optional[float] = ...) -> None: ...

class GuidanceMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class Zone(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
