"""One line on a terminal that says how far a batch is and how long it will take."""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

_WIDTH = 30


class ProgressBar:
    """Counts finished items; draws on `stream` (standard error) at most ten times a second.

    Draws nothing where `stream` is no terminal, unless `shown` says otherwise.
    """

    def __init__(self, total: int, *, shown: bool | None = None, stream: TextIO | None = None) -> None:
        self._total = total
        self._stream = sys.stderr if stream is None else stream
        self._shown = self._stream.isatty() if shown is None else shown
        self._began = time.monotonic()
        self._drawn = float("-inf")
        self._done = 0
        self._failed = 0

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: Any) -> None:
        if self._shown:
            self._draw()
            self._stream.write("\n")

    def step(self, *, failed: bool = False) -> None:
        """One more is finished."""
        self._done += 1
        self._failed += failed
        now = time.monotonic()
        if self._shown and now - self._drawn >= 0.1:
            self._drawn = now
            self._draw()

    def text(self, elapsed: float) -> str:
        """Return the line after `elapsed` seconds."""
        share = self._done / self._total if self._total else 1.0
        full = int(share * _WIDTH)
        bar = "#" * full + "." * (_WIDTH - full)
        left = elapsed / self._done * (self._total - self._done) if self._done else 0.0
        failed = f", {self._failed} failed" if self._failed else ""
        return f"[{bar}] {self._done}/{self._total}{failed}, {_clock(left)} left"

    def _draw(self) -> None:
        self._stream.write("\r" + self.text(time.monotonic() - self._began) + "  ")
        self._stream.flush()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
