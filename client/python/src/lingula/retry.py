"""When to try again. Decides only; the clients do the waiting.

A server can be full (RESOURCE_EXHAUSTED) or away (UNAVAILABLE; CANCELLED too, since the clients cancel
nothing: that is how gRPC ends a call which meets a server that shuts down). Only these are tried
again: every call of this interface may be repeated, but nothing else gets better by waiting. A full
server is left alone after a few attempts; one that is away is waited for until the call's timeout,
so that a restart fails no call. The C++ client does the same (client/retry.h).
"""

from __future__ import annotations

import dataclasses
import random
import time
from collections.abc import Callable

import grpc

AWAY = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
FULL = grpc.StatusCode.RESOURCE_EXHAUSTED


@dataclasses.dataclass(frozen=True)
class RetryPolicy:
    """How patient a client is; times in seconds."""

    max_attempts: int = 4  # while full; the first included; 1: never again
    first_wait: float = 0.1  # doubles with each attempt
    longest_wait: float = 5.0  # while full; the server may ask for more
    longest_wait_away: float = 1.0  # it may be back at any moment
    jitter: float = 0.25  # waits grow by up to this share, at random


@dataclasses.dataclass(frozen=True)
class Failure:
    """What a failed attempt taught."""

    code: grpc.StatusCode
    asked: float | None = None  # seconds that the server asked for, in place of the own wait
    forbidden: bool = False  # the server asked not to come back


def wait_before_retry(
    policy: RetryPolicy, attempts: int, failure: Failure, left: float, chance: float
) -> float | None:
    """How many seconds to wait before the next attempt, or None: give up.

    `attempts` have failed like this one, the server being full or away; `left` seconds remain until
    the call's timeout, and no wait reaches it. `chance` is in [0, 1).
    """
    away = failure.code in AWAY
    full = failure.code is FULL
    enough = policy.max_attempts == 1 or (full and attempts >= policy.max_attempts)
    if not (away or full) or failure.forbidden or enough:
        return None
    longest = policy.longest_wait_away if away else policy.longest_wait
    # The exponent is bounded because a server may be away for very many attempts.
    own = min(policy.first_wait * 2.0 ** min(attempts - 1, 60), longest)
    wait = own if failure.asked is None else failure.asked
    # Jitter only adds: a server that asked for a pause gets at least that.
    wait += wait * policy.jitter * chance
    return wait if wait < left else None


class Tries:
    """The attempts of one call, all within its timeout in seconds."""

    def __init__(
        self,
        policy: RetryPolicy,
        timeout: float,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._chance = chance
        self._end = clock() + timeout
        self._full = 0
        self._away = 0

    def left(self) -> float:
        """Seconds until the call's timeout, at least 0."""
        return max(0.0, self._end - self._clock())

    def wait_after(self, failure: Failure) -> float | None:
        """How many seconds to wait before the next attempt, or None: give up."""
        if failure.code in AWAY:
            self._away += 1
            attempts = self._away
        else:
            self._full += 1
            attempts = self._full
        return wait_before_retry(self._policy, attempts, failure, self.left(), self._chance())
