"""A build's console by its two ends, for it can be hundreds of megabytes long.

`progressiveText` gives it from a byte on, and says in X-Text-Size where it ends
(org.kohsuke.stapler.framework.io.LargeText); the answer can be cut off once enough has come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from requests import Response

from bot.ports import NOT_READ

START_BYTES, END_BYTES = 250_000, 1_000_000
"""How much of either end is read."""
CHUNK_BYTES = 65_536
CUT = f"\n{NOT_READ}\n".encode()
"""Where two parts are put together; a line may have been cut in two."""


def by_its_ends(begin: Callable[[int], Response]) -> str:
    """`begin` opens the console as a stream, from that byte on."""
    with begin(0) as response:
        size = int(response.headers.get("X-Text-Size", 0))
        chunks = response.iter_content(CHUNK_BYTES)
        if size <= START_BYTES + END_BYTES:  # also when a proxy took the header away
            return _text(_ends(chunks))
        start = _first(chunks)
    with begin(size - END_BYTES) as response:
        return _text(start + CUT + _ends(response.iter_content(CHUNK_BYTES)))


def _first(chunks: Iterator[bytes]) -> bytes:
    start = b""
    while len(start) < START_BYTES and (chunk := next(chunks, b"")):
        start += chunk
    return start


def _ends(chunks: Iterator[bytes]) -> bytes:
    """The start and the end of what comes; what lies between is forgotten."""
    start, cut, size = _first(chunks), b"", 0
    kept: deque[bytes] = deque()
    for chunk in chunks:
        kept.append(chunk)
        size += len(chunk)
        while size - len(kept[0]) > END_BYTES:
            size -= len(kept.popleft())
            cut = CUT
    return start + cut + b"".join(kept)


def _text(console: bytes) -> str:
    return console.decode("utf-8", "replace")
