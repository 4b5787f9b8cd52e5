"""The client for asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from lingula.connection import Connection
from lingula.decode import frame_answer_of, model_of, result_of
from lingula.enums import ServingStatus
from lingula.inputs import Color, ImageLike
from lingula.options import SegmentOptions, StreamOptions, segment_request, stream_settings
from lingula.result import FrameAnswer, Model, Result
from lingula.stream import Frame, FrameNumbers
from lingula.v1 import models_pb2, segmentation_pb2

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


class AsyncClient(Connection):
    """As Client, for one event loop: make it and use it there. Arguments: those of Connection."""

    def __init__(self, target: str = "127.0.0.1:8500", **options: Any) -> None:
        super().__init__(target, **options)
        options_ = self._channel_options()
        if self._credentials is None:
            self._channel = grpc.aio.insecure_channel(target, options=options_)
        else:
            self._channel = grpc.aio.secure_channel(target, self._credentials, options=options_)
        self._bind(self._channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connection; calls under way are cancelled."""
        await self._channel.close()

    async def segment(
        self, image: ImageLike, *, timeout: float | None = None, **options: Unpack[SegmentOptions]
    ) -> Result:
        """As Client.segment. Files are read on another thread."""
        if isinstance(image, (str, os.PathLike)):
            request = await asyncio.to_thread(segment_request, image, options)
        else:
            request = segment_request(image, options)
        self._check_size(request)
        return result_of(await self._call(self._segment, request, timeout))

    async def stream(
        self,
        frames: AsyncIterable[ImageLike | Frame] | Iterable[ImageLike | Frame],
        *,
        timeout: float | None = None,
        **options: Unpack[StreamOptions],
    ) -> AsyncGenerator[FrameAnswer, None]:
        """As Client.stream: `async for answer in client.stream(frames)`.

        What `frames` raises ends the stream and is raised here. Closing it (aclose()) cancels it.
        """
        settings = stream_settings(options)
        call = self._stream(**self._arguments(timeout))
        sending = asyncio.create_task(_send(call, settings, frames, options.get("color", "rgb")))
        try:
            async for answer in call:
                yield frame_answer_of(answer)
            await sending
        except grpc.RpcError as error:
            raise self._error(error, self._connected()) from None
        finally:
            sending.cancel()
            call.cancel()

    async def models(self, *, timeout: float | None = None) -> tuple[Model, ...]:
        """As Client.models."""
        answer = await self._call(self._list_models, models_pb2.ListModelsRequest(), timeout)
        return tuple(model_of(model) for model in answer.models)

    async def model(self, name: str, *, timeout: float | None = None) -> Model:
        """As Client.model."""
        answer = await self._call(self._get_model, models_pb2.GetModelRequest(model=name), timeout)
        return model_of(answer.model, answer.card_markdown)

    async def health(self, service: str = "", *, timeout: float | None = None) -> ServingStatus:
        """As Client.health."""
        return ServingStatus(await self._call(self._health, service, timeout))

    async def _call(self, method: Any, request: Any, timeout: float | None) -> Any:
        tries = self._tries(timeout)
        while True:
            try:
                answer = await method(request, **self._arguments(tries.left()))
            except grpc.RpcError as error:
                await asyncio.sleep(self._wait_or_raise(error, tries, self._connected))
            else:
                self._reached = True
                return answer

    def _connected(self) -> bool:
        return self._channel.get_state() is grpc.ChannelConnectivity.READY


async def _write(call: Any, message: segmentation_pb2.SegmentStreamRequest) -> None:
    """Do as call.write(), which would replace the server's reason by an internal error of its own.

    It does so when the stream ends while it writes, so what it would call is called here, where it
    is as expected (grpcio 1.80 and 1.85).
    """
    await call.wait_for_connection()
    inner: Any = getattr(call, "_cython_call", None)
    if not hasattr(inner, "send_serialized_message"):
        await call.write(message)
        return
    try:
        if not call.done():
            await inner.send_serialized_message(message.SerializeToString())
            return
    except Exception:  # a class of its own, and all of it means the same
        pass
    raise asyncio.InvalidStateError("the stream has ended")


async def _send(
    call: Any,
    settings: segmentation_pb2.StreamSettings,
    frames: AsyncIterable[ImageLike | Frame] | Iterable[ImageLike | Frame],
    color: Color,
) -> None:
    numbers = FrameNumbers(color)
    try:
        await _write(call, segmentation_pb2.SegmentStreamRequest(settings=settings))
        async for frame in _each(frames):
            await _write(call, numbers.message(frame))
    except (grpc.RpcError, asyncio.InvalidStateError):
        return  # the stream has ended; the reader knows why
    finally:
        with contextlib.suppress(grpc.RpcError, asyncio.InvalidStateError):
            await call.done_writing()


async def _each(
    frames: AsyncIterable[ImageLike | Frame] | Iterable[ImageLike | Frame],
) -> AsyncIterator[ImageLike | Frame]:
    if isinstance(frames, AsyncIterable):
        async for frame in frames:
            yield frame
    else:
        for frame in frames:
            yield frame
