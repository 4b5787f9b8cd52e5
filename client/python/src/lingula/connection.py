"""What both clients know of the server: where it is, how to prove who calls, how patient to be."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Union

import grpc

from lingula.errors import (
    InvalidInput,
    LingulaError,
    OutOfRange,
    Unreachable,
    error_of,
    failure_of,
)
from lingula.retry import RetryPolicy, Tries
from lingula.v1 import models_pb2, segmentation_pb2

MAX_MESSAGE_BYTES = 64 << 20  # the largest request and answer

PathLike = Union[str, "os.PathLike[str]"]


def is_loopback(target: str) -> bool:
    """Whether a gRPC target surely stays on this machine."""
    if target.startswith(("unix:", "unix-abstract:")):
        return True
    for scheme in ("dns:", "ipv4:", "ipv6:"):
        if target.startswith(scheme):
            target = target[len(scheme) :]
            break
    # dns:///host:port, dns://authority/host:port; several addresses are separated by commas.
    hosts = (address.rsplit("/", 1)[-1] for address in target.split(","))
    return all(_is_loopback_host(host) for host in hosts)


def _is_loopback_host(address: str) -> bool:
    host = address[1:].split("]")[0] if address.startswith("[") else address
    if host.count(":") == 1:
        host = host.split(":")[0]
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.replace("%25", "%").split("%")[0]).is_loopback
    except ValueError:
        return False


class Connection:
    """The arguments that Client and AsyncClient share; makes no connection by itself.

    target            host:port, or any gRPC target
    timeout           seconds that a call may take, tries and waits included, unless it says otherwise
    connect_timeout   seconds for one try to connect
    wait_for_ready    True: a server that is not there yet is waited for
    retry             when to try again
    tls               True: encrypt; implied by the three files below
    ca_file           PEM: who may have signed the server's certificate; default: gRPC's own list
    certificate_file, key_file
                      PEM: this caller's certificate chain and key (mTLS)
    server_name       the name in the server's certificate, if it is not the target's
    token             sent as "authorization: Bearer TOKEN"; refused without TLS, but to loopback
    token_file        a file that holds the token; read for each call, so it may change

    Raises InvalidInput for contradictory arguments, OSError for files that cannot be read.
    """

    def __init__(
        self,
        target: str = "127.0.0.1:8500",
        *,
        timeout: float = 30.0,
        connect_timeout: float = 5.0,
        wait_for_ready: bool = False,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008  # frozen
        tls: bool = False,
        ca_file: PathLike | None = None,
        certificate_file: PathLike | None = None,
        key_file: PathLike | None = None,
        server_name: str = "",
        token: str = "",
        token_file: PathLike | None = None,
    ) -> None:
        if (certificate_file is None) != (key_file is None):
            raise InvalidInput("certificate_file and key_file: give both or neither")
        if token and token_file is not None:
            raise InvalidInput("token and token_file: give one of them")
        self.target = target
        self.timeout = timeout
        self._connect_timeout = connect_timeout
        self._wait_for_ready = wait_for_ready
        self._retry = retry
        self._server_name = server_name
        self._token = token
        self._token_file = None if token_file is None else Path(token_file)
        self._reached = False  # once a server answered, one that is away is coming back
        self._credentials: grpc.ChannelCredentials | None = None
        if tls or ca_file is not None or certificate_file is not None:
            self._credentials = grpc.ssl_channel_credentials(
                root_certificates=_read(ca_file),
                private_key=_read(key_file),
                certificate_chain=_read(certificate_file),
            )
        elif (token or token_file is not None) and not is_loopback(target):
            raise InvalidInput(
                f"the token would travel to {target} in clear: use TLS (tls=True, or ca_file=...); "
                "only addresses of this machine are exempt"
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.target!r})"

    def _channel_options(self) -> list[tuple[str, Any]]:
        options: list[tuple[str, Any]] = [
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            # Images must not leave by a way that nobody chose.
            ("grpc.enable_http_proxy", 0),
            # As patient as the calls: by its own defaults gRPC would soon wait minutes for a server
            # that came back long ago. The second is also the longest time of one try to connect.
            ("grpc.initial_reconnect_backoff_ms", int(self._retry.first_wait * 1e3)),
            ("grpc.min_reconnect_backoff_ms", int(self._connect_timeout * 1e3)),
            ("grpc.max_reconnect_backoff_ms", int(self._retry.longest_wait_away * 1e3)),
        ]
        if self._server_name:
            options.append(("grpc.ssl_target_name_override", self._server_name))
        return options

    def _metadata(self) -> tuple[tuple[str, str], ...] | None:
        token = self._token
        if self._token_file is not None:
            token = self._token_file.read_text("ascii").strip()
        return (("authorization", f"Bearer {token}"),) if token else None

    def _check_size(self, request: Any) -> None:
        size = request.ByteSize()
        if size > MAX_MESSAGE_BYTES:
            raise OutOfRange(f"the request has {size} bytes; at most {MAX_MESSAGE_BYTES} can be sent")

    def _bind(self, channel: Any) -> None:
        """Make the methods of a channel of either kind: grpc.Channel or grpc.aio.Channel."""
        self._segment = channel.unary_unary(
            "/lingula.v1.Segmentation/Segment",
            request_serializer=segmentation_pb2.SegmentRequest.SerializeToString,
            response_deserializer=segmentation_pb2.SegmentResponse.FromString,
        )
        self._stream = channel.stream_stream(
            "/lingula.v1.Segmentation/SegmentStream",
            request_serializer=segmentation_pb2.SegmentStreamRequest.SerializeToString,
            response_deserializer=segmentation_pb2.SegmentStreamResponse.FromString,
        )
        self._list_models = channel.unary_unary(
            "/lingula.v1.Models/ListModels",
            request_serializer=models_pb2.ListModelsRequest.SerializeToString,
            response_deserializer=models_pb2.ListModelsResponse.FromString,
        )
        self._get_model = channel.unary_unary(
            "/lingula.v1.Models/GetModel",
            request_serializer=models_pb2.GetModelRequest.SerializeToString,
            response_deserializer=models_pb2.GetModelResponse.FromString,
        )
        self._health = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_request,
            response_deserializer=health_status,
        )

    def _arguments(self, timeout: float | None) -> dict[str, Any]:
        """Return what each try of a call is given beside its request."""
        return {
            "timeout": timeout,
            "metadata": self._metadata(),
            "wait_for_ready": self._wait_for_ready,
        }

    def _tries(self, timeout: float | None) -> Tries:
        return Tries(self._retry, self.timeout if timeout is None else timeout)

    def _wait_or_raise(self, error: grpc.RpcError, tries: Tries, connected: Callable[[], bool]) -> float:
        """Return how many seconds to wait before the next try; else raise what the caller shall see."""
        wait = tries.wait_after(failure_of(error))
        # Where nobody has ever answered, waiting would only hide a wrong address.
        if wait is not None and (self._reached or self._wait_for_ready):
            return wait
        has_connection = connected()
        if wait is None or (not has_connection and _is_away(error)):
            raise self._error(error, has_connection) from None
        self._reached = True
        return wait

    def _error(self, error: grpc.RpcError, connected: bool) -> LingulaError:
        if connected or not _is_away(error):
            return error_of(error)
        why: str = error.details() or ""
        return Unreachable(f"cannot reach {self.target} (is the server running?): {why}")


def _is_away(error: grpc.RpcError) -> bool:
    away = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
    return error.code() in away


def _read(path: PathLike | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()


# grpc.health.v1 is one field each way. Its stubs come with a package that pins grpcio, or would be a
# second registration of the same proto file beside that package, so it is written by hand.
def health_request(service: str) -> bytes:
    """Return a serialised HealthCheckRequest."""
    name = service.encode()
    if len(name) > 127:
        raise InvalidInput(f"a service's name of {len(name)} bytes: at most 127")
    return b"\x0a" + bytes([len(name)]) + name if name else b""


def health_status(answer: bytes) -> int:
    """Return the status in a serialised HealthCheckResponse."""
    return answer[1] if len(answer) >= 2 and answer[0] == 0x08 else 0
