from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
DROP_REASON_BAD_FRAME: DropReason
DROP_REASON_FAILED: DropReason
DROP_REASON_REFUSED: DropReason
DROP_REASON_SUPERSEDED: DropReason
DROP_REASON_TOO_OLD: DropReason
DROP_REASON_UNSPECIFIED: DropReason
STREAM_POLICY_EVERY_FRAME: StreamPolicy
STREAM_POLICY_FRESHEST: StreamPolicy
STREAM_POLICY_UNSPECIFIED: StreamPolicy

class DropReceipt(_message.Message):
    __slots__ = ["code", "message", "reason", "retry_after_ms"]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    code: int
    message: str
    reason: DropReason
    retry_after_ms: int
    def __init__(self, reason: _Optional[_Union[DropReason, str]] = ..., code: _Optional[int] = ..., message: _Optional[str] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

class StreamPolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class DropReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
