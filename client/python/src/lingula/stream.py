"""The two directions of a SegmentStream call."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import grpc

from lingula.decode import frame_answer_of
from lingula.errors import LingulaError
from lingula.inputs import Color, ImageLike, image_message
from lingula.result import FrameAnswer
from lingula.v1 import segmentation_pb2

if TYPE_CHECKING:
    from typing_extensions import Self


@dataclasses.dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a video: its number (greater than those before) and when it was taken.

    captured_us   microseconds on any clock of yours; comes back with the answer
    """

    image: ImageLike = dataclasses.field(repr=False)
    number: int
    captured_us: int | None = None


class FrameNumbers:
    """From what a caller gives as a frame to the message, numbered on from the frame before."""

    def __init__(self, color: Color) -> None:
        self._color = color
        self._last = 0

    def message(self, frame: ImageLike | Frame) -> segmentation_pb2.SegmentStreamRequest:
        """Return the message. Raises InvalidInput, OSError."""
        if not isinstance(frame, Frame):
            frame = Frame(frame, self._last + 1)
        self._last = frame.number
        message = segmentation_pb2.SegmentStreamRequest()
        message.frame.number = frame.number
        message.frame.image.CopyFrom(image_message(frame.image, color=self._color))
        if frame.captured_us is not None:
            message.frame.captured_us = frame.captured_us
        return message


class StreamMessages(Iterator[segmentation_pb2.SegmentStreamRequest]):
    """The messages of a stream.

    gRPC would hide what goes wrong in the caller's own frames, so it is kept here, the sending ends,
    and the reader raises it.
    """

    def __init__(
        self,
        settings: segmentation_pb2.StreamSettings,
        frames: Iterable[ImageLike | Frame],
        color: Color,
    ) -> None:
        self._settings: segmentation_pb2.StreamSettings | None = settings
        self._frames = iter(frames)
        self._numbers = FrameNumbers(color)
        self.failure: Exception | None = None

    def __next__(self) -> segmentation_pb2.SegmentStreamRequest:
        if self._settings is not None:
            first = segmentation_pb2.SegmentStreamRequest(settings=self._settings)
            self._settings = None
            return first
        try:
            return self._numbers.message(next(self._frames))
        except StopIteration:
            raise
        except Exception as error:
            self.failure = error
            raise StopIteration from None


class FrameStream(Iterator[FrameAnswer]):
    """The answers of a stream, one for each frame and in their order; made by Client.stream.

    Iterating raises a LingulaError when the stream ends badly, and what the caller's own frames
    raised. Leaving `with`, or close(), ends the stream at once; any thread may call close().
    """

    def __init__(
        self,
        call: Any,
        outgoing: StreamMessages,
        error: Callable[[grpc.RpcError], LingulaError],
    ) -> None:
        self._call = call
        self._outgoing = outgoing
        self._error = error
        self._closed = False

    def __next__(self) -> FrameAnswer:
        try:
            return frame_answer_of(next(self._call))
        except StopIteration:
            self._raise_own_failure()
            raise
        except grpc.RpcError as error:
            self._raise_own_failure()
            if self._closed and error.code() is grpc.StatusCode.CANCELLED:
                raise StopIteration from None
            raise self._error(error) from None

    def _raise_own_failure(self) -> None:
        failure, self._outgoing.failure = self._outgoing.failure, None
        if failure is not None:
            raise failure

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the stream; frames under way are not answered any more."""
        self._closed = True
        self._call.cancel()
