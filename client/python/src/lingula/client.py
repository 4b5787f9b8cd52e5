"""The client for threads: each call blocks its own, for its timeout at most."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import grpc

from lingula.connection import Connection
from lingula.decode import model_of, result_of
from lingula.enums import ServingStatus
from lingula.inputs import ImageLike
from lingula.options import SegmentOptions, StreamOptions, segment_request, stream_settings
from lingula.result import Model, Result
from lingula.stream import Frame, FrameStream, StreamMessages
from lingula.v1 import models_pb2

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


class Client(Connection):
    """A connection to one server; thread-safe. It is made at the first call, and mends itself.

    Arguments: those of Connection. Use it in `with`, or call close(). Every call takes `timeout`, in
    seconds, and raises a LingulaError: Unreachable at once when no server was ever reached there,
    the service's reason otherwise.
    """

    def __init__(self, target: str = "127.0.0.1:8500", **options: Any) -> None:
        super().__init__(target, **options)
        options_ = self._channel_options()
        if self._credentials is None:
            self._channel = grpc.insecure_channel(target, options=options_)
        else:
            self._channel = grpc.secure_channel(target, self._credentials, options=options_)
        self._bind(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; calls under way are cancelled."""
        self._channel.close()

    def segment(
        self,
        image: ImageLike,
        *,
        timeout: float | None = None,
        **options: Unpack[SegmentOptions],
    ) -> Result:
        """Segment one image: a path, a file's bytes, an array, a DICOM data set (inputs.image_message).

        Options: SegmentOptions. Raises LingulaError; OSError when a file cannot be read.
        """
        request = segment_request(image, options)
        self._check_size(request)
        return result_of(self._call(self._segment, request, timeout))

    def stream(
        self,
        frames: Iterable[ImageLike | Frame],
        *,
        timeout: float | None = None,
        **options: Unpack[StreamOptions],
    ) -> FrameStream:
        """Segment the frames of a video: one answer for each, in order, while more are sent.

        `frames` is read by a thread of gRPC's, as fast as the server takes them. Images without a
        number are numbered from 1. Options: StreamOptions. `timeout` is that of the whole stream;
        default: none. Streams are not tried again: what was not answered is known to the caller.
        """
        outgoing = StreamMessages(stream_settings(options), frames, options.get("color", "rgb"))
        call = self._stream(outgoing, **self._arguments(timeout))
        return FrameStream(call, outgoing, lambda error: self._error(error, self._connected()))

    def models(self, *, timeout: float | None = None) -> tuple[Model, ...]:
        """All loaded models, by name and version."""
        answer = self._call(self._list_models, models_pb2.ListModelsRequest(), timeout)
        return tuple(model_of(model) for model in answer.models)

    def model(self, name: str, *, timeout: float | None = None) -> Model:
        """One model with its card, by "name", "name@version" or "name@alias"; NotFound."""
        answer = self._call(self._get_model, models_pb2.GetModelRequest(model=name), timeout)
        return model_of(answer.model, answer.card_markdown)

    def health(self, service: str = "", *, timeout: float | None = None) -> ServingStatus:
        """Health of one service, or of the whole server; NotFound for an unknown one."""
        return ServingStatus(self._call(self._health, service, timeout))

    def _call(self, method: Any, request: Any, timeout: float | None) -> Any:
        tries = self._tries(timeout)
        while True:
            try:
                answer = method(request, **self._arguments(tries.left()))
            except grpc.RpcError as error:
                time.sleep(self._wait_or_raise(error, tries, self._connected))
            else:
                self._reached = True
                return answer

    def _connected(self) -> bool:
        # The public way to learn the state is to subscribe to it, and the thread that this starts keeps
        # a program which ends by an exception from ending (seen with grpcio 1.80 and 1.85).
        inner: Any = getattr(self._channel, "_channel", None)
        if not hasattr(inner, "check_connectivity_state"):
            return False
        return bool(inner.check_connectivity_state(False) == grpc.ChannelConnectivity.READY.value[0])
