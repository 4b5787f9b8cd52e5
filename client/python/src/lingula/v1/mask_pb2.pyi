from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
MASK_FORMAT_COCO_RLE: MaskFormat
MASK_FORMAT_DICOM_SEG: MaskFormat
MASK_FORMAT_DICOM_SEG_FRACTIONAL: MaskFormat
MASK_FORMAT_OVERLAY_PNG: MaskFormat
MASK_FORMAT_PACKED_BITS: MaskFormat
MASK_FORMAT_PNG: MaskFormat
MASK_FORMAT_POLYGONS: MaskFormat
MASK_FORMAT_PROBABILITIES_FLOAT32: MaskFormat
MASK_FORMAT_PROBABILITIES_UINT8: MaskFormat
MASK_FORMAT_UNSPECIFIED: MaskFormat

class CocoRle(_message.Message):
    __slots__ = ["counts", "height", "width"]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    counts: str
    height: int
    width: int
    def __init__(self, height: _Optional[int] = ..., width: _Optional[int] = ..., counts: _Optional[str] = ...) -> None: ...

class Mask(_message.Message):
    __slots__ = ["coco_rle", "dicom_seg", "format", "height", "overlay_png", "packed_bits", "png", "polygons", "probabilities_float32", "probabilities_uint8", "width"]
    COCO_RLE_FIELD_NUMBER: _ClassVar[int]
    DICOM_SEG_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    OVERLAY_PNG_FIELD_NUMBER: _ClassVar[int]
    PACKED_BITS_FIELD_NUMBER: _ClassVar[int]
    PNG_FIELD_NUMBER: _ClassVar[int]
    POLYGONS_FIELD_NUMBER: _ClassVar[int]
    PROBABILITIES_FLOAT32_FIELD_NUMBER: _ClassVar[int]
    PROBABILITIES_UINT8_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    coco_rle: CocoRle
    dicom_seg: bytes
    format: MaskFormat
    height: int
    overlay_png: bytes
    packed_bits: bytes
    png: bytes
    polygons: Polygons
    probabilities_float32: bytes
    probabilities_uint8: bytes
    width: int
    def __init__(self, format: _Optional[_Union[MaskFormat, str]] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., png: _Optional[bytes] = ..., coco_rle: _Optional[_Union[CocoRle, _Mapping]] = ..., overlay_png: _Optional[bytes] = ..., packed_bits: _Optional[bytes] = ..., polygons: _Optional[_Union[Polygons, _Mapping]] = ..., probabilities_uint8: _Optional[bytes] = ..., probabilities_float32: _Optional[bytes] = ..., dicom_seg: _Optional[bytes] = ...) -> None: ...

class Polygon(_message.Message):
    __slots__ = ["hole", "xy"]
    HOLE_FIELD_NUMBER: _ClassVar[int]
    XY_FIELD_NUMBER: _ClassVar[int]
    hole: bool
    xy: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, xy: _Optional[_Iterable[int]] = ..., hole: bool = ...) -> None: ...

class Polygons(_message.Message):
    __slots__ = ["polygons"]
    POLYGONS_FIELD_NUMBER: _ClassVar[int]
    polygons: _containers.RepeatedCompositeFieldContainer[Polygon]
    def __init__(self, polygons: _Optional[_Iterable[_Union[Polygon, _Mapping]]] = ...) -> None: ...

class MaskFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
