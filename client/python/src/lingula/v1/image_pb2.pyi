from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
MODALITY_CHEST_XRAY: Modality
MODALITY_ENDOSCOPY: Modality
MODALITY_UNSPECIFIED: Modality
PIXEL_FORMAT_BGR8: PixelFormat
PIXEL_FORMAT_GRAY16: PixelFormat
PIXEL_FORMAT_GRAY8: PixelFormat
PIXEL_FORMAT_RGB8: PixelFormat
PIXEL_FORMAT_UNSPECIFIED: PixelFormat
VIEWER_LEFT_IS_PATIENT_LEFT: ViewerLeft
VIEWER_LEFT_IS_PATIENT_RIGHT: ViewerLeft
VIEWER_LEFT_UNSPECIFIED: ViewerLeft

class Image(_message.Message):
    __slots__ = ["encoded", "frame_number", "raw", "tensor"]
    ENCODED_FIELD_NUMBER: _ClassVar[int]
    FRAME_NUMBER_FIELD_NUMBER: _ClassVar[int]
    RAW_FIELD_NUMBER: _ClassVar[int]
    TENSOR_FIELD_NUMBER: _ClassVar[int]
    encoded: bytes
    frame_number: int
    raw: RawImage
    tensor: ImageTensor
    def __init__(self, encoded: _Optional[bytes] = ..., raw: _Optional[_Union[RawImage, _Mapping]] = ..., tensor: _Optional[_Union[ImageTensor, _Mapping]] = ..., frame_number: _Optional[int] = ...) -> None: ...

class ImageTensor(_message.Message):
    __slots__ = ["data", "shape"]
    DATA_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    shape: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, shape: _Optional[_Iterable[int]] = ..., data: _Optional[bytes] = ...) -> None: ...

class RawImage(_message.Message):
    __slots__ = ["data", "format", "height", "stride_bytes", "width"]
    DATA_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    STRIDE_BYTES_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    format: PixelFormat
    height: int
    stride_bytes: int
    width: int
    def __init__(self, width: _Optional[int] = ..., height: _Optional[int] = ..., stride_bytes: _Optional[int] = ..., format: _Optional[_Union[PixelFormat, str]] = ..., data: _Optional[bytes] = ...) -> None: ...

class Modality(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class PixelFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class ViewerLeft(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
