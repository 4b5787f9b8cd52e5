from lingula.v1 import guidance_pb2 as _guidance_pb2
from lingula.v1 import image_pb2 as _image_pb2
from lingula.v1 import segmentation_pb2 as _segmentation_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetModelRequest(_message.Message):
    __slots__ = ["model"]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    model: str
    def __init__(self, model: _Optional[str] = ...) -> None: ...

class GetModelResponse(_message.Message):
    __slots__ = ["card_markdown", "model"]
    CARD_MARKDOWN_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    card_markdown: str
    model: Model
    def __init__(self, model: _Optional[_Union[Model, _Mapping]] = ..., card_markdown: _Optional[str] = ...) -> None: ...

class ListModelsRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class ListModelsResponse(_message.Message):
    __slots__ = ["models"]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    models: _containers.RepeatedCompositeFieldContainer[Model]
    def __init__(self, models: _Optional[_Iterable[_Union[Model, _Mapping]]] = ...) -> None: ...

class Model(_message.Message):
    __slots__ = ["aliases", "answers_to_name", "guidance_modes", "identity", "input", "is_default", "license", "modality", "notice", "parameters", "reads_free_text", "scores", "threshold"]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_TO_NAME_FIELD_NUMBER: _ClassVar[int]
    GUIDANCE_MODES_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    IS_DEFAULT_FIELD_NUMBER: _ClassVar[int]
    LICENSE_FIELD_NUMBER: _ClassVar[int]
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    READS_FREE_TEXT_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    aliases: _containers.RepeatedScalarFieldContainer[str]
    answers_to_name: bool
    guidance_modes: _containers.RepeatedScalarFieldContainer[_guidance_pb2.GuidanceMode]
    identity: _segmentation_pb2.ModelIdentity
    input: ModelInput
    is_default: bool
    license: str
    modality: _image_pb2.Modality
    notice: str
    parameters: int
    reads_free_text: bool
    scores: _containers.RepeatedCompositeFieldContainer[Score]
    threshold: float
    def __init__(self, identity: _Optional[_Union[_segmentation_pb2.ModelIdentity, _Mapping]] = ..., modality: _Optional[_Union[_image_pb2.Modality, str]] = ..., guidance_modes: _Optional[_Iterable[_Union[_guidance_pb2.GuidanceMode, str]]] = ..., input: _Optional[_Union[ModelInput, _Mapping]] = ..., threshold: _Optional[float] = ..., parameters: _Optional[int] = ..., scores: _Optional[_Iterable[_Union[Score, _Mapping]]] = ..., license: _Optional[str] = ..., notice: _Optional[str] = ..., is_default: bool = ..., reads_free_text: bool = ..., answers_to_name: bool = ..., aliases: _Optional[_Iterable[str]] = ...) -> None: ...

class ModelInput(_message.Message):
    __slots__ = ["channels", "side_px", "transposed"]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    SIDE_PX_FIELD_NUMBER: _ClassVar[int]
    TRANSPOSED_FIELD_NUMBER: _ClassVar[int]
    channels: int
    side_px: int
    transposed: bool
    def __init__(self, side_px: _Optional[int] = ..., channels: _Optional[int] = ..., transposed: bool = ...) -> None: ...

class Score(_message.Message):
    __slots__ = ["data", "guidance", "images", "metric", "value"]
    DATA_FIELD_NUMBER: _ClassVar[int]
    GUIDANCE_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    METRIC_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    data: str
    guidance: str
    images: int
    metric: str
    value: float
    def __init__(self, metric: _Optional[str] = ..., value: _Optional[float] = ..., data: _Optional[str] = ..., guidance: _Optional[str] = ..., images: _Optional[int] = ...) -> None: ...
