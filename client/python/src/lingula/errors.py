"""What can go wrong, as exceptions: one class a gRPC code, with the service's own words."""

from __future__ import annotations

import dataclasses
from typing import Any

import google.rpc.error_details_pb2 as error_details_pb2
import google.rpc.status_pb2 as status_pb2
import grpc

from lingula.retry import Failure

_DETAILS = "grpc-status-details-bin"
_PUSHBACK = "grpc-retry-pushback-ms"
_LONGEST_S = 24 * 3600  # anything longer is past every timeout anyway


@dataclasses.dataclass(frozen=True)
class FieldViolation:
    """One wrong field of a request: its path in SegmentRequest, and what is wrong with it."""

    field: str
    description: str


class LingulaError(Exception):
    """A call that failed. `str()` is a sentence to act on; it holds no pixels and no paths.

    code          the gRPC code
    violations    the wrong fields, where the service named them
    retry_after   seconds after which the service expects to have room again, where it said so
    """

    code: grpc.StatusCode = grpc.StatusCode.UNKNOWN

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode | None = None,
        violations: tuple[FieldViolation, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.violations = violations
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions cross process borders by pickle, which would lose the keyword arguments.
        return _remade, (type(self), self.message, self.code, self.violations, self.retry_after)


def _remade(
    kind: type[LingulaError],
    message: str,
    code: grpc.StatusCode,
    violations: tuple[FieldViolation, ...],
    retry_after: float | None,
) -> LingulaError:
    return kind(message, code=code, violations=violations, retry_after=retry_after)


class InvalidInput(LingulaError, ValueError):
    """An image or an option that cannot be sent; found before anything was sent."""

    code = grpc.StatusCode.INVALID_ARGUMENT


class InvalidArgument(LingulaError):
    """An image that cannot be decoded, or a contradictory request: see `violations`."""

    code = grpc.StatusCode.INVALID_ARGUMENT


class OutOfRange(LingulaError):
    """Too many pixels or bytes."""

    code = grpc.StatusCode.OUT_OF_RANGE


class NotFound(LingulaError):
    """No such model, or no such service."""

    code = grpc.StatusCode.NOT_FOUND


class FailedPrecondition(LingulaError):
    """The model cannot do that."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class Unimplemented(LingulaError):
    """A known kind of file that the service cannot read."""

    code = grpc.StatusCode.UNIMPLEMENTED


class DeadlineExceeded(LingulaError):
    """The timeout passed before the answer came."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED


class Cancelled(LingulaError):
    """The call was cancelled, or met a server at the moment of its end."""

    code = grpc.StatusCode.CANCELLED


class ResourceExhausted(LingulaError):
    """The service is full, or this caller used up what it may: see `retry_after`."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class Unavailable(LingulaError):
    """The service is draining, or loads the model."""

    code = grpc.StatusCode.UNAVAILABLE


class Unreachable(Unavailable):
    """No connection to the service could be made."""


class Unauthenticated(LingulaError):
    """The service does not know this caller: certificate or token are missing or wrong."""

    code = grpc.StatusCode.UNAUTHENTICATED


class PermissionDenied(LingulaError):
    """The service knows this caller, who may not do that."""

    code = grpc.StatusCode.PERMISSION_DENIED


class Internal(LingulaError):
    """The service's own fault; the reason is in its log."""

    code = grpc.StatusCode.INTERNAL


_KINDS: dict[grpc.StatusCode, type[LingulaError]] = {
    kind.code: kind
    for kind in (
        InvalidArgument, OutOfRange, NotFound, FailedPrecondition, Unimplemented, DeadlineExceeded,
        Cancelled, ResourceExhausted, Unavailable, Unauthenticated, PermissionDenied, Internal,
    )
}  # fmt: skip


def _trailers(error: grpc.RpcError) -> dict[str, str | bytes]:
    entries: Any = error.trailing_metadata() or ()  # pairs, which the stubs do not say
    return dict(entries)


def _details(error: grpc.RpcError) -> status_pb2.Status:
    status = status_pb2.Status()
    raw = _trailers(error).get(_DETAILS)
    if isinstance(raw, bytes):
        try:
            status.ParseFromString(raw)
        except Exception:  # protobuf's classes differ between its versions; details are extra
            status.Clear()
    return status


def failure_of(error: grpc.RpcError) -> Failure:
    """What a failed attempt says about trying again: pushback first, else google.rpc.RetryInfo."""
    code: grpc.StatusCode = error.code()
    pushback = _trailers(error).get(_PUSHBACK)
    if pushback is not None:
        try:
            asked_ms = int(pushback)
        except ValueError:
            asked_ms = -1
        return Failure(code, asked=max(asked_ms, 0) / 1e3, forbidden=asked_ms < 0)
    info = error_details_pb2.RetryInfo()
    for detail in _details(error).details:
        if detail.Unpack(info) and info.retry_delay.seconds >= 0:
            seconds = min(info.retry_delay.seconds, _LONGEST_S) + info.retry_delay.nanos / 1e9
            return Failure(code, asked=seconds)
    return Failure(code)


def error_of(error: grpc.RpcError) -> LingulaError:
    """The exception for a failed call, with the service's reason and the wrong fields."""
    code: grpc.StatusCode = error.code()
    message: str = error.details() or code.name
    violations: list[FieldViolation] = []
    request = error_details_pb2.BadRequest()
    for detail in _details(error).details:
        if detail.Unpack(request):
            violations += [FieldViolation(one.field, one.description) for one in request.field_violations]
    failure = failure_of(error)
    return _KINDS.get(code, LingulaError)(
        message,
        code=code,
        violations=tuple(violations),
        retry_after=None if failure.forbidden else failure.asked,
    )
