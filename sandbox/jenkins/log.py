"""A build's console as bytes, read from anywhere: it may be larger than memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

CHUNK = 65_536


class Repeated(str):
    """A line that is printed many times, and kept once: how a console becomes hundreds of megabytes long."""

    __slots__ = ("times",)
    times: int

    def __new__(cls, line: str, times: int) -> Repeated:
        self = super().__new__(cls, line)
        self.times = times
        return self


class Log:
    """The bytes of a console's lines."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._pieces = [
            (f"{line}\n".encode(), line.times if isinstance(line, Repeated) else 1) for line in lines
        ]
        self.size = sum(len(piece) * times for piece, times in self._pieces)

    def text(self) -> str:
        return b"".join(self.chunks()).decode()

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """The bytes from `start` on."""
        held = bytearray()
        for piece, times in self._pieces:
            length = len(piece) * times
            if start >= length:
                start -= length
                continue
            skipped, start = divmod(start, len(piece))
            left = times - skipped
            while left:
                batch = min(left, max(1, CHUNK // len(piece)))
                held += (piece * batch)[start:]
                start, left = 0, left - batch
                if len(held) >= CHUNK:
                    yield bytes(held)
                    held.clear()
        if held:
            yield bytes(held)
